"""What changed after the programme came? Before and after, each commune aligned to its own start.

Four whole quarters each side; for one service of several, which few communes show by quarter, the last whole calendar year before
and the first after. Only communes count whose quarters or years lie inside the data and are shown in the lattice, so that what is
added up here is a sum of shown cells, and whose register has records in every quarter; of feedback, which nobody must give every
quarter, the shown quarters count and each side needs one. A before and after alone is not the programme's effect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import warehouse
from metrics import catalogue, matched
from metrics.memory import remembered
from metrics.model import PLACES, SMALLEST_BASE, SMALLEST_BASE_FOR_ALL_OR_NONE, KaplanMeierQuantile, Metric, Ratio, Sum
from metrics.query import HIDDEN, NO_DATA, NOT_REACHED, SHOWN, is_whole_type, span
from metrics.question import Filters, Query, check_fits
from metrics.sql import (
    Statement,
    aligned_source_of,
    figures_of,
    first_day,
    hidden_condition,
    hidden_joins,
    hidden_names,
    parts,
    readable,
    used_in,
    whole_source_of,
)
from stats import survival
from stats.distributions import t_quantile
from stats.intervals import combined_difference
from stats.proportions import newcombe_difference
from stats.rates import rate_ratio
from warehouse import Problem

FEWEST_COMMUNES_TO_RESAMPLE = 8
FEWEST_PAIRS = 3  # of quarters, to say how much they scatter
DRAWS = 400
SEED = 20210101
_INSTEAD = {"visits": "visits_per_facility_month"}  # a sum of visits would fall wherever a report is missing
_BIT = "1 << (step + case when step < 0 then 4 else 3 end)"  # one bit a quarter, from the first before
_SIDE = "cast(fact.step > 0 as integer) as side"
_NO_SERIES = pd.DataFrame({"step": [], "value": [], "n": [], "status": []})

_COMMUNES = """
with months as (
    select commune_code, month, step
    from marts.dim_aligned_month
    where aligned_by = '{aligned_by}'
),
aligned as (
    select
        commune_code,
        start_date,
        min(month) as before_from,
        last_day(max(month)) as after_to
    from marts.dim_coverage
    join months using (commune_code)
    where start_date is not null{places}
    group by all
),
hidden as (
    select
        cell.place_code as commune_code,
        {hidden_service} as service_code,
        bit_or({bit}) as quarters
    from privacy.hidden_cells as cell
    join months on months.commune_code = cell.place_code and months.month = cell.period_start{hidden_joins}
    where {hidden_as}
        and cell.period = '{aligned_by}'
        and {hidden_conditions}
    group by all
),
known as (
    select
        fact.commune_code,
        {service} as service_code,
        bit_or({bit}) as quarters
    from {source} as fact{joins}
    where {conditions}
    group by all
),
judged as (
    select
        aligned.*,
        services.service_code,
        coalesce(known.quarters, 0) as quarters,
        coalesce(known.quarters, 0) & ~coalesce(hidden.quarters, 0) as shown,
        hidden.commune_code is not null as has_hidden
    from aligned
    cross join ({services}) as services
    left join hidden using (commune_code, service_code)
    left join known using (commune_code, service_code)
)
select
    commune_code,
    service_code,
    start_date,
    case
        when after_to > $data_to or date_trunc('quarter', after_to) > $last_month then 'too_recent'
        when before_from < date_trunc('quarter', $data_from) then 'too_early'
        when {has_gap} then 'without_data'
        when {is_small} then 'too_small'
        else 'fits'
    end as state
from judged
order by commune_code, service_code
"""
_FIGURES = """
select
    {columns}
from {source} as fact{joins}
where {conditions}
    and (fact.commune_code, {service}) in (select unnest($communes), unnest($services)){only_shown}
