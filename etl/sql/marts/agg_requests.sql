-- one row = one commune, service, month of handing in, sex and documents complete
-- A roll-up of agg_processing_days, where the words due, met, fee_known and fee_over are explained.
with counted as (
    select
        commune_code,
        service_code,
        month,
        sex,
        documents_complete,
        cast(sum(requests) as bigint) as requests,
        cast(sum(case when "end" = 'completed' then requests else 0 end) as bigint) as completed,
        cast(sum(case when "end" = 'ended' then requests else 0 end) as bigint) as ended,
        cast(sum(case when "end" = 'open' then requests else 0 end) as bigint) as open,
        cast(sum(case when "end" = 'open' then due else 0 end) as bigint) as overdue,
        cast(sum(due) as bigint) as due,
        cast(sum(met) as bigint) as met,
        cast(sum(fee_known) as bigint) as fee_known,
        cast(sum(fee_over) as bigint) as fee_over
    from marts.agg_processing_days
    group by all
)
select
    counted.commune_code,
    communes.district_code,
    communes.province_code,
    counted.* exclude (commune_code)
from counted
left join marts.dim_commune as communes on communes.commune_code = counted.commune_code
order by year(counted.month), counted.commune_code
