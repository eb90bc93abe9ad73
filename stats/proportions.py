"""How sure is a share, and a difference between two shares?"""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.distributions import normal_quantile, normal_tail

Floats = NDArray[np.float64]


def wilson(successes: ArrayLike, base: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's score interval of successes / base, as fractions; NaN where the base is 0."""
    x, n = np.asarray(successes, dtype=float), np.asarray(base, dtype=float)
    z = normal_quantile(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(n > 0, x / n, np.nan)
        middle = p + z**2 / (2 * n)
        half = z * np.sqrt(np.maximum(p * (1 - p) / n + z**2 / (4 * n**2), 0))
        low, high = (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)
    return np.where(p == 0, 0.0, np.clip(low, 0, 1)), np.where(p == 1, 1.0, np.clip(high, 0, 1))


@overload
def newcombe_difference(x_before: float, n_before: float, x_after: float, n_after: float) -> tuple[float, float]: ...
@overload
def newcombe_difference(x_before: Floats, n_before: Floats, x_after: Floats, n_after: Floats) -> tuple[Floats, Floats]: ...
def newcombe_difference(x_before: ArrayLike, n_before: ArrayLike, x_after: ArrayLike, n_after: ArrayLike) -> tuple[Any, Any]:
    """95 % limits of share after minus share before (Newcombe 1998, method 10: Wilson limits combined), of any shape."""
    (low_b, high_b), (low_a, high_a) = wilson(x_before, n_before), wilson(x_after, n_after)
    before, after = _share(x_before, n_before), _share(x_after, n_after)
    difference = after - before
    low = difference - np.hypot(after - low_a, high_b - before)
    high = difference + np.hypot(high_a - after, before - low_b)
    return low[()], high[()]


def difference_p_value(x_before: ArrayLike, n_before: ArrayLike, x_after: ArrayLike, n_after: ArrayLike) -> Floats:
    """The p-value of "both shares are the same", of any shape: the score test, as R's prop.test(correct = FALSE). NaN without variation."""
    x0, n0, x1, n1 = (np.asarray(each, dtype=float) for each in (x_before, n_before, x_after, n_after))
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (x0 + x1) / (n0 + n1)
        error = np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
        return np.asarray(2 * normal_tail(np.abs(_share(x1, n1) - _share(x0, n0)) / np.where(error > 0, error, np.nan)))


def _share(x: ArrayLike, n: ArrayLike) -> Floats:
    base = np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(x, dtype=float) / np.where(base > 0, base, np.nan)
