-- one row = one commune, topic and month of sessions held
-- <group>_known = participants of the sessions that say how many of them belong to the group; sexes may be known of some only.
select
    province_code,
    district_code,
    commune_code,
    session_topic,
    cast(date_trunc('month', session_date) as date) as month,
    count(*) as sessions,
    sum(participants) as participants,
    coalesce(sum(participants_female), 0) as participants_female,
    coalesce(sum(participants_male), 0) as participants_male,
    coalesce(sum(participants_youth), 0) as participants_youth,
    coalesce(sum(case when participants_youth is not null then participants end), 0) as youth_known,
    coalesce(sum(participants_minority), 0) as participants_minority,
    coalesce(sum(case when participants_minority is not null then participants end), 0) as minority_known,
    coalesce(sum(participants_disability), 0) as participants_disability,
    coalesce(sum(case when participants_disability is not null then participants end), 0) as disability_known
from marts.fct_outreach
where session_status = 'held'
group by all
