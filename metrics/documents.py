"""How many days sooner is a paper ready when all documents are there at the first visit? Within the same service and time.

Services that need many documents take long anyway, and times differ; so only requests of one service and quarter are compared, or of one
service and year where the quarters of a province are hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from metrics.curves import ATTRIBUTE, MEASURE, VALUES
from metrics.memory import remembered
from metrics.query import SHOWN, ask
from metrics.question import Filters, Query
from stats.monthly import LIMITS, ROUNDING
from stats.strata import difference_within

COLUMNS = ("service_code", "days", "low", "high", "periods", "requests")


@dataclass(frozen=True)
class DaysApart:
    """Days later without all documents, with 95 % limits, over all services; `services`: the same for each (COLUMNS).

    `where`: what it rests on. Documents are an attribute of which nothing is published below the province, so of a district or commune
    it is that of its province.
    """

    days: float
    low: float
    high: float
    requests: int
    services: pd.DataFrame
    where: Filters


@remembered
def days_apart(where: Filters | None = None, build_id: str | None = None) -> DaysApart | None:
    """The days apart in a province or everywhere, of one service or all; None where nothing shows both medians."""
    where = where or Filters()
    place = where.province or (where.district or where.commune or "")[:2] or None
    asked = Filters(province=place, service=where.service, month_from=where.month_from, month_to=where.month_to)
    both = _both_sides(asked, "quarter", build_id)
    if both.empty:
        both = _both_sides(asked, "year", build_id)
    if both.empty:
        return None
    rows = [(code, *_apart(mine), len(mine), _requests(mine)) for code, mine in both.groupby("service_code", sort=True)]
    services = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("days", ascending=False, ignore_index=True)
    return DaysApart(*_apart(both), _requests(both), services, asked)


def _both_sides(where: Filters, period: str, build_id: str | None) -> pd.DataFrame:
    """One row a service and period in which both medians are shown."""
    table = ask(Query((MEASURE,), ("service", ATTRIBUTE), period, where), build_id).table
    table = table[table[f"{MEASURE}_status"] == SHOWN]
    sides = [table[table[ATTRIBUTE] == value] for value in VALUES]
    return sides[0].merge(sides[1], on=["service_code", "period_start"], suffixes=("_complete", "_missing"))


def _apart(rows: pd.DataFrame) -> tuple[float, float, float]:
    complete, missing = ({name: rows[f"{MEASURE}{part}_{side}"].to_numpy(dtype=float) for name, part in _PARTS} for side in _SIDES)
    errors = [np.fmax((side["high"] - side["low"]) / LIMITS, ROUNDING) for side in (complete, missing)]
    return difference_within(complete["value"], missing["value"], complete["n"], missing["n"], *errors)


_SIDES = ("complete", "missing")
_PARTS = (("value", ""), ("n", "_n"), ("low", "_low"), ("high", "_high"))


def _requests(rows: pd.DataFrame) -> int:
    return int(rows[[f"{MEASURE}_n_{side}" for side in _SIDES]].to_numpy().sum())
