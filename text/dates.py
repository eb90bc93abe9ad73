"""How is a date, a month or a quarter written in the reader's language?

A period is named by its first day, as in the tables: 2026-07-01 is "Jul 2026", "Jul–Sep 2026" or "2026"."""
import datetime as dt

from text.catalogue import t
from text.numbers import NO_VALUE, number


def date_text(date: dt.date | None) -> str:
    """31 Oct 2026 / ៣១ តុលា ២០២៦; an en dash where there is no date. A datetime or a pandas timestamp does too."""
    if date is None or _is_not_a_time(date):
        return NO_VALUE
    return t("date.day", day=number(date.day), month=_month(date.month), year=_year(date.year))


def month_text(date: dt.date | None) -> str:
    """Oct 2026 / តុលា ២០២៦."""
    if date is None or _is_not_a_time(date):
        return NO_VALUE
    return t("date.month", month=_month(date.month), year=_year(date.year))


def quarter_text(date: dt.date | None) -> str:
    """Oct–Dec 2026 / តុលា–ធ្នូ ២០២៦: the calendar quarter in which the date lies."""
    if date is None or _is_not_a_time(date):
        return NO_VALUE
    first = 3 * ((date.month - 1) // 3) + 1
    return t("date.quarter", first=_month(first), last=_month(first + 2), year=_year(date.year))


def year_text(date: dt.date | None) -> str:
    """2026 / ២០២៦."""
    return NO_VALUE if date is None or _is_not_a_time(date) else _year(date.year)


def period_text(period: str, start: dt.date | None) -> str:
    """The name of the `period` ("month", "quarter", "year", "fiscal_year") that begins on `start`.

    A fiscal year runs from July to June: from 2025-07-01 it is "Jul 2025–Jun 2026"."""
    if start is None or _is_not_a_time(start):
        return NO_VALUE
    if period == "fiscal_year":
        return f"{month_text(start)}–{month_text(dt.date(start.year + 1, 6, 1))}"
    return {"month": month_text, "quarter": quarter_text, "year": year_text}[period](start)


def _is_not_a_time(date: dt.date) -> bool:
    return date != date                                # only pandas' NaT differs from itself


def _month(month: int) -> str:
    return t(f"period.months.{month:02}")


def _year(year: int) -> str:
    return number(year, grouped=False)
