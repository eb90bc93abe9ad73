"""Which other tables would look the same to everybody who sees only what is shown?

Two such tables in which a hidden cell differs prove that nobody can tell which of the two values is true. A walk finds them: each
step takes base units whose cells have no proof yet, draws partners for them at random, and where a box of eight cells has room adds to
every other corner what it takes from the rest, so that every shown cell stays as it is. Where a walk is too small a step, tables are
solved for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, vstack

from stats.published import NONE, Axis, Bools, Ints, Pattern, Table

SIGNS = (1, -1, -1, 1)  # of the members of a box on an axis: one, a pair, or a square
FURTHEST = 1000  # counts that one step adds, at most
AT_ONCE, SHARE = 6_000, 8  # boxes tried in one step: so many, or one for every so many units asked for
DRAWS = 8  # partners drawn for a unit, at most
PUSH = 20  # steps of the walk between two tables that are kept
LEAP, LEAPS = 800, 9  # counts of a year solved at once, and tables solved one after the other, at most
TABLES = 45  # kept of one walk, at most
SELDOM = 0.01  # kinds of moves that fit in a smaller share of the base units are not tried
PATIENCE, ENOUGH = 4, 0.02  # the walk ends where so many tables running prove a smaller share of what was left

Kind = tuple[Pattern | None, ...]


def kinds(axes: Sequence[Axis]) -> list[Kind]:
    """Every kind of move: on each axis a pattern, or a lone unit where the axis allows it."""
    return list(product(*([*axis.patterns, *([] if axis.needs_pair else [None])] for axis in axes)))


def changes(table: Table, kind: Kind, level: tuple[int, ...]) -> bool:
    """Whether a move of this kind can change cells of a level."""
    return all(axis.tells_apart(number, pattern) for axis, number, pattern in zip(table.axes, level, kind, strict=True))


@dataclass
class Walk:
    """A walk among the tables that look the same. `unproved` says for each level which small cells still need a proof; the walk takes
    off those it has seen differ by `width` or more. Levels in `kept` stay as they are though they may be hidden.
    """

    table: Table
    unproved: list[Bools]
    kept: Sequence[tuple[int, ...]]
    width: int
    random: np.random.Generator
    now: Ints = field(init=False)
    lowest: list[Ints] = field(init=False)
    highest: list[Ints] = field(init=False)
    seen: list[Ints] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = self.table.base.astype(np.int32)
        self.strides = [prod(self.now.shape[number + 1 :]) for number in range(4)]
        self.taken_by = np.zeros(self.now.size, dtype=np.int32)
        self.lowest, self.highest = [cells.copy() for cells in self.table.cells], [cells.copy() for cells in self.table.cells]

    @property
    def left(self) -> int:
        """How many cells of withheld levels have no proof yet."""
        return sum(int(self.unproved[number].sum()) for number in self.table.withheld)

    def wander(self) -> None:
        """Walk on while new proofs are found; ends with the unproved cells pushed up."""
        if not self.left:
            return
        moves = _moves(self.table, self.kept)
        left = [self.left]
        while moves and left[-1] and len(left) < TABLES and (len(left) <= PATIENCE or left[-1] < (1 - ENOUGH) * left[-PATIENCE - 1]):
            self._push((1, -1, 0)[len(left) % 3], moves)
            left.append(self.left)
        if moves and left[-1]:
            self._push(1, moves)

    def _push(self, way: int, moves: Sequence[tuple[Kind, Bools]]) -> None:
        """Walk with all unproved cells going up (1) or down (-1), or each at random (0)."""
        wish = self._wish(way)
        asked = [np.nonzero(may_move & (wish != 0)) for _, may_move in moves]
        chances = np.array([len(units[0]) for units in asked])
        if not chances.any():
            return
        for which in self.random.choice(len(moves), PUSH, p=chances / chances.sum()):
            kind, may_move = moves[which]
            self._step(kind, may_move, asked[which], wish)
        self.remember()

    def _step(self, kind: Kind, may_move: Bools, asked: tuple[Ints, ...], wish: Ints) -> None:
        """Move some of the units asked for where they wish to go, each with the best partners drawn, no unit twice."""
        count = len(asked[0])
        most = max(AT_ONCE, count // SHARE)
        rows = np.arange(count) if count <= most else self.random.integers(count, size=most)
        draws = min(DRAWS, most // len(rows))
        members = [partners(pattern, np.tile(units[rows], draws), self.random) for pattern, units in zip(kind, asked, strict=True)]
        exists = reduce(np.logical_and, [(each != NONE).all(axis=1) for each in members])
        units = reduce(np.add, grid([np.maximum(each, 0) * stride for each, stride in zip(members, self.strides, strict=True)]))
        units = units.reshape(-1, len(exists))
        signs = signs_of([each.shape[1] for each in members]).reshape(-1, 1)
        aim = np.sign(wish.take(units[0]))
        room = np.where(signs == aim, FURTHEST, self.now.take(units)).min(axis=0)
        is_able = (room > 0) & exists
        is_able[is_able] = may_move.take(units[:, is_able]).all(axis=0)
        room *= is_able
        best = room.reshape(draws, -1).argmax(axis=0) * len(rows) + np.arange(len(rows))
        best = best[room[best] > 0]
        units, step = units[:, best], (aim * room)[best]
        self.taken_by[units] = np.arange(len(best))
        fits = (self.taken_by.take(units) == np.arange(len(best))).all(axis=0)
        self.now.reshape(-1)[units[:, fits]] += signs * step[fits]

    def _wish(self, way: int) -> Ints:
        """Where each base unit should go, for the cells of withheld levels that have no proof yet."""
        wish = np.zeros(self.now.shape, dtype=np.int8)
        for number in self.table.withheld:
            if (cells := self.unproved[number]).any():
                aim = way if way else self.random.choice(np.array([-1, 1], dtype=np.int8), cells.shape)
                wish += self.table.spread_out(number, (cells * aim).astype(np.int8))
        return wish

    def leap(self) -> None:
        """Where the walk proves no more: solve for the furthest tables, in whole numbers. No published sum reaches beyond a year, so each
        year is solved alone; years too large are left out.
        """
        year = self.table.axes[1].levels[self.table.longest]
        left = [self.left]
        while left[-1] and len(left) <= LEAPS and (len(left) <= 3 or left[-1] < left[-3]):
            wish = self._wish((1, -1, 0)[(len(left) - 1) % 3])
            for times in (np.flatnonzero(year == each) for each in np.unique(year)):
                if wish[:, times].any() and wish[:, times].size <= LEAP:
                    self._solve(times, wish)
            self.remember()
            left.append(self.left)

    def _solve(self, times: Ints, wish: Ints) -> None:
        """Move the counts of some times as far as they go towards the wish, with every shown or kept sum as it is."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # here: slow to load, and the dashboard loads this file and never solves

        inside = np.zeros(self.now.shape, dtype=bool)
        inside[:, times] = True
        units = np.nonzero(inside)
        now, highest = self.now[units], np.where(self.table.possible[units], np.inf, 0)
        sums = [_sums_inside(np.ravel_multi_index(units[:3], self.now.shape[:3]))] if self.table.axes[3].needs_pair else []
        for number, level in enumerate(self.table.published):
            cells = self.table.flat(number, units)
            if level not in self.kept:
                cells = np.where(np.isin(cells, np.flatnonzero(self.table.secret(number))), NONE, cells)
            sums.append(_sums_inside(cells))
        equations = vstack(sums).tocsr()
        constraint = LinearConstraint(equations, equations @ now, equations @ now)
        found = milp(
            -wish[units].astype(float), constraints=constraint, bounds=Bounds(0, highest), integrality=1,
            options={"node_limit": 20, "mip_rel_gap": 0.02},
        )  # fmt: skip
        if found.x is not None:
            self.now[units] = np.round(found.x).astype(self.now.dtype)

    def remember(self) -> None:
        """Keep the table where the walk stands, and see what it proves."""
        self.seen.append(self.now.astype(np.min_scalar_type(int(self.now.max(initial=0)))))
        numbers = [number for number, small in enumerate(self.unproved) if small.any()]
        for number, cells in zip(numbers, self.table.sums(self.now, numbers), strict=True):
            np.minimum(self.lowest[number], cells, out=self.lowest[number])
            np.maximum(self.highest[number], cells, out=self.highest[number])
            self.unproved[number] &= self.highest[number] - self.lowest[number] < self.width


