"""Which mapping does a file get when it is loaded? One a person wrote, else what its headers say for certain; never a guess.

A file without a declared mapping is loaded only if every column it fills is named by its own name or a declared synonym, and its cells
can be read in one way only (docs/decisions/proposals.md). All other files wait for a person: `python -m etl map FILE`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from etl.cells import look
from etl.contract import Source
from etl.fit import known_lists
from etl.mapping import MappedColumn, find_mapping, missing_targets, own_mapping, place_target, plain_header
from etl.mapping import Mapping as FileMapping
from etl.proposal import Proposal, propose
from etl.proposed import Candidate, Question
from etl.readers import TextTable
from warehouse import Problem

ROWS_OF_HEAD = 5_000   # mostly enough to see how dates are written; where it is not, all rows are looked at


def mapping_for(
    table: TextTable, file_name: str, source: str | None, declared: Sequence[FileMapping], sources: Mapping[str, Source]
) -> FileMapping | None:
    """The mapping for a file; None (or one that lacks required columns) when nobody knows what it holds.

    `source`: the source the file's folder names, if any. Raises Problem when its cells may be read in more than one way.
    """
    found = find_mapping(table.headers, file_name, source, declared, dict(sources))
    if found is not None and found.is_declared:
        return found
    mapping = own_mapping(table.answers, source, dict(sources))
    known = known_lists(list(sources.values()), None)
    if mapping is not None and not missing_targets(mapping, sources[mapping.source]):
        cells = look(table, ROWS_OF_HEAD, is_head=True)
        proposal = propose(table, list(sources.values()), known, source=mapping.source, cells=cells)
        own = {column.target for column in mapping.columns if _is_own(column)}
        undecided = {question.target for question in proposal.questions if question.kind == "dates"}
        if table.records > ROWS_OF_HEAD and undecided - own:
            proposal = propose(table, list(sources.values()), known, source=mapping.source, cells=look(table))
        if source or 2 * len(mapping.used_headers()) >= len(table.answers):
            return _read_for_certain(mapping, proposal, file_name)
        whole = propose(table, list(sources.values()), known)   # a list of sessions names facilitators and communes, as their register does
        if whole.source in ("", mapping.source):
            return _read_for_certain(mapping, proposal, file_name)
    else:
        whole = propose(table, list(sources.values()), known, source=source or "")
    if _is_certain(whole):
        return replace(whole.mapping(), name=f"{whole.source}: proposed, certain")
    if not source and whole.source and (asked := [one for one in open_questions(whole) if one.is_required]):
        raise _doubt(file_name, asked, whole.source)
    return mapping


def open_questions(proposal: Proposal) -> list[Question]:
    """The questions that keep a file from being loaded unseen. Names of places are listed by the loading; the register comes before it."""
    return [question for question in proposal.questions if question.kind not in ("place", "register")]


def _is_certain(proposal: Proposal) -> bool:
    everything = (*proposal.taken, *proposal.places)
    return bool(proposal.source) and not open_questions(proposal) and all(one.is_certain for one in everything)


def _read_for_certain(mapping: FileMapping, proposal: Proposal, file_name: str) -> FileMapping:
    """The mapping that follows from the headers, with what the cells add to it: the order of dates, ages, other words.

    Under the contract's own column names its own convention stands (31/12/2024), unless the cells prove another order.
    """
    taken = {one.target: one for one in proposal.taken}
    columns: list[MappedColumn] = []
    for column in mapping.columns:
        found = taken.get(column.target)
        is_own = _is_own(column)
        if found is None:
            doubts = [one for one in proposal.questions if one.target == column.target and not (is_own and one.kind in ("dates", "column"))]
            if doubts:
                raise _doubt(file_name, doubts)
        if found and not found.is_certain:
            listed = tuple(Candidate(header, header) for header in (column.headers[0], found.column.headers[0]))
            sentence = f"{column.headers[0]} is not clearly what it is called."
            raise _doubt(file_name, [Question(f"column:{column.target}", sentence, listed)])
        columns.append(found.column if found and not (is_own and _is_convention(found.column)) else column)
    filled = {column.target for column in mapping.columns} | {place_target(level) for level in mapping.places.headers}
    columns += [one.column for one in proposal.taken if one.is_certain and one.target not in filled]
    twice = [question for question in proposal.questions if question.kind == "keep"]
    if twice:
        raise _doubt(file_name, twice)
    kept = {column.target for column in columns}
    values = {target: dict(meant) for target, meant in proposal.values.items() if target in kept}
    return replace(mapping, columns=tuple(columns), values=values, leave_out=proposal.leave_out)


def _is_own(column: MappedColumn) -> bool:
    """Does the header say the column's own name?"""
    return plain_header(column.headers[0]) == plain_header(column.target)


def _is_convention(column: MappedColumn) -> bool:
    """Is it what the contract reads by itself, day before month?"""
    return bool(column.dates) and all(one.startswith("%d/%m/%Y") for one in column.dates)


def _doubt(file_name: str, doubts: Sequence[Question], source: str = "") -> Problem:
    possible = ", ".join(dict.fromkeys(one.label for question in doubts for one in question.candidates))
    lines = [f"for {question.candidates[0].label}: {line}" for question in doubts for line in question.lines]
    ways = ["Answer with: python -m etl map FILE --save FILE.toml."]
    ways += [f"Possible: {possible}."] if possible else []
    ways += [f"In the mapping stands then, under [columns], {'; '.join(lines)}"] if lines else []
    asked = " ".join(dict.fromkeys(question.sentence for question in doubts[:3]))
    doubt = f"looks like {source}, but not everything in it is clear." if source else "can be read in more than one way."
    return Problem(
        what=f"{file_name} {doubt} {asked}",
        meaning="Commune Pulse does not guess, so the file was not loaded.",
        action=" ".join(ways),
        file_name=file_name,
        questions=[question.key for question in doubts],
    )

