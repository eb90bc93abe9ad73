"""Can the figures be relied on?"""

from metrics.query import Query
from reports import leads
from ui import blocks, deliveries, package, router

router.require()
blocks.question("data_quality")
blocks.lead(leads.deliveries())
deliveries.balance()
deliveries.rules()
deliveries.rows_set_aside()
deliveries.corrections()
deliveries.others()
deliveries.reports()
blocks.take_away(Query(("rows_read", "rows_set_aside", "rows_superseded", "rows_deleted"), by=("source",)))
package.offer()
