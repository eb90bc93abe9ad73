"""Is what was promised kept?"""

import streamlit as st

import charts
from metrics.query import Query
from reports import ask, leads
from text import t
from ui import blocks, filters, promises, router, stories, trends

router.require()
chosen = filters.row("place", "service", "period", "covered", kind="requests")
blocks.question("promises")
blocks.needs(leads.KEPT, chosen)

blocks.lead(leads.promises(chosen) or t("promises.nothing_told"))

promises.side_by_side(chosen)
promises.offices(chosen)

kept = ask.finest(Query((leads.KEPT,), where=chosen))
trend = trends.chart(kept)
stories.why_this_period(kept)

by_service = Query((leads.KEPT,), by=("service",), where=chosen)
services, apart = st.columns(2, gap="large")
with services:
    blocks.chart(charts.rows, by_service, by="service_code", only_known=True)
with apart:
    promises.documents_effect(chosen)
sent_on, brought_home = st.columns(2, gap="large")
with sent_on:
    promises.referrals(chosen)
with brought_home:
    blocks.chart(charts.rows, Query(("delivered_home_pct",), by=("service",), where=chosen), by="service_code", only_known=True)
blocks.take_away(by_service, trend, Query(leads.SAID_IN_LEAD, period="year", where=chosen))
