"""How does a verdict look, and how was it decided? Chip, word and colour come from one table."""

from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

from metrics import catalogue, read_verdicts
from metrics.query import Filters
from reports import judged, view
from stats.verdict import Word
from text import number, t
from ui import blocks

_CHIPS = {
    Word.IMPROVEMENT: ("blue", "add_circle"),
    Word.CONCERN: ("orange", "warning"),
    Word.NO_CLEAR_CHANGE: ("gray", "drag_handle"),
    Word.CANNOT_TELL: ("gray", "hourglass_empty"),
}


def chip(word: Word, said: str = "") -> str:
    """The word, or something else `said` of the same kind, in its colour with its sign, as markdown."""
    colour, icon = _CHIPS[word]
    return f":{colour}-badge[:material/{icon}: {said or t(f'verdict.{word}')}]"


def of_one(commune: str) -> None:
    """Everything that was judged in one commune, a line each, with how it was decided; services one by one in a table."""
    build_id = view.now().build.build_id
    found = read_verdicts.table(Filters(commune=commune), None, build_id)
    if found.empty:
        return
    blocks.heading(t("verdict.all_here"), t("verdict.all_here_text"))
    services = read_verdicts.table_of_services(commune, build_id)
    for row in judged.in_order(found):
        with st.container(border=True):
            left, right = st.columns([5, 1.2], vertical_alignment="center", gap="xsmall")
            figures = judged.figures(row)
            said = figures if row["word"] == Word.CANNOT_TELL else f"**{figures}**"  # bold would be read as a finding
            lines = "  \n".join(filter(None, (judged.basis(row), judged.target(row) or judged.by_service(row, services))))
            left.markdown(f"{chip(Word(row['word']))} {said}  \n:small[:gray[{lines}]]")
            with right.popover(t("verdict.how"), type="tertiary", width="stretch"):
                how(row)
    take_table(services, "services")


def official_time(chosen: Filters) -> None:
    """In how many communes half of the requests are ready within the official time, or in which services of the one chosen; nothing where
    no service has one.
    """
    if chosen.covered == "no":
        return
    metric, build_id = "median_processing_days", view.now().build.build_id
    if chosen.commune:
        services = read_verdicts.table_of_services(chosen.commune, build_id)
        services = services[services["service_code"] == chosen.service] if chosen.service else services
        if said := judged.by_service({"metric": metric}, services):
            blocks.small(said)
    elif found := read_verdicts.reached(chosen.but(covered=None, month_from=None, month_to=None), metric, build_id):
        if {word for word, n in found.items() if n} == {"untold"}:
            blocks.small(t("target.all_untold"))
            return
        counts = {word: number(n) for word, n in found.items()}
        blocks.small(t(f"target.{'communes' if chosen.service else 'pairs'}", all=number(sum(found.values())), **counts))


def how(row: dict[Hashable, Any]) -> None:
    """Every number that led to a verdict, for somebody who wants to check it."""
    st.markdown(f"**{judged.subject(row)}**  \n{judged.why(row)}")
    lines = [(t(f"verdict.number.{name}"), judged.as_text(row, name)) for name in read_verdicts.NUMBERS if not pd.isna(row[name])]
    table = pd.DataFrame(lines, columns=[t("verdict.what"), t("verdict.value")])
    st.table(table, hide_index=True, border="horizontal")
    with st.container(horizontal=True, gap="small"):
        blocks.own_downloads(table, f"{judged.subject(row)}. {t('verdict.rule')}", _key(row), catalogue()[str(row["metric"])])
    blocks.small(t("verdict.rule"))
    if not pd.isna(row["target"]):
        blocks.small(t("target.rule"))


def _key(row: dict[Hashable, Any]) -> str:
    return "-".join(["how", *(str(row[name]) for name in ("metric", "topic", "place_code", "service_code") if row.get(name))])


def take_table(found: pd.DataFrame, key: str) -> None:
    """Verdicts as a table, to read and to take away."""
    if found.empty:
        return
    blocks.own_proof(judged.readable(found), t("verdict.rule"), key)
