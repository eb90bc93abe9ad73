"""Are the curves of waiting made of small numbers, a block of series at a time, those of all requests?"""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
import small_warehouse
from small_warehouse import days

from metrics import waits

MONTH, NEXT = date(2024, 1, 1), date(2024, 2, 1)
HERE, THERE, AWAY = "070101", "070102", "090101"  # nobody knows of a start in AWAY


@pytest.fixture
def found() -> waits.Waits:
    rows = [
        *days(HERE, MONTH, {(1, "completed"): 2, (4, "open"): 1}, sex="f"),
        *days(HERE, MONTH, {(1, "completed"): 1}, sex="m"),
        *days(HERE, MONTH, {(1, "completed"): 3, (9, "ended"): 1}, service="book"),
        *days(THERE, NEXT, {(7, "completed"): 10}),
        *days(AWAY, NEXT, {(7, "completed"): 10}),
    ]
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        for table in ("marts.agg_processing_days", "marts.dim_coverage"):
            connection.execute(f"create table {table} ({small_warehouse.TABLES[table]})")
        for row in rows:
            names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
            connection.execute(f"insert into marts.agg_processing_days ({names}) values ({marks})", list(row.values()))
        connection.execute("insert into marts.dim_coverage (commune_code, start_date) values (?, ?), (?, ?)", [HERE, MONTH, THERE, MONTH])
        return waits.read(connection)


def test_requests_are_counted_by_service_and_for_all_services_together(found: waits.Waits) -> None:
    assert list(zip(found.keys["commune_code"], found.keys["service_code"], strict=True)) == [
        (HERE, "*"), (HERE, "birth"), (HERE, "book"), (THERE, "*"), (THERE, "birth"),
    ]  # fmt: skip
    rows = zip(found.series, found.month - 2024 * 12, found.days, found.completed, found.ended, found.still_open, strict=True)
    assert sorted(tuple(map(int, row)) for row in rows) == [
        (0, 0, 1, 6, 0, 0), (0, 0, 4, 0, 0, 1), (0, 0, 9, 0, 1, 0),
        (1, 0, 1, 3, 0, 0), (1, 0, 4, 0, 0, 1),
        (2, 0, 1, 3, 0, 0), (2, 0, 9, 0, 1, 0),
        (3, 1, 7, 10, 0, 0), (4, 1, 7, 10, 0, 0),
    ]  # fmt: skip


def test_a_block_holds_the_rows_of_its_own_series_only(found: waits.Waits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "BLOCK", 2)
    some = found.keys.iloc[[1, 3, 4]].reset_index(drop=True)  # not all series are judged by quarter
    blocks = list(found.blocks(some))
    assert [(chosen.start, chosen.stop) for chosen, _ in blocks] == [(0, 2), (2, 3)]
    first, second = (block for _, block in blocks)
    assert list(first.keys["service_code"]) == ["birth", "*"]
    assert list(zip(first.series.tolist(), first.days.tolist(), strict=True)) == [(0, 1), (0, 4), (1, 7)]
    assert list(zip(second.series.tolist(), second.days.tolist(), strict=True)) == [(0, 7)]


def test_rows_of_one_group_and_day_are_one_step_and_an_empty_last_group_keeps_its_place(found: waits.Waits) -> None:
    together = np.where(found.series < 3, 0, -1)  # the rows of HERE, counted twice: by service and together
    curves = found.curves(together, 2)
    assert (curves.groups, list(curves.group), list(curves.day)) == (2, [0, 0, 0, 1], [1, 4, 9, 0])
    assert list(curves.at_risk) == [16, 4, 2, 0]
    assert curves.incidence[0] == pytest.approx(12 / 16)


def test_the_time_of_a_side_is_that_of_all_its_requests(found: waits.Waits) -> None:
    before, after = found.medians(np.where(found.month == 2024 * 12, 1, 2), 0.5)
    assert pd.Series(before[:3]).tolist() == [1, 1, 1] and np.isnan(before[3:]).all()
    assert after[3:].tolist() == [7, 7]
