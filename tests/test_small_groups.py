"""Can a hidden small group be worked out from everything that is shown? An attacker with a linear programme tries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix

from stats.small_groups import WIDTH, Axis, Family, Ints, Table, protect, unproved

ASKED_WIDTH = 4


def random_family(seed: int) -> Family:
    """A small programme: provinces, districts and communes, covered or not, months, services, and one attribute."""
    random = np.random.default_rng(seed)
    codes = [
        (province, district)
        for province in range(random.integers(1, 3))
        for district in range(random.integers(1, 4))
        for _ in range(random.integers(1, 4))
    ]
    province, district = (np.unique(column, return_inverse=True)[1] for column in ([p for p, _ in codes], [p * 10 + d for p, d in codes]))
    communes, covered = np.arange(len(codes)), random.integers(0, 2, len(codes))
    number = lambda values: np.unique(values, return_inverse=True)[1]  # noqa: E731
    rings = [district * 2 + covered, district, province * 2 + covered, province, covered]
    place = Axis([communes, district, province, communes * 0, number(province * 2 + covered), number(covered)], rings)
    quarters, services, values = random.integers(1, 6), random.integers(1, 4), random.integers(2, 4)
    months = np.arange(quarters * 3)
    mean = random.gamma(0.8, random.choice([0.5, 2.0, 6.0, 15.0, 60.0]), (len(codes), 1, services))
    base = random.poisson(np.repeat(mean, len(months), axis=1))
    shares = random.dirichlet(np.ones(values) * 2, services)
    split = np.zeros((province.max() + 1, quarters, services, values), dtype=np.int64)
    for (p, _), by_month in zip([(p, 0) for p in province], base, strict=True):
        for q in range(quarters):
            for s in range(services):
                split[p, q, s] += random.multinomial(by_month[3 * q : 3 * q + 3, s].sum(), shares[s])
    every, whole = np.zeros(services, dtype=np.int64), np.arange(quarters)
    service = Axis([np.arange(services), every], [every])
    provinces = np.arange(province.max() + 1)
    main = Table(
        base[..., None],
        (place, Axis([months, months // 3, months // 12], [months // 3, months // 12]), service, Axis([np.zeros(1, dtype=np.int64)])),
        [(p, t, s, 0) for p in range(6) for t in range(3) for s in range(2)],
        np.ones((*base.shape, 1), dtype=bool),
    )
    by_value = Table(
        split,
        (
            Axis([provinces, provinces * 0], [provinces, provinces * 0]),
            Axis([whole, whole // 4], [whole // 4]),
            service,
            Axis([np.arange(values)], [np.zeros(values, dtype=np.int64)], needs_pair=True),
        ),
        [(p, t, s, 0) for p in range(2) for t in range(2) for s in range(2)],
        np.ones(split.shape, dtype=bool),
    )
    return Family(main, {"sex": by_value}, province, months // 3, (2, 1))


def narrowest_range(family: Family, tries: int, seed: int) -> float:
    """What the attacker finds: the smallest gap between the lowest and highest possible value of small hidden cells tried at random."""
    random = np.random.default_rng(seed)
    tables = [family.main, *family.splits.values()]
    offsets = np.cumsum([0, *(table.base.size for table in tables)])
    known: list[tuple[Ints, float]] = []
    small: list[Ints] = []
    for table, offset in zip(tables, offsets, strict=False):
        units = np.nonzero(np.ones(table.base.shape))
        for level in range(len(table.published)):
            cell_of = table.flat(level, units)
            for cell, (count, is_hidden) in enumerate(zip(table.cells[level].ravel(), table.hidden[level].ravel(), strict=True)):
                inside = np.flatnonzero(cell_of == cell) + offset
                if not is_hidden:
                    known.append((inside, float(count)))
                elif 1 <= count <= 9 and level not in table.withheld:
                    small.append(inside)
    split = family.splits["sex"]
    places, quarters, services, _ = split.base.shape
    for p in range(places):
        for q in range(quarters):
            for s in range(services):
                communes, months = np.flatnonzero(family.place_of == p), np.flatnonzero(family.time_of == q)
                mine = np.ravel_multi_index(np.ix_(communes, months, [s], [0]), family.main.base.shape)
                theirs = np.ravel_multi_index((p, q, s, np.arange(split.base.shape[3])), split.base.shape) + offsets[1]
                known.append((np.concatenate([mine.ravel(), -theirs - 1]), 0.0))
    matrix, right = _equations(known, int(offsets[-1]))
    widest = np.inf
    for which in random.permutation(len(small))[:tries]:
        goal = np.zeros(offsets[-1])
        goal[small[which]] = 1
        lowest = linprog(goal, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
        highest = linprog(-goal, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
        assert lowest.status == 0, lowest.message
        widest = min(widest, np.inf if highest.status == 3 else -highest.fun - lowest.fun)
    return widest


def _equations(known: list[tuple[Ints, float]], size: int) -> tuple[csr_matrix, Ints]:
    rows = np.concatenate([np.full(len(inside), row) for row, (inside, _) in enumerate(known)])
    columns = np.concatenate([inside for inside, _ in known])
    signs = np.where(columns < 0, -1.0, 1.0)
    matrix = coo_matrix((signs, (rows, np.where(columns < 0, -columns - 1, columns))), shape=(len(known), size)).tocsr()
    return matrix, np.array([total for _, total in known])


@pytest.mark.parametrize("seed", range(24))
def test_no_small_cell_can_be_pinned_from_everything_shown(seed: int) -> None:
    family = random_family(seed)
    assert unproved(family, protect(family)) == 0
    assert narrowest_range(family, tries=12, seed=seed) >= ASKED_WIDTH - 1e-6


def test_without_siblings_the_attacker_would_win() -> None:
    pinned = 0
    for seed in range(6):
        family = random_family(seed)
        if narrowest_range(family, tries=12, seed=seed) < ASKED_WIDTH:
            pinned += 1
    assert pinned > 0, "the attacker of these tests must be able to find something"


def test_a_lone_small_commune_takes_a_sibling_with_it() -> None:
    """Three communes of one district, one month: 4, 30 and 40. Hiding only the 4 would leave it as the rest of 74."""
    one = np.zeros(1, dtype=np.int64)
    place = Axis([np.arange(3), np.zeros(3, dtype=np.int64)], [np.zeros(3, dtype=np.int64)])
    base = np.array([4, 30, 40]).reshape(3, 1, 1, 1)
    table = Table(base, (place, Axis([one]), Axis([one]), Axis([one])), [(0, 0, 0, 0), (1, 0, 0, 0)], np.ones(base.shape, dtype=bool))
    family = Family(table, {}, np.zeros(3, dtype=np.int64), one)
    family.main.withhold_levels = lambda lost: None  # type: ignore[method-assign]
    assert unproved(family, protect(family)) == 0
    assert table.hidden[0].ravel().tolist() == [True, True, False]
    assert not table.hidden[1].any()


def test_a_proof_whose_cells_are_shown_again_is_refused() -> None:
    family = random_family(6)
    proofs = protect(family)
    for number, hidden in enumerate(family.main.hidden):
        hidden[:] = family.main.is_small(number)
    family.hide_children()
    assert unproved(family, proofs) > 0


def test_the_same_counts_hide_the_same_cells() -> None:
    first, second = random_family(7), random_family(7)
    protect(first), protect(second)
    assert all((a == b).all() for a, b in zip(first.main.hidden, second.main.hidden, strict=True))
    assert WIDTH > ASKED_WIDTH
