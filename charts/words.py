"""How does a number, a period or a choice of filters read in a sentence?"""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeGuard

from charts.model import Mark
from metrics.model import Metric, Sum
from metrics.query import Filters
from text import date_text, month_text, number, t, with_unit

_COUNTED_MONTHS = {"visits_per_facility_month": "facility_months", "pupils_per_school": "school_months"}


@dataclass(frozen=True)
class Around:
    """What a chart must know besides its figures: names of codes, how far the data go, what happened when, the standard of each service."""

    names: Mapping[str, str]
    data_to: date
    events: tuple[Mark, ...] = ()
    standards: Mapping[str, float] = field(default_factory=dict)

    def name(self, code: object) -> str:
        """The name of a place, service, aspect or answer in the reader's language."""
        known = "unknown" if code is None or code != code else str(code)
        return self.names.get(known, known)


def is_known(value: object) -> TypeGuard[float]:
    """Whether there is a number to show."""
    return isinstance(value, int | float) and not math.isnan(value)


def label(metric: Metric) -> str:
    """A measure's name in the reader's language."""
    return t(f"metric.{metric.name}.label", otherwise=metric.label)


def definition(metric: Metric) -> str:
    """What a measure means, in the reader's language."""
    figures = {name: number(value) for name, value in metric.figures}
    return t(f"metric.{metric.name}.definition", otherwise=metric.definition, **figures)


def caveat(metric: Metric) -> str:
    """What to keep in mind about a measure; may be empty."""
    return t(f"metric.{metric.name}.caveat", otherwise=metric.caveat)


def amount(metric: Metric, value: float, *, is_signed: bool = False) -> str:
    """A value with its unit: "13 days", "71 %"; a difference of shares is in points."""
    decimals = max(metric.decimals, 1) if 0 < abs(value) < 1 and not is_whole(metric) else metric.decimals
    unit = "points" if is_signed and metric.unit == "%" else metric.unit
    return with_unit(value, unit, decimals, sign=is_signed)


def likely(metric: Metric, low: float, high: float, key: str = "chart.likely") -> str:
    """The likely range in words; one number where both ends round to the same."""
    if number(low, metric.decimals) == number(high, metric.decimals):
        return t(f"{key}_one", value=amount(metric, high))
    return t(key, low=number(low, metric.decimals), high=amount(metric, high))


def is_whole(metric: Metric) -> bool:
    """Whether only whole numbers make sense: counts."""
    return isinstance(metric.kind, Sum)


def said(metric: Metric, value: float, status: str) -> str:
    """A cell in words, whatever its status."""
    if status == "shown" and is_known(value):
        return amount(metric, value)
    if status in ("low", "high"):
        return t(f"cell.{status}")
    return t("cell.no_data") if status == "shown" else t(f"cell.{status}")


def base(metric: Metric, n: float) -> str:
    """What a figure rests on: "1,204 requests", "310 facility-months"."""
    return t(f"base.{_COUNTED_MONTHS.get(metric.name, metric.fact.name)}", n=number(n))


def records(metric: Metric, n: float) -> str:
    """The records behind a verdict: "54,684 visits" where a measure's base is the reports that hold them."""
    return t(f"base.{metric.fact.name}", n=number(n))


def short(metric: Metric, value: float) -> str:
    """A value beside one that has said the unit already: "11", but "33 %"."""
    return amount(metric, value) if metric.unit == "%" else number(value, metric.decimals)


def wrapped(text: str, characters: int) -> str:
    """A text in lines of about so many characters; Khmer breaks at its zero-width spaces. Plotly never wraps by itself."""
    lines, visible = [""], 0
    for word in re.split("([ \u200b])", text):
        width = sum(not unicodedata.category(letter).startswith(("M", "C")) for letter in word)
        if visible and visible + width > characters and word.strip(" \u200b"):
            lines, visible = [*lines, ""], 0
        lines[-1] += word
        visible += width
    return "<br>".join(line.strip() for line in lines)


def scope(where: Filters, around: Around) -> str:
    """The chosen filters in words: "Kampot; birth certificate; Jan 2024 – Oct 2026"."""
    place = where.commune or where.district or where.province
    parts = [around.name(place) if place else t("scope.everywhere")]
    if where.service:
        parts.append(around.name(where.service))
    elif where.facility_type:
        parts.append(t(f"facility_type.{where.facility_type}"))
    if where.aspect:
        parts.append(t(f"aspect.{where.aspect}"))
    of_cycle = (where.category, where.responsible, where.partner, where.action_status)
    of_outreach = (where.session_topic, where.assessment_stage, where.assessment_question)
    parts += [around.name(code) for code in (*of_cycle, *of_outreach) if code]
    if where.covered:
        parts.append(t(f"covered.{where.covered}"))
    if where.month_from or where.month_to:
        parts.append(between(where.month_from, where.month_to))
    return "; ".join(parts)


def between(first: str | None, last: str | None) -> str:
    """A span of months ("2024-01") in words, open at either end."""
    start, end = (date.fromisoformat(f"{month}-01") if month else None for month in (first, last))
    if start and end:
        return f"{month_text(start)} – {month_text(end)}"
    return t("scope.since", month=month_text(start)) if start else t("scope.until", month=month_text(end)) if end else t("scope.all_months")


def source(fact: str, around: Around) -> str:
    """Where the figures of a chart come from and how far they go."""
    return t(f"source.{fact}", date=date_text(around.data_to))


def metric_key(*metrics: Metric) -> str:
    """A short name for files and widgets."""
    return "-".join(m.name for m in metrics)
