"""How sure is a median, a shift, or a difference of two estimates that each have limits?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.distributions import binomial_chances


def median_interval(values: ArrayLike, confidence: float = 0.95) -> tuple[float, float, float]:
    """(median, low, high) by order statistics, without censoring; limits NaN below 6 values.

    The largest k with P(Bin(n, 1/2) < k) <= 2.5 %; limits are the k-th smallest and k-th largest value.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    n = len(ordered)
    if n == 0:
        return math.nan, math.nan, math.nan
    k = int(np.searchsorted(binomial_chances(n, 0.5), (1 - confidence) / 2, side="right"))
    if k < 1:
        return float(np.median(ordered)), math.nan, math.nan
    return float(np.median(ordered)), float(ordered[k - 1]), float(ordered[n - k])


def hodges_lehmann(x: ArrayLike, y: ArrayLike, confidence: float = 0.95) -> tuple[float, float, float]:
    """(shift, low, high): the median of all differences x - y with exact Mann-Whitney limits, as R's wilcox.test."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    differences = np.sort(np.subtract.outer(x, y).ravel())
    chances = _rank_sum_chances(len(x), len(y))
    k = int(np.searchsorted(np.cumsum(chances), (1 - confidence) / 2 * (1 - 1e-12)))  # as R's qwilcox
    k = max(k, 1)
    return float(np.median(differences)), float(differences[k - 1]), float(differences[len(differences) - k])


def _rank_sum_chances(m: int, n: int) -> NDArray[np.float64]:
    """The chance of every value of Mann-Whitney's U for samples of m and n without ties."""
    ways = np.zeros(m * n + 1)
    ways[0] = 1.0
    for i in range(1, m + 1):  # the Gaussian binomial coefficient, factor by factor
        for u in range(m * n, n + i - 1, -1):
            ways[u] -= ways[u - n - i]
        for u in range(i, m * n + 1):
            ways[u] += ways[u - i]
    return ways / ways.sum()


def combined_difference(before: tuple[float, float, float], after: tuple[float, float, float]) -> tuple[float, float, float]:
    """(difference, low, high) of two independent (value, low, high): the MOVER of Zou and Donner (2008)."""
    (b, b_low, b_high), (a, a_low, a_high) = before, after
    difference = a - b
    return difference, difference - math.hypot(a - a_low, b_high - b), difference + math.hypot(a_high - a, b - b_low)
