-- one row = one province, covered or not, service, month of handing in, sex, documents complete, whole days and end
-- A roll-up of agg_processing_days for questions about attributes of persons, which are answered for provinces and the whole programme only.
select
    counted.province_code,
    case when coverage.start_date is null then 'no' else 'yes' end as covered,
    counted.service_code,
    counted.month,
    counted.sex,
    counted.documents_complete,
    counted.days,
    counted."end",
    cast(sum(counted.requests) as bigint) as requests
from marts.agg_processing_days as counted
left join marts.dim_coverage as coverage on coverage.commune_code = counted.commune_code
group by all
