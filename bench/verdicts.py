"""How often is the word wrong? Thousands of invented communes whose truth is known, judged by us and by four plainer methods.

    python -m bench.verdicts [--communes 2000] [--seed 1] [--write]

Every world is simulated as the data come (visits of facilities with missing reports, requests with the days they took and an end of the
register, answers) and goes through `stats.monthly` and `stats.verdict.judge`, as the build's own data do. The plainer methods see what a
plain dashboard sees: the sum of the reports there are, the median of completed requests, the percentage.
A false alarm is improvement or concern in a world where nothing changed; detection is the right one of the two where something did.
`--write` also writes the rates by baseline length to `data/reference/false_alarms.csv`, from which pages tell how many communes of a
count may be false alarms.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from stats.monthly import between_days, needed_days, shares, times, unseasoned, visits
from stats.process_chart import process_chart
from stats.survival import Curve, curve, quantiles
from stats.verdict import Series, Verdicts, Word, judge

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FALSE_ALARMS = Path(__file__).resolve().parents[1] / "data" / "reference" / "false_alarms.csv"
FALSE_ALARMS_COLUMNS = (
    "baseline_months", "measure_kind", "column_months", "false_alarm_pct", "worst_world_pct", "communes_simulated", "seed",
)  # fmt: skip
MONTH_DAYS = 30
ARROW = 0.05  # an arrow of a plain dashboard is drawn from a change of so much on
PROVINCES = 4  # each with its own time of year
STAGGERED = 12  # months over which programmes start, one after the other
DESIGNS = ((12, 6, False), (12, 12, False), (12, 12, True), (24, 12, False), (24, 36, False))  # months before and after, staggered starts
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
    """The first month no longer before and the first wholly after; where starts are staggered a launching month lies between."""
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
    return (
        (1 + world.change * is_after)
        * (1 + world.drift) ** (months / 12)
        * (1 + world.season * season)
        * np.exp(spread * shocks - spread**2 / 2)
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


def worlds() -> Iterator[World]:
    """Every truth, without its design."""

    def visits(name: str, level: tuple[float, float] = (30, 300), **truth: Any) -> World:
        return World("visits", name, level, **truth)

    def days(name: str, level: tuple[float, float] = (30, 100), **truth: Any) -> World:
        return World("days", name, level, **truth)

    def share(name: str, level: tuple[float, float] = (30, 100), **truth: Any) -> World:
        return World("shares", name, level, **truth)

    small: dict[str, Any] = {"column_months": 3}
    yield visits("8 to 500 a month", (8, 500))
    yield visits("time of year +-30 %", season=0.3)
    yield visits("months scatter by 30 %", noise=0.3)
    yield visits("months scatter by 50 %", noise=0.5)
    yield visits("autocorrelation 0.3", (300, 300), noise=0.3, rho=0.3)
    yield visits("15 % of reports missing", missing=0.15)
    yield visits("reporting grows from 60 to 98 %", growing="months")
    yield visits("a third of facilities begin to report", growing="facilities")
    yield visits("a facility closed for three months", closing="for a while")
    yield visits("a facility closes, patients go to the next", closing="for good")
    yield visits("season, scatter, autocorrelation, missing", season=0.2, noise=0.2, rho=0.3, missing=0.1)
    yield visits("0.3 to 5 a month, by quarter", (0.3, 5), **small)
    yield visits("3 to 5 a month, by quarter, trouble", (3, 5), season=0.2, noise=0.3, rho=0.3, missing=0.05, **small)
    yield days("median 9 days, 12 to 200 a month", (12, 200))
    yield days("median 20 days, newest still open", days=20.0)
    yield days("median 20 days, open ones not in the register", days=20.0, holds_open=False)
    yield days("median 1 day", days=1.0)
    yield days("time of year +-30 %", season=0.3)
    yield days("months scatter by 40 %, autocorrelation 0.3", noise=0.4, rho=0.3)
    yield days("8 a month, by quarter", (8, 8), **small)
    yield days("1 to 3 a month, by quarter", (1, 3), **small)
    yield share("70 %, 12 to 300 a month", (12, 300))
    yield share("97 %", share=97.0)
    yield share("time of year +-10 points", season=10.0)
    yield share("months scatter by 10 points, autocorrelation 0.3", noise=10.0, rho=0.3)
    yield share("8 a month, by quarter", (8, 8), **small)
    yield share("1 to 3 a month, by quarter, 95 %", (1, 3), share=95.0, **small)
    for change in (0.1, -0.1, 0.25, -0.25, 0.5, -0.5):
        yield visits(f"{change:+.0%}, 100 a month", (100, 100), change=change)
    yield visits("+25%, 30 a month", (30, 30), change=0.25)
    yield visits("+25%, 100 a month, season, 10 % missing", (100, 100), change=0.25, season=0.3, missing=0.1)
    yield visits("+10% a year, 100 a month, from the first month on", (100, 100), drift=0.1)
    yield visits("+50%, 3 a month, by quarter", (3, 3), change=0.5, **small)
    yield days("9 to 5 days, 30 a month", (30, 30), change=-4 / 9)
    yield days("9 to 5 days, 30 a month, season +-30 %", (30, 30), change=-4 / 9, season=0.3)
    yield days("-25%, 30 a month", (30, 30), change=-0.25)
    yield days("+25%, 30 a month", (30, 30), change=0.25)
    yield days("backlog: two days more every month", (30, 30), backlog=2.0)
    yield days("9 to 5 days, 8 a month, by quarter", (8, 8), change=-4 / 9, **small)
    for change in (10.0, -10.0, 25.0):
        yield share(f"70 % {change:+.0f} points, 30 a month", (30, 30), change=change)
    yield share("70 % +25 points, 8 a month, by quarter", (8, 8), change=25.0, **small)


def rates(world: World, said: Judged) -> dict[str, float]:
    """Percent of communes: where nothing changed told improvement or concern, else told the right one; by whom. And what else we said."""
    word = said.ours.word
    better = said.better * np.sign(world.change + world.drift + world.backlog)
    ours = np.where(word == Word.IMPROVEMENT, 1, np.where(word == Word.CONCERN, -1, 0))
    found = {
        method: float(100 * np.mean(answer == better if world.is_changed else answer != 0))
        for method, answer in {**said.plainer, "ours": ours}.items()
    }
    other = {"no clear change": word == Word.NO_CLEAR_CHANGE, "cannot tell": word == Word.CANNOT_TELL}
    return found | {name: float(100 * np.mean(which)) for name, which in other.items()}


def measure(communes: int, seed: int, designs: tuple[tuple[int, int, bool], ...] = DESIGNS) -> list[tuple[World, dict[str, float]]]:
    """Every world under every design; the seed of each is drawn from the one given, so that none depends on the others."""
    cases = [
        replace(world, before=before, after=after, is_staggered=is_staggered)
        for world in worlds()
        for before, after, is_staggered in designs
    ]
    seeds = np.random.SeedSequence(seed).spawn(len(cases))
    return [(case, rates(case, judged(case, communes, np.random.default_rng(one)))) for case, one in zip(cases, seeds, strict=True)]


def table(found: list[tuple[World, dict[str, float]]], is_changed: bool) -> Iterator[str]:
    """A Markdown table: plainer methods over all designs together, ours design by design, then what else we said."""
    rows: dict[tuple[str, str], list[tuple[World, dict[str, float]]]] = {}
    for world, percent in found:
        if world.is_changed == is_changed:
            rows.setdefault((world.kind, world.name), []).append((world, percent))
    first = next(iter(rows.values()))
    ours = [f"ours, {world.before}{'+' * world.is_staggered} / {world.after}{'+' * world.is_staggered}" for world, _ in first]
    yield "| " + " | ".join(["measure", "truth", *METHODS, *ours, "we say: no clear change", "we say: cannot tell"]) + " |"
    yield "|---|---|" + "---:|" * (len(METHODS) + len(ours) + 2)
    for (kind, name), cases in rows.items():
        together = {key: np.mean([percent[key] for _, percent in cases]) for key in cases[0][1]}
        cells = [f"{together[method]:.0f}" for method in METHODS] + [f"**{percent['ours']:.1f}**" for _, percent in cases]
        yield "| " + " | ".join([kind, name, *cells, f"{together['no clear change']:.0f}", f"{together['cannot tell']:.0f}"]) + " |"


def write(found: list[tuple[World, dict[str, float]]], communes: int, seed: int) -> None:
    """The false alarms by baseline, kind of measure and width of a column, over all worlds in which nothing changed."""
    groups: dict[tuple[int, str, int], list[float]] = {}
    for world, percent in found:
        if not world.is_changed:
            groups.setdefault((world.before, world.kind, world.column_months), []).append(percent["ours"])
    with FALSE_ALARMS.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(FALSE_ALARMS_COLUMNS)
        for (before, kind, width), values in sorted(groups.items()):
            rows.writerow([before, kind, width, f"{np.mean(values):.2f}", f"{max(values):.2f}", communes * len(values), seed])


def seconds_of_a_build(places: int = 1652, months: int = 120, measures: int = 20) -> float:
    """What judging all communes, months and measures of a build costs."""
    y = np.random.default_rng(1).poisson(50, (places, months)).astype(float)
    start = np.full(places, months // 2)
    series = Series(y, np.ones_like(y), np.sqrt(y + 1), y, start, start, np.ones(places, dtype=np.int64), y[:, 0] < 0, y >= 0)
    started = time.perf_counter()
    for _ in range(measures):
        judge(series, np.full(places, 12.5))
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--communes", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="also write data/reference/false_alarms.csv")
    options = parser.parse_args()
    started = time.perf_counter()
    found = measure(options.communes, options.seed)
    print("Nothing changed: percent of communes told improvement or concern all the same.\n", *table(found, False), sep="\n")
    print("\nSomething changed: percent of communes told so, in the right direction.\n", *table(found, True), sep="\n")
    worst = max((percent["ours"], f"{w.kind}, {w.name}, {w.before} / {w.after}") for w, percent in found if not w.is_changed)
    print(f"\n{options.communes} communes a world and design, seed {options.seed}: {time.perf_counter() - started:.0f} seconds.")
    print(f"Most false alarms in one world and design: {worst[0]:.1f} % ({worst[1]}).")
    print(f"Judging 1,652 communes x 120 months x 20 measures: {seconds_of_a_build():.1f} seconds.")
    if options.write:
        write(found, options.communes, options.seed)


if __name__ == "__main__":
    main()
