"""Do the screens give the evidence for what the programme says, in the reader's language, with only the events that concern it?"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import small_warehouse
import streamlit as st
from screen import data_of
from test_pages import opened, words

import charts
import warehouse
from etl.sample.action_plans import TEXTS
from metrics.query import Filters, Query
from metrics.timeline import steps
from reports import ask, told, view
from text import number, t
from ui import claims

HOUSE = Path(__file__).resolve().parents[1]
PLACES = ({}, {"province": "07"}, {"district": "0701"})


@pytest.fixture
def demonstration(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.chdir(HOUSE)
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    yield warehouse.current_build().build_id  # type: ignore[union-attr]
    view.show(None)
    st.cache_resource.clear()


def read_as(language: str) -> None:
    build = warehouse.current_build()
    assert build is not None
    view.show(view.View(build, True, language, "light", "overview"))


@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize("place", PLACES)
def test_every_claim_has_its_line_its_word_and_the_way_to_its_page(place: dict[str, str], language: str, demonstration: str) -> None:
    at = opened("overview", lang=language, **place)
    assert not at.exception and not at.error
    told = words(at)
    assert t("claim.title", into=language) in told and "{" not in told.split(t("claim.title", into=language))[1].split("<style")[0]
    for claim in claims.CLAIMS:
        line = next(str(block.value) for block in at.markdown if str(block.value).startswith(t(f"claim.{claim.key}", into=language)))
        assert "-badge[" in line
    ways = [link.proto.page for link in at.get("page_link")]
    assert all(sum(claim.page in way for way in ways) >= 1 for claim in claims.CLAIMS)


def test_a_claim_of_which_nothing_arrived_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOUSE)
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("feedback only")))
    told = words(opened("overview"))
    assert told.count("nothing can be shown here") >= len(claims.CLAIMS) - 1
    assert "No file about this has arrived yet" in told
    st.cache_resource.clear()


@pytest.mark.parametrize("metric", ["participants", "good_score_pct", "teacher_presence_pct"])
def test_the_newest_figure_and_what_it_rests_on_are_of_one_year(metric: str, demonstration: str) -> None:
    read_as("en")
    found = ask.before_after(metric, Filters())
    row = charts.newest(ask.result(Query((metric,), period="year")), ask.around())
    assert row is not None and f"({row['period_start'].year})" in told.newest_year(found)
    assert number(row[f"{metric}_n"]) in told.rests_on(found)[0]


@pytest.mark.parametrize(
    ("metric", "where", "is_drawn"),
    [
        ("requests", {}, True),
        ("requests", {"service": "identity_card"}, True),
        ("within_promise_pct", {}, True),
        ("answers", {"facility_type": "commune_hall", "aspect": "speed"}, True),
        ("answers", {"aspect": "speed"}, False),
        ("visits_per_facility_month", {}, False),
        ("teacher_presence_pct", {}, False),
        ("participants", {}, False),
        ("actions_agreed", {}, False),
        ("actions_agreed", {"facility_type": "primary_school"}, False),
    ],
)
def test_a_law_on_two_kinds_of_office_is_drawn_on_their_charts_only(
    metric: str, where: dict[str, Any], is_drawn: bool, demonstration: str
) -> None:
    read_as("en")
    chosen = Filters(**where)
    assert len(ask.around(chosen, Query((metric,), where=chosen)).events) == is_drawn
    assert len(ask.around(chosen).events) == 1


def test_an_event_of_one_facility_concerns_its_kind_and_a_meeting_of_the_commune_all(demonstration: str) -> None:
    kinds = warehouse.read(
        "select event_type, event.concerns, facility.facility_type from marts.dim_event as event left join marts.dim_facility as facility "
        "using (facility_id)",
        build_id=demonstration,
    ).set_index("event_type")
    closed = kinds.loc[["closure"]]
    assert (closed["concerns"] == closed["facility_type"]).all() and closed["concerns"].notna().all()
    assert kinds.loc[["interface_meeting"], "concerns"].isna().all()


def test_words_of_an_action_are_in_the_readers_language_where_the_plan_has_them(demonstration: str) -> None:
    both, one = {"action": "Hang it", "action_km": "បិទវា"}, {"action": "Hang it", "action_km": None}
    read_as("km")
    assert ask.in_language(both, "action") == "បិទវា"
    assert ask.in_language(one, "action") == ask.in_language({"action": "Hang it"}, "action") == "Hang it"
    read_as("en")
    assert ask.in_language(both, "action") == "Hang it"
    commune = warehouse.read("select commune_code from marts.dim_action where action_km is not null limit 1", build_id=demonstration)
    found = steps(demonstration, commune["commune_code"].iloc[0]).dropna(subset="action")
    khmer = {english: khmer for pairs in TEXTS.values() for english, khmer in pairs}
    assert len(found) and all(khmer[english] == words for english, words in zip(found["action"], found["action_km"], strict=True))


def test_the_page_of_feedback_tells_through_whom_the_answers_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOUSE)
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    of_whom = {"commune_code": "070101", "facility_type": "commune_hall", "aspect": "friendliness", "month": date(2024, 2, 1)}
    answers = {"meeting": (40, 60), "kiosk": (20, 30)}  # satisfied and not
    rows = [
        {**of_whom, "channel": channel, "rating_pct": rating, "answers": n}
        for channel, counted in answers.items()
        for rating, n in zip((80.0, 20.0), counted, strict=True)
    ]
    small_warehouse.publish(tmp_path, {"marts.agg_feedback": rows})
    told = words(opened("feedback"))
    assert "Most answers were given through: Meeting (100 answers); fewest: Kiosk (50)" in told.replace("\u00a0", " ")
    told = words(opened("feedback", district="0701"))
    assert "How answers were collected is told by province" in told and "Most answers were given through" in told
    st.cache_resource.clear()


def test_the_page_of_feedback_says_where_it_is_not_told_through_whom_they_came(demonstration: str) -> None:
    assert "How the answers were collected is not told here" in words(opened("feedback"))  # twelve communes are too few to show it
