"""How do citizens' scores spread, where do providers see things differently, and do meetings score better than at first?

Every score is that of a meeting. What is worked out here comes from cells that the build shows, asked like any measure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from metrics import catalogue
from metrics.memory import remembered
from metrics.model import Metric, Ratio
from metrics.query import SHOWN, Filters, Query, ask, counts
from metrics.question import check_fits
from metrics.scale import PARTS, Spread
from stats.discoveries import benjamini_hochberg
from stats.proportions import newcombe_difference
from stats.ratings import superiority_among_clusters

CITIZENS, PROVIDERS = "good_score_pct", "good_self_score_pct"
SOMETHING_ELSE = "something_else"  # criteria of many kinds: listed last, and no finding
FEWEST_MEETINGS = 10  # on each side, to say whether scores rose
_PARTS = [f"fifth_{number}" for number in range(1, PARTS + 1)]


@dataclass(frozen=True)
class Gap:
    """Good scores of one category by citizens and by providers themselves, in percent; `points` is provider minus citizen with its 95 %
    limits (Newcombe), counted in meetings. NaN where a side may not be told or has none.
    """

    category: str
    citizens: float
    providers: float
    points: float
    low: float
    high: float
    meetings: float
    self_scores: float

    @property
    def is_sure(self) -> bool:
        """Whether the limits exclude that both see it alike."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Change:
    """The chance, in percent, that a score of the newest year of a commune is higher than one of its first, with 95 % limits.

    `first` and `newest` count scores. `is_sure`: among all categories asked about it may be listed as a change (Benjamini and Hochberg).
    """

    category: str
    chance_pct: float
    low: float
    high: float
    first: int
    newest: int
    communes: int
    is_sure: bool = False


@remembered
def spreads(where: Filters, build_id: str) -> list[Spread]:
    """How the meetings' scores of each category that may be told lie in the fifths of the scale; the lowest first."""
    query = Query((CITIZENS,), by=("category",), where=where)
    table = ask(query, build_id).table
    told = set(table.loc[table[f"{CITIZENS}_status"] == SHOWN, "category"])
    found = _fifths(query, build_id)
    found = found[found["category"].isin(told)] if len(found) else found
    made = [
        Spread(str(row["category"]), tuple(100 * float(row[part]) / float(row["n"]) for part in _PARTS), int(row["n"]))
        for row in found.to_dict("records")
    ]
    return sorted(made, key=lambda each: (each.topic == SOMETHING_ELSE, sum(each.shares_pct[PARTS - 2 :])))


@remembered
def gaps(where: Filters, build_id: str) -> list[Gap]:
    """One entry a category that citizens scored, the widest gap first; those that cannot be told last."""
    table = ask(Query((CITIZENS, PROVIDERS), by=("category",), where=where), build_id).table
    found = []
    for row in table.to_dict("records"):
        shares, bases = (row[CITIZENS], row[PROVIDERS]), (row[f"{CITIZENS}_n"], row[f"{PROVIDERS}_n"])
        points = low = high = float("nan")
        if not (np.isnan(shares[0]) or np.isnan(shares[1])):
            points = shares[1] - shares[0]
            low, high = newcombe_difference(shares[0] / 100 * bases[0], bases[0], shares[1] / 100 * bases[1], bases[1])
        found.append(Gap(str(row["category"]), *shares, points, 100 * low, 100 * high, *bases))
    return sorted(found, key=lambda gap: (gap.category == SOMETHING_ELSE, np.isnan(gap.points), -abs(gap.points)))


@remembered
def changes(where: Filters, build_id: str) -> list[Change]:
    """One entry a category with enough meetings both in the first and in the newest year that each commune shows; the surest rise first.

    Communes with one year only are left out, so that the same communes stand on both sides. Limits count communes: their meetings resemble
    each other.
    """
    query = Query((CITIZENS,), by=("commune", "category"), period="year", where=where.but(month_from=None, month_to=None))
    table = _fifths(query, build_id)
    if table.empty:
        return []
    table = table.sort_values("period_start")
    keys = ["category", "commune_code"]
    table = table[table.groupby(keys)["n"].transform("size") > 1]
    first, newest = table.groupby(keys, sort=True).first(), table.groupby(keys, sort=True).last()
    found, p_values = [], []
    for category in first.index.unique("category"):
        before, after = (side.loc[category][_PARTS].to_numpy(dtype=float) for side in (first, newest))
        if min(before.sum(), after.sum()) < FEWEST_MEETINGS:
            continue
        told = superiority_among_clusters(before, after)
        chance, low, high = (100 * float(value) for value in (told.probability, told.low, told.high))
        if not np.isnan(low):
            found.append(Change(str(category), chance, low, high, int(before.sum()), int(after.sum()), len(first.loc[category])))
            p_values.append(float(told.p_value))
    is_sure = benjamini_hochberg(p_values).is_discovery.tolist()
    sure = [replace(change, is_sure=told) for change, told in zip(found, is_sure, strict=True)]
    return sorted(sure, key=lambda change: (change.category == SOMETHING_ELSE, -change.chance_pct))


def _fifths(query: Query, build_id: str) -> pd.DataFrame:
    """The keys of a query with `n` scores and how many lie in each fifth of the scale; without the cells that are hidden."""
    check_fits(catalogue()[CITIZENS], query)
    parts = [counts(_counted_in(part), query, build_id)[0] for part in _PARTS]
    if parts[0].columns.empty:
        return pd.DataFrame()
    whole = parts[0].assign(**{name: part["hits"] for name, part in zip(_PARTS, parts, strict=True)})
    return whole[~whole["is_hidden"].astype(bool) & (whole["n"] > 0)]


def _counted_in(part: str) -> Metric:
    """The share of scores in one fifth: a measure like those of the catalogue, which nobody asks for by name."""
    return replace(catalogue()[CITIZENS], name=part, kind=Ratio(f"sum({part})", "sum(meetings)", people="sum(people)"))
