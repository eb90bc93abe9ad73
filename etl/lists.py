"""Which values may a column hold, and which spellings mean them? Makes the lists that the contract's SQL asks.

Each list becomes two enum types in an attached in-memory database `lists` (the values, and every spelling of them) and a
variable with the value of each spelling. An enum cast is a hash look-up that keeps rows in file order; a join would not.
Lists that are known before the files are read are types of schema `staging` too: its columns store their values as small numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from etl.contract import CODE_LENGTHS, Column, Source, list_name
from warehouse import Problem


def make_lists(connection: duckdb.DuckDBPyConnection, sources: Iterable[Source], reference_folder: Path) -> None:
    """Make every list the sources' columns need; registers not loaded yet (facilities, partners) start empty."""
    connection.execute("attach if not exists ':memory:' as lists; create schema if not exists staging")
    for name in ("facilities", "partners"):
        make_list(connection, name, {})
    short = {
        list_name(column): column.spellings for source in sources for column in source.columns if column.spellings and not column.reference
    }
    for name, spellings in {**country_lists(reference_folder), **short}.items():
        make_list(connection, name, spellings)
        _make_type(connection, f"staging.{name}", sorted(set(spellings.values())))


def make_list(connection: duckdb.DuckDBPyConnection, name: str, spellings: Mapping[str, str]) -> None:
    """Make (or replace) one list from its spellings, each with the value it means."""
    values = list(dict.fromkeys(spellings.values()))
    written = {spelling.lower(): value for spelling, value in spellings.items() if name not in CODE_LENGTHS or spelling != value}
    for kind, words in ((name, values), (f"{name}_written", list(written))):
        _make_type(connection, f"lists.main.{kind}", words)
    connection.execute(f"set variable {name} = ?::varchar[]", [list(written.values())])


def stored_type(connection: duckdb.DuckDBPyConnection, column: Column) -> str:
    """The type in which staging keeps a column: its list's where that was made as one, else its own."""
    if column.type != "text" or column.keeps_unknown or not (column.reference or column.spellings):
        return column.sql_type
    name = list_name(column)
    is_made = connection.execute("select 1 from duckdb_types() where schema_name = 'staging' and type_name = ?", [name]).fetchone()
    return f"staging.{name}" if is_made else column.sql_type


def _make_type(connection: duckdb.DuckDBPyConnection, name: str, words: list[str]) -> None:
    connection.execute(f"drop type if exists {name}")
    connection.execute("set variable words = ?::varchar[]", [words])
    connection.execute(f"create type {name} as enum (select unnest(getvariable('words')))")


def country_lists(reference_folder: Path) -> dict[str, dict[str, str]]:
    """Communes, districts, provinces, services and criteria: every accepted spelling and the code it means.

    A code that was re-numbered means its successor. The contract reads codes without their leading zero and with the P-code's KH by itself.
    """
    communes = _rows(reference_folder / "communes.csv")
    services = _rows(reference_folder / "services.csv")
    criteria = _rows(reference_folder / "criteria.csv")
    successors = _rows(reference_folder / "commune_successors.csv")
    codes = {row["old_code"]: row["new_code"] for row in successors} | {row["commune_code"]: row["commune_code"] for row in communes}
    provinces = {row["province_code"]: row for row in communes}
    return {
        "communes": _code_spellings(codes),
        "districts": _code_spellings({row["district_code"]: row["district_code"] for row in communes}),
        "provinces": _code_spellings({code: code for code in provinces})
        | {row[name]: code for code, row in provinces.items() for name in ("province_en", "province_km")},
        "services": {row[name]: row["service_code"] for row in services for name in ("service_code", "service_en", "service_km")},
        "criteria": {spelling: row["category_code"] for row in criteria for spelling in _spellings_of(row)},
    }


def _spellings_of(criterion: Mapping[str, str]) -> list[str]:
    """How a category of criteria may be written: its code, its names, and the words of the list."""
    return [*(criterion[f"category_{kind}"] for kind in ("code", "en", "km")), *criterion["spellings"].split("|")]


def _code_spellings(codes: Mapping[str, str]) -> dict[str, str]:
    """Old codes as anybody may write them; today's codes the contract reads by itself."""
    spellings = {code: value for code, value in codes.items() if code == value}
    for code, value in codes.items():
        short = code.lstrip("0")
        for spelling in (f"KH{code}", short, f"KH{short}", f"{short}.0", code) if code != value else ():
            spellings.setdefault(spelling, value)
    return spellings


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return list(csv.DictReader(opened))
    except FileNotFoundError:
        raise Problem(
            what=f"The list {file.name} is missing.",
            meaning="Codes in the files cannot be checked without it.",
            action=f"Put {file.name} back into {file.parent}; it is part of the repository.",
            file=str(file),
        ) from None
