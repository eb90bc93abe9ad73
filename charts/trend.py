"""How did a measure move over time?"""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import pandas as pd

from charts import findings
from charts.axes import period_end, span_text, start_of, starts_at, time_axis, value_axis
from charts.model import Axis, Chart, Graph, Level, Mark, Note, Panel, Point, Series
from charts.words import Around, amount, base, caveat, is_known, label, likely, metric_key, said, scope, source
from metrics.matched import FEWEST_REPORTED
from metrics.model import Metric, Sum
from metrics.query import Filters, Result
from text import number, plural, t

_PHONE_PX, _LETTER_PX = 310, 6.6  # the narrowest plot, and a letter of 12 px
_NAME_HEIGHT = 0.09  # of a line's name, as a part of the plot's height
FULLY_REPORTED_PCT = 100 * FEWEST_REPORTED  # a month reported by fewer is drawn hollow and not judged


def trend(
    result: Result,
    around: Around,
    *,
    split: str | None = None,
    level: float | None = None,
    metric: str | None = None,
    also: Sequence[float | None] = (),
) -> Chart:
    """One line for the chosen cells, or one for each value of `split` (a column of the result, such as `covered`).

    A gap is a gap: hidden and missing periods break the line. Hollow: the period still runs, or too few facilities reported it.
    `level` draws a line to compare with; `also` are other values for which the axis has room.
    """
    chosen = next((m for m in result.metrics if m.name == metric), result.metrics[0])
    period = result.query.period or "month"
    lines = [(str(code), part) for code, part in result.table.groupby(split, sort=False)] if split else [("", result.table)]
    lines.sort(key=lambda line: line[0] != "yes")  # covered first, else in the order of the result
    series = tuple(
        _line(part, chosen, period, around, code, tone, is_alone=len(lines) == 1)
        for (code, part), tone in zip(lines, ("primary", "soft", "ink", "line"), strict=False)
    )
    known = [value for s in series for p in s.points for value in (p.y, p.low, p.high)] + [level, *also]
    y = value_axis(known, chosen.unit, start=start_of(known, chosen.unit))
    starts = [p.x for s in series for p in s.points if isinstance(p.x, date)]
    notes = tuple(gap_notes(result.table, chosen, y, around.data_to)) if len(lines) == 1 else ()
    panel = Panel(
        name_lines(series) if len(series) < 3 else tuple(replace(line, name="") for line in series),
        y,
        levels=(Level(level, t("chart.compare_level", value=amount(chosen, level))),) if level is not None else (),
        notes=notes if len(series) < 3 else stacked_names(series, y),
    )
    axis = time_axis(min(starts), max(starts))
    drawing = Graph((panel,), axis, named_marks(around.events, axis))
    return Chart(
        key=f"trend-{metric_key(chosen)}-{split or 'all'}",
        title=_finding(lines, chosen, period, around, split, result.query.where),
        drawing=drawing,
        subtitle=t("chart.trend_subtitle", measure=label(chosen), period=t(f"period.by_{period}"), scope=scope(result.query.where, around))
        + (" " + t("chart.covered_means") if split == "covered" else "")
        + (" " + t("chart.hollow") if len(set(starts)) > 1 and any(p.is_hollow for s in series for p in s.points) else "")
        + f" {starts_at(y, chosen.unit)}".rstrip(),
        alt=_alt(series, chosen, period, around),
        source=source(chosen.fact.name, around),
        caveat=caveat(chosen),
    )


def _line(part: pd.DataFrame, metric: Metric, period: str, around: Around, code: str, tone: str, *, is_alone: bool) -> Series:
    ordered = part.sort_values("period_start")
    points, expected = [], None
    for row in ordered.to_dict("records"):
        start = as_date(row["period_start"])
        while expected is not None and expected < start:
            points.append(Point(expected, None))
            expected = period_end(expected, period)
        points.append(point(row, metric, period, around, with_interval=is_alone))
        expected = period_end(start, period)
    name = around.name(code) if code else ""
    return Series(tuple(points), name, tone, shape_of(points))


def shape_of(points: Sequence[Point]) -> Literal["line", "dots"]:
    """Dots where most figures stand alone, as with rounds of feedback: a line would only be its own gaps."""
    known = [point.y is not None for point in points]
    alone = [is_known and not any(known[max(0, i - 1) : i] + known[i + 1 : i + 2]) for i, is_known in enumerate(known)]
    return "dots" if sum(alone) > sum(known) / 2 else "line"


