"""Where does an axis begin and end, and what is written along it?"""

import math
from collections.abc import Iterable
from datetime import date, timedelta

from charts.model import Axis
from text import month_text, number, period_text, t, with_unit, year_text

HALF = 50.0  # a share axis goes to 100 % unless all of it would stay in the lower half
HIGHER = (60.0, 70.0, 80.0)  # percent, from where the axis of a share near 100 % may begin


def value_axis(
    values: Iterable[float | None], unit: str, *, top: float | None = None, room: float = 1.0, start: float = 0.0
) -> Axis[float]:
    """From `start` to the first round tick that has the largest value (times `room`) below it; four or five ticks, the unit on the last."""
    known = _known(values)
    largest = top or max(known, default=1.0) * room or 1.0
    if unit == "%" and largest > HALF:
        largest = 100.0
    step = _step(largest - start)
    count = max(1, math.ceil((largest - start) / step - 1e-9))
    decimals = _decimals(step)
    ticks = [(start + i * step, number(start + i * step, decimals)) for i in range(count + 1)]
    ticks[-1] = (ticks[-1][0], with_unit(ticks[-1][0], unit, decimals))
    return Axis(start, start + (ticks[-1][0] - start) * (1.03 if unit == "%" else 1.0), tuple(ticks))


def start_of(values: Iterable[float | None], unit: str) -> float:
    """Where the axis of a line begins: at zero; of a share that stays near 100 % at the highest of `HIGHER` that leaves half as much room
    below the lowest value as there is above it. Bars always begin at zero. A chart that begins higher says so (`starts_at`).
    """
    known = _known(values)
    if unit != "%" or not known:
        return 0.0
    return max((start for start in HIGHER if start <= min(known) - (100.0 - min(known)) / 2), default=0.0)


def starts_at(axis: Axis[float], unit: str) -> str:
    """That an axis does not begin at zero, in words; empty where it does."""
    return t("chart.axis_starts", value=with_unit(axis.start, unit, 0)) if axis.start > 0 else ""


def _known(values: Iterable[float | None]) -> list[float]:
    return [v for v in values if v is not None and not math.isnan(v)]


def signed_axis(values: Iterable[float | None], unit: str) -> Axis[float]:
    """An axis of differences, zero always on it: round ticks with their sign, the unit on the last."""
    known = [*_known(values), 0.0]
    step = _step((max(known) - min(known)) or 1.0)
    first, last = math.floor(min(known) / step + 1e-9), max(math.ceil(max(known) / step - 1e-9), 1)
    decimals = _decimals(step)
    ticks = [(i * step, number(i * step, decimals, sign=True)) for i in range(first, last + 1)]
    ticks[-1] = (last * step, with_unit(last * step, unit, decimals, sign=True))
    return Axis(first * step, last * step * 1.03, tuple(ticks))


def _step(largest: float) -> float:
    """The smallest of 1, 2, 5, 10 … that leaves at most five ticks above zero."""
    size = 10.0 ** math.floor(math.log10(largest))
    return next(size * part for part in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5) if largest / (size * part) <= 4.6)


def _decimals(step: float) -> int:
    """As many as the step needs: 2.5 is not written 3."""
    return next((places for places in range(4) if abs(round(step, places) - step) < 1e-9), 4)


def time_axis(start: date, end: date) -> Axis[date]:
    """Years on a long axis, half-years on a middling one, quarters on a short one; written in two lines."""
    months = (end.year - start.year) * 12 + end.month - start.month
    every = 12 if months > 40 else 6 if months > 18 else 3
    ticks: list[tuple[date, str]] = []
    for month in _months(start, end, every):
        name, year = t(f"period.months.{month:%m}"), year_text(month)
        ticks.append((month, year if every == 12 else f"{name}<br>{year}" if month.month == 1 or not ticks else name))
    return Axis(start - timedelta(days=18), end + timedelta(days=25), tuple(ticks))


def _months(start: date, end: date, every: int) -> list[date]:
    count = (end.year - start.year) * 12 + end.month - start.month
    months = [date(start.year + (start.month - 1 + i) // 12, (start.month - 1 + i) % 12 + 1, 1) for i in range(count + 1)]
    return [m for m in months if (m.month - 1) % every == 0]


def span_text(start: date, period: str) -> str:
    """A period in words that need no key: "Oct 2026", "Jul–Sep 2026", "2026", "FY 2026"."""
    if period == "quarter":
        return f"{t(f'period.months.{start:%m}')}–{month_text(_later(start, 2))}"
    return period_text(period, start)


def period_end(start: date, period: str) -> date:
    """The first day after a period."""
    return _later(start, {"month": 1, "quarter": 3, "year": 12, "fiscal_year": 12}[period])


def _later(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
