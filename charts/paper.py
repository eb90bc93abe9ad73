"""Where does every line, dot and word of a described chart stand on paper?

A chart is laid out once for a width; the outcome is a flat list of shapes in px (96 to the inch), from the back to the front, that `svg`
and `typeset` only write down. Nothing is clipped and no two words touch: what has no room moves, is broken into lines or, where it is
the lesser, left out. Blue and orange are the same grey in print, so a flagged dot carries + or !.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, pairwise
from typing import Any, Literal

import numpy as np

from charts.model import Axis, Chart, Graph, Mark, Note, Panel, Point, Position, Row, Rows, Series, runs
from charts.width import in_lines, is_khmer, width_px

Anchor = Literal["start", "middle", "end"]

# --- shapes ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stroke:
    """A line through points; `dash` is the lengths of its strokes and gaps."""

    points: tuple[tuple[float, float], ...]
    tone: str
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Area:
    """A filled polygon, with an outline where it has a tone for it."""

    points: tuple[tuple[float, float], ...]
    tone: str
    outline: str = ""
    width: float = 0.0


@dataclass(frozen=True)
class Disc:
    """A dot."""

    x: float
    y: float
    radius: float
    tone: str
    outline: str = ""
    width: float = 0.0


@dataclass(frozen=True)
class Words:
    """One line of text on its baseline; `x` is its start, middle or end."""

    x: float
    y: float
    text: str
    tone: str = "soft"
    anchor: Anchor = "start"
    is_bold: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """What it covers: left, top, right, bottom."""
        wide = length(self.text, self.is_bold)
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        over, under = _reach(self.text)
        return left, self.y - over * SIZE, left + wide, self.y + under * SIZE


Shape = Stroke | Area | Disc | Words


@dataclass(frozen=True)
class Sheet:
    """A laid-out drawing: its size in px and its shapes, the backmost first."""

    width: float
    height: float
    shapes: tuple[Shape, ...]

    @property
    def words(self) -> tuple[Words, ...]:
        """All that is written on it."""
        return tuple(shape for shape in self.shapes if isinstance(shape, Words))


def laid_out(chart: Chart, width: float) -> Sheet:
    """The drawing of a chart (without its finding and source) for a width in px, at least 300."""
    return _graph(chart.drawing, width) if isinstance(chart.drawing, Graph) else _rows(chart.drawing, width)


# --- words -------------------------------------------------------------------------------------------------------------------------

_BOLD = 1.06  # bold letters are so much wider
SIZE = 12.0  # of all words, in px: 9 pt


@dataclass(frozen=True)
class _Line:
    text: str
    is_bold: bool


def length(text: str, is_bold: bool = False) -> float:
    """About how wide a line of text is, in px."""
    return width_px(text, SIZE) * (_BOLD if is_bold else 1.0)


def _reach(text: str) -> tuple[float, float]:
    """How far a line goes over and under its baseline, as parts of its size: Khmer has vowels above and letters below."""
    return (1.02, 0.5) if is_khmer(text) else (0.78, 0.24)


def _step(text: str) -> float:
    """From one baseline to the next, as a part of the size."""
    return 1.6 if is_khmer(text) else 1.3


def _lines(marked_up: str, room: float) -> list[_Line]:
    """A text with plotly's marks (<b>, <br>) in lines no wider than the room."""
    lines, is_bold = [], False
    for part in marked_up.split("<br>"):
        is_bold = is_bold or "<b>" in part
        plain = part.replace("<b>", "").replace("</b>", "")
        lines += [_Line(line, is_bold) for line in in_lines(plain, SIZE * (_BOLD if is_bold else 1.0), room)]
        is_bold = is_bold and "</b>" not in part
    return lines


@dataclass(frozen=True)
class _Text:
    """Lines that stand together."""

    lines: Sequence[_Line]
    tone: str = "soft"

    @property
    def width(self) -> float:
        return max(length(line.text, line.is_bold) for line in self.lines)

    @property
    def step(self) -> float:
        return max(_step(line.text) for line in self.lines) * SIZE

    @property
    def over(self) -> float:
        return max(_reach(line.text)[0] for line in self.lines) * SIZE

    @property
    def height(self) -> float:
        return self.over + (len(self.lines) - 1) * self.step + max(_reach(line.text)[1] for line in self.lines) * SIZE

    def at(self, x: float, top: float, anchor: Anchor) -> list[Words]:
        """Written from a top on."""
        return [Words(x, top + self.over + i * self.step, line.text, self.tone, anchor, line.is_bold) for i, line in enumerate(self.lines)]


