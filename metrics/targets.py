"""Which target is a measure held against, for a service and a place? Official times, and what data/reference/targets.csv declares.

Of several that are in force the one for the smallest place holds, of these the one for the service itself, of these the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

import warehouse
from metrics import catalogue
from metrics.lattice import ALL_SERVICES
from metrics.memory import remembered
from metrics.model import Metric
from metrics.question import Filters

TABLE = "marts.dim_target"
_IN_FORCE = f"""
select target_id, metric, service_code, coalesce(place_code, '') as place_code, target, valid_from, source
from {TABLE}
where valid_from <= $day and coalesce(valid_to, date '9999-12-31') > $day
order by length(coalesce(place_code, '')), service_code is not null, valid_from, target_id
"""


@dataclass(frozen=True)
class Target:
    """`value` in the measure's unit, since when it has been so much without a break, and who says so."""

    target_id: str
    value: float
    since: date
    source: str


def in_force(connection: duckdb.DuckDBPyConnection, day: date) -> pd.DataFrame:
    """The targets in force on a day, the one that holds last. Raises Problem for one of a measure that does not exist."""
    found = connection.execute(_IN_FORCE, {"day": day}).df()
    for name in found["metric"].unique():
        catalogue()[name]
    return found


def of_series(found: pd.DataFrame, metric: str, keys: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """The target of a measure in each commune and service of `keys`, and its id; NaN and None where there is none."""
    values, ids = np.full(len(keys), np.nan), np.full(len(keys), None, dtype=object)
    for row in found[found["metric"] == metric].to_dict("records"):
        holds = keys["commune_code"].str.startswith(row["place_code"]).to_numpy(dtype=bool)
        if not pd.isna(row["service_code"]):
            holds = holds & (keys["service_code"] == row["service_code"]).to_numpy(dtype=bool)
        values[holds], ids[holds] = row["target"], row["target_id"]
    return values, ids


def to_reach(metric: Metric, target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The target as a median between whole days meets it: who is served on the third day of three is in time, and that day reaches
    from two and a half to three and a half (`stats.monthly.between_days`).
    """
    return np.floor(target) + 0.5 if metric.is_time else target


@remembered
def of(metric: str, where: Filters, day: date | None, build_id: str | None = None) -> Target | None:
    """The target of a measure for the place and service of a filter, in force on a day; None where there is none, as in builds that are
    kept from before there were targets.
    """
    if day is None or not warehouse.has_table(TABLE, build_id):
        return None
    found = warehouse.read(_IN_FORCE, {"day": day}, build_id)
    found = found[(found["metric"] == metric) & (found["service_code"].isna() | (found["service_code"] == (where.service or ALL_SERVICES)))]
    place = where.commune or where.district or where.province or ""
    holding = [row for row in found.to_dict("records") if place.startswith(row["place_code"])]
    if not holding:
        return None
    row = holding[-1]
    earlier = warehouse.read(
        f"select valid_from, valid_to from {TABLE} where metric = $metric and service_code is not distinct from $service "
        "and coalesce(place_code, '') = $place and target = $target order by valid_from desc",
        {"metric": metric, "place": row["place_code"], "target": row["target"],
         "service": None if pd.isna(row["service_code"]) else row["service_code"]},
        build_id,
    )  # fmt: skip
    since = row["valid_from"]
    for one in earlier.to_dict("records"):
        since = one["valid_from"] if one["valid_to"] == since else since
    return Target(str(row["target_id"]), float(row["target"]), pd.Timestamp(since).date(), str(row["source"]))
