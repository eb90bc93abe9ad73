"""How does the results framework reach OPSYS? A workbook in the order in which the EU's system asks for values."""

from __future__ import annotations

import argparse
import io
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import warehouse
from charts import indicator_words as words
from metrics import catalogue, logframe, permalink, places
from metrics.indicators import Indicator, Milestone, indicators
from metrics.logframe import IndicatorValue, Value
from metrics.model import PLACES, Metric
from metrics.programme import programme
from metrics.query import SHOWN, Filters
from reports.files import write_whole
from text import date_text, language, set_language, spreadsheet, t
from warehouse import Problem

NAME = "logframe"
HELP = "write the results framework as a workbook (XLSX) in the order of the EU's OPSYS"
_WIDTHS = {"text": 44, "number": 13, "date": 12, "code": 9}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """As at which day, in which language, for which place, into which folder."""
    parser.add_argument("--as-of", type=date.fromisoformat, help="the day, YYYY-MM-DD; the data date if left out")
    parser.add_argument("--language", choices=("en", "km"), default="en")
    for level in PLACES:
        parser.add_argument(f"--{level}", help=f"only this {level}, by its code")
    add_target(parser)


def add_target(parser: argparse.ArgumentParser) -> None:
    """From which build, into which folder: the same for every command of this room."""
    parser.add_argument("--build", help="a build id; the current build if left out")
    parser.add_argument("--to", type=Path, default=Path(), help="the folder to write into; this one if left out")


def run(arguments: argparse.Namespace) -> int:
    """Write the workbook and print its name."""
    set_language(arguments.language)
    build = warehouse.build_or_current(arguments.build)
    where = Filters(**{level: getattr(arguments, level) for level in PLACES})
    day = arguments.as_of or logframe.newest_day(build.build_id)
    return write(arguments.to / file_name(build.build_id, day, where), workbook(build.build_id, day, where))


def write(file: Path, content: bytes) -> int:
    """Write a document and print where it lies. Raises Problem where the folder may not be written to."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, content)
    except OSError as error:
        raise Problem(
            f"{file} could not be written: {error.strerror}.", "Nothing was written.", "Choose another folder with --to."
        ) from error
    print(file)
    return 0


def file_name(build_id: str, as_of: date, where: Filters = logframe.EVERYWHERE, kind: str = "logframe", suffix: str = "xlsx") -> str:
    """A name that says what the file is, as at when, from which build, and that it is invented where it is."""
    demonstration = "demonstration-" if warehouse.build(build_id).is_demonstration else ""
    place = f"{where.place}-" if where.place else ""
    return f"commune-pulse-{demonstration}{kind}-{place}{as_of.isoformat()}-{build_id}.{suffix}"


def workbook(build_id: str, as_of: date, where: Filters = logframe.EVERYWHERE) -> bytes:
    """The sheets logframe, values (a row for each sum and part), and about, in the reader's language."""
    found = logframe.framework(build_id, as_of, where)
    if not found:
        raise no_framework(build_id)
    buffer = io.BytesIO()
    with spreadsheet.workbook(buffer) as book:
        sheets = _Sheets(book, _banner(build_id, found))
        sheets.table(t("logframe.sheet.logframe"), _logframe_heads(found), [_logframe_row(each, found) for each in found])
        sheets.table(t("logframe.sheet.values"), _value_heads(found), _value_rows(found, where, build_id))
        sheets.lines(t("logframe.sheet.about"), about(build_id, as_of, where))
    return buffer.getvalue()


def _banner(build_id: str, found: tuple[IndicatorValue, ...]) -> str:
    """What stands over every table where something in it is invented."""
    marks = {"logframe.demonstration": warehouse.build(build_id).is_demonstration, "logframe.example": found[0].indicator.is_example}
    return " ".join(t(key) for key, is_so in marks.items() if is_so)


def no_framework(build_id: str) -> Problem:
    """There is nothing to write of a build from before there was a framework."""
    return Problem(
        f"Build {build_id} holds no results framework.", "It was made before there was one.", "Build again: python -m etl build."
    )


