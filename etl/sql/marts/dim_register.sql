-- one row = one office's register of requests: the facility where it is known, else the commune
-- register_to is the last day the office's register covers: what it says itself, and at least its last
-- record. Requests still open are known to be waiting up to that day and no further: an office that
-- stopped sending is missing, not slow.
select
    coalesce(facility_id, commune_code) as office_id,
    min(submitted_date) as register_from,
    greatest(max(register_to_date), max(submitted_date), max(completed_date)) as register_to,
    count(*) as requests
from staging.service_requests
group by 1
