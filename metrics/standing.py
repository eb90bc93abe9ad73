"""Which communes differ from the others by more than their size explains? One measure in the newest whole year; never a rank.

Only communes whose figure is shown count, so that everything here follows from what is published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

import warehouse
from metrics import catalogue
from metrics.memory import remembered
from metrics.model import Metric
from metrics.query import SHOWN, Result, ask, span
from metrics.question import Filters, Query
from metrics.sql import month_number
from stats.discoveries import expected_false_alarms
from stats.funnel import share_funnel, shrunken
from stats.monthly import LIMITS, ROUNDING

FEWEST_COMMUNES = 10  # to say how much communes differ from each other
OUTSIDE_BY_CHANCE = 0.002  # of communes that do not differ lie outside the outer limits
COLUMNS = ("value", "low", "high", "n", "estimate", "estimate_low", "estimate_high", "side", "low_95", "high_95", "low_998", "high_998")


@dataclass(frozen=True)
class Standing:
    """`table`: one row a commune, the highest estimate first: commune_code and COLUMNS, in the unit of the measure.

    `n`: what the value rests on; `estimate`: drawn towards the rest by what is chance in it; `side`: 1 above the outer limits (99.8 %,
    over-dispersion in them), -1 below, 0 inside; limits NaN for a time. `centre`: all together (of a time: the mean of the estimates).
    `shown` and `not_shown`: communes with a figure, and those whose figure is hidden or missing; with fewer than FEWEST_COMMUNES shown
    the table is empty. `by_chance`: how many would lie outside if none differed. `year`: its first day, None where no year is over.
    `over_dispersion`: 1 where communes differ as by chance.
    """

    metric: Metric
    where: Filters
    year: date | None
    table: pd.DataFrame
    centre: float
    shown: int
    not_shown: int
    by_chance: float
    over_dispersion: float
    result: Result

    @property
    def has_limits(self) -> bool:
        """Whether this measure has a funnel: shares do, times do not."""
        return self.metric.is_share

    def outside(self, side: int) -> pd.DataFrame:
        """The communes above (1) or below (-1) the outer limits, in the order of their codes."""
        return self.table[self.table["side"] == side].sort_values("commune_code")


@remembered
def standing(metric: str, where: Filters | None = None, build_id: str | None = None) -> Standing:
    """The communes of a filter (place, service, aspect) against each other. Problem for a measure that communes do not have."""
    where = where or Filters()
    measure = catalogue()[metric]
    year = _newest_whole_year(measure, build_id)
    months = {"month_from": f"{year}-01", "month_to": f"{year}-12"} if year else {}
    result = ask(Query((metric,), by=("commune",), period="year", where=where.but(**months)), build_id)
    rows = result.table.rename(columns={name: name.removeprefix(f"{metric}_") for name in measure.columns[1:]} | {metric: "value"})
    is_of_year = np.array([day.year == year for day in rows["period_start"]], dtype=bool)
    shown = rows[is_of_year & (rows["status"] == SHOWN) & rows["value"].notna()].reset_index(drop=True)
    communes = rows["commune_code"].nunique()
    few = len(shown) < FEWEST_COMMUNES
    if few:
        table, centre, over_dispersion = pd.DataFrame(columns=["commune_code", *COLUMNS], dtype=float), np.nan, np.nan
    else:
        table, centre, over_dispersion = _shares(shown) if measure.is_share else _times(shown)
    return Standing(
        metric=measure,
        where=where,
        year=date(year, 1, 1) if year and is_of_year.any() else None,
        table=table.sort_values(["estimate", "commune_code"], ascending=[False, True], ignore_index=True),
        centre=centre,
        shown=len(shown),
        not_shown=communes - len(shown),
        by_chance=float(expected_false_alarms(OUTSIDE_BY_CHANCE, len(table))) if measure.is_share else np.nan,
        over_dispersion=over_dispersion,
        result=result,
    )


def _newest_whole_year(metric: Metric, build_id: str | None) -> int | None:
    """The last calendar year that is over on the last day of the data, and of which the measure has any."""
    build = warehouse.build(build_id) if build_id else warehouse.current_build()
    known = span(metric.fact, build.build_id) if build else None
    if build is None or build.data_to is None or known is None:
        return None
    year = min(month_number(build.data_to + timedelta(days=1)) // 12 - 1, known.last // 12)
    return year if year >= known.first // 12 else None


def _shares(shown: pd.DataFrame) -> tuple[pd.DataFrame, float, float]:
    """(table, centre, over-dispersion): shares in percent with their funnel.

    The variance of each is that of the common share, so that 0 and 100 % have one.
    """
    n = shown["n"].to_numpy(dtype=float)
    hits = shown["value"].to_numpy(dtype=float) / 100 * n
    funnel = share_funnel(hits, n)
    centre = float(funnel.centre[0])
    found = shrunken(hits / n, centre * (1 - centre) / n)
    limits = {name: 100 * getattr(funnel, name) for name in ("low_95", "high_95", "low_998", "high_998")}
    value = shown["value"].to_numpy(dtype=float)
    side = np.where(value > limits["high_998"], 1, np.where(value < limits["low_998"], -1, 0))
    table = _with_estimates(shown, 100 * found.estimate, 100 * found.error).assign(**limits, side=side)
    table["estimate_low"], table["estimate_high"] = table["estimate_low"].clip(lower=0), table["estimate_high"].clip(upper=100)
    return table, 100 * centre, float(funnel.phi[0])


def _times(shown: pd.DataFrame) -> tuple[pd.DataFrame, float, float]:
    """(table, mean, NaN): medians drawn towards each other, their errors from the wider side of their limits; no funnel."""
    value, low, high = (shown[name].to_numpy(dtype=float) for name in ("value", "low", "high"))
    width = np.fmax(value - low, high - value) * 2 / LIMITS  # both are missing where all took the same time: then whole days are the error
    found = shrunken(value, np.fmax(width, ROUNDING) ** 2)
    table = _with_estimates(shown, found.estimate, found.error).assign(side=0, **dict.fromkeys(COLUMNS[-4:], np.nan))
    table["estimate_low"] = table["estimate_low"].clip(lower=0)
    return table, float(found.mean[0]), np.nan


def _with_estimates(shown: pd.DataFrame, estimate: np.ndarray, error: np.ndarray) -> pd.DataFrame:
    kept, half = shown[["commune_code", "value", "low", "high", "n"]], LIMITS / 2 * error
    return kept.assign(estimate=estimate, estimate_low=estimate - half, estimate_high=estimate + half)
