-- one row = one information session, planned or held
-- All participants are the larger of the total and the sum of women and men; who is in neither is of a sex that nobody wrote down.
-- Where a form asks for the total and one sex only ("total, of which women"), the other sex is the difference.
select
    sessions.session_id,
    sessions.facilitator_id,
    sessions.partner_id,
    communes.province_code,
    communes.district_code,
    sessions.commune_code,
    sessions.village,
    coalesce(sessions.session_topic, 'other') as session_topic,
    sessions.session_status,
    sessions.planned_date,
    case when sessions.session_status = 'held' then sessions.session_date end as session_date,
    greatest(sessions.participants, coalesce(sessions.participants_female + sessions.participants_male, 0)) as participants,
    coalesce(sessions.participants_female, sessions.participants - sessions.participants_male) as participants_female,
    coalesce(sessions.participants_male, sessions.participants - sessions.participants_female) as participants_male,
    sessions.participants_youth,
    sessions.participants_minority,
    sessions.participants_disability
from staging.outreach as sessions
left join marts.dim_commune as communes on communes.commune_code = sessions.commune_code
where sessions.is_deleted is not true
