-- one row = one partner organisation
select
    partner_id,
    partner_en,
    partner_km
from staging.partners
