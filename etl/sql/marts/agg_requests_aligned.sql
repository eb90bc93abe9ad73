-- one row = one covered commune, service and quarter or calendar year before or after the programme's start there
-- A roll-up of agg_requests_commune for before and after; step is explained at dim_aligned_month.
select
    counted.commune_code,
    counted.district_code,
    counted.province_code,
    counted.service_code,
    aligned.aligned_by,
    aligned.step,
    cast(sum(counted.requests) as bigint) as requests,
    cast(sum(counted.due) as bigint) as due,
    cast(sum(counted.met) as bigint) as met,
    cast(sum(counted.fee_known) as bigint) as fee_known,
    cast(sum(counted.fee_over) as bigint) as fee_over
from marts.agg_requests_commune as counted
join marts.dim_aligned_month as aligned on
    aligned.commune_code = counted.commune_code
    and aligned.month = counted.month
group by all
