"""What happened in one place, and what moved at the same time? Several measures over each other on one time axis."""

from collections.abc import Sequence
from datetime import date, timedelta

from charts.axes import period_end, span_text, time_axis, value_axis
from charts.model import Axis, Chart, Graph, Panel, Series
from charts.trend import all_marks, as_date, gap_notes, point
from charts.width import width_px
from charts.words import Around, amount, label, short
from metrics.query import Result
from text import date_text, number, t

LANE_PX = 150
_PHONE_PX, _TITLE_PX = 305, 13  # the width of a phone's chart with a little air between title and figure; the type of both


def lanes(results: Sequence[Result], around: Around, *, title: str, key: str = "lanes") -> Chart:
    """One lane for each result's first measure, on a common axis, with the events of the place drawn through all of them."""
    starts = [as_date(d) for r in results for d in r.table["period_start"]]
    ends = [period_end(as_date(r.table["period_start"].max()), r.query.period or "quarter") for r in results]
    axis = time_axis(min(starts), (max(ends) - timedelta(days=1)).replace(day=1))
    panels, told = [], []
    for result in results:
        metric, period = result.metrics[0], result.query.period or "quarter"
        points = tuple(
            point(row, metric, period, around, x=middle(as_date(row["period_start"]), period))
            for row in result.table.sort_values("period_start").to_dict("records")
        )
        known = [p for p in points if p.y is not None]
        is_count = not (metric.is_share or metric.is_time) and metric.name != "visits_per_facility_month"
        shape = "dots" if metric.is_share else "bars" if is_count else "line"
        y = value_axis(
            [*(p.y for p in points), *(p.high for p in points)],
            "%" if metric.unit == "%" else "",
        )
        few = y.ticks[:: len(y.ticks) // 2] if len(y.ticks) % 2 else (y.ticks[0], y.ticks[-1])
        last = amount(metric, known[-1].y or 0.0) if known else ""
        name, newest = t(f"lane.{metric.name}", otherwise=label(metric)), ""
        if known:
            value = last if metric.is_time else short(metric, known[-1].y or 0.0)
            newest = t("chart.lane_last", value=value, when=span_text(_begun(known[-1].x, period), period))
        panels.append(
            Panel(
                (Series(points, "", "primary" if is_count else "ink", shape),),  # type: ignore[arg-type]
                Axis(y.start, y.end * 1.05, few),
                _title(name, t(f"period.by_{period}"), newest),
                newest,
                notes=tuple(gap_notes(result.table, metric, y, around.data_to)[:3]),
            )
        )
        told.append(
            t("chart.alt_lane", name=label(metric), first=amount(metric, known[0].y or 0.0), last=last, shown=number(len(known)))
            if known
            else t("finding.none", measure=label(metric))
        )
    return Chart(
        key=key,
        title=title,
        subtitle=t("chart.lanes_subtitle"),
        drawing=Graph(tuple(panels), axis, all_marks(around.events, axis), LANE_PX * len(panels) + 110),
        alt=" ".join(told),
        source=t("source.all", date=date_text(around.data_to)),
        caveat=t("chart.lanes_caveat"),
    )


def _title(name: str, period: str, newest: str) -> str:
    """A lane's name with its period where both leave room for the newest figure on a phone; else that figure alone says the period."""
    title = f"{name}, {period}"
    return title if width_px(title, _TITLE_PX) + width_px(newest, _TITLE_PX) <= _PHONE_PX else name


def middle(start: date, period: str) -> date:
    """Where a period stands on a common axis: a quarter or a year in its middle, a month on its first day."""
    return start if period == "month" else start + (period_end(start, period) - start) / 2


def _begun(at: date | float, period: str) -> date:
    """The first day of the period whose middle this is."""
    day = as_date(at)
    return {"month": day, "quarter": date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)}.get(period, date(day.year, 1, 1))
