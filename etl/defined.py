"""By which definitions was a build made? Writes `quality.definitions`, so that two builds can be compared (metrics/changed.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from pathlib import Path

import duckdb

import warehouse
from etl import marts
from etl.contract import Source
from etl.sources import SOURCES
from metrics import catalogue
from metrics.fingerprint import COUNTED, LIST, MEASURE, SOURCE, TABLE, of_measure, of_text, tables_of, words_of

FRAME = {"dim_data_period", "dim_known_place", "dim_register"}  # what they say of a source is how far it reaches, never a count
Row = tuple[str, str, str, str, list[str]]


def write(connection: duckdb.DuckDBPyConnection) -> None:
    """One row each measure, table of the marts, source and reference list, with a fingerprint and what it rests on."""
    connection.executemany(f"insert into {TABLE} values (?, ?, ?, ?, ?)", rows())


def rows() -> list[Row]:
    """Everything that defines a figure, as it is now."""
    queries = marts.mart_queries()
    rests_on = {name: _rests_on(name, queries) for name in queries}
    measures = [
        (MEASURE, metric.name, of_measure(metric), words_of(metric), [name for name in tables_of(metric) if _plain(name) in queries])
        for metric in catalogue()
    ]
    counted = [
        (COUNTED, f"marts.{name}", of_text(_bare(queries[part]) for part in _marts_of(name, queries)), "", sorted(rests_on[name]))
        for name in queries
    ]
    sources = [(SOURCE, source.name, _fingerprint(source), "", list[str]()) for source in SOURCES]
    lists = [(LIST, file.stem, of_text([file.read_text(encoding="utf-8")]), "", list[str]()) for file in _lists()]
    return [*measures, *counted, *sources, *lists]


def _lists() -> list[Path]:
    return sorted(warehouse.reference_folder().glob("*.csv"))


def _plain(table: str) -> str:
    return table.removeprefix("marts.")


def _bare(query: str) -> str:
    """A query without comments and line breaks: how it is laid out defines nothing."""
    return " ".join(re.sub(r"--[^\n]*", "", query).split())


def _marts_of(name: str, queries: Mapping[str, str], without: Set[str] = frozenset()) -> list[str]:
    """A table and every table it is made from, by name."""
    found, todo = {name}, [name]
    while todo:
        reads = set(re.findall(r"\bmarts\.(\w+)", queries[todo.pop()])) & queries.keys() - found - without
        found |= reads
        todo += reads
    return sorted(found)


def _rests_on(name: str, queries: Mapping[str, str]) -> set[str]:
    """The sources and lists behind a table, however many tables lie between."""
    found: set[str] = set()
    for part in _marts_of(name, queries, FRAME):
        found |= {f"source:{source}" for source in re.findall(r"\bstaging\.(\w+)", queries[part])}
        found |= {f"list:{one}" for one in re.findall(r"\breference_(\w+)", queries[part])}
    return found


def _fingerprint(source: Source) -> str:
    """What a good row of a source is: columns and rules; labels, sentences and examples define nothing."""
    columns = [
        repr((one.name, one.type, one.is_key, one.is_required, one.spellings, one.reference, one.otherwise, one.when_empty))
        for one in source.columns
    ]
    return of_text([*columns, *(repr((rule.name, rule.is_true, rule.outcome)) for rule in source.rules)])
