"""Do the communes that stand out stand out from what their size explains, and does nobody learn more than what is shown?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import plotly.graph_objects as go
import pytest
from small_warehouse import days, hidden, publish

from charts import funnel
from charts.plotly_figure import figure
from charts.words import Around
from metrics.standing import FEWEST_COMMUNES, standing

CODES = [f"0701{number:02d}" for number in range(1, 15)]
AROUND = Around({}, date(2024, 12, 31))
USUAL = (58, 62, 55, 65, 60, 57, 63, 59, 61, 60, 56, 64)  # met of 100 due


def met(commune: str, hits: int, due: int, year: int = 2024) -> dict[str, object]:
    counts = {"requests": due, "completed": due, "due": due, "met": hits, "fee_known": 0, "fee_over": 0}
    return {"commune_code": commune, "service_code": "birth", "month": date(year, 5, 1), **counts}


def with_requests(data: Path, rows: list[dict[str, object]], *, hide: tuple[str, ...] = ()) -> None:
    cells = [hidden("requests", code, "year", date(2024, 1, 1)) for code in hide]
    publish(data, {"marts.agg_requests": rows, "privacy.hidden_cells": cells})


@pytest.fixture
def usual(data: Path) -> list[dict[str, object]]:
    return [met(code, hits, 100) for code, hits in zip(CODES, USUAL, strict=False)]


def test_a_commune_far_from_the_others_stands_out_and_a_small_one_as_far_does_not(data: Path, usual: list[dict[str, object]]) -> None:
    with_requests(data, [*usual, met(CODES[12], 10, 100), met(CODES[13], 3, 12)])
    found = standing("within_standard_pct")
    assert found.outside(-1)["commune_code"].tolist() == [CODES[12]]
    assert found.outside(1).empty
    assert found.by_chance == pytest.approx(14 * 0.002)
    assert found.year == date(2024, 1, 1)


def test_the_list_is_sorted_by_estimates_in_which_small_communes_lie_nearer_to_the_rest(
    data: Path, usual: list[dict[str, object]]
) -> None:
    with_requests(data, [*usual, met(CODES[12], 80, 100), met(CODES[13], 16, 20)])
    table = standing("within_standard_pct").table.set_index("commune_code")
    large, small = table.loc[CODES[12]], table.loc[CODES[13]]
    assert (large["value"], small["value"]) == (80, 80)
    assert 60 < small["estimate"] < large["estimate"] < 80
    assert table["estimate"].is_monotonic_decreasing
    assert "rank" not in " ".join(table.columns)


def test_a_hidden_commune_moves_neither_the_centre_nor_the_limits(data: Path, usual: list[dict[str, object]]) -> None:
    with_requests(data, [*usual, met(CODES[12], 10, 100)], hide=(CODES[12],))
    found = standing("within_standard_pct")
    assert CODES[12] not in set(found.table["commune_code"])
    assert found.centre == pytest.approx(sum(USUAL) / len(USUAL))
    assert (found.shown, found.not_shown) == (12, 1)


def test_too_few_communes_are_not_compared(data: Path, usual: list[dict[str, object]]) -> None:
    with_requests(data, usual[: FEWEST_COMMUNES - 1])
    found = standing("within_standard_pct")
    assert found.table.empty and found.shown == FEWEST_COMMUNES - 1


def test_a_year_that_is_not_over_is_not_compared(data: Path, usual: list[dict[str, object]]) -> None:
    rows = [*usual, *(met(code, 1, 100, 2025) for code in CODES)]
    publish(data, {"marts.agg_requests": rows}, data_to=date(2025, 5, 31))
    assert standing("within_standard_pct").centre == pytest.approx(sum(USUAL) / len(USUAL))


def test_without_a_whole_year_nothing_is_compared(data: Path, usual: list[dict[str, object]]) -> None:
    publish(data, {"marts.agg_requests": usual}, data_to=date(2024, 9, 30))
    assert standing("within_standard_pct").year is None


def test_times_are_listed_without_limits(data: Path) -> None:
    rows = [row for number, code in enumerate(CODES) for row in days(code, date(2024, 5, 1), {(5 + number, "completed"): 30})]
    publish(data, {"marts.agg_processing_days": rows, "marts.agg_requests": [met(code, 20, 30) for code in CODES]})
    found = standing("median_processing_days")
    assert not found.has_limits and (found.table["side"] == 0).all()
    assert found.table["commune_code"].tolist() == CODES[::-1]


def test_the_funnel_names_who_stands_out_with_a_sign_and_draws_the_others_small(data: Path, usual: list[dict[str, object]]) -> None:
    with_requests(data, [*usual, met(CODES[12], 10, 100), met(CODES[13], 99, 100)])
    made = funnel(standing("within_standard_pct"), AROUND)
    panel = made.drawing.panels[0]  # type: ignore[union-attr]
    names = {note.text: note.tone for note in panel.notes if note.tone != "soft"}
    assert names == {f"<b>! {CODES[12]}</b>": "concern", f"<b>+ {CODES[13]}</b>": "improvement"}
    small = next(series for series in panel.series if series.shape == "specks")
    assert len(small.points) == 12 and small.tone == "ink"
    assert CODES[12] in made.alt and "Worse" in made.alt
    go.Figure(figure(made, "light").to_plotly_json())  # raises ValueError for a name or a value that plotly does not know
