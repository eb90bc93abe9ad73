-- a rating lies outside its scale, or a group of answers holds none
select aspect, month, rating_pct, answers
from marts.agg_feedback
where answers < 1 or rating_pct is null or rating_pct < 0 or rating_pct > 100
union all
select 'unofficial payment' as aspect, month, 100.0 * asked / answered as rating_pct, answered as answers
from marts.agg_unofficial_payment
where answered < 1 or asked < 0 or asked > answered
union all
select 'scorecard, ' || category as aspect, meeting_date as month, score_pct as rating_pct, people as answers
from marts.fct_scorecards
where people < 1 or score_pct is null or score_pct < 0 or score_pct > 100
