-- one row = one category of the criteria by which services are scored
-- measure, aspect and service_code say which of the records answers it: whether what citizens scored low became better there too.
select
    category_code as category,
    category_en,
    category_km,
    facility_types,
    nullif(measure, '') as measure,
    nullif(aspect, '') as aspect,
    nullif(service_code, '') as service_code,
    cast(sort_order as integer) as sort_order
from reference_criteria
