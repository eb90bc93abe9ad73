-- one row = one entered value of one indicator on one day, for a place, a group of people and a reach
-- A value that counts or rests on 1 to 9 persons is hidden. Where one of a day is, all values of the indicator and day that are of a
-- part (a place, a group, a reach) are hidden with it, so that none can be worked out from the others.
with entered as (
    select
        staged.indicator_code,
        staged.value_date,
        coalesce(staged.commune_code, staged.district_code, staged.province_code, 'KH') as place_code,
        cast(staged.group_code as varchar) as group_code,
        cast(staged.reach as varchar) as reach,
        staged.indicator_value as value,
        staged.people_asked as people,
        staged.evidence,
        coalesce(
            staged.people_asked between 1 and 9
            or (indicators.unit in ('people', 'participants', 'facilitators', 'pupils', 'teachers') and staged.indicator_value between 1 and 9),
            false
        ) as is_small
    from staging.indicator_values as staged
    left join marts.dim_indicator as indicators on indicators.indicator_code = staged.indicator_code
    where staged.is_deleted is not true
),
told as (
    select
        *,
        is_small or (
            (place_code <> 'KH' or group_code <> 'total' or reach <> 'direct')
            and bool_or(is_small) over (partition by indicator_code, value_date)
        ) as is_hidden
    from entered
)
select
    indicator_code,
    value_date,
    place_code,
    group_code,
    reach,
    case when not is_hidden then value end as value,
    case when not is_hidden then people end as people,
    evidence,
    is_hidden
from told
