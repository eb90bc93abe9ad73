-- one row = one day, 2015 to 2035, and as far before or after as requests were handed in
-- working_day_number counts the working days up to and including the day, so that the working days
-- between two dates are the difference of their numbers. Saturdays and Sundays are free, and the
-- public holidays of data/reference/holidays.csv. CARE's fiscal year is named by the June it ends in.
with span as (
    select
        least(date '2015-01-01', min(register_from)) as first_day,
        greatest(date '2035-12-31', max(register_to)) as last_day
    from marts.dim_register
),
days as (
    select cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as date
    from span
),
holidays as (
    select distinct cast(date as date) as date
    from reference_holidays
),
marked as (
    select
        days.date,
        holidays.date is not null as is_holiday,
        holidays.date is null and extract(isodow from days.date) < 6 as is_working_day
    from days
    left join holidays on holidays.date = days.date
)
select
    date,
    cast(date_trunc('month', date) as date) as month,
    cast(date_trunc('quarter', date) as date) as quarter,
    cast(date_trunc('year', date) as date) as year,
    cast(year(date) + case when month(date) >= 7 then 1 else 0 end as integer) as care_fiscal_year,
    is_holiday,
    is_working_day,
    cast(sum(case when is_working_day then 1 else 0 end) over (order by date) as integer) as working_day_number
from marked
