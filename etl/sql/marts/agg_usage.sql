-- one row = one facility, service and month, months without a report included (their visits are empty, not zero)
-- A report is expected for every month in which the facility was open, from the first month anybody reported to
-- the last month the data cover whole, for the services the register expects of it; where the register names
-- none, for those it ever reported. A report nobody expected counts all the same, as not expected.
with first_report as (
    select min(month) as month
    from staging.service_usage
),
months as (
    select distinct days.month
    from marts.dim_date as days
    cross join first_report
    cross join marts.dim_data_period as period
    where days.month >= first_report.month and days.month < period.first_incomplete_month
),
facilities as (
    select
        *,
        coalesce(trim(expected_services), '') as services
    from staging.facilities
),
services as (
    select
        facility_id,
        unnest(string_split(services, ' ')) as service_code
    from facilities
    where services <> ''
    union
    select
        reports.facility_id,
        reports.service_code
    from staging.service_usage as reports
    join facilities on facilities.facility_id = reports.facility_id
    where facilities.services = ''
),
expected as (
    select
        facilities.facility_id,
        services.service_code,
        months.month
    from facilities
    join services on services.facility_id = facilities.facility_id
    join months on
        (facilities.opened_date is null or date_trunc('month', facilities.opened_date) <= months.month)
        and (facilities.closed_date is null or facilities.closed_date > months.month)
    where services.service_code <> ''
)
select
    places.commune_code,
    places.district_code,
    places.province_code,
    coalesce(expected.facility_id, reports.facility_id) as facility_id,
    coalesce(expected.service_code, reports.service_code) as service_code,
    coalesce(expected.month, reports.month) as month,
    expected.facility_id is not null as is_expected,
    reports.facility_id is not null as is_reported,
    reports.visits,
    reports.visits_female,
    reports.visits_male,
    reports.reported_date
from expected
full join staging.service_usage as reports on
    reports.facility_id = expected.facility_id
    and reports.service_code = expected.service_code
    and reports.month = expected.month
left join marts.dim_facility as places on places.facility_id = coalesce(expected.facility_id, reports.facility_id)
