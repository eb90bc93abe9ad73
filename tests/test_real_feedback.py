"""Does the published feedback about Cambodian health centres load as it is, with nothing guessed?

The first tests use a few invented rows of the same shape. The last reads the real file, which is not part of the repository.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import warehouse
from etl.pipeline import build_warehouse
from etl.quality import Load

ANSWER = {
    "id": "a1",
    "__typename": "YobolHealthFeedback",
    "_deleted": "0",
    "_lastChangedAt": "1690000000",
    "_version": "1",
    "bribe": "false",
    "createdAt": "2023-06-17T06:27:56.000Z",
    "district_en": "Chhook",
    "district_km": "ឈូក",
    "friendliness": "4",
    "health_centre_en": "The Tree Health Center",
    "health_centre_km": "មណ្ឌលសុខភាព ត្រពាំងភ្លាំង",
    "province_en": "Camp Pot",
    "province_km": "កំពត",
    "quality": "3",
    "speed": "5",
    "submitted": "2023-06-17T06:27:55.511Z",
    "updatedAt": "2023-07-28T11:11:47.951Z",
    "version": "5",
    "visited_date": "2023-05",
}
BESIDE_THE_REPOSITORY = warehouse.REPOSITORY.parent / "shared/data/feedback/health_centre_feedback_2023.csv"
REAL_FILE = Path(os.environ.get("COMMUNE_PULSE_REAL_FEEDBACK") or BESIDE_THE_REPOSITORY)


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def build_from(inbox: Path, *answers: dict[str, str]) -> Load:
    """The books of a real build of these answers alone."""
    with (inbox / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ANSWER), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(ANSWER | answer for answer in answers)
    return build_warehouse(inbox, is_demonstration=False).loads[0]


def asked(query: str) -> list[tuple[object, ...]]:
    return list(warehouse.read(query).itertuples(index=False, name=None))


def test_one_answer_is_three_ratings_on_the_declared_scale(inbox: Path) -> None:
    load = build_from(inbox, {"id": "a1", "bribe": "true"})
    assert (load.source, load.mapping_name, load.rows_loaded) == ("feedback", "Yobol health-centre feedback", 1)
    rows = asked("select aspect, rating, rating_pct, province_code, district_code, commune_code from marts.fct_feedback order by aspect")
    assert [(row[0], row[1], row[2]) for row in rows] == [("friendliness", 4, 75), ("quality", 3, 50), ("speed", 5, 100)]
    assert asked("select sum(asked), sum(answered) from marts.agg_unofficial_payment") == [(1, 1)]


def test_an_answer_known_only_to_its_district_counts_there_and_in_no_commune(inbox: Path) -> None:
    build_from(inbox, {})
    row = warehouse.read("select district_code, commune_code, facility_id, facility_type from marts.fct_feedback limit 1").iloc[0]
    assert row["district_code"] == "0703"
    assert row[["commune_code", "facility_id"]].isna().all()
    assert row["facility_type"] == "health_centre"


def test_a_facility_that_cannot_be_found_is_listed_with_what_it_may_be(inbox: Path) -> None:
    build_from(inbox, {})
    listed = asked("select line, field, value, candidates from quality.unmatched_places")
    assert [row[:2] for row in listed] == [(2, "facility")]
    assert "The Tree Health Center" in str(listed[0][2])
    assert "no register of facilities" in str(listed[0][3])


def test_names_that_contradict_each_other_leave_the_province_only(inbox: Path) -> None:
    build_from(inbox, {"district_en": "Angkor Chey"}, {"id": "a2", "district_en": "Chhuk / Kampot", "district_km": "ឈូក/កំពត"})
    assert asked("select distinct province_code, district_code is null from marts.fct_feedback") == [("07", True)]
    assert len(asked("select * from quality.unmatched_places where field = 'district'")) == 2


def test_deleted_answers_are_counted_and_leave(inbox: Path) -> None:
    load = build_from(inbox, {"id": "a1"}, {"id": "a2", "_deleted": "1"}, {"id": "a3", "_deleted": ""}, {"id": "a4", "_deleted": "true"})
    assert (load.rows_read, load.rows_loaded, load.rows_deleted) == (4, 2, 2)


def test_identical_answers_under_different_ids_are_kept_with_a_warning(inbox: Path) -> None:
    load = build_from(inbox, {"id": "a1"}, {"id": "a2"})
    assert load.rows_loaded == 2
    assert asked("select rows from quality.rule_results where outcome = 'warn'") == [(2,)]


def test_a_visit_years_before_the_answer_is_used_with_a_warning(inbox: Path) -> None:
    load = build_from(inbox, {"visited_date": "2018-06"})
    assert load.rows_loaded == 1
    assert asked("select rule, rows from quality.rule_results") == [("visited_lately", 1)]


def test_a_rating_of_zero_from_the_old_scale_is_set_aside_not_shifted(inbox: Path) -> None:
    load = build_from(inbox, {"id": "a1"}, {"id": "a2", "speed": "0"})
    assert (load.rows_loaded, load.rows_set_aside) == (1, 1)


@pytest.fixture(scope="module")
def real_build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    if not REAL_FILE.is_file():
        pytest.skip("the real feedback file is not here; COMMUNE_PULSE_REAL_FEEDBACK may name it")
    folder = tmp_path_factory.mktemp("real")
    (folder / "inbox").mkdir()
    (folder / "inbox" / REAL_FILE.name).write_bytes(REAL_FILE.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMUNE_PULSE_DATA", str(folder))
        yield build_warehouse(folder / "inbox", is_demonstration=False).loads[0]


def test_all_392_real_answers_load_and_the_books_balance(real_build: Load) -> None:
    books = (real_build.rows_read, real_build.rows_loaded, real_build.rows_set_aside, real_build.rows_superseded, real_build.rows_deleted)
    assert books == (392, 392, 0, 0, 0)
    build = warehouse.current_build()
    assert build is not None
    assert not build.is_demonstration


def test_real_places_are_certain_or_listed(real_build: Load) -> None:
    placed = asked("select province_code, district_code, count(*) from staging.feedback group by all order by all")
    assert {row[0]: sum(int(str(one[2])) for one in placed if one[0] == row[0]) for row in placed} == {"03": 137, "16": 132, "17": 123}
    with_district = sum(int(str(row[2])) for row in placed if isinstance(row[1], str))
    assert with_district == 308
    assert asked("select field, count(*) from quality.unmatched_places group by 1 order by 1") == [("district", 84), ("facility", 392)]
    assert asked("select count(commune_code), count(facility_id) from staging.feedback") == [(0, 0)]


def test_real_ratings_lie_on_a_scale_of_one_to_five(real_build: Load) -> None:
    ranges = asked("select aspect, min(rating), max(rating), count(*) from marts.fct_feedback group by 1 order by 1")
    assert ranges == [("friendliness", 2, 5, 392), ("quality", 1, 5, 392), ("speed", 2, 5, 392)]
    assert asked("select sum(asked), sum(answered) from marts.agg_unofficial_payment") == [(41, 392)]


def test_the_real_file_speaks_for_the_repaired_scale(real_build: Load) -> None:
    """Had speed and friendliness still been stored as 0 to 4, there would be zeros and no fives, and versions below 5."""
    with duckdb.connect() as connection:
        cells = connection.execute(f"select * from read_csv('{REAL_FILE}', all_varchar = true)").df()
    assert set(cells["version"]) == {"5"}
    assert "5" in set(cells["speed"]) & set(cells["friendliness"])
    assert "0" not in {*cells["speed"], *cells["friendliness"], *cells["quality"]}
