"""Which way round are the dates of a column written? Decided from the evidence of all its cells; where that is not enough, nobody guesses.

03/04/2024 is read only after some cell of the column (25/04/2024) shows which of its numbers is the day, or after the rows do: they follow
each other by day in one order only, or would lie after today in all others. Cells that agree with several orders leave the column
undecided; cells that contradict each other leave it mixed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from etl.cells import western
from etl.contract import ACCENTS, DATE_NOISE, MONTH_NAMES, NAMED_MONTH, Type

LOOKS_LIKE_DATES = 0.8   # of the filled cells; fewer are no column of dates
FEWEST_IN_ORDER = 6      # different days that must follow each other before their order tells anything: by chance 2 of 720 do
FEWEST_AFTER_TODAY = 2   # one day after today may be a slip of the pen
EARLIEST_YEAR = 2000     # what the contract takes as the first plausible year
ORDERS = {"day_first": "dmy", "month_first": "mdy", "year_first": "ymd"}
ORDER_WORDS = {"day_first": "day/month/year", "month_first": "month/day/year", "year_first": "year/month/day"}

_TIME = r"(?P<gap>T|,? )(?P<hour>\d{1,2}):\d{2}(?P<seconds>:\d{2})?(?P<fraction>\.\d+)?(?P<half> ?[AaPp][Mm])?"
_NUMBERS = re.compile(rf"(?P<one>\d{{1,2}})(?P<sign>[/.\-])(?P<two>\d{{1,2}})(?P=sign)(?P<three>\d{{4}}|\d{{2}})(?:{_TIME})?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?")
_YEAR_MONTH = re.compile(r"(?:19|20)\d{2}[-/]?(?:0[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])[-/](?:19|20)\d{2}")
_COMPACT = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_SERIAL = re.compile(r"[2-5]\d{4}(\.\d+)?")
_UNIX = {"unix": re.compile(r"1\d{9}(?:\.\d+)?"), "unix_ms": re.compile(r"1\d{12}")}
_NAMED = re.compile(NAMED_MONTH)
_NAMES = frozenset(" ".join(MONTH_NAMES).split())
_ACCENTS = str.maketrans(*ACCENTS)


@dataclass(frozen=True)
class DateReading:
    """How a column's dates are to be read.

    `how`: 'plain' (the contract reads them by itself), a key of ORDERS, 'excel', 'unix', 'unix_ms', 'undecided', 'mixed', or 'none' (no
    dates). `share`: of the filled cells, those that look like dates. `formats`: what the mapping declares. `shape`: how the numbers stand,
    equal for columns written by one program. `possible`: the orders a question offers.
    """

    how: str
    share: float
    evidence: str
    formats: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.how in ("undecided", "mixed")


def read_dates(
    values: Mapping[str, int], today: date, kind: Type, order: str = "", in_order: Sequence[str] = (), is_past: bool = False
) -> DateReading:
    """Read a column's cells (text -> rows) as dates, or months.

    `order`: a key of ORDERS that a person chose. `in_order`: the different texts in the order of the rows, if all rows are known.
    `is_past`: no good row has a day after today.
    """
    filled = sum(values.values())
    counted = {"plain": 0, "excel": 0, "unix": 0, "unix_ms": 0}
    numbers: dict[re.Match[str], int] = {}
    fractions = False
    for written, rows in values.items():
        text = western(written)
        if match := _NUMBERS.fullmatch(text):
            numbers[match] = rows
        elif _is_plain(text, kind):
            counted["plain"] += rows
        elif match := _SERIAL.fullmatch(text):
            counted["excel"] += rows
            fractions |= bool(match[1] and match[1].strip(".0"))
        else:
            for name, pattern in _UNIX.items():
                counted[name] += rows * bool(pattern.fullmatch(text))
    of_numbers = sum(numbers.values())
    seen = of_numbers + sum(counted.values())
    share = seen / filled if filled else 0.0
    if share < LOOKS_LIKE_DATES:
        return DateReading("none", share, "few cells look like dates")
    if of_numbers:
        rows_by_day = [match for text in in_order if (match := _NUMBERS.fullmatch(western(text)))]
        read = _read_numbers(numbers, share, today, order, rows_by_day, is_past)
        if not order and not read.is_open and (counted["excel"] or (counted["plain"] and _is_half_converted(numbers, today))):
            example = next(iter(numbers))[0]
            evidence = f"some cells are written {example}, others were turned into dates, perhaps with day and month exchanged"
            return DateReading("mixed", share, evidence, shape=read.shape, possible=(read.how,))
        return read
    most = max(counted, key=lambda name: counted[name])
    if most == "plain":
        return DateReading("plain", share, "dates that can mean one day only")
    if most == "excel" and not (fractions or kind != "date"):
        return DateReading("excel", share, "day numbers of a spreadsheet")
    return DateReading(most, share, f"numbers that count {'days of a spreadsheet' if most == 'excel' else 'seconds since 1970'}", (most,))


def _is_plain(text: str, kind: Type) -> bool:
    """Is it written in a way that can mean one date only, and that the contract reads?"""
    if match := _YEAR_FIRST.fullmatch(text):
        return _is_day(int(match[1]), int(match[2]), int(match[3]))
    if _COMPACT.fullmatch(text) or (kind == "month" and _YEAR_MONTH.fullmatch(text)):
        return True
    bare = re.sub(DATE_NOISE, " ", text.lower().translate(_ACCENTS)).strip()
    named = _NAMED.fullmatch(bare)
    return bool(named and named[2] in _NAMES and (kind == "month" or (named[1] or named[3])) and not (named[1] and named[3]))


def _read_numbers(
    numbers: Mapping[re.Match[str], int], share: float, today: date, order: str, in_order: Sequence[re.Match[str]], is_past: bool
) -> DateReading:
    """Dates of three numbers: which order reads all of them, and is it the only one?"""
    shape = tuple(sorted({_shape(match) for match in numbers}))
    short = any(len(match["three"]) == 2 for match in numbers)
    orders = [one for one in ORDERS if one != "year_first" or short]
    read = {one: sum(rows for match, rows in numbers.items() if _means(match, one, today)) for one in orders}
    readable = sum(rows for match, rows in numbers.items() if any(_means(match, one, today) for one in orders))
    complete = [one for one in orders if read[one] == readable and readable]
    is_same = all(len({_means(match, one, today) for one in complete}) == 1 for match in numbers) if len(complete) > 1 else False
    if order:
        return DateReading(order, share, "as answered", _formats(numbers, order), shape)
    if len(complete) == 1 or is_same:
        chosen = complete[0]
        proof = next((match[0] for match in numbers if _is_proof(match, chosen, orders, today)), "")
        evidence = f"{proof} can only be {ORDER_WORDS[chosen]}" if proof else f"only {ORDER_WORDS[chosen]} reads every cell"
        return DateReading(chosen, share, "every way round means the same day" if is_same else evidence, _formats(numbers, chosen), shape)
    if complete and (told := _told_by_rows(in_order, complete, today, is_past)):
        return DateReading(told[0], share, told[1], _formats(numbers, told[0]), shape)
    if complete:
        ways = " or ".join(ORDER_WORDS[one] for one in complete)
        example = next(iter(numbers))[0]
        return DateReading("undecided", share, f"{example} may be {ways}, and no cell tells", shape=shape, possible=tuple(complete))
    possible = sorted((one for one in orders if read[one]), key=lambda one: -read[one])
    counts = "; ".join(f"{ORDER_WORDS[one]} reads {read[one]:,} of {readable:,} rows" for one in possible)
    return DateReading("mixed", share, f"the rows contradict each other: {counts}", shape=shape, possible=tuple(possible))


def _told_by_rows(in_order: Sequence[re.Match[str]], orders: Sequence[str], today: date, is_past: bool) -> tuple[str, str] | None:
    """The order that the rows of the whole column speak for, and why; None where nothing does, or two things contradict each other."""
    days = {one: [day for match in in_order if (day := _means(match, one, today))] for one in orders}
    found: dict[str, str] = {}
    late = {one: len({day for day in days[one] if day > today}) for one in orders}
    possible = [one for one in orders if not late[one]]
    if is_past and len(possible) == 1 and all(late[one] >= FEWEST_AFTER_TODAY for one in orders if one != possible[0]):
        found[possible[0]] = f"in any order but {ORDER_WORDS[possible[0]]} some days would lie after today"
    texts = [match[0] for match in in_order]
    following = [one for one in orders if _is_sorted(days[one]) and len(set(days[one])) >= FEWEST_IN_ORDER]
    if len(following) == 1 and not _is_sorted(texts):   # texts sorted as texts follow each other by their first number
        found[following[0]] = f"the rows follow each other by day only as {ORDER_WORDS[following[0]]}"
    return next(iter(found.items())) if len(found) == 1 else None


def _is_sorted(listed: Sequence[date] | Sequence[str]) -> bool:
    return list(listed) in (sorted(listed), sorted(listed, reverse=True)) 


def _is_proof(match: re.Match[str], chosen: str, orders: list[str], today: date) -> bool:
    return _means(match, chosen, today) is not None and not any(_means(match, one, today) for one in orders if one != chosen)


def _means(match: re.Match[str], order: str, today: date) -> date | None:
    """The day three numbers mean in an order; None when there is no such day, or it lies outside the plausible years."""
    parts = dict(zip(ORDERS[order], (match["one"], match["two"], match["three"]), strict=True))
    if len(parts["y"]) not in (2, 4) or len(parts["d"]) > 2:
        return None
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    if len(parts["y"]) == 2 and not EARLIEST_YEAR <= year <= today.year + 1:
        return None
    return date(year, int(parts["m"]), int(parts["d"])) if _is_day(year, int(parts["m"]), int(parts["d"])) else None


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _is_half_converted(numbers: Mapping[re.Match[str], int], today: date) -> bool:
    """A spreadsheet of another country turns 03/04/2024 into a date and leaves 25/04/2024: then no cell of numbers is ambiguous."""
    return all(sum(_means(match, one, today) is not None for one in ("day_first", "month_first")) == 1 for match in numbers)


def _shape(match: re.Match[str]) -> str:
    """How a date of numbers stands: `n/n/yyyy h:m:s am`."""
    time = f"{match['gap']}h:m{':s' if match['seconds'] else ''}{' am' if match['half'] else ''}" if match["gap"] else ""
    return f"n{match['sign']}n{match['sign']}{'y' * len(match['three'])}{time}"


def _formats(numbers: Mapping[re.Match[str], int], order: str) -> tuple[str, ...]:
    """One strptime format for each way the numbers stand, the commonest first."""
    counted: dict[str, int] = {}
    for match, rows in numbers.items():
        year = "%Y" if len(match["three"]) == 4 else "%y"
        whole = match["sign"].join({"d": "%d", "m": "%m", "y": year}[part] for part in ORDERS[order])
        if match["gap"]:
            half = match["half"] or ""
            seconds = (":%S" if match["seconds"] else "") + (".%f" if match["fraction"] else "")
            whole += f"{match['gap']}{'%I' if half else '%H'}:%M{seconds}{' %p' if half.startswith(' ') else '%p' if half else ''}"
        counted[whole] = counted.get(whole, 0) + rows
    return tuple(sorted(counted, key=lambda one: ("%Y" in one, -counted[one], one)))   # %Y would take 24 for the year 24
