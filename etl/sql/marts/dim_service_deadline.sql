-- one row = one service and one day of handing in, with the official standard in force on that day (empty: none)
-- Where two standards name the same day, the newer one holds. A standard in calendar days ends that many days
-- later; one in working days on the max_days-th working day after the day of handing in, and what is handed in on
-- a free day counts as handed in on the next working day. The deadline is the last day that is still in time.
-- case_number stands for service and standard together: a small number is quicker to count by than two codes.
with days as (
    select
        services.service_code,
        days.date as submitted_date,
        days.working_day_number + case when days.is_working_day then 0 else 1 end as counts_from,
        max_by(standards.standard_id, standards.valid_from) as standard_id
    from marts.dim_service as services
    cross join marts.dim_date as days
    left join marts.dim_service_standard as standards on
        standards.service_code = services.service_code
        and standards.valid_from <= days.date
        and coalesce(standards.valid_to, date '9999-12-31') > days.date
    group by all
),
working_days as (
    select
        date,
        working_day_number
    from marts.dim_date
    where is_working_day
)
select
    days.service_code,
    days.submitted_date,
    standards.standard_id,
    case
        when standards.day_type = 'working' then working_days.date
        else cast(days.submitted_date + standards.max_days as date)
    end as deadline_date,
    standards.fee_riel,
    cast(dense_rank() over (order by days.service_code, standards.standard_id) as smallint) as case_number
from days
left join marts.dim_service_standard as standards on standards.standard_id = days.standard_id
left join working_days on working_days.working_day_number = days.counts_from + standards.max_days
