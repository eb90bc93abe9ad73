"""How does a laid-out chart read as SVG? Compact, with real text, for pages that bring their fonts (or have to do with a likely one)."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from charts.model import Chart
from charts.paper import SIZE, Area, Disc, Shape, Sheet, Stroke, Words, laid_out
from charts.theme import LIGHT

FONTS = "'Noto Sans','Noto Sans Khmer','Khmer OS','Leelawadee UI','Segoe UI',Arial,sans-serif"


def drawing(chart: Chart, width_px: int) -> str:
    """The drawing of a chart, without its finding and source, as one <svg> of a width in px; what it shows is told in words in it."""
    return sheet(laid_out(chart, width_px), chart.title, chart.alt)


def sheet(laid: Sheet, title: str, told: str) -> str:
    """A sheet as SVG with a title and a description for those who cannot see it."""
    width, height = _n(laid.width), _n(laid.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{FONTS}" font-size="{_n(SIZE)}" fill="{LIGHT["soft"]}">'
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>{''.join(_merged(laid.shapes))}</svg>"
    )


def _n(value: float) -> str:
    """A length with one decimal at most."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _merged(shapes: Iterable[Shape]) -> Iterator[str]:
    """Neighbours that look alike become one path or one group."""
    for look, alike in groupby(shapes, _look):
        if look is None:
            yield from (_words(shape) for shape in alike if isinstance(shape, Words))
        elif look.startswith("<g"):
            yield f"{look}>{''.join(map(_circle, alike))}</g>"
        else:
            yield f'{look} d="{"".join(map(_path, alike))}"/>'


def _look(shape: Shape) -> str | None:
    """All of an element but where it is."""
    if isinstance(shape, Words):
        return None
    width = "" if shape.width in (0, 1) else f' stroke-width="{_n(shape.width)}"'
    if isinstance(shape, Stroke):
        dash = f' stroke-dasharray="{" ".join(map(_n, shape.dash))}"' if shape.dash else ""
        return f'<path fill="none" stroke="{LIGHT[shape.tone]}"{width}{dash}'
    outline = f' stroke="{LIGHT[shape.outline]}"{width}' if shape.outline else ""
    return f'<{"g" if isinstance(shape, Disc) else "path"} fill="{LIGHT[shape.tone]}"{outline}'


def _circle(shape: Shape) -> str:
    assert isinstance(shape, Disc)
    return f'<circle cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}"/>'


def _path(shape: Shape) -> str:
    assert isinstance(shape, Stroke | Area)
    (x, y), *others = [(round(x, 1), round(y, 1)) for x, y in shape.points]
    steps = [f"M{_n(x)} {_n(y)}"]
    for x1, y1 in others:
        dx, dy = _n(x1 - x), _n(y1 - y)
        steps.append(f"v{dy}" if dx == "0" else f"h{dx}" if dy == "0" else f"l{dx} {dy}")
        x, y = x1, y1
    return "".join(steps).replace(" -", "-") + ("z" if isinstance(shape, Area) else "")


def _words(words: Words) -> str:
    weight = ' font-weight="600"' if words.is_bold else ""
    tone = "" if words.tone == "soft" else f' fill="{LIGHT[words.tone]}"'
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    return f'<text x="{_n(words.x)}" y="{_n(words.y)}"{anchor}{weight}{tone}>{escape(words.text, quote=False)}</text>'
