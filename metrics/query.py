"""What is the answer? The only place that asks the aggregates a question; what the build hid stays hidden.

`ask(Query(...))` computes inside from the counts of the `agg_` tables, answers only cells of the lattice and sums of
shown ones, and marks every figure that may not be told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

import warehouse
from metrics import catalogue
from metrics.memory import remembered
from metrics.model import SMALLEST_BASE, SMALLEST_BASE_FOR_ALL_OR_NONE, Fact, KaplanMeierQuantile, Metric, PerThousandPeople, Ratio, Sum
from metrics.question import Filters, Query, check_fits
from metrics.sql import MONTHS_OF, Span, build, first_day, month_number, readable, window_of
from stats import survival
from stats.proportions import wilson

SHOWN, HIDDEN, NO_DATA, LOW, HIGH, NOT_REACHED = "shown", "hidden", "no_data", "low", "high", "not_reached"
STATUSES = (SHOWN, HIDDEN, NO_DATA, LOW, HIGH, NOT_REACHED)


@dataclass(frozen=True)
class Result:
    """An answer: one row per combination of the breakdown, codes not names, and what is needed to print it honestly.

    `table` holds the breakdown (`province_code`, `service_code`, `sex`, ... as text), `period_start` (a date) where a
    period was asked, then for each measure m: `m` (float), `m_n` (what it rests on), `m_status` (one of STATUSES) and,
    for shares and times, `m_low` and `m_high` (95 %). 'low' and 'high' mean "<10 %" and ">90 %" of few; 'not_reached'
    means more than `m_low` days. `sql` is what was run, with the parameters written in.
    """

    query: Query
    table: pd.DataFrame
    sql: str
    build_id: str
    metrics: tuple[Metric, ...]
    data_to: date | None
    is_demonstration: bool
    notes: tuple[str, ...] = field(default=())

    @property
    def keys(self) -> list[str]:
        """The columns of the breakdown, the period last."""
        measured = {column for metric in self.metrics for column in metric.columns}
        return [column for column in self.table.columns if column not in measured]


@remembered
def ask(query: Query, build_id: str | None = None) -> Result:
    """Answer a question from a build (the current one by default); asked again, it is remembered.

    Raises Problem for a question outside the lattice, naming what is possible, and where there is no build.
    """
    metrics = tuple(catalogue()[name] for name in query.metrics)
    for metric in metrics:
        check_fits(metric, query)
    build_described = warehouse.build_or_current(build_id)
    tables, statements, notes = [], [], []
    for metric in metrics:
        table, sql, note = _answer(metric, query, build_described.build_id)
        tables.append(table)
        statements.append(sql)
        notes += [note] if note else []
    table = _side_by_side(tables, metrics)
    if query.period:
        table = _with_gaps(table, query.period, metrics)
    return Result(
        query=query,
        table=table,
        sql=";\n\n".join(dict.fromkeys(statements)),
        build_id=build_described.build_id,
        metrics=metrics,
        data_to=build_described.data_to,
        is_demonstration=build_described.is_demonstration,
        notes=tuple(dict.fromkeys(notes)),
    )


@remembered
def span(fact: Fact, build_id: str | None = None) -> Span | None:
    """The first and last month for which a fact has data; None where it has none, or in a build from before there was such a table."""
    if build_id and not warehouse.has_table(fact.table, build_id):
        return None
    row = warehouse.read(f"select min(month) as first, max(month) as last from {fact.table}", None, build_id).iloc[0]
    if pd.isna(row["first"]):
        return None
    return Span(month_number(row["first"]), month_number(row["last"]))


def is_whole_type(fact: Fact, query: Query, build_id: str) -> bool:
    """Whether the facility type asked for is the only one ever counted: then its total is the lattice's own cell of all services.

    Otherwise a type is the sum of its services, and hidden where one of them is.
    """
    is_total = (
        query.where.facility_type is not None and "facility_type" not in query.by and "service" not in query.by and not query.where.service
    )
    if not (is_total and fact.hidden_as and fact.service_column == "service_code"):
        return False
    return types_counted(fact, build_id) == (query.where.facility_type,)


@remembered
def types_counted(fact: Fact, build_id: str) -> tuple[str, ...]:
    """The facility types of the services ever counted, or of the facilities themselves where services are not told apart."""
    if fact.service_column != "service_code":
        column = fact.service_column or "null"
        kinds = warehouse.read(f"select distinct {column} as facility_type from {fact.table} where {column} is not null", build_id=build_id)
        return tuple(kinds["facility_type"])
    counted = warehouse.read(
        "select distinct facility_type from marts.dim_service "
        f"where service_code in (select distinct service_code from {fact.table} where {fact.counted} is not null)",
        build_id=build_id,
    )
    return tuple(counted["facility_type"])


def counts(metric: Metric, query: Query, build_id: str) -> tuple[pd.DataFrame, list[str], str, str | None]:
    """What is counted for one measure before anything is worked out: hidden cells have no figures, `is_hidden` says which.

    With it the key columns, the SQL, and a note where the window was snapped to whole quarters. Empty where the fact holds no rows.
    """
    window: Span | None = None
    cells: list[tuple[str, int, int]] = []
    note = None
    if metric.fact.has_period:
        data = span(metric.fact, build_id)
        if data is None:
            return pd.DataFrame(), [], f"select * from {metric.fact.table} -- holds no rows", None
        window, cells = window_of(query, metric, data)
        note = _snapped(metric, query, window, data)
    elif not warehouse.has_table(metric.fact.table, build_id):
        return pd.DataFrame(), [], f"select * from {metric.fact.table} -- is not in this build", None
    sql, parameters, keys = build(metric, query, window, cells, is_whole_type(metric.fact, query, build_id))
    return warehouse.read(sql, parameters, build_id), keys, readable(sql, parameters), note


def _answer(metric: Metric, query: Query, build_id: str) -> tuple[pd.DataFrame, str, str | None]:
    """One measure: its table, the SQL, and a note where the window was snapped to whole quarters."""
    counted, keys, sql, note = counts(metric, query, build_id)
    if counted.columns.empty:
        return _nothing(metric, query), sql, None
    if isinstance(metric.kind, KaplanMeierQuantile):
        table = _times(counted, keys, metric.kind.p)
    elif isinstance(metric.kind, PerThousandPeople):
        table = _per_thousand(counted, keys, metric.kind.months)
    elif isinstance(metric.kind, Ratio):
        table = _ratios(counted, keys, metric.kind.is_share)
    else:
        table = counted.assign(n=counted["value"])
    table = _masked(table, metric)
    table = table.rename(columns={"value": metric.name, **{name: f"{metric.name}_{name}" for name in ("n", "status", "low", "high")}})
    return table[[*keys, *metric.columns]], sql, note


def _nothing(metric: Metric, query: Query) -> pd.DataFrame:
    """The empty answer, with the right columns."""
    _, _, keys = build(metric, query, None, [])
    table = pd.DataFrame({name: pd.Series(dtype="str") for name in keys})
    for column in metric.columns:
        table[column] = pd.Series(dtype="str" if column.endswith("_status") else "float64")
    return table


def _ratios(counted: pd.DataFrame, keys: list[str], is_share: bool) -> pd.DataFrame:
    """Sum over sum; shares in percent with Wilson's interval, widened where several aspects of one person were added up."""
    hits, base = counted["hits"].to_numpy(dtype=float, na_value=np.nan), counted["n"].to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(base > 0, hits / base, np.nan)
    table = counted[[*keys, "is_hidden"]].assign(value=value * (100 if is_share else 1), n=base)
    if is_share:
        repeats = np.maximum(counted["topics"].to_numpy(dtype=float, na_value=1), 1) if "topics" in counted else 1.0
        low, high = wilson(hits / repeats, base / repeats)
        people = counted["people"].to_numpy(dtype=float, na_value=np.nan) / repeats if "people" in counted else base
        table = table.assign(low=100 * low, high=100 * high, people=people)
    return table


