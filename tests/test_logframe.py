"""Is every value of the results framework the measures' own, at any day, held against what was due by then?"""

from __future__ import annotations

import csv
import io
import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import small_warehouse
from screen import data_of
from small_files import Write, rows_of
from small_staging import modelled

import warehouse
from charts.indicator_words import said_against
from etl import marts, pipeline, sources
from metrics import docs, indicators, logframe
from metrics.indicators import Milestone, declared, read_list
from metrics.query import Filters, Query, ask
from reports import logframe as workbook
from warehouse import Problem

SHIPPED = warehouse.reference_folder() / indicators.FILE
EXAMPLE = declared(read_list(SHIPPED))
MEASURED = [pytest.param(each, id=each.code) for each in EXAMPLE if each.measure]
BASE = {
    "indicator_code": "A1", "level": "outcome", "result_code": "OC", "result_en": "Heard", "indicator_en": "In time", "span": "year",
    "measure": "within_standard_pct", "baseline_date": "2022-12-31", "milestones": "2023-12-31: 40 | 2024-12-31: 50",
    "target_value": "60", "target_date": "2025-12-31", "source_en": "registers",
}  # fmt: skip


def one(**changes: str) -> indicators.Indicator:
    """The example of this file with some of its cells changed."""
    return declared([{**BASE, **changes}])[0]


@pytest.fixture
def demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))


def alike(value: logframe.Value, row: dict[Any, Any] | None, measure: str) -> bool:
    """Whether a value says what a row of an answer says."""
    if row is None:
        return value.status == "no_data"
    told = row[measure], row[f"{measure}_n"]
    pairs = zip((value.value, value.n), told, strict=True)
    return value.status == row[f"{measure}_status"] and all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)


# --- values ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indicator", MEASURED)
@pytest.mark.usefixtures("demonstration")
def test_a_value_at_the_end_of_a_fiscal_year_is_the_answer_of_the_same_question(indicator: indicators.Indicator) -> None:
    """Asked another way: by fiscal year, by quarter, or for the months of a total."""
    name, end = str(indicator.measure), date(2026, 6, 30)
    assert indicator.lag_months in (0, 12)
    last = date(2025, 6, 30) if indicator.lag_months else end
    if indicator.span == "year":
        rows = ask(Query((name,), period="fiscal_year", where=indicator.where)).table.to_dict("records")
        row = next((each for each in rows if each["period_start"] == date(last.year - 1, 7, 1)), None)
    elif indicator.span == "latest":
        rows = ask(Query((name,), period="quarter", where=indicator.where)).table.to_dict("records")
        row = next((each for each in rows if each["period_start"] == date(2026, 4, 1)), None)
    else:
        months = {"month_from": "2023-01", "month_to": f"{last:%Y-%m}"}
        row = ask(Query((name,), where=indicator.where.but(**months))).table.to_dict("records")[0]
    value = logframe.value_at(indicator, end)
    assert alike(value, row, name), (value, row)
    if name == "facilitators_trained":  # the last training of the demonstration was in the summer of 2025
        end = date(2025, 6, 30)
    assert value.reference_date == end


@pytest.mark.usefixtures("demonstration")
def test_parts_by_province_are_the_answers_by_province() -> None:
    indicator = next(each for each in EXAMPLE if each.code == "OP1.2")
    rows = ask(Query(("participants",), by=("province",), where=Filters(month_from="2023-01", month_to="2026-06"))).table
    told = {part.code: part.value.value for part in logframe.parts_at(indicator, date(2026, 6, 30), dimensions=("province",))}
    assert told == {row["province_code"]: row["participants"] for row in rows.to_dict("records")} and len(told) > 1


@pytest.mark.usefixtures("demonstration")
def test_a_day_within_a_quarter_counts_the_quarters_that_had_ended() -> None:
    indicator = one()
    assert logframe.value_at(indicator, date(2025, 8, 15)) == logframe.value_at(indicator, date(2025, 6, 30))
    assert logframe.quarter_end(date(2025, 6, 30)) == date(2025, 6, 30)
    assert logframe.quarter_end(date(2025, 6, 29)) == date(2025, 3, 31)
    assert logframe.quarter_end(date(2025, 1, 1)) == date(2024, 12, 31)


