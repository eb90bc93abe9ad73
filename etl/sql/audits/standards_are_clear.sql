-- two standards of one service begin on the same day, so that nobody can say which is in force
select service_code, valid_from, count(*) as standards
from marts.dim_service_standard
group by service_code, valid_from
having count(*) > 1
union all
select service_code, valid_from, 1 as standards
from marts.dim_service_standard
where day_type is null or day_type not in ('working', 'calendar') or service_code not in (select service_code from marts.dim_service)
