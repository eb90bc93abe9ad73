"""Where is the programme, what is known there, and what needs somebody's attention?"""

from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

from charts.trend import as_date
from charts.words import amount, is_known, said, short
from metrics import compare
from metrics.query import Filters, Query
from text import month_text, number, spreadsheet, t, year_text
from ui import ask, blocks, cards, components, links, view

_TILE_METRIC = "median_processing_days"
_SIGN = {"covered": "", "open": "", "few": "?"}
SILENT_SHOWN = 12


def answer(chosen: Filters) -> str:
    """The promises that have a before and an after, in one or two sentences; says so when there is none."""
    told = [(promise, ask.before_after(promise.metric, promise.where(chosen))) for promise in cards.PROMISES]
    parts = [
        t(f"promise.{promise.key}.lead", before=short(found.metric, found.before), after=amount(found.metric, found.after))
        for promise, found in told
        if cards.is_told(found) and cards.is_broad(found)
    ]
    if not parts:
        return t("page.overview.nothing")
    return t("page.overview.lead", parts="; ".join(parts[:3]))


def map_of_communes(chosen: Filters) -> None:
    """A square for every commune that the data name, by district; opening one leads to its page."""
    places = _inside(ask.communes(), chosen)
    if places.empty:
        return
    seen = view.now()
    districts, counts = _squares(chosen, seen.build.build_id, seen.language)
    covered = int(places["start_date"].notna().sum())
    blocks.heading(t("page.overview.where", covered=number(covered), all=number(len(places))), t("page.overview.where_text"))
    marks = [{"kind": kind, "sign": _SIGN[kind], "text": f"{t(f'tile.{kind}')} {number(n)}"} for kind, n in counts.items() if n]
    opened = components.tile_grid(districts, marks, key="communes")
    _table_of_communes(chosen)
    names = ask.names()
    picked = st.selectbox(
        t("filter.choose_commune"),
        list(places["commune_code"]),
        index=None,
        key="open commune",
        placeholder=t("filter.choose_commune"),
        width=320,
        label_visibility="collapsed",
        format_func=lambda code: f"{names.get(code, code)}, {names.get(code[:4], code[:4])}",
    )
    if code := opened or picked:
        st.switch_page("pages/commune.py", query_params=links.query(**_place(code)))


def _table_of_communes(chosen: Filters) -> None:
    """The squares as a table, to read and to take away."""
    build = view.now().build
    table = _as_table(chosen, build.build_id, view.now().language)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        with st.popover(t("button.table"), icon=":material/table_rows:", type="tertiary"):
            st.dataframe(table, hide_index=True, height=420)
        label = "demonstration-" if build.is_demonstration else ""
        st.download_button(
            t("button.csv"),
            lambda: spreadsheet.to_csv(table),
            f"commune-pulse-{label}communes-{build.build_id}.csv",
            icon=":material/download:",
            type="tertiary",
            key="communes-csv",
            on_click="ignore",
        )


@ask.remembered
def _as_table(chosen: Filters, build_id: str, language: str) -> pd.DataFrame:
    """One line a commune: its district, since when it is covered, half of the requests ready in how many days, before and after."""
    names, latest, told = ask.names(), _latest_year(chosen), _before_and_after(chosen, build_id)
    metric = ask.result(Query((_TILE_METRIC,))).metrics[0]
    rows = []
    for row in _inside(ask.communes(), chosen).to_dict("records"):
        code = row["commune_code"]
        before, after = told.get(code, (float("nan"), float("nan")))
        newest = latest.get(code)
        rows.append(
            {
                t("filter.province"): names.get(code[:2], code[:2]),
                t("filter.district"): names.get(code[:4], code[:4]),
                t("filter.commune"): names.get(code, code),
                t("tile.code"): code,
                t("tile.covered_since"): t("covered.no") if pd.isna(row["start_date"]) else month_text(row["start_date"]),
                t("tile.before"): number(before),
                t("tile.after"): number(after),
                t("tile.newest"): said(metric, newest[_TILE_METRIC], newest[f"{_TILE_METRIC}_status"]) if newest else t("cell.no_data"),
            }
        )
    return pd.DataFrame(rows)


@ask.remembered
def _before_and_after(chosen: Filters, build_id: str) -> dict[str, tuple[float, float]]:
    """Median days of the four quarters before and after, by commune, where both can be told."""
    told = compare.before_after_by_commune(_TILE_METRIC, chosen, build_id)
    return {str(row["commune_code"]): (row["before"], row["after"]) for row in told.to_dict("records")}


