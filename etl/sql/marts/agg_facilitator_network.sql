-- one row = one commune and month in which the programme was there, from the first month of any facilitator of the register
-- A network is operational when, on the last day of the month that the data cover, two facilitators or more are active and trained.
with first_facilitator as (
    select cast(date_trunc('month', min(active_from)) as date) as month
    from marts.dim_facilitator
),
days as (
    select
        covered.commune_code,
        covered.month,
        least(last_day(covered.month), period.data_to) as month_end
    from marts.dim_covered_month as covered
    cross join marts.dim_data_period as period
    cross join first_facilitator
    where covered.month >= first_facilitator.month
)
select
    communes.province_code,
    communes.district_code,
    days.commune_code,
    days.month,
    count(facilitators.facilitator_id) >= 2 as is_operational
from days
join marts.dim_commune as communes on communes.commune_code = days.commune_code
left join marts.dim_facilitator as facilitators on
    facilitators.commune_code = days.commune_code
    and facilitators.trained_date <= days.month_end
    and facilitators.active_from <= days.month_end
    and (facilitators.active_to is null or facilitators.active_to >= days.month_end)
group by communes.province_code, communes.district_code, days.commune_code, days.month
