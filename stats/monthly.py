"""What are the monthly figures of many places, ready to be judged? Visits where reports are missing, shares, and times with open requests.

Each function takes counts as arrays and gives `Figures`, all (series, columns); a column is a month or, for small places, a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stats.seasonal import SeasonalIndex, adjusted, pooled_index
from stats.survival import Curve, quantiles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SMALL_COUNT = 5.0  # visits a column on average; below it limits mislead
SMALL_BASE = 10.0  # requests or answers a column on average
HOLLOW_BELOW = 0.8  # of the visits usually reported by the facilities of a place: a column with fewer of them in cannot be judged
OFTEN = 0.5  # of the columns of both sides that a facility must have reported to be compared
ROUNDING = 1 / np.sqrt(12)  # the standard error of whole days
LIMITS = 2 * 1.959964  # standard errors between 95 % limits


@dataclass(frozen=True)
class Figures:
    """`values`, `weights`, `errors` and `records` as in stats/verdict.Series (series, columns), and `is_small` (series,)."""

    values: Floats
    weights: Floats
    errors: Floats
    records: Floats
    is_small: Bools


def visits(reported: Floats, series: Ints, is_before: Bools, is_after: Bools, calendar_month: Ints | None, group: Ints) -> Figures:
    """Visits a column and facility, over the same facilities, freed of missing reports and of the time of year.

    `reported` (facilities, columns): visits, NaN where no report came; `series` (facilities,): the place of each; `is_before` and
    `is_after` (series, columns). A facility counts that reported half of both sides or more. Where some of a place's facilities are
    missing, the others stand for them by their usual share of the place's visits; where those in usually have under 80 % of the visits,
    the column is missing. `calendar_month` (columns,) 1 to 12: divide by the pooled index of the group (series,), None: do not.
    """
    count = len(is_before)
    has = np.isfinite(reported)
    sides = [(has & side[series]).sum(axis=1) / np.maximum(side[series].sum(axis=1), 1) for side in (is_before, is_after)]
    kept = (sides[0] >= OFTEN) & (sides[1] >= OFTEN)
    y, place, has = reported[kept], series[kept], has[kept]
    seasonal = SeasonalIndex(np.full((int(group.max(initial=0)) + 1, 12), np.nan))
    if calendar_month is not None:
        seasonal = pooled_index(y, calendar_month, group[place])
        y = adjusted(y, seasonal, calendar_month, group[place])
    with np.errstate(divide="ignore", invalid="ignore"):
        usual = np.where(has, y, 0.0).sum(axis=1) / has.sum(axis=1)
        all_usual = np.bincount(place, weights=usual, minlength=count)
        sums = [np.bincount(place, weights=column, minlength=count) for column in np.where(has, y, 0.0).T]
        usually = [np.bincount(place, weights=np.where(column, usual, 0.0), minlength=count) for column in has.T]
        seen, in_them = np.stack(sums, axis=1), np.stack(usually, axis=1)
        values = np.where(in_them >= HOLLOW_BELOW * all_usual[:, None], seen / in_them * all_usual[:, None], np.nan)
    level = np.nanmean(np.where(np.isfinite(values).any(axis=1, keepdims=True), values, 0.0), axis=1)
    errors = np.repeat(np.sqrt(np.maximum(level, 0.5))[:, None], values.shape[1], axis=1)
    counted = [np.bincount(place, weights=column, minlength=count).astype(float) for column in np.where(has, reported[kept], 0.0).T]
    records = np.stack(counted, axis=1)
    facilities = np.maximum(np.bincount(place, minlength=count), 1)[:, None]
    return Figures(values / facilities, np.ones_like(values), errors / facilities, records, level < SMALL_COUNT)


def shares(hits: Floats, base: Floats) -> Figures:
    """Percent of a base (series, columns), weighted by it; a column of nobody is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(base > 0, 100 * hits / base, np.nan)
        all_together = (hits.sum(axis=1) + 1) / (base.sum(axis=1) + 2)
        errors = 100 * np.sqrt((all_together * (1 - all_together))[:, None] / base)
        typical = base.sum(axis=1) / np.maximum((base > 0).sum(axis=1), 1)
    return Figures(values, base, np.where(base > 0, errors, np.nan), base, typical < SMALL_BASE)


def times(curves: Curve, columns: int, followed: Floats, usual: Floats, p: float = 0.5) -> Figures:
    """The day by which a share p of a column's requests was completed; `curves` has one group for each series and column, in that order.

    `followed` (series, columns): days from the end of the column to the last day the register covers; `usual` (series,): the time before
    the programme. A column followed for less than the usual time is missing: only its fast requests are finished. Where p is not
    reached although it was followed that long, the time is at least the longest wait seen, and counts as that.
    """
    middle, low, high = (each.reshape(-1, columns) for each in quantiles(curves, p))
    last_day, asked = np.full(curves.groups, np.nan), np.zeros(curves.groups)
    last_day[curves.group] = curves.day
    first = np.flatnonzero(np.diff(curves.group, prepend=-1))
    asked[curves.group[first]] = curves.at_risk[first]
    records = asked.reshape(-1, columns)
    values = np.where(np.isnan(middle) & (records > 0), last_day.reshape(-1, columns), middle)
    values = np.where(followed >= np.nan_to_num(usual, nan=np.inf)[:, None], values, np.nan)
    with np.errstate(invalid="ignore"):
        errors = np.maximum((high - low) / LIMITS, ROUNDING)
        typical = np.nanmedian(np.where(np.isfinite(errors).any(axis=1, keepdims=True), errors, ROUNDING), axis=1)
    errors = np.where(np.isfinite(errors), errors, typical[:, None])
    base = records.sum(axis=1) / np.maximum((records > 0).sum(axis=1), 1)
    return Figures(values, np.where(records > 0, records, 0.0), errors, records, base < SMALL_BASE)
