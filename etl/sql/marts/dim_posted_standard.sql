-- one row = one posting of one service at one office, for the time it held
-- posted_to is the first day on which it held no longer; a newer posting ends the one before. Days of which the posting does
-- not say what they are count as working days, in favour of the office.
with postings as (
    select
        *,
        lead(posted_from) over (partition by facility_id, service_code order by posted_from) as next_from
    from staging.posted_standards
)
select
    facility_id,
    service_code,
    posted_from,
    case when posted_to is null or next_from < posted_to then next_from else posted_to end as posted_to,
    posted_days,
    coalesce(cast(day_type as varchar), 'working') as day_type,
    posted_fee_riel,
    documents,
    is_delivered_home,
    source
from postings
