"""What are the monthly figures of many places, ready to be judged? Visits where reports are missing, shares, and times with open requests.

Each function takes counts as arrays and gives `Figures`, all (series, columns); a column is a month or, for small places, a quarter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stats.seasonal import SeasonalIndex, adjusted, pooled_index
from stats.survival import TIE, Curve, quantiles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SMALL_COUNT = 5.0  # visits a column on average; below it limits mislead
SMALL_BASE = 10.0  # requests or answers a column on average
HOLLOW_BELOW = 0.8  # of the visits usually reported by the facilities of a place: a column with fewer of them in cannot be judged
STOPPED_BELOW = 0.9  # of the visits of the months before: where the facilities that go on had fewer, their patients may have come over
OFTEN = 0.5  # of the columns of both sides that a facility must have reported to be compared
FEWEST_IN_GROUP = 10  # rows that a seasonal index is pooled over
ROUNDING = 1 / np.sqrt(12)  # the standard error of whole days
NEARLY_ALL = 0.99  # of the requests completed
LIMITS = 2 * 1.959964  # standard errors between 95 % limits


@dataclass(frozen=True)
class Figures:
    """`values`, `weights`, `errors` and `records` as in stats/verdict.Series (series, columns), and `is_small` (series,).

    `rest` (series, columns): what the place has besides `records`; None where that is everything. `as_they_were` (series, columns): the
    values before they were freed of the time of year; None where they were not.
    """

    values: Floats
    weights: Floats
    errors: Floats
    records: Floats
    is_small: Bools
    rest: Floats | None = None
    as_they_were: Floats | None = None


def visits(reported: Floats, series: Ints, is_before: Bools, is_after: Bools, calendar_month: Ints | None, group: Ints) -> Figures:
    """Visits a column and facility, over the same facilities, freed of missing reports and of the time of year.

    `reported` (facilities, columns): visits, NaN where no report came; `series` (facilities,): the place of each; `is_before` and
    `is_after` (series, columns). A facility counts that reported half of both sides or more. Where some of a place's facilities are
    missing, the others stand for them by their usual share of the place's visits; where those in usually have under 80 % of the visits,
    the column is missing. Where facilities that stopped reporting had over a tenth of the visits before, all columns after are: their
    patients may have come to the others, which looks like more use. `calendar_month` (columns,) 1 to 12, of a quarter the first:
    divide by the index of `season` for the group (series,), None: do not.
    """
    count = len(is_before)
    has = np.isfinite(reported)
    often = [(has & side[series]).sum(axis=1) >= OFTEN * np.maximum(side[series].sum(axis=1), 1) for side in (is_before, is_after)]
    kept, gone = often[0] & often[1], often[0] & ~often[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        seen_before = has & is_before[series]
        usual_before = np.where(seen_before, reported, 0.0).sum(axis=1) / seen_before.sum(axis=1)
        stays, left = (np.bincount(series[which], usual_before[which], minlength=count) for which in (kept, gone))
    has_stopped = stays < STOPPED_BELOW * (stays + left)
    y, of_the_season = reported, np.ones(is_before.shape)
    if calendar_month is not None:
        index = season(y, is_before[series], is_after[series], calendar_month, group[series])
        y, of_the_season = adjusted(y, index, calendar_month, group[series]), 1 / adjusted(of_the_season, index, calendar_month, group)
    y, place, has = y[kept], series[kept], has[kept]
    with np.errstate(divide="ignore", invalid="ignore"):
        usual = np.where(has, y, 0.0).sum(axis=1) / has.sum(axis=1)
        all_usual = np.bincount(place, weights=usual, minlength=count)
        sums = [np.bincount(place, weights=column, minlength=count) for column in np.where(has, y, 0.0).T]
        usually = [np.bincount(place, weights=np.where(column, usual, 0.0), minlength=count) for column in has.T]
        seen, in_them = np.stack(sums, axis=1), np.stack(usually, axis=1)
        values = np.where(in_them >= HOLLOW_BELOW * all_usual[:, None], seen / in_them * all_usual[:, None], np.nan)
    values[has_stopped[:, None] & is_after] = np.nan
    level = np.nanmean(np.where(np.isfinite(values).any(axis=1, keepdims=True), values, 0.0), axis=1)
    errors = np.repeat(np.sqrt(np.maximum(level, 0.5))[:, None], values.shape[1], axis=1)
    counted = [np.bincount(place, weights=column, minlength=count).astype(float) for column in np.where(has, reported[kept], 0.0).T]
    records = np.stack(counted, axis=1)
    others = [np.bincount(series[~kept], column, minlength=count).astype(float) for column in np.nan_to_num(reported[~kept]).T]
    facilities = np.maximum(np.bincount(place, minlength=count), 1)[:, None]
    values, is_small = values / facilities, level < SMALL_COUNT
    rest = np.stack(others, axis=1)
    return Figures(values, np.ones_like(values), errors / facilities, records, is_small, rest, values * of_the_season)


def season(values: Floats, is_before: Bools, is_after: Bools, calendar_month: Ints, group: Ints) -> SeasonalIndex:
    """The pooled index of each group (province) of rows (facilities, places), all (rows, columns), from all columns that are not after.

    Not from those after, else the index would take a backlog that grows through the year for the time of year. A calendar month seen
    in one year only will do: the index is frozen before the start, as the limits are.
    Groups of fewer than `FEWEST_IN_GROUP` rows, which would be smoothed by their own chance, take the index of all together.
    """
    usual = np.concatenate([np.where(side, values, np.nan) for side in (is_before, ~is_before & ~is_after)])
    own, common = (pooled_index(usual, calendar_month, each, least_cycles=1) for each in (np.tile(group, 2), 0))
    if len(values) < FEWEST_IN_GROUP:
        return SeasonalIndex(np.full_like(own.index, np.nan))
    is_enough = own.is_known & (np.bincount(group, minlength=len(own.index)) >= FEWEST_IN_GROUP)
    return SeasonalIndex(np.where(is_enough[:, None], own.index, common.index))


def unseasoned(figures: Figures, is_before: Bools, is_after: Bools, calendar_month: Ints, group: Ints) -> Figures:
    """Times or shares freed of the time of year as visits are; a share may then come to lie a little over 100."""
    index = season(figures.values, is_before, is_after, calendar_month, group)
    return replace(figures, values=adjusted(figures.values, index, calendar_month, group), as_they_were=figures.values)


def shares(hits: Floats, base: Floats) -> Figures:
    """Percent of a base (series, columns), weighted by it; a column of nobody is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(base > 0, 100 * hits / base, np.nan)
        all_together = (hits.sum(axis=1) + 1) / (base.sum(axis=1) + 2)
        errors = 100 * np.sqrt((all_together * (1 - all_together))[:, None] / base)
        typical = base.sum(axis=1) / np.maximum((base > 0).sum(axis=1), 1)
    return Figures(values, base, np.where(base > 0, errors, np.nan), base, typical < SMALL_BASE)


