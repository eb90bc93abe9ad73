"""What do you want to know?"""

from ui import blocks, explorer, filters, package, router

router.require()
chosen = filters.row("place", "service", "category", "period", "covered")
blocks.question("explore")
query = explorer.linked() or explorer.choose(chosen)
explorer.answer(query)
blocks.take_away(query)
package.offer()
