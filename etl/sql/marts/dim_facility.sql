-- one row = one facility of the programme's register
select
    facility_id,
    facility_en,
    facility_km,
    facility_type,
    commune_code,
    district_code,
    left(district_code, 2) as province_code,
    opened_date,
    closed_date,
    is_self_score_public
from staging.facilities
