-- parts of a group of requests are more than the group
select commune_code, service_code, month, requests, completed, ended, open, overdue, due, met, fee_known, fee_over
from marts.agg_requests
where
    completed + ended + open <> requests
    or due > requests
    or met > due
    or overdue > open
    or overdue + met > due
    or fee_known > requests
    or fee_over > fee_known
