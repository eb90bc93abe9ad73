"""Which cells of the lattice does this build hide?

Reads the counts of the aggregates, lets `stats.small_groups` choose, proves every choice once more and writes `privacy.hidden_cells`,
which every measure obeys. The reasoning stands in docs/decisions/small-groups.md.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd

import warehouse
from metrics.lattice import (
    ALL_SERVICES,
    ATTRIBUTE_PERIODS,
    COVERED_LEVELS,
    LATTICES,
    MONTHS,
    PERIODS,
    PLACE_LEVELS,
    PROGRAMME,
    UNKNOWN_VALUE,
    Lattice,
)
from stats.published import NONE, Axis, Bools, Ints, Pattern, Table, place_patterns
from stats.small_groups import Family, protect, unproved, unproved_together
from warehouse import Problem

ATTRIBUTE = "any attribute"
PLACES = ("province_code", "district_code", "commune_code")
COME_FIRST = {("programme", "year", 1), ("province", "year", 1), ("district", "year", 1)}  # place level, period, service (1: all)
EVERYWHERE = (*PLACE_LEVELS, *COVERED_LEVELS)
GIVEN_UP = (  # for their sake, after all splits by an attribute: place levels, periods, services
    ((), (), ()),
    (("commune", "district"), PERIODS, (0,)),
    (("commune",), ("month", "quarter"), (1,)),
    (EVERYWHERE, ("month",), (0, 1)),
    (EVERYWHERE, ("quarter",), (0,)),
    (COVERED_LEVELS, PERIODS, (0, 1)),
    (("commune",), ("year",), (1,)),
    (EVERYWHERE, ("quarter",), (1,)),
    (EVERYWHERE, ("year",), (0,)),
    (("district",), ("year",), (1,)),
)
COVERED = "select commune_code from marts.dim_coverage where start_date is not null"
COLUMNS = ("fact", "topic", "attribute", "place_level", "place_code", "period", "period_start", "service_code", "value")


@dataclass(frozen=True)
class Codes:
    """What the numbers on the axes of a fact mean."""

    places: pd.DataFrame  # one row a unit: province_code, district_code, commune_code ('' where unknown), covered
    months: Ints  # the first month (year * 12 + month - 1) of each unit of time: a month, or a quarter where nothing finer is published
    services: list[str]
    values: dict[str, list[str]]


def hide_small_groups(connection: duckdb.DuckDBPyConnection, earlier: warehouse.Build | None = None) -> None:
    """Decide which cells of a build are hidden; writes schema `privacy`. The same counts and the same earlier build give the same answer.

    `earlier`: a build that readers have seen and may set beside this one. What it hid stays hidden where the count is the same, and the
    proofs leave what it shows as it is, as far as that can be done; `privacy.two_builds` says how far.
    Raises Problem where a small cell could be worked out from what is shown: such a build is not published.
    """
    connection.execute("create schema if not exists privacy")
    columns = ", ".join(f"{name} {'date' if name == 'period_start' else 'varchar'}" for name in COLUMNS)
    connection.execute(f"create or replace table privacy.hidden_cells ({columns})")
    connection.execute(
        "create or replace table privacy.two_builds (fact varchar, earlier_build varchar, small_cells bigint, without_proof bigint)"
    )
    found: dict[str, dict[str, Family]] = {}
    for lattice in LATTICES.values():
        rows = _counts(connection, lattice)
        if not rows["n"].sum():
            continue
        covered = set(connection.execute(COVERED).df()["commune_code"])
        codes, families = _families(lattice, rows, covered)
        found[lattice.fact] = families
        wholes = found[lattice.part_of] if lattice.part_of else {}
        if wholes and all((families[topic].main.base == whole.main.base).all() for topic, whole in wholes.items()):
            continue  # the base of each share is all that is counted, and is hidden already
        for topic, whole in wholes.items():
            families[topic].hide_with(whole)
        before = _earlier(earlier, lattice) if earlier and not lattice.part_of else None
        if before is not None:
            respect(before, lattice, codes, families, covered)
        proofs = {}
        for topic, family in families.items():
            _hide_in_all(list(families.values()))
            proofs[topic] = protect(family)
        _hide_in_all(list(families.values()))
        if missing := sum(unproved(family, proofs[topic]) for topic, family in families.items()):
            raise Problem(
                f"{missing} small groups of {lattice.fact} could be worked out from the figures that are shown.",
                "The build is not published; what readers see stays as it was.",
                "This is a fault of the programme: please report it with this message.",
            )
        if earlier is not None and before is not None:
            small = sum(family.small_cells() for family in families.values())
            without = sum(unproved_together(family, proofs[topic]) for topic, family in families.items())
            connection.execute("insert into privacy.two_builds values (?, ?, ?, ?)", [lattice.fact, earlier.build_id, small, without])
        for topic, family in families.items():
            for attribute, table in family.tables.items():
                known = wholes[topic].tables[attribute] if lattice.part_of else None
                _write(connection, lattice, codes, topic, attribute, table, known)
        if lattice.is_overlapping:
            _hide_all_services(connection, lattice)
        if lattice.is_repeated:
            _hide_at_all_times(connection, lattice)
            _hide_longer_periods(connection, lattice)


@dataclass(frozen=True)
class Earlier:
    """What a build that readers have seen counted of a fact (rows as of `_counts`), which cells it hid, which communes it had covered."""

    rows: pd.DataFrame
    hidden: pd.DataFrame
    covered: set[str]


def _earlier(build: warehouse.Build, lattice: Lattice) -> Earlier | None:
    """The same of a build; None where it is older than the fact, or than what is now counted of it."""
    try:
        rows = warehouse.read(_counting(lattice), build_id=build.build_id)
        hidden = warehouse.read("select * from privacy.hidden_cells where fact = ?", [lattice.fact], build.build_id)
        return Earlier(rows, hidden, set(warehouse.read(COVERED, build_id=build.build_id)["commune_code"])) if len(rows) else None
    except duckdb.Error:
        return None


def respect(earlier: Earlier, lattice: Lattice, codes: Codes, families: dict[str, Family], covered: set[str]) -> None:
    """Tell the families what an earlier build hid and shows of the counts that are still the same."""
    rows = earlier.rows
    last = int(rows["month"].max())
    place = pd.MultiIndex.from_frame(codes.places[list(PLACES)]).get_indexer(pd.MultiIndex.from_frame(rows[list(PLACES)]))
    service = pd.Index(codes.services).get_indexer(pd.Index(rows["service"]))
    time = (rows["month"].to_numpy() - codes.months[0]) // MONTHS[lattice.finest_period]
    inside = (place != NONE) & (service != NONE) & (time >= 0) & (time < len(codes.months))
    for topic, family in families.items():
        mine = np.flatnonzero(inside & (rows["topic"] == topic).to_numpy())
        then = _family(lattice, codes, rows.iloc[mine], place[mine], time[mine], service[mine])
        for attribute, table in family.tables.items():
            cells = earlier.hidden[(earlier.hidden["topic"] == topic) & (earlier.hidden["attribute"] == attribute)]
            by_level = dict(list(cells.groupby(["place_level", "period"])))
            for number, (level, named) in enumerate(_levels(lattice, attribute)):
                place_level, period, _ = named
                if lattice.is_withheld(place_level, period, attribute) or (place_level.endswith("_covered") and earlier.covered != covered):
                    continue
                names = _names(lattice, codes, attribute, level, named)
                was_hidden = _where(names, by_level.get((place_level, period)))
                begins = np.array([_month(day) for day in names[1]])
                count = then.tables[attribute].cells[number]
                is_same = (count == table.cells[number]) & (begins <= last)[None, :, None, None]
                table.respect(number, was_hidden, is_same)
                if attribute == "" and (begins <= last).any():
                    _went_on(codes, table, then.main, level, period, last, was_hidden)


def _went_on(codes: Codes, table: Table, then: Table, level: tuple[int, ...], period: str, last: int, was_hidden: Bools) -> None:
    """A quarter or year that was not over in the earlier build: what it showed of it can be set against the months that came since."""
    blocks = codes.months // MONTHS[period]
    now = last // MONTHS[period]
    mine = (blocks == now) & (codes.months <= last)
    if not mine.any() or mine.sum() == (blocks == now).sum() or len(np.unique(codes.months[mine])) < 2:
        return
    axis = table.axes[1]
    groups = np.where(mine, 0, NONE)
    which = next((number for number, known in enumerate(axis.levels) if np.array_equal(known, groups)), None)
    if which is None:
        if table.longest == NONE:
            table.longest = len(axis.levels) - 1
        which = len(axis.levels)
        table.axes = (table.axes[0], replace(axis, levels=[*axis.levels, groups]), *table.axes[2:])
    at = int(np.flatnonzero(np.unique(blocks) == now)[0])
    place, _, service, value = level
    other = copy(then)
    other.axes = table.axes
    other.published = [(place, which, service, value)]
    table.add_level((place, which, service, value), other.sums(then.base)[0], was_hidden[:, [at]])


def _month(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7]) - 1


def _where(names: tuple[list[str], ...], cells: pd.DataFrame | None) -> Bools:
    """Which cells of a level are among these hidden ones."""
    found = np.zeros([len(each) for each in names], dtype=bool)
    if cells is not None:
        at = [pd.Index(known).get_indexer(pd.Index(where)) for known, where in _coordinates(names, cells)]
        is_there = np.logical_and.reduce([where != NONE for where in at])
        found[tuple(where[is_there] for where in at)] = True
    return found


def _coordinates(names: tuple[list[str], ...], cells: pd.DataFrame) -> list[tuple[list[str], pd.Series]]:
    """What stands on each axis of a level, and where hidden cells stand on it."""
    days = pd.to_datetime(cells["period_start"]).dt.strftime("%Y-%m-%d")
    return list(zip(names, (cells["place_code"], days, cells["service_code"], cells["value"]), strict=True))


def _hide_at_all_times(connection: duckdb.DuckDBPyConnection, lattice: Lattice) -> None:
    """What is hidden in one month is hidden in every month: counts of the same persons hardly change, so another month would tell it."""
    connection.execute(
        "insert into privacy.hidden_cells "
        "select distinct cells.* replace (months.month as period_start) "
        f"from privacy.hidden_cells as cells cross join (select distinct month from {lattice.table}) as months "
        "where cells.fact = $fact and cells.period = $period "
        "except select * from privacy.hidden_cells where fact = $fact and period = $period",
        {"fact": lattice.fact, "period": lattice.finest_period},
    )


def _hide_all_services(connection: duckdb.DuckDBPyConnection, lattice: Lattice) -> None:
    """Hide the sum over all services wherever a service is hidden: six persons counted in two services are no group of twelve."""
    connection.execute(
        "insert into privacy.hidden_cells "
        f"select distinct * replace ('{ALL_SERVICES}' as service_code) from privacy.hidden_cells where fact = ? "
        "except select * from privacy.hidden_cells",
        [lattice.fact],
    )


def _hide_longer_periods(connection: duckdb.DuckDBPyConnection, lattice: Lattice) -> None:
    """Hide every quarter and year that holds a hidden month: the same few persons are counted in each of its months."""
    for period in lattice.periods[1:]:
        connection.execute(
            "insert into privacy.hidden_cells "
            f"select distinct * replace ('{period}' as period, date_trunc('{period}', period_start)::date as period_start) "
            "from privacy.hidden_cells where fact = ? and period = ?",
            [lattice.fact, lattice.finest_period],
        )


def _hide_in_all(families: list[Family]) -> None:
    """What one topic hides the others hide too: the same person answers several. Nothing more hidden breaks a proof."""
    for attribute in families[0].tables:
        tables = [family.tables[attribute] for family in families]
        for level in range(len(tables[0].published)):
            hidden = np.logical_or.reduce([table.hidden[level] for table in tables])
            for table in tables:
                table.hidden[level] = hidden.copy()


def _counts(connection: duckdb.DuckDBPyConnection, lattice: Lattice) -> pd.DataFrame:
    """One row per unit of place, service, topic, month and attribute values: `n` and the counts of the splits."""
    return connection.execute(_counting(lattice)).df()


def _counting(lattice: Lattice) -> str:
    """The query for these rows, which any build can answer."""
    places = [f"coalesce({name}, '') as {name}" if _divides(lattice, name) else f"'' as {name}" for name in PLACES]
    topic = f"{lattice.topic_column} as topic" if lattice.topic_column else "'' as topic"
    keys = [f"coalesce({name}::varchar, '{UNKNOWN_VALUE}') as {name}" for name in lattice.attributes]
    sums = [f"coalesce(sum({lattice.counted}), 0)::bigint as n"]
    parts = [(f"{name}__{value}", expression) for name, values in lattice.splits for value, expression in values]
    sums += [f"coalesce(sum({expression}), 0)::bigint as {name}" for name, expression in parts]
    service = f"coalesce({lattice.service_column}, '') as service" if lattice.service_column else f"'{ALL_SERVICES}' as service"
    columns = [*places, service, topic, "year(month) * 12 + month(month) - 1 as month", *keys, *sums]
    where = lattice.is_reported or "true"
    return f"select {', '.join(columns)} from {lattice.table} where {where} group by all order by all"


def _divides(lattice: Lattice, place_column: str) -> bool:
    return place_column.removesuffix("_code") in lattice.place_levels


def _families(lattice: Lattice, rows: pd.DataFrame, covered: set[str]) -> tuple[Codes, dict[str, Family]]:
    """The counts as arrays, one family a topic."""
    units, place = _numbers(rows, list(PLACES))
    services, service = _numbers(rows, ["service"])
    units["covered"] = units["commune_code"].isin(covered)
    unit = MONTHS[lattice.finest_period]
    first = int(rows["month"].min()) // 12 * 12  # whole years, so that quarters and years are blocks of the axis
    months = np.arange(first, int(rows["month"].max()) + 1, unit)
    time = (rows["month"].to_numpy() - first) // unit
    values = {name: sorted(rows[name].unique()) for name in lattice.attributes}
    values |= {name: [value for value, _ in pairs] for name, pairs in lattice.splits}
    codes = Codes(units, months, services["service"].tolist(), values)
    families = {}
    for topic, mine in rows.groupby("topic", sort=True).indices.items():
        families[str(topic)] = _family(lattice, codes, rows.iloc[mine], place[mine], time[mine], service[mine])
    return codes, families


def _family(lattice: Lattice, codes: Codes, rows: pd.DataFrame, place: Ints, time: Ints, service: Ints) -> Family:
    shape = len(codes.places), len(codes.months), len(codes.services)
    base = np.zeros((*shape, 1), dtype=np.int64)
    np.add.at(base[..., 0], (place, time, service), rows["n"].to_numpy())
    possible = np.zeros(base.shape, dtype=bool)
    is_there = rows["n"].to_numpy() > 0 if lattice.part_of else np.ones(len(rows), dtype=bool)  # no deadline: never due
    possible[place[is_there], time[is_there], service[is_there], 0] = True
    if lattice.is_reported is None:  # whoever handed in anything of a service might have done so in any month
        possible = np.broadcast_to(possible.any(axis=1, keepdims=True), base.shape)
    blocks = [(codes.months - codes.months[0]) // MONTHS[period] for period in lattice.counted_periods]
    quarter = (codes.months - codes.months[0]) // MONTHS["quarter"]
    quarters = np.arange(int(quarter[-1]) + 1)
    places, one_value = _place_axis(lattice, codes.places, ""), Axis([np.zeros(1, dtype=np.int64)])
    every = np.zeros(len(codes.services), dtype=np.int64)
    services = Axis([np.arange(len(codes.services)), every], [Pattern(every)])
    months = Axis(blocks, [Pattern(block) for block in blocks[1:]])
    coarse_months = Axis([quarters, quarters // 4], [Pattern(quarters // 4)])
    possible_in_quarter = np.stack([possible[:, quarter == each].any(axis=1) for each in quarters], axis=1)
    coarse, coarse_units = _coarser_places(lattice, codes.places)
    possible_in_quarter = np.stack([possible_in_quarter[coarse == each].any(axis=0) for each in range(len(coarse_units))])
    splits = {}
    for attribute, names in codes.values.items():
        split = np.zeros((len(coarse_units), len(quarters), shape[2], len(names)), dtype=np.int64)
        for number, name in enumerate(names):
            counts = rows[f"{attribute}__{name}"] if f"{attribute}__{name}" in rows else rows["n"].where(rows[attribute] == name, 0)
            np.add.at(split[..., number], (coarse[place], quarter[time], service), np.maximum(counts.to_numpy(), 0))
        axes = (_place_axis(lattice, coarse_units, ATTRIBUTE), coarse_months, services, _value_axis(lattice, attribute, names))
        levels = [level for level, _ in _levels(lattice, attribute)]
        splits[attribute] = Table(split, axes, levels, np.broadcast_to(possible_in_quarter, split.shape))
    finer = _place_levels(lattice, "").index(_place_levels(lattice, ATTRIBUTE)[0]), max(0, len(blocks) - len(ATTRIBUTE_PERIODS))
    own_levels = _levels(lattice, "")
    never = {number for number, (_, (place_level, period, _)) in enumerate(own_levels) if lattice.is_withheld(place_level, period)}
    main = Table(base, (places, months, services, one_value), [level for level, _ in own_levels], possible, never)
    return Family(main, splits, coarse, quarter, finer, *_come_first(own_levels))


def _come_first(levels: list[tuple[tuple[int, ...], tuple[str, str, str]]]) -> tuple[frozenset[int], list[frozenset[int]]]:
    """The levels that come first, and those that are withheld for their sake after one step, two ..."""
    names = [(place, period, level[2]) for level, (place, period, _) in levels]
    first = frozenset(number for number, name in enumerate(names) if name in COME_FIRST)
    steps = [
        {number for number, (place, period, service) in enumerate(names) if place in places and period in periods and service in services}
        for places, periods, services in GIVEN_UP
    ]
    return first, [frozenset().union(*steps[: number + 1]) for number in range(len(steps))]


def _numbers(rows: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, Ints]:
    """The distinct values of some columns in order, and the number of each row's."""
    grouped = rows.groupby(columns, sort=True)
    return grouped.size().index.to_frame(index=False), grouped.ngroup().to_numpy()


