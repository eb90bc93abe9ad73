"""Is every measure declared so that a person, a page and a build can use it?"""

from __future__ import annotations

import pytest

from metrics import catalogue, docs
from metrics.__main__ import main
from metrics.definitions import actions
from metrics.model import Catalogue, Metric
from text import keys
from warehouse import Problem

EVERY = list(catalogue())
NAMES = {
    "requests", "open_requests", "overdue_requests", "median_processing_days", "p90_processing_days", "within_standard_pct",
    "documents_complete_pct", "over_fee_pct", "visits", "reporting_completeness_pct", "visits_per_facility_month", "visits_per_1000_people",
    "answers", "satisfied_pct", "unofficial_payment_pct", "sessions_planned", "sessions_held", "sessions_cancelled", "sessions_held_pct",
    "participants", "participants_women_pct", "participants_youth_pct", "participants_minority_pct", "participants_disability_pct",
    "participants_per_1000_people", "communes_with_network", "network_operational_pct", "facilitators_trained", "facilitators_assessed",
    "facilitators_strong_pct", "rows_read", "rows_set_aside", "rows_superseded", "rows_deleted",
    "good_score_pct", "low_score_pct", "good_self_score_pct", "scorecard_meetings", "scoring_people", "scoring_women_pct",
    "actions_agreed", "actions_completed_pct", "actions_completed_or_ongoing_pct", "actions_done_within_year_pct", "open_actions",
    "overdue_actions", "actions_overdue_pct", "median_action_days", "actions_carried_over_pct", "action_cost_riel", "cycles", "full_cycles",
    "full_cycles_pct", "communes_three_full_cycles", "communes_three_full_cycles_pct", "three_full_cycles_by_then_pct", "stalled_communes",
    "within_promise_pct", "over_promised_fee_pct", "one_visit_pct", "referred_pct", "referred_to_police_pct", "delivered_home_pct",
    "pupils_per_school", "pupil_attendance_pct", "teacher_presence_pct", "school_reports_pct",
}  # fmt: skip


def test_every_promised_measure_is_there() -> None:
    assert {metric.name for metric in EVERY} == NAMES


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.name)
def test_a_measure_says_what_it_is(metric: Metric) -> None:
    assert metric.label and metric.unit
    assert metric.definition.endswith(".")
    assert metric.caveat == "" or metric.caveat.endswith(".")
    assert metric.better in ("higher", "lower", None)
    assert metric.name.endswith("_pct") == (metric.unit == "%")
    assert metric.name.endswith("_days") == (metric.unit == "days")


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.name)
def test_a_measure_has_a_khmer_name(metric: Metric) -> None:
    assert f"metric.{metric.name}.label" in keys("km")


def test_two_measures_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="Two measures"):
        Catalogue((EVERY[0], EVERY[0]))


def test_a_misspelt_measure_is_answered_with_the_nearest() -> None:
    with pytest.raises(Problem) as caught:
        catalogue()["median_procesing_days"]
    assert caught.value.action == "Did you mean median_processing_days?"


def test_only_figures_about_offices_plans_and_files_are_told_without_hiding() -> None:
    assert {metric.name for metric in EVERY if metric.fact.hidden_as is None} == {
        "reporting_completeness_pct", "school_reports_pct", "rows_read", "rows_set_aside", "rows_superseded", "rows_deleted",
        "sessions_planned", "sessions_held", "sessions_cancelled", "sessions_held_pct", "communes_with_network", "network_operational_pct",
        "good_self_score_pct", "scorecard_meetings",
        *(metric.name for metric in actions.METRICS),
    }  # fmt: skip


def test_the_page_of_measures_is_up_to_date() -> None:
    assert (docs._DOCS / "measures.md").read_text(encoding="utf-8") == docs.measures()


def test_the_command_line_lists_and_shows_measures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert "median_processing_days" in capsys.readouterr().out
    assert main(["show", "satisfied_pct"]) == 0
    assert "75 %" in capsys.readouterr().out
    assert main(["show", "satisfied"]) == 2
    assert "Did you mean" in capsys.readouterr().err
