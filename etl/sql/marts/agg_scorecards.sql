-- one row = one place, facility, category of criteria, cycle, month of meeting and kind of score: what citizens' meetings said
-- good: scores at 75 % of the scale's range or more; low: below 50 %; fifth_1 .. fifth_5: scores in each fifth of the range.
select
    province_code,
    district_code,
    commune_code,
    facility_id,
    facility_type,
    category,
    cycle,
    cast(date_trunc('month', meeting_date) as date) as month,
    score_kind,
    count(*) as meetings,
    sum(people) as people,
    count(*) filter (where score_pct >= 75) as good,
    count(*) filter (where score_pct < 50) as low,
    count(*) filter (where score_pct < 20) as fifth_1,
    count(*) filter (where score_pct >= 20 and score_pct < 40) as fifth_2,
    count(*) filter (where score_pct >= 40 and score_pct < 60) as fifth_3,
    count(*) filter (where score_pct >= 60 and score_pct < 80) as fifth_4,
    count(*) filter (where score_pct >= 80) as fifth_5
from marts.fct_scorecards
where side = 'citizen'
group by all
