"""How does a page answer its question in a sentence or two, from the same figures as its charts?"""

from collections.abc import Sequence

import charts
from charts.findings import between
from charts.words import label
from metrics.query import Filters, Query
from text import t
from ui import ask, cards


def answer(promises: Sequence[cards.Promise], chosen: Filters, otherwise: Query) -> str:
    """Before and after the programme came; without a before and after the newest figure; without either, why there is none."""
    parts = cards.pairs_in_words(promises, chosen)
    if not parts:
        return newest(otherwise)
    is_of_all = any(ask.before_after(promise.metric, promise.where(chosen)).aligned_by == "all_months" for promise in promises)
    return t("page.all_months" if is_of_all else "page.year_after", parts=", ".join(parts))


def newest(query: Query) -> str:
    """The newest figure and that of a year earlier, or why there is none."""
    result = ask.result(query)
    told = charts.headline(result, ask.around(query.where))
    if told:
        return t("page.newest", told=told)
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
