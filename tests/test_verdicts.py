"""Are communes judged on what happened, told only what may be told, and read back as they were decided?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import small_warehouse
from small_warehouse import days, hidden

import warehouse
from metrics import read_verdicts, targets
from metrics.compare import before_after
from metrics.judged import Frame, hidden_of, leaves_few, shown, told
from metrics.question import Filters
from stats.monthly import Figures
from stats.process_chart import xmr_limits
from stats.verdict import Why, Word

MONTHS = [date(2021 + number // 12, number % 12 + 1, 1) for number in range(48)]
START = date(2023, 1, 1)
BETTER, SAME, HIDDEN, NEW = "070101", "070102", "070201", "090101"
STARTS = {BETTER: START, SAME: START, HIDDEN: START, NEW: date(2024, 10, 1)}


HERE = f"(select '{BETTER}' as place, '{BETTER}' as commune_code)"


def target(name: str, metric: str, value: float, **more: Any) -> dict[str, Any]:
    return {"target_id": name, "metric": metric, "target": value, "valid_from": MONTHS[0], "source": "by hand", **more}


def fees(month: date) -> dict[str, int]:
    """What people paid: of 40 a month, and in two months since the start of so few that the month is not shown."""
    few = {date(2023, 6, 1): (5, 2), date(2023, 9, 1): (12, 0)}  # nine at most, and none of fewer than twenty
    known, over = few.get(month, (40, 3 + month.month % 4))
    return {"fee_known": known, "fee_over": over}


def rows() -> dict[str, list[dict[str, Any]]]:
    """Four communes, 40 requests and about 100 visits a month; in BETTER and HIDDEN requests get 5 days faster and visits rise by half."""
    random = np.random.default_rng(1)
    made: dict[str, list[dict[str, Any]]] = {
        "marts.dim_coverage": [
            {"commune_code": code, "start_date": start, "before_from": date(start.year - 1, start.month, 1), "after_from": start}
            for code, start in STARTS.items()
        ],
        "marts.dim_facility": [
            {"facility_id": f"F{code}", "facility_type": "health_centre", "commune_code": code, "province_code": code[:2]}
            for code in STARTS
        ],
        "marts.dim_data_period": [{"data_from": MONTHS[0], "data_to": date(2024, 12, 31), "first_incomplete_month": date(2025, 1, 1)}],
        "marts.dim_register": [{"office_id": code, "register_from": MONTHS[0], "register_to": date(2024, 12, 31)} for code in STARTS],
        "marts.dim_target": [
            target("birth", "median_processing_days", 6, service_code="birth"),
            target("most", "within_standard_pct", 80),
            target("fee", "over_fee_pct", 5),
        ],
        "privacy.hidden_cells": [
            hidden(fact, HIDDEN, period, first, service_code="*")
            for fact in ("requests", "usage")
            for period, first in [("month", month) for month in MONTHS]
            + [("quarter", month) for month in MONTHS[::3]]
            + [("year", month) for month in MONTHS[::12]]
        ],
    }
    for code, start in STARTS.items():
        for month in MONTHS:
            is_better = month >= start and code in (BETTER, HIDDEN)
            made.setdefault("marts.agg_requests", []).append(
                {
                    "commune_code": code, "service_code": "birth", "month": month, "requests": 40, "due": 40,
                    "met": int(random.binomial(40, 0.8 if is_better else 0.5)),
                    **(fees(month) if code == BETTER else {"fee_known": 0, "fee_over": 0}),
                }
            )  # fmt: skip
            taken = random.poisson(4 if is_better else 9, 40)
            made.setdefault("marts.agg_processing_days", []).extend(
                days(code, month, {(int(day), "completed"): int((taken == day).sum()) for day in np.unique(taken)})
            )
            made.setdefault("marts.agg_usage", []).append(
                {
                    "commune_code": code, "facility_id": f"F{code}", "service_code": "anc", "month": month, "is_expected": True,
                    "is_reported": True, "visits": int(random.poisson(150 if is_better else 100)),
                }
            )  # fmt: skip
    return made


@pytest.fixture(scope="module", autouse=True)
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("verdicts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMUNE_PULSE_DATA", str(folder))
        yield small_warehouse.publish(folder, rows())


def of(commune: str, metric: str) -> dict[str, Any]:
    found = read_verdicts.table(Filters(commune=commune), metric)
    assert len(found) == 1
    return dict(found.iloc[0])


@pytest.mark.parametrize("metric", ["visits_per_facility_month", "median_processing_days", "within_standard_pct"])
def test_what_got_better_is_called_so_and_what_stayed_is_not(metric: str) -> None:
    better, same = of(BETTER, metric), of(SAME, metric)
    assert (better["word"], better["why"]) == (Word.IMPROVEMENT, Why.SIGNAL_AND_INTERVAL)
    assert (better["since"].date(), better["months_before"], better["baseline_from"].date()) == (START, 24, date(2021, 1, 1))
    assert better["low"] * better["high"] > 0
    assert same["word"] == Word.NO_CLEAR_CHANGE
    assert same["low"] < 0 < same["high"]


def test_the_figures_are_those_of_the_months_on_either_side() -> None:
    found = of(BETTER, "within_standard_pct")
    table = warehouse.read("select month < date '2023-01-01' as is_before, sum(met) as met, sum(due) as due from marts.agg_requests "
                           "where commune_code = '070101' group by 1").set_index("is_before")  # fmt: skip
    assert found["records_before"] == table.loc[True, "due"]
    assert found["before"] == pytest.approx(100 * table.loc[True, "met"] / table.loc[True, "due"], abs=1)


@pytest.mark.parametrize("metric", ["visits_per_facility_month", "median_processing_days", "within_standard_pct"])
def test_nothing_is_told_of_hidden_cells(metric: str) -> None:
    found = of(HIDDEN, metric)
    assert (found["word"], found["why"]) == (Word.CANNOT_TELL, Why.HIDDEN)
    assert all(pd.isna(found[name]) for name in (*read_verdicts.FIGURES[:5], "records_before", "records_after", "centre", "upper_limit"))
    assert found["signal"] is None or pd.isna(found["signal"])


@pytest.mark.parametrize(
    ("commune", "service", "metric", "expected", "months"),
    [
        (BETTER, "birth", "median_processing_days", "reliably", 23),  # half in 4 days, and 6 are allowed; December is too young
        (SAME, "birth", "median_processing_days", "not", 23),  # half in 9
        (BETTER, None, "within_standard_pct", "sometimes", 24),  # 80 % of 40 a month, and 80 are asked
        (SAME, None, "within_standard_pct", "not", 24),  # 50 %
    ],
)
def test_how_the_target_is_reached_since_the_start(commune: str, service: str | None, metric: str, expected: str, months: int) -> None:
    found = read_verdicts.table(Filters(commune=commune, service=service), metric).iloc[0]
    assert (found["reached"], found["recent_months"], found["recent_from"].date()) == (expected, months, START)
    assert found["recent_lower"] < found["after"] < found["recent_upper"]


def test_no_target_and_nothing_that_may_be_told_give_no_word() -> None:
    without, hidden_one, new = of(BETTER, "visits_per_facility_month"), of(HIDDEN, "within_standard_pct"), of(NEW, "within_standard_pct")
    assert pd.isna(without["target"]) and pd.isna(without["reached"])
    for found in (hidden_one, new):
        assert found["target"] == 80
        assert all(pd.isna(found[name]) for name in ("reached", "recent_from", "recent_months", "recent_lower", "recent_upper"))


def test_limits_rest_on_months_that_are_shown_by_themselves() -> None:
    """The limits beside a target are told: one unshown month among the others could be worked out from them."""
    found = of(BETTER, "over_fee_pct")
    assert (found["reached"], found["recent_months"], found["recent_from"].date()) == ("not", 22, START)
    since = [fees(month) for month in MONTHS if month >= START]
    shares = np.array([[100 * fee["fee_over"] / fee["fee_known"] if fee["fee_known"] >= 20 else np.nan for fee in since]])
    limits = xmr_limits(shares, 0, np.isfinite(shares))
    assert found["recent_upper"] == pytest.approx(limits.upper[0, -1])


@pytest.mark.parametrize(
    ("records", "value", "is_hidden", "is_shown"),
    [
        (9, 50.0, False, False),
        (10, 50.0, False, True),
        (19, 100.0, False, False),
        (19, 0.0, False, False),
        (20, 0.0, False, True),
        (40, 50.0, True, False),
    ],
)
def test_a_month_is_shown_by_itself_only_as_answers_show_it(records: int, value: float, is_hidden: bool, is_shown: bool) -> None:
    cells = [hidden("requests", BETTER, "quarter", MONTHS[3]), hidden("usage", BETTER, "month", MONTHS[4])]
    cells += [hidden("due", BETTER, "month", MONTHS[4])] if is_hidden else []
    table = pd.DataFrame(cells).rename(columns={"place_code": "commune_code"})
    table = table.assign(service_code="*", topic="", month=[day.year * 12 + day.month - 1 for day in table["period_start"]])
    frame = Frame(2021 * 12, 48, pd.DataFrame(), table)
    keys = pd.DataFrame({"commune_code": [BETTER], "service_code": ["*"], "topic": [""]})
    made = figures(48)
    made.values[0, 4], made.records[0, 4] = value, records
    found = shown(frame, keys, ("requests", "due"), 1, made, True)[0]
    assert found[4] == is_shown
    assert found.sum() == 47 + is_shown


def test_how_many_communes_reach_their_target() -> None:
    assert read_verdicts.reached(Filters(service="birth"), "median_processing_days") == {
        "reliably": 2, "sometimes": 0, "not": 1, "untold": 1,
    }  # fmt: skip
    assert read_verdicts.reached(Filters(district="0701"), "median_processing_days") == {
        "reliably": 1, "sometimes": 0, "not": 1, "untold": 0,
    }  # fmt: skip
    assert read_verdicts.reached(Filters(), "visits_per_facility_month") == {}


def test_the_target_of_the_smallest_place_holds_then_that_of_the_service_then_the_newest() -> None:
    keys = pd.DataFrame({"commune_code": [BETTER, BETTER, HIDDEN, NEW], "service_code": ["birth", "*", "*", "birth"]})
    declared = [
        target("all", "over_fee_pct", 5),
        target("newer", "over_fee_pct", 4, valid_from=START),
        target("birth", "over_fee_pct", 3, service_code="birth"),
        target("district", "over_fee_pct", 2, place_code="0701"),
        target("ended", "over_fee_pct", 1, place_code="070101", valid_to=START),
        target("later", "over_fee_pct", 0, valid_from=date(2025, 1, 1)),
    ]
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table {targets.TABLE} ({small_warehouse.TABLES[targets.TABLE]})")
        for row in declared:
            marks = ", ".join("?" for _ in row)
            connection.execute(f"insert into {targets.TABLE} ({', '.join(row)}) values ({marks})", list(row.values()))
        found = targets.in_force(connection, date(2024, 12, 31))
        values, ids = targets.of_series(found, "over_fee_pct", keys)
        assert list(zip(values, ids, strict=True)) == [(2, "district"), (2, "district"), (4, "newer"), (3, "birth")]
        connection.execute(f"update {targets.TABLE} set metric = 'over_fees_pct' where target_id = 'all'")
        with pytest.raises(warehouse.Problem, match="no measure called 'over_fees_pct'"):
            targets.in_force(connection, date(2024, 12, 31))


def test_too_short_a_time_since_the_start_is_said() -> None:
    assert of(NEW, "within_standard_pct")["why"] == Why.FEW_MONTHS_AFTER


def test_a_month_is_told_in_the_widest_shown_cell_that_is_wholly_on_its_side() -> None:
    connection = duckdb.connect()
    connection.execute("create schema privacy")
    connection.execute(f"create table privacy.hidden_cells ({small_warehouse.TABLES['privacy.hidden_cells']})")
    for cell in (
        hidden("requests", BETTER, "month", date(2021, 2, 1), service_code="*"),
        hidden("requests", BETTER, "month", date(2022, 5, 1), service_code="*"),
        hidden("requests", BETTER, "quarter", date(2022, 4, 1), service_code="*"),
        hidden("requests", BETTER, "year", date(2022, 1, 1), service_code="*"),
    ):
        names = ", ".join(cell)
        connection.execute(f"insert into privacy.hidden_cells ({names}) values ({', '.join('?' for _ in cell)})", list(cell.values()))
    communes = pd.DataFrame({"commune_code": [BETTER], "province_code": ["07"], "start": [2023 * 12], "is_first_day": [True]})
    frame = Frame(2021 * 12, 48, communes, hidden_of(connection, HERE))
    keys = pd.DataFrame({"commune_code": [BETTER], "service_code": ["*"], "topic": [""]})
    is_told = told(frame, keys, ("requests",), 1, figures(48))[0]
    untold = [MONTHS[number] for number in np.flatnonzero(~is_told)]
    assert untold == [date(2022, 5, 1)]  # February 2021 is told in its year; May 2022 in nothing


def figures(months: int, missing: tuple[int, ...] = ()) -> Figures:
    """A series with 20 records every month, without a usable value in some."""
    values = np.full((1, months), 50.0)
    values[0, list(missing)] = np.nan
    return Figures(values, np.full((1, months), 20.0), np.ones((1, months)), np.full((1, months), 20.0), np.zeros(1, dtype=bool))


@pytest.mark.parametrize(
    ("shown", "missing", "goes_on", "untold"),
    [
        ((), (), False, range(3, 12)),  # of 2021 only the nine months before April count: January to March could be worked out
        (("2021-01-01",), (), False, ()),  # unless their quarter is shown
        (("2021-01-01",), (47,), False, range(36, 48)),  # December 2024 is too young to count: it would be what is left of its year
        (("2021-01-01",), (), True, range(36, 48)),  # and so would the days of a month that is not complete
    ],
)
def test_what_is_left_of_a_year_cannot_be_worked_out(
    shown: tuple[str, ...], missing: tuple[int, ...], goes_on: bool, untold: Sequence[int]
) -> None:
    """Every month and quarter hidden, every year shown; the programme came on 1 April 2023, so the baseline begins in April 2021."""
    connection = duckdb.connect()
    connection.execute("create schema privacy")
    connection.execute(f"create table privacy.hidden_cells ({small_warehouse.TABLES['privacy.hidden_cells']})")
    cells = [("month", month) for month in MONTHS] + [("quarter", month) for month in MONTHS[::3] if str(month) not in shown]
    for cell in (hidden("requests", BETTER, period, month, service_code="*") for period, month in cells):
        names = ", ".join(cell)
        connection.execute(f"insert into privacy.hidden_cells ({names}) values ({', '.join('?' for _ in cell)})", list(cell.values()))
    communes = pd.DataFrame({"commune_code": [BETTER], "province_code": ["07"], "start": [2023 * 12 + 3], "is_first_day": [True]})
    frame = Frame(2021 * 12, 45 if goes_on else 48, communes, hidden_of(connection, HERE), goes_on)
    keys = pd.DataFrame({"commune_code": [BETTER], "service_code": ["*"], "topic": [""]})
    is_told = told(frame, keys, ("requests",), 1, figures(frame.months, missing))[0]
    counts = [month for month in (*range(3, 27), *range(27, frame.months)) if month not in missing]
    of_2023 = set(range(24, 36))  # the programme came within it
    assert {month for month in counts if not is_told[month]} == (set(untold) | of_2023) & set(counts)


@pytest.mark.parametrize(("rest", "is_few"), [(0, False), (3, True), (9, True), (10, False)])
def test_a_facility_that_does_not_count_is_not_what_is_left_over(rest: int, is_few: bool) -> None:
    """The visits of a commune are shown, and those of all its facilities but one would be told: the visits of that one by subtraction."""
    communes = pd.DataFrame({"commune_code": [BETTER], "province_code": ["07"], "start": [2023 * 12], "is_first_day": [True]})
    keys = pd.DataFrame({"commune_code": [BETTER], "service_code": ["*"], "topic": [""]})
    besides = np.zeros((1, 48))
    besides[0, 30] = rest
    frame = Frame(2021 * 12, 48, communes, pd.DataFrame())
    few = leaves_few(frame, keys, 1, replace(figures(48), rest=besides), np.ones((1, 48), dtype=bool))
    assert list(few) == [is_few]


def test_a_build_from_before_there_were_verdicts_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    small_warehouse.publish(tmp_path, {})
    build_id = "2020-01-01a"
    kept = warehouse.warehouse_folder() / f"{build_id}.duckdb"
    shutil.copy(next(warehouse.warehouse_folder().glob("*.duckdb")), kept)
    with duckdb.connect(str(kept)) as connection:
        connection.execute("drop table marts.verdicts")
    found = read_verdicts.table(None, None, build_id)
    assert found.empty
    assert set(read_verdicts.NUMBERS) <= set(found)
    assert read_verdicts.most_changed(None, build_id).empty
    assert read_verdicts.table_of_services(BETTER, build_id).empty


def test_a_build_from_before_there_were_targets_has_its_words_and_no_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    small_warehouse.publish(tmp_path, rows())
    build_id = "2020-01-01a"
    kept = warehouse.warehouse_folder() / f"{build_id}.duckdb"
    shutil.copy(next(warehouse.warehouse_folder().glob("*.duckdb")), kept)
    with duckdb.connect(str(kept)) as connection:
        connection.execute("drop table marts.dim_target")
        for name in ("target", "target_id", "reached", "recent_from", "recent_to", "recent_months", "recent_lower", "recent_upper"):
            connection.execute(f"alter table {read_verdicts.TABLE} drop column {name}")
    found = read_verdicts.table(Filters(commune=BETTER), "within_standard_pct", build_id).iloc[0]
    assert found["word"] == Word.IMPROVEMENT and pd.isna(found["target"]) and pd.isna(found["reached"])
    assert read_verdicts.reached(Filters(), "within_standard_pct", build_id) == {}
    assert targets.of("within_standard_pct", Filters(), date(2024, 12, 31), build_id) is None
    assert targets.of("within_standard_pct", Filters(), date(2024, 12, 31)) is not None


def test_no_clear_change_of_several_communes_excludes_a_change_that_matters() -> None:
    found = replace(
        before_after("within_standard_pct"), status="shown", relative=False, before=50.0, after=59.0, difference=9.0, sure=False
    )
    assert read_verdicts.of_comparison(replace(found, low=-0.5, high=18.5)).word == Word.CANNOT_TELL
    assert read_verdicts.of_comparison(replace(found, low=-0.5, high=9.5)).word == Word.NO_CLEAR_CHANGE


def test_one_commune_is_told_with_its_own_verdict() -> None:
    found, verdict = read_verdicts.judged(before_after("within_standard_pct", Filters(commune=BETTER)))
    row = of(BETTER, "within_standard_pct")
    assert (verdict.word, found.before, found.after, found.aligned_by) == (row["word"], row["before"], row["after"], "all_months")
    hidden_one, cannot = read_verdicts.judged(before_after("within_standard_pct", Filters(commune=HIDDEN)))
    assert cannot.word == Word.CANNOT_TELL
    assert pd.isna(hidden_one.before)


@pytest.mark.parametrize("place", [{}, {"province": "07"}, {"district": "0701"}, {"commune": BETTER}])
def test_what_no_commune_may_tell_has_no_word_for_that_reason_and_not_for_too_few_records(place: dict[str, str]) -> None:
    """Documents split requests by an attribute: the cells of communes are hidden in every build, however many requests there are."""
    found, verdict = read_verdicts.judged(before_after("documents_complete_pct", Filters(**place)))
    assert (verdict.word, verdict.why, found.is_withheld) == (Word.CANNOT_TELL, Why.WITHHELD, True)
    assert not before_after("within_standard_pct", Filters(**place)).is_withheld


def test_what_changed_most_is_beyond_chance_and_has_a_word() -> None:
    found = read_verdicts.most_changed(Filters())
    assert set(found["place_code"]) == {BETTER}
    assert found["size"].is_monotonic_decreasing
    assert read_verdicts.counted(read_verdicts.table(Filters(), "within_standard_pct")) == {
        Word.IMPROVEMENT: 1, Word.CONCERN: 0, Word.NO_CLEAR_CHANGE: 1, Word.CANNOT_TELL: 2,
    }  # fmt: skip