def _per_thousand(counted: pd.DataFrame, keys: list[str], months: int) -> pd.DataFrame:
    """A count for every 1,000 people and so many months; not told where a commune of the group has one but no population figure."""
    people = counted["people_months"].to_numpy(dtype=float, na_value=np.nan)
    visits = counted["n"].to_numpy(dtype=float, na_value=np.nan)
    is_partial = counted["is_partial"].to_numpy(dtype=float, na_value=1) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where((people > 0) & ~is_partial, 1000 * months * visits / people, np.nan)
    return counted[[*keys, "is_hidden"]].assign(value=value, n=np.where(np.isnan(value), np.nan, visits))


def _times(counted: pd.DataFrame, keys: list[str], p: float) -> pd.DataFrame:
    """Quantiles of processing time per group, from counts by day sorted by group and day."""
    is_new = np.zeros(len(counted), dtype=bool)
    is_new[:1] = True
    for key in keys:
        codes, _ = pd.factorize(counted[key])
        is_new[1:] |= codes[1:] != codes[:-1]
    group = np.cumsum(is_new) - 1
    days, completed, ended, still_open = (
        counted[name].to_numpy(dtype=float, na_value=0.0) for name in ("days", "completed", "ended", "still_open")
    )
    curves = survival.curve(group, days, completed, ended, still_open)
    value, low, high = survival.quantiles(curves, p)
    base = np.bincount(group, weights=completed + ended + still_open, minlength=curves.groups)
    table = counted.loc[is_new, [*keys, "is_hidden"]].reset_index(drop=True)
    return table.assign(value=value, n=base, low=low, high=high)


