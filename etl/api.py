"""What may the screen ask of the ETL? Only what stands here."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import warehouse
from etl import journal, pipeline, words
from etl.answer import workbook as answer_for_the_office
from etl.desk import keep_mapping, propose_for
from etl.dock import Effect, Examination, examine, new_delivery, put, take_out
from etl.journal import last as last_delivery
from etl.journal import undo as undo_delivery
from etl.mapping import place_target
from etl.matching import LEVELS
from etl.proposed import Proposal, Question
from etl.quality import Load, title
from etl.readers.words import taken_for
from etl.sample import make_sample
from etl.sources import SOURCES
from warehouse import Build, Problem

__all__ = [
    "Effect",
    "Examination",
    "Load",
    "Proposal",
    "Publishing",
    "Question",
    "answer_for_the_office",
    "build_demonstration",
    "column_label",
    "ensure_build",
    "examine",
    "files_in",
    "is_building",
    "keep_mapping",
    "last_delivery",
    "latest_build",
    "new_delivery",
    "propose_for",
    "put",
    "restore",
    "rules",
    "start_publishing",
    "take_out",
    "taken_for",
    "title",
    "undo_delivery",
]
Progress = Callable[[float, str], None]
WAIT_SECONDS = 0.5
TOLD, SECONDS_TOLD = "commune-pulse-publishing-", 86_400


def latest_build() -> Build | None:
    """The current build, None when there is none."""
    return warehouse.current_build()


def is_building() -> bool:
    """Whether a build is being made right now, by whatever process."""
    return warehouse.is_building()


def restore(build_id: str) -> Build:
    """Bring a build back from the archive. Raises Problem when another build is running, or the archive does not hold it."""
    with warehouse.only_builder():
        return warehouse.restore_build(build_id)


def ensure_build(progress: Progress) -> Build:
    """The current build; when there is none, the demonstration is built, once, however many ask at the same time.

    `progress` is told a share from 0 to 1 and what is being done. Raises Problem when the demonstration cannot be built.
    """
    waited = 0.0
    while True:
        build = warehouse.current_build()
        if build is not None:
            return build
        try:
            return build_demonstration(progress).build
        except Problem:
            if not warehouse.is_building():
                build = warehouse.current_build()
                if build is not None:
                    return build
                raise
        waited += WAIT_SECONDS
        progress(min(0.95, waited / (waited + 20)), "waiting for the build another page has started")
        time.sleep(WAIT_SECONDS)


def build_demonstration(progress: Progress, force: bool = False) -> pipeline.Outcome:
    """Make the demonstration files if they are missing or not whole, and a build from them."""
    folder = warehouse.data_folder() / "sample"
    if not (folder / pipeline.files_of.TRUTH).is_dir():  # it is written last
        with warehouse.only_builder():
            make_sample(folder, progress=lambda share, what: progress(share * 0.4, f"inventing {what}"))
    return pipeline.build_warehouse(folder, True, lambda share, what: progress(0.4 + share * 0.6, what), force)


def rules() -> list[dict[str, str]]:
    """Every rule of every source: `source`, `rule`, `sentence`, `outcome`, in the order in which sources are loaded."""
    return [
        {"source": source.name, "rule": rule.name, "sentence": rule.sentence, "outcome": rule.outcome}
        for source in SOURCES
        for rule in source.rules
    ]


def files_in(token: str) -> list[Path]:
    """The files of a delivery, by name."""
    return sorted(path for path in journal.delivery(token).iterdir() if path.is_file())


@dataclass
class Publishing:
    """A delivery that is being published by a process of its own, so that it goes on when the visitor leaves and can be cancelled."""

    process: subprocess.Popen[bytes]
    told: Path
    words: str = ""

    def _words(self) -> str:
        """All it has told so far. Once it has ended, the file it tells it to is removed."""
        is_over = self.process.poll() is not None
        with contextlib.suppress(FileNotFoundError):
            self.words = self.told.read_text(encoding="utf-8", errors="replace")
            if is_over:
                self.told.unlink()
        return self.words

    def progress(self) -> tuple[float, str]:
        """The share done from 0 to 1, and what is being done."""
        lines = [line for line in self._words().splitlines() if "\t" in line]
        share, what = lines[-1].split("\t", 1) if lines else ("0", "")
        return float(share), what

    def exit_code(self) -> int | None:
        """None while it goes on; 0 published, 1 published with files refused, 2 nothing was done."""
        return self.process.poll()

    def cancel(self) -> None:
        """Stop it. Readers keep the build they have and the delivery waits as it was."""
        self.process.terminate()
        self.process.wait()
        self._words()

    def said(self) -> str:
        """What it said besides its progress: the books, or what went wrong; nothing about folders of the server."""
        lines = self._words().splitlines()
        return "\n".join(line for line in lines if "\t" not in line and str(warehouse.data_folder()) not in line).strip()


def start_publishing(token: str) -> Publishing:
    """Begin to publish a delivery together with the inbox. What visitors who left never asked about is removed after a day."""
    for old in Path(tempfile.gettempdir()).glob(f"{TOLD}*.txt"):
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > SECONDS_TOLD:
                old.unlink()
    with tempfile.NamedTemporaryFile("wb", prefix=TOLD, suffix=".txt", delete=False) as told:
        command = [sys.executable, "-m", "etl", "deliver", "--token", token]
        process = subprocess.Popen(command, cwd=warehouse.REPOSITORY, stdout=told, stderr=subprocess.STDOUT)
    return Publishing(process, Path(told.name))


def column_label(source: str, target: str, code: str) -> str:
    """What a column of a source is called in a language; a level of places is called as its code is."""
    found = next((one for one in SOURCES if one.name == source), None)
    columns = {column.name: column for column in found.columns} if found else {}
    column = columns.get(target) or columns.get(place_target(target) if target in LEVELS else target)
    return words.label(found, column, code) if found and column else target
