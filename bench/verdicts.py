"""How often is the word wrong? Thousands of invented communes whose truth is known, judged by us and by four plainer methods.

    python -m bench.verdicts [--communes 2000] [--seed 1] [--quick] [--write]

Every world is simulated as the data come (visits of facilities with missing reports, requests with the days they took and an end of the
register, answers) and goes through `stats.monthly` and `stats.verdict.judge`, as the build's own data do. The plainer methods see what a
plain dashboard sees: the sum of the reports there are, the median of completed requests, the percentage.
A false alarm is improvement or concern in a world where nothing changed; detection is the right one of the two where something did.
`--write` also writes the rates by baseline length to `data/reference/false_alarms.csv`, from which pages tell how many communes of a
count may be false alarms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from stats.monthly import between_days, needed_days, shares, times, unseasoned, visits
from stats.process_chart import process_chart
from stats.survival import Curve, curve, quantiles
from stats.verdict import Series, Verdicts, judge

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FALSE_ALARMS = Path(__file__).resolve().parents[1] / "data" / "reference" / "false_alarms.csv"
MONTH_DAYS = 30
ARROW = 0.05  # an arrow of a plain dashboard is drawn from a change of so much on
PROVINCES = 4
STAGGERED = 12  # months over which programmes start, one after the other
METHODS = ("month on month", "same month last year", "trend test", "NHS rules, all months", "NHS rules, frozen")


@dataclass(frozen=True)
class World:
    """One truth. `change` and `drift` (a year) are relative to the level for visits and days, points for shares.

    `level`: visits or requests or answers a month; a pair is the range over which communes vary. `noise` is the relative spread of months
    beyond chance, `rho` its autocorrelation. `days`: the median time, `share`: in percent.
    """

    kind: str
    name: str
    level: tuple[float, float] = (100, 100)
    change: float = 0.0
    drift: float = 0.0
    before: int = 12
    after: int = 12
    is_staggered: bool = False
    season: float = 0.0
    noise: float = 0.0
    rho: float = 0.0
    missing: float = 0.0
    growing: str = ""  # "months": fewer reports are missing every year; "facilities": a third begin to report some time
    closing: str = ""  # "for a while": three months without a report; "for good": one facility closes, its patients go to the others
    days: float = 9.0
    share: float = 70.0
    backlog: float = 0.0  # days that the wait grows every month since the start
    holds_open: bool = True  # false: the register holds completed requests only
    column_months: int = 1

    @property
    def is_changed(self) -> bool:
        return bool(self.change or self.drift or self.backlog)

    @property
    def months(self) -> int:
        return self.before + self.after + (STAGGERED if self.is_staggered else 0)


@dataclass(frozen=True)
class Judged:
    """What was said: `ours`, and for each of `METHODS` the direction of the word it amounts to (1 better, -1 worse, 0 neither)."""

    ours: Verdicts
    plainer: dict[str, Ints]
    better: int


def starts_of(world: World, communes: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """The first column no longer before and the first wholly after; where starts are staggered a launching month lies between."""
    if not world.is_staggered:
        return np.full(communes, world.before), np.full(communes, world.before)
    until = world.before + world.column_months * rng.integers(0, STAGGERED // world.column_months, communes)
    return until, until + world.column_months


def process_of(world: World, start: Ints, rng: np.random.Generator) -> Floats:
    """What the truth multiplies (visits, days) or adds to (shares, in points) a commune's level (communes, months)."""
    communes, months = len(start), np.arange(world.months)
    is_after = months >= start[:, None]
    shocks = rng.normal(size=(communes, world.months))
    for month in range(1, world.months):
        shocks[:, month] = world.rho * shocks[:, month - 1] + np.sqrt(1 - world.rho**2) * shocks[:, month]
    season = np.sin(2 * np.pi * months / 12 + rng.uniform(0, 2 * np.pi, PROVINCES)[:, None])[np.arange(communes) % PROVINCES]
    if world.kind == "shares":
        return world.change * is_after + world.drift * months / 12 + world.season * season + world.noise * shocks
    spread = np.sqrt(np.log(1 + world.noise**2))
    return (1 + world.change * is_after) * (1 + world.drift) ** (months / 12) * (1 + world.season * season) * np.exp(
        spread * shocks - spread**2 / 2
    )


