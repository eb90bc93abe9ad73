"""Does the results framework leave the house whole: as a workbook for OPSYS and as a valid IATI activity?"""

from __future__ import annotations

import io
import shutil
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import duckdb
import openpyxl
import pytest
from python_calamine import CalamineWorkbook
from screen import data_of

import warehouse
from metrics import logframe, programme
from metrics.query import Filters
from reports import iati
from reports import logframe as workbook
from reports.__main__ import main
from text import set_language, t
from warehouse import Problem

DAY = date(2026, 6, 30)
_SHARED = Path("shared", "data", "iati", "iati-activities-schema.xsd")  # the official schema is not ours to ship
SCHEMA = next((parent / _SHARED for parent in warehouse.REPOSITORY.parents if (parent / _SHARED).is_file()), None)
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture(autouse=True)
def _demonstration(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    set_language("en")
    yield
    set_language("en")


@pytest.fixture
def build_id() -> str:
    build = warehouse.current_build()
    assert build is not None
    return build.build_id


# --- workbook --------------------------------------------------------------------------------------------------------------------------


def table_of(book: Any, name: str) -> list[dict[str, Any]]:
    banner, head, *rows = book[name].iter_rows(values_only=True)
    assert "DEMONSTRATION" in banner[0] and "EXAMPLE" in banner[0]
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_every_figure_comes_back_from_the_workbook_as_it_went_in(build_id: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook(build_id, DAY)))
    rows = {row["Indicator no."]: row for row in table_of(book, "Logframe")}
    framework = logframe.framework(build_id, DAY)
    assert list(rows) == [each.indicator.code for each in framework]
    for each in framework:
        row, one = rows[each.indicator.code], each.indicator
        assert row["Current value"] == workbook.figure(one, each.current)
        assert row["Baseline value"] == workbook.figure(one, each.baseline)
        assert (row["Final target value"], row["Final target date"].date()) == (one.target.value, one.target.day)
        assert row["Reference date"].date() == each.current.reference_date if each.current.reference_date else row["Reference date"] is None
        milestones = [row[f"Intermediate target {n}: value"] for n in (1, 2, 3)]
        assert [value for value in milestones if value is not None] == [milestone.value for milestone in one.milestones]
    assert {row["Current value"] for row in rows.values()} - {None}


def test_the_values_are_a_sum_and_its_parts_and_hidden_ones_stay_empty(build_id: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook(build_id, DAY)))
    rows = table_of(book, "Values")
    sums = [row for row in rows if row["Sum or breakdown"] == "Sum"]
    assert [row["Indicator no."] for row in sums] == [each.indicator.code for each in logframe.framework(build_id, DAY)]
    assert [row["Final target value"] for row in sums] == [each.indicator.target.value for each in logframe.framework(build_id, DAY)]
    reached = [row for row in rows if row["Indicator no."] == "OP1.3"]
    women, men = (next(row["Current value"] for row in reached if row["Code"] == sex) for sex in ("f", "m"))
    assert reached[0]["Current value"] == women + men
    hidden = [row for row in rows if row["Status of the value"] == t("results.hidden")]
    assert hidden and all(row["Current value"] is None and row["95 % from"] is None for row in hidden)
    assert all((row["Current value"] is None) == (row["Status of the value"] != "Told") for row in rows)


def test_another_reader_finds_the_same_sheets_and_the_khmer_one_speaks_khmer(build_id: str) -> None:
    english = CalamineWorkbook.from_filelike(io.BytesIO(workbook.workbook(build_id, DAY)))
    assert english.sheet_names == ["Logframe", "Values", "About"]
    about = dict(english.get_sheet_by_name("About").to_python())
    assert about["Build"] == build_id and about["Data"].startswith("DEMONSTRATION") and "invented" in about["Framework"]
    assert about["Link"].startswith("http://localhost:8501/results?") and f"build={build_id}" in about["Link"]
    set_language("km")
    khmer = CalamineWorkbook.from_filelike(io.BytesIO(workbook.workbook(build_id, DAY, Filters(province="07"))))
    assert khmer.sheet_names == [t(f"logframe.sheet.{name}") for name in ("logframe", "values", "about")]
    head = khmer.get_sheet_by_index(0).to_python()[1]
    assert head[0] == t("logframe.level") and not str(head[0]).isascii()


