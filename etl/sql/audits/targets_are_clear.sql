-- a target nobody can hold a figure against: without name, number, day or source, for an unknown place or service, or one of two alike
with faults as (
    select
        targets.*,
        case
            when target_id is null or metric is null then 'it needs a target_id and a metric'
            when target is null then 'target must be a number'
            when valid_from is null then 'valid_from must be a day, YYYY-MM-DD'
            when valid_to <= valid_from then 'valid_to must be a day after valid_from, YYYY-MM-DD, or empty'
            when source is null then 'it needs a source'
            when service_code not in (select service_code from marts.dim_service) then 'no such service_code'
            when
                place_code not in (
                    select unnest([commune_code, district_code, province_code]) from marts.dim_commune where commune_code is not null
                )
                then 'place_code must be that of a commune, district or province'
            when count(*) over (partition by target_id) > 1 then 'target_id is used twice'
            when
                count(*) over (partition by metric, service_code, place_code, valid_from) > 1
                then 'two targets of the same measure, service and place begin on the same day'
        end as fault
    from marts.dim_target as targets
)
select target_id, metric, service_code, place_code, fault
from faults
where fault is not null
