"""Which known errors of the sources are put right on the way in? Those declared in corrections.csv beside the files; docs/corrections.md.

A correction replaces what one cell says, after mapping and before the cell is read and checked, so that it can also mend a value that
would set its row aside; what it puts there is checked like any other. The files stay as they are. A correction whose old value the source
no longer has stops the build: somebody has to look.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from etl.contract import Column, Source, text_of, typed
from etl.quality import Load
from warehouse import Problem

FILE = "corrections.csv"
HEADERS = ("source", "row", "column", "old", "new", "reason", "who", "date")
BETWEEN_KEYS = " | "
EMPTY = "(nothing)"


@dataclass(frozen=True)
class Correction:
    """One declared correction. `line` is its line in the file, `key` the row's key, one text a key column."""

    line: int
    source: str
    key: tuple[str, ...]
    column: str
    old: str
    new: str
    reason: str
    who: str
    day: date

    @property
    def row(self) -> str:
        """The key as it stands in the file."""
        return BETWEEN_KEYS.join(self.key)


@dataclass(frozen=True)
class Said:
    """What the cell said in so many rows of a file, and whether that is the old value."""

    text: str
    is_old: bool
    rows: int


@dataclass
class Corrections:
    """The corrections of a build, and what the rows said that each met: correction -> load -> what was said."""

    listed: tuple[Correction, ...] = ()
    met: dict[Correction, dict[int, list[Said]]] = field(default_factory=dict)

    def applied(
        self, connection: duckdb.DuckDBPyConnection, source: Source, load: Load, cells: Mapping[str, str], relation: str
    ) -> dict[str, str]:
        """The cells (SQL for the text of each column over `relation`) with the corrections of this source put in.

        Looks the rows up first, by their keys, and only replaces exactly what it found there.
        """
        mine = [one for one in self.listed if one.source == source.name]
        if not mine or not set(source.key) <= set(cells):
            return dict(cells)
        wanted: dict[tuple[str, ...], list[Correction]] = {}
        for one in mine:
            wanted.setdefault(_typed_key(connection, source, one.key), []).append(one)
            self.met.setdefault(one, {}).pop(load.load_id, None)
        columns = list(dict.fromkeys(one.column for one in mine))
        replaced: dict[str, list[tuple[tuple[str, ...], str | None, str]]] = {column: [] for column in columns}
        for key, raw_key, cell, rows in _rows(connection, source, cells, columns, relation, list(wanted)):
            for one in wanted[key]:
                raw, value = cell[one.column]
                is_old = (raw or "") == one.old or (value is not None and value == _typed(connection, source.column(one.column), one.old))
                self.met[one].setdefault(load.load_id, []).append(Said(raw or "", is_old, rows))
                if is_old:
                    replaced[one.column].append((raw_key, raw, one.new))
        changed = {column: _case(source, cells, column, found) for column, found in replaced.items() if found}
        return {**cells, **changed}

    def check(self, connection: duckdb.DuckDBPyConnection, source: Source) -> None:
        """Note what was corrected; raise Problem for a correction whose old value the source no longer has.

        Call when the newest row of every key is known: it is the one that has to be corrected.
        """
        mine = [one for one in self.listed if one.source == source.name]
        for one in mine:
            found = self.met.get(one, {})
            everything = [said for of_load in found.values() for said in of_load]
            if not everything:
                raise _stale(one, "there is no such row any more")
            if not any(said.is_old for said in everything):
                raise _stale(one, f"it says '{everything[-1].text or EMPTY}'")
            newest = _newest(connection, source, one, mine)
            if newest is not None:
                self._check_newest(one, source.column(one.column), newest, _typed(connection, source.column(one.column), one.new))
            corrected = sum(said.rows for said in everything if said.is_old)
            connection.execute(
                "insert into quality.corrections values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [source.name, one.row, one.column, one.old, one.new, one.reason, one.who, one.day, corrected],
            )

    def _check_newest(self, one: Correction, column: Column, newest: tuple[int, str | None], new: str | None) -> None:
        """Raise Problem when the row that counts is not one that was corrected."""
        load_id, value = newest
        of_load = self.met[one].get(load_id, [])
        is_filled = new is None and column.when_empty is not None  # the contract fills what the correction left empty
        if not any(said.is_old for said in of_load) or (value != new and not is_filled):
            others = [said.text for said in of_load if not said.is_old]
            raise _stale(one, f"its newest version says '{(others or [value or ''])[-1] or EMPTY}'")


