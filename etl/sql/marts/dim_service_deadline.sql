-- one row = one service and one day of handing in, with the official standard in force on that day (empty: none)
-- Where two standards name the same day, the newer one holds. How a deadline is counted is explained at dim_deadline.
-- case_number stands for service and standard together: a small number is quicker to count by than two codes.
with days as (
    select
        services.service_code,
        days.date as submitted_date,
        max_by(standards.standard_id, standards.valid_from) as standard_id
    from marts.dim_service as services
    cross join marts.dim_date as days
    left join marts.dim_service_standard as standards on
        standards.service_code = services.service_code
        and standards.valid_from <= days.date
        and coalesce(standards.valid_to, date '9999-12-31') > days.date
    group by all
)
select
    days.service_code,
    days.submitted_date,
    standards.standard_id,
    deadlines.deadline_date,
    standards.fee_riel,
    cast(dense_rank() over (order by days.service_code, standards.standard_id) as smallint) as case_number
from days
left join marts.dim_service_standard as standards on standards.standard_id = days.standard_id
left join marts.dim_deadline as deadlines on
    deadlines.max_days = standards.max_days
    and deadlines.day_type = standards.day_type
    and deadlines.submitted_date = days.submitted_date
