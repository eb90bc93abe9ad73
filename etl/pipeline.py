"""How does a folder of files become the build that everybody reads? Read, map, check, set aside, model, audit, publish."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd

import warehouse
from etl import defined, journal, marts, quality, small_groups
from etl import folder as files_of
from etl.choose import mapping_for
from etl.contract import Source
from etl.corrections import FILE as CORRECTIONS
from etl.corrections import read_corrections
from etl.lists import make_list, make_lists
from etl.load import Arrival, Workplace, load_source
from etl.mapping import ColumnsToRows, MappedColumn, Mapping, find_header, missing_targets, read_mappings, value_list_files
from etl.quality import Load
from etl.readers import Opened, TextTable, apart, detect, turned
from etl.readers import csv as csv_reader
from etl.sources import SOURCES
from metrics import indicators, since, verdicts
from warehouse import Build, DiskProblem, Problem

Progress = Callable[[float, str], None]
DEMONSTRATION_TODAY = date(2026, 11, 15)  # the demonstration's records reach October 2026, whatever day it is where it is built
ROWS_SHOWN = 10
HEADERS_SHOWN = 25
SHEETS_EXPLAINED = 3
LISTS_FROM_SOURCES = {"facilities": "facility_id", "partners": "partner_id"}


@dataclass(frozen=True)
class Outcome:
    """What a run of the pipeline came to: the build readers have now, and the files' books. `is_new` is False when nothing had changed."""

    build: Build
    is_new: bool
    loads: tuple[Load, ...] = ()


def build_warehouse(
    folder: Path,
    is_demonstration: bool,
    progress: Progress | None = None,
    force: bool = False,
    wait: bool = False,
    today: date | None = None,
) -> Outcome:
    """Make and publish a build from all files of a folder. A pure function of files, reference lists, code and day.

    Raises Problem when another build is running (unless `wait`), when no file could be loaded, when an audit fails and when the disk is
    full or may not be written to; readers then keep what they have.
    """
    with warehouse.only_builder(wait):
        tidy_up()
        return build_alone(folder, is_demonstration, progress, force, today)


def tidy_up() -> None:
    """Finish or remove what a run that was killed left. Call under `warehouse.only_builder`."""
    journal.settle()
    warehouse.remove_leftovers()
    remove_orphans()


def build_alone(
    folder: Path,
    is_demonstration: bool,
    progress: Progress | None = None,
    force: bool = False,
    today: date | None = None,
    begin: Callable[[str], None] | None = None,
) -> Outcome:
    """The same for one who is the only builder and has tidied up. `begin` is told the build's id before anything is written."""
    tell = progress or (lambda share, what: None)
    tell(0.0, "looking at the files")
    found = files_of.data_files(folder)
    scans = {path: csv_reader.scan(path) for path in found}
    hashes = [(path.relative_to(folder).as_posix(), scans[path].content_hash) for path in found]
    fingerprint = files_of.fingerprint(folder, hashes, is_demonstration)
    current = warehouse.current_build()
    if current is not None and not force and _fingerprint_of(current) == fingerprint:
        tell(1.0, "nothing new")
        return Outcome(current, is_new=False, loads=quality.read_loads(current))
    if not found:
        raise Problem(
            what=f"There is no file in {folder}.",
            meaning="Nothing was built; the dashboard stays as it is.",
            action="Put files there, or build the demonstration: python -m etl build --demonstration.",
            folder=str(folder),
        )
    day = today or (max(date.today(), DEMONSTRATION_TODAY) if is_demonstration else date.today())
    build_id, unfinished = warehouse.start_build()
    if begin is not None:
        begin(build_id)
    set_aside = warehouse.data_folder() / "set_aside" / build_id
    passing = Path(tempfile.mkdtemp(prefix=f"{warehouse.UNFINISHED}{build_id}-", dir=warehouse.warehouse_folder()))
    try:
        with closing(connect(unfinished, passing)) as connection, ThreadPoolExecutor(1) as archivist:
            place = Workplace(connection, day, passing, set_aside)
            kept = None if is_demonstration else archivist.submit(files_of.keep_copies, list(scans_of(scans)))
            loads = load_files(place, folder, scans, tell)
            built_at = datetime.now(UTC)
            quality.write_loads(connection, loads, built_at)
            defined.write(connection)
            quality.describe_build(connection, build_id, built_at, is_demonstration, files_of.code_version(), fingerprint)
            if not any(load.status == "loaded" for load in loads):
                raise _nothing_loaded(loads)
            model(connection, tell, own_indicators(folder), seen_before(is_demonstration))
            if kept is not None:
                kept.result()
            tell(0.97, "publishing")
            connection.execute("checkpoint")
        build = warehouse.publish_build(build_id)
    except BaseException:
        shutil.rmtree(set_aside, ignore_errors=True)
        warehouse.remove_leftovers()
        raise
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    _settle_after(build)
    _archive_after(build)
    tidy_up()
    tell(1.0, "done")
    return Outcome(build, is_new=True, loads=tuple(loads))