def read_corrections(folder: Path, sources: Mapping[str, Source]) -> Corrections:
    """The corrections declared in a folder; none where there is no file. Raises Problem for a line that cannot be understood."""
    path = folder / FILE
    if not path.is_file():
        return Corrections()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _problem(path, "It is not in UTF-8.", "Save it as CSV UTF-8.") from None
    separator = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    missing = [header for header in HEADERS if header not in (reader.fieldnames or ())]
    if missing:
        raise _problem(path, f"It has no column '{missing[0]}'.", f"Its first line must be: {','.join(HEADERS)}.")
    found: dict[tuple[str, tuple[str, ...], str], Correction] = {}
    for row in reader:
        if any((cell or "").strip() for cell in row.values() if not isinstance(cell, list)):
            one = _read(path, reader.line_num, {header: (row[header] or "").strip() for header in HEADERS}, sources)
            before = found.setdefault((one.source, one.key, one.column), one)
            if before is not one:
                raise _problem(path, f"Lines {before.line} and {one.line} correct the same cell.", "Keep one of them.")
    return Corrections(tuple(found.values()))


def _read(path: Path, line: int, row: Mapping[str, str], sources: Mapping[str, Source]) -> Correction:
    def refuse(fault: str, action: str) -> Problem:
        return _problem(path, f"Line {line}: {fault}", action)

    source = sources.get(row["source"])
    if source is None:
        raise refuse(f"there is no source '{row['source']}'.", f"Possible: {', '.join(sources)}.")
    columns = {column.name: column for column in source.columns}
    column = columns.get(row["column"])
    if column is None:
        raise refuse(f"{source.name} has no column '{row['column']}'.", f"Possible: {', '.join(one.name for one in source.staged)}.")
    if column.is_personal:
        raise refuse(f"'{column.name}' is personal.", "It is never loaded, so there is nothing to correct. Take the line out.")
    key = tuple(part.strip() for part in row["row"].split(BETWEEN_KEYS.strip())) if len(source.key) > 1 else (row["row"],)
    if len(key) != len(source.key) or not all(key):
        raise refuse(f"'{row['row']}' is not the key of a row.", f"Write {BETWEEN_KEYS.join(source.key)}.")
    if row["old"] == row["new"]:
        raise refuse("the old value is the new one.", "Write what the source says under old, and what is right under new.")
    if not (row["reason"] and row["who"]):
        raise refuse("it does not say why, or who.", "Fill in reason and who.")
    try:
        day = date.fromisoformat(row["date"])
    except ValueError:
        raise refuse(f"'{row['date']}' is not a day.", "Write it as 2024-03-31.") from None
    return Correction(line, source.name, key, column.name, row["old"], row["new"], row["reason"], row["who"], day)


# -- looking rows up ---------------------------------------------------------------------------------------------------------


