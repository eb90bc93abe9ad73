-- one row = one province, covered or not, service and month of handing in
-- A roll-up of agg_promises for questions about provinces and the whole programme.
select
    counted.province_code,
    case when coverage.start_date is null then 'no' else 'yes' end as covered,
    counted.service_code,
    counted.month,
    cast(sum(counted.requests) as bigint) as requests,
    cast(sum(counted.posted) as bigint) as posted,
    cast(sum(counted.due) as bigint) as due,
    cast(sum(counted.met) as bigint) as met,
    cast(sum(counted.fee_known) as bigint) as fee_known,
    cast(sum(counted.fee_over) as bigint) as fee_over,
    cast(sum(counted.visits_known) as bigint) as visits_known,
    cast(sum(counted.one_visit) as bigint) as one_visit,
    cast(sum(counted.referred) as bigint) as referred,
    cast(sum(counted.referred_to_police) as bigint) as referred_to_police,
    cast(sum(counted.delivered_known) as bigint) as delivered_known,
    cast(sum(counted.delivered_home) as bigint) as delivered_home
from marts.agg_promises as counted
left join marts.dim_coverage as coverage on coverage.commune_code = counted.commune_code
group by all
