"""Improvement, concern, no clear change, or cannot tell yet? One word for many series at once, with everything it rests on.

Improvement and concern need both: a signal of the process chart's rules in that direction since the start, against limits frozen on the
months before it (24 at most), with the last three months together still on that side of the centre line; and a 95 % interval of
before -> after that excludes no change. Where months are too small for limits, or too few or too even to set any, the interval alone
decides. No clear change needs an interval that excludes a change that matters, in either direction. Everything else is cannot tell yet.
`bench/verdicts.py` measures how often the words are wrong, docs/verdicts.md tells, docs/decisions/verdicts.md says why it is so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from stats.autocorrelation import lag_one, variance_inflation
from stats.distributions import t_quantile
from stats.process_chart import Limits, Rule, rules, xmr_limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int8]

RECENT = 3  # so many last complete months must still lie on the side of the change
LONGEST_BEFORE = 24  # months; what was longer ago is another time
FEWEST_BEFORE = 12  # months before the start, so that every season is among them
FEWEST_AFTER = 6
FEWEST_REPORTED = 0.5  # of the months of a side that must have a value
HIGHEST_AUTOCORRELATION = 0.6


class Word(StrEnum):
    """The four words."""

    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    NO_CLEAR_CHANGE = "no_clear_change"
    CANNOT_TELL = "cannot_tell"


class Why(StrEnum):
    """What is missing for another word, or what decided."""

    NOT_STARTED = "not_started"  # the programme has not come, or nobody knows when
    FEW_MONTHS_BEFORE = "few_months_before"
    FEW_MONTHS_AFTER = "few_months_after"
    WITHHELD = "withheld"  # no figure of a single commune is ever told, so none can be set before and after its own start
    HIDDEN = "hidden"  # too few months may be told without giving small groups away
    GAPS = "gaps"  # too many months without a report
    TOO_SMALL = "too_small"  # too few records even for the interval
    TOO_UNSURE = "too_unsure"  # neither no change nor a change that matters is excluded
    SIGNAL_AND_INTERVAL = "signal_and_interval"
    INTERVAL_ALONE = "interval_alone"
    NO_SIGNAL = "no_signal"  # the interval excludes no change, but the chart shows none, or the last months look like those before
    NO_CHANGE_IN_INTERVAL = "no_change_in_interval"


UNTRIED = (Why.NOT_STARTED, Why.FEW_MONTHS_BEFORE, Why.FEW_MONTHS_AFTER, Why.HIDDEN, Why.GAPS)  # too little even to try


@dataclass(frozen=True)
class Series:
    """Monthly figures of many places, (series, months): the last column is the last complete month.

    `values`: in the measure's unit, NaN where nothing can be said. `weights`: what a value counts for in the level of a side (1 for
    counts, the base for shares). `errors`: the standard error of each value from its base alone. `records`: how many records are behind
    it. `until` and `start` (series,): the first column no longer before, and the first wholly after the programme's start; -1 where there
    is none. `better` (series,): 1 or -1. `is_small` (series,): months are too small for limits. `is_told` (series, months): the month is
    in a published cell; levels and intervals rest on such months only, the chart's limits on all. A column may be a quarter:
    `column_months` is 3 then. `may_have_gaps`: nobody is bound to give something every month (answers, schools in their holidays).
    """

    values: Floats
    weights: Floats
    errors: Floats
    records: Floats
    until: Ints
    start: Ints
    better: Ints
    is_small: Bools
    is_told: Bools
    column_months: int = 1
    may_have_gaps: bool = False


@dataclass(frozen=True)
class Level:
    """What the months of one side come to (series,): the weighted mean, its variance as the months scatter, and from the bases alone."""

    mean: Floats
    scatter: Floats
    least: Floats
    months: Ints
    records: Floats
    residuals: Floats


@dataclass(frozen=True)
class Verdicts:
    """One row a series: `word`, `why`, the levels before and after, difference with 95 % limits, months and records on each side.

    `signal` (series,): the `Rule`, signed by direction, of the newest signal that counts, and `signal_column` its month (-1: none).
    `rule` (series, months) and `limits`: the chart the signal was read from. `autocorrelation`: of neighbouring months, over all series.
    """

    word: NDArray[np.object_]
    why: NDArray[np.object_]
    before: Floats
    after: Floats
    difference: Floats
    low: Floats
    high: Floats
    months_before: Ints
    months_after: Ints
    records_before: Floats
    records_after: Floats
    signal: Codes
    signal_column: Ints
    rule: Codes
    limits: Limits
    autocorrelation: float


def judge(series: Series, matters: Floats, levels: tuple[Floats, Floats] | None = None, autocorrelation: float | None = None) -> Verdicts:
    """Judge every series. `matters` (series,): the size of a change that matters, in the measure's unit.

    `levels`: before and after as they are shown, where that is not the mean of the months (the median over all requests of a side);
    the difference and its limits are of the months all the same. `autocorrelation`: of neighbouring months, where it is known; else the
    months before the start of all series together tell.
    """
    months = np.arange(series.values.shape[1])
    has_start = series.start[:, None] >= 0
    ago = series.until[:, None] - months
    is_before = has_start & (ago > 0) & (ago * series.column_months <= LONGEST_BEFORE)
    is_after = has_start & (months >= series.start[:, None])
    before, after = level(series, is_before & series.is_told), level(series, is_after & series.is_told)
    rho = autocorrelation_of(before) if autocorrelation is None else autocorrelation
    values_before, values_after = levels or (before.mean, after.mean)
    difference = after.mean - before.mean
    half = half_width(before, after, rho)
    low, high = difference - half, difference + half

    limits = xmr_limits(series.values, 0, is_before)
    rule = np.where(is_after, rules(series.values, limits), Rule.NONE).astype(np.int8)
    wanted = np.sign(difference)
    with np.errstate(invalid="ignore", divide="ignore"):
        newest_values = _newest(series)
        last = np.isfinite(newest_values)
        recent = np.where(last, newest_values, 0).sum(axis=1) / last.sum(axis=1)
        still = np.sign(recent - limits.mean[:, -1]) == wanted
    is_wanted = (np.sign(rule) == wanted[:, None]) & (rule != Rule.NONE)
    has_signal = is_wanted.any(axis=1) & still
    newest = np.where(has_signal, series.values.shape[1] - 1 - np.argmax(is_wanted[:, ::-1], axis=1), -1)
    signal = np.where(has_signal, rule[np.arange(len(rule)), newest], Rule.NONE).astype(np.int8)

    is_alone = series.is_small | np.isnan(limits.upper[:, -1])
    word, why = _words(series, matters, before, after, (difference, low, high), (has_signal, is_alone), (is_before, is_after))
    return Verdicts(
        word, why, values_before, values_after, difference, low, high, before.months, after.months, before.records, after.records,
        signal, newest, rule, limits, float(rho),
    )  # fmt: skip


def _newest(series: Series) -> Floats:
    """The newest columns (series, RECENT); where gaps are allowed those after the last in which anybody gave anything do not count."""
    known = np.flatnonzero(np.isfinite(series.values).any(axis=0))
    end = int(known[-1]) + 1 if series.may_have_gaps and len(known) else series.values.shape[1]
    return series.values[:, max(0, end - RECENT) : end]


def _words(
    series: Series,
    matters: Floats,
    before: Level,
    after: Level,
    change: tuple[Floats, Floats, Floats],
    signals: tuple[Bools, Bools],
    sides: tuple[Bools, Bools],
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """The word and why, first reason that holds."""
    difference, low, high = change
    has_signal, is_alone = signals
    is_within = (low > -matters) & (high < matters)
    is_sure = (low > 0) | (high < 0)
    is_good = np.sign(difference) == series.better
    lengths = [side.sum(axis=1) * series.column_months for side in sides]
    told = [(side & series.is_told).sum(axis=1) for side in sides]
    is_hidden = (told[0] * series.column_months < FEWEST_BEFORE) | (told[1] * series.column_months < FEWEST_AFTER)
    fewest = 0.0 if series.may_have_gaps else FEWEST_REPORTED
    has_gaps = (before.months < fewest * told[0]) | (after.months < fewest * told[1])
    word = np.where(is_good, Word.IMPROVEMENT, Word.CONCERN)
    reasons: list[tuple[Bools, Word | None, Why]] = [
        (series.start < 0, Word.CANNOT_TELL, Why.NOT_STARTED),
        (lengths[0] < FEWEST_BEFORE, Word.CANNOT_TELL, Why.FEW_MONTHS_BEFORE),
        (lengths[1] < FEWEST_AFTER, Word.CANNOT_TELL, Why.FEW_MONTHS_AFTER),
        (is_hidden, Word.CANNOT_TELL, Why.HIDDEN),
        (has_gaps, Word.CANNOT_TELL, Why.GAPS),
        (~np.isfinite(low) | ~np.isfinite(high), Word.CANNOT_TELL, Why.TOO_SMALL),
        (is_sure & has_signal & ~is_alone, None, Why.SIGNAL_AND_INTERVAL),
        (is_sure & is_alone, None, Why.INTERVAL_ALONE),
        (is_sure & ~is_within, Word.CANNOT_TELL, Why.NO_SIGNAL),
        (~is_within, Word.CANNOT_TELL, Why.TOO_UNSURE),
        (is_sure, Word.NO_CLEAR_CHANGE, Why.NO_SIGNAL),
    ]
    conditions = [condition for condition, _, _ in reasons]
    words = np.select(conditions, [word if fixed is None else fixed for _, fixed, _ in reasons], Word.NO_CLEAR_CHANGE)
    return words.astype(object), np.select(conditions, [why for _, _, why in reasons], Why.NO_CHANGE_IN_INTERVAL).astype(object)


def level(series: Series, is_inside: Bools) -> Level:
    """The weighted mean of the months of a side: sum(w y) / sum(w), as a ratio of sums; variance of a ratio estimator."""
    known = is_inside & np.isfinite(series.values) & (series.weights > 0)
    weights = np.where(known, series.weights, 0.0)
    months = known.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = weights / weights.sum(axis=1, keepdims=True)
        mean = np.where(known, share * series.values, 0.0).sum(axis=1) + np.where(months > 0, 0.0, np.nan)
        residuals = np.where(known, series.values - mean[:, None], np.nan)
        scatter = np.nansum(share**2 * residuals**2, axis=1) * months / (months - 1)
        least = np.where(known, share**2 * series.errors**2, 0.0).sum(axis=1)
    return Level(mean, scatter, least, months, np.where(known, series.records, 0.0).sum(axis=1), residuals)


def half_width(before: Level, after: Level, autocorrelation: float, confidence: float = 0.95) -> Floats:
    """Half of the 95 % interval of after - before (series,), in the measure's unit.

    The variance of a side is that of its scattering months, never less than its bases alone allow, times the variance inflation of
    autocorrelation; scatter that autocorrelation hides is given back. Student's t with the degrees of freedom of the shorter side, its
    months less one over the inflation: Welch's would be a little narrower, and with twelve skewed months a side wrong in nearly 5 %.
    """
    inflation = float(variance_inflation(autocorrelation))
    variance, freedoms = np.zeros(len(before.mean)), []
    for side in (before, after):
        hidden = np.clip(1 - (inflation - 1) / np.maximum(side.months - 1, 1), 0.2, 1)
        variance = variance + np.maximum(side.scatter / hidden, side.least) * inflation
        freedoms.append(np.maximum((side.months - 1) / inflation, 1))
    return np.asarray(t_quantile(0.5 + confidence / 2, np.minimum(*freedoms)) * np.sqrt(variance))


def autocorrelation_of(before: Level) -> float:
    """Of neighbouring months round the level before, over all series together; 0 to 0.6, 0 where nothing tells.

    Not of the months after: a backlog that grows, or an improvement that comes slowly, is what is looked for, not resemblance by chance.
    """
    found = lag_one(before.residuals)
    return float(np.clip(np.nan_to_num(found[0]), 0, HIGHEST_AUTOCORRELATION)) if len(found) else 0.0
