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
    union all
    select
        'agg_actions' as aggregate,
        (select coalesce(sum(actions), 0) from marts.agg_actions) as counted,
        (select count(distinct action_id) from staging.action_plans) as facts
    union all
    select
        'agg_cycles' as aggregate,
        (select coalesce(sum(cycles), 0) from marts.agg_cycles) as counted,
        (select count(*) from staging.cycles) as facts
    union all
    select
        'agg_scorecards' as aggregate,
        (select coalesce(sum(meetings), 0) from marts.agg_scorecards) as counted,
        (select count(distinct (meeting_id, category, facility_id, facility_type, commune_code)) from marts.fct_scorecards where side = 'citizen') as facts
    union all
    select
        'agg_scorecards, fifths' as aggregate,
        (select coalesce(sum(fifth_1 + fifth_2 + fifth_3 + fifth_4 + fifth_5), 0) from marts.agg_scorecards) as counted,
        (select coalesce(sum(meetings), 0) from marts.agg_scorecards) as facts
)
select *
from compared
where counted <> facts
