"""What was done in one commune, on which day, and how was it scored? Everything of the accountability cycle that its timeline shows.

Nothing here is about single persons: sessions and actions are the programme's and the offices' own, scores by citizens are told only where
ten people or more took part (metrics/scored_rows.py), scores of providers only where the register declares them public.
"""

from __future__ import annotations

import pandas as pd

from metrics.memory import remembered
from metrics.scored_rows import TOLD
from warehouse import has_table, read

DONE = ("informed", "trained", "agreed", "done")  # kinds of steps, in the order of a cycle
SCORED = ("citizen", "provider")
_TABLES = ("marts.agg_outreach_sessions", "marts.scored_criteria", "marts.agg_scorecards_provider", "marts.dim_action")
_STEPS = f"""
with steps as (
    select 'informed' as kind, month + interval 14 day as day, sum(held) as value
    from marts.agg_outreach_sessions where commune_code = $commune and held > 0 group by month
    union all by name
    select 'trained' as kind, event_date as day
    from marts.dim_event where commune_code = $commune and event_type = 'training'
    union all by name
    select 'agreed' as kind, agreed_date as day, facility_type, category, columns('^action(_km)?$')
    from marts.dim_action where commune_code = $commune
    union all by name
    select 'done' as kind, done_date as day, facility_type, category, columns('^action(_km)?$')
    from marts.dim_action where commune_code = $commune and status = 'completed'
    union all by name
    select 'citizen' as kind, scored_date as day, facility_type, category, score_pct as value
    from {TOLD} where commune_code = $commune
    union all by name
    select 'provider' as kind, month + interval 14 day as day, facility_type, category,
        (10 * fifth_1 + 30 * fifth_2 + 50 * fifth_3 + 70 * fifth_4 + 90 * fifth_5) / meetings as value
    from marts.agg_scorecards_provider where commune_code = $commune
)
select * replace (day::date as day)
from steps
where day is not null and ($facility_type is null or facility_type is null or facility_type = $facility_type)
order by day, kind, facility_type, category
"""


@remembered
def steps(build_id: str, commune: str, facility_type: str | None = None) -> pd.DataFrame:
    """One row a step: `kind` (of DONE or SCORED), `day`, `facility_type`, `category`, `value`, `action` and `action_km`
    (its public words).

    `value` is sessions held in the month for 'informed', percent of the scale for scores (of providers the middle of the fifth).
    `facility_type` leaves out what is about other kinds of facility. Empty where the build holds nothing of the cycle.
    """
    if not all(has_table(name, build_id) for name in _TABLES):
        return pd.DataFrame(columns=["kind", "day", "facility_type", "category", "value", "action"])
    return read(_STEPS, {"commune": commune, "facility_type": facility_type}, build_id)
