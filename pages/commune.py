"""What happened in one commune, and what moved at the same time?"""

import charts
from metrics.query import Query
from ui import ask, blocks, filters, profile, router, verdicts

router.require()
chosen = filters.row("place")
if not chosen.commune:
    profile.choose(chosen)
else:
    blocks.question("commune", place=profile.name(chosen.commune))
    blocks.lead(profile.lead(chosen))
    blocks.small(profile.facts(chosen.commune))
    health_centre = chosen.but(facility_type="health_centre")
    lanes = (
        ask.finest(Query(("requests",), where=chosen)),
        ask.finest(Query(("median_processing_days",), where=chosen)),
        ask.finest(Query(("visits_per_facility_month", "reporting_completeness_pct"), where=health_centre)),
        ask.finest(Query(("satisfied_pct",), where=chosen)),
    )
    verdicts.of_one(chosen.commune)
    blocks.chart(charts.lanes, *lanes, title=profile.finding(chosen))
    profile.how_fine(lanes)
    profile.events(chosen)
    blocks.take_away(*lanes)