def about(build_id: str, as_of: date, where: Filters = logframe.EVERYWHERE) -> dict[str, str]:
    """What stands beside the figures of every document of the framework: label -> text."""
    build, told = warehouse.build(build_id), programme()
    names = places.names(build_id, language())
    is_example = any(each.is_example for each in indicators(build_id))
    asked = {**where.only(PLACES).given(), "as_of": as_of.isoformat(), "lang": language()}
    lines = {
        t("logframe.about.data"): t("logframe.demonstration" if build.is_demonstration else "logframe.real"),
        t("logframe.about.framework"): t("logframe.example") if is_example else t("logframe.own"),
        t("logframe.about.programme"): f"{told.title[language()]} ({told.identifier})",
        t("results.as_of"): date_text(as_of),
        t("logframe.about.counted"): " ".join(
            (t("results.counted", date=date_text(as_of), quarter=date_text(logframe.quarter_end(as_of))), t("results.known_today"))
        ),
        t("logframe.about.place"): names.get(where.place, where.place) if where.place else t("scope.everywhere"),
        t("logframe.about.data_to"): date_text(build.data_to),
        t("logframe.about.build"): build_id,
        t("logframe.about.link"): permalink.link("results", asked, build_id, told.address),
        t("logframe.about.privacy"): t("logframe.privacy"),
        t("logframe.about.compared"): t("logframe.compared"),
        t("logframe.about.missing"): t("logframe.missing"),
    }
    return {name: text for name, text in lines.items() if text}


# --- rows ----------------------------------------------------------------------------------------------------------------------------

Head = tuple[str, str]  # its words, and the kind of its column


def _goal_heads(found: tuple[IndicatorValue, ...]) -> list[Head]:
    """Every intermediate target with its day, then the final one."""
    most = max(len(each.indicator.milestones) for each in found)
    heads: list[Head] = []
    for place in range(1, 1 + most):
        heads += [(t("logframe.milestone_value", n=place), "number"), (t("logframe.milestone_date", n=place), "date")]
    return [*heads, (t("logframe.target_value"), "number"), (t("logframe.target_date"), "date")]


def _goals(one: IndicatorValue, found: tuple[IndicatorValue, ...]) -> list[Any]:
    """The cells of `_goal_heads`; empty for a place's part of a count."""
    most = max(len(each.indicator.milestones) for each in found)
    if not one.has_targets:
        return [None] * (2 * most + 2)
    told = [part for each in one.indicator.milestones for part in (each.value, each.day)]
    return [*told, *[None] * (2 * most - len(told)), one.indicator.target.value, one.indicator.target.day]


def _logframe_heads(found: tuple[IndicatorValue, ...]) -> list[Head]:
    return [
        (t("logframe.level"), "code"), (t("logframe.result_code"), "code"), (t("logframe.result"), "text"),
        (t("logframe.code"), "code"), (t("results.indicator"), "text"), (t("logframe.unit"), "number"), (t("logframe.direction"), "number"),
        (t("logframe.baseline_value"), "number"), (t("logframe.baseline_date"), "date"), *_goal_heads(found),
        (t("logframe.current_value"), "number"), (t("logframe.reference_date"), "date"), (t("logframe.status"), "text"),
        (t("logframe.due_value"), "number"), (t("logframe.due_date"), "date"), (t("logframe.progress"), "text"),
        (t("logframe.sources"), "text"), (t("logframe.assumptions"), "text"), (t("results.definition"), "text"),
    ]  # fmt: skip


def _logframe_row(one: IndicatorValue, found: tuple[IndicatorValue, ...]) -> list[Any]:
    indicator = one.indicator
    return [
        t(f"results.level.{indicator.level}"), indicator.result_code, words.told(indicator.result), indicator.code, words.title(indicator),
        unit(indicator), t(f"logframe.{indicator.better}"), figure(indicator, one.baseline), one.baseline.reference_date,
        *_goals(one, found),
        figure(indicator, one.current), one.current.reference_date, status(indicator, one.current),
        _due(indicator, one.milestone), one.milestone.day if one.milestone else None, words.progress(one),
        words.told(indicator.sources), words.told(indicator.assumptions), words.definition(indicator),
    ]  # fmt: skip


def _value_heads(found: tuple[IndicatorValue, ...]) -> list[Head]:
    return [
        (t("logframe.code"), "code"), (t("results.indicator"), "text"), (t("logframe.dimension"), "number"), (t("results.part"), "text"),
        (t("logframe.part_code"), "code"), (t("logframe.unit"), "number"), (t("logframe.baseline_value"), "number"),
        (t("logframe.baseline_date"), "date"), *_goal_heads(found), (t("logframe.current_value"), "number"),
        (t("logframe.reference_date"), "date"), (t("logframe.low"), "number"), (t("logframe.high"), "number"),
        (t("logframe.base"), "number"), (t("logframe.first"), "date"), (t("logframe.last"), "date"),
        (t("logframe.status"), "text"), (t("logframe.evidence"), "text"),
    ]  # fmt: skip


