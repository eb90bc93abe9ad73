"""What does the programme promise its donors? The indicators of the results framework, as their list declares them.

The list is data/reference/indicators.csv, an invented example; an `indicators.csv` in the inbox wins. The build keeps it as
`marts.dim_indicator`, so that a build always shows the framework it was made with.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import warehouse
from metrics import catalogue
from metrics.memory import remembered
from metrics.model import PLACES, Metric, Sum, unknown
from metrics.question import Filters, Query, check_fits
from warehouse import Problem

FILE = "indicators.csv"
TABLE = "marts.dim_indicator"
LEVELS = ("impact", "outcome", "output")
SPANS = ("year", "total", "latest")
UNITS_OF_PERSONS = (  # of entered values: 1 to 9 of them are hidden
    "people", "participants", "facilitators", "pupils", "teachers", "households", "requests", "visits", "answers",
)  # fmt: skip
UNITS_WITHOUT_PERSONS = ("%", "days", "riel", "communes", "sessions", "meetings", "cycles", "actions", "rows")
UNITS = (*UNITS_OF_PERSONS, *UNITS_WITHOUT_PERSONS)
BETTER = ("higher", "lower")
BETWEEN = ("last_due", "interpolated")
ENTERED_DIMENSIONS = ("sex", "youth", "minority", "disability", "reach", *PLACES)  # of values entered by hand
REQUIRED = ("indicator_code", "level", "result_code", "result_en", "indicator_en", "span", "target_value", "target_date", "source_en")
COLUMNS = {  # name -> what it holds
    "indicator_code": "The code of the indicator, used once.",
    "level": "`impact`, `outcome` or `output`.",
    "result_code": "The code of the result that the indicator belongs to.",
    "result_en": "The result in words, the same in every row of its code.",
    "result_km": "The same in Khmer.",
    "indicator_en": "The indicator in words.",
    "indicator_km": "The same in Khmer.",
    "definition_en": "What is counted, where values are entered; a measure brings its own.",
    "definition_km": "The same in Khmer.",
    "measure": "The measure that answers it (measures.md). Empty: values are entered (`indicator_values` in sources.md).",
    "conditions": "What the measure is narrowed to, as `service=birth_certificate`; several with a bar between them.",
    "span": "What a value counts: `year` the four whole quarters to its date, `total` everything since `counted_from`, "
    "`latest` the state at its date.",
    "counted_from": "For a total, the first day that counts.",
    "lag_months": "How many months earlier the span ends, because records need that time (12 for what is done within a year).",
    "unit": f"The unit of entered values, one of {', '.join(f'`{name}`' for name in UNITS)}; a measure brings its own.",
    "decimals": "How many decimals entered values are told with.",
    "better": "`higher` or `lower`; empty: as the measure says, else higher.",
    "baseline_value": "The value to start from. Empty: the measure's own at the baseline date.",
    "baseline_date": "The day of the baseline.",
    "milestones": "Intermediate targets, as `2024-06-30: 24 | 2025-06-30: 30`.",
    "between_milestones": "`last_due` (usual): the last one due holds until the next; `interpolated`: a straight line between them.",
    "target_value": "The final target.",
    "target_date": "The day of the final target.",
    "disaggregation": "Breakdowns, with a bar between them: those of the measure (`sex`, `age_group`, `province` …) or the name of a "
    "measure that tells the share of a group; of entered values `sex`, `youth`, `minority`, `disability`, `reach` and places.",
    "source_en": "Sources and means of verification.",
    "source_km": "The same in Khmer.",
    "assumptions_en": "The assumptions.",
    "assumptions_km": "The same in Khmer.",
    "references": "The indicator in other lists, for IATI: vocabulary and code, as `9:16.6.2` (9: Sustainable Development Goals).",
    "note_en": "What to keep in mind.",
    "note_km": "The same in Khmer.",
}
_MILESTONE = re.compile(r"(\d{4}-\d{2}-\d{2})\s*[:=]\s*(-?\d+(?:\.\d+)?)")
_REFERENCE = re.compile(r"(\d+):(\S+)")


@dataclass(frozen=True)
class Milestone:
    """What is to be reached by a day: an intermediate target, or the final one."""

    day: date
    value: float


@dataclass(frozen=True)
class Indicator:
    """One indicator of the framework.

    `measure` with its fixed `conditions` answers it; without one its values are entered (source indicator_values), in `own_unit`.
    `span`: what a value at a day counts: the last four whole quarters to it (year), everything since `counted_from` (total), or the
    state at the end (latest). `lag_months`: how much earlier the span ends, because the records need that time. Without a
    `given_baseline` the baseline is the measure's own value at `baseline_date`. `references`: codes of other lists for IATI
    (vocabulary, code), such as 9 for the Sustainable Development Goals.
    """

    code: str
    level: str
    result_code: str
    result: Mapping[str, str]
    title: Mapping[str, str]
    own_definition: Mapping[str, str]
    measure: str | None
    conditions: tuple[tuple[str, str], ...]
    span: str
    counted_from: date | None
    lag_months: int
    own_unit: str
    own_decimals: int
    own_better: str
    given_baseline: float | None
    baseline_date: date | None
    milestones: tuple[Milestone, ...]
    is_interpolated: bool
    target: Milestone
    disaggregation: tuple[str, ...]
    sources: Mapping[str, str]
    assumptions: Mapping[str, str]
    note: Mapping[str, str]
    references: tuple[tuple[str, str], ...]
    is_example: bool

    def __hash__(self) -> int:
        return hash((self.code, self.measure, self.conditions))

    @property
    def metric(self) -> Metric | None:
        """The measure that answers it; None where values are entered."""
        return catalogue()[self.measure] if self.measure else None

    @property
    def unit(self) -> str:
        """The unit of its values: that of its measure, or its own."""
        return self.metric.unit if self.metric else self.own_unit

    @property
    def decimals(self) -> int:
        """How many decimals its values are told with."""
        return self.metric.decimals if self.metric else self.own_decimals

    @property
    def better(self) -> str:
        """'higher' or 'lower': its own word, else its measure's."""
        return self.own_better or (self.metric.better if self.metric else None) or "higher"

    @property
    def is_count(self) -> bool:
        """Whether a place's value is a part of the whole's, so that the whole's targets say nothing about a place."""
        return isinstance(self.metric.kind, Sum) if self.metric else self.unit not in ("%", "days")

    @property
    def where(self) -> Filters:
        """Its fixed conditions."""
        return Filters(**dict(self.conditions))

    @property
    def targets(self) -> tuple[Milestone, ...]:
        """Every milestone and, last, the target."""
        return (*self.milestones, self.target)


