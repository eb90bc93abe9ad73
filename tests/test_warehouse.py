"""Do readers always find one whole build, and can an older one be had back?"""

import errno
import os
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

import warehouse
from warehouse import Problem


def publish(day: date = date(2026, 11, 3)) -> warehouse.Build:
    """A build with nothing in it but its description."""
    build_id, path = warehouse.start_build(day)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.build as select ? as build_id, now() as built_at, false as is_demonstration, null::date as data_to",
            [build_id],
        )
    return warehouse.publish_build(build_id)


def test_there_is_no_build_at_first(data: Path) -> None:
    assert warehouse.current_build() is None
    with pytest.raises(Problem, match="There is no data yet"):
        warehouse.read("select 1")


def test_builds_of_a_day_are_lettered_and_the_last_is_current(data: Path) -> None:
    assert [publish().build_id for _ in range(3)] == ["2026-11-03a", "2026-11-03b", "2026-11-03c"]
    current = warehouse.current_build()
    assert current is not None and current.build_id == "2026-11-03c"


def test_letters_go_on_after_z(data: Path) -> None:
    assert [warehouse._letters_after(letters) for letters in ("a", "z", "az", "zz")] == ["b", "aa", "ba", "aaa"]


def test_a_link_to_an_older_build_still_opens_it(data: Path) -> None:
    first, _ = publish(), publish()
    assert warehouse.read("select build_id from quality.build", build_id=first.build_id)["build_id"].tolist() == [first.build_id]


def test_rolling_back_shows_the_build_before_and_stops_at_the_first(data: Path) -> None:
    first, _ = publish(), publish()
    assert warehouse.roll_back().build_id == first.build_id
    with pytest.raises(Problem, match="no earlier build"):
        warehouse.roll_back()


@pytest.mark.parametrize("junk", [b"", b"\xff\xfe\x00\x9c", b"../../etc", b"no build"])
def test_a_pointer_nobody_can_read_is_put_right_by_going_back(data: Path, junk: bytes) -> None:
    build = publish()
    (data / "warehouse" / "CURRENT").write_bytes(junk)
    assert warehouse.current_build() is None
    assert warehouse.roll_back() == build == warehouse.current_build()


