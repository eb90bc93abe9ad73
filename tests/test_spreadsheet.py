"""Can a text in a file that we write ever run as a formula?"""

from __future__ import annotations

import ast
import io
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest
from small_files import Write, rows_of

from etl import pipeline, sources
from etl.forget import forget
from text import spreadsheet
from warehouse import REPOSITORY

ROOMS = ("charts", "dashboard.py", "etl", "metrics", "pages", "reports", "stats", "text", "ui", "warehouse.py")
NOT_FOR_PEOPLE = {"etl/readers", "etl/sample"}  # copies the engine reads and nobody opens; invented records
DANGEROUS = ("=1+1", "+cmd|'/C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-", "=")
HARMLESS = ("", "-5", "+855 12 345 678", "-1,234.5", "1e5", "text", "a=b", "ល្អ", "'=1")


@pytest.mark.parametrize("cell", DANGEROUS)
def test_a_text_that_would_run_gets_an_apostrophe(cell: str) -> None:
    assert spreadsheet.without_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_numbers_and_other_texts_stay_as_they_are(cell: str) -> None:
    assert spreadsheet.without_formula(cell) == cell


@pytest.mark.parametrize("cell", (*DANGEROUS, *HARMLESS))
def test_sql_says_the_same(cell: str) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(f"select {spreadsheet.without_formula_sql('$1')}", [cell]).fetchone()
    assert found == (spreadsheet.without_formula(cell),)


def test_headers_are_texts_too_and_numbers_stay_numbers() -> None:
    written = spreadsheet.to_csv(pd.DataFrame({"=header": ["=x", None], "n": [-1, 2]})).decode("utf-8-sig")
    assert written == "'=header,n\n'=x,-1\n,2\n"


def test_a_workbook_keeps_a_text_a_text() -> None:
    buffer = io.BytesIO()
    with spreadsheet.workbook(buffer) as book:
        sheet = book.add_worksheet()
        for line, cell in enumerate(("=1+1", "http://example.org", "007")):
            sheet.write(line, 0, cell)
    cells = [row[0] for row in openpyxl.load_workbook(buffer).worksheets[0].iter_rows()]
    assert [(cell.value, cell.data_type) for cell in cells] == [("=1+1", "s"), ("http://example.org", "s"), ("007", "s")]


def writers(path: Path) -> list[int]:
    """Lines at which a module makes a CSV or a workbook by itself."""
    lines = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            name = node.func.attr
            own_way = (owner, name) in {("csv", "writer"), ("csv", "DictWriter"), ("xlsxwriter", "Workbook"), ("openpyxl", "Workbook")}
            if own_way or (name in ("to_csv", "to_excel") and owner not in ("spreadsheet", "export")):
                lines.append(node.lineno)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lstrip().lower().startswith("copy ("):
            lines.append(node.lineno)
    return lines


def test_whoever_writes_a_file_for_people_uses_the_one_way_of_writing_texts() -> None:
    modules = [path for room in ROOMS for path in (REPOSITORY / room).rglob("*.py")] + [REPOSITORY / "warehouse.py"]
    found = {path.relative_to(REPOSITORY).as_posix(): path for path in modules if writers(path)}
    assert "etl/load.py" in found and "text/spreadsheet.py" in found
    assert [
        name
        for name, path in found.items()
        if not any(name.startswith(place) for place in NOT_FOR_PEOPLE)
        and name != "text/spreadsheet.py"
        and "without_formula" not in path.read_text(encoding="utf-8")
    ] == []


@pytest.mark.usefixtures("nothing_hidden")
def test_rows_set_aside_do_not_run_and_are_forgotten_all_the_same(data: Path, write: Write) -> None:
    requests = sources.source("service_requests")
    write("r.csv", rows_of(requests, {}, {"request_id": "=R-2", "submitted_date": "", "citizen_name": "@Sok"}))
    build = pipeline.build_warehouse(data / "inbox", False).build
    kept = data / "set_aside" / build.build_id / "r.csv"
    assert "'=R-2" in kept.read_text(encoding="utf-8") and "'@Sok" in kept.read_text(encoding="utf-8")
    assert forget("=R-2").rows[f"set_aside/{build.build_id}/r.csv"] == 1
