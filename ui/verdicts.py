"""How does a verdict look, and how was it decided? Chip, word and colour come from one table."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from charts.words import amount, label, records, short
from metrics import catalogue, read_verdicts
from metrics.query import Filters
from stats.verdict import Word
from text import date_text, month_text, number, t
from ui import ask, blocks, view

if TYPE_CHECKING:
    from ui.cards import Promise

_CHIPS = {
    Word.IMPROVEMENT: ("blue", "add_circle"),
    Word.CONCERN: ("orange", "warning"),
    Word.NO_CLEAR_CHANGE: ("gray", "drag_handle"),
    Word.CANNOT_TELL: ("gray", "hourglass_empty"),
}
TILES = {  # how the square of a commune looks: its kind, its sign
    Word.IMPROVEMENT: ("better", "+"),
    Word.CONCERN: ("worse", "!"),
    Word.NO_CLEAR_CHANGE: ("open", ""),
    Word.CANNOT_TELL: ("few", "?"),
}
_IN_ORDER = ("visits_per_facility_month", "median_processing_days", "within_standard_pct", "over_fee_pct", "satisfied_pct")


def chip(word: Word, said: str = "") -> str:
    """The word, or something else `said` of the same kind, in its colour with its sign, as markdown."""
    colour, icon = _CHIPS[word]
    return f":{colour}-badge[:material/{icon}: {said or t(f'verdict.{word}')}]"


def of_communes(promise: "Promise", chosen: Filters) -> pd.DataFrame:
    """The verdicts of the communes of the chosen place on one promise, one row a commune."""
    where = promise.where(chosen).but(covered=None, month_from=None, month_to=None)
    return read_verdicts.table(where, promise.metric, view.now().build.build_id)


def by_chance(found: pd.DataFrame) -> str:
    """How many communes were judged, and how many of them would be marked by chance alone."""
    told = read_verdicts.tried(found)
    marked = read_verdicts.expected_by_chance(told)
    return t("verdict.by_chance", judged=number(len(told)), chance=number(marked, 1 if marked < 10 else 0)) if len(told) else ""


def subject(row: dict[Hashable, Any]) -> str:
    """The measure of a row, and its aspect."""
    name = label(catalogue()[str(row["metric"])])
    topic = str(row["topic"])
    return f"{name}: {t(f'aspect.{topic}')}" if topic else name


def _why(row: dict[Hashable, Any]) -> str:
    return t(f"verdict.why.{row['why']}")


def sentence(row: dict[Hashable, Any]) -> str:
    """The word, then measure, before and after and the likely range; or what is missing."""
    word = t(f"verdict.{row['word']}")
    return f"{word}. {figures(row)}"


def figures(row: dict[Hashable, Any]) -> str:
    """Measure, before and after and the likely range; or what is missing."""
    metric = catalogue()[str(row["metric"])]
    if pd.isna(row["before"]):
        return t("verdict.figures_none", subject=subject(row), why=_why(row))
    told = {"before": short(metric, row["before"]), "after": amount(metric, row["after"])}
    return t("verdict.figures", subject=subject(row), **told, **_ends(row))


def _ends(row: dict[Hashable, Any]) -> dict[str, str]:
    places = max(catalogue()[str(row["metric"])].decimals, 0 if abs(row["difference"]) >= 1 else 1)
    return {name: number(row[name], places, sign=True) for name in ("difference", "low", "high")}


def of_one(commune: str) -> None:
    """Everything that was judged in one commune, a line each, with how it was decided; services one by one in a table."""
    build_id = view.now().build.build_id
    found = read_verdicts.table(Filters(commune=commune), None, build_id)
    if found.empty:
        return
    blocks.heading(t("verdict.all_here"), t("verdict.all_here_text"))
    services = read_verdicts.table_of_services(commune, build_id)
    order = {name: place for place, name in enumerate(_IN_ORDER)}
    for row in sorted(found.to_dict("records"), key=lambda row: (order.get(str(row["metric"]), 9), str(row["topic"]))):
        with st.container(border=True):
            left, right = st.columns([5, 1.2], vertical_alignment="center", gap="xsmall")
            told = figures(row) if row["word"] == Word.CANNOT_TELL else f"**{figures(row)}**"  # bold would be read as a finding
            lines = "  \n".join(filter(None, (_basis(row), target(row) or _by_service(row, services))))
            left.markdown(f"{chip(Word(row['word']))} {told}  \n:small[:gray[{lines}]]")
            with right.popover(t("verdict.how"), type="tertiary", width="stretch"):
                how(row)
    take_table(services, "services")


def target(row: dict[Hashable, Any]) -> str:
    """The target of a row and how it is reached; empty where there is none."""
    if pd.isna(row["target"]):
        return ""
    return t("target.one", value=amount(catalogue()[str(row["metric"])], row["target"]), word=_reached(row))


def _reached(row: dict[Hashable, Any]) -> str:
    return t(f"target.word.{'untold' if pd.isna(row['reached']) else row['reached']}")


def _by_service(row: dict[Hashable, Any], services: pd.DataFrame) -> str:
    """How the targets of single services are reached, where all services together have none."""
    found = services[(services["metric"] == row["metric"]) & services["target"].notna() & services["reached"].notna()]
    names, metric = ask.names(), catalogue()[str(row["metric"])]
    parts = [
        t("target.of_service", service=names.get(str(one["service_code"]), ""), value=amount(metric, one["target"]), word=_reached(one))
        for one in found.to_dict("records")
    ]
    return t("target.by_service", parts="; ".join(parts)) if parts else ""


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
        if said := _by_service({"metric": metric}, services):
            blocks.small(said)
    elif found := read_verdicts.reached(chosen.but(covered=None, month_from=None, month_to=None), metric, build_id):
        if {word for word, n in found.items() if n} == {"untold"}:
            blocks.small(t("target.all_untold"))
            return
        counts = {word: number(n) for word, n in found.items()}
        blocks.small(t(f"target.{'communes' if chosen.service else 'pairs'}", all=number(sum(found.values())), **counts))


def _basis(row: dict[Hashable, Any]) -> str:
    metric = catalogue()[str(row["metric"])]
    since = t("verdict.since", month=month_text(row["since"]))
    if pd.isna(row["records_before"]):
        return since
    months = t("verdict.months", before=number(row["months_before"]), after=number(row["months_after"]))
    told = t("promise.rest_on", before=records(metric, row["records_before"]), after=number(row["records_after"]))
    return "; ".join((since, months, told))


def how(row: dict[Hashable, Any]) -> None:
    """Every number that led to a verdict, for somebody who wants to check it."""
    st.markdown(f"**{subject(row)}**  \n{_why(row)}")
    lines = [(t(f"verdict.number.{name}"), _as_text(row, name)) for name in read_verdicts.NUMBERS if not pd.isna(row[name])]
    table = pd.DataFrame(lines, columns=[t("verdict.what"), t("verdict.value")])
    st.table(table, hide_index=True, border="horizontal")
    with st.container(horizontal=True, gap="small"):
        blocks.own_downloads(table, f"{subject(row)}. {t('verdict.rule')}", _key(row), catalogue()[str(row["metric"])])
    blocks.small(t("verdict.rule"))
    if not pd.isna(row["target"]):
        blocks.small(t("target.rule"))


def _key(row: dict[Hashable, Any]) -> str:
    return "-".join(["how", *(str(row[name]) for name in ("metric", "topic", "place_code", "service_code") if row.get(name))])


def _as_text(row: dict[Hashable, Any], name: str) -> str:
    value = row[name]
    if name == "reached":
        return t(f"target.word.{value}")
    if name == "target_id":
        return str(value)
    if name == "signal":
        return t(f"verdict.signal.{value}")
    if isinstance(value, bool | np.bool_):
        return t("verdict.true" if value else "verdict.false")
    if isinstance(value, pd.Timestamp):
        return month_text(value)
    return number(float(value), 2 if abs(float(value)) < 10 and float(value) % 1 else 0)


def take_table(found: pd.DataFrame, key: str) -> None:
    """Verdicts as a table, to read and to take away."""
    if found.empty:
        return
    blocks.own_proof(_readable(found), t("verdict.rule"), key)


def _readable(found: pd.DataFrame) -> pd.DataFrame:
    """The rows with names and words in the reader's language; figures stay figures."""
    names = ask.names()
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            t("filter.district"): [names.get(str(row["place_code"])[:4], "") for row in rows],
            t("filter.commune"): [names.get(str(row["place_code"]), "") for row in rows],
            t("tile.code"): [row["place_code"] for row in rows],
            t("verdict.measure"): [subject(row) for row in rows],
            t("filter.service"): [names.get(str(row["service_code"]), t("filter.all_services")) for row in rows],
            t("verdict.verdict"): [t(f"verdict.{row['word']}") for row in rows],
            t("verdict.because"): [_why(row) for row in rows],
            t("tile.covered_since"): [date_text(row["since"]) for row in rows],
            **{t(f"verdict.number.{name}"): found[name].round(1).to_numpy() for name in read_verdicts.FIGURES},
            t("verdict.number.target"): found["target"].to_numpy(),
            t("verdict.number.reached"): ["" if pd.isna(row["target"]) else _reached(row) for row in rows],
        }
    )
