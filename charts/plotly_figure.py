"""How does a described chart look on the screen?

Figures are put together as plain dictionaries (building them from plotly express costs ten times as much) and must fit 330 px and
1280 px alike: words stand inside the plot, event labels take two lines.
"""

import math
import zlib
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from charts.model import Axis, Chart, Graph, Mark, Panel, Point, Position, Row, Rows, Series, runs
from charts.theme import TICK_PX, Theme, colours, dressed
from charts.width import width_px
from charts.words import wrapped
from text import language

Spec = dict[str, Any]
_NAME_COVERS = 0.4  # the part of a narrow chart that a name at the end of a line takes up
_ROW_CHARACTERS = {"en": (24, 30), "km": (11, 16)}  # in a line of a row's name, and of what stands under it
_LINE_PX = 20
_DETAIL_PX = 12  # what stands under a name
_NARROWEST_PX = 330
_ROOM_PX = 8  # what plotly leaves beyond the words of an axis: the least of the margins, at most 12
_LEFT_PX, _ROW_LEFT_PX = 9, 17  # the same with what it leaves between them and the upright axis
_RIGHT_PX = _ROOM_PX
_BETWEEN_PX = 4  # the least between two words of an axis
_BELOW_PX, _ROW_BELOW_PX = 34, 26  # what one line of words under the axis takes


def figure(chart: Chart, theme: Theme) -> go.Figure:
    """The plotly figure of a chart in one theme."""
    c = colours(theme)
    spec = _graph(chart.drawing, c) if isinstance(chart.drawing, Graph) else _rows(chart.drawing, c)
    spec["layout"] = dressed(spec["layout"], theme)
    # Streamlit hands plotly every figure twice; without a name for its data it would be drawn twice.
    spec["layout"]["datarevision"] = zlib.crc32(repr(spec["data"]).encode())
    return go.Figure(spec, _validate=False)  # plotly's own checks would take six times as long; a test makes them for every chart


def _at(position: Position) -> str | float:
    return position.isoformat() if isinstance(position, date) else position


# --- graphs: panels on one axis ---------------------------------------------------------------------------------------------------


def _graph(graph: Graph, c: Any) -> Spec:
    traces: list[Spec] = []
    floor = 28 if graph.panels[0].title else 3  # event words stand above the first panel's title, the lesser ones in the lowest line
    lesser = 17 if any(mark.short for mark in graph.marks) else 0
    words = 15 * max((mark.text.count("<br>") + 1 for mark in graph.marks if mark.text), default=0)
    top = floor + lesser + words + 10
    layout: Spec = {"height": graph.height, "margin": _graph_margin(graph, top), "shapes": [], "annotations": []}
    gap_px, inner = 48, graph.height - top - 40
    gap = gap_px / inner if len(graph.panels) > 1 else 0.0
    unit = (1 - gap * (len(graph.panels) - 1)) / sum(p.share for p in graph.panels)
    upper = 1.0
    for number, panel in enumerate(graph.panels, 1):
        lower = max(0.0, upper - panel.share * unit)
        suffix = "" if number == 1 else str(number)
        is_last = number == len(graph.panels)
        layout[f"xaxis{suffix}"] = _x_axis(graph, anchor=f"y{suffix}", shared=not is_last, left=layout["margin"]["l"])
        layout[f"yaxis{suffix}"] = {
            "domain": [lower, upper],
            "anchor": f"x{suffix}",
            "range": [panel.y.start, panel.y.end],
            "tickvals": [v for v, _ in panel.y.ticks],
            "ticktext": [text for _, text in panel.y.ticks],
        }
        if panel.title:
            layout["annotations"].append(
                {
                    "x": 0,
                    "xref": "paper",
                    "xanchor": "left",
                    "xshift": _ROOM_PX - layout["margin"]["l"],
                    "y": upper,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "yshift": 8,
                    "text": f"<b>{panel.title}</b>",
                    "bgcolor": c["page"],
                    "font": {"size": 13, "color": c["ink"]},
                }
            )
        if panel.aside:
            layout["annotations"].append(
                {
                    "x": 1,
                    "xref": "paper",
                    "xanchor": "right",
                    "y": upper,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "yshift": 8,
                    "text": panel.aside,
                    "bgcolor": c["page"],
                    "font": {"size": 13, "color": c["ink"]},
                }
            )
        for series in panel.series:
            traces += [{**trace, "xaxis": f"x{suffix}", "yaxis": f"y{suffix}"} for trace in _series(series, c)]
        layout["shapes"] += [*_bands(panel, suffix, c), *_levels(panel, graph, suffix, c)]
        layout["annotations"] += list(_panel_words(panel, graph, suffix, c))
        upper = lower - gap
    for mark, side in _sides(graph):
        layout["shapes"].append(
            {
                "type": "line",
                "x0": _at(mark.x),
                "x1": _at(mark.x),
                "xref": "x",
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "layer": "below",
                "line": {
                    "color": c["ink"] if mark.is_main else c["line"],
                    "width": 1.8 if mark.is_main else 1,
                    "dash": "dash" if mark.is_main else "dot",
                },
            }
        )
        if mark.text or mark.short:
            is_lesser = not mark.text
            at = side if not is_lesser or abs(_part(mark, graph) - 0.5) > 0.4 else "center"
            layout["annotations"].append(
                {
                    "x": _at(mark.x),
                    "xref": "x",
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "yshift": floor if is_lesser else floor + lesser,
                    "xanchor": at,
                    "align": at,
                    "text": mark.short if is_lesser else mark.text,
                    "font": {"size": 12, "color": c["soft"] if is_lesser else c["ink"]},
                }
            )
    return {"data": traces, "layout": layout}


