"""How did an indicator go from its baseline towards its target?"""

import math
from collections.abc import Sequence
from datetime import date

from charts import indicator_words as words
from charts.axes import time_axis, value_axis
from charts.model import Chart, Graph, Level, Panel, Point, Series
from charts.trend import shape_of
from charts.words import Around
from metrics.indicators import Indicator
from metrics.logframe import Value
from text import date_text, t


def progress(
    indicator: Indicator, baseline: Value, values: Sequence[tuple[date, Value]], around: Around, *, has_targets: bool = True
) -> Chart:
    """The values at their days, the milestones as steps (a slope where they are interpolated), and the target as a line.

    A day without a value that may be told leaves a gap.
    """
    points = [_point(indicator, day, value) for day, value in values]
    goals = [Point(each.day, each.value, hover=words.milestone(indicator, each)) for each in indicator.targets] if has_targets else []
    if goals and baseline.is_known and baseline.reference_date:
        goals.insert(0, Point(baseline.reference_date, baseline.value, hover=t("results.baseline")))
    line = Series(tuple(points), "", "primary", shape_of(points))
    steps = Series(tuple(goals), t("results.milestones"), "soft", "dashes" if indicator.is_interpolated else "steps", is_quiet=True)
    known = [p.y for p in (*points, *goals)] + [p.high for p in points]
    target = indicator.target
    levels = (Level(target.value, t("results.target_line", value=words.goal(indicator, target.value), date=date_text(target.day))),)
    days = [p.x for p in (*points, *goals) if isinstance(p.x, date)]
    panel = Panel((line, *((steps,) if goals else ())), value_axis(known, indicator.unit, room=1.08), levels=levels if has_targets else ())
    return Chart(
        key=f"progress-{indicator.code}",
        title=_finding(indicator, values),
        subtitle=t("results.chart.subtitle", indicator=words.title(indicator), span=words.spans(indicator)),
        drawing=Graph((panel,), time_axis(min(days), max(days))),
        alt=_alt(indicator, values),
        source=t("results.source", source=words.told(indicator.sources), date=date_text(around.data_to)),
        caveat=t("results.chart.key") if goals else "",
    )


def _point(indicator: Indicator, day: date, value: Value) -> Point:
    has_interval = value.is_known and not math.isnan(value.low) and not math.isnan(value.high)
    hover = "<br>".join(
        filter(None, (f"<b>{date_text(day)}</b>", words.said(indicator, value), words.likely(indicator, value), words.span(value)))
    )
    return Point(
        day,
        value.value if value.is_known else None,
        value.low if has_interval else None,
        value.high if has_interval else None,
        hover=hover,
    )


def _finding(indicator: Indicator, values: Sequence[tuple[date, Value]]) -> str:
    known = [(day, value) for day, value in values if value.is_known]
    if not known:
        return t("results.chart.none", indicator=words.title(indicator))
    (first_day, first), (last_day, last) = known[0], known[-1]
    if len(known) == 1:
        return t("results.chart.one", value=words.amount(indicator, last.value), date=date_text(last_day))
    return t(
        "results.chart.finding",
        first=words.amount(indicator, first.value),
        first_date=date_text(first_day),
        last=words.amount(indicator, last.value),
        last_date=date_text(last_day),
    )


def _alt(indicator: Indicator, values: Sequence[tuple[date, Value]]) -> str:
    told = "; ".join(f"{date_text(day)}: {words.said(indicator, value)}" for day, value in values)
    return f"{words.title(indicator)}. {told}."
