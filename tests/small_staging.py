"""Staging tables of a few rows written by hand, and the marts made from them, for tests of the SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy
from typing import Any

import duckdb

from etl import marts, quality
from etl.sources import SOURCES
from etl.stage import create_table
from warehouse import reference_folder

SERVICES = """service_code,service_en,service_km,facility_type,sort_order
birth,Birth certificate,,commune_hall,1
family_book,Family book,,police_post,2
legal_letter,Legal letter,,commune_hall,3
outpatient,Outpatient,,health_centre,4
antenatal,Antenatal care,,health_centre,5
"""
STANDARDS = """\
standard_id,service_code,issuer,issuer_km,max_days,day_type,fee_riel,documents,documents_km,valid_from,valid_to,source,is_verified
birth_2016,birth,commune,,10,calendar,1000,,,2016-01-01,2024-01-01,by hand,true
birth_2024,birth,commune,,3,calendar,0,,,2024-01-01,,by hand,true
book_2016,family_book,police,,3,working,,,,2016-01-01,,by hand,true
"""
HOLIDAYS = """date,name_en,name_km,source,is_verified
2024-01-08,A Monday off,,by hand,true
"""
PRIVACY = """
    create schema privacy;
    create table privacy.hidden_cells (
        fact text, topic text, attribute text, place_level text, place_code text,
        period text, period_start date, service_code text, value text
    )
"""
TARGETS = """target_id,metric,service_code,place_code,target,valid_from,valid_to,source
in_time,within_standard_pct,,,90,2024-01-01,,by hand
in_time_here,within_standard_pct,,0701,80,2024-01-01,2025-01-01,by hand
"""
INDICATORS = """indicator_code,level,result_code,result_en,indicator_en,measure,span,unit,target_value,target_date,source_en
R1,output,OP,Heard,Requests,requests,total,,10,2024-12-31,by hand
E1,output,OP,Heard,People,,latest,people,100,2024-12-31,by hand
"""
Rows = dict[str, list[dict[str, Any]]]


def write_reference(folder: Path) -> Path:
    """The real communes and criteria, and three services' standards and one holiday that a reader can keep in mind."""
    for name in ("communes", "criteria"):
        copy(reference_folder() / f"{name}.csv", folder)
    lists = {"services": SERVICES, "service_standards": STANDARDS, "holidays": HOLIDAYS, "targets": TARGETS, "indicators": INDICATORS}
    for name, text in lists.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@contextmanager
def staged(rows: Rows) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with every staging table, holding these rows (columns left out are empty), and the books that fit."""
    connection = duckdb.connect()
    connection.execute("create schema staging")
    quality.create_tables(connection)
    connection.execute(PRIVACY)
    connection.execute("insert into quality.build (build_id, is_demonstration) values ('2024-12-31a', false)")
    for number, source in enumerate(SOURCES, start=1):
        create_table(connection, source)
        connection.execute(f"alter table staging.{source.name} drop column broken")
        given = rows.get(source.name, [])
        for row in given:
            connection.execute(
                f"insert into staging.{source.name} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
            )
        connection.execute(
            "insert into quality.loads "
            "(load_id, source, file_name, rows_read, rows_loaded, rows_set_aside, rows_superseded, rows_deleted, status) "
            "values (?, ?, ?, ?, ?, 0, 0, 0, 'loaded')",
            [number, source.name, f"{source.name}.csv", len(given), len(given)],
        )
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def modelled(rows: Rows, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same with the marts made from it; `folder` takes the small reference lists."""
    with staged(rows) as connection:
        marts.build_marts(connection, write_reference(folder))
        yield connection


def request(number: int, submitted: str, completed: str | None = None, **more: Any) -> dict[str, Any]:
    """A birth certificate asked for at the hall of commune 070101, unless said otherwise."""
    outcome = "completed" if completed else "open"
    given = {"request_id": f"R{number}", "commune_code": "070101", "service_code": "birth", "submitted_date": submitted}
    return {**given, "completed_date": completed, "outcome": outcome, **more}
