"""How does a page answer its question in a sentence or two, from the same figures as its charts?"""

from collections.abc import Sequence

import charts
from charts.findings import between
from charts.words import label
from metrics.query import Filters, Query
from reports import ask, told
from text import t


def answer(promises: Sequence[told.Promise], chosen: Filters, otherwise: Query) -> str:
    """Before and after the programme came; without a before and after the newest figure; without either, why there is none."""
    parts = told.pairs_in_words(promises, chosen)
    if not parts:
        return newest(otherwise)
    is_of_all = any(ask.before_after(promise.metric, promise.where(chosen)).aligned_by == "all_months" for promise in promises)
    return t("page.all_months" if is_of_all else "page.year_after", parts=", ".join(parts))


def newest(query: Query) -> str:
    """The newest figure and that of a year earlier, or why there is none."""
    result = ask.result(query)
    words = charts.headline(result, ask.around(query.where))
    if words:
        return t("page.newest", told=words)
    status = set(result.table[f"{result.metrics[0].name}_status"])
    why = next((kind for kind in ("hidden", "not_reached") if kind in status), "no_data")
    return t("page.no_answer", measure=label(result.metrics[0]), why=t(f"empty.{why}.what"), meaning=t(f"empty.{why}.meaning"))


def widest(query: Query, column: str) -> str:
    """The highest and the lowest value of a breakdown; empty when nothing is shown."""
    result = ask.result(query)
    metric = result.metrics[0]
    if not (result.table[f"{metric.name}_status"] == "shown").any():
        return ""
    return t("page.newest", told=between(metric, column, result.table, ask.around(query.where), query.where))


def overall(chosen: Filters) -> str:
    """The promises that have a before and an after, in one sentence; where there is none, that and what is known at all."""
    parts = told.pairs_in_words(told.PROMISES, chosen)
    if parts:
        return t("page.year_after", parts=", ".join(parts))
    found = [ask.before_after(promise.metric, promise.where(chosen)) for promise in told.PROMISES]
    is_not_here = ask.knows_coverage() and not any(compared.communes_covered for compared in found)
    why = t("page.overview.not_here" if is_not_here else "page.overview.nothing")
    known = [sentence for compared in found if (sentence := told.newest_year(compared))]
    if len(known) > 1:
        return f"{why} {t('page.overview.newest')}"  # the cards say each
    return f"{why} {t('page.overview.known', parts=known[0])}" if known else why