def _text(marked_up: str, tone: str = "soft", room: float = 1e9) -> _Text:
    return _Text(_lines(marked_up, room), tone)


# --- where there is room -----------------------------------------------------------------------------------------------------------

_APART = 2.0  # px between two texts, and between a text and a figure
_ANCHORS: dict[str, Anchor] = {"left": "start", "center": "middle", "right": "end"}


@dataclass(frozen=True)
class _Spot:
    """A place tried for a text: its left top corner, which way its lines are set, how much worse than the first choice it is."""

    left: float
    top: float
    anchor: Anchor = "start"
    cost: float = 0.0


@dataclass
class _Room:
    """What is taken on the sheet: words, which nothing may touch, and figures, which are avoided."""

    words: list[tuple[float, float, float, float]] = field(default_factory=list)
    figures: list[tuple[float, float, float]] = field(default_factory=list)  # x, y, how bad it is to cover it

    def take(self, words: Iterable[Words]) -> list[Words]:
        """Mark words as written."""
        written = list(words)
        self.words += [each.box for each in written]
        return written

    def fits(self, words: Iterable[Words]) -> bool:
        """Whether words touch no others."""
        return not any(
            left < r + _APART and right > lt - _APART and top < b and bottom > t
            for left, top, right, bottom in (each.box for each in words)
            for lt, t, r, b in self.words
        )

    def avoid(self, points: Sequence[tuple[float, float]], badness: float = 1.0) -> None:
        """Mark a line through points as something that words keep off."""
        for (x0, y0), (x1, y1) in pairwise(points):
            steps = max(1, int(max(abs(x1 - x0), abs(y1 - y0)) / 5))
            self.figures += [(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps, badness) for i in range(steps)]
        self.figures += [(*points[-1], badness)] if points else []

    def place(self, text: _Text, spots: Iterable[_Spot], within: tuple[float, float, float, float]) -> list[Words] | None:
        """The text at the best of the spots, moved into `within` where it would leave it; None where all are taken."""
        figures = np.array(self.figures) if self.figures else np.empty((0, 3))
        best, least = None, float("inf")
        for spot in spots:
            left = min(max(spot.left, within[0]), within[2] - text.width)
            top = min(max(spot.top, within[1]), within[3] - text.height)
            away = abs(left - spot.left) + abs(top - spot.top)
            cost = spot.cost + 0.05 * away
            if cost >= least:
                continue
            x = left + {"start": 0.0, "middle": text.width / 2, "end": text.width}[spot.anchor]
            words = text.at(x, top, spot.anchor)
            if not self.fits(words):
                continue
            covered = (
                (figures[:, 0] > left - _APART)
                & (figures[:, 0] < left + text.width + _APART)
                & (figures[:, 1] > top - _APART)
                & (figures[:, 1] < top + text.height + _APART)
            )
            cost += float(figures[covered, 2].sum())
            if cost < least:
                best, least = words, cost
        return self.take(best) if best is not None else None


def _around(left: float, top: float, text: _Text, anchor: Anchor, within: tuple[float, float, float, float]) -> Iterator[_Spot]:
    """First the wished place, then others ever further up, down and to the sides."""
    yield _Spot(left, top, anchor)
    for step in range(1, 40):
        for sign in (-1, 1):
            yield _Spot(left, top + sign * step * text.step / 3, anchor, 0.5 * step)
    for step in range(0, 40, 2):
        for shift in (-0.25, 0.25, -0.5, 0.5, -1.0, 1.0):
            for sign in (-1, 1):
                yield _Spot(left + shift * text.width, top + sign * step * text.step / 3, anchor, 0.5 * step + 4 * abs(shift))


# --- graphs ------------------------------------------------------------------------------------------------------------------------

_GAP, _AXIS_ROOM, _HALF_A_TICK = 16.0, 8.0, 9.0
_UNDER_TITLE = 8.0
_LEVEL_DASH = {"solid": (), "dash": (7.0, 4.0), "dot": (1.5, 3.0), "longdashdot": (10.0, 4.0, 2.0, 4.0)}
_MARK_DASH: dict[bool, tuple[float, ...]] = {True: (6.0, 4.0), False: (2.0, 3.0)}
_LINE_WIDTHS = {"primary": 2.2, "ink": 2.0}  # others are thinner: two lines differ in a grey print, too
_SMALL = 6.0  # half of a diamond that has no room for a +


