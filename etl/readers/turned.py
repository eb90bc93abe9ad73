"""How do columns that a mapping declares become rows? One row a filled cell, each with its line in the file."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from etl.contract import SPACES
from etl.readers import LONGEST_LINE, TextTable, TidyCopy, distinct_headers
from etl.readers import csv as csv_reader

FACT = "columns_to_rows"


def turn(table: TextTable, columns: Collection[str], header: str, cell: str, copy: Path) -> TextTable:
    """The table without `columns` but with two more: `header` holds the header of one of them, `cell` its cell. Empty cells make no row.

    `columns` are headers of the table. Rows that do not fit under the header stay one row each, in `ragged`.
    """
    if not table.is_tidy:
        plain = csv_reader.tidy(table.path, table.encoding, table.separator, copy.with_suffix(".plain.csv"))
        table = replace(table, path=plain.path, separator=",", is_tidy=True, ragged=plain.ragged)
    csv.field_size_limit(LONGEST_LINE)
    across = [(place, name) for place, name in enumerate(table.headers, 1) if name in columns]
    staying = [(place, name) for place, name in enumerate(table.headers, 1) if name not in columns]
    headers = distinct_headers([*(name for _, name in staying), header, cell])
    with table.path.open(encoding="utf-8", newline="") as lines, TidyCopy(copy, headers) as written:
        for cells in (rows := csv.reader(lines)):
            if rows.line_num == 1:
                continue
            kept = [cells[place] for place, _ in staying]
            for place, name in across:
                if cells[place].strip(SPACES):
                    written.row(int(cells[0]), [*kept, name, cells[place]])
        turned = written.table()
    return replace(table, path=turned.path, headers=headers, records=turned.records, facts=(*table.facts, FACT))
