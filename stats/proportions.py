"""How sure is a share, and a difference between two shares?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]


def wilson(successes: ArrayLike, base: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's score interval of successes / base, as fractions; NaN where the base is 0."""
    x, n = np.asarray(successes, dtype=float), np.asarray(base, dtype=float)
    z = norm.ppf(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(n > 0, x / n, np.nan)
        middle = p + z**2 / (2 * n)
        half = z * np.sqrt(np.maximum(p * (1 - p) / n + z**2 / (4 * n**2), 0))
        low, high = (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)
    return np.where(p == 0, 0.0, np.clip(low, 0, 1)), np.where(p == 1, 1.0, np.clip(high, 0, 1))


def newcombe_difference(x_before: float, n_before: float, x_after: float, n_after: float) -> tuple[float, float]:
    """95 % limits of share after minus share before (Newcombe 1998, method 10: Wilson limits combined)."""
    before, after = x_before / n_before, x_after / n_after
    (low_b, high_b), (low_a, high_a) = wilson(x_before, n_before), wilson(x_after, n_after)
    difference = after - before
    low = difference - np.hypot(after - low_a, high_b - before)
    high = difference + np.hypot(high_a - after, before - low_b)
    return float(low), float(high)
