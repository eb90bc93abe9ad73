"""What may be asked, and what is answered, hidden or refused? A build of a few rows written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import small_warehouse
from small_warehouse import days, hidden

from metrics import catalogue
from metrics.lattice import LATTICES
from metrics.model import Metric
from metrics.query import Filters, Query, Result, ask
from metrics.sql import Span, tiles, window_of
from warehouse import Problem

JAN, FEB, MAR, APR = (date(2024, month, 1) for month in (1, 2, 3, 4))


def requests(commune: str, month: date, count: int, service: str = "birth", **more: object) -> dict[str, object]:
    sums = {"completed": count, "ended": 0, "open": 0, "overdue": 0, "due": count, "met": count // 2, "fee_known": count, "fee_over": 0}
    return {"commune_code": commune, "month": month, "service_code": service, "requests": count, **sums, **more}


def visits(commune: str, month: date, count: int | None, service: str = "anc", facility: str = "F1") -> dict[str, object]:
    reported = count is not None
    return {
        "commune_code": commune, "facility_id": facility, "service_code": service, "month": month, "is_expected": True,
        "is_reported": reported, "visits": count, "visits_female": count and count // 2, "visits_male": count and count - count // 2,
    }  # fmt: skip


ROWS = {
    "marts.agg_requests": [
        requests("070101", JAN, 40, documents_complete=True, sex="f"),
        requests("070101", APR, 20, documents_complete=False, open=3, overdue=2),
        requests("070102", JAN, 12),
        requests("070201", FEB, 30, service="marriage"),
        requests("090101", MAR, 15, met=15),
    ],
    "marts.agg_processing_days": [
        *days("070101", JAN, {(1, "completed"): 10, (2, "completed"): 10, (3, "completed"): 10, (4, "completed"): 10}),
        *days("070102", JAN, {(1, "completed"): 3, (9, "open"): 9}),
        *days("090101", MAR, {(1, "completed"): 5, (2, "open"): 4}),
    ],
    "marts.agg_usage": [
        visits("070101", JAN, 100), visits("070101", FEB, None), visits("070101", MAR, 0), visits("070101", JAN, 50, "opd"),
        visits("090101", JAN, 30, facility="F2"),
        visits("090101", JAN, 10, "birth", facility="F3"),
    ],
    "marts.dim_population": [
        {"commune_code": "070101", "year": 2020, "population": 1000},
        {"commune_code": "070101", "year": 2025, "population": 9},
    ],
    "marts.dim_coverage": [{"commune_code": "070101", "start_date": MAR}, {"commune_code": "090101"}],
    "marts.agg_feedback": [
        {
            "commune_code": "070101", "facility_type": "health_centre", "aspect": "speed", "month": JAN,
            "rating_pct": 75, "answers": 12, "sex": "f",
        },
        {"commune_code": "070101", "facility_type": "health_centre", "aspect": "quality", "month": JAN, "rating_pct": 74.9, "answers": 40},
        {
            "district_code": "0702", "province_code": "07", "facility_type": "health_centre",
            "aspect": "speed", "month": JAN, "rating_pct": 50, "answers": 11,
        },
    ],
    "marts.agg_unofficial_payment": [
        {"province_code": "07", "district_code": "0701", "facility_type": "health_centre", "month": JAN, "answered": 40, "asked": 10},
    ],
    "privacy.hidden_cells": [
        hidden("requests", "070102", "month", JAN),
        hidden("requests", "0702", "year", date(2024, 1, 1)),
        hidden("requests", "070101", "quarter", JAN, attribute="documents_complete", value="false"),
        hidden("requests", "07", "quarter", APR, attribute="status", value="open"),
        hidden("usage", "07", "month", JAN, service_code="opd"),
        hidden("requests", "KH:yes", "quarter", APR),
        hidden("requests", "070201", "month", MAR),
    ],
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("query")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMUNE_PULSE_DATA", str(folder))
        yield small_warehouse.publish(folder, ROWS)


def answer(metric: str, *by: str, period: str | None = None, **where: str) -> dict[object, object]:
    """Key (or tuple of keys) -> the value where it is shown, else its status."""
    result = ask(Query((metric,), by, period, Filters(**where)))
    keys = result.keys
    rows = result.table.to_dict("records")
    told = [row[metric] if row[f"{metric}_status"] == "shown" else row[f"{metric}_status"] for row in rows]
    return {
        tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]] if keys else "all": value
        for row, value in zip(rows, told, strict=True)
    }


def test_a_count_is_the_sum_of_its_rows() -> None:
    assert answer("requests", "province") == {"07": 102, "09": 15}


def test_a_hidden_cell_stays_hidden_and_its_shown_sums_are_told() -> None:
    assert answer("requests", "commune", period="month", district="0701")[("070102", JAN)] == "hidden"
    assert answer("requests", "district", period="quarter")[("0701", JAN)] == 52


def test_a_cell_hidden_without_a_record_is_not_told_to_be_empty() -> None:
    assert answer("requests", "commune", period="month")[("070201", MAR)] == "hidden"


def test_what_is_never_published_is_hidden_in_every_build() -> None:
    assert set(answer("requests", "commune", "sex", period="year").values()) == {"hidden"}
    assert answer("requests", "covered", district="0701") == {"yes": "hidden", "no": "hidden"}
    assert answer("requests", "province", "sex", period="year", province="07")[("07", "f", date(2024, 1, 1))] != "hidden"


def test_a_gap_inside_a_series_is_a_row_without_data() -> None:
    assert answer("requests", "province", period="month", province="07") == {
        ("07", JAN): 52, ("07", FEB): 30, ("07", MAR): "no_data", ("07", APR): 20,
    }  # fmt: skip


def test_a_free_period_is_hidden_where_one_of_its_tiles_is() -> None:
    assert answer("requests", district="0701", month_from="2024-01", month_to="2024-03") == {"all": 52}
    assert answer("requests", commune="070102", month_from="2024-01", month_to="2024-01") == {"all": "hidden"}
    assert answer("requests", district="0702") == {"all": "hidden"}  # the whole span is the year's cell
    assert answer("requests", district="0702", month_to="2024-02") == {"all": 30}


def test_the_median_counts_open_requests_as_waiting() -> None:
    assert answer("median_processing_days", commune="070101") == {"all": 2.5}
    assert answer("median_processing_days", "commune", district="0701")["070102"] == "not_reached"


def test_a_time_or_share_of_under_ten_is_hidden() -> None:
    assert answer("median_processing_days", province="09") == {"all": "hidden"}


def test_all_of_few_is_told_as_over_ninety_percent_only() -> None:
    assert answer("within_standard_pct", "province") == {"07": 50, "09": "high"}


def test_satisfied_begins_at_three_quarters_of_the_scale() -> None:
    assert answer("satisfied_pct", "aspect", commune="070101") == {"quality": 0, "speed": "high"}


def test_feedback_known_to_the_district_counts_there_and_in_no_commune() -> None:
    assert answer("answers", "district") == {"0701": 52, "0702": 11}
    assert answer("answers", "commune") == {"070101": 52}


def test_a_month_without_report_is_missing_and_a_month_of_nothing_is_zero() -> None:
    assert answer("visits", period="month", province="07", service="anc") == {JAN: 100, FEB: "no_data", MAR: 0}


def test_a_facility_counts_once_a_month_for_all_its_services() -> None:
    assert answer("visits_per_facility_month", province="07", month_to="2024-01") == {"all": 150}
    assert answer("visits_per_facility_month", "service", province="07", month_to="2024-01") == {"anc": 100, "opd": "hidden"}


def test_a_type_of_facility_is_hidden_where_one_of_its_services_is() -> None:
    assert answer("visits", province="07", facility_type="health_centre", month_to="2024-01") == {"all": "hidden"}
    assert answer("visits", province="09", facility_type="health_centre", month_to="2024-01") == {"all": 30}


def test_the_only_type_ever_counted_is_the_lattices_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    small_warehouse.publish(
        tmp_path, {**ROWS, "marts.agg_usage": [row for row in ROWS["marts.agg_usage"] if row["service_code"] != "birth"]}
    )
    assert answer("visits", province="07", facility_type="health_centre", month_to="2024-01") == {"all": 150}


def test_completeness_is_received_out_of_expected() -> None:
    assert answer("reporting_completeness_pct", province="07") == {"all": 75}


def test_people_are_those_of_the_nearest_earlier_year_and_months_with_a_report() -> None:
    assert answer("visits_per_1000_people", "province") == {"07": 75, "09": "no_data"}  # 150 visits, 2 months of 1,000 people


def test_visits_by_sex_are_read_from_their_own_columns() -> None:
    assert answer("visits", "sex") == {"f": 95, "m": 95}


def test_covered_means_ever_covered() -> None:
    assert answer("requests", "covered", period="quarter") == {("no", JAN): 57, ("yes", JAN): 40, ("yes", APR): "hidden"}
    assert answer("requests", "commune", covered="yes") == {"070101": 60}


def test_a_measure_that_spends_an_attribute_follows_its_cells() -> None:
    assert answer("documents_complete_pct", "commune", period="quarter")[("070101", JAN)] == "hidden"
    assert answer("open_requests", "province", period="quarter")[("07", APR)] == "hidden"
    assert answer("documents_complete_pct", province="07", period="quarter") == {JAN: 100, APR: 0}


def test_months_at_the_ends_are_left_out_where_only_quarters_exist() -> None:
    result = ask(Query(("requests",), ("sex",), where=Filters(month_from="2024-02")))
    assert result.table["requests_n"].sum() == 20
    assert "Apr 2024" in result.notes[0]


@pytest.mark.parametrize("metric", [metric for metric in catalogue() if metric.fact.hidden_as], ids=lambda metric: metric.name)
def test_no_measure_is_a_sum_of_cells_finer_than_the_lattice(metric: Metric) -> None:
    asked = Query((metric.name,), where=Filters(month_from="2024-02", month_to="2025-05"))
    _, cells = window_of(asked, metric, Span(2023 * 12, 2026 * 12))
    assert {period for period, _, _ in cells} <= set(LATTICES[metric.fact.hidden_as or ""].periods)


def test_unofficial_payment_is_never_told_below_the_district() -> None:
    assert answer("unofficial_payment_pct", "district") == {"0701": 25}
    for query in (Query(("unofficial_payment_pct",), ("commune",)), Query(("unofficial_payment_pct",), where=Filters(commune="070101"))):
        with pytest.raises(Problem, match="never shown below the district"):
            ask(query)


@pytest.mark.parametrize(
    ("query", "action"),
    [
        (lambda: Query(("visitz",)), "Did you mean visits"),
        (lambda: Query(("requests",), ("village",)), "Choose one of"),
        (lambda: Query(("requests",), ("province", "commune")), "levels of place"),
        (lambda: Query(("satisfied_pct",), ("sex",), where=Filters(age_group="18_24")), "attributes"),
        (lambda: Query(("requests",), ("sex",), "month"), "quarter or year"),
        (lambda: Query(("documents_complete_pct",), ("sex",)), "Leave it out"),
        (lambda: Query(("answers",), ("commune",), "month"), "quarter or year"),
        (lambda: Query(("satisfied_pct",), ("province",), "month"), "quarter or year"),
        (lambda: Query(("unofficial_payment_pct",), (), "month"), "quarter or year"),
        (lambda: Query(("satisfied_pct",), ("service",)), "Possible are"),
        (lambda: Query(("requests",), where=Filters(month_from="2031-01")), "longer period"),
        (lambda: Query(("requests",), where=Filters(month_from="soon")), "2024-01"),
        (lambda: Query(("requests",), where=Filters(month_from="2024-02", month_to="2024-01")), "later end"),
        (lambda: Query(("visits_per_1000_people",), ("sex",)), "Leave it out"),
    ],
)  # fmt: skip
def test_what_is_outside_the_lattice_is_refused_with_what_is_possible(query: object, action: str) -> None:
    with pytest.raises(Problem) as caught:
        ask(query())  # type: ignore[operator]
    assert action in caught.value.action


def test_a_value_is_bound_and_never_becomes_sql() -> None:
    assert answer("requests", service="x' or 1=1 --") == {"all": "no_data"}
    assert "'x'' or 1=1 --'" in ask(Query(("requests",), where=Filters(service="x' or 1=1 --"))).sql


def test_the_sql_runs_as_it_stands_and_tells_nothing_hidden() -> None:
    import warehouse

    table = warehouse.read(ask(Query(("requests",), ("commune",), "month", Filters(district="0701"))).sql)
    assert table.loc[table["is_hidden"], "value"].isna().all()
    assert table["is_hidden"].any()


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(("visits", "satisfied_pct"), ("province", "covered"), "fiscal_year", Filters(province="07", covered="yes"), "2023-05"),
        Query(("requests",), ("documents_complete",), "quarter", Filters(commune="070101", month_from="2024-01", month_to="2024-12")),
    ],
)
def test_a_question_survives_its_link(query: Query) -> None:
    assert Query.from_params({**query.to_params(), "lang": "km"}) == query
    assert hash(Query.from_params(query.to_params())) == hash(query)


def test_a_window_is_tiled_with_the_coarsest_cells_inside_it() -> None:
    month = 2020 * 12
    data = Span(month, month + 35 + 7)  # January 2020 to July 2023
    assert tiles(Span(month + 1, month + 25), data, None, "month") == [
        ("month", month + 1, month + 2),
        ("quarter", month + 3, month + 9),
        ("year", month + 12, month + 12),
        ("month", month + 24, month + 25),
    ]  # fmt: skip
    assert tiles(Span(month + 36, month + 42), data, None, "month") == [("year", month + 36, month + 36)]  # the running year, to date
    assert tiles(Span(month + 1, month + 4), data, None, "quarter") == []


def test_several_measures_stand_side_by_side() -> None:
    result: Result = ask(Query(("requests", "visits"), ("province",)))
    assert result.table["requests"].tolist() == [102, 15]
    assert result.keys == ["province_code"]
    assert [metric.name for metric in result.metrics] == ["requests", "visits"]


@pytest.mark.parametrize("metric", [metric.name for metric in catalogue()])
def test_every_measure_answers_or_refuses_kindly_by_every_dimension_and_period(metric: str) -> None:
    declared = catalogue()[metric]
    for dimension in ("", *declared.fact.dimensions):
        for period in (None, "month", "quarter", "year", "fiscal_year"):
            query = Query((metric,), (dimension,) if dimension else (), period)
            try:
                result = ask(query)
            except Problem as problem:
                assert problem.action, query
                continue
            assert set(declared.columns) <= set(result.table.columns)
            assert not result.table.loc[result.table[f"{metric}_status"] != "shown", metric].notna().any()
