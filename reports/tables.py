"""How does a result read as a table? Names instead of codes, periods in words, hidden cells said in words."""

import pandas as pd

from charts.axes import span_text
from charts.trend import as_date
from charts.words import Around, base, is_known, label, likely, said
from metrics.limits import TrendResult
from metrics.model import Metric
from metrics.query import Result
from text import t, with_unit

FEW_ROWS = 10  # of a table with long words; more scroll


def readable(result: Result, around: Around) -> pd.DataFrame:
    """The table of a result as a person reads it; the download has codes and plain numbers instead."""
    table = result.table
    columns: dict[str, list[str]] = {}
    is_alone = len(result.metrics) == 1
    for name in result.keys:
        if name == "period_start":
            columns[t(f"period.{result.query.period}")] = [
                span_text(as_date(value), result.query.period or "month") for value in table[name]
            ]
        else:
            if name == "commune_code":  # several communes have the same name
                columns[heading("district")] = [around.name(str(value)[:4]) for value in table[name]]
            columns[heading(name)] = [around.name(value) if not pd.isna(value) else t("value.unknown") for value in table[name]]
    for metric in result.metrics:
        cells = table[[metric.name, f"{metric.name}_status"]].itertuples(index=False)
        columns[label(metric)] = [said(metric, value, status) for value, status in cells]
        if f"{metric.name}_low" in table:
            limits = table[[f"{metric.name}_low", f"{metric.name}_high"]].itertuples(index=False)
            columns[_of(metric, "likely", is_alone)] = [
                likely(metric, low, high, "table.limits") if is_known(low) and is_known(high) else "" for low, high in limits
            ]
        if metric.is_share or metric.is_time:
            columns[_of(metric, "base", is_alone)] = [base(metric, n) if is_known(n) else "" for n in table[f"{metric.name}_n"]]
    if isinstance(result, TrendResult):
        columns |= _limits(result)
    return pd.DataFrame(columns)


def _limits(result: TrendResult) -> dict[str, list[str]]:
    """The columns of a trend's limits: what is usual, and whether a period stands out and by which rule."""
    metric, table = result.metrics[0], result.table
    columns: dict[str, list[str]] = {}
    for name in ("adjusted", "completed_only", "centre", "lower_limit", "upper_limit"):
        if f"{metric.name}_{name}" in table and table[f"{metric.name}_{name}"].notna().any():
            values = table[f"{metric.name}_{name}"]
            decimals = 0 if name == "adjusted" else 1
            columns[t(f"limits.{name}_column")] = [with_unit(v, metric.unit, decimals) if is_known(v) else "" for v in values]
    if result.usual.has_limits:
        columns[t("limits.signal_column")] = [_signal(str(signal)) for signal in table[f"{metric.name}_signal"]]
    return columns


def _signal(signal: str) -> str:
    return t(f"limits.signal.{signal}", otherwise="") or t(f"limits.rule.{signal}")


def _of(metric: Metric, column: str, is_alone: bool) -> str:
    """The heading of a column beside a measure, which names the measure only where there are several."""
    return t(f"table.{column}_alone") if is_alone else t(f"table.{column}", measure=label(metric))


def heading(column: str) -> str:
    """What a column of codes is called."""
    plain = column.removesuffix("_code").removesuffix("_id")
    known = {
        "province": "filter.province",
        "district": "filter.district",
        "commune": "filter.commune",
        "service": "filter.service",
        "aspect": "filter.aspect",
        "category": "filter.category",
        "facility_type": "filter.facility_type",
        "covered": "filter.covered",
        "source": "deliveries.source",
        "file": "deliveries.file",
    }
    return t(known.get(plain, f"attribute.{plain}"))
