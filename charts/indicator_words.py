"""How do an indicator of the results framework, its values and its progress read in a sentence?"""

import math
from collections.abc import Mapping
from datetime import date

from charts import words
from metrics import catalogue
from metrics.indicators import Indicator, Milestone
from metrics.logframe import DIRECT, PROGRESS, REACHED, IndicatorValue, Part, Value, counted
from metrics.model import PLACES
from metrics.query import HIDDEN, NO_DATA, SHOWN
from text import date_text, language, month_text, number, t, with_unit

_AS_FILTERS = (*PLACES, "service", "facility_type", "aspect", "category", "covered")
_ENTERED = ("youth", "minority", "disability")


def told(texts: Mapping[str, str]) -> str:
    """A declared text in the reader's language, else in English."""
    return texts.get(language()) or texts["en"]


def title(indicator: Indicator) -> str:
    """The indicator's own words."""
    return told(indicator.title)


def definition(indicator: Indicator) -> str:
    """What is counted: the indicator's own definition, else its measure's with its caveat; then what its values span."""
    metric = indicator.metric
    own = told(indicator.own_definition)
    if metric is not None:
        own = own or f"{words.definition(metric)} {words.caveat(metric)}".strip()
    return " ".join(filter(None, (own, spans(indicator), told(indicator.note))))


def spans(indicator: Indicator) -> str:
    """What a value at a day counts, in words."""
    kind = indicator.span if indicator.metric is not None or indicator.span != "latest" else "entered"
    since = date_text(indicator.counted_from) if indicator.counted_from else t("results.first_record")
    return t(f"results.span.{kind}", since=since)


def amount(indicator: Indicator, value: float, *, is_signed: bool = False) -> str:
    """A value with its unit."""
    if indicator.metric is not None:
        return words.amount(indicator.metric, value, is_signed=is_signed)
    unit = "points" if is_signed and indicator.unit == "%" else indicator.unit
    return with_unit(value, unit, indicator.decimals, sign=is_signed)


def goal(indicator: Indicator, value: float) -> str:
    """A milestone or target with its unit, as it was declared: 150 visits, 16.5 %; of a point between two, as values are told."""
    decimals = next((places for places in range(2) if round(value, places) == value), indicator.decimals)
    return with_unit(value, indicator.unit, decimals)


def said(indicator: Indicator, value: Value) -> str:
    """A value in words, whatever its status; no data yet is not zero."""
    if value.is_known:
        return amount(indicator, value.value)
    if value.status in (NO_DATA, SHOWN):
        return t("results.no_data_yet")
    if value.status == "not_possible":
        return t("results.not_possible")
    if value.status == "not_reached":
        return t("results.longer_than", days=with_unit(value.low, "days")) if not math.isnan(value.low) else t("results.no_data_yet")
    return t("results.hidden") if value.status == HIDDEN else t(f"cell.{value.status}")


def said_against(found: IndicatorValue) -> str:
    """The value as it is said beside its milestone: with one more decimal where it only rounds to what it does not reach."""
    one, current, due = found.indicator, found.current, found.milestone
    told = said(one, current)
    if due is None or not current.is_known or found.progress == REACHED or told != amount(one, due.value):
        return told
    return with_unit(current.value, one.unit, one.decimals + 1)


def likely(indicator: Indicator, value: Value) -> str:
    """The likely range of a value; empty where it has none."""
    if indicator.metric is None or not value.is_known or math.isnan(value.low) or math.isnan(value.high):
        return ""
    return words.likely(indicator.metric, value.low, value.high)


def base(indicator: Indicator, value: Value) -> str:
    """What a value rests on; empty where that is not said or is the value itself."""
    if math.isnan(value.n) or (indicator.is_count and indicator.metric is not None):
        return ""
    return words.base(indicator.metric, value.n) if indicator.metric is not None else with_unit(value.n, "people")


def span(value: Value) -> str:
    """Which months a value counts, or as at which day it is."""
    if value.first and value.last:
        return f"{month_text(value.first)} – {month_text(value.last)}"
    return date_text(value.last or value.reference_date) if value.last or value.reference_date else ""


def milestone(indicator: Indicator, due: Milestone | None) -> str:
    """What was due, with its day."""
    return t("results.due", value=goal(indicator, due.value), date=date_text(due.day)) if due else t("results.none_due")


def progress(found: IndicatorValue) -> str:
    """How an indicator stands against what was due by then; why nothing can be said where that is so."""
    return t("results.progress.hidden") if found.current.status == HIDDEN else t(f"results.progress.{found.progress}")


def finding(values: tuple[IndicatorValue, ...]) -> str:
    """How many indicators stand how, in one sentence."""
    numbers = counted(values)
    rest = ", ".join(t(f"results.count.{word}", n=number(numbers[word])) for word in PROGRESS if word != REACHED and numbers[word])
    form = "one" if numbers[REACHED] == 1 else "reached"
    first = t(f"results.count.{form}", n=number(numbers[REACHED]), all=number(len(values)))
    return t("results.count.both", reached=first, rest=rest) if rest else t("results.count.only", reached=first)


def dimension(name: str) -> str:
    """What a breakdown is called."""
    if name in catalogue() or name in _ENTERED:
        return t("results.dimension.group")
    if name in ("reach", "reach_sex"):
        return t(f"results.dimension.{name}")
    return t(f"filter.{name}") if name in _AS_FILTERS else t(f"attribute.{name}")


def part(found: Part, names: Mapping[str, str]) -> str:
    """What a part is called; `names`: those of places, services and the like by code."""
    if found.dimension in catalogue():
        return words.label(catalogue()[found.dimension])
    if found.code in ("unknown", "None"):
        return t("value.unknown")
    if found.dimension == "reach_sex":
        reach, sex = found.code.split("_")
        return f"{t(f'reach.{reach}')}: {t(f'group_code.{sex}')}"
    if found.dimension in _ENTERED:
        return t(f"group_code.{found.code}")
    if found.dimension == "reach":
        return t(f"reach.{found.code or DIRECT}")
    return names.get(found.code) or t(f"{found.dimension}.{found.code}", otherwise=found.code)


def part_value(indicator: Indicator, found: Part) -> str:
    """A part's value: of another measure, a share of that measure."""
    if found.dimension in catalogue() and found.value.is_known:
        return words.amount(catalogue()[found.dimension], found.value.value)
    return said(indicator, found.value)


def day(when: date | None) -> str:
    """A day in words, empty where there is none."""
    return date_text(when) if when else ""
