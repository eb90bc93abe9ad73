"""What is usual for a share, a rate or a count when every month rests on another number? p, u and c charts, with Laney's p' and u'.

Arrays are (series, months) as in `process_chart`, whose `judge` reads these limits against numerator / denominator. A month without
report is NaN, one without denominator has no limits. p' suits shares of 10 or more with a centre between 5 % and 95 %.

Source: qicharts2 0.8.1; Laney (2002), Improved control charts for attributes. Limits are clipped at 0 (a share's also at 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from stats.process_chart import PLAIN_BELOW, Bools, Floats, Ints, Limits, average_moving_range, count_and_mean, limits_around, table

Variance = Callable[[Floats], Floats]

SIGMAS = 3
RANGE_TO_SIGMA = 1.128  # the average distance of two draws of one normal distribution, in standard deviations


def p_limits(
    numerator: ArrayLike,
    denominator: ArrayLike,
    segment: ArrayLike = 0,
    is_baseline: ArrayLike = True,
    *,
    laney: bool = False,
    least_points: int = PLAIN_BELOW,
) -> Limits:
    """Limits of a share (0 to 1): sum x / sum n -/+ 3 sqrt(p (1 - p) / n); `laney` widens them by the over-dispersion (p')."""
    return _limits(_of_share, 1, numerator, denominator, segment, is_baseline, laney, least_points)


def u_limits(
    numerator: ArrayLike,
    denominator: ArrayLike,
    segment: ArrayLike = 0,
    is_baseline: ArrayLike = True,
    *,
    laney: bool = False,
    least_points: int = PLAIN_BELOW,
) -> Limits:
    """Limits of a rate, per unit of the denominator: u = sum x / sum n -/+ 3 sqrt(u / n); `laney` widens them (u')."""
    return _limits(_of_rate, np.inf, numerator, denominator, segment, is_baseline, laney, least_points)


def c_limits(counts: ArrayLike, segment: ArrayLike = 0, is_baseline: ArrayLike = True, *, least_points: int = PLAIN_BELOW) -> Limits:
    """Limits of a count that rests on the same number every month: mean -/+ 3 sqrt(mean)."""
    return u_limits(counts, np.ones(np.shape(counts)), segment, is_baseline, least_points=least_points)


def share_over_dispersion(numerator: ArrayLike, denominator: ArrayLike, segment: ArrayLike = 0, is_baseline: ArrayLike = True) -> Floats:
    """Laney's sigma_z of shares at every point (series, months): 1 where they vary as draws do, above 1.5 where limits must widen."""
    return _sigma_z(_of_share, numerator, denominator, segment, is_baseline)


def rate_over_dispersion(numerator: ArrayLike, denominator: ArrayLike, segment: ArrayLike = 0, is_baseline: ArrayLike = True) -> Floats:
    """Laney's sigma_z of rates or counts at every point (series, months), as `share_over_dispersion`."""
    return _sigma_z(_of_rate, numerator, denominator, segment, is_baseline)


def _of_share(centre: Floats) -> Floats:
    """The variance of one draw."""
    return centre * (1 - centre)


def _of_rate(centre: Floats) -> Floats:
    return centre


def _limits(
    variance: Variance,
    highest: float,
    numerator: ArrayLike,
    denominator: ArrayLike,
    segment: ArrayLike,
    is_baseline: ArrayLike,
    laney: bool,
    least_points: int,
) -> Limits:
    x, n, segments, used = _months(numerator, denominator, segment, is_baseline)
    points, centre = _centre(x, n, segments, used)
    sigma = np.sqrt(variance(centre) / n)
    spread = _over_dispersion(x / n, centre, sigma, segments, used) if laney else 1.0
    return _clipped(limits_around(centre, SIGMAS * sigma * spread, points, least_points), highest)


def _sigma_z(variance: Variance, numerator: ArrayLike, denominator: ArrayLike, segment: ArrayLike, is_baseline: ArrayLike) -> Floats:
    x, n, segments, used = _months(numerator, denominator, segment, is_baseline)
    _, centre = _centre(x, n, segments, used)
    return _over_dispersion(x / n, centre, np.sqrt(variance(centre) / n), segments, used)


def _months(numerator: ArrayLike, denominator: ArrayLike, segment: ArrayLike, is_baseline: ArrayLike) -> tuple[Floats, Floats, Ints, Bools]:
    x, segments = table(numerator, segment)
    n = np.broadcast_to(np.asarray(denominator, dtype=float), x.shape)
    n = np.where(n > 0, n, np.nan)
    return x, n, segments, np.isfinite(x) & np.isfinite(n) & np.asarray(is_baseline, dtype=bool)


def _centre(x: Floats, n: Floats, segments: Ints, used: Bools) -> tuple[Ints, Floats]:
    points, mean_x = count_and_mean(x, used, segments)
    return points, mean_x / count_and_mean(n, used, segments)[1]


def _over_dispersion(values: Floats, centre: Floats, sigma: Floats, segments: Ints, used: Bools) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (values - centre) / sigma
    return average_moving_range(z, used & np.isfinite(z), segments) / RANGE_TO_SIGMA


def _clipped(limits: Limits, highest: float) -> Limits:
    def inside(edge: Floats) -> Floats:
        return np.clip(edge, 0, highest)

    return replace(
        limits,
        lower=inside(limits.lower),
        upper=inside(limits.upper),
        near_lower=inside(limits.near_lower),
        near_upper=inside(limits.near_upper),
    )
