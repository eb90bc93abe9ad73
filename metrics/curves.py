"""Which share of the requests is ready by which day, with all documents at the first visit and without?

Days of single requests show in a curve, so it is drawn for groups of a hundred or more only, in whole percents, and for the cells that the
lattice publishes: a province or the whole programme, by quarters and years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics import catalogue
from metrics.memory import remembered
from metrics.query import counts
from metrics.question import Filters, Query, check_fits
from stats import survival
from warehouse import current_build

LEAST_REQUESTS = 100
MEASURE = "median_processing_days"
ATTRIBUTE = "documents_complete"
VALUES = ("true", "false")  # all documents at the first visit, something missing
_LONGEST = 90  # days; the long tail tells nothing


@dataclass(frozen=True)
class ReadyBy:
    """One group: `value` of the attribute, `requests`, `days` from 0, and the share in percent that was ready by the end of each day."""

    value: str
    requests: int
    days: NDArray[np.int64]
    ready_pct: NDArray[np.float64]
    median: float


@remembered
def by_documents(where: Filters | None = None, build_id: str | None = None) -> tuple[ReadyBy, ...]:
    """Both curves of a place and service; empty where one of them is hidden, or smaller than a hundred requests."""
    where, metric = where or Filters(), catalogue()[MEASURE]
    build = build_id or (found.build_id if (found := current_build()) else None)
    query = Query((MEASURE,), (ATTRIBUTE,), None, where)
    check_fits(metric, query)
    if build is None or where.commune or where.district or where.sex:
        return ()
    counted, _, _, _ = counts(metric, query, build)
    if counted.empty:
        return ()
    curves = tuple(_curve(value, counted[counted[ATTRIBUTE] == value], metric.kind.p) for value in VALUES)  # type: ignore[union-attr]
    return tuple(curve for curve in curves if curve is not None) if all(curves) else ()


def _curve(value: str, rows: pd.DataFrame, p: float) -> ReadyBy | None:
    """The curve of one group, every day of it; None where it may not be drawn."""
    if rows.empty or rows["is_hidden"].any():
        return None
    rows = rows.sort_values("days")
    days, completed, ended, still_open = (rows[name].to_numpy(dtype=float) for name in ("days", "completed", "ended", "still_open"))
    requests = int((completed + ended + still_open).sum())
    if requests < LEAST_REQUESTS:
        return None
    curve = survival.curve(np.zeros(len(days), dtype=np.int64), days, completed, ended, still_open)
    every_day = np.arange(0, min(int(days.max()), _LONGEST) + 1)
    at = np.searchsorted(curve.day, every_day, side="right") - 1
    ready = np.where(at >= 0, curve.incidence[np.maximum(at, 0)], 0.0)
    median, _, _ = survival.quantiles(curve, p)
    return ReadyBy(value, requests, every_day, np.round(100 * ready), float(median[0]))
