"""Can a hidden small group be worked out from everything that is shown? An attacker with a linear programme tries, on every one."""

from __future__ import annotations

import shutil
from copy import copy
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix
from screen import data_of

from etl.small_groups import Codes, _counts, _families, _hide_in_all, _went_on
from metrics import catalogue
from metrics.lattice import BASES, LATTICES, MONTHS
from metrics.model import Metric, Ratio
from metrics.query import HIDDEN, Query, ask
from stats.published import Axis, Bools, Floats, Ints, Pattern, Table, place_patterns
from stats.small_groups import LOST, SPARED, Family, protect, unproved, unproved_together
from warehouse import read

ASKED_WIDTH = 4
SHARES = [metric for metric in catalogue() if len(metric.hidden_as) > 1]
HURTS = (
    "one commune a district",
    "a service of one commune",
    "tiny beside big",
    "one covered commune",
    "no reports",
    "unknown commune",
    "no commune known",
)

PILOTS = (((1, 1, 1, 1, 1), (0.3, 0.25, 0.25, 0.19, 0.01)), ((1, 2, 3, 4, 5), (0.3, 0.3, 0.32, 0.04, 0.04)))


def random_family(seed: int, hurt: str = "") -> Family:
    """A small programme: provinces, districts and communes, covered or not, months, services, and one attribute; and what may hurt."""
    random = np.random.default_rng(seed)
    communes_of = (lambda: 1) if hurt == "one commune a district" else (lambda: int(random.integers(1, 4)))
    codes = [
        (province, district)
        for province in range(random.integers(1, 3))
        for district in range(random.integers(1, 4))
        for _ in range(communes_of())
    ]
    province, district = (number(column) for column in (np.array([p for p, _ in codes]), np.array([p * 10 + d for p, d in codes])))
    covered = random.integers(0, 2, len(codes))
    if hurt == "one covered commune":
        covered[:] = np.diff(district, prepend=-1) != 0
    quarters, services, values = random.integers(1, 6), random.integers(1, 4), random.integers(2, 4)
    months = np.arange(quarters * 3)
    mean = random.gamma(0.8, random.choice([0.5, 2.0, 6.0, 15.0, 60.0]), (len(codes), 1, services))
    if hurt == "tiny beside big":
        mean = np.where(random.random(mean.shape) < 0.5, 0.5, 80.0)
    if hurt == "a service of one commune":
        mean[1:, :, 0] = 0
    base = random.poisson(np.repeat(mean, len(months), axis=1))
    possible = np.ones(base.shape, dtype=bool)
    if hurt == "no reports":
        possible = random.random(base.shape) < 0.6
        base[~possible] = 0
    shares = random.dirichlet(np.ones(values) * 2, services)
    split = np.zeros((province.max() + 1, quarters, services, values), dtype=np.int64)
    for p, by_month in zip(province, base, strict=True):
        for q in range(quarters):
            for s in range(services):
                split[p, q, s] += random.multinomial(by_month[3 * q : 3 * q + 3, s].sum(), shares[s])
    is_known = random.random(len(codes)) < {"unknown commune": 0.8, "no commune known": 0}.get(hurt, 1)
    levels = [np.arange(len(codes)), district, province, np.zeros_like(province), province * 2 + covered, covered, district * 2 + covered]
    levels = [number(level, is_known | (each in (1, 2, 3))) for each, level in enumerate(levels)]
    side = np.where(is_known, covered, 2)
    place = Axis(levels, place_patterns(province, district, side), alike=province * 3 + side)
    every, whole = np.zeros(services, dtype=np.int64), np.arange(quarters)
    service = Axis([np.arange(services), every], [Pattern(every)])
    provinces = np.arange(province.max() + 1)
    time = Axis([months, months // 3, months // 12], [Pattern(months // 3), Pattern(months // 12)])
    main = Table(
        base[..., None],
        (place, time, service, Axis([np.zeros(1, dtype=np.int64)])),
        [(p, t, s, 0) for p in range(7) for t in range(3) for s in range(2)],
        possible[..., None],
        set(range(36, 42)),  # covered or not inside a district is never shown
    )
    by_value = Table(
        split,
        (
            Axis([provinces, provinces * 0], place_patterns(provinces, provinces, provinces * 0)),
            Axis([whole, whole // 4], [Pattern(whole // 4)]),
            service,
            Axis([np.arange(values)], [Pattern(np.zeros(values, dtype=np.int64))], needs_pair=True),
        ),
        [(p, t, s, 0) for p in range(2) for t in range(2) for s in range(2)],
        np.ones(split.shape, dtype=bool),
    )
    return Family(main, {"sex": by_value}, province, months // 3, (2, 1))


def small_pilot(seed: int, district: tuple[int, ...], shares: tuple[float, ...], base: str = "") -> Family:
    """300 requests of the first two years for three services in five communes, each with its district and its share of the requests.

    `base`: of those nine in ten count, none of one service and of the last two months, hidden where the requests are.
    """
    random = np.random.default_rng(seed)
    requests = 300
    commune = random.choice(5, requests, p=shares)
    rows = pd.DataFrame(
        {
            "province_code": "07",
            "district_code": [f"07{district[each]:02d}" for each in commune],
            "commune_code": [f"07{district[each]:02d}{1 + each:02d}" for each in commune],
            "service": random.choice(["birth_certificate", "family_book", "legal_letter"], requests, p=[0.5, 0.3, 0.2]),
            "topic": "",
            "month": 2023 * 12 + random.integers(0, 24, requests),
            "sex": random.choice(["f", "m"], requests),
            "documents_complete": "null",
            "status__overdue": (late := random.random(requests) < 0.05) * 1,
            "status__waiting": (waits := ~late & (random.random(requests) < 0.05)) * 1,
            "status__null": ~(late | waits) * 1,
        }
    )
    keys = ["province_code", "district_code", "commune_code", "service", "topic", "month", "sex", "documents_complete"]
    requests_of = rows.assign(n=1).groupby(keys, as_index=False).sum()
    whole = _families(LATTICES["requests"], requests_of, set())[1][""]
    if not base:
        return whole
    protect(whole)
    is_in = (random.random(requests) < 0.9) & (rows["service"] != "legal_letter") & (rows["month"] < 2024 * 12 + 10)
    part = _families(LATTICES[base], rows.assign(n=is_in * 1).groupby(keys, as_index=False).sum(), set())[1][""]
    part.hide_with(whole)
    return part


def scored_pilot(seed: int, fact: str) -> dict[str, Family]:
    """Meetings of 4 to 30 people in six communes of two districts over two years: as the people of three topics, or as who came by sex."""
    random = np.random.default_rng(seed)
    lattice, meetings = LATTICES[fact], 90
    commune, came = random.integers(0, 6, meetings), random.integers(4, 31, meetings)
    women, is_known = random.binomial(came, 0.6), random.random(meetings) < 0.9
    rows = pd.DataFrame(
        {
            "province_code": "07",
            "district_code": [f"070{1 + each % 2}" for each in commune],
            "commune_code": [f"070{1 + each % 2}{1 + each:02d}" for each in commune],
            "service": random.choice(["commune_hall", "health_centre"], meetings, p=[0.7, 0.3]),
            "topic": random.choice(["time", "fee", "cleanliness"], meetings) if lattice.topic_column else "",
            "month": 2023 * 12 + random.integers(0, 24, meetings),
            "n": came,
        }
    )
    if lattice.splits:
        rows = rows.assign(sex__f=women * is_known, sex__m=(came - women) * is_known, sex__null=came * ~is_known)
    keys = ["province_code", "district_code", "commune_code", "service", "topic", "month"]
    return _families(lattice, rows.groupby(keys, as_index=False).sum(), {"070101", "070204"})[1]


def number(values: Ints, is_inside: Bools | bool = True) -> Ints:
    """The values numbered in order; -1 outside."""
    inside = np.broadcast_to(is_inside, values.shape)
    numbers = np.full(len(values), -1)
    numbers[inside] = np.unique(values[inside], return_inverse=True)[1]
    return numbers


class Attacker:
    """Somebody who knows every shown cell, where nothing can have been reported, and how all the tables hang together."""

    def __init__(self, family: Family) -> None:
        tables = list(family.tables.values())
        offsets = np.cumsum([0, *(table.base.size for table in tables)])
        self.truth = np.concatenate([table.base.ravel() for table in tables])
        self.highest = np.where(np.concatenate([table.possible.ravel() for table in tables]), np.inf, 0.0)
        known: list[Ints] = []
        self.small: list[Ints] = []
        for table, offset in zip(tables, offsets, strict=False):
            units = np.nonzero(np.ones(table.base.shape))
            for level in range(len(table.published)):
                cell_of = table.flat(level, units)
                for cell, (count, is_hidden) in enumerate(zip(table.cells[level].ravel(), table.hidden[level].ravel(), strict=True)):
                    inside = np.flatnonzero(cell_of == cell) + offset
                    if not is_hidden:
                        known.append(inside)
                    elif 1 <= count <= 9 and level not in table.unproved:
                        self.small.append(inside)
        for split, offset in zip(family.splits.values(), offsets[1:], strict=False):
            for p, q, s in np.ndindex(split.base.shape[:3]):
                communes, months = np.flatnonzero(family.place_of == p), np.flatnonzero(family.time_of == q)
                mine = np.ravel_multi_index(np.ix_(communes, months, [s], [0]), family.main.base.shape)
                theirs = np.ravel_multi_index((p, q, s, np.arange(split.base.shape[3])), split.base.shape) + offset
                known.append(np.concatenate([mine.ravel(), -theirs - 1]))
        self.equations = _matrix(known, len(self.truth))

    def most(self, goal: Ints) -> Ints:
        """The possible table with the most of a goal; anything above 1000 is as good as endless."""
        bounds = np.column_stack([np.zeros(len(self.truth)), np.minimum(self.highest, self.truth + 1000)])
        found = linprog(-goal, A_eq=self.equations, b_eq=self.equations @ self.truth, bounds=bounds, method="highs")
        assert found.status == 0, found.message
        return found.x

    def narrowest_range(self, random: np.random.Generator) -> float:
        """The smallest gap between the lowest and highest possible value of any small hidden cell; of those from 4 on not exactly."""
        return float(self.ranges(random).min(initial=np.inf))

    def ranges(self, random: np.random.Generator) -> Floats:
        """The gaps between the lowest and highest possible value of each small hidden cell; of those from 4 on not exactly."""
        small = _matrix(self.small, len(self.truth))
        lowest = highest = small @ self.truth.astype(float)
        is_open = np.ones(len(self.small), dtype=bool)
        for _ in range(12):
            seen = small @ self.most(small.T @ (random.choice([-1.0, 1.0], len(is_open)) * is_open))
            lowest, highest = np.minimum(lowest, seen), np.maximum(highest, seen)
            is_open = highest - lowest < ASKED_WIDTH - 1e-6
        for row in np.flatnonzero(is_open):
            goal = small[[row]].toarray()[0]
            lowest[row], highest[row] = (small @ self.most(-goal))[row], (small @ self.most(goal))[row]
        return highest - lowest


def _matrix(sums: list[Ints], size: int) -> csr_matrix:
    """One row a sum; numbers below 0 stand for terms that are taken off."""
    rows = np.repeat(np.arange(len(sums)), [len(inside) for inside in sums])
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *sums])
    signs = np.where(columns < 0, -1.0, 1.0)
    return coo_matrix((signs, (rows, np.where(columns < 0, -columns - 1, columns))), shape=(len(sums), size)).tocsr()


@pytest.mark.parametrize("seed", range(60))
def test_no_small_cell_can_be_pinned_from_everything_shown(seed: int) -> None:
    family = random_family(seed)
    assert unproved(family, protect(family)) == 0
    assert Attacker(family).narrowest_range(np.random.default_rng(seed)) >= ASKED_WIDTH - 1e-6


@pytest.mark.parametrize("seed", range(100, 103))
@pytest.mark.parametrize("hurt", HURTS)
def test_no_small_cell_can_be_pinned_where_the_programme_has_a_shape_that_hurts(hurt: str, seed: int) -> None:
    family = random_family(seed, hurt)
    assert unproved(family, protect(family)) == 0
    assert Attacker(family).narrowest_range(np.random.default_rng(seed)) >= ASKED_WIDTH - 1e-6


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("district", "shares"), PILOTS, ids=["one district", "two districts of five small"])
def test_a_small_pilot_sees_its_totals_by_year_and_nobody_can_pin_a_small_cell(
    seed: int, district: tuple[int, ...], shares: tuple[float, ...]
) -> None:
    family = small_pilot(seed, district, shares)
    assert unproved(family, protect(family)) == 0
    assert family.lost() <= SPARED, "a total of the programme or the province is about a sixth of all: both are shown"
    assert Attacker(family).narrowest_range(np.random.default_rng(seed)) >= ASKED_WIDTH - 1e-6


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("fact", ["scores", "attendance"])
def test_nobody_can_pin_how_few_came_to_a_meeting(fact: str, seed: int) -> None:
    families = scored_pilot(seed, fact)
    assert sum(family.main.is_small(0).sum() for family in families.values()) > 0, "the meetings must be small enough to matter"
    for family in families.values():
        assert unproved(family, protect(family)) == 0
        assert Attacker(family).narrowest_range(np.random.default_rng(seed)) >= ASKED_WIDTH - 1e-6


def test_a_meeting_too_small_for_one_criterion_is_hidden_for_all() -> None:
    families = scored_pilot(0, "scores")
    for family in families.values():
        protect(family)
    _hide_in_all(list(families.values()))
    hidden = [family.main.hidden[0] for family in families.values()]
    assert hidden[0].any() and all((each == hidden[0]).all() for each in hidden)
    assert all(hidden[0][family.main.is_small(0)].all() for family in families.values())


def test_with_nothing_given_up_a_small_pilot_would_lose_its_totals() -> None:
    family = replace(small_pilot(0, *PILOTS[0]), given_up=())
    protect(family)
    assert family.lost() > SPARED
    assert family.has_splits


def test_without_siblings_the_attacker_would_win() -> None:
    pinned = 0
    for seed in range(6):
        family = random_family(seed)
        for table in family.tables.values():
            table.withhold_levels(LOST)
        pinned += Attacker(family).narrowest_range(np.random.default_rng(seed)) < ASKED_WIDTH
    assert pinned > 0, "the attacker of these tests must be able to find something"


def test_a_lone_small_commune_takes_a_sibling_with_it() -> None:
    """Three communes of one district, one month: 4, 30 and 40. Hiding only the 4 would leave it as the rest of 74."""
    one = np.zeros(1, dtype=np.int64)
    place = Axis([np.arange(3), np.zeros(3, dtype=np.int64)], [Pattern(np.zeros(3, dtype=np.int64))])
    base = np.array([4, 30, 40]).reshape(3, 1, 1, 1)
    table = Table(base, (place, Axis([one]), Axis([one]), Axis([one])), [(0, 0, 0, 0), (1, 0, 0, 0)], np.ones(base.shape, dtype=bool))
    family = Family(table, {}, np.zeros(3, dtype=np.int64), one)
    family.main.withhold_levels = lambda lost, but: None  # type: ignore[method-assign]
    assert unproved(family, protect(family)) == 0
    assert table.hidden[0].ravel().tolist() == [True, True, False]
    assert not table.hidden[1].any()


def test_a_proof_whose_cells_are_shown_again_is_refused() -> None:
    family = random_family(6)
    proofs = protect(family)
    for level, hidden in enumerate(family.main.hidden):
        hidden[:] = family.main.is_small(level)
    family.hide_children()
    assert unproved(family, proofs) > 0


def test_a_table_that_looks_different_proves_nothing() -> None:
    family = random_family(6)
    proofs = protect(family)
    (seen, *_) = proofs.tables[""]
    assert family.cells_if_same("", seen)
    assert not family.cells_if_same("", seen + 1)
    assert not family.cells_if_same("", -seen.astype(np.int64))


def test_the_same_counts_hide_the_same_cells() -> None:
    first, second = random_family(7), random_family(7)
    protect(first), protect(second)
    assert all((a == b).all() for a, b in zip(first.main.hidden, second.main.hidden, strict=True))


def a_month_earlier(family: Family, seed: int) -> Family:
    """The same programme as its build of a month or two before showed it: the newest months and a few late records are not there yet."""
    random = np.random.default_rng(seed)
    main = copy(family.main)
    months = main.base.shape[1] - int(random.integers(1, 3))
    base = main.base.copy()
    base[:, months:] = 0
    late = (random.random(base.shape) < 0.03) & (base > 0)
    base[late] -= 1
    earlier = Table(base, main.axes, main.published, main.possible, set(main.withheld))
    protect(Family(earlier, {}, family.place_of, family.time_of, family.finer))
    return Family(earlier, {}, family.place_of, family.time_of, family.finer)


def seen_before(family: Family, earlier: Family, is_respected: bool) -> None:
    """Protect a family whose earlier build everybody has seen, and note what is known from both."""
    codes = Codes(pd.DataFrame(), np.arange(family.main.base.shape[1]), [], {})
    last = int(np.flatnonzero(earlier.main.base.sum(axis=(0, 2, 3)))[-1])
    own = list(family.main.published)
    if not is_respected:
        protect(family)
    hidden = [each.copy() for each in family.main.hidden]
    for number, level in enumerate(own):
        period = ("month", "quarter", "year")[level[1]]
        begins = np.arange(family.main.cells[number].shape[1]) * MONTHS[period]
        count, was_hidden = earlier.main.cells[number], earlier.main.hidden[number]
        family.main.respect(number, was_hidden, (count == family.main.cells[number]) & (begins <= last)[None, :, None, None])
        _went_on(codes, family.main, earlier.main, level, period, last, was_hidden)
    if is_respected:
        proofs = protect(family)
        assert unproved(family, proofs) == 0, "the build's own promise comes first"
        family.left_open = unproved_together(family, proofs)  # type: ignore[attr-defined]
    else:
        family.main.hidden[: len(own)] = hidden


def with_both_in_hand(family: Family) -> Family:
    """What somebody still does not know who has both builds."""
    main = family.main.to_try()
    main.hidden = [main.secret(number) for number in range(len(main.published))]
    return replace(family, main=main, splits={})


@pytest.mark.parametrize("seed", range(200, 230))
def test_two_builds_together_pin_no_small_cell_but_those_that_the_build_says_are_open(seed: int) -> None:
    family = replace(random_family(seed), splits={})
    seen_before(family, a_month_earlier(family, seed), is_respected=True)
    pinned = Attacker(with_both_in_hand(family)).ranges(np.random.default_rng(seed)) < ASKED_WIDTH - 1e-6
    assert pinned.sum() <= family.left_open  # type: ignore[attr-defined]


def test_builds_that_know_nothing_of_each_other_would_give_small_cells_away() -> None:
    alone, together, small = 0, 0, 0
    for seed in range(200, 212):
        for is_respected in (False, True):
            family = replace(random_family(seed), splits={})
            seen_before(family, a_month_earlier(family, seed), is_respected)
            ranges = Attacker(with_both_in_hand(family)).ranges(np.random.default_rng(seed))
            pinned = int((ranges < ASKED_WIDTH - 1e-6).sum())
            small += len(ranges)
            alone, together = (alone, together + pinned) if is_respected else (alone + pinned, together)
    assert alone > 0, "the attacker must be able to find something"
    assert together < alone / 10, (alone, together, small)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("district", "shares"), PILOTS, ids=["one district", "two districts of five small"])
def test_nobody_can_pin_the_small_base_of_a_share(seed: int, district: tuple[int, ...], shares: tuple[float, ...]) -> None:
    family = small_pilot(seed, district, shares, "due")
    before = [hidden.copy() for hidden in family.main.hidden]
    assert unproved(family, protect(family)) == 0
    assert any((hidden & ~known).any() for hidden, known in zip(family.main.hidden, before, strict=True)), "something had to be hidden"
    assert family.lost() <= 2 * SPARED
    assert Attacker(family).narrowest_range(np.random.default_rng(seed)) >= ASKED_WIDTH - 1e-6


def test_hidden_only_where_they_are_small_bases_would_be_pinned() -> None:
    assert Attacker(small_pilot(0, *PILOTS[0], "due")).narrowest_range(np.random.default_rng(0)) < ASKED_WIDTH


def test_every_share_rests_on_a_count_that_is_protected() -> None:
    for metric in catalogue():
        if metric.is_share and metric.fact.hidden_as and not metric.spends:
            assert isinstance(metric.kind, Ratio)
            counted = {LATTICES[name].counted for name in metric.hidden_as}
            assert (metric.kind.people or metric.kind.denominator).removeprefix("sum(").removesuffix(")") in counted, metric.name
    assert {name for metric in SHARES for name in metric.hidden_as} >= {lattice.fact for lattice in BASES}


def bases(metric: Metric) -> pd.DataFrame:
    """The base of a share in every cell that can be asked for: place, period, start, service and `n`; without n where it is hidden."""
    found = []
    for place in ("programme", "province", "district", "commune"):
        for period in ("month", "quarter", "year"):
            for service in ((), (str(metric.fact.service_dimension),)):
                query = Query((metric.name,), by=(*((place,) if place != "programme" else ()), *service), period=period)
                table = ask(query).table
                code = table[f"{place}_code"] if place != "programme" else ""
                found.append(
                    pd.DataFrame(
                        {
                            "place": code,
                            "period": period,
                            "start": pd.to_datetime(table["period_start"]),
                            "service": table[metric.fact.service_column] if service else "*",
                            "n": table[f"{metric.name}_n"].where(table[f"{metric.name}_status"] != HIDDEN),
                            "is_hidden": table[f"{metric.name}_status"] == HIDDEN,
                        }
                    ).assign(n=lambda cells: cells["n"].where(cells["is_hidden"], cells["n"].fillna(0)))
                )
    return pd.concat(found, ignore_index=True).assign(length=lambda cells: cells["place"].str.len())


def lone_small(cells: pd.DataFrame, children: pd.DataFrame, keys: list[str]) -> int:
    """How many hidden cells of 1 to 9 are what a shown sum of theirs leaves over. `children` has the keys of the sum it belongs to."""
    sums = children.groupby(keys).agg(shown=("n", "sum"), hidden=("is_hidden", "sum")).reset_index()
    whole = cells[~cells["is_hidden"]].merge(sums, on=keys)
    return int(((whole["hidden"] == 1) & (whole["n"] - whole["shown"]).between(1, 9)).sum())


def worked_out(cells: pd.DataFrame) -> int:
    """How many small bases subtraction gives away, along time, places and services."""
    keys, count = ["place", "period", "start", "service"], 0
    for longer, period in (("quarter", "month"), ("year", "quarter"), ("year", "month")):
        inside = cells[cells["period"] == period]
        starts = inside["start"].dt.to_period(longer[0].upper()).dt.start_time
        count += lone_small(cells, inside.assign(period=longer, start=starts), keys)
    for length, finer in pairwise((0, 2, 4, 6)):
        inside = cells[cells["length"] == finer]
        count += lone_small(cells, inside.assign(place=inside["place"].str[:length]), keys)
    return count + lone_small(cells, cells[cells["service"] != "*"].assign(service="*"), keys)


@pytest.mark.parametrize("metric", SHARES, ids=lambda metric: metric.name)
def test_no_small_base_of_the_demonstration_is_what_shown_sums_leave_over(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    cells = bases(metric)
    assert not cells["n"].between(1, 9).any()
    assert worked_out(cells) == 0
    years = cells[(cells["period"] == "year") & (cells["service"] == "*")]
    assert years["is_hidden"].mean() < 0.2


@pytest.mark.parametrize("fact", LATTICES)
def test_the_demonstration_shows_no_small_group_of_any_lattice(fact: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    lattice = LATTICES[fact]
    topics = f"{lattice.topic_column} as topic" if lattice.topic_column else "'' as topic"
    service = lattice.service_column or "'*'"
    shown = 0
    for level, column in (("commune", "commune_code"), ("district", "district_code"), ("province", "province_code")):
        if level not in lattice.place_levels:
            continue
        for period in ("quarter", "year"):
            cells = read(
                f"with cells as (select {column} as place_code, date_trunc('{period}', month)::date as period_start, "
                f"{service} as service_code, "
                f"{topics}, sum({lattice.counted}) as n from {lattice.table} where {column} is not null group by all) "
                f"select cells.n, exists (select 1 from privacy.hidden_cells as hidden "
                f"where hidden.fact in ('{fact}', '{lattice.part_of}') and hidden.attribute = '' "
                f"and hidden.place_level = '{level}' and hidden.period = '{period}' "
                "and hidden.place_code = cells.place_code and hidden.period_start = cells.period_start "
                "and hidden.service_code = cells.service_code and hidden.topic = cells.topic) as is_hidden from cells",
            )
            assert not ((cells["n"] > 0) & (cells["n"] < 10) & ~cells["is_hidden"]).any()
            shown += len(cells)
    assert shown > 0


@pytest.mark.parametrize("fact", ["outreach", "facilitators", "assessments"])
def test_no_small_group_of_participants_or_facilitators_can_be_pinned(fact: str, tmp_path: Path) -> None:
    build = next((data_of("demonstration") / "warehouse").glob("*.duckdb"))
    with duckdb.connect(str(shutil.copy(build, tmp_path)), read_only=True) as connection:
        rows = _counts(connection, LATTICES[fact])
    _, families = _families(LATTICES[fact], rows, set(rows["commune_code"]))
    for family in families.values():
        assert unproved(family, protect(family)) == 0
        assert Attacker(family).narrowest_range(np.random.default_rng(1)) >= ASKED_WIDTH - 1e-6
