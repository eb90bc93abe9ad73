"""Is the last month more than the usual ups and downs? XmR charts with the rules of NHS "Making Data Count", for many series at once.

All arrays are (series, months), in the unit of the values, NaN = no report that month; the last column is the last complete month.
`segment` numbers the stretches between rebasing dates (constant or rising along a row), `is_baseline` says which months set the limits;
both may be of any shape that broadcasts. Limits are not clipped at 0: that is for the drawing.

Source: NHSRplotthedots 0.2.2, whose answers are reproduced but for the edges that each function names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

LIMIT_WIDTH = 2.66  # average moving ranges either side of the mean: 3 / 1.128
SCREEN_ABOVE = 3.267  # moving ranges of so many times their average do not count (Nelson 1982)
RUN = 7  # points of a trend or a shift
PLAIN_BELOW = 6  # with fewer months behind them there are no limits, only the line
TRIAL_BELOW = 12  # with fewer months behind them limits are on trial and promise nothing


class Rule(IntEnum):
    """Which rule marks a point; a chart carries it with the sign of the direction (+ up, - down)."""

    NONE = 0
    OUTSIDE_LIMITS = 1
    TREND = 2
    TWO_IN_THREE = 3
    SHIFT = 4


def rule_name(code: int) -> str:
    """A rule with its direction, as it is kept and told: 'shift_up'; '' for none."""
    return "" if code == Rule.NONE else f"{Rule(abs(code)).name.lower()}_{'up' if code > 0 else 'down'}"


class Variation(IntEnum):
    """What a point, or the last point of a series, says."""

    COMMON_CAUSE = 0
    IMPROVEMENT = 1
    CONCERN = 2
    NEUTRAL_HIGH = 3
    NEUTRAL_LOW = 4
    NO_VARIATION = 5  # the baseline never moved: nothing can be judged against it
    NO_ICON = 6  # the month is missing, or too few months set the limits


class Assurance(IntEnum):
    """Whether the target is reached month after month; `NONE` without target, direction, last month or enough months."""

    NONE = 0
    CONSISTENT_PASS = 1
    CONSISTENT_FAIL = 2
    INCONSISTENT = 3


@dataclass(frozen=True)
class Limits:
    """Where a series usually runs, each (series, months); NaN where fewer than the least points, or no movement, set them.

    `points` counts the reported months behind the limits of that month's segment; under `TRIAL_BELOW` they are on trial.
    """

    mean: Floats
    lower: Floats
    upper: Floats
    near_lower: Floats
    near_upper: Floats
    points: Ints

    @property
    def is_trial(self) -> Bools:
        return self.points < TRIAL_BELOW


@dataclass(frozen=True)
class ProcessChart:
    """`limits`, the signed `rule` and the `point_variation` of each month (series, months); `variation` and `assurance` are the two
    icons (series,), codes of the classes above.
    """

    limits: Limits
    rule: Codes
    point_variation: Codes
    variation: Codes
    assurance: Codes


@dataclass(frozen=True)
class Step:
    """The last rebasing of each series (series,): the column it starts at (-1: never) and the means before and after."""

    column: Ints
    before: Floats
    after: Floats


def process_chart(
    values: ArrayLike,
    better: ArrayLike,
    target: ArrayLike = np.nan,
    segment: ArrayLike = 0,
    is_baseline: ArrayLike = True,
    *,
    screen: bool = True,
    least_points: int = PLAIN_BELOW,
) -> ProcessChart:
    """Limits, rules and icons in one go: see `xmr_limits` and `judge`."""
    limits = xmr_limits(values, segment, is_baseline, screen=screen, least_points=least_points)
    return judge(values, limits, better, target, segment)


def xmr_limits(
    values: ArrayLike, segment: ArrayLike = 0, is_baseline: ArrayLike = True, *, screen: bool = True, least_points: int = PLAIN_BELOW
) -> Limits:
    """Mean -/+ 2.66 average moving ranges of each segment's baseline months (near limits at two thirds).

    A missing month has no moving range on either side. `screen` leaves out large moving ranges once; the Excel tool does not.
    Unlike R: where screening leaves no movement, all moving ranges count; where nothing moves at all, or fewer than `least_points`
    months are there (0: as R), there are no limits.
    """
    y, segments = table(values, segment)
    used = np.isfinite(y) & np.asarray(is_baseline, dtype=bool)
    points, mean = count_and_mean(y, used, segments)
    return limits_around(mean, LIMIT_WIDTH * average_moving_range(y, used, segments, screen=screen), points, least_points)


def limits_around(mean: Floats, half: Floats, points: Ints, least_points: int) -> Limits:
    """Limits `half` either side of the mean: only the mean where nothing moves, nothing where too few points are behind them."""
    is_short = (points < least_points) | np.isnan(half)
    mean, half = np.where(is_short, np.nan, mean), np.where(is_short | (half == 0), np.nan, half)
    near = 2 / 3 * half
    return Limits(mean, mean - half, mean + half, mean - near, mean + near, points)


def judge(values: ArrayLike, limits: Limits, better: ArrayLike, target: ArrayLike = np.nan, segment: ArrayLike = 0) -> ProcessChart:
    """Rules and icons against limits of any kind of chart.

    `better` (series,) is 1 where higher is better, -1 where lower is, 0 where neither; `target` (series,) is NaN where there is none.
    Unlike R: no icon where the last month is missing; no assurance on trial limits; a baseline without variation gives
    `NO_VARIATION`, and its target is held against the values of the last segment themselves.
    """
    y, segments = table(values, segment)
    direction = np.broadcast_to(np.asarray(better, dtype=np.int8), len(y))
    goal = np.broadcast_to(np.asarray(target, dtype=float), len(y))
    rule = rules(y, limits, segments)
    is_known = np.isfinite(y)
    is_flat = is_known & np.isfinite(limits.mean) & np.isnan(limits.upper)
    points = np.select(
        [is_flat, is_known & np.isfinite(limits.mean)],
        [np.int8(Variation.NO_VARIATION), _meaning(rule, direction)],
        np.int8(Variation.NO_ICON),
    )
    variation = points[:, -1]
    reached = np.where(variation == Variation.NO_ICON, np.int8(Assurance.NONE), assurance(y, limits, direction, goal, segments))
    return ProcessChart(limits, rule, points, variation, reached)


def _meaning(rule: Codes, better: Codes) -> Codes:
    up = np.sign(rule)
    good = np.where(up == better[:, None], Variation.IMPROVEMENT, Variation.CONCERN)
    neutral = np.where(up > 0, Variation.NEUTRAL_HIGH, Variation.NEUTRAL_LOW)
    return np.where(up == 0, Variation.COMMON_CAUSE, np.where(better[:, None] == 0, neutral, good)).astype(np.int8)


def assurance(values: ArrayLike, limits: Limits, better: ArrayLike, target: ArrayLike, segment: ArrayLike = 0) -> Codes:
    """Whether the limits of the last segment lie on one side of the target, as `Assurance` (series,); arguments as `judge`."""
    y, segments = table(values, segment)
    better, target = np.asarray(better), np.asarray(target, dtype=float)
    is_flat = np.isfinite(limits.mean[:, -1]) & np.isnan(limits.upper[:, -1])
    is_last = np.isfinite(y) & (segments == segments[:, -1:])
    lowest = np.where(is_flat, np.min(y, axis=1, where=is_last, initial=np.inf), limits.lower[:, -1])
    highest = np.where(is_flat, np.max(y, axis=1, where=is_last, initial=-np.inf), limits.upper[:, -1])
    is_above = (target > highest) | (is_flat & (better < 0) & (target == highest))  # a flat series that lies on its target reaches it
    is_below = (target < lowest) | (is_flat & (better > 0) & (target == lowest))
    passes, fails = np.where(better > 0, is_below, is_above), np.where(better > 0, is_above, is_below)
    answer = np.select([passes, fails], [Assurance.CONSISTENT_PASS, Assurance.CONSISTENT_FAIL], Assurance.INCONSISTENT)
    is_none = np.isnan(target) | (better == 0) | np.isnan(limits.mean[:, -1]) | limits.is_trial[:, -1]
    return np.where(is_none, Assurance.NONE, answer).astype(np.int8)


def rules(values: ArrayLike, limits: Limits, segment: ArrayLike = 0) -> Codes:
    """The first rule that each point breaks, as `Rule` with the sign of the direction (series, months).

    In order: outside the limits; seven points rising or falling; two of three near the same limit; seven on one side of the mean.
    No run crosses a rebasing, a missing month or a month without limits. A point of a trend that is followed by another point of a
    trend takes the direction of the step between them, as in R, any other that of the step before.
    """
    y, segments = table(values, segment)
    has = np.isfinite(y) & np.isfinite(limits.upper)
    follows = np.zeros(y.shape, dtype=bool)  # the month before is there and in the same segment
    follows[:, 1:] = has[:, 1:] & has[:, :-1] & (segments[:, 1:] == segments[:, :-1])
    side = np.where(has, np.sign(y - limits.mean), 0).astype(np.int8)
    step = np.where(follows, np.sign(np.diff(y, axis=1, prepend=0)), 0).astype(np.int8)
    is_outside = has & ((y > limits.upper) | (y < limits.lower))
    is_near = has & ~is_outside & ((y > limits.near_upper) | (y < limits.near_lower))

    is_trend = _members(_windows(has, step == 1, RUN) | _windows(has, step == -1, RUN), RUN, y.shape)
    is_shift = _members(_windows(side == 1, follows, RUN) | _windows(side == -1, follows, RUN), RUN, y.shape)
    three = _windows(side == 1, follows, 3) | _windows(side == -1, follows, 3)
    near, months = is_near.astype(np.int8), three.shape[1]
    three &= near[:, :months] + near[:, 1 : 1 + months] + near[:, 2 : 2 + months] >= 2
    is_two_in_three = is_near & _members(three, 3, y.shape)

    rises = step == 1
    goes_on = is_trend[:, 1:] & is_trend[:, :-1] & follows[:, 1:]
    rises[:, :-1] = np.where(goes_on, step[:, 1:] == 1, rises[:, :-1])
    trend = np.where(rises, np.int8(Rule.TREND), np.int8(-Rule.TREND))
    return np.select(
        [is_outside, is_trend, is_two_in_three, is_shift],
        [side * np.int8(Rule.OUTSIDE_LIMITS), trend, side * np.int8(Rule.TWO_IN_THREE), side * np.int8(Rule.SHIFT)],
        np.int8(Rule.NONE),
    )


def _windows(is_true: Bools, is_linked: Bools, length: int) -> Bools:
    """The first months of windows in which all is true and each month is linked to the one before."""
    months = max(is_true.shape[1] - length + 1, 0)
    starts = is_true[:, :months].copy()
    for shift in range(1, length):
        starts &= is_true[:, shift : shift + months] & is_linked[:, shift : shift + months]
    return starts


def _members(starts: Bools, length: int, shape: tuple[int, ...]) -> Bools:
    """All months of such windows."""
    found = np.zeros(shape, dtype=bool)
    for shift in range(length):
        found[:, shift : shift + starts.shape[1]] |= starts
    return found


def last_step(limits: Limits, segment: ArrayLike) -> Step:
    """What the last rebasing changed, to stand beside an icon that it has turned grey."""
    _, segments = table(limits.mean, segment)
    column = np.argmax(segments == segments[:, -1:], axis=1)
    before = limits.mean[np.arange(len(column)), column - 1]
    return Step(np.where(column > 0, column, -1), np.where(column > 0, before, np.nan), np.where(column > 0, limits.mean[:, -1], np.nan))


def table(values: ArrayLike, segment: ArrayLike) -> tuple[Floats, Ints]:
    """Values as floats and the segment of each. ValueError where the values are no table of one month or more."""
    y = np.asarray(values, dtype=float)
    if y.ndim != 2 or not y.shape[1]:
        raise ValueError(f"values must be (series, months) with a month or more, not of shape {y.shape}")
    return y, np.broadcast_to(np.asarray(segment, dtype=np.int64), y.shape)


def count_and_mean(values: Floats, used: Bools, segment: Ints) -> tuple[Ints, Floats]:
    """How many values of its segment are used, and their mean, at every point (series, months)."""
    group = segment + np.arange(len(segment))[:, None] * (segment.max(initial=0) + 1)
    used_values, used_group, groups = values[used], group[used], int(group.max(initial=-1)) + 1
    counts = np.bincount(used_group, minlength=groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(used_group, weights=used_values, minlength=groups) / counts
        mean += (
            np.bincount(used_group, weights=used_values - mean[used_group], minlength=groups) / counts
        )  # as R: a constant's mean is exact
    return counts[group], mean[group]


def average_moving_range(values: Floats, used: Bools, segment: Ints, *, screen: bool = True) -> Floats:
    """The average distance of neighbouring used months of a segment, at every point (series, months); NaN where there is none."""
    ranges = np.abs(np.diff(values, axis=1, prepend=np.nan))
    counted = np.zeros(values.shape, dtype=bool)
    counted[:, 1:] = used[:, 1:] & used[:, :-1] & (segment[:, 1:] == segment[:, :-1])
    _, average = count_and_mean(ranges, counted, segment)
    if screen:
        _, screened = count_and_mean(ranges, counted & (ranges < SCREEN_ABOVE * average), segment)
        average = np.where(screened > 0, screened, average)
    return average
