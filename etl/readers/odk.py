"""What does an ODK Central export hold? Its form, and each repeat with the columns of the submission each row belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from etl.readers import Grid, TextTable, TidyCopy, distinct_headers
from etl.readers.layout import find_table
from warehouse import Problem

KEY, PARENT_KEY, REVIEW = "KEY", "PARENT_KEY", "ReviewState"
NO_ANSWERS = ("AttachmentsPresent", "AttachmentsExpected", "Status", REVIEW, "Edits", "FormVersion", KEY, PARENT_KEY)
_PEOPLE = r"SubmitterID|SubmitterName|DeviceID|username|email|phonenumber|subscriberid|simserial|deviceid|audit"
HIDDEN = re.compile(rf"(?:.*-)?(?:{_PEOPLE})|.*-(?:Latitude|Longitude|Altitude|Accuracy)", re.IGNORECASE)


def is_odk(headers: Sequence[str]) -> bool:
    """Whether these headers can only come from ODK Central (or Briefcase, before it)."""
    return KEY in headers and (PARENT_KEY in headers or "SubmissionDate" in headers)


def about(headers: Sequence[str]) -> dict[str, Any]:
    """What a table of an ODK export has besides its rows, as fields of `TextTable`."""
    choices = any("/" in header and header.rsplit("/", 1)[0] in headers for header in headers)
    is_grouped = any("-" in header and not header.startswith("meta-") and not HIDDEN.fullmatch(header) for header in headers)
    found = {"groups": is_grouped, "select_multiple": choices, "repeat_group": PARENT_KEY in headers}
    facts = tuple(fact for fact, is_so in found.items() if is_so)
    return {
        "facts": facts,
        "keys": (KEY,),
        "hidden": tuple(header for header in headers if HIDDEN.fullmatch(header)),
        "bookkeeping": tuple(header for header in headers if header in NO_ANSWERS),
    }


def write_archive(grids: Sequence[Grid], folder: Path) -> list[TextTable]:
    """The members of an export: the form's own first, each repeat joined to its parent by PARENT_KEY."""
    members = [_Member(grid) for grid in grids]
    rows_by_key: dict[str, tuple[_Member, list[str]]] = {}
    tables = []
    for number, member in enumerate(sorted(members, key=lambda member: member.depth)):
        parent, _ = rows_by_key.get(member.parent_key, (None, []))
        own = {header.lower() for header in member.headers}
        places = [place for place, header in enumerate(parent.headers if parent else ()) if header.lower() not in own]
        parent_place = member.headers.index(PARENT_KEY) if parent else 0
        key_place = member.headers.index(KEY)
        if parent:
            member.headers = distinct_headers([*member.headers, *(parent.headers[place] for place in places)])
        with TidyCopy(folder / f"odk{number}.csv", member.headers) as written:
            for line, cells in member.rows:
                if parent:
                    owner, above = rows_by_key.get(cells[parent_place], (None, []))
                    cells = [*cells, *(above[place] if owner is parent else "" for place in places)]
                rows_by_key[cells[key_place]] = member, cells
                written.row(line, cells)
            tables.append(
                written.table(
                    sheet=member.grid.sheet if len(grids) > 1 else "",
                    format="odk_zip",
                    encoding=member.grid.encoding,
                    ragged=tuple(member.grid.ragged),
                    parent=parent.grid.sheet if parent else "",
                    **about(member.headers),
                )
            )
    return tables


class _Member:
    """One CSV of the archive, its first record looked at: how deep its repeat lies, and to which row that record belongs."""

    def __init__(self, grid: Grid) -> None:
        table = find_table(grid, is_header_first=True)
        if KEY not in table.headers:
            raise Problem(
                what=f"The first line of {grid.sheet} in the export is damaged.",
                meaning="Its columns are not known any more, so nothing was loaded from the export.",
                action="Download it from ODK Central again.",
            )
        rows = table.records(grid.ragged)
        first = list(islice(rows, 1))
        self.grid, self.headers, self.rows = grid, table.headers, chain(first, rows)
        self.parent_key = first[0][1][self.headers.index(PARENT_KEY)] if first and PARENT_KEY in self.headers else ""
        self.depth = self.parent_key.count("/") + 1 if PARENT_KEY in self.headers else 0
