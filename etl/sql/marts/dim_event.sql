-- one row = one dated event in a place
-- concerns: the kinds of facility, separated by spaces, on whose charts the event is drawn; empty means all of them. Where nothing is
-- written, an event of one service or one facility concerns its kind.
select
    events.event_id,
    events.event_date,
    events.event_type,
    events.commune_code,
    events.district_code,
    events.facility_id,
    events.service_code,
    coalesce(events.concerns, services.facility_type, facilities.facility_type) as concerns,
    events.title_en,
    events.title_km
from staging.events as events
left join marts.dim_service as services on services.service_code = events.service_code
left join marts.dim_facility as facilities on facilities.facility_id = events.facility_id
