"""How is the accountability cycle of one commune told: what was scored low, agreed, done, and what the records and citizens say since?"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from metrics.follow_through import follow_through
from metrics.query import Filters, Query
from reports import ask, figures, place, tables, view
from text import number, t
from ui import blocks

STORIES_SHOWN = 4


def chart(chosen: Filters, queries: Sequence[Query], title: str) -> None:
    """The timeline with its table; where no lane can be drawn, why."""
    seen = view.now()
    if made := figures.timeline(chosen, tuple(queries), title):
        blocks.show_made(made)
    else:
        blocks.nothing(ask.result(queries[0]))
    table = _table(chosen, seen.build.build_id, seen.language)
    if len(table):
        with st.expander(t("timeline.table", n=number(len(table)))):
            st.dataframe(table, hide_index=True, width="stretch", height=min(420, 36 * (len(table) + 1) + 2))
            blocks.own_proof(table, t("timeline.caveat"), "timeline", is_table_shown=True)


@ask.remembered
def _table(chosen: Filters, build_id: str, language: str) -> pd.DataFrame:
    found, around = place.cycle(chosen), ask.around(chosen)
    return pd.DataFrame(
        {
            t("table.date"): found["day"],
            t("table.event_type"): [t(f"timeline.{kind}") for kind in found["kind"]],
            tables.heading("facility_type"): found["facility_type"].map(around.name, na_action="ignore"),
            tables.heading("category"): found["category"].map(around.name, na_action="ignore"),
            t("timeline.value"): [None if pd.isna(value) else number(value) for value in found["value"]],
            t("plans.action"): found["action"],
        }
    )


def stories(chosen: Filters) -> None:
    """Each low score that was answered by an action, from the score to what records and citizens say since; those with a record first."""
    found = follow_through(view.now().build.build_id, str(chosen.commune))
    if found is None:
        return
    cases = found.cases[found.cases["has_action"]]
    if kind := place.facility_type(chosen):
        cases = cases[cases["facility_type"] == kind]
    blocks.heading(t("timeline.stories"), t("timeline.stories_text"), 3)
    if cases.empty:
        blocks.small(t("timeline.no_story"))
        return
    order = cases.assign(is_silent=cases["record"].isin(place.UNTOLD)).sort_values(["is_silent", "scored_date"], ascending=[True, False])
    told = [place.story(row) for row in order.to_dict("records")]
    for line in told[:STORIES_SHOWN]:
        blocks.line(line)
    if rest := told[STORIES_SHOWN:]:
        with st.expander(t("page.overview.more", n=number(len(rest)))):
            for line in rest:
                blocks.line(line)