def _settle_after(build: Build) -> None:
    """Let the files of a delivery move in. Raises DiskProblem when they cannot: the build stays, and the next run moves them."""
    try:
        with warehouse.disk_told():
            journal.settle()
    except DiskProblem as problem:
        raise DiskProblem(
            f"{problem.what} Build {build.build_id} is published all the same.",
            "The files of the delivery could not move into the inbox yet; none is lost.",
            f"{problem.action} The next build moves them.",
        ) from problem


def _archive_after(build: Build) -> None:
    """Move the oldest builds to the archive. Raises DiskProblem when they cannot: all stay where they are, and the next run moves them."""
    try:
        with warehouse.disk_told():
            warehouse.archive_builds()
    except DiskProblem as problem:
        raise DiskProblem(
            f"{problem.what} Build {build.build_id} is published all the same.",
            "Older builds could not be moved to the archive yet; none is lost, and all still open.",
            f"{problem.action} The next build moves them.",
        ) from problem


def connect(path: Path | str, temporary: Path) -> duckdb.DuckDBPyConnection:
    """A connection for building: no downloads of extensions, UTC, memory as the environment's COMMUNE_PULSE_MEMORY says (4GB)."""
    settings: dict[str, str | bool | int | float | list[str]] = {**warehouse.ENGINE_SETTINGS, "temp_directory": str(temporary)}
    if os.environ.get("COMMUNE_PULSE_MEMORY"):
        settings["memory_limit"] = os.environ["COMMUNE_PULSE_MEMORY"]
    connection = duckdb.connect(str(path), config=settings)
    connection.execute("set timezone = 'UTC'; set checkpoint_threshold = '1TB'; set enable_progress_bar = false")
    return connection


def load_files(
    place: Workplace, folder: Path, scans: dict[Path, csv_reader.Scan], tell: Progress, known: dict[str, pd.DataFrame] | None = None
) -> list[Load]:
    """Fill `staging` and `quality` from the files; a file that cannot be used is refused with a sentence, the others still load.

    `known`: given when files are only looked at, without those they will lie beside: the registers of a build (`registers_of`).
    """
    quality.create_tables(place.connection)
    place.connection.execute("create schema if not exists staging")
    make_lists(place.connection, SOURCES, warehouse.reference_folder())
    sources = {source.name: source for source in SOURCES}
    mappings = read_mappings(folder, sources)
    no_data = {*value_list_files(mappings), folder / CORRECTIONS, folder / indicators.FILE}
    place = replace(place, corrections=read_corrections(folder, sources, is_alone=known is not None))
    loads: list[Load] = []
    arrivals: list[Arrival] = []
    first_name: dict[str, str] = {}
    for path, seen in scans.items():
        if path in no_data:
            continue
        load = Load(len(loads) + 1, path.relative_to(folder).as_posix(), seen.content_hash, format="unknown")
        loads.append(load)
        if seen.content_hash in first_name:
            load.status, load.note = "same content", f"The same content as {first_name[seen.content_hash]}; it adds nothing."
            continue
        first_name[seen.content_hash] = load.file_name
        try:
            opened = detect.look_into(path, seen, place.passing)
        except DiskProblem:
            raise
        except Problem as problem:
            load.refuse(str(problem))
            continue
        loads.pop()
        arrivals += _arrivals(opened, seen, load, mappings, loads, place.passing)
    apart.stop()
    sizes = sum(arrival.size for arrival in arrivals) or 1
    done = 0
    for source in SOURCES:
        mine = [arrival for arrival in arrivals if arrival.load.source == source.name]
        tell(0.05 + 0.6 * done / sizes, f"loading {source.name.replace('_', ' ')}")
        load_source(place, source, mine)
        done += sum(arrival.size for arrival in mine)
        if source.name in LISTS_FROM_SOURCES:
            register = _register(place.connection, source.name, (known or {}).get(source.name))
            make_list(place.connection, source.name, {value: value for value in register[LISTS_FROM_SOURCES[source.name]]})
            if source.name == "facilities":
                types = zip(register["facility_id"], register.get("facility_type", []), strict=False)
                make_list(place.connection, "facility_types", {str(facility): str(kind) for facility, kind in types})
                place = replace(place, facilities=register)
    return loads


