"""Does every kind of file become the table its makers meant?"""

from __future__ import annotations

import csv as standard_csv
import datetime
import gzip
from collections.abc import Iterator
from pathlib import Path

import form_files as made
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from small_files import Write, ask, rows_of

from etl import pipeline, sources
from etl.forget import forget
from etl.readers import NEWLINE_INSIDE, Opened, TextTable, apart, csv, detect
from etl.readers.words import taken_for
from warehouse import Problem

pytestmark = pytest.mark.usefixtures("nothing_hidden")
REAL_EXPORTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "kobo"
REQUESTS, USAGE = sources.source("service_requests"), sources.source("service_usage")


@pytest.fixture(scope="module", autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    apart.stop()


def opened(folder: Path, content: bytes, name: str = "file") -> Opened:
    """Read some bytes as a build would. The name says nothing on purpose."""
    path = folder / name
    path.write_bytes(content)
    return detect.look_into(path, csv.scan(path), folder)


def table(folder: Path, content: bytes) -> TextTable:
    (one,) = opened(folder, content).tables
    return one


def rows(table: TextTable) -> list[dict[str, str]]:
    """Every record as {header: cell}; a tidy copy has `line` too."""
    with table.path.open(encoding="utf-8-sig", newline="") as lines:
        found = standard_csv.DictReader(lines, delimiter=table.separator)
        return [{key: cell.replace(NEWLINE_INSIDE, "\n") for key, cell in row.items()} for row in found]


def column(table: TextTable, header: str) -> list[str]:
    return [row[header] for row in rows(table)]


# -- KoboToolbox -------------------------------------------------------------------------------------------------------------


def test_a_kobo_csv_is_known_by_its_columns_and_stays_where_it_is(tmp_path: Path) -> None:
    found = table(tmp_path, made.kobo_csv(["visit/speed", "visit/kinds", "visit/kinds/paper"], [["4", "paper card", "1"]]))
    assert (found.format, found.facts, found.is_tidy, found.records) == ("kobo_csv", ("xml_headers", "groups", "select_multiple"), False, 1)
    assert found.keys == ("meta/rootUuid", "_uuid")
    assert taken_for(found.format, found.facts[:1], 412) == "KoboToolbox export, XML-name headers, 412 rows"


@pytest.mark.parametrize(
    ("headers", "status", "fact"),
    [(["How fast was it?"], "Approved", "label_headers"), (["speed"], "Approved", "label_headers"), (["ល្បឿន"], "", "label_headers"),
     (["speed"], "validation_status_approved", "xml_headers")],
)  # fmt: skip
def test_label_headers_are_told_from_xml_names(tmp_path: Path, headers: list[str], status: str, fact: str) -> None:
    assert table(tmp_path, made.kobo_csv(headers, [["4"]], [status])).facts[0] == fact


def test_several_choices_stay_as_written_beside_their_columns(tmp_path: Path) -> None:
    found = table(tmp_path, made.kobo_csv(["kinds", "kinds/paper", "kinds/card"], [["paper card", "1", "1"], ["", "", ""]]))
    assert [(row["kinds"], row["kinds/paper"]) for row in rows(found)] == [("paper card", "1"), ("", "")]


def test_a_row_of_hxl_tags_is_no_record(tmp_path: Path) -> None:
    found = table(tmp_path, made.kobo_csv(["commune", "n"], [["070101", "1"], ["070102", "2"]], tags=["#adm3+code", "#affected+f"]))
    assert ("hxl_row" in found.facts, column(found, "commune"), column(found, "line")) == (True, ["070101", "070102"], ["3", "4"])


def test_repeat_groups_carry_the_columns_of_their_parents(tmp_path: Path) -> None:
    visits, members, ills = opened(tmp_path, made.kobo_workbook()).tables
    assert (visits.records, members.records, ills.records) == (2, 3, 1)
    assert [(row["visit/member/name"], row["visit/commune"]) for row in rows(members)] == [
        ("peter", "070101"),
        ("kyle", "070101"),
        ("linda", "070102"),
    ]
    (ill,) = rows(ills)
    assert (ill["visit/member/illness/what"], ill["visit/member/name"], ill["visit/commune"]) == ("fever", "kyle", "070101")
    assert column(members, "_record")[1] == "00000000-0000-4000-8000-000000000000/member[2]"
    assert members.parent == visits.sheet and ills.parent == "member" and "repeat_group" in members.facts
    assert column(visits, "start") == ["2024-03-01T07:30:00", "2024-03-02T07:30:00"]


def test_who_filled_in_a_form_where_and_on_which_device_is_hidden(tmp_path: Path) -> None:
    headers = [
        "speed",
        "Where are you?",
        "_where_latitude",
        "_where_longitude",
        "_where_altitude",
        "_where_precision",
        "deviceid",
        "phonenumber",
    ]
    found = table(tmp_path, made.kobo_csv([*headers, "username", "photo_URL"], [["4"] * 10]))
    assert set(found.hidden) == {*headers[1:], "username", "photo_URL", "_submitted_by"}


@pytest.mark.skipif(not REAL_EXPORTS.is_dir(), reason="the true exports of formpack are not on this machine")
def test_true_exports_of_kobo_are_understood(tmp_path: Path) -> None:
    for path in sorted(REAL_EXPORTS.iterdir()):
        found = opened(tmp_path, path.read_bytes(), path.name)
        assert not found.unused
        assert {one.format for one in found.tables} == {"kobo_xlsx" if path.suffix == ".xlsx" else "kobo_csv"}
        assert all(("label_headers" in one.facts) == ("labels" in path.name) for one in found.tables), path.name
        assert len(found.tables) == (2 if path.suffix == ".xlsx" and "repeatable" in path.name else 1)


# -- ODK Central -------------------------------------------------------------------------------------------------------------


def test_repeats_of_odk_are_joined_to_their_parents_whatever_their_order(tmp_path: Path) -> None:
    found = opened(tmp_path, made.odk_zip())
    by_name = {one.sheet: one for one in found.tables}
    assert {name: one.records for name, one in by_name.items()} == {"visit": 2, "visit-member": 3, "visit-illness": 1}
    assert column(by_name["visit-member"], "visit-commune") == ["070101", "070101", "070,102"]
    assert rows(by_name["visit-illness"])[0] | {"name": "kyle", "visit-commune": "070101"} == rows(by_name["visit-illness"])[0]
    assert found.unused == (("a.jpg", "It is a file that was attached to the form."),)
    hidden = {"where-Latitude", "where-Longitude", "where-Altitude", "where-Accuracy", "SubmitterID", "SubmitterName", "DeviceID"}
    assert set(by_name["visit"].hidden) == hidden <= set(by_name["visit-member"].hidden)


# -- DHIS2 -------------------------------------------------------------------------------------------------------------------


def test_a_data_value_set_takes_period_and_place_from_above_where_a_value_has_none(tmp_path: Path) -> None:
    found = table(tmp_path, made.as_json(made.dhis2_set()))
    assert found.format == "dhis2_json" and "storedby" in found.hidden
    assert [(row["orgunit"], row["period"], row["period_start"], row["period_end"], row["value"]) for row in rows(found)] == [
        ("O6uvpzGd5pu", "202401", "2024-01-01", "2024-01-31", "12"),
        ("DiszpKrYNg8", "2024Q1", "2024-01-01", "2024-03-31", "7"),
    ]


@pytest.mark.parametrize(
    "header",
    ['"dataelement","period","orgunit","catoptcombo","attroptcombo","value","strby","lstupd","cmt"',
     '"dataelement","period","orgunit","categoryoptioncombo","attributeoptioncombo","value","storedby","lastupdated","comment"',
     "a,b,c,d,e,f,g,h,i"],
)  # fmt: skip
def test_a_data_value_set_as_csv_is_read_by_synonyms_or_by_place(tmp_path: Path, header: str) -> None:
    line = "fbfJHSPpUQD,2004W10,O6uvpzGd5pu,pq2XI5kz2BY,HllvX50cXC0,0012,dara,2024-01-01,"
    found = table(tmp_path, f"{header}\n{line}\n".encode())
    (row,) = rows(found)
    assert (row["dataelement"], row["orgunit"], row["categoryoptioncombo"], row["value"]) == (
        "fbfJHSPpUQD",
        "O6uvpzGd5pu",
        "pq2XI5kz2BY",
        "0012",
    )
    assert (row["period_type"], row["period_start"], row["storedby"]) == ("week", "2004-03-01", "dara")
    assert ("columns_by_place" in found.facts) == (header == "a,b,c,d,e,f,g,h,i")


def test_analytics_as_json_and_as_csv_get_the_same_columns(tmp_path: Path) -> None:
    (row,) = rows(table(tmp_path, made.as_json(made.dhis2_analytics())))
    assert (row["dataid"], row["dataname"], row["periodid"], row["organisationunitname"]) == (
        "fbfJHSPpUQD",
        "ANC 1st visit",
        "202401",
        "Bo",
    )
    found = table(tmp_path, b'Data,Period,"Organisation unit",Value\nANC 1st visit,January 2024,Bo,12.0\n')
    (plain,) = rows(found)
    assert found.format == "dhis2_analytics_csv"
    assert {key: plain[key] for key in ("dataname", "period_start", "organisationunitname")} == {
        key: row[key] for key in ("dataname", "period_start", "organisationunitname")
    }


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [("dataid,dataname,January 2024,February 2024", "x1,ANC 1st visit,3,", [("ANC 1st visit", "January 2024", "2024-01-01", "3")]),
     ("periodid,periodname,ANC 1st visit,ANC 4th visit", "202402,February 2024,5,6",
      [("ANC 1st visit", "February 2024", "2024-02-01", "5"), ("ANC 4th visit", "February 2024", "2024-02-01", "6")]),
     ("organisationunitcode,organisationunitdescription,ANC 1st visit January 2024,ANC 1st visit 2024Q2", "07,,8,9",
      [("ANC 1st visit", "January 2024", "2024-01-01", "8"), ("ANC 1st visit", "2024Q2", "2024-04-01", "9")])],
)  # fmt: skip
def test_pivot_tables_become_one_value_a_line(tmp_path: Path, header: str, cells: str, expected: list[tuple[str, ...]]) -> None:
    found = table(tmp_path, f"organisationunitid,organisationunitname,{header}\nO6uvpzGd5pu,Bo,{cells}\n".encode())
    assert found.format == "dhis2_pivot_csv"
    assert [(row["dataname"], row["periodname"], row["period_start"], row["value"]) for row in rows(found)] == expected


