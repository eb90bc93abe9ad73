-- one row = one commune, service, month of handing in, sex, documents complete, whole days, end and standard
-- end: 'completed', 'ended' (rejected or withdrawn) or 'open'. days: calendar days from handing in to that end;
-- for open requests to the last day their office's register covers, and the same where a rejection has no date
-- (such a request can never be completed, so it stays in the count of those waiting as long as is known).
-- due = requests whose own deadline has passed: the deadline lies within the days the register covers, and the
-- request was not rejected or withdrawn by then. A request completed early is not due before its deadline:
-- counting it sooner would flatter the newest months, where only the fast ones are finished.
-- met = due and completed on or before the deadline. An open request that is due is overdue.
-- The rows of a year and in it of a commune lie together, so that a question about few of them reads few.
-- fee_known = the fee paid and the official fee are both known; fee_over = more was paid than the official fee.
with requests as (
    select
        staged.commune_code,
        deadlines.case_number,
        cast(date_trunc('month', staged.submitted_date) as date) as month,
        staged.sex,
        staged.documents_complete,
        cast(coalesce(staged.completed_date, registers.register_to) - staged.submitted_date as integer) as days,
        cast(case when staged.outcome in ('rejected', 'withdrawn') then 2 when staged.completed_date is null then 3 else 1 end as tinyint) as way,
        deadlines.deadline_date <= registers.register_to as is_past_deadline,
        staged.completed_date <= deadlines.deadline_date as is_in_time,
        staged.fee_paid_riel > deadlines.fee_riel as is_over_fee
    from staging.service_requests as staged
    join marts.dim_register as registers on registers.office_id = coalesce(staged.facility_id, staged.commune_code)
    join marts.dim_service_deadline as deadlines on
        deadlines.service_code = staged.service_code
        and deadlines.submitted_date = staged.submitted_date
),
counted as (
    select
        commune_code,
        case_number,
        month,
        sex,
        documents_complete,
        days,
        way,
        count(*) as requests,
        count(*) filter (where is_past_deadline and (way <> 2 or not is_in_time)) as due,
        count(*) filter (where is_past_deadline and way = 1 and is_in_time) as met,
        count(is_over_fee) as fee_known,
        count(*) filter (where is_over_fee) as fee_over
    from requests
    group by all
),
in_order as (
    select *
    from counted
    order by year(month), commune_code
),
cases as (
    select distinct
        case_number,
        service_code,
        standard_id
    from marts.dim_service_deadline
)
select
    in_order.commune_code,
    communes.district_code,
    communes.province_code,
    cases.service_code,
    in_order.month,
    in_order.sex,
    in_order.documents_complete,
    in_order.days,
    case in_order.way when 1 then 'completed' when 2 then 'ended' else 'open' end as "end",
    cases.standard_id,
    in_order.requests,
    in_order.due,
    in_order.met,
    in_order.fee_known,
    in_order.fee_over
from in_order
join cases on cases.case_number = in_order.case_number
left join marts.dim_commune as communes on communes.commune_code = in_order.commune_code
