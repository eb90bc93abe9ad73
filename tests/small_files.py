"""Small files and quick questions for the tests that build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import warehouse
from etl.contract import Source

Write = Callable[..., Path]


def rows_of(source: Source, *changes: dict[str, str]) -> str:
    """A CSV of the source's example row, once a dictionary of changes to it."""
    headers = [column.name for column in source.columns]
    lines = [",".join(headers)]
    lines += [",".join({**source.example, **change}.get(header, "") for header in headers) for change in changes]
    return "\n".join(lines) + "\n"


def ask(sql: str) -> list[tuple[object, ...]]:
    """Rows of the current build."""
    return [tuple(row) for row in warehouse.read(sql).itertuples(index=False, name=None)]
