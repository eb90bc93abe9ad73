"""Do facilitators grow? The chance that one who was trained scores higher than one before training, question by question.

For the programme or a province and all months together; a question is told only where ten facilitators or more stand on each side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metrics.memory import remembered
from metrics.model import SMALLEST_BASE
from metrics.query import SHOWN, Filters, Query, ask
from stats.ratings import probability_of_superiority
from warehouse import read

BEFORE, LATER = "before_training", ("after_training", "follow_up")
_MEASURE = "facilitators_assessed"


@dataclass(frozen=True)
class Growth:
    """How the scores of a question stand in a later stage to those before training.

    `chance_pct`: how often a facilitator of the later stage scores higher than one before training, ties counting half (50: no change),
    with its 95 % limits, NaN where they cannot be known.
    """

    question: str
    stage: str
    chance_pct: float
    low_pct: float
    high_pct: float
    n_before: int
    n_later: int

    @property
    def is_clear(self) -> bool:
        """Whether the likely range leaves out "no change"."""
        return self.low_pct > 50 or self.high_pct < 50


@remembered
def growth(build_id: str, province: str | None = None) -> tuple[Growth, ...]:
    """One entry a question and later stage, in order of both; what may not be told is left out."""
    by = ("assessment_question", "assessment_stage")
    told = ask(Query((_MEASURE,), by=by, where=Filters(province=province)), build_id).table
    told = told[(told[f"{_MEASURE}_status"] == SHOWN) & (told[_MEASURE] >= SMALLEST_BASE)]
    shown = set(zip(told["assessment_question"], told["assessment_stage"], strict=True))
    counts = read(
        """
        select assessment_question, assessment_stage, score_pct, sum(facilitators) as facilitators
        from marts.agg_facilitator_assessments where $province is null or province_code = $province group by all
    """,
        {"province": province},
        build_id,
    )
    found = []
    for question, mine in counts.groupby("assessment_question", sort=True):
        table = mine.pivot_table(index="assessment_stage", columns="score_pct", values="facilitators", aggfunc="sum", fill_value=0)
        for stage in LATER:
            if {(question, BEFORE), (question, stage)} <= shown:
                before, later = (table.loc[name].to_numpy(dtype=float) for name in (BEFORE, stage))
                chance = probability_of_superiority(before, later)
                low, value, high = (100 * float(np.asarray(part)) for part in (chance.low, chance.probability, chance.high))
                found.append(Growth(str(question), stage, value, low, high, int(before.sum()), int(later.sum())))
    return tuple(found)
