"""Does a delivery change everything it should, or nothing at all?"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
from small_files import rows_of

import warehouse
from etl import answer, api, desk, dock, journal, pipeline, watch
from etl.pipeline import Outcome
from etl.sources import source
from warehouse import Problem

REQUESTS = source("service_requests")


def requests(*changes: dict[str, str]) -> bytes:
    """A file of requests: the example row with each of these changes."""
    return rows_of(REQUESTS, *changes).encode()


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    (tmp_path / "inbox").mkdir()
    return tmp_path


def delivered(name: str, content: bytes) -> str:
    token = dock.new_delivery()
    dock.put(token, name, content)
    return token


def loaded() -> list[tuple[str, str]]:
    rows = warehouse.read("select request_id, service_code::varchar as service from staging.service_requests order by 1")
    return list(rows.itertuples(index=False, name=None))


def test_a_delivery_is_checked_without_changing_anything(data: Path) -> None:
    token = delivered("june.csv", requests({}, {"request_id": "R-2", "submitted_date": "31/02/2024"}))
    seen = dock.examine(token)
    assert [(load.rows_read, load.rows_loaded, load.rows_set_aside) for load in seen.loads] == [(2, 1, 1)]
    assert [(effect.source, effect.new) for effect in seen.effects] == [("service_requests", 1)]
    assert seen.can_be_published
    assert warehouse.current_build() is None
    assert list((data / "inbox").iterdir()) == []


def test_what_would_change_is_told_row_by_row(data: Path) -> None:
    (data / "inbox" / "may.csv").write_bytes(requests({}, {"request_id": "R-2"}, {"request_id": "R-3"}))
    pipeline.build_warehouse(data / "inbox", False)
    token = delivered("june.csv", requests({}, {"request_id": "R-2", "service_code": "family_book"}, {"request_id": "R-9"}))
    (effect,) = dock.examine(token).effects
    assert (effect.new, effect.replaced, effect.unchanged) == (1, 1, 1)


def test_facilities_by_name_are_found_in_the_published_register_and_in_the_delivery(data: Path) -> None:
    centre = {"facility_id": "HC-1", "facility_en": "HC Ankor Chey", "commune_code": "070102", "facility_type": "health_centre"}
    other = centre | {"facility_id": "HC-2", "facility_en": "HC Champei", "commune_code": "070103"}
    (data / "inbox" / "facilities.csv").write_text(rows_of(source("facilities"), centre), encoding="utf-8")
    pipeline.build_warehouse(data / "inbox", False)
    visits = "facility,month,service,visits\nHC Ankor Chey,2024-01,outpatient,6\nHC Champei,2024-01,outpatient,9\n"
    token = delivered("visits.csv", visits.encode())
    dock.put(token, "more.csv", rows_of(source("facilities"), other).encode())
    assert {load.source: load.rows_loaded for load in dock.examine(token).loads} == {"facilities": 1, "service_usage": 2}


def test_publishing_moves_the_files_in_and_undo_takes_them_out(data: Path) -> None:
    (data / "inbox" / "june.csv").write_bytes(requests({}))
    before = pipeline.build_warehouse(data / "inbox", False).build
    outcome = dock.publish(delivered("june.csv", requests({"service_code": "family_book"}, {"request_id": "R-2"})))
    assert outcome.is_new
    assert [service for _, service in loaded()] == ["family_book", "birth_certificate"]
    assert not pipeline.build_warehouse(data / "inbox", False).is_new, "the inbox now holds what was published"
    assert journal.undo().build_id == before.build_id
    assert loaded() == [("R-1", "birth_certificate")]
    assert (data / "inbox" / "june.csv").read_bytes() == requests({})
    with pytest.raises(Problem, match="no delivery to undo"):
        journal.undo()


def test_a_delivery_that_cannot_be_built_leaves_everything_as_it_was(data: Path) -> None:
    token = delivered("notes.csv", b"one,two\n1,2\n")
    with pytest.raises(Problem, match="No file could be loaded"):
        dock.publish(token)
    assert api.files_in(token)[0].name == "notes.csv"
    assert list((data / "inbox").iterdir()) == []
    assert warehouse.current_build() is None


@pytest.mark.parametrize("name", ["../../evil.csv", "..\\evil.csv", "/etc/evil.csv"])
def test_a_name_cannot_leave_its_delivery(name: str) -> None:
    token = dock.new_delivery()
    assert dock.put(token, name, b"a").parent == journal.delivery(token)


@pytest.mark.parametrize("name", ["", ".hidden", "~$book.xlsx", "a\x00b.csv", "x/"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    token = dock.new_delivery()
    if Path(name).name.strip() not in ("x",):
        with pytest.raises(Problem):
            dock.put(token, name, b"a")


def test_a_token_is_no_path() -> None:
    with pytest.raises(Problem):
        journal.delivery("../inbox")


def test_a_death_after_publishing_is_settled_by_the_next_build(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = delivered("june.csv", requests({}))
    monkeypatch.setattr(pipeline.journal, "settle", lambda: None)
    dock.publish(token)
    monkeypatch.undo()
    os.environ["COMMUNE_PULSE_DATA"] = str(data)
    try:
        assert list((data / "inbox").iterdir()) == []
        assert not pipeline.build_warehouse(data / "inbox", False).is_new
        assert [path.name for path in (data / "inbox").iterdir()] == ["june.csv"]
    finally:
        del os.environ["COMMUNE_PULSE_DATA"]


def test_publishing_in_a_process_of_its_own_tells_how_far_it_is(data: Path) -> None:
    publishing = api.start_publishing(delivered("june.csv", requests({})))
    assert publishing.process.wait(60) == 0
    assert publishing.progress()[0] == 1.0
    assert "june.csv" in publishing.said()
    assert not publishing.told.exists() and "june.csv" in publishing.said(), "it is remembered, and the file is gone"
    assert [path.name for path in (data / "inbox").iterdir()] == ["june.csv"]


def test_a_cancelled_delivery_waits_as_it_was(data: Path) -> None:
    token = delivered("june.csv", requests(*({"request_id": f"R-{number}"} for number in range(20_000))))
    publishing = api.start_publishing(token)
    while publishing.progress()[0] == 0 and publishing.exit_code() is None:
        time.sleep(0.02)
    publishing.cancel()
    assert warehouse.current_build() is None or publishing.exit_code() == 0
    assert not publishing.told.exists()
    if publishing.exit_code() != 0:
        assert api.files_in(token)[0].name == "june.csv"
        assert dock.publish(token).is_new
    assert len(loaded()) == 20_000


def test_watch_builds_when_files_have_come_to_rest(data: Path) -> None:
    told: list[Outcome | Problem] = []
    looks = iter(range(8))

    def goes_on() -> bool:
        look = next(looks, None)
        if look == 1:
            (data / "inbox" / "june.csv").write_bytes(requests({}))
        if look == 5:
            (data / "inbox" / "july.csv").write_bytes(requests({"request_id": "R-2"}))
        return look is not None

    watch.watch(data / "inbox", told.append, 0.01, goes_on)
    assert [isinstance(one, Outcome) for one in told] == [True, True]
    assert [number for number, _ in loaded()] == ["R-1", "R-2"]


def test_watch_ends_quietly_when_it_is_told_to(data: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "etl", "watch", "--seconds", "0.1"],
        cwd=warehouse.REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # what runs behind a shell is deaf to it
    )
    assert process.stdout is not None
    assert b"Watching" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, b"")


def test_the_office_gets_its_rows_back_with_what_is_wrong(data: Path) -> None:
    wrong = {"request_id": "=R-2", "submitted_date": "31/02/2024", "citizen_name": "Sok Dara"}
    token = delivered("june.csv", requests({}, wrong, {"service_code": "family_book"}))
    seen = dock.examine(token)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.workbook(seen.loads[0], seen.rows))).active
    assert sheet is not None
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert cells[1][0] == 3
    assert "cannot be read" in str(cells[1][1])
    row = dict(zip(cells[0], cells[1], strict=True))
    assert row["request_id"] == "•••", "of a row about a person only what is wrong goes back; the line leads to the rest"
    assert row["submitted_date"] == "31/02/2024"
    assert row["citizen_name"] == "•••"
    assert sheet.cell(6, 3).data_type == "s"
    said = str(sheet.cell(2, 1).value)
    assert said == "3 rows were read, 1 can be used, 1 were set aside. Replaced by a newer row with the same number: 1."


def test_a_mapping_is_proposed_kept_beside_the_file_and_used(data: Path) -> None:
    rows = ["1,03/25/2024,Lost book,Open,070101", "2,03/26/2024,Family book,Open,070102"]
    calls = "\n".join(["Unique Key,Created Date,Complaint Type,Status,Commune", *rows]).encode()
    token = delivered("calls.csv", calls)
    assert not dock.examine(token).can_be_published
    open_ones = [question.key for question in desk.propose_for(token, "calls.csv", "", {}).questions]
    assert open_ones == ["value:service_code:Lost book"]
    answered = desk.propose_for(token, "calls.csv", "", {open_ones[0]: "family_book"})
    assert answered.is_complete and not answered.questions
    desk.keep_mapping(token, "calls.csv", "", answered.to_toml())
    assert [load.rows_loaded for load in dock.examine(token).loads] == [2]
    dock.publish(token)
    assert loaded() == [("1", "family_book"), ("2", "family_book")]


def test_a_mapping_that_cannot_be_read_is_not_kept() -> None:
    token = delivered("calls.csv", b"a,b\n1,2\n")
    with pytest.raises(Problem, match="outcom"):
        desk.keep_mapping(token, "calls.csv", "", 'source = "service_requests"\n[columns]\noutcom = "a"\n')
    assert [path.name for path in api.files_in(token)] == ["calls.csv"]


def test_the_mapping_of_last_month_fits_this_month(data: Path) -> None:
    head = "Unique Key,Created Date,Complaint Type,Status,Commune\n"
    may = delivered("may.csv", f"{head}1,03/25/2024,Lost book,Open,070101\n2,03/26/2024,Family book,Open,070102\n".encode())
    answered = desk.propose_for(may, "may.csv", "", {"value:service_code:Lost book": "family_book"})
    desk.keep_mapping(may, "may.csv", "", answered.to_toml())
    dock.publish(may)
    june = delivered("june.csv", f"{head}3,04/25/2024,Lost book,Open,070101\n".encode())
    assert [load.rows_loaded for load in dock.examine(june).loads] == [1]
