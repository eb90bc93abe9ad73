-- one row = where one agreed action stood on one day
-- The words of a plan are public: it hangs at the commune hall. No person is named in it; responsible is an office.
select
    action_id,
    status_date,
    status,
    progress_pct,
    done_date,
    commune_code,
    facility_id,
    facility_type,
    category,
    action,
    action_km,
    responsible,
    cycle,
    agreed_date,
    due_date,
    cost_riel,
    evidence,
    carried_from
from staging.action_plans
