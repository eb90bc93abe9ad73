"""Where is the programme, what is known there, and what needs somebody's attention?"""

from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

from metrics import read_verdicts
from metrics.query import Filters
from reports import ask, judged, told, view
from stats.verdict import Word
from text import month_text, number, t
from ui import blocks, components, cycles, links, plans, verdicts

CHANGED_SHOWN, CHANGED_OF_ONE, ATTENTION_SHOWN = 8, 2, 5
_USUAL_SQUARES = "time"


def communes_and_attention(chosen: Filters) -> None:
    """The squares and, beside them, what needs attention; for one commune the way to its page, and why where none is known."""
    if judged.inside(ask.communes(), chosen).empty:
        map_of_communes(chosen)
        return
    if chosen.commune:
        st.page_link("pages/commune.py", label=t("button.open_commune"), icon=":material/arrow_forward:", query_params=links.query())
        needs_attention(chosen)
        return
    squares, lists = st.columns([1.7, 1], gap="large")
    with squares:
        map_of_communes(chosen)
    with lists:
        most_changed(chosen)
    needs_attention(chosen)


def map_of_communes(chosen: Filters) -> None:
    """A square for every commune that the data name, by district, coloured by its verdict; opening one leads to its page."""
    places = judged.inside(ask.communes(), chosen)
    if places.empty:
        blocks.state("no_commune_known", icon="location_off")
        return
    by_key = {promise.key: promise for promise in told.PROMISES if promise.has_before}
    asked = st.query_params.get("squares")
    st.session_state["choose squares"] = asked if asked in by_key else _USUAL_SQUARES
    st.segmented_control(
        t("page.overview.map_of"),
        list(by_key),
        key="choose squares",
        required=True,
        label_visibility="collapsed",
        format_func=lambda key: t(f"promise.{key}.subject"),
        on_change=lambda: links.choose(squares=st.session_state["choose squares"]),
    )
    promise = by_key[st.session_state["choose squares"]]
    found = judged.of_communes(promise, chosen)
    counts = read_verdicts.counted(found)
    covered = int(places["start_date"].notna().sum())
    better, worse = (number(counts[word]) for word in (Word.IMPROVEMENT, Word.CONCERN))
    title = t(f"promise.{promise.key}.map", better=better, worse=worse) if len(found) else t("verdict.none_judged")
    blocks.heading(title, t("page.overview.where_text", covered=number(covered), all=number(len(places))))
    blocks.small(judged.by_chance(found))
    typed = st.selectbox(
        t("filter.choose_commune"),
        list(places["commune_code"]),
        index=None,
        key="open commune",
        placeholder=t("filter.choose_commune"),
        width=320,
        label_visibility="collapsed",
        format_func=ask.place_name,
    )
    seen = view.now()
    districts, marks = judged.squares(promise, chosen, seen.build.build_id, seen.language)
    opened = components.tile_grid(districts, marks, key="communes")
    verdicts.take_table(found, f"communes-{promise.key}")
    if code := opened or typed:
        st.switch_page("pages/commune.py", query_params=links.query(**links.place(code)))


def most_changed(chosen: Filters) -> None:
    """The largest changes beyond chance among the communes, better and worse alike."""
    found = read_verdicts.most_changed(chosen.but(covered=None), view.now().build.build_id)
    blocks.heading(t("page.overview.changed"), t("page.overview.changed_text", n=number(len(found))) if len(found) else None)
    if found.empty:
        blocks.small(t("page.overview.changed_none"))
        return
    largest = found.groupby("metric", sort=False).head(CHANGED_OF_ONE).head(CHANGED_SHOWN)
    opened = components.link_list([_line(row) for row in largest.to_dict("records")], key="changed")
    verdicts.take_table(found, "changed")
    if opened:
        st.switch_page("pages/commune.py", query_params=links.query(**links.place(opened)))


def _line(row: dict[Hashable, Any]) -> dict[str, str]:
    """One verdict as a line that leads to its commune."""
    code = str(row["place_code"])
    return {"code": code, "href": links.address("commune", links.place(code)), "name": ask.place_name(code), "what": judged.sentence(row)}


def needs_attention(chosen: Filters) -> None:
    """Promises that got worse, offices that fell silent, actions that are late, cycles that are stalled: in order of place, no ranks."""
    blocks.heading(t("page.overview.attention"))
    worse, late = st.columns(2, gap="large")
    with worse:
        _lines("concerns", [_line(row) for row in judged.concerns(chosen)])
        _lines("silent", _silent(chosen))
    with late:
        if ask.has_data("actions_agreed"):
            _lines("late", plans.attention(chosen), page="actions")
        if ask.has_data("cycles"):
            _lines("stalled", cycles.attention(chosen), page="actions")


def _lines(kind: str, items: list[dict[str, str]], page: str = "commune") -> None:
    """What needs attention of one kind: how many there are, the first of them as links, the others folded away."""
    blocks.small(t(f"attention.{kind}" if items else f"attention.{kind}_none", n=number(len(items))))
    blocks.place_links(items, kind, ATTENTION_SHOWN, page)


def _silent(chosen: Filters) -> list[dict[str, str]]:
    """Facilities that run and have not reported for two months or more."""
    language, items, names = view.now().language, [], ask.names()
    for row in judged.inside(ask.register("silent_facilities"), chosen).to_dict("records"):
        code = str(row["commune_code"] if not pd.isna(row["commune_code"]) else row["district_code"])
        items.append(
            {
                "code": code,
                "href": links.address("commune", links.place(code)),
                "name": str(row[f"facility_{language}"] or row["facility_en"]),
                "what": t(
                    "page.overview.silent",
                    district=names.get(code[:4], code[:4]),
                    months=number(row["months_silent"]),
                    month=month_text(row["last_reported"]),
                ),
            }
        )
    return items
