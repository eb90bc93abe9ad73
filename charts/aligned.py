"""What did a measure do in the quarters around the programme's start, when every commune is set to its own start?"""

from charts import findings
from charts.axes import value_axis
from charts.model import Axis, Chart, Graph, Mark, Panel, Point, Series
from charts.trend import shape_of
from charts.words import Around, amount, caveat, is_known, label, short, source
from metrics.compare import Comparison
from text import number, t

_ENDS = {"before": (-4.5, -0.1), "after": (0.1, 4.5)}  # where the level of a side is drawn, in quarters


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
    y = value_axis([p.y for p in points], metric.unit)
    sides = [(when, v) for when, v in (("before", found.before), ("after", found.after)) if is_known(v)]
    higher = max((v for _, v in sides), default=0.0)
    levels = tuple(
        Series(
            tuple(Point(x, v) for x in _ENDS[when]),
            t(f"chart.level_{when}", value=amount(metric, v)),
            "soft",
            "steps",
            "above" if v == higher else "below",
        )
        for when, v in sides
    )
    return Chart(
        key=f"aligned-{metric.name}",
        title=t("finding.aligned", told=findings.level(metric, found.after, found.where), before=short(metric, found.before)),
        subtitle=t("chart.aligned_subtitle", measure=label(metric)),
        alt=t("chart.aligned_alt", before=amount(metric, found.before), after=amount(metric, found.after)),
        drawing=Graph(
            (Panel((*levels, Series(points, shape=shape_of(points))), y),),
            Axis(min(steps) - 0.5, max(steps) + 0.5, ticks),
            (Mark(0.0, t("chart.programme_starts"), is_main=True),),
        ),
        source=source(metric.fact.name, around),
        caveat=caveat(metric),
    )
