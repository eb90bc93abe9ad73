-- a request ended before it was handed in, or is completed without a date
select 'negative days' as fault, commune_code, service_code, month, sum(requests) as requests
from marts.agg_processing_days
where days < 0
group by all
union all
select 'no completion date' as fault, commune_code, service_code, cast(date_trunc('month', submitted_date) as date) as month, count(*) as requests
from staging.service_requests
where outcome = 'completed' and completed_date is null
group by all
