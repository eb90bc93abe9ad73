"""Who is this commune: covered since when, by whom, how many people, which facilities, what happened?"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from metrics.query import Filters, Query
from reports import ask, view
from text import date_text, t
from text.numbers import NO_BREAK_SPACE
from ui import blocks, where


def choose(chosen: Filters) -> None:
    """No commune yet: the question without a name, why the page is empty, and the squares to choose from."""
    blocks.question("commune_any")
    if not ask.communes().empty:
        blocks.lead(f"{t('empty.no_commune.meaning')} {t('empty.no_commune.action')}")
    where.map_of_communes(chosen)


def events(chosen: Filters) -> None:
    """Everything dated that is known here, as a list; the chart names only the first and the last."""
    found = ask.events_of(chosen)
    if found.empty:
        return
    blocks.heading(t("page.commune.events"))
    language = view.now().language
    table = pd.DataFrame(
        {
            t("table.date"): [date_text(d).replace(" ", NO_BREAK_SPACE) for d in found["event_date"]],
            t("table.event_type"): [t(f"event_type.{kind}") for kind in found["event_type"]],
            t("table.event"): [row.get(f"title_{language}") or row.get("title_en") for row in found.to_dict("records")],
        }
    )
    st.table(table, hide_index=True, border="horizontal")
    with st.container(horizontal=True, gap="small"):
        blocks.own_downloads(table, t("page.commune.events"), "events")


def how_fine(lanes: Sequence[Query]) -> None:
    """A quiet line where a lane is drawn by quarter or year because most of its months are hidden, or are never published."""
    if any(query.period != "month" for query in lanes):
        blocks.small(t("page.commune.how_fine"))
