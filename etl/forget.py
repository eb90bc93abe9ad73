"""How is a person removed from everything that was kept? From inbox, archive, rows set aside, and every build."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import warehouse
from etl import folder as files_of
from etl import journal, pipeline
from etl.mapping import Mapping, find_header, find_mapping, read_mappings
from etl.readers import csv as csv_reader
from etl.sources import SOURCES
from text.spreadsheet import without_formula
from warehouse import Problem


@dataclass(frozen=True)
class Forgotten:
    """How many rows left which files (by their path below the data folder), and the build that replaced all earlier ones."""

    rows: dict[str, int]
    build: warehouse.Build | None
    builds_removed: int


def forget(key: str, progress: Callable[[float, str], None] | None = None) -> Forgotten:
    """Remove every row whose key or personal cell is `key`, build again and remove all earlier builds, which held it too.

    A file nobody has a mapping for loses the rows with a cell that is `key`. Raises Problem when nothing holds it.
    """
    inbox, archive, set_aside = (warehouse.data_folder() / name for name in ("inbox", "warehouse/archive", "set_aside"))
    mappings = read_mappings(inbox, {source.name: source for source in SOURCES})
    rows: dict[str, int] = {}
    with warehouse.only_builder():
        for path in [path for place in (inbox, archive, set_aside, *journal.kept_folders()) for path in files_of.data_files(place)]:
            if path.suffix.lower() not in csv_reader.ENDINGS:
                continue
            removed = _remove_rows(path, key.strip(), mappings)
            if removed:
                rows[path.relative_to(warehouse.data_folder()).as_posix()] = removed
                if path.parent == archive:
                    path.replace(archive / f"{csv_reader.scan(path).content_hash}{path.suffix}")
    if not rows:
        raise Problem(
            what=f"No row was found for {key}.",
            meaning="Nothing was changed.",
            action="Give the number of the request or submission, the name or the phone number exactly as it stands in the file.",
            key=key,
        )
    build = pipeline.build_warehouse(inbox, False, progress, force=True).build if files_of.data_files(inbox) else None
    return Forgotten(rows, build, _remove_earlier_builds(build))


def _remove_rows(path: Path, key: str, mappings: list[Mapping]) -> int:
    """Write the file again without the rows of `key`, in its own encoding and line ends; returns how many left."""
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
            columns = _columns_of_people(cells, path.name, mappings)
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
    named = [header for column in mapping.columns if column.target in asked for header in column.headers]
    found = {find_header(header, headers) for header in [*named, *mapping.personal]}
    return tuple(place for place, header in enumerate(headers) if header in found)


def _remove_earlier_builds(kept: warehouse.Build | None) -> int:
    earlier = [build for build in warehouse.builds() if kept is None or build.build_id != kept.build_id]
    for build in earlier:
        build.path.unlink(missing_ok=True)
    pipeline.remove_orphans()
    return len(earlier)
