"""What does the operator see, and which exit code does cron get?"""

import re
from pathlib import Path

import pytest
from small_files import Write, rows_of

import warehouse
from etl import docs, sources
from etl.__main__ import main
from warehouse import REPOSITORY

pytestmark = pytest.mark.usefixtures("nothing_hidden")
REQUESTS = sources.source("service_requests")


def test_a_build_prints_its_books_and_ends_with_0(data: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("r.csv", rows_of(REQUESTS, {}, {"request_id": "R-2", "submitted_date": ""}))
    assert main(["build"]) == 0
    shown = capsys.readouterr().out
    assert "r.csv  service_requests     2       1          1           0        0" in shown and "is published" in shown
    assert main(["build"]) == 0
    assert "Nothing new" in capsys.readouterr().out


def test_a_build_with_a_refused_file_ends_with_1(data: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.csv", rows_of(REQUESTS, {}))
    write("b.csv", "colour\nred\n")
    assert main(["build"]) == 1
    assert "Refused: Nobody knows what b.csv holds" in capsys.readouterr().out
    assert main(["build"]) == 1   # nothing new, and still refused
    shown = capsys.readouterr().out
    assert "Nothing new" in shown and "Refused: Nobody knows what b.csv holds" in shown


def test_a_build_of_nothing_ends_with_2_and_says_what_to_do(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--folder", str(data / "inbox")]) == 2
    assert "--demonstration" in capsys.readouterr().err


def test_checking_a_file_names_line_and_reason_and_loads_nothing(data: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    file = write("r.csv", rows_of(REQUESTS, {}, {"request_id": "R-2", "fee_paid_riel": "-1"}))
    assert main(["check", str(file)]) == 1
    shown = capsys.readouterr().out
    assert "line 3: The fee is below zero." in shown
    assert not (data / "set_aside").exists()
    file.write_text(rows_of(REQUESTS, {}), encoding="utf-8")
    assert main(["check", str(file)]) == 0


def test_columns_that_nothing_reads_are_named_by_check_and_build(data: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    lines = rows_of(REQUESTS, {}).splitlines()
    file = write("r.csv", "\n".join([f"{lines[0]},Paper colour", *(f"{line},blue" for line in lines[1:])]) + "\n")
    assert main(["check", str(file)]) == 0
    assert "Columns that nothing reads: Paper colour." in capsys.readouterr().out
    assert main(["build"]) == 0
    assert "Columns that nothing reads: Paper colour." in capsys.readouterr().out


def test_checking_a_file_nobody_knows_ends_with_2(data: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(write("b.csv", "colour\nred\n"))]) == 2
    assert "Nobody knows" in capsys.readouterr().out
    assert main(["check", str(data / "missing.csv")]) == 2


def test_rolling_back_and_listing_builds(data: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("r.csv", rows_of(REQUESTS, {}))
    main(["build"])
    main(["build", "--force"])
    with warehouse.only_builder():
        assert main(["rollback"]) == 2   # the build that is running would undo it
    assert main(["rollback"]) == 0
    assert main(["builds"]) == 0
    assert "a  " in capsys.readouterr().out
    assert main(["rollback"]) == 2


def test_the_page_about_sources_is_what_the_contracts_say() -> None:
    assert (REPOSITORY / "docs" / "sources.md").read_text(encoding="utf-8") == docs.sources_page(), "run: python -m etl docs"


def test_checking_a_file_heeds_the_mapping_beside_it(data: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    file = write("calls.csv", "Unique Key,Created Date,Complaint Type\n7,03/01/2024,Copy of record\n")
    write(
        "calls.toml",
        'name = "Calls"\nsource = "service_requests"\n[recognise]\nheaders = ["Unique Key", "Complaint Type"]\n[columns]\n'
        'request_id = "Unique Key"\nsubmitted_date = { from = "Created Date", dates = "%m/%d/%Y" }\nservice_code = "Complaint Type"\n'
        '[values.service_code]\n"Copy of record" = "certified_copy"\n[constants]\ncommune_code = "070101"\n',
    )
    assert main(["check", str(file)]) == 0
    assert "calls.csv" in capsys.readouterr().out


def test_checking_heeds_the_folder_as_a_build_does(data: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    text = "_uuid,_submission_time,commune_code,rating_overall,scale_min,scale_max\nu-1,2024-03-01,070101,4,1,5\n"
    named = write("feedback/more/x.csv", text)
    elsewhere = data / "feedback" / "x.csv"
    elsewhere.parent.mkdir()
    elsewhere.write_text(text, encoding="utf-8")
    other = write("events/x.csv", text)
    assert main(["check", str(named)]) == main(["check", str(elsewhere)]) == 0
    assert main(["check", str(other)]) == 2
    assert main(["check", "--source", "feedback", str(other)]) == 0


def test_checking_finds_facilities_by_name_in_the_register_of_the_current_build(
    data: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    register = rows_of(
        sources.source("facilities"),
        {"facility_id": "HC-01", "facility_en": "HC Ankor Chey", "commune_code": "070102", "facility_type": "health_centre"},
        {"facility_id": "HC-09", "facility_en": "HC Kampot", "commune_code": "", "district_code": "0708", "facility_type": "health_centre"},
    )
    visits = "facility,commune,month,service,visits\nHC Ankor Chey,Ankor Chey,2024-01,outpatient,656\nHC Kampot,,2024-01,outpatient,9\n"
    write("facilities.csv", register)
    main(["build"])
    usage = write("usage/visits.csv", visits)
    capsys.readouterr()
    assert main(["check", str(usage)]) == 0
    assert re.search(r"service_usage +2 +2 +0 ", capsys.readouterr().out)
    assert main(["build"]) == 0
    assert re.search(r"service_usage +2 +2 +0 ", capsys.readouterr().out)


def test_builds_are_listed_with_the_archive_and_come_back_from_it(
    data: Path, write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse.archive_builds, "__defaults__", (1,))
    monkeypatch.setattr(warehouse, "_is_in_use", lambda path: False)
    write("r.csv", rows_of(REQUESTS, {}))
    assert main(["build"]) == 0 == main(["build", "--force"])
    capsys.readouterr()
    assert main(["builds"]) == 0
    listed = capsys.readouterr().out
    first, second = sorted(re.findall(r"\d{4}-\d\d-\d\d[ab]", listed))
    assert re.search(rf"{first}.* archived", listed) and re.search(rf"{second}.* current", listed)
    assert main(["restore", first]) == 0
    assert f"Links to build {first} open again" in capsys.readouterr().out
    assert main(["restore", "2020-01-01a"]) == 2
    main(["builds"])
    assert re.search(rf"{first}.* kept", capsys.readouterr().out)
