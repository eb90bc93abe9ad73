"""Who is this commune: covered since when, by whom, how many people, which facilities, what happened?"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from charts.words import amount, short
from metrics.query import Filters, Query
from text import date_text, month_text, number, t
from text.numbers import NO_BREAK_SPACE
from ui import ask, blocks, cards, sentences, view, where


def choose(chosen: Filters) -> None:
    """No commune yet: the question without a name, why the page is empty, and the squares to choose from."""
    blocks.question("commune_any")
    if not ask.communes().empty:
        blocks.lead(f"{t('empty.no_commune.meaning')} {t('empty.no_commune.action')}")
    where.map_of_communes(chosen)


def _row(commune: str) -> dict:
    table = ask.communes()
    return table[table["commune_code"] == commune].iloc[0].to_dict()


def lead(chosen: Filters) -> str:
    """Since when the programme is there, what moved between the year before and the year after, or what is known at all."""
    parts, since = cards.pairs_in_words(cards.PROMISES, chosen, broad=False), covered_since(str(chosen.commune))
    if parts:
        return f"{since} {t('page.commune.moved', parts=', '.join(parts))}"
    return f"{since} {sentences.newest(ask.finest(Query(('median_processing_days',), where=chosen), ('year',)))}"


def covered_since(commune: str) -> str:
    """Since when the programme is there."""
    row = _row(commune)
    if pd.isna(row["start_date"]):
        return t("page.commune.not_covered")
    return t("page.commune.covered", month=month_text(row["start_date"]))


def facts(commune: str) -> str:
    """Code, people, partner and facilities in one line."""
    about, found = _row(commune), ask.register("facilities", commune)
    parts = [t("page.commune.code", code=commune)]
    if not pd.isna(about["population"]):
        parts.append(t("page.commune.people", n=number(about["population"]), year=number(about["population_year"], grouped=False)))
    partner = about[f"partner_{view.now().language}"] or about["partner_en"]
    if partner and not pd.isna(partner):
        parts.append(t("page.commune.partner", partner=partner))
    column = f"facility_{view.now().language}"
    names = [str(row[column] or row["facility_en"]) for row in found[found["closed_date"].isna()].to_dict("records")]
    return " · ".join(parts + ([", ".join(names)] if names else []))


def finding(chosen: Filters) -> str:
    """The newest year of waiting in this commune beside the year before the programme, as the title of its lanes."""
    compared = ask.before_after("median_processing_days", Filters(commune=chosen.commune))
    if compared.before is None or pd.isna(compared.before) or pd.isna(compared.after):
        requests = ask.result(Query(("requests",), where=chosen)).table
        shown = len(requests) and requests["requests_status"].iloc[0] == "shown"
        return t("page.commune.requests", n=number(requests["requests"].iloc[0])) if shown else t("page.commune.all")
    return t("page.commune.finding", before=short(compared.metric, compared.before), after=amount(compared.metric, compared.after))


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
