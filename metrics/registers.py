"""What do the registers say about a place: who covers it since when, which facilities it has, what happened there?"""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from metrics.memory import remembered
from metrics.sql import first_day, last_day, month_number
from warehouse import REPOSITORY, build, has_table, read

_NO_REPORT_MONTHS = 2


@remembered
def communes(build_id: str) -> pd.DataFrame:
    """One row a commune that the build's records or registers name: its places, first day covered (NaT: never), partner, population.

    `before_from` … `after_to` are the four quarters on each side of its start; `is_whole` says that the data reach over all eight.
    """
    return read(
        """
        with known as (
            select distinct commune_code from marts.dim_known_place
        ),
        people as (
            select commune_code, arg_max(population, year) as population, max(year) as population_year
            from marts.dim_population group by commune_code
        )
        select place.province_code, place.district_code, place.commune_code, coverage.start_date, partner.partner_en, partner.partner_km,
               people.population, people.population_year,
               coverage.before_from, coverage.before_to, coverage.after_from, coverage.after_to,
               coalesce(coverage.before_from >= date_trunc('month', period.data_from)
                        and coverage.after_to <= period.data_to, false) as is_whole
        from marts.dim_commune as place
        join known using (commune_code)
        left join marts.dim_coverage as coverage using (commune_code)
        left join marts.dim_partner as partner using (partner_id)
        left join people using (commune_code)
        cross join marts.dim_data_period as period
        order by place.commune_code
    """,
        build_id=build_id,
    )


@remembered
def facilities(build_id: str, commune: str) -> pd.DataFrame:
    """The facilities of one commune: `facility_en`, `facility_km`, `facility_type`, open ones first."""
    return read(
        """
        select facility_id, facility_en, facility_km, facility_type, opened_date, closed_date
        from marts.dim_facility where commune_code = $commune
        order by closed_date is not null, facility_type, facility_id
    """,
        {"commune": commune},
        build_id,
    )


@remembered
def services(build_id: str) -> pd.DataFrame:
    """Every service in the order of the reference list: `service_code`, `facility_type`."""
    return read("select service_code, facility_type from marts.dim_service order by sort_order, service_code", build_id=build_id)


@remembered
def standards(build_id: str, on: date) -> dict[str, float]:
    """The official days of each service in force on a day, by service code; services without one are left out."""
    table = read(
        """
        select service_code, min(max_days) as max_days from marts.dim_service_standard
        where valid_from <= $day and (valid_to is null or valid_to > $day) and max_days is not null
        group by service_code
    """,
        {"day": on},
        build_id,
    )
    return {str(code): float(days) for code, days in zip(table["service_code"], table["max_days"], strict=True)}


@remembered
def promises(build_id: str, place: str | None = None) -> pd.DataFrame:
    """What is promised of each service today, one row a service: the official standard, and what the offices of a place have posted.

    `place`: code of a commune, district or province. Offices that posted: `posted_days` of `offices`, with the least and most; NaN where
    none did. Of one office alone its own posting: `posted_from`, `posted_day_type`, `posted_documents`.
    """
    return read(
        """
        with promised as (
            select *, starts_with(coalesce(commune_code, district_code), coalesce($place, '')) as is_here from marts.dim_promise
        )
        select promised.service_code, any_value(issuer) as issuer, any_value(issuer_km) as issuer_km,
               any_value(official_days) as official_days, any_value(official_day_type) as official_day_type,
               any_value(official_fee_riel) as official_fee_riel, any_value(official_documents) as official_documents,
               any_value(official_documents_km) as official_documents_km,
               count(*) filter (is_here) as offices, count(posted_days) filter (is_here) as posted_days,
               min(posted_days) filter (is_here) as least_days, max(posted_days) filter (is_here) as most_days,
               min(posted_fee_riel) filter (is_here) as least_fee_riel, max(posted_fee_riel) filter (is_here) as most_fee_riel,
               min(posted_from) filter (is_here) as posted_from, any_value(posted_day_type) filter (is_here) as posted_day_type,
               any_value(posted_documents) filter (is_here) as posted_documents,
               count(*) filter (is_here and is_delivered_home) as offices_delivering
        from promised join marts.dim_service as service using (service_code)
        group by promised.service_code, service.sort_order
        order by service.sort_order, promised.service_code
    """,
        {"place": place},
        build_id,
    )


@remembered
def offices(build_id: str, commune: str) -> pd.DataFrame:
    """What each office of a commune promises: facility_en, facility_km and the columns of marts.dim_promise."""
    return read(
        """
        select facility.facility_en, facility.facility_km, promise.*
        from marts.dim_promise as promise
        join marts.dim_facility as facility using (facility_id)
        join marts.dim_service as service using (service_code)
        where promise.commune_code = $commune
        order by promise.facility_type, promise.facility_id, service.sort_order, service_code
    """,
        {"commune": commune},
        build_id,
    )


