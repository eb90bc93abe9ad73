"""How did a facilitator assess the own skills before training, after it, and later?"""

from etl.contract import Column, Rule, Source

ASSESSMENT_STAGES = {
    "before_training": "before_training before baseline pre pre-training មុន មុនវគ្គ",
    "after_training": "after_training after post post-training ក្រោយ ក្រោយវគ្គ",
    "follow_up": "follow_up follow-up followup yearly តាមដាន",
}
ASSESSMENT_QUESTIONS = {  # each has a column score_<question>
    "knowledge": "knowledge of services and rights",
    "confidence": "confidence in speaking before others",
    "leadership": "leading a meeting or a group",
    "civic_engagement": "taking part in the affairs of the commune",
    "uses_services": "using public services",
}


def _score_rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            f"{question}_within_scale",
            f"score_{question} between scale_min and scale_max",
            f"The score for {words} lies outside the scale. Check the score, and which scale the form used.",
            {f"score_{question}": "9"},
        )
        for question, words in ASSESSMENT_QUESTIONS.items()
    )


SOURCE = Source(
    name="facilitator_assessments",
    question="What facilitators scored, with the scale: before training, after it, and in each later round.",
    grain="one row = one facilitator, stage and round of assessment",
    newest_by="updated_at",
    is_about_persons=True,
    columns=(
        Column("facilitator_id", "The code of the facilitator", is_key=True, is_required=True),
        Column("assessment_stage", "The stage of the assessment", accepts=ASSESSMENT_STAGES, is_key=True, is_required=True),
        Column(
            "round",
            "The round of the stage, 1 for the first",
            "integer",
            is_key=True,
            is_required=True,
            when_empty="case when assessment_stage <> 'follow_up' then 1 end",
            witness_also={"assessment_stage": "follow_up"},
        ),
        Column("assessed_date", "The day of the assessment", "date", is_required=True),
        *(
            Column(f"score_{question}", f"The score for {words}", "number", is_on_scale=True)
            for question, words in ASSESSMENT_QUESTIONS.items()
        ),
        Column("scale_min", "The lowest step of the scale", "number", is_required=True, form_value="1"),
        Column("scale_max", "The highest step of the scale", "number", is_required=True, form_value="5"),
        Column("is_deleted", "Whether the source deleted the assessment", "boolean", otherwise="warn", form_value=""),
        Column("updated_at", "The moment of the last change", "timestamp", otherwise="warn", form_value="end"),
        Column("facilitator_name", "The facilitator's name", is_personal=True),
        Column("comment", "The facilitator's own words", is_personal=True),
    ),
    example={
        "facilitator_id": "FA-1",
        "assessment_stage": "after_training",
        "round": "1",
        "assessed_date": "2023-11-20",
        "score_knowledge": "4",
        "score_confidence": "4",
        "score_leadership": "3",
        "score_civic_engagement": "4",
        "score_uses_services": "5",
        "scale_min": "1",
        "scale_max": "5",
        "is_deleted": "no",
        "updated_at": "2023-11-20T17:00:00",
    },
    own_rules=(
        Rule(
            "assessed_not_in_future",
            "assessed_date <= {today}",
            "The day of the assessment has not come yet. Check the day and the year.",
            {"assessed_date": "2999-01-01"},
        ),
        Rule(
            "assessed_since_2000",
            "assessed_date >= date '2000-01-01'",
            "The assessment was before the year 2000. Check the year.",
            {"assessed_date": "1999-01-01"},
        ),
        Rule(
            "round_from_one",
            "round >= 1",
            "The round is below 1. Write 1 for the first round of a stage.",
            {"round": "0"},
        ),
        Rule(
            "scale_has_steps",
            "scale_min < scale_max",
            "The scale has no steps: its lowest is not below its highest. Correct scale_min and scale_max.",
            {"scale_min": "5", "scale_max": "5", **{f"score_{question}": "5" for question in ASSESSMENT_QUESTIONS}},
        ),
        *_score_rules(),
        Rule(
            "says_something",
            f"coalesce({', '.join(f'score_{question}' for question in ASSESSMENT_QUESTIONS)}) is not null",
            "The assessment holds no score. Leave it out, or fill in a score.",
            {f"score_{question}": "" for question in ASSESSMENT_QUESTIONS},
        ),
    ),
)
