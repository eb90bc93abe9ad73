-- one row = one commune, partner, cycle and month in which the cycle began
-- year_old: begun a year or more before the last day of the data, so that it could be full; stalled is told of the newest cycle of a commune.
select
    cycles.province_code,
    cycles.district_code,
    cycles.commune_code,
    cycles.partner_id,
    cycles.cycle,
    cast(date_trunc('month', cycles.start_date) as date) as month,
    count(*) as cycles,
    count(*) filter (where cycles.is_full) as full_cycles,
    count(*) filter (where cycles.start_date <= period.data_to - interval 12 month) as year_old,
    count(*) filter (where cycles.is_full and cycles.start_date <= period.data_to - interval 12 month) as full_year_old,
    count(*) filter (where cycles.is_stalled and cycles.is_newest) as stalled
from marts.dim_cycle as cycles
cross join marts.dim_data_period as period
group by all
