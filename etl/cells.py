"""What is written in each column of a file? Its cells, counted, from all rows or an even sample of them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from etl.contract import KHMER_DIGITS, SPACES
from etl.readers import LINE_HEADER, TextTable
from etl.stage import file_relation
from warehouse import ENGINE_SETTINGS, Problem

CELLS_SAMPLED = 4_000_000  # in a wide file fewer rows are looked at
ROWS_SAMPLED = 100_000
DISTINCT_KEPT = 5_000
COLUMNS_COUNTED = 1_000    # of a wider file only the first rows are looked at, and the columns after these are known by their header alone

_WESTERN = str.maketrans(KHMER_DIGITS, "0123456789")


@dataclass(frozen=True)
class Cells:
    """One column: how many cells are filled, how many different texts, and how often each of the commonest is written (trimmed).

    `in_order`: the different texts in the order of the rows that hold them first; empty where not all rows were looked at.
    """

    header: str
    filled: int = 0
    distinct: int = 0
    values: dict[str, int] = field(default_factory=dict)
    in_order: tuple[str, ...] = ()

    def share(self, is_fit: Callable[[str], bool]) -> float:
        """The share of the counted cells of which something is true, 0 to 1; 0 when there are none."""
        counted = sum(self.values.values())
        return sum(rows for value, rows in self.values.items() if is_fit(value)) / counted if counted else 0.0


def western(text: str) -> str:
    """Khmer digits as 0 to 9, without the spaces round the text."""
    return text.translate(_WESTERN).strip(SPACES)


@contextmanager
def opened(table: TextTable) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection and the file as a relation of text. What DuckDB cannot read becomes a Problem."""
    connection = duckdb.connect(":memory:", config=dict(ENGINE_SETTINGS))
    try:
        connection.execute("set threads = 1; set enable_progress_bar = false")  # one thread, so that a sample is the same every time
        yield connection, file_relation(table, False, "rejects")
    except duckdb.Error as error:
        raise Problem(
            what=f"{table.path.name} cannot be read as a table: {str(error).splitlines()[0]}",
            meaning="Nothing can be proposed for it, and it was not loaded.",
            action="Look for a row that is far too long, or a quotation mark that is never closed.",
            file=str(table.path),
        ) from error
    finally:
        connection.close()


def look(table: TextTable, rows: int = ROWS_SAMPLED, is_head: bool = False) -> dict[str, Cells]:
    """Count the cells of every column: header -> Cells. The same file always gives the same counts.

    Of a file with more than `rows` rows an even sample is looked at, or (`is_head`) only its first rows.
    """
    if not table.records:
        return {header: Cells(header) for header in table.headers}
    wanted = min(rows, max(200, CELLS_SAMPLED // len(table.headers)))
    if is_head or len(table.headers) > COLUMNS_COUNTED:
        return _look_at_head(table, wanted)
    with opened(table) as (connection, relation):
        sampled = f"using sample reservoir({wanted} rows) repeatable (1)" if table.records > wanted else ""
        seen = connection.sql(f"select * exclude ({LINE_HEADER}) from {relation} {sampled}").to_arrow_table()
        is_whole = table.records <= wanted
        return {header: _count(header, column, is_whole) for header, column in zip(table.headers, seen.columns, strict=True)}


def distinct_rows(table: TextTable, headers: Sequence[str]) -> tuple[int, int]:
    """How many rows of the file have something in these columns, and how many different things."""
    names = ", ".join('"' + header.replace('"', '""') + '"' for header in headers)
    with opened(table) as (connection, relation):
        counted = connection.execute(
            f"select coalesce(sum(rows), 0)::bigint, count(*) from (select {names}, count(*) as rows from {relation} group by all)"
        ).fetchone()
        return (int(counted[0]), int(counted[1])) if counted else (0, 0)


def _look_at_head(table: TextTable, rows: int) -> dict[str, Cells]:
    """The first rows of a file, also of one with more columns than DuckDB reads in reasonable time."""
    seen: list[list[str]] = []
    # A cell that is far too long ends the look: what stands before it is enough.
    with table.path.open(encoding="utf-8-sig", errors="replace", newline="") as lines, suppress(csv.Error):
        for cells in islice(csv.reader(lines, delimiter=table.separator), 1, rows + 1):
            seen.append(cells[1:] if table.is_tidy else cells)
    found = {}
    for number, header in enumerate(table.headers):
        cells = [row[number] for row in seen if number < len(row)] if number < COLUMNS_COUNTED else []
        found[header] = _count(header, pa.chunked_array([pa.array(cells, pa.string())]), table.records <= rows)
    return found


def _count(header: str, column: pa.ChunkedArray, is_whole: bool) -> Cells:
    counts = pc.value_counts(pc.utf8_trim(column, SPACES))
    counted = {one["values"]: one["counts"] for one in counts.to_pylist() if one["values"]}
    commonest = sorted(counted, key=lambda value: (-counted[value], value))[:DISTINCT_KEPT]
    in_order = tuple(islice(counted, DISTINCT_KEPT)) if is_whole else ()
    return Cells(header, sum(counted.values()), len(counted), {value: counted[value] for value in commonest}, in_order)