@dataclass
class _Plot:
    """The frame of one panel and its scales."""

    left: float
    top: float
    right: float
    bottom: float
    x0: float
    x1: float
    y0: float
    y1: float

    def x(self, position: Position) -> float:
        return self.left + (_number(position) - self.x0) / (self.x1 - self.x0) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - (value - self.y0) / (self.y1 - self.y0) * (self.bottom - self.top)

    def inside(self, position: Position) -> bool:
        return self.x0 <= _number(position) <= self.x1

    @property
    def frame(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.right, self.bottom


def _number(position: Position) -> float:
    return float(position.toordinal()) if isinstance(position, date) else float(position)


def _graph(graph: Graph, width: float) -> Sheet:
    room = _Room()
    left = max((length(text) for panel in graph.panels for _, text in panel.y.ticks), default=0.0) + _AXIS_ROOM
    right = width - 8.0
    x0, x1 = _number(graph.x.start), _number(graph.x.end)
    heads = [_head(panel, width) for panel in graph.panels]
    events, floor = _events(graph, left, right, width, room)
    whole = graph.height - 95 - 48 * (len(graph.panels) - 1)
    unit = whole / sum(panel.share for panel in graph.panels)
    back: list[Shape] = []
    lines: list[Shape] = []
    dots: list[Shape] = []
    signs: list[Shape] = []
    front: list[Shape] = list(events)
    plots, at = [], max(floor, _HALF_A_TICK)
    for number, (panel, head) in enumerate(zip(graph.panels, heads, strict=True)):
        if head:
            at += _GAP if number else 4.0
            for text, x, anchor, below in head:
                front += room.take(text.at(x, at + below, anchor))
            at += max(below + text.height for text, _, _, below in head) + _UNDER_TITLE
        elif number:
            at += _GAP
        plot = _Plot(left, at, right, at + panel.share * unit, x0, x1, panel.y.start, panel.y.end)
        plots.append((panel, plot))
        at = plot.bottom
    for panel, plot in plots:
        back += _bands(panel, plot)
    for panel, plot in plots:
        back += _grid(panel, plot)
        front += _y_words(panel, plot, room)
    for mark in graph.marks:
        x = plots[0][1].x(mark.x)
        tone, wide = ("ink", 1.6) if mark.is_main else ("line", 1.0)
        back.append(Stroke(((x, plots[0][1].top - 4), (x, at)), tone, wide, _MARK_DASH[mark.is_main]))
        room.avoid(((x, plots[0][1].top), (x, at)), 0.4)
    bottom = plots[-1][1]
    back.append(Stroke(((left, at), (right, at)), "line"))
    ticks, height = _x_words(graph.x, bottom, width, room)
    back += [Stroke(((bottom.x(v), at), (bottom.x(v), at + 5)), "line") for v, _ in graph.x.ticks]
    front += ticks
    for panel, plot in plots:
        shapes, marks, own_signs = _figures(panel, plot, room)
        lines += shapes
        dots += marks
        signs += own_signs
    halos: list[Shape] = []
    for panel, plot in plots:
        written, leaders, grounds = _panel_words(panel, plot, room)
        front += written
        lines += leaders
        halos += grounds
    return Sheet(width, at + height + 2, (*back, *halos, *lines, *dots, *signs, *front))


def _head(panel: Panel, width: float) -> list[tuple[_Text, float, Anchor, float]]:
    """The title of a lane at its left and its newest figure at its right, or under it where both have no room in one line."""
    title = _text(f"<b>{panel.title}</b>", "ink", width) if panel.title else None
    aside = _text(panel.aside, "ink", width) if panel.aside else None
    if title is None:
        return [(aside, width - 8, "end", 0.0)] if aside else []
    if aside is None:
        return [(title, 0.0, "start", 0.0)]
    if title.width + aside.width + 16 <= width - 8:
        return [(title, 0.0, "start", title.over - max(title.over, aside.over)), (aside, width - 8, "end", 0.0)]
    return [(title, 0.0, "start", 0.0), (aside, 0.0, "start", title.height + 3)]


def _events(graph: Graph, left: float, right: float, width: float, room: _Room) -> tuple[list[Words], float]:
    """The names of what is dated, over the plot: the main ones first, the lesser ones in a line under them as far as there is room."""
    x0, x1 = _number(graph.x.start), _number(graph.x.end)

    def x(mark: Mark) -> float:
        return left + (_number(mark.x) - x0) / (x1 - x0) * (right - left)

    written: list[Words] = []
    named = [mark for mark in graph.marks if mark.text]
    floor = 0.0
    for mark in named:
        text = _text(mark.text, "ink", room=width)
        runs_right = x(mark) < (left + right) / 2
        at = min(x(mark), width - text.width) if runs_right else max(x(mark), text.width)
        words = text.at(at, 0.0, "start" if runs_right else "end")
        if room.fits(words):
            written += room.take(words)
            floor = max(floor, text.height + 4)
    lesser: list[tuple[Words, ...]] = []
    for mark in graph.marks:
        if mark.short and not mark.text:
            text = _text(mark.short)
            at = min(max(x(mark), text.width / 2), width - text.width / 2)
            words = text.at(at, floor, "middle")
            if room.fits(words):
                lesser.append(tuple(room.take(words)))
    if lesser:
        floor = max(word.box[3] for group in lesser for word in group) + 4
    return [*written, *(word for group in lesser for word in group)], floor + 4


def _bands(panel: Panel, plot: _Plot) -> Iterator[Shape]:
    for band in panel.bands:
        yield _rectangle(plot.x(band.start), plot.top, plot.x(band.end), plot.bottom, "band")
    for series in panel.series:
        if series.shape not in ("dots", "bars", "curve", "dashes"):
            for run in runs(series.points, lambda p: p.y is not None and p.low is not None and p.high is not None):
                upper = [(plot.x(p.x), _kept(plot, p.high or 0.0)) for p in run]
                lower = [(plot.x(p.x), _kept(plot, p.low or 0.0)) for p in reversed(run)]
                yield Area((*upper, *lower), "band")


def _kept(plot: _Plot, value: float) -> float:
    """The height of a value, at the edge of the plot where it lies outside."""
    return min(max(plot.y(value), plot.top), plot.bottom)


def _grid(panel: Panel, plot: _Plot) -> Iterator[Shape]:
    for value, _ in panel.y.ticks:
        yield Stroke(((plot.left, plot.y(value)), (plot.right, plot.y(value))), "grid")
    for level in panel.levels:
        start, end = level.across or (None, None)
        x0, x1 = plot.left if start is None else plot.x(start), plot.right if end is None else plot.x(end)
        yield Stroke(((max(x0, plot.left), plot.y(level.y)), (min(x1, plot.right), plot.y(level.y))), "line", 1.2, _LEVEL_DASH[level.dash])


def _y_words(panel: Panel, plot: _Plot, room: _Room) -> Iterator[Words]:
    for value, text in panel.y.ticks:
        words = Words(plot.left - _AXIS_ROOM + 1, plot.y(value) + 0.36 * SIZE, text, "soft", "end")
        if room.fits([words]):
            yield from room.take([words])


def _x_words(axis: Axis[Any], plot: _Plot, width: float, room: _Room) -> tuple[list[Words], float]:
    """The words under the axis, and how much height they take: the last, which has the unit, the first, and the others that have room."""
    written: list[Words] = []
    for value, marked_up in (*axis.ticks[-1:], *axis.ticks[:-1]):
        text = _text(marked_up)
        at = min(max(plot.x(value), text.width / 2), width - text.width / 2)
        words = text.at(at, plot.bottom + 8, "middle")
        if room.fits(words):
            written += room.take(words)
    return written, max((word.box[3] for word in written), default=plot.bottom) - plot.bottom


def _figures(panel: Panel, plot: _Plot, room: _Room) -> tuple[list[Shape], list[Shape], list[Shape]]:
    """The lines, the dots on them, and the signs on flagged dots."""
    lines: list[Shape] = []
    dots: list[Shape] = []
    signs: list[Shape] = []
    for series in panel.series:
        points = [p for p in series.points if plot.inside(p.x)]
        if series.shape == "bars":
            lines += _bars(series, points, plot, room)
            continue
        if series.shape in ("curve", "dashes"):
            run = _cut([(plot.x(p.x), plot.y(p.y)) for p in points if p.y is not None], plot)
            lines += [Stroke(part, series.tone, 1.2, (5.0, 4.0) if series.shape == "dashes" else ()) for part in run]
            for part in run:
                room.avoid(part, 0.5)
            continue
        if series.shape in ("line", "steps"):
            lines += _polylines(series, points, plot, room)
        if series.shape == "dots":
            lines += _intervals(points, plot, room)
        places = sorted({plot.x(p.x) for p in points})
        half = min(7.0, max(3.5, 0.5 * (plot.right - plot.left) / max(len(places), 1)))  # of a diamond, so that neighbours stay apart
        for point in points:
            if point.y is None:
                continue
            x, y, tone = plot.x(point.x), plot.y(point.y), point.tone or series.tone
            room.figures.append((x, y, 1.0 if series.shape == "specks" else 3.0))
            if point.tone or series.shape == "diamonds":
                big = 7.0 if series.shape == "diamonds" else half
                dots.append(_diamond(x, y, big, tone, is_hollow=point.is_hollow))
                signs += _sign(x, y, big, tone, "page" if not point.is_hollow else tone)
            elif not series.is_quiet and series.shape != "steps":
                dots.append(_dot(x, y, point, series, len(points)))
    return lines, dots, signs


def _bars(series: Series, points: list[Point], plot: _Plot, room: _Room) -> Iterator[Shape]:
    places = [plot.x(p.x) for p in points]
    wide = 0.8 * min((b - a for a, b in pairwise(sorted(places))), default=30.0)
    base = _kept(plot, 0.0)
    for x, point in zip(places, points, strict=True):
        if point.y is not None:
            left, right, top = max(x - wide / 2, plot.left), min(x + wide / 2, plot.right), _kept(plot, point.y)
            outline = (series.tone, 1.2) if point.is_hollow else ("", 0.0)
            yield _rectangle(left, top, right, base, "page" if point.is_hollow else series.tone, *outline)
            room.avoid(((x, top), (x, base)), 1.5)


def _rectangle(left: float, top: float, right: float, bottom: float, tone: str, outline: str = "", width: float = 0.0) -> Area:
    return Area(((left, top), (right, top), (right, bottom), (left, bottom)), tone, outline, width)


def _cut(points: Sequence[tuple[float, float]], plot: _Plot) -> list[tuple[tuple[float, float], ...]]:
    """A line without what lies over or under the plot."""
    parts: list[list[tuple[float, float]]] = [[]]
    for (x0, y0), (x1, y1) in pairwise(points):
        low, high = 0.0, 1.0
        for edge, sign in ((plot.top, 1), (plot.bottom, -1)):
            start, end = sign * (y0 - edge), sign * (y1 - edge)
            if start < 0 and end < 0:
                low, high = 1.0, 0.0
            elif start < 0 or end < 0:
                cut = start / (start - end)
                low, high = (max(low, cut), high) if start < 0 else (low, min(high, cut))
        if low >= high:
            parts.append([])
            continue
        ends = [(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part) for part in (low, high)]
        if low > 0:
            parts.append([])
        parts[-1] += ends if not parts[-1] else ends[1:]
        if high < 1:
            parts.append([])
    return [tuple(part) for part in parts if len(part) > 1]


def _polylines(series: Series, points: list[Point], plot: _Plot, room: _Room) -> Iterator[Shape]:
    """The line without its hollow points, and dotted where it still may change."""
    wide = 1.3 if series.is_quiet else _LINE_WIDTHS.get(series.tone, 1.6) + (0.4 if series.shape == "steps" else 0.0)
    near = {
        id(p)
        for i, p in enumerate(points)
        if p.y is not None and not p.is_alone
        and any(q.is_hollow and q.y is not None and not q.is_alone for q in points[max(0, i - 1) : i + 2])
    }
    for dash, is_in in (((), lambda p: p.y is not None and not p.is_hollow), ((2.0, 2.5), lambda p: id(p) in near)):
        for run in runs(points, is_in):
            places = [(plot.x(p.x), plot.y(p.y or 0.0)) for p in run]
            if series.shape == "steps":
                places = [places[0], *(at for (_, y0), (x1, y1) in pairwise(places) for at in ((x1, y0), (x1, y1)))]
            if len(places) > 1:
                for part in _cut(places, plot):
                    yield Stroke(part, series.tone, wide if not dash else 1.5, dash)
                    room.avoid(part, 0.8)


def _intervals(points: list[Point], plot: _Plot, room: _Room) -> Iterator[Shape]:
    for point in points:
        if point.y is not None and point.low is not None and point.high is not None:
            x, low, high = plot.x(point.x), _kept(plot, point.low), _kept(plot, point.high)
            yield Stroke(((x, low), (x, high)), "line", 1.6)
            for end in (low, high):
                yield Stroke(((x - 4, end), (x + 4, end)), "line", 1.6)
            room.avoid(((x, low), (x, high)), 1.0)


def _dot(x: float, y: float, point: Point, series: Series, many: int) -> Disc:
    """A dot; a provisional one is hollow."""
    if point.is_hollow:
        return Disc(x, y, 3.4 if series.shape != "specks" else 2.8, "page", series.tone, 1.6)
    return Disc(x, y, {"dots": 4.5, "specks": 2.4}.get(series.shape, 2.6 if many <= 30 else 1.9), series.tone)


def _diamond(x: float, y: float, half: float, tone: str, *, is_hollow: bool) -> Area:
    """A dot that stands out."""
    corners = ((x, y - half), (x + half, y), (x, y + half), (x - half, y))
    return Area(corners, "page", tone, 1.6) if is_hollow else Area(corners, tone)


def _sign(x: float, y: float, half: float, tone: str, ink: str) -> Iterator[Stroke]:
    """What tells better from worse without colour: +, or the stroke and the dot of an !. A small diamond has only the latter."""
    arm = 0.42 * half
    if tone == "improvement" and half > _SMALL:
        yield Stroke(((x - arm, y), (x + arm, y)), ink, 1.3)
        yield Stroke(((x, y - arm), (x, y + arm)), ink, 1.3)
    elif tone == "concern":
        yield Stroke(((x, y - 1.25 * arm), (x, y + 0.3 * arm)), ink, 1.5 if half > _SMALL else 1.2)
        yield Stroke(((x, y + 0.75 * arm), (x, y + 1.25 * arm)), ink, 1.5 if half > _SMALL else 1.2)


def _panel_words(panel: Panel, plot: _Plot, room: _Room) -> tuple[list[Words], list[Shape], list[Shape]]:
    """Everything written in a panel, the more important first; the lines from notes to their points; the ground under notes."""
    written: list[Words] = []
    leaders: list[Shape] = []
    grounds: list[Shape] = []
    notes = sorted(panel.notes, key=lambda note: note.leads_to is None)
    for series in panel.series:
        if words := _name(series, plot, room):
            written += words
    for note in notes:
        words = _note(note, panel, plot, room)
        if words is None:
            continue
        written += words
        left, top, right, bottom = _hull(words)
        if note.leads_to is not None:
            x, end = plot.x(note.x), plot.y(note.leads_to)
            start = top if top > end else bottom
            leaders.append(Stroke(((x, start), (x, end + (7 if start > end else -7))), note.tone, 1.2))
        grounds.append(_rectangle(left - 1, top, right + 1, bottom, "page"))
        for x0, x1 in ((max(left - 1, plot.x(band.start)), min(right + 1, plot.x(band.end))) for band in panel.bands):
            if x0 < x1:
                grounds.append(_rectangle(x0, max(top, plot.top), x1, min(bottom, plot.bottom), "band"))
    for band in panel.bands:
        written += _band_name(band, plot, room)
    for level in panel.levels:
        if level.text:
            written += _level_name(level, plot, room)
    return written, leaders, grounds


def _hull(words: Sequence[Words]) -> tuple[float, float, float, float]:
    boxes = [each.box for each in words]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _name(series: Series, plot: _Plot, room: _Room) -> list[Words] | None:
    """The name where the line ends, clear of the line."""
    known = [p for p in series.points if p.y is not None and plot.inside(p.x)]
    if not series.name or not known:
        return None
    is_above = series.name_at == "above"
    text = _text(series.name if series.is_quiet else f"<b>{series.name}</b>", series.tone, 0.6 * plot.right)
    right = plot.x(known[-1].x)
    under = [plot.y(p.y or 0.0) for p in known if plot.x(p.x) >= right - text.width]
    top = min(under) - 8 - text.height if is_above else max(under) + 8
    return room.place(text, _around(right - text.width, top, text, "end", plot.frame), _grown(plot, 6))


def _grown(plot: _Plot, by: float) -> tuple[float, float, float, float]:
    return plot.left + 2, plot.top - by, plot.right + 6, plot.bottom - 2


def _note(note: Note, panel: Panel, plot: _Plot, room: _Room) -> list[Words] | None:
    """A note at its place or the nearest free one; the name of a diamond beside it."""
    text = _text(note.text, note.tone, room=0.9 * (plot.right - plot.left))
    x, y, is_led = plot.x(note.x), plot.y(note.y), note.leads_to is not None
    is_below = note.leads_to is not None and note.leads_to > note.y
    shift = {"left": 5.0 if is_led else 0.0, "center": -text.width / 2, "right": -text.width - (5.0 if is_led else 0.0)}[note.align]
    top = y if is_below else y - text.height
    anchor = _ANCHORS[note.align]
    spots = _around(x + shift, top, text, anchor, plot.frame)
    diamonds = [p for series in panel.series if series.shape == "diamonds" and series.tone == note.tone for p in series.points]
    if own := [plot.y(p.y) for p in diamonds if p.x == note.x and p.y is not None]:
        y = min(own, key=lambda height: abs(height - (top + text.height)))
        middle = y - text.height / 2
        beside = [(x + 10, middle, "start"), (x - 10 - text.width, middle, "end"), (x - text.width / 2, y - 9 - text.height, "middle")]
        near = [_Spot(at, over, side, 0.3 * i) for i, (at, over, side) in enumerate(beside)]  # type: ignore[arg-type]
        spots = chain(near, (replace(spot, cost=spot.cost + 3.0) for spot in spots))
    if is_led:  # only where the line to the point stays upright
        sides: list[tuple[float, Anchor]] = [
            (x + shift, anchor),
            (x - text.width - 5, "end"),
            (x + 5, "start"),
            (x - text.width / 2, "middle"),
        ]
        heights = [top, *(plot.top + i * 6.0 for i in range(int((plot.bottom - plot.top) / 6)))]
        spots = iter(
            [
                _Spot(left, height, side, 0.02 * abs(height - top) + 0.8 * i)
                for i, (left, side) in enumerate(sides)
                for height in heights
                if plot.left <= left <= plot.right - text.width
            ]
        )
    return room.place(text, spots, _grown(plot, 2 if is_led else 8))


def _band_name(band: Any, plot: _Plot, room: _Room) -> list[Words]:
    """The name of a shaded stretch, in one line where it has room, at its foot or its head."""
    x0, x1 = plot.x(band.start), plot.x(band.end)
    spots = []
    in_one = band.text.replace("<br>", " ")
    for marked_up, worse in ((in_one, 0.0), (band.text, 1.0)):
        text = _text(marked_up)
        if text.width > x1 - x0 - 8 and worse == 0.0:
            continue
        heights = {"top": plot.top + 3, "bottom": plot.bottom - text.height - 3}
        order = (band.words_at, "bottom" if band.words_at == "top" else "top")
        spots = [_Spot(x0 + 4, heights[at], "start", 0.3 * i) for i, at in enumerate(order)]
        if words := room.place(text, spots, plot.frame):
            return words
    return []


def _level_name(level: Any, plot: _Plot, room: _Room) -> list[Words]:
    """The name of a line along it, at the end where nothing is in the way."""
    text = _text(level.text, room=plot.right - plot.left - 8)
    start, end = level.across or (None, None)
    x0 = plot.left if start is None else max(plot.left, plot.x(start))
    x1 = plot.right if end is None else min(plot.right, plot.x(end))
    y = plot.y(level.y)
    ends = {"left": (x0 + 4, "start"), "right": (x1 - 4 - text.width, "end")}
    heights = {"below": y + 4, "above": y - 3 - text.height}
    spots = []
    for i, side in enumerate((level.words_end, "right" if level.words_end == "left" else "left")):
        for j, where in enumerate((level.words_at, "above" if level.words_at == "below" else "below")):
            left, anchor = ends[side]
            spots.append(_Spot(left, heights[where], anchor, 0.6 * i + 0.4 * j))  # type: ignore[arg-type]
    for part in range(1, 10):
        for j, where in enumerate((level.words_at, "above" if level.words_at == "below" else "below")):
            spots.append(_Spot(x0 + part / 10 * (x1 - x0 - text.width), heights[where], "start", 1.5 + 0.4 * j))
    inside = (plot.left + 2, plot.top - 4, plot.right, plot.bottom - 1)
    return room.place(text, [spot for spot in spots if inside[1] <= spot.top <= inside[3] - text.height], inside) or []


# --- rows --------------------------------------------------------------------------------------------------------------------------

_NAMES_TAKE = 0.42  # of the width, at most
_BESIDE = 12.0  # px between the names and the plot


def _rows(drawing: Rows, width: float) -> Sheet:
    names = [_row_name(row, _NAMES_TAKE * width) for row in drawing.rows]
    left = max((text.width for texts in names for text in texts), default=0.0) + _BESIDE
    overhang = length(drawing.x.ticks[-1][1]) / 2 if drawing.x.ticks else 0.0
    right = width - max(8.0, overhang - (drawing.x.end - drawing.x.ticks[-1][0]) / (drawing.x.end - drawing.x.start) * (width - left))
    tall = max([float(drawing.row_height), *(sum(text.height for text in texts) + 14 for texts in names)])
    plot = _Plot(left, 6.0, right, 6.0 + tall * len(drawing.rows), drawing.x.start, drawing.x.end, 0.0, 1.0)
    room = _Room()
    back: list[Shape] = [Stroke(((plot.x(v), plot.top), (plot.x(v), plot.bottom)), "grid") for v, _ in drawing.x.ticks]
    figures: list[Shape] = []
    front: list[Shape] = []
    for i, (row, texts) in enumerate(zip(drawing.rows, names, strict=True)):
        middle = plot.top + (i + 0.5) * tall
        top = middle - (sum(text.height for text in texts) + 2 * (len(texts) - 1)) / 2
        for text in texts:
            front += room.take(text.at(left - _BESIDE, top, "end"))
            top += text.height + 2
        shapes, words = _row(row, middle, tall, plot, room)
        figures += shapes
        front += words
    ticks, height = _x_words(drawing.x, plot, width, room)
    front += ticks
    return Sheet(width, plot.bottom + height + 2, (*back, *figures, *front))


def _row_name(row: Row, most: float) -> list[_Text]:
    texts = [_text(row.name, "ink", most)] if row.name else []
    return [*texts, _text(row.detail, "soft", most)] if row.detail else texts


def _row(row: Row, middle: float, tall: float, plot: _Plot, room: _Room) -> tuple[list[Shape], list[Words]]:
    shapes: list[Shape] = []
    words: list[Words] = []
    band = (plot.left + 2, middle - tall / 2, plot.right + 8, middle + tall / 2)
    if row.bar is not None:
        half = min(0.21 * tall, 11.0)
        shapes.append(_rectangle(plot.x(0.0), middle - half, plot.x(row.bar), middle + half, "primary"))
    start = 0.0
    for segment in row.segments:
        half = min(0.29 * tall, 14.0)
        x0, x1 = plot.x(start), plot.x(start + segment.length)
        shapes.append(_rectangle(x0, middle - half, x1, middle + half, segment.tone, "page", 1.2))
        if segment.text:
            words += room.take([Words((x0 + x1) / 2, middle + 0.36 * SIZE, segment.text, _on(segment.tone), "middle")])
        start += segment.length
    if row.standard is not None:
        x, half = plot.x(row.standard), min(0.34 * tall, 16.0)
        shapes.append(Stroke(((x, middle - half), (x, middle + half)), "ink", 2.4))
        room.avoid(((x, middle - half), (x, middle + half)), 2.0)
    shapes += _beads(row, middle, plot, room)
    if row.bar_text:
        end = plot.x(row.bar if row.bar is not None else start)
        text = _text(f"<b>{row.bar_text}</b>", "ink")
        spots = [_Spot(end + 5, middle - text.over + 0.36 * SIZE, "start")]
        words += room.place(text, spots, band) or []
    for bead in row.beads:
        if bead.text:
            text = _text(f"<b>{bead.text}</b>", "ink")
            level = middle - text.over + 0.36 * SIZE
            x, high, low = (
                plot.x(bead.x),
                plot.x(bead.x if bead.high is None else bead.high),
                plot.x(bead.x if bead.low is None else bead.low),
            )
            above = _Spot(x - text.width / 2, middle - 9 - text.height, "middle", 0.0 if len(row.beads) > 1 else 1.0)
            beside = _Spot(high + 9, level, "start", 0.8 if len(row.beads) > 1 else 0.0)
            other = _Spot(low - 9 - text.width, level, "end", 0.9)
            words += room.place(text, [above, beside, other], band) or []
    if row.note:
        text = _text(row.note, "soft", plot.right - plot.left - 6)
        words += room.place(text, _around(plot.left + 6, middle - text.height / 2, text, "start", plot.frame), band) or []
    return shapes, words


def _beads(row: Row, middle: float, plot: _Plot, room: _Room) -> Iterator[Shape]:
    if len(row.beads) > 1:
        ends = ((plot.x(row.beads[0].x), middle), (plot.x(row.beads[-1].x), middle))
        yield Stroke(ends, "line", 2.4)
        room.avoid(ends)
    for bead in row.beads:
        if bead.low is not None and bead.high is not None:
            ends = ((max(plot.x(bead.low), plot.left), middle), (min(plot.x(bead.high), plot.right), middle))
            yield Stroke(ends, "line", 2.4)
            room.avoid(ends)
    for bead in row.beads:
        x = plot.x(bead.x)
        room.figures += [(x + dx, middle + dy, 2.0) for dx in (-5, 0, 5) for dy in (-5, 0, 5)]
        if bead.is_hollow:
            yield Disc(x, middle, 5.6, "page", "soft", 1.8)
        else:
            yield Disc(x, middle, 6.2, "primary")


def _on(tone: str) -> str:
    """What can be read on a segment of the scale."""
    return "page" if tone in ("step_4", "step_5", "primary", "ink") else "ink"
