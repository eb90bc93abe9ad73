"""Are records compared before and since the day an action was agreed, or the low score where none was, and told only what may be told?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_warehouse import days, hidden, publish
from test_actions import planned, scored

import warehouse
from metrics import since
from metrics.follow_through import NO_RECORD, follow_through
from stats.verdict import Why, Word

MONTHS = [date(2021 + number // 12, number % 12 + 1, 1) for number in range(48)]
AGREED = date(2023, 7, 1)
SCORED = date(2023, 5, 20)
EARLIER = date(2022, 1, 1)
PLACE = "070101"
CATEGORIES = [
    {"category": "time", "measure": "median_processing_days"},
    {"category": "fee", "measure": "over_fee_pct"},
    {"category": "opening_hours", "measure": "visits_per_facility_month"},
]


def over(month: date, better_from: date | None) -> int:
    """Of 40 who paid, how many paid too much: about 20, and about 6 once it is better."""
    usual = 6 if better_from and month >= better_from else 20
    return usual + (-1, 1, 0, 2, -2, 0, 1)[(month.year * 12 + month.month) % 7]


def build(
    folder: Path, better_from: date | None, agreed: date | None = AGREED, changed: dict[date, int] | None = None, **more: Any
) -> str:
    """A commune that the programme came to in 2021, in which fees get better from a day on; scored low in May 2023, agreed on in July."""
    counts = {month: over(month, better_from) for month in MONTHS} | (changed or {})
    rows: dict[str, list[dict[str, Any]]] = {
        "marts.dim_coverage": [{"commune_code": PLACE, "start_date": EARLIER}],
        "marts.dim_data_period": [{"data_from": MONTHS[0], "data_to": date(2024, 12, 31), "first_incomplete_month": date(2025, 1, 1)}],
        "marts.dim_category": CATEGORIES,
        "marts.scored_criteria": [scored(2023, 30, PLACE, "fee", scored_date=SCORED)],
        "marts.agg_requests": [
            {"commune_code": PLACE, "service_code": "birth", "month": month, "requests": 40, "fee_known": 40, "fee_over": counts[month]}
            for month in MONTHS
        ],
        "marts.dim_action": [planned("A", 2023, "completed", category="fee", commune_code=PLACE, agreed_date=agreed)] if agreed else [],
    }
    return publish(folder, rows | more)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    return tmp_path


def row(build_id: str) -> dict[str, Any]:
    found = warehouse.read(f"select * from {since.TABLE}", build_id=build_id)
    assert len(found) == 1
    return dict(found.iloc[0])


def test_a_record_is_better_since_the_action_where_it_changed_with_it(here: Path) -> None:
    found = row(build(here, AGREED))
    assert (found["since"].date(), found["metric"], found["word"]) == (AGREED, "over_fee_pct", Word.IMPROVEMENT)
    assert (found["months_before"], found["months_after"]) == (24, 18)  # 24 at most, from July 2021 on
    assert found["before"] == pytest.approx(100 * np.mean([over(month, None) for month in MONTHS[6:30]]) / 40)


def test_what_was_better_long_before_the_action_is_not_better_since(here: Path) -> None:
    """The commune's own verdict since the programme came is improvement; since the action nothing changed."""
    build_id = build(here, EARLIER)
    whole = warehouse.read("select word from marts.verdicts where metric = 'over_fee_pct' and service_code = '*'", build_id=build_id)
    assert whole["word"].tolist() == [Word.IMPROVEMENT]
    late = build(here, date(2021, 6, 1))  # all of the 24 months before July 2023 are as good
    assert row(late)["word"] == Word.NO_CLEAR_CHANGE
    found = follow_through(late)
    assert found is not None and (found.done, found.answered, found.improved) == (1, 1, 0)


def test_without_an_action_the_record_is_compared_since_the_low_score(here: Path) -> None:
    found = follow_through(build(here, SCORED.replace(day=1), agreed=None))
    assert found is not None
    case = found.cases.iloc[0]
    assert (case["since"].date(), case["record"], case["months_after"]) == (SCORED, Word.IMPROVEMENT, 19)  # May itself is on neither side
    assert (found.judged_with.cases, found.judged_without.cases, found.judged_without.improved) == (0, 1, 1)


def test_too_few_months_since_the_action_are_not_judged(here: Path) -> None:
    found = row(build(here, date(2024, 8, 1), agreed=date(2024, 8, 1)))
    assert (found["word"], found["why"], found["before"]) == (Word.CANNOT_TELL, Why.FEW_MONTHS_AFTER, pytest.approx(np.nan, nan_ok=True))


