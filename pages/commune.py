"""What happened in one commune, and what moved at the same time?"""

from ui import ask, blocks, filters, profile, router, timeline, verdicts

router.require()
chosen = filters.row("place", "service")
if not chosen.commune:
    profile.choose(chosen)
else:
    blocks.question("commune", place=ask.place_name(chosen.commune))
    blocks.lead(profile.lead(chosen))
    blocks.small(profile.facts(chosen.commune))
    lanes = timeline.lanes(chosen)
    verdicts.of_one(chosen.commune)
    timeline.stories(chosen)
    timeline.chart(chosen, lanes, profile.finding(chosen))
    profile.how_fine(lanes)
    profile.events(chosen)
    blocks.take_away(*lanes)