# -- spreadsheets ------------------------------------------------------------------------------------------------------------


def test_titles_and_blank_rows_above_the_header_are_passed_over_and_lines_stay_true(tmp_path: Path) -> None:
    sheet = [["Requests of Kampot"], [], ["Made on", datetime.date(2024, 4, 1)], ["id", "commune_code", "submitted", "fee", "note"]]
    sheet += [["0012", "070101", datetime.date(2024, 3, 1), 12.0, "two\nlines"], [], ["0013", "070102", "01/03/2024", 0.5, True]]
    found = table(tmp_path, made.workbook({"Sheet 1": sheet}, {"Sheet 1": ["A1:E1"]}))
    assert found.facts == ("blank_or_title_rows",)
    assert [list(row.values()) for row in rows(found)] == [
        ["5", "0012", "070101", "2024-03-01", "12", "two\nlines"],
        ["7", "0013", "070102", "01/03/2024", "0.5", "true"],
    ]


def test_facts_about_the_report_are_no_header(tmp_path: Path) -> None:
    sheet = [["Province: Kampot", "", "Year", 2024], ["Indicator", "Centre", "Month", "Value"], ["OPD", "Koh", "Jan", 5]]
    assert table(tmp_path, made.workbook({"x": sheet})).headers == ("Indicator", "Centre", "Month", "Value")
    assert table(tmp_path, made.workbook({"x": [["id", 2021, 2022], [1, 5, 6]]})).headers == ("id", "2021", "2022")


