"""Does every rule catch the row it was written for, and nothing else?"""

from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from small_files import rows_of

import warehouse
from etl import pipeline
from etl.cells import western
from etl.contract import SEX, Column, Source, quick, typed
from etl.lists import make_list, make_lists, stored_type
from etl.load import Workplace
from etl.money import is_riel
from etl.readers import csv
from etl.sources import SOURCES

SOURCE_BY_NAME = {source.name: source for source in SOURCES}
RULES = [pytest.param(source, rule, id=f"{source.name}-{rule.name}") for source in SOURCES for rule in source.rules]


def check(folder: Path, source: Source, text: str) -> tuple[pipeline.Load, list[str]]:
    """Load one file of a source into memory; its books and the names of the broken rules."""
    (folder / source.name).mkdir(exist_ok=True)
    file = folder / source.name / "file.csv"
    file.write_text(text, encoding="utf-8")
    place = Workplace(pipeline.connect(":memory:", folder), date(2026, 11, 15), folder, folder / "set_aside")
    hall = pd.DataFrame({"facility_id": ["CH-1"], "facility_type": ["commune_hall"]})
    known = {"facilities": hall, "partners": pd.DataFrame({"partner_id": ["P-1"]})}
    (load,) = pipeline.load_files(place, folder, {file: csv.scan(file)}, lambda share, what: None, known)
    broken = place.connection.execute("select rule from quality.rule_results order by rule").fetchall()
    place.connection.close()
    return load, [rule for (rule,) in broken]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_example_row_of_a_source_breaks_no_rule(tmp_path: Path, source: Source) -> None:
    load, broken = check(tmp_path, source, rows_of(source, {}))
    assert (load.rows_loaded, broken) == (1, [])


@pytest.mark.parametrize(("source", "rule"), RULES)
def test_a_witness_breaks_exactly_its_rule(tmp_path: Path, source: Source, rule) -> None:  # type: ignore[no-untyped-def]
    load, broken = check(tmp_path, source, rows_of(source, dict(rule.witness)))
    assert broken == [rule.name]
    assert load.rows_set_aside == (1 if rule.outcome == "reject_row" else 0)
    assert rule.sentence.endswith(".")


@pytest.fixture(scope="module")
def connection():  # type: ignore[no-untyped-def]
    connection = duckdb.connect(config=dict(warehouse.ENGINE_SETTINGS))
    connection.execute("set timezone = 'UTC'")
    make_lists(connection, SOURCES, warehouse.reference_folder())
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [
        ("date", "2024-03-31", date(2024, 3, 31)),
        ("date", "31/03/2024", date(2024, 3, 31)),
        ("date", "៣១/០៣/២០២៤", date(2024, 3, 31)),
        ("date", " 31.03.2024 ", date(2024, 3, 31)),
        ("date", "31-Mar-2024", date(2024, 3, 31)),
        ("date", "2024-03-31 14:30:00", date(2024, 3, 31)),
        ("date", "45382", date(2024, 3, 31)),
        ("date", "3-Jan-24", date(2024, 1, 3)),
        ("date", "ថ្ងៃទី១៥ ខែមករា ឆ្នាំ២០២៤", date(2024, 1, 15)),
        ("date", "1er août 2023", date(2023, 8, 1)),
        ("date", "March 3, 2024", date(2024, 3, 3)),
        ("date", "31 février 2024", None),
        ("date", "mars 2024", None),
        ("date", "31/02/2024", None),
        ("date", "03/31/2024", None),
        ("month", "2024-03", date(2024, 3, 1)),
        ("month", "202403", date(2024, 3, 1)),
        ("month", "03/2024", date(2024, 3, 1)),
        ("month", "Jan-24", date(2024, 1, 1)),
        ("month", "Décembre 2023", date(2023, 12, 1)),
        ("month", "Decembre 2023", date(2023, 12, 1)),
        ("month", "ខែកុម្ភៈ ឆ្នាំ២០២៤", date(2024, 2, 1)),
        ("month", "2024-03-17", date(2024, 3, 1)),
        ("timestamp", "2024-03-31T14:30:00Z", datetime(2024, 3, 31, 14, 30)),
        ("timestamp", "2024-03-31T14:30:00+07:00", datetime(2024, 3, 31, 7, 30)),
        ("timestamp", "31/03/2024 14:30", datetime(2024, 3, 31, 14, 30)),
        ("integer", "5,000", 5000),
        ("integer", "១២", 12),
        ("integer", "12.0", 12),
        ("integer", "12.7", None),
        ("integer", "twelve", None),
        ("riel", "15,000 riel", 15000),
        ("riel", "15000 KHR", 15000),
        ("riel", "៛15,000", 15000),
        ("riel", "15.000 ៛", 15000),
        ("riel", "15\u00a0000 Riels", 15000),
        ("riel", "15,000.00", 15000),
        ("riel", "១៥០០០\u200bរៀល", 15000),
        ("riel", "KHR 500", 500),
        ("riel", "1.5 million riel", 1500000),
        ("riel", "២ ម៉ឺនរៀល", 20000),
        ("riel", "5k", 5000),
        ("riel", "-500", -500),
        ("riel", "Free", 0),
        ("riel", "no fee", 0),
        ("riel", "Free (0 riel)", 0),
        ("riel", "ឥតគិតថ្លៃ", 0),
        ("riel", "ឥត\u200bគិតថ្លៃ", 0),
        ("riel", "$2.50", None),
        ("riel", "10 USD", None),
        ("riel", "10,000–15,000", None),
        ("riel", "5,000 riel per copy", None),
        ("riel", "15.5", None),
        ("riel", "freedom", None),
        ("riel", "99,000,000,000", None),
        ("number", "3,5", 3.5),
        ("boolean", "YES", True),
        ("boolean", "ទេ", False),
        ("boolean", "0", False),
        ("boolean", "maybe", None),
        ("text", "  \u200bR-1\u00a0 ", "R-1"),
        ("text", "   ", None),
    ],
)
def test_values_are_read_as_people_write_them(connection, kind: str, written: str, meant: object) -> None:  # type: ignore[no-untyped-def]
    sql = f"select {typed(Column('it', 'It', kind), 'raw_it')} from (select ?::varchar as raw_it)"  # type: ignore[arg-type]
    assert connection.execute(sql, [written]).fetchone() == (meant,)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("$2.50", "in_riel"),
        ("2.5 USD", "in_riel"),
        ("៥ ដុល្លារ", "in_riel"),
        ("100 baht", "in_riel"),
        ("10,000–15,000", "one_amount"),
        ("10000 to 15000 riel", "one_amount"),
        ("៥០០០ ដល់ ១០០០០ រៀល", "one_amount"),
        ("5,000 riel / 10,000 riel", "one_amount"),
        ("5,000 (10,000 for a copy)", "one_amount"),
        ("ask the clerk", "readable"),
        ("5,000 per page", "readable"),
    ],
)
def test_an_amount_that_is_not_used_has_its_own_reason(tmp_path: Path, written: str, fault: str) -> None:
    for one, column in (("service_requests", "fee_paid_riel"), ("action_plans", "cost_riel"), ("posted_standards", "posted_fee_riel")):
        load, broken = check(tmp_path, SOURCE_BY_NAME[one], rows_of(SOURCE_BY_NAME[one], {column: f'"{written}"'}))
        assert (broken, load.rows_loaded) == ([f"{column}_{fault}"], 1)


