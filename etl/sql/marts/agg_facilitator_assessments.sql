-- one row = one province, stage, question, month of assessment and score; of each facilitator the newest round of a stage
select
    province_code,
    assessment_stage,
    assessment_question,
    cast(date_trunc('month', assessed_date) as date) as month,
    score_pct,
    count(*) as facilitators
from marts.fct_facilitator_assessments
where is_newest_round
group by all
