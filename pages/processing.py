"""Do common requests take less time?"""

import streamlit as st

import charts
from metrics.query import Query
from ui import ask, blocks, cards, filters, router, sentences, stories

router.require()
chosen = filters.row("place", "service", "period", "covered", kind="requests")
waiting = ask.finest(Query(("median_processing_days",), where=chosen))
standard = ask.finest(Query(("within_standard_pct",), where=chosen))
still_open = Query(("open_requests", "overdue_requests"), by=("service",), where=chosen)

blocks.question("processing")
blocks.lead(sentences.answer(cards.PROMISES[1:3], chosen, waiting))
for promise in cards.PROMISES[1:3]:
    cards.promise_card(promise, chosen)

blocks.chart(charts.trend, waiting)
stories.why_this_period(waiting)
services, still_waiting = st.columns(2, gap="large")
with services:
    stories.by_service("median_processing_days", chosen)
with still_waiting:
    blocks.chart(charts.waiting, still_open)
documents, fees = st.columns(2, gap="large")
with documents:
    blocks.chart(charts.rows, Query(("median_processing_days",), by=("documents_complete",), where=chosen), by="documents_complete")
with fees:
    blocks.chart(charts.rows, Query(("over_fee_pct",), by=("service",), where=chosen), by="service_code", only_known=True)
stories.start_and_programme(cards.PROMISES[1], chosen)
blocks.chart(charts.trend, standard)
blocks.take_away(waiting, standard, Query(("requests", "open_requests", "overdue_requests"), by=("service",), where=chosen))