group by all
"""
_ONLY_SHOWN = """
    and not exists (
        select 1 from privacy.hidden_cells as cell
        where {hidden_as}
        and cell.period = 'quarter'
        and cell.place_code = fact.commune_code
        and cell.period_start = date_trunc('quarter', fact.month)
        and {hidden_conditions}
    )"""
_REGISTERED = """
select commune_code
    from {table}
    join months using (commune_code, month)
    group by commune_code
    having count(distinct date_trunc('quarter', month)) = 8"""
# 1, 2, 4 and 8 are the quarters before (8 the year), 16 and more after
_WHOLE = {"has_gap": "bit_count(quarters) < 8", "is_small": "has_hidden"}
# one service may rest for a quarter, but a register without a record of any service has a gap
_WHOLE_YEARS = {"has_gap": f"bit_count(quarters) < 2 or commune_code not in ({_REGISTERED.strip()})", "is_small": "has_hidden"}
_NOW_AND_THEN = {"has_gap": "quarters & 15 = 0 or quarters < 16", "is_small": "shown & 15 = 0 or shown < 16"}


@dataclass(frozen=True)
class Comparison:
    """Before and after in one row. `relative` says that the difference is a change in percent, else in the measure's own unit.

    `low` to `high` is its 95 % interval, `sure` whether it excludes no change. Communes: counted, ever covered, left out
    because a cell is hidden, because their year before or after is not inside the data, or because records are missing.
    `is_withheld`: every build hides the cells of single communes that it would rest on, so no commune can count.
    `series` has one row a quarter: `step` (-4 .. -1 before, 1 .. 4 after), `value`, `n`, `status`; by `aligned_by` 'year', one a year.
    """

    metric: Metric
    where: Filters
    status: str
    before: float
    after: float
    difference: float
    low: float
    high: float
    relative: bool
    n_before: float
    n_after: float
    communes: int
    communes_covered: int
    communes_too_small: int
    communes_too_recent: int
    communes_too_early: int
    communes_without_data: int
    first_start: date | None
    last_start: date | None
    sure: bool
    series: pd.DataFrame
    sql: str
    build_id: str
    data_to: date | None
    is_demonstration: bool
    aligned_by: str
    is_withheld: bool


@dataclass(frozen=True)
class _Counts:
    """Counts by commune or service on both sides: for a share or rate (groups x 2: hits, base), for times (groups x days x 3)."""

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    days: NDArray[np.float64]
    repeats: float = 1.0


@dataclass(frozen=True)
class _Asked:
    """A question that can be compared, on its way to SQL."""

    metric: Metric
    query: Query
    statement: Statement
    build: warehouse.Build
    is_whole_type: bool

    @property
    def is_by_service(self) -> bool:
        return "service" in self.query.by

    @property
    def aligned_by(self) -> str:
        """Whole calendar years for one service of several, which few communes show by quarter; else quarters."""
        where, kind = self.query.where, self.metric.fact
        has_service = self.is_by_service or where.service or (where.facility_type and not self.is_whole_type)
        return "year" if has_service and kind.service_column == "service_code" and self.metric.name not in _INSTEAD.values() else "quarter"

    @property
    def service(self) -> str:
        """The service of a row as far as it is asked for."""
        return "fact.service_code" if self.is_by_service else "'*'"


@remembered
def before_after(metric_name: str, where: Filters | None = None, build_id: str | None = None) -> Comparison:
    """Compare the four quarters before and after the programme's start, commune by commune.

    Filters for period and coverage are left aside: the start itself sets them. Raises Problem for a measure that has no
    communes (unofficial payment, files) or that cannot be compared.
    """
    asked = _asked(metric_name, where, build_id, ("commune",))
    communes, text = _communes(asked)
    if asked.metric.name == "visits_per_facility_month":
        qualifying = communes.loc[communes["state"] == "fits", "commune_code"].tolist()
        counts, used, more = matched.visits(asked.statement, asked.query, qualifying, asked.build.build_id)
        communes.loc[communes["commune_code"].isin(more["too_small"]), "state"] = "too_small"
        communes.loc[communes["commune_code"].isin(more["without_data"]), "state"] = "without_data"
        counted = _Counts(counts[:, :2], counts[:, 2:], np.empty(0))
    else:
        table, used = _read_counts(asked, _fitting(communes), ["fact.commune_code", _SIDE])
        counted = _counted(asked.metric, table, "commune_code", communes.loc[communes["state"] == "fits", "commune_code"].tolist())
    return _comparison(asked, communes, counted, f"{text};\n\n{used}", _series(asked, _fitting(communes)))


@remembered
def before_after_by_service(metric_name: str, where: Filters | None = None, build_id: str | None = None) -> dict[str, Comparison]:
    """The same for every service at once, service code -> comparison, without intervals and series. Not for use, which is matched."""
    asked = _asked(metric_name, where, build_id, ("commune", "service"), is_single=False)
    communes, text = _communes(asked)
    table, used = _read_counts(asked, _fitting(communes), ["fact.service_code", _SIDE])
    services = sorted(communes["service_code"].unique())
    counted = _counted(asked.metric, table, "service_code", services)
    found = {}
    for number, service in enumerate(services):
        counts = replace(counted, before=counted.before[[number]], after=counted.after[[number]])
        found[service] = _comparison(asked, communes[communes["service_code"] == service], counts, f"{text};\n\n{used}", None)
    return found


@remembered
def before_after_by_commune(metric_name: str, where: Filters | None = None, build_id: str | None = None) -> pd.DataFrame:
    """The figures of every commune that counts and may be told, one row each: `commune_code`, `before`, `after`. Not for use."""
    asked = _asked(metric_name, where, build_id, ("commune",), is_single=False)
    communes = _fitting(_communes(asked)[0])
    if not communes["communes"]:
        return pd.DataFrame({"commune_code": [], "before": [], "after": []})
    table, _ = _read_counts(asked, communes, ["fact.commune_code", _SIDE])
    counts = _counted(asked.metric, table, "commune_code", communes["communes"])
    figures = pd.DataFrame({"commune_code": communes["communes"]})
    for name, side, values in zip(
        ("before", "after"), (counts.before, counts.after), _estimates(asked.metric, counts, np.eye(len(figures))), strict=True
    ):
        base = side.sum(axis=(1, 2)) if asked.metric.is_time else side[:, 1]
        figures[name] = [math.nan if _is_telling(asked.metric, *told) else told[0] for told in zip(values, base, strict=True)]
    return figures.dropna(ignore_index=True)


def _asked(metric_name: str, where: Filters | None, build_id: str | None, by: tuple[str, ...], is_single: bool = True) -> _Asked:
    """The question, checked; raises Problem where it cannot be compared."""
    metric = catalogue()[_INSTEAD.get(metric_name, metric_name)]
    where = (where or Filters()).but(month_from=None, month_to=None, covered=None)
    query = Query((metric.name,), by, "quarter", where)
    check_fits(metric, query)
    if not isinstance(metric.kind, Ratio | KaplanMeierQuantile | Sum) or metric.spends == "status":
        raise Problem(
            f"'{metric.label}' cannot be compared before and after.",
            "It is a figure of the day, not of a period.",
            "Compare processing times or the share within the standard instead.",
            metric=metric.name,
        )
    if metric.name == "visits_per_facility_month" and (query.attribute or not is_single):
        raise Problem(
            f"'{metric.label}' cannot be compared by {query.attribute or 'service or commune'}.",
            "The same facilities and months have to be matched on both sides.",
            "Leave it out, or filter by one service or commune.",
            metric=metric.name,
        )
    build = warehouse.build_or_current(build_id)
    is_whole = is_whole_type(metric.fact, query, build.build_id)
    return _Asked(metric, query, parts(metric, query, is_whole), build, is_whole)


def _comparison(asked: _Asked, communes: pd.DataFrame, counts: _Counts, sql: str, series: pd.DataFrame | None) -> Comparison:
    """One comparison from its communes and their counts; with a series comes the interval."""
    states = communes["state"].value_counts()
    fitting = communes[communes["state"] == "fits"]
    starts = pd.to_datetime(fitting["start_date"])
    figures = _compared(asked.metric, counts, len(fitting), has_interval=series is not None)
    if series is not None and len(fitting) < FEWEST_COMMUNES_TO_RESAMPLE:
        figures |= _widened(figures, series, starts)
    return Comparison(
        metric=asked.metric,
        where=asked.query.where,
        **figures,
        communes=len(fitting),
        communes_covered=len(communes),
        communes_too_small=int(states.get("too_small", 0)),
        communes_too_recent=int(states.get("too_recent", 0)),
        communes_too_early=int(states.get("too_early", 0)),
        communes_without_data=int(states.get("without_data", 0)),
        first_start=starts.min().date() if len(starts) else None,
        last_start=starts.max().date() if len(starts) else None,
        series=_NO_SERIES if series is None else series,
        sql=sql,
        build_id=asked.build.build_id,
        data_to=asked.build.data_to,
        is_demonstration=asked.build.is_demonstration,
        aligned_by=asked.aligned_by,
        is_withheld=asked.statement.is_withheld,
    )


def _communes(asked: _Asked) -> tuple[pd.DataFrame, str]:
    """Every covered commune of the filter with its start and state: fits, too_small, too_recent, too_early or without_data.

    By service, one row a commune and service; else `service_code` is '*'.
    """
    metric, statement = asked.metric, asked.statement
    data = span(metric.fact, asked.build.build_id)
    parameters = {
        **statement.parameters,
        **hidden_names(metric),
        "data_from": first_day(data.first) if data else None,
        "data_to": asked.build.data_to,
        "last_month": first_day(data.last) if data else None,
    }
    rules = (_WHOLE if asked.aligned_by == "quarter" else _WHOLE_YEARS) if metric.fact.is_register else _NOW_AND_THEN
    rules = {name: rule.format(table=whole_source_of(metric)) for name, rule in rules.items()}
    text = _COMMUNES.strip().format(
        places="".join(f"\n        and starts_with(commune_code, ${level})" for level in PLACES if getattr(asked.query.where, level)),
        aligned_by=asked.aligned_by,
        bit=_BIT,
        service=asked.service,
        services="select service_code from marts.dim_service" if asked.is_by_service else "select '*' as service_code",
        hidden_service="cell.service_code" if asked.is_by_service else "'*'",
        hidden_joins="".join(f"\n    {join}" for join in hidden_joins(statement)),
        hidden_as=hidden_condition(metric),
        hidden_conditions="\n        and ".join(statement.hidden_conditions),
        source=aligned_source_of(metric, asked.query, asked.aligned_by),
        **(rules | {"is_small": "true"} if statement.is_withheld else rules),
        joins="".join(f"\n    {join}" for join in statement.joins),
        conditions="\n        and ".join(statement.conditions),
    )
    if data is None:
        return pd.DataFrame({"commune_code": [], "service_code": [], "start_date": [], "state": []}), text
    used = used_in(text, parameters)
    return warehouse.read(text, used, asked.build.build_id), readable(text, used)


def _fitting(communes: pd.DataFrame) -> dict[str, list[str]]:
    """The communes and services that count, as parameters of a statement."""
    fitting = communes[communes["state"] == "fits"]
    return {"communes": fitting["commune_code"].tolist(), "services": fitting["service_code"].tolist()}


def _read_counts(asked: _Asked, fitting: dict[str, list[str]], columns: list[str]) -> tuple[pd.DataFrame, str]:
    """The figures of the qualifying communes inside their windows, by these columns."""
    metric, statement = asked.metric, asked.statement
    text = _FIGURES.strip().format(
        columns=",\n    ".join([*columns, *figures_of(metric)]),
        source=aligned_source_of(metric, asked.query, asked.aligned_by),
        joins="".join(f"\n{join}" for join in statement.joins),
        conditions="\n    and ".join(statement.conditions),
        service=asked.service,
        only_shown=""
        if metric.fact.is_register
        else _ONLY_SHOWN.format(hidden_as=hidden_condition(metric), hidden_conditions="\n        and ".join(statement.hidden_conditions)),
    )
    used = used_in(text, {**statement.parameters, **fitting, **hidden_names(metric)})
    if not fitting["communes"]:  # nobody to ask about; a build from before there was such a table has nobody either
        names = [name.rsplit(" as ", 1)[-1].removeprefix("fact.") for name in (*columns, *figures_of(metric))]
        return pd.DataFrame(columns=names), readable(text, used)
    return warehouse.read(text, used, asked.build.build_id), readable(text, used)


def _counted(metric: Metric, table: pd.DataFrame, column: str, groups: list[str]) -> _Counts:
    """Counts by group (commune or service) and side, as arrays."""
    row = table["side"].to_numpy(dtype=int) * len(groups) + pd.Index(groups).get_indexer(pd.Index(table[column]))
    if isinstance(metric.kind, KaplanMeierQuantile):
        days, day = np.unique(table["days"].to_numpy(dtype=float), return_inverse=True)
        cells, shape = row * len(days) + day, (2, len(groups), len(days))
        ends = [table[name].to_numpy(dtype=float) for name in ("completed", "ended", "still_open")]
        before, after = np.stack([np.bincount(cells, end, math.prod(shape)).reshape(shape) for end in ends], axis=-1)
        return _Counts(before, after, days)
    sums = np.zeros((2 * len(groups), 2))
    names = ("hits", "n") if isinstance(metric.kind, Ratio) else ("value", "value")
    for place, name in enumerate(names):
        sums[row, place] = table[name].to_numpy(dtype=float, na_value=0.0)
    repeats = float(table["topics"].max()) if "topics" in table and len(table) else 1.0
    return _Counts(sums[: len(groups)], sums[len(groups) :], np.empty(0), repeats)


def _estimates(metric: Metric, counts: _Counts, weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Before and after for each draw of communes (draws x communes)."""
    if isinstance(metric.kind, KaplanMeierQuantile):
        before, after = (
            survival.weighted_quantiles(weights, side[..., 0], side[..., 1], side[..., 2], counts.days, metric.kind.p)
            for side in (counts.before, counts.after)
        )
        return before, after
    with np.errstate(divide="ignore", invalid="ignore"):
        if isinstance(metric.kind, Sum):
            return (weights @ counts.before)[:, 0], (weights @ counts.after)[:, 0]
        scale = 100.0 if metric.is_share else 1.0
        before, after = (scale * np.divide(*(weights @ side).T) for side in (counts.before, counts.after))
    return before, after


