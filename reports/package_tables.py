"""Which tables are in the data package, and what does each of their columns mean?

Figures come from the measures; registers are tables of a build that say nothing about persons. Every column is declared here once, with
its type, unit, title and description; measures describe themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa

from metrics import catalogue
from metrics.model import SMALLEST_BASE, Fact
from metrics.query import HIDDEN, HIGH, LOW, NOT_REACHED, SHOWN

ARROW_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
FIGURES = (
    "One row is one measure in one place and period, of all services together or of one service, aspect, category or the like. "
    "A row that names none of them counts them all; rows of different levels must never be added up."
)
STATUS = (
    f"The status of a figure is {SHOWN}; {HIDDEN} (to protect a small group, or another cell from being worked out); {LOW} or {HIGH} "
    f"(below 10 % or above 90 % of fewer than 20); {NOT_REACHED} (a time that fewer than that share have reached, longer than `low` days). "
    "Only a figure that is shown has a value."
)
SOURCES = (
    {
        "title": "Files of the programme and its partners, summed by source in data/sources.csv",
    },
    {
        "title": "Places: General Directorate of Digital Economy, Ministry of Economy and Finance, Kingdom of Cambodia, edition 2025 "
        "(attribution required); checked against the gazetteer of the NCDD",
        "path": "https://data.mef.gov.kh/terms-of-use",
    },
    {
        "title": "Official times and fees: the sources named in each row of data/service_standards.csv",
    },
)


@dataclass(frozen=True)
class Field:
    """One column. `type` is one of ARROW_TYPES; `is_optional`: it may be empty; `values`: all it can be."""

    name: str
    type: str
    title: str
    description: str
    unit: str = ""
    is_optional: bool = True
    values: tuple[str, ...] = ()

    def described(self) -> dict[str, Any]:
        """The column as a field descriptor of the Table Schema."""
        constraints: dict[str, Any] = {} if self.is_optional else {"required": True}
        constraints |= {"enum": list(self.values)} if self.values else {}
        return {
            "name": self.name,
            "type": self.type,
            "title": self.title,
            "description": self.description,
            **({"unit": self.unit} if self.unit else {}),
            **({"constraints": constraints} if constraints else {}),
        }


@dataclass(frozen=True)
class Register:
    """A table beside the figures: where it is read, and its columns. `key`: the columns that tell one row from another.

    `summed_where`: given where the counts of all rows with one key are summed; which sums are told (SQL).
    """

    name: str
    table: str
    title: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = field(default=())
    summed_where: str = ""


def text(name: str, title: str, description: str, **more: Any) -> Field:
    return Field(name, "string", title, description, **more)


def day(name: str, title: str, description: str, **more: Any) -> Field:
    return Field(name, "date", title, description, **more)


def count(name: str, title: str, description: str, unit: str = "rows") -> Field:
    return Field(name, "integer", title, description, unit)


# Columns that several tables have
COMMUNE = text("commune_code", "Commune", "Official 6-digit code of the commune or sangkat; the first four are its district's.")
DISTRICT = text("district_code", "District", "Official 4-digit code of the district, krong or khan.")
PROVINCE = text("province_code", "Province", "Official 2-digit code of the province.")
SERVICE = text("service_code", "Service", "Code of the service (data/services.csv); empty: all services together.")
FACILITY = text("facility_id", "Facility", "Identifier of the office or facility in the programme's register.")
FACILITY_TYPE = text("facility_type", "Kind of facility", "health_centre, commune_hall, police_post or primary_school; empty: all kinds.")
PARTNER = text("partner_id", "Partner", "Identifier of the partner organisation (data/partners.csv).")
SOURCE = text("source", "Source", "Where it was found.")

OF_FACT = {  # what a figure may be told apart by
    "service_code": SERVICE,
    "facility_type": FACILITY_TYPE,
    "aspect": text("aspect", "Aspect of the service", "speed, friendliness, quality or overall; empty: all of them."),
    "category": text("category", "Category of criteria", "What was scored (data/categories.csv); empty: all of them."),
    "session_topic": text("session_topic", "Topic of the session", "What the information session was about; empty: all topics."),
    "assessment_stage": text("assessment_stage", "When the facilitator was asked", "before_training, after_training or follow_up."),
    "assessment_question": text(
        "assessment_question", "What the facilitator was asked", "The subject of the question; empty: all of them."
    ),
}


def figure_fields(fact: Fact) -> tuple[Field, ...]:
    """The columns of the table of figures about a fact."""
    period = (
        text("period", "Kind of period", "year, quarter or month.", values=("year", "quarter", "month"), is_optional=False),
        day("period_start", "Period", "First day of the period.", is_optional=False),
    )
    apart = [OF_FACT[name] for name in (fact.service_column, *fact.topics) if name]
    levels = ("programme", *fact.places)
    return (
        text(
            "measure", "Measure", "Name of the measure (data/measures.csv says what it means, its unit and its caveat).", is_optional=False
        ),
        text("place_level", "Level of place", "How wide the place is.", is_optional=False, values=levels),
        text("place_code", "Place", "Official code of the province, district or commune; KH is the whole programme.", is_optional=False),
        *(period if fact.has_period else ()),
        *apart,
        Field("value", "number", "Figure", "In the unit of the measure; empty unless the status is shown."),
        Field("low", "number", "Likely from", "Lower end of the 95 % interval of a share or a time, in the unit of the measure."),
        Field("high", "number", "Likely to", "Upper end of the 95 % interval of a share or a time, in the unit of the measure."),
        Field("n", "number", "Rests on", "How many people, requests, reports or meetings the figure rests on; empty where it is hidden."),
        text("status", "Status", STATUS, is_optional=False, values=(SHOWN, HIDDEN, LOW, HIGH, NOT_REACHED)),
    )


REGISTERS = (
    Register(
        "measures",
        "measures",
        "Measures",
        "One row is one measure, as the programme itself uses it.",
        (
            text("measure", "Measure", "Its name in all tables.", is_optional=False),
            text("title", "Title", "What people call it.", is_optional=False),
            text("unit", "Unit", "What the figure is counted in.", is_optional=False),
            text("definition", "Definition", "What is counted, and how.", is_optional=False),
            text("caveat", "To keep in mind", "What the figure does not say."),
            text("better", "Better when", "higher or lower; empty: neither.", values=("higher", "lower")),
            text("formula", "Computed as", "Sums of columns of the aggregates; a ratio is a sum over a sum.", is_optional=False),
            text("table", "Table", "The file of this package in which its figures are, where there are any.", is_optional=False),
        ),
        ("measure",),
    ),
    Register(
        "places",
        "marts.dim_commune",
        "Communes, districts and provinces",
        "One row is one commune or sangkat of the country, with its district and province.",
        (
            COMMUNE,
            text("commune_en", "Commune, in Latin letters", "Name of the commune."),
            text("commune_km", "Commune, in Khmer", "Name of the commune."),
            text("unit_type", "Kind of commune", "commune (khum) or sangkat."),
            DISTRICT,
            text("district_en", "District, in Latin letters", "Name of the district."),
            text("district_km", "District, in Khmer", "Name of the district."),
            PROVINCE,
            text("province_en", "Province, in Latin letters", "Name of the province."),
            text("province_km", "Province, in Khmer", "Name of the province."),
            text("successor_code", "Commune today", "Code of the commune that a code no longer in use means today."),
        ),
        ("commune_code",),
    ),
    Register(
        "services",
        "marts.dim_service",
        "Services",
        "One row is one public service that is counted.",
        (
            SERVICE,
            text("service_en", "Service, in English", "What it is called."),
            text("service_km", "Service, in Khmer", "What it is called."),
            FACILITY_TYPE,
            count("sort_order", "Order", "Place in lists.", ""),
        ),
        ("service_code",),
    ),
    Register(
        "facilities",
        "marts.dim_facility",
        "Facilities",
        "One row is one office or facility of the programme's register.",
        (
            FACILITY,
            text("facility_en", "Facility, in Latin letters", "What it is called."),
            text("facility_km", "Facility, in Khmer", "What it is called."),
            FACILITY_TYPE,
            COMMUNE,
            DISTRICT,
            PROVINCE,
            day("opened_date", "Opened", "First day on which it was open; empty: before the records."),
            day("closed_date", "Closed", "First day on which it was closed; empty: it is open."),
        ),
        ("facility_id",),
    ),
    Register(
        "partners",
        "marts.dim_partner",
        "Partners",
        "One row is one partner organisation.",
        (
            PARTNER,
            text("partner_en", "Partner, in Latin letters", "What it is called."),
            text("partner_km", "Partner, in Khmer", "What it is called."),
        ),
        ("partner_id",),
    ),
    Register(
        "coverage",
        "marts.dim_coverage",
        "Coverage",
        "One row is one commune; its dates are empty where the programme never came.",
        (
            COMMUNE,
            PARTNER,
            day("start_date", "Programme came", "First day of the programme in the commune."),
            day("end_date", "Programme left", "Last day of the programme in the commune; empty: it is there."),
        ),
        ("commune_code",),
    ),
    Register(
        "population",
        "marts.dim_population",
        "Population",
        "One row is the population of one commune in one year.",
        (
            COMMUNE,
            count("year", "Year", "Calendar year.", "year"),
            count("population", "Population", "People living there.", "people"),
            SOURCE,
        ),
        ("commune_code", "year"),
    ),
    Register(
        "service_standards",
        "marts.dim_service_standard",
        "Official times and fees",
        "One row is one official standard of one service, for the time it was in force.",
        (
            text("standard_id", "Standard", "Identifier of the standard."),
            SERVICE,
            text("issuer", "Issued by", "Which office gives the service."),
            count("max_days", "Official time", "Days within which it must be given; empty: no official figure was found.", "days"),
            text("day_type", "Kind of days", "working or calendar."),
            count("fee_riel", "Official fee", "Empty: no official figure was found.", "riel"),
            text("documents", "Documents", "What has to be brought."),
            day("valid_from", "Valid from", "First day on which it holds."),
            day("valid_to", "Valid until", "First day on which it holds no longer; empty: it is in force."),
            SOURCE,
            Field("is_verified", "boolean", "Verified", "At least two named sources agree and none disagrees."),
        ),
        ("standard_id",),
    ),
    Register(
        "targets",
        "marts.dim_target",
        "Targets",
        "One row is one target of a measure for a service and a place, for the time it is in force.",
        (
            text("target_id", "Target", "Identifier of the target."),
            text("metric", "Measure", "Name of the measure (data/measures.csv)."),
            SERVICE,
            text("place_code", "Place", "Code of the place and all places in it; empty: everywhere."),
            Field("target", "number", "Target", "In the unit of the measure."),
            day("valid_from", "Valid from", "First day on which it holds."),
            day("valid_to", "Valid until", "First day on which it holds no longer; empty: it is in force."),
            SOURCE,
        ),
        ("target_id",),
    ),
    Register(
        "categories",
        "marts.dim_category",
        "Categories of criteria",
        "One row is one category of the criteria by which services are scored.",
        (
            text("category", "Category", "Code of the category."),
            text("category_en", "Category, in English", "What it is called."),
            text("category_km", "Category, in Khmer", "What it is called."),
        ),
        ("category",),
    ),
    Register(
        "events",
        "marts.dim_event",
        "Events",
        "One row is one dated event in a place: training, start, closure, change of a rule.",
        (
            text("event_id", "Event", "Identifier of the event."),
            day("event_date", "Date", "When it happened."),
            text("event_type", "Kind", "What kind of event it was."),
            COMMUNE,
            DISTRICT,
            FACILITY,
            SERVICE,
            text("title_en", "Title, in English", "What happened."),
            text("title_km", "Title, in Khmer", "What happened."),
        ),
        ("event_id",),
    ),
    Register(
        "verdicts",
        "marts.verdicts",
        "Verdicts",
        "One row is one judged measure in one commune and service: whether it got better since the programme came, and what led to the "
        "word. How it is decided, and how often it is wrong: docs/verdicts.md of the programme's code.",
        (
            text("metric", "Measure", "Name of the measure (data/measures.csv)."),
            text("topic", "Aspect", "Aspect of feedback; empty: none."),
            text("place_level", "Level of place", "How wide the place is."),
            text("place_code", "Place", "Official code of the place."),
            text("service_code", "Service", "Code of the service; * is all services together."),
            text("word", "Verdict", "improvement, concern, no_clear_change or cannot_tell."),
            text("why", "Why", "By which rule, or what is missing."),
            day("since", "Since", "First month after the programme came."),
            Field("before", "number", "Before", "The figure before, in the unit of the measure."),
            Field("after", "number", "After", "The figure after, in the unit of the measure."),
            Field("difference", "number", "Difference", "After less before."),
            Field("low", "number", "Likely from", "Lower end of the interval of the difference."),
            Field("high", "number", "Likely to", "Upper end of the interval of the difference."),
            count("months_before", "Months before", "How many months the figure before rests on.", "months"),
            count("months_after", "Months after", "How many months the figure after rests on.", "months"),
            count("records_before", "Records before", "How many records the figure before rests on.", "records"),
            count("records_after", "Records after", "How many records the figure after rests on.", "records"),
            text("signal", "Signal", "The rule of the process chart that was met."),
            day("signal_month", "Month of the signal", "The month in which it was met."),
            Field("target", "number", "Target", "What the measure is held against there, in its unit."),
            text("target_id", "Target", "Identifier of the target (data/targets.csv)."),
            text("reached", "Target reached", "Whether the measure reaches its target now."),
        ),
        ("metric", "topic", "place_level", "place_code", "service_code"),
    ),
    Register(
        "sources",
        "quality.loads",
        "The books: sources",
        "One row is everything that arrived of one source. The books balance: rows read = loaded + set aside + superseded + deleted by the "
        f"source. They are not told file by file, as a file may be of one commune, and not of a source of under {SMALLEST_BASE} rows.",
        (
            text("source", "Source", "What the files hold."),
            count("rows_read", "Rows read", "How many rows they have."),
            count("rows_loaded", "Rows loaded", "How many count."),
            count("rows_set_aside", "Rows set aside", "How many broke a rule that they must keep."),
            count("rows_superseded", "Rows superseded", "Of how many a newer submission counts instead."),
            count("rows_deleted", "Rows deleted", "How many the source itself deleted."),
        ),
        ("source",),
        summed_where=f"sum(rows_loaded) >= {SMALLEST_BASE}",
    ),
    Register(
        "rules",
        "quality.rule_results",
        "The books: rules that rows broke",
        f"One row is one rule that {SMALLEST_BASE} rows and more of a source broke.",
        (
            text("source", "Source", "What the files hold."),
            text("rule", "Rule", "Name of the rule."),
            text("outcome", "Then", "reject_row, warn or reject_file."),
            text("sentence", "Sentence", "What is said to the person who filled in the form."),
            count("rows", "Rows", "How many rows broke it."),
        ),
        ("source", "rule", "outcome", "sentence"),
        summed_where=f"sum(rows) >= {SMALLEST_BASE}",
    ),
)


def rows_of_measures() -> pd.DataFrame:
    """One row a measure of the catalogue; its columns are those of the register `measures`."""
    return pd.DataFrame(
        [
            {
                "measure": metric.name,
                "title": metric.label,
                "unit": metric.unit,
                "definition": metric.definition,
                "caveat": metric.caveat or None,
                "better": metric.better,
                "formula": metric.kind.words,
                "table": f"data/figures_{metric.fact.name}.csv",
            }
            for metric in catalogue()
        ]
    )
