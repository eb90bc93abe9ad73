-- a record names a commune, district or service that is in no list of the country
-- A facility that is in no register is no fault: the row counts where its place is known, with a warning.
select distinct 'request' as fact, 'commune ' || commune_code as unknown
from marts.agg_requests
where district_code is null
union all
select distinct 'request' as fact, 'service ' || service_code as unknown
from marts.agg_requests
where service_code not in (select service_code from marts.dim_service)
union all
select distinct 'usage' as fact, 'service ' || service_code as unknown
from marts.agg_usage
where service_code not in (select service_code from marts.dim_service)
union all
select distinct 'feedback' as fact, 'commune ' || commune_code as unknown
from marts.agg_feedback
where commune_code not in (select commune_code from marts.dim_commune)
union all
select distinct 'feedback' as fact, 'district ' || district_code as unknown
from marts.agg_feedback
where district_code not in (select district_code from marts.dim_commune)
union all
select distinct 'facility' as fact, 'commune ' || commune_code as unknown
from marts.dim_facility
where commune_code not in (select commune_code from marts.dim_commune)
union all
select distinct 'facility' as fact, 'district ' || district_code as unknown
from marts.dim_facility
where district_code not in (select district_code from marts.dim_commune)
union all
select distinct 'action' as fact, 'commune ' || commune_code as unknown
from marts.dim_action
where province_code is null
union all
select distinct 'cycle' as fact, 'commune ' || commune_code as unknown
from marts.dim_cycle
where province_code is null
union all
select distinct 'scorecard' as fact, 'commune ' || commune_code as unknown
from marts.agg_scorecards
where commune_code not in (select commune_code from marts.dim_commune)
union all
select distinct 'scorecard' as fact, 'category ' || category as unknown
from marts.agg_scorecards
where category not in (select category from marts.dim_category)
