-- one row = one office and one service it gives, with what is promised on the last day of the data: posted by the office, or official
-- What an office has posted is its promise; where it posted nothing of a kind (days, fee, documents), the official standard is.
with services as (
    select service_code from marts.dim_service_standard
    union
    select service_code from marts.dim_posted_standard
),
official as (
    select deadlines.service_code, standards.* exclude (service_code)
    from marts.dim_service_deadline as deadlines
    join marts.dim_service_standard as standards on standards.standard_id = deadlines.standard_id
    join marts.dim_data_period as period on deadlines.submitted_date = period.data_to
),
posted as (
    select postings.*
    from marts.dim_posted_standard as postings
    cross join marts.dim_data_period as period
    where
        postings.posted_from <= period.data_to
        and coalesce(postings.posted_to, date '9999-12-31') > period.data_to
)
select
    facilities.commune_code,
    facilities.district_code,
    facilities.province_code,
    facilities.facility_id,
    facilities.facility_type,
    kinds.service_code,
    official.issuer,
    official.issuer_km,
    official.max_days as official_days,
    case when official.max_days is not null then official.day_type end as official_day_type,
    official.fee_riel as official_fee_riel,
    official.documents as official_documents,
    official.documents_km as official_documents_km,
    posted.posted_from,
    posted.posted_days,
    case when posted.posted_days is not null then posted.day_type end as posted_day_type,
    posted.posted_fee_riel,
    posted.documents as posted_documents,
    posted.is_delivered_home
from marts.dim_facility as facilities
cross join marts.dim_data_period as period
join marts.dim_service as kinds on kinds.facility_type = facilities.facility_type
join services on services.service_code = kinds.service_code
left join official on official.service_code = kinds.service_code
left join posted on
    posted.facility_id = facilities.facility_id
    and posted.service_code = kinds.service_code
where coalesce(facilities.closed_date, date '9999-12-31') > period.data_to