@ask.remembered
def _squares(chosen: Filters, build_id: str, language: str) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The squares by district, and how many there are of each kind."""
    latest, told, names = _latest_year(chosen), _before_and_after(chosen, build_id), ask.names()
    districts: list[dict[str, Any]] = []
    counts = dict.fromkeys(_SIGN, 0)
    for district, rows in _inside(ask.communes(), chosen).groupby("district_code", sort=True):
        tiles = []
        for row in rows.to_dict("records"):
            kind, text = _tile(row, latest.get(row["commune_code"]), told.get(row["commune_code"]))
            counts[kind.split()[0]] += 1
            tiles.append({"code": row["commune_code"], "kind": kind, "sign": _SIGN[kind.split()[0]], "text": text})
        province = str(district)[:2]
        districts.append(
            {
                "name": names.get(str(district), str(district)),
                "province": names.get(province, province),
                "count": number(len(tiles)),
                "tiles": tiles,
            }
        )
    return districts, counts


def _latest_year(chosen: Filters) -> dict[str, dict[Hashable, Any]]:
    """The newest year of processing times of every commune, by commune code."""
    build = view.now().build
    since = f"{(build.data_to or build.built_at).year - 1}-01"  # older years are not asked for: the country has very many cells
    table = ask.result(Query((_TILE_METRIC,), by=("commune",), period="year", where=chosen, since=since)).table
    return {str(row["commune_code"]): row for row in table.sort_values("period_start").to_dict("records")}


def _tile(row: dict[Hashable, Any], latest: dict[Hashable, Any] | None, told: tuple[float, float] | None) -> tuple[str, str]:
    """How a commune's square looks and what it says when touched or read aloud."""
    is_covered = not pd.isna(row["start_date"])
    since = t("tile.since", month=month_text(row["start_date"])) if is_covered else t("covered.no")
    name = ask.names().get(row["commune_code"], row["commune_code"])
    metric = ask.result(Query((_TILE_METRIC,))).metrics[0]
    if told is not None:
        change = t("tile.change", before=short(metric, told[0]), after=amount(metric, told[1]))
        return "covered", f"{name}: {since}. {change}"
    if latest is None or latest[f"{_TILE_METRIC}_status"] != "shown" or not is_known(latest[_TILE_METRIC]):
        return ("few is-covered" if is_covered else "few"), f"{name}: {since}. {t('tile.few_text')}"
    figure = t("tile.figure", value=amount(metric, latest[_TILE_METRIC]), year=year_text(as_date(latest["period_start"])))
    return ("covered", f"{name}: {since}. {figure} {t('tile.no_pair')}") if is_covered else ("open", f"{name}: {since}. {figure}")


def needs_attention(chosen: Filters) -> None:
    """Facilities that run and have not reported for two months or more, in order of district, never ranked."""
    silent = _inside(ask.register("silent_facilities"), chosen)
    blocks.heading(t("page.overview.attention"), t("page.overview.attention_text"))
    if silent.empty:
        blocks.small(t("page.overview.attention_none"))
        return
    language = view.now().language
    items = []
    for row in silent.head(SILENT_SHOWN).to_dict("records"):
        code = str(row["commune_code"] if not pd.isna(row["commune_code"]) else row["district_code"])
        items.append(
            {
                "code": code,
                "href": links.address("commune", _place(code)),
                "name": str(row[f"facility_{language}"] or row["facility_en"]),
                "what": t("page.overview.silent", months=number(row["months_silent"]), month=month_text(row["last_reported"])),
            }
        )
    opened = components.link_list(items, key="silent")
    if len(silent) > SILENT_SHOWN:
        blocks.small(t("page.overview.more", n=number(len(silent) - SILENT_SHOWN)))
    if opened:
        st.switch_page("pages/commune.py", query_params=links.query(**_place(opened)))


def _place(code: str) -> dict[str, str | None]:
    return {"province": code[:2], "district": code[:4], "commune": code if len(code) == 6 else None}


def _inside(table: pd.DataFrame, chosen: Filters) -> pd.DataFrame:
    """The rows of a table of places that lie in the chosen place."""
    place = chosen.commune or chosen.district or chosen.province or ""
    column = {0: None, 2: "district_code", 4: "district_code", 6: "commune_code"}[len(place)]
    return table if column is None else table[table[column].fillna("").str.startswith(place)]
