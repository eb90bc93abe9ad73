"""What does a DHIS2 export hold? Data value sets and analytics, as JSON, CSV or pivot tables: one value a line, its period in days.

Data value sets get the columns of `SET`, analytics those of the table layout (`dataid`, `dataname`, `periodid` …), whatever the format.
Both get `period_type`, `period_start` and `period_end`, for every notation of DHIS2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from etl.readers import Grid, TextTable, TidyCopy, distinct_headers
from etl.readers.layout import VALUE, Table, find_table, write_found
from etl.readers.periods import read_period

SET = {
    "dataelement": "dataelement de dx data dataelementid dataelementuid dataelementcode dataelementname",
    "period": "period pe periodid periodcode",
    "orgunit": "orgunit ou organisationunit organizationunit orgunitid orgunituid organisationunitid orgunitcode orgunitname",
    "categoryoptioncombo": "categoryoptioncombo catoptcombo coc categoryoptioncomboid categoryoptioncombouid",
    "attributeoptioncombo": "attributeoptioncombo attroptcombo aoc attributeoptioncomboid attributeoptioncombouid",
    "value": "value val datavalue",
    "storedby": "storedby strby",
    "lastupdated": "lastupdated lstupd timestamp",
    "comment": "comment cmt",
    "followup": "followup followupflag",
    "created": "created",
    "deleted": "deleted",
}
ORDER = tuple(SET)[:10]  # the places of the columns in a CSV, whose header DHIS2 itself does not read
SET_WORDS = {word: name for name, words in SET.items() for word in words.split()}
HIDDEN = ("storedby", "comment")
KEYS = ("dataelement", "period", "orgunit", "categoryoptioncombo", "attributeoptioncombo")
DIMENSIONS = {"dx": "data", "pe": "period", "ou": "organisationunit", "co": "categoryoptioncombo", "ao": "attributeoptioncombo"}
LAID_OUT = {f"{stem}{part}" for stem in ("data", "period", "organisationunit") for part in ("id", "name", "code", "description")}
PERIOD_COLUMNS = ("period_type", "period_start", "period_end")
UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")


def plain(header: str) -> str:
    """A header without letter case and anything but letters and figures."""
    return re.sub(r"[\W_]", "", header).lower()


def set_columns(headers: Sequence[str], sample: Sequence[Sequence[str]] = ()) -> list[str] | None:
    """Which columns of a data value set these are: by their names, else by their places and what stands in them; None when it is none."""
    named = [SET_WORDS.get(plain(header), "") for header in headers]
    known = [name for name in named if name]
    if {"dataelement", "period", "orgunit", "value"} <= set(known) and len(known) == len(set(known)):
        is_set = bool({"categoryoptioncombo", "attributeoptioncombo", "storedby"} & set(known)) or "dataelement" in map(plain, headers)
        return [name or header for name, header in zip(named, headers, strict=True)] if is_set else None
    if not 6 <= len(headers) <= len(ORDER) or not sample:
        return None
    is_placed = all(
        len(row) >= 6
        and UID.fullmatch(row[0])
        and read_period(row[1])
        and UID.fullmatch(row[2])
        and all(not cell or UID.fullmatch(cell) for cell in row[3:5])
        for row in sample
    )
    return list(ORDER[: len(headers)]) if is_placed else None


def analytics_columns(headers: Sequence[str]) -> list[str] | None:
    """The columns of an analytics table in the names of the table layout; None when it is none."""
    words = [plain(header) for header in headers]
    if "value" in words and {"data", "period", "organisationunit"} <= set(words):
        return [{"data": "dataname", "period": "periodname", "organisationunit": "organisationunitname"}.get(word, header)
                for word, header in zip(words, headers, strict=True)]  # fmt: skip
    laid_out = sum(word in LAID_OUT for word in words)
    return [word if word in LAID_OUT else header for word, header in zip(words, headers, strict=True)] if laid_out >= 2 else None


def is_dhis2(headers: Sequence[str], sample: Sequence[Sequence[str]]) -> bool:
    """Whether a table with these headers and first rows comes from DHIS2."""
    return set_columns(headers, sample) is not None or analytics_columns(headers) is not None


def write_grid(grid: Grid, copy: Path) -> TextTable | None:
    """A sheet or CSV of DHIS2 as a tidy copy; None, and the grid as it was, when it is none."""
    rows = iter(grid.rows)
    first = list(islice(rows, 4))
    grid.rows = chain(first, rows)
    found = next(((row, cells) for row, (_, cells) in enumerate(first) if sum(map(bool, cells)) > 1), None)
    if found is None or not is_dhis2([cell for cell in found[1] if cell], [cells for _, cells in first[found[0] + 1 :]]):
        return None
    table = find_table(grid)
    sample = list(islice(table.rows, 3))
    table.rows = chain(sample, table.rows)
    source = "csv" if grid.format == "csv" else "xlsx"
    columns = set_columns(table.headers, [cells for _, cells in sample])
    if columns is not None:
        is_placed = not {"dataelement", "period"} <= {SET_WORDS.get(plain(header)) for header in table.headers}
        facts = ("columns_by_place",) if is_placed else ()
        return _write(copy, columns, table.records(grid.ragged), f"dhis2_{source}", facts, grid)
    columns = analytics_columns(table.headers)
    if columns is None:  # the header lies further down than it seemed
        return write_found(table, grid, copy)
    kept = [place for place, column in enumerate(columns) if column in LAID_OUT or column == VALUE]
    spread = _spread(columns, kept, table)
    if spread is None:
        return _write(copy, columns, table.records(grid.ragged), f"dhis2_analytics_{source}", (), grid)
    headers = [*(columns[place] for place in kept), *spread.headers, VALUE]
    return _write(copy, headers, spread.records(table, kept, grid), f"dhis2_pivot_{source}", spread.facts, grid)


class _Spread:
    """Columns of a pivot table that are periods, or data of periods, or data: each cell becomes a record."""

    def __init__(self, headers: tuple[str, ...], cells: Mapping[int, tuple[str, ...]], facts: tuple[str, ...]) -> None:
        self.headers, self.cells, self.facts = headers, cells, facts

    def records(self, table: Table, kept: Sequence[int], grid: Grid) -> Iterator[tuple[int, list[str]]]:
        """One record a filled cell."""
        for line, cells in table.records(grid.ragged):
            staying = [cells[place] for place in kept]
            for place, means in self.cells.items():
                if cells[place]:
                    yield line, [*staying, *means, cells[place]]


def _spread(columns: Sequence[str], kept: Sequence[int], table: Table) -> _Spread | None:
    """How the dimension that lies across is read; None when the table is long already."""
    across = [place for place in range(len(columns)) if place not in kept]
    if VALUE in columns or not across:
        return None
    names = {place: table.headers[place] for place in across}
    has_period, has_data = ("periodid" in columns or "periodname" in columns), ("dataid" in columns or "dataname" in columns)
    if not has_period and has_data:
        periods = {place: name for place, name in names.items() if read_period(name)}
        if len(periods) == len(names):
            return _Spread(("periodname",), {place: (name,) for place, name in periods.items()}, ("periods_across",))
    if has_period and not has_data:
        return _Spread(("dataname",), {place: (name,) for place, name in names.items()}, ("data_across",))
    if not has_period and not has_data:
        both = {place: cut for place, name in names.items() if (cut := _cut(name))}
        if len(both) == len(names):
            return _Spread(("dataname", "periodname"), both, ("data_across", "periods_across"))
    return None


def _cut(name: str) -> tuple[str, str] | None:
    """("ANC 1st visit", "January 2024") of a header that names both, in either order."""
    words = name.split(" ")
    for number in range(1, len(words)):
        first, last = " ".join(words[:number]), " ".join(words[number:])
        if read_period(last):
            return first, last
    for number in range(len(words) - 1, 0, -1):
        first, last = " ".join(words[:number]), " ".join(words[number:])
        if read_period(first):
            return last, first
    return None


# -- JSON --------------------------------------------------------------------------------------------------------------------


def is_set_json(content: Any) -> bool:
    """Whether this is a data value set."""
    return isinstance(content, dict) and isinstance(content.get("dataValues"), list)


def is_analytics_json(content: Any) -> bool:
    """Whether this is the answer of the analytics API."""
    return isinstance(content, dict) and isinstance(content.get("headers"), list) and isinstance(content.get("rows"), list)


def write_set_json(content: dict[str, Any], copy: Path, sheet: str = "") -> TextTable:
    """A data value set: data set, period and organisation unit may stand once above all values."""
    names = tuple(SET)
    above = {key.lower(): value for key, value in content.items() if not isinstance(value, list | dict)}

    def rows() -> Iterator[tuple[int, list[str]]]:
        for number, value in enumerate(content["dataValues"], 1):
            if isinstance(value, dict):
                cells = {**above, **{key.lower(): cell for key, cell in value.items() if cell is not None}}
                yield number, [json_text(cells.get(name, "")) for name in names]

    return _write(copy, names, rows(), "dhis2_json", ("lines_are_values",), Grid(sheet, (), "json"))


def write_analytics_json(content: dict[str, Any], copy: Path, sheet: str = "") -> TextTable:
    """An answer of the analytics API: identifiers, with their names where the answer tells them."""
    names: dict[str, str] = {}
    about = content.get("metaData")
    if isinstance(about, dict):
        parts: list[dict[str, Any]] = [part for part in (about.get("names"), about.get("items")) if isinstance(part, dict)]
        for part in parts:
            for key, item in part.items():
                name = item.get("name") if isinstance(item, dict) else item
                if isinstance(name, str):
                    names[key] = name
    found = [header if isinstance(header, dict) else {} for header in content["headers"]]
    codes = [str(header.get("name", f"column_{number}")) for number, header in enumerate(found, 1)]
    is_dimension = [code in DIMENSIONS or (bool(header.get("meta")) and code != VALUE) for code, header in zip(codes, found, strict=True)]
    columns: list[str] = []
    for code, dimension in zip(codes, is_dimension, strict=True):
        stem = DIMENSIONS.get(code, code)
        columns += [f"{stem}id", f"{stem}name"] if dimension else [code]

    def rows() -> Iterator[tuple[int, list[str]]]:
        for number, row in enumerate(content["rows"], 1):
            if isinstance(row, list):
                cells: list[str] = []
                for place, dimension in enumerate(is_dimension):
                    cell = json_text(row[place]) if place < len(row) else ""
                    cells += [cell, names.get(cell, "")] if dimension else [cell]
                yield number, cells

    return _write(copy, columns, rows(), "dhis2_analytics_json", ("lines_are_values",), Grid(sheet, (), "json"))


def json_text(value: Any) -> str:
    """A value of JSON as the text a spreadsheet would show."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "" if value is None else str(value)


