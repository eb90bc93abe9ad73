"""Are citizens informed, and do facilitators grow?"""

import streamlit as st

import charts
from metrics.query import Query
from ui import ask, blocks, filters, outreach, router, stories

router.require()
chosen = filters.row("place", "period")
blocks.question("outreach")
blocks.needs("sessions_held", chosen)

came = ask.finest(Query(("participants",), where=chosen), ("quarter", "year"))

blocks.lead(outreach.lead(chosen))

blocks.chart(charts.trend, came)
stories.why_this_period(came, usual="quarter")
who, became = st.columns(2, gap="large")
with who:
    outreach.reached(chosen)
with became:
    outreach.planned(chosen)
    outreach.missed(chosen)
outreach.growing(chosen)
outreach.network(chosen)
blocks.take_away(came, Query(("participants_per_1000_people",), period="year", where=chosen), Query(outreach.SESSIONS, where=chosen))
