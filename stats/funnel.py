"""Which places differ from the rest by more than their size explains? Funnel limits, and estimates drawn towards the rest; no ranks.

Arrays are (..., places), a funnel along the last axis; NaN = no figure for this place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.distributions import normal_quantile

Floats = NDArray[np.float64]

TRIMMED = 0.1  # of the places at either end are pulled in before the over-dispersion is measured
ROUNDS, CLOSE = 100, 1e-12  # of solving for tau squared


@dataclass(frozen=True)
class Funnel:
    """A funnel of shares. Limits (..., places) for about 95 % and 99.8 % of places that do not differ, with and without over-dispersion.

    `centre`, `phi` (over-dispersion, 1 = as chance alone) and `tau2` (variance between places, of the angle) are (..., 1);
    `z` (..., places) is how many standard errors a place lies from the centre, over-dispersion left out.
    """

    centre: Floats
    z: Floats
    phi: Floats
    tau2: Floats
    low_95: Floats
    high_95: Floats
    low_998: Floats
    high_998: Floats
    plain_low_95: Floats
    plain_high_95: Floats
    plain_low_998: Floats
    plain_high_998: Floats


@dataclass(frozen=True)
class Shrunken:
    """`estimate` and `error` (..., places) drawn towards the `mean`; `tau2`, `mean` and `mean_error` are (..., 1)."""

    estimate: Floats
    error: Floats
    tau2: Floats
    mean: Floats
    mean_error: Floats


def share_funnel(numerator: ArrayLike, denominator: ArrayLike) -> Funnel:
    """Limits of shares (0 to 1) on the arcsine scale: sin^2(asin sqrt p -/+ q sqrt(1 / 4n + tau2)), q = 1.96 and 3.09.

    Draw the over-dispersed limits where there are many places. Angles are clipped to [0, pi / 2], where FunnelPlotR's limits fold back.
    Source: Spiegelhalter (2005), Handling over-dispersion of performance indicators; FunnelPlotR (winsorised z, additive tau2).
    """
    x, n = np.broadcast_arrays(np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float))
    has = np.isfinite(x) & (n > 0)
    x, n = np.where(has, x, np.nan), np.where(has, n, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.nansum(x, axis=-1, keepdims=True) / np.nansum(n, axis=-1, keepdims=True)
        angle, error = np.arcsin(np.sqrt(centre)), 1 / (2 * np.sqrt(n))
        z = (np.arcsin(np.sqrt(x / n)) - angle) / error
    phi, tau2 = over_dispersion(z, error)

    def limit(sides: float, between: Floats | float) -> Floats:
        return np.sin(np.clip(angle + sides * np.sqrt(error**2 + between), 0, np.pi / 2)) ** 2

    q95, q998 = normal_quantile(0.975), normal_quantile(0.999)
    wide = (limit(-q95, tau2), limit(q95, tau2), limit(-q998, tau2), limit(q998, tau2))
    return Funnel(centre, z, phi, tau2, *wide, limit(-q95, 0.0), limit(q95, 0.0), limit(-q998, 0.0), limit(q998, 0.0))


def over_dispersion(z: ArrayLike, error: ArrayLike) -> tuple[Floats, Floats]:
    """(phi, tau2), each (..., 1), of z-scores with their standard errors: the mean of z^2, winsorised at 10 and 90 %, and by moments.

    tau2 = (N phi - (N - 1)) / (sum w - sum w^2 / sum w) with w = 1 / error^2, 0 where that is negative.
    """
    scores, errors = np.asarray(z, dtype=float), np.asarray(error, dtype=float)
    has = np.isfinite(scores)
    places = has.sum(axis=-1, keepdims=True)
    lowest, highest = (_quantile(scores, p) for p in (TRIMMED, 1 - TRIMMED))
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = np.where(has, np.clip(scores, lowest, highest) ** 2, 0).sum(axis=-1, keepdims=True) / places
        w = np.where(has, errors**-2.0, 0.0)
        scale = w.sum(axis=-1, keepdims=True) - (w**2).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True)
        tau2 = np.where(places > 1, np.maximum((places * phi - (places - 1)) / scale, 0), 0.0)
    return phi, tau2


def shrunken(estimates: ArrayLike, variances: ArrayLike, method: str = "paule_mandel") -> Shrunken:
    """Estimates drawn towards their mean by what is chance in them, to sort a list by: mean + tau2 / (tau2 + v) (y - mean).

    `method` of the variance between places: "paule_mandel" (solved until sum w (y - mean)^2 = N - 1) or "dersimonian_laird" (by moments).
    Source: Paule and Mandel (1982), DerSimonian and Laird (1986); equal to metafor's rma and blup. ValueError for another method.
    """
    y, v = np.broadcast_arrays(np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float))
    has = np.isfinite(y) & (v > 0)
    places = has.sum(axis=-1, keepdims=True)

    def fit(tau2: Floats) -> tuple[Floats, Floats, Floats]:
        """The weights, the mean and how far sum w (y - mean)^2 is above N - 1."""
        w = np.where(has, 1 / np.where(has, v + tau2, 1.0), 0.0)
        mean = np.where(has, w * y, 0).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True)
        return w, mean, np.where(has, w * (y - mean) ** 2, 0).sum(axis=-1, keepdims=True) - (places - 1)

    with np.errstate(divide="ignore", invalid="ignore"):
        tau2 = np.zeros(places.shape)
        w, mean, above = fit(tau2)
        if method == "dersimonian_laird":
            scale = w.sum(axis=-1, keepdims=True) - (w**2).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True)
            tau2 = np.nan_to_num(np.maximum(above / scale, 0))
        elif method == "paule_mandel":
            for _ in range(ROUNDS):  # Newton's steps from 0 rise to the root, for the sum is convex and falls
                slope = np.where(has, w**2 * (y - mean) ** 2, 0).sum(axis=-1, keepdims=True)
                step = np.nan_to_num(np.maximum(above, 0) / slope)
                tau2 = tau2 + step
                w, mean, above = fit(tau2)
                if (step <= CLOSE * tau2).all():
                    break
        else:
            raise ValueError(f"no method '{method}': 'paule_mandel' or 'dersimonian_laird'")
        w, mean, _ = fit(tau2)
        mean_error = 1 / np.sqrt(w.sum(axis=-1, keepdims=True))
        own = np.where(has, tau2 / (tau2 + v), np.nan)
        error = np.sqrt(own * v + (1 - own) ** 2 * mean_error**2)
    return Shrunken(mean + own * (y - mean), error, tau2, mean, mean_error)


def _quantile(values: Floats, p: float) -> Floats:
    """The quantile along the last axis, NaN left out (R's type 7)."""
    ordered = np.sort(values, axis=-1)  # NaN last
    places = np.isfinite(values).sum(axis=-1, keepdims=True)
    at = p * np.maximum(places - 1, 0)
    below = np.floor(at).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(places - 1, 0))
    low, high = (np.take_along_axis(ordered, each, axis=-1) for each in (below, above))
    return low + (at - below) * (high - low)
