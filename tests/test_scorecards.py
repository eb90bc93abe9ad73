"""Do the tables, measures and rules of scorecards say what the meetings said?"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from foreign_files import CASES, table_of
from small_files import Write, ask
from small_staging import modelled

from etl.marts import audit_queries
from etl.pipeline import build_warehouse
from etl.proposal import propose
from etl.proposed import FINGERPRINT
from etl.small_groups import hide_small_groups
from etl.sources import SOURCES

HALLS = [
    {
        "facility_id": "CH-1",
        "facility_type": "commune_hall",
        "commune_code": "070101",
        "district_code": "0701",
        "is_self_score_public": True,
    },
    {
        "facility_id": "CH-2",
        "facility_type": "commune_hall",
        "commune_code": "070102",
        "district_code": "0701",
        "is_self_score_public": False,
    },
]


def score(meeting: str, value: float, criterion: str = "time", votes: int | None = None, **more: Any) -> dict[str, Any]:
    """One staged row of the hall of 070101 on a scale from 1 to 5: a score that 24 people agreed, or a step and its votes."""
    return {
        "meeting_id": meeting,
        "cycle": 2023,
        "meeting_date": date(2024, 2, 12),
        "facility_id": "CH-1",
        "side": "citizen",
        "criterion": criterion,
        "category": criterion,
        "score_kind": "agreed" if votes is None else "voted",
        "score": value,
        "scale_min": 1.0,
        "scale_max": 5.0,
        "votes": votes,
        "voted_step": "agreed" if votes is None else str(value),
        "attendees": 24,
        "attendees_female": 15,
        **more,
    }


def facts(rows: list[dict[str, Any]], folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """What a query finds in the marts made of these staged rows and two halls."""
    with modelled({"facilities": HALLS, "scorecards": rows}, folder) as connection:
        return connection.sql(sql).fetchall()


def test_a_meeting_that_agreed_counts_with_its_score(tmp_path: Path) -> None:
    # 2 on 1 to 5 is a quarter of the way up: low, in the second fifth
    found = facts([score("A", 2), score("B", 4)], tmp_path, "select score_pct, people from marts.fct_scorecards order by meeting_id")
    assert found == [(25, 24), (75, 24)]


def test_a_meeting_that_voted_counts_with_the_middle_one_of_its_votes(tmp_path: Path) -> None:
    # 12 people: 3 say 1, 3 say 3, 6 say 4; the middle one stands between 3 and 4, and the lower counts
    rows = [score("A", value, votes=votes) for value, votes in ((1, 3), (2, 0), (3, 3), (4, 6), (5, 0))]
    assert facts(rows, tmp_path, "select score_pct, people, attendees from marts.fct_scorecards") == [(50, 12, 24)]


def test_a_vote_in_which_nobody_voted_counts_nothing(tmp_path: Path) -> None:
    assert facts([score("A", 1, votes=0), score("A", 2, votes=0)], tmp_path, "select * from marts.fct_scorecards") == []


def test_two_criteria_of_one_category_are_one_score_of_the_meeting_and_its_people_count_once(tmp_path: Path) -> None:
    rows = [score("A", 1, "toilets", category="cleanliness"), score("A", 5, "water", category="cleanliness")]
    found = facts(rows, tmp_path, "select category, criteria, score_pct, people from marts.fct_scorecards")
    assert found == [("cleanliness", 2, 50, 24)]


def test_scores_are_counted_where_they_stand_on_their_own_scale(tmp_path: Path) -> None:
    # 3 on 0 to 4 and 80 on 0 to 100 are good; 2 on 1 to 5 is low; 3 on 1 to 5 is neither
    rows = [
        score("A", 3, scale_min=0.0, scale_max=4.0),
        score("B", 80, scale_min=0.0, scale_max=100.0),
        score("C", 2),
        score("D", 3),
    ]
    sql = "select meetings, people, good, low, fifth_1, fifth_2, fifth_3, fifth_4, fifth_5 from marts.agg_scorecards"
    assert facts(rows, tmp_path, sql) == [(4, 96, 2, 1, 0, 1, 1, 1, 1)]


def test_people_count_once_a_meeting_however_many_criteria_they_scored(tmp_path: Path) -> None:
    rows = [score("A", 3), score("A", 4, "fee"), score("B", 2, attendees=30, attendees_female=None)]
    sql = "select meetings, attendees, attendees_female, attendees_known from marts.agg_scorecard_meetings"
    assert facts(rows, tmp_path, sql) == [(2, 54, 15, 24)]


def test_only_public_self_scores_count_and_a_vote_of_the_staff_is_one_score(tmp_path: Path) -> None:
    staff = {"side": "provider", "attendees": 5, "attendees_female": 2}
    rows = [
        *(score("S", value, votes=votes, **staff) for value, votes in ((2, 1), (4, 2), (5, 2))),
        score("T", 5, facility_id="CH-2", **staff),
    ]
    sql = "select facility_id, meetings, good, low, fifth_4 from marts.agg_scorecards_provider"
    assert facts(rows, tmp_path, sql) == [("CH-1", 1, 1, 0, 1)]


def test_scored_criteria_say_what_is_low_and_what_may_be_told(tmp_path: Path) -> None:
    rows = [score("A", 2), score("B", 3), score("C", 2), score("A", 5, "fee"), score("D", 1, facility_id="CH-2", attendees=8)]
    columns = "facility_id, category, meetings, people, score_pct, is_low, is_shown"
    assert facts(rows, tmp_path, f"select {columns} from marts.scored_criteria order by facility_id, category") == [
        ("CH-1", "fee", 1, 24, 100, False, True),
        ("CH-1", "time", 3, 72, 25, True, True),
        ("CH-2", "time", 1, 8, 0, True, False),
    ]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({}, "070101"),
        ({"commune_code": "070102"}, "070102"),
        ({"facility_id": "gone", "facility_type": "commune_hall", "commune_code": "070102"}, "070102"),
    ],
)
def test_the_place_is_that_of_the_meeting_else_of_the_facility(tmp_path: Path, given: dict[str, Any], place: str) -> None:
    found = facts([score("A", 2, **given)], tmp_path, "select commune_code, district_code, facility_type from marts.agg_scorecards")
    assert found == [(place, "0701", "commune_hall")]


def test_a_partners_own_spreadsheet_is_counted_once_it_was_answered_what_numbers_a_meeting(
    tmp_path: Path, write: Write, nothing_hidden: None
) -> None:
    case = next(case for case in CASES if case.name == "scorecards of a partner")
    answers = {"column:meeting_id": FINGERPRINT, "scale": "1-5"}
    proposal = propose(table_of(case, tmp_path), SOURCES, answers=answers, today=date(2026, 11, 24))
    assert not [question for question in proposal.questions if question.is_required]
    write("scorecards.csv", case.text)
    write("scorecards.toml", proposal.to_toml())
    build_warehouse(tmp_path / "inbox", is_demonstration=False)
    found = ask("select side, category, score_pct, people, commune_code from marts.fct_scorecards order by side, meeting_date, category")
    assert found == [
        ("citizen", "medicines", 100.0, 27, "070301"),
        ("citizen", "time", 25.0, 27, "070301"),
        ("citizen", "something_else", 25.0, 31, "070301"),
        ("citizen", "time", 0.0, 31, "070301"),
        ("provider", "time", 75.0, 6, "070301"),
    ]
    assert ask("select rule, rows from quality.rule_results") == [("criterion_known", 1)]


def test_a_corrected_score_replaces_the_one_sent_before_and_a_vote_step_by_step(write: Write, tmp_path: Path, nothing_hidden: None) -> None:
    header = "meeting_id,meeting_date,commune_code,facility_type,side,criterion,score,scale_min,scale_max,votes,attendees,updated_at"
    rows = [
        "M1,2024-02-12,070101,commune_hall,citizen,time,2,1,5,,24,2024-02-13",
        "M2,2024-02-12,070101,commune_hall,citizen,time,2,1,5,7,24,2024-02-13",
        "M2,2024-02-12,070101,commune_hall,citizen,time,4,1,5,5,24,2024-02-13",
    ]
    later = [
        "M1,2024-02-12,070101,commune_hall,Citizens,time,4,1,5,,24,2024-03-01",
        "M2,2024-02-12,070101,commune_hall,ប្រជាពលរដ្ឋ,time,4,1,5,9,24,2024-03-01",
    ]
    write("scorecards/first.csv", "\n".join([header, *rows]))
    write("scorecards/later.csv", "\n".join([header, *later]))
    build_warehouse(tmp_path / "inbox", is_demonstration=False)
    staged = ask("select meeting_id, score, coalesce(votes, -1) from staging.scorecards order by all")
    assert staged == [("M1", 4.0, -1), ("M2", 2.0, 7), ("M2", 4.0, 9)]
    assert ask("select meeting_id, score_pct, people from marts.fct_scorecards order by all") == [("M1", 75.0, 24), ("M2", 75.0, 16)]


def test_a_meeting_scores_two_facilities_by_the_same_criterion(write: Write, tmp_path: Path, nothing_hidden: None) -> None:
    header = "meeting_id,meeting_date,commune_code,facility_type,side,criterion,score,scale_min,scale_max,votes,attendees,updated_at"
    rows = [
        "M1,2024-02-12,070101,commune_hall,citizen,time,2,1,5,,24,2024-02-13",
        "M1,2024-02-12,070101,health_centre,citizen,time,4,1,5,,24,2024-02-13",
        *(f"M2,2024-02-12,070101,{kind},citizen,time,{step},1,5,{votes},24,2024-02-13"
          for kind, step, votes in (("commune_hall", 1, 20), ("health_centre", 5, 12), ("health_centre", 4, 11))),
    ]  # fmt: skip
    write("scorecards.csv", "\n".join([header, *rows]))
    build_warehouse(tmp_path / "inbox", is_demonstration=False)
    found = ask("select meeting_id, facility_type, score_pct, people from marts.fct_scorecards order by all")
    assert found == [
        ("M1", "commune_hall", 25.0, 24),
        ("M1", "health_centre", 75.0, 24),
        ("M2", "commune_hall", 0.0, 20),
        ("M2", "health_centre", 100.0, 23),
    ]
    assert ask("select scored_facility from staging.scorecards where meeting_id = 'M1' order by all") == [
        ("commune_hall",),
        ("health_centre",),
    ]


def test_a_score_that_is_corrected_from_agreed_to_voted_or_back_counts_as_the_newest_row_says(tmp_path: Path) -> None:
    first, then = {"updated_at": "2024-02-13"}, {"updated_at": "2024-03-01"}
    rows = [
        *(score("A", 1, **first), score("A", 4, votes=9, **then), score("A", 5, votes=20, **first)),
        *(score("B", 1, **then), score("B", 5, votes=9, **first)),
        *(score("C", 5, votes=9), score("C", 1)),  # no moments: the later row
        *(score("D", 1, **first), score("D", 5, votes=9, facility_id="CH-2", **then)),  # another facility is another score
    ]
    found = facts(rows, tmp_path, "select meeting_id, score_kind, score_pct, people from marts.fct_scorecards order by all")
    assert found == [
        ("A", "voted", 100, 29),
        ("B", "agreed", 0, 24),
        ("C", "agreed", 0, 24),
        ("D", "agreed", 0, 24),
        ("D", "voted", 100, 9),
    ]


def test_six_people_who_score_two_facilities_are_hidden_in_both_kinds_and_in_all_kinds_together(tmp_path: Path) -> None:
    six = {"attendees": 6, "attendees_female": 3, "commune_code": "070101"}
    both = [score("A", 2, **six), score("A", 4, facility_id=None, facility_type="health_centre", **six)]
    many = [score(f"B{each}", 3, facility_id="CH-2", attendees=40) for each in range(3)]
    cells = (
        "select fact, period, service_code from privacy.hidden_cells "
        "where place_code = '070101' and attribute = '' and period <> 'month' order by all"
    )
    with modelled({"facilities": HALLS, "scorecards": [*both, *many]}, tmp_path) as connection:
        hide_small_groups(connection)
        found = set(connection.sql(cells).fetchall())
        assert connection.sql("select count(*) - count(distinct c) from privacy.hidden_cells c").fetchall() == [(0,)]
        assert connection.sql(audit_queries()["small_groups_are_hidden"]).fetchall() == []
        connection.execute("delete from privacy.hidden_cells where service_code = '*'")
        assert len(connection.sql(audit_queries()["small_groups_are_hidden"]).fetchall()) >= 2
    kinds = ("*", "commune_hall", "health_centre")
    assert found >= {(fact, period, kind) for fact in ("scores", "attendance") for period in ("quarter", "year") for kind in kinds}


def test_scored_criteria_are_told_where_every_meeting_of_their_cells_had_ten_people(tmp_path: Path) -> None:
    few = {"attendees": 6, "attendees_female": 3}
    rows = [
        *(score("A", 2), score("B", 3, **few)),  # 30 people, six of them in a meeting of their own
        *(score("A", 2, "fee"), score("B", 3, "fee", facility_id=None, facility_type="commune_hall", commune_code="070101", **few)),
        *(score("A", 2, "staff"), score("C", 3, "staff", meeting_date=date(2024, 5, 12))),
    ]
    sql = "select category, facility_id, is_shown, quarters from marts.scored_criteria order by all"
    january, april = date(2024, 1, 1), date(2024, 4, 1)
    assert facts(rows, tmp_path, sql) == [
        ("fee", "CH-1", False, [january]),  # with the cell of the commune it would tell what the six said
        ("fee", None, False, [january]),
        ("staff", "CH-1", True, [january, april]),
        ("time", "CH-1", False, [january]),
    ]
