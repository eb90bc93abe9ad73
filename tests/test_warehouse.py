"""Do readers always find one whole build, and can an older one be had back?"""

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


def test_pruning_keeps_the_newest_and_those_in_use(data: Path) -> None:
    builds = [publish(date(2026, 11, day)) for day in range(1, 8)]
    warehouse.read("select 1", build_id=builds[0].build_id)
    warehouse.prune_builds(keep=2)
    assert builds[0].path.exists() and builds[-1].path.exists() and not builds[1].path.exists()


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
