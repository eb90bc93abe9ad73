-- parts of a group of requests are more than the group, or a posted promise holds for no time at all
select commune_code, service_code, month, requests, due, met, fee_known, fee_over, visits_known, one_visit, referred, delivered_known
from marts.agg_promises
where
    posted > requests
    or due > requests
    or met > due
    or fee_known > requests
    or fee_over > fee_known
    or visits_known > requests
    or one_visit > visits_known
    or referred > requests
    or referred_to_police > referred
    or delivered_known > requests
    or delivered_home > delivered_known
union all
select facility_id, service_code, posted_from, 0, 0, 0, 0, 0, 0, 0, 0, 0
from marts.dim_posted_standard
where posted_to <= posted_from
