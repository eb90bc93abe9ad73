-- one row = one commune and month since the programme came: how many full cycles it had had by the end of the month
-- A cycle is full on the day of the last of its five steps. Only where there are records of cycles.
with full_days as (
    select
        commune_code,
        greatest(information_date, scorecards_date, interface_date, plan_date, review_date) as full_date
    from marts.dim_cycle
    where is_full
),
months as (
    select
        coverage.commune_code,
        months.month,
        least(last_day(months.month), period.data_to) as month_end
    from marts.dim_coverage as coverage
    cross join marts.dim_data_period as period
    join (select distinct month from marts.dim_date) as months on
        months.month >= date_trunc('month', coverage.start_date)
        and months.month <= period.data_to
    where exists (select 1 from marts.dim_cycle)
)
select
    communes.province_code,
    communes.district_code,
    months.commune_code,
    months.month,
    count(full_days.full_date) as full_cycles,
    count(full_days.full_date) >= 3 as has_three_full
from months
join marts.dim_commune as communes on communes.commune_code = months.commune_code
left join full_days on full_days.commune_code = months.commune_code and full_days.full_date <= months.month_end
group by communes.province_code, communes.district_code, months.commune_code, months.month
