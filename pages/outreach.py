"""Are citizens informed, and do facilitators grow?"""

import streamlit as st

import charts
from metrics.query import Query
from reports import ask, leads
from ui import blocks, filters, outreach, router, stories

router.require()
chosen = filters.row("place", "period")
blocks.question("outreach")
blocks.needs("sessions_held", chosen)

came = ask.finest(Query(("participants",), where=chosen), ("quarter", "year"))
held = Query(("sessions_held_pct",), period="year" if chosen.district or chosen.commune else "quarter", where=chosen)

blocks.lead(leads.outreach(chosen))

blocks.chart(charts.trend, came)
stories.why_this_period(came, usual="quarter")
who, became = st.columns(2, gap="large")
with who:
    outreach.per_people(chosen)
    outreach.reached(chosen)
with became:
    outreach.planned(chosen)
    blocks.chart(charts.trend, held)
grown, working = st.columns(2, gap="large")
with grown:
    outreach.growing(chosen)
with working:
    outreach.network(chosen)
outreach.missed(chosen)
blocks.take_away(came, Query(leads.SESSIONS, period="year", where=chosen), held)
