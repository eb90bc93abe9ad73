"""Does any file bring the loading down? Each ends loaded with balanced books, or refused with a sentence, in bounded time and memory."""

from __future__ import annotations

import gzip
import io
import tempfile
import time
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import broken_files
import form_files as made
import pytest
from broken_files import load_all
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_files import rows_of

from etl import sources
from etl.quality import Load
from etl.readers import apart, csv, detect
from warehouse import Problem

REQUESTS = sources.source("service_requests")
GOOD = rows_of(REQUESTS, {"request_id": "R-1"}, {"request_id": "R-2"})


@pytest.fixture(scope="module", autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    apart.stop()


def load(content: bytes, name: str = "file.csv") -> Load:
    """What becomes of one file; its books are checked on the way."""
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "inbox").mkdir()
        (Path(temporary) / "inbox" / name).write_bytes(content)
        return load_all(Path(temporary))[0]


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=st.integers(20_000, 10_000_000))
def test_every_bad_file_is_loaded_or_refused(first: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "inbox").mkdir()
        for number in range(first, first + 15):
            name, content = broken_files.broken_file(number)
            (folder / "inbox" / f"{number}-{name}").write_bytes(content)
        loads = load_all(folder)
        assert len({one.file_name for one in loads}) == 15


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    head=st.sampled_from([b"", b"a,b\n", b"_uuid;_submission_time;_id\n", b"Data,Period,Organisation unit,Value\n"]),
    body=st.binary(max_size=400),
)
def test_whatever_stands_in_a_text_it_becomes_a_table_or_a_problem(head: bytes, body: bytes) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "file.csv"
        path.write_bytes(head + body)
        seen = csv.scan(path)
        try:
            if detect.kind_of(seen.head, path.name) == "text":
                found = detect.open_text(path, seen, Path(temporary))
                assert found.headers and found.records >= 0
        except Problem as problem:
            assert problem.what and problem.meaning and problem.action


@pytest.mark.parametrize("open_quote", ["", '"'])
def test_a_line_of_many_megabytes_costs_one_row(open_quote: str) -> None:
    lines = GOOD.splitlines()
    found = load("\n".join([lines[0], lines[1], open_quote + "x" * 30_000_000, lines[2], ""]).encode())
    assert (found.status, found.rows_read, found.rows_loaded, found.rows_set_aside) == ("loaded", 3, 2, 1)


def test_a_header_of_many_megabytes_is_refused() -> None:
    assert "is no header" in str(load(b"x" * 3_000_000 + b"\n1,2\n").note)


def test_ten_thousand_columns_are_refused_at_once() -> None:
    started = time.process_time()
    found = load((",".join(f"c{n}" for n in range(10_000)) + "\n" + ",".join("1" * 10_000) + "\n").encode())
    assert "10,000 columns" in str(found.note) and time.process_time() - started < 5


def test_nul_bytes_cost_nothing() -> None:
    assert load(GOOD.replace("R-1", "R\0-1").encode()).rows_loaded == 2


def test_a_file_cut_in_a_row_loses_that_row_only() -> None:
    found = load(GOOD[:-60].encode())
    assert (found.rows_read, found.rows_loaded, found.rows_set_aside) == (2, 1, 1)


@pytest.mark.parametrize("name", ["requests.xlsx", "requests.csv.gz", "requests[1]*.csv", "requests", "requests.pdf"])
def test_the_name_of_a_file_does_not_matter(name: str) -> None:
    assert load(GOOD.encode(), name).rows_loaded == 2


@cache
def zeros() -> bytes:
    """A zip of 300 MB of zeros, in a few hundred thousand bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed, packed.open("a.csv", "w") as member:
        for _ in range(300):
            member.write(bytes(1 << 20))
    return buffer.getvalue()


def bomb(declared: int | None) -> bytes:
    """The same; `declared` is what it says of its size."""
    content = bytearray(zeros())
    if declared is not None:
        place = content.rfind(b"PK\x01\x02") + 24
        content[place : place + 4] = declared.to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize(("declared", "words"), [(None, "unpacks to far more"), (100, "cannot be unpacked")])
def test_a_zip_bomb_is_not_unpacked_whatever_size_it_declares(declared: int | None, words: str) -> None:
    assert words in str(load(bomb(declared)).note)


def test_a_gzip_bomb_is_stopped_on_the_way() -> None:
    assert "unpacks to far more" in str(load(gzip.compress(bytes(300 << 20), 1)).note)


def test_a_cell_at_the_end_of_the_world_does_not_take_all_memory() -> None:
    far = broken_files.SHEET.format(
        space=broken_files.SPACE, before="", after="", rows='<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>'
    )
    with zipfile.ZipFile(io.BytesIO(made.workbook({"x": [["a"], ["b"]]}))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert "could not be read within" in str(load(made.zipped({**parts, "xl/worksheets/sheet1.xml": far.encode()})).note)


def test_a_workbook_behind_a_password_is_told_from_an_old_one() -> None:
    assert "protected by a password" in str(load(broken_files.OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)).note)
    assert "cannot be read" in str(load(broken_files.OLE + bytes(600) + "Workbook".encode("utf-16-le") + bytes(600)).note)


def test_macros_are_not_run_and_their_workbook_is_read() -> None:
    rows = [line.split(",") for line in GOOD.splitlines()]
    with zipfile.ZipFile(io.BytesIO(made.workbook({"x": rows}))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    found = load(made.zipped({**parts, "xl/vbaProject.bin": broken_files.OLE + bytes(100)}), "requests.xlsm")
    assert (found.format, found.rows_loaded) == ("xlsm", 2)


def test_a_formula_written_as_text_stays_text() -> None:
    text = GOOD.replace("R-1", "=HYPERLINK(A1)")
    rows = [line.split(",") for line in text.splitlines()]
    assert load(made.workbook({"x": rows})).rows_loaded == 2


def test_a_file_that_kills_its_reader_does_not_count_against_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(made.workbook({"x": [["a", "b"], [1, 2]]}))
    assert apart.read(path, tmp_path).tables
    assert apart._helper is not None
    apart._helper.kill()
    apart._helper.wait()
    assert apart.read(path, tmp_path).tables
