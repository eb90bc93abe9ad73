"""Is a known error put right, and only while the source still has it?"""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from small_files import Write, ask, rows_of
from streamlit.testing.v1 import AppTest

import warehouse
from etl import corrections, dock, pipeline, sources
from etl.forget import forget
from etl.sources import SOURCES
from metrics import books
from warehouse import Problem

pytestmark = pytest.mark.usefixtures("nothing_hidden")
REQUESTS = sources.source("service_requests")
USAGE = sources.source("service_usage")
HEADER = "source,row,column,old,new,reason,who,date\n"


def build(data: Path) -> pipeline.Outcome:
    return pipeline.build_warehouse(data / "inbox", False)


def correct(write: Write, *lines: str, header: str = HEADER) -> None:
    """Declare corrections: `source,row,column,old,new`; reason, who and date are added."""
    write("corrections.csv", header + "".join(f"{line},typing error,Sok Dara,2024-06-01\n" for line in lines))


def test_a_declared_error_is_put_right_and_the_file_stays_as_it_is(data: Path, write: Write) -> None:
    too_much = {"fee_paid_riel": "50000"}
    file = write("r.csv", rows_of(REQUESTS, {"request_id": "R-1", **too_much}, {"request_id": "R-2", **too_much}))
    before = file.read_bytes()
    correct(write, "service_requests,R-1,fee_paid_riel,50000,5000")
    (load,) = build(data).loads
    assert (load.rows_read, load.rows_loaded) == (2, 2)
    assert ask("select request_id, fee_paid_riel from staging.service_requests order by 1") == [("R-1", 5000), ("R-2", 50000)]
    assert file.read_bytes() == before


def test_a_value_that_would_set_its_row_aside_can_be_corrected(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"submitted_date": "2042-03-01", "completed_date": "2024-03-04"}))
    correct(write, "service_requests,R-1,submitted_date,2042-03-01,2024-03-01")
    (load,) = build(data).loads
    assert (load.rows_loaded, load.rows_set_aside) == (1, 0)


def test_what_a_correction_puts_in_is_checked_like_any_other_value(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"request_id": "R-1"}, {"request_id": "R-2"}))
    correct(write, "service_requests,R-1,completed_date,2024-03-04,1999-01-01")
    (load,) = build(data).loads
    assert (load.rows_loaded, load.rows_set_aside) == (1, 1)
    assert ask("select rules from quality.rejected_rows")[0][0].tolist() == ["completed_not_before_submitted"]  # type: ignore[attr-defined]


def test_the_old_value_may_be_written_another_way_than_in_the_file(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"commune_code": "70101", "submitted_date": "01/03/2024", "sex": " ស្រី "}))
    correct(
        write,
        "service_requests,R-1,commune_code,070101,070102",
        "service_requests,R-1,submitted_date,2024-03-01,2024-03-02",
        "service_requests,R-1,sex,f,m",
    )
    build(data)
    assert ask("select commune_code::varchar, submitted_date::varchar, sex::varchar from staging.service_requests") == [
        ("070102", "2024-03-02", "m")
    ]


def test_an_empty_cell_can_be_filled_and_a_filled_one_emptied(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"visits_needed": "", "age_group": "25_34", "outcome": "completed"}))
    correct(
        write,
        "service_requests,R-1,visits_needed,,2",
        "service_requests,R-1,age_group,25_34,",
        "service_requests,R-1,outcome,completed,",
    )
    build(data)
    assert ask("select visits_needed, age_group is null, outcome::varchar from staging.service_requests") == [(2, True, "completed")]


def test_a_row_with_a_key_of_several_columns_is_named_by_all_of_them(data: Path, write: Write) -> None:
    write("f.csv", rows_of(sources.source("facilities"), {}))
    write("u.csv", rows_of(USAGE, {"month": "2042-03", "reported_date": ""}, {"month": "2024-02", "reported_date": ""}))
    correct(write, "service_usage,CH-1 | outpatient | 2042-03,month,2042-03,2024-03", "service_usage,CH-1|outpatient|2024-02,visits,120,12")
    loads = {load.source: load for load in build(data).loads}
    assert loads["service_usage"].rows_set_aside == 0
    assert ask("select month::varchar, visits from staging.service_usage order by 1") == [("2024-02-01", 12), ("2024-03-01", 120)]


def test_every_version_of_a_row_is_corrected_so_that_the_newest_is(data: Path, write: Write) -> None:
    write("a.csv", rows_of(REQUESTS, {"sex": "m", "updated_at": "2024-04-01"}))
    write("b.csv", rows_of(REQUESTS, {"sex": "m", "updated_at": "2024-05-01", "visits_needed": "2"}))
    correct(write, "service_requests,R-1,sex,m,f")
    build(data)
    assert ask("select sex::varchar, visits_needed from staging.service_requests") == [("f", 2)]
    assert ask("select rows from quality.corrections") == [(2,)]


