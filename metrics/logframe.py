"""How far is each indicator of the results framework, at any date, against what was to be reached by then?

Every value is the answer of `metrics.query` to the indicator's own question, or what was entered for it; nothing is worked out elsewhere.
All values count whole calendar quarters: at a day, those that had ended by it and that the data of the measure reach. A year of which a
part has no data has no value.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

import warehouse
from metrics import catalogue, places, read_verdicts
from metrics.compare import before_after
from metrics.indicators import Indicator, Milestone, indicators
from metrics.memory import remembered
from metrics.model import Metric, Sum
from metrics.query import HIDDEN, NO_DATA, SHOWN, Filters, Query, ask, span
from metrics.question import check_fits
from metrics.read_verdicts import Verdict
from metrics.sql import first_day, last_day, month_number
from metrics.targets import to_reach
from warehouse import Problem

NOT_POSSIBLE = "not_possible"  # cannot be asked for such a place
REACHED, WITHIN, BEHIND, NOT_DUE, WHOLE_ONLY, UNTOLD = "reached", "within", "behind", "not_due", "whole_only", "untold"
PROGRESS = (REACHED, WITHIN, BEHIND, NOT_DUE, WHOLE_ONLY, UNTOLD)
VALUES = "marts.agg_indicator_values"
EVERYWHERE = Filters()  # the whole programme
WHOLE, TOTAL, DIRECT, INDIRECT = "KH", "total", "direct", "indirect"
_GROUPS_OF = {"sex": ("f", "m"), "youth": ("youth",), "minority": ("minority",), "disability": ("disability",)}


@dataclass(frozen=True)
class Value:
    """A value and what it rests on; NaN unless `status` is 'shown'. `low` to `high` is its 95 % interval where the measure has one.

    It counts from `first` (None: from the first record) to `last`, and is held against what was due on `reference_date`.
    """

    value: float
    status: str
    n: float = math.nan
    low: float = math.nan
    high: float = math.nan
    first: date | None = None
    last: date | None = None
    reference_date: date | None = None
    evidence: str = ""

    @property
    def is_known(self) -> bool:
        return self.status == SHOWN and not math.isnan(self.value)


@dataclass(frozen=True)
class Part:
    """The value of one part: `dimension` (sex, province, reach, or a measure's name), `code` (empty for a measure's own share)."""

    dimension: str
    code: str
    value: Value


@dataclass(frozen=True)
class IndicatorValue:
    """An indicator as at a day: baseline, the milestone due by then, the value, how it stands against it, and the verdict of its measure.

    `milestone` is what was due on the value's own reference date; None where nothing was. `progress` is one of PROGRESS.
    `has_targets`: false for a place's part of a count, whose targets are those of the whole programme (progress 'whole_only').
    """

    indicator: Indicator
    as_of: date
    baseline: Value
    current: Value
    milestone: Milestone | None
    progress: str
    has_targets: bool
    verdict: Verdict | None

    @property
    def way_pct(self) -> float:
        """How much of the way from the baseline to the target is gone, in percent; NaN where it cannot be told, or there is none to go."""
        way = self.indicator.target.value - self.baseline.value
        is_ahead = way * (-1 if self.indicator.better == "lower" else 1) > 0  # a place may have begun beyond the programme's target
        if not (self.has_targets and self.current.is_known and self.baseline.is_known and is_ahead):
            return math.nan
        return 100 * (self.current.value - self.baseline.value) / way


@remembered
def framework(build_id: str | None = None, as_of: date | None = None, where: Filters = EVERYWHERE) -> tuple[IndicatorValue, ...]:
    """Every indicator as at a day (the data date if none is given) for the whole programme or the place of a filter."""
    build = warehouse.build_or_current(build_id)
    day = as_of or newest_day(build.build_id)
    return tuple(_stands(each, day, where, build.build_id) for each in indicators(build.build_id))


def newest_day(build_id: str | None = None) -> date:
    """The newest day that anything can be told of: the data date."""
    build = warehouse.build_or_current(build_id)
    return build.data_to or build.built_at.date()


def known_to(metric: Metric, build_id: str | None = None) -> date:
    """The newest day that a measure can be told of: the last of the data of its fact, and no later than the data date."""
    return min(newest_day(build_id), _data_days(metric, build_id)[1])


def counted(values: tuple[IndicatorValue, ...]) -> dict[str, int]:
    """How many indicators stand how."""
    return {word: sum(each.progress == word for each in values) for word in PROGRESS}


def quarter_end(day: date) -> date:
    """The last day of the newest calendar quarter that had ended by a day."""
    after = day + timedelta(days=1)
    return date(after.year, 3 * ((after.month - 1) // 3) + 1, 1) - timedelta(days=1)


@remembered
def value_at(indicator: Indicator, as_of: date, where: Filters = EVERYWHERE, build_id: str | None = None) -> Value:
    """The value of an indicator as at a day, of the whole programme or the place of a filter."""
    if indicator.metric is None:
        return _entered(indicator, as_of, _place(where), build_id)
    found = _asked(indicator, indicator.metric, as_of, where, (), build_id)
    return found if isinstance(found, Value) else found[0][1]


@remembered
def parts_at(
    indicator: Indicator, as_of: date, where: Filters = EVERYWHERE, dimensions: tuple[str, ...] | None = None, build_id: str | None = None
) -> tuple[Part, ...]:
    """The values of an indicator's parts as at a day: those of its declared breakdowns, or of the `dimensions` named."""
    names = indicator.disaggregation if dimensions is None else dimensions
    if indicator.metric is None:
        return _entered_parts(indicator, as_of, _place(where), names, build_id)
    found: list[Part] = []
    for name in names:
        is_share = name in catalogue()  # another measure that tells the share of a group
        metric, by = (catalogue()[name], ()) if is_share else (indicator.metric, (name,))
        answer = _asked(indicator, metric, as_of, where, by, build_id)
        if isinstance(answer, Value):
            found += [Part(name, "", answer)] if not by else []
        else:
            found += [Part(name, code, value) for code, value in answer]
    return tuple(found)


