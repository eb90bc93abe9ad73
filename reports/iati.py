"""How does the programme publish its results? One IATI 2.03 activity with results, targets and actuals, as the standard orders them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import warehouse
from charts import indicator_words as words
from metrics import catalogue, logframe, permalink, places, registers
from metrics.indicators import Indicator, indicators
from metrics.logframe import Part, Value
from metrics.programme import Organisation, Programme, Words, programme
from metrics.query import HIDDEN, NO_DATA
from reports.logframe import add_target, figure, no_framework, write
from reports.logframe import file_name as name_of
from text import LANGUAGES, language, set_language, t

NAME = "iati"
HELP = "write the programme and its results as an IATI 2.03 activity (XML)"
VERSION = "2.03"
RESULT_TYPES = {"output": "1", "outcome": "2", "impact": "3"}
MEASURES = {"%": "2"}  # IndicatorMeasure: 2 percentage, else 1 unit
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_SEX = {"f": "female", "m": "male", "other": "other", "unknown": "unknown"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """As at which day, into which folder."""
    parser.add_argument("--as-of", type=date.fromisoformat, help="the day, YYYY-MM-DD; the data date if left out")
    add_target(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the file and print its name."""
    build = warehouse.build_or_current(arguments.build)
    day = arguments.as_of or logframe.newest_day(build.build_id)
    return write(arguments.to / file_name(build.build_id, day), document(build.build_id, day))


def file_name(build_id: str, as_of: date) -> str:
    """A name that says what the file is, as at when, and from which build."""
    return name_of(build_id, as_of, kind="iati", suffix="xml")


def document(build_id: str, as_of: date) -> bytes:
    """The whole file, in UTF-8. Everything is said in English and in Khmer; the programme's own language comes first."""
    declared = indicators(build_id)
    if not declared:
        raise no_framework(build_id)
    build, told = warehouse.build(build_id), programme()
    moment = datetime.now(UTC).replace(microsecond=0).isoformat()
    root = Element("iati-activities", {"version": VERSION, "generated-datetime": moment})
    about = {
        _LANG: told.language,
        "last-updated-datetime": build.built_at.astimezone(UTC).replace(microsecond=0).isoformat(),
        "humanitarian": "0",
        "hierarchy": "1",
    }
    activity = SubElement(root, "iati-activity", about | ({"default-currency": told.currency} if told.currency else {}))
    said = _Said(told.language, build.is_demonstration, told.is_example or declared[0].is_example)
    known = _provinces(told, build_id)
    _identity(activity, told, said, build)
    _whereabouts(activity, told, said, known)
    by_result: dict[str, list[Indicator]] = {}
    for each in declared:
        by_result.setdefault(each.result_code, []).append(each)
    for group in by_result.values():
        _result(activity, group, as_of, said, set(known), build_id)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


class _Said:
    """Narratives in both languages, the activity's own first; what is invented says so in titles and comments."""

    def __init__(self, first: str, is_demonstration: bool, is_example: bool) -> None:
        self._order = (first, *(code for code in LANGUAGES if code != first))
        self._first = first
        self.is_demonstration, self.is_example = is_demonstration, is_example

    def words(self, parent: Element, name: str, texts: Words, attributes: Mapping[str, str] | None = None) -> Element:
        """An element with a narrative in each language that has words of its own."""
        element = SubElement(parent, name, dict(attributes or {}))
        self.narratives(element, texts)
        return element

    def narratives(self, element: Element, texts: Words) -> None:
        """The narratives alone."""
        for place, code in enumerate(self._order):
            text = texts.get(code) or ""
            if text and (place == 0 or text != texts.get(self._first)):
                SubElement(element, "narrative", {} if place == 0 else {_LANG: code}).text = text

    def title(self, parent: Element, texts: Words) -> Element:
        """A title, marked where the figures are invented."""
        if not self.is_demonstration and not self.is_example:
            return self.words(parent, "title", texts)
        mark = "iati.demonstration_title" if self.is_demonstration else "iati.example_title"
        return self.words(parent, "title", {code: f"{t(mark, into=code)} {texts.get(code) or texts['en']}" for code in self._order})

    def comment(self, parent: Element, texts: Words) -> None:
        """A comment, marked where the figures are invented."""
        marks = [key for key, is_so in (("logframe.demonstration", self.is_demonstration), ("logframe.example", self.is_example)) if is_so]
        told = {code: " ".join(filter(None, (texts.get(code, ""), *(t(key, into=code) for key in marks)))) for code in self._order}
        if any(told.values()):
            self.words(parent, "comment", told)

    def both(self, key: str, code: str = "") -> dict[str, str]:
        """A text of the catalogue in both languages."""
        return {spoken: t(key, into=spoken, code=code) for spoken in self._order}


