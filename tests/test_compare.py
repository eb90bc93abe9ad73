"""Before and after: who counts, what is compared, and how sure is the difference?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import small_warehouse
from small_warehouse import days, hidden

from metrics.compare import before_after, before_after_by_commune, before_after_by_service
from metrics.query import Filters
from warehouse import Problem

MONTHS = [date(2022 + number // 12, number % 12 + 1, 1) for number in range(36)]
AFTER = date(2023, 4, 1)  # the programme came in February 2023: the quarter of the start is on neither side
WINDOWS = {
    "start_date": date(2023, 2, 10), "before_from": date(2022, 1, 1), "before_to": date(2022, 12, 31), "after_from": AFTER,
    "after_to": date(2024, 3, 31),
}  # fmt: skip
COMMUNES = ("070101", "070102", "070201")


def rows(communes: tuple[str, ...] = COMMUNES) -> dict[str, list[dict[str, Any]]]:
    """Per commune and month: 20 requests taking 4 days less after, half met before and three quarters after, 100 then 120 visits."""
    made: dict[str, list[dict[str, Any]]] = {"marts.dim_coverage": [{"commune_code": code, **WINDOWS} for code in communes]}
    for code in communes:
        for month in MONTHS:
            is_after = month >= AFTER
            made.setdefault("marts.agg_requests", []).append({
                "commune_code": code, "service_code": "birth", "month": month, "requests": 20, "open": 0, "overdue": 0, "due": 20,
                "met": 15 if is_after else 10,
            })  # fmt: skip
            made.setdefault("marts.agg_processing_days", []).extend(
                days(code, month, {(day + (0 if is_after else 4), "completed"): 2 for day in range(10)})
            )
            made.setdefault("marts.agg_usage", []).append({
                "commune_code": code, "facility_id": f"F{code}", "service_code": "anc", "month": month, "is_expected": True,
                "is_reported": True, "visits": 120 if is_after else 100,
            })  # fmt: skip
    return made


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    return lambda made, **more: small_warehouse.publish(tmp_path, made, **more)


def unreport(made: dict[str, list[dict[str, Any]]], commune: str, month: date) -> None:
    for row in made["marts.agg_usage"]:
        if row["commune_code"] == commune and row["month"] == month:
            row.update(is_reported=False, visits=None)


def test_times_are_compared_as_medians_of_whole_sides(publish: Any) -> None:
    publish(rows())
    found = before_after("median_processing_days")
    assert (found.before, found.after, found.difference, found.relative) == (8.5, 4.5, -4.0, False)
    assert found.low < -4 < found.high < 0
    assert found.sure
    assert (found.n_before, found.n_after, found.communes, found.communes_covered) == (720, 720, 3, 3)
    assert found.series["step"].tolist() == [-4, -3, -2, -1, 1, 2, 3, 4]
    assert found.series["value"].tolist() == [8.5] * 4 + [4.5] * 4


def test_a_share_is_sum_over_sum_with_newcombes_interval_for_few_communes(publish: Any) -> None:
    publish(rows())
    found = before_after("within_standard_pct", Filters(province="07"))
    assert (found.before, found.after, found.difference) == (50, 75, 25)
    assert (found.low, found.high) == pytest.approx((20.0, 29.7), abs=0.3)


def test_use_is_a_change_in_percent_of_visits_per_facility_and_month(publish: Any) -> None:
    publish(rows())
    found = before_after("visits")
    assert found.metric.name == "visits_per_facility_month"
    assert (found.before, found.after, round(found.difference, 6), found.relative) == (100, 120, 20, True)
    assert (found.n_before, found.n_after) == (36, 36)


def test_a_calendar_month_reported_on_one_side_only_counts_on_neither(publish: Any) -> None:
    made = rows()
    unreport(made, "070101", date(2022, 5, 1))
    next(row for row in made["marts.agg_usage"] if row["commune_code"] == "070101" and row["month"] == date(2023, 5, 1))["visits"] = 9000
    publish(made)
    found = before_after("visits")
    assert (found.before, found.after, found.n_before, found.n_after) == (100, 120, 35, 35)


def test_a_left_out_month_must_not_give_a_hidden_one_away(publish: Any) -> None:
    """The month left out is hidden: then the kept visits would give it away as the rest of the quarter."""
    made = rows()
    unreport(made, "070101", date(2022, 5, 1))
    made["privacy.hidden_cells"] = [
        hidden("usage", "070101", "month", date(2023, 5, 1)), hidden("usage", "070101", "month", date(2023, 6, 1)),
    ]  # fmt: skip
    publish(made)
    found = before_after("visits")
    assert (found.communes, found.communes_too_small, found.n_before) == (2, 1, 24)


def test_a_commune_with_a_hidden_quarter_is_left_out_and_counted(publish: Any) -> None:
    made = rows()
    made["privacy.hidden_cells"] = [hidden("requests", "070201", "quarter", date(2022, 4, 1))]
    publish(made)
    found = before_after("median_processing_days")
    assert (found.communes, found.communes_too_small, found.n_before) == (2, 1, 480)


def test_a_hidden_quarter_outside_the_windows_does_not_matter(publish: Any) -> None:
    made = rows()
    made["privacy.hidden_cells"] = [
        hidden("requests", "070201", "quarter", date(2023, 1, 1)),
        hidden("usage", "070201", "quarter", date(2022, 4, 1)),
    ]
    publish(made)
    assert before_after("median_processing_days").communes == 3


def test_communes_whose_year_after_is_not_over_or_without_records_are_left_out(publish: Any) -> None:
    made = rows()
    made["marts.agg_requests"] = [
        row for row in made["marts.agg_requests"] if (row["commune_code"], row["month"] < date(2022, 4, 1)) != ("070102", True)
    ]
    made["marts.dim_coverage"][0].update(start_date=date(2024, 1, 1), before_from=date(2023, 1, 1), before_to=date(2023, 12, 31))
    made["marts.dim_coverage"][0].update(after_from=date(2024, 1, 1), after_to=date(2024, 12, 31))
    made["marts.dim_coverage"][2].update(before_from=date(2021, 1, 1), before_to=date(2021, 12, 31))
    publish(made, data_to=date(2024, 12, 15))
    found = before_after("requests")
    assert (found.communes, found.communes_too_recent, found.communes_too_early, found.communes_without_data) == (0, 1, 1, 1)
    assert found.status == "no_data"


def test_feedback_counts_the_quarters_that_are_shown(publish: Any) -> None:
    made = {"marts.dim_coverage": [{"commune_code": "070101", **WINDOWS}]}
    given = {
        date(2022, 2, 1): (80, 12),
        date(2022, 8, 1): (20, 4),
        date(2022, 11, 1): (20, 20),
        date(2023, 6, 1): (80, 30),
        date(2024, 12, 1): (80, 1),
    }
    made["marts.agg_feedback"] = [
        {
            "commune_code": "070101",
            "aspect": "speed",
            "facility_type": "health_centre",
            "month": month,
            "rating_pct": rating,
            "answers": answers,
        }
        for month, (rating, answers) in given.items()
    ]
    made["privacy.hidden_cells"] = [hidden("feedback", "070101", "quarter", date(2022, 7, 1), topic="speed")]
    publish(made)
    found = before_after("satisfied_pct", Filters(aspect="speed"))
    assert (found.communes, found.n_before, found.n_after) == (1, 32, 30)
    assert found.before == pytest.approx(37.5)


def test_eight_communes_or_more_are_resampled_and_give_the_same_interval_every_time(publish: Any) -> None:
    made = rows(tuple(f"0701{number:02d}" for number in range(1, 10)))
    for number, row in enumerate(made["marts.agg_requests"]):
        row["met"] += number % 5
    publish(made)
    found, again = before_after("within_standard_pct"), before_after("within_standard_pct")
    assert found.communes == 9
    assert (found.low, found.high) == (again.low, again.high)
    assert found.low <= found.difference <= found.high


def test_the_interval_of_few_communes_is_as_wide_as_their_quarters_scatter(publish: Any) -> None:
    made = rows()
    calm = before_after_of(publish, made)
    for row in made["marts.agg_usage"]:
        row["visits"] = int(row["visits"] * (1.6 if row["month"].month in (4, 5, 6) and row["month"].year == 2023 else 1))
    restless = before_after_of(publish, made)
    assert calm.sure and calm.low > 10
    assert restless.low < 0 < restless.high and not restless.sure


def before_after_of(publish: Any, made: dict[str, list[dict[str, Any]]]) -> Any:
    publish(made)
    return before_after("visits")


def test_nothing_covered_is_no_data_and_payment_is_refused(publish: Any) -> None:
    made = rows()
    made["marts.dim_coverage"] = [{"commune_code": "070101"}]
    publish(made)
    assert before_after("requests").status == "no_data"
    assert before_after("requests").communes_covered == 0
    for metric in ("unofficial_payment_pct", "open_requests", "rows_read"):
        with pytest.raises(Problem):
            before_after(metric)


def test_every_service_at_once_is_each_service_alone(publish: Any) -> None:
    made = rows()
    for code in COMMUNES:
        for month in MONTHS:
            slow = {(day + 10, "completed"): 2 for day in range(10)}
            made["marts.agg_processing_days"].extend(days(code, month, slow, service="marriage"))
    made["privacy.hidden_cells"] = [
        hidden("requests", "070101", "quarter", date(2022, 4, 1), service_code="marriage"),
        hidden("requests", "070201", "year", date(2022, 1, 1), service_code="marriage"),
    ]
    publish(made)
    together = before_after_by_service("median_processing_days")
    for service in ("birth", "marriage", "anc"):
        alone = before_after("median_processing_days", Filters(service=service))
        for name in ("status", "n_before", "n_after", "communes", "communes_covered", "communes_too_small", "communes_without_data"):
            assert str(getattr(together[service], name)) == str(getattr(alone, name)), (service, name)
        assert str((together[service].before, together[service].after)) == str((alone.before, alone.after))
    assert (together["marriage"].before, together["marriage"].communes_too_small) == (14.5, 1)
    with pytest.raises(Problem, match="by service or commune"):
        before_after_by_service("visits")


def test_one_service_of_several_is_compared_by_calendar_years(publish: Any) -> None:
    made = rows()
    for row in made["marts.agg_requests"]:
        row["met"] = 20 if row["month"].year == 2024 else row["met"]
    publish(made)
    found = before_after("within_standard_pct", Filters(service="birth"))
    assert (found.aligned_by, found.before, found.after, found.n_after) == ("year", 50, 100, 3 * 12 * 20)
    assert found.series["step"].tolist() == [-1, 1]
    assert before_after("within_standard_pct").aligned_by == "quarter"


def test_use_cannot_be_compared_by_an_attribute_of_persons(publish: Any) -> None:
    publish(rows())
    with pytest.raises(Problem, match="by sex"):
        before_after("visits", Filters(sex="f"))


def test_every_commune_at_once_is_each_commune_alone(publish: Any) -> None:
    made = rows()
    made["privacy.hidden_cells"] = [hidden("requests", "070201", "quarter", date(2022, 4, 1))]
    publish(made)
    for metric, before, after in (("median_processing_days", 8.5, 4.5), ("within_standard_pct", 50, 75), ("requests", 240, 240)):
        assert before_after_by_commune(metric).to_dict("records") == [
            {"commune_code": code, "before": before, "after": after} for code in ("070101", "070102")
        ]
        alone = before_after(metric, Filters(commune="070101"))
        assert (alone.before, alone.after) == (before, after)