def days_of(indicator: Indicator, as_of: date, ends_in: int | None = None, build_id: str | None = None) -> tuple[date, ...]:
    """The days for which a series is told: ends of quarters, or of years that end with the month `ends_in` (12 or 6), up to `as_of`.

    From the baseline or the first record on; of entered values the days on which there are any.
    """
    if indicator.metric is None:
        rows = _rows(indicator, build_id)
        return tuple(sorted({day for day in rows["value_date"] if day <= as_of})) if len(rows) else ()
    start = min(filter(None, (indicator.baseline_date, indicator.counted_from)), default=None) or _first_day(build_id)
    ends: list[date] = []
    day = quarter_end(min(as_of, known_to(indicator.metric, build_id)))
    while day >= start and len(ends) < 80:
        if ends_in is None or day.month == ends_in or (not ends and ends_in):
            ends.append(day)
        day = quarter_end(day - timedelta(days=1))
    return tuple(reversed(ends))


def series(
    indicator: Indicator, as_of: date, where: Filters = EVERYWHERE, ends_in: int | None = None, build_id: str | None = None
) -> tuple[tuple[date, Value], ...]:
    """The values of an indicator at the days of `days_of`."""
    return tuple((day, value_at(indicator, day, where, build_id)) for day in days_of(indicator, as_of, ends_in, build_id))


def due(indicator: Indicator, day: date | None, baseline: float = math.nan) -> Milestone | None:
    """What was to be reached by a day: the last milestone due, or on the straight line between two where the indicator says so."""
    if day is None:
        return None
    before = [each for each in indicator.targets if each.day <= day]
    after = [each for each in indicator.targets if each.day > day]
    if not indicator.is_interpolated or not after:
        return before[-1] if before else None
    if not before and (indicator.baseline_date is None or math.isnan(baseline) or indicator.baseline_date >= day):
        return None
    start = before[-1] if before else Milestone(indicator.baseline_date or day, baseline)
    share = (day - start.day).days / (after[0].day - start.day).days
    return Milestone(day, start.value + share * (after[0].value - start.value))


def stands(indicator: Indicator, current: Value, milestone: Milestone | None) -> str:
    """How a value stands against what was due: one of PROGRESS. Whole days reach what they round to, as targets of times do."""
    if current.status == NO_DATA or not current.is_known:
        return UNTOLD
    if milestone is None:
        return NOT_DUE
    sign = -1 if indicator.better == "lower" else 1
    goal = float(to_reach(indicator.metric, np.asarray(milestone.value))) if indicator.metric else milestone.value
    if sign * current.value >= sign * goal:
        return REACHED
    best = current.high if sign > 0 else current.low
    return WITHIN if not math.isnan(best) and sign * best >= sign * goal else BEHIND


