-- one row = one request handed in at an office
select
    request_id,
    commune_code,
    facility_id,
    service_code,
    submitted_date,
    completed_date,
    outcome,
    documents_complete,
    visits_needed,
    fee_paid_riel,
    referred_to,
    is_delivered_home,
    sex,
    age_group
from staging.service_requests
