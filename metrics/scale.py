"""How do answers spread over the scale, from the lowest fifth to the highest?

For the whole programme and all months only: a spread by place would give away, by subtraction, how single people answered. An aspect whose
own share is hidden has no spread. A part with fewer than ten answers is added to its neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass

from metrics.memory import remembered
from metrics.model import SMALLEST_BASE
from metrics.query import SHOWN, Query, ask
from warehouse import read

PARTS = 5
MEASURE = "satisfied_pct"


@dataclass(frozen=True)
class Spread:
    """The answers about one aspect or category: the share in percent of each fifth of the scale from low to high, and for each fifth the
    one in which its answers are counted (0 to 4, its own unless it was small).
    """

    topic: str
    shares_pct: tuple[float, ...]
    answers: int
    counted_in: tuple[int, ...] = tuple(range(PARTS))


@remembered
def spread(build_id: str) -> list[Spread]:
    """One entry an aspect, in order of aspect; empty where all is small or hidden."""
    table = ask(Query((MEASURE,), by=("aspect",)), build_id).table
    shown = set(table.loc[table[f"{MEASURE}_status"] == SHOWN, "aspect"])
    counts = read(
        """
        select aspect, least(floor(rating_pct / 20), 4)::int as part, sum(answers) as answers
        from marts.agg_feedback where rating_pct is not null group by all
    """,
        build_id=build_id,
    )
    found = []
    for aspect, rows in counts[counts["aspect"].isin(shown)].groupby("aspect", sort=True):
        parts = [0.0] * PARTS
        for part, answers in zip(rows["part"], rows["answers"], strict=True):
            parts[int(part)] = float(answers)
        counted_in = _counted_in(parts)
        merged = [sum(part for part, where in zip(parts, counted_in, strict=True) if where == own) for own in range(PARTS)]
        total = sum(parts)
        if min((part for part in merged if part), default=0) >= SMALLEST_BASE:
            found.append(Spread(str(aspect), tuple(100 * part / total for part in merged), int(total), counted_in))
    return found


def _counted_in(parts: list[float]) -> tuple[int, ...]:
    """Where the answers of each part are counted: parts under ten with the next higher one, the last with the one below it."""
    merged, counted_in = list(parts), list(range(PARTS))
    for part, other in [*((i, i + 1) for i in range(PARTS - 1)), *((i, i - 1) for i in range(PARTS - 1, 0, -1))]:
        if 0 < merged[part] < SMALLEST_BASE:
            merged[other] += merged[part]
            merged[part] = 0.0
            counted_in = [other if where == part else where for where in counted_in]
    return tuple(counted_in)
