"""What does a big, dirty register of requests look like? Makes one as CSV, N rows in seconds, always the same rows.

One office in each of the programme's 193 communes, 70 months, seven services; small and big communes, quick and slow
services, one row in a hundred with an error in it, one in two hundred handed over twice with the same request id.
"""

from pathlib import Path

import duckdb

from warehouse import reference_folder

PROVINCES = ("07", "09", "11", "16")
SERVICES = (
    "birth_certificate",
    "certified_copy",
    "death_certificate",
    "marriage_certificate",
    "legal_letter",
    "residence_book",
    "family_book",
)
FIRST_DAY, LAST_DAY, DAYS = "2021-01-01", "2026-10-31", 2130

REQUESTS = """
with communes as (
    select list(commune_code order by commune_code) as codes
    from read_csv($communes, all_varchar = true)
    where list_contains($provinces, left(commune_code, 2))
),
seeds as (
    select
        number as line,
        case when number % 200 = 199 then number - 1 else number end as request
    from range($rows) as lines (number)
),
chance as (
    select
        line,
        request,
        (hash(request) % 1000003) / 1000003.0 as for_commune,
        (hash(request + 1000000000000) % 1000003) / 1000003.0 as for_service,
        cast(hash(request + 2000000000000) % $days as integer) as day,
        (hash(request + 3000000000000) % 1000003 + 1) / 1000004.0 as for_days,
        (hash(request + 4000000000000) % 1000003 + 1) / 1000004.0 as for_days_too,
        cast(hash(request + 5000000000000) // 2 as bigint) as bits
    from seeds
),
requests as (
    select
        line,
        request,
        bits,
        codes[1 + cast(floor(pow(for_commune, 1.6) * len(codes)) as integer)] as commune_code,
        cast(floor(pow(for_service, 1.7) * 7) as integer) as service,
        date '2021-01-01' + day as submitted_date,
        sqrt(-2 * ln(for_days)) * cos(2 * pi() * for_days_too) as normal
    from chance
    cross join communes
),
timed as (
    select
        *,
        -- the median is 1 to 13 days by service, the tail a log-normal one; one in 70 is never finished
        case when bits % 70 > 0 then submitted_date + cast(least(exp(0.2 + 0.38 * service + 0.7 * normal), 400) as integer) end as end_date
    from requests
)
select
    'R' || lpad(cast(request as varchar), 9, '0') as request_id,
    case when line % 500 = 42 then '079999' else commune_code end as commune_code,
    case when line % 500 = 142 then 'horoscope' else $services[service + 1] end as service_code,
    case when line % 500 = 242 then '31/02/2023' else strftime(submitted_date, '%Y-%m-%d') end as submitted_date,
    case
        when line % 500 = 342 then strftime(submitted_date - 3, '%Y-%m-%d')
        when end_date <= date '2026-10-31' then strftime(end_date, '%Y-%m-%d')
    end as completed_date,
    case
        when line % 500 = 342 then 'completed'
        when end_date is null or end_date > date '2026-10-31' then 'open'
        when bits // 70 % 33 = 0 then 'rejected'
        when bits // 70 % 33 = 1 then 'withdrawn'
        else 'completed'
    end as outcome,
    case when bits // 10000 % 20 = 0 then null when bits // 10000 % 20 < 14 then 'yes' else 'no' end as documents_complete,
    1 + bits // 1000000 % 3 as visits_needed,
    case
        when line % 500 = 442 then '-500'
        when bits // 10000000 % 5 < 3 then cast((bits // 100000000 % 4) * 1000 as varchar)
    end as fee_paid_riel,
    case when bits // 1000000000 % 40 = 0 then null when bits // 1000000000 % 40 < 21 then 'f' else 'm' end as sex,
    ['under_18', '18_24', '25_34', '35_59', '60_over'][1 + bits // 100000000000 % 5] as age_group,
    '2026-10-31' as register_to_date
from timed
"""


def make_requests(rows: int, file: Path) -> Path:
    """Write `rows` requests to `file`, in the contract's own column names; about 8 seconds for 10 million."""
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        chosen = {"communes": str(reference_folder() / "communes.csv"), "provinces": list(PROVINCES), "services": list(SERVICES)}
        connection.execute(
            f"copy ({REQUESTS}) to '{file}' (format csv, header)",
            {**chosen, "rows": rows, "days": DAYS},
        )
    return file
