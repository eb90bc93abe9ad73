"""How do two groups differ in a share, compared only with their like? Matched on strata, the interval drawn from whole clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

DRAWS = 2000
SEED = 20261124
FEWEST_CLUSTERS = 8  # fewer cannot say how much clusters scatter

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MatchedShares:
    """Shares (fractions) of those with and without, over the strata that hold both, weighted as Mantel and Haenszel (1959) do.

    `n_with` and `n_without` are the cases in those strata, `strata` how many there are. `difference` is the first share minus the second,
    `low` to `high` its 95 % limits; NaN where nothing is matched or too few clusters are there.
    """

    share_with: float
    share_without: float
    n_with: int
    n_without: int
    strata: int
    clusters: int
    difference: float
    low: float
    high: float


def matched_difference(
    outcome: ArrayLike, is_with: ArrayLike, stratum: ArrayLike, cluster: ArrayLike, draws: int = DRAWS, seed: int = SEED
) -> MatchedShares:
    """Compare a yes-or-no outcome between cases with and without something, stratum by stratum.

    All four are one value a case. Whole clusters are drawn again, because cases of one cluster resemble each other; the limits are the
    2.5th and 97.5th percentile of the differences.
    """
    y, has = np.asarray(outcome, dtype=float), np.asarray(is_with, dtype=bool)
    _, strata = np.unique(np.asarray(stratum), return_inverse=True)
    _, clusters = np.unique(np.asarray(cluster), return_inverse=True)
    count = int(strata.max(initial=-1)) + 1
    both = (np.bincount(strata, has, count) > 0) & (np.bincount(strata, ~has, count) > 0)
    kept = both[strata] if len(strata) else np.zeros(0, dtype=bool)
    y, has, strata, clusters = y[kept], has[kept], strata[kept], np.unique(clusters[kept], return_inverse=True)[1]
    groups = int(clusters.max(initial=-1)) + 1
    if not groups:
        return MatchedShares(np.nan, np.nan, 0, 0, 0, 0, np.nan, np.nan, np.nan)
    cells = np.zeros((groups, 4, count))  # cluster x (yes with, all with, yes without, all without) x stratum
    for part, values in enumerate((y * has, has, y * ~has, ~has)):
        np.add.at(cells[:, part], (clusters, strata), values)
    whole = cells.sum(axis=0)
    low = high = np.nan
    if groups >= FEWEST_CLUSTERS:
        random = np.random.default_rng(seed)
        weights = random.multinomial(groups, np.full(groups, 1 / groups), draws)
        share_with, share_without = _shares(np.tensordot(weights, cells, axes=1))
        low, high = np.nanpercentile(share_with - share_without, (2.5, 97.5))
    share_with, share_without = _shares(whole)
    return MatchedShares(
        share_with=float(share_with),
        share_without=float(share_without),
        n_with=int(whole[1].sum()),
        n_without=int(whole[3].sum()),
        strata=int(both.sum()),
        clusters=groups,
        difference=float(share_with - share_without),
        low=float(low),
        high=float(high),
    )


def _shares(cells: Floats) -> tuple[Floats, Floats]:
    """Both shares of (..., 4, strata) counts; a stratum weighs with x without / all, so one without both groups weighs nothing."""
    yes_with, all_with, yes_without, all_without = np.moveaxis(cells, -2, 0)
    size = all_with + all_without
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(size > 0, all_with * all_without / size, 0.0)
        top_with = np.where(weight > 0, weight * yes_with / all_with, 0.0).sum(axis=-1)
        top_without = np.where(weight > 0, weight * yes_without / all_without, 0.0).sum(axis=-1)
        whole = weight.sum(axis=-1)
        whole = np.where(whole > 0, whole, np.nan)
        return np.asarray(top_with / whole), np.asarray(top_without / whole)
