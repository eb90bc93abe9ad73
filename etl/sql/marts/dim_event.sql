-- one row = one dated event in a place
select
    event_id,
    event_date,
    event_type,
    commune_code,
    district_code,
    facility_id,
    service_code,
    title_en,
    title_km
from staging.events