def _levels(lattice: Lattice, attribute: str) -> list[tuple[tuple[int, ...], tuple[str, str, str]]]:
    """The published levels of a table: level numbers on its axes, and (place level, period, value group or '')."""
    periods = ATTRIBUTE_PERIODS if attribute else lattice.counted_periods
    groups = ["", *(name for of, name, _ in lattice.value_groups if of == attribute)]
    return [
        ((place_number, time, service, value), (place, period, group))
        for place_number, place in enumerate(_place_levels(lattice, attribute))
        for time, period in enumerate(periods)
        for service in (0, 1)
        for value, group in enumerate(groups)
    ]


def _value_axis(lattice: Lattice, attribute: str, names: list[str]) -> Axis:
    groups = [np.arange(len(names))]
    groups += [np.where(np.isin(names, inside), 0, NONE) for of, _, inside in lattice.value_groups if of == attribute]
    return Axis(groups, [Pattern(np.zeros(len(names), dtype=np.int64))], needs_pair=True)


def _place_codes(units: pd.DataFrame, level: str) -> pd.Series:
    """The place code of each unit at a level; empty where it is in none that is published."""
    if level == "programme":
        return pd.Series(PROGRAMME, index=units.index)
    if not level.endswith("_covered"):
        return units[f"{level}_code"]
    whole = _place_codes(units, level.removesuffix("_covered"))
    return (whole + units["covered"].map({True: ":yes", False: ":no"})).where((units["commune_code"] != "") & (whole != ""), "")


