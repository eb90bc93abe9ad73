"""What does `python -m etl map FILE` show and ask? What the file is, each column with its reason, the open questions, the mapping."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from etl.cells import look
from etl.desk import known_now
from etl.fit import known_lists
from etl.mapping import place_target
from etl.proposal import Proposal, propose
from etl.proposed import CONSTANT, SKIP, Candidate, Question
from etl.quality import title
from etl.readers import TextTable, apart, detect
from etl.readers import csv as csv_reader
from etl.readers.words import taken_for
from etl.sources import SOURCES
from text import set_language
from warehouse import Problem

COMPLETE, OPEN, NOT_KNOWN = 0, 1, 2
SHOWN = 4
WIDTH = 38


def run(file: Path, save: Path | None, source: str, ask: Callable[[str], str] | None, sheet: str = "") -> int:
    """Print the proposal for a file and write its mapping. Returns 0 (complete), 1 (questions are open) or 2 (nobody knows what it is).

    `ask` puts a question to a person; None when nobody is there, and then nothing waits.
    """
    if not file.is_file():
        raise Problem(f"There is no file {file}.", "Nothing was proposed.", "Check the path.")
    if save is not None and save.exists():
        raise Problem(f"{save} exists already.", "It may hold somebody's corrections, so it was not written over.", "Give another name.")
    with tempfile.TemporaryDirectory() as folder:
        try:
            proposal = _proposal(_table(detect.open_file(file, csv_reader.scan(file), Path(folder)), file, sheet), file, source, ask)
        finally:
            apart.stop()
    text = proposal.to_toml()
    if save is None:
        print(f"\n{text}", end="")
    else:
        save.write_text(text, encoding="utf-8")
        print(f"\nThe mapping is written to {save}. Read it, then keep it beside the data.")
    if not proposal.source:
        return NOT_KNOWN
    return OPEN if proposal.questions else COMPLETE


def _table(tables: Sequence[TextTable], file: Path, sheet: str) -> TextTable:
    """The sheet that is asked for; without a name the one that is most like a source, and the others are named."""
    if sheet:
        found = next((table for table in tables if table.sheet == sheet), None)
        if found is None:
            names = ", ".join(f"'{table.sheet}'" for table in tables)
            raise Problem(f"{file.name} has no sheet '{sheet}'.", "Nothing was proposed.", f"It has: {names}.")
        return found
    if len(tables) == 1:
        return tables[0]
    known = known_lists(SOURCES, None)
    scores = [max(score for _, score in propose(table, SOURCES, known).sources) for table in tables]
    best = tables[scores.index(max(scores))]
    others = ", ".join(f"'{table.sheet}'" for table in tables if table is not best)
    print(f"Looking at the sheet '{best.sheet}' of {file.name}. It also has {others}: name one with --sheet.\n")
    return best


def _proposal(table: TextTable, file: Path, source: str, ask: Callable[[str], str] | None) -> Proposal:
    """Proposed, shown, and asked about until every question is answered or skipped."""
    known, cells = known_now(), look(table)
    answers: dict[str, str] = {}

    def again() -> Proposal:
        return propose(table, SOURCES, known, answers=answers, source=source, name=file.stem, cells=cells)

    proposal = again()
    set_language("en")
    print(f"{title(file.name, table.sheet)}: {taken_for(table.format, table.facts, table.records)}")
    print(_shown(proposal, file.name, table.records))
    skipped: set[str] = set()
    while ask and (question := next((one for one in proposal.questions if one.key not in skipped), None)):
        if lacking := next((one for one in proposal.questions if one.kind == "register"), None):   # no answer helps before it is there
            print(f"\n{lacking.sentence}")
            break
        answer = _answer(question, proposal, ask)
        skipped.add(question.key)
        if answer is None:   # the person left
            break
        if answer or not question.is_required:
            answers[question.key] = answer
            proposal = again()
    if answers:
        print("\n" + _shown(proposal, file.name, table.records))
    return proposal


# -- what is shown ---------------------------------------------------------------------------------------------------------------


def _shown(proposal: Proposal, file_name: str, records: int) -> str:
    """What the file is, one line a column, what is not used, and the open questions."""
    held = f"{file_name}: {proposal.source or 'nobody knows what it holds'}, {records:,} rows."
    lines = [held]
    if proposal.source:
        question = next(one for one in SOURCES if one.name == proposal.source).question
        lines[0] = f"{held} {question}"
    rows = [("column", "comes from", "score", "sure", "because")]
    for one in proposal.taken:
        rows.append((one.target, " + ".join(one.column.headers), f"{one.score:.0f}", "yes" if one.is_certain else "check", one.reason))
    for one in proposal.places:
        target = f"{place_target(one.target)} (by name)"
        rows.append((target, " + ".join(one.column.headers), f"{one.score:.0f}", "yes" if one.is_certain else "check", one.reason))
    rows += [(target, f"{value} in every row", "", "check", "") for target, value in proposal.constants.items()]
    if len(rows) > 1:
        lines += ["", *_lines(rows)]
    recoded = sum(len(meant) for meant in proposal.values.values())
    if recoded:
        lines.append(f"\n{recoded} written words have a meaning in the mapping.")
    lines += [f"Left out: rows of which {one.reason}." for one in proposal.leave_out]
    if proposal.source and proposal.unused:
        lines.append(f"Not used: {', '.join(proposal.unused)}")
    if proposal.questions:
        lines.append(f"\n{len(proposal.questions)} open:")
        lines += [line for question in proposal.questions for line in _question_lines(question)]
    return "\n".join(lines)


def _question_lines(question: Question) -> list[str]:
    needed = "needed" if question.is_required else "optional"
    rows = f", {question.rows:,} rows" if question.rows else ""
    return [f"  {question.sentence} ({needed}{rows})", *(f"      {_candidate(one)}" for one in question.candidates[:SHOWN])]


def _candidate(one: Candidate) -> str:
    about = ", ".join(part for part in (f"{one.score:.0f}" if one.score else "", one.reason) if part)
    return f"{one.label} ({about})" if about else one.label


def _lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns side by side; only the last may be long."""
    short = [[*(cell if len(cell) <= WIDTH else cell[: WIDTH - 1] + "…" for cell in row[:-1]), row[-1]] for row in rows]
    widths = [max(len(row[column]) for row in short) for column in range(len(short[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in short]


# -- what is asked ---------------------------------------------------------------------------------------------------------------


def _answer(question: Question, proposal: Proposal, ask: Callable[[str], str]) -> str | None:
    """What a person answers: y for the first candidate, a number, a header or value, or skip (nothing). None when the person left."""
    print(f"\n{question.sentence}")
    for number, one in enumerate(question.candidates, 1):
        print(f"  {number}  {_candidate(one)}")
    if question.kind == "column" and proposal.unused:
        print(f"  or the header that holds it, of: {', '.join(proposal.unused)}")
    if question.kind == "column" and question.is_free:
        print("  or = and the value, where it is one for all rows (=2024-06-30)")
    while True:
        try:
            said = ask("y = the first, a number, or s = skip: " if question.candidates else "a header or value, or s = skip: ").strip()
        except (EOFError, KeyboardInterrupt):
            return None
        if said.lower() in ("", "s", "skip"):
            return SKIP
        if said.lower() == "y" and question.candidates:
            return question.candidates[0].answer
        if said.isdigit() and 1 <= int(said) <= len(question.candidates):
            return question.candidates[int(said) - 1].answer
        if _is_possible(said, question, proposal):
            return said
        named = next((one.answer for one in question.candidates if one.answer.removeprefix(CONSTANT).lower() == said.lower()), None)
        if named is not None:   # a value of the list, however its case
            return named
        print("That is none of the answers.")


def _is_possible(said: str, question: Question, proposal: Proposal) -> bool:
    """Is a typed answer one that can be meant? A header (or =value) for a column, a candidate otherwise."""
    if question.kind == "column":
        return said in proposal.headers or said.startswith("=")
    return question.is_free or said in [one.answer for one in question.candidates]


def person() -> Callable[[str], str] | None:
    """How to ask a person: on a terminal only, so that nothing ever waits in a night's run."""
    return input if sys.stdin.isatty() and sys.stdout.isatty() else None

