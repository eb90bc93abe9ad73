"""How does a laid-out chart read as SVG? Compact, with real text, for pages that bring their fonts (or have to do with a likely one)."""

from html import escape

from charts.model import Chart
from charts.paper import Area, Disc, Shape, Sheet, Stroke, Words, laid_out
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
        f'font-family="{FONTS}" font-size="12" fill="{LIGHT["soft"]}">'
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>{''.join(map(_shape, laid.shapes))}</svg>"
    )


def _n(value: float) -> str:
    """A length with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0") if abs(value) < 0.05 else f"{value:.1f}".removesuffix(".0")


def _shape(shape: Shape) -> str:
    if isinstance(shape, Words):
        return _words(shape)
    if isinstance(shape, Disc):
        return f'<circle cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}" fill="{LIGHT[shape.tone]}"{_outline(shape)}/>'
    path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in shape.points)
    if isinstance(shape, Area):
        return f'<path d="{path}Z" fill="{LIGHT[shape.tone]}"{_outline(shape)}/>'
    dash = f' stroke-dasharray="{" ".join(map(_n, shape.dash))}"' if shape.dash else ""
    return f'<path d="{path}" fill="none" stroke="{LIGHT[shape.tone]}"{_width(shape)}{dash}/>'


def _outline(shape: Area | Disc) -> str:
    return f' stroke="{LIGHT[shape.outline]}"{_width(shape)}' if shape.outline else ""


def _width(shape: Stroke | Area | Disc) -> str:
    return "" if shape.width == 1 else f' stroke-width="{_n(shape.width)}"'


def _words(words: Words) -> str:
    size = "" if words.size == 12 else f' font-size="{_n(words.size)}"'
    weight = ' font-weight="600"' if words.is_bold else ""
    tone = "" if words.tone == "soft" else f' fill="{LIGHT[words.tone]}"'
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    return f'<text x="{_n(words.x)}" y="{_n(words.y)}"{anchor}{size}{weight}{tone}>{escape(words.text, quote=False)}</text>'
