"""How does the page about outreach and facilitators say who was reached, who was missed, and whether facilitators grow?"""

from datetime import date

import pandas as pd

import charts
from charts.growth import clearly_higher
from charts.words import amount, between
from metrics import catalogue, registers
from metrics.growth import Growth, growth
from metrics.query import Filters, Query
from text import month_text, number, percent, t
from ui import ask, blocks, links, tables, view

SHARES = ("participants_women_pct", "participants_youth_pct", "participants_minority_pct", "participants_disability_pct")
SESSIONS = ("sessions_planned", "sessions_held", "sessions_cancelled")
SHOWN = 6  # communes in a list before the rest folds


def lead(chosen: Filters) -> str:
    """How many sessions were planned and held, how many people came, and in how many questions facilitators grew.

    In the period chosen, else in the last four whole quarters; facilitators over all months.
    """
    has_period = chosen.month_from or chosen.month_to
    where = chosen if has_period else _newest_year(chosen)
    said = between(chosen.month_from, chosen.month_to)
    when = t("page.outreach.in_choice", months=said) if has_period else t("page.outreach.in_year", month=_month(where.month_to))
    planned, held = (_one(name, where) for name in SESSIONS[:2])
    if planned is None and held is None:
        return t("page.outreach.lead_none", when=when)
    words = {"when": when, "held": amount(catalogue()["sessions_held"], held or 0), "planned": number(planned or 0)}
    came, women = _one("participants", where), _one("participants_women_pct", ask.in_province(where))
    if came is None:
        return t("page.outreach.lead_hidden", **words)
    parts = [t("page.outreach.lead", came=amount(catalogue()["participants"], came), **words)]
    if women is not None and where == ask.in_province(where):
        parts.append(t("page.outreach.lead_women", women=percent(women)))
    if grown := grown_in_words(chosen)[0]:
        parts.append(grown)
    return " ".join(parts)


def grown_in_words(chosen: Filters) -> tuple[str, str]:
    """In how many questions trained facilitators score higher, and of whom and how many it is told; both empty where it is in none."""
    found, where = _grown(chosen)
    after = [each for each in found if each.stage == "after_training"]
    if not (higher := clearly_higher(after)):
        return "", ""
    fewest = {name: number(min(getattr(each, name) for each in after)) for name in ("n_before", "n_later")}
    place = ask.names().get(str(where.province), t("scope.everywhere"))
    return t("growth.lead", n=number(len(higher)), all=number(len(after))), t("growth.rests_on", place=place, **fewest)


def reached(chosen: Filters) -> None:
    """The shares of women, young people, minorities and people with a disability; of a district or commune those of its province."""
    where = ask.in_province(chosen)
    shares = {name: _one(name, where) for name in SHARES[:2]}
    women, youth = (percent(value) for value in shares.values())
    title = t("page.outreach.reached_some") if None in shares.values() else t("page.outreach.reached", women=women, youth=youth)
    blocks.chart(charts.beside, Query(SHARES, where=where), title=title)
    if where != chosen:
        blocks.small(t("page.outreach.reached_above", place=ask.names().get(str(where.province), "")))


def planned(chosen: Filters) -> None:
    """What became of the sessions whose planned day has come."""
    due, rate = _one("sessions_planned", chosen), _one("sessions_held_pct", chosen)
    title = t("page.outreach.planned_some")
    if due and rate is not None:
        title = t("page.outreach.planned", held=number(due * rate / 100), planned=number(due))
    blocks.chart(charts.beside, Query(SESSIONS, where=chosen), title=title)


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
    found, where = _grown(chosen)
    query = Query(("facilitators_strong_pct",), by=("assessment_question", "assessment_stage"), where=where)
    blocks.chart(charts.growth, query, found=found)
    if chosen.given():
        blocks.small(t("growth.whole", place=ask.names().get(str(where.province), t("scope.everywhere"))))
    if found:
        blocks.small(t("growth.how"))
        blocks.own_proof(_in_words(found), t("growth.how"), "growth")


def _grown(chosen: Filters) -> tuple[tuple[Growth, ...], Filters]:
    """How facilitators grew, and of which place it is told: the province, or everywhere."""
    build_id, province = view.now().build.build_id, ask.in_province(chosen).province
    own = growth(build_id, province) if province else ()
    return own or growth(build_id), Filters(province=province if own else None)


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
        is_up = bool(_one("communes_with_network", chosen))
        when = chosen.month_to or f"{view.now().build.data_to or view.now().build.built_at.date():%Y-%m}"
        blocks.line(t("page.outreach.network_up" if is_up else "page.outreach.network_down", when=_month(when)))
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


def _one(metric: str, where: Filters) -> float | None:
    """A single figure, None where there is none or it is hidden."""
    if not ask.has_data(metric, where):
        return None
    row = ask.result(Query((metric,), where=where)).table.iloc[0]
    return float(row[metric]) if row[f"{metric}_status"] == "shown" else None


def _newest_year(chosen: Filters) -> Filters:
    """The choice in the last four quarters that are over by the data date."""
    first, last = registers.newest_year(view.now().build.build_id)
    return chosen.but(month_from=f"{first:%Y-%m}", month_to=f"{last:%Y-%m}")


def _month(month: str | None) -> str:
    return month_text(date.fromisoformat(f"{month}-01")) if month else ""