def _graph_margin(graph: Graph, top: int) -> Spec:
    """Room for the words of the axes. Plotly makes more where it is too little, but draws everything a second time then."""
    left = max(width_px(text, TICK_PX) for panel in graph.panels for _, text in panel.y.ticks) + _LEFT_PX
    lines = max((text.count("<br>") + 1 for _, text in graph.x.ticks), default=1)
    return {"l": left, "r": max(_RIGHT_PX, _overhang_px(graph.x, left)), "t": top, "b": _BELOW_PX + (lines - 1) * _LINE_PX}


def _overhang_px(axis: Axis[Any], left: int) -> int:
    """How far the words of the last tick run out of the plot on the narrowest screen, with plotly's room beside them."""
    if not axis.ticks:
        return 0
    last, text = axis.ticks[-1]
    inside = (axis.end - last) / (axis.end - axis.start) * (_NARROWEST_PX - left)
    return max(0, math.ceil(width_px(text, TICK_PX) / 2 - inside)) + _ROOM_PX


def _x_axis(graph: Graph, *, anchor: str, shared: bool, left: int) -> Spec:
    ticks = _with_room(graph.x, left)
    axis: Spec = {
        "anchor": anchor,
        "range": [_at(graph.x.start), _at(graph.x.end)],
        "type": "date" if isinstance(graph.x.start, date) else "linear",
        "tickvals": [_at(v) for v, _ in ticks],
        "ticktext": [text for _, text in ticks],
    }
    if shared:
        axis |= {"showticklabels": False, "showline": False, "ticks": ""}
    return axis


def _with_room(axis: Axis[Any], left: int) -> tuple[tuple[Any, str], ...]:
    """All words of an axis, or every second or third of them up to the last, as the narrowest screen has room; plotly would turn them."""
    wide = [width_px(text, TICK_PX) for _, text in axis.ticks]
    if len(wide) < 2:
        return axis.ticks
    apart = (axis.ticks[1][0] - axis.ticks[0][0]) / (axis.end - axis.start) * (_NARROWEST_PX - left)
    needed = max((one + other) / 2 for one, other in pairwise(wide)) + _BETWEEN_PX
    return axis.ticks[:: -max(1, math.ceil(needed / apart))][::-1]


