"""How do the bytes of a file become tables of text? One module a format; each gives a `TextTable`, `detect` says which is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from csv import writer
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from warehouse import Problem

NEWLINE_INSIDE = "\u2028"  # stands for a line end inside a cell of a tidy copy
LINE_HEADER = "line"  # first column of a tidy copy
MOST_COLUMNS = 4_000
LONGEST_LINE = 1 << 20  # signs; a longer line is no record of anything
TEXT_KEPT = 500  # signs of a record that does not fit, kept to show


@dataclass(frozen=True)
class Ragged:
    """A record that does not fit under the header: its line in the file, its text as it came, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Review:
    """The column in which a form's own staff say what they think of a submission, and the words (lower case) that turn it down."""

    header: str
    turned_down: tuple[str, ...]


_NOT_APPROVED = ("validation_status_not_approved", "not approved", "not_approved")
REVIEWS = (  # KoboToolbox, of a repeat group, of a form, and of its JSON; ODK Central
    Review("_submission__validation_status", _NOT_APPROVED),
    Review("_validation_status", _NOT_APPROVED),
    Review("_validation_status/uid", _NOT_APPROVED),
    Review("ReviewState", ("rejected",)),
)


@dataclass(frozen=True)
class TextTable:
    """A file, or one sheet of it, as text, ready for DuckDB's CSV reader: UTF-8, the header in the first line, one line a record.

    `path` is the file itself when it is plain; else (`is_tidy`) a tidy copy, which has one column more, the first: the line
    of the original. `records` counts the lines below the header that hold something, without the `ragged` ones of a tidy copy.
    `headers` are as written, but no two alike and none empty.

    `sheet`: the sheet, or the member of an archive; '' when there is only one. `format`: what it was taken for (a key of [format] in
    text/en.toml), `facts`: what else was found out (keys of [found]). `parent`: the sheet whose rows this table's rows belong to.
    `keys`: headers that tell one record from another, the most lasting first. `hidden`: headers of the tool that say who or where a
    person is, and never become readable. `bookkeeping`: headers of the tool that are no answers.
    """

    path: Path
    headers: tuple[str, ...]
    separator: str
    encoding: str
    records: int
    is_tidy: bool = False
    ragged: tuple[Ragged, ...] = ()
    sheet: str = ""
    format: str = "csv"
    facts: tuple[str, ...] = ()
    parent: str = ""
    keys: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    bookkeeping: tuple[str, ...] = ()

    @property
    def review(self) -> Review | None:
        """The column in which the form's staff turn submissions down, None where there is none."""
        return next((review for review in REVIEWS if review.header in self.headers), None)

    @property
    def answers(self) -> tuple[str, ...]:
        """The headers that may mean a column of a source: neither bookkeeping of the tool nor never readable."""
        reviews = tuple(review.header for review in REVIEWS)
        return tuple(header for header in self.headers if header not in (*self.hidden, *self.bookkeeping, *reviews))


@dataclass(frozen=True)
class Opened:
    """What a file holds: its tables, and (sheet, reason) of every part that is none."""

    tables: tuple[TextTable, ...]
    unused: tuple[tuple[str, str], ...] = ()


@dataclass
class Grid:
    """A sheet as rows of text before anyone says where its header is: (line, cells), blank rows left out.

    `merged`: (row, first column, last row, last column) of cells merged into one, counted from 0 like the cells of a row and with lines
    from 1. `encoding` is '' for formats that have none of their own. `is_strict`: a row with fewer cells than the header is a fault.
    """

    sheet: str
    rows: Iterable[tuple[int, list[str]]]
    format: str
    merged: Sequence[tuple[int, int, int, int]] = ()
    encoding: str = ""
    is_strict: bool = False
    ragged: list[Ragged] = field(default_factory=list)


class TidyCopy:
    """The tidy copy of a table while it is written: UTF-8, commas, one line a record, each with its line in the original."""

    def __init__(self, path: Path, headers: Sequence[str]) -> None:
        self.path, self.headers, self.records = path, tuple(headers), 0
        self._file: IO[str] = path.open("w", encoding="utf-8", errors="replace", newline="")
        self._written = writer(_OneLineEach(self._file), lineterminator="\n")
        self._written.writerow([LINE_HEADER, *headers])

    def row(self, line: int, cells: Sequence[str]) -> None:
        """Write one record; `cells` are as many as the headers."""
        self._written.writerow([line, *cells])
        self.records += 1

    def table(self, **more: Any) -> TextTable:
        """The finished copy as a table."""
        self._file.close()
        return TextTable(self.path, self.headers, ",", more.pop("encoding", ""), self.records, True, **more)

    def __enter__(self) -> TidyCopy:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()


class _OneLineEach:
    """A file that gets one record a write; line ends inside a record become `NEWLINE_INSIDE`, NUL signs go."""

    def __init__(self, file: IO[str]) -> None:
        self._write = file.write

    def write(self, record: str) -> int:
        if "\r" in record or "\0" in record or "\n" in record[:-1]:
            inside = record[:-1].replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
            record = inside.replace("\n", NEWLINE_INSIDE) + "\n"
        return self._write(record)


def distinct_headers(headers: Sequence[str]) -> tuple[str, ...]:
    """Headers without two alike (whatever their case) and none empty: a second `sex` becomes `sex_2`.

    Raises Problem when there are more than a table of records can have.
    """
    if len(headers) > MOST_COLUMNS:
        raise Problem(
            what=f"The table has {len(headers):,} columns.",
            meaning=f"A table of records has at most {MOST_COLUMNS:,}, so it was not loaded.",
            action="Look whether rows and columns are swapped, or the separator is a sign that stands inside the cells.",
        )
    distinct: list[str] = []
    taken = {LINE_HEADER}
    copies: dict[str, int] = {}
    for number, header in enumerate((clean(header) for header in headers), 1):
        name = header or f"column_{number}"
        while name.lower() in taken:
            stem = header or "column"
            copies[stem.lower()] = copies.get(stem.lower(), 1) + 1
            name = f"{stem}_{copies[stem.lower()]}"
        taken.add(name.lower())
        distinct.append(name)
    return tuple(distinct)


def clean(header: str) -> str:
    """A header on one line, without the spaces round it."""
    return re.sub(r"\s*[\r\n\u2028\u2029]\s*", " ", header.replace("\0", "").replace("\ufeff", "")).strip()