def _register(connection: duckdb.DuckDBPyConnection, source: str, known: pd.DataFrame | None) -> pd.DataFrame:
    """The rows of a register that were loaded, and those of a build that no loaded row replaces; in the order of their numbers."""
    key = LISTS_FROM_SOURCES[source]
    loaded = connection.execute(f"select * from staging.{source}").df()
    if known is not None:
        rest = known[~known[key].isin(loaded[key])]
        loaded = pd.concat([loaded, rest], ignore_index=True) if len(loaded) else rest
    return loaded.sort_values(key)


Checked = tuple[list[Load], list[tuple[str, str, str, int]], list[tuple[str, int, list[str]]]]


def check_file(file: Path, source: str | None = None) -> Checked:
    """What would become of a file, without loading it: the books of each sheet, the rules it breaks (rule, outcome, sentence, rows) and
    the first rows that would be set aside (sheet, line, reasons). Facilities and partners are those of the current build; mappings and
    corrections of the inbox count, for a file from elsewhere those beside it. `source`: else a folder's name tells it, as in a build.
    Raises Problem when a correction no longer fits a row of the file."""
    path, inbox = file.absolute(), (warehouse.data_folder() / "inbox").absolute()
    is_inside = path.is_relative_to(inbox)
    room = inbox if is_inside else path.parent
    within = path.parent.relative_to(inbox) if is_inside else Path(path.parent.name)
    with tempfile.TemporaryDirectory() as temporary:
        passing = Path(temporary)
        folder = passing / "files" / (source or within)
        folder.mkdir(parents=True)
        copy = folder / file.name
        copy.symlink_to(file.resolve())
        for beside in {*(room.rglob("*.toml") if is_inside else room.glob("*.toml")), room / CORRECTIONS} - {path}:
            if beside.is_file():
                link = passing / "files" / beside.relative_to(room)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(beside.resolve())
        place = Workplace(connect(":memory:", passing), date.today(), passing, passing / "set_aside")
        known = registers_of(warehouse.current_build())
        loads = load_files(place, passing / "files", {copy: csv_reader.scan(copy)}, lambda share, what: None, known)
        rules = place.connection.execute(
            "select rule, outcome, any_value(sentence), sum(rows)::bigint as rows from quality.rule_results "
            "group by rule, outcome order by rows desc, rule"
        ).fetchall()
        sheets = {load.load_id: load.sheet for load in loads}
        rows = place.connection.execute(
            f"select load_id, line, sentences from quality.rejected_rows order by load_id, line limit {ROWS_SHOWN}"
        ).fetchall()
        place.connection.close()
        return loads, rules, [(sheets[load_id], line, reasons) for load_id, line, reasons in rows]


def registers_of(build: Build | None) -> dict[str, pd.DataFrame]:
    """The facilities and partners of a build, for checking files that come without their registers; none without a build."""
    return {name: warehouse.read(f"select * from staging.{name}", build_id=build.build_id) for name in LISTS_FROM_SOURCES} if build else {}


def own_indicators(folder: Path) -> Path | None:
    """The programme's own results framework among the files of a folder; None where it has none."""
    file = folder / indicators.FILE
    return file if file.is_file() else None


def seen_before(is_demonstration: bool) -> Build | None:
    """The newest build of the same kind that readers can set beside the next one; None where there is none."""
    return next((build for build in reversed(warehouse.builds()) if build.is_demonstration == is_demonstration), None)


