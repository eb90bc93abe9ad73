"""How is a finding said in one sentence? Each measure has its own (`finding.<measure>`); what it is compared with follows it."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from charts.words import Around, amount, is_known, label, short
from metrics.model import Metric
from metrics.query import Filters
from text import number, t


def level(metric: Metric, value: float, where: Filters) -> str:
    """One figure in the measure's own words: "Half of the requests are ready in 9 days"."""
    words = {
        "value": amount(metric, value),
        "facility": t(f"finding.facility.{where.facility_type or 'any'}"),
        "about": t(f"finding.about.{where.aspect or 'any'}"),
    }
    return t(f"finding.{metric.name}", otherwise=t("finding.any", measure=label(metric), **words), **words)


def over_time(metric: Metric, where: Filters, value: float, when: str, earlier: float | None = None) -> str:
    """The newest figure beside the one of a year earlier: "…, down from 11 a year earlier (Oct 2026)"."""
    told = level(metric, value, where)
    if earlier is None:
        return t("finding.tail.level", told=told, when=when)
    is_same = amount(metric, earlier) == amount(metric, value)
    turn = "same" if is_same else "up" if value > earlier else "down"
    return t(f"finding.tail.{turn}", told=told, when=when, earlier=short(metric, earlier))


def side_by_side(metric: Metric, split: str, figures: Mapping[str, float], when: str, around: Around) -> str:
    """The newest figures of two or more lines, by code."""
    if split == "covered" and {"yes", "no"} <= figures.keys():
        return t("finding.split.covered", yes=amount(metric, figures["yes"]), no=amount(metric, figures["no"]), when=when)
    values = ", ".join(f"{around.name(code)} {amount(metric, value)}" for code, value in figures.items())
    return t("finding.split.any", measure=label(metric), values=values, when=when)


def between(metric: Metric, by: str, table: pd.DataFrame, around: Around, where: Filters) -> str:
    """The highest and the lowest of several lines; `table` has the column `by` and the measure."""
    kind = {"province_code": "place", "district_code": "place", "commune_code": "place"}.get(by, by.removesuffix("_code"))
    rows = [row for row in table.to_dict("records") if row[f"{metric.name}_status"] == "shown" and is_known(row[metric.name])]
    if kind == "aspect" and len(rows) > 1:
        rows = [row for row in rows if row[by] != "overall"]  # a sum of the others, no aspect beside them
    if not rows:
        return t("finding.none", measure=label(metric))
    rows.sort(key=lambda row: row[metric.name])
    low, high = rows[0], rows[-1]
    if len(rows) == 1:
        return t("finding.by.one", name=around.name(low[by]), told=level(metric, low[metric.name], where))
    if kind == "documents_complete" and metric.is_time and {"true", "false"} <= {str(row[by]) for row in rows}:
        told = {str(row[by]): row[metric.name] for row in rows}
        return t("finding.by.documents", complete=amount(metric, told["true"]), incomplete=short(metric, told["false"]))
    words = {
        "high_name": _name(kind, high[by], around),
        "high": amount(metric, high[metric.name]),
        "low_name": _name(kind, low[by], around),
        "low": short(metric, low[metric.name]),
    }
    if amount(metric, low[metric.name]) == words["high"]:
        return t("finding.by.same_place" if kind == "place" else "finding.by.same", told=level(metric, high[metric.name], where))
    return t(f"finding.by.{kind}.{metric.name}", otherwise=t("finding.by.any", measure=label(metric), **words), **words)


def _name(kind: str, code: Hashable, around: Around) -> str:
    """A name inside a sentence; aspects have a form of their own there."""
    return t(f"finding.aspect.{code}", otherwise=around.name(code)) if kind == "aspect" else around.name(code)


def services(shorter: int, longer: int, compared: int) -> str:
    """In how many services people wait less, or longer, than before the programme; no judgement."""
    if not compared:
        return t("finding.services.none")
    turn = "both" if shorter and longer else "shorter" if shorter else "longer" if longer else "same"
    return t(f"finding.services.{turn}", shorter=number(shorter), longer=number(longer), all=number(compared))


def waiting(rows: list[dict[Hashable, Any]]) -> str:
    """How many requests are still open and how many of them late, as far as they can be shown; one row: all of them together."""
    waiting, late = ((rows[0][name] if rows else float("nan")) for name in ("open_requests", "overdue_requests"))
    if not is_known(waiting):
        return t("finding.waiting.all_hidden")
    if not is_known(late):
        return t("finding.waiting.hidden", open=number(waiting))
    return t("finding.waiting.all", open=number(waiting), late=number(late))
