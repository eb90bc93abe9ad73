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
)
select
    min(first_day) as data_from,
    max(last_day) as data_to,
    cast(date_trunc('month', max(last_day) + 1) as date) as first_incomplete_month
from days
