"""How do answers spread over the scale, from the lowest fifth to the highest?

For the whole programme and all months only: a spread by place would give away, by subtraction, how single people answered.
A part with fewer than ten answers is added to its neighbour.
"""

from __future__ import annotations

from metrics.memory import remembered
from metrics.model import SMALLEST_BASE
from warehouse import read

PARTS = 5


@remembered
def spread(build_id: str) -> list[tuple[str, tuple[float, ...], int]]:
    """(aspect, share in percent of each fifth of the scale from low to high, answers), in order of aspect; empty where all is small."""
    counts = read(
        """
        select aspect, least(floor(rating_pct / 20), 4)::int as part, sum(answers) as answers
        from marts.agg_feedback where rating_pct is not null group by all
    """,
        build_id=build_id,
    )
    found = []
    for aspect, rows in counts.groupby("aspect", sort=True):
        parts = [0.0] * PARTS
        for part, answers in zip(rows["part"], rows["answers"], strict=True):
            parts[int(part)] = float(answers)
        merged, total = _merge_small(parts), sum(parts)
        if total >= SMALLEST_BASE and min((p for p in merged if p), default=0) >= SMALLEST_BASE:
            found.append((str(aspect), tuple(100 * part / total for part in merged), int(total)))
    return found


def _merge_small(parts: list[float]) -> list[float]:
    """Parts under ten added to the next higher one, the last to the one below it; their own place is left empty."""
    merged = list(parts)
    for i in range(PARTS - 1):
        if 0 < merged[i] < SMALLEST_BASE:
            merged[i + 1] += merged[i]
            merged[i] = 0.0
    for i in range(PARTS - 1, 0, -1):
        if 0 < merged[i] < SMALLEST_BASE:
            merged[i - 1] += merged[i]
            merged[i] = 0.0
    return merged
