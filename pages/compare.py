"""Which communes stand out?"""

from ui import blocks, filters, measures, router, standing

router.require()
chosen = filters.row("place", "service", kind="requests")
blocks.question("compare")
metric = measures.choose(standing.words())
found = standing.found(metric, chosen)

blocks.lead(standing.lead(found))
standing.not_a_ranking(found)

standing.picture(found)
standing.listed(found)
standing.open_commune(found)
blocks.take_away(standing.query(found))