def model(
    connection: duckdb.DuckDBPyConnection, tell: Progress, own_indicators: Path | None = None, earlier: Build | None = None
) -> None:
    """Staging -> marts -> hidden cells -> verdicts -> audits. `earlier`: a build that readers have seen (etl/small_groups.py).

    Raises Problem when an audit finds a fault.
    """
    tell(0.68, "modelling")
    marts.build_marts(connection, warehouse.reference_folder(), own_indicators)
    row = connection.execute("select data_to from marts.dim_data_period").fetchone()
    quality.set_data_to(connection, row[0] if row else None)
    tell(0.8, "protecting small groups")
    small_groups.hide_small_groups(connection, earlier)
    tell(0.9, "judging")
    verdicts.decide(connection)
    since.decide(connection)
    tell(0.93, "auditing")
    marts.run_audits(connection)


def scans_of(scans: dict[Path, csv_reader.Scan]) -> list[tuple[Path, str]]:
    """Every file with its content hash."""
    return [(path, seen.content_hash) for path, seen in scans.items()]


def _arrivals(
    opened: Opened, seen: csv_reader.Scan, file: Load, mappings: list[Mapping], loads: list[Load], passing: Path
) -> list[Arrival]:
    """Every table of a file that fits a source. `loads` gets a line for each table, and for each sheet that is none.

    A sheet that fits nothing is noted as not used; when none fits, the file is refused.
    """
    arrivals: list[Arrival] = []
    mine: list[Load] = []
    taken: set[tuple[str, str]] = set()
    whole = max(sum(table.records for table in opened.tables), 1)
    for table in opened.tables:
        load = replace(file, load_id=len(loads) + len(mine) + 1, sheet=table.sheet, format=table.format, facts=table.facts)
        load.encoding = table.encoding or None
        load.separator = None if table.is_tidy else table.separator
        mine.append(load)
        size = seen.size * table.records // whole
        try:
            mapping = _mapping(table, load, mappings)
            if mapping is None:
                load.refuse(str(_nobody_knows(load.title, table)), "not used")
            elif table.parent and (table.parent, mapping.source) in taken and not mapping.is_declared:
                taken.add((table.sheet, mapping.source))
                load.refuse(str(_is_counted_above(load.title, table)), "not used")
            else:
                taken.add((table.sheet, mapping.source))
                load.source, load.mapping_name = mapping.source, mapping.name
                load.note = _not_read(mapping, table)
                if mapping.columns_to_rows.columns:
                    table = _turned(table, mapping.columns_to_rows, passing / f"{load.load_id}-turned.csv")
                    load.facts, load.separator = table.facts, None
                arrivals.append(Arrival(size, table, mapping, load))
        except Problem as problem:
            load.refuse(str(problem))
    for sheet, reason in opened.unused:
        mine.append(replace(file, load_id=len(loads) + len(mine) + 1, sheet=sheet, status="not used", note=reason))
    if arrivals:
        loads += mine
        return arrivals
    loads.append(file)
    file.format, file.facts = mine[0].format, mine[0].facts
    if len(mine) == 1:
        file.refuse(mine[0].note or "")
    else:
        reasons = " ".join(load.note or "" for load in mine[:SHEETS_EXPLAINED])
        file.refuse(f"None of the {len(mine)} sheets of {file.file_name} could be used, so the file was not loaded. {reasons}")
    return []


def _not_read(mapping: Mapping, table: TextTable) -> str | None:
    """Which columns of a file mean nothing here; without their names nobody would miss what they hold."""
    of_the_tool = {*table.bookkeeping, *table.hidden}
    headers = [header for header in mapping.undeclared_headers(table.headers) if header not in of_the_tool]
    return f"Columns that nothing reads: {', '.join(headers)}." if headers else None


def _mapping(table: TextTable, load: Load, mappings: list[Mapping]) -> Mapping | None:
    """The mapping that fits a table, None when nobody knows what it is. Raises Problem when one fits that cannot be used."""
    sources = {source.name: source for source in SOURCES}
    named = next((part for part in Path(load.file_name).parts[:-1] if part in sources), None)
    mapping = mapping_for(table, load.file_name, named, mappings, sources)
    if mapping is not None and not mapping.is_declared:
        mapping = _with_lasting_key(mapping, table, sources[mapping.source])
    if mapping is None:
        return None
    mapping = _with_deletions(mapping, table, sources[mapping.source])
    _check_hidden(mapping, table, load.title, sources[mapping.source])
    missing = missing_targets(mapping, sources[mapping.source])
    if missing and not mapping.used_headers():
        return None
    if missing:
        raise Problem(
            what=f"{load.title} has no column {' and no '.join(missing)}.",
            meaning=f"Every row of {mapping.source} needs it, so the file was not loaded.",
            action="Add the column, or say in a mapping which column it is: python -m etl map FILE --save FILE.toml.",
        )
    return mapping


