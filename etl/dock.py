"""What is in a delivery of dropped files, what would it change, and how is it published?

A delivery is a folder of its own beside the warehouse. It is checked there, and built together with the inbox; its files move into the
inbox when that build is published (`etl.journal`). So a delivery that is cancelled, refused or killed has changed nothing.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

import warehouse
from etl import folder as files_of
from etl import journal, pipeline
from etl.contract import Source
from etl.corrections import FILE as CORRECTIONS
from etl.load import Workplace
from etl.quality import Load, read_loads
from etl.readers import csv as csv_reader
from etl.sources import SOURCES
from warehouse import Build, Problem

DAYS_KEPT = 7  # a delivery nobody published is removed after so many days
LARGEST_MB = 500
ROWS_TOLD = 100_000


@dataclass(frozen=True)
class Effect:
    """What publishing would do to one source: rows that are new, that replace another, and that are as they were."""

    source: str
    new: int
    replaced: int
    unchanged: int


@dataclass(frozen=True)
class Examination:
    """What became of a delivery's files: their books; every broken rule (source, rule, outcome, sentence, rows); the rows set aside
    (load_id, source, file_name, line, reasons, row_masked); and what would change.
    """

    loads: tuple[Load, ...]
    rules: pd.DataFrame
    rows: pd.DataFrame
    effects: tuple[Effect, ...]

    @property
    def can_be_published(self) -> bool:
        """Whether at least one file would be loaded."""
        return any(load.status == "loaded" for load in self.loads)


@warehouse.disk_told()
def new_delivery() -> str:
    """A new, empty delivery; returns its token. Deliveries that nobody published in a week are removed."""
    for old in journal.deliveries().glob("*"):
        if time.time() - old.stat().st_mtime > DAYS_KEPT * 86_400:
            shutil.rmtree(old, ignore_errors=True)
    token = secrets.token_hex(8)
    (journal.deliveries() / token).mkdir(mode=0o700)
    return token


@warehouse.disk_told()
def put(token: str, name: str, content: bytes) -> Path:
    """Keep a dropped file under its own name, without any folder in it. Raises Problem for a name or a size that cannot be kept."""
    plain = Path(name.replace("\\", "/")).name.strip()
    if not plain or plain.startswith((".", "~$")) or not plain.isprintable():
        raise Problem(f"'{name}' is no name for a file.", "It was not kept.", "Give it a name that begins with a letter or a number.")
    if len(content) > LARGEST_MB * 1_000_000:
        raise Problem(
            f"{plain} is larger than {LARGEST_MB} MB.",
            "It was not kept: a browser is a slow way for so much.",
            "Put it into data/inbox on the server, then run: python -m etl build",
        )
    path = journal.delivery(token) / plain
    path.write_bytes(content)
    path.chmod(0o600)
    return path


@warehouse.disk_told()
def take_out(token: str, name: str) -> None:
    """Take a file out of a delivery again."""
    (journal.delivery(token) / Path(name).name).unlink(missing_ok=True)


@warehouse.disk_told()
def examine(token: str) -> Examination:
    """Read, map and check the files of a delivery without loading them, and compare their rows with what is loaded now.

    Mappings and corrections that lie in the inbox count, as they will when the delivery is published.
    """
    delivery = journal.delivery(token)
    current = warehouse.current_build()
    current = None if current is not None and current.is_demonstration else current
    with (
        tempfile.TemporaryDirectory() as temporary,
        _together(warehouse.data_folder() / "inbox", delivery, ("*.toml", CORRECTIONS)) as folder,
    ):
        passing = Path(temporary)
        connection = pipeline.connect(":memory:", passing)
        try:
            place = Workplace(connection, date.today(), passing, passing / "set_aside")
            scans = {path: csv_reader.scan(path) for path in files_of.data_files(folder)}
            loads = pipeline.load_files(place, folder, scans, lambda share, what: None, pipeline.registers_of(current))
            rules = connection.execute(
                "select source, rule, outcome, sentence, sum(rows)::bigint as rows from quality.rule_results group by all "
                "order by rows desc, rule"
            ).df()
            rows = connection.execute(
                "select load_id, source, file_name, line, array_to_string(sentences, ' ') as reasons, row_masked "
                f"from quality.rejected_rows order by file_name, line limit {ROWS_TOLD}"
            ).df()
            loaded = {load.source for load in loads if load.status == "loaded"}
            effects = tuple(_effect(connection, source, current) for source in SOURCES if source.name in loaded and source.key)
        finally:
            connection.close()
    return Examination(tuple(loads), rules, rows, effects)


def publish(token: str, progress: pipeline.Progress | None = None) -> pipeline.Outcome:
    """Build inbox and delivery together, publish, and move the delivery's files into the inbox.

    Raises Problem when the build does; the delivery then waits as it was, and nothing else has changed.
    """
    delivery = journal.delivery(token)
    with warehouse.only_builder():
        pipeline.tidy_up()
        current = warehouse.current_build()
        if current is not None and not journal.is_waiting(token):  # it was published by a run that died before it could say so
            return pipeline.Outcome(current, is_new=False, loads=read_loads(current))
        journal.check_inbox()
        with _together(warehouse.data_folder() / "inbox", delivery, beside=warehouse.warehouse_folder()) as folder:
            return pipeline.build_alone(folder, False, progress, begin=lambda build_id: journal.begin(build_id, token))


def _effect(connection: duckdb.DuckDBPyConnection, source: Source, current: Build | None) -> Effect:
    """Compare the rows of a source with those of the current build, key by key."""
    table = f"staging.{source.name}"
    key = ", ".join(f"{name}::varchar as {name}" for name in source.key)
    others = ", ".join(f"coalesce({column.name}::varchar, chr(0))" for column in source.staged if not column.is_key)
    rows = f"select {key}, hash({others or '0'}) as content from {table}"
    now = warehouse.read(rows, build_id=current.build_id) if current else connection.execute(f"{rows} limit 0").df()
    connection.register("rows_now", now)
    (counted,) = connection.execute(
        "select count(*) filter (now.content is null), count(*) filter (now.content <> came.content), "
        f"count(*) filter (now.content = came.content) from ({rows}) as came left join rows_now as now using ({', '.join(source.key)})"
    ).fetchall()
    connection.unregister("rows_now")
    return Effect(source.name, *map(int, counted))


@contextmanager
def _together(inbox: Path, delivery: Path, patterns: Sequence[str] = ("*",), beside: Path | None = None) -> Iterator[Path]:
    """A folder that holds the inbox's files (those that fit a pattern) and, over them, the delivery's: links, no copies.

    `beside`: where it is made, for a builder, so that the next one removes it if this one dies.
    """
    with tempfile.TemporaryDirectory(prefix=warehouse.UNFINISHED, dir=beside) as temporary:
        for folder, wanted in ((inbox, patterns), (delivery, ("*",))):
            for path in sorted(path for pattern in wanted for path in folder.rglob(pattern)) if folder.is_dir() else ():
                if path.is_file():
                    link = Path(temporary) / path.relative_to(folder)
                    link.parent.mkdir(parents=True, exist_ok=True)
                    link.unlink(missing_ok=True)
                    link.symlink_to(path.resolve())
        yield Path(temporary)
