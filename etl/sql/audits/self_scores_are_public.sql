-- a provider's score of itself is told although the register of facilities does not declare it public
select distinct scores.facility_id, scores.category, scores.month
from marts.agg_scorecards_provider as scores
left join marts.dim_facility as facilities on facilities.facility_id = scores.facility_id
where facilities.is_self_score_public is not true
