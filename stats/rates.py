"""How sure is a ratio of two rates?"""

from __future__ import annotations

import math

from scipy.stats import norm


def rate_ratio(count_before: float, exposure_before: float, count_after: float, exposure_after: float) -> tuple[float, float, float]:
    """(ratio, low, high) of rate after / rate before with 95 % score limits for two Poisson counts.

    Solves (x1 - r x0)^2 = z^2 r (x1 + x0) for r; the same as statsmodels' confint_poisson_2indep(method="score").
    """
    if count_before <= 0 or exposure_before <= 0 or exposure_after <= 0:
        return math.nan, math.nan, math.nan
    scale = exposure_before / exposure_after
    z2 = float(norm.ppf(0.975)) ** 2
    total = count_before + count_after
    middle = 2 * count_before * count_after + z2 * total
    root = math.sqrt(max(middle**2 - 4 * count_before**2 * count_after**2, 0.0))
    low, high = ((middle + sign * root) / (2 * count_before**2) for sign in (-1, 1))
    return count_after / count_before * scale, low * scale, high * scale
