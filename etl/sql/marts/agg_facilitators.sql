-- one row = one province and month of training; never anything finer
select
    province_code,
    cast(date_trunc('month', trained_date) as date) as month,
    count(*) as facilitators
from marts.dim_facilitator
where trained_date is not null
group by all
