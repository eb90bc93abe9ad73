"""Which further cells must be hidden, so that nobody can work out a small one from the cells that are shown?

A cell of 1 to 9 is hidden, and it is safe when somebody who knows every shown cell still finds at least `WIDTH` between its lowest and
its highest possible value. Two kinds of proof are made, and `unproved` checks both again.

Other tables that look the same (stats/possible_tables.py) prove what can be proved without hiding anything more. For the rest a *box*
is looked for: on every axis one unit, a pair, or on the axis of places a square of two pairs. Add t to the corners with a plus and take
t from the others: a published cell then changes only where its level tells the members apart. Hide exactly those cells, and nobody
can see the move; t may run from -(smallest plus corner) to +(smallest minus corner), and the small cell with it. A box of single units
only adds and always suffices, so every cell finds one. Each proof stands alone, whatever else is hidden, because the true table is
always one of the possible ones. See docs/decisions/small-groups.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import reduce
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stats.possible_tables import SIGNS, Kind, Walk, changes, grid, kinds, partners, signs_of
from stats.published import NONE, SMALLEST_SHOWN, Bools, Floats, Ints, Table

LOST = 0.17  # a level with a larger share of small cells is hidden as a whole
LOST_SPLIT = 0.02  # the same for a split by an attribute: protecting its cells one by one would cost whole totals
SPARED = 0.05  # finer things are given up where they spare at least this share of the totals that come first
WIDTH = 4  # at least so much between the lowest and the highest possible value of a small cell
KNOWN = 1_000_000.0  # what it costs to hide a cell that an earlier build shows: it helps only against who never saw that build
PRICES = (200.0, 1_500.0, 10_000.0, KNOWN, np.inf)  # counts that the proof of a cell may cost, round by round
DRAWS = 16  # partners tried for a cell with each kind of box
PARTS = 16  # units of an axis that move side by side, at most
BATCHES = 2  # of cells that look for boxes one after the other
BATCH = 200_000  # boxes judged at once


@dataclass(frozen=True)
class Boxes:
    """Many boxes: per axis the members, one row a box and a column for each sign (NONE: no such member)."""

    members: tuple[Ints, ...]

    def __len__(self) -> int:
        return len(self.members[0])

    def take(self, rows: Ints | Bools) -> Boxes:
        """Some of the boxes."""
        return Boxes(tuple(units[rows] for units in self.members))

    @property
    def first(self) -> tuple[Ints, ...]:
        """The base units the boxes were made for."""
        return tuple(units[:, 0] for units in self.members)

    def corners(self) -> tuple[list[Ints], NDArray[np.int8], Bools]:
        """The base units of every corner, its sign and whether it exists: arrays of (place, time, service, value, box) that broadcast."""
        units = grid(self.members)
        signs = signs_of([each.shape[1] for each in self.members])
        return [np.maximum(each, 0) for each in units], signs, _all([each != NONE for each in units])


def _all(parts: Sequence[NDArray[Any]]) -> Bools:
    return reduce(np.logical_and, parts)


def told_apart(groups: Ints, members: Ints) -> Bools:
    """Which members' groups change: those where the signs of the members inside do not cancel."""
    group, exists = np.where(members == NONE, NONE - 1, groups[members]), members != NONE
    if members.shape[1] <= 2:
        return exists & (group[:, :1] != group[:, 1:]) if members.shape[1] == 2 else exists
    signs = np.array(SIGNS) * exists
    net = (signs[:, None, :] * (group[:, None, :] == group[:, :, None])).sum(axis=2)
    return (net != 0) & exists


def told(table: Table, boxes: Boxes) -> list[list[Bools]]:
    """On each axis and for each of its levels, which members it tells apart; a cell changes at the corners where all of them are."""
    return [[told_apart(level, units) for level in axis.levels] for axis, units in zip(table.axes, boxes.members, strict=True)]


def moves_first(table: Table, boxes: Boxes, number: int) -> Bools:
    """For which boxes the cell of a published level that holds their first corner changes."""
    level = table.published[number]
    parts = zip(table.axes, level, boxes.members, strict=True)
    return _all([told_apart(axis.levels[each], units)[:, 0] for axis, each, units in parts])


