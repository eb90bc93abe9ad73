"""What is published of the counts of one fact, and what of it is hidden?

Counts stand in a base array with one axis each for place, time, service and value. Published are sums over groups of the axes, level
by level. Which cells are hidden is chosen in stats/small_groups.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST_SHOWN = 10  # a published count from 1 to below this is hidden
NONE = -1  # a unit in no group of a level; no member of a box

Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Pattern:
    """How moves choose partners on an axis. A pair: another unit of the same `near` block. A square (where `far` is given): a unit and
    one of its near block on the other side, and two such units of another near block in the same far block.
    """

    near: Ints
    far: Ints | None = None
    side: Ints | None = None  # 0 or 1 for each unit


@dataclass(frozen=True)
class Axis:
    """One axis: `levels` say for each level which group a unit belongs to (NONE: it is not published there). Units of one group that are
    `alike` move side by side. An axis whose members must always be told apart by a pair `needs_pair`.
    """

    levels: Sequence[Ints]
    patterns: Sequence[Pattern] = ()
    needs_pair: bool = False
    alike: Ints | None = None

    @property
    def size(self) -> int:
        """How many units the axis has."""
        return len(self.levels[0])

    def groups(self, level: int) -> int:
        """How many groups a level has."""
        return max(int(self.levels[level].max(initial=NONE)) + 1, 1)

    def blocks(self, level: int) -> tuple[Ints, Ints]:
        """The units in the groups of a level, group by group, and where each group begins."""
        if level not in self._blocks:
            group = self.levels[level]
            order = np.argsort(group, kind="stable")[np.count_nonzero(group == NONE) :]
            self._blocks[level] = order, np.flatnonzero(np.diff(group[order], prepend=NONE))
        return self._blocks[level]

    @cached_property
    def _blocks(self) -> dict[int, tuple[Ints, Ints]]:
        return {}

    def tells_apart(self, level: int, pattern: Pattern | None) -> bool:
        """Whether a move of this pattern can change the groups of a level; a lone unit always does."""
        key = level, id(pattern)
        if key not in self._told_apart:
            blocks = [] if pattern is None else [pattern.near]
            if pattern and pattern.far is not None and pattern.side is not None:
                blocks.append(pattern.far * 2 + pattern.side)
            self._told_apart[key] = all(_differ_inside(self.levels[level], each) for each in blocks)
        return self._told_apart[key]

    @cached_property
    def _told_apart(self) -> dict[tuple[int, int], bool]:
        return {}


def _differ_inside(groups: Ints, blocks: Ints) -> bool:
    order = np.lexsort((groups, blocks))
    return bool(((np.diff(blocks[order]) == 0) & (np.diff(groups[order]) != 0)).any())


def place_patterns(province: Ints, district: Ints, side: Ints) -> list[Pattern]:
    """The patterns for an axis of places, the nearest partners first; side: 1 where the programme came, 0 where not, 2 where unknown."""
    is_unknown, everywhere = side // 2, np.zeros_like(province)
    return [
        Pattern(district * 3 + side),
        Pattern(district * 2 + is_unknown, province, side % 2),
        Pattern(district),
        Pattern(province * 3 + side),
        Pattern(province * 2 + is_unknown, everywhere, side % 2),
        Pattern(province),
        Pattern(side),
    ]


@dataclass
class Table:
    """The counts of one fact and what is published of them.

    base: (place, time, service, value) counts. published: for each level, its level number on every axis. possible: where a count may
    be other than 0 as far as the world knows. withheld: levels that are hidden altogether. unproved: those of them that ask for no proof.
    costs_once: whether a cell that several parts of a box hide is counted once. cells and hidden: per level the sums, and which are
    hidden. known: which an earlier build shows with the same count, so that hiding them protects nobody who was kept from it; stays:
    levels of which it shows something.
    """

    base: Ints
    axes: tuple[Axis, ...]
    published: Sequence[tuple[int, ...]]
    possible: Bools
    withheld: set[int] = field(default_factory=set)
    unproved: set[int] = field(default_factory=set)
    costs_once: bool = False
    cells: list[Ints] = field(init=False)
    hidden: list[Bools] = field(init=False)
    known: list[Bools] = field(init=False)
    stays: set[int] = field(default_factory=set)
    longest: int = -1  # which level of the axis of time has the longest blocks

    def __post_init__(self) -> None:
        self.possible = np.ascontiguousarray(self.possible)
        self.cells = self.sums(self.base)
        self.hidden = [self.is_small(number) for number in range(len(self.published))]
        self.known = [np.zeros_like(hidden) for hidden in self.hidden]
        for number in self.withheld:
            self.hidden[number][:] = True

    def is_small(self, number: int) -> Bools:
        """Which cells of a published level hold 1 to 9."""
        return (self.cells[number] > 0) & (self.cells[number] < SMALLEST_SHOWN)

    def withhold_levels(self, lost: float, but: Collection[int] = ()) -> None:
        """Withhold a level as a whole where more than this share of its cells is small: little would be left, and much else can stay.
        Not those in `but`, and none of which an earlier build shows something: it would be known all the same.
        """
        for number, cells in enumerate(self.cells):
            if number not in but and number not in self.stays and np.count_nonzero(self.is_small(number)) > lost * np.count_nonzero(cells):
                self.withhold([number])

    def withhold(self, numbers: Iterable[int]) -> None:
        """Hide levels as a whole."""
        for number in numbers:
            self.withheld.add(number)
            self.hidden[number][:] = True

    def respect(self, number: int, was_hidden: Bools, is_same: Bools) -> None:
        """Take in what an earlier build did with a level: what it hid of a count that is the same stays hidden, what it shows is known."""
        self.hidden[number] |= was_hidden & is_same
        self.known[number] |= ~was_hidden & is_same
        if (self.known[number] & (self.cells[number] > 0)).any():
            self.stays.add(number)

    def add_level(self, level: tuple[int, ...], count: Ints, was_hidden: Bools) -> None:
        """Take in a level that only an earlier build published, of what had come by then: a year that went on since, for example.

        `count`: its cells then. Where they are the same in these counts, what was shown is known; all else nobody knows.
        """
        self.published = [*self.published, level]
        number = len(self.published) - 1
        self.cells.append(self.sums(self.base, [number])[0])
        is_same = count == self.cells[number]
        self.hidden.append(was_hidden | ~is_same)
        self.known.append(~was_hidden & is_same)
        self.stays.add(number)

    def secret(self, number: int) -> Bools:
        """Which cells of a level nobody knows, from this build or an earlier one."""
        return self.hidden[number] & ~self.known[number]

    def to_try(self) -> Table:
        """The same table, in which other cells can be hidden."""
        other = copy(self)
        other.hidden, other.withheld = [each.copy() for each in self.hidden], set(self.withheld)
        return other

    def sums(self, base: Ints, numbers: Sequence[int] | None = None) -> list[Ints]:
        """The cells of every published level, or of these, of these counts."""
        known: dict[tuple[int, ...], Ints] = {(): base}
        levels = self.published if numbers is None else [self.published[number] for number in numbers]
        for level in levels:
            for axis in range(len(level)):
                if level[: axis + 1] not in known:
                    known[level[: axis + 1]] = _sum_groups(known[level[:axis]], self.axes[axis], level[axis], axis)
        return [known[level] for level in levels]

    def side_by_side(self, which: int, level: int) -> tuple[Ints, Ints, Ints]:
        """The units of an axis ordered by group and within it the largest first, and where the group of each unit begins and ends; units
        that are not `alike`, or in no group, do not stand together.
        """
        if (which, level) not in self._side_by_side:
            axis = self.axes[which]
            group = axis.levels[level]
            group = np.where(group == NONE, len(group) + np.arange(len(group)), group)
            if axis.alike is not None:
                group = group * (axis.alike.max() + 1) + axis.alike
            others = tuple(each for each in range(4) if each != which)
            order = np.lexsort((-self.base.sum(axis=others), group))
            starts, ends = (np.searchsorted(group[order], group, side=side) for side in ("left", "right"))
            self._side_by_side[which, level] = order, starts, ends
        return self._side_by_side[which, level]

    @cached_property
    def _side_by_side(self) -> dict[tuple[int, int], tuple[Ints, Ints, Ints]]:
        return {}

    def spread_out(self, number: int, cells: NDArray[Any], outside: Any = 0) -> NDArray[Any]:
        """A figure for each cell of a level given to every base unit inside, and another to those in none."""
        if cells.size == 0:
            return np.full(self.base.shape, outside)
        for which, (axis, level) in enumerate(zip(self.axes, self.published[number], strict=True)):
            group = axis.levels[level]
            cells = np.take(cells, np.maximum(group, 0), axis=which)
            if (group == NONE).any():
                cells = np.where((group != NONE).reshape([-1 if each == which else 1 for each in range(4)]), cells, outside)
        return cells

    def flat(self, number: int, units: Sequence[Ints]) -> Ints:
        """The flat index of the cells that hold these base units at a published level; NONE where it is not published."""
        index = np.zeros(len(units[0]), dtype=np.int64)
        is_published = np.ones(len(units[0]), dtype=bool)
        for axis, level, unit in zip(self.axes, self.published[number], units, strict=True):
            group = axis.levels[level][unit]
            is_published &= group != NONE
            index = index * axis.groups(level) + group
        return np.where(is_published, index, NONE)


def _sum_groups(counts: Ints, axis: Axis, level: int, which: int) -> Ints:
    order, starts = axis.blocks(level)
    if len(starts) == axis.size:
        return counts.take(order, axis=which)
    if len(starts) == 0:  # a level that no unit is in has one cell, of nothing
        return np.zeros_like(counts.take([0], axis=which))
    return np.add.reduceat(counts.take(order, axis=which), starts, axis=which)
