"""Does a written name become a code only when that is certain?"""

import pandas as pd
import pytest

from etl.mapping import Mapping, PlaceColumns, synonyms_file
from etl.mapping_sql import known_places
from etl.matching import Gazetteer, Match, match, plain_name

FACILITIES = pd.DataFrame(
    [
        ("HC-1", "Trapeang Sdok Health Center", "មណ្ឌលសុខភាពត្រពាំងស្ដុក", "health_centre", "070301", "0703"),
        ("HC-2", "Ampil", "អំពិល", "health_centre", "030601", "0306"),
        ("HC-3", "Ampil", "អំពិល", "health_centre", "170910", "1709"),
    ],
    columns=["facility_id", "facility_en", "facility_km", "facility_type", "commune_code", "district_code"],
)


@pytest.fixture(scope="module")
def known() -> Gazetteer:
    return known_places(Mapping("none", "feedback", ()), FACILITIES)


def found(known: Gazetteer, within: dict[str, str] | None = None, **written: str | list[str]) -> Match:
    values = {level: [one] if isinstance(one, str) else one for level, one in written.items()}
    return match(values, within or {}, known, synonyms_file())


@pytest.mark.parametrize(
    ("name", "same_as"),
    [
        ("Ban Lung Municipality", "Krong Banlung"),
        ("Kompong Cham", "Kampong Cham"),
        ("  Siem  Reap City ", "Siem Reab"),
        ("Sangkat Kouk Chak", "kouk chak"),
        ("Kratié", "Kracheh"),
        ("Han Chey Health Center", "Hanchey"),
        ("ក្រុងសៀមរាប", "សៀមរាប"),
        ("មណ្ឌលសុខភាព\u200b អំពិល", "អំពិល"),
        ("ខ្នារសណ្ដាយ", "ខ្នារសណ្តាយ"),
    ],
)
def test_names_that_differ_only_in_writing_are_the_same(name: str, same_as: str) -> None:
    assert plain_name(name, synonyms_file()) == plain_name(same_as, synonyms_file())


CENTRES = pd.DataFrame(
    [("HC-02", "HC Champei", "", "health_centre", "070103", "0701"), ("HC-77", "Bati centre", "", "health_centre", "210202", "2102")],
    columns=FACILITIES.columns,
)


@pytest.mark.parametrize(
    "told", [{"Champei": "070103"}, {"HC Champei": "HC-02"}, {"Champei": "070103", "HC Champei": "HC-02"}, {"Our centre": "HC-02"}]
)
def test_what_a_person_told_of_a_name_is_certain(told: dict[str, str]) -> None:
    known = known_places(Mapping("none", "service_usage", (), places=PlaceColumns({}, "", told)), CENTRES)
    written = "Our centre" if "Our centre" in told else "HC Champei"
    result = found(known, commune="Champei", facility=written)   # two communes are called Champei
    assert (result.codes["commune"], result.codes["facility"], result.doubts) == ("070103", "HC-02", [])


def test_what_a_person_told_does_not_outweigh_what_the_row_says_for_certain() -> None:
    known = known_places(Mapping("none", "service_usage", (), places=PlaceColumns({}, "", {"Champei": "070103", "HC": "HC-02"})), CENTRES)
    assert found(known, district="Bati", commune="Champei").codes["commune"] == "210202"
    assert "facility" not in found(known, district="Bati", commune="Champei", facility="HC").codes


def test_both_languages_agree_on_a_district(known: Gazetteer) -> None:
    result = found(known, province=["Kampot", "កំពត"], district=["Teuk Chhou", "ទឹកឈូ"])
    assert result.codes == {"province": "07", "district": "0707"}
    assert result.doubts == []


def test_a_mistranslated_name_does_not_outweigh_the_official_one(known: Gazetteer) -> None:
    result = found(known, province="Ratanakiri", district=["Flying Village", "បរកែវ"])
    assert result.codes["district"] == "1603"


def test_columns_that_name_different_places_leave_only_the_level_above(known: Gazetteer) -> None:
    result = found(known, province="Siem Reap", district=["Banteay Srei", "សៀមរាប"])
    assert result.codes == {"province": "17"}
    assert result.doubts[0].field == "district"
    assert "different places" in result.doubts[0].candidates
    assert "1703" in result.doubts[0].candidates
    assert "1710" in result.doubts[0].candidates


def test_two_places_in_one_cell_are_never_narrowed_to_one(known: Gazetteer) -> None:
    result = found(known, province="Kampong Cham", district=["Kampong Cham / Kampong Cham", "កំពង់ចាម/កំពង់សៀម"])
    assert result.codes == {"province": "03"}
    assert "more than one place" in result.doubts[0].candidates


def test_a_name_that_several_places_share_is_not_guessed(known: Gazetteer) -> None:
    assert "district" not in found(known, district="Samraong").codes
    assert found(known, province="Oddar Meanchey", district="Samraong").codes["district"] == "2204"


def test_a_close_spelling_counts_only_inside_a_certain_place_and_far_from_every_other(known: Gazetteer) -> None:
    assert found(known, province="Kampot", district="Kampong Tracch").codes["district"] == "0706"
    assert "nearly the same spelling" in found(known, province="Kampot", district="Kampong Tracch").doubts[0].candidates
    assert found(known, district="Kampong Tracch").codes == {}
    assert found(known, province="Kampot", district="Kampong").codes == {"province": "07"}


def test_a_close_spelling_does_not_count_beside_a_name_nobody_knows(known: Gazetteer) -> None:
    result = found(known, province="Kampot", district=["Kampong Tracch", "ភូមិថ្មី"])
    assert "district" not in result.codes
    assert "0706" in result.doubts[0].candidates


def test_below_an_uncertain_place_nothing_is_looked_for(known: Gazetteer) -> None:
    result = found(known, province="Atlantis", district="Chhuk", commune="Trapeang Sdok")
    assert result.codes == {}
    assert [one.field for one in result.doubts] == ["province", "district", "commune"]


@pytest.mark.parametrize("code", ["70101", "070101", "KH070101"])
def test_a_code_in_a_column_of_names_is_read_as_a_code(known: Gazetteer, code: str) -> None:
    assert found(known, commune=code).codes == {"province": "07", "district": "0701", "commune": "070101"}


def test_an_old_code_means_its_successor(known: Gazetteer) -> None:
    assert found(known, commune="070701").codes["commune"] == "070901"


def test_a_unique_name_brings_the_places_above_it(known: Gazetteer) -> None:
    assert found(known, district="Koh Nhek").codes == {"province": "11", "district": "1102"}


def test_a_registered_facility_is_found_inside_its_district(known: Gazetteer) -> None:
    assert found(known, district="Kampong Siem", facility=["Ampil Health Centre", "អំពិល"]).codes["facility"] == "HC-2"
    assert "facility" not in found(known, facility="Ampil").codes


def test_a_health_centre_with_a_communes_name_is_a_candidate_not_a_match() -> None:
    without_register = known_places(Mapping("none", "feedback", ()), None)
    result = found(without_register, district="Kampong Siem", facility="មណ្ឌលសុខភាពអំពិល")
    assert result.codes == {"province": "03", "district": "0306"}
    assert result.doubts[0].candidates.startswith("there is no register of facilities")
    assert "commune 030601" in result.doubts[0].candidates


def test_all_rows_can_be_declared_to_lie_in_one_province(known: Gazetteer) -> None:
    assert found(known, within={"province": "22"}, district="Samraong").codes["district"] == "2204"
