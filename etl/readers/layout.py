"""Where in a sheet does the table begin, what are its headers, and does it hold one record a line or months side by side?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from etl.readers import NEWLINE_INSIDE, TEXT_KEPT, Grid, Ragged, TextTable, TidyCopy, clean, distinct_headers
from etl.readers.periods import month_within, read_month
from warehouse import Problem

ROWS_LOOKED_AT = 60
ROWS_OF_FACTS = 6
FEWEST_MONTHS = 3  # so many headers must be months before a table is taken for one with months side by side
MONTH, VALUE = "month", "value"
LEVELS_JOINED_BY = " / "
YEAR_HEADERS = {"year", "ឆ្នាំ", "année", "annee"}


@dataclass
class Table:
    """A sheet whose header was found: the headers, the column each stands in, the records below, and what stood above."""

    headers: tuple[str, ...]
    columns: tuple[int, ...]
    rows: Iterator[tuple[int, list[str]]]
    above: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    is_strict: bool = False

    def records(self, ragged: list[Ragged]) -> Iterator[tuple[int, list[str]]]:
        """(line, a cell for every header). A row with a cell outside the table goes to `ragged`, and a short one where that is a fault."""
        places = self.columns
        width = places[-1] + 1 if places else 0
        is_whole = places == tuple(range(width))
        inside = frozenset(places)
        for line, cells in self.rows:
            if is_whole and len(cells) == width:
                yield line, cells
                continue
            if len(cells) < width and self.is_strict:
                ragged.append(Ragged(line, "\t".join(cells)[:TEXT_KEPT], f"it has {len(cells)} cells and the header {width}"))
                continue
            if len(cells) < width:
                cells = cells + [""] * (width - len(cells))
            outside = [number for number, cell in enumerate(cells) if cell and number not in inside]
            if outside:
                ragged.append(Ragged(line, "\t".join(cells)[:TEXT_KEPT], f"it has a cell in column {outside[0] + 1}, which has no header"))
            elif any(cells):
                yield line, [cells[place] for place in places]


def find_table(grid: Grid, is_header_first: bool = False) -> Table:
    """The table of a sheet: its header is the first row that is about as wide as the widest and names things. Raises Problem without one.

    `is_header_first`: the tool that wrote it puts nothing above the header.
    """
    rows = iter(grid.rows)
    first = list(islice(rows, ROWS_LOOKED_AT))
    widths = [sum(map(bool, cells)) for _, cells in first]
    if not first or max(widths) == 0:
        raise no_table(grid.sheet)
    fewest = max(2, (max(widths) + 1) // 2) if max(widths) > 1 else 1
    place = 0 if is_header_first else _header_row(first, widths, next(row for row, width in enumerate(widths) if width >= fewest))
    upper, lower = (0, 0) if is_header_first else _levels(grid, first, place)
    below = first[lower + 1 :]
    size = max(len(cells) for _, cells in first)
    names = _joined(grid, first, upper, lower, size)
    used = tuple(number for number in range(size) if names[number] or any(number < len(cells) and cells[number] for _, cells in below))
    facts = (("blank_or_title_rows",) if upper else ()) + (("two_header_rows",) if lower > upper else ())
    above = tuple(cell for _, cells in first[:upper] for cell in cells if cell)
    return Table(distinct_headers([names[number] for number in used]), used, chain(below, rows), above, facts, grid.is_strict)


def write_table(grid: Grid, copy: Path) -> TextTable:
    """A sheet as a tidy copy, months side by side turned into records. Raises Problem when it holds no table."""
    return write_found(find_table(grid), grid, copy)


def write_found(table: Table, grid: Grid, copy: Path) -> TextTable:
    """The table that was found in a sheet, as `write_table` writes it."""
    across = months_across(table, grid.sheet)
    if across is not None:
        return across.write(table, grid, copy)
    with TidyCopy(copy, table.headers) as written:
        for line, cells in table.records(grid.ragged):
            written.row(line, cells)
        return written.table(**_about(grid, table))


@dataclass(frozen=True)
class MonthsAcross:
    """Columns that are months: which columns stay, and for each month the columns of its values by what they count."""

    kept: tuple[int, ...]
    months: dict[str, dict[str, int]]
    names: tuple[str, ...]

    def write(self, table: Table, grid: Grid, copy: Path) -> TextTable:
        """One record a line and month; an empty cell is a report that did not come, not a zero, and makes no record."""
        headers = distinct_headers([*(table.headers[place] for place in self.kept), MONTH, *self.names])
        with TidyCopy(copy, headers) as written:
            for line, cells in table.records(grid.ragged):
                kept = [cells[place] for place in self.kept]
                for month, columns in self.months.items():
                    values = [cells[columns[name]] if name in columns else "" for name in self.names]
                    if any(values):
                        written.row(line, [*kept, month, *values])
            about = _about(grid, table)
            return written.table(**{**about, "facts": (*about["facts"], "months_across")})


def months_across(table: Table, title: str = "") -> MonthsAcross | None:
    """How the months stand side by side, None when they do not. A month without a year takes the one year written above or in the title.

    Where no year, or more than one, can be meant, the table is left as it is.
    """
    found = {place: month for place, header in enumerate(table.headers) if (month := month_within(header)) is not None}
    if len({month[:2] for month in found.values()}) < FEWEST_MONTHS:
        return None
    if any(year is None for year, _, _ in found.values()):
        years = set(re.findall(r"(?<!\d)20\d\d(?!\d)", " ".join([*table.above, title])))
        has_year_column = any(header.strip().lower() in YEAR_HEADERS for header in table.headers)
        if len(years) != 1 or has_year_column:
            return None
        found = {place: (year or int(next(iter(years))), month, rest) for place, (year, month, rest) in found.items()}
    months: dict[str, dict[str, int]] = {}
    for place, (year, number, rest) in found.items():
        columns = months.setdefault(f"{year}-{number:02}", {})
        if (rest or VALUE) in columns:
            return None  # the same month twice, and nothing says which is meant
        columns[rest or VALUE] = place
    names = tuple(dict.fromkeys(name for columns in months.values() for name in columns))
    kept = [place for place in range(len(table.headers)) if place not in found]
    return MonthsAcross(tuple(place for place in kept if not _is_sum(place, list(found), table)), months, names)


def _is_sum(place: int, months: Sequence[int], table: Table) -> bool:
    """Whether a column holds the sum of a row's months: as a column of each month it would be counted again and again."""
    sample = list(islice(table.rows, ROWS_LOOKED_AT))
    table.rows = chain(sample, table.rows)
    cells = [[row[table.columns[one]] if table.columns[one] < len(row) else "" for one in (place, *months)] for _, row in sample]
    sums = [(_number(total), sum(_number(value) or 0 for value in values)) for total, *values in cells if total]
    return any(total for total, _ in sums) and all(total is not None and abs(total - whole) < 0.01 for total, whole in sums)


