"""Which days does a period mean, in any of the notations of DHIS2, of spreadsheets and of people?"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_WRITTEN = (
    "january jan janvier janv មករា",
    "february feb février fevrier févr fevr fév fev កុម្ភៈ កុម្ភះ",
    "march mar mars មីនា",
    "april apr avril avr មេសា",
    "may mai ឧសភា",
    "june jun juin មិថុនា",
    "july jul juillet juil កក្កដា",
    "august aug août aout សីហា",
    "september sept sep septembre កញ្ញា",
    "october oct octobre តុលា",
    "november nov novembre វិច្ឆិកា",
    "december dec décembre decembre déc ធ្នូ",
)
MONTHS = {word: number for number, words in enumerate(MONTHS_WRITTEN, 1) for word in words.split()}
KHMER_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
_MONTH = "(?:" + "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_YEAR = r"(?:(?:19|20)\d\d)"
_BETWEEN = r"\s*(?:-|–|—|to|à|ដល់)\s*"


@dataclass(frozen=True)
class Period:
    """A stretch of days, both ends counted; `kind` is day, week, two_weeks, month, two_months, quarter, half_year or year."""

    kind: str
    start: date
    end: date


def read_period(written: str) -> Period | None:
    """The period a text means, None when it is no period or could be two."""
    text = written.translate(KHMER_DIGITS).strip().lower().replace("ខែ", "").replace("ឆ្នាំ", "").strip()
    try:
        return _from_code(text) or _from_words(text)
    except (ValueError, OverflowError):  # a month 13, a day 31 of June
        return None


def read_month(written: str) -> tuple[int | None, int] | None:
    """(year, month) of a text that is a month, the year None where it names none; None when it is no month."""
    text = written.translate(KHMER_DIGITS).strip().lower().replace("ខែ", "").strip()
    if alone := re.fullmatch(_MONTH, text):
        return None, MONTHS[alone.group().rstrip(".")]
    period = read_period(written)
    if period is not None and period.kind == "month":
        return period.start.year, period.start.month
    is_first = period is not None and period.kind == "day" and period.start.day == 1 and "-" in written  # how Excel keeps "Jan 2024"
    return (period.start.year, period.start.month) if period is not None and is_first else None


def month_within(header: str) -> tuple[int | None, int, str] | None:
    """(year, month, what is left) of a header that is a month, or begins or ends with one: "Jan 2024 / female" leaves "female"."""
    whole = read_month(header)
    if whole is not None:
        return (*whole, "")
    for pattern in (rf"(?P<month>{_DATED}){_APART}(?P<rest>.+)", rf"(?P<rest>.+?){_APART}(?P<month>{_DATED})"):
        found = re.fullmatch(pattern, header.strip(), re.IGNORECASE)
        month = read_month(found["month"]) if found else None
        if found and month is not None:
            return (*month, found["rest"].strip())
    return None


_APART = r"(?:\s*[/:,–—|_-]\s*|\s+)"
_DATED = rf"(?:{_MONTH}[\s,/-]*{_YEAR}|{_MONTH}[-\s]\d\d(?!\d)|{_YEAR}[-/](?:0[1-9]|1[0-2])(?:-01)?|(?:0[1-9]|1[0-2])/{_YEAR})"


def _from_code(text: str) -> Period | None:
    """The codes of DHIS2, and ISO days and months."""
    if found := re.fullmatch(rf"({_YEAR})(\d\d)(\d\d)|({_YEAR})-(\d\d)-(\d\d)(?:[t ]00:00(?::00(?:\.0+)?)?z?)?", text):
        year, month, day = (int(part) for part in found.groups() if part)
        return Period("day", date(year, month, day), date(year, month, day))
    if found := re.fullmatch(rf"({_YEAR})[-/]?(\d\d)", text):
        return _months("month", int(found[1]), int(found[2]), 1)
    if found := re.fullmatch(rf"({_YEAR})(\d\d)b", text):
        return _months("two_months", int(found[1]), int(found[2]) * 2 - 1, 2) if int(found[2]) <= 6 else None
    if found := re.fullmatch(rf"({_YEAR})-?w(\d\d?)", text):
        start = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return Period("week", start, start + timedelta(days=6))
    if found := re.fullmatch(rf"({_YEAR})biw(\d\d?)", text):
        start = date.fromisocalendar(int(found[1]), int(found[2]) * 2 - 1, 1)
        return Period("two_weeks", start, start + timedelta(days=13))
    if found := re.fullmatch(rf"({_YEAR})[-\s]?(?:q([1-4])|s([12]))", text):
        length = 3 if found[2] else 6
        return _months("quarter" if length == 3 else "half_year", int(found[1]), (int(found[2] or found[3]) - 1) * length + 1, length)
    if found := re.fullmatch(rf"({_YEAR})aprils([12])", text):
        return _months("half_year", int(found[1]), 4 if found[2] == "1" else 10, 6)
    if found := re.fullmatch(rf"({_YEAR})(april|july|oct|nov)?", text):
        first = {"april": 4, "july": 7, "oct": 10, "nov": 11, None: 1}[found[2]]
        return _months("year", int(found[1]), first, 12)
    return None


def _from_words(text: str) -> Period | None:
    """Names as screens and people write them: January 2024, Jan-24, January - March 2024, Q1 2024, Week 10 2024."""
    if found := re.fullmatch(rf"({_MONTH})[\s,/-]*({_YEAR})|({_YEAR})[\s,/-]*({_MONTH})", text):
        name, year = (found[1], found[2]) if found[1] else (found[4], found[3])
        return _months("month", int(year), MONTHS[name.rstrip(".")], 1)
    if found := re.fullmatch(rf"({_MONTH})[-\s/']+(\d\d)", text):
        return _months("month", 2000 + int(found[2]), MONTHS[found[1].rstrip(".")], 1)
    if found := re.fullmatch(rf"(\d\d?)[/-]({_YEAR})", text):
        return _months("month", int(found[2]), int(found[1]), 1)
    if found := re.fullmatch(rf"({_MONTH})\s*({_YEAR})?{_BETWEEN}({_MONTH})\s*({_YEAR})", text):
        first, last = MONTHS[found[1].rstrip(".")], MONTHS[found[3].rstrip(".")]
        begins = int(found[2]) if found[2] else int(found[4]) - (last < first)
        length = (int(found[4]) - begins) * 12 + last - first + 1
        kinds = {1: "month", 2: "two_months", 3: "quarter", 6: "half_year", 12: "year"}
        return _months(kinds[length], begins, first, length) if length in kinds else None
    if found := re.fullmatch(rf"(?:q|quarter |ត្រីមាស(?:ទី)?\s*)([1-4])[\s,/-]*({_YEAR})", text):
        return _months("quarter", int(found[2]), int(found[1]) * 3 - 2, 3)
    if found := re.fullmatch(rf"(?:week|w)\s*(\d\d?)[\s,/-]*({_YEAR})(?:\s.*)?|({_YEAR})\s*week\s*(\d\d?)", text):
        return _from_code(f"{found[2] or found[3]}w{found[1] or found[4]}")
    return None


def _months(kind: str, year: int, month: int, length: int) -> Period:
    """A period of whole months, the first of them counted from 1. Raises ValueError when the year has no such month."""
    if not 1 <= month <= 12:
        raise ValueError(month)
    first = year * 12 + month - 1
    last = first + length - 1
    end_year, end_month = divmod(last, 12)
    return Period(kind, date(first // 12, first % 12 + 1, 1), date(end_year, end_month + 1, monthrange(end_year, end_month + 1)[1]))