def _place_levels(lattice: Lattice, attribute: str) -> list[str]:
    """The levels of place of a table, finest first: of the own table all, of a split those that are published with an attribute."""
    one = lattice.all_attributes[0] if attribute and lattice.all_attributes else attribute
    return [level for level in lattice.place_levels if not attribute or not lattice.is_withheld(level, "year", one)]


def _place_axis(lattice: Lattice, units: pd.DataFrame, attribute: str) -> Axis:
    levels = []
    for level in _place_levels(lattice, attribute):
        code = _place_codes(units, level)
        levels.append(pd.factorize(code.where(code != ""), sort=True)[0].astype(np.int64))
    side = units["covered"].astype(int).where(units["commune_code"] != "", 2)
    province, district = (units.groupby(names).ngroup() for names in (["province_code"], ["province_code", "district_code"]))
    patterns = place_patterns(province.to_numpy(), district.to_numpy(), side.to_numpy())
    return Axis(levels, patterns, alike=province.to_numpy() * 3 + side.to_numpy())


def _coarser_places(lattice: Lattice, units: pd.DataFrame) -> tuple[Ints, pd.DataFrame]:
    """For each unit the number of its province, and the provinces as units: attributes are published of nothing smaller."""
    coarse_units, coarse = _numbers(units, ["province_code"])
    return coarse, coarse_units.assign(district_code="", commune_code="", covered=False)


