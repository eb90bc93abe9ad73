"""Can the figures be relied on?"""

import charts
from metrics.query import Filters, Query
from ui import blocks, deliveries, router

router.require()
blocks.question("data_quality")
blocks.lead(deliveries.lead())
deliveries.balance()
deliveries.rules()
deliveries.rows_set_aside()
deliveries.corrections()
deliveries.others()
blocks.chart(
    charts.trend,
    Query(("reporting_completeness_pct",), period="month", where=Filters(facility_type="health_centre")),
    level=charts.FULLY_REPORTED_PCT,
)
blocks.take_away(Query(("rows_read", "rows_set_aside", "rows_superseded", "rows_deleted"), by=("source",)))
