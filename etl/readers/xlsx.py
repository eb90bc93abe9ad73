"""What do the sheets of a workbook hold, as text? XLSX, XLSM, XLSB, XLS and ODS, by calamine; formulas give the value last shown."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from etl.readers import Grid, Opened, TextTable, dhis2, kobo
from etl.readers.layout import write_table
from warehouse import Problem

MOST_SHEETS = 200
MOST_ROWS, MOST_LETTERS = 1_048_576, 16_384  # of a sheet, as Excel counts
HIDDEN_SHEET = "The sheet is hidden in Excel, so its rows do not count. If they should, unhide it and save the workbook."
MIDNIGHT = datetime.time()


def open_workbook(path: Path, folder: Path, kind: str = "xlsx", name: str = "") -> Opened:
    """Every sheet of a workbook that holds a table, as tidy copies in `folder`. Raises Problem when the workbook cannot be read."""
    name = name or path.name
    try:
        with path.open("rb") as opened:
            workbook = CalamineWorkbook.from_filelike(opened)
    except PasswordError as error:
        raise locked(name) from error
    except CalamineError as error:
        raise _broken(name) from error
    listed = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    sheets = [sheet.name for sheet in listed if sheet.visible == SheetVisibleEnum.Visible]
    if len(sheets) > MOST_SHEETS:
        raise Problem(
            what=f"{name} has {len(sheets):,} sheets.",
            meaning=f"A workbook may have {MOST_SHEETS}, so it was not loaded.",
            action="Put the sheets with records into a workbook of their own.",
        )
    grids = []
    unused = [(sheet.name, HIDDEN_SHEET) for sheet in listed if sheet.name not in sheets]
    for sheet in sheets:
        try:
            grids.append(grid_of(workbook.get_sheet_by_name(sheet), kind))
        except CalamineError:
            unused.append((sheet, str(_broken(f"The sheet {sheet}"))))
    return tables_of(grids, folder, unused, name)


def tables_of(grids: list[Grid], folder: Path, unused: list[tuple[str, str]], name: str) -> Opened:
    """The sheets as tables: those of a form or of DHIS2 in their own shape, all others as they are laid out."""
    if grids and _is_kobo(grids[0]):
        export = kobo.write_workbook(grids, folder)
        return Opened(export.tables, (*unused, *export.unused))
    tables: list[TextTable] = []
    for number, grid in enumerate(grids):
        try:
            copy = folder / f"sheet{number}.csv"
            tables.append(dhis2.write_grid(grid, copy) or write_table(grid, copy))
        except Problem as problem:
            unused.append((grid.sheet, str(problem)))
    if not tables:
        reasons = " ".join(reason for _, reason in unused[:3])
        meaning = f"Nothing was loaded from it. {reasons}".strip()
        raise Problem(f"{name} holds no table.", meaning, "Put the records on a sheet, with the column names in its first line.")
    if len(grids) == 1:
        tables = [TextTable(**{**tables[0].__dict__, "sheet": ""})]
    return Opened(tuple(tables), tuple(unused))


def grid_of(sheet: CalamineSheet, kind: str) -> Grid:
    """A sheet as rows of text; lines are counted as Excel shows them. Raises CalamineError for a cell where no sheet can have one."""
    if sheet.end is not None and (sheet.end[0] >= MOST_ROWS or sheet.end[1] >= MOST_LETTERS):
        raise CalamineError(f"a cell at {sheet.end}")
    left = sheet.start[1] if sheet.start else 0
    merged = [(top + 1, first - left, bottom + 1, last - left) for (top, first), (bottom, last) in sheet.merged_cell_ranges or []]
    return Grid(sheet.name, _rows(sheet), kind, merged)


def locked(name: str) -> Problem:
    """The sentence for a workbook that only opens with a password."""
    return Problem(
        what=f"{name} is protected by a password.",
        meaning="It cannot be read without it, so nothing was loaded from it.",
        action="Open it in Excel, take the password off (File, Info, Protect Workbook, Encrypt with Password, empty it) and save it again.",
    )


def _broken(name: str) -> Problem:
    return Problem(
        what=f"{name} cannot be read as a workbook.",
        meaning="It is damaged, cut short or not what it says it is, so nothing was loaded from it.",
        action="Open it in Excel, save it again as a workbook (.xlsx) or as CSV (UTF-8), and put that in its place.",
    )


def _is_kobo(grid: Grid) -> bool:
    """Look at the first row; the grid is left as it was."""
    rows = iter(grid.rows)
    first = next(rows, None)

    def whole() -> Iterator[tuple[int, list[str]]]:
        if first is not None:
            yield first
        yield from rows

    grid.rows = whole()
    return first is not None and kobo.is_kobo(first[1])


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row that holds something."""
    for line, row in enumerate(sheet.iter_rows(), 1):
        cells = [cell if type(cell) is str else AS_TEXT[type(cell)](cell) for cell in row]
        if any(cells):
            yield line, cells


def number_text(number: float) -> str:
    """A number as people write it: 12.0 is 12, and no more than the fifteen figures a spreadsheet keeps."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.15g}"


def _moment(moment: datetime.datetime) -> str:
    return moment.date().isoformat() if moment.time() == MIDNIGHT else moment.isoformat(timespec="seconds")


def _duration(duration: datetime.timedelta) -> str:
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


AS_TEXT: dict[type, Callable[[Any], str]] = {
    str: str,
    float: number_text,
    int: str,
    bool: lambda value: "true" if value else "false",
    datetime.date: datetime.date.isoformat,
    datetime.datetime: _moment,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: _duration,
}
