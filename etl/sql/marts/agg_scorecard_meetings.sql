-- one row = one place, facility, cycle and month: how many citizens' meetings scored it, and how many people took part
-- A person counts once a meeting, however many criteria it scored. attendees_female is empty where no meeting wrote it.
with meetings as (
    select
        meeting_id,
        province_code,
        district_code,
        commune_code,
        facility_id,
        facility_type,
        cycle,
        cast(date_trunc('month', meeting_date) as date) as month,
        max(attendees) as attendees,
        max(attendees_female) as attendees_female
    from marts.fct_scorecards
    where side = 'citizen'
    group by all
)
select
    province_code,
    district_code,
    commune_code,
    facility_id,
    facility_type,
    cycle,
    month,
    count(*) as meetings,
    sum(attendees) as attendees,
    sum(least(attendees_female, attendees)) filter (where attendees_female is not null) as attendees_female,
    sum(attendees) filter (where attendees_female is not null) as attendees_known
from meetings
group by all