def _sides(graph: Graph) -> Iterator[tuple[Mark, str]]:
    """Words run to the side with more room."""
    for mark in graph.marks:
        yield mark, "left" if _part(mark, graph) < 0.5 else "right"


def _part(mark: Mark, graph: Graph) -> float:
    """Where a mark stands on the axis, from 0 to 1."""
    start, end = graph.x.start, graph.x.end
    return (mark.x - start) / (end - start)  # type: ignore[operator, return-value]


def _bands(panel: Panel, suffix: str, c: Any) -> Iterator[Spec]:
    """Behind everything, so they come first."""
    for band in panel.bands:
        yield {
            "type": "rect",
            "x0": _at(band.start),
            "x1": _at(band.end),
            "y0": panel.y.start,
            "y1": panel.y.end,
            "xref": f"x{suffix}",
            "yref": f"y{suffix}",
            "layer": "below",
            "fillcolor": c["band"],
            "line": {"width": 0},
        }


def _levels(panel: Panel, graph: Graph, suffix: str, c: Any) -> Iterator[Spec]:
    for level in panel.levels:
        yield {
            "type": "line",
            "x0": _at(level.across[0] if level.across else graph.x.start),
            "x1": _at(level.across[1] if level.across else graph.x.end),
            "y0": level.y,
            "y1": level.y,
            "xref": f"x{suffix}",
            "yref": f"y{suffix}",
            "layer": "below",
            "line": {"color": c["line"], "width": 1.2, "dash": level.dash},
        }


def _panel_words(panel: Panel, graph: Graph, suffix: str, c: Any) -> Iterator[Spec]:
    place = {"xref": f"x{suffix}", "yref": f"y{suffix}"}
    for band in panel.bands:
        yield {
            **place,
            "x": _at(band.start),
            "y": panel.y.start if band.words_at == "bottom" else panel.y.end,
            "xanchor": "left",
            "align": "left",
            "xshift": 4,
            "yanchor": band.words_at,
            "yshift": 3 if band.words_at == "bottom" else -3,
            "text": band.text,
            "font": {"size": 12, "color": c["soft"]},
        }
    for level in panel.levels:
        if not level.text:
            continue
        is_left = level.words_end == "left"
        ends = level.across or (graph.x.start, graph.x.end)
        yield {
            **place,
            "x": _at(ends[0] if is_left else ends[1]),
            "y": level.y,
            "xanchor": level.words_end,
            "xshift": 4 if is_left else -4,
            "yanchor": "top" if level.words_at == "below" else "bottom",
            "text": level.text,
            "font": {"size": 12, "color": c["soft"]},
        }
    for note in panel.notes:
        yield {
            **place,
            "x": _at(note.x),
            "y": note.y,
            "xanchor": note.align,
            "align": note.align,
            "xshift": 0 if note.leads_to is None else 5 if note.align == "left" else -5,
            "yanchor": "top" if note.leads_to is not None and note.leads_to > note.y else "bottom",
            "text": note.text,
            "bgcolor": c["page"],
            "borderpad": 1,
            "font": {"size": 12, "color": c[note.tone]},
        }
        if note.leads_to is not None:
            yield {
                **place,
                "x": _at(note.x),
                "y": note.leads_to,
                "ax": _at(note.x),
                "ay": note.y,
                "axref": f"x{suffix}",
                "ayref": f"y{suffix}",
                "showarrow": True,
                "arrowhead": 0,
                "arrowwidth": 1.2,
                "arrowcolor": c[note.tone],
                "standoff": 6,
                "text": "",
                "font": {"size": 12, "color": c[note.tone]},
            }
    for series in panel.series:
        known = [p for p in series.points if p.y is not None]
        if series.name and known:
            above = series.name_at == "above"
            under_the_name = [p.y or 0.0 for p in known[-math.ceil(_NAME_COVERS * len(series.points)) :]]
            yield {
                **place,
                "x": _at(known[-1].x),
                "y": max(under_the_name) if above else min(under_the_name),
                "xanchor": "right",
                "align": "right",
                "yanchor": "bottom" if above else "top",
                "yshift": 9 if above else -9,
                "text": series.name if series.is_quiet else f"<b>{series.name}</b>",
                "font": {"size": 12 if series.is_quiet else 14, "color": c[series.tone]},
            }


