"""Which communes lie outside the limits that their size sets? Share against what it rests on; the others are small dots."""

import unicodedata
from collections.abc import Hashable
from dataclasses import replace
from typing import Any, Literal

from charts.axes import value_axis
from charts.model import Axis, Chart, Graph, Level, Note, Panel, Point, Series
from charts.words import Around, amount, base, caveat, label, scope, source
from metrics.standing import Standing
from text import number, t, year_text

_NAMED = 8  # at most; where more stand out, the furthest
_LINE, _LETTER, _DIAMOND = 0.055, 0.024, 0.02  # height of a line, width of a letter and half a diamond, as parts of a narrow plot
_TRIES = 12
_ROOM, _BELOW = 1.06, -0.025  # beyond the largest and below zero, so that no diamond is cut


def funnel(found: Standing, around: Around) -> Chart:
    """Communes beyond the outer limits as named diamonds, blue with + where they are better than the rest, orange with ! where worse."""
    metric, rows = found.metric, found.table.sort_values("n").to_dict("records")
    y = value_axis(found.table["value"], metric.unit)
    y = replace(y, start=_BELOW * y.end)
    n_axis = value_axis([max(row["n"] for row in rows)], "")
    x = Axis(0.0, max(row["n"] for row in rows) * _ROOM, n_axis.ticks)
    outer = [Series(tuple(Point(row["n"], row[name]) for row in rows), tone="line", shape="curve") for name in ("low_998", "high_998")]
    inner = [Series(tuple(Point(row["n"], row[name]) for row in rows), tone="line", shape="dashes") for name in ("low_95", "high_95")]
    groups: dict[str, list[dict[Hashable, Any]]] = {"ink": [], "improvement": [], "concern": []}
    for row in rows:
        groups[_tone(found, row["side"])].append(row)
    dots = [
        Series(tuple(_point(found, row, around) for row in mine), tone=tone, shape="specks" if tone == "ink" else "diamonds")
        for tone, mine in groups.items()
        if mine
    ]
    outside = [row for row in rows if row["side"]]
    words = Note(x.end, found.centre, t("page.compare.centre", value=amount(metric, found.centre)), align="right")  # few dots are there
    notes = (words, *_names(found, outside, around, x.end, y.end))
    panel = Panel((*outer, *inner, *dots), y, levels=(Level(found.centre, "", dash="solid"),), notes=notes)
    return Chart(
        key=f"funnel-{metric.name}",
        title=finding(found),
        subtitle=" ".join(
            (
                t("page.compare.subtitle", measure=label(metric), scope=scope(found.where, around), year=year_text(found.year)),
                t("page.compare.key"),
            )
        ),
        alt=" ".join([finding(found) + ".", *(f"{_word(found, row['side'])}: {_told(found, row, around)}." for row in outside)]),
        drawing=Graph((panel,), replace(x, ticks=tuple(tick for tick in x.ticks if tick[0] <= x.end)), height=420),
        source=source(metric.fact.name, around),
        caveat=caveat(metric),
    )


def finding(found: Standing) -> str:
    """How many communes stand out, of how many."""
    n = int((found.table["side"] != 0).sum())
    key = "none" if n == 0 else "one" if n == 1 else "some"
    return t(f"page.compare.finding_{key}", n=number(n), all=number(len(found.table)))


def _tone(found: Standing, side: int) -> str:
    if not side:
        return "ink"
    return "improvement" if (side > 0) == (found.metric.better == "higher") else "concern"


def _word(found: Standing, side: int) -> str:
    return t(f"page.compare.{_tone(found, side)}")


def _told(found: Standing, row: dict[Hashable, Any], around: Around) -> str:
    return f"{around.name(row['commune_code'])}, {amount(found.metric, row['value'])}, {base(found.metric, row['n'])}"


def _point(found: Standing, row: dict[Hashable, Any], around: Around) -> Point:
    district = around.name(str(row["commune_code"])[:4])
    words = [f"<b>{around.name(row['commune_code'])}</b>, {district}", amount(found.metric, row["value"]), base(found.metric, row["n"])]
    return Point(row["n"], row["value"], hover="<br>".join(words + ([_word(found, row["side"])] if row["side"] else [])))


def _names(found: Standing, outside: list[dict[Hashable, Any]], around: Around, width: float, height: float) -> tuple[Note, ...]:
    """The names of the furthest, on the side of their dot or above it where they lie on no other name and no other diamond."""
    furthest = sorted(outside, key=lambda row: -abs(row["value"] - found.centre))[:_NAMED]
    spots = [(row["n"] / width, row["value"] / height) for row in outside]
    taken = [(x - _DIAMOND, x + _DIAMOND, y - _LINE / 2, y + _LINE / 4) for x, y in spots]
    notes = []
    for row in sorted(furthest, key=lambda row: row["value"]):
        tone, x, start = _tone(found, row["side"]), row["n"] / width, row["value"] / height + _LINE / 2
        name = f"{t(f'page.compare.sign_{tone}')} {around.name(row['commune_code'])}"
        length = _LETTER * sum(not unicodedata.category(letter).startswith(("M", "C")) for letter in name)
        left, right, low, align = _free(x, start, length, taken)
        taken.append((left, right, low, low + _LINE))
        notes.append(Note(row["n"], low * height, f"<b>{name}</b>", tone, align))
    return tuple(notes)


def _free(
    x: float, start: float, length: float, taken: list[tuple[float, float, float, float]]
) -> tuple[float, float, float, Literal["left", "right"]]:
    """The nearest free place for a name of a dot at x: (left, right, bottom, which of its ends is at the dot), as parts of the plot."""
    sides: list[tuple[float, float, Literal["left", "right"]]] = [(x, x + length, "left"), (x - length, x, "right")]
    fitting = [side for side in sides if side[0] >= 0 and side[1] <= 1] or sides[:1]
    for step in range(_TRIES):
        low = start + step * _LINE / 2
        for left, right, align in fitting:
            if not any(left < far and right > near and low < top and low + _LINE > bottom for near, far, bottom, top in taken):
                return left, right, low, align
    return fitting[0][0], fitting[0][1], start, fitting[0][2]
