"""How did a measure move, and which of its months are more than the usual ups and downs?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from charts import findings
from charts.axes import span_text, value_axis
from charts.model import Axis, Band, Chart, Graph, Level, Mark, Note, Panel, Point, Series
from charts.trend import as_date, gap_notes, headline, trend
from charts.words import Around, amount, is_known, wrapped
from metrics.limits import NOT_JUDGED, SETS_LIMITS, USUAL, State, TrendResult, Usual
from metrics.model import Metric
from text import language, month_text, number, plural, t, with_unit

_HEIGHT = 370
_LINE = 0.058  # of the plot's height, a line of words
_AHEAD = 0.6  # the part of the axis that the words of the first flagged point cover on a phone
_HALF = 0.48  # from here on they run to the left
_FREE_END = 0.35  # the part of the axis that the name of the usual level covers there
_BAND_LINES = 3
_LABEL = 1.1 * _LINE  # the name of a limit
_ABOVE_LIMIT = 1.08  # room for the name of the upper limit
_HALF_MONTH = timedelta(days=15)
_NAMED = (SETS_LIMITS, USUAL, NOT_JUDGED)
_CHARACTERS = {"en": 26, "km": 19}  # of a line of the words of the first flagged point


def control(result: TrendResult, around: Around) -> Chart:
    """One line with its usual level and limits, the months that set them shaded, and every month that stands out as a diamond.

    Diamonds are blue or orange by better and worse; the first one carries words, each its rule when touched. Where there are no limits
    it is the plain trend, which says why. Limits of fewer than 12 periods are dotted, and nothing is judged by them. The target, where
    there is one, is a line of dashes and dots.
    """
    metric, usual = result.metrics[0], result.usual
    drawn = _adjusted(result)
    goal = usual.target.value if usual.target else None
    limits = (usual.lower, usual.upper) if usual.has_limits else ()
    plain = trend(drawn, replace(around, events=_with_start(around, usual)), level=goal, also=limits)
    assert isinstance(plain.drawing, Graph)
    panel = plain.drawing.panels[0]
    points = _points(result, panel.series[0])
    series = replace(panel.series[0], points=points)
    others = (_completed_only(result, metric),) if f"{metric.name}_completed_only" in result.table else ()
    told = replace(
        plain,
        key=f"control-{metric.name}",
        title=_title(result) or headline(result, around) or plain.title,
        subtitle=" ".join((plain.subtitle, *_explained(result, points))),
        alt=" ".join((plain.alt, *_alt(result))),
        caveat=" ".join(filter(None, (plain.caveat, _chance(usual)))),
    )
    if not usual.has_limits:
        target = _target_line(result, points, plain.drawing, _tall(panel.y), ())
        return replace(told, drawing=replace(plain.drawing, panels=(replace(panel, series=(series, *others), levels=target),)))
    laid_out = _layout(result, points, [*(p.y for line in (series, *others) for p in line.points), goal], plain.drawing)
    tall = _tall(laid_out.y)
    levels = _levels(result, points, tall, _across(usual, plain.drawing))
    near = [level.y for level in levels if abs(level.y - (goal or 0.0)) < 1.3 * _LINE * tall]
    return replace(
        told,
        drawing=replace(
            plain.drawing,
            height=_HEIGHT,
            panels=(
                Panel(
                    (series, *others),
                    laid_out.y,
                    levels=(*levels, *_target_line(result, points, plain.drawing, tall, near)),
                    notes=(*gap_notes(drawn.table, metric, laid_out.y, around.data_to), *laid_out.notes),
                    bands=laid_out.bands,
                ),
            ),
        ),
    )


def _adjusted(result: TrendResult) -> TrendResult:
    """The figures that are drawn: freed of the time of year where that is asked for and known."""
    metric = result.metrics[0]
    column = f"{metric.name}_adjusted"
    return replace(result, table=result.table.assign(**{metric.name: result.table[column]})) if column in result.table else result


def _with_start(around: Around, usual: Usual) -> tuple[Mark, ...]:
    """The events of the place and, above the commune, the day the programme came to its first commune."""
    if usual.start is None or any(mark.is_main for mark in around.events):
        return around.events
    words = f"<b>{t('chart.programme_comes')}</b><br>{t('limits.first_commune', month=month_text(usual.start))}"
    return (*around.events, Mark(usual.start, words, is_main=True))


def _points(result: TrendResult, series: Series) -> tuple[Point, ...]:
    """The points of the line with what the limits say about each; the interval of a single month gives way to the limits."""
    metric, usual = result.metrics[0], result.usual
    rows = {as_date(row["period_start"]): row for row in result.table.to_dict("records")}
    points = []
    for point in series.points:
        row = rows.get(as_date(point.x))
        if row is None or point.y is None:
            points.append(point)
            continue
        words = [point.hover]
        if usual.is_adjusted:
            words.append(t("limits.reported", value=amount(metric, row[metric.name])))
        signal = str(row[f"{metric.name}_signal"])
        is_young = as_date(point.x) in usual.provisional
        words += [_stands_out(metric, signal)] if signal not in _NAMED else [t("limits.young")] if is_young else []
        if usual.has_limits:
            point = replace(point, low=None, high=None)
        points.append(replace(point, tone=_tone(metric, signal), is_hollow=point.is_hollow or is_young, hover="<br>".join(words)))
    return tuple(points)


def _tone(metric: Metric, signal: str) -> str:
    """The colour of a flagged point; none for any other."""
    if signal in _NAMED:
        return ""
    is_good = (metric.better == "higher") == signal.endswith("_up")
    return "improvement" if is_good else "concern"


def _stands_out(metric: Metric, signal: str) -> str:
    return f"<b>{t(f'limits.{_tone(metric, signal)}')}</b>: {t(f'limits.rule.{signal}')}"


def _levels(result: TrendResult, points: Sequence[Point], tall: float, across: tuple[date, date]) -> tuple[Level, ...]:
    """The usual level and its limits, each named at the end where the line is not in the way, the limits over their own months first.

    What is not named here stands in the subtitle.
    """
    metric, usual, period = result.metrics[0], result.usual, result.query.period or "month"
    is_firm = usual.state == State.FIRM
    dash: Literal["dash", "dot"] = "dash" if is_firm else "dot"
    said = {
        name: t(f"limits.{name}", value=_said(metric, usual, value)) for name, value in (("upper", usual.upper), ("lower", usual.lower))
    }
    upper = said["upper"] if is_firm else t("limits.trial_short", span=_span(usual, period))
    level = t("limits.level", value=_said(metric, usual, usual.centre)) if usual.upper - usual.centre > 1.2 * _LINE * tall else ""
    drawn = (
        Level(usual.upper, upper, dash, across, "above"),
        Level(usual.lower, said["lower"] if is_firm and usual.lower > 1.3 * _LINE * tall else "", dash, across),
        Level(usual.centre, level, "solid", across, "above"),
    )
    highest = 100 if metric.is_share else float("inf")
    return tuple(
        _named(line, points, tall, ("right",) if line.y == usual.centre else ("left", "right")) for line in drawn if 0 < line.y < highest
    )


def _target_line(result: TrendResult, points: Sequence[Point], graph: Graph, tall: float, near: Sequence[float]) -> tuple[Level, ...]:
    """The target over the time for which it holds, without its name where the figures or another line are as good as on it."""
    target = result.usual.target
    if target is None:
        return ()
    start, end = as_date(graph.x.start), as_date(graph.x.end)
    words = "" if near else t("limits.target_line", value=amount(result.metrics[0], target.value))
    return (_named(Level(target.value, words, "longdashdot", (min(max(start, target.since), end), end)), points, tall, ("right",)),)


def _named(line: Level, points: Sequence[Point], tall: float, ends: Sequence[Literal["left", "right"]]) -> Level:
    """The line with its words at the first of the ends where no point is in their way, or without them."""
    assert line.across is not None
    start, end = (as_date(day) for day in line.across)
    reach = _FREE_END * (as_date(points[-1].x) - as_date(points[0].x))
    low, high = (0.01, 1.3 * _LINE) if line.words_at == "above" else (-1.3 * _LINE, -0.01)
    for side in ends:
        first, last = (start, start + reach) if side == "left" else (end - reach, end)
        beside = [p.y for p in points if p.y is not None and first <= as_date(p.x) <= last]
        if not any(line.y + low * tall < y < line.y + high * tall for y in beside):
            return replace(line, words_end=side)
    return replace(line, text="")


def _across(usual: Usual, graph: Graph) -> tuple[date, date]:
    """Where the lines run: from the months that set them to the end of the axis."""
    start, end = as_date(graph.x.start), as_date(graph.x.end)
    return (max(start, usual.since - _HALF_MONTH) if usual.since and usual.start else start), end


def _tall(y: Axis[float]) -> float:
    """How much of the measure the height of the plot is."""
    return y.end - y.start


@dataclass(frozen=True)
class _Layout:
    """An axis with room for the words in the plot, and where they stand."""

    y: Axis[float]
    notes: tuple[Note, ...] = ()
    bands: tuple[Band, ...] = ()


def _layout(result: TrendResult, points: Sequence[Point], values: Sequence[float | None], graph: Graph) -> _Layout:
    """Room for the words of the first flagged point and for the name of the baseline, which keep out of each other's way on a phone.

    The words stand under the line that follows the point where there is room, else over it; they run to the right in the first half of the
    axis, else to the left. The baseline's name stands at its foot, or at its head where the foot is taken.
    """
    metric, usual, period = result.metrics[0], result.usual, result.query.period or "month"
    foot = graph.panels[0].y.start
    tall = _tall(value_axis([*values, usual.upper], metric.unit, room=_ABOVE_LIMIT, start=foot))
    lowest = min([usual.lower, *(p.y for p in points if p.y is not None)])
    is_at_foot = lowest - foot > (_BAND_LINES + 1) * _LINE * tall
    first = next((p for p in points if p.tone), None)
    needed, note, is_below = [], None, True
    if first is not None:
        at, part, (low, high) = _surroundings(first, points, usual, graph, _LABEL * tall)
        text = _first_words(result, at, first.tone)
        height = _LINE * (text.count("<br>") + 1.5)
        is_below = (low - foot) / tall - _LINE - height > 0
        if not is_below:
            needed.append(foot + (high - foot) / (1 - _LINE - height))
        if part > _HALF and is_below:
            is_at_foot = False  # on a phone the words reach back over the foot of the baseline
        elif part > _HALF and not is_at_foot:  # and over its head: room for both
            needed.append(foot + (high - foot) / (1 - _LINE - height - (_BAND_LINES + 0.5) * _LINE))
        note = Note(first.x, low if is_below else high, text, first.tone, "right" if part > _HALF else "left", leads_to=first.y)
    begin = as_date(graph.x.start)
    has_band = usual.start is not None and usual.since is not None and usual.start > begin  # the months chosen may begin after it
    if has_band and not is_at_foot:
        needed.append(foot + (usual.upper - foot) / (1 - (_BAND_LINES + 1.5) * _LINE))
    y = value_axis([*values, usual.upper * _ABOVE_LIMIT, *needed], metric.unit, start=foot)
    notes = () if note is None else (replace(note, y=note.y + _LINE * _tall(y) * (-1 if is_below else 1)),)
    if not has_band:
        return _Layout(y, notes)
    words = t(f"limits.baseline_{period}", n=number(usual.points))
    band = Band(max(usual.since - _HALF_MONTH, begin), usual.start, words, "bottom" if is_at_foot else "top")  # type: ignore[operator, arg-type]
    return _Layout(y, notes, (band,))


def _surroundings(
    first: Point, points: Sequence[Point], usual: Usual, graph: Graph, label: float
) -> tuple[date, float, tuple[float, float]]:
    """When the first flagged point is, how far along the axis, and between which heights the line and the limits with their names run."""
    at, start, end = (as_date(day) for day in (first.x, graph.x.start, graph.x.end))
    part, reach = (at - start) / (end - start), _AHEAD * (end - start)
    near = [p.y for p in points if p.y is not None and abs(as_date(p.x) - at) <= reach and (as_date(p.x) <= at) == (part > _HALF)]
    heights = [*near, first.y or 0.0, usual.lower - label, usual.upper + label]
    return at, part, (min(heights), max(heights))


def _first_words(result: TrendResult, at: date, tone: str) -> str:
    """What the first flagged point says."""
    when = span_text(at, result.query.period or "month")
    return f"<b>{when}: {t(f'limits.{tone}_short')}</b><br>{wrapped(_rule_of(result, at), _CHARACTERS[language()])}"


def _rule_of(result: TrendResult, day: date) -> str:
    """The rule that marks a period."""
    found = next(signal for when, signal in _signals(result) if when == day)
    return t(f"limits.rule.{found}")


def _signals(result: TrendResult) -> list[tuple[date, str]]:
    """What every period says, in order."""
    table = result.table.sort_values("period_start")
    column = table[f"{result.metrics[0].name}_signal"]
    return [(as_date(day), str(signal)) for day, signal in zip(table["period_start"], column, strict=True)]


def _completed_only(result: TrendResult, metric: Metric) -> Series:
    """The same time of completed requests only, as a quiet line beside the true one."""
    rows = result.table.sort_values("period_start").to_dict("records")
    name = f"{metric.name}_completed_only"
    points = tuple(Point(as_date(row["period_start"]), float(row[name]) if is_known(row[name]) else None) for row in rows)
    return Series(points, t("limits.completed_only"), "soft", "line", "below", is_quiet=True)


# --- words -----------------------------------------------------------------------------------------------------------------------------


def _said(metric: Metric, usual: Usual, value: float, *, has_unit: bool = False) -> str:
    """A limit, as finely as the limits need: "13.9", "620"."""
    decimals = max(metric.decimals, 0 if usual.upper - usual.lower >= 10 else 1)
    return with_unit(value, metric.unit, decimals) if has_unit or metric.unit == "%" else number(value, decimals)


def _title(result: TrendResult) -> str:
    """The newest figure and how many periods stand out; empty where nothing is judged."""
    metric, period = result.metrics[0], result.query.period or "month"
    judged = [(day, signal) for day, signal in _signals(result) if signal not in (SETS_LIMITS, NOT_JUDGED)]
    if not judged:
        return ""
    row = next(row for row in result.table.to_dict("records") if as_date(row["period_start"]) == judged[-1][0])
    tones = [_tone(metric, signal) for _, signal in judged]
    better, worse = tones.count("improvement"), tones.count("concern")
    turn = "both" if better and worse else "better" if better else "worse" if worse else "none"
    return t(
        f"limits.title_{turn}",
        told=findings.level(metric, float(row[metric.name]), result.query.where),
        when=span_text(as_date(row["period_start"]), period),
        n=number(better or worse),
        better=number(better),
        worse=number(worse),
        all=plural(len(judged), f"limits.one_{period}", f"limits.many_{period}"),
        since=month_text(judged[0][0]),
    )


def _explained(result: TrendResult, points: Sequence[Point]) -> list[str]:
    """What the lines are, what set them, and what the diamonds mean; or why there are none."""
    metric, usual, period = result.metrics[0], result.usual, result.query.period or "month"
    said = []
    if metric.name.startswith("visits") and period == "month":
        said.append(t("limits.adjusted" if usual.is_adjusted else "limits.raw"))
    if f"{metric.name}_completed_only" in result.table:
        said.append(t("limits.completed_only_text"))
    said += _held_to(metric, usual)
    if not usual.has_limits:
        return [*said, t(f"limits.no_{usual.state.value}", span=_span(usual, period))]
    values = {"level": _said(metric, usual, usual.centre), "low": _said(metric, usual, usual.lower)}
    high = _said(metric, usual, usual.upper, has_unit=True)
    said.append(t("limits.key", **values, high=high, by=_set_by(usual, period)))
    if usual.state == State.TRIAL:
        return [*said, t("limits.trial", span=_span(usual, period))]
    said += [t("limits.unsteady")] if usual.is_unsteady else []
    tones = {p.tone for p in points if p.tone}
    said.append(t(f"limits.diamonds_{'both' if len(tones) > 1 else tones.pop() if tones else 'none'}"))
    return [*said, *([t("limits.young_key")] if usual.provisional else [])]


def _held_to(metric: Metric, usual: Usual) -> list[str]:
    """The target, and whether it is reached now."""
    if usual.target is None:
        return []
    kind = "time" if metric.is_time else "any"
    told = [t(f"limits.target_{kind}", value=amount(metric, usual.target.value))]
    return [*told, t(f"limits.reached_{usual.reached}")] if usual.reached else told


def _chance(usual: Usual) -> str:
    """How many months stand out though nothing changed: docs/decisions/limits-of-trends.md."""
    if usual.state != State.FIRM:
        return ""
    return t("limits.chance_all" if usual.start is None else "limits.chance")


def _span(usual: Usual, period: str) -> str:
    return plural(usual.points, f"limits.one_{period}", f"limits.many_{period}")


def _set_by(usual: Usual, period: str) -> str:
    """Which periods set the limits, in words."""
    if usual.start is None:
        return t("limits.by_all", span=_span(usual, period))
    kind = "first" if usual.communes > 1 else "one"
    return t(f"limits.by_{kind}", span=_span(usual, period))


def _alt(result: TrendResult) -> list[str]:
    """The limits and every stretch of flagged periods with its rule, for whoever listens."""
    metric, usual, period = result.metrics[0], result.usual, result.query.period or "month"
    if not usual.has_limits:
        return []
    low, level, high = (_said(metric, usual, value) for value in (usual.lower, usual.centre, usual.upper))
    said = [t("limits.alt", level=level, low=low, high=high, by=_set_by(usual, period))]
    for signal, run in groupby(_signals(result), key=lambda pair: pair[1]):
        if signal in _NAMED:
            continue
        days = [day for day, _ in run]
        when = " – ".join(dict.fromkeys(span_text(day, period) for day in (days[0], days[-1])))
        said.append(t("limits.alt_run", when=when, turn=t(f"limits.{_tone(metric, signal)}"), rule=t(f"limits.rule.{signal}")))
    return said