def _series(series: Series, c: Any) -> Iterator[Spec]:
    tone, points = c[series.tone], series.points
    x, y = [_at(p.x) for p in points], [p.y for p in points]
    if series.shape == "bars":
        fill = [c["page"] if p.is_hollow else tone for p in points]
        marker = {"color": fill, "line": {"color": tone, "width": [1.5 if p.is_hollow else 0 for p in points]}}
        yield {"type": "bar", "x": x, "y": y, "marker": marker, "hovertext": [p.hover for p in points], "hoverinfo": "text"}
        return
    if series.shape in ("curve", "dashes"):
        dash = {"color": tone, "width": 1.2, "dash": "solid" if series.shape == "curve" else "dash"}
        yield {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": dash, "hoverinfo": "skip"}
        return
    if any(p.low is not None for p in points):
        yield from _interval(series, c)
    if series.shape in ("line", "steps"):
        width = 1.4 if series.is_quiet else 2 if series.shape == "line" else 2.6
        line = {"color": tone, "width": width, "shape": "hv" if series.shape == "steps" else "linear"}
        run: Spec = {"type": "scatter", "mode": "lines", "x": x, "connectgaps": False, "hoverinfo": "skip"}
        yield {**run, "y": [None if p.is_hollow else p.y for p in points], "line": line}
        if any(p.is_hollow for p in points):
            yield {**run, "y": _provisional(points), "line": {**line, "dash": "dot", "width": 1.5}}
    sizes = {"dots": 9, "specks": 5.5, "diamonds": 12, "steps": 0.1}
    size = 0.1 if series.is_quiet else sizes.get(series.shape, 5.5 if len(points) <= 30 else 4)
    hollow = [p.is_hollow for p in points]
    flagged = 11 if len(points) <= 30 else 7.5
    tones = [c[p.tone] if p.tone else tone for p in points]
    yield {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "hovertext": [p.hover for p in points],
        "hoverinfo": "text",
        "marker": {
            "symbol": ["diamond" if p.tone or series.shape == "diamonds" else "circle" for p in points],
            "opacity": 1 if series.shape in ("diamonds", "dots") or any(p.tone for p in points) else 0.7,
            "size": [8 if p.is_hollow else flagged if p.tone else size for p in points],
            "color": [c["page"] if h else own for h, own in zip(hollow, tones, strict=True)],
            "line": {"color": tone, "width": [2 if h else 0 for h in hollow]},
        },
    }


def _provisional(points: tuple[Point, ...]) -> list[float | None]:
    """The hollow points and their neighbours: what is drawn dotted, because it may still change."""
    near = [any(q.is_hollow and not q.is_alone for q in points[max(0, i - 1) : i + 2]) for i in range(len(points))]
    return [p.y if is_near and not p.is_alone else None for p, is_near in zip(points, near, strict=True)]


def _interval(series: Series, c: Any) -> Iterator[Spec]:
    """Dots carry upright bars; a line carries a pale band, broken where the line is."""
    known = [p for p in series.points if p.y is not None and p.low is not None and p.high is not None]
    if series.shape == "dots":
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": [_at(p.x) for p in known],
            "y": [p.y for p in known],
            "hoverinfo": "skip",
            "marker": {"size": 1, "color": c["line"]},
            "error_y": {
                "type": "data",
                "symmetric": False,
                "color": c["line"],
                "thickness": 2,
                "width": 4,
                "array": [(p.high or 0.0) - (p.y or 0.0) for p in known],
                "arrayminus": [(p.y or 0.0) - (p.low or 0.0) for p in known],
            },
        }
        return
    for run in runs(series.points, lambda p: None not in (p.y, p.low, p.high)):
        yield {
            "type": "scatter",
            "mode": "lines",
            "hoverinfo": "skip",
            "line": {"width": 0},
            "fill": "toself",
            "fillcolor": c["band"],
            "x": [_at(p.x) for p in run] + [_at(p.x) for p in reversed(run)],
            "y": [p.high for p in run] + [p.low for p in reversed(run)],
        }


