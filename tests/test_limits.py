"""Which months set the limits of a trend, which are judged by them, and what is never judged?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import small_warehouse
from small_warehouse import days, hidden

from metrics.export import to_csv, to_xlsx
from metrics.limits import State, Trend, TrendResult, answer, can_adjust
from metrics.query import Filters, Query

MONTHS = [date(2022 + number // 12, number % 12 + 1, 1) for number in range(36)]
Rows = dict[str, list[dict[str, Any]]]
BIRTH = Filters(service="birth")


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    return lambda made, **more: small_warehouse.publish(tmp_path, made, **more)


def starts(**communes: date) -> Rows:
    return {"marts.dim_coverage": [{"commune_code": code[1:], "start_date": day} for code, day in communes.items()]}


def visits(values: list[int | None], commune: str = "070101", first: int = 0) -> list[dict[str, Any]]:
    """One facility's monthly reports; None: no report came."""
    return [
        {"commune_code": commune, "facility_id": f"F{commune}", "service_code": "anc", "month": month, "is_expected": True,
         "is_reported": value is not None, "visits": value}
        for month, value in zip(MONTHS[first:], values, strict=False)
    ]  # fmt: skip


def use(where: Filters | None = None, **chosen: bool) -> TrendResult:
    return answer(
        Trend.of(Query(("visits_per_facility_month", "reporting_completeness_pct"), period="month", where=where or Filters()), **chosen)
    )


def signals(found: TrendResult) -> list[str]:
    return list(found.table[f"{found.metrics[0].name}_signal"])


def test_the_24_months_before_the_start_set_the_limits_and_the_months_after_are_judged(publish: Any) -> None:
    publish(
        {**starts(c070101=date(2024, 6, 10)), "marts.agg_usage": visits([100] * 5 + [100, 110] * 12 + [90, 140, 100, 110, 100, 90, 105])}
    )
    found = use()
    usual = found.usual
    assert (usual.state, usual.points, usual.since, usual.until) == (State.FIRM, 24, date(2022, 6, 1), date(2024, 5, 1))
    # ranges of 10 everywhere: 105 -/+ 2.66 x 10
    assert (usual.centre, round(usual.lower, 1), round(usual.upper, 1)) == (105, 78.4, 131.6)
    assert signals(found) == ["not_judged"] * 5 + ["sets_limits"] * 24 + ["not_judged", "outside_limits_up"] + ["usual"] * 5


def test_above_the_commune_the_first_commune_to_be_reached_ends_the_baseline(publish: Any) -> None:
    made = visits([100, 110] * 18) + visits([100, 110] * 18, "070102")
    publish({**starts(c070101=date(2023, 7, 1), c070102=date(2024, 7, 1)), "marts.agg_usage": made})
    assert (use().usual.start, use().usual.points, use().usual.communes) == (date(2023, 7, 1), 18, 2)
    assert use(Filters(commune="070102")).usual.start == date(2024, 7, 1)


def test_without_a_start_all_months_set_the_limits_and_are_judged(publish: Any) -> None:
    publish({"marts.agg_usage": visits([100, 110] * 10 + [150] + [100, 110] * 5)})
    found = use()
    assert (found.usual.start, found.usual.points) == (None, 31)
    assert signals(found).count("outside_limits_up") == 1 and "sets_limits" not in signals(found)


@pytest.mark.parametrize(("before", "state"), [(5, State.FEW), (9, State.TRIAL), (11, State.TRIAL), (12, State.FIRM)])
def test_short_baselines_give_trial_limits_or_none_and_judge_nothing(before: int, state: State, publish: Any) -> None:
    publish({**starts(c070101=MONTHS[before]), "marts.agg_usage": visits(([100, 110] * 6)[:before] + [500] * 10)})
    found = use()
    assert (found.usual.state, found.usual.points) == (state, before)
    assert ("outside_limits_up" in signals(found)) == (state == State.FIRM)
    assert found.table["visits_per_facility_month_upper_limit"].notna().all() == (state != State.FEW)