def test_every_sheet_is_a_table_and_a_sheet_of_notes_is_named(tmp_path: Path) -> None:
    found = opened(tmp_path, made.workbook({"June": [["a", "b"], [1, 2]], "July": [["a", "b"], [3, 4]], "Empty": []}))
    assert [(one.sheet, one.records) for one in found.tables] == [("June", 1), ("July", 1)]
    assert [sheet for sheet, _ in found.unused] == ["Empty"]


@pytest.mark.parametrize("months", [[datetime.date(2024, 1, 1), datetime.date(2024, 2, 1), datetime.date(2024, 3, 1)],
                                    ["Jan-24", "Feb-24", "Mar-24"], ["មករា ២០២៤", "កុម្ភៈ ២០២៤", "មីនា ២០២៤"]])  # fmt: skip
def test_months_side_by_side_become_records_and_an_empty_cell_is_none(tmp_path: Path, months: list[object]) -> None:
    found = table(tmp_path, made.workbook({"x": [["Facility", *months], ["HC-1", 5, 0, None], ["HC-2", None, None, 7]]}))
    assert found.facts == ("months_across",)
    assert [tuple(row.values()) for row in rows(found)] == [
        ("2", "HC-1", "2024-01", "5"),
        ("2", "HC-1", "2024-02", "0"),
        ("3", "HC-2", "2024-03", "7"),
    ]


