"""How does a table leave the house? As CSV, XLSX or JSON, each telling what it is and where it comes from.

A CSV stays a plain table that Excel and pandas read: build, data date, filters and kind of data stand in columns of their own,
definitions, caveats and the link in the column `about` of the first row. XLSX has a sheet About; JSON carries the same beside its rows.
Answers to queries and tables that are none (a register, the books of a build) go the same way.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

import warehouse
from metrics import permalink, places
from metrics.limits import LIMIT_COLUMNS
from metrics.model import Metric
from metrics.query import HIDDEN, HIGH, LOW, NO_DATA, NOT_REACHED, SHOWN, Result
from text import language, spreadsheet, t

PRIVACY = (
    "Figures that rest on 1 to 9 people or requests are hidden, with as many others as it takes that they cannot be worked out."
)
DIFFERENCES = "A difference that comes from 1 to 9 people or requests is not told."
LONGEST_CELL = 32_000  # of a workbook
_OF_EVERY_ROW = ("build_id", "data_to", "filters", "data")  # columns of their own in a CSV
_IN_WORDS = {
    SHOWN: "",
    HIDDEN: "Hidden to protect small groups",
    NO_DATA: "No data",
    LOW: "<10 %",
    HIGH: ">90 %",
    NOT_REACHED: "More than {low} days",
}


@dataclass(frozen=True)
class Told:
    """A table that is no answer to a query, with what is said about it: what it is and its caveats, the choices it was made with, the
    measures it is about, and the address that shows it again.
    """

    table: pd.DataFrame
    build: warehouse.Build
    what: str
    filters: Mapping[str, str] = field(default_factory=dict)
    measures: tuple[Metric, ...] = ()
    link: str = ""

    @property
    def about(self) -> dict[str, str]:
        """What stands beside the figures: label -> text."""
        return {
            "data": kind(self.build.is_demonstration),
            "build_id": self.build.build_id,
            "data_to": str(self.build.data_to or ""),
            "filters": _chosen(self.filters),
            "link": self.link,
            "what it is": self.what,
            **_definitions(self.measures),
            "privacy": PRIVACY,
        }


def about(result: Result, base: str | None = None) -> dict[str, str]:
    """What stands beside the figures of an answer in every export: label -> text. `base`: where the dashboard was opened."""
    given = {**result.query.where.given(), **({"since": result.query.since} if result.query.since else {})}
    lines = {
        "data": kind(result.is_demonstration),
        "build_id": result.build_id,
        "data_to": str(result.data_to or ""),
        "filters": _chosen(given),
        "breakdown": ", ".join((*result.query.by, *((result.query.period,) if result.query.period else ()))) or "none",
        "link": permalink.of_question(result.query, result.build_id, base),
        "privacy": PRIVACY,
        **_definitions(result.metrics),
    }
    if result.notes:
        lines["notes"] = " ".join(result.notes)
    return lines


def _definitions(metrics: Sequence[Metric]) -> dict[str, str]:
    return {_label(metric): f"{_words(metric, 'definition')} {_words(metric, 'caveat')}".strip() for metric in metrics}


def _chosen(filters: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in filters.items()) or "none"


def kind(is_demonstration: bool) -> str:
    """Whether figures are real, said as loudly as it must be."""
    return "DEMONSTRATION DATA, invented; not about real places or people" if is_demonstration else "real data"


def to_csv(result: Result, base: str | None = None) -> bytes:
    """UTF-8 with a mark at the beginning, so that Excel opens Khmer rightly; columns by their plain names."""
    return _csv(places.with_names(result.table, result.build_id, language()), about(result, base))


def table_to_csv(told: Told) -> bytes:
    """The same of a table that is no answer to a query."""
    return _csv(told.table, told.about)


def _csv(table: pd.DataFrame, lines: Mapping[str, str]) -> bytes:
    table = table.assign(**{name: lines[name] for name in _OF_EVERY_ROW})
    said = " | ".join(f"{name}: {text}" for name, text in lines.items() if name not in _OF_EVERY_ROW and text)
    table["about"] = [said if row == 0 else "" for row in range(len(table))]
    return spreadsheet.to_csv(table)


def to_xlsx(result: Result, base: str | None = None) -> bytes:
    """A workbook with the sheets Table (labels as headers, hidden figures in words) and About, with the SQL."""
    lines = {**about(result, base), "sql": result.sql[:LONGEST_CELL]}
    return _workbook(_as_cells(result), lines, is_demonstration=result.is_demonstration)


def table_to_xlsx(told: Told) -> bytes:
    """The same of a table that is no answer to a query."""
    return _workbook(Cells(told.table), told.about, is_demonstration=told.build.is_demonstration)


def write_table(book: Any, sheet: Any, result: Result, above: Sequence[str], top: int = 0) -> int:
    """Write an answer on a sheet of a workbook from row `top` on: the lines `above` it in bold, labels as headers, figures as numbers,
    hidden ones in words. Gives the first row that is free.
    """
    return _write_cells(book, sheet, _as_cells(result), above, top)


@dataclass(frozen=True)
class Cells:
    """A table for a sheet. `labels`: headers that differ from the columns' names; `decimals` of columns; `instead`: the words in a cell
    without a value, by column and row.
    """

    table: pd.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, int] = field(default_factory=dict)
    instead: Callable[[str, int], str] = lambda column, row: ""


def _as_cells(result: Result) -> Cells:
    table = places.with_names(result.table, result.build_id, language())
    labels = {column: label for metric in result.metrics for column, label in _headers(metric).items()}
    of = {column: metric for metric in result.metrics for column in table.columns if column in metric.columns}

    def instead(column: str, row: int) -> str:
        measure = of.get(column)
        return _in_words(measure, table.iloc[row]) if measure is not None and column == measure.name else ""

    return Cells(table, labels, {column: metric.decimals for column, metric in of.items() if not column.endswith("_n")}, instead)


def _write_cells(book: Any, sheet: Any, cells: Cells, above: Sequence[str], top: int = 0) -> int:
    """Lines in bold, headers and cells from row `top` on; gives the first row that is free."""
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    banner, day = book.add_format({"bold": True, "font_color": "#b3541e"}), book.add_format({"num_format": "yyyy-mm-dd"})
    numbers = {n: book.add_format({"num_format": "#,##0" + ("." + "0" * n if n else "")}) for n in cells.decimals.values()}
    first = top
    for line in above:
        sheet.write_string(top, 0, line, banner)
        top += 1
    for place, column in enumerate(cells.table.columns):
        sheet.write_string(top, place, cells.labels.get(column, str(column).replace("_", " ")), head)
        style = numbers.get(cells.decimals[column]) if column in cells.decimals else None
        for row, value in enumerate(cells.table[column]):
            _write_cell(sheet, top + 1 + row, place, value, cells.instead(column, row) if _is_missing(value) else "", style, day)
    if first == 0:
        sheet.freeze_panes(top + 1, 0)
    sheet.set_column(0, len(cells.table.columns), 16)
    return top + 1 + len(cells.table)


def _workbook(cells: Cells, lines: Mapping[str, str], *, is_demonstration: bool) -> bytes:
    """The sheets Table and About."""
    buffer = io.BytesIO()
    with spreadsheet.workbook(buffer) as book:
        _write_cells(book, book.add_worksheet("Table"), cells, [lines["data"]] if is_demonstration else [])
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        notes = book.add_worksheet("About")
        for row, (name, text) in enumerate(lines.items()):
            notes.write_string(row, 0, name, head)
            notes.write_string(row, 1, text, wrapped)
        notes.set_column(0, 0, 28)
        notes.set_column(1, 1, 110)
    return buffer.getvalue()


def _write_cell(sheet: Any, row: int, place: int, value: Any, instead: str, number: Any, day: Any) -> None:
    """One cell by what it holds: a day, a number, else a text, which never runs."""
    if _is_missing(value):
        if instead:
            sheet.write_string(row, place, instead)
    elif isinstance(value, pd.Timestamp | datetime):
        sheet.write_datetime(row, place, pd.Timestamp(value).tz_localize(None).to_pydatetime(), day)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), day)
    elif isinstance(value, bool | np.bool_):
        sheet.write_boolean(row, place, bool(value))
    elif isinstance(value, int | float | np.number):
        sheet.write_number(row, place, value, number)
    else:
        sheet.write_string(row, place, str(value)[:LONGEST_CELL])


def to_json(result: Result, base: str | None = None) -> bytes:
    """{"about": {...}, "rows": [...]}; a figure that is not told is null and its status says why."""
    table = places.with_names(result.table, result.build_id, language())
    rows = [
        {column: None if _is_missing(value) else str(value) if column == "period_start" else value for column, value in row.items()}
        for row in table.to_dict("records")
    ]
    return json.dumps({"about": {**about(result, base), "sql": result.sql}, "rows": rows}, ensure_ascii=False, indent=1).encode()


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
    return value is None or (not isinstance(value, list | tuple | np.ndarray | dict) and bool(pd.isna(value)))  # type: ignore[call-overload]