@remembered
def indicators(build_id: str | None = None) -> tuple[Indicator, ...]:
    """The framework of a build in its order; empty in a build from before there was one."""
    if not warehouse.has_table(TABLE, build_id):
        return ()
    return declared(warehouse.read(f"select * from {TABLE}", build_id=build_id).to_dict("records"))  # type: ignore[arg-type]


def read_list(file: Path) -> list[dict[str, str]]:
    """The rows of a list of indicators, every column there, missing ones empty. Raises Problem for a column that is missing or unknown."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        given = tuple(reader.fieldnames or ())
        rows = [{name: (row.get(name) or "").strip() for name in COLUMNS} for row in reader]
    for name in given:
        if name not in COLUMNS:
            raise unknown("column of a list of indicators", name, tuple(COLUMNS))
    missing = [name for name in REQUIRED if name not in given]
    if missing:
        raise Problem(
            f"The list of indicators {file.name} has no column {missing[0]}.",
            "The results framework cannot be read, so nothing was built.",
            "Add the column; docs/results-framework.md says what each is.",
            file=file.name,
        )
    declared(rows)
    return rows


def declared(rows: Iterable[Mapping[str, object]]) -> tuple[Indicator, ...]:
    """Rows of text as indicators. Raises Problem with the indicator and what is wrong with it."""
    found = tuple(_Row(row).indicator() for row in rows)
    texts: dict[str, tuple[str, str]] = {}
    for place, each in enumerate(found):
        if each.code in {other.code for other in found[:place]}:
            raise _wrong(each.code, "its code is used twice")
        told = texts.setdefault(each.result_code, (each.level, each.result["en"]))
        if told != (each.level, each.result["en"]):
            raise _wrong(each.code, f"the result {each.result_code} has another level or another text above")
    return found


def check(rows: Iterable[Indicator]) -> None:
    """Raise Problem for a measure, condition or breakdown that cannot be asked."""
    for each in rows:
        if not each.metric:
            for name in each.disaggregation:
                if name not in ENTERED_DIMENSIONS:
                    raise unknown(f"breakdown of entered values ({each.code})", name, ENTERED_DIMENSIONS)
            continue
        check_fits(each.metric, Query((each.metric.name,), where=each.where))
        if (each.span == "latest") != each.metric.fact.is_stock:
            raise _wrong(each.code, f"{each.metric.name} is {'' if each.metric.fact.is_stock else 'not '}the state at the end of a month")
        if not each.metric.fact.has_period:
            raise _wrong(each.code, f"{each.metric.name} is known as at the data date only, so it cannot be told at another day")
        for name in each.disaggregation:
            if name in catalogue():
                check_fits(catalogue()[name], Query((name,), where=each.where))
            elif name not in each.metric.fact.dimensions:
                raise unknown(f"breakdown of {each.metric.name}", name, (*each.metric.fact.dimensions, "a measure's name"))
            else:
                check_fits(each.metric, Query((each.metric.name,), by=(name,), where=each.where))


def _wrong(code: str, what: str) -> Problem:
    return Problem(
        f"The indicator '{code or '(no code)'}' is not declared right: {what}.",
        "The results framework cannot be read, so no new build is published.",
        "Correct its row in indicators.csv; docs/results-framework.md says what each column is.",
        indicator=code,
    )


class _Row:
    """One row of text, read column by column with a sentence for whatever is wrong."""

    def __init__(self, row: Mapping[str, object]) -> None:
        self._row = {name: "" if value is None or value != value else str(value).strip() for name, value in row.items()}
        self.code = self._text("indicator_code")

    def indicator(self) -> Indicator:
        for name in REQUIRED:
            if not self._text(name):
                raise _wrong(self.code, f"{name} is empty")
        target = Milestone(self._date("target_date") or date.max, self._number("target_value") or 0.0)
        baseline_date, milestones = self._date("baseline_date"), self._milestones()
        days = [*filter(None, [baseline_date]), *(each.day for each in milestones), target.day]
        if sorted(set(days)) != days:
            raise _wrong(self.code, "baseline, milestones and target are not in the order of their dates")
        measure, unit = self._text("measure") or None, self._text("unit")
        if measure is None and not unit:
            raise _wrong(self.code, "it has neither a measure nor a unit for values that are entered")
        if measure is None and unit not in UNITS:
            raise unknown(f"unit of entered values ({self.code})", unit, UNITS)
        if self._number("baseline_value") is not None and baseline_date is None:
            raise _wrong(self.code, "its baseline has no date")
        found = Indicator(
            code=self.code,
            level=self._one_of("level", LEVELS),
            result_code=self._text("result_code"),
            result=self._told("result"),
            title=self._told("indicator"),
            own_definition=self._told("definition"),
            measure=measure,
            conditions=self._conditions(),
            span=self._one_of("span", SPANS),
            counted_from=self._date("counted_from"),
            lag_months=int(self._number("lag_months") or 0),
            own_unit=unit,
            own_decimals=int(self._number("decimals") or 0),
            own_better=self._one_of("better", ("", *BETTER)),
            given_baseline=self._number("baseline_value"),
            baseline_date=baseline_date,
            milestones=milestones,
            is_interpolated=self._one_of("between_milestones", ("", *BETWEEN)) == "interpolated",
            target=target,
            disaggregation=tuple(self._parts("disaggregation")),
            sources=self._told("source"),
            assumptions=self._told("assumptions"),
            note=self._told("note"),
            references=self._references(),
            is_example=self._text("is_example") == "true",
        )
        check((found,))
        return found

    def _text(self, name: str) -> str:
        return self._row.get(name, "")

    def _told(self, name: str) -> dict[str, str]:
        english = self._text(f"{name}_en")
        return {"en": english, "km": self._text(f"{name}_km") or english}

    def _one_of(self, name: str, possible: tuple[str, ...]) -> str:
        value = self._text(name)
        if value not in possible:
            raise unknown(f"{name} ({self.code})", value, tuple(filter(None, possible)))
        return value

    def _number(self, name: str) -> float | None:
        try:
            return float(self._text(name)) if self._text(name) else None
        except ValueError:
            raise _wrong(self.code, f"{name} is not a number") from None

    def _date(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self._text(name)) if self._text(name) else None
        except ValueError:
            raise _wrong(self.code, f"{name} is not a day such as 2024-12-31") from None

    def _parts(self, name: str) -> list[str]:
        return [part.strip() for part in self._text(name).split("|") if part.strip()]

    def _conditions(self) -> tuple[tuple[str, str], ...]:
        pairs = [part.partition("=") for part in self._parts("conditions")]
        for name, _, _ in pairs:
            if name.strip() not in Filters.__dataclass_fields__:
                raise unknown(f"condition ({self.code})", name.strip(), tuple(Filters.__dataclass_fields__))
        return tuple((name.strip(), value.strip()) for name, _, value in pairs)

    def _milestones(self) -> tuple[Milestone, ...]:
        found = []
        for part in self._parts("milestones"):
            read = _MILESTONE.fullmatch(part)
            if not read:
                raise _wrong(self.code, f"the milestone '{part}' is not written like 2024-12-31: 55")
            found.append(Milestone(date.fromisoformat(read[1]), float(read[2])))
        return tuple(found)

    def _references(self) -> tuple[tuple[str, str], ...]:
        found = []
        for part in self._parts("references"):
            read = _REFERENCE.fullmatch(part)
            if not read:
                raise _wrong(self.code, f"the reference '{part}' is not written like 9:16.6.2")
            found.append((read[1], read[2]))
        return tuple(found)
