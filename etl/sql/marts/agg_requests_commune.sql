-- one row = one commune, service and month of handing in
-- A roll-up of agg_requests for every question that asks for no attribute of persons.
select
    commune_code,
    district_code,
    province_code,
    service_code,
    month,
    cast(sum(requests) as bigint) as requests,
    cast(sum(completed) as bigint) as completed,
    cast(sum(ended) as bigint) as ended,
    cast(sum(open) as bigint) as open,
    cast(sum(overdue) as bigint) as overdue,
    cast(sum(due) as bigint) as due,
    cast(sum(met) as bigint) as met,
    cast(sum(fee_known) as bigint) as fee_known,
    cast(sum(fee_over) as bigint) as fee_over
from marts.agg_requests
group by all
