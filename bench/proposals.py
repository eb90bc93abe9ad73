"""How many columns of foreign files are mapped rightly, how many are asked about, and is any mapped wrongly?

    python -m bench.proposals            one line a file, and the sum
    python -m bench.proposals FILE ...   the proposal for files of your own
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from foreign_files import CASES, Case, table_of

from etl.fit import Known, known_lists
from etl.headers import PLACE
from etl.mapping import place_target
from etl.proposal import Proposal, propose
from etl.sources import SOURCES


@dataclass(frozen=True)
class Score:
    """Of the columns of a case: mapped as expected, asked about, mapped to another header, and left without a word."""

    right: tuple[str, ...]
    asked: tuple[str, ...]
    wrong: tuple[str, ...]
    missed: tuple[str, ...]


def taken_headers(proposal: Proposal) -> dict[str, str]:
    """column, or place:level -> the first header it comes from."""
    columns = {one.target: one.column.headers[0] for one in proposal.taken if one.column.headers}
    return columns | {PLACE + one.target: one.column.headers[0] for one in proposal.places}


def score(case: Case, proposal: Proposal) -> Score:
    """Compare a proposal with what a careful colleague would do. A source that was wrongly chosen makes every column wrong."""
    found = taken_headers(proposal)
    questions = {question.target for question in proposal.questions}
    if proposal.source and proposal.source != case.source:
        return Score((), (), ("source", *found), ())
    right = tuple(target for target, header in found.items() if case.columns.get(target) == header)
    wrong = tuple(f"{target} = {header}" for target, header in found.items() if case.columns.get(target) != header)
    left = [target for target in case.columns if target not in found]
    asked = [target for target in left if target in questions or not proposal.source]
    asked += [target for target in left if target.startswith(PLACE) and place_target(target.removeprefix(PLACE)) in questions]
    return Score(right, tuple(asked), wrong, tuple(target for target in left if target not in asked))


def proposals(known: Known) -> list[tuple[Case, Proposal]]:
    """Every case with its proposal."""
    with tempfile.TemporaryDirectory() as folder:
        return [(case, propose(table_of(case, Path(folder)), SOURCES, known)) for case in CASES]


def main(files: Sequence[str]) -> None:
    known = known_lists(SOURCES, None)
    if files:
        for file in files:
            with tempfile.TemporaryDirectory() as folder:
                text = Path(file).read_text(encoding="utf-8")
                print(propose(table_of(Case("file", text, ""), Path(folder)), SOURCES, known).to_toml())
        return
    print(f"{'file':<42}{'right':>6}{'asked':>6}{'wrong':>6}{'missed':>7}{'questions':>10}")
    sums = [0, 0, 0, 0, 0]
    for case, proposal in proposals(known):
        scored = score(case, proposal)
        counts = [len(scored.right), len(scored.asked), len(scored.wrong), len(scored.missed), len(proposal.questions)]
        sums = [one + other for one, other in zip(sums, counts, strict=True)]
        remarks = ", ".join([*(f"wrong: {one}" for one in scored.wrong), *(f"missed: {one}" for one in scored.missed)])
        print(f"{case.name:<42}{counts[0]:>6}{counts[1]:>6}{counts[2]:>6}{counts[3]:>7}{counts[4]:>10}  {remarks}")
    print(f"{'all':<42}{sums[0]:>6}{sums[1]:>6}{sums[2]:>6}{sums[3]:>7}{sums[4]:>10}")


if __name__ == "__main__":
    main(sys.argv[1:])
