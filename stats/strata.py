"""How far apart are two kinds of things within the same stratum, on average over many strata?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm


def difference_within(
    one: ArrayLike, other: ArrayLike, n_one: ArrayLike, n_other: ArrayLike, error_one: ArrayLike, error_other: ArrayLike
) -> tuple[float, float, float]:
    """Mean of other - one over strata with its 95 % limits (strata,): so that strata that hold more of one kind do not tilt it.

    A stratum counts with n_one * n_other / (n_one + n_other), the weights of Mantel and Haenszel: it says most where it holds many of both.
    Standard errors of the strata are taken as independent. NaN where there is no stratum.
    """
    a, b, n_a, n_b, e_a, e_b = (np.asarray(each, dtype=float) for each in (one, other, n_one, n_other, error_one, error_other))
    if not len(a):
        return (np.nan, np.nan, np.nan)
    weight = n_a * n_b / (n_a + n_b)
    weight = weight / weight.sum()
    middle = float((weight * (b - a)).sum())
    half = float(norm.ppf(0.975) * np.sqrt((weight**2 * (e_a**2 + e_b**2)).sum()))
    return (middle, middle - half, middle + half)
