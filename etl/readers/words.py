"""What is a file said to be, in words? "KoboToolbox export, label headers, 412 rows"; the words stand in text/."""

from __future__ import annotations

from collections.abc import Iterable

from text import number, t


def taken_for(kind: str, facts: Iterable[str], rows: int | None = None) -> str:
    """A format, what else was found out, and the rows, in the reader's language. Raises UnknownTextKey for a format without words."""
    said = [t(f"format.{kind}"), *(t(f"found.{fact}") for fact in facts)]
    return ", ".join([*said, *([t("deliveries.taken_rows", n=number(rows))] if rows is not None else [])])
