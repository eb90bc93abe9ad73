"""How much does a month resemble the month before, and how much wider must an interval be for it?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def lag_one(residuals: ArrayLike, group: ArrayLike = 0, fitted: float = 1.0) -> Floats:
    """The correlation of neighbouring months, pooled over the series of each group: (groups,), between -1 and 1, NaN where unknown.

    `residuals` (series, months) are what is left after each series' own mean (or means, or season), NaN = missing; `group` (series,)
    numbers the groups from 0. One series of 12 to 36 months is too short to tell; hundreds together are not. `fitted` is how many
    means were taken from each series: their residuals show about (fitted + (2 + fitted) rho) / n too little, which is put back (Kendall
    1954 and Marriott and Pope 1954 for one mean; for two, one a side, in simulations within 0.03 of the truth at 12 months).
    """
    e = np.asarray(residuals, dtype=float)
    place = np.broadcast_to(np.asarray(group, dtype=np.int64), len(e))
    groups = int(place.max(initial=-1)) + 1
    has = np.isfinite(e)
    e = np.where(has, e, 0.0)
    pairs = (has[:, 1:] & has[:, :-1]).sum(axis=1)
    products, squares, months, pairs, series = (
        np.bincount(place, weights=each, minlength=groups)
        for each in ((e[:, 1:] * e[:, :-1]).sum(axis=1), (e**2).sum(axis=1), has.sum(axis=1), pairs, has.any(axis=1))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        raw, n = (products / pairs) / (squares / months), months / series
        return np.clip((n * raw + fitted) / (n - 2 - fitted), -1, 1)


def variance_inflation(correlation: ArrayLike) -> Floats:
    """How much larger the variance of a mean of many months is: (1 + rho) / (1 - rho), never less than 1 (Priestley 1981, 5.3)."""
    rho = np.asarray(correlation, dtype=float)
    with np.errstate(divide="ignore"):
        return np.maximum((1 + rho) / (1 - rho), 1.0)