def point(
    row: dict[Hashable, Any], metric: Metric, period: str, around: Around, *, with_interval: bool = True, x: date | None = None
) -> Point:
    """A row of a result as a point: its interval, whether it is provisional, and what it says when touched."""
    start = as_date(row["period_start"])
    value, status = row[metric.name], row[f"{metric.name}_status"]
    reported = row.get("reporting_completeness_pct")
    is_partial = metric.name != "reporting_completeness_pct" and is_known(reported) and reported < FULLY_REPORTED_PCT
    late = 1 if metric.name == "reporting_completeness_pct" else 0  # the reports of a month come in the month after it
    is_running = period_end(start, period).toordinal() - 1 + late > around.data_to.toordinal()
    is_shown = status == "shown" and is_known(value) and not (late and is_running)  # a report that is not due yet is not missing
    low, high = row.get(f"{metric.name}_low"), row.get(f"{metric.name}_high")
    has_interval = with_interval and is_shown and is_known(low) and is_known(high)
    words = [f"<b>{span_text(start, period)}</b>", said(metric, value, status)]
    if is_shown and is_known(low) and is_known(high):
        words.append(likely(metric, low, high))
    if is_known(row.get(f"{metric.name}_n")):
        words.append(base(metric, row[f"{metric.name}_n"]))
    words += [t("chart.reported_by", share=number(reported, 0))] if is_partial else []
    words += [t("chart.still_running")] if is_running else []
    return Point(
        x or start,
        float(value) if is_shown else None,
        low if has_interval else None,
        high if has_interval else None,
        is_hollow=is_shown and (is_partial or is_running),
        is_alone=is_running and isinstance(metric.kind, Sum) and not metric.fact.is_stock,
        hover="<br>".join(words),
    )