def _stands(indicator: Indicator, as_of: date, where: Filters, build_id: str) -> IndicatorValue:
    baseline = baseline_of(indicator, where, build_id)
    current = value_at(indicator, as_of, where, build_id)
    has_targets = not (_place(where) != WHOLE and indicator.is_count)
    milestone = due(indicator, current.reference_date, baseline.value) if has_targets else None
    return IndicatorValue(
        indicator=indicator,
        as_of=as_of,
        baseline=baseline,
        current=current,
        milestone=milestone,
        progress=stands(indicator, current, milestone) if has_targets or not current.is_known else WHOLE_ONLY,
        has_targets=has_targets,
        verdict=_verdict(indicator, where, build_id),
    )


def baseline_of(indicator: Indicator, where: Filters = EVERYWHERE, build_id: str | None = None) -> Value:
    """The value to start from: as it was given, for the whole programme only, else the measure's own at the baseline date."""
    day = indicator.baseline_date
    if day is None:
        return Value(math.nan, NO_DATA)
    if indicator.given_baseline is None:
        return value_at(indicator, day, where, build_id)
    if _place(where) != WHOLE:
        return Value(math.nan, NOT_POSSIBLE, reference_date=day)
    return Value(indicator.given_baseline, SHOWN, reference_date=day)


def _verdict(indicator: Indicator, where: Filters, build_id: str) -> Verdict | None:
    """What is said of the measure's before and after, as on its own page; None where it cannot be compared."""
    metric = indicator.metric
    if metric is None or metric.fact.begins_with_programme or metric.fact.is_stock or isinstance(metric.kind, Sum):
        return None
    try:
        return read_verdicts.judged(before_after(metric.name, _with_place(indicator, where), build_id))[1]
    except Problem:
        return None


def _asked(
    indicator: Indicator, metric: Metric, as_of: date, where: Filters, by: tuple[str, ...], build_id: str | None
) -> Value | list[tuple[str, Value]]:
    """The answer of `metrics.query`: (code, value) of each part, with an empty code without a breakdown; a Value where there is none."""
    day = min(as_of, known_to(metric, build_id))
    first, last = span_at(indicator, day)
    nothing = Value(math.nan, NO_DATA, first=first, last=last, reference_date=quarter_end(day))
    if first and first > last:  # nothing was counted yet
        return nothing
    if indicator.span == "year" and first and first < _data_days(metric, build_id)[0]:  # a part of the year has no data
        return nothing
    query = question(indicator, day, where, metric.name, by)
    try:
        check_fits(metric, query)
    except Problem:
        return replace(nothing, status=NOT_POSSIBLE)
    try:
        result = ask(query, build_id)
    except Problem:  # no whole quarter of the span has data
        return nothing
    key = result.keys[0] if by else None
    rows = result.table.to_dict("records")
    return [("" if key is None else str(row[key]), _value(row, metric, nothing)) for row in rows] or nothing


def span_at(indicator: Indicator, as_of: date) -> tuple[date | None, date]:
    """The first day (None: the first record's) and the last that an indicator's value at a day counts."""
    last = last_day(month_number(quarter_end(as_of)) - indicator.lag_months)
    if indicator.span == "year":
        return first_day(month_number(last) - 11), last
    return indicator.counted_from if indicator.span == "total" else None, last


def counts_from(indicator: Indicator, day: date) -> date | None:
    """The first day that a value at a day counts, whether or not it has come; None for a state and for all since the first record."""
    if indicator.span == "year":
        last = last_day(month_number(quarter_end(day)) - indicator.lag_months) if indicator.metric else day
        return first_day(month_number(last) - 11)
    if indicator.span == "total" or indicator.is_count:
        return indicator.counted_from or (indicator.baseline_date + timedelta(days=1) if indicator.baseline_date else None)
    return None


def question(indicator: Indicator, as_of: date, where: Filters = EVERYWHERE, measure: str = "", by: tuple[str, ...] = ()) -> Query:
    """The question whose answer is the indicator's value as at a day. Raises ValueError for an indicator without a measure."""
    name = measure or indicator.measure
    if name is None:
        raise ValueError(f"{indicator.code} has no measure; its values are entered.")
    first, last = span_at(indicator, as_of)
    months = {"month_from": f"{first:%Y-%m}" if first else None, "month_to": f"{last:%Y-%m}"}
    return Query((name,), by, where=_with_place(indicator, where).but(**months))


