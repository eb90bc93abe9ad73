-- a group of 1 to 9 at the finest level of the lattice is not hidden
-- One who scores several services in a meeting is counted in each, so all services are as few as the fewest of one of them. Pupils and teachers are the same persons every month, so a year is as small as the smallest of its months.
with persons as (
    select 'pupils' as fact, commune_code, month, facility_type, sum(pupils_enrolled) as records
    from marts.agg_school_reports
    where commune_code is not null
    group by all
    union all
    select 'teachers' as fact, commune_code, month, facility_type, sum(teachers_asked) as records
    from marts.agg_school_reports
    where commune_code is not null
    group by all
),
scorers as (
    select 'scores' as fact, category as topic, commune_code, cast(date_trunc('quarter', month) as date) as quarter, facility_type,
        sum(people) as records
    from marts.agg_scorecards
    where commune_code is not null and facility_type is not null
    group by all
    union all
    select 'attendance' as fact, '' as topic, commune_code, cast(date_trunc('quarter', month) as date) as quarter, facility_type,
        sum(attendees) as records
    from marts.agg_scorecard_meetings
    where commune_code is not null and facility_type is not null
    group by all
),
cells as (
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
    select 'outreach' as fact, '' as topic, 'commune' as place_level, commune_code as place_code,
        'quarter' as period, cast(date_trunc('quarter', month) as date) as period_start, session_topic as service_code,
        sum(participants) as records
    from marts.agg_outreach
    group by all
    union all
    select 'facilitators' as fact, '' as topic, 'province' as place_level, province_code as place_code,
        'quarter' as period, cast(date_trunc('quarter', month) as date) as period_start, '*' as service_code, sum(facilitators) as records
    from marts.agg_facilitators
    where province_code is not null
    group by all
    union all
    select 'assessments' as fact, assessment_question as topic, 'province' as place_level, province_code as place_code,
        'quarter' as period, cast(date_trunc('quarter', month) as date) as period_start, assessment_stage as service_code,
        sum(facilitators) as records
    from marts.agg_facilitator_assessments
    where province_code is not null
    group by all
    union all
    select fact, topic, 'commune' as place_level, commune_code as place_code,
        'quarter' as period, quarter as period_start, facility_type as service_code, records
    from scorers
    union all
    select fact, topic, 'commune' as place_level, commune_code as place_code,
        'quarter' as period, quarter as period_start, '*' as service_code, min(records) filter (where records > 0) as records
    from scorers
    group by all
    union all
    select fact, '' as topic, 'commune' as place_level, commune_code as place_code,
        'month' as period, month as period_start, facility_type as service_code, records
    from persons
    union all
    select fact, '' as topic, 'commune' as place_level, commune_code as place_code,
        'year' as period, cast(date_trunc('year', month) as date) as period_start, facility_type as service_code,
        min(records) filter (where records > 0) as records
    from persons
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
