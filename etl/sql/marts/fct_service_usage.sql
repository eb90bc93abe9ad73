-- one row = one facility, service and month, months without a report included
select
    facility_id,
    service_code,
    month,
    is_expected,
    is_reported,
    visits,
    visits_female,
    visits_male,
    reported_date
from marts.agg_usage
