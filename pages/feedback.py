"""Are citizens more satisfied?"""

import streamlit as st

import charts
from metrics.query import Query
from ui import ask, blocks, cards, filters, router, sentences, stories

router.require()
chosen = filters.row("place", "period", "covered")
aspects = Query(("satisfied_pct",), by=("aspect",), where=chosen)
friendly = chosen.but(aspect="friendliness")
trend = ask.finest(Query(("satisfied_pct",), where=friendly), ("quarter", "year"))

blocks.question("feedback")
blocks.lead(" ".join((sentences.answer(cards.PROMISES[3:], chosen, trend), sentences.widest(aspects, "aspect"))))
cards.promise_card(cards.PROMISES[3], chosen)

shares, spread = st.columns(2, gap="large")
with shares:
    blocks.chart(charts.rows, aspects, by="aspect")
with spread:
    stories.spread()
blocks.chart(charts.trend, trend)
stories.why_this_period(trend, usual="quarter")
stories.start_and_programme(cards.PROMISES[3], chosen)
stories.unofficial_payment(chosen)
blocks.take_away(aspects, trend, Query(("answers",), by=("aspect",), period="year", where=chosen))
