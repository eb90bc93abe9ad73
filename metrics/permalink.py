"""Which address opens exactly these figures again? The dashboard's own, the page, every choice, and always the build."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from metrics.programme import programme_file, read_programme
from metrics.question import Query
from warehouse import Problem

EXPLORE = "explore"  # the page that opens any question
NOTHING = "none"  # how that page says "not broken down", "no period"


def address() -> str:
    """Where people reach this dashboard, without a slash at its end: COMMUNE_PULSE_ADDRESS, else what the programme declares; else nothing.

    The example that is shipped declares nothing: its address is nobody's. Nor does a file that cannot be read; where it is used it says so.
    """
    if said := os.environ.get("COMMUNE_PULSE_ADDRESS", "").strip().rstrip("/"):
        return said
    file = programme_file()
    return _declared(file, file.stat().st_mtime_ns) if file.is_file() else ""


@lru_cache(maxsize=8)
def _declared(file: Path, changed_ns: int) -> str:
    try:
        told = read_programme(file)
    except Problem:
        return ""
    return "" if told.is_example else told.address


def link(page: str, choices: Mapping[str, str], build_id: str, base: str | None = None) -> str:
    """The address of a page with its choices and its build; absolute where the dashboard's address is known (`base` or configured)."""
    whole = urlencode({**choices, "build": build_id}, safe=",")
    start = address() or (base or "").rstrip("/")
    return f"{start}/{page}?{whole}" if start else f"{page}?{whole}"


def of_question(query: Query, build_id: str, base: str | None = None) -> str:
    """The address at which a question is answered again with the same figures."""
    choices = {"by": NOTHING, "period": NOTHING, **query.to_params()}
    return link(EXPLORE, choices, build_id, base)
