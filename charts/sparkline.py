"""What does a series look like at a glance? Inline SVG that follows the reader's theme."""

from collections.abc import Sequence
from html import escape

from charts.theme import css


def sparkline(
    values: Sequence[float | None],
    *,
    start: int | None = None,
    before: float | None = None,
    after: float | None = None,
    label: str = "",
    width: int = 138,
    height: int = 44,
) -> str:
    """A line with gaps where nothing is known, dashes where the programme starts, a large dot at the end; dots only when under six values.

    `before` and `after` are the two levels the card compares, drawn as thin lines on their side of the start.
    """
    known = [i for i, v in enumerate(values) if v is not None]
    if not known:
        return ""
    levels = [v for v in (before, after) if v is not None]
    numbers = [v for v in values if v is not None] + levels
    floor, span = min(numbers), (max(numbers) - min(numbers)) or 1

    def x(i: float) -> float:
        return 4 + i * (width - 10) / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return height - 5 - (value - floor) / span * (height - 10)

    shapes = []
    if start is not None:
        cut = x(start - 0.5)
        shapes.append(f'<line x1="{cut:.1f}" x2="{cut:.1f}" y1="0" y2="{height}" style="stroke:{css("line")};stroke-dasharray:2 3"/>')
        for level, left, right in ((before, 0.0, cut), (after, cut, float(width))):
            if level is not None:
                height_of = f'y1="{y(level):.1f}" y2="{y(level):.1f}"'
                shapes.append(f'<line x1="{left:.1f}" x2="{right:.1f}" {height_of} style="stroke:{css("line")};stroke-width:1"/>')
    if len(known) < 6:
        shapes += [f'<circle cx="{x(i):.1f}" cy="{y(values[i] or 0.0):.1f}" r="3" style="fill:{css("soft")}"/>' for i in known]
    else:
        shapes += [
            f'<polyline points="{run}" style="fill:none;stroke:{css("ink")};stroke-width:1.6;stroke-linejoin:round"/>'
            for run in _runs(values, x, y)
        ]
        shapes.append(f'<circle cx="{x(known[-1]):.1f}" cy="{y(values[known[-1]] or 0.0):.1f}" r="4" style="fill:{css("ink")}"/>')
    # st.markdown pulls the last line up by 1rem (it expects a paragraph): the margin gives it back
    return (
        f'<svg role="img" aria-label="{escape(label, quote=True)}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'style="display:block;max-width:100%;margin-bottom:1rem;overflow:visible">{"".join(shapes)}</svg>'
    )


def _runs(values: Sequence[float | None], x, y) -> list[str]:  # type: ignore[no-untyped-def]
    """The stretches of the line between its gaps, as SVG points."""
    runs: list[list[str]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{x(i):.1f},{y(value):.1f}")
    return [" ".join(run) for run in runs if len(run) > 1]
