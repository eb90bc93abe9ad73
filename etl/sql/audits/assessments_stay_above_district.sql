-- assessments or trainings of facilitators are kept for a place below the province, or one by one
select table_name, column_name
from duckdb_columns()
where
    schema_name = 'marts'
    and table_name in ('agg_facilitators', 'agg_facilitator_assessments')
    and column_name not in ('province_code', 'assessment_stage', 'assessment_question', 'month', 'score_pct', 'facilitators')