# -- all of them -------------------------------------------------------------------------------------------------------------


def _write(
    copy: Path, headers: Sequence[str], rows: Iterable[tuple[int, list[str]]], kind: str, facts: tuple[str, ...], grid: Grid
) -> TextTable:
    """Write the records with the days of their period, where a column tells one."""
    period = next((place for name in ("period", "periodid", "periodname") for place, header in enumerate(headers) if header == name), None)
    other = next((place for place, header in enumerate(headers) if header == "periodname"), period)
    named = distinct_headers([*headers, *(PERIOD_COLUMNS if period is not None else ())])
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    with TidyCopy(copy, named) as written:
        for line, cells in rows:
            days: tuple[str, ...] = ()
            if period is not None and other is not None:
                key = cells[period], cells[other]
                if key not in known:
                    found = read_period(key[0]) or read_period(key[1])
                    known[key] = (found.kind, found.start.isoformat(), found.end.isoformat()) if found else ("", "", "")
                days = known[key]
            written.row(line, [*cells, *days])
        hidden = tuple(header for header in named if header in HIDDEN)
        keys = tuple(header for header in named if header in KEYS)
        return written.table(
            sheet=grid.sheet, format=kind, facts=facts, ragged=tuple(grid.ragged), encoding=grid.encoding, keys=keys, hidden=hidden
        )
