"""Do charts say what R's NHSRplotthedots and qicharts2 say, and differ only where we mean to?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import reference_cases
from reference_cases import needs_folder, numbers, same

from stats import attribute_chart
from stats.process_chart import Assurance, ProcessChart, Rule, Variation, judge, last_step, process_chart, xmr_limits

RULES = {
    "Common Cause": Rule.NONE,
    "Above UCL": Rule.OUTSIDE_LIMITS,
    "Below LCL": -Rule.OUTSIDE_LIMITS,
    "7 Point Trend (Increasing)": Rule.TREND,
    "7 Point Trend (Decreasing)": -Rule.TREND,
    "2 in 3 Above CL": Rule.TWO_IN_THREE,
    "2 in 3 Below CL": -Rule.TWO_IN_THREE,
    "7 Points Above CL": Rule.SHIFT,
    "7 Points Below CL": -Rule.SHIFT,
}
VARIATIONS = {
    "common_cause": Variation.COMMON_CAUSE,
    "special_cause_improvement": Variation.IMPROVEMENT,
    "special_cause_concern": Variation.CONCERN,
    "special_cause_neutral_high": Variation.NEUTRAL_HIGH,
    "special_cause_neutral_low": Variation.NEUTRAL_LOW,
}
ASSURANCES = {
    None: Assurance.NONE,
    "consistent_pass": Assurance.CONSISTENT_PASS,
    "consistent_fail": Assurance.CONSISTENT_FAIL,
    "inconsistent": Assurance.INCONSISTENT,
}
DEPARTURES = {  # each has a test of its own below
    "c08_constant": "a series without variation cannot be judged, and its target is held against its values",
    "c19_target_equals_limit": "a series without variation cannot be judged, and its target is held against its values",
    "c09_constant_then_jump": "where screening leaves no movement, all moving ranges count",
}
CASES = reference_cases.cases("spc_cases.json")


def chart_of(case: dict[str, Any], least_points: int = 0) -> ProcessChart:
    """A case's chart; without least points, so that short series have limits as in R."""
    options, dates = case["options"], case["input"]["x"]
    y = numbers(case["input"]["y"])
    segment = np.array([sum(start <= date for start in options.get("rebase", [])) for date in dates])
    place_in_segment = np.arange(len(y)) - np.searchsorted(segment, segment)
    better = {"increase": 1, "decrease": -1, "neutral": 0}[options["improvement_direction"]]
    return process_chart(
        y[None],
        better,
        options.get("target", np.nan),
        segment,
        place_in_segment < options.get("fix_after_n_points", len(y)),
        screen=options["screen_outliers"],
        least_points=least_points,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_limits_rules_and_icons_are_those_of_r(case: dict[str, Any]) -> None:
    if case["id"] in DEPARTURES:
        pytest.skip(DEPARTURES[case["id"]])
    chart, expected = chart_of(case), case["expected"]
    is_reported = ~np.isnan(numbers(case["input"]["y"]))
    for ours, theirs in ((chart.limits.mean, "mean"), (chart.limits.lower, "lpl"), (chart.limits.upper, "upl")):
        same(ours[0], expected[theirs])
    assert chart.rule[0].tolist() == [RULES[name] for name in expected["special_cause_type"]]
    assert chart.point_variation[0][is_reported].tolist() == [
        VARIATIONS[name] for name, is_there in zip(expected["point_type"], is_reported, strict=True) if is_there
    ]
    assert chart.variation[0] == VARIATIONS[expected["variation_type"]]
    if len(is_reported) >= 12:
        assert chart.assurance[0] == ASSURANCES[expected["assurance_type"]]


@needs_folder
def test_all_kinds_of_cases_are_there() -> None:
    assert len(CASES) >= 47


def own(name: str) -> dict[str, Any]:
    return next(case for case in CASES if case["id"] == name)


def test_a_constant_series_cannot_be_judged_but_its_target_can() -> None:
    """R: limits NaN, common cause, hit and miss."""
    for name in ("c08_constant", "c19_target_equals_limit"):
        chart = chart_of(own(name), least_points=6)
        assert chart.limits.mean[0, 0] == 7 and np.isnan(chart.limits.upper).all()
        assert chart.variation[0] == Variation.NO_VARIATION
        assert chart.assurance[0] == Assurance.CONSISTENT_PASS  # it lies on its target
    flat = np.full((4, 12), 7.0)
    found = process_chart(flat, better=[1, 1, -1, -1], target=[8, 6, 8, 6])
    assert found.assurance.tolist() == [2, 1, 1, 2]


def test_a_baseline_that_never_moved_judges_nothing_after_it() -> None:
    chart = process_chart([[0.0] * 12 + [5.0] * 8], 1, target=3, is_baseline=np.arange(20) < 12)
    assert not chart.rule.any()
    assert chart.variation[0] == Variation.NO_VARIATION
    assert chart.assurance[0] == Assurance.INCONSISTENT  # some values reach it, some do not


def test_one_jump_in_a_constant_series_marks_the_jump_by_unscreened_limits() -> None:
    """R: average moving range 0, limits on the mean, every point outside them. Ours: 2 / 12 x 2.66 = 0.443 either side of 7.154."""
    chart = chart_of(own("c09_constant_then_jump"), least_points=6)
    same(chart.limits.upper[0], [2 * 13 / 13 / 13 + 7 + 2.66 * 2 / 12] * 13)
    same(chart.limits.lower[0], [2 / 13 + 7 - 2.66 * 2 / 12] * 13)
    assert chart.rule[0].tolist() == [-Rule.SHIFT] * 12 + [Rule.OUTSIDE_LIMITS]


def test_a_month_left_out_and_put_back_as_missing_gives_the_limits_with_the_gap() -> None:
    """R joins across a dropped row (c23); on the calendar of all months it has the limits of c22."""
    dropped, kept = own("c23_missing_month_dropped")["input"], own("c22_missing_month")
    calendar = dict.fromkeys(kept["input"]["x"], np.nan) | dict(zip(dropped["x"], dropped["y"], strict=True))
    chart = process_chart([list(calendar.values())], 1)
    same(chart.limits.upper[0], kept["expected"]["upl"])
    assert chart.point_variation[0, 3] == Variation.NO_ICON


@pytest.mark.parametrize("rule", [Rule.TREND, Rule.SHIFT, Rule.TWO_IN_THREE])
def test_no_run_crosses_a_missing_month(rule: Rule) -> None:
    calm = [10.0, 11, 9, 10, 12, 8, 10, 11, 9, 10, 12, 8] * 2
    run = {Rule.TREND: [9.1, 9.2, 9.3, 9.4, 10.1, 10.2, 10.3], Rule.SHIFT: [10.5, 11] * 4, Rule.TWO_IN_THREE: [14.5, 10.5, 14.4]}[rule]
    whole = [*calm, *run]
    place = len(calm) + len(run) // 2
    broken = [*whole[:place], np.nan, *whole[place:]]
    is_baseline = np.arange(len(broken)) < len(calm)
    assert rule in process_chart([whole], 1, is_baseline=is_baseline[:-1]).rule
    assert rule not in process_chart([broken], 1, is_baseline=is_baseline).rule


def test_there_is_no_icon_where_the_last_month_is_missing() -> None:
    chart = process_chart([[*([4.0, 6.0] * 10), 30.0, np.nan]], 1, target=2)
    assert (chart.variation[0], chart.assurance[0]) == (Variation.NO_ICON, Assurance.NONE)
    assert chart.point_variation[0, -2] == Variation.IMPROVEMENT


def test_under_twelve_months_limits_are_on_trial_and_promise_nothing() -> None:
    eleven, twelve = (process_chart([([4.0, 6.0] * 6)[-months:]], 1, target=-90) for months in (11, 12))
    assert eleven.limits.is_trial.all() and not twelve.limits.is_trial.any()
    assert (eleven.assurance[0], twelve.assurance[0]) == (Assurance.NONE, Assurance.CONSISTENT_PASS)
    assert eleven.variation[0] == Variation.COMMON_CAUSE


def test_under_six_months_there_is_only_the_line() -> None:
    five, six = (process_chart([([4.0, 6.0] * 3)[-months:]], 1) for months in (5, 6))
    assert np.isnan(five.limits.upper).all() and np.isnan(five.limits.mean).all()
    assert np.isfinite(six.limits.upper).all()
    assert (five.variation[0], six.variation[0]) == (Variation.NO_ICON, Variation.COMMON_CAUSE)


def test_months_count_where_they_set_the_limits_not_where_they_are_judged() -> None:
    """24 months judged against 11 that were reported before the start: still on trial."""
    y = np.array([[4.0, 6.0] * 18])
    y[0, 3] = np.nan
    assert xmr_limits(y, is_baseline=np.arange(36) < 12).points[0].tolist() == [11] * 36


def test_months_that_are_never_neighbours_set_no_limits() -> None:
    y = np.array([[5.0, np.nan] * 12 + [7.0]])
    assert process_chart(y, 1).variation[0] == Variation.NO_ICON


def test_a_step_stands_beside_the_icon_that_rebasing_turned_grey() -> None:
    y = np.array([[6.0, 7.0] * 6 + [2.0, 3.0] * 6, [6.0, 7.0] * 12])
    segment = np.array([[0] * 12 + [1] * 12, [0] * 24])
    step = last_step(process_chart(y, -1, segment=segment).limits, segment)
    assert step.column.tolist() == [12, -1]
    assert (step.before[0], step.after[0]) == (6.5, 2.5)
    assert np.isnan(step.before[1])


def test_limits_frozen_before_the_start_see_a_step_that_limits_of_all_months_hide() -> None:
    y = np.array([[10.0, 12, 9, 11, 10, 12, 9, 11, 10, 12, 9, 11, 14.4, 14.6, 14.5]])
    assert process_chart(y, 1).variation[0] == Variation.COMMON_CAUSE
    assert process_chart(y, 1, is_baseline=np.arange(15) < 12).variation[0] == Variation.IMPROVEMENT


def test_many_series_at_once_give_what_each_gives_alone() -> None:
    random = np.random.default_rng(3)
    y = random.poisson(8, (60, 48)).astype(float)
    y[random.random(y.shape) < 0.1] = np.nan
    start = random.integers(6, 40, 60)
    segment, better = np.arange(48) >= start[:, None], random.integers(-1, 2, 60)
    together = process_chart(y, better, 9, segment)
    for row in range(60):
        alone = process_chart(y[row : row + 1], better[row], 9, segment[row])
        for name in ("rule", "point_variation", "variation", "assurance"):
            assert getattr(together, name)[row].tolist() == getattr(alone, name)[0].tolist()
        same(together.limits.lower[row], alone.limits.lower[0])


def test_values_that_are_no_table_are_refused() -> None:
    for values in (np.zeros(12), np.zeros((3, 0))):
        with pytest.raises(ValueError, match="series, months"):
            process_chart(values, 1)


@needs_folder
@pytest.mark.parametrize("case", reference_cases.of_kind("attribute_chart"), ids=lambda case: case["id"])
def test_attribute_charts_are_those_of_qicharts2(case: dict[str, Any]) -> None:
    """R gives no limit where it is cut off at 0 or 1; ours is 0 or 1 there."""
    kind, expected = case["input"]["chart"], case["expected"]
    x, n = np.array([case["input"]["numerator"]]), np.array([case["input"]["denominator"]])
    limits = {
        "p": lambda: attribute_chart.p_limits(x, n),
        "pp": lambda: attribute_chart.p_limits(x, n, laney=True),
        "u": lambda: attribute_chart.u_limits(x, n),
        "up": lambda: attribute_chart.u_limits(x, n, laney=True),
        "c": lambda: attribute_chart.c_limits(x),
    }[kind]()
    same(limits.mean[0], expected["cl"])
    for ours, theirs in ((limits.lower[0], numbers(expected["lcl"])), (limits.upper[0], numbers(expected["ucl"]))):
        is_cut = np.isnan(theirs)
        same(ours[~is_cut], theirs[~is_cut])
        assert np.isin(ours[is_cut], (0, 1)).all()


def test_a_p_chart_follows_the_definition() -> None:
    """90 of 100 each month: 0.9 -/+ 3 sqrt(0.9 x 0.1 / 100) = 0.81 to 0.99; with 25 the upper limit is cut off at 1."""
    n = np.array([[100.0] * 11 + [25.0]])
    limits = attribute_chart.p_limits(0.9 * n, n)
    assert (limits.lower[0, 0], limits.upper[0, 0], limits.upper[0, -1]) == pytest.approx((0.81, 0.99, 1))
    assert judge(np.full((1, 12), 0.9), limits, 1, target=0.5).assurance[0] == Assurance.CONSISTENT_PASS


def test_laney_widens_what_varies_more_than_draws_do() -> None:
    random = np.random.default_rng(4)
    n = np.full((1, 36), 4000.0)
    plain = random.binomial(4000, 0.5, (1, 36))
    wild = random.binomial(4000, random.beta(50, 50, (1, 36)))
    assert attribute_chart.share_over_dispersion(plain, n)[0, 0] == pytest.approx(1, abs=0.3)
    spread = attribute_chart.share_over_dispersion(wild, n)[0, 0]
    assert spread > 3
    narrow, wide = (attribute_chart.p_limits(wild, n, laney=laney) for laney in (False, True))
    same((wide.upper - wide.mean)[0], spread * (narrow.upper - narrow.mean)[0])


def test_a_month_without_denominator_has_no_limits() -> None:
    x, n = np.array([[3.0, 4, 0, 5, 3, 4, 5, 4]]), np.array([[9.0, 9, 0, 9, 9, 9, 9, 9]])
    limits = attribute_chart.u_limits(x, n)
    assert np.isnan(limits.upper[0]).tolist() == [False, False, True] + [False] * 5
    assert limits.points[0, 0] == 7
    assert attribute_chart.rate_over_dispersion(x, n)[0, 0] > 0
