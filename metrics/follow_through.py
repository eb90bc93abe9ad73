"""What became of what citizens scored low? How often an action was agreed, how often it was done, and what the service's own records say.

One case is a criterion that a commune's citizens scored low in one cycle at one facility (marts.scored_criteria), told only where ten
people or more took part (metrics/scored_rows.py). Low scores rise by themselves, because they are low partly by chance: so what was
followed by an action is compared with what was scored equally low and was not, in the same band of scores, kind of facility and
criterion. Even that proves no cause: what is agreed on may be what was easiest to mend.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from metrics import catalogue
from metrics.lattice import ALL_SERVICES
from metrics.memory import remembered
from metrics.query import types_counted
from metrics.scored_rows import TOLD
from metrics.verdicts import TABLE as VERDICTS
from stats.intervals import median_interval
from stats.matched_shares import MatchedShares, matched_difference
from stats.verdict import Word
from warehouse import has_table, read

BAND = 10  # percent of the scale; scores of one band count as equally low
NO_RECORD = "no_record"  # no record answers the criterion, or none was judged in this commune
_CASES = f"""
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
    scored.category, scored.scored_date, scored.score_pct, answered.case_number is not null as has_action,
    coalesce(answered.is_done, false) as is_done, columns('^action(_km)?$'),
    answered.agreed_date, answered.done_date,
    later.score_pct as next_score_pct, later.is_low as is_low_again,
    criteria.measure, coalesce(criteria.aspect, '') as topic, coalesce(criteria.service_code, $all) as service_code
from scored
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


@dataclass(frozen=True)
class Change:
    """The scores of the next cycle, of cases that have one: how many are no longer low, and the median change in percent of the scale."""

    cases: int
    risen: int
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class FollowThrough:
    """`cases`: one row a low-scored criterion, with `has_action`, `agreed_date`, `is_done`, `done_date`, `next_score_pct`, and
    `record`: the word of the verdict on the measure that answers it in its commune, or NO_RECORD. `matched` compares the shares no longer
    low in the next cycle.
    """

    cases: pd.DataFrame
    with_action: Change
    without_action: Change
    matched: MatchedShares

    @property
    def low(self) -> int:
        return len(self.cases)

    @property
    def agreed(self) -> int:
        return int(self.cases["has_action"].sum())

    @property
    def done(self) -> int:
        return int(self._done.sum())

    @property
    def answered(self) -> int:
        """Of those done, how many have a record that was judged: any word but "cannot tell yet"."""
        return int((self._done & ~self.cases["record"].isin([NO_RECORD, str(Word.CANNOT_TELL)])).sum())

    @property
    def improved(self) -> int:
        """Of those done, in how many the record improved since the programme came."""
        return int((self._done & (self.cases["record"] == str(Word.IMPROVEMENT))).sum())

    @property
    def _done(self) -> pd.Series:
        return self.cases["has_action"] & self.cases["is_done"]


@remembered
def follow_through(build_id: str, place: str = "") -> FollowThrough | None:
    """What became of the low scores of a place (a code or the beginning of one); None where the build has no scorecards or no plans."""
    if not (has_table("marts.scored_criteria", build_id) and has_table("marts.dim_action", build_id)):
        return None
    cases = read(_CASES, {"place": place, "all": ALL_SERVICES}, build_id)
    if cases.empty:
        return None
    cases = cases.assign(record=_records(cases, build_id))
    later = cases[cases["next_score_pct"].notna()]
    stratum = later["facility_type"].fillna("") + " " + later["category"] + " " + (later["score_pct"] // BAND).astype(str)
    return FollowThrough(
        cases=cases,
        with_action=_change(later[later["has_action"]]),
        without_action=_change(later[~later["has_action"]]),
        matched=matched_difference(_has_risen(later), later["has_action"], stratum.astype(str), later["commune_code"].astype(str)),
    )


def _has_risen(later: pd.DataFrame) -> pd.Series:
    """Whether the next score is no longer low, as marts.scored_criteria says."""
    return ~later["is_low_again"].astype(bool)


def _change(later: pd.DataFrame) -> Change:
    median, low, high = median_interval(later["next_score_pct"] - later["score_pct"])
    return Change(len(later), int(_has_risen(later).sum()), median, low, high)


def _records(cases: pd.DataFrame, build_id: str) -> pd.Series:
    """The word on the measure that answers a criterion, in the commune; NO_RECORD where the criterion or the kind of facility has none.

    Of a kind of facility the records are those of all services that its measure counts in the commune.
    """
    kinds = {name: _kinds_of(str(name), build_id) for name in cases["measure"].dropna().unique()}
    asked = zip(cases["measure"], cases["facility_type"], strict=True)
    has_record = np.array([kind in kinds.get(measure, ()) for measure, kind in asked], dtype=bool)
    if not has_table(VERDICTS, build_id):
        return pd.Series(NO_RECORD, index=cases.index)
    words = read(f"select metric as measure, topic, place_code as commune_code, service_code, word from {VERDICTS}", build_id=build_id)
    keys = ["measure", "topic", "commune_code", "service_code"]
    found = cases[keys].merge(words, on=keys, how="left")["word"].set_axis(cases.index)
    return found.where(has_record).fillna(NO_RECORD).astype("str")


def _kinds_of(measure: str, build_id: str) -> tuple[str, ...]:
    """The kinds of facility of which a measure tells anything in this build; none for a measure that does not exist (yet)."""
    return types_counted(catalogue()[measure].fact, build_id) if measure in catalogue() else ()
