"""Which form asks for exactly what a source holds? An XLSForm (KoboToolbox, ODK) made of the source's contract and nothing else.

Question names are the contract's column names, choice names its values, so what comes back needs no mapping. There are no groups:
the headers of every kind of export stay the plain names. The sheet `rules` says what became of each rule.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import warehouse
from etl import words
from etl.contract import YES_NO, Column, Rule, Source
from etl.form_logic import Logic, logic_of
from etl.sources import SOURCES
from text import LANGUAGES, spreadsheet, t

Row = dict[str, str]
LANGUAGE_NAMES = {"en": "English (en)", "km": "Khmer (km)"}
TYPES = {
    "text": "text", "integer": "integer", "riel": "integer", "number": "decimal", "date": "date", "month": "date", "timestamp": "dateTime",
}  # fmt: skip
NAMED = {"services": "service", "criteria": "category"}  # lists of the country whose values have names
PLACES = ("province_code", "district_code", "commune_code")
LONG_LIST = 8  # choices; longer lists are shown as a drop-down
MADE = datetime(2024, 1, 1)  # stands in every file, so that the same contract gives the same bytes


@dataclass(frozen=True)
class Choice:
    """One value of a list: its name in the data, its label a language, and the place it lies in (column -> code)."""

    name: str
    labels: Mapping[str, str]
    within: Mapping[str, str]


@dataclass(frozen=True)
class Form:
    """An XLSForm as rows of its sheets; `left_out` are the rules it cannot keep, each with the reason."""

    survey: tuple[Row, ...]
    choices: tuple[Row, ...]
    settings: Row
    rules: tuple[Row, ...]
    left_out: Mapping[str, str]


def write_forms(folder: Path) -> list[tuple[Source, Path, Form]]:
    """Write the form of every source into a folder; facilities and partners are offered as lists where a real build knows them."""
    folder.mkdir(parents=True, exist_ok=True)
    registers = known_registers()
    written = []
    for source in SOURCES:
        form = form_of(source, registers)
        path = folder / f"{source.name}_form.xlsx"
        _write(form, path)
        written.append((source, path, form))
    return written


def form_of(source: Source, registers: Mapping[str, Sequence[Choice]] | None = None) -> Form:
    """The form of one source. `registers`: lists of facilities and partners; without them their numbers are typed."""
    registers = registers or {}
    asked, filled = _questions(source)
    helpers = [name for name in PLACES[: _level(source)] if name not in asked]
    logic = logic_of(source.own_rules, asked, [column.name for column in filled], PLACES)
    order = _ordered(asked, logic)
    lists: dict[str, Sequence[Choice]] = {}
    survey = [{"type": str(column.form_value), "name": column.name} for column in filled if column.form_value in ("start", "end")]
    for name in order:
        if name in PLACES and name == next(one for one in order if one in PLACES):
            survey += [_place_question(source, place, helpers, logic, lists) for place in PLACES[: _level(source)]]
        elif name not in PLACES:
            survey.append(_question(source, source.column(name), logic, lists, registers))
        survey += [_note(source, condition, rule) for condition, rule in logic.notes.get(name, ())]
    survey += [
        {"type": "calculate", "name": column.name, "calculation": str(column.form_value)}
        for column in filled
        if column.form_value not in ("start", "end")
    ]
    choices = [row for name, listed in lists.items() for row in _choice_rows(name, listed)]
    content = json.dumps([survey, choices], ensure_ascii=False, sort_keys=True)
    settings = {
        "form_title": " / ".join(dict.fromkeys(words.title(source, code) for code in LANGUAGES)),
        "form_id": f"commune_pulse_{source.name}",
        "version": hashlib.sha256(content.encode()).hexdigest()[:10],
        "default_language": LANGUAGE_NAMES["en"],
    }
    return Form(tuple(survey), tuple(choices), settings, tuple(_rule_rows(source, logic)), logic.left_out)


def choices_of(column: Column, registers: Mapping[str, Sequence[Choice]]) -> Sequence[Choice]:
    """The values a column is chosen from; none when it is typed."""
    if column.reference in ("facilities", "partners"):
        return registers.get(column.reference, ())
    if column.reference in NAMED:
        name = NAMED[column.reference]
        rows = _reference(f"{column.reference}.csv")
        return [Choice(row[f"{name}_code"], {code: row[f"{name}_{code}"] for code in LANGUAGES}, {}) for row in rows]
    if column.reference:
        return _places(f"{column.reference.removesuffix('s')}_code")
    names = tuple(YES_NO) if column.type == "boolean" else tuple(column.accepts or column.offers)
    return [Choice(name, {code: words.value(column, name, code) for code in LANGUAGES}, {}) for name in names]


def known_registers() -> dict[str, Sequence[Choice]]:
    """Facilities and partners of the current build; none of a demonstration, whose facilities are invented."""
    build = warehouse.current_build()
    if build is None or build.is_demonstration:
        return {}
    facilities = warehouse.read(
        "select facility_id, coalesce(facility_en, facility_km, facility_id) as en, coalesce(facility_km, facility_en, facility_id) as km, "
        "district_code::varchar as district_code from staging.facilities order by facility_id",
        build_id=build.build_id,
    )
    partners = warehouse.read(
        "select partner_id, coalesce(partner_en, partner_km, partner_id) as en, coalesce(partner_km, partner_en, partner_id) as km "
        "from staging.partners order by partner_id",
        build_id=build.build_id,
    )
    return {
        "facilities": [
            Choice(key, {"en": en, "km": km}, {"district_code": district})
            for key, en, km, district in facilities.itertuples(index=False, name=None)
        ],
        "partners": [Choice(key, {"en": en, "km": km}, {}) for key, en, km in partners.itertuples(index=False, name=None)],
    }


# -- questions ---------------------------------------------------------------------------------------------------------------


def _questions(source: Source) -> tuple[list[str], list[Column]]:
    """(names of the columns that are asked for, columns that the form fills by itself)."""
    asked = [column.name for column in source.columns if column.form_value is None]
    return asked, [column for column in source.columns if column.form_value]


def _level(source: Source) -> int:
    """How far down the places go: 0 none, 1 provinces, 2 districts, 3 communes."""
    names = {column.name for column in source.columns}
    return max((level for level, name in enumerate(PLACES, 1) if name in names), default=0)


def _ordered(asked: list[str], logic: Logic) -> list[str]:
    """The contract's order, but a question stands after the one that decides about it."""
    order = list(asked)
    for name, before in logic.follows.items():
        if order.index(name) < order.index(before):
            order.remove(name)
            order.insert(order.index(before) + 1, name)
    return order


