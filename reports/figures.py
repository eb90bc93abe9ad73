"""Which charts prove what a page or a report says of one subject? A chart's description with the answers it was made from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import charts
from charts.model import Chart
from charts.words import is_known
from metrics import compare, curves, limits, scored
from metrics.query import Filters, Query, Result
from reports import ask, place, told, view


@dataclass(frozen=True)
class Figure:
    """A chart and the answers behind it, the first of which is its table."""

    chart: Chart
    results: tuple[Result, ...]


def drawn(maker: Callable[..., Chart], query: Query, *more: Query, **options: Any) -> Figure | None:
    """The chart that a maker of `charts` makes of the answers to some queries; None where nothing, or only one period, can be drawn."""
    results = tuple(ask.result(each) for each in (query, *more))
    if not charts.can_draw(results[0]) or (maker in (charts.trend, charts.control) and charts.has_one_period(results[0])):
        return None
    return Figure(maker(*results, ask.around(query.where, query, *more), **options), results)


def usual_trend(query: Query) -> Figure | None:
    """The trend of a query with its limits, freed of the time of year where that can be done."""
    can_adjust = query.metrics[0] == limits.ADJUSTED_MEASURE and query.period == "month"
    is_adjusted = can_adjust and limits.can_adjust(query, view.now().build.build_id)
    return drawn(charts.control, limits.Trend.of(query, is_adjusted=is_adjusted))


@ask.remembered
def by_service(metric: str, chosen: Filters) -> Figure | None:
    """Before and after for every service, against its official time; None where communes are too small for that."""
    answer = ask.result(Query((metric,), by=("service",), where=chosen))
    codes = answer.table.loc[answer.table[f"{metric}_status"] != "no_data", "service_code"].astype(str)
    found = compare.before_after_by_service(metric, chosen, view.now().build.build_id) if len(codes) else {}
    pairs = [(code, found[code]) for code in codes if code in found]  # a service of communes that are not covered has none
    if not any(told.is_told(pair) for _, pair in pairs):
        return None
    return Figure(charts.dumbbells(pairs, ask.around(chosen)), (answer,))


@ask.remembered
def since_the_start(metric: str, where: Filters) -> Figure:
    """Every covered commune set to its own start, quarter by quarter."""
    made = charts.aligned(ask.before_after(metric, where), ask.around(where))
    return Figure(made, (ask.result(Query((metric,), period="quarter", where=where.but(covered="yes"))),))


@ask.remembered
def ready_by(query: Query) -> Figure | None:
    """By which day requests with all documents are ready, and those without; None where groups are too small for curves."""
    found = curves.by_documents(query.where, view.now().build.build_id)
    return Figure(charts.steps(found, ask.around(query.where), query.where), (ask.result(query),)) if found else None


@ask.remembered
def both_sides(query: Query) -> Figure | None:
    """How citizens and providers score each criterion; None where no criterion has both."""
    found = scored.gaps(query.where, view.now().build.build_id)
    if not any(is_known(gap.points) for gap in found):
        return None
    return Figure(charts.sides(found, ask.around(query.where), query.where), (ask.result(query),))


@ask.remembered
def timeline(chosen: Filters, queries: tuple[Query, ...], title: str) -> Figure | None:
    """The accountability cycle of a commune over the lanes of its records; None where no lane can be drawn."""
    results = tuple(result for result in map(ask.result, queries) if charts.can_draw(result))
    if not results:
        return None
    return Figure(charts.timeline(place.cycle(chosen), results, ask.around(chosen, *queries), title=title), results)


def old_enough(chosen: Filters) -> Filters:
    """The choice up to the last whole quarter whose actions are all a year old: of newer ones nobody can say whether they are in time."""
    last = ask.around().data_to
    year, quarters = (last.year - 1, (last.month - 1) // 3) if last.month > 3 else (last.year - 2, 4)
    newest = f"{year}-{3 * quarters:02d}"
    if chosen.month_from and chosen.month_from > newest:
        return chosen
    return chosen.but(month_to=min(chosen.month_to or newest, newest))
