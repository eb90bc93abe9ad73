"""Does the timeline of a commune tell the whole cycle, only what may be told, and does the tour lead through it?"""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import small_warehouse
import streamlit as st
from screen import data_of
from test_pages import NAMES, opened, words

import charts
import warehouse
from charts.model import Graph
from charts.words import Around
from metrics import story
from metrics.query import Filters, Query, ask
from metrics.timeline import steps
from ui.tour import STEPS

HOUSE = Path(__file__).resolve().parents[1]
JANUARY = date(2024, 1, 1)
NEWER = ("action", "cycle", "scor", "outreach", "facilitator", "school", "promise", "posted", "categor", "target")
SCORED = {"cycle": 2023, "commune_code": "070101", "facility_type": "commune_hall", "category": "time", "scored_date": date(2024, 2, 10),
          "score_pct": 25.0, "is_low": True, "is_shown": True}  # fmt: skip
ACTION = {"action_id": "A1", "commune_code": "070101", "facility_type": "commune_hall", "category": "time", "cycle": 2023,
          "action": "Hang it", "agreed_date": date(2024, 3, 1), "status": "completed", "done_date": date(2024, 6, 1)}  # fmt: skip


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    return lambda made: small_warehouse.publish(tmp_path, made)


@pytest.fixture
def demonstration(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.chdir(HOUSE)
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    build = warehouse.current_build()
    assert build is not None
    yield build.build_id
    st.cache_resource.clear()


def rows(**changes: Any) -> dict[str, list[dict[str, Any]]]:
    provider = {"commune_code": "070101", "facility_type": "commune_hall", "category": "time", "cycle": 2023, "month": date(2024, 2, 1),
                "meetings": 1, "fifth_1": 0, "fifth_2": 0, "fifth_3": 0, "fifth_4": 1, "fifth_5": 0}  # fmt: skip
    made: dict[str, list[dict[str, Any]]] = {
        "marts.agg_outreach_sessions": [{"commune_code": "070101", "month": JANUARY, "held": 3}],
        "marts.scored_criteria": [SCORED],
        "marts.agg_scorecards_provider": [provider],
        "marts.dim_action": [ACTION],
    }
    return made | changes


def current() -> str:
    build = warehouse.current_build()
    assert build is not None
    return build.build_id


def test_steps_stand_in_the_order_in_which_they_were_done(small: Any) -> None:
    small(rows())
    found = steps(current(), "070101")
    assert found["kind"].tolist() == ["informed", "citizen", "provider", "agreed", "done"]
    assert found["value"].tolist()[:3] == [3, 25, 70]
    assert found["action"].tolist()[3:] == ["Hang it", "Hang it"]


def test_scores_of_few_people_and_other_kinds_of_facility_are_left_out(small: Any) -> None:
    small(rows(**{"marts.scored_criteria": [{**SCORED, "is_shown": False}]}))
    assert "citizen" not in steps(current(), "070101")["kind"].tolist()
    assert steps(current(), "070101", "health_centre")["kind"].tolist() == ["informed"]


def test_a_score_in_a_hidden_cell_is_left_out(small: Any) -> None:
    start = date(2024, 1, 1)
    cell = small_warehouse.hidden("scores", "070101", "quarter", start, topic="time", service_code="commune_hall")
    scored = {**SCORED, "quarters": [date(2023, 10, 1), start]}
    for other in ({"topic": "fee"}, {"service_code": "health_centre"}, {"period_start": date(2024, 4, 1)}, {"place_code": "070102"}):
        small(rows(**{"marts.scored_criteria": [scored], "privacy.hidden_cells": [{**cell, **other}]}))
        assert "citizen" in steps(current(), "070101")["kind"].tolist()
    small(rows(**{"marts.scored_criteria": [scored], "privacy.hidden_cells": [cell]}))
    assert "citizen" not in steps(current(), "070101")["kind"].tolist()


def test_an_action_that_is_still_open_is_agreed_and_not_done(small: Any) -> None:
    small(rows(**{"marts.dim_action": [{**ACTION, "status": "ongoing", "done_date": None}]}))
    assert "done" not in steps(current(), "070101")["kind"].tolist()


def test_the_chart_puts_what_was_done_and_the_scores_above_the_records(demonstration: str) -> None:
    commune = story.commune(demonstration) or ""
    where = Filters(commune=commune)
    found = ask(Query(("requests",), period="year", where=where), demonstration)
    made = charts.timeline(steps(demonstration, commune), [found], Around({}, date(2026, 10, 31)), title="x")
    assert isinstance(made.drawing, Graph) and len(made.drawing.panels) == 3
    done, scores, _ = made.drawing.panels
    assert [text for _, text in done.y.ticks] == ["Citizens informed", "Officials trained", "Action agreed", "Action done"]
    assert {point.is_hollow for series in scores.series for point in series.points} == {True, False}
    assert "Actions done: " in made.alt


def test_a_commune_without_anything_of_the_cycle_has_its_records_alone(demonstration: str) -> None:
    commune = story.commune(demonstration) or ""
    found = ask(Query(("requests",), period="year", where=Filters(commune=commune)), demonstration)
    made = charts.timeline(steps(demonstration, "999999"), [found], Around({}, date(2026, 10, 31)), title="x")
    assert isinstance(made.drawing, Graph) and len(made.drawing.panels) == 1


def test_a_build_from_before_there_were_these_tables_still_opens(
    demonstration: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commune = story.commune(demonstration) or ""
    shutil.copytree(data_of("demonstration") / "warehouse", tmp_path / "warehouse")
    with duckdb.connect(str(tmp_path / "warehouse" / f"{demonstration}.duckdb")) as connection:
        tables = connection.execute("select table_schema || '.' || table_name, table_type from information_schema.tables").fetchall()
        for name, kind in tables:
            if any(word in name for word in NEWER) and name.startswith(("marts.", "staging.")):
                connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {name}")
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    for page in NAMES:
        at = opened(page, **({"commune": commune} if page == "commune" else {}))
        assert not at.exception and not at.error, f"{page}: {words(at)}"


@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_every_step_of_the_tour_tells_its_part_on_its_page(number: int, language: str, demonstration: str) -> None:
    step = STEPS[number - 1]
    chosen = {"commune": story.commune(demonstration) or "", "lang": language, "tour": str(number)}
    at = opened(step.page, **chosen, **({"service": step.service} if step.service else {}))
    assert not at.exception and not at.error
    told = words(at)
    assert f"{number} " in told.split("directions_walk: ")[1][:14] or language == "km"
    assert "{" not in told.split("directions_walk: ")[1][:600]


def test_the_tour_goes_on_and_ends(demonstration: str) -> None:
    at = opened("overview")
    next(button for button in at.button if "five steps" in button.label).click().run()
    assert "A facilitator is trained" in words(at)
    next(button for button in at.button if button.label == "Next").click().run()
    assert "birth certificate needs" in words(at) and at.query_params["tour"] in ("2", ["2"])
    next(button for button in at.button if button.label == "End the tour").click().run()
    assert "Are public services getting better" in words(at) and "tour" not in at.query_params


def test_a_real_build_has_no_tour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOUSE)
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("feedback only")))
    assert "five steps" not in " ".join(button.label for button in opened("overview").button)
    assert "directions_walk" not in words(opened("outreach", tour="1"))
    st.cache_resource.clear()


def test_the_commune_page_tells_what_became_of_a_low_score(demonstration: str) -> None:
    told = words(opened("commune", commune=story.commune(demonstration) or ""))
    assert "scored low (" in told and "action agreed in" in told and "next score" in told
