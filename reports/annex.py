"""Which numbers stand behind a report? All of them as numbers in one workbook: a sheet a section, and one that says what it is."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from charts.words import label
from metrics import export, read_verdicts
from metrics.query import Filters
from reports import ask, judged
from reports.content import Report, Table
from text import spreadsheet, t

Value = str | float | int | None


def to_xlsx(report: Report) -> bytes:
    """The workbook of a report. Call it in the report's language, looking at its build (`content.looking`)."""
    buffer = io.BytesIO()
    with spreadsheet.workbook(buffer) as book:
        made = _Book(book, report.kind and t("frame.demonstration") + ". " + report.kind)
        made.sheet(t("report.sheet.about"), (), _about(report))
        made.sheet(t("report.sheet.findings"), *_findings(report))
        verdicts = _verdicts(report.where, report.build.build_id)
        if len(verdicts):
            made.sheet(t("report.sheet.verdicts"), list(verdicts.columns), verdicts.itertuples(index=False, name=None))
        for table in report.verdicts:
            made.table(table.title, table)
        if report.framework:
            made.table(t("report.sheet.framework"), report.framework)
        for number_of, figure in enumerate((figure for section in report.sections for figure in section.figures), 1):
            chart = figure.chart
            sheet = made.add(t("report.sheet.figure", n=number_of))
            words = [chart.title, f"{chart.subtitle} {chart.source} {chart.caveat}".strip()]
            top = 0
            for result in figure.results:
                top = export.write_table(book, sheet, result, [*made.above, *words] if not top else [], top) + 1
        for table in report.set_aside:
            if table.key != "rules":
                made.table(table.title, table)
        rules = ask.book("rules_broken")
        if len(rules):
            head = [t(f"deliveries.{name}") for name in ("source", "sentence", "outcome", "rows")]
            rows = rules[["source", "sentence", "outcome", "rows"]].itertuples(index=False, name=None)
            made.sheet(t("deliveries.rules"), head, rows)
        made.sheet(t("report.sheet.definitions"), (), report.definitions)
    return buffer.getvalue()


class _Book:
    """A workbook in which every sheet has a name of its own and says on top that its figures are invented, where they are."""

    def __init__(self, book: Any, invented: str) -> None:
        self.book, self.above = book, [invented] if invented else []
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.banner = book.add_format({"bold": True, "font_color": "#6B3FA0"})
        self.names: set[str] = set()

    def add(self, title: str) -> Any:
        """A sheet; its name has at most 31 letters and none of those that workbooks forbid."""
        plain = "".join(letter for letter in title if letter not in "[]:*?/\\'\u200b")[:31].strip()
        name, n = plain, 2
        while name.lower() in self.names:
            name, n = f"{plain[:28]} {n}", n + 1
        self.names.add(name.lower())
        return self.book.add_worksheet(name)

    def sheet(self, title: str, head: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
        """A sheet of rows under a head; numbers stay numbers."""
        sheet = self.add(title)
        top = 0
        for line in self.above:
            sheet.write_string(top, 0, line, self.banner)
            top += 1
        for column, name in enumerate(head):
            sheet.write_string(top, column, name, self.head)
        top += bool(head)
        sheet.freeze_panes(top, 0)
        for row, values in enumerate(rows, top):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    sheet.write_string(row, column, value, self.wrapped)
                elif value is not None and not math.isnan(value):
                    sheet.write_number(row, column, value)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 90 if not head else 24)
        sheet.set_column(2, max(len(head), 3), 18)

    def table(self, title: str, table: Table) -> None:
        """A table of the report: the figure where a cell is one, else its words."""
        groups = [name for name, n in table.groups for _ in range(n)] or [""] * len(table.head)
        head = [f"{group} {name}".strip() for group, name in zip(groups, table.head, strict=True)]
        self.sheet(title, head, [[cell.text if cell.value is None else cell.value for cell in row] for row in table.rows])


def _about(report: Report) -> list[tuple[str, str]]:
    own = [(t("report.report"), report.title), *report.facts, (t("report.link"), report.link), (t("report.in_short"), report.lead)]
    return [*own, (t("report.findings"), report.how_read), *report.others, *report.notes, (t("report.arrived"), " ".join(report.arrived))]


def _findings(report: Report) -> tuple[list[str], list[list[Value]]]:
    """Every promise with its figures: before, after, difference and its likely range, and what they rest on."""
    head = [
        t("verdict.measure"), t("verdict.verdict"), t("report.sentence"), t("report.before"), t("report.after"), t("report.unit"),
        t("report.difference"), t("report.low"), t("report.high"), t("report.unit"), t("verdict.number.records_before"),
        t("verdict.number.records_after"), t("report.communes_in"), t("table.base_alone"),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for finding in report.findings:
        found = finding.compared
        unit = "%" if found.metric.unit == "%" else t(f"unit.{found.metric.unit}.many")
        of_difference = "%" if found.relative else t("unit.points.many") if found.metric.unit == "%" else unit
        rows.append(
            [
                f"{finding.subject} ({label(found.metric)})", finding.chip, finding.text, found.before, found.after, unit, found.difference,
                found.low, found.high, of_difference, found.n_before, found.n_after, found.communes, finding.basis,
            ]
        )  # fmt: skip
    return head, rows


def _verdicts(where: Filters, build_id: str) -> pd.DataFrame:
    """Every verdict on the communes of the place, and service by service of one commune."""
    place = Filters(province=where.province, district=where.district, commune=where.commune)
    found = [read_verdicts.table(place, None, build_id)]
    if where.commune:
        found.append(read_verdicts.table_of_services(where.commune, build_id))
    rows = pd.concat([each for each in found if len(each)]) if any(map(len, found)) else pd.DataFrame()
    return judged.readable(rows) if len(rows) else rows
