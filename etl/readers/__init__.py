"""How do the bytes of a file become a table of text? One module a format; each gives a `TextTable`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NEWLINE_INSIDE = "\u2028"  # stands for a line end inside a cell of a tidy copy
LINE_HEADER = "line"  # first column of a tidy copy


@dataclass(frozen=True)
class Ragged:
    """A record that does not fit under the header: its line in the file, its text as it came, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class TextTable:
    """A file as text, ready for DuckDB's CSV reader: UTF-8, the header in the first line, one line a record.

    `path` is the file itself when it is plain; else (`is_tidy`) a tidy copy, which has one column more, the first: the line
    of the original. `records` counts the lines below the header that hold something, without the `ragged` ones of a tidy copy.
    `headers` are as written, but no two alike and none empty.
    """

    path: Path
    headers: tuple[str, ...]
    separator: str
    encoding: str
    records: int
    is_tidy: bool = False
    ragged: tuple[Ragged, ...] = ()


def distinct_headers(headers: list[str]) -> tuple[str, ...]:
    """Headers without two alike (whatever their case) and none empty: a second `sex` becomes `sex_2`."""
    distinct: list[str] = []
    for number, header in enumerate((header.strip() for header in headers), 1):
        name = header or f"column_{number}"
        taken = {other.lower() for other in (*distinct, LINE_HEADER)}
        copies = 2
        while name.lower() in taken:
            name, copies = f"{header or 'column'}_{copies}", copies + 1
        distinct.append(name)
    return tuple(distinct)
