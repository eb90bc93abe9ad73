"""What changed between two builds: is it told whole, with its reason, and without naming a few?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import small_warehouse

import warehouse
from etl import defined
from metrics import catalogue, changed, fingerprint
from metrics.__main__ import main
from metrics.question import Filters
from warehouse import Problem

JAN, APR = date(2024, 1, 1), date(2024, 4, 1)


def requests(commune: str, month: date, n: int, met: int | None = None) -> dict[str, Any]:
    return {"commune_code": commune, "service_code": "birth", "month": month, "requests": n, "due": n, "met": n if met is None else met}


def load(name: str, content: str, rows: int, source: str = "service_requests") -> dict[str, Any]:
    counts = {"rows_read": rows, "rows_loaded": rows, "rows_set_aside": 0, "rows_superseded": 0, "rows_deleted": 0}
    return {"load_id": 1, "source": source, "file_name": name, "sheet": "", "content_hash": content, "status": "loaded", **counts}


def definitions(**other: str) -> list[dict[str, Any]]:
    """What etl writes today, with some fingerprints changed."""
    rows = [dict(zip(("kind", "name", "fingerprint", "said", "rests_on"), row, strict=True)) for row in defined.rows()]
    return [{**row, "fingerprint": other.get(row["name"], row["fingerprint"])} for row in rows]


OLD = {
    "marts.agg_requests": [
        requests("070101", JAN, 130, 117), requests("070102", JAN, 200, 100), requests("070201", JAN, 40), requests("090101", JAN, 60, 30),
    ],
    "privacy.hidden_cells": [small_warehouse.hidden("requests", "070201", "year", JAN)],
    "quality.loads": [load("kampot.csv", "a1", 330), load("kep.csv", "b1", 60), load("old.csv", "c1", 40)],
    "quality.definitions": definitions(),
}  # fmt: skip
NEW = {
    "marts.agg_requests": [
        requests("070101", JAN, 133, 120), requests("070102", JAN, 250, 120), requests("070201", JAN, 40), requests("090101", JAN, 60, 30),
        requests("090101", APR, 12, 6),
    ],
    "privacy.hidden_cells": [small_warehouse.hidden("requests", "070102", "year", JAN)],
    "quality.loads": [load("kampot.csv", "a2", 383), load("kep.csv", "b1", 58), load("april.csv", "d1", 12)],
    "quality.definitions": definitions(median_processing_days="other", holidays="other"),
    "quality.corrections": [{"source": "service_requests", "key": "R-1", "column_name": "sex", "old_value": "x", "new_value": "f"}],
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[changed.Pair]:
    folder: Path = tmp_path_factory.mktemp("changed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMUNE_PULSE_DATA", str(folder))
        old = small_warehouse.publish(folder, OLD, data_to=date(2024, 3, 31))
        yield changed.pair(old, small_warehouse.publish(folder, NEW, data_to=date(2024, 4, 30)))


def by_commune(builds: changed.Pair, measure: str) -> dict[str, dict[str, Any]]:
    table = changed.between(builds, (measure,), "commune", "year")
    return {row["place_code"]: row for row in table.to_dict("records")}


def test_each_figure_stands_as_its_own_build_publishes_it(builds: changed.Pair) -> None:
    rows = by_commune(builds, "requests")
    told = {code: (row["then_status"], row["now_status"], row["told"]) for code, row in rows.items()}
    assert told == {
        "070101": ("shown", "shown", changed.FEW),
        "070102": ("shown", "hidden", changed.NOW_HIDDEN),
        "070201": ("hidden", "shown", changed.NOW_SHOWN),
        "090101": ("shown", "shown", changed.CHANGED),
    }
    assert (rows["090101"]["then"], rows["090101"]["now"], rows["090101"]["difference"]) == (60, 72, 12)
    assert np.isnan(rows["070102"]["now"]) and np.isnan(rows["070201"]["then"])


def test_three_late_requests_are_a_small_group_whose_difference_is_not_told(builds: changed.Pair) -> None:
    row = by_commune(builds, "requests")["070101"]
    assert np.isnan(row["difference"])
    share = by_commune(builds, "within_standard_pct")["070101"]
    assert share["told"] == changed.FEW and np.isnan(share["difference"])


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ((90, 100), (90, 100), changed.SAME),
        ((90, 100), (91, 100), changed.FEW),  # one record was corrected
        ((90, 100), (75, 100), changed.CHANGED),
        ((90, 100), (90, 112), changed.CHANGED),
        ((90, 100), (102, 112), changed.CHANGED),
        ((90, 100), (98, 112), changed.FEW),  # of twelve more, four were late: they are few
    ],
)
def test_of_a_share_those_within_and_those_without_must_each_be_many(then: tuple[int, int], now: tuple[int, int], told: str) -> None:
    row = {"status_then": "shown", "status_now": "shown"}
    for name, (hits, n) in (("then", then), ("now", now)):
        row |= {f"value_{name}": 100 * hits / n, f"n_{name}": n}
    assert changed._told(catalogue()["within_standard_pct"], row)[0] == told


def test_a_time_that_moved_though_no_record_came_is_the_work_of_a_few() -> None:
    row = {"status_then": "shown", "status_now": "shown", "value_then": 9.0, "value_now": 10.0, "n_then": 50, "n_now": 50}
    assert changed._told(catalogue()["median_processing_days"], row)[0] == changed.FEW


def test_nothing_that_leaves_as_a_file_holds_a_small_difference(builds: changed.Pair) -> None:
    counts = [metric.name for metric in catalogue() if metric.is_count and metric.fact.name == "requests"]
    for level, period in (("programme", "year"), ("commune", "year"), ("commune", "quarter"), ("district", "month")):
        table = changed.between(builds, counts, level, period)
        assert len(table)
        assert not ((table["difference"].abs() > 0) & (table["difference"].abs() < 10)).any()
        assert table.loc[table["told"] != changed.CHANGED, "difference"].fillna(0).eq(0).all()


def test_why_names_files_corrections_and_definitions_and_what_was_not_over(builds: changed.Pair) -> None:
    why = {code: set(row["why"]) for code, row in by_commune(builds, "requests").items()}
    behind = {"new_files", "replaced_files", "gone_files", "newer_rows", "corrections", "list", "went_on"}
    assert why["090101"] == behind
    assert why["070102"] == behind | {"hiding"}
    quarters = changed.between(builds, ("requests",), "programme", "quarter").set_index("period_start")["why"]
    assert "new_period" in quarters[APR] and not {"new_period", "went_on"} & set(quarters[JAN])
    median = catalogue()["median_processing_days"]
    assert "measure" in changed._behind(builds, median).whys
    assert "list" not in changed._behind(builds, catalogue()["satisfied_pct"]).whys


def test_the_books_go_from_then_to_now_without_a_rest(builds: changed.Pair) -> None:
    (row,) = changed.reconciled(builds).to_dict("records")
    assert row == {
        "source": "service_requests", "then": 430, "new_files": 12, "replaced_files": 53, "newer_rows": -2, "gone_files": -40, "now": 453,
    }  # fmt: skip
    assert row["then"] + sum(row[name] for name in ("new_files", "replaced_files", "newer_rows", "gone_files")) == row["now"]


def test_definitions_that_differ_are_named_and_a_build_knows_how_today_differs(
    builds: changed.Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = changed.definitions_changed(builds)
    assert set(zip(found["kind"], found["name"], found["what"], strict=True)) == {
        ("measure", "median_processing_days", "changed"),
        ("list", "holidays", "changed"),
    }
    assert fingerprint.redefined_since(builds.old.build_id) == ()
    assert fingerprint.redefined_since(builds.new.build_id) == ("median_processing_days",)
    assert len(changed.corrections_changed(builds)) == 1


def test_only_two_builds_of_one_kind_are_compared(builds: changed.Pair) -> None:
    with pytest.raises(Problem, match="the same"):
        changed.pair(builds.old.build_id, builds.old.build_id)
    invented = small_warehouse.publish(warehouse.data_folder(), OLD, is_demonstration=True)
    with pytest.raises(Problem, match="one is a demonstration"):
        changed.pair(builds.old.build_id, invented)


def test_a_place_can_be_asked_alone(builds: changed.Pair) -> None:
    table = changed.between(builds, ("requests",), "commune", "year", Filters(province="09"))
    assert table["place_code"].tolist() == ["090101"]


def test_the_command_line_tells_the_same(builds: changed.Pair, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["changed", builds.old.build_id, builds.new.build_id, "--measure", "requests", "--by", "commune"]
    assert main(asked) == 0
    told = capsys.readouterr().out
    assert "4 of 4 figures changed" in told and "service_requests" in told and "list holidays: changed" in told
    assert main([*asked, "--format", "csv"]) == 0
    assert builds.new.build_id in capsys.readouterr().out
    assert main(["changed", builds.old.build_id, "2020-01-01a"]) == 2


def test_every_measure_and_table_has_a_fingerprint_that_moves_only_with_its_meaning() -> None:
    rows = pd.DataFrame(defined.rows(), columns=["kind", "name", "fingerprint", "said", "rests_on"])
    assert not rows.duplicated(["kind", "name"]).any()
    assert set(rows.loc[rows["kind"] == "measure", "name"]) == {metric.name for metric in catalogue()}
    measures = rows[rows["kind"] == "measure"]
    assert measures["rests_on"].map(len).loc[[catalogue()[name].fact.has_period for name in measures["name"]]].min() > 0
    assert defined._bare("-- one row = a\nselect  a\nfrom b") == defined._bare("select a from b -- c")
