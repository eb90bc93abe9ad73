"""Are our effects of staggered starts those of a second program, diff-diff, on panels of every kind?

Two differences are intended and allowed for below: diff-diff widens clustered errors by the root of G / (G - 1), with G clusters in the
panel, and takes a start after the last period for a group of its own. It is always given clusters where reports are missing: without them
it weights groups by the reports there are, we (as R's `did`) by their sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from diff_diff import CallawaySantAnna, CallawaySantAnnaResults

from stats.staggered import Effects, base_period, compared, event_study, group_effects, group_time_effects, overall_effect

SAME = 1e-8
CONTROLS = {"not_yet": "not_yet_treated", "never": "never_treated"}

pytestmark = [
    pytest.mark.filterwarnings("ignore:Unbalanced panel:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*could not be estimated:UserWarning"),
]


@dataclass(frozen=True)
class Panel:
    """Outcomes (units, periods), the column of the start and the cluster of each unit."""

    outcome: np.ndarray
    start: np.ndarray
    cluster: np.ndarray


def panel(kind: str, seed: int) -> Panel:
    """A random panel of one of the KINDS."""
    random = np.random.default_rng(seed)
    if kind == "counties":  # periods and groups as in mpdta, the county data of R's did
        start = random.permutation(np.repeat([-1, 1, 3, 4], [309, 20, 40, 131]))
        return Panel(random.normal(0, 1, (500, 5)).cumsum(axis=1), start, np.arange(500))
    district = np.repeat(np.arange(40), 6)
    starts = random.permutation(np.repeat([-1, 0, 3, 5, 6, 9, 12], [8, 4, 8, 8, 4, 4, 4]))  # 0: from the beginning; 9, 12: after the end
    start = random.permutation(starts[district]) if kind == "districts of several starts" else starts[district]
    outcome = random.normal(0, 1, (240, 9)).cumsum(axis=1) + random.normal(0, 1, (40, 9))[district]
    if kind in ("missing reports", "missing reports, no clusters"):
        outcome[random.random(outcome.shape) < 0.15] = np.nan
        outcome[start == 5, 7] = np.nan  # a whole group in one period
        outcome[random.integers(240, size=3)] = np.nan  # a unit in every period
    return Panel(outcome, start, np.arange(240) if kind == "missing reports, no clusters" else district)


KINDS = ("counties", "districts", "districts of several starts", "missing reports", "missing reports, no clusters")
every_panel = pytest.mark.parametrize(
    ("given", "control"),
    [
        pytest.param(panel(kind, seed), control, id=f"{kind} {seed} {control}")
        for kind in KINDS
        for seed in range(3)
        for control in CONTROLS
    ],
)


def second(given: Panel, control: str, cluster: str | None = "cluster") -> CallawaySantAnnaResults:
    """The panel worked out by diff-diff; its periods and starts are our columns plus one, because 0 there means never."""
    units, periods = given.outcome.shape
    start = np.where((given.start < 0) | (given.start >= periods), 0, given.start + 1)
    rows = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "period": np.tile(np.arange(periods) + 1, units),
            "outcome": given.outcome.ravel(),
            "start": np.repeat(start, periods),
            "cluster": np.repeat(given.cluster, periods),
        }
    )
    model = CallawaySantAnna(control_group=CONTROLS[control], estimation_method="reg", cluster=cluster)
    return model.fit(rows, outcome="outcome", unit="unit", time="period", first_treat="start")


def widened(given: Panel) -> float:
    """By how much diff-diff's clustered errors are wider than ours."""
    clusters = len(np.unique(given.cluster))
    return float(np.sqrt(clusters / (clusters - 1)))


def agree(ours: Effects, effect: np.ndarray, error: np.ndarray, widening: float) -> None:
    assert ours.effect == pytest.approx(effect, rel=0, abs=SAME, nan_ok=True)
    assert ours.error * widening == pytest.approx(error, rel=0, abs=SAME, nan_ok=True)
    assert np.isfinite(ours.error).any()


@every_panel
def test_every_group_and_period(given: Panel, control: str) -> None:
    ours = group_time_effects(given.outcome, given.start, given.cluster, control)
    cells = second(given, control).group_time_effects
    found = [cells[group + 1, period + 1] for group, period in zip(ours.group, ours.period, strict=True)]
    agree(ours, np.array([cell["effect"] for cell in found]), np.array([cell["se"] for cell in found]), widened(given))
    told = {(group - 1, period - 1) for (group, period), cell in cells.items() if np.isfinite(cell["effect"])}
    assert told == {(g, p) for g, p, effect in zip(ours.group, ours.period, ours.effect, strict=True) if np.isfinite(effect)}