def test_a_build_that_readers_saw_is_kept_when_its_publisher_died_before_its_mark_was_gone(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", lambda path, missing_ok=False: None)  # it dies before it can remove its mark
        second = publish()
    warehouse.roll_back()
    with warehouse.only_builder():
        warehouse.remove_leftovers()
    assert warehouse.builds() == [first, second]


def test_the_oldest_go_to_the_archive_but_not_those_in_use(data: Path) -> None:
    builds = [publish(date(2026, 11, day)) for day in range(1, 8)]
    _nobody_reads()
    warehouse.read("select 1", build_id=builds[0].build_id)
    moved = warehouse.archive_builds(keep=2)
    assert moved == [build.build_id for build in builds[1:5]]
    assert builds[0].path.exists() and builds[-1].path.exists() and not builds[1].path.exists()
    assert [build.build_id for build in warehouse.archived_builds()] == moved


def test_a_build_in_the_archive_says_so_and_comes_back_unchanged(data: Path) -> None:
    first = publish(date(2026, 11, 1))
    for day in (2, 3):
        publish(date(2026, 11, day))
    bytes_then = first.path.read_bytes()
    _nobody_reads()
    warehouse.archive_builds(keep=1)
    with pytest.raises(warehouse.Archived, match=f"python -m etl restore {first.build_id}"):
        warehouse.build(first.build_id)
    with warehouse.only_builder():
        assert warehouse.restore_build(first.build_id) == first
    assert first.path.read_bytes() == bytes_then
    _nobody_reads()
    warehouse.archive_builds(keep=1)
    assert warehouse.build(first.build_id) == first, "what was brought back stays for a while"
    _nobody_reads()
    long_ago = time.time() - (warehouse.RESTORED_DAYS + 1) * 86_400
    os.utime(data / "warehouse" / "restored" / first.build_id, (long_ago, long_ago))
    assert warehouse.archive_builds(keep=1) == [first.build_id]


def test_what_the_archive_never_held_cannot_be_brought_back(data: Path) -> None:
    publish()
    with pytest.raises(Problem, match="There is no build"):
        warehouse.restore_build("2020-01-01a")
    with pytest.raises(Problem, match="There is no build"):
        warehouse.restore_build("../../etc/passwd")


def test_the_archive_keeps_a_declared_number(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_ARCHIVED_BUILDS", "2")
    builds = [publish(date(2026, 11, day)) for day in range(1, 7)]
    _nobody_reads()
    warehouse.archive_builds(keep=1)
    assert [build.build_id for build in warehouse.archived_builds()] == [build.build_id for build in builds[3:5]]
    monkeypatch.setenv("COMMUNE_PULSE_ARCHIVED_BUILDS", "many")
    with pytest.raises(Problem, match="COMMUNE_PULSE_ARCHIVED_BUILDS"):
        warehouse.archive_builds(keep=1)


def test_the_id_of_an_archived_build_is_never_given_again(data: Path) -> None:
    archived = [publish().build_id for _ in range(2)]
    _nobody_reads()
    for build_id in archived:
        (data / "warehouse" / f"{build_id}.duckdb").replace(warehouse.archive_folder() / f"{build_id}.duckdb")
    assert publish().build_id == "2026-11-03c"


@pytest.mark.parametrize("way", ["archive", "restore"])
@pytest.mark.parametrize("step", ["copyfile", "copystat", "replace", "unlink"])
def test_a_move_between_two_disks_that_is_killed_loses_nothing_and_leaves_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch, way: str, step: str
) -> None:
    first, last = publish(date(2026, 11, 1)), publish(date(2026, 11, 2))
    whole = first.path.read_bytes()
    _nobody_reads()
    if way == "restore":
        warehouse.archive_builds(keep=1)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        _another_disk(patched, killed_at=step)
        warehouse.archive_builds(keep=1) if way == "archive" else warehouse.restore_build(first.build_id)
    assert warehouse.current_build() == last
    with warehouse.only_builder():
        warehouse.remove_leftovers()
    left = [path for path in data.rglob("*") if path.suffix == ".duckdb" and path.stem != last.build_id]
    assert [path.name for path in left] == [first.path.name] and left[0].read_bytes() == whole
    with warehouse.only_builder():
        assert warehouse.restore_build(first.build_id) == first


def test_a_full_disk_leaves_every_build_where_it_opens(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = publish(date(2026, 11, 1)), publish(date(2026, 11, 2))
    _nobody_reads()
    _another_disk(monkeypatch, killed_at="copyfile", by=OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(warehouse.DiskProblem, match="disk is full"), warehouse.disk_told():
        warehouse.archive_builds(keep=1)
    assert warehouse.builds() == [first, last]
    assert not list((data / "archive").iterdir())


def _nobody_reads() -> None:
    """Close what this process has open: a build that is read is never moved."""
    for path in list(warehouse._connections):
        warehouse._connections.pop(path).close()


def _another_disk(patched: pytest.MonkeyPatch, killed_at: str, by: BaseException | None = None) -> None:
    """Let the archive lie on another disk, and the move end just before one of its steps."""
    replace, unlink = Path.replace, Path.unlink

    def dies(*given: object, **more: object) -> None:
        raise by or KeyboardInterrupt

    def replaces(path: Path, target: Path) -> Path:
        if path.suffix == ".duckdb" and path.parent != Path(target).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        if killed_at == "replace" and path.name.startswith(warehouse.UNFINISHED):
            dies()
        return replace(path, target)

    def unlinks(path: Path, missing_ok: bool = False) -> None:
        if killed_at == "unlink" and path.suffix == ".duckdb" and not path.name.startswith("."):
            dies()
        if killed_at != "unlink" and path.name.startswith(warehouse.UNFINISHED) and by is None:
            return  # whoever is killed tidies nothing up
        unlink(path, missing_ok=missing_ok)

    patched.setattr(Path, "replace", replaces)
    patched.setattr(Path, "unlink", unlinks)
    if killed_at.startswith("copy"):
        patched.setattr(warehouse.shutil, killed_at, dies)


def test_an_unknown_build_is_a_problem_that_names_the_kept_ones(data: Path) -> None:
    publish()
    with pytest.raises(Problem, match="2026-11-03a"):
        warehouse.build("2020-01-01a")
    with pytest.raises(Problem):
        warehouse.build("../../secret")


def test_only_one_may_build_at_a_time(data: Path) -> None:
    with warehouse.only_builder():
        assert warehouse.is_building()
        with pytest.raises(Problem, match="Another build is running"), warehouse.only_builder():
            pass
    assert not warehouse.is_building()


def test_values_reach_a_query_only_as_parameters(data: Path) -> None:
    publish()
    assert warehouse.read("select ? as word", ["'; drop table"])["word"].tolist() == ["'; drop table"]
