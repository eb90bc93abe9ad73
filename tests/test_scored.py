"""Are the measures of scorecards right by hand, by every dimension, and silent where few scored?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_warehouse
from small_warehouse import hidden

from metrics import catalogue
from metrics.query import Filters, Query, ask
from metrics.scored import Change, changes, gaps, spreads
from stats.ratings import probability_of_superiority, superiority_among_clusters

MEASURES = ("good_score_pct", "low_score_pct", "good_self_score_pct", "scorecard_meetings", "scoring_people", "scoring_women_pct")
CATEGORIES = [{"category": code, "category_en": code, "sort_order": number} for number, code in enumerate(("time", "fee"))]


def scores(
    commune: str, month: date, fifths: tuple[int, int, int, int, int], people: int, category: str = "time", **more: Any
) -> dict[str, Any]:
    """One row of agg_scorecards: so many meetings in each fifth of the scale; the fourth and fifth are good, the two lowest low."""
    return {
        "commune_code": commune,
        "facility_type": "commune_hall",
        "category": category,
        "month": month,
        "meetings": sum(fifths),
        "people": people,
        "good": fifths[3] + fifths[4],
        "low": fifths[0] + fifths[1],
        **{f"fifth_{number}": count for number, count in enumerate(fifths, 1)},
        **more,
    }


def self_scores(commune: str, month: date, meetings: int, good: int, category: str = "time") -> dict[str, Any]:
    row = {"commune_code": commune, "facility_type": "commune_hall", "category": category, "month": month}
    return {**row, "meetings": meetings, "good": good, "low": 0}


def came(commune: str, month: date, meetings: int, attendees: int, women: int | None) -> dict[str, Any]:
    row = {"commune_code": commune, "facility_type": "commune_hall", "month": month, "meetings": meetings, "attendees": attendees}
    return {**row, "attendees_female": women, "attendees_known": None if women is None else attendees}


ROWS = {
    "marts.dim_category": CATEGORIES,
    "marts.dim_coverage": [{"commune_code": "070101", "partner_id": "P1", "start_date": date(2023, 1, 1)}],
    "marts.agg_scorecards": [
        scores("070101", date(2023, 2, 1), (4, 4, 2, 0, 0), 250),
        scores("070101", date(2024, 2, 1), (0, 1, 1, 4, 6), 300),
        scores("070101", date(2024, 2, 1), (0, 2, 2, 2, 0), 150, "fee"),
        scores("070102", date(2024, 2, 1), (0, 1, 0, 0, 0), 9),
        scores("090101", date(2024, 5, 1), (0, 0, 0, 3, 0), 60, facility_type="health_centre"),
    ],
    "marts.agg_scorecards_provider": [
        self_scores("070101", date(2024, 2, 1), 20, 20),
        self_scores("070101", date(2024, 2, 1), 3, 1, "fee"),
    ],
    "marts.agg_scorecard_meetings": [
        came("070101", date(2023, 2, 1), 10, 250, 150),
        came("070101", date(2024, 2, 1), 12, 300, 180),
        came("070102", date(2024, 2, 1), 1, 9, None),
    ],
    "privacy.hidden_cells": [
        hidden("scores", "070102", "year", date(2024, 1, 1), topic=topic, service_code=service)
        for topic in ("time", "fee")
        for service in ("*", "commune_hall")
    ],
}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("scored")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMUNE_PULSE_DATA", str(folder))
        yield small_warehouse.publish(folder, ROWS)


def row(build_id: str, name: str, **where: str) -> dict[Any, Any]:
    """The one row of a measure in a choice."""
    (found,) = ask(Query((name,), where=Filters(**where)), build_id).table.to_dict("records")
    return found


def test_a_share_counts_meetings_and_its_interval_too(build: str) -> None:
    # of 12 meetings about time in 2024, 10 are good; Wilson for 10 of 12 is 55 to 95
    found = row(build, "good_score_pct", commune="070101", category="time", month_from="2024-01")
    assert (round(found["good_score_pct"], 1), found["good_score_pct_n"]) == (83.3, 12)
    assert (round(found["good_score_pct_low"]), round(found["good_score_pct_high"])) == (55, 95)


def test_few_meetings_of_many_people_are_told(build: str) -> None:
    found = row(build, "low_score_pct", commune="070101", category="fee")
    assert (round(found["low_score_pct"], 1), found["low_score_pct_n"], found["low_score_pct_status"]) == (33.3, 6, "shown")


def test_a_meeting_of_nine_is_hidden_and_so_is_whatever_rests_on_it_alone(build: str) -> None:
    for where in ({"commune": "070102"}, {"commune": "070102", "facility_type": "commune_hall"}):
        assert row(build, "good_score_pct", month_from="2024-01", **where)["good_score_pct_status"] == "hidden"
    assert row(build, "scoring_people", commune="070102")["scoring_people_status"] == "hidden"
    assert row(build, "scorecard_meetings", commune="070102")["scorecard_meetings"] == 1  # that it was held is no secret


def test_several_categories_of_one_meeting_do_not_make_the_interval_narrower(build: str) -> None:
    both = row(build, "good_score_pct", commune="070101", month_from="2024-01")
    assert both["good_score_pct_n"] == 18
    assert both["good_score_pct_high"] - both["good_score_pct_low"] > 40  # as of 9 meetings: 2 categories


def test_women_are_counted_where_the_meeting_wrote_it(build: str) -> None:
    assert row(build, "scoring_women_pct", province="07")["scoring_women_pct"] == pytest.approx(60)


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_answers_by_every_dimension_it_declares(build: str, name: str) -> None:
    metric = catalogue()[name]
    for dimension in metric.fact.dimensions:
        if dimension == metric.spends:
            continue
        for period in (None, "quarter", "year"):
            table = ask(Query((name,), by=(dimension,), period=period), build).table
            assert len(table), (dimension, period)
            assert set(table[f"{name}_status"]) <= {"shown", "hidden", "no_data", "low", "high"}


def test_a_spread_holds_the_meetings_of_each_category_that_may_be_told(build: str) -> None:
    found = spreads(Filters(commune="070101", month_from="2024-01"), build)
    assert [(each.topic, each.answers) for each in found] == [("fee", 6), ("time", 12)]
    assert found[1].shares_pct == pytest.approx((0, 100 / 12, 100 / 12, 400 / 12, 50))
    assert spreads(Filters(commune="070102"), build) == []


def test_the_gap_is_provider_minus_citizen_with_its_limits(build: str) -> None:
    time, fee = gaps(Filters(commune="070101", month_from="2024-01"), build)
    assert (time.category, round(time.citizens, 1), time.providers, round(time.points, 1)) == ("time", 83.3, 100, 16.7)
    assert time.low < time.points < time.high and not time.is_sure  # Newcombe for 10 of 12 and 20 of 20
    # Wilson: 55.2 to 95.3 and 83.9 to 100; 16.7 - hypot(16.1, 12.0) = -3.4, 16.7 + hypot(0, 28.1) = 44.8
    assert (round(time.low, 1), round(time.high, 1)) == (-3.4, 44.8)
    assert (fee.category, fee.points) == ("fee", pytest.approx(0))


def test_a_rise_is_told_commune_by_commune_where_both_years_have_enough(build: str) -> None:
    # by hand: of 10 x 12 pairs, each newest score against each first one, ties half
    first, newest = (4, 4, 2, 0, 0), (0, 1, 1, 4, 6)
    wins = sum(a * b * (1.0 if j > i else 0.5 if j == i else 0.0) for i, a in enumerate(first) for j, b in enumerate(newest))
    (found,) = changes(Filters(), build)
    assert (found.category, found.first, found.newest, found.communes) == ("time", 10, 12, 1)
    assert found.chance_pct == pytest.approx(100 * wins / 120)
    assert isinstance(found, Change) and found.low > 50 and found.is_sure
    assert changes(Filters(commune="070102"), build) == []
    assert changes(Filters(facility_type="health_centre"), build) == []


def test_limits_of_a_change_count_communes_and_not_their_meetings() -> None:
    first, newest = np.array([[3, 1, 0], [1, 2, 1], [2, 1, 1], [0, 2, 2]]), np.array([[1, 1, 2], [0, 1, 3], [2, 2, 0], [0, 1, 3]])
    once, often = superiority_among_clusters(first, newest), superiority_among_clusters(9 * first, 9 * newest)
    assert (float(often.low), float(often.high)) == pytest.approx((float(once.low), float(once.high)))
    assert often.low < probability_of_superiority(9 * first.sum(axis=0), 9 * newest.sum(axis=0)).low


def test_limits_among_communes_hold_the_truth_as_often_as_they_say_where_meetings_of_a_commune_are_alike() -> None:
    random = np.random.default_rng(7)
    steps = np.arange(1, 5) / 5
    held = {"communes": 0, "meetings": 0}
    for _ in range(400):  # no change in truth; each commune has its own level in each year
        level = random.normal(size=(2, 25, 1)) * 0.8
        fifth = np.searchsorted(steps, 1 / (1 + np.exp(-level - random.normal(size=(2, 25, 6)))))
        first, newest = (np.stack([(side == each).sum(axis=-1) for each in range(5)], axis=-1) for side in fifth)
        by_commune = superiority_among_clusters(first, newest)
        by_meeting = probability_of_superiority(first.sum(axis=0), newest.sum(axis=0))
        held["communes"] += bool(by_commune.low <= 0.5 <= by_commune.high)
        held["meetings"] += bool(by_meeting.low <= 0.5 <= by_meeting.high)
    assert held["communes"] / 400 > 0.92 > 0.85 > held["meetings"] / 400


def test_one_commune_alone_is_told_about_by_its_meetings() -> None:
    first, newest = np.array([[4, 4, 2]]), np.array([[1, 4, 6]])
    assert superiority_among_clusters(first, newest) == probability_of_superiority(first[0], newest[0])
