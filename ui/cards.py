"""How does one promise of the programme read on the overview? Before and after, how sure, on how much, and the way in."""

from collections.abc import Sequence

import streamlit as st

from charts.sparkline import sparkline
from charts.words import is_known
from metrics.compare import Comparison
from metrics.query import Filters
from reports import ask, told
from reports.told import Promise
from stats.verdict import Word
from text import number, t
from ui import blocks, links, verdicts

_NUMBERS_PX, _SHAPE_PX = 180, 126  # side by side on a phone too


def promise_card(promise: Promise, chosen: Filters) -> None:
    """Subject, finding, what it rests on, the two numbers, the shape of the series, and the way to its page."""
    found, verdict = ask.judged(promise.metric, promise.where(chosen))
    with st.container(border=True, key=f"promise-{promise.key}"):
        widths = [2.2, 5.3, 4.7] if told.is_told(found) else [2.2, 8.8, 1.2]  # without numbers the words have their room
        subject, words, proof = st.columns(widths, gap="xsmall", vertical_alignment="center")
        chip = verdicts.chip(verdict.word, "" if promise.has_before else t("promise.no_before_chip"))
        subject.markdown(f":small[:gray[{t(f'promise.{promise.key}.subject')}]]  \n{chip}")
        words.markdown(f"**{told.finding(promise, found)}**  \n:small[:gray[{told.basis(found)}]]")
        with proof.container(horizontal=True, gap="small", vertical_alignment="center", horizontal_alignment="distribute"):
            if told.is_told(found):
                st.markdown(numbers(found, is_loud=verdict.word != Word.CANNOT_TELL), unsafe_allow_html=True, width=_NUMBERS_PX)
                st.markdown(shape(promise, found), unsafe_allow_html=True, width=_SHAPE_PX)
            details(promise.page)


def details(page: str) -> None:
    """The way to the page that tells more, with all choices."""
    label, icon = t("button.details"), ":material/arrow_forward:"
    st.page_link(f"pages/{page}.py", label=label, icon=icon, icon_position="right", query_params=links.query())


def key(chosen: Filters) -> None:
    """How the cards are read, once under them; nothing where no card has two numbers."""
    if sides := told.sides([ask.before_after(promise.metric, promise.where(chosen)) for promise in told.PROMISES]):
        blocks.small(t("promise.key", sides=sides))


def how_sure(promises: Sequence[Promise], chosen: Filters) -> None:
    """Under the answer of a page: the difference with its likely range, on how many communes and records, since when."""
    if chosen.covered == "no":
        return
    found = [(promise, *ask.judged(promise.metric, promise.where(chosen))) for promise in promises]
    with st.container(gap="xxsmall"):
        for promise, compared, verdict in found:
            subject = f"{t(f'promise.{promise.key}.subject')}: " if len(promises) > 1 else ""
            difference = f"**{told.change(compared)}** · " if told.is_told(compared) else ""
            blocks.line(f"{verdicts.chip(verdict.word)} :small[:gray[{subject}{difference}{told.basis(compared)}]]")
        if sides := told.sides([compared for _, compared, _ in found]):
            how = t("promise.how", sides=sides)
            blocks.small(f"{how} {t('promise.months_do_not_matter')}" if chosen.month_from or chosen.month_to else how)


def numbers(found: Comparison, *, is_loud: bool = True) -> str:
    """Before, after and the difference as HTML; quiet where it is too little to be a finding."""
    metric = found.metric
    before, after = (number(v, metric.decimals) if is_known(v) else "–" for v in (found.before, found.after))
    unit = "%" if metric.unit == "%" else t(f"unit.{metric.unit}.many")
    return blocks.pair(before, after, unit, told.change(found), is_known=is_loud and told.is_broad(found))


def shape(promise: Promise, found: Comparison) -> str:
    """The quarters or years before and after each commune's start, as a small line."""
    steps = list(found.series["step"]) if len(found.series) else []
    values: Sequence[float | None] = [float(v) if is_known(v) else None for v in found.series["value"]] if len(found.series) else []
    start = next((i for i, step in enumerate(steps) if step >= 0), None)
    return sparkline(
        values,
        start=start,
        before=found.before,
        after=found.after,
        label=told.finding(promise, found),
        width=_SHAPE_PX,
    )