def _question(
    source: Source, column: Column, logic: Logic, lists: dict[str, Sequence[Choice]], registers: Mapping[str, Sequence[Choice]]
) -> Row:
    listed = choices_of(column, registers)
    row = {"type": TYPES.get(column.type, "text"), "name": column.name}
    if listed:
        list_name = "yes_no" if column.type == "boolean" else column.reference or column.name
        lists[list_name] = listed
        row["type"] = f"select_one {list_name}"
        row["appearance"] = "minimal" if len(listed) > LONG_LIST else ""
        if any("district_code" in choice.within for choice in listed) and _level(source) >= 2:
            row["choice_filter"] = "${district_code} = '' or district_code = ${district_code}"
    elif column.type == "month":
        row["appearance"] = "month-year"
    return row | _labels(source, column) | _rules_of(source, column, logic)


def _place_question(source: Source, name: str, helpers: Sequence[str], logic: Logic, lists: dict[str, Sequence[Choice]]) -> Row:
    """Province, then its districts, then their communes. What the contract does not have only leads to what it has."""
    level = PLACES.index(name)
    list_name = f"{name.removesuffix('_code')}s"
    lists[list_name] = _places(name)
    row = {"type": f"select_one {list_name}", "name": name, "appearance": "minimal"}
    if level:
        above = PLACES[level - 1]
        row["choice_filter"] = f"{above} = ${{{above}}}"
        row["relevant"] = f"${{{above}}} != ''"
    if name not in helpers:
        column = source.column(name)
        return row | _labels(source, column) | _rules_of(source, column, logic)
    is_needed = any(source.column(below).is_required for below in PLACES[level + 1 : _level(source)] if below not in helpers)
    labels = {f"label::{LANGUAGE_NAMES[code]}": t(f"place_level.{name.removesuffix('_code')}", into=code) for code in LANGUAGES}
    return row | labels | {"required": "yes" if is_needed else ""}