def _identity(activity: Element, told: Programme, said: _Said, build: warehouse.Build) -> None:
    """Who reports what: identifier to contact, in the standard's order."""
    SubElement(activity, "iati-identifier").text = told.identifier
    _organisation(activity, "reporting-org", told.reporting, said, {"secondary-reporter": "0"})
    said.title(activity, told.title)
    said.words(activity, "description", told.description, {"type": "1"})
    if any(told.objectives.values()):
        said.words(activity, "description", told.objectives, {"type": "2"})
    for each in told.participating:
        _organisation(activity, "participating-org", each, said, {"role": each.role})
    SubElement(activity, "activity-status", {"code": told.status})
    for kind, day in (("1", told.planned_start), ("2", told.actual_start), ("3", told.planned_end), ("4", told.actual_end)):
        if day:
            SubElement(activity, "activity-date", {"iso-date": day.isoformat(), "type": kind})
    contact = SubElement(activity, "contact-info", {"type": "1"})
    said.words(contact, "organisation", told.contact)
    if told.email:
        SubElement(contact, "email").text = told.email
    if told.website:
        SubElement(contact, "website").text = told.website
    if told.scope:
        SubElement(activity, "activity-scope", {"code": told.scope})


def _organisation(parent: Element, name: str, told: Organisation, said: _Said, more: Mapping[str, str]) -> None:
    attributes = {"ref": told.reference, "type": told.type, **more}
    said.words(parent, name, told.name, {key: value for key, value in attributes.items() if value})


def _whereabouts(activity: Element, told: Programme, said: _Said, known: Mapping[str, Words]) -> None:
    """Country, provinces by their official code, and sectors."""
    SubElement(activity, "recipient-country", {"code": told.country, "percentage": "100"})
    for code, name in known.items():
        location = SubElement(activity, "location", {"ref": _place(code)})
        SubElement(location, "location-reach", {"code": "1"})
        said.words(location, "name", name)
        said.words(location, "description", said.both("iati.province", code=code))
        SubElement(location, "administrative", {"vocabulary": "A4", "level": "0", "code": told.country})
        SubElement(location, "exactness", {"code": "2"})
        SubElement(location, "location-class", {"code": "1"})
        SubElement(location, "feature-designation", {"code": "ADM1"})
    for each in told.sectors:
        SubElement(activity, "sector", {"vocabulary": each.vocabulary, "code": each.code, "percentage": f"{each.percentage:g}"})


def _result(activity: Element, group: list[Indicator], as_of: date, said: _Said, known: set[str], build_id: str) -> None:
    """One result with its indicators. Their values may be added up only where all of them are counts."""
    first = group[0]
    adds_up = all(each.is_count for each in group)
    result = SubElement(activity, "result", {"type": RESULT_TYPES[first.level], "aggregation-status": _flag(adds_up)})
    said.title(result, first.result)
    for each in group:
        _indicator(result, each, as_of, said, known, build_id)


def _indicator(result: Element, one: Indicator, as_of: date, said: _Said, known: set[str], build_id: str) -> None:
    attributes = {
        "measure": MEASURES.get(one.unit, "1"),
        "ascending": _flag(one.better == "higher"),
        "aggregation-status": _flag(one.is_count),
    }
    element = SubElement(result, "indicator", attributes)
    said.title(element, one.title)
    said.words(element, "description", _in_both(lambda: words.definition(one)))
    SubElement(element, "reference", {"vocabulary": "99", "code": one.code, "indicator-uri": _own_list(build_id, as_of)})
    for vocabulary, code in one.references:
        SubElement(element, "reference", {"vocabulary": vocabulary, "code": code})
    baseline = logframe.baseline_of(one, build_id=build_id)
    if one.baseline_date:
        _baseline(element, one, baseline, None, said, known)
        if one.given_baseline is None:
            for part in _parts(one, one.baseline_date, known, build_id):
                _baseline(element, one, part.value, part, said, known)
    newest = min(as_of, logframe.known_to(one.metric, build_id) if one.metric else logframe.newest_day(build_id))
    after_baseline = one.baseline_date + timedelta(days=1) if one.baseline_date else None
    start = after_baseline or one.counted_from or one.targets[0].day.replace(day=1)
    for end, target in _periods(one, newest, build_id):
        period = SubElement(element, "period")
        SubElement(period, "period-start", {"iso-date": min(logframe.counts_from(one, end) or start, end).isoformat()})
        SubElement(period, "period-end", {"iso-date": end.isoformat()})
        if target is not None:
            SubElement(period, "target", {"value": _number(one, target)})
        if end <= newest:
            value = logframe.value_at(one, end, build_id=build_id)
            _actual(period, one, value, None, said)
            for part in _parts(one, end, known, build_id) if value.status != NO_DATA else ():
                _actual(period, one, part.value, part, said)
        start = end + timedelta(days=1)


