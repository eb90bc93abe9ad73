-- rows read are not the rows loaded, set aside, superseded and deleted by the source
with books as (
    select
        source || ', ' || file_name as account,
        rows_read,
        rows_loaded + rows_set_aside + rows_superseded + rows_deleted as rows_accounted_for
    from quality.loads
    where status = 'loaded'
    union all
    select
        'set aside, in total' as account,
        (select coalesce(sum(rows_set_aside), 0) from quality.loads where status = 'loaded') as rows_read,
        (select count(*) from quality.rejected_rows) as rows_accounted_for
    union all
    select
        'superseded, in total' as account,
        (select coalesce(sum(rows_superseded), 0) from quality.loads where status = 'loaded') as rows_read,
        (select count(*) from quality.superseded_rows) as rows_accounted_for
),
staged as (
    select 'service_requests' as source, count(*) as rows_staged from staging.service_requests
    union all
    select 'service_usage' as source, count(*) as rows_staged from staging.service_usage
    union all
    select 'posted_standards' as source, count(*) as rows_staged from staging.posted_standards
    union all
    select 'school_reports' as source, count(*) as rows_staged from staging.school_reports
    union all
    select 'feedback' as source, count(*) as rows_staged from staging.feedback where is_deleted is not true
    union all
    select 'scorecards' as source, count(*) as rows_staged from staging.scorecards
    union all
    select 'facilities' as source, count(*) as rows_staged from staging.facilities
    union all
    select 'partners' as source, count(*) as rows_staged from staging.partners
    union all
    select 'coverage' as source, count(*) as rows_staged from staging.coverage
    union all
    select 'events' as source, count(*) as rows_staged from staging.events
    union all
    select 'population' as source, count(*) as rows_staged from staging.population
    union all
    select 'action_plans' as source, count(*) as rows_staged from staging.action_plans
    union all
    select 'cycles' as source, count(*) as rows_staged from staging.cycles
    union all
    select 'indicator_values' as source, count(*) as rows_staged from staging.indicator_values where is_deleted is not true
    union all
    select 'facilitators' as source, count(*) as rows_staged from staging.facilitators
    union all
    select 'outreach' as source, count(*) as rows_staged from staging.outreach where is_deleted is not true
    union all
    select 'facilitator_assessments' as source, count(*) as rows_staged from staging.facilitator_assessments where is_deleted is not true
),
loaded as (
    select
        source,
        sum(rows_loaded) as rows_loaded
    from quality.loads
    where status = 'loaded'
    group by source
)
select account, rows_read, rows_accounted_for
from books
where rows_read is distinct from rows_accounted_for
union all
select
    'loaded, ' || staged.source as account,
    coalesce(loaded.rows_loaded, 0) as rows_read,
    staged.rows_staged as rows_accounted_for
from staged
left join loaded on loaded.source = staged.source
where coalesce(loaded.rows_loaded, 0) <> staged.rows_staged