# --- rows: named lines, one over the other ----------------------------------------------------------------------------------------


def _rows(drawing: Rows, c: Any) -> Spec:
    rows = drawing.rows
    margin = _row_margin(drawing)
    ticks = _with_room(drawing.x, margin["l"])
    layout: Spec = {
        "height": max(drawing.row_height, _LINE_PX * _most_lines(rows)) * len(rows) + 46,
        "margin": margin,
        "shapes": [],
        "annotations": [],
        "barmode": "stack",
        "bargap": 0.45,
        "xaxis": {
            "range": [drawing.x.start, drawing.x.end],
            "tickvals": [v for v, _ in ticks],
            "ticktext": [text for _, text in ticks],
            "showline": False,
            "showgrid": True,
            "gridcolor": c["grid"],
            "ticks": "",
            "ticklabeloverflow": "allow",
        },
        "yaxis": {
            "range": [len(rows) - 0.4, -0.6],
            "tickvals": list(range(len(rows))),
            "ticktext": [_row_name(row, c) for row in rows],
            "showgrid": False,
            "tickfont": {"color": c["ink"], "size": 13},
            "ticklabelstandoff": 8,
        },
    }
    for i, row in enumerate(rows):
        if row.standard is not None:
            layout["shapes"].append(
                {
                    "type": "line",
                    "x0": row.standard,
                    "x1": row.standard,
                    "y0": i - 0.34,
                    "y1": i + 0.34,
                    "line": {"color": c["ink"], "width": 2.5},
                }
            )
        if row.note:
            layout["annotations"].append(
                {"x": 0, "y": i, "text": row.note, "xanchor": "left", "xshift": 6, "font": {"size": 12, "color": c["soft"]}}
            )
        length = row.bar if row.bar is not None else sum(s.length for s in row.segments)
        if row.bar_text:
            layout["annotations"].append(
                {
                    "x": length,
                    "y": i,
                    "text": f"<b>{row.bar_text}</b>",
                    "xanchor": "left",
                    "xshift": 4,
                    "font": {"size": 13, "color": c["ink"]},
                }
            )
        _bead_words(row, i, layout, c)
    traces = [*_bars(rows, c), *_segments(rows, c), *_beads(rows, c)]
    return {"data": traces, "layout": layout}


def _row_margin(drawing: Rows) -> Spec:
    """Room for the names and the words under the axis; what is said of `_graph_margin` holds here too."""
    words = [row_words for row in drawing.rows for row_words in zip(_in_lines(row), (TICK_PX, _DETAIL_PX), strict=True)]
    left = max((width_px(text, size) for text, size in words), default=0) + _ROW_LEFT_PX
    return {"l": left, "r": max(_RIGHT_PX, _overhang_px(drawing.x, left)), "t": 8, "b": _ROW_BELOW_PX}


def _in_lines(row: Row) -> tuple[str, str]:
    """A row's name and what stands under it, in lines that leave a phone room for the plot."""
    of_name, of_detail = _ROW_CHARACTERS[language()]
    return wrapped(row.name, of_name), wrapped(row.detail, of_detail)


def _most_lines(rows: tuple[Row, ...]) -> int:
    """How many lines the longest name takes with what stands under it."""
    return max((sum(text.count("<br>") + 1 for text in _in_lines(row) if text) for row in rows), default=1)


