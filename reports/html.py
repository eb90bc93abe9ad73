"""How does a report become one light web page? Style and drawings inside, no script, nothing to fetch: it opens from a mail."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

import warehouse
from charts import svg
from charts.model import Chart
from charts.theme import LIGHT
from reports.content import Cell, Finding, Report, Section, Squares, Table
from text import date_text, t

CHART_PX = 340  # one width for all: fits a phone, and three stand side by side on a desk
LARGEST = 200_000  # bytes
_BREAK = "\u200b"  # where typst may break Khmer; browsers find that out by themselves
SIGNS = {"improvement": "+", "concern": "!", "no_clear_change": "=", "cannot_tell": "?"}


def to_html(report: Report) -> bytes:
    """The report as one HTML file. Call it in the report's language (`content.looking`)."""
    build = report.build
    made_from = t("report.made_from", build=build.build_id, date=date_text(build.data_to))
    title = f"{report.title} {report.place}"
    invented = f'<span class="invented">{_e(t("frame.demonstration"))}</span>' if report.kind else ""
    parts = [
        f'<!doctype html><html lang="{report.language}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{_e(title)} – {_e(t('app.name'))}</title>",
        f'<meta name="description" content="{_e(report.lead)}"><meta name="author" content="{_e(t("app.name"))}">',
        f"<style>{_style()}</style></head><body>",
        f'<a class="skip" href="#main">{_e(t("report.in_short"))}</a><header><div class="top">{_logo()}{invented}</div>',
        f"<h1>{_e(report.title)} <span>{_e(report.place)}</span></h1>",
        '<dl class="facts">' + "".join(f"<dt>{_e(name)}</dt><dd>{_e(said)}</dd>" for name, said in report.facts) + "</dl>",
        f'<p class="kind">{_e(report.kind)}</p>' if report.kind else "",
        '</header><main id="main">',
        _in_short(report),
        _where(report),
        *(_section(section) for section in report.sections),
        _part("framework", t("report.framework"), _table(report.framework, is_titled=False)) if report.framework else "",
        _part("arrived", t("report.arrived"), _paragraphs(report.arrived) + "".join(_table(table) for table in report.set_aside)),
        _part("notes", t("report.notes"), _words(report.notes) + _paragraphs((t("report.annex"),))),
        _part("definitions", t("report.definitions"), _words(report.definitions)),
        f"</main><footer><p>{_e(t('app.name'))} · {_e(made_from)} {invented}</p>",
        f'<p>{_e(t("report.link"))}: <a href="{_e(report.link)}">{_e(report.link)}</a></p></footer></body></html>',
    ]
    return "\n".join(filter(None, parts)).replace(_BREAK, "").encode()


@cache
def _style() -> str:
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8").replace("FONTS", svg.FONTS).replace("\n", "")


@cache
def _logo() -> str:
    drawn = (warehouse.REPOSITORY / "static" / "logo.svg").read_text(encoding="utf-8")
    return (
        drawn.replace("<svg ", f'<svg role="img" aria-label="{t("app.name")}" ', 1).split("@media", 1)[0]
        + "</style>"
        + drawn.split("</style>", 1)[1]
    )


def _e(text: str) -> str:
    return escape(text, quote=True)


def _part(key: str, title: str, inside: str) -> str:
    return f'<section aria-labelledby="{key}"><h2 id="{key}">{_e(title)}</h2>{inside}</section>'


def _paragraphs(lines: tuple[str, ...]) -> str:
    return "".join(f"<p>{_e(line)}</p>" for line in lines)


def _words(pairs: tuple[tuple[str, str], ...]) -> str:
    return '<dl class="words">' + "".join(f"<dt>{_e(word)}</dt><dd>{_e(meaning)}</dd>" for word, meaning in pairs) + "</dl>"


def _in_short(report: Report) -> str:
    others = "".join(f"<h3>{_e(question)}</h3><p>{_e(answer)}</p>" for question, answer in report.others)
    findings = "".join(map(_finding, report.findings))
    inside = f'<p class="lead">{_e(report.lead)}</p><ul class="findings">{findings}</ul><p class="small">{_e(report.how_read)}</p>{others}'
    return _part("in-short", t("report.in_short"), inside)


_ARROW = (
    '<svg role="img" aria-label="{}" width="16" height="12" viewBox="0 0 16 12">'
    f'<path d="M1 6h13M10 2l4 4-4 4" fill="none" stroke="{LIGHT["soft"]}" stroke-width="1.5"/></svg>'
)