@pytest.mark.usefixtures("demonstration")
def test_a_day_after_the_data_is_told_as_at_the_newest_quarter_not_as_an_emptier_one() -> None:
    indicator = one()
    assert logframe.value_at(indicator, date(2030, 1, 1)) == logframe.value_at(indicator, logframe.newest_day())


@pytest.mark.usefixtures("demonstration")
def test_a_baseline_is_the_measure_s_own_at_its_date_or_the_one_that_was_given_for_the_whole() -> None:
    rows = ask(Query(("within_standard_pct",), period="year")).table.set_index("period_start")
    computed = logframe.baseline_of(one(baseline_date="2024-12-31", milestones=""))
    assert computed.value == rows["within_standard_pct"][date(2024, 1, 1)]
    given = one(baseline_value="7")
    assert logframe.baseline_of(given).value == 7
    assert logframe.baseline_of(given, Filters(province="07")).status == "not_possible"


def request_rows(month: date, due: int, met: int) -> dict[str, Any]:
    return {"commune_code": "070101", "service_code": "birth", "month": month, "requests": due, "completed": due, "due": due, "met": met}


MONTHS = [date(year, month, 1) for year in (2023, 2024) for month in range(1, 13)]


def in_a_month(month: date) -> dict[str, Any]:
    """Of a quarter's 100 requests, 60 come in its first month and 20 in each of the others; met: 40 in 2023, 50 in 2024."""
    is_first = month.month % 3 == 1
    met = (24, 8) if month.year == 2023 else (30, 10)
    return request_rows(month, 60 if is_first else 20, met[0] if is_first else met[1])


def publish(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *hidden: dict[str, Any],
    declaration: dict[str, str] | None = None,
    months: list[date] = MONTHS,
) -> None:
    """A build of one commune with 100 requests a quarter, of which 40 are in time in 2023 and 50 in 2024."""
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(folder))
    rows: dict[str, list[dict[str, Any]]] = {
        "marts.agg_requests": [in_a_month(month) for month in months],
        "privacy.hidden_cells": list(hidden),
        "marts.dim_data_period": [{"data_from": date(2023, 1, 1), "data_to": date(2024, 12, 31)}],
        "marts.dim_indicator": [{**(declaration or BASE), "is_example": "true"}],
    }
    small_warehouse.publish(folder, rows)


def test_the_framework_of_a_build_is_worked_out_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, declaration={**BASE, "baseline_date": "2023-12-31", "milestones": "2024-06-30: 44 | 2024-12-31: 50"})
    (found,) = logframe.framework()
    assert (found.baseline.value, found.current.value, found.current.n) == (40, 50, 400)
    assert (found.current.first, found.current.last) == (date(2024, 1, 1), date(2024, 12, 31))
    assert found.milestone == Milestone(date(2024, 12, 31), 50) and found.progress == "reached"
    assert found.way_pct == 50  # from 40 to 50 on the way to 60
    (earlier,) = logframe.framework(as_of=date(2024, 6, 30))
    assert earlier.current.value == 45 and earlier.milestone == Milestone(date(2024, 6, 30), 44)


def test_a_hidden_quarter_hides_the_fiscal_year_that_is_made_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, small_warehouse.hidden("requests", "KH", "quarter", date(2023, 10, 1)))
    rows = ask(Query(("within_standard_pct",), period="fiscal_year")).table.set_index("period_start")
    assert rows["within_standard_pct_status"].tolist() == ["shown", "hidden", "shown"]
    found = logframe.framework(as_of=date(2024, 6, 30))[0]
    assert (found.current.status, found.progress) == ("hidden", "untold") and math.isnan(found.current.value)
    assert logframe.framework(as_of=date(2024, 12, 31))[0].current.status == "shown"   # a calendar year is a cell of its own


