"""`python -m reports batch`: the reports of every commune, district or province, unattended, going on where it was interrupted."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import warehouse
from metrics import places
from metrics.query import Filters
from reports import ask, content, files, journal, make
from reports.journal import Entry
from text import LANGUAGES, spreadsheet
from warehouse import Build, DiskProblem, Problem

NAME = "batch"
HELP = "The reports of every commune, district or province; run again, it makes only what is missing."
_BOOKED = ("place", "language", "build", "outcome", "seconds")
LEVELS = ("programme", "province", "district", "commune")
JOURNAL, BOOKS = "reports.jsonl", "reports.csv"
WRITTEN, SKIPPED, FAILED = "written", "skipped", "failed"


@dataclass(frozen=True)
class Task:
    """One report to be there: place, language, formats, of one build and period."""

    where: Filters
    language: str
    kinds: tuple[str, ...]
    build: Build

    @property
    def code(self) -> str:
        """The code of its place."""
        return self.where.place or content.PROGRAMME

    @property
    def key(self) -> str:
        """What it is made from, so that anything that would change it makes it again: build, words and forms, place, period, formats."""
        of_build = (self.build.build_id, self.build.built_at.isoformat(), files.made_by())
        asked = (self.code, self.where.month_from or "", self.where.month_to or "", self.language, *self.kinds)
        return hashlib.sha256("|".join((*of_build, *asked)).encode()).hexdigest()[:32]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which places, in which languages and formats, and where to."""
    parser.add_argument("--level", choices=LEVELS, required=True, help="every place of this level that the data or the programme know")
    parser.add_argument("--within", default=content.PROGRAMME, metavar="CODE", help="only places in this one (default: all)")
    parser.add_argument("--language", type=languages, default=("en",), help=f"one or more of {','.join(LANGUAGES)} (default: en)")
    make.add_choices(parser)


def languages(text: str) -> tuple[str, ...]:
    """The languages named in a list."""
    asked = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not asked or set(asked) - set(LANGUAGES):
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of {', '.join(LANGUAGES)}")
    return asked


def run(arguments: argparse.Namespace) -> int:
    """Make what is missing, say how far it is, keep the books; 1 where something failed."""
    build = warehouse.build_or_current(arguments.build)
    within = content.filters_of(arguments.within, arguments.month_from, arguments.month_to)
    tasks = [
        Task(content.filters_of(code, arguments.month_from, arguments.month_to), spoken, arguments.format, build)
        for code in codes(arguments.level, within.place, build.build_id)
        for spoken in arguments.language
    ]
    if not tasks:
        print(f"There is no {arguments.level} to report on.", file=sys.stderr)
        return 1
    rows = list(make_all(tasks, arguments.out, sys.stderr.write))
    files.write_whole(arguments.out / BOOKS, _books(rows))
    counts = {outcome: sum(row["outcome"] == outcome for row in rows) for outcome in (WRITTEN, SKIPPED, FAILED)}
    print(f"{counts[WRITTEN]} written, {counts[SKIPPED]} were there already, {counts[FAILED]} failed; books: {arguments.out / BOOKS}")
    return 1 if counts[FAILED] else 0


def codes(level: str, within: str, build_id: str) -> list[str]:
    """The codes of the places of a level that a build knows, in order."""
    if level == "programme":
        return [content.PROGRAMME]
    column = places.tree(build_id)[f"{level}_code"].dropna()
    return sorted({str(code) for code in column if str(code).startswith(within)})


def make_all(tasks: Iterable[Task], folder: Path, say: Callable[[str], object] = lambda line: None) -> Iterator[Entry]:
    """Make each report that is not there yet and give its entry in the books. A full disk stops the run, any other fault one report."""
    tasks = list(tasks)
    with warehouse.disk_told():
        folder.mkdir(parents=True, exist_ok=True)
    files.remove_unfinished(folder)
    done = journal.read(folder / JOURNAL)
    for n, task in enumerate(tasks, 1):
        began = time.perf_counter()
        known = done.get(task.key)
        entry: Entry
        if known and known["outcome"] == WRITTEN and _is_there(folder, known):
            entry = {**known, "outcome": SKIPPED}
        else:
            entry = _make(task, folder, began)
            journal.add(folder / JOURNAL, entry)
            ask.forget()
        say(f"[{n}/{len(tasks)}] {task.code} {task.language} {entry['outcome']} {entry['seconds']} s {entry['reason']}\n")
        yield entry


def _make(task: Task, folder: Path, began: float) -> Entry:
    """Write one report; its entry says what came of it."""
    about = {"key": task.key, "place": task.code, "language": task.language, "build": task.build.build_id}
    try:
        made = make.files(task.where, task.language, task.build, task.kinds)
        for name, inside in made.items():
            files.write_whole(folder / name, inside)
    except DiskProblem:
        raise
    except Problem as problem:
        return {**about, "outcome": FAILED, "files": {}, "seconds": _seconds(began), "reason": str(problem)}
    except Exception as error:
        return {**about, "outcome": FAILED, "files": {}, "seconds": _seconds(began), "reason": f"{type(error).__name__}: {error}"}
    sums = {name: hashlib.sha256(inside).hexdigest() for name, inside in made.items()}
    return {**about, "outcome": WRITTEN, "files": sums, "seconds": _seconds(began), "reason": ""}


def _seconds(began: float) -> float:
    return round(time.perf_counter() - began, 2)


def _is_there(folder: Path, known: Entry) -> bool:
    """Whether every file of an entry lies there as it was written."""
    paths = {folder / name: told for name, told in known["files"].items()}
    return all(path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == told for path, told in paths.items())


def _books(rows: list[Entry]) -> bytes:
    told = [{**{name: row[name] for name in _BOOKED}, "files": " ".join(row["files"]), "reason": row["reason"]} for row in rows]
    return spreadsheet.to_csv(pd.DataFrame(told, columns=[*_BOOKED, "files", "reason"]))
