"""How is it told where the agreed actions stand: in a sentence, by place, and which are late and whose turn it is?"""

from typing import Any

import pandas as pd
import streamlit as st

import charts
from charts.words import base, likely
from metrics import catalogue, plans
from metrics.query import Filters, Query
from reports import ask, view
from text import date_text, number, t
from ui import blocks, links

_WITHIN_YEAR = "actions_done_within_year_pct"


def rests_on(chosen: Filters) -> None:
    """The share done within a year with its likely range, and the time until half are done; what cannot be said is left out."""
    parts = []
    for name in (_WITHIN_YEAR, "median_action_days"):
        metric, table = catalogue()[name], ask.result(Query((name,), where=chosen)).table
        if len(table) and table[f"{name}_status"].iloc[0] == "shown":
            row = table.iloc[0]
            words = {"value": number(row[name]), "n": base(metric, row[f"{name}_n"])}
            parts.append(t(f"plans.sure.{name}", likely=likely(metric, row[f"{name}_low"], row[f"{name}_high"]), **words))
    blocks.small(" ".join((*parts, t("plans.base"))))


def by(column: str, chosen: Filters) -> None:
    """Where the actions stand, one bar for each kind of facility, criterion, partner or office."""
    query = Query(("actions_agreed", "overdue_actions"), by=(column.removesuffix("_id"), "action_status"), where=chosen)
    blocks.chart(charts.action_status, query, by=column)


def late_list(chosen: Filters) -> None:
    """Every open action past its due date with whose turn it is, in order of place, never ranked; to read and to take away."""
    found = plans.late(view.now().build.build_id, chosen.place)
    blocks.heading(t("plans.late", n=number(len(found))), t("plans.late_text"))
    if found.empty:
        blocks.small(t("plans.late_none"))
        return
    table = _late_table(chosen.place, view.now().build.build_id, view.now().language)
    st.dataframe(table, hide_index=True, width="stretch", height=min(460, 36 * (len(table) + 1) + 2))
    blocks.own_proof(table, t("plans.late_text"), "late-actions", catalogue()["overdue_actions"], is_table_shown=True)


@ask.remembered
def _late_table(place: str, build_id: str, language: str) -> pd.DataFrame:
    names = ask.names()
    rows = plans.late(build_id, place).to_dict("records")
    return pd.DataFrame(
        [
            {
                t("filter.district"): names.get(row["district_code"], row["district_code"]),
                t("filter.commune"): names.get(row["commune_code"], row["commune_code"]),
                t("filter.facility_type"): _named(row["facility_type"]),
                t("plans.next"): next_step(row),
                t("plans.days_late"): int(row["days_late"]),
                t("plans.action"): ask.in_language(row, "action"),
                t("filter.category"): _named(row["category"]),
                t("plans.agreed"): date_text(row["agreed_date"]),
                t("plans.last_heard"): f"{_named(row['status'])}, {date_text(row['status_date'])}",
            }
            for row in rows
        ]
    )


def next_step(row: Any) -> str:
    """Whose turn it is, and since when."""
    office = t("plans.nobody") if pd.isna(row["responsible"]) else _named(row["responsible"])
    return t("plans.turn", office=office, day=date_text(row["due_since"]))


def _named(code: object) -> str:
    return ask.around().name(code)


def by_commune(chosen: Filters) -> None:
    """How many actions each commune agreed and where they stand, in order of place; the way to one commune."""
    blocks.heading(t("plans.communes"), t("plans.communes_text"))
    table = _commune_table(chosen.place, chosen.month_from, chosen.month_to, view.now().build.build_id, view.now().language)
    st.dataframe(table, hide_index=True, width="content", height=min(420, 36 * (len(table) + 1) + 2))
    blocks.own_proof(table, t("plans.communes_text"), "actions-by-commune", is_table_shown=True)


@ask.remembered
def _commune_table(place: str, month_from: str | None, month_to: str | None, build_id: str, language: str) -> pd.DataFrame:
    found = plans.by_commune(build_id, place, month_from, month_to)
    told = {
        t("filter.district"): found["district_code"].map(_named),
        t("filter.commune"): found["commune_code"].map(_named),
        t("attribute.partner"): found["partner_id"].map(_named),
        t("plans.count.agreed"): found["agreed"],
    }
    states = ("completed", "ongoing", "planned", "dropped", "carried_over")
    told |= {t(f"action_status.{name}"): found[name] for name in states}
    return pd.DataFrame(told | {t("plans.count.overdue"): found["overdue"]})


def attention(chosen: Filters) -> list[dict[str, str]]:
    """One line a commune with actions that are late: how many, which has waited longest, whose turn it is; a link to their list."""
    found = plans.late(view.now().build.build_id, chosen.place)
    return [_late_line(str(code), rows) for code, rows in found.groupby("commune_code", sort=True)] if len(found) else []


def _late_line(code: str, rows: pd.DataFrame) -> dict[str, str]:
    first = rows.sort_values("due_since").iloc[0].to_dict()
    return {
        "code": code,
        "href": links.address("actions", links.place(code)),
        "name": ask.place_name(code),
        "what": t("plans.attention", n=number(len(rows)), action=ask.in_language(first, "action"), next=next_step(first)),
    }
