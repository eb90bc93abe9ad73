-- one row = one month of the time before or after the programme came to a commune, by quarters or by calendar years
-- aligned_by 'quarter': four whole quarters each side, step -4 to -1 before and 1 to 4 after; the quarter of the start itself is on neither.
-- aligned_by 'year': the last calendar year that was over when the start came (step -1) and the first that began with it or later (step 1);
-- a service in a commune is often too small to be shown by quarter, but not by year.
with numbers as (
    select cast(unnest(range(24)) as integer) as number
),
years as (
    select
        commune_code,
        cast(date_trunc('year', start_date) - interval 12 month as date) as before_from,
        cast(date_trunc('year', date_trunc('month', start_date) + interval 11 month) as date) as after_from
    from marts.dim_coverage
    where start_date is not null
)
select
    coverage.commune_code,
    cast(
        case
            when numbers.number < 12 then coverage.before_from + to_months(numbers.number)
            else coverage.after_from + to_months(numbers.number - 12)
        end as date
    ) as month,
    'quarter' as aligned_by,
    numbers.number // 3 - case when numbers.number < 12 then 4 else 3 end as step
from marts.dim_coverage as coverage
cross join numbers
where coverage.before_from is not null
union all
select
    years.commune_code,
    cast(
        case
            when numbers.number < 12 then years.before_from + to_months(numbers.number)
            else years.after_from + to_months(numbers.number - 12)
        end as date
    ) as month,
    'year' as aligned_by,
    case when numbers.number < 12 then -1 else 1 end as step
from years
cross join numbers
