-- one row = one official standard of one service, for the time it was in force
-- valid_to is the first day on which it was no longer in force; empty while it is. max_days and fee_riel are empty
-- where no official figure was found.
select
    standard_id,
    service_code,
    issuer,
    issuer_km,
    cast(max_days as integer) as max_days,
    day_type,
    cast(fee_riel as integer) as fee_riel,
    documents,
    documents_km,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    source,
    cast(is_verified as boolean) as is_verified
from reference_service_standards