def levels_of(world: World, communes: int, rng: np.random.Generator) -> Floats:
    return np.exp(rng.uniform(*np.log(world.level), communes))[:, None]


def in_columns(values: Floats, column_months: int) -> Floats:
    """Sums of so many months; missing where one of them is."""
    return values.reshape(*values.shape[:-1], -1, column_months).sum(axis=-1)


def reports_of(world: World, start: Ints, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Visits that facilities reported (facilities, months), NaN where no report came, and the commune of each."""
    communes = len(start)
    mean = levels_of(world, communes, rng) * process_of(world, start, rng)
    count = rng.integers(2, 4, communes) if world.closing == "for good" else rng.integers(1, 4, communes)
    place = np.repeat(np.arange(communes), count)
    weight = rng.uniform(0.5, 1.5, len(place))
    weight = weight / np.bincount(place, weights=weight)[place]
    expected = mean[place] * weight[:, None]
    months = np.arange(world.months)
    is_shut = np.zeros(expected.shape, dtype=bool)
    if world.closing:
        closes = (start + 2 if world.closing == "for good" else rng.integers(0, world.months - 3, communes))[place][:, None]
        opens = world.months if world.closing == "for good" else closes + 3
        is_first = np.diff(place, prepend=-1)[:, None] > 0
        is_shut = is_first & (months >= closes) & (months < opens)
        elsewhere = np.where(is_first & (count[place] > 1)[:, None], weight[:, None], 0.0) * is_shut
        expected = expected / (1 - np.add.reduceat(elsewhere, np.flatnonzero(is_first), axis=0)[place])  # patients go to the others
    reported = rng.poisson(expected).astype(float)
    lost = np.full(expected.shape, world.missing)
    if world.growing == "months":
        lost = np.broadcast_to(0.4 - 0.38 * months / world.months, expected.shape)
    is_lost = rng.uniform(size=expected.shape) < lost
    if world.growing == "facilities":
        joins = np.where(rng.uniform(size=len(place)) < 1 / 3, rng.integers(0, world.months, len(place)), 0)
        is_lost |= months < joins[:, None]
    reported[is_lost | is_shut] = np.nan
    return reported, place


def requests_of(world: World, start: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, Floats, Bools]:
    """Requests of a register (all): commune, column, days waited, whether it was completed by the register's last day."""
    communes = len(start)
    process = process_of(world, start, rng)
    asked = rng.poisson(np.broadcast_to(levels_of(world, communes, rng), process.shape))
    group = np.repeat(np.arange(asked.size), asked.ravel())
    commune, month = np.divmod(group, world.months)
    waiting = world.backlog * np.maximum(month - start[commune] + 1, 0)
    needed = np.floor(rng.lognormal(np.log(world.days), 0.8, len(group)) * process[commune, month] + waiting)
    followed = world.months * MONTH_DAYS - 1 - (month * MONTH_DAYS + rng.integers(0, MONTH_DAYS, len(group)))
    is_done = needed <= followed
    return commune, month // world.column_months, np.minimum(needed, followed).astype(float), is_done


def curve_of(group: Ints, groups: int, day: Floats, is_done: Bools) -> Curve:
    """The curve of every group, from requests."""
    longest = int(day.max(initial=0)) + 1
    cells, where = np.unique(group * longest + day.astype(np.int64), return_inverse=True)
    done = np.bincount(where, weights=is_done, minlength=len(cells))
    waiting = np.bincount(where, weights=~is_done, minlength=len(cells))
    return replace(curve(cells // longest, (cells % longest).astype(float), done, np.zeros(len(cells)), waiting), groups=groups)


def judged(world: World, communes: int, rng: np.random.Generator) -> Judged:
    """Simulate a world and let everybody speak."""
    until, start = starts_of(world, communes, rng)
    width = world.column_months
    columns = np.arange(world.months // width)
    is_before, is_after = columns < until[:, None] // width, columns >= start[:, None] // width
    calendar = (columns * width) % 12 + 1
    group = np.arange(communes) % PROVINCES
    better, matters, levels = 1, np.full(communes, 10.0), None
    if world.kind == "visits":
        monthly, place = reports_of(world, start, rng)
        reported = in_columns(monthly, width)
        figures = visits(reported, place, is_before, is_after, calendar, group)
        raw = np.stack([np.bincount(place, weights=month) for month in np.nan_to_num(reported).T], axis=1)
        matters = 0.25 * mean_of(figures.values, is_before)
    elif world.kind == "days":
        better = -1
        commune, column, day, is_done = requests_of(world, start, rng)
        if not world.holds_open:
            commune, column, day, is_done = (each[is_done] for each in (commune, column, day, is_done))
        cells = commune * len(columns) + column
        curves = curve_of(cells, communes * len(columns), day, is_done)
        side = np.where(is_before, 0, np.where(is_after, 1, -1))[commune, column]
        of_side = side >= 0
        sides = curve_of((2 * commune + side)[of_side], 2 * communes, day[of_side], is_done[of_side])
        before = curve_of(commune[side == 0], communes, day[side == 0], is_done[side == 0])
        needed = needed_days(before, np.bincount(commune[~is_done], minlength=communes).astype(float))
        middle = between_days(sides, 0.5).reshape(-1, 2)
        levels = (middle[:, 0], middle[:, 1])
        followed = np.broadcast_to((len(columns) - 1 - columns) * width * MONTH_DAYS, is_before.shape).astype(float)
        figures = times(curves, len(columns), followed, needed)
        done = np.flatnonzero(is_done)
        raw = quantiles(curve_of(cells[done], communes * len(columns), day[done], is_done[done]), 0.5)[0].reshape(figures.values.shape)
        matters = np.maximum(0.25 * middle[:, 0], 1.0)
    else:
        percent = np.clip(world.share + process_of(world, start, rng), 0, 100)
        asked = rng.poisson(np.broadcast_to(levels_of(world, communes, rng), percent.shape))
        hits, base = in_columns(rng.binomial(asked, percent / 100).astype(float), width), in_columns(asked.astype(float), width)
        figures = shares(hits, base)
        raw = np.where(base > 0, 100 * hits / np.maximum(base, 1), np.nan)
    if world.kind != "visits":
        figures = unseasoned(figures, is_before, is_after, calendar, group)
    told = np.ones(is_before.shape, dtype=bool)
    series = Series(
        figures.values, figures.weights, figures.errors, figures.records, until // width, start // width,
        np.full(communes, better), figures.is_small, told, width,
    )  # fmt: skip
    return Judged(judge(series, matters, levels), plainer(raw, is_before, better, 12 // width), better)


def mean_of(values: Floats, is_inside: Bools) -> Floats:
    known = is_inside & np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1)


def plainer(raw: Floats, is_before: Bools, better: int, year: int) -> dict[str, Ints]:
    """What plainer methods say of what a plain dashboard shows: 1 better, -1 worse, 0 neither or unknown."""
    last = raw[:, -1]
    columns = np.arange(raw.shape[1])
    known = np.isfinite(raw)
    n = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = [last / raw[:, -2] - 1, last / raw[:, -1 - year] - 1]
        x = np.where(known, columns - (known * columns).sum(axis=1, keepdims=True) / n[:, None], 0.0)
        y = np.where(known, raw - mean_of(raw, known)[:, None], 0.0)
        slope = (x * y).sum(axis=1) / (x**2).sum(axis=1)
        error = np.sqrt(((y - slope[:, None] * x) ** 2).sum(axis=1) / (n - 2) / (x**2).sum(axis=1))
        is_trend = np.abs(slope / error) > student.ppf(0.975, np.maximum(n - 2, 1))
    charts = [process_chart(raw, better, is_baseline=baseline).variation for baseline in (True, is_before)]
    arrows = [np.where(np.abs(ratio) >= ARROW, np.sign(ratio) * better, 0) for ratio in ratios]
    answers = [*arrows, np.where(is_trend, np.sign(slope) * better, 0), *(np.select([c == 1, c == 2], [1, -1], 0) for c in charts)]
    return {method: np.nan_to_num(answer).astype(np.int64) for method, answer in zip(METHODS, answers, strict=True)}
