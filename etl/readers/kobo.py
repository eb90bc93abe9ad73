"""What does a KoboToolbox export hold? Metadata columns, two ways of writing headers, repeat groups on sheets of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any

from etl.readers import Grid, Opened, TextTable, TidyCopy, distinct_headers
from etl.readers.layout import Table, find_table
from warehouse import Problem

INDEX, PARENT_INDEX, PARENT_TABLE = "_index", "_parent_index", "_parent_table_name"
RECORD = "_record"  # ours: the key of a row of a repeat group
KEYS = ("meta/rootUuid", "_uuid")
CHILD_KEYS = ("_submission_meta/rootUuid", "_submission__uuid")
STATUS, CHILD_STATUS = "_validation_status", "_submission__validation_status"
NO_ANSWERS = ("_id", "_notes", "_status", "__version__", "_tags", INDEX, PARENT_INDEX, PARENT_TABLE, STATUS, CHILD_STATUS, "formhub/uuid")
_PEOPLE = r"_?submitted_by|username|deviceid|subscriberid|simid|simserial|phonenumber|email|audit|_attachments|background-audio"
_PLACE = r"_.*_(?:latitude|longitude|altitude|precision)|_geolocation.*|.*_url"
Parents = dict[str, tuple[tuple[str, ...], dict[str, list[str]]]]  # sheet -> its headers, and its rows by `_index`
HIDDEN = re.compile(rf"(?:.*/)?(?:{_PEOPLE}|{_PLACE})|_submission__submitted_by", re.IGNORECASE)


def is_kobo(headers: Sequence[str]) -> bool:
    """Whether these headers can only come from KoboToolbox."""
    known = set(headers)
    is_main = {"_uuid", "_submission_time"} <= known and bool({"_id", INDEX, "__version__", STATUS} & known)
    return is_main or is_repeat(headers)


def is_repeat(headers: Sequence[str]) -> bool:
    """Whether this is a sheet of a repeat group."""
    return {PARENT_INDEX, PARENT_TABLE} <= set(headers)


def is_hxl(cells: Sequence[str]) -> bool:
    """Whether a row under the header holds HXL tags: every cell that is filled is one."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return bool(filled) and all(re.fullmatch(r"#[a-zA-Z][\w]*(?:\s*\+\s*[\w]+)*", cell) for cell in filled)


def hidden_headers(headers: Sequence[str]) -> tuple[str, ...]:
    """Columns of the tool that tell who filled in the form, on which device, and where on earth."""
    points = {before for before, header in pairwise(headers) if header.endswith("_latitude")}  # the point itself, whatever its label
    return tuple(header for header in headers if header in points or HIDDEN.fullmatch(header))


