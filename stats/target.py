"""Is a target reached reliably, sometimes, or not, by a process as it runs now?

NHS "Making Data Count" holds the target against the limits of the recent process: wholly on its good side they promise that it is reached.
They promise it of a process that goes on as it was. Where it moved within these months (a backlog that grows, a time of year) its
months say more: so *reliably* needs both, the limits on the good side and no month that missed. And limits of few records are wide, so that
a target that no month ever reached may lie inside them; NHS calls that "hit and miss", we call it *not* reached. All else is *sometimes*.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.process_chart import Assurance, assurance, xmr_limits

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEWEST = 24  # months at most that say how the process runs now; 12 at least, as for all limits that promise something
RECENT = 12  # of the last so many months one must be known, else it is not now


class Reached(StrEnum):
    """How a target is reached."""

    RELIABLY = "reliably"
    SOMETIMES = "sometimes"
    NOT = "not"


@dataclass(frozen=True)
class Process:
    """How each series runs now (series,): `months` set the limits `lower` and `upper`, NaN where there are none or they are on trial;
    `first` and `last` are the columns of the first and the last of them, -1 where there is none. `reached` is a `Reached`, or None where
    there is no target or it cannot be told.
    """

    reached: NDArray[np.object_]
    lower: Floats
    upper: Floats
    months: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def process(values: ArrayLike, counts: ArrayLike, better: int, target: ArrayLike) -> Process:
    """Hold each series (series, months) against its target (series,), NaN where there is none.

    `values`: as they were, not freed of the time of year, since that is what people wait. `counts`: the months that may be used,
    all of them since the last change one knows of; the newest 24 of them set the limits. `better`: 1 or -1.
    """
    y = np.asarray(values, dtype=float)
    used = np.asarray(counts, dtype=bool) & np.isfinite(y)
    used &= np.cumsum(used[:, ::-1], axis=1)[:, ::-1] <= NEWEST
    goal = np.broadcast_to(np.asarray(target, dtype=float), len(y))
    limits = xmr_limits(y, 0, used)
    found = assurance(np.where(used, y, np.nan), limits, better, goal)
    is_hit = (y >= goal[:, None]) if better > 0 else (y <= goal[:, None])
    passes = (found == Assurance.CONSISTENT_PASS) & (is_hit | ~used).all(axis=1)
    fails = ~(is_hit & used).any(axis=1)
    is_told = (found != Assurance.NONE) & used[:, -RECENT:].any(axis=1)
    words = np.full(len(y), Reached.SOMETIMES, dtype=object)
    words[passes], words[fails], words[~is_told] = Reached.RELIABLY, Reached.NOT, None
    is_firm = ~limits.is_trial[:, -1]
    lower, upper = (np.where(is_firm, edge[:, -1], np.nan) for edge in (limits.lower, limits.upper))
    has = used.any(axis=1)
    first, last = np.argmax(used, axis=1), y.shape[1] - 1 - np.argmax(used[:, ::-1], axis=1)
    return Process(words, lower, upper, used.sum(axis=1), np.where(has, first, -1), np.where(has, last, -1))
