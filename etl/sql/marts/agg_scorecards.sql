-- one row = one place, facility, category of criteria, cycle, month of meeting and kind of score: what citizens' meetings said
-- good, low and fifth_1 .. fifth_5 are sums of the meetings' shares, so that each meeting counts once; people: who took part or voted.
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
    sum(good) as good,
    sum(low) as low,
    sum(fifth_1) as fifth_1,
    sum(fifth_2) as fifth_2,
    sum(fifth_3) as fifth_3,
    sum(fifth_4) as fifth_4,
    sum(fifth_5) as fifth_5
from marts.fct_scorecards
where side = 'citizen'
group by all
