-- one row = one month of the four whole quarters before or after the programme came to a commune
-- step: the quarter, -4 to -1 before and 1 to 4 after; the quarter of the start itself is on neither side.
select
    coverage.commune_code,
    cast(
        case
            when months.number < 12 then coverage.before_from + to_months(months.number)
            else coverage.after_from + to_months(months.number - 12)
        end as date
    ) as month,
    months.number // 3 - case when months.number < 12 then 4 else 3 end as step
from marts.dim_coverage as coverage
cross join (select cast(unnest(range(24)) as integer) as number) as months
where coverage.before_from is not null
