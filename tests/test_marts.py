"""Do the tables behind the screen say what the records say?"""

from datetime import date
from pathlib import Path

import pytest
import sqlglot
from small_staging import TARGETS, modelled, request, staged, write_reference

from etl import marts
from warehouse import Problem

REGISTER = {"register_to_date": "2024-01-31"}
NOT_YET_IN_SPARK: set[str] = set()


def the_day(text: str) -> date:
    return date.fromisoformat(text)


# Days and deadlines


def test_working_days_between_two_dates_are_the_difference_of_their_numbers(tmp_path: Path) -> None:
    # Friday 5 January 2024 to Wednesday 10: Monday 8 is a holiday, so Tuesday and Wednesday count
    with modelled({}, tmp_path) as connection:
        first, last = connection.sql(
            "select working_day_number from marts.dim_date where date in ('2024-01-05', '2024-01-10') order by date"
        ).fetchall()
    assert last[0] - first[0] == 2


def test_the_fiscal_year_begins_in_july(tmp_path: Path) -> None:
    with modelled({}, tmp_path) as connection:
        found = connection.sql(
            "select care_fiscal_year from marts.dim_date where date in ('2024-06-30', '2024-07-01') order by date"
        ).fetchall()
    assert found == [(2024,), (2025,)]


@pytest.mark.parametrize(
    ("service", "handed_in", "deadline", "why"),
    [
        ("birth", "2024-01-05", "2024-01-08", "three calendar days, free days or not"),
        ("birth", "2023-12-31", "2024-01-10", "the older standard held that day: ten days"),
        ("family_book", "2024-01-02", "2024-01-05", "Wednesday, Thursday, Friday"),
        ("family_book", "2024-01-04", "2024-01-10", "Friday, then Tuesday and Wednesday after a free Monday"),
        ("family_book", "2024-01-06", "2024-01-12", "handed in on a Saturday counts as Tuesday"),
        ("legal_letter", "2024-01-05", None, "no standard"),
        ("birth", "2015-12-31", None, "no standard yet"),
    ],
)
def test_the_deadline_is_the_last_day_that_is_still_in_time(
    tmp_path: Path, service: str, handed_in: str, deadline: str | None, why: str
) -> None:
    with modelled({}, tmp_path) as connection:
        found = connection.execute(
            "select deadline_date from marts.dim_service_deadline where service_code = ? and submitted_date = ?", [service, handed_in]
        ).fetchall()
    assert found == [(the_day(deadline) if deadline else None,)], why


def test_the_calendar_reaches_back_to_the_oldest_request(tmp_path: Path) -> None:
    with modelled({"service_requests": [request(1, "2009-03-02", "2009-03-09")]}, tmp_path) as connection:
        found = connection.sql("select days, standard_id, requests, due from marts.agg_processing_days").fetchall()
    assert found == [(7, None, 1, 0)]


# Requests


def test_only_requests_whose_own_deadline_has_passed_are_due(tmp_path: Path) -> None:
    # three calendar days from 2024 on; the register covers up to 31 January
    requests = [
        request(1, "2024-01-10", "2024-01-13", **REGISTER),  # on the last day: due, met
        request(2, "2024-01-10", "2024-01-14", **REGISTER),  # a day late: due
        request(3, "2024-01-10", **REGISTER),  # still open, deadline passed: due, overdue
        request(4, "2024-01-30", **REGISTER),  # still open, deadline 2 February: not due
        request(5, "2024-01-30", "2024-01-30", **REGISTER),  # done early, deadline 2 February: not due, so it does not flatter
        request(6, "2024-01-28", **REGISTER),  # deadline on the last day covered, still open: due, overdue
        request(7, "2024-01-10", "2024-01-12", outcome="rejected", **REGISTER),  # answered in time: not due
        request(8, "2024-01-10", "2024-01-20", outcome="withdrawn", **REGISTER),  # given up after the deadline: due
        request(9, "2024-01-10", outcome="rejected", **REGISTER),  # nobody knows when: not due
        request(10, "2024-01-10", "2024-01-11", service_code="legal_letter", **REGISTER),  # no standard: not due
    ]
    with modelled({"service_requests": requests}, tmp_path) as connection:
        found = connection.sql(
            "select service_code, requests, completed, ended, open, overdue, due, met from marts.agg_requests order by service_code"
        ).fetchall()
    assert found == [("birth", 9, 3, 3, 3, 2, 5, 1), ("legal_letter", 1, 1, 0, 0, 0, 0, 0)]


