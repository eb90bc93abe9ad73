"""What happened in one commune, and what moved at the same time?"""

from reports import ask, place
from ui import blocks, filters, profile, router, timeline, verdicts

router.require()
chosen = filters.row("place", "service")
if not chosen.commune:
    profile.choose(chosen)
else:
    blocks.question("commune", place=ask.place_name(chosen.commune))
    blocks.lead(place.lead(chosen))
    blocks.small(place.facts(chosen.commune))
    lanes = place.lanes(chosen)
    verdicts.of_one(chosen.commune)
    timeline.stories(chosen)
    timeline.chart(chosen, lanes, place.finding(chosen))
    profile.how_fine(lanes)
    profile.events(chosen)
    blocks.take_away(*lanes, report=chosen)
