"""Which share is ready by which day? One step curve a group."""

import math
from collections.abc import Sequence

from charts.axes import value_axis
from charts.model import Axis, Chart, Graph, Level, Mark, Note, Panel, Point, Series
from charts.words import Around, scope, source
from metrics import catalogue
from metrics.curves import MEASURE, ReadyBy
from metrics.query import Filters
from text import number, percent, t, with_unit

_TONES = {"true": "primary", "false": "soft"}


def steps(curves: Sequence[ReadyBy], around: Around, where: Filters) -> Chart:
    """Two curves or more with the day by which half was ready; the official time of a chosen service as a line."""
    metric = catalogue()[MEASURE]
    medians = [curve.median for curve in curves if not math.isnan(curve.median)]
    standard = around.standards.get(where.service or "")
    end = float(min(max(len(curve.days) for curve in curves) - 1, max(30, 10 * math.ceil(max([*medians, standard or 0]) / 4))))
    x = value_axis([end], "days")
    series, dots, notes = [], [], []
    for curve in curves:
        tone = _TONES.get(curve.value, "ink")
        shown = list(zip(curve.days.tolist(), curve.ready_pct.tolist(), strict=True))[: int(end) + 1]
        points = tuple(
            Point(float(day), ready, hover=t("steps.hover", name=around.name(curve.value), share=percent(ready), day=number(day)))
            for day, ready in shown
        )
        series.append(Series(points, "", tone, "steps"))
        notes.append(_name(curve, shown, end, tone))
        if not math.isnan(curve.median):
            dots.append(Series((Point(curve.median, 50.0),), "", tone, "dots"))
            day = f"<b>{t('steps.day', day=number(curve.median))}</b>"
            notes.append(Note(curve.median - 0.01 * end, 51.5, day, tone, "right"))
    marks = (Mark(standard, f"<b>{t('steps.official', days=with_unit(standard, 'days'))}</b>", is_main=True),) if standard else ()
    told = {curve.value: curve for curve in curves}
    return Chart(
        key="steps-documents",
        title=t("steps.title", complete=with_unit(told["true"].median, "days"), incomplete=number(told["false"].median)),
        subtitle=t("steps.subtitle", scope=scope(where, around)),
        drawing=Graph(
            (Panel((*series, *dots), value_axis([100.0], "%"), levels=(Level(50.0, ""),), notes=tuple(notes)),),
            Axis(0.0, 1.06 * end, tuple(tick for tick in x.ticks if tick[0] <= end)),
            marks,
        ),
        alt=" ".join(_alt(curve, around, end) for curve in curves),
        source=source(metric.fact.name, around),
        caveat=t("steps.base", complete=number(told["true"].requests), incomplete=number(told["false"].requests)),
    )


def _name(curve: ReadyBy, shown: list[tuple[int, float]], end: float, tone: str) -> Note:
    """The name right under its curve, where that has left room: four fifths of the way up, or three for the slower one."""
    reached, height = (80.0, 64.0) if curve.value == "true" else (60.0, 38.0)
    day = next((day for day, ready in shown if ready >= reached), shown[-1][0])
    words = f"<b>{t(f'steps.name_{curve.value}')}</b>"
    return Note(float(day) + 0.02 * end, height, words, tone, "right" if day > 0.7 * end else "left")


def _alt(curve: ReadyBy, around: Around, end: float) -> str:
    at = [day for day in (5, 10, 20, 30) if day <= end and day < len(curve.days)]
    shares = ", ".join(t("steps.alt_share", share=percent(curve.ready_pct[day]), day=number(day)) for day in at)
    return t("steps.alt", name=around.name(curve.value), median=with_unit(curve.median, "days"), shares=shares)