def _names(
    lattice: Lattice, codes: Codes, attribute: str, level: tuple[int, ...], named: tuple[str, str, str]
) -> tuple[list[str], list[str], list[str], list[str]]:
    """The places, first days, services and values along the axes of a published level."""
    place_level, period, group = named
    length = MONTHS[period]
    starts = np.unique(codes.months // length) * length
    places = sorted(set(_place_codes(codes.places, place_level)) - {""})
    days = [f"{month // 12:04d}-{month % 12 + 1:02d}-01" for month in starts]
    return places, days, codes.services if level[2] == 0 else [ALL_SERVICES], [group] if group else codes.values.get(attribute, [""])


def _write(
    connection: duckdb.DuckDBPyConnection, lattice: Lattice, codes: Codes, topic: str, attribute: str, table: Table, known: Table | None
) -> None:
    """Write the hidden cells of one table, but those of a known one."""
    for number, (level, (place_level, period, group)) in enumerate(_levels(lattice, attribute)):
        if lattice.is_withheld(place_level, period, attribute):
            continue  # never published in any build; questions know it from the lattice
        at = np.nonzero(table.hidden[number] & ~known.hidden[number] if known else table.hidden[number])
        if len(at[0]) == 0:
            continue
        named = zip(
            ("place_code", "period_start", "service_code", "value"),
            at,
            _names(lattice, codes, attribute, level, (place_level, period, group)),
            strict=True,
        )
        cells = pd.DataFrame({name: pd.Categorical.from_codes(where.tolist(), pd.Index(names)) for name, where, names in named})
        connection.register("cells", cells)
        connection.execute(
            "insert into privacy.hidden_cells "
            "select ?, ?, ?, ?, place_code::varchar, ?, period_start::varchar::date, service_code::varchar, value::varchar from cells",
            [lattice.fact, topic, attribute, place_level, period],
        )
        connection.unregister("cells")
