"""How long until it is done, when some are still waiting? Curves and quantiles from counts by whole days, for many groups at once.

The cumulative incidence of completion follows Aalen and Johansen: requests that ended otherwise (rejected, withdrawn)
compete, open ones are censored after the events of their day. Without competing ends it is one minus Kaplan-Meier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.distributions import chi_squared_tail, normal_quantile

Floats = NDArray[np.float64]
FIRST_DAYS = 64  # most quantiles of many draws lie among the first so many different days
TIE = 1.5e-8  # how near a curve must come to p to lie on it, as R's survfit


@dataclass(frozen=True)
class Curve:
    """The incidence of completion after each day, rows sorted by group and day.

    `low` and `high` are 95 % log-log limits (Greenwood's variance where nothing competes), NaN where R has none: before
    the first completion and once everybody has completed.
    """

    group: NDArray[np.int64]
    day: Floats
    at_risk: Floats
    incidence: Floats
    error: Floats
    low: Floats
    high: Floats
    groups: int


@dataclass(frozen=True)
class LogRank:
    """The log-rank test of each comparison: chi-squared, degrees of freedom, p-value, and what each group completed and should have."""

    chi_squared: Floats
    freedom: NDArray[np.int64]
    p_value: Floats
    observed: Floats
    expected: Floats


def curve(
    group: NDArray[np.int64],
    day: Floats,
    completed: Floats,
    ended: Floats,
    still_open: Floats,
    confidence: float = 0.95,
    entered: Floats | None = None,
) -> Curve:
    """The curve of every group from counts by day.

    `group` holds numbers from 0 and every row is one day of one group, sorted by group and day. `entered` counts those who came under
    observation late, by the day of their waiting after which they did (a register that starts with a backlog): they are at risk only
    on later days, as in R's Surv(entry, exit); all others are from the start.
    Variance: delta method (Marubini and Valsecchi 1995, ch. 10), which is Greenwood's without competing ends.
    """
    group = np.asarray(group, dtype=np.int64)
    done, other, waiting = (np.asarray(counts, dtype=float) for counts in (completed, ended, still_open))
    groups = int(group[-1]) + 1 if len(group) else 0
    starts = np.searchsorted(group, np.arange(groups))

    def running(values: Floats) -> Floats:
        total = np.cumsum(values)
        before = np.where(starts > 0, total[starts - 1], 0.0) if groups else total
        return total - before[group]

    leaving = done + other + waiting
    everybody = np.bincount(group, weights=leaving, minlength=groups)
    late = np.zeros(len(group)) if entered is None else np.asarray(entered, dtype=float)
    not_yet = np.bincount(group, weights=late, minlength=groups)[group] - running(late) + late
    at_risk = np.maximum(everybody[group] - not_yet - running(leaving) + leaving, 0.0)
    events = done + other
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        is_last = events >= at_risk
        survival_log = np.where(is_last, 0.0, np.log1p(-np.divide(events, at_risk, out=np.zeros_like(events), where=at_risk > 0)))
        surviving_before = np.exp(running(survival_log) - survival_log)
        step = np.divide(surviving_before * done, at_risk, out=np.zeros_like(done), where=at_risk > 0)
        incidence = np.minimum(running(step), 1.0)
        a = np.where(is_last, 0.0, events / (at_risk * (at_risk - events)))
        b = surviving_before**2 * (at_risk - done) * done / at_risk**3
        c = surviving_before * done / at_risk**2
        b, c = np.nan_to_num(b), np.nan_to_num(c)
        variance = (
            incidence**2 * running(a)
            - 2 * incidence * running(a * incidence)
            + running(a * incidence**2)
            + running(b)
            - 2 * (incidence * running(c) - running(c * incidence))
        )
        remaining = 1 - incidence
        error = np.where(remaining > TIE, np.sqrt(np.maximum(variance, 0.0)), np.nan)
        width = normal_quantile(0.5 + confidence / 2) * error / (remaining * np.log(remaining))
        has_limits = (incidence > 0) & (remaining > TIE)
        low = np.where(has_limits, 1 - remaining ** np.exp(width), np.nan)
        high = np.where(has_limits, 1 - remaining ** np.exp(-width), np.nan)
    return Curve(group, np.asarray(day, dtype=float), at_risk, incidence, error, low, high, groups)


def quantiles(curves: Curve, p: float) -> tuple[Floats, Floats, Floats]:
    """The day on which each group's curve reaches `p`, with its limits: (value, low, high), NaN where never reached.

    R's rule (survival::quantile.survfit): where the curve runs level exactly at p, the middle of that level piece,
    so that 1, 2, 3, 4 days give 2.5. The lower limit is where the upper curve reaches p, and the other way round.
    """
    return _reached(curves, curves.incidence, p), _reached(curves, curves.high, p), _reached(curves, curves.low, p)


def _reached(curves: Curve, heights: Floats, p: float) -> Floats:
    """The middle of the level piece at p, per group."""
    touches = _first_day(curves, heights >= p - TIE)
    passes = _first_day(curves, heights > p + TIE)
    last_day = np.full(curves.groups, np.nan)
    last_day[curves.group] = curves.day
    return (touches + np.where(np.isnan(passes), np.where(np.isnan(touches), np.nan, last_day), passes)) / 2


def _first_day(curves: Curve, is_true: NDArray[np.bool_]) -> Floats:
    """The first day of each group on which something is true."""
    days = np.full(curves.groups, np.nan)
    found, where = np.unique(curves.group[is_true], return_index=True)
    days[found] = curves.day[is_true][where]
    return days


def share_by(curves: Curve, days: float) -> tuple[Floats, Floats, Floats]:
    """The share of each group completed within so many days, with log-log limits."""
    rows = np.full(curves.groups, -1, dtype=np.int64)
    within = np.flatnonzero(curves.day <= days)
    rows[curves.group[within]] = within
    known = rows >= 0
    share, low, high = np.where(known, 0.0, 0.0), np.full(curves.groups, np.nan), np.full(curves.groups, np.nan)
    share[known], low[known], high[known] = curves.incidence[rows[known]], curves.low[rows[known]], curves.high[rows[known]]
    return share, low, high


def log_rank(completed: ArrayLike, ended: ArrayLike, still_open: ArrayLike) -> LogRank:
    """Do the groups complete at the same pace? Counts (..., groups, days), days in order; one test for each place of the leading axes.

    Other ends count as leaving without completion (cause-specific hazards). NaN where no two groups are ever at risk together.
    Source: Mantel (1966), Peto and Peto (1972), as R's survdiff(rho = 0).
    """
    done, other, waiting = (np.asarray(counts, dtype=float) for counts in (completed, ended, still_open))
    leaving = done + other + waiting
    at_risk = np.cumsum(leaving[..., ::-1], axis=-1)[..., ::-1]
    everybody, events = at_risk.sum(axis=-2, keepdims=True), done.sum(axis=-2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(everybody > 0, at_risk / everybody, 0.0)
        spread = np.where(everybody > 1, events * (everybody - events) / (everybody - 1), 0.0)
    expected = (events * share).sum(axis=-1)
    observed = done.sum(axis=-1)
    groups = done.shape[-2]
    covariance = np.einsum("...gd,gh,...d->...gh", share, np.eye(groups), spread[..., 0, :])
    covariance -= np.einsum("...gd,...hd,...d->...gh", share, share, spread[..., 0, :])
    away = observed - expected
    chi_squared = np.einsum("...g,...gh,...h->...", away, np.linalg.pinv(covariance, hermitian=True), away)
    freedom = np.linalg.matrix_rank(covariance, hermitian=True)
    chi_squared = np.where(freedom > 0, chi_squared, np.nan)
    return LogRank(chi_squared, freedom, chi_squared_tail(chi_squared, np.maximum(freedom, 1)), observed, expected)


def weighted_quantiles(weights: Floats, completed: Floats, ended: Floats, still_open: Floats, days: Floats, p: float) -> Floats:
    """The quantile of many re-weighted sums of the same communes: weights (draws x communes), counts (communes x days).

    Used by the cluster bootstrap of before and after; NaN where a draw never reaches p. The long tail of late days is
    only looked at where a draw has not passed p before it.
    """
    if not len(days):
        return np.full(len(weights), np.nan)  # a place of which no day is known
    everybody = weights @ (completed + ended + still_open).sum(axis=1, keepdims=True)
    for looked_at in (FIRST_DAYS, len(days)):
        done, other, waiting = (weights @ counts[:, :looked_at] for counts in (completed, ended, still_open))
        leaving = done + other + waiting
        at_risk = everybody - np.cumsum(leaving, axis=1) + leaving
        with np.errstate(divide="ignore", invalid="ignore"):
            hazard = np.where(at_risk > 0, (done + other) / at_risk, 0.0)
            surviving = np.cumprod(1 - hazard, axis=1)
            before = np.concatenate([np.ones((len(done), 1)), surviving[:, :-1]], axis=1)
            incidence = np.cumsum(np.where(at_risk > 0, before * done / at_risk, 0.0), axis=1)
        touches, passes = (_first_of_row(days, is_true) for is_true in (incidence >= p - TIE, incidence > p + TIE))
        if not np.isnan(passes).any():
            break
    return (touches + np.where(np.isnan(passes), touches, passes)) / 2


def _first_of_row(days: Floats, is_true: NDArray[np.bool_]) -> Floats:
    return np.where(is_true.any(axis=1), days[is_true.argmax(axis=1)], np.nan)
