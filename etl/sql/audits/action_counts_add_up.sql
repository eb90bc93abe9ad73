-- an action ended before it was agreed, its parts are more than the whole, or a cycle has a step it cannot have
select 'action' as fault, commune_code, month, actions as records
from marts.agg_actions
where
    days < 0
    or planned + ongoing + completed + dropped + carried_over <> actions
    or planned + ongoing <> open
    or overdue_carried > overdue
    or overdue > open_with_due_date
    or open_with_due_date > open
    or done_within_year > year_old
    or done_within_year > completed
    or year_old > actions
union all
select 'cycle' as fault, commune_code, month, cycles as records
from marts.agg_cycles
where
    full_cycles > cycles
    or full_year_old > year_old
    or full_cycles + stalled > cycles