def test_a_column_with_the_sum_of_the_months_is_no_column_of_each_month(tmp_path: Path) -> None:
    sheet = [["Facility", "Jan 2024", "Feb 2024", "Mar 2024", "Total visits", "Beds"], ["HC-1", 1, 2, 3, 6, 4], ["HC-2", 1, None, 1, 2, 2]]
    assert table(tmp_path, made.workbook({"x": sheet})).headers == ("Facility", "Beds", "month", "value")


def test_months_without_a_year_need_exactly_one_year_above_them(tmp_path: Path) -> None:
    body = [["Facility", "Jan", "Feb", "Mar"], ["HC-1", 1, 2, 3]]
    assert column(table(tmp_path, made.workbook({"x": [["Report of 2024"], *body]})), "month") == ["2024-01", "2024-02", "2024-03"]
    assert table(tmp_path, made.workbook({"x": body})).headers == ("Facility", "Jan", "Feb", "Mar")
    assert table(tmp_path, made.workbook({"x": [["Report of 2023 and 2024"], *body]})).headers == ("Facility", "Jan", "Feb", "Mar")


def test_a_month_merged_over_its_columns_keeps_what_each_counts(tmp_path: Path) -> None:
    sheet = [["Facility", "Jan 2024", "", "Feb 2024", "", "Mar 2024", ""], ["", "F", "M", "F", "M", "F", "M"], ["HC-1", 1, 2, 3, 4, "", ""]]
    found = table(tmp_path, made.workbook({"x": sheet}, {"x": ["B1:C1", "D1:E1", "F1:G1"]}))
    assert found.facts == ("two_header_rows", "months_across")
    assert [tuple(row.values()) for row in rows(found)] == [("3", "HC-1", "2024-01", "1", "2"), ("3", "HC-1", "2024-02", "3", "4")]


def test_a_formula_gives_the_value_last_shown(tmp_path: Path) -> None:
    assert column(table(tmp_path, made.workbook({"x": [["a", "b"], ["=1+1", 5]]})), "a") == ["=1+1"]  # a text stays a text