def _periods(one: Indicator, newest: date, build_id: str) -> list[tuple[date, float | None]]:
    """The ends of periods with what was due on them: every milestone, the target, and the newest day between them without a target."""
    ends: dict[date, float | None] = {each.day: each.value for each in one.targets}
    last = logframe.value_at(one, newest, build_id=build_id).reference_date
    if last and last not in ends and last < one.target.day and last > (one.baseline_date or date.min):
        ends[last] = None
    return sorted(ends.items())


def _baseline(element: Element, one: Indicator, value: Value, part: Part | None, said: _Said, known: set[str]) -> None:
    day = one.baseline_date
    assert day is not None
    attributes = {"year": str(day.year), "iso-date": day.isoformat()}
    number = figure(one, value)
    if number is not None:
        attributes["value"] = f"{number:g}" if number < 1e6 else f"{number:.0f}"
    if part is not None and number is None:
        return
    baseline = SubElement(element, "baseline", attributes)
    _of(baseline, part, said)
    if part is None:
        key = (
            "iati.baseline_given"
            if one.given_baseline is not None
            else "iati.baseline_computed"
            if number is not None
            else "iati.baseline_none"
        )
        said.comment(baseline, said.both(key))


def _actual(period: Element, one: Indicator, value: Value, part: Part | None, said: _Said) -> None:
    """What was reached; without a value where it may not be told, and no element at all where there is no data yet."""
    number = figure(one, value)
    if number is None and (value.status == NO_DATA or part is not None):
        return
    actual = SubElement(period, "actual", {"value": _number(one, number)} if number is not None else {})
    _of(actual, part, said)
    if part is None:
        said.comment(actual, _in_both(lambda: _comment(one, value)))


def _comment(one: Indicator, value: Value) -> str:
    """What a value counts and rests on."""
    why = t("logframe.hidden") if value.status == HIDDEN else "" if value.is_known else words.said(one, value)
    said = (why, words.span(value), words.likely(one, value), words.base(one, value), value.evidence)
    return " ".join(f"{each}." for each in said if each)


def _in_both(say: Callable[[], str]) -> dict[str, str]:
    """What is said in each language by words that ask which one is spoken."""
    spoken, told = language(), {}
    try:
        for code in LANGUAGES:
            set_language(code)
            told[code] = say()
    finally:
        set_language(spoken)
    return told


def _of(element: Element, part: Part | None, said: _Said) -> None:
    """Which part a value is of: a location of the activity, or a dimension."""
    if part is None:
        return
    if part.dimension == "province":
        SubElement(element, "location", {"ref": _place(part.code)})
    elif part.dimension == "reach_sex":
        reach, sex = part.code.split("_")
        SubElement(element, "dimension", {"name": "reach", "value": reach})
        SubElement(element, "dimension", {"name": "sex", "value": _SEX[sex]})
    else:
        name = "age" if part.dimension == "age_group" else part.dimension
        SubElement(element, "dimension", {"name": name, "value": _SEX.get(part.code, part.code) if name == "sex" else part.code})


def _parts(one: Indicator, day: date, known: set[str], build_id: str) -> list[Part]:
    """The parts that are published: provinces as locations, others as dimensions; shares of other measures are left out."""
    names = tuple(name for name in one.disaggregation if name not in catalogue() and name not in ("district", "commune"))
    found = logframe.parts_at(one, day, logframe.EVERYWHERE, names, build_id)
    return [part for part in found if part.dimension != "province" or part.code in known]


def _provinces(told: Programme, build_id: str) -> dict[str, Words]:
    """The provinces of the programme, else those in which the data say that it is, with their names."""
    table = registers.communes(build_id)
    started = table.loc[table["start_date"].notna(), "commune_code"] if len(table) else ()
    codes = told.provinces or tuple(sorted({str(code)[:2] for code in started}))
    english, khmer = places.names(build_id, "en"), places.names(build_id, "km")
    return {code: {"en": english.get(code, code), "km": khmer.get(code, code)} for code in codes}


def _place(code: str) -> str:
    return f"KH-{code}"


def _own_list(build_id: str, as_of: date) -> str:
    return permalink.link("results", {"as_of": as_of.isoformat()}, build_id, programme().address)


def _number(one: Indicator, value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.{max(one.decimals, 1)}f}"


def _flag(is_so: bool) -> str:
    return "1" if is_so else "0"
