"""What did the facilitator of the guided tour say of herself? One invented person of the demonstration; of a real build there is nothing.

Scores of single facilitators are shown nowhere else: measures begin at ten of a province. The demonstration's own facilitator was invented
by etl/sample/outreach.py for the story of one commune, so that nobody is behind the figures.
"""

from __future__ import annotations

import pandas as pd

import warehouse
from metrics.memory import remembered

STORY_FACILITATOR = "FA-STORY"
_STAGES = ("before_training", "after_training", "follow_up")


@remembered
def facilitator_scores(build_id: str) -> pd.DataFrame:
    """`assessment_stage`, `round`, `assessed_date`, `assessment_question`, `score`, `scale_min`, `scale_max` in order of time.

    Empty in every build that is not wholly a demonstration, and in a small demonstration without the commune of the story.
    """
    columns = "assessment_stage, round, assessed_date, assessment_question, score, scale_min, scale_max"
    is_told = warehouse.build(build_id).is_demonstration
    return warehouse.read(
        f"select {columns} from marts.fct_facilitator_assessments where facilitator_id = $facilitator and $is_told "
        "order by list_position($stages, assessment_stage), round, assessment_question",
        {"facilitator": STORY_FACILITATOR, "is_told": is_told, "stages": list(_STAGES)},
        build_id,
    )
