-- one row = one official commune or sangkat of Cambodia
select
    commune_code,
    commune_en,
    commune_km,
    unit_type,
    district_code,
    district_en,
    district_km,
    province_code,
    province_en,
    province_km
from reference_communes
