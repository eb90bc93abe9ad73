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
_AWAY = ("away", "")  # the square of a commune in which the programme is not


def communes_and_attention(chosen: Filters) -> None:
    """The squares and, beside them, what needs attention; for one commune the way to its page, and why where none is known."""
    if _inside(ask.communes(), chosen).empty:
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
    places = _inside(ask.communes(), chosen)
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
    districts, marks = _squares(promise, chosen, seen.build.build_id, seen.language)
    opened = components.tile_grid(districts, marks, key="communes")
    verdicts.take_table(found, f"communes-{promise.key}")
    if code := opened or typed:
        st.switch_page("pages/commune.py", query_params=links.query(**links.place(code)))


@ask.remembered
def _squares(promise: told.Promise, chosen: Filters, build_id: str, language: str) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The squares by district, and the lines of the key with how many there are of each kind."""
    by_code = {str(row["place_code"]): row for row in judged.of_communes(promise, chosen).to_dict("records")}
    names = ask.names()
    districts: list[dict[str, Any]] = []
    counts: dict[tuple[str, str, str], int] = {
        (*look, t(f"verdict.{word}")): 0 for word, look in verdicts.TILES.items()
    } | {(*_AWAY, t("verdict.away")): 0}  # fmt: skip
    for district, rows in _inside(ask.communes(), chosen).groupby("district_code", sort=True):
        tiles = []
        for row in rows.to_dict("records"):
            code = str(row["commune_code"])
            is_here = not pd.isna(row["start_date"])
            word = Word(by_code[code]["word"]) if code in by_code else Word.CANNOT_TELL
            kind, sign = verdicts.TILES[word] if is_here else _AWAY
            counts[kind, sign, t(f"verdict.{word}") if is_here else t("verdict.away")] += 1
            words = judged.sentence(by_code[code]) if code in by_code else t("verdict.cannot_tell" if is_here else "covered.no")
            tiles.append({"code": code, "kind": kind, "sign": sign, "text": f"{names.get(code, code)}: {words}"})
        province = str(district)[:2]
        districts.append(
            {
                "name": names.get(str(district), str(district)),
                "province": names.get(province, province),
                "count": number(len(tiles)),
                "tiles": tiles,
            }
        )
    return districts, [
        {"kind": kind, "sign": sign, "text": f"{text} {number(n)}"} for (kind, sign, text), n in counts.items() if n
    ]  # fmt: skip


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
    worse = _concerns(chosen)
    _lines("concerns", [_line(row) for row in worse])
    _lines("silent", _silent(chosen))
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
    for row in _inside(ask.register("silent_facilities"), chosen).to_dict("records"):
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


def _concerns(chosen: Filters) -> list[dict[Hashable, Any]]:
    """The verdicts of communes of which a promise got worse, in order of district."""
    found = read_verdicts.table(chosen.but(covered=None, month_from=None, month_to=None), None, view.now().build.build_id)
    return found[found["word"] == str(Word.CONCERN)].sort_values(["place_code", "metric", "topic"]).to_dict("records")


def _inside(table: pd.DataFrame, chosen: Filters) -> pd.DataFrame:
    """The rows of a table of places that lie in the chosen place."""
    place = chosen.place
    column = {0: None, 2: "district_code", 4: "district_code", 6: "commune_code"}[len(place)]
    return table if column is None else table[table[column].fillna("").str.startswith(place)]