def test_a_fiscal_year_is_the_sum_of_its_quarters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch)
    rows = ask(Query(("within_standard_pct",), period="fiscal_year")).table.to_dict("records")
    assert [(row["period_start"], row["within_standard_pct"], row["within_standard_pct_n"]) for row in rows] == [
        (date(2022, 7, 1), 40, 200), (date(2023, 7, 1), 45, 400), (date(2024, 7, 1), 50, 200),
    ]  # fmt: skip
    assert logframe.framework(as_of=date(2024, 6, 30))[0].current.value == 45


def test_a_value_is_as_at_the_last_whole_quarter_that_its_own_data_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, months=MONTHS[:20])   # to August 2024, though other data reach December
    (found,) = logframe.framework()
    assert (found.current.first, found.current.last, found.current.value) == (date(2023, 7, 1), date(2024, 6, 30), 45)
    assert found.current.reference_date == date(2024, 6, 30) and found.milestone == Milestone(date(2023, 12, 31), 40)
    assert logframe.days_of(found.indicator, date(2024, 12, 31))[-1] == date(2024, 6, 30)


def test_a_year_of_which_a_part_has_no_data_has_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, months=MONTHS[3:])
    found = logframe.framework(as_of=date(2023, 12, 31))[0]
    assert (found.current.status, found.progress) == ("no_data", "untold") and math.isnan(found.current.value)
    assert logframe.framework(as_of=date(2024, 3, 31))[0].current.status == "shown"


def test_no_data_yet_is_not_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, declaration={**BASE, "measure": "sessions_held", "span": "total", "milestones": "2023-12-31: 0"})
    found = logframe.framework()[0]
    assert (found.current.status, found.progress) == ("no_data", "untold") and math.isnan(found.current.value)


def test_before_anything_was_counted_there_is_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, declaration={**BASE, "measure": "requests", "span": "total", "counted_from": "2024-01-01"})
    assert logframe.framework(as_of=date(2023, 12, 31))[0].current.status == "no_data"
    assert logframe.framework(as_of=date(2024, 6, 30))[0].current.value == 200


def test_a_place_has_no_targets_for_its_part_of_a_count_but_has_those_of_a_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, declaration={**BASE, "measure": "requests", "span": "total", "milestones": "2024-06-30: 1"})
    found = logframe.framework(where=Filters(district="0701"))[0]
    assert (found.current.value, found.milestone, found.progress) == (800, None, "whole_only")
    publish(tmp_path, monkeypatch)
    assert logframe.framework(where=Filters(district="0701"))[0].milestone == Milestone(date(2024, 12, 31), 50)


# --- milestones ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "last_due", "between"),
    [
        (date(2022, 12, 31), None, None),
        (date(2023, 7, 2), None, 30.027),   # 183 of 365 days from 20 to 40
        (date(2023, 12, 31), 40, 40),
        (date(2024, 12, 30), 40, 49.97),
        (date(2025, 12, 31), 60, 60),
        (date(2027, 1, 1), 60, 60),
    ],
)
def test_a_value_is_held_against_what_was_due_on_its_own_day(day: date, last_due: float | None, between: float | None) -> None:
    due = logframe.due(one(), day, 20.0)
    assert (due.value if due else None) == last_due
    due = logframe.due(one(between_milestones="interpolated"), day, 20.0)
    assert (due.value if due else None) == (pytest.approx(between, abs=0.01) if between else None)


def test_without_a_baseline_nothing_is_interpolated_before_the_first_milestone() -> None:
    assert logframe.due(one(between_milestones="interpolated"), date(2023, 6, 30)) is None


def value(amount: float, low: float = math.nan, high: float = math.nan) -> logframe.Value:
    return logframe.Value(amount, "shown", 100, low, high)


