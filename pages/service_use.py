"""Are health centres used more?"""

import streamlit as st

import charts
from metrics.query import Query
from reports import ask, sentences, told
from ui import blocks, cards, filters, router, stories, trends

router.require()
chosen = filters.row("place", "service", "period", "covered", kind="health").but(facility_type="health_centre")
blocks.question("service_use")
blocks.needs("visits_per_facility_month", chosen)

visits = ask.finest(Query(("visits_per_facility_month", "reporting_completeness_pct"), where=chosen))
promise = told.PROMISES[:1]

blocks.lead(sentences.answer(promise, chosen, visits))
cards.how_sure(promise, chosen)

trend = trends.chart(visits)
stories.why_this_period(visits)
stories.start_and_programme(promise[0], chosen)
reports, services = st.columns(2, gap="large")
with reports:
    blocks.chart(charts.trend, Query(("reporting_completeness_pct",), period="month", where=chosen), level=charts.FULLY_REPORTED_PCT)
with services:
    blocks.chart(charts.rows, Query(("visits_per_facility_month",), by=("service",), where=chosen), by="service_code")
blocks.take_away(trend, Query(("visits",), by=("service",), period="year", where=chosen))
