"""Are agreed actions and yearly cycles told as their records stand on the last day of the data, and low scores followed fairly?"""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from foreign_files import CASES, table_of
from screen import data_of
from small_files import Write
from small_staging import modelled, request
from small_warehouse import hidden, publish

import warehouse
from etl import marts
from etl.fit import known_lists
from etl.pipeline import build_warehouse
from etl.proposal import propose
from etl.sources import SOURCES, source
from metrics import plans
from metrics.definitions import actions
from metrics.follow_through import NO_RECORD, FollowThrough, follow_through
from metrics.model import Fact, Metric
from metrics.query import Query, ask
from stats.matched_shares import matched_difference
from stats.proportions import newcombe_difference

LAST_DAY = "2025-03-31"
PLAN = {
    "commune_code": "070101",
    "facility_type": "commune_hall",
    "category": "time",
    "action": "Hang the list",
    "agreed_date": "2024-01-10",
}
RECORDS_UP_TO = {"service_requests": [request(number, LAST_DAY) for number in range(10)]}  # so many that none is hidden


def action(number: str, day: str, status: str, **more: Any) -> dict[str, Any]:
    """One status of one action, due on 30 June 2024 unless said otherwise."""
    return {**PLAN, "action_id": number, "status_date": day, "status": status, "due_date": "2024-06-30", **more}


