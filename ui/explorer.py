"""What does the reader want to know? Measure, breakdown and period, chosen freely inside what may be shown."""

from dataclasses import replace

import streamlit as st

import charts
from charts.words import label
from metrics import catalogue
from metrics.query import Filters, Query
from reports import ask, tables
from text import number, t
from ui import blocks, links, problems
from warehouse import Problem

_FILTERS = {"province", "district", "commune", "service", "category", "covered", "month_from", "month_to"}  # that the page has
_PERIODS = ("month", "quarter", "year", "fiscal_year")
_FEW_LINES = 4
_MANY_ROWS = 40  # of a chart that nobody scrolls through; the table holds them all
_FIRST = ("median_processing_days", "satisfied_pct")  # what is shown before anything is chosen, where it is there


def linked() -> Query | None:
    """The whole question of a link that asks for more than the choices of this page can say; else, or where it cannot be asked, None.

    Such a link stands in every file that is taken away: several measures or breakdowns, or a filter that the page does not have.
    """
    params = {name: "" if value == "none" else value for name, value in st.query_params.to_dict().items()}
    if "measure" not in params:
        return None
    try:
        query = Query.from_params(params)
        facts = [catalogue()[name].fact for name in query.metrics]
        is_more = len(query.metrics) > 1 or len(query.by) > 1 or not facts[0].has_period or set(query.where.given()) - _FILTERS
        if not is_more:
            return None
        ask.result(query)
    except Problem as problem:
        problems.quiet_note(f"{problem.what} {problem.action}")
        return None
    by = [tables.heading(name) for name in query.by] + ([t(f"period.{query.period}")] if query.period else [])
    parts = [", ".join(label(catalogue()[name]) for name in query.metrics), ", ".join(by), blocks.filters_in_words(query.where)]
    blocks.small(t("linked.question", question=" · ".join(filter(None, parts))))
    st.button(t("linked.freely"), icon=":material/tune:", type="tertiary", on_click=_choose_freely)
    return query


def _choose_freely() -> None:
    """Leave the question of the link; the choices of the page stay."""
    for name in [name for name in st.query_params if name not in links.CHOICES]:
        del st.query_params[name]


def choose(where: Filters) -> Query:
    """Measure, breakdown and period as choices in the address; a combination that cannot be asked is a Problem with the way out."""
    known = catalogue()
    names = [metric.name for metric in known if metric.fact.has_period]
    measure = _asked("measure", names, next((name for name in (*_FIRST, *names) if ask.has_data(name)), _FIRST[0]))
    fact = known[measure].fact
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", width=980):
        _choice("measure", names, measure, {name: label(known[name]) for name in names})
        breakdowns = ["", *(d for d in fact.dimensions if d != known[measure].spends)]
        by = _asked("by", breakdowns, "")
        _choice("by", breakdowns, by, {d: tables.heading(d) if d else t("explore.no_breakdown") for d in breakdowns})
        periods = ["", *_PERIODS]
        asked = Query((measure,), by=(by,) if by else (), where=where.only(fact.dimensions))
        period = _asked("period", periods, ask.finest(asked, ("quarter", "year")).period or "year")
        _choice("period", periods, period, {p: t(f"period.{p}") if p else t("explore.no_period") for p in periods})
    return replace(asked, period=period or None)


def _asked(name: str, options: list[str], default: str) -> str:
    value = st.query_params.get(name, default)
    value = "" if value == "none" else value
    if value not in options:
        problems.quiet_note(t("filter.dropped", value=value))
    return value if value in options else default


def _choice(name: str, options: list[str], value: str, words: dict[str, str]) -> None:
    st.session_state[f"explore {name}"] = value
    st.selectbox(
        t(f"explore.{name}"),
        options,
        key=f"explore {name}",
        format_func=lambda option: words.get(option, option),
        on_change=_changed,
        args=(name,),
    )


def _changed(name: str) -> None:
    st.query_params[name] = st.session_state[f"explore {name}"] or "none"


def answer(query: Query) -> None:
    """The chart that suits the question, and under it the whole table."""
    result = ask.result(query)
    column = next((key for key in result.keys if key != "period_start"), None)
    lines = result.table[column].nunique() if column else 1
    if max(len(query.metrics), len(query.by)) > 1:
        blocks.heading(", ".join(label(metric) for metric in result.metrics), level=3)
    elif query.period and (column is None or lines <= _FEW_LINES):
        blocks.chart(charts.trend, query, **({"split": column} if column else {}))
    elif column and lines <= _MANY_ROWS:
        blocks.chart(charts.rows, replace(query, period=None), by=column)
    elif column:
        blocks.small(t("explore.many", n=number(lines)))
    else:
        blocks.sole_figure(result)
    if len(result.table):
        st.dataframe(tables.readable(result, ask.around(query.where)), hide_index=True, height=min(420, 36 * (len(result.table) + 1) + 2))
