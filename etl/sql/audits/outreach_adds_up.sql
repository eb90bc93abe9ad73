-- parts of the participants are more than all of them, or more planned sessions were held than planned
select commune_code, session_topic, month, participants as total, 'participants' as fault
from marts.agg_outreach
where
    participants is null
    or participants_female + participants_male > participants
    or participants_youth > youth_known
    or participants_minority > minority_known
    or participants_disability > disability_known
    or greatest(youth_known, minority_known, disability_known) > participants
union all
select commune_code, session_topic, month, planned as total, 'sessions' as fault
from marts.agg_outreach_sessions
where planned_held + planned_cancelled > planned
union all
select province_code as commune_code, assessment_question as session_topic, month, facilitators as total, 'score outside its scale' as fault
from marts.agg_facilitator_assessments
where score_pct is null or score_pct < 0 or score_pct > 100
