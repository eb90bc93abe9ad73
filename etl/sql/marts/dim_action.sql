-- one row = one agreed action, as it was last heard of
-- What a later row leaves empty is taken from the row before it. Open: planned or ongoing. An action that goes on under a new number the
-- year after (carried_from) is carried over: neither open nor done in its own plan, and waits on under the new number. due_since is the
-- due date that counts: the action's own, or that of one it carries on where that had passed when it was carried over
-- (was_late_when_carried), because a new plan does not make it timely. Overdue: open although that day has passed on the last day of the
-- data; an action without a due date is never overdue. days_late counts from that day to the day it was done, or to the last day of the
-- data while it is open; negative where it was done earlier. The partner is that of the cycle, else of the coverage.
with recursive newest as (
    select
        action_id,
        max(status_date) as status_date,
        arg_max(status, status_date) as status,
        arg_max(done_date, status_date) as done_date,
        arg_max(commune_code, status_date) as commune_code,
        arg_max(facility_id, status_date) as facility_id,
        arg_max(facility_type, status_date) as facility_type,
        arg_max(category, status_date) as category,
        arg_max(action, status_date) as action,
        arg_max(action_km, status_date) as action_km,
        arg_max(responsible, status_date) as responsible,
        arg_max(cycle, status_date) as cycle,
        arg_max(agreed_date, status_date) as agreed_date,
        arg_max(due_date, status_date) as due_date,
        arg_max(cost_riel, status_date) as cost_riel,
        arg_max(evidence, status_date) as evidence,
        arg_max(carried_from, status_date) as carried_from
    from staging.action_plans
    group by action_id
),
goes_on as (
    select distinct carried_from as action_id
    from newest
    where carried_from is not null and carried_from <> action_id
),
carries_on as (
    select
        action_id,
        carried_from,
        agreed_date as carried_date
    from newest
    where carried_from is not null
    union
    select
        carries_on.action_id,
        earlier.carried_from,
        earlier.agreed_date as carried_date
    from carries_on
    join newest as earlier on earlier.action_id = carries_on.carried_from
    where earlier.carried_from is not null and earlier.status in ('planned', 'ongoing')
),
missed as (
    select
        carries_on.action_id,
        min(earlier.due_date) as due_date
    from carries_on
    join newest as earlier on earlier.action_id = carries_on.carried_from
    where
        earlier.action_id <> carries_on.action_id
        and earlier.status in ('planned', 'ongoing')
        and earlier.due_date < carries_on.carried_date
    group by carries_on.action_id
),
placed as (
    select
        newest.* exclude (status, done_date, facility_type, cycle),
        case when newest.status = 'completed' then newest.done_date end as done_date,
        case
            when goes_on.action_id is not null and newest.status in ('planned', 'ongoing') then 'carried_over'
            else newest.status
        end as status,
        coalesce(newest.facility_type, facilities.facility_type) as facility_type,
        coalesce(newest.cycle, year(newest.agreed_date)) as cycle,
        coalesce(missed.due_date, newest.due_date) as due_since,
        missed.due_date is not null as was_late_when_carried,
        communes.district_code,
        communes.province_code,
        coalesce(cycles.partner_id, coverage.partner_id) as partner_id,
        period.data_to
    from newest
    left join goes_on on goes_on.action_id = newest.action_id
    left join missed on missed.action_id = newest.action_id
    left join marts.dim_commune as communes on communes.commune_code = newest.commune_code
    left join marts.dim_facility as facilities on facilities.facility_id = newest.facility_id
    left join staging.cycles as cycles on cycles.commune_code = newest.commune_code and cycles.cycle = newest.cycle
    left join marts.dim_coverage as coverage on coverage.commune_code = newest.commune_code
    cross join marts.dim_data_period as period
)
select
    action_id,
    province_code,
    district_code,
    commune_code,
    partner_id,
    facility_id,
    facility_type,
    category,
    cycle,
    action,
    action_km,
    responsible,
    agreed_date,
    due_date,
    due_since,
    status,
    status_date,
    done_date,
    cost_riel,
    evidence,
    carried_from,
    was_late_when_carried,
    status in ('planned', 'ongoing') as is_open,
    coalesce(status in ('planned', 'ongoing') and due_since < data_to, false) as is_overdue,
    agreed_date <= data_to - interval 12 month as is_a_year_old,
    coalesce(status = 'completed' and done_date <= agreed_date + interval 12 month, false) as is_done_within_year,
    date_diff(
        'day',
        agreed_date,
        case when status = 'completed' then done_date when status in ('dropped', 'carried_over') then status_date else data_to end
    ) as days,
    case
        when status = 'completed' then date_diff('day', due_since, done_date)
        when status in ('planned', 'ongoing') then date_diff('day', due_since, data_to)
    end as days_late
from placed
