"""Do funnels, shrunken estimates and lists of discoveries say what R says, and nothing more than the data do?"""

from __future__ import annotations

import numpy as np
import pytest
from reference_cases import named, needs_folder, of_kind, same

from stats.discoveries import benjamini_hochberg, expected_false_alarms
from stats.funnel import over_dispersion, share_funnel, shrunken

LIMITS = {
    "low_95": "odll95",
    "high_95": "odul95",
    "low_998": "odll998",
    "high_998": "odul998",
    "plain_low_95": "ll95",
    "plain_high_95": "ul95",
    "plain_low_998": "ll998",
    "plain_high_998": "ul998",
}


@needs_folder
def test_the_funnel_is_that_of_funnelplotr() -> None:
    case = named("funnel_proportions")
    funnel, expected = share_funnel(case["input"]["numerator"], case["input"]["denominator"]), case["expected"]
    for ours, theirs in {"centre": "target", "z": "z", "phi": "phi", "tau2": "tau2", **LIMITS}.items():
        same(getattr(funnel, ours), expected[theirs])


@needs_folder
@pytest.mark.parametrize("case", of_kind("shrinkage"), ids=lambda case: case["id"])
def test_shrunken_estimates_are_those_of_metafor(case: dict) -> None:
    method = {"shrink_bcg_DL": "dersimonian_laird", "shrink_bcg_PM": "paule_mandel"}[case["id"]]
    found = shrunken(case["input"]["yi"], case["input"]["vi"], method)
    for ours, theirs in {"tau2": "tau2", "mean": "mu", "mean_error": "se_mu", "estimate": "blup", "error": "blup_se"}.items():
        same(getattr(found, ours), case["expected"][theirs], case["tolerance"])


@needs_folder
def test_adjusted_p_values_are_those_of_r() -> None:
    case = named("bh_1995")
    found = benjamini_hochberg(case["input"]["p"], rate=0.05)
    same(found.adjusted, case["expected"]["adjusted"])
    assert found.is_discovery.sum() == case["expected"]["rejected_05"]


def test_a_small_place_keeps_its_limits_between_nothing_and_all() -> None:
    """Unclipped, asin sqrt .9 + 1.96 / (2 sqrt 2) passes pi / 2 and its sine falls again."""
    funnel = share_funnel([180, 2, 90], [200, 2, 100])
    assert funnel.plain_high_95[1] == 1
    assert (funnel.plain_low_998 < funnel.plain_low_95).all()


def test_places_that_vary_more_than_chance_widen_the_limits() -> None:
    random = np.random.default_rng(5)
    alike, apart = random.binomial(400, 0.7, 60), random.binomial(400, random.beta(14, 6, 60))
    assert share_funnel(alike, 400).tau2[0] < 0.0005
    wide = share_funnel(apart, 400)
    outside = (apart / 400 < wide.low_998) | (apart / 400 > wide.high_998)
    outside_plain = (apart / 400 < wide.plain_low_998) | (apart / 400 > wide.plain_high_998)
    assert outside.mean() < 0.05 < 0.3 < outside_plain.mean()


def test_a_place_without_figures_changes_no_other() -> None:
    x, n = np.array([17.0, 13, 14, 18, 13, 19]), np.array([20.0, 22, 24, 26, 28, 30])
    alone, beside = share_funnel(x, n), share_funnel([*x, np.nan], [*n, 0])
    same(beside.high_95[:-1], alone.high_95)
    assert np.isnan(beside.z[-1])
    without, with_gap = shrunken(x, n), shrunken([*x, np.nan], [*n, 1])
    same(with_gap.estimate, [*without.estimate, None])


def test_many_funnels_at_once_give_what_each_gives_alone() -> None:
    random = np.random.default_rng(6)
    n = random.integers(10, 200, (5, 30)).astype(float)
    x = random.binomial(n.astype(int), random.uniform(0.5, 0.9, (5, 30))).astype(float)
    x[2, :4] = np.nan
    together, drawn = share_funnel(x, n), shrunken(x / n, 0.2 / n)
    for row in range(5):
        same(together.low_998[row][4:], share_funnel(x[row], n[row]).low_998[4:])
        same(drawn.estimate[row][4:], shrunken(x[row] / n[row], 0.2 / n[row]).estimate[4:])


def test_places_that_do_not_differ_are_drawn_all_the_way() -> None:
    found = shrunken([5.0, 5.1, 4.9, 5.05], [1.0, 1, 1, 1])
    assert found.tau2[0] == 0
    assert found.estimate == pytest.approx([5.0125] * 4)


def test_paule_and_mandel_solve_their_equation() -> None:
    y, v = np.array([1.0, 4.0, 2.5, 7.0, 3.0]), np.array([0.5, 0.8, 0.2, 1.5, 0.3])
    found = shrunken(y, v)
    assert (((y - found.mean) ** 2) / (v + found.tau2)).sum() == pytest.approx(4, rel=1e-9)


def test_an_unknown_way_to_shrink_is_refused() -> None:
    with pytest.raises(ValueError, match="paule_mandel"):
        shrunken([1.0], [1.0], "median")


def test_over_dispersion_of_scores_that_are_too_calm_is_none() -> None:
    phi, tau2 = over_dispersion([0.1, -0.1, 0.2, -0.2], [1.0, 1, 1, 1])
    assert phi[0] < 1
    assert tau2[0] == 0


def test_discoveries_by_hand() -> None:
    """0.01 x 3 / 1, 0.04 x 3 / 2, 0.9: only the first at 5 %, two at 10 %; the untested place counts for nothing."""
    p = [0.04, np.nan, 0.01, 0.9]
    same(benjamini_hochberg(p).adjusted, [0.06, None, 0.03, 0.9])
    assert benjamini_hochberg(p).is_discovery.tolist() == [True, False, True, False]
    assert benjamini_hochberg(p, 0.05).is_discovery.tolist() == [False, False, True, False]
    assert benjamini_hochberg([]).adjusted.shape == (0,)


def test_the_false_alarms_to_expect_are_a_rate_times_a_number() -> None:
    assert expected_false_alarms(0.02, 1600) == pytest.approx(32)