@every_panel
def test_the_event_study_and_how_its_effects_move_together(given: Panel, control: str) -> None:
    effects = group_time_effects(given.outcome, given.start, given.cluster, control)
    ours, theirs = event_study(effects), second(given, control).aggregate("event_study")
    assert ours.event.tolist() == list(theirs.event_time)
    agree(ours, theirs.att, theirs.se, widened(given))
    sums = np.array([ours.influence[given.cluster == cluster].sum(axis=0) for cluster in np.unique(given.cluster)])
    assert sums.T @ sums * widened(given) ** 2 == pytest.approx(theirs.vcov, rel=0, abs=SAME)
    is_after = ours.event >= 0
    weights = is_after / is_after.sum()
    agree(overall_effect(effects, "event"), weights @ theirs.att, np.sqrt(weights @ theirs.vcov @ weights), widened(given))


@every_panel
def test_groups_and_the_averages_over_them(given: Panel, control: str) -> None:
    effects, theirs = group_time_effects(given.outcome, given.start, given.cluster, control), second(given, control)
    groups, ours = group_effects(effects)
    of_groups = theirs.aggregate("group")
    assert groups.tolist() == [group - 1 for group in of_groups.label]
    agree(ours, of_groups.att, of_groups.se, widened(given))
    sizes = [(given.start == group).sum() for group in groups]
    assert overall_effect(effects).effect[0] == pytest.approx(np.average(of_groups.att, weights=sizes), rel=0, abs=SAME)
    agree(overall_effect(effects, "simple"), np.array([theirs.overall_att]), np.array([theirs.overall_se]), widened(given))


@every_panel
def test_the_error_of_the_average_we_report_where_groups_have_one_covered_period(given: Panel, control: str) -> None:
    """diff-diff has no average of group averages; with one covered period in each group it is the simple average."""
    outcome = given.outcome.copy()
    outcome[(given.start[:, None] > 0) & (np.arange(outcome.shape[1]) > given.start[:, None])] = np.nan
    cut = Panel(outcome, given.start, given.cluster)
    theirs = second(cut, control)
    ours = overall_effect(group_time_effects(cut.outcome, cut.start, cut.cluster, control))
    agree(ours, np.array([theirs.overall_att]), np.array([theirs.overall_se]), widened(cut))


@pytest.mark.parametrize("control", CONTROLS)
def test_without_clusters_errors_agree_as_they_stand(control: str) -> None:
    given = panel("districts", 7)
    ours, theirs = group_time_effects(given.outcome, given.start, control=control), second(given, control, cluster=None)
    study, of_groups = theirs.aggregate("event_study"), theirs.aggregate("group")
    agree(event_study(ours), study.att, study.se, 1)
    agree(group_effects(ours)[1], of_groups.att, of_groups.se, 1)
    agree(overall_effect(ours, "simple"), np.array([theirs.overall_att]), np.array([theirs.overall_se]), 1)


@pytest.mark.parametrize("control", ["not_yet", "never"])
def test_who_is_compared_is_who_the_effects_rest_on(control: str) -> None:
    """A unit stands on a side of ATT(g, t) exactly where it moves it; the first of each group is missing once."""
    random = np.random.default_rng(2)
    start = np.repeat([-1, 2, 4], 5)
    y = random.normal(size=(15, 6))
    y[[0, 5, 10], [3, 1, 5]] = np.nan
    found = group_time_effects(y, start, control=control)
    for number, (group, period) in enumerate(zip(found.group, found.period, strict=True)):
        sides = compared(y, start, int(group), int(period), control)
        assert [bool(side.any()) for side in sides] == [True, True]
        change = y[:, period] - y[:, base_period(int(group), int(period))]
        assert found.effect[number] == pytest.approx(change[sides[0]].mean() - change[sides[1]].mean())
        assert ((found.influence[:, number] != 0) == (sides[0] | sides[1])).all()
    assert [base_period(3, 5), base_period(3, 3), base_period(3, 2)] == [2, 2, 1]
    assert compared(y, start, 2, 3, "not_yet")[1].sum() == 4 + 5 and compared(y, start, 2, 3, "never")[1].sum() == 4
