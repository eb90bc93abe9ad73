"""How much of a month's height is only the time of year? A pooled index, and STL for one long series.

Under 24 months there is no adjusting: compare with the same month of the year before, in words. The running month stays out, and a
month with incomplete reporting is missing (NaN), not low.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR = 12
LEAST_CYCLES = 2  # of every calendar month, for a pooled index
LEAST_MONTHS_STL = 36
ROUNDS, CLOSE = 200, 1e-12  # of fitting levels and months in turn


@dataclass(frozen=True)
class SeasonalIndex:
    """`index` (groups, 12): what January to December are of an average month (1 = average); NaN where it is not known."""

    index: Floats

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Which groups can be adjusted (groups,)."""
        return np.asarray(np.isfinite(self.index).any(axis=1))


def pooled_index(counts: ArrayLike, calendar_month: ArrayLike, group: ArrayLike = 0, least_cycles: int = LEAST_CYCLES) -> SeasonalIndex:
    """The index of each group (province) of series (communes), from counts (series, months).

    `calendar_month` (months,) is 1 to 12, `group` (series,) numbers the groups from 0. Where every series reports every month this is
    mean(pooled counts of the calendar month) / mean(pooled counts). Where reports are missing, each series' level and the index are
    fitted in turn (the Poisson model level x index), so that the commune that did not report makes no month look low.
    Not known unless every calendar month among the columns was reported in `least_cycles` years (of quarters, give the first month).
    """
    y = np.asarray(counts, dtype=float)
    month = np.asarray(calendar_month, dtype=np.int64) - 1
    place = np.broadcast_to(np.asarray(group, dtype=np.int64), len(y))
    groups = int(place.max(initial=-1)) + 1
    has = np.asarray(np.isfinite(y))
    has_of_month, sum_of_month = (_by_calendar_month(values, month) for values in (has.astype(float), np.where(has, y, 0.0)))
    total = _by_group(sum_of_month, place, groups)
    index = np.ones((groups, YEAR))
    is_asked = np.isin(np.arange(YEAR), month)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(ROUNDS):
            level = sum_of_month.sum(axis=1) / (has_of_month * index[place]).sum(axis=1)
            fitted = total / _by_group(has_of_month * np.nan_to_num(level)[:, None], place, groups)
            fitted /= fitted[:, month].mean(axis=1, keepdims=True)
            fitted[:, ~is_asked] = 1.0
            is_done = np.nan_to_num(np.abs(fitted - index)).max(initial=0) < CLOSE
            index = fitted
            if is_done:
                break
    reported = np.zeros((groups, len(month)), dtype=bool)
    np.logical_or.at(reported, place, has)
    cycles = _by_calendar_month(reported.astype(float), month)
    is_known = np.asarray(((cycles >= least_cycles) & (index > 0))[:, is_asked].all(axis=1))
    return SeasonalIndex(np.where(is_known[:, None] & is_asked, index, np.nan))


def adjusted(values: ArrayLike, seasonal: SeasonalIndex, calendar_month: ArrayLike, group: ArrayLike = 0) -> Floats:
    """Values (series, months) divided by the index of their group; as they are where the index is not known."""
    y = np.asarray(values, dtype=float)
    place = np.broadcast_to(np.asarray(group, dtype=np.int64), len(y))
    factor = seasonal.index[place][:, np.asarray(calendar_month, dtype=np.int64) - 1]
    return y / np.where(np.isfinite(factor), factor, 1.0)


def periodic_stl(values: ArrayLike) -> Floats:
    """The seasonal part (series, months), one value for each calendar month, to be subtracted: R's stl(s.window = "periodic").

    Never the default: for a large series of its own. NaN for a series with a missing month; ValueError under 36 months.
    Source: Cleveland et al. (1990), STL: two inner rounds, no robustness, all jumps 1. So it is one matrix for all series.
    """
    y = np.asarray(values, dtype=float)
    months = y.shape[1]
    if months < LEAST_MONTHS_STL:
        raise ValueError(f"STL needs {LEAST_MONTHS_STL} months or more, not {months}")
    seasonal_window = 10 * months + 1
    trend_window = math.ceil(1.5 * YEAR / (1 - 1.5 / seasonal_window))
    trend_window += 1 - trend_window % 2
    cycle = np.zeros((months + 2 * YEAR, months))  # each calendar month smoothed, and carried on by a year at both ends
    for start in range(YEAR):
        own = np.arange(start, months, YEAR)
        at = np.arange(start, months + 2 * YEAR, YEAR)
        cycle[np.ix_(at, own)] = _loess(len(own), seasonal_window, 0, np.arange(-1, len(own) + 1))
    moving = _moving_average(months + 2, 3) @ _moving_average(months + YEAR + 1, YEAR) @ _moving_average(months + 2 * YEAR, YEAR)
    low_pass = _loess(months, YEAR + 1, 1, np.arange(months)) @ moving @ cycle
    trend_of = _loess(months, trend_window, 1, np.arange(months))
    identity, trend = np.eye(months), np.zeros((months, months))
    for _ in range(2):
        detrended = identity - trend
        seasonal = (cycle[YEAR:-YEAR] - low_pass) @ detrended
        trend = trend_of @ (identity - seasonal)
    position = np.arange(months) % YEAR
    same_month = (position[:, None] == position) / np.bincount(position)[position][:, None]
    return y @ (same_month @ seasonal).T


def _loess(n: int, window: int, degree: int, at: Ints) -> Floats:
    """The matrix (at, n) that smooths n equally spaced points by local constants (degree 0) or lines (1) with tricube weights."""
    points = np.arange(n)
    nearest = min(window, n)
    left = np.clip(at - nearest // 2, 0, n - nearest)
    width = np.maximum(at - left, left + nearest - 1 - at) + (max(window - n, 0) // 2)
    distance = np.abs(points - at[:, None])
    weights = np.where(distance <= 0.999 * width[:, None], (1 - (distance / width[:, None]) ** 3) ** 3, 0.0)
    weights[distance <= 0.001 * width[:, None]] = 1
    weights[(points < left[:, None]) | (points >= left[:, None] + nearest)] = 0
    weights /= weights.sum(axis=1, keepdims=True)
    if degree:
        centre = weights @ points
        away = points - centre[:, None]
        weights *= 1 + ((at - centre) / (weights * away**2).sum(axis=1))[:, None] * away
    return weights


def _moving_average(n: int, length: int) -> Floats:
    """The matrix (n - length + 1, n) of moving averages."""
    offset = np.arange(n) - np.arange(n - length + 1)[:, None]
    return ((offset >= 0) & (offset < length)) / length


def _by_calendar_month(values: Floats, month: Ints) -> Floats:
    """Sums over the columns of each calendar month: (rows, 12)."""
    return values @ (month[:, None] == np.arange(YEAR)).astype(float)


def _by_group(values: Floats, group: Ints, groups: int) -> Floats:
    """Sums over the rows of each group."""
    sums = np.zeros((groups, values.shape[1]))
    np.add.at(sums, group, values)
    return sums
