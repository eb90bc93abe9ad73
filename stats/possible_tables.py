"""Which other tables would look the same to everybody who sees only what is shown?

Two such tables in which a hidden cell differs prove that nobody can tell which of the two values is true. A walk finds them: each
step pairs up places, months and services at random, adds to every other corner of each box of eight cells what it takes from the
rest, and so moves all counts at once while every level that is not withheld stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from stats.published import NONE, Axis, Bools, Floats, Ints, Pattern, Table

SIGNS = np.array([1, -1, -1, 1])  # of the members of a box on an axis: one, a pair, or a square
PUSH = 24  # steps of the walk between two tables that are kept
TABLES = 60  # kept at most
SELDOM = 0.01  # kinds of moves that fit in a smaller share of the base units are not tried
ENOUGH = 0.01  # the walk ends where three tables running prove a smaller share of what was left

Kind = tuple[Pattern | None, ...]


def tells_apart(groups: Ints, pattern: Pattern | None) -> bool:
    """Whether a move of this pattern can change the groups of a level; a lone unit always does."""
    if pattern is None:
        return True
    if pattern.far is None or pattern.side is None:
        return _differ_inside(groups, pattern.near)
    return _differ_inside(groups, pattern.near) and _differ_inside(groups, pattern.far * 2 + pattern.side)


def _differ_inside(groups: Ints, blocks: Ints) -> bool:
    order = np.lexsort((groups, blocks))
    return bool(((np.diff(blocks[order]) == 0) & (np.diff(groups[order]) != 0)).any())


def kinds(axes: Sequence[Axis]) -> list[Kind]:
    """Every kind of move: on each axis a pattern, or a lone unit where the axis allows it."""
    return list(product(*([*axis.patterns, *([] if axis.needs_pair else [None])] for axis in axes)))


def changes(table: Table, kind: Kind, level: tuple[int, ...]) -> bool:
    """Whether a move of this kind can change cells of a level."""
    return all(tells_apart(axis.levels[number], pattern) for axis, number, pattern in zip(table.axes, level, kind, strict=True))


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
        self.now = self.table.base.copy()
        self.lowest, self.highest = [cells.copy() for cells in self.table.cells], [cells.copy() for cells in self.table.cells]

    @property
    def left(self) -> int:
        """How many cells have no proof yet."""
        return sum(int(each.sum()) for each in self.unproved)

    def wander(self) -> None:
        """Walk on while new proofs are found; ends with the unproved cells pushed up."""
        moves = _moves(self.table, self.kept)
        left = [self.left]
        while moves and left[-1] and len(left) < TABLES and (len(left) < 4 or left[-1] < (1 - ENOUGH) * left[-4]):
            self._push((1, -1, 0)[len(left) % 3], moves)
            left.append(self.left)
        if moves and left[-1]:
            self._push(1, moves)

    def _push(self, way: int, moves: Sequence[tuple[Kind, Bools]]) -> None:
        wish = np.zeros(self.now.shape)
        for number, cells in enumerate(self.unproved):
            if cells.any():
                wish += self.table.spread_out(number, cells * (way if way else self.random.choice([-1.0, 1.0], cells.shape)))
        chances = np.array([may_move.mean() for _, may_move in moves])
        for which in self.random.choice(len(moves), PUSH, p=chances / chances.sum()):
            _step(self.table, self.now, *moves[which], wish, self.random)
        self.remember()

    def remember(self) -> None:
        """Keep the table where the walk stands, and see what it proves."""
        self.seen.append(self.now.astype(np.int32))
        for number, cells in enumerate(self.table.sums(self.now)):
            if self.unproved[number].any():
                np.minimum(self.lowest[number], cells, out=self.lowest[number])
                np.maximum(self.highest[number], cells, out=self.highest[number])
                self.unproved[number] &= self.highest[number] - self.lowest[number] < self.width


def _moves(table: Table, kept: Sequence[tuple[int, ...]]) -> list[tuple[Kind, Bools]]:
    """The kinds of moves that nobody sees in some places, and where: every cell they may change is hidden."""
    moves = []
    for kind in kinds(table.axes):
        if any(changes(table, kind, level) for level in kept):
            continue
        may_move = table.possible.copy()
        for number, level in enumerate(table.published):
            if number not in table.withheld and changes(table, kind, level):
                may_move &= table.spread_out(number, table.hidden[number], outside=True)
        if may_move.mean() > SELDOM:
            moves.append((kind, may_move))
    return moves


def _step(table: Table, now: Ints, kind: Kind, may_move: Bools, wish: Floats, random: np.random.Generator) -> None:
    """Move as many boxes of one kind as fit side by side, each as far as it goes towards the wish, or at random where there is none."""
    members = [_side_by_side(axis, pattern, random) for axis, pattern in zip(table.axes, kind, strict=True)]
    shape = [len(each) for each in members]
    up, down, score = np.full(shape, np.iinfo(np.int64).max), np.full(shape, np.iinfo(np.int64).max), np.zeros(shape)
    corners = []
    for choice in product(*(range(each.shape[1]) for each in members)):
        units = np.ix_(*(each[:, which] for each, which in zip(members, choice, strict=True)))
        sign = int(np.prod(SIGNS[list(choice)]))
        least = down if sign > 0 else up
        np.minimum(least, now[units], out=least)
        is_fixed = ~may_move[units]
        up[is_fixed] = down[is_fixed] = 0
        score += sign * wish[units]
        corners.append((units, sign))
    draw = random.random(shape)
    step = np.where(score + 2 * draw - 1 > 0, up, -down)
    wanders = (score == 0) & (random.random(shape) < 0.5)
    step = np.where(wanders, np.floor(draw * (up + down + 1)).astype(np.int64) - down, step)
    for units, sign in corners:
        now[units] += sign * step


def _side_by_side(axis: Axis, pattern: Pattern | None, random: np.random.Generator) -> Ints:
    """Units of an axis matched at random by a pattern, no unit twice: one row a match."""
    if pattern is None:
        return np.arange(axis.size)[:, None]
    if pattern.far is None or pattern.side is None:
        return _matched(np.arange(axis.size), pattern.near, random)
    one, other = (_numbered(np.flatnonzero(pattern.side == side), pattern.near, random) for side in (0, 1))
    _, at_one, at_other = np.intersect1d(one[1], other[1], assume_unique=True, return_indices=True)
    pairs = np.column_stack([one[0][at_one], other[0][at_other]])
    rows = _matched(np.arange(len(pairs)), pattern.far[pairs[:, 0]], random)
    return np.concatenate([pairs[rows[:, 0]], pairs[rows[:, 1]]], axis=1)


def _numbered(units: Ints, blocks: Ints, random: np.random.Generator) -> tuple[Ints, Ints]:
    """The units in random order, and for each a number made of its block and its place in it."""
    order = units[np.lexsort((random.random(len(units)), blocks[units]))]
    place = np.arange(len(order)) - np.searchsorted(blocks[order], blocks[order])
    return order, blocks[order] * len(blocks) + place


def _matched(units: Ints, blocks: Ints, random: np.random.Generator) -> Ints:
    order, number = _numbered(units, blocks, random)
    first = np.flatnonzero((number[:-1] % len(blocks) % 2 == 0) & (number[1:] == number[:-1] + 1)) if len(order) else order
    return np.column_stack([order[first], order[first + 1]])
