"""Do the figures about outreach and facilitators say what the records say, and nothing about single people?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import small_warehouse
from screen import data_of
from small_staging import modelled
from small_warehouse import hidden

from charts.growth import finding
from charts.model import Rows
from charts.rows import beside
from charts.words import Around
from etl import marts, small_groups
from metrics import catalogue, growth, registers, story
from metrics.lattice import LATTICES
from metrics.model import PLACES, PerThousandPeople
from metrics.query import Filters, Query, ask
from warehouse import Problem, current_build

NEW = ("sessions", "outreach", "network", "facilitators", "assessments")


def session(number: int, held: str | None, women: int | None, men: int | None, **more: Any) -> dict[str, Any]:
    """A session in commune 070101 about health, held on the day it was planned for, unless said otherwise."""
    total = women + men if women is not None and men is not None else None
    given = {"session_id": f"O{number}", "commune_code": "070101", "session_topic": "health", "planned_date": held, "session_date": held}
    counts = {"participants": total, "participants_female": women, "participants_male": men}
    return {**given, "session_status": "held" if held else "planned", **counts, **more}


def facilitator(number: int, commune: str = "070101", **more: Any) -> dict[str, Any]:
    given = {"facilitator_id": f"F{number}", "commune_code": commune, "trained_date": "2024-01-20", "active_from": "2024-01-01"}
    return {**given, **more}


def assessment(number: int, stage: str, score: int, day: str = "2024-01-10", **more: Any) -> dict[str, Any]:
    given = {"facilitator_id": f"F{number}", "assessment_stage": stage, "round": 1, "assessed_date": day, "scale_min": 1, "scale_max": 5}
    return {**given, "score_confidence": score, **more}


# -- tables ------------------------------------------------------------------------------------------------------------------


def test_participants_are_the_larger_of_the_total_and_both_sexes(tmp_path: Path) -> None:
    rows = [
        session(1, "2024-01-10", 20, 10),
        session(2, "2024-01-11", 8, 4, participants=15),  # three came of whom nobody wrote down the sex
        session(3, "2024-01-12", 9, 9, participants=11),  # the total was forgotten
        session(4, "2024-01-13", None, None, participants=40),
    ]
    with modelled({"outreach": rows}, tmp_path) as connection:
        found = connection.sql("select participants, participants_female, participants_male from marts.agg_outreach").fetchall()
    assert found == [(30 + 15 + 18 + 40, 37, 23)]


@pytest.mark.parametrize(("women", "men"), [(26, None), (None, 14)])
def test_of_a_total_and_one_sex_the_other_is_the_difference(women: int | None, men: int | None, tmp_path: Path) -> None:
    rows = [session(1, "2024-01-10", women, men, participants=40), session(2, "2024-01-11", None, None, participants=7)]
    with modelled({"outreach": rows}, tmp_path) as connection:
        found = connection.sql("select participants, participants_female, participants_male from marts.agg_outreach").fetchall()
    assert found == [(47, 26, 14)]


def test_a_group_is_counted_only_of_sessions_that_tell_it(tmp_path: Path) -> None:
    rows = [session(1, "2024-01-10", 20, 10, participants_youth=6), session(2, "2024-01-11", 30, 20)]
    with modelled({"outreach": rows}, tmp_path) as connection:
        found = connection.sql("select participants_youth, youth_known, participants from marts.agg_outreach").fetchall()
    assert found == [(6, 30, 80)]


def test_a_session_held_late_counts_in_the_month_it_was_planned_for_and_in_the_month_it_was_held(tmp_path: Path) -> None:
    rows = [
        session(1, "2024-02-02", 20, 10, planned_date="2024-01-28"),
        session(2, None, None, None, planned_date="2024-01-15", session_status="cancelled"),
        session(3, None, None, None, planned_date="2024-01-16"),
        session(4, None, None, None, planned_date="2024-05-16"),  # its day has not come by the data date
        session(5, "2024-02-09", 20, 10, planned_date=None, session_topic=None),
    ]
    with modelled({"outreach": rows}, tmp_path) as connection:
        found = connection.sql(
            "select session_topic, month, planned, planned_held, planned_cancelled, held from marts.agg_outreach_sessions order by all"
        ).fetchall()
    january, february = date(2024, 1, 1), date(2024, 2, 1)
    assert found == [("health", january, 3, 1, 1, 0), ("health", february, 0, 0, 0, 1), ("other", february, 0, 0, 0, 1)]


@pytest.mark.parametrize(
    ("second", "is_operational"),
    [
        ({}, True),
        ({"trained_date": None}, False),
        ({"trained_date": "2024-03-01"}, False),
        ({"active_to": "2024-02-10"}, False),
        ({"active_to": "2024-02-29"}, True),
        ({"commune_code": "070102"}, False),
    ],
    ids=["two", "not trained", "trained later", "has left", "leaves that day", "of another commune"],
)
def test_a_network_is_operational_with_two_trained_and_active_on_the_last_day_of_the_month(
    tmp_path: Path, second: dict[str, Any], is_operational: bool
) -> None:
    rows = {
        "coverage": [{"commune_code": "070101", "start_date": "2024-01-01"}],
        "facilitators": [facilitator(1), facilitator(2, **second)],
        "outreach": [session(1, "2024-03-31", 20, 10)],  # the data reach to the end of March
    }
    with modelled(rows, tmp_path) as connection:
        found = connection.sql("select is_operational from marts.agg_facilitator_network where month = '2024-02-01'").fetchall()
    assert found == [(is_operational,)]


def test_without_a_register_of_facilitators_no_network_is_said_to_be_down(tmp_path: Path) -> None:
    rows = {"coverage": [{"commune_code": "070101", "start_date": "2024-01-01"}], "outreach": [session(1, "2024-03-31", 20, 10)]}
    with modelled(rows, tmp_path) as connection:
        assert connection.sql("select * from marts.agg_facilitator_network").fetchall() == []


def test_a_facilitator_counts_once_a_stage_with_the_newest_round_on_whatever_scale(tmp_path: Path) -> None:
    rows = [
        assessment(1, "before_training", 2),
        assessment(1, "follow_up", 3, "2025-01-10"),
        assessment(1, "follow_up", 4, "2026-01-10", round=2, scale_min=0, scale_max=4),
    ]
    with modelled({"facilitators": [facilitator(1)], "facilitator_assessments": rows}, tmp_path) as connection:
        found = connection.sql(
            "select province_code, assessment_stage, assessment_question, month, score_pct, facilitators "
            "from marts.agg_facilitator_assessments order by month"
        ).fetchall()
    assert found == [
        ("07", "before_training", "confidence", date(2024, 1, 1), 25.0, 1),
        ("07", "follow_up", "confidence", date(2026, 1, 1), 100.0, 1),
    ]


def test_the_audits_find_parts_above_the_whole(tmp_path: Path) -> None:
    rows = {"outreach": [session(1, "2024-01-10", 20, 10, participants_youth=31)]}
    with modelled(rows, tmp_path) as connection:
        assert len(connection.execute(marts.audit_queries()["outreach_adds_up"]).fetchall()) == 1


# -- hiding ------------------------------------------------------------------------------------------------------------------


def hidden_cells(connection: duckdb.DuckDBPyConnection, fact: str) -> set[tuple[str, ...]]:
    rows = connection.execute(
        "select attribute, place_code, period, service_code, value from privacy.hidden_cells where fact = ?", [fact]
    ).fetchall()
    return {tuple(row) for row in rows}


def test_a_small_session_takes_a_sibling_with_it(tmp_path: Path) -> None:
    """Four people came in one commune, many in the two others of the district: the district minus them must not give it away."""
    rows = [
        session(1, "2024-01-10", 2, 2, participants_youth=1),
        session(2, "2024-01-11", 60, 40, commune_code="070102", participants_youth=30),
        session(3, "2024-01-12", 70, 50, commune_code="070103", participants_youth=30),
    ]
    with modelled({"outreach": rows}, tmp_path) as connection:
        small_groups.hide_small_groups(connection)
        marts.run_audits(connection)
        found = hidden_cells(connection, "outreach")
    quarters = {place for attribute, place, period, service, _ in found if not attribute and period == "quarter" and len(place) == 6}
    assert "070101" in quarters and len(quarters) > 1


def test_few_facilitators_are_hidden_in_every_question_alike(tmp_path: Path) -> None:
    few = [facilitator(number, "110101") for number in range(4)]
    many = [facilitator(number, "070101" if number % 2 else "090101") for number in range(4, 64)]
    scores = [
        assessment(int(one["facilitator_id"][1:]), stage, 2 + (stage != "before_training"), score_knowledge=3)
        for one in (*few, *many)
        for stage in ("before_training", "after_training")
    ]
    with modelled({"facilitators": [*few, *many], "facilitator_assessments": scores}, tmp_path) as connection:
        small_groups.hide_small_groups(connection)
        marts.run_audits(connection)
        by_question = connection.sql(
            "select topic, count(*) as cells from privacy.hidden_cells where fact = 'assessments' group by topic"
        ).fetchall()
        places = {place for _, place, *_ in hidden_cells(connection, "assessments")}
    assert {topic for topic, _ in by_question} == {"confidence", "knowledge"} and len({cells for _, cells in by_question}) == 1
    assert "11" in places and len(places) > 1, "a province alone would be the programme less the others"


@pytest.mark.parametrize("fact", ["facilitators", "assessments"])
def test_no_cell_about_facilitators_is_finer_than_province_and_quarter(fact: str) -> None:
    lattice = LATTICES[fact]
    assert lattice.place_levels == ("province", "programme") and lattice.periods == ("quarter", "year")


# -- measures ----------------------------------------------------------------------------------------------------------------

JAN, APR, JUN = date(2024, 1, 1), date(2024, 4, 1), date(2024, 6, 1)


def came(commune: str, month: date, women: int, men: int, topic: str = "health", **more: Any) -> dict[str, Any]:
    counts = {"participants": women + men, "participants_female": women, "participants_male": men}
    groups = {"participants_youth": 10, "youth_known": women + men, "minority_known": 0, "participants_minority": 0}
    return {"commune_code": commune, "month": month, "session_topic": topic, "sessions": 1, **counts, **groups, **more}


def planned(commune: str, month: date, topic: str, planned: int, kept: int, cancelled: int, held: int) -> dict[str, Any]:
    counts = {"planned": planned, "planned_held": kept, "planned_cancelled": cancelled, "held": held}
    return {"commune_code": commune, "month": month, "session_topic": topic, **counts}


def scored(stage: str, scores: dict[float, int], question: str = "confidence", province: str = "07") -> list[dict[str, Any]]:
    return [
        {
            "province_code": province,
            "assessment_stage": stage,
            "assessment_question": question,
            "month": JAN,
            "score_pct": pct,
            "facilitators": n,
        }
        for pct, n in scores.items()
    ]


ROWS = {
    "marts.agg_outreach": [
        came("070101", JAN, 60, 40), came("070101", APR, 30, 20, "budget"), came("070201", JAN, 20, 20), came("090101", JUN, 15, 25),
    ],
    "marts.agg_outreach_sessions": [
        planned("070101", JAN, "health", 4, 3, 1, 3), planned("090101", JUN, "budget", 2, 1, 0, 5),
    ],
    "marts.agg_facilitator_network": [
        {"province_code": code[:2], "district_code": code[:4], "commune_code": code, "month": month, "is_operational": is_up}
        for code, month, is_up in (
            ("070101", JAN, False), ("070101", APR, True), ("070201", JAN, True), ("070201", APR, True), ("090101", APR, False),
        )
    ],
    "marts.agg_facilitators": [
        {"province_code": province, "month": JAN, "facilitators": count} for province, count in (("07", 24), ("09", 8))
    ],
    "marts.agg_facilitator_assessments": [
        *scored("before_training", {0: 5, 25: 10, 50: 10, 75: 5}), *scored("after_training", {25: 2, 50: 8, 75: 15, 100: 5}),
        *scored("before_training", {25: 4, 50: 4}, "knowledge"), *scored("after_training", {50: 20}, "knowledge"),
    ],
    "marts.dim_covered_month": [
        {"province_code": "07", "district_code": "0701", "commune_code": "070101", "month": date(2024, month, 1)} for month in range(1, 13)
    ],
    "marts.dim_population": [{"commune_code": code, "year": 2024, "population": 2000} for code in ("070101", "070201")],
    "marts.dim_coverage": [{"commune_code": "070101", "start_date": JAN}],
    "privacy.hidden_cells": [
        hidden("outreach", "0702", "year", JAN),
        hidden("outreach", "07", "year", JAN, attribute="sex", value="f"),
    ],
}  # fmt: skip


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    yield small_warehouse.publish(tmp_path, ROWS)


@pytest.fixture
def demonstration(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    build = current_build()
    assert build is not None
    return build.build_id


def answer(metric: str, by: str = "", build_id: str | None = None, **where: str) -> dict[str, Any]:
    """The measure by the value of a breakdown: a rounded number, or the status of a cell that is not shown."""
    table = ask(Query((metric,), by=(by,) if by else (), where=Filters(**where)), build_id).table
    keys = [column for column in table.columns if not column.startswith(metric)] or [""]
    rows = table.to_dict("records")
    return {
        str(row.get(keys[0], "")): round(row[metric], 1) if row[f"{metric}_status"] == "shown" else row[f"{metric}_status"] for row in rows
    }


def test_sessions_are_counted_by_place_and_topic(few: str) -> None:
    assert answer("sessions_planned", "province") == {"07": 4, "09": 2}
    assert answer("sessions_held", "session_topic") == {"budget": 5, "health": 3}
    assert answer("sessions_held_pct") == {"": 66.7}
    assert answer("sessions_held_pct", session_topic="health") == {"": 75}


def test_participants_are_hidden_where_the_build_hid_them(few: str) -> None:
    assert answer("participants", "province") == {"07": 190, "09": 40}
    assert answer("participants", "district") == {"0701": 150, "0702": "hidden", "0901": 40}
    assert answer("participants", "sex") == {"f": 125, "m": 105}
    assert answer("participants", session_topic="budget") == {"": 50}


def test_a_share_of_a_group_is_hidden_with_the_group(few: str) -> None:
    assert answer("participants_women_pct") == {"": 54.3}
    assert answer("participants_women_pct", "province") == {"07": "hidden", "09": 37.5}
    assert answer("participants_youth_pct", province="09") == {"": 25}
    assert answer("participants_minority_pct") == {"": "no_data"}, "nobody wrote it down"


def test_shares_of_participants_are_never_told_below_the_province(few: str) -> None:
    assert set(answer("participants_women_pct", "commune").values()) == {"hidden"}
    with pytest.raises(Problem, match="by month"):
        ask(Query(("participants_women_pct",), period="month"))


def test_months_without_a_session_count_as_nobody_reached(few: str) -> None:
    # 150 participants in half a year of 2,000 people; 070201 was not covered and counts its one month with a session
    assert answer("participants_per_1000_people", "commune") == {"070101": 150, "070201": 240, "090101": "no_data"}
    assert answer("participants_per_1000_people", "session_topic", commune="070101") == {"budget": 50, "health": 100}


def test_of_a_period_the_network_is_counted_at_its_end(few: str) -> None:
    assert answer("communes_with_network") == {"": 2}
    assert answer("communes_with_network", month_to="2024-01") == {"": 1}
    by_quarter = ask(Query(("communes_with_network", "network_operational_pct"), period="quarter")).table
    assert by_quarter["communes_with_network"].tolist() == [1, 2]
    by_year = ask(Query(("network_operational_pct",), by=("province",), period="year")).table
    assert by_year["network_operational_pct_n"].tolist() == [2, 1], "communes, not commune-months"


def test_fewer_than_ten_facilitators_are_not_told(few: str) -> None:
    assert answer("facilitators_trained", "province") == {"07": 24, "09": "hidden"}
    assert answer("facilitators_strong_pct", "assessment_stage", assessment_question="confidence") == {
        "after_training": 66.7, "before_training": 16.7,
    }  # fmt: skip
    assert answer("facilitators_assessed", "assessment_stage", assessment_question="knowledge")["before_training"] == "hidden"


@pytest.mark.parametrize("metric", ["facilitators_assessed", "facilitators_strong_pct"])
@pytest.mark.parametrize("by", ["", "province", "assessment_question"])
def test_nothing_is_told_of_all_stages_together(metric: str, by: str, few: str) -> None:
    """Each facilitator counts once a stage, so five asked twice would look like ten."""
    with pytest.raises(Problem, match="without assessment stage"):
        answer(metric, by)
    assert answer(metric, by, assessment_stage="before_training", assessment_question="confidence")


def test_growth_is_told_question_by_question_for_ten_on_each_side(few: str) -> None:
    found = growth.growth(few)
    assert [(each.question, each.stage, each.n_before, each.n_later) for each in found] == [("confidence", "after_training", 30, 30)]
    # by hand: P(after > before) + P(equal) / 2 over 30 x 30 pairs = (2 x 10 + 8 x 20 + 15 x 27.5 + 5 x 30) / 900
    assert round(found[0].chance_pct, 1) == 82.5
    assert found[0].low_pct > 50 and found[0].is_clear
    assert growth.growth(few, "09") == ()


def test_communes_without_a_session_had_none_in_the_year_that_the_page_tells_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data end in October: the newest year is the four quarters to September, for the list as for the page's first sentence."""
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    first = date(2023, 10, 1)
    covered = [
        {"commune_code": code, "start_date": start, "end_date": end}
        for code, start, end in (("070101", date(2023, 1, 1), None), ("070102", first, None), ("070201", date(2023, 10, 2), None),
                                 ("090101", date(2022, 1, 1), date(2024, 3, 1)))
    ]  # fmt: skip
    period = {"data_from": date(2023, 1, 1), "data_to": date(2024, 10, 31), "first_incomplete_month": date(2024, 11, 1)}
    found = []
    for month in (date(2023, 9, 1), first, date(2024, 10, 1)):  # the month before, the first of the year, the one after it
        sessions = [planned("070101", month, "health", 1, 1, 0, 1)]
        rows = {"marts.dim_coverage": covered, "marts.agg_outreach_sessions": sessions, "marts.dim_data_period": [period]}
        build_id = small_warehouse.publish(tmp_path, rows, data_to=date(2024, 10, 31))
        found.append(registers.communes_without_session(build_id)["commune_code"].tolist())
    assert found == [["070101", "070102"], ["070102"], ["070102"]]
    assert registers.newest_year(build_id) == (first, date(2024, 9, 30))


