-- one row = one commune, kind of facility, criterion, responsible office, partner, cycle, month of agreement, status, end and days
-- "end": completed; ended where the action was dropped; open while it is waited for (an action carried over waits on under its new number
-- and is open until then). days: from the agreement to the end, or to the last day of the data while it is open. overdue_carried: of
-- the overdue ones those that were late already when they were carried over. year_old: agreed a year or more before it.
select
    province_code,
    district_code,
    commune_code,
    facility_type,
    category,
    responsible,
    partner_id,
    cycle,
    cast(date_trunc('month', agreed_date) as date) as month,
    status,
    case status when 'completed' then 'completed' when 'dropped' then 'ended' else 'open' end as "end",
    cast(days as integer) as days,
    count(*) as actions,
    count(*) filter (where status = 'planned') as planned,
    count(*) filter (where status = 'ongoing') as ongoing,
    count(*) filter (where status = 'completed') as completed,
    count(*) filter (where status = 'dropped') as dropped,
    count(*) filter (where status = 'carried_over') as carried_over,
    count(*) filter (where is_open) as open,
    count(*) filter (where is_open and due_since is not null) as open_with_due_date,
    count(*) filter (where is_overdue) as overdue,
    count(*) filter (where is_overdue and was_late_when_carried) as overdue_carried,
    count(*) filter (where carried_from is not null) as carried_from_before,
    count(*) filter (where is_a_year_old) as year_old,
    count(*) filter (where is_a_year_old and is_done_within_year) as done_within_year,
    cast(sum(cost_riel) as bigint) as cost_riel,
    count(cost_riel) as cost_known
from marts.dim_action
group by all
