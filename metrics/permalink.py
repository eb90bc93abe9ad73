"""Which address opens exactly these figures again? The dashboard's own, the page, every choice, and always the build."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from urllib.parse import urlencode

from metrics.programme import programme
from metrics.question import Query
from warehouse import Problem

EXPLORE = "explore"  # the page that opens any question
NOTHING = "none"  # how that page says "not broken down", "no period"


def address() -> str:
    """Where people reach this dashboard, without a slash at its end: COMMUNE_PULSE_ADDRESS, else what programme.toml says, else nothing."""
    given = os.environ.get("COMMUNE_PULSE_ADDRESS", "").strip()
    with contextlib.suppress(Problem):  # a faulty programme.toml is told where the programme is shown, not in every link
        own = programme()
        given = given or ("" if own.is_example else own.address)
    return given.rstrip("/")


def link(page: str, choices: Mapping[str, str], build_id: str, base: str | None = None) -> str:
    """The address of a page with its choices and its build; absolute where the dashboard's address is known (`base` or configured)."""
    whole = urlencode({**choices, "build": build_id}, safe=",")
    start = address() or (base or "").rstrip("/")
    return f"{start}/{page}?{whole}" if start else f"{page}?{whole}"


def of_question(query: Query, build_id: str, base: str | None = None) -> str:
    """The address at which a question is answered again with the same figures."""
    choices = {"by": NOTHING, "period": NOTHING, **query.to_params()}
    return link(EXPLORE, choices, build_id, base)