def touched(table: Table, boxes: Boxes, numbers: Iterable[int]) -> Iterator[tuple[int, Ints, Ints]]:
    """The cells of published levels that change: the level, rows of the boxes and flat numbers."""
    is_told = told(table, boxes)
    for number in numbers:
        level = table.published[number]
        parts = [each[which] for each, which in zip(is_told, level, strict=True)]
        rows = np.flatnonzero(_all([np.any(part, axis=1) for part in parts]))
        if len(rows) == 0:
            continue
        groups = [axis.levels[which][units[rows]] for axis, which, units in zip(table.axes, level, boxes.members, strict=True)]
        is_cell = _all(grid([part[rows] & (group != NONE) for part, group in zip(parts, groups, strict=True)]))
        cells = np.zeros(1, dtype=np.int64)
        for axis, which, group in zip(table.axes, level, grid(groups), strict=True):
            cells = cells * axis.groups(which) + group
        yield number, rows[np.nonzero(is_cell)[-1]], cells[is_cell]


def spread(table: Table, boxes: Boxes, number: int) -> Iterator[tuple[Ints, Boxes]]:
    """The boxes that move one cell of a level together: one for each unit of place, time and service inside the cell, side by side.

    Yields the rows and their boxes, some rows at a time. Members of a pair are matched in order, the largest first; a block shorter than
    the other ends the match.
    """
    steps = [_side_by_side(table, which, number, boxes.members[which]) for which in (0, 1, 2)]
    at_once = max(1, BATCH // max(1, prod(inside.shape[1] for _, inside in steps)))
    for start in range(0, len(boxes), at_once):
        (places, place_inside), (times, time_inside), (services, service_inside) = (
            (units[start : start + at_once], inside[start : start + at_once]) for units, inside in steps
        )
        inside = place_inside[:, :, None, None] & time_inside[:, None, :, None] & service_inside[:, None, None, :]
        rows, place, time, service = np.nonzero(inside)
        yield rows + start, Boxes((places[rows, place], times[rows, time], services[rows, service], boxes.members[3][rows + start]))


def _side_by_side(table: Table, which: int, number: int, members: Ints) -> tuple[Ints, Bools]:
    """The first, second ... unit of the groups of a level that the members of a box are in (box, part, member), and where all have one."""
    order, starts, ends = table.side_by_side(which, table.published[number][which])
    parts = np.arange(min(PARTS, int((ends - starts)[members[:, 0]].max(initial=0))))[:, None]
    is_none, at = (members == NONE)[:, None, :], starts[members][:, None, :] + parts
    inside = (is_none | (at < ends[members][:, None, :])).all(axis=2)
    return np.where(is_none, NONE, order[np.minimum(at, len(order) - 1)]), inside


def _room(table: Table, boxes: Boxes) -> tuple[Floats, Floats]:
    """How far single boxes can go up and down before a corner falls below 0; nowhere when a corner can only be 0."""
    units, signs, exists = boxes.corners()
    unit = np.ravel_multi_index(np.broadcast_arrays(*units), table.base.shape)
    is_free = (table.possible.take(unit) | ~exists).all(axis=(0, 1, 2, 3))
    up, down = _least(table.base.take(unit), signs, exists)
    return np.where(is_free, up, 0), np.where(is_free, down, 0)


def _least(counts: Ints, signs: NDArray[np.int8], exists: Bools) -> tuple[Floats, Floats]:
    """The smallest count of the corners that a box takes from when it goes up, and when it goes down; without end where there is none."""
    up, down = (np.where(exists & (signs == sign), counts, np.inf).min(axis=(0, 1, 2, 3)) for sign in (-1, 1))
    return up, down


@dataclass
class Family:
    """A fact's own table and its splits by one attribute each, counted by coarser units: `place_of` and `time_of` say by which for each
    unit of the own table (a district for each commune, a quarter for each month).

    A box of the own table that moves such coarser cells moves the splits along: their cells under a hidden cell are all hidden, and one
    value must have the room. Splits that are withheld altogether divide nothing that is shown, so nothing depends on them: each of their
    counts may be anything from 0 to the own count it is part of, which is 10 or more or has a proof.
    """

    main: Table
    splits: Mapping[str, Table]
    place_of: Ints
    time_of: Ints
    finer: tuple[int, int] = (0, 0)  # how many levels of place and of time the own table has below those of the splits
    come_first: frozenset[int] = frozenset()  # levels of the own table that are worth all others
    given_up: Sequence[frozenset[int]] = ()  # the levels of the own table withheld for their sake, step by step, with all splits
    has_splits: bool = True  # False: all splits are withheld
    is_part: bool = False  # of the counts of another family

    @property
    def tables(self) -> dict[str, Table]:
        """The own table under '', and the splits under their attribute."""
        return {"": self.main, **self.splits}

    @property
    def tables_to_prove(self) -> dict[str, Table]:
        """The tables of which something may be shown."""
        return self.tables if self.has_splits else {"": self.main}

    def small_cells(self) -> int:
        """How many small cells there are of which something may be shown."""
        return sum(int(table.is_small(number).sum()) for table in self.tables_to_prove.values() for number in range(len(table.published)))

    def lost(self) -> float:
        """Which share of the counts in the levels that come first is hidden though the cell could be shown."""
        levels = [(self.main.cells[number], self.main.hidden[number]) for number in self.come_first]
        lost = sum(int(cells[hidden & (cells >= SMALLEST_SHOWN)].sum()) for cells, hidden in levels)
        return lost / max(1, sum(int(cells.sum()) for cells, _ in levels))

    def trial(self, withheld: frozenset[int] | None) -> Family:
        """The same family to try something on; with levels of the own table and all splits withheld, unless None."""
        tables = {name: table.to_try() for name, table in self.tables.items()}
        main = tables.pop("")
        if withheld is not None:
            main.withhold(withheld)
            main.costs_once = True  # else boxes of many parts look dear, and whole totals are taken instead
            for split in tables.values():
                split.withhold(range(len(split.published)))
        return replace(self, main=main, splits=tables, has_splits=withheld is None)

    def hide_with(self, whole: Family) -> None:
        """These counts are a part of those of another family with the same units: what it hides is hidden here too. Levels that it
        withholds ask for no proof, and no others are withheld as a whole.
        """
        self.is_part, self.has_splits = True, whole.has_splits
        for name, table in self.tables.items():
            table.costs_once = True
            table.withheld, table.unproved = set(whole.tables[name].withheld), set(whole.tables[name].withheld)
            for hidden, also in zip(table.hidden, whole.tables[name].hidden, strict=True):
                hidden |= also

    def take_over(self, trial: Family) -> None:
        """Hide what a trial hides."""
        self.has_splits = trial.has_splits
        for name, table in trial.tables.items():
            self.tables[name].hidden, self.tables[name].withheld = table.hidden, table.withheld

    def ranges(
        self, name: str, boxes: Boxes, number: int, value: tuple[str, Ints] | None = None
    ) -> Iterator[tuple[Ints, Boxes, Floats, Floats]]:
        """The parts of bundles of boxes of a table: their rows, the single boxes, and how far each goes up and down.

        A box of the own table that stays inside one coarser unit leaves the splits as they are. Else each split moves in the one value
        with the most room, or `value` names a split and the value of each box; parts that share a coarser unit share its room.
        """
        table = self.tables[name]
        for rows, part in spread(table, boxes, number):
            up, down = _room(table, part)
            if name == "" and self.splits and self.has_splits:
                place, time = part.members[:2]
                moving = np.flatnonzero(told_apart(self.place_of, place).any(axis=1) & told_apart(self.time_of, time).any(axis=1))
                if len(moving):
                    given = None if value is None else (value[0], value[1][rows[moving]])
                    carried = self._carried(part.take(moving), given)
                    times = self._parts_sharing(number) * np.where((place[moving] != NONE).sum(axis=1) > 2, 2, 1)
                    up[moving] = np.minimum(up[moving], carried[0] / times)
                    down[moving] = np.minimum(down[moving], carried[1] / times)
            yield rows, part, up, down

    def width(self, name: str, boxes: Boxes, number: int, value: tuple[str, Ints] | None = None) -> Floats:
        """How far apart the lowest and the highest value are that bundles of boxes give to cells of a level."""
        width = np.zeros(len(boxes))
        for rows, _, up, down in self.ranges(name, boxes, number, value):
            width += np.bincount(rows, weights=up + down, minlength=len(boxes))
        return width

    def _parts_sharing(self, number: int) -> int:
        """Into how many equal parts the room of one coarser unit is divided among the parts of a bundle."""
        times = 1
        for axis, level, coarse in zip(self.main.axes, self.main.published[number], (self.place_of, self.time_of), strict=False):
            in_block, in_coarse = int(np.bincount(axis.levels[level] + 1)[1:].max(initial=1)), int(np.bincount(coarse).max())
            times *= min(in_block, in_coarse, PARTS)
        return times

    def _carried(self, boxes: Boxes, given: tuple[str, Ints] | None) -> tuple[Floats, Floats]:
        """The room of the splits under single boxes of the own table."""
        up, down = np.full(len(boxes), np.inf), np.full(len(boxes), np.inf)
        (place, time, service, _), signs, exists = boxes.corners()
        for name, table in self.splits.items():
            counts = [table.base[self.place_of[place], self.time_of[time], service, value] for value in range(table.base.shape[3])]
            room = np.array([_least(count, signs, exists) for count in counts])
            room = room[given[1], :, np.arange(len(boxes))].T if given and given[0] == name else room.max(axis=0)
            up, down = np.minimum(up, room[0]), np.minimum(down, room[1])
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

    def kept(self, name: str) -> list[tuple[int, ...]]:
        """The levels of the own table that other tables leave alone, so that its splits can stay as they are."""
        if name or not self.has_splits:
            return []
        return [self.main.published[self.own_level(split.published[0])] for split in self.splits.values()]

    def cells_if_same(self, name: str, other: Ints) -> list[Ints]:
        """The cells of another table that is possible, shows the same and lets the rest of the family stay as it is; else none."""
        table = self.tables[name]
        if other.shape != table.base.shape or (other < 0).any() or other[~table.possible].any():
            return []
        if name and (other.sum(axis=3, dtype=np.int64) != table.base.sum(axis=3)).any():
            return []
        cells = table.sums(other.astype(np.int64))
        for level, seen, truth, hidden in zip(table.published, cells, table.cells, table.hidden, strict=True):
            if ((seen != truth) & (~hidden | (level in self.kept(name)))).any():
                return []
        return cells


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


@dataclass(frozen=True)
class Proofs:
    """Boxes, and for each table ('' is the own one) others that look the same."""

    boxes: list[Proof]
    tables: dict[str, list[Ints]]


Width = Callable[[Boxes, Ints], Floats]
Left = dict[str, list[Bools]]  # table -> for each level which small cells have no proof yet


def protect(family: Family, seed: int = 11) -> Proofs:
    """Hide what must be hidden besides the small cells (changes `hidden` of the tables); returns a proof for every small cell.

    Where that would hide many of the totals that come first, all splits are given up, then level after level, each time from the start,
    as long as it spares enough of them.
    """
    lost_before = family.lost()
    best = family.trial(None)
    proofs = _protect(best, np.random.default_rng(seed))
    for withheld in family.given_up:
        if best.lost() - lost_before <= SPARED:
            break
        trial = family.trial(withheld)
        trial_proofs = _protect(trial, np.random.default_rng(seed))
        if trial.lost() < best.lost() - SPARED:
            best, proofs = trial, trial_proofs
    family.take_over(best)
    return proofs


def _protect(family: Family, random: np.random.Generator) -> Proofs:
    """Hide what must be hidden, with nothing given up but the levels in which too much is small."""
    for name, table in family.tables_to_prove.items() if not family.is_part else ():
        table.withhold_levels(*((LOST_SPLIT, ()) if name else (LOST, family.come_first)))
    left = _small_cells(family)
    proofs = Proofs([], {})
    for name, table in family.tables_to_prove.items():
        walk = Walk(table, left[name], family.kept(name), WIDTH, random)
        for most in PRICES:
            for level in sorted(set(range(len(table.published))) - table.withheld):
                _protect_level(family, proofs, left, name, level, random, most)
            walk.wander()
            walk.leap()
            for level in sorted(table.withheld):
                _stretch(walk, level, most)
        for level in range(len(table.published)):
            _protect_level(family, proofs, left, name, level, random)
            if name:
                _carry_level(family, proofs, left, name, level, random)
        family.hide_children()
        proofs.tables[name] = walk.seen
    return proofs


def _stretch(walk: Walk, level: int, most: float) -> None:
    """Move the cells of a level still further up than the walk has, with boxes that hide as little as possible."""
    small = np.flatnonzero(walk.unproved[level])
    if len(small) == 0:
        return
    table = copy(walk.table)
    table.base = walk.now
    so_far = table.sums(walk.now, [level])[0].ravel()[small] - walk.lowest[level].ravel()[small]

    def width(boxes: Boxes, rows: Ints) -> Floats:
        up = np.zeros(len(boxes))
        for inside, part in spread(table, boxes, level):
            up += np.bincount(inside, weights=_room(table, part)[0], minlength=len(boxes))
        return up + so_far[rows]

    boxes, found = _boxes_for(table, level, _largest_inside(table, level, small), walk.random, width, walk.kept, most)
    for _, part in spread(table, boxes.take(found), level):
        for row in range(len(part)):
            _move_up(table, part.take(np.array([row])))
    walk.remember()


def _move_up(table: Table, box: Boxes) -> None:
    """Move the base of a table by one box, up to where a corner would fall below 0; a lone unit by what is asked for."""
    step = int(np.minimum(_room(table, box)[0], WIDTH)[0])
    units, signs, exists = box.corners()
    units = [each[exists] for each in np.broadcast_arrays(*units)]
    table.base[tuple(units)] += step * np.broadcast_to(signs, exists.shape)[exists]


def _protect_level(
    family: Family, proofs: Proofs, left: Left, name: str, level: int, random: np.random.Generator, most: float = np.inf
) -> None:
    """Find boxes that cost less than `most` for the cells of a level that have no proof yet."""
    small = np.flatnonzero(left[name][level])
    if len(small):
        table = family.tables[name]
        first = _largest_inside(table, level, small)
        boxes, found = _boxes_for(table, level, first, random, lambda boxes, _: family.width(name, boxes, level), most=most)
        proofs.boxes.append(Proof(name, level, small[found], boxes.take(found)))
        _strike(family, proofs.boxes[-1], left)


def _carry_level(family: Family, proofs: Proofs, left: Left, name: str, level: int, random: np.random.Generator) -> None:
    """Find boxes of the own table for the cells of a split that no other value can make room for."""
    cells = np.flatnonzero(left[name][level])
    if len(cells):
        *first, value = _largest_inside(family.tables[name], level, cells)
        number = family.own_level(family.tables[name].published[level])
        own = _largest_units(family, *first)
        boxes, _ = _boxes_for(family.main, number, own, random, lambda boxes, rows: family.width("", boxes, number, (name, value[rows])))
        proofs.boxes.append(Proof(name, level, cells, boxes, is_carried=True))
        _strike(family, proofs.boxes[-1], left)


def _largest_units(family: Family, places: Ints, times: Ints, services: Ints) -> tuple[Ints, ...]:
    """The base unit of the own table with the largest count inside each of these units of the splits."""
    base = family.main.base[..., 0]
    found = np.empty((len(places), 2), dtype=np.int64)
    for row, (place, time, service) in enumerate(zip(places, times, services, strict=True)):
        inside_place, inside_time = np.flatnonzero(family.place_of == place), np.flatnonzero(family.time_of == time)
        largest = np.argmax(base[np.ix_(inside_place, inside_time, [service])])
        found[row] = inside_place[largest // len(inside_time)], inside_time[largest % len(inside_time)]
    return found[:, 0], found[:, 1], services, np.zeros_like(services)


def _small_cells(family: Family) -> Left:
    """The small cells of every table and level that ask for a proof."""
    return {
        name: [table.is_small(number) & (number not in table.unproved) for number in range(len(table.published))]
        for name, table in family.tables_to_prove.items()
    }


def _largest_inside(table: Table, number: int, cells: Ints) -> tuple[Ints, ...]:
    """The base units with the largest count inside each of these cells."""
    wanted = np.zeros(table.cells[number].shape, dtype=bool)
    wanted.ravel()[cells] = True
    units = np.nonzero(table.spread_out(number, wanted) & table.possible)
    inside = table.flat(number, units)
    order = np.lexsort((table.base[units], inside))
    last = np.searchsorted(inside[order], cells, side="right") - 1
    return tuple(unit[order[last]] for unit in units)


def _boxes_for(
    table: Table, number: int, first: tuple[Ints, ...], random: np.random.Generator, width: Width,
    kept: Sequence[tuple[int, ...]] = (), most: float = np.inf,
) -> tuple[Boxes, Ints]:  # fmt: skip
    """A box for each cell, the cheapest found, and what it changes hidden; and the rows that found one. Levels in `kept` do not change,
    and a box that costs `most` or more is not taken.

    The kind of box that costs least is tried first, dearer ones while they may still be cheaper than what was found. What one batch hides
    costs the next nothing. A box of single units always suffices, so every row finds one but where an axis needs its pair.
    """
    members = tuple(np.full((len(unit), columns), NONE) for unit, columns in zip(first, (4, 2, 2, 2), strict=True))
    batches = np.array_split(random.permutation(len(first[0])), max(BATCHES, len(first[0]) * DRAWS // BATCH))
    for rows in (each for each in batches if len(each)):
        best = np.full(len(first[0]), most)
        for kind, price in _kinds(table, number, kept):
            todo = rows[best[rows] > price]
            if len(todo) == 0:
                break
            found, boxes, cost = _draw(table, number, first, todo, kind, random, width)
            order = np.lexsort((cost, found))
            winner = order[np.diff(found[order], prepend=NONE) != 0]
            winner = winner[cost[winner] < best[todo[found[winner]]]]
            best[todo[found[winner]]] = cost[winner]
            for chosen, units in zip(members, boxes.members, strict=True):
                chosen[todo[found[winner]]] = NONE
                chosen[todo[found[winner]], : units.shape[1]] = units[winner]
        _hide(table, Boxes(members).take(rows[best[rows] < most]), number)
    return Boxes(members), np.flatnonzero(members[0][:, 0] != NONE)


def _kinds(table: Table, number: int, kept: Sequence[tuple[int, ...]]) -> list[tuple[Kind, float]]:
    """The kinds of boxes that can move this level and none of those kept, with what each costs, cheapest first.

    A kind costs the counts of an average cell of every level it can change and that is not hidden altogether.
    """
    shown = [float(np.where(hidden, 0, cells).sum()) / max(1, cells.size) for hidden, cells in zip(table.hidden, table.cells, strict=True)]
    able = [kind for kind in kinds(table.axes) if changes(table, kind, table.published[number])]
    able = [kind for kind in able if not any(changes(table, kind, level) for level in kept)]
    corners = [prod([1 if each is None else 2 if each.far is None else 4 for each in kind]) for kind in able]
    costs = [
        sum(cost for cost, level in zip(shown, table.published, strict=True) if cost and changes(table, kind, level)) * number_of
        for kind, number_of in zip(able, corners, strict=True)
    ]
    return [(able[each], costs[each]) for each in np.lexsort((corners, costs))]


def _draw(
    table: Table, number: int, first: tuple[Ints, ...], rows: Ints, kind: Kind, random: np.random.Generator, width: Width
) -> tuple[Ints, Boxes, Floats]:
    """Boxes of one kind that suffice: for which of the rows, the box, and what it costs."""
    here = np.tile(np.arange(len(rows)), DRAWS if any(kind) else 1)
    drawn = [partners(pattern, unit[rows[here]], random) for pattern, unit in zip(kind, first, strict=True)]
    boxes = Boxes(tuple(drawn))
    fits = moves_first(table, boxes, number) & np.logical_and.reduce([(units != NONE).all(axis=1) for units in drawn])
    here, boxes = here[fits], boxes.take(fits)
    fits = width(boxes, rows[here]) >= WIDTH
    here, boxes = here[fits], boxes.take(fits)
    return here, boxes, _cost(table, boxes, number)


def _touched(table: Table, bundles: Boxes, level: int) -> Iterator[tuple[int, Ints, Ints]]:
    """Every published cell that a bundle changes: published level, row of the bundle, flat number of the cell."""
    for rows, part in spread(table, bundles, level):
        for number, part_rows, cells in touched(table, part, (each for each in range(len(table.published)) if each not in table.withheld)):
            yield number, rows[part_rows], cells


def _cost(table: Table, boxes: Boxes, level: int) -> Floats:
    """How many counts would be lost from sight: the cells not yet hidden that a box would hide. A little for each zero.

    A cell counts for every part of a bundle that changes it; where the table asks for it, once.
    """
    cost = np.zeros(len(boxes))
    for number, rows, cells in _touched(table, boxes, level):
        if table.costs_once:
            rows, cells = np.divmod(np.unique(rows * table.cells[number].size + cells), table.cells[number].size)
        lost = np.where(table.hidden[number].ravel()[cells], 0.0, table.cells[number].ravel()[cells] + 1.0)
        lost += np.where(table.known[number].ravel()[cells], KNOWN, 0.0)
        cost += np.bincount(rows, weights=lost, minlength=len(boxes))
    return cost


def _hide(table: Table, boxes: Boxes, level: int) -> None:
    for number, _, cells in _touched(table, boxes, level):
        table.hidden[number].ravel()[cells] = True


def unproved_together(family: Family, proofs: Proofs) -> int:
    """How many small cells lack a proof that holds for somebody who knows an earlier build as well (`Table.known`)."""
    tables = {}
    for name, table in family.tables.items():
        tables[name] = table.to_try()
        tables[name].hidden = [table.secret(number) for number in range(len(table.published))]
        tables[name].withheld = {number for number in table.withheld if not table.known[number].any()}
    return _unproved(replace(family, main=tables.pop(""), splits=tables), proofs)


def unproved(family: Family, proofs: Proofs) -> int:
    """How many small cells lack a proof that holds for what is hidden now."""
    for split in family.splits.values():
        for number, level_of in enumerate(split.published):
            if (family.main.hidden[family.own_level(level_of)] & ~split.hidden[number].all(axis=3, keepdims=True)).any():
                raise AssertionError("a split of a hidden cell is shown")
    return _unproved(family, proofs)


def _unproved(family: Family, proofs: Proofs) -> int:
    left = _small_cells(family)
    for name, others in proofs.tables.items():
        cells = family.tables[name].cells
        lowest, highest = [each.copy() for each in cells], [each.copy() for each in cells]
        for other in others:
            for level, seen in enumerate(family.cells_if_same(name, other)):
                np.minimum(lowest[level], seen, out=lowest[level])
                np.maximum(highest[level], seen, out=highest[level])
        for level, small in enumerate(left[name]):
            small &= highest[level] - lowest[level] < WIDTH
    for proof in proofs.boxes:
        _strike(family, proof, left)
    return sum(int(small.sum()) for levels in left.values() for small in levels)


def _strike(family: Family, proof: Proof, left: Left) -> None:
    """Take off what the boxes prove: all that a box changes must be hidden, with room to move.

    Besides its own cell a box proves the others that one of its parts alone moves far enough.
    """
    table = family.main if proof.is_carried else family.tables[proof.table]
    level, value = proof.level, None
    if proof.is_carried:
        split = family.splits[proof.table]
        value = proof.table, _largest_inside(split, proof.level, proof.cells)[3]
        level = family.own_level(split.published[proof.level])
    name = "" if proof.is_carried else proof.table
    is_good = moves_first(table, proof.boxes, level)
    for number, rows, cells in _touched(table, proof.boxes, level):
        is_good[rows[~table.hidden[number].ravel()[cells]]] = False
    if not proof.is_carried:
        is_good &= table.flat(level, proof.boxes.first) == proof.cells
    is_wide = is_good & (family.width(name, proof.boxes, level, value) >= WIDTH)
    left[proof.table][proof.level].ravel()[proof.cells[is_wide]] = False
    for rows, part, up, down in family.ranges(name, proof.boxes, level, value):
        is_wide = is_good[rows] & (up + down >= WIDTH)
        open_levels = [number for number, small in enumerate(left[name]) if small.any()]
        for number, _, cells in touched(table, part.take(is_wide), open_levels):
            left[name][number].ravel()[cells] = False