def test_what_a_hidden_month_holds_changes_nothing(here: Path) -> None:
    """Two months in no shown cell, before the action and since: whatever they hold, words, figures and limits stay as they are."""
    months = [date(2022, 11, 1), date(2024, 2, 1)]
    periods = [("month", month) for month in months] + [("quarter", date(2022, 10, 1)), ("quarter", date(2024, 1, 1))]
    periods += [("year", date(2022, 1, 1)), ("year", date(2024, 1, 1))]
    cells = [hidden(fact, PLACE, period, start, service_code="*") for fact in ("requests", "usage") for period, start in periods]
    kinds = {"fee": "commune_hall", "time": "commune_hall", "opening_hours": "health_centre"}
    scores = [scored(2023, 30, PLACE, name, scored_date=SCORED, facility_type=kind) for name, kind in kinds.items()]
    report = {"commune_code": PLACE, "facility_id": "HC", "service_code": "opd", "is_expected": True, "is_reported": True}
    told = []
    for changed in ({}, dict.fromkeys(months, 40), dict.fromkeys(months, 1)):
        counts = {month: over(month, AGREED) for month in MONTHS} | changed
        more: dict[str, Any] = {
            "privacy.hidden_cells": cells,
            "marts.scored_criteria": scores,
            "marts.dim_action": [
                planned(name, 2023, "completed", category=name, facility_type=kind, agreed_date=AGREED) for name, kind in kinds.items()
            ],
            "marts.dim_facility": [{"facility_id": "HC", "facility_type": "health_centre", "commune_code": PLACE}],
            "marts.dim_register": [{"office_id": PLACE, "register_from": MONTHS[0], "register_to": date(2024, 12, 31)}],
            "marts.agg_processing_days": [
                each
                for month, count in counts.items()
                for each in days(PLACE, month, {(count, "completed"): 20, (count + 1, "completed"): 19, (200, "open"): 1})
            ],
            "marts.agg_usage": [
                {**report, "month": month, "visits": 10 * count} for month, count in counts.items()
            ],
        }
        build_id = build(here, AGREED, changed=changed, **more)
        told.append(warehouse.read(f"select * from {since.TABLE} order by metric", build_id=build_id))
    assert told[0]["metric"].tolist() == ["median_processing_days", "over_fee_pct", "visits_per_facility_month"]
    assert told[0]["word"].tolist() == [Word.IMPROVEMENT, Word.IMPROVEMENT, Word.CONCERN]
    assert told[0].equals(told[1]) and told[0].equals(told[2])
    assert told[0]["months_before"].tolist() == [23, 23, 23]
    assert told[0]["months_after"].tolist() == [16, 17, 17]  # the newest requests are too young to tell how long they take


def test_nothing_is_judged_where_all_months_are_hidden(here: Path) -> None:
    cells = [hidden("requests", PLACE, "month", month, service_code="*") for month in MONTHS]
    cells += [hidden("requests", PLACE, "quarter", month, service_code="*") for month in MONTHS[::3]]
    cells += [hidden("requests", PLACE, "year", month, service_code="*") for month in MONTHS[::12]]
    found = row(build(here, AGREED, **{"privacy.hidden_cells": cells}))
    assert (found["word"], found["why"]) == (Word.CANNOT_TELL, Why.HIDDEN)


def test_a_record_of_other_kinds_of_facility_answers_none(here: Path) -> None:
    """Fees stand in the registers of halls; of a health centre's fees there is no record, though the commune's own was judged."""
    kinds = ("commune_hall", "health_centre")
    scores = [scored(2023, 30, PLACE, "fee", scored_date=SCORED, facility_type=kind) for kind in kinds]
    found = follow_through(build(here, AGREED, **{"marts.scored_criteria": scores}))
    assert found is not None
    told = found.cases.set_index("facility_type")
    assert told.loc["commune_hall", "record"] != NO_RECORD and told.loc["commune_hall", "is_own_record"]
    assert told.loc["health_centre", "record"] == NO_RECORD and np.isnan(told.loc["health_centre", "before"])


def test_two_days_of_one_commune_are_each_compared_with_what_was_before_them(here: Path) -> None:
    later = date(2024, 3, 1)
    scores = [scored(2023, 30, PLACE, "fee", scored_date=SCORED), scored(2024, 30, PLACE, "fee", scored_date=date(2024, 1, 20))]
    agreed = [
        planned(name, cycle, "completed", category="fee", agreed_date=day) for name, cycle, day in (("A", 2023, AGREED), ("B", 2024, later))
    ]
    build_id = build(here, AGREED, **{"marts.scored_criteria": scores, "marts.dim_action": agreed})
    found = follow_through(build_id)
    assert found is not None
    assert dict(zip(found.cases["cycle"], found.cases["record"], strict=True))[2023] == Word.IMPROVEMENT
    figures = found.cases.set_index("cycle")
    assert figures.loc[2024, "before"] < figures.loc[2023, "before"] - 10  # its months before hold good ones since July
    assert (figures["months_before"] == 24).all()