def test_an_open_request_waits_as_long_as_its_own_office_tells(tmp_path: Path) -> None:
    requests = [
        request(1, "2024-01-10", facility_id="hall", **REGISTER),
        request(2, "2024-01-10", facility_id="police"),  # this register says nothing of its end; its last record is of 20 January
        request(3, "2024-01-12", "2024-01-20", facility_id="police"),
    ]
    with modelled({"service_requests": requests}, tmp_path) as connection:
        found = connection.sql("""select days, "end" from marts.agg_processing_days order by days""").fetchall()
    assert found == [(8, "completed"), (10, "open"), (21, "open")]


def test_a_record_later_than_the_register_says_extends_it(tmp_path: Path) -> None:
    requests = [request(1, "2024-02-05", **REGISTER), request(2, "2024-01-01", "2024-02-09", **REGISTER)]
    with modelled({"service_requests": requests}, tmp_path) as connection:
        found = connection.sql("""select days from marts.agg_processing_days where "end" = 'open'""").fetchall()
    assert found == [(4,)]


def test_a_rejection_without_a_date_stays_as_long_as_is_known(tmp_path: Path) -> None:
    with modelled({"service_requests": [request(1, "2024-01-01", outcome="rejected", **REGISTER)]}, tmp_path) as connection:
        assert connection.sql("""select days, "end" from marts.agg_processing_days""").fetchall() == [(30, "ended")]


def test_fees_are_compared_where_both_are_known(tmp_path: Path) -> None:
    requests = [
        request(1, "2023-05-01", "2023-05-02", fee_paid_riel=1000),  # the official fee
        request(2, "2023-05-01", "2023-05-02", fee_paid_riel=4000),  # more
        request(3, "2023-05-01", "2023-05-02"),  # unknown
        request(4, "2023-05-01", "2023-05-02", service_code="family_book", fee_paid_riel=4000),  # official fee unknown
    ]
    with modelled({"service_requests": requests}, tmp_path) as connection:
        found = connection.sql("select service_code, fee_known, fee_over from marts.agg_requests order by 1").fetchall()
    assert found == [("birth", 2, 1), ("family_book", 0, 0)]


def test_of_two_standards_for_one_day_the_newer_holds(tmp_path: Path) -> None:
    folder = write_reference(tmp_path)
    with (folder / "service_standards.csv").open("a") as file:
        file.write("birth_2020,birth,commune,,5,calendar,0,,,2020-01-01,2024-01-01,by hand,true\n")
    with staged({}) as connection:
        marts.build_marts(connection, folder)
        found = connection.sql(
            "select standard_id from marts.dim_service_deadline where service_code = 'birth' "
            "and submitted_date in ('2019-12-31', '2020-01-01', '2024-01-01') order by submitted_date"
        ).fetchall()
    assert found == [("birth_2016",), ("birth_2020",), ("birth_2024",)]


# Usage

HEALTH_CENTRE = {"facility_id": "HC1", "facility_type": "health_centre", "commune_code": "070101", "district_code": "0701"}


def report(month: str, visits: int, service: str = "outpatient", facility: str = "HC1") -> dict[str, object]:
    return {"facility_id": facility, "service_code": service, "month": month, "visits": visits, "reported_date": "2024-05-05"}


