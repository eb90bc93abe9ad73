"""Which further cells must be hidden, so that nobody can work out a small one from the cells that are shown?

Counts stand in a base array with one axis each for place, time, service and value. What is published are sums over groups of the
axes, level by level. A cell of 1 to 9 is hidden, and it is safe when somebody who knows every shown cell still finds at least
`WIDTH` between its lowest and its highest possible value.

The proof for a cell is a *box*: on every axis one unit, or a pair of units. Add t to the corners with an even number of second
members and take t from the others: a published cell then changes only where its level tells the members of every pair apart. Hide
exactly those cells, and nobody can see the move; t may run from -(smallest even corner) to +(smallest odd corner), and the small
cell with it. A box without pairs only adds and always suffices, so every cell finds one. Each proof stands alone, whatever else is
hidden, because the true table is always one of the possible ones. Tables in, tables out; see docs/decisions/small-groups.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST_SHOWN = 10  # a published count from 1 to below this is hidden
LOST = 0.17  # a level with a larger share of small cells is hidden as a whole
LOST_SPLIT = 0.02  # the same for a split by an attribute: protecting its cells one by one would cost whole totals
WIDTH = 5  # asked for are 4 between the lowest and the highest possible value; one more to be safe
NONE = -1  # no partner on an axis; a unit in no group of a level
DRAWS = 16  # partners tried for a cell with each kind of box
BATCH = 200_000  # boxes judged at once

Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Axis:
    """One axis: `levels` say for each level which group a unit belongs to (NONE: it is not published there); `rings` say for each
    kind of partner which block a unit is in (its partners are the others of its block), the nearest kind first. An axis whose
    members must always be told apart by a pair `needs_pair`.
    """

    levels: Sequence[Ints]
    rings: Sequence[Ints] = ()
    needs_pair: bool = False

    def groups(self, level: int) -> int:
        """How many groups a level has."""
        return int(self.levels[level].max(initial=NONE)) + 1

    def partners(self, ring: int, units: Ints, random: np.random.Generator) -> Ints:
        """Another unit of each unit's block, at random; NONE where it is alone."""
        blocks = self.rings[ring]
        order = np.argsort(blocks, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        starts = np.searchsorted(blocks[order], blocks)
        sizes = np.searchsorted(blocks[order], blocks, side="right") - starts
        size = sizes[units]
        step = 1 + (random.random(len(units)) * (size - 1)).astype(np.int64)
        partner = order[starts[units] + (place[units] - starts[units] + step) % size]
        return np.where(size > 1, partner, NONE)


@dataclass
class Table:
    """The counts of one fact and what is published of them.

    base: (place, time, service, value) counts. published: for each published level, its level number on every axis. possible: where
    a count may be other than 0 as far as the world knows. cells and hidden: per published level the sums, and which are hidden.
    """

    base: Ints
    axes: tuple[Axis, ...]
    published: Sequence[tuple[int, ...]]
    possible: Bools
    cells: list[Ints] = field(init=False)
    hidden: list[Bools] = field(init=False)
    withheld: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.cells = [self._sums(level) for level in self.published]
        self.hidden = [self.is_small(number) for number in range(len(self.published))]

    def is_small(self, number: int) -> Bools:
        """Which cells of a published level hold 1 to 9."""
        return (self.cells[number] > 0) & (self.cells[number] < SMALLEST_SHOWN)

    def withhold_levels(self, lost: float) -> None:
        """Withhold a level as a whole where more than this share of its cells is small: little would be left, and much else can stay."""
        for number, cells in enumerate(self.cells):
            if np.count_nonzero(self.is_small(number)) > lost * np.count_nonzero(cells):
                self.withheld.add(number)
                self.hidden[number][:] = True

    def _sums(self, level: tuple[int, ...]) -> Ints:
        sums = self.base
        for number, axis in enumerate(self.axes):
            group = axis.levels[level[number]]
            total = np.zeros((*sums.shape[:number], axis.groups(level[number]), *sums.shape[number + 1 :]), dtype=np.int64)
            inside = group != NONE
            np.add.at(total, (*(slice(None),) * number, group[inside]), np.compress(inside, sums, axis=number))
            sums = total
        return sums

    def flat(self, number: int, units: Sequence[Ints]) -> Ints:
        """The flat index of the cells that hold these base units at a published level; NONE where it is not published."""
        index = np.zeros(len(units[0]), dtype=np.int64)
        is_published = np.ones(len(units[0]), dtype=bool)
        for axis, level, unit in zip(self.axes, self.published[number], units, strict=True):
            group = axis.levels[level][unit]
            is_published &= group != NONE
            index = index * axis.groups(level) + group
        return np.where(is_published, index, NONE)


@dataclass(frozen=True)
class Boxes:
    """Many boxes: per axis the first and the second member (NONE: no pair)."""

    first: tuple[Ints, ...]
    second: tuple[Ints, ...]

    def __len__(self) -> int:
        return len(self.first[0])

    def take(self, rows: Ints | Bools) -> Boxes:
        """Some of the boxes."""
        return Boxes(tuple(unit[rows] for unit in self.first), tuple(unit[rows] for unit in self.second))

    def corners(self) -> Iterator[tuple[tuple[Ints, ...], bool, Bools]]:
        """Each corner's base units, whether t is taken from it, and for which boxes it exists."""
        for choice in product((0, 1), repeat=len(self.first)):
            exists = np.ones(len(self), dtype=bool)
            for number in np.flatnonzero(choice):
                exists &= self.second[number] != NONE
            if exists.any():
                units = tuple(np.where(exists, self.second[i], self.first[i]) if taken else self.first[i] for i, taken in enumerate(choice))
                yield units, sum(choice) % 2 == 1, exists


def changed(table: Table, boxes: Boxes, number: int) -> Bools:
    """For which boxes the cells of a published level change: those whose pairs it tells apart on every axis."""
    is_changed = np.ones(len(boxes), dtype=bool)
    for axis, level, first, second in zip(table.axes, table.published[number], boxes.first, boxes.second, strict=True):
        group = axis.levels[level]
        is_changed &= (second == NONE) | (group[first] != group[second])
    return is_changed


def spread(table: Table, boxes: Boxes, number: int) -> Iterator[Boxes]:
    """The boxes that move one cell of a level together: one for each unit of time and service inside the cell, side by side.

    Members of a pair are matched in their order; a block shorter than the other ends the match.
    """
    level = table.published[number]
    members = []
    for which in (1, 2):
        group = table.axes[which].levels[level[which]]
        order = np.argsort(group, kind="stable")
        starts, ends = np.searchsorted(group[order], group), np.searchsorted(group[order], group, side="right")
        longest = int((ends - starts).max())
        steps = []
        for step in range(longest):
            first_at, second = starts[boxes.first[which]] + step, boxes.second[which]
            second_at = np.where(second == NONE, 0, starts[second] + step)
            inside = (first_at < ends[boxes.first[which]]) & ((second == NONE) | (second_at < ends[second]))
            first = order[np.minimum(first_at, len(order) - 1)]
            steps.append((first, np.where(second == NONE, NONE, order[np.minimum(second_at, len(order) - 1)]), inside))
        members.append(steps)
    for first_time, second_time, time_inside in members[0]:
        for first_service, second_service, service_inside in members[1]:
            keep = time_inside & service_inside
            yield Boxes(
                (boxes.first[0], np.where(keep, first_time, NONE), first_service, boxes.first[3]),
                (boxes.second[0], second_time, second_service, boxes.second[3]),
            )


def room(table: Table, boxes: Boxes, number: int) -> tuple[Floats, Floats]:
    """How far each bundle of boxes can move a cell of a level up and down before a corner falls below 0."""
    up, down = np.zeros(len(boxes)), np.zeros(len(boxes))
    for part in spread(table, boxes, number):
        rows = np.flatnonzero(part.first[1] != NONE)
        part_up, part_down = _room(table, part.take(rows))
        up[rows] += part_up
        down[rows] += part_down
    return up, down


def _room(table: Table, boxes: Boxes) -> tuple[Floats, Floats]:
    """The room of single boxes; nowhere when a corner can only be 0."""
    up, down = np.full(len(boxes), np.inf), np.full(len(boxes), np.inf)
    for units, is_taken_from, exists in boxes.corners():
        count = np.where(table.possible[units], table.base[units], 0).astype(float)
        fixed = exists & ~table.possible[units]
        least = up if is_taken_from else down
        least[exists] = np.minimum(least[exists], count[exists])
        up[fixed] = down[fixed] = 0
    return up, down


@dataclass
class Family:
    """A fact's own table and its splits by one attribute each, counted by coarser units: `place_of` and `time_of` say by which for each
    unit of the own table (a district for each commune, a quarter for each month).

    A box of the own table that moves such coarser cells moves the splits along: their cells under a hidden cell are all hidden, and one
    value must have the room.
    """

    main: Table
    splits: Mapping[str, Table]
    place_of: Ints
    time_of: Ints
    finer: tuple[int, int] = (0, 0)  # how many levels of place and of time the own table has below those of the splits

    def room(self, boxes: Boxes, number: int, split: str = "", value: Ints | None = None) -> tuple[Floats, Floats]:
        """The room of bundles of boxes of the own table, that of the splits moving along included.

        A pair inside one coarser unit leaves the splits as they are. Else each split moves in the one value with the most room, or the
        split named in the given value of each box; the parts of a bundle that share a coarser unit share its room.
        """
        stays = (boxes.second[1] != NONE) & (self.time_of[boxes.first[1]] == self.time_of[boxes.second[1]])
        stays |= (boxes.second[0] != NONE) & (self.place_of[boxes.first[0]] == self.place_of[boxes.second[0]])
        up, down = np.zeros(len(boxes)), np.zeros(len(boxes))
        for part in spread(self.main, boxes, number):
            rows = np.flatnonzero(part.first[1] != NONE)
            if len(rows) == 0:
                continue
            some = part.take(rows)
            part_up, part_down = _room(self.main, some)
            moving = np.flatnonzero(~stays[rows])
            if len(moving) and self.splits:
                carried = self._carried(some.take(moving), split, None if value is None else value[rows[moving]])
                times = self._parts_sharing(number)
                part_up[moving] = np.minimum(part_up[moving], carried[0] / times)
                part_down[moving] = np.minimum(part_down[moving], carried[1] / times)
            up[rows] += part_up
            down[rows] += part_down
        return up, down

    def _parts_sharing(self, number: int) -> int:
        """Into how many equal parts the room of one coarser unit of time is divided among the parts of a bundle."""
        time = self.main.axes[1].levels[self.main.published[number][1]]
        in_block, in_coarse = int(np.bincount(time).max()), int(np.bincount(self.time_of).max())
        return min(in_block, in_coarse)

    def _carried(self, boxes: Boxes, split: str, value: Ints | None) -> tuple[Floats, Floats]:
        """The room of the splits under single boxes of the own table."""
        up, down = np.full(len(boxes), np.inf), np.full(len(boxes), np.inf)
        rows = np.arange(len(boxes))
        for name, table in self.splits.items():
            values = table.base.shape[3]
            least_up, least_down = np.full((len(boxes), values), np.inf), np.full((len(boxes), values), np.inf)
            for (place, month, service, _), is_taken_from, exists in boxes.corners():
                counts = table.base[self.place_of[place], self.time_of[month], service, :]
                least = least_up if is_taken_from else least_down
                least[exists] = np.minimum(least[exists], counts[exists])
            which = value if name == split else None
            up = np.minimum(up, least_up.max(axis=1) if which is None else least_up[rows, which])
            down = np.minimum(down, least_down.max(axis=1) if which is None else least_down[rows, which])
        return up, down

    def own_level(self, level: tuple[int, ...]) -> int:
        """The published level of the own table whose cells a split's level divides."""
        place, time, service, _ = level
        return list(self.main.published).index((place + self.finer[0], time + self.finer[1], service, 0))

    def hide_children(self) -> None:
        """Hide every split of a hidden cell: shown parts would add up to it."""
        for split in self.splits.values():
            for number, level in enumerate(split.published):
                split.hidden[number] |= self.main.hidden[self.own_level(level)]


@dataclass(frozen=True)
class Proof:
    """Small cells (flat numbers) of one published level of a table ('' is the own one, else a split) and a box for each.

    `is_carried`: the boxes are boxes of the own table, which take the cells of the split along.
    """

    table: str
    level: int
    cells: Ints
    boxes: Boxes
    is_carried: bool = False


Room = Callable[[Boxes, Ints], tuple[Floats, Floats]]


def protect(family: Family, seed: int = 11) -> list[Proof]:
    """Hide what must be hidden besides the small cells (changes `hidden` of the tables); returns a proof for every small cell."""
    random = np.random.default_rng(seed)
    proofs = []
    family.main.withhold_levels(LOST)
    for split in family.splits.values():
        split.withhold_levels(LOST_SPLIT)
    for level, small in _small_cells(family.main):
        first = _largest_inside(family.main, level, small)
        boxes, _ = _boxes_for(family.main, level, first, random, _own_room(family, level))
        proofs.append(Proof("", level, small, boxes))
    family.hide_children()
    for name, split in family.splits.items():
        for level, small in _small_cells(split):
            first = _largest_inside(split, level, small)
            boxes, left = _boxes_for(split, level, first, random, _split_room(split, level))
            alone = np.setdiff1d(np.arange(len(small)), left)
            proofs.append(Proof(name, level, small[alone], boxes.take(alone)))
            if len(left):
                proofs.append(_carry(family, name, level, small[left], tuple(unit[left] for unit in first), random))
        family.hide_children()
    return proofs


def _own_room(family: Family, level: int) -> Room:
    return lambda boxes, _: family.room(boxes, level)


def _split_room(split: Table, level: int) -> Room:
    return lambda boxes, _: room(split, boxes, level)


def _carry(family: Family, name: str, level: int, cells: Ints, first: tuple[Ints, ...], random: np.random.Generator) -> Proof:
    """Boxes of the own table for cells of a split that no other value can make room for."""
    value = first[3]
    own = _largest_units(family, *first[:3])
    number = family.own_level(family.splits[name].published[level])
    boxes, _ = _boxes_for(family.main, number, own, random, lambda boxes, rows: family.room(boxes, number, name, value[rows]))
    return Proof(name, level, cells, boxes, is_carried=True)


def _largest_units(family: Family, places: Ints, times: Ints, services: Ints) -> tuple[Ints, ...]:
    """The base unit of the own table with the largest count inside each of these units of the splits."""
    base = family.main.base[..., 0]
    found = np.empty((len(places), 2), dtype=np.int64)
    for row, (place, time, service) in enumerate(zip(places, times, services, strict=True)):
        inside_place, inside_time = np.flatnonzero(family.place_of == place), np.flatnonzero(family.time_of == time)
        largest = np.argmax(base[np.ix_(inside_place, inside_time, [service])])
        found[row] = inside_place[largest // len(inside_time)], inside_time[largest % len(inside_time)]
    return found[:, 0], found[:, 1], services, np.zeros_like(services)


def _small_cells(table: Table) -> Iterator[tuple[int, Ints]]:
    """Each level that is not withheld, with the flat numbers of its small cells, where it has any."""
    for number in (each for each in range(len(table.published)) if each not in table.withheld):
        small = np.flatnonzero(table.is_small(number))
        if len(small):
            yield number, small


def _largest_inside(table: Table, number: int, cells: Ints) -> tuple[Ints, ...]:
    """The base units with the largest count inside each of these cells."""
    units = np.nonzero(table.base)
    inside = table.flat(number, units)
    order = np.lexsort((table.base[units], inside))
    last = np.searchsorted(inside[order], cells, side="right") - 1
    return tuple(unit[order[last]] for unit in units)


def _boxes_for(table: Table, number: int, first: tuple[Ints, ...], random: np.random.Generator, room_of: Room) -> tuple[Boxes, Ints]:
    """A box for each cell, the cheapest found, and what it changes hidden; and the rows that found none.

    The kind of box that costs least is tried first. A box without any pair always suffices, so none is left but where an axis needs
    its pair.
    """
    chosen = tuple(np.full(len(first[0]), NONE) for _ in first)
    todo = np.arange(len(first[0]))
    for kind in _kinds(table, number):
        for rows in np.array_split(todo, max(1, len(todo) * DRAWS // BATCH)):
            found, boxes, cost = _draw(table, number, first, rows, kind, DRAWS, random, room_of)
            order = np.lexsort((cost, found))
            winner = order[np.diff(found[order], prepend=NONE) != 0]
            for axis_chosen, second in zip(chosen, boxes.second, strict=True):
                axis_chosen[rows[found[winner]]] = second[winner]
            _hide(table, boxes.take(winner), number)
            todo = np.setdiff1d(todo, rows[found[winner]], assume_unique=True)
        if len(todo) == 0:
            break
    return Boxes(first, chosen), todo


def _kinds(table: Table, number: int) -> list[tuple[int, ...]]:
    """The kinds of boxes (a ring or no pair on every axis) that can move this level, cheapest first.

    A kind costs the counts of an average cell of every level it can change and that is not hidden altogether.
    """
    separates = [
        [*([_tells_apart(groups, blocks) for groups in axis.levels] for blocks in axis.rings), [True] * len(axis.levels)]
        for axis in table.axes
    ]
    costs = {}
    for kind in product(*(range(len(axis.rings) + (not axis.needs_pair)) for axis in table.axes)):
        moves = [all(separates[i][ring][level[i]] for i, ring in enumerate(kind)) for level in table.published]
        if moves[number]:
            shown = [np.where(table.hidden[each], 0, table.cells[each]) for each in np.flatnonzero(moves)]
            corners = sum(ring < len(axis.rings) for ring, axis in zip(kind, table.axes, strict=True))
            costs[kind] = sum(float(cells.mean()) for cells in shown) * 2**corners, corners, sum(kind)
    return sorted(costs, key=lambda kind: costs[kind])


def _tells_apart(groups: Ints, blocks: Ints) -> bool:
    """Whether a level tells any two units of one block apart."""
    order = np.lexsort((groups, blocks))
    return bool(((np.diff(blocks[order]) == 0) & (np.diff(groups[order]) != 0)).any())


def _draw(
    table: Table, number: int, first: tuple[Ints, ...], rows: Ints, kind: tuple[int, ...], draws: int,
    random: np.random.Generator, room_of: Room,
) -> tuple[Ints, Boxes, Floats]:  # fmt: skip
    """Boxes of one kind that suffice: for which of the rows, the box, and what it costs."""
    has_pair = [ring < len(axis.rings) for ring, axis in zip(kind, table.axes, strict=True)]
    here = np.tile(np.arange(len(rows)), draws if any(has_pair) else 1)
    own = tuple(unit[rows[here]] for unit in first)
    other = tuple(
        axis.partners(ring, unit, random) if is_pair else np.full(len(here), NONE)
        for axis, ring, unit, is_pair in zip(table.axes, kind, own, has_pair, strict=True)
    )
    boxes = Boxes(own, other)
    fits = changed(table, boxes, number)
    for second, is_pair in zip(other, has_pair, strict=True):
        fits &= (second != NONE) | (not is_pair)
    here, boxes = here[fits], boxes.take(fits)
    up, down = room_of(boxes, rows[here])
    fits = up + down >= WIDTH
    here, boxes = here[fits], boxes.take(fits)
    return here, boxes, _cost(table, boxes, number)


def _touched(table: Table, bundles: Boxes, level: int) -> Iterator[tuple[int, Ints, Ints]]:
    """Every published cell that a bundle changes: published level, row of the bundle, flat number of the cell."""
    for boxes in spread(table, bundles, level):
        inside = boxes.first[1] != NONE
        for number in range(len(table.published)):
            rows = np.flatnonzero(inside & changed(table, boxes, number))
            if len(rows) == 0 or number in table.withheld:
                continue
            for units, _, exists in boxes.take(rows).corners():
                cells = table.flat(number, units)
                is_cell = exists & (cells != NONE)
                yield number, rows[is_cell], cells[is_cell]


def _cost(table: Table, boxes: Boxes, level: int) -> Floats:
    """How many counts would be lost from sight: the cells not yet hidden that a box would hide. A little for each zero."""
    cost = np.zeros(len(boxes))
    for number, rows, cells in _touched(table, boxes, level):
        lost = np.where(table.hidden[number].ravel()[cells], 0.0, table.cells[number].ravel()[cells] + 1.0)
        cost += np.bincount(rows, weights=lost, minlength=len(boxes))
    return cost


def _hide(table: Table, boxes: Boxes, level: int) -> None:
    for number, _, cells in _touched(table, boxes, level):
        table.hidden[number].ravel()[cells] = True


def unproved(family: Family, proofs: Sequence[Proof]) -> int:
    """How many small cells lack a proof: all that their box changes must be hidden, themselves among it, with room to move."""
    tables = {"": family.main, **family.splits}
    open_cells = {(name, number): small for name, table in tables.items() for number, small in _small_cells(table)}
    for proof in proofs:
        table, boxes = tables[proof.table], proof.boxes
        if proof.is_carried:
            _, _, _, value = _largest_inside(table, proof.level, proof.cells)
            level = family.own_level(table.published[proof.level])
            table = family.main
            up, down = family.room(boxes, level, proof.table, value)
        else:
            level = proof.level
            up, down = room(table, boxes, level) if proof.table else family.room(boxes, level)
        is_good = (up + down >= WIDTH) & changed(table, boxes, level)
        if not proof.is_carried:
            is_good &= table.flat(level, boxes.first) == proof.cells
        for number, rows, cells in _touched(table, boxes, level):
            is_good[rows[~table.hidden[number].ravel()[cells]]] = False
        key = proof.table, proof.level
        open_cells[key] = np.setdiff1d(open_cells[key], proof.cells[is_good])
    for split in family.splits.values():
        for number, level_of in enumerate(split.published):
            if (family.main.hidden[family.own_level(level_of)] & ~split.hidden[number].all(axis=3, keepdims=True)).any():
                raise AssertionError("a split of a hidden cell is shown")
    return sum(len(cells) for cells in open_cells.values())