def _turned(table: TextTable, declared: ColumnsToRows, copy: Path) -> TextTable:
    """The table as the mapping reads it, its columns turned into rows."""
    columns = {found for header in declared.columns if (found := find_header(header, table.headers))}
    return turned.turn(table, columns, declared.header, declared.cell, copy)


def _with_lasting_key(mapping: Mapping, table: TextTable, source: Source) -> Mapping:
    """A form tool's own number as key: the one that stays when a submission is edited, else the one of every older export."""
    if len(source.key) != 1:
        return mapping
    (key,) = source.key
    columns = tuple(
        MappedColumn(key, table.keys, "first_of", steps=(("remove", "uuid:"),))
        if column.target == key and set(column.headers) <= set(table.keys)
        else column
        for column in mapping.columns
    )
    return replace(mapping, columns=columns)


def _with_deletions(mapping: Mapping, table: TextTable, source: Source) -> Mapping:
    """What DHIS2 sends as deleted counts as deleted, whether the mapping's author thought of it or not."""
    header = find_header("deleted", table.headers) if table.format.startswith("dhis2") else None
    is_told = mapping.deleted_header or any(column.target == "is_deleted" for column in mapping.columns)
    if header is None or is_told or not any(column.name == "is_deleted" for column in source.columns):
        return mapping
    return replace(mapping, columns=(*mapping.columns, MappedColumn("is_deleted", (header,))))


def _check_hidden(mapping: Mapping, table: TextTable, title: str, source: Source) -> None:
    """Raise Problem when a mapping would make readable who filled in a form, on which device, or where on earth."""
    personal = {column.name for column in source.columns if column.is_personal}
    read = {header for column in mapping.columns if column.target not in personal for header in column.headers}
    read |= {header for headers in mapping.places.headers.values() for header in headers} | set(mapping.columns_to_rows.columns)
    shown = [header for header in table.hidden if any(find_header(one, table.headers) == header for one in read)]
    if shown:
        raise Problem(
            what=f"The mapping '{mapping.name}' reads the column '{shown[0]}' of {title}.",
            meaning="It tells who filled in the form, on which device, or where on earth. That never becomes readable; it was not loaded.",
            action="Take the column out of the mapping, or ask for what you need by a question of the form.",
        )


def _nobody_knows(title: str, table: TextTable) -> Problem:
    shown = ", ".join(table.headers[:HEADERS_SHOWN]) + (", …" if len(table.headers) > HEADERS_SHOWN else "")
    return Problem(
        what=f"Nobody knows what {title} holds: its columns are {shown[: HEADERS_SHOWN * 40]}.",
        meaning="They fit none of the sources, so it was not loaded.",
        action="Let a mapping be proposed (python -m etl map FILE --save FILE.toml), put it into a folder named like its source, "
        "or rename the columns as in docs/sources.md.",
    )


def _is_counted_above(title: str, table: TextTable) -> Problem:
    return Problem(
        what=f"{title} repeats rows of {table.parent}, which is loaded as the same source.",
        meaning="Loaded as well it would count every submission again, so it was not.",
        action="If its rows are records of their own, say so in a mapping (docs/mapping.md).",
    )


def _fingerprint_of(build: Build) -> str:
    return str(warehouse.read("select inputs_fingerprint from quality.build", build_id=build.build_id).iloc[0, 0])


def _nothing_loaded(loads: list[Load]) -> Problem:
    reasons = " ".join(f"{load.file_name}: {load.note}" for load in loads[:3])
    return Problem(
        what="No file could be loaded.",
        meaning=f"No build was made; the dashboard stays as it is. {reasons}",
        action="Put right what is said about each file and build again.",
        loads=loads,
    )


def remove_orphans() -> None:
    """Remove rows set aside by builds that are no more, and their data packages."""
    warehouse.remove_packages()
    kept = {build_path.stem for build_path in warehouse.warehouse_folder().glob("*.duckdb")}
    for folder in (warehouse.data_folder() / "set_aside").glob("*"):
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