@remembered
def events(build_id: str, *, province: str | None = None, district: str | None = None, commune: str | None = None) -> pd.DataFrame:
    """What happened in a place, or in the places round it, oldest first: the columns of marts.dim_event.

    An event of a district or of the whole country belongs to every commune in it; with no place, only country-wide events.
    `concerns` is empty in a build from before it was kept.
    """
    found = read(
        """
        select event.*
        from marts.dim_event as event
        where (event.commune_code is null or event.commune_code = $commune)
          and (event.district_code is null or event.district_code = $district or event.commune_code = $commune
               or ($district is null and starts_with(event.district_code, coalesce($province, '-'))))
        order by event.event_date
    """,
        {"commune": commune, "district": district or (commune or "")[:4] or None, "province": province},
        build_id,
    )
    return found if "concerns" in found else found.assign(concerns=None)


@remembered
def silent_facilities(build_id: str) -> pd.DataFrame:
    """Facilities that still run and have sent no report, or no register, for two months or more: their places, names, last month sent.

    Counted are months for which a report is expected, so that a school is not silent in its holidays.
    """
    kinds = [table for table in ("marts.agg_usage", "marts.agg_school_reports") if has_table(table, build_id)]
    reports = " union all ".join(
        f"select '{table}' as kind, facility_id, month, is_reported from {table} where is_expected" for table in kinds
    )
    return read(
        f"""
        with reports as (
            {reports}
        ),
        newest as (
            select kind, max(month) as newest from reports where is_reported group by kind
        ),
        last as (
            select kind, facility_id, max(month) filter (is_reported) as last_sent, max(month) as last_expected from reports group by all
        ),
        silent as (
            select last.facility_id, last.last_sent, count(distinct reports.month) as months_silent
            from last
            join newest using (kind)
            join reports on
                reports.kind = last.kind
                and reports.facility_id = last.facility_id
                and reports.month > last.last_sent
                and reports.month <= newest.newest
            where last.last_expected >= newest.newest
            group by all
            union all
            select office_id, date_trunc('month', register_to),
                   date_diff('month', register_to, (select max(register_to) from marts.dim_register))
            from marts.dim_register
        )
        select facility.facility_id, facility.facility_en, facility.facility_km, facility.facility_type, facility.district_code,
               facility.commune_code, silent.last_sent as last_reported, silent.months_silent
        from silent join marts.dim_facility as facility using (facility_id)
        where facility.closed_date is null and silent.months_silent >= $months
        order by facility.district_code, facility.facility_id
    """,
        {"months": _NO_REPORT_MONTHS},
        build_id,
    )


def newest_year(build_id: str) -> tuple[date, date]:
    """The first and the last day of the last four quarters that the build's data cover whole: what "the newest year" means of sessions."""
    described = build(build_id)
    running = month_number((described.data_to or described.built_at.date()) + timedelta(days=1)) // 3 * 3
    return first_day(running - 12), last_day(running - 1)


@remembered
def communes_without_session(build_id: str) -> pd.DataFrame:
    """Communes that the programme came to before the newest year and is still in, and in which no session was held from its first day on.

    Their places and `last_session`, the first day of its month (NaT: never); no rows where nothing about sessions ever arrived.
    """
    return read(
        """
        with sessions as (
            select commune_code, max(month) as last_session from marts.agg_outreach_sessions where held > 0 group by commune_code
        )
        select place.province_code, place.district_code, place.commune_code, sessions.last_session
        from marts.dim_coverage as coverage
        join marts.dim_commune as place using (commune_code)
        cross join marts.dim_data_period as period
        left join sessions using (commune_code)
        where coverage.start_date <= $year_from
          and (coverage.end_date is null or coverage.end_date >= period.data_to)
          and coalesce(sessions.last_session < $year_from, true)
          and exists (select 1 from sessions)
        order by place.commune_code
    """,
        {"year_from": newest_year(build_id)[0]},
        build_id,
    )


@remembered
def tables(build_id: str) -> pd.DataFrame:
    """Every column that can be read in the build: `table_schema`, `table_name`, `column_name`, `data_type`, `comment`."""
    return read(
        """
        select schema_name as table_schema, table_name, column_name, data_type, comment
        from duckdb_columns() where database_name = current_database() and schema_name in ('marts', 'quality')
        order by table_schema, table_name, column_index
    """,
        build_id=build_id,
    )


def grains() -> dict[str, str]:
    """What one row of each table of `marts` is, by the table's name: the first line of its own query says so."""
    folder = REPOSITORY / "etl" / "sql" / "marts"
    first_lines = {path.stem: path.read_text(encoding="utf-8").split("\n", 1)[0] for path in sorted(folder.glob("*.sql"))}
    return {table: line.removeprefix("--").strip().removeprefix("one row = ") for table, line in first_lines.items()}


@remembered
def categories(build_id: str) -> list[str]:
    """The categories by which citizens scored in this build, in the order of the list; none in one from before there were scorecards."""
    if not has_table("marts.dim_category", build_id):
        return []
    table = read(
        """
        select category from marts.dim_category
        where category in (select category from marts.agg_scorecards)
        order by sort_order
    """,
        build_id=build_id,
    )
    return list(table["category"])
