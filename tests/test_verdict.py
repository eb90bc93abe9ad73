"""Does every commune get the word that its figures deserve, and no other?"""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.verdicts import FALSE_ALARMS, FALSE_ALARMS_COLUMNS, World, curve_of, judged, measure, rates, table, worlds
from stats.monthly import between_days, needed_days, season, shares, times, visits
from stats.verdict import Series, Verdicts, Why, Word, autocorrelation_of, half_width, judge, level

BEFORE, AFTER = 12, 12
WAVE = np.tile([-1.0, 1.0], 18)  # months go up and down by one


def one(values: Any, **other: Any) -> Series:
    """A commune of counts whose programme came in month 13; a month is known to within one."""
    y = np.asarray(values, dtype=float)[None]
    ones = np.ones_like(y)
    series = Series(y, ones, ones, y, np.array([BEFORE]), np.array([BEFORE]), np.array([1]), np.array([False]), np.isfinite(y) | True)
    return replace(series, **other)


def said(series: Series, matters: float = 5.0, autocorrelation: float = 0.0) -> Verdicts:
    return judge(series, np.array([matters]), autocorrelation=autocorrelation)


def word_and_why(series: Series, matters: float = 5.0) -> tuple[Word, Why]:
    verdicts = said(series, matters)
    return verdicts.word[0], verdicts.why[0]


def steps(before: float, after: float, months_after: int = AFTER) -> Any:
    return np.repeat([before, after], [BEFORE, months_after]) + WAVE[: BEFORE + months_after]


STEADY, UP, DOWN = steps(50, 50), steps(50, 60), steps(50, 40)


def test_more_is_improvement_where_more_is_better_and_concern_where_less_is() -> None:
    assert word_and_why(one(UP)) == (Word.IMPROVEMENT, Why.SIGNAL_AND_INTERVAL)
    assert word_and_why(one(DOWN)) == (Word.CONCERN, Why.SIGNAL_AND_INTERVAL)
    assert word_and_why(one(UP, better=np.array([-1]))) == (Word.CONCERN, Why.SIGNAL_AND_INTERVAL)


def test_what_a_verdict_rests_on() -> None:
    verdicts = said(one(UP))
    assert (verdicts.before[0], verdicts.after[0], verdicts.difference[0]) == pytest.approx((50, 60, 10))
    assert (verdicts.months_before[0], verdicts.months_after[0], verdicts.records_before[0]) == (12, 12, 600)
    variance = 2 * 12 / 11 / 12  # of each side 12 residuals of one squared over 11, over 12 months
    assert verdicts.high[0] - 10 == pytest.approx(2.2009852 * variance**0.5)  # t of 11 degrees
    assert verdicts.signal_column[0] == 23 and verdicts.signal[0] > 0


def test_no_clear_change_where_a_change_that_matters_is_ruled_out() -> None:
    assert word_and_why(one(STEADY)) == (Word.NO_CLEAR_CHANGE, Why.NO_CHANGE_IN_INTERVAL)
    assert word_and_why(one(STEADY), matters=0.5) == (Word.CANNOT_TELL, Why.TOO_UNSURE)


def test_a_change_that_has_gone_again_is_none() -> None:
    gone = UP.copy()
    gone[-3:] = [49, 50, 50]
    assert word_and_why(one(gone)) == (Word.CANNOT_TELL, Why.NO_SIGNAL)
    assert word_and_why(one(gone), matters=20) == (Word.NO_CLEAR_CHANGE, Why.NO_SIGNAL)


@pytest.mark.parametrize(
    "series, why",
    [
        (one(UP, until=np.array([-1]), start=np.array([-1])), Why.NOT_STARTED),
        (one(UP, until=np.array([11]), start=np.array([11])), Why.FEW_MONTHS_BEFORE),
        (one(steps(50, 60, 5)), Why.FEW_MONTHS_AFTER),
        (one(UP, is_told=np.arange(24)[None] % 12 < 5), Why.HIDDEN),
        (one(np.where(np.arange(24) % 12 < 5, UP, np.nan)), Why.GAPS),
        (one(UP, weights=np.zeros((1, 24))), Why.GAPS),
        (one(UP, errors=np.full((1, 24), np.inf)), Why.TOO_SMALL),
    ],
)
def test_what_is_missing_is_said(series: Series, why: Why) -> None:
    assert word_and_why(series) == (Word.CANNOT_TELL, why)


def test_where_months_are_small_the_interval_alone_decides() -> None:
    assert word_and_why(one(UP, is_small=np.array([True]))) == (Word.IMPROVEMENT, Why.INTERVAL_ALONE)


def test_a_baseline_that_never_moved_has_no_limits_so_the_interval_decides() -> None:
    assert word_and_why(one(np.repeat([50.0, 60.0], 12))) == (Word.IMPROVEMENT, Why.INTERVAL_ALONE)