@pytest.mark.parametrize(
    ("better", "found", "goal", "word"),
    [
        ("higher", value(40), 40, "reached"),
        ("higher", value(39.9), 40, "behind"),
        ("higher", value(39, 36, 42), 40, "within"),
        ("higher", value(30, 28, 32), 40, "behind"),
        ("lower", value(40), 40, "reached"),
        ("lower", value(12), 40, "reached"),
        ("lower", value(41, 38, 44), 40, "within"),
        ("lower", value(50, 46, 54), 40, "behind"),
        ("lower", logframe.Value(math.nan, "no_data"), 40, "untold"),
        ("lower", logframe.Value(math.nan, "hidden"), 40, "untold"),
        ("higher", logframe.Value(0.0, "shown"), None, "not_due"),
    ],
)
def test_progress_goes_in_the_better_direction_and_knows_its_likely_range(
    better: str, found: logframe.Value, goal: float | None, word: str
) -> None:
    milestone = None if goal is None else Milestone(date(2024, 12, 31), goal)
    assert logframe.stands(one(better=better, measure="over_fee_pct" if better == "lower" else BASE["measure"]), found, milestone) == word


def test_a_median_between_whole_days_meets_the_target_of_that_day() -> None:
    days = one(measure="median_processing_days")
    assert logframe.stands(days, value(7.4), Milestone(date(2024, 12, 31), 7)) == "reached"
    assert logframe.stands(days, value(7.6), Milestone(date(2024, 12, 31), 7)) == "behind"


def test_a_value_that_only_rounds_to_its_milestone_is_said_with_a_decimal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, declaration={**BASE, "milestones": "2024-12-31: 50.4"})
    found = logframe.framework()[0]
    assert found.progress == "within" and said_against(found) == "50.0\u00a0%"
    assert said_against(logframe.framework(as_of=date(2023, 12, 31))[0]) == "40\u00a0%"


# --- entered values ----------------------------------------------------------------------------------------------------------------------


def entered(**more: Any) -> dict[str, Any]:
    given = {"indicator_code": "E1", "value_date": "2024-06-30", "group_code": "total", "reach": "direct", "evidence": "lists"}
    return {"value_id": str(sorted(more.items())), **given, **more}


def test_of_entered_values_a_small_part_hides_every_part_of_its_day(tmp_path: Path) -> None:
    rows = [
        entered(indicator_value=100),
        entered(group_code="f", indicator_value=95),
        entered(group_code="m", indicator_value=5),
        entered(province_code="07", indicator_value=60),
        entered(value_date="2024-12-31", group_code="m", indicator_value=40),
        entered(value_date="2024-12-31", indicator_value=80, is_deleted=True),
        entered(indicator_code="R1", group_code="f", indicator_value=3, people_asked=200),
        entered(indicator_code="R1", group_code="m", indicator_value=50, people_asked=9),
    ]
    with modelled({"indicator_values": rows}, tmp_path) as connection:
        found = connection.execute(
            "select indicator_code, value_date, place_code, group_code, value, is_hidden from marts.agg_indicator_values order by all"
        ).fetchall()
    assert found == [
        ("E1", date(2024, 6, 30), "07", "total", None, True),
        ("E1", date(2024, 6, 30), "KH", "f", None, True),
        ("E1", date(2024, 6, 30), "KH", "m", None, True),
        ("E1", date(2024, 6, 30), "KH", "total", 100, False),
        ("E1", date(2024, 12, 31), "KH", "m", 40, False),
        ("R1", date(2024, 6, 30), "KH", "f", None, True),
        ("R1", date(2024, 6, 30), "KH", "m", None, True),
    ]


def hidden_of(rows: list[dict[str, Any]], folder: Path, unit: str = "people", span: str = "latest") -> set[tuple[date, str, str]]:
    """Day, place and group of the values that are hidden where the indicator E1 has a unit."""
    with modelled({"indicator_values": rows}, folder) as connection:
        connection.execute("create or replace temp table reference_indicators as select * from marts.dim_indicator")
        connection.execute("update reference_indicators set unit = $1, span = $2 where indicator_code = 'E1'", [unit, span])
        connection.execute("create or replace table marts.dim_indicator as select * from reference_indicators")
        query = marts.mart_queries()["agg_indicator_values"]
        found = connection.execute(f"select value_date, place_code, group_code from ({query}) where is_hidden").fetchall()
    return set(found)


