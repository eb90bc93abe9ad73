"""What does a Parquet file hold, as text?"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from etl.readers import Opened, TidyCopy, distinct_headers
from etl.readers.xlsx import AS_TEXT
from warehouse import Problem, disk_problem

ROWS_AT_ONCE = 10_000


def open_parquet(path: Path, copy: Path, name: str = "", sheet: str = "") -> Opened:
    """A Parquet file as a tidy copy; the line of a record is its place in the file, counted from 1. Raises Problem when it is damaged."""
    name = name or path.name
    try:
        with pq.ParquetFile(path) as file:
            headers = distinct_headers(file.schema_arrow.names)
            if not headers:
                raise Problem(f"{name} holds no table.", "It has no columns, so nothing was loaded from it.", "Export it again.")
            with TidyCopy(copy, headers) as written:
                for batch in file.iter_batches(ROWS_AT_ONCE):
                    columns = [list(map(_text, column.to_pylist())) for column in batch.columns]
                    for cells in zip(*columns, strict=True):
                        written.row(written.records + 1, cells)
                return Opened((written.table(sheet=sheet, format="parquet"),))
    except (pa.ArrowException, OSError, ValueError, OverflowError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and disk_problem(error):
            raise
        raise Problem(
            what=f"{name} cannot be read as Parquet.",
            meaning="It is damaged or cut short, so nothing was loaded from it.",
            action="Export it again, or save it as CSV (UTF-8).",
        ) from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    return OTHER_AS_TEXT.get(type(value), str)(value)


def _decimal(value: decimal.Decimal) -> str:
    return f"{value.to_integral_value():f}" if value == value.to_integral_value() else f"{value.normalize():f}"


OTHER_AS_TEXT: dict[type, Callable[[Any], str]] = {
    **AS_TEXT,
    decimal.Decimal: _decimal,
    bytes: lambda value: value.decode("utf-8", "replace"),
    list: lambda value: " ".join(map(_text, value)),
}