def _rows(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    cells: Mapping[str, str],
    columns: Sequence[str],
    relation: str,
    keys: Sequence[tuple[str, ...]],
) -> list[tuple[tuple[str, ...], tuple[str, ...], dict[str, tuple[str | None, str | None]], int]]:
    """(key as read, key as written, column -> (as written, as read), rows) of all rows that have one of the keys; alike ones once."""
    names = list(dict.fromkeys([*source.key, *columns]))
    raws = ", ".join(f"{_cell(cells, name)} as raw_{name}" for name in names)
    values = ", ".join(f"({typed(source.column(name), f'raw_{name}')})::varchar as {name}, raw_{name}" for name in names)
    holders = ", ".join(f"({', '.join('?' * len(source.key))})" for _ in keys)
    found = connection.execute(
        f"select *, count(*) from (select {values} from (select {raws} from {relation})) "
        f"where ({', '.join(source.key)}) in ({holders}) group by all",
        [part for key in keys for part in key],
    ).fetchall()
    rows = []
    for row in found:
        value, raw = dict(zip(names, row[:-1:2], strict=True)), dict(zip(names, row[1:-1:2], strict=True))
        said = {name: (_trimmed(connection, raw[name]), value[name]) for name in columns}
        rows.append((tuple(value[name] for name in source.key), tuple(raw[name] for name in source.key), said, row[-1]))
    return rows


def _case(source: Source, cells: Mapping[str, str], column: str, found: Sequence[tuple[tuple[str, ...], str | None, str]]) -> str:
    """SQL: the cell, or its new value in the rows that were found. All other rows meet one look into a list."""
    cell = _cell(cells, column)
    first = _cell(cells, source.key[0])
    whens = []
    for raw_key, raw, new in found:
        is_row = " and ".join(f"{_cell(cells, name)} = {_text(part)}" for name, part in zip(source.key, raw_key, strict=True))
        is_old = f"{text_of(f'({cell})')} is not distinct from {_text(raw) if raw else 'null'}"
        whens.append(f"when {is_row} and {is_old} then {_text(new) if new else 'null'}")
    listed = ", ".join(dict.fromkeys(_text(raw_key[0]) for raw_key, _, _ in found))
    return f"(case when {first} in ({listed}) then case {' '.join(whens)} else {cell} end else {cell} end)"


def _newest(
    connection: duckdb.DuckDBPyConnection, source: Source, correction: Correction, listed: Sequence[Correction]
) -> tuple[int, str | None] | None:
    """(load, value of the corrected column) of the row that counts; None when it was set aside. Its key may have been corrected too."""
    new = {one.column: one.new for one in listed if one.key == correction.key}
    key = tuple(new.get(name) or part for name, part in zip(source.key, correction.key, strict=True))
    where = " and ".join(f"{name}::varchar = ?" for name in source.key)
    row = connection.execute(
        f"select file_id, {correction.column}::varchar from staging.{source.name} where {where}", list(_typed_key(connection, source, key))
    ).fetchone()
    return (int(row[0]), row[1]) if row else None


def _typed_key(connection: duckdb.DuckDBPyConnection, source: Source, key: Sequence[str]) -> tuple[str, ...]:
    return tuple(_typed(connection, source.column(name), part) or part for name, part in zip(source.key, key, strict=True))


def _typed(connection: duckdb.DuckDBPyConnection, column: Column, text: str) -> str | None:
    """What the contract reads in a text, as text; None when it is empty or cannot be read."""
    row = connection.execute(f"select ({typed(column, 'raw')})::varchar from (select ?::varchar as raw)", [text]).fetchone()
    return row[0] if row else None


def _trimmed(connection: duckdb.DuckDBPyConnection, text: str | None) -> str | None:
    row = connection.execute(f"select {text_of('raw')} from (select ?::varchar as raw)", [text]).fetchone()
    return row[0] if row else None


def _cell(cells: Mapping[str, str], name: str) -> str:
    return cells.get(name, "null::varchar")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _stale(correction: Correction, says: str) -> Problem:
    return Problem(
        what=f"{FILE}, line {correction.line}: {correction.source} {correction.row} no longer says '{correction.old or EMPTY}' "
        f"in {correction.column}; {says}.",
        meaning="The correction may be wrong by now, so no build was made; the dashboard stays as it is.",
        action="If the source was put right, take the line out; else write what it says now under old.",
        correction=correction,
    )


def _problem(path: Path, fault: str, action: str) -> Problem:
    return Problem(f"{path.name} cannot be used. {fault}", "No build was made; the dashboard stays as it is.", action, path=str(path))
