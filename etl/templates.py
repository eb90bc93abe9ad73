"""Which blank Excel workbook can an office fill in, so that it loads as it is? One a source, made of the contract and nothing else.

The first sheet holds the rows: the contract's names in its first line, lists to choose from, dates as dates, codes as text. Sheets whose
names begin with an underscore are for people (`_columns`, `_places`) or for Excel (`_lists`, hidden); they are no data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from etl import words
from etl.contract import NUMBERS, TYPE_WORDS, Column, Source
from etl.forms import MADE, PLACES, Choice, choices_of, hint, known_registers
from etl.sources import SOURCES
from text import LANGUAGES, spreadsheet, t

ROWS = 5000  # lines that are prepared; more may be written below them
DAY_FORMATS = {"date": "yyyy-mm-dd", "month": "yyyy-mm", "timestamp": "yyyy-mm-dd hh:mm:ss"}
FIRST_DAY = date(1900, 3, 1)  # Excel counts the days before it wrongly
EXCEL_TEXT = 255  # signs a comment on a list may have


def write_templates(folder: Path) -> list[Path]:
    """Write the blank workbook of every source into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    registers = known_registers()
    return [write_template(source, folder / f"{source.name}_template.xlsx", registers) for source in SOURCES]


def write_template(source: Source, path: Path, registers: Mapping[str, Sequence[Choice]] | None = None) -> Path:
    """Write the blank workbook of one source."""
    lists = {column.name: _listed(column, registers or {}) for column in source.columns}
    with spreadsheet.workbook(str(path)) as book:
        book.set_properties({"created": MADE})
        rows = book.add_worksheet(source.name)
        _write_columns(book, source)
        if any(column.name in PLACES for column in source.columns):
            _write_places(book)
        ranges = _write_lists(book, lists)
        _write_rows_sheet(book, rows, source, ranges)
        rows.activate()
    return path


def _listed(column: Column, registers: Mapping[str, Sequence[Choice]]) -> list[str]:
    """What a cell of the column may hold; yes and no are written so, because Excel makes its own thing of true and false."""
    return ["yes", "no"] if column.type == "boolean" else [choice.name for choice in choices_of(column, registers)]


def _write_rows_sheet(book: Any, sheet: Any, source: Source, ranges: Mapping[str, str]) -> None:
    """The sheet that is filled in: header, formats, lists; the header stays in sight."""
    plain = {"bold": True, "bottom": 1, "valign": "top"}
    heads = {is_needed: book.add_format({**plain, "bg_color": "#dcebf1" if is_needed else "#f2f2f2"}) for is_needed in (True, False)}
    for place, column in enumerate(source.columns):
        number_format = DAY_FORMATS.get(column.type, "General" if column.type in NUMBERS else "@")
        sheet.set_column(place, place, max(14, len(column.name) + 2), book.add_format({"num_format": number_format}))
        sheet.write_string(0, place, column.name, heads[column.is_required])
        sheet.write_comment(0, place, _told(source, column), {"x_scale": 2.2, "y_scale": 1.4})
        rule = _validation(column, ranges)
        if rule:
            kind = "stop" if column.otherwise == "reject_row" and not column.offers else "warning"
            told = words.label(source, column, "en")[:EXCEL_TEXT]
            refusal = {"error_type": kind, "error_title": column.name[:32], "error_message": told}
            sheet.data_validation(1, place, ROWS, place, rule | refusal)
    sheet.freeze_panes(1, 0)


def _validation(column: Column, ranges: Mapping[str, str]) -> dict[str, Any]:
    if column.name in ranges:
        return {"validate": "list", "source": ranges[column.name]}
    if column.type in DAY_FORMATS:
        return {"validate": "date", "criteria": ">=", "value": FIRST_DAY}
    if column.type in NUMBERS:
        return {"validate": "decimal" if column.type == "number" else "integer", "criteria": ">=", "value": -1_000_000_000}
    return {}


def _told(source: Source, column: Column) -> str:
    """What stands in the comment on a header: the label in each language, and how the value is written."""
    labels = [words.label(source, column, code) for code in LANGUAGES]
    return "\n".join(part for part in (*labels, _written(column), hint(column, "en")) if part)


def _written(column: Column) -> str:
    if column.type == "boolean":
        return TYPE_WORDS["boolean"]
    if column.accepts:
        return ", ".join(column.accepts)
    return f"from the list of {column.reference}" if column.reference else TYPE_WORDS[column.type]


def _write_columns(book: Any, source: Source) -> None:
    """The sheet that explains every column in both languages, with an example."""
    sheet = book.add_worksheet("_columns")
    bold, wrapped = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    for place, key in enumerate(("column", "english", "khmer", "written", "needed", "example")):
        sheet.write_string(0, place, " / ".join(dict.fromkeys(t(f"forms.{key}", into=code) for code in LANGUAGES)), bold)
    for line, column in enumerate(source.columns, 1):
        marks = [t("forms.required", into=code) for code in LANGUAGES] if column.is_required else []
        marks += [hint(column, code) for code in LANGUAGES] if column.is_personal else []
        cells = (
            column.name,
            *(words.label(source, column, code) for code in LANGUAGES),
            _written(column),
            "\n".join(dict.fromkeys(marks)),
            source.example.get(column.name, "") if not column.is_personal else "",
        )
        for place, cell in enumerate(cells):
            sheet.write_string(line, place, cell, wrapped)
    sheet.set_column(0, 5, 32)
    sheet.freeze_panes(1, 0)


def _write_places(book: Any) -> None:
    """The sheet in which the code of a commune is looked up by its name."""
    sheet = book.add_worksheet("_places")
    bold = book.add_format({"bold": True, "bottom": 1})
    levels = [level.removesuffix("_code") for level in reversed(PLACES)]
    names = {level: {choice.name: choice.labels for choice in _places_of(level)} for level in levels}
    headers = [header for level in levels for header in (f"{level}_code", *(f"{level}_{code}" for code in LANGUAGES))]
    for place, header in enumerate(headers):
        sheet.write_string(0, place, header, bold)
    for line, choice in enumerate(_places_of("commune"), 1):
        codes = {"commune": choice.name, **{place.removesuffix("_code"): code for place, code in choice.within.items()}}
        cells = [cell for level in levels for cell in (codes[level], *(names[level][codes[level]][code] for code in LANGUAGES))]
        for place, cell in enumerate(cells):
            sheet.write_string(line, place, cell)
    sheet.autofilter(0, 0, len(names["commune"]), len(headers) - 1)
    sheet.set_column(0, len(headers) - 1, 20)
    sheet.freeze_panes(1, 0)


def _places_of(level: str) -> Sequence[Choice]:
    return choices_of(Column(f"{level}_code", "", reference=f"{level}s"), {})


def _write_lists(book: Any, lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The hidden sheet with the lists to choose from, if there are any; gives their ranges by column. Its headers name no column."""
    filled = {name: values for name, values in lists.items() if values}
    if not filled:
        return {}
    sheet = book.add_worksheet("_lists")
    sheet.hide()
    ranges = {}
    for place, (name, values) in enumerate(filled.items()):
        for line, value in enumerate((f"choices for {name}", *values)):
            sheet.write_string(line, place, value)
        letter = chr(ord("A") + place)
        ranges[name] = f"=_lists!${letter}$2:${letter}${len(values) + 1}"
    return ranges