@pytest.mark.parametrize("unit", indicators.UNITS)
def test_of_every_unit_few_persons_or_requests_are_hidden_and_it_has_words(unit: str, tmp_path: Path) -> None:
    rows = [entered(indicator_value=100, people_asked=100), entered(group_code="f", indicator_value=5, people_asked=50)]
    assert bool(hidden_of(rows, tmp_path, unit)) == (unit in indicators.UNITS_OF_PERSONS)
    assert workbook.unit(one(measure="", unit=unit))


JUNE, DECEMBER = date(2024, 6, 30), date(2024, 12, 31)


@pytest.mark.parametrize(
    ("rows", "hidden"),
    [
        ([{"indicator_value": 100}, {"group_code": "f", "indicator_value": 95}], {(JUNE, "KH", "f")}),
        ([{"indicator_value": 100}, {"group_code": "f", "indicator_value": 90}], set()),
        (
            [{"indicator_value": 100}, {"group_code": "f", "indicator_value": 50}, {"group_code": "m", "indicator_value": 45}],
            {(JUNE, "KH", "f"), (JUNE, "KH", "m")},
        ),
        (
            [{"indicator_value": 100}, {"group_code": "f", "indicator_value": 50}, {"group_code": "m", "indicator_value": 53}],
            {(JUNE, "KH", "f"), (JUNE, "KH", "m")},
        ),
        ([{"indicator_value": 100}, {"group_code": "disability", "indicator_value": 99}], {(JUNE, "KH", "disability")}),
        (
            [{"indicator_value": 100}, {"province_code": "07", "indicator_value": 60}, {"province_code": "08", "indicator_value": 36}],
            {(JUNE, "07", "total"), (JUNE, "08", "total")},
        ),
        ([{"indicator_value": 100}, {"province_code": "07", "indicator_value": 60}], set()),
        (
            [
                {"indicator_value": 100}, {"group_code": "f", "indicator_value": 50},
                {"value_date": "2024-12-31", "indicator_value": 130},
                {"value_date": "2024-12-31", "group_code": "f", "indicator_value": 53},
            ],
            {(DECEMBER, "KH", "f")},
        ),
    ],
)  # fmt: skip
def test_what_is_left_of_a_total_or_came_since_the_day_before_is_small_too(
    rows: list[dict[str, Any]], hidden: set[tuple[date, str, str]], tmp_path: Path
) -> None:
    assert hidden_of([entered(**row) for row in rows], tmp_path) == hidden


def test_a_percentage_of_a_part_is_told_only_with_how_many_were_asked(tmp_path: Path) -> None:
    rows = [
        entered(indicator_value=70),
        entered(group_code="f", indicator_value=68),
        entered(group_code="m", indicator_value=72, people_asked=40),
    ]
    assert hidden_of(rows, tmp_path, "%") == {(JUNE, "KH", "f")}


@pytest.mark.usefixtures("demonstration")
def test_an_entered_value_is_the_newest_of_its_day_and_is_held_against_the_milestone_of_that_day() -> None:
    found = {each.indicator.code: each for each in logframe.framework(as_of=date(2026, 3, 31))}["OP1.3"]
    assert found.current.reference_date == date(2025, 6, 30) and found.current.evidence
    assert found.milestone == Milestone(date(2025, 6, 30), 30000)
    parts = {(part.dimension, part.code): part.value.value for part in logframe.parts_at(found.indicator, date(2026, 3, 31))}
    assert parts["sex", "f"] + parts["sex", "m"] == parts["reach", "direct"] == found.current.value
    assert parts["reach_sex", "indirect_f"] + parts["reach_sex", "indirect_m"] == parts["reach", "indirect"]