@pytest.mark.parametrize(
    ("data_to", "year"),
    [
        (date(2024, 12, 30), (date(2023, 10, 1), date(2024, 9, 30))),
        (date(2024, 12, 31), (date(2024, 1, 1), date(2024, 12, 31))),
    ],
)
def test_a_quarter_that_the_data_cover_to_its_last_day_is_over(
    data_to: date, year: tuple[date, date], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    assert registers.newest_year(small_warehouse.publish(tmp_path, {}, data_to=data_to)) == year


# -- every breakdown, and the story ----------------------------------------------------------------------------------------------


def breakdowns() -> list[tuple[str, str]]:
    return [
        (metric.name, by)
        for metric in catalogue()
        if metric.fact.name in NEW
        for by in metric.fact.dimensions
        if metric.fact.counted_again_by in (None, by)
        and not (by in metric.fact.attributes and (metric.spends or isinstance(metric.kind, PerThousandPeople)))
    ]


@pytest.mark.parametrize(("metric", "by"), breakdowns())
def test_every_measure_answers_every_breakdown_of_the_demonstration(metric: str, by: str, demonstration: str) -> None:
    table = ask(Query((metric,), by=(by,), period="year")).table
    assert len(table) > 0
    assert table[[f"{by}_code" if by in PLACES else by]].notna().all(axis=None)


def test_only_a_demonstration_tells_the_scores_of_the_facilitator_of_the_story(
    demonstration: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = story.facilitator_scores(demonstration)
    confidence = told[told["assessment_question"] == "confidence"]["score"].tolist()
    assert confidence[:2] == [2, 4] and confidence == sorted(confidence)
    path = current_build().path  # type: ignore[union-attr]
    (tmp_path / "warehouse").mkdir()
    shutil.copy(path, tmp_path / "warehouse" / "2026-01-01a.duckdb")
    with duckdb.connect(str(tmp_path / "warehouse" / "2026-01-01a.duckdb")) as connection:
        connection.execute("update quality.build set is_demonstration = false, build_id = '2026-01-01a'")
    (tmp_path / "warehouse" / "CURRENT").write_text("2026-01-01a")
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    assert story.facilitator_scores("2026-01-01a").empty, "the same records in a real build are told to nobody"


def test_a_build_from_before_facilitators_were_asked_tells_no_scores(few: str) -> None:
    assert story.facilitator_scores(few).empty


# -- charts ------------------------------------------------------------------------------------------------------------------


def test_growth_is_told_in_words_and_never_from_few(few: str) -> None:
    around = Around({"confidence": "Confidence"}, date(2024, 12, 31))
    assert "1 of 1 questions, most in confidence: higher than before in 83 of 100" in finding(growth.growth(few), around)
    assert "Too few facilitators" in finding((), around)


def test_measures_beside_each_other_keep_the_place_of_a_hidden_one(few: str) -> None:
    result = ask(Query(("participants_women_pct", "participants_youth_pct"), where=Filters(province="07")))
    drawn = beside(result, Around({"07": "Kampot"}, date(2024, 12, 31)), title="Who comes").drawing
    assert isinstance(drawn, Rows)
    assert [(row.name, bool(row.beads)) for row in drawn.rows] == [("Women", False), ("Young people", True)]
    assert drawn.rows[0].note == "Hidden to protect small groups"
