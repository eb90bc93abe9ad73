"""How does a laid-out chart read as typst markup? Typst's own shapes and words: so Khmer is shaped and text stays text in a PDF."""

import json

from charts.model import Chart
from charts.paper import Area, Disc, Shape, Sheet, Words, laid_out
from charts.theme import LIGHT

PT = 0.75  # points in a px
_ALIGNED = {"start": "left", "middle": "center", "end": "right"}


def drawing(chart: Chart, width_pt: float) -> str:
    """The drawing of a chart, without its finding and source, as one typst block of a width in points.

    The document sets the fonts (`Noto Sans`, `Noto Sans Khmer`) and the language. Words are 9 pt and more.
    """
    return sheet(laid_out(chart, width_pt / PT))


def sheet(laid: Sheet) -> str:
    """A sheet as a typst block."""
    width = _pt(laid.width)
    return "\n".join(
        (
            f"#block(width: {width}, height: {_pt(laid.height)}, breakable: false, {{",
            "set par(leading: 0pt, spacing: 0pt)",
            # a box wider than the block, so that a line of words is never broken; dx counts from the left, the middle or the right edge
            f"let w(x, y, side, size, weight, tone, words) = place(top + side, dx: x, dy: y, box(width: 3 * {width}, align(side, "
            'text(size: size, weight: weight, fill: rgb(tone), top-edge: "baseline", bottom-edge: "baseline", words))))',
            "let l(tone, width, dash, start, ..points) = place(top + left, curve(stroke: (paint: rgb(tone), thickness: width, dash: dash, "
            'join: "round"), curve.move(start), ..points.pos().map(p => curve.line(p))))',
            "let a(tone, edge, ..points) = place(top + left, polygon(fill: rgb(tone), stroke: edge, ..points))",
            "let d(x, y, r, tone, edge) = place(top + left, dx: x - r, dy: y - r, circle(radius: r, fill: rgb(tone), stroke: edge))",
            *(_shape(shape, laid.width) for shape in laid.shapes),
            "})",
        )
    )


def quoted(text: str) -> str:
    """Any text as a typst string, in which nothing is markup."""
    return json.dumps(text, ensure_ascii=False).replace("\\u200b", "\u200b")


def _pt(px: float) -> str:
    return f"{px * PT:.2f}".rstrip("0").rstrip(".") + "pt"


def _at(point: tuple[float, float]) -> str:
    return f"({_pt(point[0])}, {_pt(point[1])})"


def _tone(name: str) -> str:
    return f'"{LIGHT[name]}"'


def _shape(shape: Shape, width: float) -> str:
    if isinstance(shape, Words):
        x = shape.x - {"start": 0.0, "middle": width / 2, "end": width}[shape.anchor]
        weight = 600 if shape.is_bold else 400
        return (
            f"w({_pt(x)}, {_pt(shape.y)}, {_ALIGNED[shape.anchor]}, {_pt(shape.size)}, {weight}, {_tone(shape.tone)}, {quoted(shape.text)})"
        )
    if isinstance(shape, Disc):
        return f"d({_pt(shape.x)}, {_pt(shape.y)}, {_pt(shape.radius)}, {_tone(shape.tone)}, {_edge(shape)})"
    points = ", ".join(map(_at, shape.points))
    if isinstance(shape, Area):
        return f"a({_tone(shape.tone)}, {_edge(shape)}, {points})"
    dash = f"({', '.join(map(_pt, shape.dash))},)" if shape.dash else "none"
    return f"l({_tone(shape.tone)}, {_pt(shape.width)}, {dash}, {points})"


def _edge(shape: Area | Disc) -> str:
    return f"{_pt(shape.width)} + rgb({_tone(shape.outline)})" if shape.outline else "none"