def asked(folder: Path, sql: str, **rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What a query finds in marts made of these rows, which pass every audit."""
    with modelled({**RECORDS_UP_TO, **rows}, folder) as connection:
        marts.run_audits(connection)
        return connection.sql(sql).fetchall()


# actions


def test_an_action_is_as_it_was_last_heard_of_and_keeps_what_a_later_row_leaves_out(tmp_path: Path) -> None:
    history = [
        action("A", "2024-01-10", "planned", responsible="commune_council"),
        action("A", "2024-09-01", "ongoing", due_date=None),
        action("A", "2024-05-01", "planned"),
    ]
    sql = "select status, status_date, responsible, due_date, is_overdue, days_late, days from marts.dim_action"
    assert asked(tmp_path, sql, action_plans=history) == [
        ("ongoing", date(2024, 9, 1), "commune_council", date(2024, 6, 30), True, 274, 446)
    ]


def test_an_action_that_was_opened_again_is_not_done(tmp_path: Path) -> None:
    history = [action("A", "2024-03-01", "completed", done_date="2024-02-20"), action("A", "2024-04-01", "ongoing")]
    assert asked(tmp_path, "select done_date, is_open from marts.dim_action", action_plans=history) == [(None, True)]


@pytest.mark.parametrize(
    ("status", "due", "is_overdue"),
    [
        ("planned", "2025-03-30", True),
        ("ongoing", LAST_DAY, False),  # the day itself is still in time
        ("planned", None, False),
        ("dropped", "2024-06-30", False),
    ],
)
def test_only_open_actions_whose_due_date_has_passed_are_overdue(tmp_path: Path, status: str, due: str | None, is_overdue: bool) -> None:
    rows = [action("A", "2024-02-01", status, due_date=due)]
    assert asked(tmp_path, "select is_overdue from marts.dim_action", action_plans=rows) == [(is_overdue,)]


def test_a_done_action_is_late_by_the_days_after_its_due_date(tmp_path: Path) -> None:
    rows = [action("A", "2024-08-01", "completed", done_date="2024-07-10"), action("B", "2024-08-01", "completed", done_date="2024-06-20")]
    assert asked(tmp_path, "select days_late, days from marts.dim_action order by action_id", action_plans=rows) == [(10, 182), (-10, 162)]


def test_an_action_that_goes_on_under_a_new_number_is_carried_over_and_a_done_one_is_not(tmp_path: Path) -> None:
    rows = [
        action("A", "2024-02-01", "ongoing"),
        action("B", "2024-08-01", "completed", done_date="2024-07-01"),
        action("C", "2025-01-10", "planned", agreed_date="2025-01-10", due_date="2025-06-30", carried_from="A"),
        action("D", "2025-01-10", "planned", agreed_date="2025-01-10", due_date="2025-06-30", carried_from="B"),
    ]
    sql = 'select status, "end", sum(actions), sum(open), sum(carried_over) from marts.agg_actions group by all order by all'
    assert asked(tmp_path, sql, action_plans=rows) == [
        ("carried_over", "open", 1, 0, 1),
        ("completed", "completed", 1, 0, 0),
        ("planned", "open", 2, 2, 0),
    ]


def test_the_kind_of_facility_is_that_of_the_register_where_the_plan_is_silent_and_the_partner_that_of_the_cycle(tmp_path: Path) -> None:
    rows = asked(
        tmp_path,
        "select facility_type, cycle, partner_id from marts.dim_action order by action_id",
        action_plans=[
            action("A", "2024-02-01", "planned", facility_type=None, facility_id="HC1", cycle=2023),
            action("B", "2024-02-01", "planned"),
        ],
        facilities=[{"facility_id": "HC1", "facility_type": "health_centre", "commune_code": "070101", "district_code": "0701"}],
        cycles=[{"commune_code": "070101", "cycle": 2023, "start_date": "2023-09-01", "partner_id": "P2"}],
        coverage=[{"commune_code": "070101", "start_date": "2023-01-01", "partner_id": "P1"}],
    )
    assert rows == [("health_centre", 2023, "P2"), ("commune_hall", 2024, "P1")]


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("done_date,progress_pct\n2024-05-01,", "completed"),
        ("done_date,progress_pct\n,0", "planned"),
        ("done_date,progress_pct\n,40", "ongoing"),
    ],
)
def test_a_status_that_nobody_wrote_follows_from_the_day_or_the_percentage(written: str, status: str) -> None:
    rule = source("action_plans").column("status").when_empty
    done, progress = written.splitlines()[1].split(",")
    values = f"select nullif('{done}', '')::date as done_date, nullif('{progress}', '')::double as progress_pct"
    assert duckdb.sql(f"select {rule} from ({values})").fetchall() == [(status,)]


# cycles


def cycle(year: int, **dates: str) -> dict[str, Any]:
    return {"commune_code": "070101", "cycle": year, "start_date": f"{year}-01-05", **{f"{step}_date": day for step, day in dates.items()}}


FULL = {"information": "2023-02-01", "scorecards": "2023-05-01", "interface": "2023-06-01", "plan": "2023-06-15", "review": "2023-12-01"}
COVERED = [{"commune_code": "070101", "start_date": "2022-12-01", "partner_id": "P1"}]


@pytest.mark.parametrize(
    ("held", "stands"),
    [
        (cycle(2023, **FULL), (True, None, None, False)),
        (cycle(2025), (False, "information", 85, False)),
        (cycle(2024, information="2024-12-01"), (False, "scorecards", 120, False)),  # the last day on which it may still wait
        (cycle(2024, information="2024-11-30"), (False, "scorecards", 121, True)),
        (cycle(2024, information="2024-02-01", interface="2024-12-20"), (False, "scorecards", 101, False)),  # a step was left out
    ],
)
def test_a_cycle_is_full_or_waits_for_its_first_step_that_was_not_done(
    tmp_path: Path, held: dict[str, Any], stands: tuple[Any, ...]
) -> None:
    sql = "select is_full, next_step, days_waiting, is_stalled from marts.dim_cycle"
    assert asked(tmp_path, sql, cycles=[held], coverage=COVERED) == [stands]


def test_a_commune_has_three_full_cycles_from_the_month_of_the_last_step_of_the_third(tmp_path: Path) -> None:
    days = {2022: "2022-06-01", 2023: "2023-06-01", 2024: "2024-08-31"}
    full = [
        {"commune_code": "070101", "cycle": year, "start_date": f"{year}-01-05", **{f"{step}_date": day for step in FULL}}
        for year, day in days.items()
    ]
    rows = asked(
        tmp_path,
        "select month, full_cycles, has_three_full from marts.agg_cycle_standing where year(month) = 2024 order by month",
        cycles=full,
        coverage=COVERED,
    )
    assert [row for row in rows if row[0].month in (7, 8, 9)] == [
        (date(2024, 7, 1), 2, False), (date(2024, 8, 1), 3, True), (date(2024, 9, 1), 3, True),
    ]  # fmt: skip


def test_a_commune_counts_its_full_cycles_and_is_stalled_in_its_newest_one_only(tmp_path: Path) -> None:
    three = [
        {"commune_code": "070101", "cycle": year, "start_date": f"{year}-01-05", **{f"{step}_date": f"{year}-06-01" for step in FULL}}
        for year in (2021, 2022, 2024)
    ]
    rows = asked(
        tmp_path,
        "select commune_code, cycles, full_cycles, has_three_full, is_stalled from marts.agg_commune_cycles order by all",
        cycles=[*three, cycle(2023, information="2023-02-01"), {**cycle(2024, information="2024-02-01"), "commune_code": "070102"}],
        coverage=[{"commune_code": code, "start_date": "2021-01-01", "partner_id": "P1"} for code in ("070101", "070102", "070103")],
    )
    assert rows == [("070101", 4, 3, 1, 0), ("070102", 1, 0, 0, 1), ("070103", 0, 0, 0, 0)]


# measures


def built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))


@pytest.mark.parametrize("dimension", ["", *actions.ACTIONS.dimensions])
@pytest.mark.parametrize("metric", actions.METRICS, ids=lambda metric: metric.name)
def test_every_measure_is_told_by_every_dimension_it_has(metric: Metric, dimension: str, monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch)
    if dimension and dimension not in metric.fact.dimensions:
        pytest.skip("the records behind it do not say")
    period = "year" if metric.fact.has_period else None
    table = ask(Query((metric.name,), by=(dimension,) if dimension else (), period=period)).table
    assert len(table) and (table[f"{metric.name}_status"] == "shown").any()
    assert "hidden" not in set(table[f"{metric.name}_status"])  # plans tell of offices, never of persons


@pytest.mark.parametrize("fact", [actions.ACTIONS, actions.CYCLES], ids=lambda fact: fact.name)
def test_the_parts_of_a_breakdown_add_up_to_the_whole(fact: Fact, monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch)
    name = "actions_agreed" if fact is actions.ACTIONS else "cycles"
    whole = ask(Query((name,))).table[name].sum()
    for dimension in fact.dimensions:
        assert ask(Query((name,), by=(dimension,))).table[name].sum() == whole, dimension


def count(monkeypatch: pytest.MonkeyPatch, folder: Path, rows: list[dict[str, Any]], metric: str) -> tuple[float, float]:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(folder))
    counted = ["planned", "ongoing", "completed", "dropped", "carried_over", "open", "open_with_due_date", "overdue", "year_old"]
    base = {"commune_code": "070101", "facility_type": "commune_hall", "month": date(2024, 1, 1), "status": "planned", "end": "open"}
    base |= dict.fromkeys([*counted, "done_within_year"], 0)
    publish(folder, {"marts.agg_actions": [{**base, **row} for row in rows]})
    row = ask(Query((metric,))).table.iloc[0]
    return float(row[metric]), float(row[f"{metric}_n"])


@pytest.mark.parametrize(
    ("metric", "value", "base"),
    [
        ("actions_completed_pct", 40.0, 10),
        ("actions_completed_or_ongoing_pct", 70.0, 10),
        ("actions_done_within_year_pct", 50.0, 6),
        ("actions_overdue_pct", 50.0, 4),
        ("actions_carried_over_pct", 10.0, 10),
        ("open_actions", 5.0, 5),
    ],
)
def test_shares_rest_on_what_their_definition_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metric: str, value: float, base: float
) -> None:
    rows = [
        {"status": "completed", "end": "completed", "days": 60, "actions": 4, "completed": 4, "year_old": 4, "done_within_year": 3},
        {"status": "ongoing", "days": 300, "actions": 3, "ongoing": 3, "open": 3, "open_with_due_date": 3, "overdue": 2},
        {"status": "planned", "days": 300, "actions": 2, "planned": 2, "open": 2, "open_with_due_date": 1},
        {"status": "carried_over", "days": 200, "actions": 1, "carried_over": 1, "year_old": 2},
    ]
    assert count(monkeypatch, tmp_path, rows, metric) == pytest.approx((value, base))


def test_half_are_done_by_the_day_on_which_half_of_those_who_waited_so_long_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # 2 of 8 are done on day 20; one is watched for 30 days only; 2 of the 5 left are done on day 60: 1 - 6/8 x 3/5 = 55 %
    rows = [
        {"status": "completed", "end": "completed", "days": 20, "actions": 2},
        {"days": 30, "actions": 1},
        {"status": "completed", "end": "completed", "days": 60, "actions": 2},
        {"days": 100, "actions": 3},
    ]
    assert count(monkeypatch, tmp_path, rows, "median_action_days") == (60, 8)


# late actions and stalled cycles


def test_late_actions_are_listed_in_order_of_place_and_due_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    late = [("B", "070102", date(2024, 1, 1)), ("A", "070101", date(2024, 6, 1)), ("C", "070101", date(2024, 2, 1))]
    rows = [{"action_id": key, "commune_code": place, "due_date": due, "is_overdue": True} for key, place, due in late]
    build = publish(tmp_path, {"marts.dim_action": [*rows, {"action_id": "D", "commune_code": "070101", "is_overdue": False}]})
    assert plans.late(build)["action_id"].tolist() == ["C", "A", "B"]
    assert plans.late(build, "070102")["action_id"].tolist() == ["B"]


# follow-through


def scored(cycle: int, score: float, place: str = "070101", category: str = "time", **more: Any) -> dict[str, Any]:
    given = {"commune_code": place, "district_code": place[:4], "province_code": place[:2], "facility_type": "commune_hall"}
    return {**given, "cycle": cycle, "category": category, "score_pct": score, "is_low": score < 50, "is_shown": True, **more}


def planned(number: str, cycle: int, status: str, **more: Any) -> dict[str, Any]:
    given = {"commune_code": "070101", "facility_type": "commune_hall", "category": "time", "action": f"action {number}"}
    return {**given, "action_id": number, "cycle": cycle, "status": status, "agreed_date": date(cycle, 5, 1), **more}


CATEGORIES = [
    {"category": "time", "measure": "median_processing_days"},
    {"category": "inclusion", "measure": None},
    {"category": "teachers", "measure": "no_such_measure"},
]


def followed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, scores: list[dict[str, Any]], agreed: list[dict[str, Any]]
) -> FollowThrough | None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(folder))
    build = publish(folder, {"marts.scored_criteria": scores, "marts.dim_action": agreed, "marts.dim_category": CATEGORIES})
    return follow_through(build)


def test_a_low_score_in_a_hidden_cell_is_no_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    start = date(2024, 1, 1)
    scores = [scored(2023, 30, quarters=[start]), scored(2023, 30, "070102", quarters=[start])]
    cell = hidden("scores", "070101", "quarter", start, topic="time", service_code="commune_hall")
    given = {"marts.scored_criteria": scores, "marts.dim_category": CATEGORIES, "privacy.hidden_cells": [cell]}
    found = follow_through(publish(tmp_path, given))
    assert found is not None and found.cases["commune_code"].tolist() == ["070102"]


def test_a_low_score_is_followed_to_the_action_of_its_own_cycle_facility_and_criterion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = [
        scored(2023, 30),  # agreed and done
        scored(2024, 75),  # not low: no case, but the next score of the one above
        scored(2023, 40, category="inclusion"),  # an action of another cycle only
        scored(2023, 20, "070102"),  # an action of another commune only
        scored(2023, 10, category="teachers", is_shown=False),  # fewer than ten people: nowhere
    ]
    agreed = [planned("A", 2023, "completed"), planned("B", 2024, "planned", category="inclusion")]
    found = followed(tmp_path, monkeypatch, scores, agreed)
    assert found is not None
    assert (found.low, found.agreed, found.done, found.answered, found.improved) == (3, 1, 1, 0, 0)
    assert (found.with_action.cases, found.with_action.risen, found.without_action.cases) == (1, 1, 0)
    assert set(found.cases["record"]) == {NO_RECORD}


def test_an_action_of_a_named_facility_does_not_answer_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = [scored(2023, 30, facility_id="CH-1"), scored(2023, 30, facility_id="CH-2")]
    found = followed(tmp_path, monkeypatch, scores, [planned("A", 2023, "ongoing", facility_id="CH-1")])
    assert found is not None and found.cases.set_index("facility_id")["has_action"].to_dict() == {"CH-1": True, "CH-2": False}


def test_what_was_carried_over_and_done_later_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = [
        planned("A", 2023, "carried_over"),
        planned("B", 2024, "carried_over", carried_from="A"),
        planned("C", 2025, "completed", carried_from="B"),
    ]
    found = followed(tmp_path, monkeypatch, [scored(2023, 30)], agreed)
    assert found is not None and found.done == 1


def test_of_several_actions_words_and_days_are_those_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = [
        planned("roof", 2023, "planned", agreed_date=date(2023, 4, 1)),
        planned("tickets", 2023, "completed", agreed_date=date(2023, 5, 1), done_date=date(2024, 6, 1)),
        planned("chairs", 2023, "completed", agreed_date=date(2023, 6, 1), done_date=date(2024, 8, 1)),
    ]
    found = followed(tmp_path, monkeypatch, [scored(2023, 30)], agreed)
    assert found is not None and found.low == 1
    case = found.cases.iloc[0]
    assert (case["action"], case["agreed_date"].date(), case["done_date"].date()) == ("action tickets", date(2023, 5, 1), date(2024, 6, 1))
    found = followed(tmp_path, monkeypatch, [scored(2023, 30)], agreed[:1])
    assert found is not None and found.cases["action"].tolist() == ["action roof"] and found.cases["done_date"].isna().all()


def test_without_low_scores_there_is_nothing_to_follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert followed(tmp_path, monkeypatch, [scored(2023, 80)], [planned("A", 2023, "completed")]) is None


def test_records_are_told_by_verdicts_and_only_where_the_kind_of_facility_has_any(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch)
    build = warehouse.current_build()
    assert build is not None
    found = follow_through(build.build_id)
    assert found is not None and found.low >= found.agreed >= found.done >= found.answered >= found.improved
    by_kind = found.cases.groupby(["facility_type", "category"])["record"].agg(set)
    assert by_kind["health_centre", "time"] == {NO_RECORD}  # waiting times are in the registers of halls and police posts only
    assert by_kind["primary_school", "learning_materials"] == {NO_RECORD}  # no measure answers it
    assert NO_RECORD not in by_kind["commune_hall", "time"]


# equally low scores


def test_one_stratum_gives_the_plain_difference() -> None:
    found = matched_difference([1, 1, 0, 0, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0], [0] * 8, range(8))
    assert (found.share_with, found.share_without, found.difference) == (0.5, 0.25, 0.25)


def test_groups_are_compared_only_where_both_are_there() -> None:
    # low band: 1 of 2 with, 0 of 2 without; high band: 3 of 3 with, nobody without: left out, or having an action would look better
    outcome, has = [1, 0, 0, 0, 1, 1, 1], [1, 1, 0, 0, 1, 1, 1]
    found = matched_difference(outcome, has, [0, 0, 0, 0, 1, 1, 1], range(7))
    assert (found.n_with, found.n_without, found.strata, found.difference) == (2, 2, 1, 0.5)


def test_strata_weigh_as_mantel_and_haenszel_say() -> None:
    # stratum 0: 1 of 2 against 0 of 2, weight 2 x 2 / 4 = 1; stratum 1: 1 of 1 against 1 of 2, weight 1 x 2 / 3
    found = matched_difference([1, 0, 0, 0, 1, 1, 0], [1, 1, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 1, 1], range(7))
    assert found.difference == pytest.approx((1 * 0.5 + 2 / 3 * 0.5) / (1 + 2 / 3))
    assert np.isnan(found.low)  # seven clusters are too few to say how much they scatter


def test_with_every_case_its_own_cluster_the_limits_are_those_of_newcombe() -> None:
    outcome = [1] * 120 + [0] * 80 + [1] * 90 + [0] * 110
    found = matched_difference(outcome, [1] * 200 + [0] * 200, [0] * 400, range(400))
    assert (found.low, found.high) == pytest.approx(newcombe_difference(90, 200, 120, 200), abs=0.01)


def test_cases_of_one_cluster_that_are_all_alike_count_as_little_more_than_one() -> None:
    random = np.random.default_rng(1)
    truth = random.random(40) < 0.5
    outcome, cluster = np.repeat(truth, 10), np.repeat(np.arange(40), 10)
    has = np.repeat(np.arange(40) % 2 == 0, 10)
    whole = matched_difference(outcome, has, np.zeros(400), cluster)
    each = matched_difference(outcome, has, np.zeros(400), np.arange(400))
    assert whole.high - whole.low > 2 * (each.high - each.low)


def test_nothing_matched_is_said_so() -> None:
    found = matched_difference([1, 0], [1, 0], [0, 1], [0, 1])
    assert found.n_with == 0 and np.isnan(found.difference)
    assert matched_difference([], [], [], []).clusters == 0


# a real-shaped file


def test_an_action_plan_as_offices_write_it_loads_with_the_mapping_that_is_proposed(
    write: Write, nothing_hidden: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = next(case for case in CASES if case.name == "an action plan of a commune")
    path = write("action_plans/jaap.csv", case.text)
    proposal = propose(table_of(case, path.parents[2]), SOURCES, known_lists(SOURCES, None), today=date(2026, 11, 24))
    assert not [question.key for question in proposal.questions if question.is_required]
    write("action_plans/jaap.toml", proposal.to_toml())
    build_warehouse(path.parents[1], False, lambda share, what: None)
    found = warehouse.read(
        "select action_id, facility_type, category, responsible, status, due_date::varchar as due, cost_riel "
        "from staging.action_plans order by action_id"
    )
    assert found.astype(object).where(found.notna(), None).to_numpy().tolist() == [
        ["J-1", "commune_hall", "time", "commune_council", "completed", "2024-06-30", 200_000],
        ["J-2", "health_centre", "staff_attitude", "health_centre", "ongoing", "2024-06-30", 0],
        ["J-3", "primary_school", "cleanliness", "school", "planned", "2024-12-31", 1_500_000],
        ["J-4", "commune_hall", "fee", "commune_council", "dropped", "2024-03-31", None],
    ]
