"""Is it counted right how many pupils and teachers come to school, and are the few protected?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import small_warehouse
from small_files import Write
from small_staging import modelled
from small_warehouse import hidden

import warehouse
from etl import small_groups
from etl.pipeline import build_warehouse
from metrics import registers
from metrics.lattice import LATTICES
from metrics.query import Query, ask
from metrics.verdicts import SUBJECTS

SCHOOL = {"facility_id": "PS-1", "facility_type": "primary_school", "commune_code": "070101", "district_code": "0701"}
METRICS = ("pupils_per_school", "pupil_attendance_pct", "teacher_presence_pct", "school_reports_pct")


def report(month: str, **more: Any) -> dict[str, Any]:
    return {"facility_id": "PS-1", "month": month, "pupils_enrolled": 100, "pupils_attended": 90, "teachers": 4,
            "teacher_days_expected": 80, "teacher_days_present": 60, "reported_date": "2024-12-05", **more}  # fmt: skip


def months_of(tmp_path: Path, *reports: dict[str, Any], **of_school: Any) -> list[tuple[Any, ...]]:
    with modelled({"facilities": [{**SCHOOL, **of_school}], "school_reports": list(reports)}, tmp_path) as connection:
        months = "select strftime(month, '%Y-%m'), is_expected, is_reported from marts.agg_school_reports order by 1"
        return connection.sql(months).fetchall()


# The mart


def test_a_month_without_a_report_is_there_and_the_holidays_are_not(tmp_path: Path) -> None:
    found = months_of(tmp_path, report("2024-07-01"), report("2024-11-01"))
    assert found == [("2024-07", True, True), ("2024-08", True, False), ("2024-11", True, True)]


def test_nothing_is_expected_of_a_school_that_is_closed_but_what_it_sends_counts(tmp_path: Path) -> None:
    found = months_of(tmp_path, report("2024-05-01"), report("2024-09-01"), closed_date="2024-06-15")
    assert found == [("2024-05", True, True), ("2024-06", True, False), ("2024-09", False, True)]


@pytest.mark.parametrize(
    ("change", "pupils", "teachers"),
    [
        ({}, (100, 90), (4, 3.0)),
        ({"pupils_attended": 101}, (None, None), (4, 3.0)),
        ({"teacher_days_present": 81}, (100, 90), (None, None)),
        ({"teachers": None}, (100, 90), (None, None)),
        ({"pupils_attended": None, "teacher_days_expected": 0, "teacher_days_present": 0}, (None, None), (None, None)),
    ],
)
def test_only_what_can_be_true_is_asked(tmp_path: Path, change: dict[str, Any], pupils: tuple[Any, Any], teachers: tuple[Any, Any]) -> None:
    with modelled({"facilities": [SCHOOL], "school_reports": [report("2024-03-01", **change)]}, tmp_path) as connection:
        found = connection.sql(
            "select pupils_asked, pupils_present, teachers_asked, teachers_present from marts.agg_school_reports where is_reported"
        ).fetchall()
    assert found == [(*pupils, *teachers)]


# What may be asked


def month_of(commune: str, month: date, teachers: int) -> dict[str, Any]:
    return {"commune_code": commune, "facility_type": "primary_school", "facility_id": f"PS{commune}", "month": month, "is_expected": True,
            "is_reported": True, "pupils_enrolled": 40, "pupils_asked": 40, "pupils_present": 30, "teachers": teachers,
            "teachers_asked": teachers, "teachers_present": teachers * 0.75}  # fmt: skip


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    months = [date(2024, month, 1) for month in range(1, 9)]
    teachers = {"070101": 24, "070102": 24, "090101": 8}
    rows = {
        "marts.agg_school_reports": [month_of(commune, month, n) for month in months for commune, n in teachers.items()],
        "privacy.hidden_cells": [
            hidden("teachers", "090101", period, start)
            for period, starts in (("month", months), ("quarter", [date(2024, m, 1) for m in (1, 4, 7)]), ("year", [date(2024, 1, 1)]))
            for start in starts
        ],
    }
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    yield small_warehouse.publish(tmp_path, rows)


@pytest.mark.parametrize("by", ["province", "district", "commune", "facility_type", "covered", None])
@pytest.mark.parametrize("period", ["month", "quarter", "year", "fiscal_year", None])
@pytest.mark.parametrize("metric", METRICS)
def test_every_measure_is_answered_by_every_dimension_and_period(build: str, metric: str, by: str | None, period: str | None) -> None:
    table = ask(Query((metric,), by=(by,) if by else (), period=period)).table
    shown = table[table[f"{metric}_status"] == "shown"]
    usual = {"pupils_per_school": 40, "pupil_attendance_pct": 75, "teacher_presence_pct": 75, "school_reports_pct": 100}[metric]
    assert len(shown) and shown[metric].to_numpy() == pytest.approx(usual)


def test_a_school_is_not_silent_in_its_holidays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = {"070101": date(2024, 11, 1), "070102": date(2024, 8, 1), "070103": date(2024, 7, 1)}
    expected = [date(2024, month, 1) for month in (6, 7, 8, 11)]  # nothing in September and October
    rows = [{**month_of(commune, month, 12), "is_reported": month <= sent} for commune, sent in last.items() for month in expected]
    schools = [{"facility_id": f"PS{commune}", "commune_code": commune, "facility_type": "primary_school"} for commune in last]
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    build_id = small_warehouse.publish(tmp_path, {"marts.agg_school_reports": rows, "marts.dim_facility": schools})
    found = registers.silent_facilities(build_id)
    assert found.set_index("facility_id")["months_silent"].to_dict() == {"PS070103": 2}


def test_pupils_are_never_added_up_over_months(build: str) -> None:
    assert ask(Query(("pupils_per_school",), period="year")).table["pupils_per_school"].tolist() == [40]


def test_teachers_are_counted_once_a_month_not_once_a_day(build: str) -> None:
    assert ask(Query(("teacher_presence_pct",), by=("commune",))).table["teacher_presence_pct_n"].max() == 24 * 8


# Hiding


def hidden_cells(teachers: dict[str, list[int]]) -> set[tuple[str, str, str]]:
    """(place, period, start) of the hidden cells of teachers: so many in January, February ... 2024 in each commune."""
    rows = [
        {**month_of(commune, date(2024, 1 + month, 1), count), "district_code": commune[:4], "province_code": commune[:2]}
        for commune, counts in teachers.items()
        for month, count in enumerate(counts)
    ]
    table = pd.DataFrame(rows)
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.dim_coverage (commune_code text, start_date date)")
        connection.register("table_of_months", table)
        connection.execute("create table marts.agg_school_reports as select * replace (month::date as month) from table_of_months")
        small_groups.hide_small_groups(connection)
        cells = "select place_code, period, period_start::varchar from privacy.hidden_cells where fact = 'teachers'"
        found = connection.execute(cells).fetchall()
    return set(found)


@pytest.fixture
def teachers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_groups, "LATTICES", {"teachers": LATTICES["teachers"]})


def test_a_few_teachers_are_hidden_with_a_sibling_in_every_period_they_are_part_of(teachers_only: None) -> None:
    communes = {f"0701{number:02d}": [30, 30, 30] for number in range(2, 12)} | {"070101": [6, 6, 6]}
    found = hidden_cells(communes)
    mine = {(period, start) for place, period, start in found if place == "070101"}
    assert mine >= {("month", "2024-01-01"), ("month", "2024-03-01"), ("quarter", "2024-01-01"), ("year", "2024-01-01")}
    assert {place for place, period, start in found if (period, start) == ("month", "2024-02-01")} > {"070101"}
    assert not any(place in ("0701", "07", "KH") for place, _, _ in found)


def test_six_teachers_do_not_become_many_by_being_counted_every_month(teachers_only: None) -> None:
    # 6 teachers in each of three months are 18 counts, and still six persons
    random = np.random.default_rng(1)
    communes = {f"0701{number:02d}": [int(random.integers(25, 40))] * 3 for number in range(2, 12)} | {"070101": [6, 6, 6]}
    assert ("070101", "quarter", "2024-01-01") in hidden_cells(communes)


def test_what_one_month_hides_every_month_hides(teachers_only: None) -> None:
    # the others' counts hardly change: their other months would tell what the sibling of a small commune is hiding
    communes = {f"0701{number:02d}": [30] * 12 for number in range(2, 12)} | {"070101": [12] * 11 + [9]}
    cells = hidden_cells(communes)
    hidden = {place for place, _, _ in cells}
    assert "070101" in hidden and len(hidden) == 2  # with one sibling, the same in every month
    for place in hidden:
        months = {start for of, period, start in cells if (of, period) == (place, "month")}
        assert months == {f"2024-{month:02}-01" for month in range(1, 13)}
        assert (place, "year", "2024-01-01") in cells


def test_teachers_are_judged() -> None:
    assert "teacher_presence_pct" in {subject.metric for subject in SUBJECTS}


# Files as schools write them


def test_a_districts_sheet_with_girls_and_boys_and_no_totals_loads_as_it_is(data: Path, write: Write, nothing_hidden: None) -> None:
    write("facilities.csv", "facility_id,facility_type,commune_code\nPS-1,primary_school,70101\n")
    write(
        "សាលារៀន.csv",
        "លេខកូដសាលា,ខែ,សិស្សស្រីចុះឈ្មោះ,សិស្សប្រុសចុះឈ្មោះ,សិស្សស្រីមករៀន,សិស្សប្រុសមករៀន,ចំនួនគ្រូ,ថ្ងៃត្រូវបង្រៀន,ថ្ងៃគ្រូមកបង្រៀន\n"
        "PS-1,មីនា ២០២៤,១៥០,១៦២,១៣៨,១៤២,៨,១៦៨,១៥១\n"
        "PS-1,មេសា ២០២៤,១៥០,១៦២,,,៨,១២០,១៣០\n",
    )
    books = {load.source: load for load in build_warehouse(data / "inbox", is_demonstration=False).loads}
    assert (books["school_reports"].rows_loaded, books["school_reports"].rows_set_aside) == (2, 0)
    columns = "pupils_enrolled, pupils_present, teachers_present"
    found = warehouse.read(f"select {columns} from marts.agg_school_reports where is_reported order by month")
    told = found.astype(object).where(found.notna(), None).to_numpy().tolist()
    assert told == [[312, 280, pytest.approx(8 * 151 / 168)], [312, None, None]]


def test_a_workbook_like_an_education_offices_loads_by_its_english_headers(data: Path, write: Write, nothing_hidden: None) -> None:
    write("facilities.csv", "facility_id,facility_type,commune_code\nPS-1,primary_school,70101\n")
    write(
        "schools.csv",
        "School code;Reporting month;Total enrolment;Girls enrolled;Boys enrolled;Average daily attendance;Number of teachers;"
        "Teaching days due;Teaching days done\nPS-1;03/2024;312;150;162;280;8;168;151\n",
    )
    build_warehouse(data / "inbox", is_demonstration=False)
    found = warehouse.read("select month::varchar as month, pupils_asked, teachers_asked from marts.agg_school_reports where is_reported")
    assert found.to_numpy().tolist() == [["2024-03-01", 312, 8]]
