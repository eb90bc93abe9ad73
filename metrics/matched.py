"""Are facilities used more than a year before, counting only what was reported on both sides?

Visits of the same facilities and calendar months before and after the programme's start. A month of a commune (and of the service,
where one is chosen) is left out where a facility reported on one side only, or where under 80 % of the expected reports came. A facility
has reported a month when it has reported every service expected of it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import warehouse
from metrics.question import Query
from metrics.sql import Statement, readable, used_in

FEWEST_REPORTED = 0.8  # of the reports expected for a month; below it the month is hollow

_SQL = """
with reports as materialized (
    select
        fact.commune_code,
        case when {has_service} then fact.service_code else '*' end as service_code,
        fact.facility_id,
        fact.month,
        month(fact.month) as calendar_month,
        fact.step > 0 as is_after,
        bool_and(fact.is_reported) as is_reported,
        sum(fact.visits) as visits
    from marts.agg_usage_aligned as fact
    {joins}
    where {conditions}
        and fact.aligned_by = 'quarter'
        and fact.commune_code in (select unnest($communes))
    group by all
),
pairs as (
    select
        commune_code,
        service_code,
        calendar_month,
        facility_id,
        coalesce(bool_or(is_reported) filter (not is_after), false) as had_report,
        coalesce(bool_or(is_reported) filter (is_after), false) as has_report
    from reports
    group by all
),
months as (
    select
        commune_code,
        service_code,
        calendar_month,
        bool_and(had_report = has_report) and avg(cast(had_report and has_report as integer)) >= {fewest} as is_kept
    from pairs
    group by all
),
cells as (
    select
        reports.commune_code,
        reports.service_code,
        reports.month,
        reports.is_after,
        months.is_kept,
        sum(reports.visits) as visits
    from reports
    join months using (commune_code, service_code, calendar_month)
    group by all
),
hidden as (
    select place_code as commune_code, period_start as month, service_code
    from privacy.hidden_cells
    where fact = 'usage' and place_level = 'commune' and period = 'month' and attribute = '' and topic = ''
),
judged as (
    select
        cells.*,
        not bool_or(cells.is_kept) over (partition by cells.commune_code, cells.month) and not {has_service} as is_month_left_out,
        hidden.commune_code is not null as is_hidden,
        whole.commune_code is not null as is_month_hidden
    from cells
    left join hidden on hidden.commune_code = cells.commune_code and hidden.month = cells.month
        and hidden.service_code = cells.service_code
    left join hidden as whole on whole.commune_code = cells.commune_code and whole.month = cells.month and whole.service_code = '*'
),
sums as (
    select
        commune_code,
        is_after,
        sum(judged.visits) filter (is_kept) as visits,
        coalesce(bool_or(is_hidden) filter (is_kept), false) as has_hidden_kept,
        coalesce(
            bool_or(case when is_month_left_out then is_month_hidden else is_hidden end)
                filter (not is_kept and judged.visits is not null),
            false
        ) as has_hidden_left_out
    from judged
    group by all
),
facility_months as (
    select
        reports.commune_code,
        reports.is_after,
        reports.facility_id,
        reports.month
    from reports
    join months using (commune_code, service_code, calendar_month)
    where months.is_kept and reports.is_reported
    group by all
),
exposures as (
    select
        commune_code,
        is_after,
        count(*) as facility_months
    from facility_months
    group by all
)
select
    sums.*,
    exposures.facility_months
from sums
left join exposures using (commune_code, is_after)
"""


def visits(
    statement: Statement,
    query: Query,
    communes: list[str],
    build_id: str,
) -> tuple[NDArray[np.float64], str, dict[str, list[str]]]:
    """(communes that count x [visits before, facility-months before, visits after, facility-months after], the SQL, who is left out).

    A commune is too small where neither everything kept nor everything left out is a sum of shown cells: then the kept
    visits could be set against its shown quarters. It is without data where no month was reported on both sides.
    """
    text = _SQL.strip().format(
        joins="\n    ".join(statement.joins),
        conditions="\n        and ".join(statement.conditions),
        fewest=FEWEST_REPORTED,
        has_service="false" if "cell.service_code = '*'" in statement.hidden_conditions else "true",
    )
    parameters = used_in(text, {**statement.parameters, "communes": communes})
    table = warehouse.read(text, parameters, build_id)
    is_small = (table["has_hidden_kept"] & table["has_hidden_left_out"]).groupby(table["commune_code"]).any()
    figures = table.pivot(index="commune_code", columns="is_after", values=["visits", "facility_months"]).reindex(communes)
    wanted = pd.MultiIndex.from_tuples([(name, side) for side in (False, True) for name in ("visits", "facility_months")])
    figures = figures.reindex(columns=wanted)
    counts = figures.to_numpy(dtype=float).reshape(len(communes), 4)
    small = np.isin(communes, is_small.index[is_small])
    empty = np.isnan(counts).any(axis=1) & ~small
    codes = np.array(communes, dtype=object)
    left_out = {"too_small": codes[small].tolist(), "without_data": codes[empty].tolist()}
    return counts[~small & ~empty], readable(text, parameters), left_out
