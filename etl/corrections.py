"""Which known errors of the sources are put right on the way in? Those declared in corrections.csv beside the files; docs/corrections.md.

A correction replaces what one cell says, after mapping and before the cell is read and checked, so that it can also mend a value that
would set its row aside; what it puts there is checked like any other. The files stay as they are. A correction whose old value the source
no longer has stops the build: somebody has to look.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.contract import Column, Source, text_of, typed
from etl.mapping_sql import is_remembered, remember, remembered
from etl.quality import Load
from warehouse import Problem

FILE = "corrections.csv"
HEADERS = ("source", "row", "column", "old", "new", "reason", "who", "date")
BETWEEN_KEYS = " | "
EMPTY = "(nothing)"
PLACES = 1 << 20  # bits in which the keys of corrected rows are marked
BETWEEN = "\x1f"  # stands between the parts of a key, and between a key and its cell


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
    """The corrections of a build, and what the rows said that each met: correction -> load -> what was said.

    `is_alone`: only one file is looked at, so that a correction which meets no row says nothing against it.
    """

    listed: tuple[Correction, ...] = ()
    is_alone: bool = False
    met: dict[Correction, dict[int, list[Said]]] = field(default_factory=dict)

    def applied(
        self, connection: duckdb.DuckDBPyConnection, source: Source, load: Load, cells: Mapping[str, str], relation: str
    ) -> dict[str, str]:
        """The cells (SQL for the text of each column over `relation`) with the corrections of this source put in.

        Looks all rows up in one pass, by their keys, and only replaces exactly what it found there.
        """
        mine = [one for one in self.listed if one.source == source.name]
        if not mine or not set(source.key) <= set(cells):
            return dict(cells)
        keys = _typed_keys(connection, source, [one.key for one in mine])
        wanted: dict[tuple[str, ...], list[Correction]] = {}
        for one, key in zip(mine, keys, strict=True):
            wanted.setdefault(key, []).append(one)
            self.met.setdefault(one, {}).pop(load.load_id, None)
        columns = list(dict.fromkeys(one.column for one in mine))
        olds = {column: _typed(connection, source.column(column), [one.old for one in mine if one.column == column]) for column in columns}
        replaced: dict[str, dict[str, str | None]] = {column: {} for column in columns}
        for key, raw_key, cell, rows in _rows(connection, source, cells, columns, relation, list(wanted)):
            for one in wanted[key]:
                raw, value = cell[one.column]
                is_old = (raw or "") == one.old or (value is not None and value == olds[one.column][one.old])
                self.met[one].setdefault(load.load_id, []).append(Said(raw or "", is_old, rows))
                if is_old:
                    replaced[one.column][raw_key + BETWEEN + (raw or "")] = one.new or None
        changed = {column: _replacing(connection, source, cells, column, found) for column, found in replaced.items() if found}
        return {**cells, **changed}

    def check(self, connection: duckdb.DuckDBPyConnection, source: Source) -> None:
        """Note what was corrected; raise Problem for a correction whose old value the source no longer has.

        Call when the newest row of every key is known: it is the one that has to be corrected.
        """
        mine = [one for one in self.listed if one.source == source.name]
        if self.is_alone:
            mine = [one for one in mine if any(self.met.get(one, {}).values())]
        if not mine:
            return
        newest = _newest(connection, source, mine)
        texts = {column: [one.new for one in mine if one.column == column] for column in {one.column for one in mine}}
        news = {column: _typed(connection, source.column(column), listed) for column, listed in texts.items()}
        noted = []
        for one in mine:
            everything = [said for of_load in self.met.get(one, {}).values() for said in of_load]
            if not everything:
                raise _stale(one, "there is no such row any more")
            if not any(said.is_old for said in everything):
                raise _stale(one, f"it says '{everything[-1].text or EMPTY}'")
            if one in newest:
                self._check_newest(one, source.column(one.column), newest[one], news[one.column][one.new])
            corrected = sum(said.rows for said in everything if said.is_old)
            noted.append((source.name, one.row, one.column, one.old, one.new, one.reason, one.who, one.day, corrected))
        with _given(connection, "noted", [f"c{number}" for number in range(len(noted[0]))], noted):
            connection.execute("insert into quality.corrections select * from noted")

    def _check_newest(self, one: Correction, column: Column, newest: tuple[int, str | None], new: str | None) -> None:
        """Raise Problem when the row that counts is not one that was corrected."""
        load_id, value = newest
        of_load = self.met[one].get(load_id, [])
        is_filled = new is None and column.when_empty is not None  # the contract fills what the correction left empty
        if not any(said.is_old for said in of_load) or (value != new and not is_filled):
            others = [said.text for said in of_load if not said.is_old]
            raise _stale(one, f"its newest version says '{(others or [value or ''])[-1] or EMPTY}'")


def read_corrections(folder: Path, sources: Mapping[str, Source], is_alone: bool = False) -> Corrections:
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
    return Corrections(tuple(found.values()), is_alone)


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
) -> list[tuple[tuple[str, ...], str, dict[str, tuple[str | None, str | None]], int]]:
    """(key as read, key as written, column -> (as written, as read), rows) of all rows that have one of the keys; alike ones once."""
    names = list(dict.fromkeys([*source.key, *columns]))
    raws = ", ".join(f"{_cell(cells, name)} as raw_{name}" for name in names)
    read = {name: f"({typed(source.column(name), f'raw_{name}')})::varchar" for name in names}
    said = ", ".join(f"{text_of(f'raw_{name}')}, {read[name]}" for name in columns)
    key = ", ".join(read[name] for name in source.key)
    with _given(connection, "corrected_keys", source.key, keys):
        found = connection.execute(
            f"select {key}, {_raw_key(source, {name: f'raw_{name}' for name in source.key})}, {said}, count(*) "
            f"from (select {raws} from {relation}) where ({key}) in (select ({', '.join(source.key)}) from corrected_keys) group by all"
        ).fetchall()
    size = len(source.key)
    return [
        (row[:size], row[size], dict(zip(columns, zip(row[size + 1 : -1 : 2], row[size + 2 : -1 : 2], strict=True), strict=True)), row[-1])
        for row in found
    ]


def _replacing(
    connection: duckdb.DuckDBPyConnection, source: Source, cells: Mapping[str, str], column: str, found: Mapping[str, str | None]
) -> str:
    """SQL: the cell, or its new value in the rows that were found (key and cell as written -> new value).

    All other rows meet one bit, which says that no corrected key has their hash: a miss in the list itself would be dear. There is no
    join, which would lose the order of the lines.
    """
    cell, key = _cell(cells, column), _raw_key(source, cells)
    listed = f"corrected_{source.name}_{column}"
    remember(connection, listed, list(found), {listed: list(found.values())})
    keys = [(both.rpartition(BETWEEN)[0],) for both in found]
    with _given(connection, "corrected_keys", ["key"], keys):
        connection.execute(f"set variable {listed}_bits = (select bitstring_agg({_place('key')}, 0, {PLACES - 1}) from corrected_keys)")
    both = f"{key} || {_text(BETWEEN)} || coalesce({text_of(f'({cell})')}, '')"
    new = f"case when {is_remembered(both, listed)} then {remembered(both, listed, listed)} else {cell} end"
    return f"(case when get_bit(getvariable('{listed}_bits'), {_place(key)}) = 1 then {new} else {cell} end)"


def _place(key: str) -> str:
    """SQL: which bit stands for a key."""
    return f"(hash({key}) % {PLACES})::integer"


def _raw_key(source: Source, cells: Mapping[str, str]) -> str:
    """SQL: the key as written, as one text."""
    return "(" + f" || {_text(BETWEEN)} || ".join(_cell(cells, name) for name in source.key) + ")"


def _newest(
    connection: duckdb.DuckDBPyConnection, source: Source, listed: Sequence[Correction]
) -> dict[Correction, tuple[int, str | None]]:
    """(load, value of the corrected column) of the rows that count; none for one that was set aside. Keys may have been corrected too."""
    of_key: dict[tuple[str, ...], dict[str, str]] = {}
    for one in listed:
        of_key.setdefault(one.key, {})[one.column] = one.new
    keys = [tuple(of_key[one.key].get(name) or part for name, part in zip(source.key, one.key, strict=True)) for one in listed]
    typed_keys = [(number, *key) for number, key in enumerate(_typed_keys(connection, source, keys))]
    columns = list(dict.fromkeys(one.column for one in listed))
    values = ", ".join(f"staged.{column}::varchar" for column in columns)
    is_row = " and ".join(f"staged.{name}::varchar = k.{name}" for name in source.key)
    with _given(connection, "corrected_keys", ["number", *source.key], typed_keys):
        found = connection.execute(
            f"select k.number, staged.file_id, {values} from staging.{source.name} staged join corrected_keys k on {is_row}"
        ).fetchall()
    return {listed[row[0]]: (int(row[1]), row[2 + columns.index(listed[row[0]].column)]) for row in found}


def _typed_keys(connection: duckdb.DuckDBPyConnection, source: Source, keys: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The keys as the contract reads them; a part it cannot read stays as it is."""
    read = [_typed(connection, source.column(name), [key[place] for key in keys]) for place, name in enumerate(source.key)]
    return [tuple(read[place][part] or part for place, part in enumerate(key)) for key in keys]


def _typed(connection: duckdb.DuckDBPyConnection, column: Column, texts: Sequence[str]) -> dict[str, str | None]:
    """What the contract reads in each text, as text; None when it is empty or cannot be read."""
    with _given(connection, "given_texts", ["raw"], [(text,) for text in dict.fromkeys(texts)]):
        return dict(connection.execute(f"select raw, ({typed(column, 'raw')})::varchar from given_texts").fetchall())


@contextmanager
def _given(connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[None]:
    """A few rows as a table of this name."""
    connection.register(name, pa.table({column: [row[place] for row in rows] for place, column in enumerate(columns)}))
    try:
        yield
    finally:
        connection.unregister(name)


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
