-- one row = what one meeting said about one category of criteria of one service, on one side
-- Every meeting counts once a category: with the score it agreed, or with the middle one of its votes (of two middle ones the lower); several
-- criteria of one category are taken at their median. score_pct says how far up its own scale the score stands, 0 to 100.
-- Where a score was corrected from agreed to voted or back, only the way of the newest row counts.
-- people: who took part, of votes those who voted. The place is that of the meeting, else of the facility; the kind is the register's.
with newest as (
    select *
    from staging.scorecards
    qualify score_kind = first_value(score_kind) over (
        partition by meeting_id, side, facility_id, facility_type, criterion order by updated_at desc nulls last, rowid desc
    )
),
steps as (
    select
        *,
        (score - scale_min) * 100.0 / (scale_max - scale_min) as step_pct,
        sum(coalesce(votes, 1)) over (partition by meeting_id, side, facility_id, facility_type, criterion order by score) as up_to_here,
        sum(coalesce(votes, 1)) over (partition by meeting_id, side, facility_id, facility_type, criterion) as in_all
    from newest
),
criteria as (
    select
        meeting_id,
        side,
        facility_id,
        facility_type,
        criterion,
        any_value(cycle) as cycle,
        any_value(meeting_date) as meeting_date,
        any_value(commune_code) as commune_code,
        any_value(category) as category,
        any_value(score_kind) as score_kind,
        min(step_pct) filter (where 2 * up_to_here >= in_all) as score_pct,
        coalesce(sum(votes), any_value(attendees)) as people,
        coalesce(any_value(attendees), sum(votes)) as attendees,
        any_value(attendees_female) as attendees_female
    from steps
    where in_all > 0
    group by meeting_id, side, facility_id, facility_type, criterion
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
    max(criteria.people) as people,
    max(criteria.attendees) as attendees,
    max(criteria.attendees_female) as attendees_female
from criteria
left join marts.dim_facility as facilities on facilities.facility_id = criteria.facility_id
left join marts.dim_commune as communes on communes.commune_code = coalesce(criteria.commune_code, facilities.commune_code)
group by
    criteria.meeting_id,
    criteria.side,
    communes.province_code,
    facilities.province_code,
    communes.district_code,
    facilities.district_code,
    criteria.commune_code,
    facilities.commune_code,
    criteria.facility_id,
    facilities.facility_type,
    criteria.facility_type,
    criteria.category
