"""How sure is a ratio of two rates, when counts vary more than chance alone makes them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.distributions import normal_quantile, t_quantile, t_tail

Floats = NDArray[np.float64]

ROUNDS, CLOSE = 500, 1e-12  # of fitting months and the ratio in turn


@dataclass(frozen=True)
class RateRatio:
    """Rate after / rate before of each series, with limits and the p-value of "no change", each (series,); NaN where it cannot be known.

    `dispersion` is Pearson's chi-squared over the degrees of freedom (1 = as chance alone), `months` how many months were used.
    """

    ratio: Floats
    low: Floats
    high: Floats
    p_value: Floats
    dispersion: Floats
    months: NDArray[np.int64]


@overload
def rate_ratio(
    count_before: float, exposure_before: float, count_after: float, exposure_after: float, dispersion: float = 1.0
) -> tuple[float, float, float]: ...
@overload
def rate_ratio(
    count_before: Floats,
    exposure_before: Floats | float,
    count_after: Floats,
    exposure_after: Floats | float,
    dispersion: Floats | float = 1.0,
) -> tuple[Floats, Floats, Floats]: ...
def rate_ratio(
    count_before: ArrayLike, exposure_before: ArrayLike, count_after: ArrayLike, exposure_after: ArrayLike, dispersion: ArrayLike = 1.0
) -> tuple[Any, Any, Any]:
    """(ratio, low, high) of rate after / rate before with 95 % score limits for two Poisson counts, of any shape.

    Solves (x1 - r x0)^2 = z^2 r (x1 + x0) for r; the same as statsmodels' confint_poisson_2indep(method="score"). Where counts vary
    `dispersion` times as much as Poisson counts do (quasi-Poisson; never taken as less than once), z^2 grows by as much.
    """
    x0, x1 = np.asarray(count_before, dtype=float), np.asarray(count_after, dtype=float)
    e0, e1 = np.asarray(exposure_before, dtype=float), np.asarray(exposure_after, dtype=float)
    z2 = normal_quantile(0.975) ** 2 * np.maximum(dispersion, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where((x0 > 0) & (e0 > 0) & (e1 > 0), e0 / e1, np.nan)
        middle = 2 * x0 * x1 + z2 * (x0 + x1)
        root = np.sqrt(np.maximum(middle**2 - 4 * x0**2 * x1**2, 0.0))
        ratio, low, high = (top / bottom * scale for top, bottom in ((x1, x0), (middle - root, 2 * x0**2), (middle + root, 2 * x0**2)))
    return ratio[()], low[()], high[()]


def quasi_poisson_ratio(
    counts: ArrayLike,
    is_after: ArrayLike,
    calendar_month: ArrayLike,
    exposure: ArrayLike = 1.0,
    variance_factor: ArrayLike = 1.0,
    confidence: float = 0.95,
) -> RateRatio:
    """Rate after / rate before of each series with a term for every calendar month and limits widened by the over-dispersion.

    `counts` and `exposure` (series, months), NaN = missing; `is_after` and `calendar_month` (1 to 12) broadcast to them; leave months
    that belong to neither side NaN. The model is count = exposure x month x ratio^after; the maximum-likelihood months and ratio are
    fitted in turn, the variance of log(ratio) is dispersion / sum over months of (m0 m1 / (m0 + m1)), m0 and m1 being the fitted counts
    before and after, and the limits use Student's t. `variance_factor` (series,) widens further, as for autocorrelation (see
    `autocorrelation.variance_inflation`). A calendar month that stands on one side only says nothing about the ratio;
    where a side counts nothing at all the ratio is NaN (`rate_ratio` has limits then).
    Source: McCullagh and Nelder (1989), 4.5 and 6.2; R's glm(family = quasipoisson), which also narrows limits at a dispersion under 1.
    """
    y = np.asarray(counts, dtype=float)
    e = np.broadcast_to(np.asarray(exposure, dtype=float), y.shape)
    after = np.broadcast_to(np.asarray(is_after, dtype=bool), y.shape)
    month = np.broadcast_to(np.asarray(calendar_month, dtype=np.int64), y.shape)
    has = np.asarray(np.isfinite(y) & (e > 0))
    cell = (month - 1) * 2 + after
    x, w, n = (_by_cell(np.where(has, values, 0.0), cell) for values in (y, e, 1.0))  # (series, 12, 2)
    is_paired = np.asarray((n > 0).all(axis=2))
    x, w, n = (values * is_paired[:, :, None] for values in (x, w, n))
    has = has & np.take_along_axis(is_paired, month - 1, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = x[:, :, 1].sum(axis=1) / w[:, :, 1].sum(axis=1) / (x[:, :, 0].sum(axis=1) / w[:, :, 0].sum(axis=1))
        for _ in range(ROUNDS):
            base = np.where(is_paired, x.sum(axis=2) / (w[:, :, 0] + w[:, :, 1] * ratio[:, None]), 0.0)
            fitted = x[:, :, 1].sum(axis=1) / (w[:, :, 1] * base).sum(axis=1)
            is_done = np.nan_to_num(np.abs(fitted / ratio - 1), posinf=0).max(initial=0) < CLOSE
            ratio = fitted
            if is_done:
                break
        ratio[~((ratio > 0) & np.isfinite(ratio))] = np.nan
        m0, m1 = w[:, :, 0] * base, w[:, :, 1] * base * ratio[:, None]
        information = np.where(m0 + m1 > 0, m0 * m1 / (m0 + m1), 0.0).sum(axis=1)
        expected = np.take_along_axis(base, month - 1, axis=1) * e * np.where(after, ratio[:, None], 1.0)
        pearson = np.where(has & (expected > 0), (y - expected) ** 2 / expected, 0.0).sum(axis=1)
        is_counted = has & (expected > 0)
        months = is_counted.sum(axis=1)
        freedom = months - ((x.sum(axis=2) > 0) & is_paired).sum(axis=1) - 1.0
        freedom[freedom < 1] = np.nan
        dispersion = pearson / freedom
        error = np.sqrt(np.maximum(dispersion, 1.0) * np.asarray(variance_factor) / information)
        half = t_quantile(0.5 + confidence / 2, freedom) * error
        p_value = 2 * t_tail(np.abs(np.log(ratio)) / error, freedom)
    return RateRatio(ratio, ratio * np.exp(-half), ratio * np.exp(half), p_value, dispersion, months)


def _by_cell(values: Floats, cell: NDArray[np.int64]) -> Floats:
    """Sums of each series by calendar month and side: (series, 12, 2)."""
    series = len(values)
    flat = np.arange(series)[:, None] * 24 + cell
    sums = np.bincount(flat.ravel(), weights=values.ravel(), minlength=series * 24).astype(float)
    return sums.reshape(series, 12, 2)
