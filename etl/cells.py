"""What is written in each column of a file? Its cells, counted, from all rows or an even sample of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import duckdb

from etl.contract import KHMER_DIGITS, SPACES
from etl.readers import LINE_HEADER, TextTable
from etl.stage import file_relation
from warehouse import ENGINE_SETTINGS

CELLS_SAMPLED = 4_000_000  # in a wide file fewer rows are looked at
ROWS_SAMPLED = 100_000
DISTINCT_KEPT = 5_000
COLUMNS_COUNTED = 1_000    # of a wider file, the columns after these are known by their header alone

_WESTERN = str.maketrans(KHMER_DIGITS, "0123456789")


@dataclass(frozen=True)
class Cells:
    """One column: how many cells are filled, how many different texts, and how often each of the commonest is written (trimmed)."""

    header: str
    filled: int = 0
    distinct: int = 0
    values: dict[str, int] = field(default_factory=dict)

    def share(self, is_fit: Callable[[str], bool]) -> float:
        """The share of the counted cells of which something is true, 0 to 1; 0 when there are none."""
        counted = sum(self.values.values())
        return sum(rows for value, rows in self.values.items() if is_fit(value)) / counted if counted else 0.0


def western(text: str) -> str:
    """Khmer digits as 0 to 9, without the spaces round the text."""
    return text.translate(_WESTERN).strip(SPACES)


def look(table: TextTable, rows: int = ROWS_SAMPLED, is_head: bool = False) -> dict[str, Cells]:
    """Count the cells of every column: header -> Cells. The same file always gives the same counts.

    Of a file with more than `rows` rows an even sample is looked at, or (`is_head`) only its first rows.
    """
    if not table.records:
        return {header: Cells(header) for header in table.headers}
    connection = duckdb.connect(":memory:", config=dict(ENGINE_SETTINGS))
    try:
        connection.execute("set threads = 1; set enable_progress_bar = false")  # one thread, so that a sample is the same every time
        wanted = min(rows, max(200, CELLS_SAMPLED // max(len(table.headers), 1)))
        part = f"limit {wanted}" if is_head else f"using sample reservoir({wanted} rows) repeatable (1)"
        sampled = part if table.records > wanted else ""
        relation = file_relation(table, False, "rejects")
        connection.execute(f"create temp table seen as select * exclude ({LINE_HEADER}) from {relation} {sampled}")
        return {header: _count(connection, header, number < COLUMNS_COUNTED) for number, header in enumerate(table.headers)}
    finally:
        connection.close()


def distinct_rows(table: TextTable, headers: Sequence[str]) -> tuple[int, int]:
    """How many rows of the file have something in these columns, and how many different things."""
    connection = duckdb.connect(":memory:", config=dict(ENGINE_SETTINGS))
    try:
        connection.execute("set enable_progress_bar = false")
        names = ", ".join('"' + header.replace('"', '""') + '"' for header in headers)
        counted = connection.execute(
            f"select coalesce(sum(rows), 0)::bigint, count(*) from (select {names}, count(*) as rows "
            f"from {file_relation(table, False, 'rejects')} group by all)"
        ).fetchone()
        return (int(counted[0]), int(counted[1])) if counted else (0, 0)
    finally:
        connection.close()


def _count(connection: duckdb.DuckDBPyConnection, header: str, is_counted: bool) -> Cells:
    if not is_counted:
        return Cells(header)
    name = '"' + header.replace('"', '""') + '"'
    cells = f"(select nullif(trim({name}, '{SPACES}'), '') as cell from seen)"
    filled, distinct = connection.execute(f"select count(cell), count(distinct cell) from {cells}").fetchone() or (0, 0)
    counted = connection.execute(
        f"select cell, count(*) as rows from {cells} where cell is not null group by cell order by rows desc, cell limit {DISTINCT_KEPT}"
    ).fetchall()
    return Cells(header, filled, distinct, dict(counted))
