"""What does the reader want to know? Measure, breakdown and period, chosen freely inside what may be shown."""

import streamlit as st

import charts
from charts.words import label
from metrics import catalogue
from metrics.query import Filters, Query
from text import t
from ui import ask, blocks, tables

_KEYS = ("measure", "by", "period")
_PERIODS = ("month", "quarter", "year", "fiscal_year")
_FEW_LINES = 4


def choose(where: Filters) -> Query:
    """Measure, breakdown and period as choices in the address; a combination that cannot be asked is a Problem with the way out."""
    known = catalogue()
    names = [metric.name for metric in known if metric.fact.has_period]
    measure = _asked("measure", names, "median_processing_days")
    fact = known[measure].fact
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", width=980):
        _choice("measure", names, measure, {name: label(known[name]) for name in names})
        breakdowns = ["", *(d for d in fact.dimensions if d != known[measure].spends)]
        by = _asked("by", breakdowns, "")
        _choice("by", breakdowns, by, {d: tables.heading(d) if d else t("explore.no_breakdown") for d in breakdowns})
        periods = ["", *_PERIODS]
        period = _asked("period", periods, "quarter")
        _choice("period", periods, period, {p: t(f"period.{p}") if p else t("explore.no_period") for p in periods})
    return Query((measure,), by=(by,) if by else (), period=period or None, where=where.only(fact.dimensions))


def _asked(name: str, options: list[str], default: str) -> str:
    value = st.query_params.get(name, default)
    value = "" if value == "none" else value
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
    if query.period and (column is None or lines <= _FEW_LINES):
        blocks.chart(charts.trend, query, **({"split": column} if column else {}))
    elif column:
        latest = Query(query.metrics, by=query.by, where=query.where)
        blocks.chart(charts.rows, latest, by=column)
    else:
        blocks.sole_figure(result)
    st.dataframe(tables.readable(result, ask.around(query.where)), hide_index=True, height=360)
