"""Which months of a trend are more than its usual ups and downs? The answer to a question, with the limits of a process chart.

The limits are frozen on the months before the programme came to the place, 24 at most: above the commune, before it came to the first of
its communes. Where nobody knows of a start all months set them. They rest on what the answer shows, and a hidden month is a gap: so they
tell nothing that the shown figures do not, and whoever has the table can work them out again. What is judged and what is not follows
stats/process_chart.py; the verdicts of communes, decided on all months, are in metrics/verdicts.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import warehouse
from metrics import targets
from metrics.matched import FEWEST_REPORTED
from metrics.memory import remembered
from metrics.model import SMALLEST_BASE, Metric
from metrics.query import SHOWN, Result, ask, counts
from metrics.question import Filters, Query
from metrics.sql import MONTHS_OF, first_day, month_number
from stats import survival
from stats.monthly import SMALL_BASE, SMALL_COUNT
from stats.process_chart import PLAIN_BELOW, TRIAL_BELOW, Rule, rule_name, rules, xmr_limits
from stats.seasonal import SeasonalIndex, pooled_index
from stats.target import process
from stats.verdict import LONGEST_BEFORE

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SETS_LIMITS, USUAL, NOT_JUDGED = "sets_limits", "usual", "not_judged"  # what a month without a signal is
LIMIT_COLUMNS = ("signal", "centre", "lower_limit", "upper_limit", "adjusted", "completed_only")  # beside a measure, after its name
ADJUSTED_MEASURE = "visits_per_facility_month"
HALF_A_DAY = 0.5
_POOLED_OVER = ("commune", "district", None)  # the first of them whose shown months know every calendar month


class State(StrEnum):
    """Whether a trend has limits, and if not, why."""

    FIRM = "firm"
    TRIAL = "trial"  # 6 to 11 periods: limits to look at, nothing is judged by them
    FEW = "few"  # fewer than 6 periods
    SMALL = "small"  # too few records a month: they swing by chance
    FLAT = "flat"  # the baseline never moved


@dataclass(frozen=True)
class Trend(Query):
    """A question by period alone whose answer carries limits for its first measure.

    `is_adjusted`: visits freed of the time of year, where that is known. `has_completed_only`: beside a time also that of completed
    requests only, to show how it flatters.
    """

    is_adjusted: bool = False
    has_completed_only: bool = False

    @classmethod
    def of(cls, query: Query, *, is_adjusted: bool = False, has_completed_only: bool = False) -> Trend:
        """The same question, with limits."""
        return cls(query.metrics, query.by, query.period, query.where, query.since, is_adjusted, has_completed_only)

    @property
    def plain(self) -> Query:
        """The same question without limits."""
        return Query(self.metrics, self.by, self.period, self.where, self.since)


@dataclass(frozen=True)
class Usual:
    """What is usual, and what it rests on. Figures in the measure's unit, NaN where there are none; a limit beyond 0 or 100 % lies on it.

    `points`: periods that set the limits; `since` and `until`: the first and the last of them. `start`: the day the programme came to the
    first of `communes` covered communes of the place, None where no start is known. `provisional`: periods too young to judge.
    `target`: what the measure is held against here, and `reached`: how it is now (`stats.target.Reached`), None where that is not told.
    `is_unsteady`: half of the periods of the baseline or more stand out by the limits that they set, so something had changed before.
    """

    state: State
    centre: float
    lower: float
    upper: float
    points: int
    since: date | None
    until: date | None
    start: date | None
    communes: int = 0
    is_adjusted: bool = False
    provisional: tuple[date, ...] = ()
    is_unsteady: bool = False
    target: targets.Target | None = None
    reached: str | None = None

    @property
    def has_limits(self) -> bool:
        """Whether there is anything to draw."""
        return self.state in (State.FIRM, State.TRIAL)


@dataclass(frozen=True)
class TrendResult(Result):
    """An answer with limits. For the first measure m the table has besides: `m_centre`, `m_lower_limit`, `m_upper_limit` and `m_signal`
    (a rule with its direction such as 'shift_up', or one of 'usual', 'sets_limits', 'not_judged'); `m_adjusted` where it was asked for
    and is known; `m_completed_only` (days) where it was asked for.
    """

    usual: Usual = field(kw_only=True)

    @property
    def keys(self) -> list[str]:
        return ["period_start"]


@remembered
def answer(question: Trend, build_id: str | None = None) -> TrendResult:
    """The answer with its limits. The months chosen narrow what is shown, never what sets the limits. Raises Problem as `ask`."""
    asked = ask(question.plain, build_id)
    where = _place(question.where)
    whole = ask(Query(question.metrics, question.by, question.period, where), build_id).table
    metric, period = asked.metrics[0], question.period or "month"
    if whole.empty:
        nothing = Usual(State.FEW, np.nan, np.nan, np.nan, 0, None, None, None)
        return _with(nothing, question, asked, asked.table.assign(**{f"{metric.name}_signal": pd.Series(dtype="str")}))
    length = MONTHS_OF.get(period, 12)
    numbers = np.array([month_number(pd.Timestamp(day).date()) for day in whole["period_start"]], dtype=np.int64)
    data_to = asked.data_to or date.max
    values = _judgeable(whole, metric, numbers + length, data_to)
    seasonal = season(where, asked.build_id) if _is_adjusted(question, metric) else None
    factor = seasonal.index[0][numbers % 12] if seasonal is not None else np.ones(len(numbers))
    start, communes = start_of(where, asked.build_id)
    usual, signal = _judged(values / factor, whole, metric, numbers, length, start, data_to)
    target = targets.of(metric.name, where, asked.data_to, asked.build_id)
    reached = _reached(values, metric, numbers, usual, target) if target and period == "month" and usual.state != State.SMALL else None
    usual = replace(usual, communes=communes, is_adjusted=seasonal is not None, target=target, reached=reached)
    added = pd.DataFrame({"period_start": whole["period_start"], f"{metric.name}_signal": signal})
    for name in ("centre", "lower_limit", "upper_limit"):
        added[f"{metric.name}_{name}"] = getattr(usual, name.removesuffix("_limit")) if usual.has_limits else np.nan
    if seasonal is not None:
        added[f"{metric.name}_adjusted"] = whole[metric.name].to_numpy(dtype=float) / factor
    if question.has_completed_only and metric.is_time:
        added = added.merge(_completed_only(question.plain, metric, whole, asked.build_id), on="period_start", how="left")
    return _with(usual, question, asked, asked.table.merge(added, on="period_start", how="left"))


def _with(usual: Usual, question: Trend, asked: Result, table: pd.DataFrame) -> TrendResult:
    kept = {item.name: getattr(asked, item.name) for item in fields(Result) if item.name not in ("query", "table")}
    return TrendResult(query=question, table=table, **kept, usual=usual)


@remembered
def season(where: Filters, build_id: str | None = None) -> SeasonalIndex | None:
    """What each calendar month is of an average month of health-centre use, pooled over the communes of the province of a place.

    From shown months with 80 % of their reports; over districts where communes are too small, or for the whole programme, then over the
    province as a whole. Every year of a commune has a level of its own, so that growth or the programme does not pass for a season.
    None where not every calendar month was seen in two years.
    """
    code = where.commune or where.district or where.province
    area = Filters(province=code[:2] if code else None, service=where.service, facility_type=where.facility_type)
    for level in _POOLED_OVER:
        if level == "commune" and not code:
            continue  # over the whole programme the districts tell as much
        by = (level,) if level else ()
        found = ask(Query((ADJUSTED_MEASURE, "reporting_completeness_pct"), by, "month", area), build_id)
        months = np.array([month_number(pd.Timestamp(day).date()) for day in found.table["period_start"]], dtype=np.int64)
        if not len(months):
            return None
        values = _judgeable(found.table, found.metrics[0], months + 1, found.data_to or date.max)
        series = pd.factorize(found.table[f"{level}_code"])[0] if level else np.zeros(len(months), dtype=np.int64)
        table = np.full((int(series.max()) + 1, int(months.max() - months.min()) + 1), np.nan)
        table[series, months - months.min()] = values
        month = months.min() + np.arange(table.shape[1])
        years = np.unique(month // 12)
        by_year = np.where(month // 12 == years[:, None], table[:, None, :], np.nan).reshape(-1, len(month))
        index = pooled_index(by_year, month % 12 + 1)
        if index.is_known[0]:
            return index
    return None


@remembered
def can_adjust(query: Query, build_id: str | None = None) -> bool:
    """Whether a trend can be freed of the time of year: visits by month, with every calendar month seen in two years."""
    return query.period == "month" and query.metrics[0] == ADJUSTED_MEASURE and season(_place(query.where), build_id) is not None


@remembered
def start_of(where: Filters, build_id: str | None = None) -> tuple[date | None, int]:
    """The day on which the programme came to the first commune of a place, and to how many it has come; (None, 0) where none is known."""
    if where.covered == "no":
        return None, 0
    found = warehouse.read(
        "select min(start_date) as first, count(start_date) as communes from marts.dim_coverage where starts_with(commune_code, $place)",
        {"place": where.commune or where.district or where.province or ""},
        build_id,
    ).iloc[0]
    return (None, 0) if pd.isna(found["first"]) else (pd.Timestamp(found["first"]).date(), int(found["communes"]))


def _is_adjusted(question: Trend, metric: Metric) -> bool:
    return question.is_adjusted and question.period == "month" and metric.name == ADJUSTED_MEASURE


def _place(where: Filters) -> Filters:
    """The filters without the months chosen."""
    return where.but(month_from=None, month_to=None)


def _judgeable(table: pd.DataFrame, metric: Metric, ends: NDArray[np.int64], data_to: date) -> Floats:
    """The figures that may be judged: shown, of a period that is over, and fully reported."""
    is_over = np.array([first_day(int(end)) - timedelta(days=1) <= data_to for end in ends], dtype=bool)
    is_known = (table[f"{metric.name}_status"] == SHOWN).to_numpy() & is_over
    if "reporting_completeness_pct" in table:
        is_known &= ~(table["reporting_completeness_pct"].to_numpy(dtype=float) < 100 * FEWEST_REPORTED)
    return np.where(is_known, table[metric.name].to_numpy(dtype=float), np.nan)


def _is_small(table: pd.DataFrame, metric: Metric, values: Floats, length: int) -> bool:
    """Whether a month holds too few records on average for limits."""
    base = np.where(np.isfinite(values), table[f"{metric.name}_n"].to_numpy(dtype=float, na_value=np.nan), np.nan)
    is_rate = not (metric.is_share or metric.is_time) and metric.name == ADJUSTED_MEASURE
    records = base * values if is_rate else base  # a rate rests on facility-months: its visits count
    known = records[np.isfinite(records)]
    return not len(known) or float(known.mean()) / length < (SMALL_BASE if metric.is_share or metric.is_time else SMALL_COUNT)


def _judged(
    values: Floats, table: pd.DataFrame, metric: Metric, numbers: NDArray[np.int64], length: int, start: date | None, data_to: date
) -> tuple[Usual, list[str]]:
    """The limits of one series, without what it rests on in words, and what every period says."""
    if start is None:
        is_baseline = is_after = np.ones(len(values), dtype=bool)
    else:
        begun = month_number(start)
        is_baseline = (numbers + length <= begun) & (numbers >= begun - LONGEST_BEFORE)
        is_after = numbers >= begun + (start.day > 1)
    with np.errstate(invalid="ignore"):
        level = float(np.nanmedian(values[is_baseline])) if np.isfinite(values[is_baseline]).any() else np.nan
    followed = np.array([(data_to - first_day(int(number) + length)).days + 1 for number in numbers], dtype=float)
    is_young = metric.is_time & np.isfinite(values) & (followed < np.nan_to_num(level))  # only its fast requests are finished
    values = np.where(is_young, np.nan, values)
    limits = xmr_limits(values[None], 0, is_baseline[None])
    points = int((np.isfinite(values) & is_baseline).sum())
    state = (
        State.SMALL if _is_small(table, metric, values, length)
        else State.FEW if points < PLAIN_BELOW
        else State.FLAT if not np.isfinite(limits.upper[0, 0])
        else State.TRIAL if points < TRIAL_BELOW
        else State.FIRM
    )  # fmt: skip
    found = rules(_on_the_level(values, float(limits.mean[0, 0]))[None] if metric.is_time else values[None], limits)[0]
    is_judged = np.isfinite(values) & is_after & (state == State.FIRM)
    signal = [
        rule_name(int(code)) if judged and code else USUAL if judged else SETS_LIMITS if sets else NOT_JUDGED
        for code, judged, sets in zip(
            found, is_judged, np.isfinite(values) & is_baseline & (state in (State.FIRM, State.TRIAL)), strict=True
        )
    ]
    used = numbers[np.isfinite(values) & is_baseline]
    highest = 100.0 if metric.is_share else np.inf
    centre, lower, upper = (float(edge[0, 0]) if len(values) else np.nan for edge in (limits.mean, limits.lower, limits.upper))
    usual = Usual(
        state=state,
        centre=centre,
        lower=float(np.clip(lower, 0, highest)),
        upper=float(np.clip(upper, 0, highest)),
        points=points,
        since=first_day(int(used.min())) if len(used) else None,
        until=first_day(int(used.max())) if len(used) else None,
        start=start,
        provisional=tuple(first_day(int(number)) for number in numbers[is_young]),
        is_unsteady=state == State.FIRM and start is not None and 2 * int(((found != Rule.NONE) & is_baseline).sum()) >= points,
    )
    return usual, signal


def _reached(values: Floats, metric: Metric, numbers: NDArray[np.int64], usual: Usual, target: targets.Target) -> str | None:
    """How a target is reached by the shown months since the start, or by all where nobody knows of one; young months do not count."""
    begun = month_number(usual.start) + (usual.start.day > 1) if usual.start else 0
    is_young = np.isin(numbers, [month_number(day) for day in usual.provisional])
    columns = numbers - numbers.min()
    counts, by_month = np.zeros((2, int(columns.max()) + 1))
    by_month[columns] = values
    counts[columns] = np.isfinite(values) & (numbers >= begun) & ~is_young
    goal = targets.to_reach(metric, np.array([target.value]))
    return process(by_month[None], counts[None] > 0, 1 if metric.better == "higher" else -1, goal).reached[0]


def _on_the_level(days: Floats, centre: float) -> Floats:
    """Times are whole days: what lies within half a day of the usual level lies on it, else rounding alone would make runs."""
    return np.where(np.abs(days - centre) <= HALF_A_DAY, centre, days)


def _completed_only(query: Query, metric: Metric, whole: pd.DataFrame, build_id: str) -> pd.DataFrame:
    """The quantile of completed requests only, by period: what one gets who forgets those still open. Hidden where the true one is."""
    counted, keys, _, _ = counts(metric, query, build_id)
    counted = counted[(counted["completed"] > 0) & ~counted["is_hidden"]].sort_values([*keys, "days"])
    group, starts = pd.factorize(counted["period_start"], sort=True)
    completed = counted["completed"].to_numpy(dtype=float)
    nobody = np.zeros(len(completed))
    curves = survival.curve(group.astype(np.int64), counted["days"].to_numpy(dtype=float), completed, nobody, nobody)
    value, _, _ = survival.quantiles(curves, metric.kind.p)  # type: ignore[union-attr]
    base = np.bincount(group, weights=completed, minlength=curves.groups)
    shown = set(whole.loc[whole[f"{metric.name}_status"] == SHOWN, "period_start"].map(lambda day: pd.Timestamp(day).date()))
    days = [pd.Timestamp(start).date() for start in starts]
    is_told = (base >= SMALLEST_BASE) & np.array([day in shown for day in days], dtype=bool)
    return pd.DataFrame(
        {"period_start": pd.Series(days, dtype="object"), f"{metric.name}_completed_only": np.where(is_told, value, np.nan)}
    )
