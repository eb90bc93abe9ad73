"""Does a sheet hold one column a criterion, or one a step of the scale? Then rows are proposed of them, and a person is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from etl.cells import Cells, look, western
from etl.contract import Across, Source
from etl.draft import draft_for
from etl.fit import meaning
from etl.headers import bare_texts, is_step
from etl.mapping import ColumnsToRows, MappedColumn
from etl.proposed import SKIP, Asked, Candidate, Proposal, Question, Taken
from etl.readers.turned import turn

FEWEST = 2  # columns that must be meant before rows are made of them
FIT = 0.5  # share of their cells that must be numbers of a small scale; the others may be n/a
HIGHEST = 100
SURE = 90.0
ROWS, KNOWN, ALL, NONE = "rows", "known", "all", "no"  # the question and its answers
_SMALL = re.compile(r"\d{1,3}(?:[.,]\d+)?")


def turned(source: Source, draft: Proposal, asked: Asked, folder: Path, is_told: bool) -> tuple[Proposal, Asked]:
    """The draft of the turned table, and what it was asked about; the draft as it was where nothing lies across, or a person said so.

    `is_told`: the file is known to be of this source. `folder` holds the turned table while it is looked at.
    """
    if asked.answers.get(ROWS) == NONE:
        return draft, asked
    for across in source.across:
        filled = {one.target for one in draft.taken} | set(draft.constants)
        if across.header in filled or not (is_told or filled.issuperset(across.beside)):
            continue
        meant = _meant(source, across, asked)
        if len(meant) >= FEWEST:
            return _turn(source, draft, asked, across, meant, folder)
    return draft, asked


def question(draft: Proposal, asked: Asked) -> tuple[Question, ...]:
    """Whether rows are to be made of columns, while nobody has said so."""
    rows = draft.columns_to_rows
    if not rows.columns or asked.answers.get(ROWS):
        return ()
    ways = [Candidate(KNOWN, f"yes: {', '.join(rows.columns)}", SURE)]
    ways += [Candidate(ALL, f"yes, and also {', '.join(draft.also_across)}")] if draft.also_across else []
    first, last = rows.columns[0], rows.columns[-1]
    sentence = f"{first} … {last}: does each of these columns stand for one {rows.header}, and are its cells the {rows.cell}?"
    return (Question(ROWS, sentence, (*ways, Candidate(NONE, "no, one line is one row")), is_required=True),)


def _meant(source: Source, across: Across, asked: Asked) -> dict[str, str]:
    """The headers that are meant, each with its value in the list (nothing for a step of a scale)."""
    found: dict[str, str] = {}
    for header in asked.table.answers:
        if asked.cells[header].filled and not _is_small(asked.cells[header]):
            continue
        if not across.listed and is_step(header):
            found[header] = ""
        for text in bare_texts(header) if across.listed else ():
            if value := meaning(source.column(across.listed), text, asked.known).value:
                found.setdefault(header, value)
    return found if any(asked.cells[header].filled for header in found) else {}


def _is_small(cells: Cells) -> bool:
    """Are the cells numbers of a scale, or of people in a meeting?"""
    return cells.share(lambda text: _number(text) is not None) >= FIT


def _highest(cells: Cells) -> float:
    return max((number for text in cells.values if (number := _number(text)) is not None), default=0)


def _number(text: str) -> float | None:
    """A number from 0 to 100; None for any other text."""
    found = _SMALL.fullmatch(western(text))
    number = float(found[0].replace(",", ".")) if found else HIGHEST + 1
    return number if number <= HIGHEST else None


def _turn(source: Source, draft: Proposal, asked: Asked, across: Across, meant: Mapping[str, str], folder: Path) -> tuple[Proposal, Asked]:
    used = {header for one in (*draft.taken, *draft.places) if one.target != across.cell for header in one.column.headers}
    highest = max(map(_highest, (asked.cells[header] for header in meant)))
    free = [asked.cells[header] for header in asked.table.answers if header not in {*used, *meant}]
    also = tuple(cells.header for cells in free if _is_small(cells) and 0 < _highest(cells) <= highest)
    is_all = asked.answers.get(ROWS) == ALL
    columns = tuple(header for header in asked.table.answers if header in meant or (is_all and header in also))
    table = turn(asked.table, columns, across.header, across.cell, folder / f"{source.name}.csv")
    rows = ColumnsToRows(columns, *table.headers[-2:])
    given = {f"column:{across.header}": rows.header, f"column:{across.cell}": rows.cell, **asked.answers}
    if across.listed:  # what is written in brackets or after a number does not make it another criterion
        category = source.column(across.listed)
        foreign = {header: value for header, value in meant.items() if not meaning(category, header, asked.known).how}
        given = {f"value:{across.listed}:{header}": value for header, value in foreign.items()} | given
    turned_asked = replace(asked, table=table, cells=look(table), answers=given, fits={})
    found = draft_for(source, turned_asked)
    why = f"{len(columns)} columns of the file"
    taken = [replace(one, score=SURE, reason=why) if one.target in (across.header, across.cell) else one for one in found.taken]
    if across.listed and given.get(f"column:{across.listed}") != SKIP:
        taken.append(Taken(MappedColumn(across.listed, (rows.header,)), SURE, why, False))
    questions = tuple(one for one in found.questions if one.key != f"column:{across.listed}")
    return replace(found, taken=tuple(taken), questions=questions, columns_to_rows=rows, also_across=also), turned_asked