# --- declaration -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target_value": ""}, "target_value is empty"),
        ({"target_value": "many"}, "target_value is not a number"),
        ({"target_date": "31/12/2025"}, "not a day such as"),
        ({"level": "outcomes"}, "Did you mean outcome"),
        ({"measure": "within_standards_pct"}, "Did you mean within_standard_pct"),
        ({"measure": ""}, "neither a measure nor a unit"),
        ({"milestones": "2024: 50"}, "not written like"),
        ({"milestones": "2024-12-31: 50 | 2023-12-31: 40"}, "not in the order"),
        ({"milestones": "2026-12-31: 50"}, "not in the order"),
        ({"conditions": "servise=birth"}, "Did you mean service"),
        ({"conditions": "aspect=speed"}, "cannot be filtered by aspect"),
        ({"disaggregation": "age_group"}, "no breakdown of within_standard_pct"),
        ({"span": "latest"}, "not the state at the end of a month"),
        ({"measure": "communes_three_full_cycles_pct"}, "as at the data date only"),
        ({"measure": "", "unit": "poeple"}, "Did you mean people"),
        ({"references": "16.6.2"}, "not written like 9:16.6.2"),
        ({"measure": "", "unit": "people", "disaggregation": "colour"}, "no breakdown of entered values"),
    ],
)
def test_what_is_not_declared_right_is_said(changes: dict[str, str], said: str) -> None:
    with pytest.raises(Problem) as found:
        one(**changes)
    assert said in str(found.value)


def test_a_code_is_used_once_and_a_result_has_one_text() -> None:
    with pytest.raises(Problem, match="used twice"):
        declared([BASE, BASE])
    with pytest.raises(Problem, match="another level or another text"):
        declared([BASE, {**BASE, "indicator_code": "A2", "result_en": "Seen"}])


def test_a_list_with_an_unknown_or_a_missing_column_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "indicators.csv"
    file.write_text("indicator_code,levels\nA1,outcome\n", encoding="utf-8")
    with pytest.raises(Problem, match="Did you mean level"):
        read_list(file)
    file.write_text("indicator_code,level\nA1,outcome\n", encoding="utf-8")
    with pytest.raises(Problem, match="no column result_code"):
        read_list(file)


def test_the_example_matches_what_the_programme_claims_and_says_that_it_is_one() -> None:
    assert {"impact", "outcome", "output"} == {each.level for each in EXAMPLE}
    assert not [each.code for each in EXAMPLE if each.level == "impact" and each.milestones]   # OPSYS has none there
    texts = [told for each in EXAMPLE for told in (each.title, each.result, each.sources, each.assumptions)]
    assert not [told["en"] for told in texts if told["km"] == told["en"]]
    assert "invented" in docs.results_framework()


def own_list(**changes: str) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(BASE | changes))
    writer.writeheader()
    writer.writerow({**BASE, **changes})
    return out.getvalue()


@pytest.mark.usefixtures("nothing_hidden")
def test_a_programme_s_own_list_in_the_inbox_wins_and_is_no_file_to_load(data: Path, write: Write) -> None:
    write("r.csv", rows_of(sources.source("service_requests"), {}))
    outcome = pipeline.build_warehouse(data / "inbox", False)
    assert {each.is_example for each in indicators.indicators()} == {True}
    write("indicators.csv", own_list())
    write("programme.toml", (warehouse.reference_folder() / "programme.toml").read_text(encoding="utf-8"))
    outcome = pipeline.build_warehouse(data / "inbox", False)
    assert [(each.code, each.is_example) for each in indicators.indicators()] == [("A1", False)]
    assert [load.file_name for load in outcome.loads] == ["r.csv"]
    write("indicators.csv", own_list(target_value="many"))
    with pytest.raises(Problem, match="target_value is not a number"):
        pipeline.build_warehouse(data / "inbox", False)
    assert [each.code for each in indicators.indicators()] == ["A1"]   # readers keep what they have


def test_an_unknown_service_stops_the_build_instead_of_having_no_data(tmp_path: Path) -> None:
    with modelled({}, tmp_path) as connection:
        (tmp_path / "own.csv").write_text(own_list(conditions="service=birth_certifcate"), encoding="utf-8")
        with pytest.raises(Problem, match="service"):
            marts.read_indicators(connection, tmp_path / "own.csv", is_example=False)


def test_the_page_about_the_framework_is_up_to_date() -> None:
    assert (docs._DOCS / "results-framework.md").read_text(encoding="utf-8") == docs.results_framework()
