-- one row = one facilitator's score for one question in one stage and round
-- score_pct says how far up its own scale the score stands: 0 at the lowest step, 100 at the highest.
-- is_newest_round: of the rounds of a stage the last, so that every facilitator counts once a stage.
with answers as (
    select *, 'knowledge' as assessment_question, score_knowledge as score from staging.facilitator_assessments
    union all
    select *, 'confidence' as assessment_question, score_confidence as score from staging.facilitator_assessments
    union all
    select *, 'leadership' as assessment_question, score_leadership as score from staging.facilitator_assessments
    union all
    select *, 'civic_engagement' as assessment_question, score_civic_engagement as score from staging.facilitator_assessments
    union all
    select *, 'uses_services' as assessment_question, score_uses_services as score from staging.facilitator_assessments
)
select
    answers.facilitator_id,
    facilitators.province_code,
    answers.assessment_stage,
    answers.round,
    answers.assessed_date,
    answers.assessment_question,
    answers.score,
    answers.scale_min,
    answers.scale_max,
    (answers.score - answers.scale_min) * 100.0 / (answers.scale_max - answers.scale_min) as score_pct,
    answers.round = max(answers.round) over (
        partition by answers.facilitator_id, answers.assessment_stage, answers.assessment_question
    ) as is_newest_round
from answers
left join marts.dim_facilitator as facilitators on facilitators.facilitator_id = answers.facilitator_id
where
    answers.score is not null
    and answers.is_deleted is not true
