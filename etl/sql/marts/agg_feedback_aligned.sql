-- one row = one row of agg_feedback from the four quarters before or after the programme came to its commune
-- The rows that a before and after rests on; step is explained at dim_aligned_month.
select
    counted.*,
    aligned.aligned_by,
    aligned.step
from marts.agg_feedback as counted
join marts.dim_aligned_month as aligned on
    aligned.commune_code = counted.commune_code
    and aligned.month = counted.month
where aligned.aligned_by = 'quarter'
