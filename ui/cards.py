"""How does one promise of the programme read on the overview? Before and after, how sure, on how much, and the way in."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from charts.sparkline import sparkline
from charts.words import amount, base, is_known, short
from metrics.compare import Comparison
from metrics.query import Filters
from text import month_text, number, t
from text.numbers import NO_BREAK_SPACE
from ui import ask, blocks, links, view

BROAD = 0.1


@dataclass(frozen=True)
class Promise:
    """One promise: its key in the texts, the measure that tests it, the filter it needs, the page that tells more."""

    key: str
    metric: str
    page: str
    aspect: str | None = None
    facility_type: str | None = None

    def where(self, chosen: Filters) -> Filters:
        """The reader's filters with what this promise is about."""
        return chosen.but(aspect=self.aspect, facility_type=self.facility_type)


PROMISES = (
    Promise("use", "visits_per_facility_month", "service_use", facility_type="health_centre"),
    Promise("time", "median_processing_days", "processing"),
    Promise("standard", "within_standard_pct", "processing"),
    Promise("friendliness", "satisfied_pct", "feedback", aspect="friendliness"),
)


def promise_card(promise: Promise, chosen: Filters) -> None:
    """Subject, finding, what it rests on, the two numbers, the shape of the series, and the way to its page unless we are there."""
    found = ask.before_after(promise.metric, promise.where(chosen))
    with st.container(border=True, key=f"promise-{promise.key}"):
        subject, words, proof = st.columns([1.8, 5, 5.2], gap="xsmall", vertical_alignment="center")
        subject.markdown(f":small[:gray[{t(f'promise.{promise.key}.subject')}]]")
        words.markdown(f"**{finding(promise, found)}**  \n:small[:gray[{basis(found)}]]")
        with proof.container(horizontal=True, gap="small", vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(numbers(found), unsafe_allow_html=True, width=190)
            st.markdown(shape(promise, found), unsafe_allow_html=True, width=138)
            if view.now().page != promise.page:
                st.page_link(
                    f"pages/{promise.page}.py",
                    label=t("button.details"),
                    icon=":material/arrow_forward:",
                    icon_position="right",
                    query_params=links.query(),
                )


def is_told(found: Comparison) -> bool:
    """Whether there is a before and an after to compare."""
    return is_known(found.before) and is_known(found.after)


def is_broad(found: Comparison) -> bool:
    """Whether at least one covered commune in ten stands behind the comparison; else its numbers are set quietly."""
    return found.communes >= BROAD * found.communes_covered


def finding(promise: Promise, found: Comparison) -> str:
    """The two figures in a sentence, without a judgement."""
    if not is_told(found):
        return t(f"promise.{promise.key}.none")
    told = t(f"promise.{promise.key}.finding", before=short(found.metric, found.before), after=amount(found.metric, found.after))
    return told if is_broad(found) else t("promise.few_communes", n=number(found.communes), finding=told)


def basis(found: Comparison) -> str:
    """How many communes qualify, on how much, and since when the programme came."""
    parts = [t("promise.communes", n=number(found.communes), all=number(found.communes_covered))]
    if found.n_after and is_known(float(found.n_after)):
        parts.append(t("promise.rest_on", before=base(found.metric, found.n_before), after=number(found.n_after)))
    if found.first_start and found.last_start:
        first, last = (month_text(day).replace(" ", NO_BREAK_SPACE) for day in (found.first_start, found.last_start))
        parts.append(t("promise.starts", first=first, last=last) if first != last else t("promise.started", month=first))
    return "; ".join(parts)


def change(found: Comparison) -> str:
    """The difference and its likely range in words."""
    if not is_told(found) or not is_known(found.difference):
        return t("promise.too_little")
    if found.relative:
        told = f"{number(found.difference, 0, sign=True)} %"
        ends = (number(found.low, 0, sign=True), f"{number(found.high, 0, sign=True)} %")
    else:
        told = amount(found.metric, found.difference, is_signed=True)
        ends = (number(found.low, found.metric.decimals, sign=True), number(found.high, found.metric.decimals, sign=True))
    return t("promise.change", difference=told, low=ends[0], high=ends[1]) if is_known(found.low) and is_known(found.high) else told


def numbers(found: Comparison) -> str:
    """Before, after and the difference as HTML."""
    metric = found.metric
    before, after = (number(v, metric.decimals) if is_known(v) else "–" for v in (found.before, found.after))
    unit = "%" if metric.unit == "%" else t(f"unit.{metric.unit}.many")
    return blocks.pair(before, after, unit, change(found), is_known=is_told(found) and is_broad(found))


def shape(promise: Promise, found: Comparison) -> str:
    """The quarters before and after each commune's start, as a small line."""
    steps = list(found.series["step"]) if len(found.series) else []
    values: Sequence[float | None] = [float(v) if is_known(v) else None for v in found.series["value"]] if len(found.series) else []
    start = next((i for i, step in enumerate(steps) if step >= 0), None)
    return sparkline(
        values,
        start=start,
        before=found.before if is_told(found) else None,
        after=found.after if is_told(found) else None,
        label=finding(promise, found),
    )
