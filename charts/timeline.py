"""What was done, how was it scored, and what moved at the same time? The accountability cycle over the lanes of one commune."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from charts.axes import span_text
from charts.lanes import LANE_PX, lanes
from charts.model import Axis, Chart, Graph, Level, Panel, Point, Series
from charts.trend import as_date
from charts.words import Around
from metrics.definitions.scorecards import LOW_BELOW_PCT
from metrics.query import Result
from metrics.timeline import DONE
from text import date_text, number, percent, t


def timeline(steps: pd.DataFrame, results: Sequence[Result], around: Around, *, title: str) -> Chart:
    """The lanes of the records, with a lane of what was done and one of the scores of citizens and providers above them."""
    base = lanes(results, around, title=title, key="timeline")
    assert isinstance(base.drawing, Graph)
    graph = base.drawing
    is_inside = [graph.x.start <= as_date(day) <= graph.x.end for day in steps["day"]]  # type: ignore[operator]
    inside = steps[pd.Series(is_inside, index=steps.index, dtype=bool)]
    above = tuple(panel for panel in (_done(inside, around), _scores(inside, around)) if panel)
    counts = inside["kind"].value_counts()
    told = " ".join(t(f"timeline.alt_{kind}", n=number(counts[kind])) for kind in (*DONE, "citizen", "provider") if counts.get(kind))
    drawing = replace(graph, panels=(*above, *graph.panels), height=graph.height + LANE_PX * len(above))
    return replace(base, drawing=drawing, alt=f"{told} {base.alt}", subtitle=t("timeline.subtitle"), caveat=t("timeline.caveat"))


def _done(steps: pd.DataFrame, around: Around) -> Panel | None:
    """A row for each kind of step, the first of a cycle on top."""
    kinds = [kind for kind in DONE if (steps["kind"] == kind).any()]
    if not kinds:
        return None
    height = {kind: float(len(kinds) - place) for place, kind in enumerate(kinds)}
    points = [
        Point(as_date(row["day"]), height[row["kind"]], hover=_words(row, around))
        for row in steps[steps["kind"].isin(kinds)].to_dict("records")
    ]
    ticks = tuple((height[kind], t(f"timeline.{kind}")) for kind in kinds)
    return Panel((Series(tuple(points), "", "primary", "dots"),), Axis(0.3, len(kinds) + 0.7, ticks), t("timeline.steps"))


def _scores(steps: pd.DataFrame, around: Around) -> Panel | None:
    """Every criterion as a dot at the day of its meeting: filled what citizens said, hollow what providers said of themselves."""
    scored = steps[steps["kind"].isin(["citizen", "provider"])]
    if scored.empty:
        return None
    points = {
        kind: tuple(
            Point(as_date(row["day"]), float(row["value"]), is_hollow=kind == "provider", hover=_words(row, around))
            for row in scored[scored["kind"] == kind].to_dict("records")
        )
        for kind in ("provider", "citizen")
    }
    series = tuple(Series(of, "", "ink", "specks") for of in points.values() if of)
    ticks = ((0.0, number(0)), (LOW_BELOW_PCT, number(LOW_BELOW_PCT)), (100.0, percent(100)))
    levels = (Level(LOW_BELOW_PCT, t("timeline.low"), "dot"),)
    title = t("timeline.scores" if points["provider"] else "timeline.scores_citizens")
    return Panel(series, Axis(-5.0, 110.0, ticks), title, levels=levels)


def _words(row: dict[Hashable, Any], around: Around) -> str:
    """One step in words: the day, the kind of facility, the criterion, and what was agreed or scored."""
    about = ": ".join(around.name(row[name]) for name in ("facility_type", "category") if not pd.isna(row[name]))
    kind = str(row["kind"])
    day = as_date(row["day"])
    when = span_text(day.replace(day=1), "month") if kind in ("informed", "provider") else date_text(day)
    value = "" if pd.isna(row["value"]) else number(row["value"])
    action = "" if pd.isna(row["action"]) else str(row["action"])
    return "<br>".join(filter(None, (when, t(f"timeline.hover_{kind}", value=value), about, action)))
