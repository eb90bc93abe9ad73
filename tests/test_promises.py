"""Is it counted right what offices promised and what came of it: the time, the fee, the visits, who was sent on, the documents?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import small_warehouse
from small_files import Write
from small_staging import modelled, request
from small_warehouse import days, hidden

import warehouse
from etl.pipeline import build_warehouse
from metrics import registers
from metrics.documents import days_apart
from metrics.query import Filters, Query, ask
from stats.strata import difference_within

HALL = {"facility_id": "CH-1", "facility_type": "commune_hall", "commune_code": "070101", "district_code": "0701"}
SHARES = ("within_promise_pct", "over_promised_fee_pct", "one_visit_pct", "referred_pct", "referred_to_police_pct", "delivered_home_pct")
JAN, APR = date(2024, 1, 1), date(2024, 4, 1)


def posting(since: str, **more: Any) -> dict[str, Any]:
    return {"facility_id": "CH-1", "service_code": "birth", "posted_from": since, **more}


def promised(tmp_path: Path, requests: list[dict[str, Any]], postings: list[dict[str, Any]]) -> dict[str, Any]:
    """The one row of agg_promises that these requests of January 2024 at the hall make."""
    staged = [{"facility_id": "CH-1", "register_to_date": "2024-02-28", **each} for each in requests]
    with modelled({"facilities": [HALL], "service_requests": staged, "posted_standards": postings}, tmp_path) as connection:
        (row,) = connection.sql("from marts.agg_promises").df().to_dict("records")
    return row


# What was promised


def test_a_posting_holds_until_the_next_or_until_it_is_taken_down(tmp_path: Path) -> None:
    postings = [posting("2023-01-01", posted_to="2024-12-31", posted_days=5), posting("2024-01-01", posted_days=2, posted_to="2024-03-01")]
    with modelled({"facilities": [HALL], "posted_standards": postings}, tmp_path) as connection:
        found = connection.sql("select posted_from, posted_to, posted_days, day_type from marts.dim_posted_standard order by 1").fetchall()
    assert found == [(date(2023, 1, 1), JAN, 5, "working"), (JAN, date(2024, 3, 1), 2, "working")]


def test_what_an_office_did_not_post_is_promised_by_the_official_standard(tmp_path: Path) -> None:
    posted = [posting("2023-06-01", posted_days=2, day_type="calendar")]
    rows = {"facilities": [HALL], "posted_standards": posted, "service_requests": [request(1, "2024-01-02")]}
    with modelled(rows, tmp_path) as connection:
        columns = "posted_days, official_days, posted_fee_riel, official_fee_riel, issuer"
        found = connection.sql(f"select {columns} from marts.dim_promise").fetchall()
    assert found == [(2, 3, None, 0, "commune")]


@pytest.mark.parametrize(
    ("postings", "met"),
    [
        ([], 2),  # official: three calendar days
        ([posting("2023-06-01", posted_days=1, day_type="calendar")], 1),
        ([posting("2023-06-01", posted_days=2, day_type="working")], 2),  # Friday, then Tuesday: Monday 8 January is a holiday
        ([posting("2023-06-01", posted_days=2, day_type="working", posted_to="2024-01-01")], 2),  # taken down before
        ([posting("2023-06-01", posted_fee_riel=500)], 2),  # a posted fee says nothing about days
    ],
)
def test_a_request_is_in_time_by_what_its_own_office_had_posted(tmp_path: Path, postings: list[dict[str, Any]], met: int) -> None:
    handed_in = [request(1, "2024-01-04", "2024-01-05"), request(2, "2024-01-04", "2024-01-07"), request(3, "2024-01-04", "2024-01-20")]
    row = promised(tmp_path, handed_in, postings)
    assert (row["due"], row["met"]) == (3, met)


def test_open_and_rejected_requests_are_due_as_by_the_official_time(tmp_path: Path) -> None:
    rejected = request(2, "2024-01-04", "2024-01-05", outcome="rejected")
    handed_in = [request(1, "2024-01-04"), rejected, request(3, "2024-01-04", "2024-01-05")]
    row = promised(tmp_path, handed_in, [])
    assert (row["requests"], row["due"], row["met"]) == (3, 2, 1)


def test_without_postings_the_promise_is_counted_as_the_official_standard(tmp_path: Path) -> None:
    handed_in = [
        request(n, f"2024-01-{1 + n % 27:02d}", f"2024-02-{1 + n % 20:02d}" if n % 4 else None, fee_paid_riel=n % 3)
        for n in range(60)
    ]
    with modelled({"service_requests": handed_in}, tmp_path) as connection:
        columns = "sum(requests), sum(due), sum(met), sum(fee_known), sum(fee_over)"
        ours, official = (connection.sql(f"select {columns} from marts.{name}").fetchall() for name in ("agg_promises", "agg_requests"))
    assert ours == official and ours[0][0] == 60


def test_visits_referrals_and_delivery_are_counted_where_they_are_written_down(tmp_path: Path) -> None:
    row = promised(
        tmp_path,
        [
            request(1, "2024-01-04", visits_needed=1, is_delivered_home=True, fee_paid_riel=600),
            request(2, "2024-01-04", visits_needed=3, is_delivered_home=False, referred_to="police_post", fee_paid_riel=400),
            request(3, "2024-01-04", referred_to="district_office"),
        ],
        [posting("2023-06-01", posted_fee_riel=500)],
    )
    assert [row[name] for name in ("visits_known", "one_visit", "referred", "referred_to_police")] == [2, 1, 2, 1]
    assert [row[name] for name in ("delivered_known", "delivered_home", "fee_known", "fee_over")] == [2, 1, 2, 1]


# What may be asked


def counted(commune: str, month: date, requests: int, service: str = "birth") -> dict[str, Any]:
    half = requests // 2
    known = dict.fromkeys(("requests", "due", "fee_known", "visits_known", "delivered_known"), requests)
    halves = dict.fromkeys(("met", "fee_over", "one_visit", "delivered_home", "referred", "referred_to_police"), half)
    key = {"commune_code": commune, "month": month, "service_code": service}
    return {**key, **known, **halves, "posted": 0}


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    made = days("070101", JAN, {(2, "completed"): 30}, documents_complete=True)
    made += days("070101", JAN, {(9, "completed"): 20}, documents_complete=False)
    made += days("070101", APR, {(4, "completed"): 20}, documents_complete=True)
    made += days("070101", APR, {(6, "completed"): 30}, documents_complete=False)
    rows = {
        "marts.agg_promises": [counted("070101", JAN, 40), counted("070102", APR, 32, "marriage"), counted("090101", JAN, 24)],
        "marts.agg_processing_days": made,
        "marts.agg_requests": [
            {"commune_code": "070101", "service_code": "birth", "month": month, "requests": 50} for month in (JAN, APR)
        ],
        "privacy.hidden_cells": [hidden("requests", "070102", "year", JAN), hidden("requests", "070102", "quarter", APR)],
    }
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    yield small_warehouse.publish(tmp_path, rows)


@pytest.mark.parametrize("by", ["province", "district", "commune", "service", "facility_type", "covered", None])
@pytest.mark.parametrize("metric", SHARES)
def test_every_share_is_answered_by_every_dimension(build: str, metric: str, by: str | None) -> None:
    table = ask(Query((metric,), by=(by,) if by else ())).table
    shown = table[table[f"{metric}_status"] == "shown"]
    assert len(shown) and (shown[metric] == 50).all()


def test_what_is_hidden_of_requests_is_hidden_of_promises(build: str) -> None:
    table = ask(Query(("one_visit_pct",), by=("commune",))).table.set_index("commune_code")
    assert table["one_visit_pct_status"].to_dict() == {"070101": "shown", "070102": "hidden", "090101": "shown"}


def test_a_hidden_base_hides_its_share_in_every_period_it_is_part_of_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    months = [counted("070101", date(2024, month, 1), 40) for month in range(1, 7)]
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    cell = hidden("promised_due", "070101", "month", APR)
    small_warehouse.publish(tmp_path, {"marts.agg_promises": months, "privacy.hidden_cells": [cell]})

    def told(metric: str, first: str, last: str) -> str:
        where = Filters(commune="070101", month_from=first, month_to=last)
        return str(ask(Query((metric,), where=where)).table[f"{metric}_status"].iloc[0])

    windows = (("2024-01", "2024-03"), ("2024-01", "2024-04"), ("2024-04", "2024-05"), ("2024-04", "2024-06"))
    assert [told("within_promise_pct", *window) for window in windows] == ["shown", "hidden", "hidden", "shown"]
    assert [told("one_visit_pct", *window) for window in windows] == ["shown"] * 4


def test_who_was_sent_to_the_police_is_told_of_all_requests_so_that_no_base_is_finer_than_what_is_hidden(build: str) -> None:
    table = ask(Query(("referred_pct", "referred_to_police_pct"), by=("commune",))).table
    assert table["referred_to_police_pct_n"].equals(table["referred_pct_n"])


def test_documents_are_weighed_within_service_and_quarter(build: str) -> None:
    # 7 days apart of 30 and 20 requests, 2 days apart of 20 and 30: both quarters weigh 12, so 4.5
    found = days_apart()
    assert found is not None
    assert (found.days, found.requests, found.services["periods"].tolist()) == (pytest.approx(4.5), 100, [2])
    of_a_commune = days_apart(Filters(commune="070101"))
    assert of_a_commune is not None and of_a_commune.where.province == "07"
    assert days_apart(Filters(province="09")) is None


def test_strata_count_by_how_many_of_both_kinds_they_hold() -> None:
    middle, low, high = difference_within([1, 10], [3, 20], [10, 1], [10, 1000], [0.5, 0.5], [0.5, 0.5])
    assert middle == pytest.approx((5 * 2 + 1000 / 1001 * 10) / (5 + 1000 / 1001))
    assert low < middle < high
    assert all(value != value for value in difference_within([], [], [], [], [], []))


# Files as partners write them


def test_a_partners_sheet_of_notice_boards_loads_as_it_is(data: Path, write: Write, nothing_hidden: None) -> None:
    write("facilities.csv", "facility_id,facility_type,commune_code\nCH-1,commune_hall,70101\nPP-1,police_post,70101\n")
    write(
        "notice_boards.csv",
        "Office code,Service,Date posted,Days promised,Working or calendar days,Official fee (riel),Documents required,Home delivery\n"
        "CH-1,Birth certificate,2023-11-05,3,Working days,0,letter of the hospital; family book,no\n"
        "PP-1,សៀវភៅគ្រួសារ,2023-11-05,១៥,ថ្ងៃ,\"2,000\",,yes\n"
        "PP-1,Residence book,2023-11-05,10,,,,\n",
        encoding="utf-8-sig",
    )
    books = {load.source: load for load in build_warehouse(data / "inbox", is_demonstration=False).loads}
    assert (books["posted_standards"].rows_loaded, books["posted_standards"].rows_set_aside) == (3, 0)
    found = warehouse.read("select service_code, posted_days, day_type, posted_fee_riel from marts.dim_posted_standard order by 1")
    assert found.astype(object).where(found.notna(), None).to_numpy().tolist() == [
        ["birth_certificate", 3, "working", 0], ["family_book", 15, "calendar", 2000], ["residence_book", 10, "working", None],
    ]  # fmt: skip


def test_an_office_is_told_by_its_place(data: Path, write: Write, nothing_hidden: None) -> None:
    write("facilities.csv", "facility_id,facility_type,commune_code\nCH-1,commune_hall,070101\nCH-2,commune_hall,070102\n")
    head = "facility_id,service_code,posted_from,posted_days,day_type"
    write("posted_standards.csv", f"{head}\nCH-1,birth_certificate,2023-11-05,2,calendar\n")
    write("service_requests.csv", "request_id,commune_code,service_code,submitted_date\nR1,070101,birth_certificate,2024-01-05\n")
    build = build_warehouse(data / "inbox", is_demonstration=False).build.build_id
    everywhere, here, there = (
        registers.promises(build, place).set_index("service_code").loc["birth_certificate"] for place in (None, "070101", "070102")
    )
    assert (everywhere["offices"], everywhere["posted_days"], everywhere["official_days"]) == (2, 1, 3)
    assert (here["offices"], here["least_days"], there["offices"], there["posted_days"]) == (1, 2, 1, 0)
    assert registers.offices(build, "070101")["posted_days"].dropna().tolist() == [2]


def test_a_standard_is_no_longer_in_force_on_the_day_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    old = {"service_code": "birth", "max_days": 2, "valid_from": date(2020, 1, 1), "valid_to": JAN}
    new = {"service_code": "birth", "max_days": 5, "valid_from": JAN}
    build_id = small_warehouse.publish(tmp_path, {"marts.dim_service_standard": [old, new]})
    assert registers.standards(build_id, date(2023, 12, 31)) == {"birth": 2}
    assert registers.standards(build_id, JAN) == {"birth": 5}
