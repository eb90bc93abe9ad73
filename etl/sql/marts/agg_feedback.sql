-- one row = one place, facility type, aspect, month of answering, sex, age group, channel and rating
-- The commune is empty where only the district is known, the district where only the province is.
select
    province_code,
    district_code,
    commune_code,
    facility_type,
    aspect,
    cast(date_trunc('month', submitted_date) as date) as month,
    sex,
    age_group,
    channel,
    rating_pct,
    count(*) as answers
from marts.fct_feedback
group by all