def _value_rows(found: tuple[IndicatorValue, ...], where: Filters, build_id: str) -> list[list[Any]]:
    """The sum of each indicator with its targets, then each of its parts; a part has a baseline only where its measure gives it."""
    names = places.names(build_id, language())
    rows = []
    for one in found:
        indicator, goals = one.indicator, _goals(one, found)
        rows.append(_value_row(indicator, [t("logframe.sum"), "", "", unit(indicator)], one.baseline, goals, one.current))
        before: dict[tuple[str, str], Value] = {}
        if indicator.baseline_date and indicator.given_baseline is None:
            parts = logframe.parts_at(indicator, indicator.baseline_date, where, None, build_id)
            before = {(part.dimension, part.code): part.value for part in parts}
        for part in logframe.parts_at(indicator, one.as_of, where, None, build_id):
            told = [words.dimension(part.dimension), words.part(part, names), part.code, unit(indicator) if part.code else "%"]
            share = None if part.code else catalogue()[part.dimension]  # an empty code: a share of another measure
            earlier = before.get((part.dimension, part.code))
            rows.append(_value_row(indicator, told, earlier, [None] * len(goals), part.value, share))
    return rows


def _value_row(
    indicator: Indicator, told: list[str], baseline: Value | None, goals: list[Any], current: Value, share: Metric | None = None
) -> list[Any]:
    """`told`: the breakdown, the group in words and as a code, and the unit. `share`: the measure of a group's share."""
    limits = (current.low, current.high) if current.is_known else (math.nan, math.nan)
    return [
        indicator.code, words.title(indicator), *told,
        figure(indicator, baseline, share) if baseline else None, baseline.reference_date if baseline else None, *goals,
        figure(indicator, current, share), current.reference_date, *(_rounded(indicator, limit, share) for limit in limits),
        current.n if not math.isnan(current.n) else None, current.first, current.last, status(indicator, current), current.evidence or None,
    ]  # fmt: skip


def figure(indicator: Indicator, value: Value, share: Metric | None = None) -> float | None:
    """A value as a number, with no more decimals than are published; None where it is not told. `share`: the measure of a group's share."""
    return _rounded(indicator, value.value, share) if value.is_known else None


def _rounded(indicator: Indicator, value: float, share: Metric | None = None) -> float | None:
    decimals = max(share.decimals, 1) if share else max(indicator.decimals, 0 if indicator.is_count else 1)
    return None if math.isnan(value) else round(value, decimals)


def _due(indicator: Indicator, due: Milestone | None) -> float | None:
    """What was due, as it was declared; between two milestones with the decimals of the indicator."""
    return None if due is None else due.value if due in indicator.targets else _rounded(indicator, due.value)


def status(indicator: Indicator, value: Value) -> str:
    """Why there is no number, or that there is one."""
    return t("logframe.told") if value.status == SHOWN and value.is_known else words.said(indicator, value)


def unit(indicator: Indicator) -> str:
    """The unit in words."""
    return "%" if indicator.unit == "%" else t(f"unit.{indicator.unit}.many")


class _Sheets:
    """The sheets of one workbook, all in one style."""

    def __init__(self, book: Any, banner: str) -> None:
        self._book, self._banner = book, banner
        self._loud = book.add_format({"bold": True, "font_color": "#6B3FA0"})
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._text = book.add_format({"text_wrap": True, "valign": "top"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        self._number = book.add_format({"num_format": "#,##0.##", "valign": "top"})
        self._whole = book.add_format({"num_format": "#,##0", "valign": "top"})

    def table(self, name: str, heads: list[Head], rows: list[list[Any]]) -> None:
        """What is invented said on top, a head that stays in sight, a filter on every column; no cell is left to a spreadsheet's guess."""
        sheet = self._book.add_worksheet(name)
        top = 1 if self._banner else 0
        if self._banner:
            sheet.write_string(0, 0, self._banner, self._loud)
        for column, (words_of, kind) in enumerate(heads):
            sheet.write_string(top, column, words_of, self._head)
            sheet.set_column(column, column, _WIDTHS[kind])
        for place, row in enumerate(rows, top + 1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(place, column, value, self._day)
                elif isinstance(value, int | float):
                    sheet.write_number(place, column, value, self._whole if float(value).is_integer() else self._number)
                elif value is not None and value != "":
                    sheet.write_string(place, column, str(value), self._text)
        sheet.freeze_panes(top + 1, 0)
        sheet.autofilter(top, 0, top + len(rows), len(heads) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def lines(self, name: str, told: Mapping[str, str]) -> None:
        """Label and text, a line each."""
        sheet = self._book.add_worksheet(name)
        for place, (label, text) in enumerate(told.items()):
            sheet.write_string(place, 0, label, self._head)
            sheet.write_string(place, 1, text, self._text)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 110)
