-- one row = one province, covered or not, service, month of handing in, whole days and end
-- A roll-up of agg_processing_days for questions about provinces and the whole programme.
select
    province_code,
    covered,
    service_code,
    month,
    days,
    "end",
    cast(sum(requests) as bigint) as requests
from marts.agg_processing_days_attribute
group by all