def _sums_inside(cells: Ints) -> coo_array:
    """One row for each cell with a 1 for every unit inside; units of cell NONE are in none."""
    inside = np.flatnonzero(cells != NONE)
    names, rows = np.unique(cells[inside], return_inverse=True)
    return coo_array((np.ones(len(inside)), (rows, inside)), shape=(len(names), len(cells)))


def _moves(table: Table, kept: Sequence[tuple[int, ...]]) -> list[tuple[Kind, Bools]]:
    """The kinds of moves that nobody sees in some places, and where: every cell they may change is hidden, here and before."""
    moves = []
    for kind in kinds(table.axes):
        if any(changes(table, kind, level) for level in kept):
            continue
        may_move = table.possible.copy()
        for number, level in enumerate(table.published):
            if (number not in table.withheld or table.known[number].any()) and changes(table, kind, level):
                may_move &= table.spread_out(number, table.secret(number), outside=True)
        if may_move.mean() > SELDOM:
            moves.append((kind, may_move))
    return moves


def grid(members: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """A figure for each member on each axis (a row a box) as arrays of (place, time, service, value, box) that broadcast."""
    return [each.T.reshape(*(each.shape[1] if axis == which else 1 for axis in range(4)), len(each)) for which, each in enumerate(members)]


def signs_of(members: Sequence[int]) -> NDArray[np.int8]:
    """The sign of each corner of boxes with so many members on each axis, to go with `grid`."""
    return reduce(np.multiply, grid([np.array([SIGNS[:each]], dtype=np.int8) for each in members]))


def partners(pattern: Pattern | None, units: Ints, random: np.random.Generator) -> Ints:
    """These units with partners at random, one row each; NONE where there is no partner."""
    if pattern is None:
        return units[:, None]
    if pattern.far is None or pattern.side is None:
        return np.column_stack([units, _another(pattern.near, pattern.near[units], units, random)])
    sided, across = pattern.near * 2 + pattern.side, pattern.far * 2 + pattern.side
    second = _another(sided, sided[units] ^ 1, units, random)
    third = _another(across, across[units], units, random)
    third = np.where(pattern.near[third] == pattern.near[units], NONE, third)
    fourth = _another(sided, sided[third] ^ 1, third, random)
    return np.column_stack([units, second, third, fourth])


def _another(blocks: Ints, wanted: Ints, units: Ints, random: np.random.Generator) -> Ints:
    """A unit of each wanted block at random, other than the given one; NONE where there is none."""
    order = np.argsort(blocks, kind="stable")
    starts = np.searchsorted(blocks[order], np.arange(blocks.max() + 4))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    start, is_inside = starts[wanted], blocks[units] == wanted
    size = starts[wanted + 1] - start - is_inside
    at = start + (random.random(len(units)) * size).astype(np.int64)
    at += is_inside & (at >= place[units])
    return np.where(size > 0, order[np.minimum(at, len(order) - 1)], NONE)
