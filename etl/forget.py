"""How is a person removed from everything that was kept? From inbox, archive, rows set aside, and every build, archived ones too.

A CSV is written again without the person's rows, in its own encoding and line ends. A workbook, an archive, JSON or Parquet cannot be
written again as it was: its tables take its place, each as a CSV without these rows, and the file itself is removed.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import warehouse
from etl import folder as files_of
from etl import journal, pipeline
from etl.mapping import Mapping, find_header, find_mapping, read_mappings
from etl.readers import NEWLINE_INSIDE, TextTable, apart, detect
from etl.readers import csv as csv_reader
from etl.sources import SOURCES
from text.spreadsheet import without_formula
from warehouse import Problem


@dataclass(frozen=True)
class Forgotten:
    """How many rows left which files (by their path below the data folder), and the build that replaced all earlier ones.

    `replaced`: files whose tables took their place, with the names of those. `unread`: files nobody can read, so that what they hold is not
    known.
    """

    rows: dict[str, int]
    replaced: dict[str, list[str]]
    unread: list[str]
    build: warehouse.Build | None
    builds_removed: int


def forget(key: str, progress: Callable[[float, str], None] | None = None) -> Forgotten:
    """Remove every row whose key or personal cell is `key`, build again and remove all earlier builds, kept or archived: they held it.

    A file nobody has a mapping for loses the rows with a cell that is `key`. Raises Problem when nothing holds it.
    """
    inbox, archive, set_aside = (warehouse.data_folder() / name for name in ("inbox", "warehouse/archive", "set_aside"))
    mappings = read_mappings(inbox, {source.name: source for source in SOURCES})
    rows: dict[str, int] = {}
    replaced: dict[str, list[str]] = {}
    unread: list[str] = []
    with warehouse.only_builder():
        for path in [path for place in (inbox, archive, set_aside, *journal.kept_folders()) for path in files_of.data_files(place)]:
            name = path.relative_to(warehouse.data_folder()).as_posix()
            made = [path]
            try:
                if _is_text(path):
                    removed = _remove_rows(path, key.strip(), mappings)
                else:
                    removed, made, closed = _replace_by_tables(path, key.strip(), mappings)
                    unread += [f"{name} [{part}]" for part in closed]
                    if removed:
                        replaced[name] = [one.name for one in made]
            except Problem:
                unread.append(name)
                continue
            if removed:
                rows[name] = removed
                for one in made if path.parent == archive else []:
                    one.replace(archive / f"{csv_reader.scan(one).content_hash}{one.suffix}")
    apart.stop()
    if not rows:
        raise Problem(
            what=f"No row was found for {key}.",
            meaning="Nothing was changed.",
            action="Give the number of the request or submission, the name or the phone number exactly as it stands in the file."
            + (f" Look yourself into {', '.join(unread)}: nobody can read it here." if unread else ""),
            key=key,
        )
    build = pipeline.build_warehouse(inbox, False, progress, force=True).build if files_of.data_files(inbox) else None
    with warehouse.only_builder(wait=True):
        return Forgotten(rows, replaced, unread, build, _remove_earlier_builds(build))


def _is_text(path: Path) -> bool:
    """Whether a file is plain text, or empty. Raises Problem when it is a kind of file nobody can read here."""
    with path.open("rb") as opened:
        return detect.kind_of(opened.read(csv_reader.SAMPLE), path.name) == "text"


def _replace_by_tables(path: Path, key: str, mappings: list[Mapping]) -> tuple[int, list[Path], list[str]]:
    """Where a table of the file holds `key`: put every table beside it as a CSV without these rows, and remove the file.

    Returns how many rows left, the new files, and the parts of a file that stays into which nobody can look. Raises Problem when the file
    cannot be read.
    """
    with tempfile.TemporaryDirectory(dir=warehouse.data_folder()) as temporary:
        opened = detect.look_into(path, csv_reader.scan(path), Path(temporary))
        tables = opened.tables
        removed = sum(_remove_rows(table.path, key, mappings, path.name, int(table.is_tidy)) for table in tables)
        if not removed:
            return 0, [path], [part for part, _ in opened.unused]
        made = []
        for number, table in enumerate(tables, 1):
            target = path.with_name(f"{path.stem}-{number}.csv" if len(tables) > 1 else f"{path.stem}.csv")
            while target.exists():
                target = target.with_name(f"{target.stem}-of-{path.suffix.lstrip('.')}.csv")
            _write_table(table, target)
            shutil.copymode(path, target)
            made.append(target)
        path.unlink()
        return removed, made, []


def _write_table(table: TextTable, target: Path) -> None:
    """A table as a CSV of its own: a tidy copy without its column of lines, and with the line ends it had to replace."""
    if not table.is_tidy:
        shutil.copyfile(table.path, target)
        return
    unfinished = target.with_name(f".{target.name}.part")
    with table.path.open(encoding="utf-8", newline="") as lines, unfinished.open("w", encoding="utf-8", newline="") as out:
        written = csv.writer(out)
        for cells in csv.reader(lines):
            written.writerow([cell.replace(NEWLINE_INSIDE, "\n") for cell in cells[1:]])
    unfinished.replace(target)


def _remove_rows(path: Path, key: str, mappings: list[Mapping], name: str = "", own: int = 0) -> int:
    """Write the file again without the rows of `key`, in its own encoding and line ends; returns how many left.

    `name`: the file it is a copy of. `own`: how many of its first columns are none of that file's.
    """
    seen = csv_reader.scan(path)
    if not seen.size:
        return 0
    encoding = csv_reader.detect_encoding(path, seen)
    with path.open(encoding=encoding, newline="") as opened:
        text = opened.read()
    separator = csv_reader.detect_separator(text[: csv_reader.SAMPLE])
    kept, removed = io.StringIO(), 0
    as_written = (key, without_formula(key))  # rows set aside are written so that no spreadsheet runs them
    columns: tuple[int, ...] | None = None
    for _, record, cells in csv_reader.records(_lines(text), separator):
        if columns is None and cells:
            columns = tuple(place + own for place in _columns_of_people(cells[own:], name or path.name, mappings))
        elif any(cells[column].strip() in as_written for column in columns or () if column < len(cells)) or (not cells and key in record):
            removed += 1
            continue
        kept.write(record)
    if removed:
        unfinished = path.with_name(f".{path.name}.part")
        with unfinished.open("w", encoding=encoding, newline="") as written:
            written.write(kept.getvalue())
        shutil.copymode(path, unfinished)
        unfinished.replace(path)
    return removed


def _lines(text: str) -> Iterator[str]:
    """Lines with their own ends, whichever of the three kinds the file has."""
    return (line for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", text) if line)


def _columns_of_people(headers: list[str], file_name: str, mappings: list[Mapping]) -> tuple[int, ...]:
    """Where keys and personal cells stand; everywhere, when no mapping fits."""
    sources = {source.name: source for source in SOURCES}
    try:
        mapping = find_mapping(headers, file_name, None, mappings, sources)
    except Problem:
        mapping = None
    if mapping is None:
        return tuple(range(len(headers)))
    asked = {column.name for column in sources[mapping.source].columns if column.is_key or column.is_personal}
    read = [header for column in mapping.columns if column.target in asked for header in column.headers]
    named = [header for one in read for header in mapping.columns_to_rows.in_file(one)]
    found = {find_header(header, headers) for header in [*named, *mapping.personal]}
    return tuple(place for place, header in enumerate(headers) if header in found)


def _remove_earlier_builds(kept: warehouse.Build | None) -> int:
    """Remove every build but one, wherever it lies, and its package; no file is opened for it, so that one nobody can read goes too."""
    names = {path.stem for folder in (warehouse.warehouse_folder(), warehouse.archive_folder()) for path in folder.glob("*.duckdb")}
    current = warehouse.current_build() if kept else None
    earlier = names - {build.build_id for build in (kept, current) if build}
    for build_id in earlier:
        for folder in (warehouse.warehouse_folder(), warehouse.archive_folder()):
            (folder / f"{build_id}.duckdb").unlink(missing_ok=True)
    warehouse.remove_leftovers()  # a copy that was under way between two disks
    pipeline.remove_orphans()
    for unfinished in warehouse.packages_folder().glob(f"{warehouse.UNFINISHED}*"):
        shutil.rmtree(unfinished, ignore_errors=True)  # a package that is being written of a build that is gone
    return len(earlier)