def _note(source: Source, condition: str, rule: Rule) -> Row:
    """A warning that stands below an answer while it is unlikely; the answer may still be right."""
    labels = {f"label::{LANGUAGE_NAMES[code]}": words.sentence(source, rule, code) for code in LANGUAGES}
    return {"type": "note", "name": f"check_{rule.name}", "relevant": condition, **labels}


def _labels(source: Source, column: Column) -> Row:
    row = {f"label::{LANGUAGE_NAMES[code]}": words.label(source, column, code) for code in LANGUAGES}
    return row | {f"hint::{LANGUAGE_NAMES[code]}": hint(column, code) for code in LANGUAGES}


def hint(column: Column, code: str) -> str:
    """What to know while filling in a column."""
    if column.is_personal:
        return t("forms.personal", into=code)
    return t(f"forms.hint_{column.reference}", into=code) if column.reference in ("facilities", "partners") else ""


def _rules_of(source: Source, column: Column, logic: Logic) -> Row:
    """Required, relevant and constraint, with the sentences of the rules."""
    row: Row = {}
    if column.is_required:
        row["required"] = "yes"
    elif column.name in logic.required:
        row["required"], rule = logic.required[column.name]
        row |= {f"required_message::{LANGUAGE_NAMES[code]}": words.sentence(source, rule, code) for code in LANGUAGES}
    if column.name in logic.relevant:
        row["relevant"] = logic.relevant[column.name][0]
    said = logic.constraints.get(column.name, [])
    if said:
        parts = [condition for condition, _ in said]
        row["constraint"] = parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)
        for code in LANGUAGES:
            told = dict.fromkeys(words.sentence(source, rule, code) for _, rule in said)
            row[f"constraint_message::{LANGUAGE_NAMES[code]}"] = " ".join(told)
    return row


def _rule_rows(source: Source, logic: Logic) -> Iterator[Row]:
    """Every rule of the source and how the form keeps it."""
    kept = {rule.name: f"constraint of {name}" for name, said in logic.constraints.items() for _, rule in said}
    kept |= {rule.name: f"{name} must be answered" for name, (_, rule) in logic.required.items()}
    kept |= {rule.name: f"a note below {name}" for name, said in logic.notes.items() for _, rule in said}
    kept |= {rule.name: f"{name} is only asked where it fits" for name, (_, rule) in logic.relevant.items()}
    for rule in source.rules:
        by_itself = "kept by the kind of question" if rule not in source.own_rules else ""
        how = kept.get(rule.name) or by_itself or f"left out: {logic.left_out[rule.name]}. It is checked when the answers are loaded."
        yield {"rule": rule.name, "sentence": rule.sentence, "in this form": how}


# -- lists -------------------------------------------------------------------------------------------------------------------


def _places(name: str) -> list[Choice]:
    """Provinces, districts or communes of the official list, each with the codes of the places it lies in."""
    level = PLACES.index(name)
    found = {}
    for row in _reference("communes.csv"):
        labels = {code: row[f"{name.removesuffix('_code')}_{code}"] for code in LANGUAGES}
        found[row[name]] = Choice(row[name], labels, {above: row[above] for above in PLACES[:level]})
    return [found[code] for code in sorted(found)]


def _reference(file: str) -> list[Row]:
    with (warehouse.reference_folder() / file).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _choice_rows(list_name: str, listed: Sequence[Choice]) -> Iterator[Row]:
    for choice in listed:
        labels = {f"label::{LANGUAGE_NAMES[code]}": choice.labels[code] for code in LANGUAGES}
        yield {"list_name": list_name, "name": choice.name, **labels, **choice.within}


# -- the file ----------------------------------------------------------------------------------------------------------------


def _write(form: Form, path: Path) -> None:
    with spreadsheet.workbook(str(path)) as book:
        book.set_properties({"created": MADE})
        for name, rows in (("survey", form.survey), ("choices", form.choices), ("settings", [form.settings]), ("rules", form.rules)):
            _write_sheet(book, name, rows)


def _write_sheet(book: Any, name: str, rows: Sequence[Row]) -> None:
    sheet = book.add_worksheet(name)
    headers = list(dict.fromkeys(header for row in rows for header, text in row.items() if text))
    for place, header in enumerate(headers):
        sheet.write_string(0, place, header, book.add_format({"bold": True}))
        for line, row in enumerate(rows, 1):
            if row.get(header):
                sheet.write_string(line, place, row[header])
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(headers) - 1, 0), 24)
