"""Does the programme reach what it promised?"""

from ui import blocks, filters, results, router

router.require()
chosen = filters.row("place")
blocks.question("results")
found = results.values(chosen)

results.choices()
results.lead(found, chosen)
results.framework(found, chosen)
results.take_away(chosen)