def test_quarters_count_for_three_months() -> None:
    quarters = np.array([150.0, 152, 148, 150, 180, 182, 178, 180])
    series = one(quarters, until=np.array([4]), start=np.array([4]), column_months=3)
    assert word_and_why(series, matters=20) == (Word.IMPROVEMENT, Why.INTERVAL_ALONE)  # four quarters set no limits


def test_hidden_months_are_not_in_the_level() -> None:
    y, is_told = UP.copy(), np.ones((1, 24), dtype=bool)
    y[23], is_told[0, 23] = 600, False
    verdicts = said(one(y, is_told=is_told))
    assert (verdicts.months_after[0], verdicts.after[0]) == (11, pytest.approx((12 * 60 - 61) / 11))


def test_the_newest_months_decide_whether_a_change_still_holds_even_if_one_is_missing() -> None:
    y = UP.copy()
    y[-1] = np.nan
    assert word_and_why(one(y)) == (Word.IMPROVEMENT, Why.SIGNAL_AND_INTERVAL)


def test_levels_that_are_shown_do_not_change_the_word() -> None:
    verdicts = judge(one(UP), np.array([5.0]), (np.array([51.0]), np.array([51.0])), autocorrelation=0.0)
    assert (verdicts.before[0], verdicts.after[0], verdicts.word[0]) == (51, 51, Word.IMPROVEMENT)
    assert verdicts.difference[0] == pytest.approx(10)


def test_shares_are_weighted_by_their_base() -> None:
    series = one([50.0, 100.0, 0.0], weights=np.array([[30.0, 10.0, 0.0]]))
    assert level(series, np.ones((1, 3), dtype=bool)).mean[0] == pytest.approx((30 * 50 + 10 * 100) / 40)


def test_months_that_resemble_each_other_widen_the_interval() -> None:
    side = level(one(STEADY), np.arange(24)[None] < 12)
    plain, alike = half_width(side, side, 0.0)[0], half_width(side, side, 0.3)[0]
    assert alike > plain * (1.3 / 0.7) ** 0.5


def test_resemblance_is_taken_from_the_months_before_alone() -> None:
    rng = np.random.default_rng(5)
    y = rng.normal(50, 3, (400, 24))
    y[:, 12:] += 5 * np.arange(12)  # a backlog that grows is no resemblance by chance
    many = np.full(400, 12)
    series = Series(y, np.ones_like(y), np.ones_like(y), y, many, many, np.full(400, -1), y[:, 0] < 0, y > -1e9)
    assert autocorrelation_of(level(series, np.arange(24)[None] < many[:, None])) < 0.05
    assert (judge(series, np.full(400, 10.0)).word == Word.CONCERN).mean() > 0.95


SIDES = (np.arange(24)[None] < 12, np.arange(24)[None] >= 12)
NO_GROUP = np.array([0])


def test_growing_reporting_does_not_move_the_level() -> None:
    reported = np.full((3, 24), 20.0)
    reported[1, [2, 5]] = np.nan  # a third of the visits, two months late
    reported[2, :14] = np.nan  # begins to report: not compared
    figures = visits(reported, np.array([0, 0, 0]), *SIDES, None, NO_GROUP)
    assert np.isnan(figures.values[0, [2, 5]]).all()  # half of the visits that are compared
    assert np.delete(figures.values[0], [2, 5]) == pytest.approx(20)  # a facility
    assert figures.records[0, 14] == 40


def test_a_small_facility_that_is_missing_is_stood_in_for() -> None:
    reported = np.array([[90.0] * 24, [10.0] * 24])
    reported[1, 3] = np.nan
    assert visits(reported, np.array([0, 0]), *SIDES, None, NO_GROUP).values[0] == pytest.approx(50)  # a facility


def test_patients_who_come_over_from_a_closed_facility_are_no_improvement() -> None:
    reported = np.array([[50.0] * 12 + [100.0] * 12, [50.0] * 12 + [np.nan] * 12])
    figures = visits(reported, np.array([0, 0]), *SIDES, None, NO_GROUP)
    assert np.isfinite(figures.values[0, :12]).all() and np.isnan(figures.values[0, 12:]).all()


def test_the_time_of_year_is_that_of_the_months_before() -> None:
    shape = 1 + 0.3 * np.sin(2 * np.pi * np.arange(24) / 12)
    levels = np.linspace(50, 200, 10)[:, None] * np.where(SIDES[1], 1.5, 1.0)
    sides = [np.repeat(side, 10, axis=0) for side in SIDES]
    calendar, group = np.arange(24) % 12 + 1, np.zeros(10, dtype=np.int64)
    figures = visits(levels * shape, np.arange(10), *sides, calendar, group)
    assert figures.values == pytest.approx(levels)
    few = season((levels * shape)[:9], *(side[:9] for side in sides), calendar, group[:9])
    assert not few.is_known.any()  # nine facilities would be smoothed by their own chance