def _compared(metric: Metric, counts: _Counts, communes: int, has_interval: bool) -> dict[str, Any]:
    """Before, after, their difference, what it rests on and, if wanted, its interval."""
    relative = not (metric.is_share or metric.is_time)
    unknown = {"before": math.nan, "after": math.nan, "difference": math.nan, "low": math.nan, "high": math.nan}
    nothing = {"status": NO_DATA, **unknown, "relative": relative, "n_before": math.nan, "n_after": math.nan, "sure": False}
    if communes == 0:
        return nothing
    n_before, n_after = (float(side.sum() if metric.is_time else side[:, 1].sum()) for side in (counts.before, counts.after))
    if min(n_before, n_after) <= 0:
        return nothing
    before, after = (float(side[0]) for side in _estimates(metric, counts, np.ones((1, len(counts.before)))))
    if _is_telling(metric, before, n_before) or _is_telling(metric, after, n_after):
        return {**nothing, "status": HIDDEN}
    known = {"relative": relative, "n_before": n_before, "n_after": n_after}
    if math.isnan(before) or math.isnan(after):
        return {**known, **unknown, "status": NOT_REACHED, "before": before, "after": after, "sure": False}
    low, high = math.nan, math.nan
    if has_interval and communes >= FEWEST_COMMUNES_TO_RESAMPLE:
        low, high = _resampled(metric, counts, communes, relative)
    elif has_interval:
        low, high = _by_formula(metric, counts, before, after)
    difference = 100 * (after / before - 1) if relative and before else after - before
    return {
        **known,
        "status": SHOWN,
        "before": before,
        "after": after,
        "difference": difference,
        "low": low,
        "high": high,
        "sure": bool(low > 0 or high < 0),
    }