def test_a_month_without_a_report_is_there_and_empty_not_zero(tmp_path: Path) -> None:
    rows = {
        "facilities": [{**HEALTH_CENTRE, "expected_services": "outpatient"}],
        "service_usage": [report("2024-01-01", 40), report("2024-03-01", 0), report("2024-04-01", 50)],
    }
    with modelled(rows, tmp_path) as connection:
        found = connection.sql("select month, is_expected, is_reported, visits from marts.agg_usage order by month").fetchall()
    assert found == [
        (the_day("2024-01-01"), True, True, 40),
        (the_day("2024-02-01"), True, False, None),
        (the_day("2024-03-01"), True, True, 0),
        (the_day("2024-04-01"), True, True, 50),
    ]


def test_reports_are_expected_while_the_facility_is_open_and_no_longer(tmp_path: Path) -> None:
    rows = {
        "facilities": [
            {**HEALTH_CENTRE, "expected_services": "outpatient"},
            {
                **HEALTH_CENTRE,
                "facility_id": "HC2",
                "opened_date": "2024-02-10",
                "closed_date": "2024-03-31",
                "expected_services": "outpatient",
            },
        ],
        "service_usage": [report("2024-01-01", 40), report("2024-05-01", 40), report("2024-05-01", 7, facility="HC2")],
    }
    with modelled(rows, tmp_path) as connection:
        found = connection.sql("select month, is_expected, visits from marts.agg_usage where facility_id = 'HC2' order by month").fetchall()
    # the report for May came all the same, and counts; it was sent on 5 May, so May is not over and nobody else owes one
    assert found == [(the_day("2024-02-01"), True, None), (the_day("2024-03-01"), True, None), (the_day("2024-05-01"), False, 7)]


def test_where_the_register_names_no_service_those_ever_reported_are_expected(tmp_path: Path) -> None:
    rows = {
        "facilities": [HEALTH_CENTRE],
        "service_usage": [report("2024-01-01", 40), report("2024-02-01", 9, "antenatal"), report("2024-03-01", 1)],
    }
    with modelled(rows, tmp_path) as connection:
        found = connection.sql("select service_code, count(*), count(visits) from marts.agg_usage group by 1 order by 1").fetchall()
    assert found == [("antenatal", 3, 1), ("outpatient", 3, 2)]


def test_a_month_that_is_not_over_is_not_owed(tmp_path: Path) -> None:
    rows = {
        "facilities": [{**HEALTH_CENTRE, "expected_services": "outpatient"}],
        "service_usage": [report("2024-01-01", 40)],
        "service_requests": [request(1, "2024-03-30", register_to_date="2024-03-30")],
    }
    with modelled(rows, tmp_path) as connection:
        found = connection.sql("select max(month) from marts.agg_usage").fetchall()
        period = connection.sql("select * from marts.dim_data_period").fetchall()
    assert found == [(the_day("2024-02-01"),)]
    assert period == [(the_day("2024-01-01"), the_day("2024-03-30"), the_day("2024-03-01"))]


# Feedback

ANSWER = {"submission_id": "S1", "submitted_at": "2024-02-10 08:00:00", "facility_type": "health_centre", "scale_min": 1, "scale_max": 5}


def test_every_aspect_is_an_answer_on_its_own_scale(tmp_path: Path) -> None:
    rows = {"feedback": [{**ANSWER, "commune_code": "070101", "rating_speed": 4, "rating_quality": 2}]}
    with modelled(rows, tmp_path) as connection:
        found = connection.sql(
            "select province_code, district_code, commune_code, aspect, rating_pct, answers from marts.agg_feedback order by aspect"
        ).fetchall()
    assert found == [("07", "0701", "070101", "quality", 25.0, 1), ("07", "0701", "070101", "speed", 75.0, 1)]


def test_feedback_known_to_its_district_counts_there_and_in_no_commune(tmp_path: Path) -> None:
    rows = {
        "feedback": [
            {**ANSWER, "district_code": "0701", "rating_overall": 5},
            {**ANSWER, "submission_id": "S2", "province_code": "07", "rating_overall": 1},
        ]
    }
    with modelled(rows, tmp_path) as connection:
        found = connection.sql(
            "select province_code, district_code, commune_code, rating_pct from marts.agg_feedback order by rating_pct"
        ).fetchall()
    assert found == [("07", None, None, 0.0), ("07", "0701", None, 100.0)]


