"""What is a chart, before anything draws it?

Plain descriptions: what stands where and which words go with it. `plotly_figure` draws them for the screen; a renderer for paper reads
the same. Tones are names of colours in `theme`; positions are dates or plain numbers; every word is already in the reader's language.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, Literal, TypeVar

Position = date | float
P = TypeVar("P", date, float)


@dataclass(frozen=True)
class Point:
    """One value, with its 95 % interval where there is one; `y=None` leaves a gap in the line. With a `tone` it is a flagged one.

    No line leads to one that `is_alone`: what a period that still runs has counted so far is less than the one before it by nature.
    """

    x: Position
    y: float | None
    low: float | None = None
    high: float | None = None
    is_hollow: bool = False
    is_alone: bool = False
    hover: str = ""
    tone: str = ""


def runs(points: Iterable[Point], is_in: Callable[[Point], bool]) -> Iterator[list[Point]]:
    """The stretches of neighbours that belong to it."""
    run: list[Point] = []
    for point in points:
        if is_in(point):
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


@dataclass(frozen=True)
class Series:
    """Points that belong together; `name` is written where the line ends, inside the plot. A quiet one is thin, without dots.

    A "curve" is a thin line without points, dashed as "dashes"; "specks" are small dots, "diamonds" those that stand out.
    """

    points: tuple[Point, ...]
    name: str = ""
    tone: str = "ink"
    shape: Literal["line", "dots", "bars", "steps", "curve", "dashes", "specks", "diamonds"] = "line"
    name_at: Literal["above", "below"] = "above"
    is_quiet: bool = False


@dataclass(frozen=True)
class Note:
    """Words inside the plot, such as "no report" where a line stops; `leads_to` is the height of the point that they are about."""

    x: Position
    y: float
    text: str
    tone: str = "soft"
    align: Literal["left", "center", "right"] = "center"
    leads_to: float | None = None


@dataclass(frozen=True)
class Level:
    """A line to compare with, across the panel or a part of it; its words stand at its left end, away from the newest figures, or at
    its right one where it is said so.
    """

    y: float
    text: str
    dash: Literal["solid", "dash", "dot", "longdashdot"] = "dash"
    across: tuple[Position, Position] | None = None
    words_at: Literal["above", "below"] = "below"
    words_end: Literal["left", "right"] = "left"


@dataclass(frozen=True)
class Band:
    """A stretch of the horizontal axis that is shaded and named, such as the months that set the limits."""

    start: Position
    end: Position
    text: str
    words_at: Literal["top", "bottom"] = "bottom"


@dataclass(frozen=True)
class Axis(Generic[P]):
    """From where to where, and what is written at which position; the unit is on the last tick only."""

    start: P
    end: P
    ticks: tuple[tuple[P, str], ...]


@dataclass(frozen=True)
class Panel:
    """One lane on the shared horizontal axis. `share` is its part of the height, `aside` its newest figure in words, at the right."""

    series: tuple[Series, ...]
    y: Axis[float]
    title: str = ""
    aside: str = ""
    levels: tuple[Level, ...] = ()
    notes: tuple[Note, ...] = ()
    bands: tuple[Band, ...] = ()
    share: float = 1.0


@dataclass(frozen=True)
class Mark:
    """Something dated or fixed on the horizontal axis that goes through every panel: an event, the day of the standard.

    The main ones (the programme's start) are drawn strongly and named first; `short` is what a lesser one is called where several
    have room. One without text is only a line.
    """

    x: Position
    text: str
    short: str = ""
    is_main: bool = False


@dataclass(frozen=True)
class Graph:
    """One panel, or several over each other, on one horizontal axis."""

    panels: tuple[Panel, ...]
    x: Axis[date] | Axis[float]
    marks: tuple[Mark, ...] = ()
    height: int = 340


@dataclass(frozen=True)
class Bead:
    """A dot in a row: filled or hollow, with its interval as a thin line."""

    x: float
    text: str = ""
    is_hollow: bool = False
    low: float | None = None
    high: float | None = None
    hover: str = ""


@dataclass(frozen=True)
class Segment:
    """A part of a stacked bar."""

    length: float
    tone: str
    text: str = ""
    hover: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a row chart. A row without anything to draw keeps its place and says why in `note`.

    `bar_text` stands at the end of the bar, or of the last segment.
    """

    name: str
    detail: str = ""
    beads: tuple[Bead, ...] = ()
    segments: tuple[Segment, ...] = ()
    bar: float | None = None
    bar_text: str = ""
    standard: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Rows:
    """Named rows on one horizontal axis, first row on top."""

    rows: tuple[Row, ...]
    x: Axis[float]
    row_height: int = 44


@dataclass(frozen=True)
class Chart:
    """A drawing with everything a reader needs around it: the finding, what it measures, where from, how it reads without eyes."""

    key: str
    title: str
    subtitle: str
    alt: str
    drawing: Graph | Rows
    source: str = ""
    caveat: str = ""
    facts: tuple[str, ...] = field(default=())