def _data_days(metric: Metric, build_id: str | None) -> tuple[date, date]:
    """The first and the last day of the months for which a measure's fact has data; where it has none, as the build's data."""
    data = span(metric.fact, build_id)
    if data is None:
        return _first_day(build_id), newest_day(build_id)
    return first_day(data.first), last_day(data.last)


def _value(row: Mapping[Hashable, Any], metric: Metric, asked: Value) -> Value:
    low, high = (float(row.get(f"{metric.name}_{name}", math.nan)) for name in ("low", "high"))
    return replace(
        asked, value=float(row[metric.name]), status=str(row[f"{metric.name}_status"]), n=float(row[f"{metric.name}_n"]), low=low, high=high
    )


def _with_place(indicator: Indicator, where: Filters) -> Filters:
    """The indicator's own conditions in the place of a filter."""
    level = where.finest_place
    return indicator.where.but(**{level: getattr(where, level)}) if level else indicator.where


def _place(where: Filters) -> str:
    return where.place or WHOLE


# --- entered values ------------------------------------------------------------------------------------------------------------------


def _rows(indicator: Indicator, build_id: str | None) -> Any:
    """All entered values of an indicator, oldest first; days as dates."""
    if not warehouse.has_table(VALUES, build_id):
        return warehouse.read("select 1 as value_date where false", build_id=build_id)
    found = warehouse.read(
        f"select * from {VALUES} where indicator_code = $code order by value_date, place_code, group_code, reach",
        {"code": indicator.code},
        build_id,
    )
    return found.assign(value_date=[each.date() for each in found["value_date"]])


def _entered(indicator: Indicator, as_of: date, place: str, build_id: str | None, group: str = TOTAL, reach: str = DIRECT) -> Value:
    """The newest value entered up to a day, or the sum of those of the span."""
    rows = _rows(indicator, build_id)
    if rows.empty:
        return Value(math.nan, NO_DATA)
    mine = rows[(rows["place_code"] == place) & (rows["group_code"] == group) & (rows["reach"] == reach) & (rows["value_date"] <= as_of)]
    if indicator.span == "year":
        mine = mine[[day > last_day(month_number(as_of) - 12) for day in mine["value_date"]]]
    elif indicator.span == "total" and indicator.counted_from:
        mine = mine[[day >= indicator.counted_from for day in mine["value_date"]]]
    if mine.empty:
        return Value(math.nan, NO_DATA)
    mine = mine.tail(1) if indicator.span == "latest" else mine
    last = mine.iloc[-1]
    day = last["value_date"]
    if mine["is_hidden"].any():
        return Value(math.nan, HIDDEN, reference_date=day, last=day)
    people = float(mine["people"].sum()) if mine["people"].notna().all() else math.nan
    evidence = "; ".join(dict.fromkeys(str(each) for each in mine["evidence"]))
    return Value(float(mine["value"].sum()), SHOWN, people, reference_date=day, last=day, evidence=evidence)


def _entered_parts(indicator: Indicator, as_of: date, place: str, names: tuple[str, ...], build_id: str | None) -> tuple[Part, ...]:
    rows = _rows(indicator, build_id)
    found: list[Part] = []
    for name in names if len(rows) else ():
        if name in places.CODE_LENGTH:
            inside = "" if place == WHOLE else place
            codes = sorted({c for c in rows["place_code"] if c != WHOLE and len(c) == places.CODE_LENGTH[name] and c.startswith(inside)})
            found += [Part(name, code, _entered(indicator, as_of, code, build_id)) for code in codes]
        elif name == "reach":
            found += [Part(name, reach, _entered(indicator, as_of, place, build_id, reach=reach)) for reach in (DIRECT, INDIRECT)]
            found += [
                Part("reach_sex", f"{INDIRECT}_{sex}", _entered(indicator, as_of, place, build_id, sex, INDIRECT))
                for sex in _GROUPS_OF["sex"]
            ]
        else:
            found += [Part(name, group, _entered(indicator, as_of, place, build_id, group)) for group in _GROUPS_OF[name]]
    return tuple(part for part in found if part.value.status != NO_DATA)


# --- days ----------------------------------------------------------------------------------------------------------------------------


@remembered
def _first_day(build_id: str | None = None) -> date:
    found = warehouse.read("select data_from from marts.dim_data_period", build_id=build_id)["data_from"].iloc[0]
    return found.date() if found == found and found is not None else newest_day(warehouse.build_or_current(build_id).build_id)


