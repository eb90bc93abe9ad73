"""Does a folder become a build, whatever lies in it and whatever happens on the way?"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_files import Write, ask, rows_of

import warehouse
from etl import pipeline, sources
from etl.contract import Rule, Source
from etl.forget import forget
from etl.load import MASK, Workplace
from etl.quality import Load
from etl.readers import csv
from warehouse import Problem

pytestmark = pytest.mark.usefixtures("nothing_hidden")
REQUESTS = sources.source("service_requests")
BOOKS = "rows_read, rows_loaded, rows_set_aside, rows_superseded, rows_deleted"


def build(data: Path, **options: bool) -> pipeline.Outcome:
    return pipeline.build_warehouse(data / "inbox", False, **options)


def books(loads: tuple[Load, ...]) -> list[tuple[int, ...]]:
    """(read, loaded, set aside, superseded, deleted) of every file."""
    return [(load.rows_read, load.rows_loaded, load.rows_set_aside, load.rows_superseded, load.rows_deleted) for load in loads]


def request(number: str, **changes: str) -> dict[str, str]:
    return {"request_id": number, **changes}


def test_good_rows_are_loaded_and_bad_ones_kept_aside_with_line_row_and_reasons(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, request("R-1"), request("R-2", completed_date="2024-02-01", fee_paid_riel="-5"), request("R-3")))
    outcome = build(data)
    assert books(outcome.loads) == [(3, 2, 1, 0, 0)]
    ((line, rules, row),) = ask("select line, rules, row_masked from quality.rejected_rows")
    assert (line, sorted(rules)) == (3, ["completed_not_before_submitted", "fee_not_negative"])
    assert '"fee_paid_riel":"-5"' in row and '"citizen_name":"•••"' in row and "Sok Dara" not in row


ABOUT_PERSONS = {
    "service_requests", "feedback", "facilitators", "facilitator_assessments", "scorecards", "outreach", "school_reports",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ABOUT_PERSONS))
def test_of_a_row_about_persons_only_what_is_wrong_is_shown(name: str, data: Path, write: Write) -> None:
    source = sources.source(name)
    fatal = [rule for rule in source.rules if rule.outcome == "reject_row"]
    write("r.csv", rows_of(source, *(dict(rule.witness) for rule in fatal)))
    build(data)
    rows = ask("select row_masked, rules from quality.rejected_rows")
    assert len(rows) == len(fatal)
    seen = set()
    for row, broken in rows:
        shown = {header for header, cell in json.loads(str(row)).items() if cell not in (None, MASK)}
        named = {column for rule in source.rules if rule.name in list(broken) for column in source.columns_of(rule)}  # type: ignore[call-overload]
        assert shown <= named - {"asked_unofficial_payment"}
        seen |= shown
    assert seen, "what is wrong can be read"


def test_which_sources_are_about_persons_and_which_are_not() -> None:
    assert {source.name for source in sources.SOURCES if source.is_about_persons} == ABOUT_PERSONS
    assert sources.source("feedback").never_shown == ("asked_unofficial_payment",)


def test_the_row_as_it_came_lies_in_a_file_only_its_owner_may_read(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, request("R-1"), request("R-2", submitted_date="")))
    outcome = build(data)
    kept = data / "set_aside" / outcome.build.build_id / "r.csv"
    assert "Sok Dara" in kept.read_text(encoding="utf-8")
    assert kept.stat().st_mode & 0o077 == 0


def test_personal_columns_and_columns_nobody_declared_never_enter_the_warehouse(data: Path, write: Write) -> None:
    text = rows_of(REQUESTS, request("R-1", citizen_name="Sok Dara"), request("R-2", submitted_date="", citizen_name="Chan Dara"))
    lines = text.splitlines()
    write("r.csv", "\n".join([lines[0] + ",secret", lines[1] + ",hush-hush", lines[2] + ",hush-hush"]) + "\n")
    content = build(data).build.path.read_bytes()
    assert b"Dara" not in content and b"hush-hush" not in content


def test_the_newest_row_of_a_key_stays_and_the_other_is_noted(data: Path, write: Write) -> None:
    write("a.csv", rows_of(REQUESTS, request("R-1", sex="m", updated_at="2024-05-01"), request("R-2")))
    write("b.csv", rows_of(REQUESTS, request("R-1", sex="f", updated_at="2024-04-01"), request("R-2")))
    assert books(build(data).loads) == [(2, 1, 0, 1, 0), (2, 1, 0, 1, 0)]
    assert ask("select sex from staging.service_requests where request_id = 'R-1'") == [("m",)]
    assert ask("select key, file_name, line, kept_file_name, kept_line from quality.superseded_rows order by key") == [
        ("R-1", "b.csv", 2, "a.csv", 2),
        ("R-2", "a.csv", 3, "b.csv", 3),
    ]


def test_rows_the_source_deleted_leave_and_take_their_older_versions_with_them(data: Path, write: Write) -> None:
    feedback = sources.source("feedback")
    older, newer = {"updated_at": "2024-04-01", "is_deleted": "no"}, {"updated_at": "2024-05-01", "is_deleted": "yes"}
    write("f.csv", rows_of(feedback, older, newer))
    assert books(build(data).loads) == [(2, 0, 0, 1, 1)]
    assert ask("select count(*) from staging.feedback") == [(0,)]


def test_a_file_nobody_knows_is_refused_with_a_sentence_and_the_others_still_load(data: Path, write: Write) -> None:
    write("a.csv", rows_of(REQUESTS, request("R-1")))
    write("b.csv", "colour,taste\nred,sweet\n")
    write("c.csv", "")
    write("d.xlsx", "not really")
    outcome = build(data)
    assert [load.status for load in outcome.loads] == ["loaded", "refused", "refused", "refused"]
    assert all(load.note for load in outcome.loads[1:])


def test_nothing_is_published_when_no_file_could_be_loaded(data: Path, write: Write) -> None:
    write("b.csv", "colour,taste\nred,sweet\n")
    with pytest.raises(Problem, match="No file could be loaded"):
        build(data)
    assert warehouse.current_build() is None
    assert not list((data / "warehouse").glob(".building*"))


def test_the_same_folder_twice_is_nothing_new(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, request("R-1")))
    first, second = build(data), build(data)
    assert (second.is_new, second.build.build_id) == (False, first.build.build_id)
    assert build(data, force=True).build.build_id != first.build.build_id


def test_the_same_content_under_two_names_counts_once(data: Path, write: Write) -> None:
    text = rows_of(REQUESTS, request("R-1"))
    write("a.csv", text)
    write("b.csv", text)
    assert [(load.status, load.rows_loaded) for load in build(data).loads] == [("loaded", 1), ("same content", 0)]


def test_a_corrected_file_replaces_its_rows_and_the_old_bytes_are_kept(data: Path, write: Write) -> None:
    old = write("r.csv", rows_of(REQUESTS, request("R-1"), request("R-2"))).read_bytes()
    build(data)
    write("r.csv", rows_of(REQUESTS, request("R-1", sex="m")))
    build(data)
    assert ask("select request_id, sex from staging.service_requests") == [("R-1", "m")]
    assert old in [kept.read_bytes() for kept in (data / "warehouse" / "archive").iterdir()]


def test_ragged_rows_are_set_aside_with_their_line(data: Path, write: Write) -> None:
    lines = rows_of(REQUESTS, request("R-1"), request("R-2"), request("R-3")).splitlines()
    lines[2] = "R-2,070101"
    write("r.csv", "\n".join(lines) + "\n")
    assert books(build(data).loads) == [(3, 2, 1, 0, 0)]
    assert ask("select line, rules[1] from quality.rejected_rows") == [(3, "fits_header")]


@pytest.mark.parametrize("is_ragged", [False, True])
def test_lines_of_large_files_are_worked_out_from_the_order_of_rows(
    data: Path, write: Write, monkeypatch: pytest.MonkeyPatch, is_ragged: bool
) -> None:
    monkeypatch.setattr("etl.load.LINES_KEPT_UP_TO", 10)
    bad = {500: {"submitted_date": ""}, 4000: {"fee_paid_riel": "-1"}, 9999: {"request_id": "R-1"}}
    lines = rows_of(REQUESTS, *(request(f"R-{n}") | bad.get(n, {}) for n in range(10_000))).splitlines()
    if is_ragged:
        lines[100], lines[3000] = "too,few", "R-x" + ",y" * 40
    write("r.csv", "\n".join(lines) + "\n")
    build(data)
    assert ask("select line from quality.rejected_rows where rules[1] <> 'fits_header' order by line") == [(502,), (4002,)]
    assert ask("select line, kept_line from quality.superseded_rows") == [(3, 10_001)]


def test_usage_of_a_facility_in_the_register_is_loaded_whatever_the_order_of_names(data: Path, write: Write) -> None:
    write("z_facilities.csv", rows_of(sources.source("facilities"), {"facility_id": "HC-1", "facility_type": "health_centre"}))
    write("a_usage.csv", rows_of(sources.source("service_usage"), {"facility_id": "HC-1"}, {"facility_id": "HC-2"}))
    assert books(build(data).loads)[0] == (2, 1, 1, 0, 0)


DIRT = st.fixed_dictionaries(
    {
        "request_id": st.sampled_from(["R-1", "R-2", "R-3", "R-4", "", "R-5"]),
        "submitted_date": st.sampled_from(["2024-03-01", "01/03/2024", "never", "", "2999-01-01"]),
        "completed_date": st.sampled_from(["2024-03-04", "2020-01-01", "", "?"]),
        "commune_code": st.sampled_from(["070101", "70102", "999999"]),
        "updated_at": st.sampled_from(["", "2024-01-01", "2025-01-01T00:00:00Z"]),
        "citizen_name": st.sampled_from(["", '"two\nlines"', '"a ""quoted"" name"', "ត"]),
        "outcome": st.just(""),
    }
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files=st.lists(st.lists(st.one_of(DIRT, st.just({"ragged": "x"})), max_size=8), min_size=1, max_size=3))
def test_the_books_balance_whatever_the_dirt(files: list[list[dict[str, str]]]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for number, changes in enumerate(files):
            text = rows_of(REQUESTS, *(change for change in changes if "ragged" not in change))
            text += "only,three,cells\n" * sum("ragged" in change for change in changes)
            (folder / f"{number}.csv").write_text(text, encoding="utf-8")
        passing = folder / "passing"
        passing.mkdir()
        place = Workplace(pipeline.connect(":memory:", passing), date(2026, 11, 15), passing, folder / "set_aside")
        scans = {path: csv.scan(path) for path in sorted(folder.glob("*.csv"))}
        loads = pipeline.load_files(place, folder, scans, lambda share, what: None)
        for changes, load in zip(files, loads, strict=True):
            assert load.rows_read == load.rows_loaded + load.rows_set_aside + load.rows_superseded + load.rows_deleted
            assert load.rows_read == (len(changes) if load.status == "loaded" else 0)
        staged = place.connection.execute("select count(*) from staging.service_requests").fetchone()
        assert staged == (sum(load.rows_loaded for load in loads),)
        place.connection.close()


def test_forgetting_a_person_leaves_nothing_behind(data: Path, write: Write) -> None:
    text = rows_of(
        REQUESTS, request("R-1", citizen_name="Chan Sophea"), request("R-2", submitted_date="", citizen_name="Chan Sophea"), request("R-3")
    )
    write("r.csv", text, encoding="utf-16")
    build(data)
    forgotten = forget("Chan Sophea")
    assert forgotten.rows["inbox/r.csv"] == 2
    assert ask("select request_id from staging.service_requests") == [("R-3",)]
    left = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    assert not any(b"Sophea" in content or "Sophea".encode("utf-16-le") in content or b"R-2" in content for content in left)


def test_forgetting_reaches_the_builds_in_the_archive(data: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse, "BUILDS_KEPT", 1)
    monkeypatch.setattr(warehouse.archive_builds, "__defaults__", (1,))
    monkeypatch.setattr(warehouse, "_is_in_use", lambda path: False)
    for rows in (("R-1",), ("R-1", "R-2"), ("R-1", "R-2", "R-3")):
        write("r.csv", rows_of(REQUESTS, *(request(number, citizen_name="Chan Sophea") for number in rows)))
        build(data)
    assert len(warehouse.archived_builds()) == 2 and len(warehouse.builds()) == 1
    (data / "archive" / ".building-2020-01-01a.duckdb").write_bytes(b"R-1 of a copy that was killed")
    packages = data / "packages"
    (packages / ".building-package-x").mkdir(parents=True)
    (packages / ".building-package-x" / "half.csv").write_bytes(b"R-1 of a package that is being written")
    for name in [path.stem for folder in ("archive", "warehouse") for path in (data / folder).glob("2*.duckdb")]:
        (packages / f"commune-pulse-package-{name}.zip").write_bytes(b"R-1 is in this figure")
    forgotten = forget("R-1")
    assert not list(packages.iterdir())
    assert forgotten.builds_removed == 3
    assert not list((data / "archive").iterdir())
    left = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    assert not any(b"R-1" in content for content in left)
    assert ask("select request_id from staging.service_requests order by 1") == [("R-2",), ("R-3",)]


def test_a_build_takes_its_package_along_to_the_archive_and_what_the_operator_put_there_stays(
    data: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse.archive_builds, "__defaults__", (1,))
    monkeypatch.setattr(warehouse, "_is_in_use", lambda path: False)
    write("r.csv", rows_of(REQUESTS, request("R-1")))
    build(data)
    (old,) = warehouse.builds()
    (data / "packages").mkdir()
    for name in (f"commune-pulse-package-{old.build_id}.zip", f"commune-pulse-demonstration-package-{old.build_id}-0a1b.zip", "mine.zip"):
        (data / "packages" / name).write_bytes(b"x")
    write("r.csv", rows_of(REQUESTS, request("R-1"), request("R-2")))
    build(data)
    assert [one.build_id for one in warehouse.archived_builds()] == [old.build_id]
    assert [path.name for path in (data / "packages").iterdir()] == ["mine.zip"]


def test_forgetting_somebody_unknown_changes_nothing(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, request("R-1")))
    with pytest.raises(Problem, match="No row was found"):
        forget("R-9")


def test_a_killed_build_changes_nothing_and_leaves_nothing_behind(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, request("R-1")))
    published = build(data).build
    write("r.csv", rows_of(REQUESTS, request("R-1"), request("R-2")))
    stuck = "import time, etl.marts as m, etl.__main__ as e; m.build_marts = lambda *a: time.sleep(60); e.main(['build'])"
    process = subprocess.Popen([sys.executable, "-c", stuck], cwd=warehouse.REPOSITORY, env=dict(os.environ))
    for _ in range(200):
        if list((data / "warehouse").glob(".building-*.duckdb")) and warehouse.is_building():
            break
        time.sleep(0.05)
    with pytest.raises(Problem, match="Another build is running"):
        build(data)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert warehouse.current_build() == published
    assert ask("select count(*) from staging.service_requests") == [(1,)]
    build(data)
    assert ask("select count(*) from staging.service_requests") == [(2,)]
    assert not list((data / "warehouse").glob(".building*"))


def test_ten_readers_never_notice_that_builds_are_published(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, request("R-1")))
    build(data)
    faults: list[Exception] = []
    seen: set[int] = set()
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            try:
                seen.add(int(warehouse.read("select count(*) as n from staging.service_requests")["n"][0]))
                time.sleep(0.01)
            except Exception as error:
                faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(10)]
    for reader in readers:
        reader.start()
    for number in range(2, 5):
        write("r.csv", rows_of(REQUESTS, *(request(f"R-{n}") for n in range(number))))
        build(data)
    time.sleep(0.2)
    is_over.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert 4 in seen


def test_extensions_are_never_fetched(tmp_path: Path) -> None:
    connection = pipeline.connect(":memory:", tmp_path)
    assert connection.execute("select current_setting('autoinstall_known_extensions')").fetchone() == (False,)
    with pytest.raises(duckdb.Error):
        connection.execute("select * from read_xlsx('x.xlsx')")


GIVING_WAY = [(each, rule) for each in sources.SOURCES for rule in each.rules if rule.gives_way]


@pytest.mark.parametrize(("kind", "rule"), GIVING_WAY, ids=[f"{each.name}-{rule.name}" for each, rule in GIVING_WAY])
def test_a_newer_row_that_cannot_be_true_does_not_replace_one_that_can(kind: Source, rule: Rule, data: Path, write: Write) -> None:
    """The impossible row is newer by its own time and by its file; the good one stays, and the other is noted as superseded."""
    write("a.csv", rows_of(kind, {"updated_at": "2024-04-05"}))
    write("b.csv", rows_of(kind, {**rule.witness, "updated_at": "2024-06-01"}))
    write("facilities.csv", rows_of(sources.source("facilities"), {}))
    loads = [load for load in build(data).loads if load.source == kind.name]
    assert [(load.file_name, load.rows_loaded, load.rows_superseded) for load in loads] == [("a.csv", 1, 0), ("b.csv", 0, 1)]
    assert ask(f"select updated_at::date::varchar from staging.{kind.name}") == [("2024-04-05",)]


def test_an_impossible_row_is_used_where_no_other_of_its_key_can_be_true_and_a_deletion_always_counts(data: Path, write: Write) -> None:
    usage, wrong = sources.source("service_usage"), {"visits_female": "-1", "visits_male": ""}
    write("facilities.csv", rows_of(sources.source("facilities"), {}))
    older, newer = {**wrong, "visits": "120"}, {**wrong, "visits": "130", "updated_at": "2024-06-01"}
    write("u.csv", rows_of(usage, older, newer, {"month": "2024-02"}, {**newer, "month": "2024-02", "is_deleted": "yes"}))
    build(data)
    assert ask("select month::varchar, visits from staging.service_usage") == [("2024-03-01", 130)]