def test_a_month_without_a_report_or_with_few_of_them_neither_sets_limits_nor_is_judged(publish: Any) -> None:
    one, other = [100, 110] * 18, [100, 110] * 18
    one[3], one[30] = 900, 900
    made = visits(one) + visits([None if number in (3, 30) else value for number, value in enumerate(other)], "070102")
    publish({**starts(c070101=date(2024, 1, 1)), "marts.agg_usage": made})
    found = use()
    assert (found.usual.points, found.usual.centre) == (23, pytest.approx(105, abs=0.3))
    assert [signals(found)[number] for number in (3, 30)] == ["not_judged"] * 2


def test_a_hidden_month_is_a_gap(publish: Any) -> None:
    cells = [hidden("usage", "070101", "month", MONTHS[number]) for number in (4, 30)]
    values = [100, 110] * 12 + [100, 110, 100, 110, 100, 110, 500, 110]
    publish({**starts(c070101=date(2024, 1, 1)), "marts.agg_usage": visits(values), "privacy.hidden_cells": cells})
    found = use(Filters(commune="070101"))
    assert (found.usual.points, signals(found)[30]) == (23, "not_judged")


def test_the_months_chosen_do_not_move_the_limits(publish: Any) -> None:
    publish({**starts(c070101=date(2024, 1, 1)), "marts.agg_usage": visits([100, 110] * 12 + [140] * 12)})
    whole, part = use(), use(Filters(month_from="2024-03", month_to="2024-05"))
    assert len(part.table) == 3 and signals(part) == ["outside_limits_up"] * 3
    assert (part.usual.centre, part.usual.upper, part.usual.points) == (whole.usual.centre, whole.usual.upper, 24)


def test_a_baseline_that_shifted_by_itself_is_said_to_be_unsteady(publish: Any) -> None:
    publish({**starts(c070101=date(2024, 1, 1)), "marts.agg_usage": visits([100, 102] * 6 + [140, 142] * 6 + [140] * 12)})
    assert use().usual.is_unsteady
    publish({**starts(c070101=date(2024, 1, 1)), "marts.agg_usage": visits([100, 110] * 12 + [140] * 12)})
    assert not use().usual.is_unsteady


def test_few_visits_a_month_have_no_limits_and_a_baseline_that_never_moves_has_none(publish: Any) -> None:
    publish({**starts(c070101=date(2024, 1, 1)), "marts.agg_usage": visits([2, 4] * 18)})
    assert use().usual.state == State.SMALL
    publish({**starts(c070101=date(2024, 1, 1)), "marts.agg_usage": visits([100] * 24 + [140] * 12)})
    assert use().usual.state == State.FLAT and set(signals(use())) == {"not_judged"}


def test_visits_are_freed_of_the_time_of_year_from_24_months_on(publish: Any) -> None:
    season = [80, 90, 100, 110, 120, 100, 100, 100, 100, 100, 100, 100]
    made = [value + number % 2 * 10 for number, value in enumerate(season * 3)]
    publish({**starts(c070101=date(2024, 1, 1)), "marts.agg_usage": visits(made)})
    raw, free = use(), use(is_adjusted=True)
    assert free.usual.is_adjusted and "visits_per_facility_month_adjusted" not in raw.table
    # the same pattern every year: nothing but the average month is left
    assert free.table["visits_per_facility_month_adjusted"].round(6).nunique() == 1
    assert list(free.table["visits_per_facility_month"]) == made
    publish({"marts.agg_usage": visits(made[:23])})
    assert not use(is_adjusted=True).usual.is_adjusted
    assert not can_adjust(Query(("visits_per_facility_month",), period="month"))


def test_a_step_in_the_middle_of_the_months_does_not_pass_for_a_season(publish: Any) -> None:
    publish({**starts(c070101=date(2024, 1, 1)), "marts.agg_usage": visits([100] * 24 + [150] * 10)})
    adjusted = use(is_adjusted=True).table["visits_per_facility_month_adjusted"]
    assert adjusted.round(6).tolist() == [100] * 24 + [150] * 10