def test_a_hidden_sheet_does_not_count_and_is_named(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        book.add_worksheet("June").write_row(0, 0, ["a", "b"])
        hidden = book.add_worksheet("Lists")
        hidden.write_row(0, 0, ["a", "b"])
        hidden.hide()
    found = opened(tmp_path, (tmp_path / "x.xlsx").read_bytes())
    assert ([one.headers for one in found.tables], found.unused[0][0]) == ([("a", "b")], "Lists")


def test_an_opendocument_spreadsheet_is_read(tmp_path: Path) -> None:
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    names += ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    cells = ['office:value-type="string"><text:p>0701</text:p>', 'office:value-type="float" office:value="12"><text:p>12</text:p>']
    cells += ['office:value-type="date" office:date-value="2024-03-01"><text:p>1/3/24</text:p>']
    header = "".join(f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>' for name in "abc")
    row = "".join(f"<table:table-cell {cell}</table:table-cell>" for cell in cells)
    body = f'<table:table table:name="x"><table:table-row>{header}</table:table-row><table:table-row>{row}</table:table-row></table:table>'
    body = f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
    content = f"<office:document-content {names}>{body}</office:document-content>"
    manifest = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    found = table(tmp_path, made.zipped({"mimetype": kind, "content.xml": content.encode(), "META-INF/manifest.xml": manifest}))
    assert (found.format, [tuple(row.values()) for row in rows(found)]) == ("ods", [("2", "0701", "12", "2024-03-01")])


# -- other formats -----------------------------------------------------------------------------------------------------------


def test_parquet_is_read_as_text(tmp_path: Path) -> None:
    source = pa.table({"code": ["0701", None], "n": [12.0, 0.25], "day": [datetime.date(2024, 3, 1), None], "sure": [True, False]})
    pq.write_table(source, tmp_path / "x.parquet")
    found = table(tmp_path, (tmp_path / "x.parquet").read_bytes())
    assert [tuple(row.values()) for row in rows(found)] == [("1", "0701", "12", "2024-03-01", "true"), ("2", "", "0.25", "", "false")]


def test_gzip_and_zip_of_the_others_are_opened_whatever_they_are_called(tmp_path: Path) -> None:
    assert column(table(tmp_path, gzip.compress(b"a;b\n01;2\n")), "a") == ["01"]
    found = opened(tmp_path, made.zipped({"../../etc/June.csv": b"a,b\n1,2\n", "C:\\July.bin": made.workbook({"x": [["a", "b"], [3, 4]]})}))
    assert {one.sheet: column(one, "a") for one in found.tables} == {"June.csv": ["1"], "July.bin": ["3"]}
    assert not (tmp_path.parent / "etc").exists()


def test_records_of_a_web_service_are_flattened(tmp_path: Path) -> None:
    found = table(tmp_path, b'{"count": 1, "results": [{"id": 7, "where": {"commune": "070101"}, "kinds": ["a", "b"], "ok": true}]}')
    assert [tuple(row.values()) for row in rows(found)] == [("1", "7", "070101", "a b", "true")]


def test_a_csv_with_a_title_above_its_header_is_read_below_it(tmp_path: Path) -> None:
    found = table(tmp_path, b"Requests of Kampot;;;\n\nid;commune;day;fee\n1;070101;2024-03-01;0\n2;070102\n3;070103;2024-03-02;5\n")
    assert found.headers == ("id", "commune", "day", "fee")
    assert (column(found, "line"), [one.line for one in found.ragged]) == (["4", "6"], [5])


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"%PDF-1.7 ...", "a PDF"), (b"<html><table><tr><td>1</td></tr></table></html>", "a web page"), (b"\x89PNG\r\n\x1a\n", "a picture"),
     (bytes(range(1, 9)) * 200, "neither text"), (made.zipped({"word/document.xml": b"<a/>"}), "a Word document"),
     (made.zipped({"a.zip": made.zipped({"a.csv": b"a,b\n1,2\n"})}), "archive inside an archive"), (b'{"dataValues": [', "not whole JSON"),
     (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), "archive inside an archive")],
)  # fmt: skip
def test_what_cannot_be_read_is_called_by_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(Problem, match=words) as raised:
        opened(tmp_path, content, "report.csv")
    assert raised.value.what and raised.value.meaning and raised.value.action


# -- through a whole build ---------------------------------------------------------------------------------------------------


def test_a_workbook_is_loaded_sheet_by_sheet_and_what_fits_nothing_is_noted(data: Path, write: Write) -> None:
    headers = ["facility_id", "service_code", "month", "visits"]
    facilities = [["facility_id", "facility_type", "facility_en", "district_code"], ["HC-1", "health_centre", "One", "0701"]]
    book = {"June": [headers, ["HC-1", "outpatient", datetime.date(2024, 6, 1), 12], ["HC-1", "outpatient", "", 5]],
            "Facilities": facilities, "Notes": [["colour", "taste"], ["red", "sweet"]]}  # fmt: skip
    (data / "inbox" / "book.bin").write_bytes(made.workbook(book))
    outcome = pipeline.build_warehouse(data / "inbox", False)
    assert [(load.sheet, load.status, load.rows_read, load.rows_loaded, load.rows_set_aside) for load in outcome.loads] == [
        ("June", "loaded", 2, 1, 1),
        ("Facilities", "loaded", 1, 1, 0),
        ("Notes", "not used", 0, 0, 0),
    ]
    assert ask("select file_name, line from quality.rejected_rows") == [("book.bin [June]", 3)]
    assert (data / "set_aside" / outcome.build.build_id / "book.bin__June.csv").read_text(encoding="utf-8").startswith("line,reasons")


