"""Do common requests take less time?"""

from dataclasses import replace

import streamlit as st

import charts
from metrics.query import Query
from reports import ask, sentences, told
from ui import blocks, cards, filters, promises, router, stories, trends, verdicts

router.require()
chosen = filters.row("place", "service", "period", "covered", kind="requests")
blocks.question("processing")
blocks.needs("requests", chosen)

waiting = ask.finest(Query(("median_processing_days",), where=chosen))
standard = ask.finest(Query(("within_standard_pct",), where=chosen))
still_open = Query(("open_requests", "overdue_requests"), where=chosen)
tested = told.PROMISES[1:3]

blocks.lead(sentences.answer(tested, chosen, waiting))
cards.how_sure(tested, chosen)
verdicts.official_time(chosen)
promises.link()

trend = trends.chart(waiting)
stories.why_this_period(waiting)
stories.start_and_programme(tested[0], chosen)
services, still_waiting = st.columns(2, gap="large")
with services:
    stories.by_service("median_processing_days", chosen)
with still_waiting:
    blocks.chart(charts.waiting, replace(still_open, by=("service",)), still_open)
documents, fees = st.columns(2, gap="large")
with documents:
    stories.documents(chosen)
with fees:
    blocks.chart(charts.rows, Query(("over_fee_pct",), by=("service",), where=chosen), by="service_code", only_known=True)
shares = trends.chart(standard)
blocks.take_away(trend, shares, Query(("requests", "open_requests", "overdue_requests"), by=("service",), where=chosen))
