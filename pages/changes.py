"""What changed since an earlier build, and why?"""

from ui import blocks, changes, filters, router

router.require()
blocks.question("changes")
builds = changes.choose()
blocks.lead(changes.lead(builds))

chosen = filters.row("place", "service", "period", "covered")
changes.figures(builds, chosen)
changes.books_of(builds)
changes.corrections(builds)
changes.definitions(builds)
blocks.link(kind="tertiary")
