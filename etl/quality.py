"""What does a build keep about its own making? The tables of schema `quality`, and the rows the loading writes into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

import duckdb

import warehouse
from warehouse import Build

TABLES = {
    "loads": """
        load_id integer, source varchar, file_name varchar, sheet varchar, content_hash varchar, format varchar, facts varchar[],
        encoding varchar, separator varchar, mapping_name varchar, loaded_at timestamptz, rows_read bigint, rows_loaded bigint,
        rows_set_aside bigint, rows_superseded bigint,
        rows_deleted bigint, status varchar, note varchar""",
    "rule_results": "load_id integer, source varchar, rule varchar, outcome varchar, sentence varchar, rows bigint",
    "rejected_rows": """
        load_id integer, source varchar, file_name varchar, line bigint, row_masked varchar, rules varchar[], sentences varchar[]""",
    "superseded_rows": """
        load_id integer, source varchar, file_name varchar, line bigint, key varchar, kept_file_name varchar, kept_line bigint""",
    "corrections": """
        source varchar, key varchar, column_name varchar, old_value varchar, new_value varchar, reason varchar, who varchar,
        corrected_on date, rows bigint""",
    "unmatched_places": """
        load_id integer, source varchar, file_name varchar, line bigint, field varchar, value varchar, candidates varchar""",
    "definitions": "kind varchar, name varchar, fingerprint varchar, said varchar, rests_on varchar[]",
    "build": """
        build_id varchar, built_at timestamptz, is_demonstration boolean, data_to date, code_version varchar, inputs_fingerprint varchar""",
}


@dataclass
class Load:
    """What became of one file, or of one sheet of it. The books balance: read = loaded + set aside + superseded + deleted.

    `format` and `facts` say what it was taken for (keys of [format] and [found] in text/en.toml); `status` is loaded, refused, same
    content, or not used (a sheet that holds nothing Commune Pulse loads, beside others that do).
    """

    load_id: int
    file_name: str
    content_hash: str
    source: str | None = None
    format: str = "csv"
    encoding: str | None = None
    separator: str | None = None
    mapping_name: str | None = None
    sheet: str = ""
    facts: tuple[str, ...] = ()
    rows_read: int = 0
    rows_loaded: int = 0
    rows_set_aside: int = 0
    rows_superseded: int = 0
    rows_deleted: int = 0
    status: str = "loaded"
    note: str | None = None

    @property
    def title(self) -> str:
        """The file, and its sheet where it has several, as one name for people."""
        return title(self.file_name, self.sheet)

    def refuse(self, note: str, status: str = "refused") -> None:
        """The file (or sheet) as a whole is not used; none of its rows counts."""
        self.status, self.note = status, note
        self.rows_read = self.rows_loaded = self.rows_set_aside = self.rows_superseded = self.rows_deleted = 0


def title(file_name: str, sheet: str) -> str:
    """How a sheet of a file is called."""
    return f"{file_name} [{sheet}]" if sheet else file_name


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make schema `quality` with its empty tables."""
    connection.execute("create schema if not exists quality")
    for name, columns in TABLES.items():
        connection.execute(f"create table quality.{name} ({columns})")


def write_loads(connection: duckdb.DuckDBPyConnection, loads: Sequence[Load], loaded_at: datetime) -> None:
    """Record every file: loaded, refused or the same as another."""
    for load in loads:
        values: list[Any] = [
            load.load_id, load.source, load.file_name, load.sheet, load.content_hash, load.format, list(load.facts), load.encoding,
            load.separator, load.mapping_name, loaded_at,
            load.rows_read, load.rows_loaded, load.rows_set_aside, load.rows_superseded, load.rows_deleted,
            load.status, load.note,
        ]  # fmt: skip
        connection.execute(f"insert into quality.loads values ({', '.join('?' * len(values))})", values)


def read_loads(build: Build) -> tuple[Load, ...]:
    """The books of a build's files, as they were written."""
    names = ", ".join(one.name for one in fields(Load))
    found = warehouse.read(f"select {names} from quality.loads order by load_id", build_id=build.build_id)
    loads = [Load(*row) for row in found.astype(object).where(found.notna(), None).itertuples(index=False, name=None)]
    for load in loads:
        load.facts = tuple(load.facts)
    return tuple(loads)


def describe_build(
    connection: duckdb.DuckDBPyConnection, build_id: str, built_at: datetime, is_demonstration: bool, code_version: str, fingerprint: str
) -> None:
    """Write the one row about the build; `data_to` follows once the marts know it."""
    connection.execute(
        "insert into quality.build values (?, ?, ?, null, ?, ?)", [build_id, built_at, is_demonstration, code_version, fingerprint]
    )


def set_data_to(connection: duckdb.DuckDBPyConnection, data_to: date | None) -> None:
    """The last day the build's records reach."""
    connection.execute("update quality.build set data_to = ?", [data_to])