# -- when the source is another by now ---------------------------------------------------------------------------------------


def refused(data: Path) -> Problem:
    """The Problem that stops the build; what was published before stays."""
    before = warehouse.current_build()
    with pytest.raises(Problem) as raised:
        build(data)
    assert warehouse.current_build() == before
    assert not list((data / "warehouse").glob(".building*"))
    return raised.value


def test_a_source_that_was_put_right_stops_the_build_with_what_it_says_now(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"fee_paid_riel": "50000"}))
    correct(write, "service_requests,R-1,fee_paid_riel,50000,5000")
    build(data)
    write("r.csv", rows_of(REQUESTS, {"fee_paid_riel": "4000"}))
    problem = refused(data)
    assert problem.what == "corrections.csv, line 2: service_requests R-1 no longer says '50000' in fee_paid_riel; it says '4000'."
    assert "take the line out" in problem.action


@pytest.mark.parametrize(("now", "said"), [("", "it says '(nothing)'"), ("5000", "it says '5000'")])
def test_an_emptied_cell_or_one_that_is_right_by_now_stops_it_too(data: Path, write: Write, now: str, said: str) -> None:
    write("r.csv", rows_of(REQUESTS, {"fee_paid_riel": now}))
    correct(write, "service_requests,R-1,fee_paid_riel,50000,5000")
    assert said in refused(data).what


def test_a_row_that_is_gone_stops_the_build(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"request_id": "R-2"}))
    correct(write, "service_requests,R-1,fee_paid_riel,50000,5000")
    assert "there is no such row any more" in refused(data).what


def test_a_source_without_files_stops_the_build(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {}))
    correct(write, "feedback,S-1,sex,m,f")
    assert "feedback S-1" in refused(data).what


@pytest.mark.parametrize("now", ["4000", "5000"])
def test_a_newer_version_without_the_error_stops_the_build(data: Path, write: Write, now: str) -> None:
    write("a.csv", rows_of(REQUESTS, {"fee_paid_riel": "50000", "updated_at": "2024-04-01"}))
    write("b.csv", rows_of(REQUESTS, {"fee_paid_riel": now, "updated_at": "2024-05-01"}))
    correct(write, "service_requests,R-1,fee_paid_riel,50000,5000")
    assert f"its newest version says '{now}'" in refused(data).what


def test_checking_a_file_puts_corrections_in_and_passes_over_those_of_other_files(data: Path, write: Write) -> None:
    file = write("r.csv", rows_of(REQUESTS, {"submitted_date": "2042-03-01"}))
    correct(
        write,
        "service_requests,R-1,submitted_date,2042-03-01,2024-03-01",
        "service_requests,R-77,sex,m,f",
        "feedback,S-1,sex,m,f",
    )
    ((load,), _, _) = pipeline.check_file(file)
    assert (load.rows_read, load.rows_loaded) == (1, 1)
    write("r.csv", rows_of(REQUESTS, {"submitted_date": "2043-03-01"}))
    with pytest.raises(Problem, match="it says '2043-03-01'"):
        pipeline.check_file(file)


def test_a_delivery_is_checked_with_the_corrections_of_the_inbox(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"request_id": "R-2", "sex": "m"}))
    correct(write, "service_requests,R-1,submitted_date,2042-03-01,2024-03-01", "service_requests,R-2,sex,m,f")
    token = dock.new_delivery()
    dock.put(token, "june.csv", rows_of(REQUESTS, {"submitted_date": "2042-03-01"}).encode())
    assert [(load.file_name, load.rows_loaded) for load in dock.examine(token).loads] == [("june.csv", 1)]
    dock.publish(token)
    assert ask("select request_id, sex::varchar from staging.service_requests order by 1") == [("R-1", "f"), ("R-2", "f")]


# -- the list itself ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("service_requests,R-1,citizen_name,A,B", "'citizen_name' is personal"),
        ("service_request,R-1,sex,m,f", "there is no source 'service_request'"),
        ("service_requests,R-1,gender,m,f", "has no column 'gender'"),
        ("service_requests,,sex,m,f", "is not the key of a row"),
        ("service_usage,CH-1 | outpatient,visits,1,2", "is not the key of a row"),
        ("service_requests,R-1,sex,m,m", "the old value is the new one"),
    ],
)
def test_a_line_that_cannot_be_understood_stops_the_build_with_its_number(data: Path, write: Write, line: str, said: str) -> None:
    write("r.csv", rows_of(REQUESTS, {}))
    correct(write, line)
    problem = refused(data)
    assert said in problem.what and "Line 2" in problem.what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,row,column,old,new,reason,who\n", "no column 'date'"),
        (HEADER + "service_requests,R-1,sex,m,f,,Sok,2024-06-01\n", "does not say why"),
        (HEADER + "service_requests,R-1,sex,m,f,why,Sok,June\n", "'June' is not a day"),
        (HEADER + "".join(f"service_requests,R-1,sex,m,{new},why,Sok,2024-06-01\n" for new in ("f", "other")), "same cell"),
    ],
)
def test_an_incomplete_list_stops_the_build(data: Path, write: Write, text: str, said: str) -> None:
    write("r.csv", rows_of(REQUESTS, {}))
    write("corrections.csv", text)
    assert said in refused(data).what


