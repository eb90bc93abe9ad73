"""How does the page about outreach and facilitators say who was reached, who was missed, and whether facilitators grow?"""

import pandas as pd

import charts
from metrics import registers
from metrics.growth import Growth
from metrics.query import Filters, Query
from reports import ask, leads, tables, view
from text import month_text, number, percent, t
from ui import blocks, links

SHARES = ("participants_women_pct", "participants_youth_pct", "participants_minority_pct", "participants_disability_pct")
SHOWN = 6  # communes in a list before the rest folds


def reached(chosen: Filters) -> None:
    """The shares of women, young people, minorities and people with a disability; of a district or commune those of its province."""
    where = ask.in_province(chosen)
    shares = {name: leads.one(name, where) for name in SHARES[:2]}
    women, youth = (percent(value) for value in shares.values())
    title = t("page.outreach.reached_some") if None in shares.values() else t("page.outreach.reached", women=women, youth=youth)
    blocks.chart(charts.beside, Query(SHARES, where=where), title=title)
    if where != chosen:
        blocks.small(t("page.outreach.reached_above", place=ask.names().get(str(where.province), "")))


def planned(chosen: Filters) -> None:
    """What became of the sessions whose planned day has come."""
    due, rate = leads.one("sessions_planned", chosen), leads.one("sessions_held_pct", chosen)
    title = t("page.outreach.planned_some")
    if due and rate is not None:
        title = t("page.outreach.planned", held=number(due * rate / 100), planned=number(due))
    blocks.chart(charts.beside, Query(leads.SESSIONS, where=chosen), title=title)


def missed(chosen: Filters) -> None:
    """Communes in which no session was held from the first day of the year on that `lead` tells of, in order of district, never ranked."""
    found = ask.register("communes_without_session")
    place = chosen.place
    found = found[found["commune_code"].str.startswith(place)]
    since = month_text(registers.newest_year(view.now().build.build_id)[0])
    blocks.heading(t("page.outreach.missed"), t("page.outreach.missed_text", since=since) if len(found) else None, level=3)
    if found.empty:
        blocks.small(t("page.outreach.missed_none", since=since))
        return
    names = ask.names()
    items = []
    for code, last in zip(found["commune_code"], found["last_session"], strict=True):
        district = names.get(code[:4], code[:4])
        what = t("page.outreach.never", district=district)
        if not pd.isna(last):
            what = t("page.outreach.last", district=district, month=month_text(last))
        items.append({"code": code, "href": links.address("commune", links.place(code)), "name": names.get(code, code), "what": what})
    blocks.small(t("page.outreach.missed_n", n=number(len(items))))
    blocks.place_links(items, "missed", SHOWN)
    columns = {
        tables.heading("district"): [names.get(code, code) for code in found["district_code"]],
        tables.heading("commune"): [names.get(code, code) for code in found["commune_code"]],
        t("page.outreach.last_session"): [month_text(last) for last in found["last_session"]],
    }
    blocks.own_proof(pd.DataFrame(columns), t("page.outreach.missed"), "missed")


def growing(chosen: Filters) -> None:
    """Scores by question before training, after it and later, and how often a trained facilitator scores higher: of the province where so
    many were assessed that it can be told, else of the whole programme, all months together.
    """
    if not ask.has_data("facilitators_assessed"):
        blocks.small(t("page.outreach.no_assessments"))
        return
    found, where = leads.grown(chosen)
    query = Query(("facilitators_strong_pct",), by=("assessment_question", "assessment_stage"), where=where)
    blocks.chart(charts.growth, query, found=found)
    if chosen.given():
        blocks.small(t("growth.whole", place=ask.names().get(str(where.province), t("scope.everywhere"))))
    if found:
        blocks.small(t("growth.how"))
        blocks.own_proof(_in_words(found), t("growth.how"), "growth")


def per_people(chosen: Filters) -> None:
    """How many people came for every 1,000 who live there, by the places that the chosen one is made of."""
    blocks.chart(charts.rows, Query(("participants_per_1000_people",), by=(_level(chosen),), where=chosen), by=f"{_level(chosen)}_code")


def _level(chosen: Filters) -> str:
    """The places that a chosen place is made of."""
    return "commune" if chosen.district or chosen.commune else "district" if chosen.province else "province"


def network(chosen: Filters) -> None:
    """Where two facilitators or more are trained and active: over time, and by province or district; of one commune whether it is so."""
    if not ask.has_data("network_operational_pct", chosen):
        is_elsewhere = ask.has_data("network_operational_pct")
        blocks.small(t("page.outreach.no_network" if is_elsewhere else "page.outreach.no_facilitators"))
        return
    if chosen.commune:
        is_up = bool(leads.one("communes_with_network", chosen))
        when = chosen.month_to or f"{view.now().build.data_to or view.now().build.built_at.date():%Y-%m}"
        blocks.line(t("page.outreach.network_up" if is_up else "page.outreach.network_down", when=leads.month_of(when)))
        return
    blocks.chart(charts.trend, Query(("communes_with_network",), period="quarter", where=chosen))
    if not chosen.district:  # a single commune is at 0 or at 100 %
        blocks.chart(charts.rows, Query(("network_operational_pct",), by=(_level(chosen),), where=chosen), by=f"{_level(chosen)}_code")


def _in_words(found: tuple[Growth, ...]) -> pd.DataFrame:
    names = ask.names()
    rows = [
        {
            t("growth.question"): names.get(each.question, each.question),
            t("growth.stage"): names.get(each.stage, each.stage),
            t("growth.chance"): number(each.chance_pct),
            t("growth.likely"): t("table.limits", low=number(each.low_pct), high=number(each.high_pct)),
            t("growth.n_before"): number(each.n_before),
            t("growth.n_later"): number(each.n_later),
        }
        for each in found
    ]
    return pd.DataFrame(rows)
