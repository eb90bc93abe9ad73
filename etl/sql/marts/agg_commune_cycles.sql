-- one row = one commune in which the programme is or was, with how many full cycles it has had
-- A commune without any row in the records of cycles has none.
select
    communes.province_code,
    communes.district_code,
    communes.commune_code,
    coverage.partner_id,
    1 as communes,
    count(cycles.cycle) as cycles,
    count(*) filter (where cycles.is_full) as full_cycles,
    cast(count(*) filter (where cycles.is_full) >= 3 as integer) as has_three_full,
    cast(coalesce(bool_or(cycles.is_stalled and cycles.is_newest), false) as integer) as is_stalled
from marts.dim_coverage as coverage
join marts.dim_commune as communes on communes.commune_code = coverage.commune_code
cross join marts.dim_data_period as period
left join marts.dim_cycle as cycles on cycles.commune_code = coverage.commune_code
where
    coverage.start_date <= period.data_to
    and exists (select 1 from marts.dim_cycle)
group by all
