"""What does a full or protected disk do to a build, and is anything lost when a process is killed?"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_files import ask, rows_of

import warehouse
from etl import dock, journal, pipeline, sources
from etl.__main__ import main
from warehouse import DiskProblem, Problem

pytestmark = [
    pytest.mark.usefixtures("nothing_hidden"),
    pytest.mark.skipif(sys.platform == "win32", reason="disks are limited and protected otherwise there"),
]
REQUESTS = sources.source("service_requests")
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2  # of Linux
TOO_SMALL = 200_000  # bytes; a build takes more


def requests(count: int) -> str:
    return rows_of(REQUESTS, *({"request_id": f"R-{number}"} for number in range(count)))


@pytest.fixture
def open_data(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder other users can reach, with one build in service."""
    room = Path(tempfile.mkdtemp())
    room.chmod(0o755)
    data = room / "data"
    (data / "inbox").mkdir(parents=True)
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data))
    (data / "inbox" / "r.csv").write_text(requests(1), encoding="utf-8")
    pipeline.build_warehouse(data / "inbox", False)
    yield data
    shutil.rmtree(room)


def etl(*words: str, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as the operator does."""
    command = [sys.executable, "-m", "etl", *words]
    return subprocess.run(command, cwd=warehouse.REPOSITORY, capture_output=True, text=True, preexec_fn=before, check=False)


def loaded() -> int:
    return int(str(ask("select count(*) from staging.service_requests")[0][0]))


def told(ran: subprocess.CompletedProcess[str], what: str) -> None:
    """Assert that it ended with 2 and a message of three lines, no traceback."""
    assert ran.returncode == 2, ran.stderr
    lines = ran.stderr.strip().splitlines()
    assert len(lines) == 3 and what in lines[0] and "dashboard stays as it is" in lines[1], ran.stderr


def limited() -> None:
    """No file of the process may grow larger than this: what a full disk says, without one."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (TOO_SMALL, TOO_SMALL))


# -- a full disk -------------------------------------------------------------------------------------------------------------


def newer(data: Path, kind: str) -> tuple[str, ...]:
    """A newer file with three requests, in the inbox or as a delivery that waits; returns the command that loads it."""
    if kind == "build":
        (data / "inbox" / "r.csv").write_text(requests(3), encoding="utf-8")
        return ("build",)
    token = dock.new_delivery()
    dock.put(token, "r.csv", requests(3).encode())
    return ("deliver", "--token", token)


def finishes(data: Path, command: tuple[str, ...]) -> None:
    """Assert that the first build is in service, nothing lies about, and the same command finishes once there is room."""
    assert loaded() == 1
    assert not list((data / "warehouse").rglob(f"{warehouse.UNFINISHED}*"))
    assert main(command) == 0
    assert loaded() == 3
    assert (data / "inbox" / "r.csv").read_text(encoding="utf-8") == requests(3)


@pytest.mark.parametrize("kind", ["build", "delivery"])
def test_a_file_that_cannot_grow_stops_the_run_and_the_next_one_finishes(open_data: Path, kind: str) -> None:
    command = newer(open_data, kind)
    told(etl(*command, before=limited), "The disk is full")
    finishes(open_data, command)


@pytest.mark.parametrize("kind", ["build", "delivery"])
def test_a_full_disk_stops_the_run_and_the_next_one_finishes(open_data: Path, kind: str) -> None:
    disk = open_data.parent / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "none", str(disk)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("only root can make a small disk to fill")
    try:
        shutil.copytree(open_data, disk / "data")
        os.environ["COMMUNE_PULSE_DATA"] = str(disk / "data")
        command = newer(disk / "data", kind)
        with (disk / "filler").open("wb") as filler, pytest.raises(OSError, match="No space"):
            while True:
                filler.write(bytes(1 << 16))
                filler.flush()
        with (disk / "filler").open("rb+") as filler:
            filler.truncate((disk / "filler").stat().st_size - 300_000)
        told(etl(*command), "The disk is full")
        (disk / "filler").unlink()
        finishes(disk / "data", command)
    finally:
        while warehouse._connections:
            warehouse._connections.popitem()[1].close()
        subprocess.run(["umount", str(disk)], check=True)


def test_a_workbook_that_cannot_be_unpacked_for_want_of_room_is_not_refused_but_stops_the_build(open_data: Path) -> None:
    from form_files import zipped

    (open_data / "inbox" / "more.zip").write_bytes(zipped({"more.csv": requests(20_000).replace("R-", "Q-").encode()}))
    told(etl("build", before=limited), "The disk is full")
    assert loaded() == 1


# -- a protected disk --------------------------------------------------------------------------------------------------------


def permissions_count() -> Callable[[], None] | None:
    """What makes a child of root heed permissions (its capabilities to pass over them are dropped). Skips where that cannot be done."""
    if os.geteuid() != 0:
        return None
    if not sys.platform.startswith("linux"):
        pytest.skip("root heeds no permissions here")
    libc = ctypes.CDLL(None)

    def drop() -> None:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise PermissionError

    tried = subprocess.run(["true"], preexec_fn=drop, check=False) if shutil.which("true") else None
    if tried is None or tried.returncode:
        pytest.skip("root heeds no permissions here")
    return drop


@pytest.mark.parametrize(
    ("protected", "named"), [("warehouse", "warehouse/.lock"), ("set_aside", "set_aside/"), ("inbox/r.csv", "inbox/r.csv")]
)
def test_what_may_not_be_written_or_read_is_named_with_what_to_do(open_data: Path, protected: str, named: str) -> None:
    heeding = permissions_count()
    (open_data / "inbox" / "r.csv").write_text(requests(1) + requests(2).replace("2024-03-01", "never"), encoding="utf-8")
    (open_data / "set_aside").mkdir(exist_ok=True)
    (open_data / "warehouse" / ".lock").unlink()
    (open_data / protected).chmod(0o500 if (open_data / protected).is_dir() else 0)
    ran = etl("build", before=heeding)
    told(ran, "may not be read or written by this user")
    assert ran.stderr.startswith(named)
    assert "COMMUNE_PULSE_DATA" in ran.stderr
    (open_data / protected).chmod(0o700)
    assert loaded() == 1


def test_a_data_folder_that_may_not_be_written_to_is_named(open_data: Path) -> None:
    heeding = permissions_count()
    shutil.rmtree(open_data / "warehouse")
    open_data.chmod(0o500)
    told(etl("build", before=heeding), "warehouse may not be read or written")
    open_data.chmod(0o700)


def test_an_inbox_that_may_not_be_written_to_takes_no_delivery(open_data: Path) -> None:
    heeding = permissions_count()
    token = newer(open_data, "delivery")[-1]
    (open_data / "inbox").chmod(0o500)
    told(etl("deliver", "--token", token, before=heeding), "inbox may not be read or written")
    assert loaded() == 1
    assert etl("build", before=heeding).returncode == 0
    (open_data / "inbox").chmod(0o700)
    assert journal.is_waiting(token)


def test_a_delivery_that_cannot_move_in_says_that_it_is_published_and_moves_in_later(
    open_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = newer(open_data, "delivery")[-1]

    def full(*paths: Path) -> None:
        raise OSError(28, "No space left on device", str(open_data / "inbox" / "r.csv"))

    with monkeypatch.context() as patched:
        patched.setattr(journal.shutil, "move", full)
        with pytest.raises(DiskProblem, match="is published all the same"):
            dock.publish(token)
    assert loaded() == 3
    assert not pipeline.build_warehouse(open_data / "inbox", False).is_new
    assert (open_data / "inbox" / "r.csv").read_text(encoding="utf-8") == requests(3)


# -- killed ------------------------------------------------------------------------------------------------------------------


def test_killed_builds_and_deliveries_lose_nothing() -> None:
    command = [sys.executable, "-m", "bench.kills", "--times", "5", "--seed", "3", "--quick"]
    ran = subprocess.run(command, cwd=warehouse.REPOSITORY, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("5 kills")


def test_a_delivery_does_not_miss_the_files_of_another_whose_process_died(open_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = dock.new_delivery()
    dock.put(first, "june.csv", rows_of(REQUESTS, {"request_id": "J-1"}).encode())
    with monkeypatch.context() as patched:
        patched.setattr(journal, "settle", lambda: None)  # it dies before its files move in
        dock.publish(first)
    second = dock.new_delivery()
    dock.put(second, "july.csv", rows_of(REQUESTS, {"request_id": "J-2"}).encode())
    dock.publish(second)
    assert loaded() == 3
    assert sorted(path.name for path in (open_data / "inbox").iterdir()) == ["july.csv", "june.csv", "r.csv"]


def test_an_undo_that_died_is_finished_by_the_next_build(open_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = warehouse.current_build()
    dock.publish(newer(open_data, "delivery")[-1])

    def dies(*paths: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(journal.shutil, "move", dies)
        journal.undo()
    assert not pipeline.build_warehouse(open_data / "inbox", False).is_new
    assert (warehouse.current_build(), loaded()) == (before, 1)
    assert (open_data / "inbox" / "r.csv").read_text(encoding="utf-8") == requests(1)


def test_a_build_that_got_its_name_but_was_never_current_is_removed(open_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(build_id: str) -> None:
        raise KeyboardInterrupt

    (open_data / "inbox" / "more.csv").write_text(rows_of(REQUESTS, {"request_id": "Q-1"}), encoding="utf-8")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(warehouse, "_point_at", dies)
        pipeline.build_warehouse(open_data / "inbox", False)
    assert len(warehouse.builds()) == 1
    assert pipeline.build_warehouse(open_data / "inbox", False).build.build_id.endswith("b")


def test_a_second_load_is_told_that_another_is_running(open_data: Path) -> None:
    command = newer(open_data, "delivery")
    with warehouse.only_builder():
        ran = etl("build", "--force")
        assert (ran.returncode, ran.stderr.splitlines()[0]) == (2, "Another build is running.")
        with pytest.raises(Problem, match="Another build is running"):
            dock.publish(command[-1])
    finishes(open_data, command)
