"""Which of many places changed, when some are bound to look changed by chance? For tests of before and after, not for chart icons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Discoveries:
    """Which tests are listed, and the smallest rate at which each would be, of the shape of the p-values; NaN and false without one."""

    is_discovery: NDArray[np.bool_]
    adjusted: Floats


def benjamini_hochberg(p_values: ArrayLike, rate: float = 0.10) -> Discoveries:
    """Those of the p-values (tests,) that may be listed so that about `rate` of the list is chance; NaN = not tested.

    adjusted = min over larger p of p n / rank. Source: Benjamini and Hochberg (1995), as R's p.adjust(method = "BH").
    """
    p = np.asarray(p_values, dtype=float)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested])[::-1]]
    adjusted = np.full(p.shape, np.nan)
    ranks = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.minimum.accumulate(p[order] * len(order) / np.maximum(ranks, 1)), 1.0)
    return Discoveries(adjusted <= rate, adjusted)


def expected_false_alarms(false_alarm_rate: ArrayLike, judged: ArrayLike) -> Floats:
    """How many of the judged series show an icon by chance: the simulated rate for their baseline times their number."""
    return np.asarray(false_alarm_rate, dtype=float) * np.asarray(judged, dtype=float)
