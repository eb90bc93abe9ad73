-- one row = one covered commune, service, quarter or calendar year before or after the programme's start there, whole days and end
-- A roll-up of agg_processing_days for before and after; step is explained at dim_aligned_month.
select
    counted.commune_code,
    counted.district_code,
    counted.province_code,
    counted.service_code,
    aligned.aligned_by,
    aligned.step,
    counted.days,
    counted."end",
    cast(sum(counted.requests) as bigint) as requests
from marts.agg_processing_days as counted
join marts.dim_aligned_month as aligned on
    aligned.commune_code = counted.commune_code
    and aligned.month = counted.month
group by all
