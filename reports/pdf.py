"""How does a report become a PDF? Typst sets it: Khmer is shaped, charts are its own shapes and words, everything is tagged; no browser."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import fontpkg_noto_sans
import fontpkg_noto_sans_khmer
import typst

import warehouse
from charts.model import Chart, Graph, Rows
from charts.theme import LIGHT
from charts.typeset import drawing
from reports.content import PROGRAMME, Cell, Finding, Report, Section, Squares, Table
from text import date_text, number, t

_WIDE_PT, _GUTTER_PT = 487.0, 19.0  # A4 less the margins of report.typ
_HALF_PT = (_WIDE_PT - _GUTTER_PT) / 2
_MOST_PAGES = 200
_SHORT = 12  # letters of a column that is not broken
_WIDE_PX, _HALF_PX, _LANES_PX, _ROW_PX, _MOST_ROWS_IN_HALF = 270, 235, 560, 30, 9
_STANDARD: Literal["ua-1"] = "ua-1"  # PDF/UA-1: tags, language, alternatives, a title


def to_pdf(report: Report) -> bytes:
    """The report as a tagged PDF (PDF/UA-1) with its fonts inside. Call it in the report's language (`content.looking`)."""
    made_at = report.build.built_at.replace(microsecond=0)
    made = _compiler().compile(sys_inputs={"data": _data(report)}, format="pdf", pdf_standards=[_STANDARD], timestamp=made_at)
    assert isinstance(made, bytes)
    return made


def to_pictures(report: Report, ppi: float = 100) -> list[bytes]:
    """Every page as a PNG, to look at."""
    made = _compiler().compile(sys_inputs={"data": _data(report)}, format="png", ppi=ppi)
    return [made] if isinstance(made, bytes) else list(made or [])


@cache
def _compiler() -> typst.Compiler:
    """One compiler a process: fonts are read once, nothing is asked of the system or the network."""
    folders = [Path(package.__file__ or "").parent / "files" for package in (fontpkg_noto_sans, fontpkg_noto_sans_khmer)]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    return typst.Compiler(Path(__file__).with_name("report.typ"), font_paths=fonts)


def _data(report: Report) -> str:
    """Everything the template reads, as JSON."""
    build = report.build
    said = {name: t(f"report.{name}") for name in (
        "report", "contents", "link", "in_short", "others", "where", "framework", "arrived", "notes", "definitions", "annex", "verdicts",
    )}  # fmt: skip
    said |= {"demonstration": t("frame.demonstration")}
    said |= {"made_from": t("report.made_from", build=build.build_id, date=date_text(build.data_to))}
    return json.dumps(
        {
            "app": t("app.name"), "language": report.language, "colours": dict(LIGHT), "title": report.title, "place": report.place,
            "lead": report.lead, "facts": report.facts, "kind": report.kind, "link": report.link, "words": said,
            "keywords": [report.where.place or PROGRAMME, build.build_id],
            "gutter": _GUTTER_PT, "how_read": report.how_read, "others": report.others,
            "n_sections": _n_sections(report), "page_of": t("report.page", page="{page}", pages="{pages}"),
            "digits": [number(page) for page in range(1, _MOST_PAGES)],
            "logo": _logo(), "findings": [_finding(finding) for finding in report.findings],
            "squares": _squares(report.squares), "verdicts": [_table(table) for table in report.verdicts],
            "sections": [_section(section) for section in report.sections],
            "framework": _table(report.framework) if report.framework else None,
            "arrived": report.arrived, "set_aside": [_table(table) for table in report.set_aside],
            "definitions": report.definitions, "notes": report.notes,
        },
        ensure_ascii=False,
    )  # fmt: skip


def _n_sections(report: Report) -> int:
    """How many lines the table of contents has."""
    return len(report.sections) + 4 + (report.squares is not None or bool(report.verdicts)) + (report.framework is not None)


@cache
def _logo() -> str:
    return (warehouse.REPOSITORY / "static" / "logo.svg").read_text(encoding="utf-8")


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "subject": finding.subject, "word": str(finding.word), "chip": finding.chip, "text": finding.text, "basis": finding.basis,
        "change": finding.change, "pair": finding.pair if finding.is_told else None, "is_loud": finding.is_loud,
    }  # fmt: skip


def _squares(squares: Squares | None) -> dict[str, Any] | None:
    return vars(squares) if squares else None


def _table(table: Table) -> dict[str, Any]:
    rows = [[{"text": cell.text, "word": str(cell.word) if cell.word else None} for cell in row] for row in table.rows]
    return {
        "title": table.title, "about": table.about, "note": table.note, "head": table.head, "rows": rows, "is_number": table.is_number,
        "widths": _widths(table), "groups": table.groups,
    }  # fmt: skip


def _widths(table: Table) -> list[float]:
    """The share of the width for each column: as long as its longest text, within reason, and as the longest word of its head."""
    columns: list[list[Cell]] = [list(column) for column in zip(*table.rows, strict=True)] or [[] for _ in table.head]
    widths = []
    for head, is_number, cells in zip(table.head, table.is_number, columns, strict=True):
        longest = max((_letters(cell.text) for cell in cells), default=1)
        is_short = is_number or any(cell.word for cell in cells)
        words = max(map(_letters, head.replace("\u200b", " ").split()), default=1)
        room = 8 if any(cell.word for cell in cells) else 2
        widths.append(max(words + 2, longest + room if is_short or longest <= _SHORT else min(0.6 * longest, 36), 4.5))
    return widths


def _letters(text: str) -> int:
    """How many letters a text has beside each other: signs over or under another, and breaks without width, take no room."""
    return sum(not unicodedata.category(letter).startswith(("Mn", "Cf")) for letter in text)


def _section(section: Section) -> dict[str, Any]:
    """Charts stand in pairs; a timeline and many rows take the whole width, and of an odd number of others the first does."""
    shown = [figure.chart for figure in section.figures]
    wide = {place for place, chart in enumerate(shown) if _needs_width(chart)}
    if (len(shown) - len(wide)) % 2:
        wide.add(next(place for place in range(len(shown)) if place not in wide))
    return {
        "title": section.title,
        "text": section.text,
        "figures": [
            {
                "title": chart.title,
                "subtitle": chart.subtitle,
                "alt": chart.alt or chart.title,
                "is_wide": place in wide,
                "drawing": drawing(_flat(chart, is_wide=place in wide), _WIDE_PT if place in wide else _HALF_PT).removeprefix("#"),
                "source": " ".join(filter(None, (chart.source, chart.caveat))),
            }
            for place, chart in enumerate(shown)
        ],
    }


def _needs_width(chart: Chart) -> bool:
    drawn = chart.drawing
    return len(drawn.panels) > 1 if isinstance(drawn, Graph) else len(drawn.rows) > _MOST_ROWS_IN_HALF


def _flat(chart: Chart, *, is_wide: bool) -> Chart:
    """The chart as low as paper needs it, so that a question and its proof share a page."""
    drawn = chart.drawing
    if isinstance(drawn, Rows):
        return replace(chart, drawing=replace(drawn, row_height=min(drawn.row_height, _ROW_PX)))
    return replace(
        chart, drawing=replace(drawn, height=min(drawn.height, _LANES_PX if len(drawn.panels) > 1 else _WIDE_PX if is_wide else _HALF_PX))
    )
