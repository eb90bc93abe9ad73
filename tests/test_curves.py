"""By which day is which share ready, and when is no curve drawn?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import small_warehouse
from small_warehouse import days, hidden

import charts
from charts.words import Around
from metrics.curves import by_documents
from metrics.query import Filters

JANUARY = date(2024, 1, 1)


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    return lambda made, **more: small_warehouse.publish(tmp_path, made, **more)


def rows(complete: int = 150, missing: int = 100) -> dict[str, list[dict[str, Any]]]:
    """Of those with all documents a third is ready on day 2 and the rest on day 5; of the others half on day 10, half wait."""
    made = days("070101", JANUARY, {(2, "completed"): complete // 3, (5, "completed"): complete - complete // 3}, documents_complete=True)
    made += days("070101", JANUARY, {(10, "completed"): missing // 2, (40, "open"): missing - missing // 2}, documents_complete=False)
    sums = [{"commune_code": "070101", "service_code": "birth", "month": JANUARY, "requests": complete + missing}]
    return {"marts.agg_processing_days": made, "marts.agg_requests": sums}


def test_the_curve_says_which_share_is_ready_by_each_day(publish: Any) -> None:
    publish(rows())
    complete, missing = by_documents()
    assert (complete.value, complete.requests, missing.value, missing.requests) == ("true", 150, "false", 100)
    assert complete.ready_pct[:6].tolist() == [0, 0, 33, 33, 33, 100] and complete.median == 5
    assert missing.ready_pct[[9, 10, 40]].tolist() == [0, 50, 50]


def test_small_or_hidden_groups_and_places_below_the_province_have_no_curve(publish: Any) -> None:
    publish(rows(missing=98))
    assert by_documents() == ()
    cell = hidden("requests", "KH", "year", JANUARY, attribute="documents_complete", value="false")
    publish({**rows(), "privacy.hidden_cells": [cell]})
    assert by_documents() == ()
    publish(rows())
    assert len(by_documents(Filters(province="07"))) == 2
    assert by_documents(Filters(district="0701")) == () and by_documents(Filters(commune="070101")) == ()


def test_the_chart_tells_both_days_and_how_many_requests_stand_behind_them(publish: Any) -> None:
    publish(rows(missing=120))
    chart = charts.steps(by_documents(), Around({}, date(2024, 12, 31), standards={"birth": 3.0}), Filters(service="birth"))
    told = " ".join((chart.title, chart.caveat, chart.alt)).replace("\u00a0", " ")
    assert "Half ready in 5 days" in told and "150 requests with all documents, 120 with something missing" in told
    assert "33 % by day" not in told and "100 % by day 5" in told
    assert [mark.text for mark in chart.drawing.marks] == ["<b>official: 3\u00a0days</b>"]  # type: ignore[union-attr]
