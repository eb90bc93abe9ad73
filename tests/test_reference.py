"""Are the country's own lists complete, consistent and honest about what is not known?"""
import csv
import re
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from metrics.verdicts import SUBJECTS
from warehouse import reference_folder

PROGRAMME = {"07": 93, "09": 29, "11": 21, "16": 50}          # Kampot, Koh Kong, Mondulkiri, Ratanakiri
FACILITY_TYPES = {"health_centre", "commune_hall", "police_post", "primary_school"}


def rows(name: str) -> list[dict[str, str]]:
    with (reference_folder() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


COMMUNES = rows("communes")
CODES = {row["commune_code"] for row in COMMUNES}


def test_there_are_as_many_places_as_officially() -> None:
    assert len(COMMUNES) == len(CODES) == 1652
    assert Counter(row["unit_type"] for row in COMMUNES) == {"khum": 1378, "sangkat": 274}
    assert len({row["district_code"] for row in COMMUNES}) == 210
    assert len({row["province_code"] for row in COMMUNES}) == 25


def test_the_programme_has_its_193_communes() -> None:
    found = Counter(row["province_code"] for row in COMMUNES)
    assert {code: found[code] for code in PROGRAMME} == PROGRAMME
    assert sum(PROGRAMME.values()) == 193


def test_kampot_has_its_nine_districts() -> None:
    found = Counter(row["district_code"] for row in COMMUNES if row["province_code"] == "07")
    assert found == {"0701": 11, "0702": 15, "0703": 15, "0704": 7, "0705": 10, "0706": 14, "0707": 13, "0708": 5, "0709": 3}


def test_a_code_says_where_a_commune_lies() -> None:
    wrong = [row for row in COMMUNES if not re.fullmatch(r"\d{6}", row["commune_code"])
             or row["commune_code"][:4] != row["district_code"] or row["commune_code"][:2] != row["province_code"]]
    assert wrong == []


@pytest.mark.parametrize("level", ["district", "province"])
def test_a_place_has_one_name_in_each_language(level: str) -> None:
    named = {(row[f"{level}_code"], row[f"{level}_en"], row[f"{level}_km"]) for row in COMMUNES}
    assert len(named) == len({code for code, _, _ in named})


def test_every_name_is_there_in_latin_and_khmer() -> None:
    assert [row for row in COMMUNES for level in ("commune", "district", "province")
            if not row[f"{level}_en"].isascii() or not re.match("[\u1780-\u17ff]", row[f"{level}_km"])] == []
    assert [value for row in COMMUNES for value in row.values() if value != value.strip() or not value] == []


def test_the_rows_made_from_villages_of_kokir_are_gone() -> None:
    assert [row["commune_code"] for row in COMMUNES if row["commune_en"] == "Kokir" and row["district_code"] == "2503"] == ["250314"]


def test_an_old_code_points_to_one_commune_of_today() -> None:
    successors = rows("commune_successors")
    assert len({row["old_code"] for row in successors}) == len(successors)
    assert [row for row in successors if row["old_code"] in CODES or row["new_code"] not in CODES] == []
    assert [row for row in successors if not row["reason"] or not row["source"] or row["is_verified"] not in ("true", "false")] == []


def test_the_communes_of_krong_bokor_are_found_under_their_old_codes() -> None:
    found = {row["old_code"]: row["new_code"] for row in rows("commune_successors") if row["new_code"].startswith("0709")}
    assert found == {"070701": "070901", "070707": "070902", "070711": "070903"}


def test_every_difference_from_the_source_says_what_was_done_about_it() -> None:
    assert [row for row in rows("commune_differences") if not (row["difference"] and row["action"] and row["source"])] == []


def test_a_synonym_names_a_place_that_exists() -> None:
    known = {level: {row[f"{level}_code"] for row in COMMUNES} for level in ("province", "district", "commune")}
    synonyms = rows("place_synonyms")
    assert [row for row in synonyms if row["code"] not in known[row["level"]] or not row["source"]] == []
    assert len({(row["level"], row["code"], row["name"].lower()) for row in synonyms}) == len(synonyms)


def test_a_synonym_of_a_province_means_one_province() -> None:
    names = [row["name"].lower() for row in rows("place_synonyms") if row["level"] == "province"]
    assert len(set(names)) == len(names)


def test_services_are_named_in_both_languages_and_belong_to_a_kind_of_facility() -> None:
    services = rows("services")
    assert len({row["service_code"] for row in services}) == len({row["sort_order"] for row in services}) == len(services)
    assert {row["facility_type"] for row in services} <= FACILITY_TYPES
    assert [row for row in services if not row["service_en"] or not re.match("[\u1780-\u17ff]", row["service_km"])] == []


def test_criteria_are_named_in_both_languages_and_every_spelling_means_one() -> None:
    criteria = rows("criteria")
    assert [row for row in criteria if not row["category_en"] or not re.match("[\u1780-\u17ff]", row["category_km"])] == []
    assert {kind for row in criteria for kind in row["facility_types"].split()} <= FACILITY_TYPES
    spellings = [word.lower() for row in criteria for word in {row["category_code"], *row["spellings"].split("|")}]
    assert len(set(spellings)) == len(spellings)


def test_a_standard_is_complete_or_empty_where_it_is_not_known() -> None:
    services = {row["service_code"] for row in rows("services")}
    standards = rows("service_standards")
    assert len({row["standard_id"] for row in standards}) == len(standards)
    for row in standards:
        assert row["service_code"] in services
        assert row["issuer"]
        assert row["source"]
        assert row["day_type"] in ("working", "calendar")
        assert row["is_verified"] in ("true", "false")
        assert row["max_days"] == "" or int(row["max_days"]) > 0
        assert row["fee_riel"] == "" or int(row["fee_riel"]) >= 0
        assert row["max_days"] or row["fee_riel"]
        assert date.fromisoformat(row["valid_from"]) < date.fromisoformat(row["valid_to"] or "9999-12-31")


def test_one_standard_of_a_service_is_in_force_on_a_day() -> None:
    of_service: dict[str, list[tuple[str, str]]] = {}
    for row in rows("service_standards"):
        of_service.setdefault(row["service_code"], []).append((row["valid_from"], row["valid_to"] or "9999-12-31"))
    overlaps = [
        (service, before, after) for service, spans in of_service.items()
        for before, after in pairwise(sorted(spans)) if after[0] < before[1]        # valid_to is the first day after
    ]
    assert overlaps == []


def test_where_sources_disagree_on_a_fee_it_is_not_invented() -> None:
    assert {row["fee_riel"] for row in rows("service_standards") if row["service_code"] == "marriage_certificate"} == {""}


def test_a_target_is_of_a_judged_measure_and_says_who_set_it() -> None:
    """What a target must be besides, the audit targets_are_clear asks in every build."""
    judged = {subject.metric for subject in SUBJECTS}
    assert [row for row in rows("targets") if row["metric"] not in judged or not row["source"]] == []


def test_every_year_has_its_holidays_once() -> None:
    holidays = rows("holidays")
    days = [date.fromisoformat(row["date"]) for row in holidays]
    assert days == sorted(set(days))
    per_year = Counter(day.year for day in days)
    assert set(per_year) == set(range(2020, 2028))
    assert all(18 <= count <= 26 for count in per_year.values())
    assert {row["is_verified"] for row in holidays} == {"true", "false"}
    assert [row for row in holidays if not (row["name_en"] and row["name_km"] and row["source"])] == []


@pytest.mark.parametrize("month_day", ["01-01", "01-07", "03-08", "05-01", "05-14", "06-18", "09-24", "10-15", "10-29", "11-09"])
def test_holidays_with_a_fixed_date_are_there_every_year_and_certain(month_day: str) -> None:
    certain = {row["date"] for row in rows("holidays") if row["is_verified"] == "true"}
    assert [year for year in range(2020, 2028) if f"{year}-{month_day}" not in certain] == []


def test_movable_holidays_of_years_without_an_official_list_are_marked() -> None:
    unsure = {row["date"] for row in rows("holidays") if row["is_verified"] == "false"}
    assert {"2026-10-10", "2027-05-20"} <= unsure
    assert "2023-05-04" not in unsure