def test_a_file_of_which_no_sheet_fits_is_refused_once(data: Path, write: Write) -> None:
    write("r.csv", rows_of(REQUESTS, {}))
    (data / "inbox" / "notes.xlsx").write_bytes(
        made.workbook({"x": [["colour", "taste"], ["a", "b"]], "y": [["shape", "size"], ["a", "b"]]})
    )
    loads = pipeline.build_warehouse(data / "inbox", False).loads
    assert [(load.file_name, load.status) for load in loads] == [("notes.xlsx", "refused"), ("r.csv", "loaded")]


def test_several_months_of_one_line_are_set_aside_each_by_itself(data: Path, write: Write) -> None:
    write("f.csv", rows_of(sources.source("facilities"), {"facility_id": "HC-1", "facility_type": "health_centre"}))
    (data / "inbox" / "wide.toml").write_text(
        'name = "wide"\nsource = "service_usage"\n[recognise]\nheaders = ["Facility", "value"]\n[columns]\nfacility_id = "Facility"\n'
        'month = "month"\nvisits = "value"\n[constants]\nservice_code = "outpatient"\n'
    )
    wide = [["Facility", "Jan-24", "Feb-24", "Mar-24"], ["HC-1", 5, "many", -3]]
    (data / "inbox" / "wide.xlsx").write_bytes(made.workbook({"x": wide}))
    load = pipeline.build_warehouse(data / "inbox", False).loads[1]
    assert (load.rows_read, load.rows_loaded, load.rows_set_aside) == (3, 1, 2)
    found = ask("select line, json_extract_string(row_masked, '$.month'), json_extract_string(row_masked, '$.value') "
                "from quality.rejected_rows order by 2")  # fmt: skip
    assert found == [(2, "2024-02", "many"), (2, "2024-03", "-3")]


FEEDBACK = ["commune_code", "rating_speed", "scale_min", "scale_max", "name of respondent"]


@pytest.mark.parametrize("status", ["validation_status_not_approved", "Not Approved"])
def test_a_submission_that_was_not_approved_is_set_aside_with_that_reason(data: Path, status: str) -> None:
    content = made.kobo_csv(FEEDBACK, [["070101", "4", "1", "5", "Sok Dara"], ["070102", "3", "1", "5", "Chan"]], ["", status])
    (data / "inbox" / "survey").write_bytes(content)
    outcome = pipeline.build_warehouse(data / "inbox", False)
    (load,) = outcome.loads
    assert (load.format, load.rows_read, load.rows_loaded, load.rows_set_aside) == ("kobo_csv", 2, 1, 1)
    assert ask("select line, rules from quality.rejected_rows")[0][0] == 3
    assert ask("select rule, rows from quality.rule_results") == [("not_turned_down", 1)]
    everything = outcome.build.path.read_bytes()
    assert b"dara_field" not in everything and b"Sok Dara" not in everything and b"submitted_via_web" not in everything


def test_an_edited_submission_keeps_its_key(data: Path) -> None:
    first = made.kobo_csv(FEEDBACK, [["070101", "4", "1", "5", ""]])
    root = b"uuid:00000000-0000-4000-8000-000000000000"
    edited = first.replace(b"00000000-0000-4000-8000-000000000000", b"99999999-0000-4000-8000-000000000000").replace(b'"4"', b'"2"')
    edited = edited.replace(b"uuid:99999999-0000-4000-8000-000000000000", root)
    (data / "inbox" / "a.csv").write_bytes(first)
    (data / "inbox" / "b.csv").write_bytes(edited)
    pipeline.build_warehouse(data / "inbox", False)
    assert ask("select submission_id, rating_speed from staging.feedback") == [("00000000-0000-4000-8000-000000000000", 2.0)]


