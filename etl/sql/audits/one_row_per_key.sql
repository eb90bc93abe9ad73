-- a table holds two rows for one key
-- Requests are tried on one key in 64: a fault of de-duplication shows there too, and ten million keys cost seconds.
-- The aggregates of requests come from a group by; joined only with tables tried here, they cannot hold a key twice.
select 'dim_commune' as table_name, commune_code as key from marts.dim_commune group by commune_code having count(*) > 1
union all
select 'dim_facility' as table_name, facility_id as key from marts.dim_facility group by facility_id having count(*) > 1
union all
select 'dim_service' as table_name, service_code as key from marts.dim_service group by service_code having count(*) > 1
union all
select 'dim_service_standard' as table_name, standard_id as key from marts.dim_service_standard group by standard_id having count(*) > 1
union all
select 'dim_partner' as table_name, partner_id as key from marts.dim_partner group by partner_id having count(*) > 1
union all
select 'dim_coverage' as table_name, commune_code as key from marts.dim_coverage group by commune_code having count(*) > 1
union all
select 'dim_date' as table_name, cast(date as varchar) as key from marts.dim_date group by date having count(*) > 1
union all
select 'dim_event' as table_name, event_id as key from marts.dim_event group by event_id having count(*) > 1
union all
select 'dim_population' as table_name, commune_code || ' ' || year as key from marts.dim_population group by commune_code, year having count(*) > 1
union all
select 'dim_facilitator' as table_name, facilitator_id as key from marts.dim_facilitator group by facilitator_id having count(*) > 1
union all
select 'fct_outreach' as table_name, session_id as key from marts.fct_outreach group by session_id having count(*) > 1
union all
select 'agg_facilitator_network' as table_name, commune_code || ' ' || month as key
from marts.agg_facilitator_network
group by commune_code, month
having count(*) > 1
union all
select 'agg_cycle_standing' as table_name, commune_code || ' ' || month as key
from marts.agg_cycle_standing
group by commune_code, month
having count(*) > 1
union all
select 'dim_indicator' as table_name, indicator_code as key from marts.dim_indicator group by indicator_code having count(*) > 1
union all
select 'dim_register' as table_name, office_id as key from marts.dim_register group by office_id having count(*) > 1
union all
select 'dim_service_deadline' as table_name, service_code || ' ' || submitted_date as key
from marts.dim_service_deadline
group by service_code, submitted_date
having count(*) > 1
union all
select 'dim_action' as table_name, action_id as key from marts.dim_action group by action_id having count(*) > 1
union all
select 'dim_cycle' as table_name, commune_code || ' ' || cycle as key from marts.dim_cycle group by commune_code, cycle having count(*) > 1
union all
select 'agg_commune_cycles' as table_name, commune_code as key from marts.agg_commune_cycles group by commune_code having count(*) > 1
union all
select 'dim_deadline' as table_name, max_days || ' ' || day_type || ' ' || submitted_date as key
from marts.dim_deadline
group by max_days, day_type, submitted_date
having count(*) > 1
union all
select 'dim_posted_standard' as table_name, facility_id || ' ' || service_code || ' ' || posted_from as key
from marts.dim_posted_standard
group by facility_id, service_code, posted_from
having count(*) > 1
union all
select 'dim_promise' as table_name, facility_id || ' ' || service_code as key
from marts.dim_promise
group by facility_id, service_code
having count(*) > 1
union all
select 'agg_school_reports' as table_name, facility_id || ' ' || month as key
from marts.agg_school_reports
group by facility_id, month
having count(*) > 1
union all
select 'fct_service_requests' as table_name, request_id as key
from marts.fct_service_requests
where hash(request_id) % 64 = 0
group by request_id
having count(*) > 1
union all
select 'fct_service_usage' as table_name, facility_id || ' ' || service_code || ' ' || month as key
from marts.fct_service_usage
group by facility_id, service_code, month
having count(*) > 1
union all
select 'fct_feedback' as table_name, submission_id || ' ' || aspect as key
from marts.fct_feedback
group by submission_id, aspect
having count(*) > 1
