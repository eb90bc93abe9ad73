-- a group of 1 to 9 at the finest level of the lattice is not hidden
with cells as (
    select 'requests' as fact, '' as topic, 'commune' as place_level, commune_code as place_code,
        'month' as period, month as period_start, service_code, sum(requests) as records
    from marts.agg_requests
    group by all
    union all
    select 'usage' as fact, '' as topic, 'commune' as place_level, commune_code as place_code,
        'month' as period, month as period_start, service_code, sum(visits) as records
    from marts.agg_usage
    where commune_code is not null
    group by all
    union all
    select 'feedback' as fact, aspect as topic, 'commune' as place_level, commune_code as place_code,
        'quarter' as period, cast(date_trunc('quarter', month) as date) as period_start, facility_type as service_code, sum(answers) as records
    from marts.agg_feedback
    where commune_code is not null and facility_type is not null
    group by all
    union all
    select 'payments' as fact, '' as topic, 'district' as place_level, district_code as place_code,
        'quarter' as period, cast(date_trunc('quarter', month) as date) as period_start, facility_type as service_code, sum(answered) as records
    from marts.agg_unofficial_payment
    where district_code is not null and facility_type is not null
    group by all
    union all
    select 'scores' as fact, category as topic, 'commune' as place_level, commune_code as place_code,
        'quarter' as period, cast(date_trunc('quarter', month) as date) as period_start, facility_type as service_code, sum(people) as records
    from marts.agg_scorecards
    where commune_code is not null and facility_type is not null
    group by all
    union all
    select 'attendance' as fact, '' as topic, 'commune' as place_level, commune_code as place_code,
        'quarter' as period, cast(date_trunc('quarter', month) as date) as period_start, facility_type as service_code, sum(attendees) as records
    from marts.agg_scorecard_meetings
    where commune_code is not null and facility_type is not null
    group by all
)
select cells.fact, cells.topic, cells.place_code, cells.period_start, cells.service_code
from cells
left join privacy.hidden_cells as hidden on
    hidden.fact = cells.fact
    and hidden.topic = cells.topic
    and hidden.attribute = ''
    and hidden.place_level = cells.place_level
    and hidden.place_code = cells.place_code
    and hidden.period = cells.period
    and hidden.period_start = cells.period_start
    and hidden.service_code = cells.service_code
where
    cells.records between 1 and 9
    and hidden.fact is null
