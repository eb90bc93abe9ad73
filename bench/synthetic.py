"""What would a warehouse of the whole country hold? Invented aggregates of N million requests on top of a demonstration build.

Every commune of Cambodia, 120 months, six services, skewed as registers are; the programme in three communes of five. Usage, feedback
and the small cells hidden are made to the same measure, so that questions cost what they would cost. Nothing in it means anything.
"""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path

import duckdb

import warehouse
from etl import marts
from metrics.lattice import ALL_SERVICES, FEEDBACK, PROGRAMME, REQUESTS, UNKNOWN_VALUE, USAGE
from metrics.lattice import MONTHS as MONTHS_OF

SERVICES = ("birth_certificate", "certified_copy", "death_certificate", "marriage_certificate", "legal_letter", "residence_book")
FIRST_MONTH, MONTHS = "2016-11-01", 120

_PLACES = """
create temp table places as
select *, row_number() over (order by hash(commune_code)) - 1 as place from marts.dim_commune;

create or replace table marts.dim_coverage as
with starts as (
    select commune_code, case when place % 5 < 3 then date '2018-01-01' + interval (hash(place) % 80) month end as start_date from places
)
select
    commune_code, 'P01' as partner_id, cast(start_date as date) as start_date, cast(null as date) as end_date,
    cast(date_trunc('quarter', start_date) - interval 12 month as date) as before_from,
    cast(date_trunc('quarter', start_date) - interval 1 day as date) as before_to,
    cast(date_trunc('quarter', start_date + interval 2 month) as date) as after_from,
    cast(date_trunc('quarter', start_date + interval 2 month) + interval 12 month - interval 1 day as date) as after_to
from starts;
"""
_REQUESTS = """
create or replace table marts.agg_processing_days as
with chances as (
    select
        (hash(number) % 1000003) / 1000003.0 as for_place,
        (hash(number + 1000000000000) % 1000003) / 1000003.0 as for_service,
        hash(number + 2000000000000) % {months} as month,
        (hash(number + 3000000000000) % 1000003 + 1) / 1000004.0 as for_days,
        (hash(number + 4000000000000) % 1000003 + 1) / 1000004.0 as for_days_too,
        cast(hash(number + 5000000000000) // 2 as bigint) as bits
    from range({requests}) as numbers (number)
),
drawn as (
    select
        *,
        cast(floor(pow(for_place, 1.6) * 1652) as smallint) as place,
        cast(floor(pow(for_service, 1.7) * 6) as tinyint) as service,
        sqrt(-2 * ln(for_days)) * cos(2 * pi() * for_days_too) as normal
    from chances
),
counted as (
    select
        place,
        service,
        cast(month as smallint) as months_on,
        case when bits % 40 > 0 then bits % 40 < 21 end as is_woman,
        case when bits // 10000 % 20 > 0 then bits // 10000 % 20 < 14 end as documents_complete,
        cast(least(exp(0.2 + 0.38 * service + 0.7 * normal), 400) as smallint) as days,
        cast(case when bits // 70 % 33 < 2 then 2 when bits % 70 = 0 then 3 else 1 end as tinyint) as way,
        count(*) as requests
    from drawn
    group by all
)
select
    places.commune_code,
    places.district_code,
    places.province_code,
    {services}[1 + service] as service_code,
    cast(date '{first}' + interval (months_on) month as date) as month,
    case when is_woman then 'f' when not is_woman then 'm' end as sex,
    documents_complete,
    cast(days as integer) as days,
    case way when 1 then 'completed' when 2 then 'ended' else 'open' end as "end",
    {services}[1 + service] || '_2016' as standard_id,
    requests,
    case when way = 2 then 0 else requests end as due,
    case when way = 1 and days <= 3 * (1 + service) then requests else 0 end as met,
    requests // 2 as fee_known,
    requests // 4 as fee_over
from counted
join places using (place)
order by year(month), commune_code;
"""
_OTHERS = """
create or replace table marts.agg_usage as
select
    commune_code, district_code, province_code, 'HC' || commune_code as facility_id, service_code,
    cast(date '{first}' + interval (month) month as date) as month, true as is_expected, hash(place, month) % 20 > 0 as is_reported,
    case when is_reported then cast(20 + hash(place, service_code, month) % 200 as integer) end as visits,
    visits // 2 as visits_female, visits - visits // 2 as visits_male, cast(null as date) as reported_date
from places
cross join (select service_code from marts.dim_service where facility_type = 'health_centre')
cross join range({months}) as months (month)
order by commune_code, service_code, month;

create or replace table marts.agg_feedback as
select
    province_code, district_code, commune_code, 'health_centre' as facility_type, aspect,
    cast(date '{first}' + interval (month) month as date) as month,
    case when answer % 2 = 0 then 'f' else 'm' end as sex, ['18_24', '25_34', '35_59'][1 + answer % 3] as age_group, 'meeting' as channel,
    25.0 * (hash(place, month, answer, aspect) % 5) as rating_pct, cast(1 + answer % 3 as bigint) as answers
from places
cross join (select unnest(['speed', 'friendliness', 'quality', 'overall']) as aspect)
cross join range({months}) as months (month)
cross join range(4) as answers (answer)
where hash(place, month) % 2 = 0
order by commune_code, aspect, month;
"""
_HIDDEN = """
insert into privacy.hidden_cells
select {fact}, topic, {attribute}, {level}, place, {period}, start, service, value
from (select distinct {place} as place from places cross join (select unnest(['yes', 'no']) as covered) where place is not null)
cross join (
    select distinct date_trunc({period}, date '{first}' + interval (month) month)::date as start from range({months}) as months (month)
)
cross join (select unnest({services}) as service)
cross join (select unnest({topics}) as topic)
cross join (select unnest({values}) as value)
where hash(place) % 100 < {hidden_pct} or hash(place, start, service, value) % 100 < 2
order by topic, place, start
"""
_PLACE = {
    "commune": "commune_code",
    "district": "district_code",
    "province": "province_code",
    "programme": f"'{PROGRAMME}'",
    "district_covered": "district_code || ':' || covered",
    "province_covered": "province_code || ':' || covered",
    "programme_covered": f"'{PROGRAMME}:' || covered",
}
_SMALL_PLACES_PCT = {"commune": 15, "district": 10}  # whose cells are all hidden; of the others two cells in a hundred
_KINDS = {"service_code": list(SERVICES), "facility_type": ["health_centre"]}
_VALUES = {
    "": [""],
    "sex": ["f", "m", UNKNOWN_VALUE],
    "documents_complete": ["true", "false", UNKNOWN_VALUE],
    "status": ["overdue", "waiting", UNKNOWN_VALUE, "open"],
    "age_group": ["18_24", "25_34", "35_59", UNKNOWN_VALUE],
    "channel": ["meeting", UNKNOWN_VALUE],
}


