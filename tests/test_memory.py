"""Is an answer given twice worked out once, and is it forgotten when there are too many, or when the build is another?"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from metrics import registers
from metrics.memory import Memory, answers, remembered, size_of
from metrics.query import Query, ask


def table(rows: int) -> pd.DataFrame:
    return pd.DataFrame({"value": [1.0] * rows})


def made_build(folder: Path, build_id: str, note: str) -> None:
    """A build that holds nothing but one note."""
    path = folder / "warehouse" / f"{build_id}.duckdb"
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema quality")
        connection.execute("create table quality.build as select true as is_demonstration, current_date as data_to, now() as built_at")
        connection.execute("create table note as select ? as note", [note])
    (folder / "warehouse" / "CURRENT").write_text(build_id)


def test_the_second_time_is_remembered() -> None:
    memory, worked_out = Memory(1_000_000), []

    def work_out() -> pd.DataFrame:
        worked_out.append(1)
        return table(3)

    first, second = memory.get("a", work_out), memory.get("a", work_out)
    assert first is second and len(worked_out) == 1


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    memory = Memory(10 * size_of(table(100)))
    for name in range(10):
        memory.get(name, lambda: table(100))
    memory.get(0, lambda: table(100))  # used again
    memory.get("one more", lambda: table(100))
    assert memory.weight <= memory.limit
    asked: list[int] = []
    for name in (0, 1):
        memory.get(name, lambda name=name: asked.append(name))
    assert asked == [1]


def test_a_value_that_would_push_out_everything_is_not_kept() -> None:
    memory = Memory(size_of(table(100)))
    memory.get("long", lambda: table(1000))
    assert memory.weight == 0


def test_an_error_is_not_remembered() -> None:
    memory = Memory(1_000_000)
    with pytest.raises(ZeroDivisionError):
        memory.get("a", lambda: 1 / 0)
    assert memory.get("a", lambda: 5) == 5


def test_ten_readers_who_ask_at_once_wait_for_one_answer() -> None:
    memory, worked_out, all_there = Memory(1_000_000), [], threading.Barrier(10)

    def work_out() -> int:
        worked_out.append(1)
        time.sleep(0.05)
        return 7

    def read(_: int) -> int:
        all_there.wait()
        return memory.get("a", work_out)

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(read, range(10))) == [7] * 10
    assert len(worked_out) == 1


def test_another_build_is_asked_anew(data: Path) -> None:
    @remembered
    def note(build_id: str | None = None) -> str:
        from warehouse import read

        return str(read("select note from note", build_id=build_id)["note"].iloc[0])

    made_build(data, "2026-01-01a", "old")
    assert note() == "old"
    made_build(data, "2026-01-01b", "new")
    assert note() == "new" and note("2026-01-01a") == "old" and note(build_id="2026-01-01b") == "new"


def test_a_question_asked_again_is_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from screen import data_of

    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    query = Query(("requests",), by=("province",))
    assert ask(query) is ask(Query(("requests",), by=("province",)))
    assert ask(query) is not ask(Query(("requests",)))
    build_id = ask(query).build_id
    assert ask(query, build_id) is ask(query)
    assert registers.services(build_id) is registers.services(build_id)
    answers.clear()
    assert len(ask(query).table)
