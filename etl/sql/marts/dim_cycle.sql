-- one row = one yearly cycle of the programme in one commune
-- Full: all five steps were done. steps_done counts those that were; next_step is the first that was not, and waits since the day of the
-- last one done (or since the cycle began). Stalled: on the last day of the data it has waited for more
-- than longest_wait_days.
with days as (
    select
        commune_code,
        cycle,
        partner_id,
        start_date,
        information_date,
        scorecards_date,
        interface_date,
        plan_date,
        review_date,
        [information_date, scorecards_date, interface_date, plan_date, review_date] as step_dates
    from staging.cycles
),
stands as (
    select
        *,
        len(list_filter(step_dates, lambda day: day is not null)) as steps_done,
        list_position(list_transform(step_dates, lambda day: day is null), true) as next_number,
        greatest(start_date, information_date, scorecards_date, interface_date, plan_date, review_date) as waits_since
    from days
)
select
    stands.commune_code,
    communes.district_code,
    communes.province_code,
    stands.cycle,
    coalesce(stands.partner_id, coverage.partner_id) as partner_id,
    stands.start_date,
    stands.information_date,
    stands.scorecards_date,
    stands.interface_date,
    stands.plan_date,
    stands.review_date,
    stands.steps_done,
    stands.steps_done = 5 as is_full,
    ['information', 'scorecards', 'interface', 'plan', 'review'][stands.next_number] as next_step,
    stands.waits_since,
    case when stands.steps_done < 5 then date_diff('day', stands.waits_since, period.data_to) end as days_waiting,
    coalesce(stands.steps_done < 5 and date_diff('day', stands.waits_since, period.data_to) > getvariable('longest_wait_days'), false) as is_stalled,
    row_number() over (partition by stands.commune_code order by stands.cycle desc) = 1 as is_newest
from stands
left join marts.dim_commune as communes on communes.commune_code = stands.commune_code
left join marts.dim_coverage as coverage on coverage.commune_code = stands.commune_code
cross join marts.dim_data_period as period
