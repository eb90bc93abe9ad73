-- one row = one school and month, months without a report included (their numbers are empty, not zero)
-- A report is expected of every open primary school for the months of the school year, November to August, from the first month
-- any school reported to the last month the data cover whole. A report nobody expected counts all the same, as not expected.
-- pupils_asked, pupils_present: pupils enrolled and present where both are known and no more came than are enrolled.
-- teachers_asked, teachers_present: teachers, and teachers times the share of their days, where teachers and both days are known
-- and no more days were taught than expected. So every figure about teachers rests on teachers, not on their many days.
with first_report as (
    select min(month) as month
    from staging.school_reports
),
months as (
    select distinct days.month
    from marts.dim_date as days
    cross join first_report
    cross join marts.dim_data_period as period
    where
        days.month >= first_report.month
        and days.month < period.first_incomplete_month
        and month(days.month) not in (9, 10)
),
expected as (
    select
        facilities.facility_id,
        months.month
    from marts.dim_facility as facilities
    join months on
        (facilities.opened_date is null or date_trunc('month', facilities.opened_date) <= months.month)
        and (facilities.closed_date is null or facilities.closed_date > months.month)
    where facilities.facility_type = 'primary_school'
),
reports as (
    select
        *,
        pupils_attended <= pupils_enrolled as has_attendance,
        teachers > 0 and teacher_days_expected > 0 and teacher_days_present <= teacher_days_expected as has_teachers
    from staging.school_reports
)
select
    places.commune_code,
    places.district_code,
    places.province_code,
    coalesce(places.facility_type, 'primary_school') as facility_type,
    coalesce(expected.facility_id, reports.facility_id) as facility_id,
    coalesce(expected.month, reports.month) as month,
    expected.facility_id is not null as is_expected,
    reports.facility_id is not null as is_reported,
    reports.pupils_enrolled,
    reports.pupils_enrolled_female,
    reports.pupils_enrolled_male,
    reports.teachers,
    case when reports.has_attendance then reports.pupils_enrolled end as pupils_asked,
    case when reports.has_attendance then reports.pupils_attended end as pupils_present,
    case when reports.has_attendance then reports.pupils_attended_female end as pupils_present_female,
    case when reports.has_attendance then reports.pupils_attended_male end as pupils_present_male,
    case when reports.has_teachers then reports.teachers end as teachers_asked,
    case
        when reports.has_teachers
            then cast(reports.teachers as double) * reports.teacher_days_present / reports.teacher_days_expected
    end as teachers_present,
    reports.reported_date
from expected
full join reports on
    reports.facility_id = expected.facility_id
    and reports.month = expected.month
left join marts.dim_facility as places on places.facility_id = coalesce(expected.facility_id, reports.facility_id)
