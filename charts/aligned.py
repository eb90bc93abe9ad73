"""What did a measure do in the quarters around the programme's start, when every commune is set to its own start?"""

from typing import Literal

from charts import findings
from charts.axes import start_of, starts_at, value_axis
from charts.model import Axis, Chart, Graph, Level, Mark, Panel, Point, Series
from charts.trend import shape_of
from charts.words import Around, amount, caveat, is_known, label, short, source
from metrics.compare import Comparison
from text import number, t

_ENDS = {"before": (-4.5, -0.1), "after": (0.1, 4.5)}  # where the level of a side is drawn, in quarters


def _free_side(points: tuple[Point, ...], when: str, level: float) -> Literal["above", "below"]:
    """Words stand at the left end of a level, on the side where the first two quarters there are not."""
    start = _ENDS[when][0]
    near = [p.y for p in points if p.y is not None and start < float(p.x) < start + 2]  # type: ignore[arg-type]
    return "above" if near and sum(near) / len(near) < level else "below"


def aligned(found: Comparison, around: Around) -> Chart:
    """One point a quarter, counted from each commune's own start (0); the levels before and after are drawn across."""
    metric = found.metric
    points = tuple(
        Point(
            float(row["step"]),
            float(row["value"]) if is_known(row["value"]) else None,
            hover=t("chart.aligned_hover", step=number(row["step"], sign=True), value=amount(metric, row["value"]))
            if is_known(row["value"])
            else "",
        )
        for row in found.series.to_dict("records")
    )
    steps = [float(p.x) for p in points]  # type: ignore[arg-type]
    ticks = tuple((step, number(step, sign=True)) for step in steps)
    values = [*(p.y for p in points), found.before, found.after]
    y = value_axis(values, metric.unit, start=start_of(values, metric.unit))
    sides = [(when, v) for when, v in (("before", found.before), ("after", found.after)) if is_known(v)]
    levels = tuple(
        Level(v, f"<b>{t(f'chart.level_{when}', value=amount(metric, v))}</b>", across=_ENDS[when], words_at=_free_side(points, when, v))
        for when, v in sides
    )
    return Chart(
        key=f"aligned-{metric.name}",
        title=t("finding.aligned", told=findings.level(metric, found.after, found.where), before=short(metric, found.before)),
        subtitle=f"{t('chart.aligned_subtitle', measure=label(metric))} {starts_at(y, metric.unit)}".rstrip(),
        alt=t("chart.aligned_alt", before=amount(metric, found.before), after=amount(metric, found.after)),
        drawing=Graph(
            (Panel((Series(points, shape=shape_of(points)),), y, levels=levels),),
            Axis(min(steps) - 0.5, max(steps) + 0.5, ticks),
            (Mark(0.0, t("chart.programme_starts"), is_main=True),),
        ),
        source=source(metric.fact.name, around),
        caveat=" ".join((*([t("chart.aligned_matched")] if metric.name == "visits_per_facility_month" else []), caveat(metric))),
    )
