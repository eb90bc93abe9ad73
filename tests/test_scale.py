"""How do answers spread over the scale, and when is that not shown?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import small_warehouse
from small_warehouse import hidden

import charts
from charts.words import Around
from metrics.scale import Spread, spread

JANUARY = date(2024, 1, 1)


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    return lambda made: small_warehouse.publish(tmp_path, made)


def answers(*counts: int) -> dict[str, list[dict[str, Any]]]:
    """So many answers about speed on each step from 1 to 5."""
    row = {"commune_code": "070101", "facility_type": "health_centre", "month": JANUARY, "aspect": "speed"}
    return {"marts.agg_feedback": [{**row, "rating_pct": 25.0 * step, "answers": n} for step, n in enumerate(counts) if n]}


def test_small_steps_are_counted_with_a_neighbour_and_the_chart_says_so(publish: Any) -> None:
    (speed,) = spread(publish(answers(3, 20, 17, 30, 30)))
    assert speed == Spread("speed", (0, 23, 17, 30, 30), 100, (1, 1, 2, 3, 4))
    chart = charts.levels([speed], Around({}, date(2024, 12, 31)), subtitle="")
    assert "Very low + Low" in chart.caveat and "60" in chart.title


def test_a_middle_step_counted_as_high_is_no_finding(publish: Any) -> None:
    (speed,) = spread(publish(answers(20, 20, 5, 30, 25)))
    assert speed.counted_in == (0, 1, 3, 3, 4)
    chart = charts.levels([speed], Around({}, date(2024, 12, 31)), subtitle="")
    assert "Middle + High" in chart.caveat and "60" not in chart.title


def test_an_aspect_whose_own_share_is_hidden_has_no_spread(publish: Any) -> None:
    cell = hidden("feedback", "KH", "year", JANUARY, topic="speed")
    assert spread(publish({**answers(20, 20, 20, 20, 20), "privacy.hidden_cells": [cell]})) == []
