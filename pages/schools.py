"""Do pupils and teachers come to school?"""

import streamlit as st

import charts
from metrics.query import Query
from reports import ask, sentences, told
from ui import blocks, cards, filters, router, stories, trends

router.require()
chosen = filters.row("place", "period", "covered")
blocks.question("schools")
blocks.needs("school_reports_pct", chosen)

teachers = ask.finest(Query(("teacher_presence_pct",), where=chosen))
pupils = ask.finest(Query(("pupil_attendance_pct",), where=chosen))

blocks.lead(f"{sentences.answer((told.TEACHERS,), chosen, teachers)} {sentences.newest(pupils)}")
cards.how_sure((told.TEACHERS,), chosen)

trend = trends.chart(teachers)
stories.why_this_period(teachers)
stories.start_and_programme(told.TEACHERS, chosen)
attendance, enrolled = st.columns(2, gap="large")
with attendance:
    blocks.chart(charts.trend, pupils)
with enrolled:
    blocks.chart(charts.trend, ask.finest(Query(("pupils_per_school",), where=chosen)))
blocks.chart(charts.trend, Query(("school_reports_pct",), period="year" if chosen.commune else "month", where=chosen))
blocks.take_away(trend, pupils, Query(("pupils_per_school", "school_reports_pct"), period="year", where=chosen))
