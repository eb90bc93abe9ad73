"""How is a text written into a CSV or workbook so that no spreadsheet runs it as a formula?

Everything that writes files for people uses this: texts beginning with one of `FORMULA_SIGNS` get an apostrophe in CSV and stay
plain text cells in workbooks; what reads as a number (-5, +855 12 345 678) is left as it is.
"""

from __future__ import annotations

import re
from typing import IO, Any

import pandas as pd
import xlsxwriter

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = r"[+-]?[0-9][0-9 .,]*(?:[eE][+-]?[0-9]+)?"


def without_formula(value: object) -> object:
    """A text that a spreadsheet would run gets an apostrophe in front; everything else is given back as it is."""
    is_formula = isinstance(value, str) and value.startswith(FORMULA_SIGNS) and not re.fullmatch(_NUMBER, value)
    return f"'{value}" if is_formula else value


def without_formula_sql(expression: str) -> str:
    """The same in DuckDB's SQL, for a text expression."""
    signs = ", ".join(f"chr({ord(sign)})" for sign in FORMULA_SIGNS)
    is_formula = f"left({expression}, 1) in ({signs}) and not regexp_full_match({expression}, '{_NUMBER}')"
    return f"case when {is_formula} then '''' || {expression} else {expression} end"


def table_without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """A copy of the table with no text, header included, that a spreadsheet would run."""
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]) and not pd.api.types.is_datetime64_any_dtype(safe[column]):
            safe[column] = safe[column].map(without_formula)
    return safe.rename(columns=without_formula)


def to_csv(table: pd.DataFrame) -> bytes:
    """UTF-8 with a mark at the beginning, so that Excel opens Khmer rightly; texts cannot run."""
    return table_without_formulas(table).to_csv(index=False).encode("utf-8-sig")


def workbook(target: IO[bytes] | str) -> Any:
    """A new workbook in which a text stays a text: no formulas, no links, no numbers made of texts."""
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(target, options)
