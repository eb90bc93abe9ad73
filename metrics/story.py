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

    Empty in every build that is not wholly a demonstration, in one from before facilitators were asked, and in a small demonstration
    without the commune of the story.
    """
    columns = "assessment_stage, round, assessed_date, assessment_question, score, scale_min, scale_max"
    is_told = warehouse.build(build_id).is_demonstration
    if not warehouse.has_table("marts.fct_facilitator_assessments", build_id):
        return pd.DataFrame(columns=columns.split(", "))
    return warehouse.read(
        f"select {columns} from marts.fct_facilitator_assessments where facilitator_id = $facilitator and $is_told "
        "order by list_position($stages, assessment_stage), round, assessment_question",
        {"facilitator": STORY_FACILITATOR, "is_told": is_told, "stages": list(_STAGES)},
        build_id,
    )


@remembered
def commune(build_id: str) -> str | None:
    """The commune of the story; None in a real build, in one from before there was a story, and in a small demonstration without it."""
    if not (warehouse.build(build_id).is_demonstration and warehouse.has_table("marts.dim_facilitator", build_id)):
        return None
    found = warehouse.read(
        "select commune_code from marts.dim_facilitator where facilitator_id = $facilitator", {"facilitator": STORY_FACILITATOR}, build_id
    )
    return str(found["commune_code"].iloc[0]) if len(found) else None
