"""Are public services getting better for citizens?"""

import streamlit as st

from metrics.query import Query
from ui import blocks, cards, filters, results, router, tour, where

router.require()
chosen = filters.row("place")
blocks.question("overview")
blocks.lead(where.answer(chosen))
tour.invitation()

with st.container(gap="xsmall"):
    for promise in cards.PROMISES:
        cards.promise_card(promise, chosen)
    cards.key(chosen)
results.link()

where.communes_and_attention(chosen)

blocks.take_away(
    Query(("visits_per_facility_month", "reporting_completeness_pct"), period="quarter", where=chosen.but(facility_type="health_centre")),
    Query(("median_processing_days", "within_standard_pct"), period="quarter", where=chosen),
    Query(("satisfied_pct",), period="quarter", where=chosen.but(aspect="friendliness")),
)