def test_a_mapping_cannot_make_a_device_or_a_place_on_earth_readable(data: Path, write: Write) -> None:
    (data / "inbox" / "a.csv").write_bytes(made.kobo_csv([*FEEDBACK, "deviceid"], [["070101", "4", "1", "5", "", "device-77"]]))
    write(
        "a.toml",
        'name = "sly"\nsource = "feedback"\n[recognise]\nheaders = ["deviceid"]\n[columns]\nsubmission_id = "_uuid"\n'
        'submitted_at = "_submission_time"\nscale_min = "scale_min"\nscale_max = "scale_max"\nchannel = "deviceid"\n',
    )
    with pytest.raises(Problem, match="which device"):
        pipeline.build_warehouse(data / "inbox", False)


def test_rows_of_a_repeat_do_not_count_their_submission_again(data: Path) -> None:
    meta = [f"_submission_{name}" for name in made.KOBO_END[:-1]]
    main = [[*FEEDBACK, *made.KOBO_END], ["070101", 4, 1, 5, "Sok", *made.kobo_end(0)]]
    child = [
        ["member", "submission_id", "_index", "_parent_table_name", "_parent_index", *meta],
        ["x", "S-9", 1, "Form", 1, *made.kobo_end(0)[:-1]],
    ]
    (data / "inbox" / "a.xlsx").write_bytes(made.workbook({"Form": main, "member": child}))
    assert [(load.sheet, load.status) for load in pipeline.build_warehouse(data / "inbox", False).loads] == [
        ("Form", "loaded"),
        ("member", "not used"),
    ]


def test_lines_of_a_second_large_file_are_true_when_the_first_ended_badly(
    data: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.load.LINES_KEPT_UP_TO", 2)
    bad = {"submitted_date": ""}
    write("a.csv", rows_of(REQUESTS, *({"request_id": f"A-{n}"} for n in range(5)), {"request_id": "A-9", **bad}))
    write("b.csv", rows_of(REQUESTS, *({"request_id": f"B-{n}", **(bad if n == 3 else {})} for n in range(5))))
    pipeline.build_warehouse(data / "inbox", False)
    assert ask("select file_name, line from quality.rejected_rows order by 1") == [("a.csv", 7), ("b.csv", 5)]


# -- forgetting --------------------------------------------------------------------------------------------------------------


def test_a_person_leaves_a_workbook_and_a_zip_too(data: Path, write: Write) -> None:
    headers = [column.name for column in REQUESTS.columns]
    people = [["R-1", "Chan Sophea"], ["R-2", "Sok Dara"]]
    sheet = [
        [{**REQUESTS.example, "request_id": number, "citizen_name": name}.get(header, "") for header in headers] for number, name in people
    ]
    (data / "inbox" / "book.xlsx").write_bytes(
        made.workbook({"x": [headers, *sheet], "notes": [["colour", "taste"], ["red", "Chan Sophea"]]})
    )
    packed = rows_of(REQUESTS, {"request_id": "R-3", "citizen_name": "Chan Sophea"}, {"request_id": "R-4"})
    (data / "inbox" / "old.zip").write_bytes(made.zipped({"r.csv": packed.encode()}))
    (data / "inbox" / "scan.pdf").write_bytes(b"%PDF-1.4 Chan Sophea")
    pipeline.build_warehouse(data / "inbox", False)
    forgotten = forget("Chan Sophea")
    assert forgotten.rows["inbox/book.xlsx"] == 2 and forgotten.rows["inbox/old.zip"] == 1
    assert forgotten.replaced["inbox/book.xlsx"] == ["book-1.csv", "book-2.csv"]
    assert "inbox/scan.pdf" in forgotten.unread
    assert ask("select request_id from staging.service_requests order by 1") == [("R-2",), ("R-4",)]
    left = {path.name: path.read_bytes() for path in data.rglob("*") if path.is_file() and path.suffix not in (".pdf", ".duckdb")}
    assert not any(name.endswith((".xlsx", ".zip")) for name in left)
    assert not any(b"Sophea" in content for content in left.values())
