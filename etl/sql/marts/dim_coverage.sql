-- one row = one official commune; its dates are empty where the programme never came
-- Before and after are four whole quarters each. Before ends with the last quarter that was over when the
-- month of the start began; after begins with the first quarter that starts in that month or later.
with starts as (
    select
        commune_code,
        min(start_date) as start_date,
        case when count(*) = count(end_date) then max(end_date) end as end_date,
        min_by(partner_id, start_date) as partner_id
    from staging.coverage
    group by commune_code
),
windows as (
    select
        *,
        cast(date_trunc('quarter', start_date) as date) as quarter_of_start,
        cast(date_trunc('quarter', date_trunc('month', start_date) + interval 2 month) as date) as after_from
    from starts
)
select
    communes.commune_code,
    windows.partner_id,
    windows.start_date,
    windows.end_date,
    cast(windows.quarter_of_start - interval 12 month as date) as before_from,
    cast(windows.quarter_of_start - interval 1 day as date) as before_to,
    windows.after_from,
    cast(windows.after_from + interval 12 month - interval 1 day as date) as after_to
from marts.dim_commune as communes
left join windows on windows.commune_code = communes.commune_code
