-- one row = one entered value of one indicator on one day, for a place, a group of people and a reach
-- A value that counts or rests on 1 to 9 persons or requests is hidden, and so is a percentage of a part that does not say how many were asked.
-- Where 1 to 9 are counted by a value of a day, by what is left of a total without its parts, or by what came since the day before of a
-- state, all values of the indicator and day that are of a part (a place, a group, a reach) are hidden, so that none can be worked out.
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
        indicators.unit is not distinct from '%' as is_share,
        coalesce(not list_contains(getvariable('units_without_persons'), indicators.unit), true) as is_of_persons,
        coalesce(indicators.span = 'latest', false) as is_state
    from staging.indicator_values as staged
    left join marts.dim_indicator as indicators on indicators.indicator_code = staged.indicator_code
    where staged.is_deleted is not true
),
counted as (
    select
        *,
        case when is_of_persons then value else people end as persons,
        place_code <> 'KH' or group_code <> 'total' or reach <> 'direct' as is_part
    from entered
),
left_over as (
    select indicator_code, value_date, persons from counted where is_of_persons
    union all
    select indicator_code, value_date, people from counted
    union all -- the total without one group
    select whole.indicator_code, whole.value_date, whole.persons - part.persons
    from counted as whole
    join counted as part using (indicator_code, value_date, place_code, reach)
    where whole.group_code = 'total' and part.group_code <> 'total'
    union all -- the total without women and men
    select indicator_code, value_date, sum(case when group_code = 'total' then persons else -persons end)
    from counted
    where group_code in ('total', 'f', 'm')
    group by indicator_code, value_date, place_code, reach
    having count(distinct group_code) = 3
    union all -- a place without the places within it, level by level
    select whole.indicator_code, whole.value_date, any_value(whole.persons) - sum(part.persons)
    from counted as whole
    join counted as part using (indicator_code, value_date, group_code, reach)
    where part.place_code <> 'KH' and part.place_code <> whole.place_code
        and (whole.place_code = 'KH' or starts_with(part.place_code, whole.place_code))
    group by whole.indicator_code, whole.value_date, whole.place_code, whole.group_code, whole.reach, length(part.place_code)
    union all -- what came since the day before
    select
        indicator_code,
        value_date,
        persons - lag(persons) over (partition by indicator_code, place_code, group_code, reach order by value_date)
    from counted
    where is_state and is_of_persons
),
small as (
    select distinct indicator_code, value_date
    from left_over
    where round(abs(persons)) between 1 and 9
),
told as (
    select
        counted.*,
        coalesce(
            counted.people between 1 and 9
            or (counted.is_of_persons and round(counted.value) between 1 and 9)
            or (counted.is_part and (counted.is_share and counted.people is null or small.indicator_code is not null)),
            false
        ) as is_hidden
    from counted
    left join small using (indicator_code, value_date)
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