def _finding(finding: Finding) -> str:
    numbers = ""
    if finding.is_told:
        before, after, unit = finding.pair
        tag = "b" if finding.is_loud else "i"
        arrow = _ARROW.format(_e(t("chart.to")))
        pair = f'<div class="pair">{_e(before)} {arrow} <{tag}>{_e(after)}</{tag}> <small>{_e(unit)}</small></div>'
        numbers = f"<div>{pair}<small>{_e(finding.change)}</small></div>"
    chip = f'<span class="chip {finding.word}">{SIGNS[finding.word]} {_e(finding.chip)}</span>'
    words = f"<strong>{_e(finding.text)}</strong><small>{_e(finding.basis)}</small>"
    return f"<li><div><small>{_e(finding.subject)}</small><br>{chip}</div><div>{words}</div>{numbers}</li>"


def _where(report: Report) -> str:
    if report.squares is None and not report.verdicts:
        return ""
    squares = _squares(report.squares) if report.squares else ""
    return _part(
        "where", t("report.where" if report.squares else "report.verdicts"), squares + "".join(_table(table) for table in report.verdicts)
    )


def _squares(squares: Squares) -> str:
    """Squares are a picture; the tables under them tell the same in words."""
    key = "".join(f"<li>{_square(line)} {_e(line['text'])}</li>" for line in squares.key)
    districts = "".join(
        f"<div><b>{_e(each['name'])}</b><small>{_e(each['province'])}</small><div>{''.join(map(_square, each['tiles']))}</div></div>"
        for each in squares.districts
    )
    words = f'<h3>{_e(squares.title)}</h3><p class="small">{_e(squares.about)}</p><ul class="key">{key}</ul>'
    return f'{words}<div class="squares" role="img" aria-label="{_e(squares.title)}">{districts}</div>'


def _square(tile: dict[str, str]) -> str:
    return f'<span class="sq {tile["kind"]}" aria-hidden="true">{tile["sign"]}</span>'


def _table(table: Table, *, is_titled: bool = True) -> str:
    """A table with its caption, its heads scoped, the first cell of each row its name; wide ones scroll by themselves."""
    groups = "".join(
        f'<th scope="colgroup" colspan="{n}" class="n">{_e(name)}</th>' if name else f'<td colspan="{n}"></td>' for name, n in table.groups
    )
    sides = [' class="n"' if is_number else "" for is_number in table.is_number]
    head = "".join(f'<th scope="col"{side}>{_e(name)}</th>' for name, side in zip(table.head, sides, strict=True))
    rows = "".join(
        "<tr>"
        + f'<th scope="row">{_cell(row[0])}</th>'
        + "".join(f"<td{side}>{_cell(cell)}</td>" for cell, side in zip(row[1:], sides[1:], strict=True))
        + "</tr>"
        for row in table.rows
    )
    title = f'<h3 id="{table.key}-table">{_e(table.title)}</h3>' if is_titled else ""
    about, note = (f'<p class="small">{_e(words)}</p>' if words else "" for words in (table.about, table.note))
    above = f"<tr>{groups}</tr>" if groups else ""
    return (
        f'{title}{about}<div class="scroll" role="region" tabindex="0" aria-label="{_e(table.title)}"><table>'
        f"<caption>{_e(table.title)}</caption><thead>{above}<tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{note}"
    )


def _cell(cell: Cell) -> str:
    return f'<span class="chip {cell.word}">{SIGNS[cell.word]} {_e(cell.text)}</span>' if cell.word else _e(cell.text)


def _drawing(chart: Chart) -> str:
    """The drawing of a chart without what the page says already: its fonts, and its finding, which stands right above it."""
    drawn = svg.drawing(chart, CHART_PX).replace(f' font-family="{svg.FONTS}"', "", 1).replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return drawn.replace(f"<title>{escape(chart.title)}</title>", "", 1)


def _section(section: Section) -> str:
    charts = "".join(
        f'<div><h3>{_e(chart.title)}</h3><p class="small">{_e(chart.subtitle)}</p><figure>{_drawing(chart)}</figure>'
        f'<p class="small">{_e(" ".join(filter(None, (chart.source, chart.caveat))))}</p></div>'
        for chart in (figure.chart for figure in section.figures)
    )
    text = f"<p>{_e(section.text)}</p>" if section.text else ""
    return _part(section.key, section.title, text + (f'<div class="charts">{charts}</div>' if charts else ""))
