"""Are agreed improvements carried out?"""

import streamlit as st

import charts
from metrics.query import Query
from reports import figures, leads
from ui import blocks, cycles, filters, follow, plans, router

router.require()
chosen = filters.row("place", "period")
blocks.question("actions")
blocks.needs("actions_agreed", chosen)
blocks.lead(leads.actions(chosen))
plans.rests_on(chosen)

criteria, others = st.columns(2, gap="large")
with criteria:
    plans.by("category", chosen)
with others:
    plans.by("facility_type", chosen)
    plans.by("partner_id", chosen)

plans.late_list(chosen)
within_a_year = Query(("actions_done_within_year_pct",), period="quarter", where=figures.old_enough(chosen))
over_time, how_long = st.columns(2, gap="large")
with over_time:
    blocks.chart(charts.trend, within_a_year)
with how_long:
    blocks.chart(charts.rows, Query(("median_action_days",), by=("facility_type",), where=chosen), by="facility_type")
plans.by_commune(chosen)

follow.section(chosen)
cycles.section(chosen)
blocks.take_away(
    Query(("actions_agreed", "actions_completed_pct", "actions_completed_or_ongoing_pct", "actions_overdue_pct", "actions_carried_over_pct",
           "action_cost_riel"), by=("category",), where=chosen),
    within_a_year,
    Query(("cycles", "full_cycles"), period="year", where=chosen),
)  # fmt: skip
