-- one row = one facility, service and month of the quarters or calendar years before or after the programme came to its commune
-- The rows of agg_usage that a before and after rests on; step is explained at dim_aligned_month.
select
    counted.*,
    aligned.aligned_by,
    aligned.step
from marts.agg_usage as counted
join marts.dim_aligned_month as aligned on
    aligned.commune_code = counted.commune_code
    and aligned.month = counted.month
