-- one row = what one meeting said about one category of criteria of one service, on one side
-- Every meeting counts once: with the scores it agreed, or with the share of its votes; several criteria of one category are averaged.
-- score_pct: how far up its own scale the (middle) score stands; good: the share of its scores at 75 % of the range or more; low: below 50 %;
-- fifth_1 .. fifth_5: the shares in each fifth of the scale, together 1. people: who took part, of votes those who voted.
with steps as (
    select
        *,
        coalesce(votes, 1) as weight,
        (score - scale_min) * 100.0 / (scale_max - scale_min) as step_pct,
        sum(coalesce(votes, 1)) over (partition by meeting_id, side, criterion order by (score - scale_min) / (scale_max - scale_min)) as up_to_here,
        sum(coalesce(votes, 1)) over (partition by meeting_id, side, criterion) as in_all
    from staging.scorecards
),
criteria as (
    select
        meeting_id,
        side,
        criterion,
        any_value(cycle) as cycle,
        any_value(meeting_date) as meeting_date,
        any_value(commune_code) as commune_code,
        any_value(facility_id) as facility_id,
        any_value(facility_type) as facility_type,
        any_value(category) as category,
        any_value(score_kind) as score_kind,
        min(step_pct) filter (where 2 * up_to_here >= in_all) as score_pct,
        sum(weight) filter (where step_pct >= 75) / sum(weight) as good,
        sum(weight) filter (where step_pct < 50) / sum(weight) as low,
        sum(weight) filter (where step_pct < 20) / sum(weight) as fifth_1,
        sum(weight) filter (where step_pct >= 20 and step_pct < 40) / sum(weight) as fifth_2,
        sum(weight) filter (where step_pct >= 40 and step_pct < 60) / sum(weight) as fifth_3,
        sum(weight) filter (where step_pct >= 60 and step_pct < 80) / sum(weight) as fifth_4,
        sum(weight) filter (where step_pct >= 80) / sum(weight) as fifth_5,
        coalesce(sum(votes), any_value(attendees)) as people,
        coalesce(any_value(attendees), sum(votes)) as attendees,
        any_value(attendees_female) as attendees_female
    from steps
    where in_all > 0
    group by meeting_id, side, criterion
)
select
    criteria.meeting_id,
    criteria.side,
    coalesce(communes.province_code, facilities.province_code) as province_code,
    coalesce(communes.district_code, facilities.district_code) as district_code,
    coalesce(criteria.commune_code, facilities.commune_code) as commune_code,
    criteria.facility_id,
    coalesce(facilities.facility_type, criteria.facility_type) as facility_type,
    criteria.category,
    any_value(criteria.cycle) as cycle,
    any_value(criteria.meeting_date) as meeting_date,
    any_value(criteria.score_kind) as score_kind,
    count(*) as criteria,
    median(criteria.score_pct) as score_pct,
    avg(coalesce(criteria.good, 0)) as good,
    avg(coalesce(criteria.low, 0)) as low,
    avg(coalesce(criteria.fifth_1, 0)) as fifth_1,
    avg(coalesce(criteria.fifth_2, 0)) as fifth_2,
    avg(coalesce(criteria.fifth_3, 0)) as fifth_3,
    avg(coalesce(criteria.fifth_4, 0)) as fifth_4,
    avg(coalesce(criteria.fifth_5, 0)) as fifth_5,
    max(criteria.people) as people,
    max(criteria.attendees) as attendees,
    max(criteria.attendees_female) as attendees_female
from criteria
left join marts.dim_facility as facilities on facilities.facility_id = criteria.facility_id
left join marts.dim_commune as communes on communes.commune_code = coalesce(criteria.commune_code, facilities.commune_code)
group by all
