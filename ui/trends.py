"""Which trend does the reader want to see: freed of the time of year, with completed requests only beside it? Kept in the address."""

import streamlit as st

import charts
from metrics import limits
from metrics.query import Query
from reports import view
from text import t
from ui import blocks, links

_SEASONS = ("adjusted", "raw")


def chart(query: Query) -> limits.Trend:
    """Draw the trend of a query with its limits, and return what was asked for it, with what the reader chose. Under its switch."""
    with st.container(gap="xxsmall"):
        trend = _choose(query)
        blocks.chart(charts.control, trend)
    return trend


def _choose(query: Query) -> limits.Trend:
    metric, build_id = query.metrics[0], view.now().build.build_id
    if metric == limits.ADJUSTED_MEASURE and query.period == "month":
        if limits.can_adjust(query, build_id):
            return limits.Trend.of(query, is_adjusted=_season() == "adjusted")
        blocks.small(t("limits.no_season"))
    if metric == "median_processing_days":
        return limits.Trend.of(query, has_completed_only=_completed_only())
    return limits.Trend.of(query)


def _season() -> str:
    """Seasonally adjusted, which is usual where it is possible, or as reported."""
    asked = st.query_params.get("season")
    st.session_state["choose season"] = asked if asked in _SEASONS else _SEASONS[0]
    st.segmented_control(
        t("limits.season"),
        _SEASONS,
        format_func=lambda season: t(f"limits.season_{season}"),
        key="choose season",
        required=True,
        label_visibility="collapsed",
        on_change=lambda: links.choose(season="raw" if st.session_state["choose season"] == "raw" else None),
    )
    return str(st.session_state["choose season"])


def _completed_only() -> bool:
    """Whether the time of completed requests only is drawn beside the true one."""
    st.session_state["choose completed"] = st.query_params.get("completed") == "yes"
    return st.toggle(
        t("limits.show_completed_only"),
        key="choose completed",
        on_change=lambda: links.choose(completed="yes" if st.session_state["choose completed"] else None),
    )
