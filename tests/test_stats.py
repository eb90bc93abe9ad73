"""Do our intervals and curves say what the reference packages say?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from reference_cases import needs_folder, of_kind, same
from scipy.stats import chi2

from stats import survival
from stats.intervals import combined_difference, hodges_lehmann, median_interval
from stats.proportions import difference_p_value, newcombe_difference, wilson
from stats.rates import rate_ratio


def curve_of(times: list[float], events: list[int]) -> survival.Curve:
    days = np.unique(np.array(times, dtype=float))
    is_event = np.array(events) == 1
    completed = np.array([np.sum((np.array(times) == day) & is_event) for day in days], dtype=float)
    still_open = np.array([np.sum((np.array(times) == day) & ~is_event) for day in days], dtype=float)
    return survival.curve(np.zeros(len(days), dtype=int), days, completed, 0 * days, still_open)


def test_wilsons_interval_is_that_of_r() -> None:
    for case in of_kind("wilson"):
        same(wilson(case["input"]["x"], case["input"]["n"]), [case["expected"]["lower"], case["expected"]["upper"]])


def test_the_median_of_one_two_three_four_days_is_two_and_a_half() -> None:
    value, low, high = survival.quantiles(curve_of([1, 2, 3, 4], [1, 1, 1, 1]), 0.5)
    assert (value[0], low[0]) == (2.5, 1.0)
    assert math.isnan(high[0])


def test_a_median_that_is_never_reached_is_not_a_number() -> None:
    value, low, _ = survival.quantiles(curve_of([1, 2, 5, 5, 5, 5], [1, 1, 0, 0, 0, 0]), 0.5)
    assert math.isnan(value[0])
    assert low[0] == 1


def test_rejected_requests_never_complete_instead_of_waiting() -> None:
    """Ten requests: four completed on day 1, six rejected on day 0. Censoring them would claim a median of one day."""
    curve = survival.curve(np.array([0, 0]), np.array([0.0, 1.0]), np.array([0.0, 4.0]), np.array([6.0, 0.0]), np.zeros(2))
    assert curve.incidence.tolist() == pytest.approx([0, 0.4])
    assert math.isnan(survival.quantiles(curve, 0.5)[0][0])


def test_many_groups_at_once_give_what_each_gives_alone() -> None:
    random = np.random.default_rng(1)
    counts = random.integers(0, 5, size=(3, 40, 25)).astype(float)
    counts[0, :, 0] += 1
    group, day = np.repeat(np.arange(40), 25), np.tile(np.arange(25.0), 40)
    together = survival.quantiles(survival.curve(group, day, *(end.ravel() for end in counts)), 0.5)
    for number in range(40):
        alone = survival.quantiles(survival.curve(np.zeros(25, dtype=int), np.arange(25.0), *counts[:, number]), 0.5)
        for ours, theirs in zip(together, alone, strict=True):
            assert ours[number] == pytest.approx(theirs[0], nan_ok=True)


def test_weights_of_one_give_the_plain_quantile() -> None:
    counts = np.random.default_rng(2).integers(0, 5, size=(3, 6, 30)).astype(float)
    counts[0] += 5
    days = np.arange(30.0)
    weighted = survival.weighted_quantiles(np.ones((1, 6)), *counts, days, 0.5)
    plain, _, _ = survival.quantiles(survival.curve(np.zeros(30, dtype=int), days, *counts.sum(axis=1)), 0.5)
    assert weighted == pytest.approx(plain)


def test_the_median_interval_uses_order_statistics() -> None:
    assert median_interval([7.3, 6.1, 9.2, 8.1, 5.5, 10.3, 6.7, 7.9, 8.5, 6.4]) == pytest.approx((7.6, 6.1, 9.2))
    assert math.isnan(median_interval([1, 2, 3, 4, 5])[1])


def test_a_shift_is_the_median_of_all_differences() -> None:
    estimate, low, high = hodges_lehmann([11, 12, 13, 14, 15, 16], [1, 2, 3, 4, 5, 6])
    assert estimate == 10
    assert low < 10 < high


def test_newcombes_difference_holds_the_difference() -> None:
    """Newcombe 1998, table II: 56/70 and 48/80, method 10: 0.0524 to 0.3339 (the other way round here)."""
    assert newcombe_difference(56, 70, 48, 80) == pytest.approx((-0.3339, -0.0524), abs=5e-5)


def test_many_differences_of_shares_at_once() -> None:
    low, high = newcombe_difference(np.array([56.0, 0]), np.array([70.0, 0]), np.array([48.0, 5]), np.array([80.0, 9]))
    assert (low[0], high[0]) == newcombe_difference(56, 70, 48, 80)
    assert np.isnan(low[1])


def test_the_difference_of_shares_has_the_p_value_of_the_table_of_four() -> None:
    table = np.array([[56, 14], [48, 32]])
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    assert difference_p_value(56, 70, 48, 80) == pytest.approx(chi2.sf(((table - expected) ** 2 / expected).sum(), 1))
    assert np.isnan(difference_p_value([0, 3], [9, 0], [0, 5], [9, 9])).all()


def test_a_ratio_at_its_limit_is_just_rejected_by_the_score_test() -> None:
    ratio, low, high = rate_ratio(60, 100, 30, 200)
    assert ratio == pytest.approx(0.25)
    assert low < ratio < high
    for limit in (low, high):
        expected_after = 60 * limit * 200 / 100
        assert (30 - expected_after) ** 2 / (limit * 2 * 90) == pytest.approx(1.959964**2, rel=1e-5)
    assert math.isnan(rate_ratio(0, 1, 5, 1)[0])


def test_limits_combine_as_for_normal_estimates() -> None:
    assert combined_difference((10, 7, 13), (20, 16, 24)) == pytest.approx((10, 5, 15))


def test_curves_quantiles_and_shares_are_those_of_rs_survival() -> None:
    for case in of_kind("kaplan_meier"):
        expected, curve = case["expected"], curve_of(case["input"]["time"], case["input"]["event"])
        is_event = np.isin(curve.day, expected["times"])
        same(1 - curve.incidence[is_event], expected["surv"])
        same(curve.error[is_event], expected["std_err_surv"])
        same(1 - curve.high[is_event], expected["loglog_lower"])
        same(1 - curve.low[is_event], expected["loglog_upper"])
        for place, p in enumerate(expected["q_loglog"]["p"]):
            found = survival.quantiles(curve, p)
            same([value[0] for value in found], [expected["q_loglog"][name][place] for name in ("q", "lower", "upper")])
        for place, days in enumerate(expected["within"]["days"]):
            same(
                [value[0] for value in survival.share_by(curve, days)],
                [expected["within"][name][place] for name in ("share", "lower", "upper")],
            )


def test_medians_have_the_limits_of_their_order_statistics() -> None:
    for case in of_kind("median_ci"):
        same(median_interval(case["input"]["x"]), [case["expected"][name] for name in ("median", "lower", "upper")])


@needs_folder
def test_shifts_are_those_of_rs_wilcoxon_test() -> None:
    for case in of_kind("hodges_lehmann"):
        same(hodges_lehmann(case["input"]["x"], case["input"]["y"]), [case["expected"][name] for name in ("estimate", "lower", "upper")])


def test_a_place_of_which_no_day_is_known_has_no_quantile() -> None:
    nothing = np.zeros((2, 0))
    assert np.isnan(survival.weighted_quantiles(np.ones((3, 2)), nothing, nothing, nothing, np.empty(0), 0.5)).tolist() == [True] * 3
