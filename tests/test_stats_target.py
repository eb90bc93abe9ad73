"""Is a target called reached reliably, sometimes or not as the months since the last change show it?"""

from __future__ import annotations

import numpy as np
import pytest

from stats.target import Reached, process

LOWER, HIGHER = -1, 1
MONTHS = 30


def reached(values: np.ndarray, target: float, better: int = LOWER, counts: np.ndarray | bool = True) -> list[str | None]:
    return list(process(values, np.broadcast_to(counts, values.shape), better, target).reached)


@pytest.mark.parametrize(
    ("level", "better", "target", "expected"),
    [
        (5, LOWER, 15, Reached.RELIABLY),  # ten standard deviations inside
        (15, LOWER, 15, Reached.SOMETIMES),
        (25, LOWER, 15, Reached.NOT),
        (95, HIGHER, 80, Reached.RELIABLY),
        (80, HIGHER, 80, Reached.SOMETIMES),
        (60, HIGHER, 80, Reached.NOT),
    ],
)
def test_offices_well_inside_across_and_outside_their_target(level: float, better: int, target: float, expected: Reached) -> None:
    values = np.random.default_rng(1).normal(level, 1, (500, MONTHS))
    assert set(reached(values, target, better)) == {expected}


def test_no_target_no_word() -> None:
    values = np.random.default_rng(1).normal(5, 1, (2, MONTHS))
    assert list(process(values, np.ones_like(values), LOWER, [np.nan, 15.0]).reached) == [None, Reached.RELIABLY]


def test_every_month_in_time_is_not_reliable_yet_where_limits_reach_over_the_target() -> None:
    """Twelve months at 5 to 9 days and a target of 10: the mean is 7, ranges of 4 on average, the upper limit 17.6."""
    values = np.array([[5.0, 9.0] * 6])
    found = process(values, np.ones_like(values), LOWER, 10)
    assert found.reached[0] == Reached.SOMETIMES
    assert (found.lower[0], found.upper[0]) == pytest.approx((7 - 2.66 * 4, 7 + 2.66 * 4))
    assert reached(values, 18) == [Reached.RELIABLY]


def test_limits_alone_do_not_make_a_growing_backlog_reliable() -> None:
    """One to 24 days, one more each month: limits 9.84 and 15.16, and yet the last months are far over a target of 20."""
    values = np.arange(1.0, 25.0)[None]
    assert reached(values, 20) == [Reached.SOMETIMES]
    assert reached(values, 24) == [Reached.RELIABLY]


def test_what_no_month_reached_is_not_reached_however_wide_the_limits() -> None:
    assert reached(np.array([[5.0, 30.0] * 12]), 4) == [Reached.NOT]


def test_months_that_never_move_are_held_against_the_target_themselves() -> None:
    assert reached(np.full((1, 12), 3.0), 3) == [Reached.RELIABLY]
    assert reached(np.full((1, 12), 3.0), 2) == [Reached.NOT]
    assert reached(np.zeros((1, 12)), 0) == [Reached.RELIABLY]  # nobody paid more


def test_fewer_than_twelve_months_tell_nothing_and_show_no_limits() -> None:
    values = np.random.default_rng(1).normal(5, 1, (1, MONTHS))
    counts = np.zeros_like(values)
    counts[:, -11:] = 1
    found = process(values, counts, LOWER, 15)
    assert (found.reached[0], found.months[0]) == (None, 11)
    assert np.isnan(found.lower[0]) and np.isnan(found.upper[0])


def test_only_the_newest_two_years_count_and_a_year_without_a_month_is_not_now() -> None:
    values = np.concatenate([np.full((1, 12), 40.0), np.random.default_rng(1).normal(5, 1, (1, 24))], axis=1)
    found = process(values, np.ones_like(values), LOWER, 15)
    assert (found.reached[0], found.first[0], found.last[0], found.months[0]) == (Reached.RELIABLY, 12, 35, 24)
    assert reached(np.concatenate([values, np.full((1, 11), np.nan)], axis=1), 15) == [Reached.RELIABLY]
    assert reached(np.concatenate([values, np.full((1, 12), np.nan)], axis=1), 15) == [None]
