"""What are the monthly figures of every covered commune, and which of them may be told? From the marts to arrays for stats/verdict.py.

Runs inside the build, on unhidden counts: limits and signals rest on every month, levels and intervals only on months that lie in a
published cell, so that what is told adds up from what is shown. Limits are told, and a target is judged, only of months that are shown by
themselves: limits would give away a month among them that is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.lattice import ALL_SERVICES, MONTHS, PERIODS
from metrics.model import SMALLEST_BASE, SMALLEST_BASE_FOR_ALL_OR_NONE, Metric
from stats import monthly
from stats.verdict import LONGEST_BEFORE, Series, Verdicts, judge

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

COVERED = "(select commune_code as place, commune_code, start_date from marts.dim_coverage where start_date is not null)"
MATTERS_POINTS, MATTERS_OF_LEVEL, MATTERS_DAYS = 10.0, 0.25, 1.0  # as docs/verdicts.md


def matters(before: Floats, is_share: bool | Bools, is_time: bool | Bools) -> Floats:
    """The size of a change that matters: ten points of a share, a quarter of the level before of anything else, of days one at least."""
    of_level = MATTERS_OF_LEVEL * np.asarray(before, dtype=float)
    return np.where(is_share, MATTERS_POINTS, np.where(is_time, np.maximum(of_level, MATTERS_DAYS), of_level))


@dataclass(frozen=True)
class Judged:
    """One measure judged: its key columns, one row a series, and the verdicts in the same order. `first_month` (year * 12 + month - 1)
    is that of column 0, a column has `column_months`. `has_told_limits` (series,): all months the limits rest on are shown.
    `as_they_were` (series, columns): the figures before they were freed of the time of year; `is_since` (series, columns): the months
    since the start that are shown by themselves, by which a target is judged; none where months are too small for limits."""

    keys: pd.DataFrame
    verdicts: Verdicts
    first_month: int
    column_months: int
    has_told_limits: Bools
    as_they_were: Floats
    is_since: Bools


@dataclass(frozen=True)
class Frame:
    """The complete months of a build and its covered communes: `communes` has commune_code, province_code, start (month number),
    is_first_day. `hidden`: the cells of communes that the build hid (fact, commune_code, service_code, topic, period, month number).
    `goes_on`: records reach into the month after the last complete one.

    `places`: the SQL of what is judged from which day on: place, commune_code, start_date. What is called commune_code here and in the
    keys of series is its `place`: the commune itself, or one commune once for each day that something is followed from. `asked`: which
    series to judge (commune_code, service_code, topic); None for all. `is_public`: limits and signals too rest on told months only,
    as if there were no others.
    """

    first: int
    months: int
    communes: pd.DataFrame
    hidden: pd.DataFrame
    goes_on: bool = False
    places: str = COVERED
    asked: pd.DataFrame | None = None
    is_public: bool = False

    def only_asked(self, keys: pd.DataFrame) -> pd.DataFrame:
        """Those of the series that are asked for, in their order."""
        return keys if self.asked is None else keys.merge(self.asked, on=["commune_code", "service_code", "topic"])

    def column(self, months: pd.Series, length: int) -> Ints:
        """The column of each month number; columns are calendar quarters where length is 3."""
        return np.asarray((months.to_numpy(dtype=np.int64) - self.origin(length)) // length)

    def origin(self, length: int) -> int:
        """The first month of column 0."""
        return self.first - self.first % length

    def columns(self, length: int) -> int:
        """How many whole columns there are; a quarter that is not over is none."""
        return (self.first + self.months - self.origin(length)) // length

    def sides(self, keys: pd.DataFrame, length: int) -> tuple[Ints, Ints]:
        """`until` and `start` of each series: the column in which the programme came is on neither side, if it came after its first day."""
        known = keys[["commune_code"]].merge(self.communes, on="commune_code", how="left")
        begun = known["start"].to_numpy(dtype=np.int64)
        is_first_day = known["is_first_day"].to_numpy(dtype=bool) & ((begun - self.origin(length)) % length == 0)
        until = (begun - self.origin(length)) // length
        return until, np.where(is_first_day, until, until + 1)

    def before_and_after(self, keys: pd.DataFrame, length: int) -> tuple[Bools, Bools]:
        """Which columns of each series are before the start and which wholly after it (series, columns)."""
        (until, start), at = self.sides(keys, length), np.arange(self.columns(length))
        return at < until[:, None], at >= start[:, None]

    def is_judged_before(self, keys: pd.DataFrame, length: int) -> Bools:
        """Which columns of each series set its level before and its limits (series, columns): not what was longest ago."""
        ago = (self.sides(keys, length)[0][:, None] - np.arange(self.columns(length))) * length
        return (ago > 0) & (ago <= LONGEST_BEFORE)

    def calendar(self, length: int) -> Ints:
        """The calendar month (1 to 12) of each column, of a quarter the first."""
        return np.asarray((self.origin(length) + np.arange(self.columns(length)) * length) % 12 + 1)

    def groups(self, keys: pd.DataFrame) -> Ints:
        """Which series share a time of year: those of a service in a province."""
        province = keys[["commune_code"]].merge(self.communes, on="commune_code", how="left")["province_code"]
        return np.asarray(pd.factorize(province + keys["service_code"] + keys["topic"], sort=True)[0], dtype=np.int64)


def frame_of(connection: duckdb.DuckDBPyConnection, places: str = COVERED) -> Frame | None:
    """The months from the first to the last complete one, and what is judged; None without a record or with nothing to judge."""
    found = connection.execute(
        "select data_from, first_incomplete_month, data_to >= first_incomplete_month from marts.dim_data_period"
    ).fetchall()
    communes = connection.execute(
        "select place as commune_code, left(commune_code, 2) as province_code, year(start_date) * 12 + month(start_date) - 1 as start, "
        f"day(start_date) = 1 as is_first_day from {places} order by place"
    ).df()
    if not found or found[0][0] is None or communes.empty:
        return None
    first, end = (_month(day) for day in found[0][:2])
    return Frame(first, end - first, communes, hidden_of(connection, places), bool(found[0][2]), places) if end > first else None


def hidden_of(connection: duckdb.DuckDBPyConnection, places: str = COVERED) -> pd.DataFrame:
    """The cells of what is judged that the build hid, without attributes of persons."""
    return connection.execute(
        "select fact, place as commune_code, service_code, topic, period, year(period_start) * 12 + month(period_start) - 1 as month "
        f"from privacy.hidden_cells join {places} as judged on judged.commune_code = place_code "
        "where place_level = 'commune' and attribute = ''"
    ).df()


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def told(frame: Frame, keys: pd.DataFrame, hidden_as: tuple[str, ...], length: int, figures: monthly.Figures) -> Bools:
    """Which columns of each series (commune_code, service_code, topic) add up from shown cells, those of each side of the start alone.

    Of a quarter or year only some months may count: the others are longer ago than what is judged, too young, not reported, or on the other
    side. It tells them only where the others are known from shown cells as well, else what is left of it, which may be a hidden month,
    could be worked out. Columns without a record do no harm.
    """
    columns = frame.columns(length)
    _, start = frame.sides(keys, length)
    at = np.arange(columns)
    side = np.where(frame.is_judged_before(keys, length), 1, np.where(at >= start[:, None], 2, 0))
    side = np.where(np.isfinite(figures.values) & (figures.weights > 0), side, 0)
    is_empty = np.nan_to_num(figures.records) == 0
    end = frame.origin(length) + columns * length
    goes_on = frame.goes_on or end < frame.first + frame.months
    series = pd.Series(np.arange(len(keys)), index=pd.MultiIndex.from_frame(keys[["commune_code", "service_code", "topic"]]))
    of_fact = frame.hidden[frame.hidden["fact"].isin(hidden_as)]
    place = series.reindex(pd.MultiIndex.from_frame(of_fact[["commune_code", "service_code", "topic"]])).to_numpy()
    hidden = of_fact.assign(series=place).dropna(subset=["series"])
    is_told = np.zeros(side.shape, dtype=bool)
    for period in PERIODS:
        if MONTHS[period] < length:
            continue
        block = (frame.origin(length) + at * length) // MONTHS[period]
        block -= block[0]
        mine = hidden[hidden["period"] == period]
        is_hidden = np.zeros((len(keys), int(block[-1]) + 1), dtype=bool)
        where = mine["month"].to_numpy(dtype=np.int64) // MONTHS[period] - frame.origin(length) // MONTHS[period]
        inside = (where >= 0) & (where <= block[-1])
        is_hidden[mine["series"].to_numpy(dtype=np.int64)[inside], where[inside]] = True
        if goes_on and end % MONTHS[period]:
            is_hidden[:, -1] = True
        rows = np.arange(len(keys))[:, None]
        found = np.zeros(side.shape, dtype=bool)
        for each in (0, 1, 2):
            is_open = is_hidden.copy()
            np.logical_or.at(is_open, (rows, block), (side != each) & ~is_empty & ~is_told)
            found |= (side == each) & ~is_open[rows, block]
        is_told |= found
    return is_told


def shown(
    frame: Frame, keys: pd.DataFrame, hidden_as: tuple[str, ...], length: int, figures: monthly.Figures, is_share: bool
) -> Bools:
    """Which columns of each series are shown by themselves (series, columns): their own cell is not hidden, and rests on enough records.

    As metrics/query.py shows them. A column that is told within a longer period only would be given away by limits that rest on it.
    """
    series = pd.Series(np.arange(len(keys)), index=pd.MultiIndex.from_frame(keys[["commune_code", "service_code", "topic"]]))
    hidden = frame.hidden[frame.hidden["fact"].isin(hidden_as) & (frame.hidden["period"].map(MONTHS) == length)]
    row = series.reindex(pd.MultiIndex.from_frame(hidden[["commune_code", "service_code", "topic"]])).to_numpy()
    column = frame.column(hidden["month"], length)
    inside = ~np.isnan(row) & (column >= 0) & (column < frame.columns(length))
    values = figures.values if figures.as_they_were is None else figures.as_they_were
    all_or_none = is_share & ((values <= 0) | (values >= 100))
    is_shown = figures.records >= np.where(all_or_none, SMALLEST_BASE_FOR_ALL_OR_NONE, SMALLEST_BASE)
    is_shown[row[inside].astype(np.int64), column[inside]] = False
    return np.asarray(is_shown, dtype=bool)


def leaves_few(frame: Frame, keys: pd.DataFrame, length: int, figures: monthly.Figures, is_told: Bools) -> Bools:
    """Whether what a place has besides what counts is so little on a side that it would tell about persons (series,)."""
    if figures.rest is None:
        return np.zeros(len(keys), dtype=bool)
    counts = is_told & np.isfinite(figures.values)
    sides = (frame.is_judged_before(keys, length), frame.before_and_after(keys, length)[1])
    left_over = np.stack([np.where(counts & side, figures.rest, 0.0).sum(axis=1) for side in sides])
    return np.asarray(((left_over > 0) & (left_over < monthly.SMALL_BASE)).any(axis=0))


Levels = Callable[[Bools], tuple[Floats, Floats]]
Make = Callable[[pd.DataFrame, int, Bools | None], tuple[monthly.Figures, Levels | None]]


def judged(
    frame: Frame, keys: pd.DataFrame, metric: Metric, better: int, make: Make, finest: int = 1, may_have_gaps: bool = False
) -> list[Judged]:
    """Judge by month, and the places too small for months by quarter.

    `make` gives the figures of some series by column length, from all columns or only some (series, columns), and, where these are not
    the mean of the columns, how the levels come from the columns that are told.
    """
    found = []
    left = frame.only_asked(keys)
    for length in (1, 3):
        if length < finest or left.empty:
            continue
        figures, levels_of = make(left, length, None)
        is_told = told(frame, left, metric.hidden_as, length, figures)
        is_told &= ~leaves_few(frame, left, length, figures, is_told)[:, None]
        if frame.is_public:
            figures, levels_of = make(left, length, is_told)
        levels = levels_of(is_told & np.isfinite(figures.values)) if levels_of else None
        until, start = frame.sides(left, length)
        small = figures.is_small if length == 1 else np.ones(len(left), dtype=bool)
        series = Series(
            figures.values, figures.weights, figures.errors, figures.records, until, start, np.full(len(left), better), small,
            is_told, length, may_have_gaps,
        )  # fmt: skip
        verdicts = judge(series, matters(_before(series, levels), metric.is_share, levels is not None), levels)
        taken = ~small if length == 1 else small
        sets_limits = frame.is_judged_before(left, length) & np.isfinite(figures.values)
        is_shown = is_told & shown(frame, left, metric.hidden_as, length, figures, metric.is_share)
        has_told_limits = np.asarray((is_shown | ~sets_limits).all(axis=1))
        is_since = is_shown & ~small[:, None] & frame.before_and_after(left, length)[1]
        as_they_were = figures.values if figures.as_they_were is None else figures.as_they_were
        found.append(
            Judged(
                left[taken].reset_index(drop=True), _rows(verdicts, taken), frame.origin(length), length, has_told_limits[taken],
                as_they_were[taken], is_since[taken],
            )
        )  # fmt: skip
        left = left[~taken].reset_index(drop=True)
    return found


def _before(series: Series, levels: tuple[Floats, Floats] | None) -> Floats:
    """The level before, roughly: what a change is measured against."""
    if levels is not None:
        return levels[0]
    known = (np.arange(series.values.shape[1]) < series.until[:, None]) & np.isfinite(series.values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, series.values, 0.0).sum(axis=1) / known.sum(axis=1))


def _rows(verdicts: Verdicts, taken: Bools) -> Verdicts:
    """The verdicts of some of the series."""
    cut: dict[str, Any] = {name: value[taken] for name, value in vars(verdicts).items() if isinstance(value, np.ndarray)}
    limits = replace(verdicts.limits, **{name: value[taken] for name, value in vars(verdicts.limits).items()})
    return replace(verdicts, **cut, limits=limits)


def spread(table: pd.DataFrame, keys: pd.DataFrame, by: list[str], column: Ints, columns: int, value: str, empty: float) -> Floats:
    """A column of a table as an array (series, columns): sums over its rows, `empty` where there is none."""
    series = pd.Series(np.arange(len(keys)), index=pd.MultiIndex.from_frame(keys[by]))
    row = series.reindex(pd.MultiIndex.from_frame(table[by])).to_numpy()
    inside = ~np.isnan(row) & (column >= 0) & (column < columns)
    at = row[inside].astype(np.int64) * columns + column[inside]
    sums = np.bincount(at, weights=table[value].to_numpy(dtype=float, na_value=0.0)[inside], minlength=len(keys) * columns)
    if empty != 0:
        sums[np.bincount(at, minlength=len(sums)) == 0] = empty
    return np.asarray(sums.reshape(len(keys), columns))


def with_all_services(table: pd.DataFrame, by: list[str], values: list[str]) -> pd.DataFrame:
    """The rows of each service, and those of all services together."""
    whole = table.groupby([name for name in by if name != "service_code"], sort=True)[values].sum().reset_index()
    return pd.concat([table, whole.assign(service_code=ALL_SERVICES)], ignore_index=True)
