"""Which criteria did citizens score low, was an action agreed on them, and how were they scored the next time?

One case is a criterion that a commune's citizens scored low in one cycle at one facility (marts.scored_criteria), told only where ten
people or more took part (metrics/scored_rows.py). It is recent while no more days have passed than a step of the cycle may take
(LONGEST_WAIT_DAYS): whether an action is agreed nobody can say yet.
"""

from __future__ import annotations

from metrics.definitions.actions import LONGEST_WAIT_DAYS
from metrics.lattice import ALL_SERVICES
from metrics.scored_rows import TOLD

CASES = f"""
with recursive goes_on as (
    select action_id as first_id, action_id from marts.dim_action
    union
    select goes_on.first_id, action.action_id
    from goes_on join marts.dim_action as action on action.carried_from = goes_on.action_id
),
finished as (
    select goes_on.first_id as action_id, bool_or(action.status = 'completed') as is_done, max(action.done_date) as done_date
    from goes_on join marts.dim_action as action using (action_id)
    group by 1
),
scored as (
    select *, row_number() over () as case_number
    from {TOLD}
),
answered as (  -- of several actions the first that was done, else the first that was agreed: one action's words and its own days
    select scored.case_number, columns('^action(_km)?$'), action.agreed_date, finished.is_done, finished.done_date
    from scored
    join marts.dim_action as action on
        action.cycle = scored.cycle
        and action.category = scored.category
        and case
            when action.facility_id is not null and scored.facility_id is not null then action.facility_id = scored.facility_id
            else action.commune_code = scored.commune_code and action.facility_type = scored.facility_type
        end
    join finished on finished.action_id = action.action_id
    qualify row_number() over (
        partition by scored.case_number order by finished.is_done desc, finished.done_date, action.agreed_date, action.action_id
    ) = 1
)
select
    scored.cycle, scored.province_code, scored.district_code, scored.commune_code, scored.facility_id, scored.facility_type,
    scored.category, scored.scored_date, scored.score_pct,
    coalesce(date_diff('day', scored.scored_date, period.data_to) <= $days, false) as is_recent,
    answered.case_number is not null as has_action,
    coalesce(answered.is_done, false) as is_done, columns('^action(_km)?$'),
    answered.agreed_date, answered.done_date, coalesce(answered.agreed_date, scored.scored_date) as since,
    later.score_pct as next_score_pct, later.is_low as is_low_again,
    criteria.measure, coalesce(criteria.aspect, '') as topic, coalesce(criteria.service_code, $all) as service_code
from scored
left join marts.dim_data_period as period on true
left join answered on answered.case_number = scored.case_number
left join marts.dim_category as criteria on criteria.category = scored.category
left join scored as later on
    later.cycle = scored.cycle + 1
    and later.category = scored.category
    and later.commune_code = scored.commune_code
    and later.facility_type = scored.facility_type
    and later.facility_id is not distinct from scored.facility_id
where scored.is_low and starts_with(scored.commune_code, $place)
order by scored.commune_code, scored.cycle, scored.facility_type, scored.category
"""


def asked(place: str = "") -> dict[str, object]:
    """The parameters of CASES, for the low scores of a place (a code or the beginning of one)."""
    return {"place": place, "all": ALL_SERVICES, "days": LONGEST_WAIT_DAYS}
