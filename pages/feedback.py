"""Are citizens more satisfied?"""

from metrics.query import Query
from reports import ask, sentences, told
from ui import blocks, cards, filters, router, stories, trends

router.require()
chosen = filters.row("place", "period", "covered")
blocks.question("feedback")
blocks.needs("satisfied_pct", chosen)

aspects = Query(("satisfied_pct",), by=("aspect",), where=chosen)
friendly = chosen.but(aspect="friendliness")
trend = ask.finest(Query(("satisfied_pct",), where=friendly), ("quarter", "year"))
promise = told.PROMISES[3:4]

blocks.lead(" ".join((sentences.answer(promise, chosen, trend), sentences.widest(aspects, "aspect"))))
cards.how_sure(promise, chosen)

shown = trends.chart(trend)
stories.why_this_period(trend, usual="quarter")
stories.start_and_programme(promise[0], chosen)
stories.aspects(aspects)
stories.channels(friendly)
stories.unofficial_payment(chosen)
blocks.take_away(aspects, shown, Query(("answers",), by=("aspect",), period="year", where=chosen))
