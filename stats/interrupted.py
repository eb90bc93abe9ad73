"""Did the level or the slope of one long series change at a known month? Segmented regression with Newey-West errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.distributions import t_quantile

Floats = NDArray[np.float64]

COEFFICIENTS = ("const", "time", "level", "trend")
LAG, LAG_WITH_SEASON = 12, 3  # of monthly data


@dataclass(frozen=True)
class Segmented:
    """`coefficient`, `error`, `low` and `high` (series, 4) in the order of `COEFFICIENTS`; `months` (series,) used.

    The level and slope a month that the series starts with, and the change of both at the start. NaN where too few
    months stand before or after the start.
    """

    coefficient: Floats
    error: Floats
    low: Floats
    high: Floats
    months: NDArray[np.int64]


def segmented_regression(
    values: ArrayLike,
    start: ArrayLike,
    calendar_month: ArrayLike | None = None,
    lag: int | None = None,
    confidence: float = 0.95,
) -> Segmented:
    """y = b0 + b1 t + b2 after + b3 since, of values (series, months), NaN = missing; t = 1, 2, ... and since = 1, 2, ... from the start.

    `start` (series,) is the column of the first month after; the change of level is that between the two lines one month earlier. With
    `calendar_month` (months,), 1 to 12, there is a term for every calendar month but the first. Errors are Newey and West's (1987) with
    Bartlett weights up to `lag` months (12; 3 with calendar months), as R's sandwich::NeweyWest(prewhite = FALSE, adjust = FALSE); limits
    use Student's t. A missing month weighs nothing and keeps its place in time.
    """
    y = np.asarray(values, dtype=float)
    series, months = y.shape
    at = np.broadcast_to(np.asarray(start, dtype=np.int64), series)[:, None]
    time = np.broadcast_to(np.arange(months), y.shape)
    columns = [np.ones(y.shape), time + 1.0, time >= at, np.maximum(time - at + 1, 0)]
    if calendar_month is not None:
        month = np.asarray(calendar_month, dtype=np.int64)
        columns += [np.broadcast_to(month == each, y.shape) for each in np.unique(month)[1:]]
    has = np.isfinite(y)
    x = np.stack(columns, axis=2) * has[:, :, None]
    inner = np.einsum("stk,stl->skl", x, x)
    is_known = np.linalg.matrix_rank(inner, hermitian=True) == x.shape[2]
    inverse = np.linalg.pinv(inner, hermitian=True)
    coefficient = np.einsum("skl,stl,st->sk", inverse, x, np.where(has, y, 0.0))
    residual = np.where(has, y, 0.0) - np.einsum("stk,sk->st", x, coefficient)
    score = x * residual[:, :, None]
    lags = (LAG if calendar_month is None else LAG_WITH_SEASON) if lag is None else lag
    meat = np.einsum("stk,stl->skl", score, score)
    for each in range(1, min(lags, months - 1) + 1):
        cross = np.einsum("stk,stl->skl", score[:, each:], score[:, :-each])
        meat += (1 - each / (lags + 1)) * (cross + cross.transpose(0, 2, 1))
    variance = np.einsum("skl,slm,smk->sk", inverse, meat, inverse)
    used = has.sum(axis=1)
    freedom = np.where(is_known & (used > x.shape[2]), used - x.shape[2], np.nan)[:, None]
    wanted = slice(0, len(COEFFICIENTS))
    coefficient = np.where(is_known[:, None], coefficient, np.nan)[:, wanted]
    error = np.where(np.isfinite(freedom), np.sqrt(np.maximum(variance, 0)), np.nan)[:, wanted]
    half = t_quantile(0.5 + confidence / 2, freedom) * error
    return Segmented(coefficient, error, coefficient - half, coefficient + half, used)