def test_feedback_about_a_known_facility_counts_in_its_commune(tmp_path: Path) -> None:
    rows = {"facilities": [HEALTH_CENTRE], "feedback": [{**ANSWER, "facility_type": None, "facility_id": "HC1", "rating_overall": 5}]}
    with modelled(rows, tmp_path) as connection:
        found = connection.sql("select commune_code, facility_type from marts.agg_feedback").fetchall()
    assert found == [("070101", "health_centre")]


def test_payments_are_kept_by_district_among_those_who_answered(tmp_path: Path) -> None:
    said = [True, False, False, None]
    rows = {
        "feedback": [
            {**ANSWER, "submission_id": f"S{i}", "commune_code": "070101", "asked_unofficial_payment": word} for i, word in enumerate(said)
        ]
    }
    with modelled(rows, tmp_path) as connection:
        found = connection.sql("from marts.agg_unofficial_payment").fetchall()
    assert found == [("07", "0701", "health_centre", the_day("2024-02-01"), 3, 1)]


# Coverage


@pytest.mark.parametrize(
    ("start", "windows"),
    [
        ("2023-04-10", ("2022-04-01", "2023-03-31", "2023-04-01", "2024-03-31")),
        ("2023-05-01", ("2022-04-01", "2023-03-31", "2023-07-01", "2024-06-30")),
        ("2023-06-30", ("2022-04-01", "2023-03-31", "2023-07-01", "2024-06-30")),
    ],
)
def test_before_and_after_are_four_whole_quarters_each(tmp_path: Path, start: str, windows: tuple[str, ...]) -> None:
    with modelled({"coverage": [{"commune_code": "070101", "start_date": start}]}, tmp_path) as connection:
        found = connection.sql(
            "select before_from, before_to, after_from, after_to from marts.dim_coverage where start_date is not null"
        ).fetchall()
    assert found == [tuple(the_day(day) for day in windows)]


def test_a_commune_counts_from_its_first_start_and_every_commune_has_a_row(tmp_path: Path) -> None:
    starts = [
        {"commune_code": "070101", "partner_id": "second", "start_date": "2024-01-01"},
        {"commune_code": "070101", "partner_id": "first", "start_date": "2022-01-01", "end_date": "2023-12-31"},
    ]
    with modelled({"coverage": starts}, tmp_path) as connection:
        covered = connection.sql(
            "select commune_code, partner_id, start_date, end_date from marts.dim_coverage where start_date is not null"
        ).fetchall()
        rows = connection.sql("select count(*), (select count(*) from marts.dim_commune) from marts.dim_coverage").fetchall()[0]
    assert covered == [("070101", "first", the_day("2022-01-01"), None)]
    assert rows[0] == rows[1] > 1600


# The files, and the audits


def test_empty_staging_tables_make_empty_marts_that_pass_every_audit(tmp_path: Path) -> None:
    with modelled({}, tmp_path) as connection:
        marts.run_audits(connection)
        assert connection.sql("select data_to from marts.dim_data_period").fetchall() == [(None,)]


