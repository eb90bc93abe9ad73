-- one row = one place, facility, category of criteria, cycle and month of meeting: what providers said of themselves
-- Only facilities that declare their own scores public. The columns are those of agg_scorecards without people: a self-score is one score of
-- the facility, not of its staff.
select
    scores.province_code,
    scores.district_code,
    scores.commune_code,
    scores.facility_id,
    scores.facility_type,
    scores.category,
    scores.cycle,
    cast(date_trunc('month', scores.meeting_date) as date) as month,
    count(*) as meetings,
    count(*) filter (where scores.score_pct >= 75) as good,
    count(*) filter (where scores.score_pct < 50) as low,
    count(*) filter (where scores.score_pct < 20) as fifth_1,
    count(*) filter (where scores.score_pct >= 20 and scores.score_pct < 40) as fifth_2,
    count(*) filter (where scores.score_pct >= 40 and scores.score_pct < 60) as fifth_3,
    count(*) filter (where scores.score_pct >= 60 and scores.score_pct < 80) as fifth_4,
    count(*) filter (where scores.score_pct >= 80) as fifth_5
from marts.fct_scorecards as scores
join marts.dim_facility as facilities on facilities.facility_id = scores.facility_id
where scores.side = 'provider' and facilities.is_self_score_public
group by all
