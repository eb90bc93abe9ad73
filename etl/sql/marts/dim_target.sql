-- one row = one target of a measure for a service and a place, for the time it is in force
-- The official time of a service is the target of its median time; one in working days counts as the calendar days it
-- usually comes to (the middle of all days on which it held). Others are declared in targets.csv: an empty service_code means every
-- service and all of them together, an empty place_code everywhere; else a place's own code and the places in it.
-- A valid_to that is no day ends the target before it begins, so that the audit finds it.
with official as (
    select
        standards.standard_id as target_id,
        'median_processing_days' as metric,
        standards.service_code,
        cast(null as varchar) as place_code,
        cast(quantile_disc(deadlines.deadline_date - deadlines.submitted_date, 0.5) as double) as target,
        standards.valid_from,
        standards.valid_to,
        standards.source
    from marts.dim_service_standard as standards
    join marts.dim_service_deadline as deadlines on deadlines.standard_id = standards.standard_id
    where deadlines.deadline_date is not null
    group by all
)
select *
from official
union all
select
    target_id,
    metric,
    service_code,
    place_code,
    try_cast(target as double) as target,
    try_cast(valid_from as date) as valid_from,
    case when valid_to is not null then coalesce(try_cast(valid_to as date), date '0001-01-01') end as valid_to,
    source
from reference_targets