def gap_notes(table: pd.DataFrame, metric: Metric, y: Axis[float], data_to: date) -> list[Note]:
    """One word where a line stops: hidden, or no report. Long gaps get one note in their middle; what is not due yet is no gap."""
    notes: list[Note] = []
    run: list[date] = []
    kind, foot = "", y.start + 0.02 * (y.end - y.start)
    ordered = table.sort_values("period_start")
    for start, status in [*zip(ordered["period_start"], ordered[f"{metric.name}_status"], strict=True), (None, "shown")]:
        if status != kind and run:
            is_due = kind != "no_data" or run[0] < data_to.replace(day=1)
            if kind in ("hidden", "no_data", "not_reached") and is_due:
                middle = run[len(run) // 2]
                notes.append(Note(middle, foot, t(f"gap.{kind}"), align=_side(middle, ordered["period_start"])))
            run = []
        kind = status
        if start is not None:
            run.append(as_date(start))
    if len(notes) > 3 or len(ordered) < 2:
        return [] if len(notes) > 3 else notes
    room = 0.27 * (as_date(ordered["period_start"].iloc[-1]) - as_date(ordered["period_start"].iloc[0])).days
    starts = [as_date(note.x) for note in notes]
    return [note for i, note in enumerate(notes) if i == 0 or (starts[i] - starts[i - 1]).days > room]


def _side(at: date, starts: pd.Series) -> Literal["left", "center", "right"]:
    """Near an end of the axis a note runs inwards, so that it is not cut off."""
    first, last = as_date(starts.iloc[0]), as_date(starts.iloc[-1])
    part = (at - first).days / max((last - first).days, 1)
    return "left" if part < 0.1 else "right" if part > 0.9 else "center"


def stacked_names(series: tuple[Series, ...], axis: Axis[float]) -> tuple[Note, ...]:
    """The names of three lines or more at their ends, in the order of the lines, far enough apart to be read."""
    ends = sorted(((p.y, p.x, line) for line in series if (p := _last_known(line)) and p.y is not None), key=lambda end: end[0])
    notes: list[Note] = []
    tall = axis.end - axis.start
    for y, x, line in ends:
        lowest = notes[-1].y + _NAME_HEIGHT * tall if notes else axis.start
        notes.append(Note(x, max(y + 0.02 * tall, lowest), f"<b>{line.name}</b>", line.tone, "right"))
    over = max(0.0, max((note.y for note in notes), default=axis.start) - (axis.end - 0.08 * tall))
    return tuple(replace(note, y=note.y - over) for note in notes)


def _last_known(line: Series) -> Point | None:
    return next((point for point in reversed(line.points) if point.y is not None), None)


def name_lines(series: tuple[Series, ...]) -> tuple[Series, ...]:
    """Names above the higher line and below the lower one, so that they do not meet; which is higher, the newest settled figures say."""
    if len(series) != 2:
        return series
    settled = [[p.y for p in s.points if p.y is not None and not p.is_hollow] or [0.0] for s in series]
    last = [known[-1] for known in settled]
    places = ("above", "below") if last[0] >= last[1] else ("below", "above")
    return tuple(Series(s.points, s.name, s.tone, s.shape, place) for s, place in zip(series, places, strict=True))  # type: ignore[arg-type]


def named_marks(events: Sequence[Mark], axis: Axis[date]) -> tuple[Mark, ...]:
    """Every event on the axis is a line; the programme's start carries words and short names stand where there is room, else the last."""
    marks = [mark for mark in events if isinstance(mark.x, date) and axis.start <= mark.x <= axis.end]
    if any(mark.is_main for mark in marks):
        return all_marks(marks, axis)
    named = next((mark for mark in marks if mark.is_main), marks[-1] if marks else None)
    return tuple(replace(mark, short="", text=mark.text if mark is named else "") for mark in marks)


def all_marks(events: Sequence[Mark], axis: Axis[date]) -> tuple[Mark, ...]:
    """Every event on the axis; the programme's start in full above, the others by their short names as far as a phone has room."""
    taken: list[tuple[float, float]] = []
    drawn: list[Mark] = []
    span = (axis.end - axis.start).days
    for mark in sorted((m for m in events if isinstance(m.x, date) and axis.start <= m.x <= axis.end), key=lambda m: not m.is_main):
        half = (_LETTER_PX * len(mark.short) / 2 + 4) / _PHONE_PX
        at = min(max((as_date(mark.x) - axis.start).days / span, half), 1 - half)
        has_room = not mark.is_main and all(abs(at - other) > half + reach for other, reach in taken)
        if has_room:
            taken.append((at, half))
        is_first = mark.is_main and not any(m.is_main for m in drawn)
        drawn.append(replace(mark, text=mark.text if is_first else "", short=mark.short if has_room else ""))
    return tuple(drawn)


def as_date(value: object) -> date:
    """A day, whichever of pandas and Python made it."""
    return pd.Timestamp(value).date()  # type: ignore[arg-type]


def _finding(lines: list[tuple[str, pd.DataFrame]], metric: Metric, period: str, around: Around, split: str | None, where: Filters) -> str:
    """The latest full figure, beside the one a year before it, or beside the other line."""
    if split and len(lines) > 1:
        known = [{as_date(row["period_start"]): row for row in _over(part, metric, period, around)} for _, part in lines]
        if not (shared := set.intersection(*(set(rows) for rows in known))):  # figures of two periods are no pair
            return t("finding.none", measure=label(metric))
        newest = max(shared)
        ends = {code: float(rows[newest][metric.name]) for (code, _), rows in zip(lines, known, strict=True)}
        return findings.side_by_side(metric, split, ends, span_text(newest, period), around)
    table = lines[0][1]
    last = _latest(table, metric, period, around)
    if last is None:
        return t("finding.none", measure=label(metric))
    newest = as_date(last["period_start"])
    is_earlier = table["period_start"].map(lambda d: as_date(d) == date(newest.year - 1, newest.month, 1))
    earlier = table[is_earlier & (table[f"{metric.name}_status"] == "shown")]
    before = None if earlier.empty else float(earlier.iloc[0][metric.name])
    return findings.over_time(metric, where, float(last[metric.name]), span_text(newest, period), before)


def headline(result: Result, around: Around) -> str:
    """The finding of one line without its chart, for the lead of a page; empty where nothing is shown."""
    metric, period = result.metrics[0], result.query.period or "month"
    if newest(result, around) is None:
        return ""
    return _finding([("", result.table)], metric, period, around, None, result.query.where)


def newest(result: Result, around: Around) -> dict[Hashable, Any] | None:
    """The row that `headline` tells; None where nothing is shown."""
    return _latest(result.table, result.metrics[0], result.query.period or "month", around)


def _latest(table: pd.DataFrame, metric: Metric, period: str, around: Around) -> dict[Hashable, Any] | None:
    """The newest shown period that is over and was reported."""
    rows = _over(table, metric, period, around)
    return rows[-1] if rows else None


def _over(table: pd.DataFrame, metric: Metric, period: str, around: Around) -> list[dict[Hashable, Any]]:
    """The shown periods that are over and were reported, the oldest first; where there are none, all that are shown."""
    rows = table[table[f"{metric.name}_status"] == "shown"].sort_values("period_start").to_dict("records")
    return [r for r in rows if not (p := point(r, metric, period, around)).is_hollow and p.y is not None] or rows


def _alt(series: tuple[Series, ...], metric: Metric, period: str, around: Around) -> str:
    parts = []
    for line in series:
        known = [p for p in line.points if p.y is not None]
        if not known:
            continue
        lowest, highest = min(known, key=lambda p: p.y or 0.0), max(known, key=lambda p: p.y or 0.0)
        told = {"first": known[0], "last": known[-1], "low": lowest, "high": highest}
        values = {name: amount(metric, p.y or 0.0) for name, p in told.items()}
        whens = {f"{name}_when": span_text(as_date(p.x), period) for name, p in told.items()}
        parts.append(t("chart.alt_line", name=line.name or label(metric), **values, **whens))
        if gaps := len(line.points) - len(known):
            parts.append(plural(gaps, "chart.alt_gap", "chart.alt_gaps"))
    return " ".join(parts) or t("finding.none", measure=label(metric))


def can_draw(result: Result) -> bool:
    """Whether any cell of the first measure can be shown."""
    return bool((result.table[f"{result.metrics[0].name}_status"] == "shown").any())


def has_one_period(result: Result) -> bool:
    """A single dot on a wide time axis says less than its sentence."""
    shown = result.table[result.table[f"{result.metrics[0].name}_status"] == "shown"]
    return "period_start" in shown and shown["period_start"].nunique() == 1