def hide(connection: duckdb.DuckDBPyConnection) -> None:
    """Hide as many cells as a build of the country would; levels that are never published need no cells."""
    connection.execute("delete from privacy.hidden_cells")
    for lattice in (REQUESTS, USAGE, FEEDBACK):
        for attribute, level, period in product(("", *lattice.all_attributes), lattice.place_levels, MONTHS_OF):
            if not lattice.has(level, period, attribute) or lattice.is_withheld(level, period, attribute):
                continue
            connection.execute(
                _HIDDEN.format(
                    fact=f"'{lattice.fact}'",
                    attribute=f"'{attribute}'",
                    level=f"'{level}'",
                    period=f"'{period}'",
                    place=_PLACE[level],
                    first=FIRST_MONTH,
                    months=MONTHS,
                    services=[*_KINDS[lattice.service_column], ALL_SERVICES],
                    topics=["speed", "friendliness", "quality", "overall"] if lattice.topic_column else [""],
                    values=_VALUES[attribute],
                    hidden_pct=_SMALL_PLACES_PCT.get(level, 0),
                )
            )


def make(requests: int, folder: Path) -> None:
    """Make `folder` a data folder whose one build is the current one with the aggregates of `requests` invented requests."""
    current = warehouse.current_build()
    if current is None:
        raise SystemExit("There is no build to start from yet. Run: python -m etl build --demonstration")
    path = folder / "warehouse" / current.path.name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(current.path, path)
    chosen = {"services": list(SERVICES), "first": FIRST_MONTH, "months": MONTHS, "requests": requests}
    with duckdb.connect(str(path)) as connection:
        connection.execute("set preserve_insertion_order = false; set memory_limit = '8GB'")
        connection.execute(_PLACES)
        connection.execute(_REQUESTS.format(**chosen))
        connection.execute(_OTHERS.format(**chosen))
        for name, query in marts.roll_ups().items():
            connection.execute(f"create or replace table marts.{name} as\n{query}")
        hide(connection)
    (path.parent / "CURRENT").write_text(current.build_id, encoding="utf-8")
