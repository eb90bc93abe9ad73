"""How does a laid-out chart read as typst markup? Typst's own shapes and words: so Khmer is shaped and text stays text in a PDF."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any, Literal

from charts.model import Chart
from charts.paper import SIZE, Area, Disc, Shape, Sheet, Stroke, Words, laid_out
from charts.theme import LIGHT
from charts.width import is_khmer
from text import language

PT = 0.75  # points in a px
_DOT = 0.02  # px: the length of a line that is seen as a dot
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
            f"let w(x, y, side, weight, tone, words) = place(top + side, dx: x, dy: y, box(width: 3 * {width}, align(side, "
            f'text(size: {_pt(SIZE)}, weight: weight, fill: rgb(tone), top-edge: "baseline", bottom-edge: "baseline", words))))',
            # many lines, or many polygons, that look alike are one path
            "let part(end, start, ..points) = (curve.move(start), ..points.pos().map(p => curve.line(p)), ..end)",
            "let path(fill, edge, end, parts) = place(top + left, curve(fill: fill, stroke: edge, "
            "..parts.pos().map(p => part(end, ..p)).flatten()))",
            'let l(tone, width, dash, ..parts) = path(none, (paint: rgb(tone), thickness: width, dash: dash, join: "round"), (), parts)',
            'let a(tone, edge, ..parts) = path(rgb(tone), edge, (curve.close(mode: "straight"),), parts)',
            # dots without an outline are as good as no lines, with round ends: a tenth of the size of circles
            'let o(tone, width, ..parts) = path(none, (paint: rgb(tone), thickness: width, cap: "round"), (), parts)',
            "let d(x, y, r, tone, edge) = place(top + left, dx: x - r, dy: y - r, circle(radius: r, fill: rgb(tone), stroke: edge))",
            *_merged(laid),
            "})",
        )
    )


def preamble() -> str:
    """The head of a document with charts: its fonts, its language and the two colours of text, `ink` and `soft`."""
    tones = "\n".join(f"#let {name} = rgb({_tone(name)})" for name in ("ink", "soft"))
    return f'{tones}\n#set text(font: ("Noto Sans", "Noto Sans Khmer"), lang: "{language()}", fill: soft, hyphenate: false)'


def compiled(document: str, to: Literal["pdf", "svg", "png"], **options: Any) -> bytes:
    """A typst document as a file, with the two fonts that come as packages and no others; `options` are those of typst's compiler."""
    import typst

    made = typst.Compiler(document.encode(), font_paths=_fonts()).compile(format=to, **options)
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> Any:
    """Read once, also for many documents at a time."""
    import fontpkg_noto_sans
    import fontpkg_noto_sans_khmer
    import typst

    folders = [package.ROOT / "files" for package in (fontpkg_noto_sans, fontpkg_noto_sans_khmer)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def quoted(text: str) -> str:
    """Any text as a typst string, in which nothing is markup."""
    plain = "".join(letter if letter >= " " else " " for letter in text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def prose(text: str) -> str:
    """A text of several lines as typst content; in Khmer it breaks where our texts say so (spaces and zero-width spaces), and not where
    typst's dictionary thinks.
    """
    if not is_khmer(text):
        return quoted(text)
    words = re.split("([ \u200b])", text)
    return f"[{''.join(' ' if word == ' ' else f'#box({quoted(word)})' for word in words if word.strip(chr(0x200B)))}]"


def _pt(px: float) -> str:
    return f"{px * PT:.2f}".rstrip("0").rstrip(".") + "pt"


def _at(point: tuple[float, float]) -> str:
    return f"({_pt(point[0])}, {_pt(point[1])})"


def _tone(name: str) -> str:
    return f'"{LIGHT[name]}"'


def _merged(laid: Sheet) -> Iterator[str]:
    """Neighbours that look alike are one path."""
    for look, alike in groupby(laid.shapes, _look):
        if look is None:
            yield from (_single(shape, laid.width) for shape in alike)
        else:
            yield f"{look}, {', '.join(_points(shape) for shape in alike)})"


def _look(shape: Shape) -> str | None:
    """The call that draws it but for its points; None where each is drawn for itself."""
    if isinstance(shape, Stroke):
        dash = f"({', '.join(map(_pt, shape.dash))},)" if shape.dash else "none"
        return f"l({_tone(shape.tone)}, {_pt(shape.width)}, {dash}"
    if isinstance(shape, Disc) and not shape.outline:
        return f"o({_tone(shape.tone)}, {_pt(2 * shape.radius)}"
    return f"a({_tone(shape.tone)}, {_edge(shape)}" if isinstance(shape, Area) else None


def _points(shape: Shape) -> str:
    if isinstance(shape, Disc):
        return f"({_at((shape.x, shape.y))}, {_at((shape.x + _DOT, shape.y))})"
    assert isinstance(shape, Stroke | Area)
    return f"({', '.join(map(_at, shape.points))})"


def _single(shape: Shape, width: float) -> str:
    if isinstance(shape, Words):
        x = shape.x - {"start": 0.0, "middle": width / 2, "end": width}[shape.anchor]
        weight = 600 if shape.is_bold else 400
        return f"w({_pt(x)}, {_pt(shape.y)}, {_ALIGNED[shape.anchor]}, {weight}, {_tone(shape.tone)}, {quoted(shape.text)})"
    assert isinstance(shape, Disc)
    return f"d({_pt(shape.x)}, {_pt(shape.y)}, {_pt(shape.radius)}, {_tone(shape.tone)}, {_edge(shape)})"


def _edge(shape: Area | Disc) -> str:
    return f"{_pt(shape.width)} + rgb({_tone(shape.outline)})" if shape.outline else "none"