def test_the_targets_are_the_official_times_in_calendar_days_and_what_is_declared(tmp_path: Path) -> None:
    """Three working days come to 3, 3, 5, 5, 5, 5 and 4 calendar days from Monday to Sunday: 5 in the middle."""
    with modelled(GOOD, tmp_path) as connection:
        found = connection.sql(
            "select target_id, metric, service_code, place_code, target from marts.dim_target where valid_from = '2024-01-01' "
            "or target_id = 'book_2016' order by target_id"
        ).fetchall()
    assert found == [
        ("birth_2024", "median_processing_days", "birth", None, 3),
        ("book_2016", "median_processing_days", "family_book", None, 5),
        ("in_time", "within_standard_pct", None, None, 90),
        ("in_time_here", "within_standard_pct", None, "0701", 80),
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (",over_fee_pct,,,0,2024-01-01,,me", "it needs a target_id and a metric"),
        ("x,over_fee_pct,,,none,2024-01-01,,me", "target must be a number"),
        ("x,over_fee_pct,,,0,January,,me", "valid_from must be a day"),
        ("x,over_fee_pct,,,0,2024-01-01,soon,me", "valid_to must be a day"),
        ("x,over_fee_pct,,,0,2024-01-01,2023-01-01,me", "valid_to must be a day after"),
        ("x,over_fee_pct,,,0,2024-01-01,,", "it needs a source"),
        ("x,over_fee_pct,horoscope,,0,2024-01-01,,me", "no such service_code"),
        ("x,over_fee_pct,,9999,0,2024-01-01,,me", "place_code must be that of"),
        ("in_time,over_fee_pct,,,0,2024-01-01,,me", "target_id is used twice"),
        ("x,within_standard_pct,,0701,70,2024-01-01,,me", "begin on the same day"),
    ],
)
def test_a_target_that_nobody_can_hold_a_figure_against_stops_the_build(tmp_path: Path, line: str, fault: str) -> None:
    file = write_reference(tmp_path) / "targets.csv"
    file.write_text(f"{TARGETS}{line}\n", encoding="utf-8")
    with staged(GOOD) as connection:
        marts.build_marts(connection, tmp_path)
        with pytest.raises(Problem, match=fault) as found:
            marts.run_audits(connection)
    assert found.value.facts["audit"] == "targets_are_clear"


def test_a_missing_reference_list_is_a_problem_that_names_it(tmp_path: Path) -> None:
    (write_reference(tmp_path) / "holidays.csv").unlink()
    with staged({}) as connection, pytest.raises(Problem, match=r"holidays\.csv is missing"):
        marts.build_marts(connection, tmp_path)


@pytest.mark.parametrize(("name", "query"), marts.mart_queries().items())
def test_every_mart_is_one_select_that_says_its_grain_and_can_move_to_spark(name: str, query: str) -> None:
    assert marts.stated_grain(query).startswith("one row = ")
    statements = sqlglot.parse(query, read="duckdb")
    assert len(statements) == 1
    if name not in NOT_YET_IN_SPARK:
        assert sqlglot.transpile(query, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)


GOOD = {
    "facilities": [HEALTH_CENTRE],
    "service_requests": [request(i, "2024-01-10", "2024-01-13", **REGISTER) for i in range(12)],
    "service_usage": [report("2024-01-01", 40)],
    "feedback": [
        {**ANSWER, "submission_id": f"S{i}", "commune_code": "070101", "rating_overall": 5, "asked_unofficial_payment": False}
        for i in range(12)
    ],
    "school_reports": [{"facility_id": "PS-1", "month": "2024-01-01", "pupils_enrolled": 30, "pupils_attended": 28, "teachers": 12,
                        "teacher_days_expected": 240, "teacher_days_present": 200}],
}
FAULTS = {
    "aggregates_equal_facts": "delete from marts.agg_requests",
    "books_balance": "update quality.loads set rows_read = rows_read + 1",
    "build_is_one_kind": "update quality.build set is_demonstration = null",
    "days_are_possible": "update marts.agg_processing_days set days = -1",
    "facts_find_their_place_and_service": "update marts.agg_requests set service_code = 'horoscope'",
    "no_personal_columns": "alter table staging.feedback add column phone varchar",
    "one_row_per_key": "insert into marts.dim_commune from marts.dim_commune limit 1",
    "payments_stay_above_commune": "alter table marts.agg_unofficial_payment add column commune_code varchar",
    "promise_counts_add_up": "update marts.agg_promises set one_visit = visits_known + 1",
    "ratings_are_on_their_scale": "update marts.agg_feedback set rating_pct = 120",
    "request_counts_add_up": "update marts.agg_requests set met = due + 1",
    "schools_are_possible": "update marts.agg_school_reports set teachers_present = teachers_asked + 1",
    "small_groups_are_hidden": "update marts.agg_usage set visits = 5; update staging.service_usage set visits = 5",
    "standards_are_clear": "update marts.dim_service_standard set day_type = 'sunny'",
    "targets_are_clear": "update marts.dim_target set target = null",
}


