"""What does a proposal say? A mapping as far as it is known, with reasons and scores, and the questions that are open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from etl.cells import Cells
from etl.fit import Known
from etl.mapping import ColumnsToRows, LeaveOut, MappedColumn, PlaceColumns
from etl.mapping import Mapping as FileMapping
from etl.matching import LEVELS
from etl.readers import TextTable

SKIP, CONSTANT, FINGERPRINT = "", "=", "fingerprint"  # answers that are no header: leave it out, one value for all rows, all cells as a key


@dataclass(frozen=True)
class Candidate:
    """A possible answer: `answer` is what to give back, `label` what to show; score 0 to 100 (0 where nothing speaks for it)."""

    answer: str
    label: str
    score: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class Question:
    """What a person has to say. `key` names it: "column:sex", "value:sex:1", "dates:submitted_date", "scale", "rows", "place:commune:Oak".

    `is_required`: without an answer the file cannot be loaded; else what it asks about is left out. `is_free`: an answer need not be a
    candidate (a place's code, a scale). `lines`: what a mapping says under [columns] when the answer is the first candidate.
    """

    key: str
    sentence: str
    candidates: tuple[Candidate, ...] = ()
    is_required: bool = False
    rows: int = 0
    is_free: bool = False
    lines: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.key.partition(":")[0]

    @property
    def target(self) -> str:
        return self.key.partition(":")[2].partition(":")[0]


@dataclass(frozen=True)
class Taken:
    """A column of the source and where it comes from: score 0 to 100, the reason, and the next best headers."""

    column: MappedColumn
    score: float
    reason: str
    is_certain: bool
    others: tuple[Candidate, ...] = ()

    @property
    def target(self) -> str:
        return self.column.target


@dataclass(frozen=True)
class Proposal:
    """A mapping as far as it is known, and the questions that are open. `sources`: every source with its score, best first."""

    headers: tuple[str, ...]
    source: str = ""
    sources: tuple[tuple[str, float], ...] = ()
    taken: tuple[Taken, ...] = ()
    places: tuple[Taken, ...] = ()          # target is the level
    place_names: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    leave_out: tuple[LeaveOut, ...] = ()
    columns_to_rows: ColumnsToRows = field(default_factory=ColumnsToRows)
    also_across: tuple[str, ...] = ()       # headers nobody knows whose cells are like those that become rows
    questions: tuple[Question, ...] = ()
    personal: tuple[str, ...] = ()
    name: str = ""

    @property
    def is_complete(self) -> bool:
        """Can a file be loaded with it, whatever is still asked?"""
        return bool(self.source) and not any(question.is_required for question in self.questions)

    @property
    def is_certain(self) -> bool:
        """May a build use it unseen? Nothing but names of places is asked, and every column has its own name or a declared synonym."""
        is_clear = self.is_complete and all(question.kind == "place" for question in self.questions)
        return is_clear and all(one.is_certain for one in (*self.taken, *self.places))

    @property
    def unused(self) -> tuple[str, ...]:
        """Headers that mean nothing here: they are not loaded, and masked in rows set aside."""
        used = set(self.mapping().used_headers())
        return tuple(header for header in self.headers if header not in used)

    def mapping(self) -> FileMapping:
        """The mapping as etl.mapping knows it."""
        places: dict[str, tuple[str, ...]] = {}
        for one in self.places:
            places[one.target] = (*places.get(one.target, ()), *one.column.headers)
        ordered = {level: places[level] for level in LEVELS if level in places}
        mapping = FileMapping(
            self.name, self.source, tuple(one.column for one in self.taken), dict(self.constants),
            {target: dict(meant) for target, meant in self.values.items()}, PlaceColumns(ordered, "", dict(self.place_names)),
            leave_out=self.leave_out, columns_to_rows=self.columns_to_rows, personal=self.personal,
        )  # fmt: skip
        return replace(mapping, recognise_headers=mapping.file_headers())

    def to_toml(self) -> str:
        """The mapping file, with the reasons and the open questions as comments."""
        from etl.proposal_toml import write

        return write(self)


@dataclass(frozen=True)
class Asked:
    """What `propose` was asked about: the file, its cells, the lists, the day and the answers so far."""

    table: TextTable
    cells: Mapping[str, Cells]
    known: Known
    today: date
    answers: Mapping[str, str]
    fits: dict[tuple[str, str], float | None] = field(default_factory=dict)   # kept, because several sources ask the same of a header
