-- one row = one commune and month in which the programme was there, from the month of its start to its end or the data date
select
    communes.province_code,
    communes.district_code,
    coverage.commune_code,
    months.month
from marts.dim_coverage as coverage
join marts.dim_commune as communes on communes.commune_code = coverage.commune_code
cross join marts.dim_data_period as period
join (select distinct month from marts.dim_date) as months on
    months.month >= date_trunc('month', coverage.start_date)
    and months.month <= coalesce(least(coverage.end_date, period.data_to), period.data_to)