def facts_of(headers: Sequence[str], sample: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """`xml_headers` or `label_headers`, `groups`, `select_multiple`: from the headers, and from the values where they do not tell."""
    is_label = any(not re.fullmatch(r"[\w.\-/]+", header, re.ASCII) for header in headers)
    statuses = {row[headers.index(STATUS)] for row in sample if STATUS in headers and headers.index(STATUS) < len(row)}
    is_label = is_label or bool(statuses & {"Approved", "Not Approved", "On Hold"})
    names = set(headers)
    choices = [header for header in headers if "/" in header and header.rsplit("/", 1)[0] in names]
    is_grouped = any("/" in header and header not in choices and not header.endswith("rootUuid") for header in headers)
    found = ["label_headers" if is_label else "xml_headers"]
    return (*found, *(["groups"] if is_grouped else []), *(["select_multiple"] if choices else []))


def about(headers: Sequence[str], sample: Sequence[Sequence[str]]) -> dict[str, Any]:
    """What a table of a Kobo export has besides its rows, as fields of `TextTable`."""
    is_child = is_repeat(headers)
    keys = (RECORD,) if is_child and RECORD in headers else CHILD_KEYS if is_child else KEYS
    return {
        "facts": facts_of(headers, sample) + (("repeat_group",) if is_child else ()),
        "keys": tuple(key for key in keys if key in headers),
        "hidden": hidden_headers(headers),
        "bookkeeping": tuple(header for header in headers if header in NO_ANSWERS or header.startswith("_submission__")),
    }


def write_workbook(grids: Sequence[Grid], folder: Path) -> Opened:
    """The sheets of an XLSX export: the form's own, and each repeat group with the columns of the submission each row belongs to.

    A row of a repeat group gets a column `_record`: the submission's uuid, the group and the row's place in it, which stays the same from
    one export to the next, while `_index` does not.
    """
    tables: list[TextTable] = []
    unused: list[tuple[str, str]] = []
    parents: Parents = {}
    has_children = len(grids) > 1
    for number, grid in enumerate(grids):
        try:
            table = find_table(grid, is_header_first=True)
        except Problem as problem:
            unused.append((grid.sheet, str(problem)))
            continue
        rows = table.records(grid.ragged)
        sample = list(islice(rows, 1))
        hxl = ("hxl_row",) if sample and is_hxl(sample[0][1]) else ()
        sample = sample[1:] if hxl else sample
        joined = _Joined(table, grid.sheet, sample, parents) if is_repeat(table.headers) else None
        headers = joined.headers if joined else table.headers
        index = table.headers.index(INDEX) if INDEX in table.headers and has_children else None
        kept: dict[str, list[str]] = {}
        with TidyCopy(folder / f"kobo{number}.csv", headers) as written:
            for line, cells in chain(sample, rows):
                whole = joined.row(cells) if joined else cells
                if index is not None:
                    kept[cells[index]] = whole
                written.row(line, whole)
            parents[grid.sheet] = headers, kept
            described = about(headers, [cells for _, cells in sample])
            described["facts"] = (*described["facts"], *hxl)
            sheet = grid.sheet if has_children else ""
            tables.append(
                written.table(
                    sheet=sheet, format="kobo_xlsx", ragged=tuple(grid.ragged), parent=joined.parent if joined else "", **described
                )
            )
    return Opened(tuple(tables), tuple(unused))


class _Joined:
    """A sheet of a repeat group and the rows of its parent."""

    def __init__(self, table: Table, sheet: str, sample: Sequence[tuple[int, list[str]]], parents: Parents) -> None:
        self._index = table.headers.index(PARENT_INDEX)
        self._uuids = [table.headers.index(key) for key in CHILD_KEYS if key in table.headers]
        self._sheet = sheet
        self._counts: dict[str, int] = {}
        title = sample[0][1][table.headers.index(PARENT_TABLE)] if sample else ""
        self.parent = _named(title, list(parents))
        headers, self._rows = parents.get(self.parent, ((), {}))
        own = {header.lower() for header in table.headers}
        self._places = [place for place, header in enumerate(headers) if header.lower() not in own and header not in (*NO_ANSWERS, *KEYS)]
        self._width = len(headers)
        self.headers = distinct_headers([*table.headers, RECORD, *(headers[place] for place in self._places)])

    def row(self, cells: list[str]) -> list[str]:
        """The cells of a repeat with its key and the cells of its parent; those stay empty where the parent is not in the file."""
        parent = self._rows.get(cells[self._index], [""] * self._width)
        uuid = next((cells[place] for place in self._uuids if cells[place]), cells[self._index])
        self._counts[uuid] = self._counts.get(uuid, 0) + 1
        record = f"{uuid.removeprefix('uuid:')}/{self._sheet}[{self._counts[uuid]}]"
        return [*cells, record, *(parent[place] for place in self._places)]


def _named(title: str, sheets: Sequence[str]) -> str:
    """The sheet a parent's title means: sheet names are cut to 31 signs with three dots, and free of signs Excel does not allow."""
    for sheet in sheets:
        if sheet == title or (sheet.endswith("...") and title.startswith(sheet[:-3])):
            return sheet
    return sheets[0] if sheets else ""


def records_of(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV export without the HXL row under the header."""
    first = next(rows, None)
    if first is not None and not is_hxl(first[1]):
        yield first
    yield from rows
