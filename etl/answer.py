"""What does the office that sent a file get back? A workbook with the rows it must put right, each with what is wrong beside it."""

from __future__ import annotations

import io
import json

import pandas as pd

from etl.quality import Load
from text import number, spreadsheet, t

WIDEST = 60


def workbook(load: Load, rows: pd.DataFrame) -> bytes:
    """One sheet: what became of the file, then its rows set aside (line, reasons, the cells that everybody may see).

    `rows`: columns line, reasons, row_masked (a JSON object of header -> cell, or a mask where the row does not fit under the header).
    """
    cells = [_cells(row) for row in rows["row_masked"]]
    headers = list(dict.fromkeys(header for row in cells for header in row))
    buffer = io.BytesIO()
    with spreadsheet.workbook(buffer) as book:
        bold, wrapped = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
        marked = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FDEBDD", "font_color": "#B34700"})
        sheet = book.add_worksheet(t("answer.sheet")[:31])
        sheet.write_string(0, 0, t("answer.title", file=load.title), book.add_format({"bold": True, "font_size": 14}))
        counts = {"read": load.rows_read, "loaded": load.rows_loaded, "aside": load.rows_set_aside}
        books = [t("answer.books", **{name: number(count) for name, count in counts.items()})]
        gone = {"superseded": load.rows_superseded, "deleted": load.rows_deleted}
        books += [t(f"answer.{name}", rows=number(count)) for name, count in gone.items() if count]
        sheet.write_string(1, 0, " ".join(books))
        sheet.write_string(2, 0, t("answer.what_to_do"))
        top = 4
        for column, header in enumerate((t("answer.line"), t("answer.reasons"), *headers)):
            sheet.write_string(top, column, header, bold)
        for at, (line, reasons, row) in enumerate(zip(rows["line"], rows["reasons"], cells, strict=True), top + 1):
            sheet.write_number(at, 0, int(line), wrapped)
            sheet.write_string(at, 1, str(reasons), marked)
            for column, header in enumerate(headers, 2):
                sheet.write_string(at, column, row.get(header, ""), wrapped)
        sheet.set_column(0, 0, 8)
        sheet.set_column(1, 1, WIDEST)
        sheet.set_column(2, 1 + len(headers), 18)
        sheet.freeze_panes(top + 1, 2)
    return buffer.getvalue()


def _cells(row_masked: str) -> dict[str, str]:
    try:
        read = json.loads(row_masked)
    except json.JSONDecodeError:
        read = None
    if not isinstance(read, dict):
        return {}
    return {header: "" if value is None else str(value) for header, value in read.items()}
