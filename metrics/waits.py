"""How long did the requests of every covered commune take? Counts by day, in as few bytes as they need, and the curves made of them.

The whole country has ten million such counts: they are held as small numbers, and looked at some series at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.judged import COVERED
from metrics.lattice import ALL_SERVICES
from stats.survival import Curve, curve, quantiles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BLOCK = 1000  # series that are looked at together
ENDS = ("completed", "ended", "still_open")
_KEYS = ["commune_code", "service_code", "topic"]
_COUNTS = """
with counted as (
    select
        numbered.series,
        numbered.whole,
        cast(year(agg.month) * 12 + month(agg.month) - 1 as integer) as month,
        agg.days,
        cast(coalesce(sum(requests) filter ("end" = 'completed'), 0) as integer) as completed,
        cast(coalesce(sum(requests) filter ("end" = 'ended'), 0) as integer) as ended,
        cast(coalesce(sum(requests) filter ("end" = 'open'), 0) as integer) as still_open
    from marts.agg_processing_days as agg
    join numbered on numbered.commune = agg.commune_code and numbered.service_code = agg.service_code
    group by all
)
select series, month, days, completed, ended, still_open
from counted
union all
select
    whole as series,
    month,
    days,
    cast(sum(completed) as integer) as completed,
    cast(sum(ended) as integer) as ended,
    cast(sum(still_open) as integer) as still_open
from counted
group by all
"""


@dataclass(frozen=True)
class Waits:
    """Requests by series, month of handing in, days and end, sorted by series: six numbers a row.

    `keys` has commune_code, service_code and topic, one row a series, in order; `series` counts its rows. `month` is year * 12 + month - 1.
    """

    keys: pd.DataFrame
    series: NDArray[np.int32]
    month: NDArray[np.int32]
    days: NDArray[np.int32]
    completed: NDArray[np.int32]
    ended: NDArray[np.int32]
    still_open: NDArray[np.int32]

    def blocks(self, keys: pd.DataFrame) -> Iterator[tuple[slice, Waits]]:
        """Some of the series, a block at a time: where it stands among `keys`, and its rows. `keys` are in the order of all."""
        number = pd.Series(np.arange(len(self.keys)), index=pd.MultiIndex.from_frame(self.keys[_KEYS]))
        place = number.loc[pd.MultiIndex.from_frame(keys[_KEYS])].to_numpy(dtype=np.int64)
        for start in range(0, len(keys), BLOCK):
            chosen = slice(start, min(start + BLOCK, len(keys)))
            yield chosen, self._cut(keys[chosen].reset_index(drop=True), place[chosen])

    def _cut(self, keys: pd.DataFrame, place: Ints) -> Waits:
        first, last = np.searchsorted(self.series, [place[0], place[-1] + 1])
        new = np.full(place[-1] + 1, -1, dtype=np.int32)
        new[place] = np.arange(len(place), dtype=np.int32)
        series = new[self.series[first:last]]
        kept = series >= 0
        month, days, *ends = (getattr(self, name)[first:last][kept] for name in ("month", "days", *ENDS))
        return Waits(keys, series[kept], month, days, *ends)

    def curves(self, group: Ints, groups: int) -> Curve:
        """The curves of groups of rows; `group` (rows,) numbers them, rows outside (negative) are left out."""
        kept = group >= 0
        days, ends = self.days[kept].astype(np.int64), [getattr(self, name)[kept].astype(float) for name in ENDS]
        group = group[kept]
        if not (group == groups - 1).any():  # an empty last curve still has its place
            group, days = np.append(group, groups - 1), np.append(days, 0)
            ends = [np.append(counts, 0.0) for counts in ends]
        at = group * (days.max() + 1) + days
        order = np.argsort(at, kind="stable")
        first = np.flatnonzero(np.diff(at[order], prepend=-1))
        completed, ended, still_open = (np.add.reduceat(counts[order], first) for counts in ends)
        return curve(group[order][first], days[order][first].astype(float), completed, ended, still_open)

    def medians(self, side: Ints, p: float) -> tuple[Floats, Floats]:
        """The time of all requests of a side, before (1) and after (2), as it is shown; `side` (rows,) is 0 for those of neither.

        Where p is not reached it is at least the longest wait seen.
        """
        curves = self.curves(np.where(side > 0, self.series.astype(np.int64) * 2 + side - 1, -1), 2 * len(self.keys))
        last_day = np.full(curves.groups, np.nan)
        last_day[curves.group] = curves.day
        middle = quantiles(curves, p)[0]
        value = np.where(np.isnan(middle), last_day, middle).reshape(-1, 2)
        return value[:, 0], value[:, 1]


def read(connection: duckdb.DuckDBPyConnection, places: str = COVERED) -> Waits:
    """All requests of the covered communes, or of other places (as metrics/judged.Frame), by service and for all services together."""
    services = connection.execute(
        "select distinct place, judged.commune_code as commune, service_code "
        f"from marts.agg_processing_days join {places} as judged using (commune_code)"
    ).df()
    services = services.rename(columns={"place": "commune_code"})
    whole = services[["commune_code", "commune"]].drop_duplicates().assign(service_code=ALL_SERVICES)
    keys = pd.concat([services, whole]).assign(topic="").sort_values(_KEYS, ignore_index=True)
    numbers = keys.assign(series=np.arange(len(keys), dtype=np.int32))
    of_all = numbers[numbers["service_code"] == ALL_SERVICES][["commune_code", "series"]].rename(columns={"series": "whole"})
    connection.register("numbered", numbers[numbers["service_code"] != ALL_SERVICES].merge(of_all, on="commune_code"))
    found = connection.execute(_COUNTS).fetchnumpy()
    connection.unregister("numbered")
    order = np.argsort(found["series"], kind="stable")
    return Waits(keys[_KEYS], *(np.asarray(found.pop(name))[order] for name in ("series", "month", "days", *ENDS)))
