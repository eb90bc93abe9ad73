-- one row = one commune, service and month of handing in, with how the requests went against what was promised
-- The promise is what the request's own office had posted on the day of handing in; where it had posted no time or fee, the
-- official standard is. due and met: as at agg_processing_days, by the promised time. fee_known, fee_over: by the promised fee.
-- visits_known = the number of visits is written down; delivered_known = it is written whether the paper was brought home.
with requests as (
    select
        staged.commune_code,
        staged.service_code,
        cast(date_trunc('month', staged.submitted_date) as date) as month,
        coalesce(own.deadline_date, official.deadline_date) as deadline_date,
        registers.register_to,
        staged.completed_date,
        staged.outcome in ('rejected', 'withdrawn') as is_ended,
        staged.fee_paid_riel > coalesce(posted.posted_fee_riel, official.fee_riel) as is_over_fee,
        staged.visits_needed,
        staged.referred_to,
        staged.is_delivered_home,
        own.deadline_date is not null as is_posted
    from staging.service_requests as staged
    join marts.dim_register as registers on registers.office_id = coalesce(staged.facility_id, staged.commune_code)
    join marts.dim_service_deadline as official on
        official.service_code = staged.service_code
        and official.submitted_date = staged.submitted_date
    left join marts.dim_posted_standard as posted on
        posted.facility_id = staged.facility_id
        and posted.service_code = staged.service_code
        and posted.posted_from <= staged.submitted_date
        and coalesce(posted.posted_to, date '9999-12-31') > staged.submitted_date
    left join marts.dim_deadline as own on
        own.max_days = posted.posted_days
        and own.day_type = posted.day_type
        and own.submitted_date = staged.submitted_date
),
counted as (
    select
        commune_code,
        service_code,
        month,
        count(*) as requests,
        count(*) filter (where is_posted) as posted,
        count(*) filter (where deadline_date <= register_to and (not is_ended or completed_date is null or completed_date > deadline_date)) as due,
        count(*) filter (where deadline_date <= register_to and not is_ended and completed_date <= deadline_date) as met,
        count(is_over_fee) as fee_known,
        count(*) filter (where is_over_fee) as fee_over,
        count(visits_needed) as visits_known,
        count(*) filter (where visits_needed = 1) as one_visit,
        count(referred_to) as referred,
        count(*) filter (where referred_to = 'police_post') as referred_to_police,
        count(is_delivered_home) as delivered_known,
        count(*) filter (where is_delivered_home) as delivered_home
    from requests
    group by all
)
select
    counted.commune_code,
    communes.district_code,
    communes.province_code,
    counted.* exclude (commune_code)
from counted
left join marts.dim_commune as communes on communes.commune_code = counted.commune_code