def test_a_share_of_nobody_is_missing_and_a_share_of_all_still_has_an_error() -> None:
    figures = shares(np.array([[9.0, 0, 10]]), np.array([[9.0, 0, 10]]))
    assert figures.values[0, [0, 2]] == pytest.approx(100) and np.isnan(figures.values[0, 1])
    assert figures.errors[0, 2] == pytest.approx(100 * (20 / 21 * 1 / 21 / 10) ** 0.5)
    assert figures.is_small[0]


def curves(days: list[list[float]], still_open: list[list[float]] | None = None) -> Any:
    """One commune, a list of the days of completed and one of those of open requests for each month."""
    waits = still_open or [[] for _ in days]
    group = np.repeat(np.arange(len(days)), [len(d) + len(w) for d, w in zip(days, waits, strict=True)])
    every = np.array([day for d, w in zip(days, waits, strict=True) for day in d + w])
    is_done = np.array([done for d, w in zip(days, waits, strict=True) for done in [True] * len(d) + [False] * len(w)])
    return curve_of(group, len(days), every, is_done)


def test_a_median_between_whole_days_does_not_jump() -> None:
    found = between_days(curves([[8.0] * 3 + [9.0] * 7, [1.0, 2, 3, 4], [0.0] * 10]), 0.5)
    assert found[0] == pytest.approx(8.5 + 2 / 7)  # two of the seven of day 9 are still needed
    assert found[1] == 2.5 and found[2] == 0


def test_the_newest_open_requests_do_not_look_faster() -> None:
    done, waiting = [[6.0, 9, 10, 12]] * 2 + [[6.0]], [[], [], [3.0, 3, 3]]
    figures = times(curves(done, waiting), 3, np.array([[60.0, 30, 0]]), np.array([9.0]))
    assert figures.values[0, :2] == pytest.approx(9.5) and np.isnan(figures.values[0, 2])


def test_a_time_that_is_not_reached_is_at_least_the_longest_wait() -> None:
    figures = times(curves([[9.0] * 4, [9.0]], [[], [40.0] * 3]), 2, np.array([[60.0, 30]]), np.array([9.0]))
    assert figures.values[0, 1] == 40


def test_a_register_without_open_requests_must_be_followed_longer() -> None:
    before = curves([list(range(1, 101))])
    assert needed_days(before, np.array([3.0]))[0] == 50.5
    assert needed_days(before, np.array([0.0]))[0] == 99.5


@pytest.mark.parametrize(
    "world, at_most, at_least",
    [
        (World("visits", "trouble", (30, 300), season=0.3, noise=0.2, rho=0.3, missing=0.1), 8, None),
        (World("visits", "closed", (30, 300), closing="for good"), 8, None),
        (World("days", "newest still open", (30, 60), days=20.0), 8, None),
        (World("days", "open ones left out", (30, 60), days=20.0, holds_open=False), 8, None),
        (World("shares", "small", (1, 3), share=95.0, column_months=3), 8, None),
        (World("visits", "more", (100, 100), change=0.25), None, 90),
        (World("days", "faster", (30, 30), change=-4 / 9), None, 90),
        (World("days", "backlog", (30, 30), backlog=2.0), None, 90),
    ],
    ids=lambda value: value.name if isinstance(value, World) else "",
)
def test_simulated_communes_get_the_right_word(world: World, at_most: float | None, at_least: float | None) -> None:
    found = rates(world, judged(world, 150, np.random.default_rng(11)))["ours"]
    assert found <= (100 if at_most is None else at_most) and found >= (at_least or 0)


def test_the_whole_bench_in_small() -> None:
    found = measure(25, 3, ((12, 12, False),))
    assert len(found) == len(list(worlds()))
    unchanged = [percent for world, percent in found if not world.is_changed]
    assert np.mean([percent["ours"] for percent in unchanged]) < 3 < np.mean([percent["NHS rules, frozen"] for percent in unchanged])
    assert len(list(table(found, False))) == len(unchanged) + 2  # a head and a line


def test_the_false_alarms_that_pages_print_are_within_what_is_promised() -> None:
    with FALSE_ALARMS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == FALSE_ALARMS_COLUMNS
    assert {(row["baseline_months"], row["measure_kind"]) for row in rows} == {
        (months, kind) for months in ("12", "24") for kind in ("visits", "days", "shares")
    }
    assert all(0 <= float(row["false_alarm_pct"]) <= float(row["worst_world_pct"]) <= 5 for row in rows)