def _is_telling(metric: Metric, value: float, base: float) -> bool:
    """Whether a share or a time of so few would tell about persons."""
    if not (metric.is_share or metric.is_time):
        return False
    return base < SMALLEST_BASE or (metric.is_share and base < SMALLEST_BASE_FOR_ALL_OR_NONE and value in (0, 100))


def _resampled(metric: Metric, counts: _Counts, communes: int, relative: bool) -> tuple[float, float]:
    """The percentile interval of the difference over draws of whole communes, with a fixed seed."""
    weights = np.random.default_rng(SEED).multinomial(communes, np.full(communes, 1 / communes), size=DRAWS).astype(float)
    before, after = _estimates(metric, counts, weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        differences = 100 * (after / before - 1) if relative else after - before
    if np.isfinite(differences).mean() < 0.95:
        return math.nan, math.nan
    low, high = np.nanpercentile(differences, [2.5, 97.5])
    return float(low), float(high)


def _by_formula(metric: Metric, counts: _Counts, before: float, after: float) -> tuple[float, float]:
    """The interval for few communes: Newcombe for shares, score for rates, limits of both curves combined for times."""
    if isinstance(metric.kind, KaplanMeierQuantile):
        sides = [_with_limits(side.sum(axis=0), counts.days, metric.kind.p) for side in (counts.before, counts.after)]
        _, low, high = combined_difference(*sides)
        return low, high
    (x_before, n_before), (x_after, n_after) = counts.before.sum(axis=0), counts.after.sum(axis=0)
    if metric.is_share:
        low, high = newcombe_difference(
            x_before / counts.repeats, n_before / counts.repeats, x_after / counts.repeats, n_after / counts.repeats
        )
        return 100 * low, 100 * high
    exposures = (1.0, 1.0) if isinstance(metric.kind, Sum) else (n_before, n_after)
    _, low, high = rate_ratio(x_before, exposures[0], x_after, exposures[1])
    return 100 * (low - 1), 100 * (high - 1)


def _widened(figures: dict[str, Any], series: pd.DataFrame, starts: pd.Series) -> dict[str, Any]:
    """The interval of few communes, no narrower than their quarters scatter: each quarter after against the same time of year before.

    Student's t over the differences of the pairs; counts alone would say too little of how much a quarter varies. With under three pairs
    there is no interval.
    """
    values = series.set_index("step")["value"].reindex([-4, -3, -2, -1, 1, 2, 3, 4]).to_numpy(dtype=float)
    is_shifted = any((start.day, start.month % 3) != (1, 1) for start in starts)  # the quarter of the start is then on neither side
    before = values[:4]
    pairs = values[4:] - np.roll(before, -int(is_shifted))
    pairs = pairs[np.isfinite(pairs)]
    if len(pairs) < FEWEST_PAIRS or math.isnan(figures["low"]):
        return {"low": math.nan, "high": math.nan, "sure": False}
    half = float(t_quantile(0.975, len(pairs) - 1) * pairs.std(ddof=1) / math.sqrt(len(pairs)))
    half *= 100 / np.nanmean(before) if figures["relative"] else 1.0
    low, high = (min(figures["low"], figures["difference"] - half), max(figures["high"], figures["difference"] + half))
    return {"low": low, "high": high, "sure": bool(low > 0 or high < 0)}


def _with_limits(ends: NDArray[np.float64], days: NDArray[np.float64], p: float) -> tuple[float, float, float]:
    curves = survival.curve(np.zeros(len(days), dtype=np.int64), days, ends[:, 0], ends[:, 1], ends[:, 2])
    value, low, high = survival.quantiles(curves, p)
    return float(value[0]), float(low[0]), float(high[0])


def _series(asked: _Asked, fitting: dict[str, list[str]]) -> pd.DataFrame:
    """The figure of every quarter before and after, over the same communes and from the same shown cells."""
    metric = asked.metric
    steps = pd.DataFrame({"step": [-4, -3, -2, -1, 1, 2, 3, 4] if asked.aligned_by == "quarter" else [-1, 1]})
    if not fitting["communes"]:
        return steps.assign(value=math.nan, n=math.nan, status=NO_DATA)
    table, _ = _read_counts(asked, fitting, ["fact.step"])
    if isinstance(metric.kind, KaplanMeierQuantile):
        table = table.sort_values(["step", "days"])
        group, values = pd.factorize(table["step"])
        days, completed, ended, still_open = (table[name].to_numpy(dtype=float) for name in ("days", "completed", "ended", "still_open"))
        value, _, _ = survival.quantiles(survival.curve(group, days, completed, ended, still_open), metric.kind.p)
        base = np.bincount(group, weights=completed + ended + still_open)
        table = pd.DataFrame({"step": values, "value": value, "n": base})
    elif isinstance(metric.kind, Ratio):
        with np.errstate(divide="ignore", invalid="ignore"):
            value = (100 if metric.is_share else 1) * table["hits"].to_numpy(dtype=float) / table["n"].to_numpy(dtype=float)
        table = pd.DataFrame({"step": table["step"], "value": value, "n": table["n"].astype(float)})
    else:
        table = table.assign(n=table["value"])
    table = steps.merge(table, on="step", how="left")
    telling = [_is_telling(metric, value, base) for value, base in zip(table["value"], table["n"], strict=True)]
    status = np.where(telling, HIDDEN, np.where(table["value"].isna(), np.where(table["n"] > 0, NOT_REACHED, NO_DATA), SHOWN))
    return table.assign(
        value=table["value"].where(~np.array(telling)),
        n=table["n"].where(~np.array(telling)),
        status=pd.array(status, dtype="str"),
    )[["step", "value", "n", "status"]]
