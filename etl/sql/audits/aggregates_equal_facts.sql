-- an aggregate holds more or fewer records than the facts it was counted from
with compared as (
    select
        'agg_processing_days' as aggregate,
        (select coalesce(sum(requests), 0) from marts.agg_processing_days) as counted,
        (select count(*) from marts.fct_service_requests) as facts
    union all
    select
        'agg_requests' as aggregate,
        (select coalesce(sum(requests), 0) from marts.agg_requests) as counted,
        (select count(*) from marts.fct_service_requests) as facts
    union all
    select
        'agg_usage, reports' as aggregate,
        (select count(*) from marts.agg_usage where is_reported) as counted,
        (select count(*) from staging.service_usage) as facts
    union all
    select
        'agg_usage, visits' as aggregate,
        (select coalesce(sum(visits), 0) from marts.agg_usage) as counted,
        (select coalesce(sum(visits), 0) from staging.service_usage) as facts
    union all
    select
        'agg_promises' as aggregate,
        (select coalesce(sum(requests), 0) from marts.agg_promises) as counted,
        (select count(*) from marts.fct_service_requests) as facts
    union all
    select
        'agg_school_reports, reports' as aggregate,
        (select count(*) from marts.agg_school_reports where is_reported) as counted,
        (select count(*) from staging.school_reports) as facts
    union all
    select
        'agg_school_reports, pupils' as aggregate,
        (select coalesce(sum(pupils_enrolled), 0) from marts.agg_school_reports) as counted,
        (select coalesce(sum(pupils_enrolled), 0) from staging.school_reports) as facts
    union all
    select
        'agg_feedback' as aggregate,
        (select coalesce(sum(answers), 0) from marts.agg_feedback) as counted,
        (
            select count(rating_speed) + count(rating_friendliness) + count(rating_quality) + count(rating_overall)
            from staging.feedback
            where is_deleted is not true
        ) as facts
    union all
    select
        'agg_unofficial_payment' as aggregate,
        (select coalesce(sum(answered), 0) from marts.agg_unofficial_payment) as counted,
        (select count(asked_unofficial_payment) from staging.feedback where is_deleted is not true) as facts
)
select *
from compared
where counted <> facts
