-- one row = one facilitator of the register, by a code
-- Active from the first day that is written down, else from the training; to the last day, or still.
select
    facilitators.facilitator_id,
    facilitators.partner_id,
    facilitators.commune_code,
    communes.district_code,
    communes.province_code,
    facilitators.sex,
    facilitators.trained_date,
    coalesce(facilitators.active_from, facilitators.trained_date) as active_from,
    facilitators.active_to
from staging.facilitators as facilitators
left join marts.dim_commune as communes on communes.commune_code = facilitators.commune_code