def test_a_list_saved_by_excel_is_read_too(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"sex": "m"}))
    line = 'service_requests;R-1;sex;m;f;"wrong box;\nasked again";Sok;2024-06-01\n'
    write("corrections.csv", HEADER.replace(",", ";") + line + ";;;;;;;\n", encoding="utf-8-sig")
    build(data)
    assert ask("select sex::varchar, reason from staging.service_requests, quality.corrections") == [("f", "wrong box;\nasked again")]


def test_a_personal_column_can_never_be_corrected_into_sight() -> None:
    for source in SOURCES:
        staged = {column.name for column in source.staged}
        assert not staged & {column.name for column in source.columns if column.is_personal}
        for column in source.columns:
            if column.is_personal:
                row = dict.fromkeys(corrections.HEADERS, "x") | {"source": source.name, "column": column.name, "date": "2024-01-01"}
                with pytest.raises(Problem, match="is personal"):
                    corrections._read(Path("corrections.csv"), 2, row, {source.name: source})


# -- what is remembered of it ------------------------------------------------------------------------------------------------


def test_a_new_correction_makes_a_new_build_and_the_same_ones_none(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"sex": "m"}))
    assert build(data).is_new
    correct(write, "service_requests,R-1,sex,m,f")
    assert (build(data).is_new, build(data).is_new) == (True, False)


def test_the_books_tell_what_was_corrected_why_and_by_whom(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"sex": "m"}))
    first = build(data).build
    correct(write, "service_requests,R-1,sex,m,f")
    told = books.corrections(build(data).build.build_id)
    assert told.drop(columns="corrected_on").to_dict("records") == [
        {
            "source": "service_requests", "key": "R-1", "column_name": "sex", "old_value": "m", "new_value": "f",
            "reason": "typing error", "who": "Sok Dara", "rows": 1,
        }
    ]  # fmt: skip
    assert books.corrections(first.build_id).empty


def test_a_person_who_is_forgotten_leaves_the_corrections_too(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {"request_id": "R-1", "sex": "m"}, {"request_id": "R-2"}))
    correct(write, "service_requests,R-1,sex,m,f")
    build(data)
    assert forget("R-1").rows["inbox/corrections.csv"] == 1
    assert "R-1" not in (data / "inbox" / "corrections.csv").read_text(encoding="utf-8")


def test_a_large_file_is_corrected_in_its_one_row(data: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.load.LINES_KEPT_UP_TO", 10)
    write("r.csv", rows_of(REQUESTS, *({"request_id": f"R-{n}", "sex": "m"} for n in range(5000))))
    correct(write, "service_requests,R-4999,sex,m,f", "service_requests,R-7,sex,m,other")
    build(data)
    counted = ask("select sex::varchar, count(*) from staging.service_requests group by 1 order by 2, 1")
    assert counted == [("f", 1), ("other", 1), ("m", 4998)]


def test_many_corrections_are_put_in_each_in_its_own_row(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, *({"request_id": f"R-{n}", "sex": "m", "fee_paid_riel": str(n)} for n in range(3000))))
    correct(write, *(f"service_requests,R-{n},fee_paid_riel,{n},{n + 10_000}" for n in range(0, 3000, 3)))
    build(data)
    added = "fee_paid_riel - substr(request_id, 3)::integer"
    counted = ask(f"select {added}, count(*) from staging.service_requests group by 1 order by 1")
    assert counted == [(0, 2000), (10_000, 1000)]
    assert ask(f"select count(*) from staging.service_requests where {added} > 0 and substr(request_id, 3)::integer % 3 > 0") == [(0,)]


@pytest.mark.parametrize("language", ["en", "km"])
def test_the_data_quality_page_shows_the_corrections(
    data: Path, write: Write, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    write("r.csv", rows_of(REQUESTS, {"sex": "m"}))
    correct(write, "service_requests,R-1,sex,m,f")
    build(data)
    monkeypatch.chdir(warehouse.REPOSITORY)
    page = AppTest.from_file(str(warehouse.REPOSITORY / "dashboard.py"), default_timeout=60)
    page.query_params["lang"] = language
    page.run().switch_page("pages/data_quality.py").run()
    st.cache_resource.clear()
    assert not page.exception
    tables = [frame.value.astype(str).to_numpy().ravel().tolist() for frame in page.dataframe]
    assert any({"R-1", "sex", "m", "f", "typing error", "Sok Dara"} <= set(cells) for cells in tables)