def _row_name(row: Row, c: Any) -> str:
    name, detail = _in_lines(row)
    return name + (f"<br><span style='font-size:{_DETAIL_PX}px;color:{c['soft']}'>{detail}</span>" if detail else "")


def _on(tone: str, c: Any) -> str:
    """Ink that can be read on a step of the scale."""
    return c["ink"] if tone in ("step_1", "step_2", "band") else c["page"] if tone in ("step_4", "step_5", "primary", "ink") else c["ink"]


def _bars(rows: tuple[Row, ...], c: Any) -> Iterator[Spec]:
    """One trace for all rows: plotly's work grows with the number of traces more than with what is in them."""
    if bars := [(row.bar, i) for i, row in enumerate(rows) if row.bar is not None]:
        yield {
            "type": "bar",
            "orientation": "h",
            "x": [bar for bar, _ in bars],
            "y": [i for _, i in bars],
            "marker": {"color": c["primary"]},
            "width": 0.42,
            "hoverinfo": "skip",
        }


def _segments(rows: tuple[Row, ...], c: Any) -> Iterator[Spec]:
    """A trace for the first segments of all rows, one for the second and so on."""
    for place in range(max(len(row.segments) for row in rows)):
        parts = [(row.segments[place], i) for i, row in enumerate(rows) if place < len(row.segments)]
        yield {
            "type": "bar",
            "orientation": "h",
            "x": [s.length for s, _ in parts],
            "y": [i for _, i in parts],
            "width": 0.58,
            "marker": {"color": [c[s.tone] for s, _ in parts], "line": {"color": c["page"], "width": 1.5}},
            "text": [s.text for s, _ in parts],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "hovertext": [s.hover or s.text for s, _ in parts],
            "hoverinfo": "text",
            "textfont": {"size": 12, "color": [_on(s.tone, c) for s, _ in parts]},
        }


def _beads(rows: tuple[Row, ...], c: Any) -> Iterator[Spec]:
    """One trace for the dots of all rows."""
    if beads := [(bead, i) for i, row in enumerate(rows) for bead in row.beads]:
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": [bead.x for bead, _ in beads],
            "y": [i for _, i in beads],
            "hovertext": [bead.hover for bead, _ in beads],
            "hoverinfo": "text",
            "cliponaxis": False,
            "marker": {
                "size": 12,
                "opacity": 1,
                "color": [c["page"] if bead.is_hollow else c["primary"] for bead, _ in beads],
                "line": {"width": 2, "color": [c["soft"] if bead.is_hollow else c["primary"] for bead, _ in beads]},
            },
        }


def _bead_words(row: Row, i: int, layout: Spec, c: Any) -> None:
    """The lines behind the dots of a row, and the numbers beside them."""
    if len(row.beads) > 1:
        layout["shapes"].append(
            {
                "type": "line",
                "x0": row.beads[0].x,
                "x1": row.beads[-1].x,
                "y0": i,
                "y1": i,
                "layer": "below",
                "line": {"color": c["line"], "width": 3},
            }
        )
    for bead in row.beads:
        if bead.low is not None and bead.high is not None:
            layout["shapes"].append(
                {
                    "type": "line",
                    "x0": bead.low,
                    "x1": bead.high,
                    "y0": i,
                    "y1": i,
                    "layer": "below",
                    "line": {"color": c["line"], "width": 3},
                }
            )
        if bead.text:
            # one of two beads is named above itself, where neither the other bead nor the official time can stand in the way
            beside: Spec = {"x": bead.x if bead.high is None else bead.high, "xanchor": "left", "xshift": 10}
            above: Spec = {"x": bead.x, "xanchor": "center", "yanchor": "bottom", "yshift": 5}
            layout["annotations"].append(
                {
                    **(above if len(row.beads) > 1 else beside),
                    "y": i,
                    "text": f"<b>{bead.text}</b>",
                    "font": {"size": 13, "color": c["ink"]},
                }
            )