def test_the_commands_write_files_that_say_what_they_are(tmp_path: Path, build_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logframe", "--as-of", "2026-06-30", "--to", str(tmp_path / "out"), "--language", "km", "--province", "07"]) == 0
    assert main(["iati", "--as-of", "2026-06-30", "--to", str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"commune-pulse-demonstration-iati-2026-06-30-{build_id}.xml",
        f"commune-pulse-demonstration-logframe-07-2026-06-30-{build_id}.xlsx",
    ]
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["iati", "--to", str(tmp_path / "file")]) == 1
    assert "could not be written" in capsys.readouterr().err


# --- IATI ------------------------------------------------------------------------------------------------------------------------------

ORDER = {  # of the children of an element, as the standard 2.03 has them; only those that we write
    "iati-activities": ("iati-activity",),
    "iati-activity": (
        "iati-identifier", "reporting-org", "title", "description", "participating-org", "activity-status", "activity-date", "contact-info",
        "activity-scope", "recipient-country", "location", "sector", "result",
    ),
    "contact-info": ("organisation", "email", "website"),
    "location": ("location-reach", "name", "description", "administrative", "exactness", "location-class", "feature-designation"),
    "result": ("title", "indicator"),
    "indicator": ("title", "description", "reference", "baseline", "period"),
    "baseline": ("location", "dimension", "comment"),
    "period": ("period-start", "period-end", "target", "actual"),
    "actual": ("location", "dimension", "comment"),
    "target": (),
}  # fmt: skip
CODES = {  # of the codelists, those that can be right here
    ("result", "type"): {"1", "2", "3"},
    ("result", "aggregation-status"): {"0", "1"},
    ("indicator", "measure"): {"1", "2"},
    ("indicator", "ascending"): {"0", "1"},
    ("indicator", "aggregation-status"): {"0", "1"},
    ("activity-status", "code"): {"1", "2", "3", "4", "5", "6"},
    ("activity-date", "type"): {"1", "2", "3", "4"},
    ("participating-org", "role"): {"1", "2", "3", "4"},
    ("location-reach", "code"): {"1", "2"},
    ("exactness", "code"): {"1", "2"},
    ("location-class", "code"): {"1", "2", "3", "4"},
    ("administrative", "vocabulary"): {"A4"},
    ("recipient-country", "code"): {"KH"},
}


def root_of(build_id: str) -> Element:
    return ElementTree.fromstring(iati.document(build_id, DAY))


def test_the_activity_is_valid_by_the_official_schema(build_id: str) -> None:
    if SCHEMA is None:
        pytest.skip(f"The official schema is not beside the repository ({_SHARED}); the next test checks order and codes all the same.")
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    document = etree.fromstring(iati.document(build_id, DAY))
    assert schema.validate(document), schema.error_log
    document.find(".//indicator/period/period-end").set("iso-date", "30/06/2026")
    assert not schema.validate(document)


def test_elements_stand_in_the_order_of_the_standard_and_codes_are_known_ones(build_id: str) -> None:
    root = root_of(build_id)
    assert root.get("version") == "2.03"
    for element in root.iter():
        if element.tag in ORDER:
            places = [ORDER[element.tag].index(child.tag) for child in element]
            assert places == sorted(places), element.tag
    for (tag, name), known in CODES.items():
        found = {element.get(name) for element in root.iter(tag)}
        assert found and found <= known, (tag, name, found)
    assert sum(float(str(sector.get("percentage"))) for sector in root.iter("sector")) == 100
    days = [str(each.get("iso-date")) for each in root.iter() if each.get("iso-date")]
    assert days and all(date.fromisoformat(day) for day in days)
    assert not [narrative for narrative in root.iter("narrative") if not (narrative.text or "").strip()]


def test_the_values_are_those_of_the_framework_and_only_of_days_that_have_come(build_id: str) -> None:
    root = root_of(build_id)
    codes = {str(each.find("reference").get("code")): each for each in root.iter("indicator")}  # type: ignore[union-attr]
    for each in logframe.framework(build_id, DAY):
        element, one = codes[each.indicator.code], each.indicator
        assert element.get("ascending") == ("0" if one.better == "lower" else "1")
        assert element.get("measure") == ("2" if one.unit == "%" else "1")
        periods = {str(period.find("period-end").get("iso-date")): period for period in element.iter("period")}  # type: ignore[union-attr]
        for milestone in one.targets:
            target = periods[milestone.day.isoformat()].find("target")
            assert target is not None and float(str(target.get("value"))) == milestone.value
        assert not [end for end, period in periods.items() if date.fromisoformat(end) > DAY and period.find("actual") is not None]
        period = periods.get(str(each.current.reference_date), Element("none"))
        told = [actual.get("value") for actual in period.iter("actual") if is_sum(actual)]
        expected = workbook.figure(one, each.current)
        if each.current.status == "no_data":
            assert told == []
        else:
            assert [None if value is None else float(value) for value in told] == [expected]
    assert codes["OC1.1"].get("ascending") == "0"


def test_a_period_begins_where_its_value_is_counted_from(build_id: str) -> None:
    codes = {str(each.find("reference").get("code")): each for each in root_of(build_id).iter("indicator")}  # type: ignore[union-attr]

    def starts(code: str) -> dict[str, str]:
        pairs = ((period.find("period-end"), period.find("period-start")) for period in codes[code].iter("period"))
        return {str(end.get("iso-date")): str(start.get("iso-date")) for end, start in pairs if end is not None and start is not None}

    assert set(starts("OP1.2").values()) == {"2023-01-01"} and len(starts("OP1.2")) > 2   # a total
    assert set(starts("OP1.3").values()) == {"2023-01-01"}   # entered, counted since the baseline
    assert starts("OC1.2")["2026-06-30"] == "2025-07-01" and starts("OC1.2")["2024-06-30"] == "2023-07-01"
    for each in logframe.framework(build_id, DAY):
        if each.indicator.span == "year" and each.current.first:
            assert starts(each.indicator.code)[str(each.current.reference_date)] == each.current.first.isoformat()


def is_sum(actual: Element) -> bool:
    return actual.find("location") is None and actual.find("dimension") is None


def test_places_of_values_are_locations_of_the_activity(build_id: str) -> None:
    root = root_of(build_id)
    declared = {each.get("ref") for each in root.findall(".//iati-activity/location")}
    used = {each.get("ref") for tag in ("baseline", "actual") for element in root.iter(tag) for each in element.findall("location")}
    assert used and used <= declared and "KH-07" in declared


def test_what_is_invented_says_so_in_titles_and_comments_in_both_languages(build_id: str) -> None:
    root = root_of(build_id)
    titles = list(root.iter("title"))
    assert titles and all("DEMONSTRATION" in str(title.find("narrative").text) for title in titles)  # type: ignore[union-attr]
    assert all(title.find(f"narrative[@{XML_LANG}='km']") is not None for title in titles)
    assert all("invented" in str(comment.find("narrative").text) for comment in root.iter("comment"))  # type: ignore[union-attr]


# --- programme -------------------------------------------------------------------------------------------------------------------------


def test_a_programme_s_own_file_wins_in_the_inbox_and_in_the_data_folder(data: Path) -> None:
    assert programme.programme().is_example
    shipped = (warehouse.reference_folder() / "programme.toml").read_text(encoding="utf-8")
    own = shipped.replace("is_example = true", "is_example = false")
    (data / "programme.toml").write_text(own.replace("http://localhost:8501", "https://pulse.example.org/"), encoding="utf-8")
    told = programme.programme()
    assert (told.is_example, told.address) == (False, "https://pulse.example.org")
    (data / "inbox" / "programme.toml").write_text(own.replace("http://localhost:8501", "https://inbox.example.org"), encoding="utf-8")
    assert programme.programme().address == "https://inbox.example.org"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('status = "2"', 'status = ""', r"\[programme\] has no status"),
        ("planned_start = 2023-01-01", 'planned_start = "soon"', "planned_start is not a day"),
        ("[reporting]", "[reporting", "not valid TOML"),
    ],
)
def test_a_programme_that_cannot_be_read_says_which_entry(data: Path, old: str, new: str, said: str) -> None:
    shipped = (warehouse.reference_folder() / "programme.toml").read_text(encoding="utf-8")
    assert old in shipped
    (data / "programme.toml").write_text(shipped.replace(old, new), encoding="utf-8")
    with pytest.raises(Problem, match=said):
        programme.programme()


def test_a_build_from_before_there_was_a_framework_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "old"
    shutil.copytree(data_of("demonstration") / "warehouse", folder / "warehouse")
    current = (folder / "warehouse" / "CURRENT").read_text(encoding="utf-8").strip()
    with duckdb.connect(str(folder / "warehouse" / f"{current}.duckdb")) as connection:
        connection.execute("drop table marts.dim_indicator; drop table marts.agg_indicator_values; drop table marts.agg_cycle_standing")
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(folder))
    assert logframe.framework() == ()
    with pytest.raises(Problem, match="no results framework"):
        workbook.workbook(current, DAY)
    with pytest.raises(Problem, match="no results framework"):
        iati.document(current, DAY)
