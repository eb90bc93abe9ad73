-- one row = one month of the time before or after the programme came to a commune, by quarters or by calendar years
-- aligned_by 'quarter': four whole quarters each side, step -4 to -1 before and 1 to 4 after; the quarter of the start itself is on neither.
-- aligned_by 'year': the last calendar year that was over when the start came (step -1) and the first that began with it or later (step 1);
-- a service in a commune is often too small to be shown by quarter, but not by year.
with starts as (
    select
        commune_code,
        'quarter' as aligned_by,
        before_from,
        after_from
    from marts.dim_coverage
    where before_from is not null
    union all
    select
        commune_code,
        'year' as aligned_by,
        cast(date_trunc('year', start_date) - interval 12 month as date) as before_from,
        cast(date_trunc('year', date_trunc('month', start_date) + interval 11 month) as date) as after_from
    from marts.dim_coverage
    where start_date is not null
),
numbers as (
    select
        cast(unnest(range(24)) as integer) as number,
        number < 12 as is_before
)
select
    starts.commune_code,
    cast(
        case
            when numbers.is_before then starts.before_from + to_months(numbers.number)
            else starts.after_from + to_months(numbers.number - 12)
        end as date
    ) as month,
    starts.aligned_by,
    case
        when starts.aligned_by = 'quarter' then numbers.number // 3 - case when numbers.is_before then 4 else 3 end
        when numbers.is_before then -1
        else 1
    end as step
from starts
cross join numbers
