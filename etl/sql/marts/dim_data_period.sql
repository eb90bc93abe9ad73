-- one row = the build: from which day to which its records reach
-- A report on use or of a school covers its month to the end, or to the day it was sent if that was sooner.
with days as (
    select
        min(submitted_date) as first_day,
        greatest(max(register_to_date), max(submitted_date), max(completed_date)) as last_day
    from staging.service_requests
    union all
    select min(month), max(least(last_day(month), reported_date))
    from staging.service_usage
    union all
    select min(month), max(least(last_day(month), reported_date))
    from staging.school_reports
    union all
    select cast(min(submitted_at) as date), cast(max(submitted_at) as date)
    from staging.feedback
    union all
    select min(agreed_date), max(status_date)
    from staging.action_plans
    union all
    select min(start_date), max(greatest(start_date, information_date, scorecards_date, interface_date, plan_date, review_date))
    from staging.cycles
    union all
    select min(meeting_date), max(meeting_date)
    from staging.scorecards
    union all
    select min(session_date), max(session_date)
    from staging.outreach
    union all
    select min(assessed_date), max(assessed_date)
    from staging.facilitator_assessments
)
select
    min(first_day) as data_from,
    max(last_day) as data_to,
    cast(date_trunc('month', max(last_day) + 1) as date) as first_incomplete_month
from days
