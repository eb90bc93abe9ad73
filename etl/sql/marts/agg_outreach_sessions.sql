-- one row = one commune, topic and month of sessions: those planned for a day of the month, and those held in it
-- planned = sessions whose planned day had come by the data date; planned_held and planned_cancelled say what became of them.
with counted as (
    select
        sessions.province_code,
        sessions.district_code,
        sessions.commune_code,
        sessions.session_topic,
        cast(date_trunc('month', sessions.planned_date) as date) as month,
        count(*) as planned,
        count(case when sessions.session_status = 'held' then 1 end) as planned_held,
        count(case when sessions.session_status = 'cancelled' then 1 end) as planned_cancelled,
        0 as held
    from marts.fct_outreach as sessions
    join marts.dim_data_period as period on sessions.planned_date <= period.data_to
    group by all
    union all
    select
        province_code,
        district_code,
        commune_code,
        session_topic,
        cast(date_trunc('month', session_date) as date) as month,
        0 as planned,
        0 as planned_held,
        0 as planned_cancelled,
        count(*) as held
    from marts.fct_outreach
    where session_status = 'held'
    group by all
)
select
    province_code,
    district_code,
    commune_code,
    session_topic,
    month,
    sum(planned) as planned,
    sum(planned_held) as planned_held,
    sum(planned_cancelled) as planned_cancelled,
    sum(held) as held
from counted
group by all
