"""Did communes that were covered change more than those not yet covered? Staggered difference-in-differences without covariates.

Two-way fixed effects would use communes already covered as controls; Callaway and Sant'Anna (2021) do not. It stays an association
unless the order of the start was arbitrary, and means nothing where the effects before the start drift. Errors are those of R's `did`:
from influence functions, summed by cluster, group sizes taken as random. The tests hold them against diff-diff.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.distributions import t_quantile

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_CLUSTERS = 2  # on either side; one cluster does not say how much clusters differ


@dataclass(frozen=True)
class Effects:
    """Effects in the unit of the outcome, each (effects,), with errors and limits; NaN where no unit, or no error, is known.

    `treated` is how many clusters stand behind each. `influence` (units, effects) is what each unit contributes.
    """

    effect: Floats
    error: Floats
    low: Floats
    high: Floats
    treated: Ints
    influence: Floats


@dataclass(frozen=True)
class GroupTimeEffects(Effects):
    """ATT(g, t): of the communes covered from `group` on, in `period`, both columns of the outcome; period < group is before the start.

    `start` and `cluster` (units,) are those of the units, for the averages.
    """

    group: Ints
    period: Ints
    start: Ints
    cluster: Ints
    confidence: float


@dataclass(frozen=True)
class EventStudy(Effects):
    """The effect in each `event` period, counted from the start (negative: before)."""

    event: Ints


def group_time_effects(
    outcome: ArrayLike, start: ArrayLike, cluster: ArrayLike | None = None, control: str = "not_yet", confidence: float = 0.95
) -> GroupTimeEffects:
    """Every ATT(g, t) = mean change of the group since its base period - mean change of the controls.

    `outcome` (units, periods), NaN = missing; `start` (units,) is the column of a unit's first covered period, -1 where it never is;
    `cluster` (units,) numbers the level at which the start was decided (default: each unit its own). The base period is the last before
    the start; for an effect before the start the period before. `control` is "not_yet" (units neither covered by then nor of the group)
    or "never". Units covered from column 0 on have no base and are left out, as are units missing in either period of a comparison.
    Limits use Student's t with the clusters of the smaller side less one. ValueError for another control.
    """
    if control not in ("not_yet", "never"):
        raise ValueError(f"no control '{control}': 'not_yet' or 'never'")
    y = np.asarray(outcome, dtype=float)
    units, periods = y.shape
    first = np.broadcast_to(np.asarray(start, dtype=np.int64), units)
    clusters = np.arange(units) if cluster is None else np.unique(np.asarray(cluster), return_inverse=True)[1]
    groups = np.unique(first[(first > 0) & (first < periods)])
    cells = [(group, period) for group in groups for period in range(1, periods)]
    effect, influence, sides = np.full(len(cells), np.nan), np.zeros((units, len(cells))), np.zeros((len(cells), 2), dtype=np.int64)
    for number, (group, period) in enumerate(cells):
        is_treated, is_control = compared(y, first, int(group), period, control)
        change = y[:, period] - y[:, base_period(int(group), period)]
        sides[number] = len(np.unique(clusters[is_treated])), len(np.unique(clusters[is_control]))
        if sides[number].all():
            up, down = change[is_treated], change[is_control]
            effect[number] = up.mean() - down.mean()
            influence[is_treated, number] = (up - up.mean()) / len(up)
            influence[is_control, number] = -(down - down.mean()) / len(down)
    error, low, high = _limits(effect, influence, clusters, sides.min(axis=1, initial=units), confidence)
    pairs = np.array(cells, dtype=np.int64).reshape(-1, 2)
    return GroupTimeEffects(effect, error, low, high, sides[:, 0], influence, pairs[:, 0], pairs[:, 1], first, clusters, confidence)


def base_period(group: int, period: int) -> int:
    """The column that ATT(group, period) starts from: the last before the start; before the start the one before."""
    return min(group, period) - 1


def compared(outcome: Floats, start: Ints, group: int, period: int, control: str = "not_yet") -> tuple[Bools, Bools]:
    """Which units stand on either side of ATT(group, period), each (units,): those of the group, and the controls.

    As `group_time_effects` asks for; units missing in the period or its base are on neither side.
    """
    is_there = np.isfinite(outcome[:, period]) & np.isfinite(outcome[:, base_period(group, period)])
    is_control = (start < 0) | (start >= outcome.shape[1])
    if control == "not_yet":
        is_control = is_control | ((start > period) & (start != group))
    return is_there & (start == group), is_there & is_control


def event_study(effects: GroupTimeEffects) -> EventStudy:
    """The average effect by periods since the start, groups weighted by their size."""
    since = effects.period - effects.group
    events = np.unique(since[np.isfinite(effects.effect)])
    return EventStudy(*_together(effects, [_average(effects, since == event) for event in events]), events)


def group_effects(effects: GroupTimeEffects) -> tuple[Ints, Effects]:
    """(group, its average effect over its covered periods) of every group."""
    groups = np.unique(effects.group[_is_after(effects)])
    return groups, Effects(*_together(effects, [_of_group(effects, group) for group in groups]))


def overall_effect(effects: GroupTimeEffects, average: str = "group") -> Effects:
    """One number for all covered periods: (1,).

    `average` is "group" (each group's average, weighted by its size: the one to report), "simple" (every group and period, weighted by
    the group's size) or "event" (the mean of the event study from the start on). ValueError for another.
    """
    is_after = _is_after(effects)
    if average == "simple":
        one = _average(effects, is_after)
    elif average == "event":
        since = effects.period - effects.group
        parts = [_average(effects, since == event) for event in np.unique(since[is_after])]
        one = _mean(parts)
    elif average == "group":
        groups = np.unique(effects.group[is_after])
        one = _weighted(effects, groups, [_of_group(effects, group) for group in groups])
    else:
        raise ValueError(f"no average '{average}': 'group', 'simple' or 'event'")
    return Effects(*_together(effects, [one]))


@dataclass(frozen=True)
class _Part:
    """One effect, what each unit contributes to it, and the groups behind it."""

    effect: float
    influence: Floats
    groups: Ints


def _is_after(effects: GroupTimeEffects) -> Bools:
    return np.asarray((effects.period >= effects.group) & np.isfinite(effects.effect))


def _cells(effects: GroupTimeEffects, chosen: Bools) -> list[_Part]:
    numbers = np.flatnonzero(chosen & np.isfinite(effects.effect))
    return [_Part(float(effects.effect[each]), effects.influence[:, each], effects.group[[each]]) for each in numbers]


def _of_group(effects: GroupTimeEffects, group: int) -> _Part:
    return _mean(_cells(effects, _is_after(effects) & (effects.group == group)))


def _average(effects: GroupTimeEffects, chosen: Bools) -> _Part:
    parts = _cells(effects, chosen)
    return _weighted(effects, np.array([part.groups[0] for part in parts], dtype=np.int64), parts)


def _mean(parts: list[_Part]) -> _Part:
    if not parts:
        return _Part(np.nan, np.zeros(0), np.zeros(0, dtype=np.int64))
    influence = np.mean([part.influence for part in parts], axis=0)
    return _Part(float(np.mean([part.effect for part in parts])), influence, np.concatenate([part.groups for part in parts]))


def _weighted(effects: GroupTimeEffects, groups: Ints, parts: list[_Part]) -> _Part:
    """Parts weighted by the sizes of their groups; that the sizes are those of a sample adds to the influence."""
    if not parts:
        return _mean(parts)
    is_member = effects.start[:, None] == groups
    sizes = is_member.sum(axis=0)
    effect = float(np.average([part.effect for part in parts], weights=sizes))
    influence = np.average([part.influence for part in parts], axis=0, weights=sizes)
    influence = influence + is_member @ (np.array([part.effect for part in parts]) - effect) / sizes.sum()
    return _Part(effect, influence, np.concatenate([part.groups for part in parts]))


def _together(effects: GroupTimeEffects, parts: list[_Part]) -> tuple[Floats, Floats, Floats, Floats, Ints, Floats]:
    effect = np.array([part.effect for part in parts])
    units = len(effects.start)
    influence = np.array([part.influence if len(part.influence) else np.zeros(units) for part in parts]).reshape(-1, units).T
    treated = np.array([len(np.unique(effects.cluster[np.isin(effects.start, part.groups)])) for part in parts], dtype=np.int64)
    error, low, high = _limits(effect, influence, effects.cluster, treated, effects.confidence)
    return effect, error, low, high, treated, influence


def _limits(effect: Floats, influence: Floats, cluster: Ints, clusters: Ints, confidence: float) -> tuple[Floats, Floats, Floats]:
    """(error, low, high) from influences summed by cluster."""
    sums = np.zeros((cluster.max(initial=-1) + 1, influence.shape[1]))
    np.add.at(sums, cluster, influence)
    error = np.where((clusters >= LEAST_CLUSTERS) & np.isfinite(effect), np.sqrt((sums**2).sum(axis=0)), np.nan)
    half = t_quantile(0.5 + confidence / 2, np.maximum(clusters - 1, 1)) * error
    return error, effect - half, effect + half