def _masked(table: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """The figures with their status; what may not be told is taken out here and nowhere else."""
    value = table["value"].to_numpy(dtype=float, na_value=np.nan)
    base = table["n"].to_numpy(dtype=float, na_value=np.nan)
    is_hidden = table["is_hidden"].to_numpy(dtype=bool)
    status = np.where(np.isnan(value), NO_DATA, SHOWN).astype(object)
    if isinstance(metric.kind, KaplanMeierQuantile):
        status[np.isnan(value) & (base > 0)] = NOT_REACHED
    if metric.fact.hidden_as:
        people = table["people"].to_numpy(dtype=float, na_value=np.nan) if "people" in table else base
        is_small = (people > 0) & (people < SMALLEST_BASE)
        if isinstance(metric.kind, Sum | KaplanMeierQuantile) or metric.is_share:
            is_hidden = is_hidden | is_small
        if metric.is_share:
            is_few = people < SMALLEST_BASE_FOR_ALL_OR_NONE
            status[is_few & (value == 0)] = LOW
            status[is_few & (value == 100)] = HIGH
        status[is_hidden] = HIDDEN
    masked = table.assign(
        value=np.where(status == SHOWN, value, np.nan),
        n=np.where(status == HIDDEN, np.nan, base),
        status=pd.array(status, dtype="str"),
    )
    for limit in ("low", "high"):
        if limit in masked:
            is_told = (status == SHOWN) | ((status == NOT_REACHED) & (limit == "low"))
            masked[limit] = np.where(is_told, masked[limit], np.nan)
    return masked


def _side_by_side(tables: list[pd.DataFrame], metrics: tuple[Metric, ...]) -> pd.DataFrame:
    """All measures in one table; a measure without a row for a combination has no data there."""
    table = tables[0]
    keys = [column for column in table.columns if column not in metrics[0].columns]
    for other in tables[1:]:
        table = table.merge(other, on=keys, how="outer") if keys else pd.concat([table, other], axis=1)
    return _no_data_where_missing(table, metrics)


def _no_data_where_missing(table: pd.DataFrame, metrics: tuple[Metric, ...]) -> pd.DataFrame:
    return table.fillna({f"{metric.name}_status": NO_DATA for metric in metrics})


def _with_gaps(table: pd.DataFrame, period: str, metrics: tuple[Metric, ...]) -> pd.DataFrame:
    """Every series complete from its first to its last period, so that a chart shows the gap instead of drawing over it."""
    step = MONTHS_OF.get(period, 12)
    keys = [column for column in table.columns if column != "period_start" and not any(column in metric.columns for metric in metrics)]
    if table.empty:
        return table
    starts = pd.DatetimeIndex(table["period_start"])
    number = (starts.year * 12 + starts.month - 1).to_numpy()
    series = table.groupby(keys, dropna=False, sort=False).ngroup().to_numpy() if keys else np.zeros(len(table), dtype=int)
    count = int(series.max()) + 1
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    np.minimum.at(first, series, number)
    np.maximum.at(last, series, number)
    lengths = (last - first) // step + 1
    if lengths.sum() != len(table):
        whole_series = np.repeat(np.arange(count), lengths)
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        whole = pd.DataFrame({"_series": whole_series, "_number": first[whole_series] + within * step})
        head = table[keys].assign(_series=series).drop_duplicates("_series")
        body = table.drop(columns=[*keys, "period_start"]).assign(_series=series, _number=number)
        table = whole.merge(head, on="_series").merge(body, on=["_series", "_number"], how="left").sort_values(["_series", "_number"])
        number = table["_number"].to_numpy()
        table = _no_data_where_missing(table.drop(columns=["_series", "_number"]).reset_index(drop=True), metrics)
    months, which = np.unique(number, return_inverse=True)
    days = np.array([first_day(int(month)) for month in months], dtype=object)[which]
    dates = pd.Series(days, index=table.index, dtype="object")
    measured = [column for metric in metrics for column in metric.columns]
    return table.assign(period_start=dates)[[*keys, "period_start", *measured]].sort_values([*keys, "period_start"], ignore_index=True)


def _snapped(metric: Metric, query: Query, window: Span, data: Span) -> str | None:
    """What to tell where the period chosen was snapped to whole quarters."""
    asked_from = max(filter(None, (query.where.month_from, query.since)), default=None)
    first = max(month_number(asked_from), data.first) if asked_from else data.first
    last = min(month_number(query.where.month_to), data.last) if query.where.month_to else data.last
    if (first, last) == (window.first, window.last):
        return None
    return (
        f"{metric.label}: small groups are protected by counting whole quarters only, here "
        f"{first_day(window.first):%b %Y} to {first_day(window.last):%b %Y}."
    )


__all__ = ["STATUSES", "Filters", "Query", "Result", "ask", "span"]
