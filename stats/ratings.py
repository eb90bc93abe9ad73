"""Do people rate better than before? The chance that a new answer is the better one, from how many gave each rating."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.distributions import t_quantile, t_tail

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Superiority:
    """P(new > old) + P(new = old) / 2 with limits and the p-value of "a half" (no change), each (...,). NaN where it cannot be known."""

    probability: Floats
    low: Floats
    high: Floats
    p_value: Floats
    n_before: Floats
    n_after: Floats


def probability_of_superiority(before: ArrayLike, after: ArrayLike, confidence: float = 0.95) -> Superiority:
    """The chance that an answer after beats one before, ties counting half, from counts of answers (..., ratings), worst rating first.

    Limits by Brunner and Munzel (2000) with Student's t and Satterthwaite's degrees of freedom, as statsmodels' rank_compare_2indep,
    clipped to [0, 1]. No limits where a side has fewer than two answers, or where no answer overlaps with the other side's: the
    variance is then estimated as 0, which nobody should believe.
    """
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    n, m = x.sum(axis=-1), y.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        below_y = (np.cumsum(x, axis=-1) - x / 2) / n[..., None]  # the share of old answers that a new answer of each rating beats
        below_x = (np.cumsum(y, axis=-1) - y / 2) / m[..., None]
        probability = (y * below_y).sum(axis=-1) / m
        part_y = (y * (below_y - probability[..., None]) ** 2).sum(axis=-1) / (m - 1) / m
        part_x = (x * (below_x - (1 - probability)[..., None]) ** 2).sum(axis=-1) / (n - 1) / n
        variance = part_x + part_y
        freedom = variance**2 / (part_x**2 / (n - 1) + part_y**2 / (m - 1))
        error = np.where((n > 1) & (m > 1) & (variance > 0), np.sqrt(variance), np.nan)
        half = t_quantile(0.5 + confidence / 2, freedom) * error
        p_value = 2 * t_tail(np.abs(probability - 0.5) / error, freedom)
    return Superiority(probability, np.clip(probability - half, 0, 1), np.clip(probability + half, 0, 1), p_value, n, m)


def superiority_among_clusters(before: ArrayLike, after: ArrayLike, confidence: float = 0.95) -> Superiority:
    """The same chance where answers of one cluster resemble each other: counts (clusters, ratings) of the same clusters on both sides.

    The variance is that of the clusters' summed influence on the chance (Obuchowski 1997), with Student's t and one degree of freedom
    less than clusters. A single cluster can only be told about for itself, answer by answer, as `probability_of_superiority` does.
    """
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    told = probability_of_superiority(x.sum(axis=0), y.sum(axis=0), confidence)
    clusters = len(x)
    if clusters < 2:
        return told
    n, m, chance = told.n_before, told.n_after, told.probability
    below_y = (np.cumsum(x.sum(axis=0)) - x.sum(axis=0) / 2) / n
    above_x = 1 - (np.cumsum(y.sum(axis=0)) - y.sum(axis=0) / 2) / m
    influence = y @ (below_y - chance) / m + x @ (above_x - chance) / n
    error = np.sqrt(clusters / (clusters - 1) * (influence**2).sum())
    error = np.where(np.isfinite(told.low) & (error > 0), error, np.nan)
    freedom = np.asarray(float(clusters - 1))
    half = t_quantile(0.5 + confidence / 2, freedom) * error
    p_value = 2 * t_tail(np.abs(chance - 0.5) / error, freedom)
    return Superiority(chance, np.clip(chance - half, 0, 1), np.clip(chance + half, 0, 1), p_value, n, m)
