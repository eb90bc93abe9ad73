"""How is it told where the yearly cycles of the communes stand, and which of them are stalled?"""

import pandas as pd
import streamlit as st

import charts
from charts.plotly_figure import figure
from charts.words import is_known, likely
from metrics import catalogue, plans
from metrics.definitions.actions import LONGEST_WAIT_DAYS
from metrics.query import Filters, Query
from reports import ask, view
from text import date_text, number, t
from ui import blocks, links

_THREE = "communes_three_full_cycles_pct"


def section(chosen: Filters) -> None:
    """Communes by the step that is next, those with three full cycles, and the stalled ones with what to do next."""
    where, place = _without_months(chosen), chosen.place
    newest = plans.newest_cycles(view.now().build.build_id, place)
    blocks.heading(t("cycle.heading"), _definition())
    if newest.empty:
        blocks.state("not_arrived.cycles", icon="inbox")
        return
    st.markdown(_three_full(where))
    made = charts.cycle_steps(newest, ask.around(where), where, plans.STEPS)
    blocks.show(made, figure(made, view.now().theme), ())
    seen = view.now()
    blocks.own_proof(_table(place, False, seen.build.build_id, seen.language), _definition(), made.key, made=made)
    stalled = newest[newest["is_stalled"]]
    if stalled.empty:
        blocks.small(t("cycle.none_stalled"))
        return
    blocks.heading(t("cycle.stalled", n=number(len(stalled))), t("cycle.stalled_text"), 3)
    table = _table(place, True, seen.build.build_id, seen.language)
    st.dataframe(table, hide_index=True, width="content", height=min(420, 36 * (len(table) + 1) + 2))
    blocks.own_proof(table, t("cycle.stalled_text"), "stalled-cycles", catalogue()["stalled_communes"], is_table_shown=True)


def _definition() -> str:
    return t("cycle.definition", days=number(LONGEST_WAIT_DAYS))


def _three_full(where: Filters) -> str:
    """How many communes have had three full cycles, with the likely range of the share."""
    names = ("communes_three_full_cycles", _THREE, "full_cycles", "full_cycles_pct")
    row = ask.result(Query(names, where=where)).table.iloc[0]
    told = t("cycle.three_full", n=number(row[names[0]]), all=number(row[f"{_THREE}_n"]), share=number(row[_THREE]))
    if is_known(row["full_cycles_pct"]):
        metric = catalogue()["full_cycles_pct"]
        range_told = likely(metric, row["full_cycles_pct_low"], row["full_cycles_pct_high"])
        told += " " + t(
            "cycle.full_share", share=number(row["full_cycles_pct"]), n=number(row["full_cycles_pct_n"]), full=number(row["full_cycles"]),
            likely=range_told,
        )  # fmt: skip
    return told


@ask.remembered
def _table(place: str, is_stalled: bool, build_id: str, language: str) -> pd.DataFrame:
    """The newest cycle of each commune, or only those that are stalled."""
    names, newest = ask.names(), plans.newest_cycles(build_id, place)
    return pd.DataFrame(
        [
            {
                t("filter.district"): names.get(row["district_code"], row["district_code"]),
                t("filter.commune"): names.get(row["commune_code"], row["commune_code"]),
                t("attribute.partner"): ask.around().name(row["partner_id"]),
                t("cycle.year"): str(row["cycle"]),
                t("cycle.next"): "" if row["is_full"] else t(f"cycle_step.{row['next_step']}"),
                t("cycle.waits_since"): "" if row["is_full"] else date_text(row["waits_since"]),
                t("cycle.days"): number(row["days_waiting"]),
                t("cycle.full"): int(row["full_cycles"]),
            }
            for row in (newest[newest["is_stalled"]] if is_stalled else newest).to_dict("records")
        ]
    )


def attention(chosen: Filters) -> list[dict[str, str]]:
    """One line a commune whose cycle is stalled: which step is next and since when it waits; a link to its cycles."""
    newest = plans.newest_cycles(view.now().build.build_id, chosen.place)
    return [
        {
            "code": (code := str(row["commune_code"])),
            "href": links.address("actions", links.place(code)),
            "name": ask.place_name(code),
            "what": t("cycle.attention", step=t(f"cycle_step.{row['next_step']}"), day=date_text(row["waits_since"])),
        }
        for row in newest[newest["is_stalled"].astype(bool)].to_dict("records")
    ]


def _without_months(chosen: Filters) -> Filters:
    """Cycles are told as they stand on the last day of the data, whatever months are chosen."""
    return chosen.but(month_from=None, month_to=None)