def counted(made: list[dict[str, Any]]) -> Rows:
    """The rows of both aggregates of requests."""
    months = {row["month"] for row in made}
    sums = [{"commune_code": "070101", "service_code": "birth", "month": month, "requests": 30} for month in sorted(months)]
    return {"marts.agg_processing_days": made, "marts.agg_requests": sums}


def test_requests_too_young_to_be_judged_are_provisional_and_completed_ones_alone_flatter(publish: Any) -> None:
    made: list[dict[str, Any]] = []
    for number, month in enumerate(MONTHS[:35]):
        made += days("070101", month, {(4, "completed"): 14, (20 + number % 2, "completed"): 16})
    made += days("070101", MONTHS[35], {(4, "completed"): 14, (10, "completed"): 4, (20, "open"): 12})
    cells = [hidden("requests", "070101", "month", MONTHS[7])]
    publish({**starts(c070101=date(2024, 1, 1)), **counted(made), "privacy.hidden_cells": cells})
    asked = Query(("median_processing_days",), period="month", where=Filters(commune="070101"))
    found = answer(Trend.of(asked, has_completed_only=True))
    table = found.table.set_index("period_start")
    assert found.usual.provisional == (MONTHS[35],) and signals(found)[35] == "not_judged"
    assert table["median_processing_days_completed_only"].isna()[MONTHS[7]]
    # 14 of the 18 completed requests of the newest month took four days, but of all 30 half were ready only on day 10
    assert table["median_processing_days"][MONTHS[35]] == 10
    assert table["median_processing_days_completed_only"][MONTHS[35]] == 4
    assert table["median_processing_days_completed_only"][MONTHS[0]] == 20


@pytest.mark.parametrize(("since", "expected"), [([3], "reliably"), ([3, 4], "sometimes"), ([8, 9], "not")])
def test_a_trend_of_one_service_is_held_against_its_target_by_the_months_since_the_start(
    publish: Any, since: list[int], expected: str
) -> None:
    made: list[dict[str, Any]] = []
    for number, month in enumerate(MONTHS):
        made += days("070101", month, {(20 if number < 18 else since[number % len(since)], "completed"): 20})
    official = {"metric": "median_processing_days", "service_code": "birth", "target": 3, "source": "by hand"}
    targets = [
        {**official, "target_id": "old", "valid_from": date(2020, 1, 1), "valid_to": date(2024, 7, 1)},
        {**official, "target_id": "new", "valid_from": date(2024, 7, 1)},
    ]
    publish({**starts(c070101=date(2023, 7, 1)), **counted(made), "marts.dim_target": targets})
    whole, one = (answer(Trend.of(Query(("median_processing_days",), period="month", where=where))) for where in (Filters(), BIRTH))
    assert whole.usual.target is None and whole.usual.reached is None
    assert one.usual.target is not None
    assert (one.usual.target.value, one.usual.target.since, one.usual.reached) == (3, date(2020, 1, 1), expected)


def test_whole_days_within_half_a_day_of_the_usual_level_are_no_run(publish: Any) -> None:
    made: list[dict[str, Any]] = []
    for number, month in enumerate(MONTHS):
        made += days("070101", month, {(12 if number >= 24 or number % 2 else 13, "completed"): 20})
    publish({**starts(c070101=date(2024, 1, 1)), **counted(made)})
    found = answer(Trend.of(Query(("median_processing_days",), period="month")))
    assert (found.usual.centre, found.usual.state) == (12.5, State.FIRM)
    assert set(signals(found)[24:35]) == {"usual"}


def test_downloads_carry_the_limits_and_what_stands_out(publish: Any) -> None:
    publish({**starts(c070101=date(2024, 1, 1)), "marts.agg_usage": visits([100, 110] * 12 + [140] * 12)})
    found = use()
    head, *lines = to_csv(found).decode("utf-8-sig").splitlines()
    columns = head.split(",")
    last = dict(zip(columns, lines[-1].split(","), strict=False))
    assert last["visits_per_facility_month_signal"] == "outside_limits_up" and last["visits_per_facility_month_centre"].startswith("105")
    assert {"visits_per_facility_month_lower_limit", "visits_per_facility_month_upper_limit"} <= set(columns)
    assert len(to_xlsx(found)) > 5000
