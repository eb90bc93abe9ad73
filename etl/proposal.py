"""What is this file, and which of its columns means what? A proposal: what is certain, what is likely, and what has to be asked.

A column is taken only when its header names it (same name, declared synonym, last part of a group's path, the same words), its cells
fit, and no other header comes near. Anything less is a question with candidates; while it is open, the column is left out. Answers are
given as question key -> text, and `propose` is asked again: it remembers nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from etl import wide
from etl.cells import Cells, look
from etl.contract import Source
from etl.details import fill
from etl.draft import draft_for
from etl.fit import Known, known_lists
from etl.headers import FORM_SIGNS, PART_OF
from etl.mapping import place_target, plain_header
from etl.proposed import Asked, Candidate, Proposal, Question, Taken
from etl.readers import TextTable

SOURCE_MARGIN = 12.0   # how far the next source must be behind
LEAST_REQUIRED = 1 / 3
LEAST_HEADERS = 2      # one column alone (Commune) is in files of every kind
ASKED = {True: 0.4, False: 0.1}   # what a candidate counts, if its header names the column or only its cells fit
SOURCE_FROM = 35.0     # what scores less is no file of a source


def propose(
    table: TextTable,
    sources: Sequence[Source],
    known: Known | None = None,
    facilities: pd.DataFrame | None = None,
    answers: Mapping[str, str] | None = None,
    source: str = "",
    name: str = "",
    today: date | None = None,
    cells: Mapping[str, Cells] | None = None,
) -> Proposal:
    """The proposal for a file. `source`: what it holds, if that is known. `cells` and `known` save work when it is asked about again."""
    known = known or known_lists(sources, facilities)
    answers = dict(answers or {})
    asked = Asked(table, cells if cells is not None else look(table), known, today or date.today(), answers)
    with tempfile.TemporaryDirectory() as folder:
        return _proposed(asked, sources, source, name, Path(folder))


def _proposed(asked: Asked, sources: Sequence[Source], source: str, name: str, folder: Path) -> Proposal:
    """`folder` holds tables whose columns were made rows while they are looked at."""
    table, answers = asked.table, asked.answers
    mine = [one for one in sources if source in ("", one.name)]
    told = (source, answers.get("source", ""))
    looked = {one.name: wide.turned(one, draft_for(one, asked), asked, folder, one.name in told) for one in mine}
    drafts = {one: draft for one, (draft, _) in looked.items()}
    explained = {header for draft in drafts.values() for header in _headers(draft, (*draft.taken, *draft.places))}
    explained = {header for header in explained if plain_header(header) not in FORM_SIGNS}
    scores = sorted(((_score(one, drafts[one.name], explained), one.name) for one in sources if one.name in drafts), reverse=True)
    ranked = tuple((one, score) for score, one in scores)
    chosen = source or answers.get("source", "")
    if not chosen:
        near = [(one, score) for one, score in ranked if score >= SOURCE_FROM and score > ranked[0][1] - SOURCE_MARGIN]
        if len(near) != 1:
            return Proposal(table.headers, "", ranked, questions=(_which_source(near or list(ranked[:3]), sources),), name=name)
        chosen = near[0][0]
    contract = next(one for one in sources if one.name == chosen)
    draft = replace(drafts[chosen], sources=ranked, name=name or f"{chosen} as in {table.path.stem}")
    proposal = fill(draft, contract, looked[chosen][1])
    return replace(proposal, questions=(*wide.question(draft, asked), *proposal.questions))


def _headers(draft: Proposal, taken: Iterable[Taken]) -> set[str]:
    """The headers of the file that are read."""
    return {found for one in taken for header in one.column.headers for found in draft.columns_to_rows.in_file(header)}


def _which_source(near: Sequence[tuple[str, float]], sources: Sequence[Source]) -> Question:
    questions = {one.name: one.question for one in sources}
    listed = tuple(Candidate(one, f"{one}: {questions[one]}", score) for one, score in near)
    return Question("source", "What does this file hold? Its columns do not tell for certain.", listed, is_required=True)


def _score(source: Source, draft: Proposal, explained: set[str]) -> float:
    """0 to 100: half for the required columns that are found or have a candidate, half for how many headers the source explains.

    What every form's export has (a number, a moment) tells nothing. With less than a third of what else is required, a file is hardly it;
    with one column, or with half of a key of several columns, it is not.
    """
    filled = {one.target for one in draft.taken} | {place_target(one.target) for one in draft.places} | set(draft.constants)
    needed = [column for column in source.columns if column.is_required and not column.fills_itself_from & filled]
    on_scale = {column.name for column in source.columns if column.is_on_scale}
    if filled & {*on_scale, "asked_unofficial_payment"}:
        filled |= {"scale_min", "scale_max"}   # known, or asked once
    telling = [one for one in source.numbered_by if filled.intersection([one] if isinstance(one, str) else one)]
    numbered = source.key[:1] if len(telling) > len(source.numbered_by) / 2 else ()   # by what the file tells
    filled.update(numbered)
    of_forms = {one.target for one in draft.taken if any(plain_header(header) in FORM_SIGNS for header in one.column.headers)}
    needed = [column for column in needed if column.name not in of_forms]
    asked = {question.target: max(one.score for one in question.candidates) for question in draft.questions if question.candidates}
    found = sum(1.0 if column.name in filled else ASKED[asked.get(column.name, 0) >= PART_OF] * (column.name in asked) for column in needed)
    mine = _headers(draft, [one for one in (*draft.taken, *draft.places) if one.target not in of_forms])
    share = found / max(len(needed), 1)
    named = [one for one in source.key if (one in filled and one not in numbered) or asked.get(one, 0) >= PART_OF]
    fills_itself = [one for one in source.key if one not in named and source.column(one).when_empty]
    key = [one for one in source.key if one not in (*numbered, *fills_itself)]
    if len(mine) < LEAST_HEADERS or (len(key) > 1 and len(named) <= len(key) / 2):
        return round(min(SOURCE_FROM - 1, 50 * share), 1)
    return round((50 * share + 50 * len(mine) / max(len(explained), 1)) * (1 if share >= LEAST_REQUIRED else 0.5), 1)
