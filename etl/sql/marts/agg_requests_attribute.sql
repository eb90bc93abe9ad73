-- one row = one province, covered or not, service, month of handing in, sex and documents complete
-- A roll-up of agg_requests for questions about attributes of persons, which are answered for provinces and the whole programme only.
select
    counted.province_code,
    case when coverage.start_date is null then 'no' else 'yes' end as covered,
    counted.service_code,
    counted.month,
    counted.sex,
    counted.documents_complete,
    cast(sum(counted.requests) as bigint) as requests,
    cast(sum(counted.completed) as bigint) as completed,
    cast(sum(counted.ended) as bigint) as ended,
    cast(sum(counted.open) as bigint) as open,
    cast(sum(counted.overdue) as bigint) as overdue,
    cast(sum(counted.due) as bigint) as due,
    cast(sum(counted.met) as bigint) as met,
    cast(sum(counted.fee_known) as bigint) as fee_known,
    cast(sum(counted.fee_over) as bigint) as fee_over
from marts.agg_requests as counted
left join marts.dim_coverage as coverage on coverage.commune_code = counted.commune_code
group by all
