-- one row = one person's answer on one aspect of one service
-- rating_pct says how far up its own scale the rating stands: 0 at the lowest step, 100 at the highest.
-- The place is as fine as it is known for certain: the commune, else the district, else the province.
with placed as (
    select
        feedback.submission_id,
        coalesce(communes.province_code, left(feedback.district_code, 2), facilities.province_code, feedback.province_code) as province_code,
        coalesce(communes.district_code, feedback.district_code, facilities.district_code) as district_code,
        coalesce(feedback.commune_code, facilities.commune_code) as commune_code,
        feedback.facility_id,
        coalesce(feedback.facility_type, facilities.facility_type) as facility_type,
        feedback.service_code,
        cast(feedback.submitted_at as date) as submitted_date,
        feedback.visited_month,
        feedback.sex,
        feedback.age_group,
        feedback.channel,
        feedback.scale_min,
        feedback.scale_max,
        feedback.rating_speed,
        feedback.rating_friendliness,
        feedback.rating_quality,
        feedback.rating_overall
    from staging.feedback as feedback
    left join marts.dim_facility as facilities on facilities.facility_id = feedback.facility_id
    left join marts.dim_commune as communes on communes.commune_code = coalesce(feedback.commune_code, facilities.commune_code)
    where feedback.is_deleted is not true
),
answers as (
    select *, 'speed' as aspect, rating_speed as rating from placed
    union all
    select *, 'friendliness' as aspect, rating_friendliness as rating from placed
    union all
    select *, 'quality' as aspect, rating_quality as rating from placed
    union all
    select *, 'overall' as aspect, rating_overall as rating from placed
)
select
    submission_id,
    aspect,
    province_code,
    district_code,
    commune_code,
    facility_id,
    facility_type,
    service_code,
    submitted_date,
    visited_month,
    sex,
    age_group,
    channel,
    rating,
    scale_min,
    scale_max,
    (rating - scale_min) * 100.0 / (scale_max - scale_min) as rating_pct
from answers
where rating is not null