def test_a_proposal_knows_the_amounts_that_the_contract_reads(connection) -> None:  # type: ignore[no-untyped-def]
    cells = ["15,000 riel", "៛500", "free", "២ ម៉ឺនរៀល", "1.5 million", "$2.50", "1,000-2,000", "15.5", "", "-", "15\u00a0000"]
    sql = f"select {typed(Column('it', 'It', 'riel'), 'raw_it')} is not null from (select unnest(?::varchar[]) as raw_it)"
    assert [is_read for (is_read,) in connection.execute(sql, [cells]).fetchall()] == [is_riel(western(cell)) for cell in cells]


KINDS = ("date", "month", "timestamp", "integer", "number", "boolean", "riel")
WRITTEN = (
    "2024-03-31", "2024-3-1", "31/03/2024", "2024-03", "2024-03-31T14:30:00Z", "2024-03-31T14:30:00+07:00", "2024-03-31 14:30",
    "12", "12.7", "-3", "1e3", "5,000", "nan", "infinity", "yes", "T", "0", "on", "", " 7 ", "070101", "KH070101", "f", "ស្រី",
    "free", "15,000 riel", "$5",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_quick_way_never_reads_a_cell_otherwise(connection, kind: str) -> None:  # type: ignore[no-untyped-def]
    column = Column("it", "It", kind)  # type: ignore[arg-type]
    ways = f"{quick(column, 'raw_it', column.sql_type)}, {typed(column, 'raw_it')}"
    sql = f"select raw_it, {ways} from (select unnest(?::varchar[]) as raw_it)"
    found = connection.execute(sql, [list(WRITTEN)]).fetchall()
    assert any(quickly is not None for _, quickly, _ in found)
    assert [text for text, quickly, fully in found if quickly is not None and repr(quickly) != repr(fully)] == []


def test_a_list_that_staging_stores_as_numbers_is_read_the_same(connection) -> None:  # type: ignore[no-untyped-def]
    column = Column("sex", "It", accepts=SEX)
    stored = stored_type(connection, column)
    assert stored.startswith("staging.")
    ways = f"{quick(column, 'raw_it', stored)}, {typed(column, 'raw_it')}"
    sql = f"select {ways} from (select unnest(['f', 'F', 'woman', 'x', '?']) as raw_it)"
    assert connection.execute(sql).fetchall() == [("f", "f"), (None, "f"), (None, "f"), (None, "other"), (None, None)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("070101", "070101"), ("70101", "070101"), ("KH070101", "070101"), ("៧០១០១", "070101"), ("070701", "070901"), ("999999", None)],
)
def test_commune_codes_are_read_in_every_spelling_and_old_ones_mean_their_successor(connection, written: str, meant: str | None) -> None:  # type: ignore[no-untyped-def]
    sql = f"select {typed(Column('commune_code', 'It', reference='communes'), 'raw_it')} from (select ?::varchar as raw_it)"
    assert connection.execute(sql, [written]).fetchone() == (meant,)


def test_a_list_may_be_made_again(connection) -> None:  # type: ignore[no-untyped-def]
    make_list(connection, "facilities", {"HC-1": "HC-1"})
    make_list(connection, "facilities", {"HC-2": "HC-2"})
    sql = f"select {typed(Column('it', 'It', reference='facilities'), 'raw_it')} from (select unnest(['HC-1', 'hc-2']) as raw_it)"
    assert connection.execute(sql).fetchall() == [(None,), ("HC-2",)]