def test_sound_marts_pass_every_audit(tmp_path: Path) -> None:
    with modelled(GOOD, tmp_path) as connection:
        marts.run_audits(connection)


@pytest.mark.parametrize("name", marts.audit_queries())
def test_every_audit_finds_its_fault_and_says_which(tmp_path: Path, name: str) -> None:
    with modelled(GOOD, tmp_path) as connection:
        connection.execute(FAULTS[name])
        with pytest.raises(Problem) as found:
            marts.run_audits(connection)
    assert found.value.facts["audit"] == name
    assert marts.stated_grain(marts.audit_queries()[name]) in found.value.what
    assert found.value.facts["faults"]


def test_a_hidden_small_group_passes(tmp_path: Path) -> None:
    with modelled(GOOD, tmp_path) as connection:
        connection.execute(FAULTS["small_groups_are_hidden"])
        connection.execute(
            "insert into privacy.hidden_cells values ('usage', '', '', 'commune', '070101', 'month', '2024-01-01', 'outpatient', '')"
        )
        marts.run_audits(connection)


def test_the_summed_up_tables_hold_the_same_requests_as_the_table_they_are_made_from(tmp_path: Path) -> None:
    requests = [
        request(number, f"202{2 + number % 3}-0{1 + number % 9}-15", commune_code=("070101", "070201", "090101")[number % 3],
                sex=(None, "f", "m")[number % 3], documents_complete=(None, True, False)[number // 3 % 3], register_to_date="2024-12-31")
        for number in range(200)
    ]  # fmt: skip
    coverage = [{"commune_code": "070101", "partner_id": "P1", "start_date": "2023-02-10"}]
    with modelled({"service_requests": requests, "coverage": coverage}, tmp_path) as connection:
        for name in ("agg_requests", "agg_processing_days"):
            for suffix, keys in (("_province", "province_code, month"), ("_attribute", "province_code, month, sex, documents_complete")):
                whole, summed = (
                    connection.sql(f"select {keys}, sum(requests) from marts.{table} group by all order by all").fetchall()
                    for table in (name, name + suffix)
                )
                assert whole == summed
            covered = connection.sql(f"select covered, sum(requests) from marts.{name}_province group by 1 order by 1").fetchall()
            assert (
                covered
                == connection.sql(
                    "select case when commune_code = '070101' then 'yes' else 'no' end, count(*) "
                    "from marts.fct_service_requests group by 1 order by 1"
                ).fetchall()
            )
            steps = connection.sql(
                f"select step, sum(requests) from marts.{name}_aligned where aligned_by = 'quarter' group by 1 order by 1"
            ).fetchall()
            assert (
                steps
                == connection.sql(
                    "select case when submitted_date < date '2023-01-01' then quarter(submitted_date) - 5 "
                    "else datediff('quarter', date '2023-04-01', submitted_date) + 1 end, count(*) from marts.fct_service_requests "
                    "where commune_code = '070101' and (year(submitted_date) = 2022 "
                    "or submitted_date between date '2023-04-01' and date '2024-03-31') group by 1 order by 1"
                ).fetchall()
            )
            years = connection.sql(f"select step, sum(requests) from marts.{name}_aligned where aligned_by = 'year' group by 1 order by 1")
            assert years.fetchall() == connection.sql(
                "select case when year(submitted_date) = 2022 then -1 else 1 end, count(*) from marts.fct_service_requests "
                "where commune_code = '070101' and year(submitted_date) in (2022, 2024) group by 1 order by 1"
            ).fetchall()
