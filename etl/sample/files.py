"""How is a table of text written the way some office would write it? Encodings, separators, line ends, quotes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

Table = dict[str, np.ndarray]  # column name -> object array of text, all of one length


@dataclass(frozen=True)
class Style:
    """The habits of the program that saved a file. `blank_lines` is how many empty lines it left between rows."""

    encoding: str = "utf-8"
    separator: str = ","
    line_end: str = "\n"
    quote_all: bool = False
    blank_lines: int = 0


EXCEL = Style(encoding="utf-8-sig", line_end="\r\n")
EXCEL_UNICODE = Style(encoding="utf-16", separator="\t", line_end="\r\n")
KOBO = Style(separator=";", line_end="\r\n", quote_all=True)
OLD_MAC = Style(encoding="mac_roman", separator=";", line_end="\r")
OLD_WINDOWS = Style(encoding="cp1252", separator=";", line_end="\r\n")
PIPES = Style(separator="|", blank_lines=3)
TABS = Style(separator="\t")
PLAIN = Style()


def write_table(path: Path, table: Table, style: Style = PLAIN) -> None:
    """Write the table with a header; a cell is quoted where it has to be, or everywhere if that is the style."""
    columns = [_quoted([name, *table[name].tolist()], style) for name in table]
    lines = list(map(style.separator.join, zip(*columns, strict=True)))
    for number in range(style.blank_lines):
        lines.insert((number + 1) * len(lines) // (style.blank_lines + 1), "")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((style.line_end.join(lines) + style.line_end).encode(style.encoding))


def row_count(table: Table) -> int:
    """How many rows the table has."""
    return len(next(iter(table.values())))


def take(table: Table, rows: np.ndarray) -> Table:
    """These rows of the table (positions or a mask), as a new table."""
    return {name: values[rows] for name, values in table.items()}


def stack(*tables: Table) -> Table:
    """The tables, one under the other; they have the same columns."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def renamed(table: Table, headers: Mapping[str, str]) -> Table:
    """The table under other headers, where there are any."""
    return {headers.get(name, name): values for name, values in table.items()}


def from_frame(frame: pd.DataFrame) -> Table:
    """A frame of text as a table; what is missing becomes an empty cell."""
    return {str(name): frame[name].fillna("").astype(str).to_numpy(dtype=object) for name in frame}


def day_text(days: np.ndarray) -> np.ndarray:
    """Dates as 2024-03-01; no date (NaT) is an empty cell."""
    return _look_up(days.astype("datetime64[D]"), "")


def moment_text(days: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    """Dates with a time of the day (in minutes) as 2024-03-01 08:15:00."""
    clock = np.array([f" {minute // 60:02d}:{minute % 60:02d}:00" for minute in range(24 * 60)], dtype=object)
    return _look_up(days.astype("datetime64[D]"), "") + clock[minutes]


def number_text(numbers: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """Whole numbers of at least 0 as text; a cell is empty where the number is not known."""
    words = np.array([str(number) for number in range(int(numbers.max(initial=0)) + 1)], dtype=object)[numbers]
    if known is not None:
        words[~known] = ""
    return words


def yes_no_text(answers: np.ndarray, yes: str, no: str, known: np.ndarray | None = None) -> np.ndarray:
    """Answers in the office's own words; a cell is empty where nobody wrote one."""
    words = np.where(answers, yes, no).astype(object)
    if known is not None:
        words[~known] = ""
    return words


def _look_up(days: np.ndarray, missing: str) -> np.ndarray:
    """Text of each date, made once a date and not once a row."""
    is_missing = np.isnat(days)
    if is_missing.all():
        return np.full(len(days), missing, dtype=object)
    first, last = days[~is_missing].min(), days[~is_missing].max()
    words = np.array([*np.arange(first, last + 1).astype(str).tolist(), missing], dtype=object)
    positions = np.where(is_missing, np.timedelta64(len(words) - 1, "D"), days - first).astype(int)
    return words[positions]


def _quoted(cells: list[str], style: Style) -> list[str]:
    if style.quote_all:
        return ['"' + cell.replace('"', '""') + '"' for cell in cells]
    special = (style.separator, '"', "\n", "\r")
    if not any(mark in cell for cell in set(cells) for mark in special):
        return cells
    return ['"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in special) else cell for cell in cells]
