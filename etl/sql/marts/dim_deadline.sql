-- one row = one promised time (max_days, day_type) and one day of handing in, with the last day that is still in time
-- A time in calendar days ends that many days later; one in working days on the max_days-th working day after the day of
-- handing in, and what is handed in on a free day counts as handed in on the next working day.
with terms as (
    select
        max_days,
        day_type
    from marts.dim_service_standard
    where max_days is not null
    union
    select
        posted_days as max_days,
        day_type
    from marts.dim_posted_standard
    where posted_days is not null
),
working_days as (
    select
        date,
        working_day_number
    from marts.dim_date
    where is_working_day
)
select
    terms.max_days,
    terms.day_type,
    days.date as submitted_date,
    case
        when terms.day_type = 'working' then working_days.date
        else cast(days.date + terms.max_days as date)
    end as deadline_date
from terms
cross join marts.dim_date as days
left join working_days on
    working_days.working_day_number = days.working_day_number + case when days.is_working_day then 0 else 1 end + terms.max_days
