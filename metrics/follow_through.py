"""What became of what citizens scored low? How often an action was agreed, how often it was done, and what the service's own records say.

The cases are those of metrics/low_scores.py, recent ones apart; what the records say since, metrics/since.py decided in the build. Low
scores rise by themselves, because they are low partly by chance: so what was followed by an action is compared with what was scored
equally low and was not, in the same band of scores, kind of facility and criterion. Even that proves no cause: what is agreed on may be
what was easiest to mend.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from metrics import catalogue, low_scores, since
from metrics.memory import remembered
from metrics.query import types_counted
from stats.intervals import median_interval
from stats.matched_shares import MatchedShares, matched_difference
from stats.verdict import Word
from warehouse import has_table, read

BAND = 10  # percent of the scale; scores of one band count as equally low
NO_RECORD = "no_record"  # no record answers the criterion, or none was judged in this commune


@dataclass(frozen=True)
class Change:
    """The scores of the next cycle, of cases that have one: how many are no longer low, and the median change in percent of the scale."""

    cases: int
    risen: int
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """Of cases whose record was judged (any word but "cannot tell yet"): in how many it improved."""

    cases: int
    improved: int


@dataclass(frozen=True)
class FollowThrough:
    """`cases`: one row a low-scored criterion, with `is_recent`, `has_action`, `agreed_date`, `is_done`, `done_date`, `next_score_pct`;
    `record`: the word of the verdict on the measure that answers it, since the day the action was agreed (without one: since the low
    score), or NO_RECORD, with the figures of that verdict (metrics/since.FIGURES); `is_own_record`: the measure counts this kind of
    facility only, else all offices of the commune together. Recent cases are counted nowhere but in `recent` and `recent_agreed`.
    `matched` compares the shares no longer low in the next cycle, `matched_records` the shares improved of the records that were judged.
    """

    cases: pd.DataFrame
    with_action: Change
    without_action: Change
    matched: MatchedShares
    judged_with: Judged
    judged_without: Judged
    matched_records: MatchedShares

    @property
    def low(self) -> int:
        return int((~self.cases["is_recent"]).sum())

    @property
    def recent(self) -> int:
        """Scored low so lately that nobody can say yet whether an action is agreed."""
        return len(self.cases) - self.low

    @property
    def recent_agreed(self) -> int:
        """Of the recent ones, how many have an action already."""
        return int((self.cases["is_recent"] & self.cases["has_action"]).sum())

    @property
    def agreed(self) -> int:
        return int(self._agreed.sum())

    @property
    def done(self) -> int:
        return int(self._done.sum())

    @property
    def answered(self) -> int:
        """Of those done, how many have a record that was judged."""
        return int((self._done & _is_judged(self.cases)).sum())

    @property
    def improved(self) -> int:
        """Of those done, in how many the record improved since the action was agreed."""
        return int((self._done & _has_improved(self.cases)).sum())

    @property
    def _agreed(self) -> pd.Series:
        return self.cases["has_action"] & ~self.cases["is_recent"]

    @property
    def _done(self) -> pd.Series:
        return self._agreed & self.cases["is_done"]


@remembered
def follow_through(build_id: str, place: str = "") -> FollowThrough | None:
    """What became of the low scores of a place (a code or the beginning of one); None where the build has no scorecards or no plans."""
    if not (has_table("marts.scored_criteria", build_id) and has_table("marts.dim_action", build_id)):
        return None
    cases = read(low_scores.CASES, low_scores.asked(place), build_id)
    if cases.empty:
        return None
    cases = _with_records(cases, build_id)
    settled = cases[~cases["is_recent"]]
    later, told = settled[settled["next_score_pct"].notna()], settled[_is_judged(settled)]
    return FollowThrough(
        cases=cases,
        with_action=_change(later[later["has_action"]]),
        without_action=_change(later[~later["has_action"]]),
        matched=_matched(later, _has_risen(later)),
        judged_with=_judged(told[told["has_action"]]),
        judged_without=_judged(told[~told["has_action"]]),
        matched_records=_matched(told, _has_improved(told)),
    )


def _matched(cases: pd.DataFrame, outcome: pd.Series) -> MatchedShares:
    """How often the outcome came with and without an action, among equally low scores of the same kind of facility and criterion."""
    stratum = cases["facility_type"].fillna("") + " " + cases["category"] + " " + (cases["score_pct"] // BAND).astype(str)
    return matched_difference(outcome, cases["has_action"], stratum.astype(str), cases["commune_code"].astype(str))


def _has_risen(later: pd.DataFrame) -> pd.Series:
    """Whether the next score is no longer low, as marts.scored_criteria says."""
    return ~later["is_low_again"].astype(bool)


def _is_judged(cases: pd.DataFrame) -> pd.Series:
    return ~cases["record"].isin([NO_RECORD, str(Word.CANNOT_TELL)])


def _has_improved(cases: pd.DataFrame) -> pd.Series:
    return cases["record"] == str(Word.IMPROVEMENT)


def _change(later: pd.DataFrame) -> Change:
    median, low, high = median_interval(later["next_score_pct"] - later["score_pct"])
    return Change(len(later), int(_has_risen(later).sum()), median, low, high)


def _judged(told: pd.DataFrame) -> Judged:
    return Judged(len(told), int(_has_improved(told).sum()))


def _with_records(cases: pd.DataFrame, build_id: str) -> pd.DataFrame:
    """The cases with the verdict since their day; NO_RECORD where the criterion or the kind of facility has none."""
    kinds = {name: _kinds_of(str(name), build_id) for name in cases["measure"].dropna().unique()}
    asked = list(zip(cases["measure"], cases["facility_type"], strict=True))
    has_record = np.array([kind in kinds.get(measure, ()) for measure, kind in asked], dtype=bool)
    is_own = np.array([kinds.get(measure) == (kind,) for measure, kind in asked], dtype=bool)
    names = ", ".join((*since.KEYS, *since.FIGURES))
    found = read(f"select {names} from {since.TABLE}", build_id=build_id) if has_table(since.TABLE, build_id) else _nothing_judged()
    keyed = cases.assign(metric=cases["measure"].where(has_record), since=pd.to_datetime(cases["since"]))  # without a measure none is found
    found = found.assign(since=pd.to_datetime(found["since"]))
    told = keyed[list(since.KEYS)].merge(found, on=list(since.KEYS), how="left").set_index(cases.index).drop(columns=list(since.KEYS))
    record = told.pop("word").fillna(NO_RECORD).astype("str")
    return cases.assign(record=record, is_own_record=is_own, **told)


def _nothing_judged() -> pd.DataFrame:
    """What a build from before records were judged since an action has."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in (*since.KEYS, *since.FIGURES)})


def _kinds_of(measure: str, build_id: str) -> tuple[str, ...]:
    """The kinds of facility of which a measure tells anything in this build; none for a measure that does not exist (yet)."""
    return types_counted(catalogue()[measure].fact, build_id) if measure in catalogue() else ()
