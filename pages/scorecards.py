"""Do citizens and providers see the services alike?"""

import streamlit as st

import charts
from metrics.query import Query
from reports import leads
from ui import blocks, filters, router, scorecards

router.require()
chosen = filters.row("place", "facility_type", "category", "period", "covered")
blocks.question("scorecards")
blocks.needs("good_score_pct", chosen)

by_criterion = Query(("good_score_pct", "low_score_pct"), by=("category",), where=chosen)
both = Query(("good_score_pct", "good_self_score_pct"), by=("category",), where=chosen)
by_year = Query(("good_score_pct",), period="year", where=chosen)

blocks.lead(leads.scorecards(chosen))
scorecards.who(chosen)

spread, sides = st.columns(2, gap="large")
with spread:
    scorecards.spread(by_criterion)
with sides:
    scorecards.both_sides(both)
blocks.chart(charts.trend, by_year)
scorecards.changed(chosen)
blocks.take_away(by_criterion, both, by_year, scorecards.meetings(chosen, "year"))
