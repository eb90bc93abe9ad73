-- one row = one public service that is counted
select
    service_code,
    service_en,
    service_km,
    facility_type,
    cast(sort_order as integer) as sort_order
from reference_services