def no_table(sheet: str) -> Problem:
    """The sentence for a sheet without a table."""
    return Problem(
        what=f"{f'The sheet {sheet}' if sheet else 'The file'} holds no table.",
        meaning="It is empty or has no header line, so nothing could be loaded from it.",
        action="Export it again, with the column names in the first line.",
    )


def _about(grid: Grid, table: Table) -> dict[str, Any]:
    return {
        "sheet": grid.sheet,
        "format": grid.format,
        "facts": table.facts,
        "ragged": tuple(grid.ragged),
        "encoding": grid.encoding,
    }


def _header_row(first: Sequence[tuple[int, list[str]]], widths: Sequence[int], place: int) -> int:
    """The row of the header: `place`, unless that tells facts ("Province: Kampot", 2024) and a row soon below, as wide, only names."""
    if any(map(_is_fact, first[place][1])):
        below = range(place + 1, min(place + 1 + ROWS_OF_FACTS, len(first)))
        return next((row for row in below if widths[row] >= widths[place] and not any(map(_is_fact, first[row][1]))), place)
    return place


def _is_fact(cell: str) -> bool:
    return bool(re.match(r"\S[^:?]*:(?:\s|$)|-?[\d.,]+$|\d{4}-\d\d-\d\d", cell))


def _levels(grid: Grid, first: Sequence[tuple[int, list[str]]], place: int) -> tuple[int, int]:
    """The first and last row of the header: two where cells merged over some columns stand above the names of each."""
    width = max(sum(map(bool, cells)) for _, cells in first)
    groups = {row for row, left, last, right in grid.merged if row == last and 1 < right - left + 1 <= max(2, width * 0.7)}
    line = first[place][0]
    if line in groups and place + 1 < len(first) and not any(map(_is_number, first[place + 1][1])):
        return place, place + 1
    if place and first[place - 1][0] in groups:
        return place - 1, place
    return place, place


def _joined(grid: Grid, first: Sequence[tuple[int, list[str]]], upper: int, lower: int, size: int) -> list[str]:
    top = [*first[upper][1], *[""] * size][:size]
    if lower == upper:
        return [_header(cell) for cell in top]
    for row, left, _, right in grid.merged:
        if row == first[upper][0] and 0 <= left < size:
            top[left : right + 1] = [top[left]] * len(top[left : right + 1])
    bottom = [*first[lower][1], *[""] * size][:size]
    return [LEVELS_JOINED_BY.join(dict.fromkeys(filter(None, map(_header, pair)))) for pair in zip(top, bottom, strict=True)]


def _header(cell: str) -> str:
    """A header as people read it; the first day of a month stands for the month."""
    header = clean(cell.replace(NEWLINE_INSIDE, " "))
    month = read_month(header) if re.fullmatch(r"\d{4}-\d\d-01", header) else None
    return f"{month[0]}-{month[1]:02}" if month else header


def _number(cell: str) -> float | None:
    plain = re.sub(r"(?<=\d)[,\s](?=\d{3})", "", cell.strip())
    return float(plain) if re.fullmatch(r"-?\d+(?:\.\d+)?", plain, re.ASCII) else None


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"-?[\d.,]+", cell))
