-- one row = one commune with a record or with the programme, or a district or province known only from feedback
-- Of feedback whose commune nobody could tell, the commune is empty, and the district too where only the province is known.
select distinct
    province_code,
    district_code,
    commune_code
from marts.agg_feedback
union
select
    left(commune_code, 2),
    left(commune_code, 4),
    commune_code
from (
    select commune_code from marts.agg_requests
    union
    select commune_code from marts.agg_usage where commune_code is not null
    union
    select commune_code from marts.agg_actions
    union
    select commune_code from marts.agg_cycles
    union
    select commune_code from marts.agg_scorecard_meetings where commune_code is not null
    union
    select commune_code from marts.agg_school_reports where commune_code is not null
    union
    select commune_code from marts.dim_coverage where start_date is not null
    union
    select commune_code from marts.agg_outreach_sessions
)
