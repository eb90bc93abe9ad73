"""How does an answer leave the house? As CSV, XLSX, Parquet or JSON, each telling what it is and where it comes from.

A CSV stays a plain table that Excel and pandas read: build, data date, filters and kind of data stand in columns of their own,
definitions and caveats in the column `about` of the first row. XLSX has a sheet About; Parquet and JSON carry the same
as metadata.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import warehouse
from metrics import places
from metrics.limits import LIMIT_COLUMNS
from metrics.model import Metric
from metrics.query import HIDDEN, HIGH, LOW, NO_DATA, NOT_REACHED, SHOWN, Result
from text import language, spreadsheet, t

_IN_WORDS = {
    SHOWN: "",
    HIDDEN: "Hidden to protect small groups",
    NO_DATA: "No data",
    LOW: "<10 %",
    HIGH: ">90 %",
    NOT_REACHED: "More than {low} days",
}


def about(result: Result) -> dict[str, str]:
    """What stands beside the figures in every export: label -> text."""
    given = {**result.query.where.given(), **({"since": result.query.since} if result.query.since else {})}
    lines = {
        "data": _kind(result.is_demonstration),
        "build_id": result.build_id,
        "data_to": str(result.data_to or ""),
        "filters": ", ".join(f"{name}={value}" for name, value in given.items()) or "none",
        "breakdown": ", ".join((*result.query.by, *((result.query.period,) if result.query.period else ()))) or "none",
        "link": "?" + "&".join(f"{name}={value}" for name, value in result.query.to_params().items()),
        "privacy": "Figures that rest on 1 to 9 people or requests are hidden, "
        "with as many others as it takes that they cannot be worked out.",
    }
    for metric in result.metrics:
        lines[_label(metric)] = f"{_words(metric, 'definition')} {_words(metric, 'caveat')}".strip()
    if result.notes:
        lines["notes"] = " ".join(result.notes)
    return lines


def to_csv(result: Result) -> bytes:
    """UTF-8 with a mark at the beginning, so that Excel opens Khmer rightly; columns by their plain names."""
    lines = about(result)
    table = places.with_names(result.table, result.build_id, language())
    table = table.assign(**{name: lines[name] for name in ("build_id", "data_to", "filters", "data")})
    told = " | ".join(f"{name}: {text}" for name, text in lines.items() if name not in ("build_id", "data_to", "filters", "data", "link"))
    table["about"] = [told if row == 0 else "" for row in range(len(table))]
    return spreadsheet.to_csv(table)


def table_to_csv(table: pd.DataFrame, build: warehouse.Build, about_it: str) -> bytes:
    """A table that is no answer to a query (a register, the books of a build) as CSV, with its build, its kind of data and what it is."""
    kind = _kind(build.is_demonstration)
    told = table.assign(build_id=build.build_id, data_to=str(build.data_to or ""), data=kind)
    told["about"] = [about_it if row == 0 else "" for row in range(len(told))]
    return spreadsheet.to_csv(told)


def _kind(is_demonstration: bool) -> str:
    return "DEMONSTRATION DATA, invented; not about real places or people" if is_demonstration else "real data"


def to_xlsx(result: Result) -> bytes:
    """A workbook with the sheets Table (labels as headers, hidden figures in words) and About."""
    lines = about(result)
    buffer = io.BytesIO()
    with spreadsheet.workbook(buffer) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        write_table(book, book.add_worksheet("Table"), result, [lines["data"]] if result.is_demonstration else [])
        notes = book.add_worksheet("About")
        for row, (name, text) in enumerate(lines.items()):
            notes.write_string(row, 0, name, head)
            notes.write_string(row, 1, text, wrapped)
        notes.write_string(len(lines), 0, "sql", head)
        notes.write_string(len(lines), 1, result.sql[:32000], wrapped)
        notes.set_column(0, 0, 28)
        notes.set_column(1, 1, 110)
    return buffer.getvalue()


def write_table(book: Any, sheet: Any, result: Result, above: Sequence[str], top: int = 0) -> int:
    """Write an answer on a sheet of a workbook from row `top` on: the lines `above` it in bold, labels as headers, figures as numbers,
    hidden ones in words. Gives the first row that is free.
    """
    table = places.with_names(result.table, result.build_id, language())
    labels = {column: label for metric in result.metrics for column, label in _headers(metric).items()}
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    banner, day = book.add_format({"bold": True, "font_color": "#b3541e"}), book.add_format({"num_format": "yyyy-mm-dd"})
    formats = {
        metric.name: book.add_format({"num_format": "#,##0" + ("." + "0" * metric.decimals if metric.decimals else "")})
        for metric in result.metrics
    }
    for line in above:
        sheet.write_string(top, 0, line, banner)
        top += 1
    for place, column in enumerate(table.columns):
        sheet.write_string(top, place, labels.get(column, column.replace("_", " ")), head)
        measure = next((metric for metric in result.metrics if column in metric.columns), None)
        for row, value in enumerate(table[column], top + 1):
            if measure is not None and column == measure.name and _is_missing(value):
                sheet.write_string(row, place, _in_words(measure, table.iloc[row - top - 1]))
            elif _is_missing(value):
                continue
            elif column == "period_start":
                sheet.write_datetime(row, place, pd.Timestamp(value).to_pydatetime(), day)
            elif isinstance(value, float):
                sheet.write_number(row, place, value, formats[measure.name] if measure and not column.endswith("_n") else None)
            else:
                sheet.write_string(row, place, str(value))
    if not above or top == len(above):
        sheet.freeze_panes(top + 1, 0)
    sheet.set_column(0, len(table.columns), 16)
    return top + 1 + len(table)


def to_parquet(result: Result) -> bytes:
    """Parquet with the same columns as CSV's figures; everything else under the metadata key `commune_pulse`, as JSON."""
    table = pa.Table.from_pandas(places.with_names(result.table, result.build_id, language()), preserve_index=False)
    told = json.dumps({**about(result), "sql": result.sql}, ensure_ascii=False).encode()
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), b"commune_pulse": told}), buffer)
    return buffer.getvalue()


def to_json(result: Result) -> bytes:
    """{"about": {...}, "rows": [...]}; a figure that is not told is null and its status says why."""
    table = places.with_names(result.table, result.build_id, language())
    rows = [
        {column: None if _is_missing(value) else str(value) if column == "period_start" else value for column, value in row.items()}
        for row in table.to_dict("records")
    ]
    return json.dumps({"about": {**about(result), "sql": result.sql}, "rows": rows}, ensure_ascii=False, indent=1).encode()


def _words(metric: Metric, part: str) -> str:
    return t(f"metric.{metric.name}.{part}", otherwise=getattr(metric, part))


def _label(metric: Metric) -> str:
    return _words(metric, "label")


def _headers(metric: Metric) -> dict[str, str]:
    """Column -> header."""
    label = _label(metric)
    named = {metric.name: f"{label} ({metric.unit})", f"{metric.name}_n": f"{label}: n", f"{metric.name}_status": f"{label}: status"}
    limits = {f"{metric.name}_{name}": f"{label}: {name.replace('_', ' ')}" for name in LIMIT_COLUMNS}
    return {**named, f"{metric.name}_low": f"{label}: 95 % from", f"{metric.name}_high": f"{label}: 95 % to", **limits}


def _in_words(metric: Metric, row: pd.Series) -> str:
    """What stands in a cell that has no number."""
    low = row.get(f"{metric.name}_low", math.nan)
    told = _IN_WORDS[row[f"{metric.name}_status"]]
    return told.format(low="?" if _is_missing(low) else f"{low:g}")


def _is_missing(value: object) -> bool:
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]