def times(curves: Curve, columns: int, followed: Floats, needed: Floats, p: float = 0.5) -> Figures:
    """The day by which a share p of a column's requests was completed; `curves` has one group for each series and column, in that order.

    `followed` (series, columns): days from the end of the column to the last day the register covers; `needed` (series,): as
    `needed_days`. A column followed for less is missing: only its fast requests are finished. Where p is not
    reached although it was followed that long, the time is at least the longest wait seen, and counts as that. Between whole days
    the time is interpolated (`between_days`), else a median that happens to lie near a step would jump by a day.
    """
    _, low, high = (each.reshape(-1, columns) for each in quantiles(curves, p))
    middle = between_days(curves, p).reshape(-1, columns)
    last_day, asked = np.full(curves.groups, np.nan), np.zeros(curves.groups)
    last_day[curves.group] = curves.day
    first = np.flatnonzero(np.diff(curves.group, prepend=-1))
    asked[curves.group[first]] = curves.at_risk[first]
    records = asked.reshape(-1, columns)
    values = np.where(np.isnan(middle) & (records > 0), last_day.reshape(-1, columns), middle)
    values = np.where(followed >= np.nan_to_num(needed, nan=np.inf)[:, None], values, np.nan)
    with np.errstate(invalid="ignore"):
        errors = np.maximum((high - low) / LIMITS, ROUNDING)
        typical = np.nanmedian(np.where(np.isfinite(errors).any(axis=1, keepdims=True), errors, ROUNDING), axis=1)
    errors = np.where(np.isfinite(errors), errors, typical[:, None])
    base = records.sum(axis=1) / np.maximum((records > 0).sum(axis=1), 1)
    return Figures(values, np.where(records > 0, records, 0.0), errors, records, base < SMALL_BASE)


def together(parts: Sequence[Figures]) -> Figures:
    """The figures of several blocks of series as those of all; without a rest or figures as they were."""
    names = ("values", "weights", "errors", "records", "is_small")
    return Figures(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def needed_days(before: Curve, open_requests: Floats, p: float = 0.5) -> Floats:
    """For how long requests must be followed before their time can be told (series,), from those made before the start.

    The time itself where the register holds open requests; their waiting then counts. A register without a single open request
    (`open_requests` (series,): at its last day) may have left them out: then its newest months would show fast requests only, and they
    must be followed until nearly all (99 %) used to be completed. NaN where before nothing reached that.
    """
    usual, nearly_all = quantiles(before, p)[0], quantiles(before, NEARLY_ALL)[0]
    return np.where(open_requests > 0, usual, nearly_all)


def between_days(curves: Curve, p: float) -> Floats:
    """The quantile of each group (groups,) with each whole day spread evenly over half a day before to half a day after it.

    As the median of grouped data; where the curve runs level at p, the middle of the level piece, as `stats.survival.quantiles`.
    """
    day = quantiles(curves, p)[0]
    reached = np.flatnonzero(curves.incidence >= p - TIE)
    groups, first = np.unique(curves.group[reached], return_index=True)
    row = reached[first]
    is_first = np.diff(curves.group, prepend=-1)[row] > 0
    below = np.where(is_first, 0.0, curves.incidence[row - 1])
    share = (p - below) / (curves.incidence[row] - below)
    is_inside = day[groups] == curves.day[row]
    day[groups] = np.where(is_inside, np.maximum(curves.day[row] - 0.5 + share, 0.0), day[groups])
    return day
