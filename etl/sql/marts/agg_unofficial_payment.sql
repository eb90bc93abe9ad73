-- one row = one district, facility type and month of answering; never anything finer
-- answered = people who said yes or no to "were you asked to pay more than the official fee?"; asked = who said yes.
select
    coalesce(communes.province_code, left(feedback.district_code, 2), facilities.province_code, feedback.province_code) as province_code,
    coalesce(communes.district_code, feedback.district_code, facilities.district_code) as district_code,
    coalesce(feedback.facility_type, facilities.facility_type) as facility_type,
    cast(date_trunc('month', feedback.submitted_at) as date) as month,
    count(*) as answered,
    count(*) filter (where feedback.asked_unofficial_payment) as asked
from staging.feedback as feedback
left join marts.dim_facility as facilities on facilities.facility_id = feedback.facility_id
left join marts.dim_commune as communes on communes.commune_code = coalesce(feedback.commune_code, facilities.commune_code)
where
    feedback.is_deleted is not true
    and feedback.asked_unofficial_payment is not null
group by all
