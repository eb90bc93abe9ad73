"""Are the files people really have loaded whole? True in shape, dropped as they are, through a whole build."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import form_files as made
import old_workbooks
import pytest
from small_files import Write, ask, rows_of

from etl import pipeline, sources
from etl.__main__ import main
from etl.quality import Load

pytestmark = pytest.mark.usefixtures("nothing_hidden")
FACILITY, OTHER = "O6uvpzGd5pu", "DiszpKrYNg8"  # organisation units
OPD, ANC = "fbfJHSPpUQD", "cYeuwXTCPkU"  # data elements
COMBO = "pq2XI5kz2BY"


def built(data: Path) -> dict[str, Load]:
    """The loads of a build by file and sheet, each with balanced books."""
    loads = pipeline.build_warehouse(data / "inbox", False).loads
    for load in loads:
        assert load.rows_read == load.rows_loaded + load.rows_set_aside + load.rows_superseded + load.rows_deleted, load.title
    return {load.title: load for load in loads}


def books(load: Load) -> tuple[str | None, str, int, int, int, int]:
    return load.source, load.format, load.rows_read, load.rows_loaded, load.rows_set_aside, load.rows_deleted


# -- DHIS2 -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def register(data: Path, write: Write) -> None:
    """Two facilities known by their organisation units, and how the export's words are to be read."""
    facility = {"facility_type": "health_centre", "district_code": "0701"}
    units = [{"facility_id": FACILITY, "facility_en": "Bo", **facility}, {"facility_id": OTHER, "facility_en": "Badjia", **facility}]
    write("facilities.csv", rows_of(sources.source("facilities"), *units))


def mapped(write: Write, headers: tuple[str, str, str], more: str = "") -> None:
    """A mapping of organisation unit, period and data, in that order."""
    unit, period, what = headers
    columns = f'facility_id = "{unit}"\nmonth = "{period}"\nservice_code = "{what}"\nvisits = "value"\n'
    values = f'"{OPD}" = "outpatient"\n"{ANC}" = "antenatal_care"\n"ANC 1st visit" = "antenatal_care"\n"OPD" = "outpatient"\n'
    recognise = f'[recognise]\nheaders = ["{unit}", "{what}"]\n'
    write("dhis2.toml", f'name = "DHIS2"\nsource = "service_usage"\n{recognise}[columns]\n{columns}[values.service_code]\n{values}{more}')


def usage() -> list[tuple[object, ...]]:
    return ask("select facility_id::varchar, service_code::varchar, month::varchar, visits from staging.service_usage order by 1, 2, 3")


def value(unit: str, element: str, period: str, number: str, **more: Any) -> dict[str, Any]:
    whole = {"dataElement": element, "period": period, "orgUnit": unit, "categoryOptionCombo": COMBO, "value": number}
    return {**whole, "storedBy": "dara", "followup": False, **more}


@pytest.mark.usefixtures("register")
def test_a_dhis2_data_value_set_as_json_with_values_that_were_deleted(data: Path, write: Write) -> None:
    values = [value(FACILITY, OPD, "202401", "120"), value(FACILITY, ANC, "202401", "22", deleted=False)]
    values += [value(OTHER, OPD, "202401", "64", deleted=True), value(OTHER, ANC, "202401", "", deleted=True)]
    write("set.json", json.dumps({"dataValues": [*values, value(OTHER, OPD, "202402", "many")]}))
    mapped(write, ("orgunit", "period", "dataelement"))
    assert books(built(data)["set.json"]) == ("service_usage", "dhis2_json", 5, 2, 1, 2)
    assert usage() == [(FACILITY, "antenatal_care", "2024-01-01", 22), (FACILITY, "outpatient", "2024-01-01", 120)]
    assert ask("select sum(visits)::integer from marts.fct_service_usage") == [(142,)]


@pytest.mark.usefixtures("register")
def test_a_value_that_dhis2_deleted_later_takes_the_older_one_with_it(data: Path, write: Write) -> None:
    write("a.json", json.dumps({"dataValues": [value(FACILITY, OPD, "202401", "120"), value(FACILITY, OPD, "202402", "99")]}))
    write("b.json", json.dumps({"dataValues": [value(FACILITY, OPD, "202401", "120", deleted=True)]}))
    mapped(write, ("orgunit", "period", "dataelement"))
    loads = built(data)
    assert (loads["a.json"].rows_superseded, loads["b.json"].rows_deleted) == (1, 1)
    assert usage() == [(FACILITY, "outpatient", "2024-02-01", 99)]


@pytest.mark.usefixtures("register")
def test_a_dhis2_data_value_set_as_csv(data: Path, write: Write) -> None:
    header = '"dataelement","period","orgunit","catoptcombo","attroptcombo","value","strby","lstupd","cmt","followup","deleted"'
    lines = [
        f'"{OPD}","2024{month:02}","{FACILITY}","{COMBO}","HllvX50cXC0","{month}","dara","2024-05-01","","false",""' for month in (1, 2)
    ]
    lines += [f'"{OPD}","202403","{FACILITY}","{COMBO}","HllvX50cXC0","3","dara","2024-05-01","","false","true"']
    write("set.csv", "\n".join([header, *lines]) + "\n")
    mapped(write, ("orgunit", "period", "dataelement"))
    assert books(built(data)["set.csv"]) == ("service_usage", "dhis2_csv", 3, 2, 0, 1)
    assert usage() == [(FACILITY, "outpatient", "2024-01-01", 1), (FACILITY, "outpatient", "2024-02-01", 2)]


@pytest.mark.usefixtures("register")
def test_dhis2_analytics_as_json_and_as_csv(data: Path, write: Write) -> None:
    answer = made.dhis2_analytics()
    answer["rows"].append([OPD, "202401", OTHER, "64.0"])
    write("analytics.json", json.dumps(answer))
    write("analytics.csv", 'Data,Period,"Organisation unit",Value\nANC 1st visit,202402,Bo,12.0\nOPD,202402,Badjia,7\n')
    mapped(write, ("organisationunitid", "periodid", "dataid"))
    write(
        "names.toml",
        'name = "names"\nsource = "service_usage"\n[recognise]\nfiles = ["*.csv"]\nheaders = ["organisationunitname"]\n[columns]\n'
        'month = "periodname"\nservice_code = "dataname"\nvisits = "value"\n[places]\nfacility = "organisationunitname"\n'
        '[values.service_code]\n"ANC 1st visit" = "antenatal_care"\nOPD = "outpatient"\n',
    )
    loads = built(data)
    assert books(loads["analytics.json"]) == ("service_usage", "dhis2_analytics_json", 2, 2, 0, 0)
    assert books(loads["analytics.csv"]) == ("service_usage", "dhis2_analytics_csv", 2, 2, 0, 0)
    assert usage() == [
        (OTHER, "outpatient", "2024-01-01", 64),
        (OTHER, "outpatient", "2024-02-01", 7),
        (FACILITY, "antenatal_care", "2024-02-01", 12),
        (FACILITY, "outpatient", "2024-01-01", 12),
    ]


@pytest.mark.usefixtures("register")
def test_a_dhis2_pivot_table_with_months_across_and_one_with_data_across(data: Path, write: Write) -> None:
    units = "organisationunitid,organisationunitname,organisationunitcode,organisationunitdescription"
    write(
        "months.csv",
        f"{units},dataid,dataname,January 2024,February 2024\n{FACILITY},Bo,07,,{OPD},OPD,120,\n{OTHER},Badjia,08,,{OPD},OPD,64,65\n",
    )
    pivot = [
        [*units.split(","), "periodid", "periodname", "OPD", "ANC 1st visit"],
        [FACILITY, "Bo", "07", "", "202403", "March 2024", 9, 8],
    ]
    (data / "inbox" / "data.xlsx").write_bytes(made.workbook({"Sheet 1": pivot}))
    mapped(write, ("organisationunitid", "period_start", "dataname"))
    loads = built(data)
    assert books(loads["months.csv"]) == ("service_usage", "dhis2_pivot_csv", 3, 3, 0, 0)
    assert books(loads["data.xlsx"]) == ("service_usage", "dhis2_pivot_xlsx", 2, 2, 0, 0)
    assert [row[3] for row in usage()] == [64, 65, 8, 120, 9]


# -- KoboToolbox -------------------------------------------------------------------------------------------------------------

ASKED = ["commune_code", "service", "sex", "rating_speed", "rating_overall", "asked_unofficial_payment", "scale_min", "scale_max"]
LABELS = ["Commune code", "Service", "Sex / ភេទ", "Speed (1-5)", "Overall satisfaction (1-5)", "Unofficial payment"]
SAID = [["070101", "outpatient", "f", 4, 5, "no", 1, 5], ["070102", "immunisation", "m", 3, 2, "yes", 1, 5]]
SAID_IN_WORDS = [["070101", "Outpatient consultation", "Female / ស្រី", 4, 5, "No"], ["070102", "Immunisation", "Male / ប្រុស", 3, 2, "Yes"]]


def kobo_xlsx(headers: list[str], answers: list[list[Any]], status: str, more: dict[str, list[list[Any]]] | None = None) -> bytes:
    """An XLSX export as KoboToolbox writes it: start and end, the answers, the metadata; a sheet for each repeat group."""
    moments = [datetime.datetime(2024, 3, 1, 7, 30), datetime.datetime(2024, 3, 1, 7, 40)]
    sheet: list[list[Any]] = [["start", "end", *headers, *made.KOBO_END]]
    sheet += [[*moments, *answer, *made.kobo_end(number, status)] for number, answer in enumerate(answers)]
    return made.workbook({"Citizen feedback of health c...": sheet, **(more or {})})


def answers() -> list[tuple[object, ...]]:
    columns = "commune_code::varchar, service_code::varchar, sex::varchar, rating_speed, rating_overall, asked_unofficial_payment"
    return ask(f"select {columns}, scale_min, scale_max from staging.feedback order by submission_id")


EXPECTED = [("070101", "outpatient", "f", 4.0, 5.0, False, 1.0, 5.0), ("070102", "immunisation", "m", 3.0, 2.0, True, 1.0, 5.0)]


def grouped(names: list[str]) -> list[str]:
    """Names with the path of their group, as the export writes them when it is asked for groups."""
    return [f"visit/{name}" if number < 3 else f"answers/ratings/{name}" for number, name in enumerate(names[:6])] + names[6:]


@pytest.mark.parametrize("names", [ASKED, grouped(ASKED)], ids=["group prefix left out", "group prefix"])
def test_a_kobo_workbook_with_xml_names(data: Path, names: list[str]) -> None:
    (data / "inbox" / "export").write_bytes(kobo_xlsx(names, SAID, "validation_status_approved"))
    load = built(data)["export"]
    assert books(load) == ("feedback", "kobo_xlsx", 2, 2, 0, 0)
    assert load.facts == ("xml_headers", *(["groups"] if names != ASKED else []))
    assert answers() == EXPECTED


@pytest.mark.parametrize("names", [LABELS, grouped(LABELS)], ids=["group prefix left out", "group prefix"])
def test_a_kobo_workbook_with_labels(data: Path, names: list[str]) -> None:
    (data / "inbox" / "export").write_bytes(kobo_xlsx(names, SAID_IN_WORDS, "Approved"))
    load = built(data)["export"]
    assert books(load) == ("feedback", "kobo_xlsx", 2, 2, 0, 0)
    assert load.facts[0] == "label_headers"
    assert answers() == EXPECTED


def test_a_kobo_workbook_whose_repeat_group_holds_the_answers(data: Path, write: Write) -> None:
    meta = [f"_submission_{name}" for name in made.KOBO_END[:-1]]
    main = [["070101", *SAID[0][6:]], ["070102", *SAID[0][6:]]]
    persons = [[*(f"person/{name}" for name in ASKED[1:6]), "_index", "_parent_table_name", "_parent_index", *meta]]
    for index, parent in ((1, 1), (2, 1), (3, 2)):
        persons.append([*SAID[index % 2][1:6], index, "Citizen feedback of health centres", parent, *made.kobo_end(parent - 1)[:-1]])
    (data / "inbox" / "meeting.xlsx").write_bytes(kobo_xlsx(["commune_code", *ASKED[6:]], main, "", {"person": persons}))
    write(
        "meeting.toml",
        'name = "meeting"\nsource = "feedback"\n[recognise]\nheaders = ["person/rating_speed", "_record"]\n[columns]\n'
        'submission_id = "_record"\nsubmitted_at = "_submission__submission_time"\ncommune_code = "commune_code"\n'
        'service_code = "person/service"\nsex = "person/sex"\nrating_speed = "person/rating_speed"\n'
        'rating_overall = "person/rating_overall"\nscale_min = "scale_min"\nscale_max = "scale_max"\n',
    )
    loads = built(data)
    assert books(loads["meeting.xlsx [person]"]) == ("feedback", "kobo_xlsx", 3, 3, 0, 0)
    assert loads["meeting.xlsx [Citizen feedback of health c...]"].rows_loaded == 0, "the meeting itself says nothing"
    assert [row[0] for row in answers()] == ["070101", "070101", "070102"]


def test_a_kobo_csv_with_several_choices_of_groups(data: Path) -> None:
    names = [*grouped(ASKED), "heard_from", "heard_from/radio", "heard_from/poster"]
    rows = [[*map(str, said), "radio poster", "1", "1"] for said in SAID]
    (data / "inbox" / "export.csv").write_bytes(made.kobo_csv(names, rows, ["", "validation_status_not_approved"]))
    load = built(data)["export.csv"]
    assert books(load) == ("feedback", "kobo_csv", 2, 1, 1, 0)
    assert answers() == EXPECTED[:1]


# -- ODK Central -------------------------------------------------------------------------------------------------------------


def test_an_odk_zip_with_a_repeat_and_attached_files(data: Path) -> None:
    end = "KEY,SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,Status,ReviewState,DeviceID,Edits,FormVersion"
    names = ",".join([f"visit-{name}" if number < 3 else f"answers-{name}" for number, name in enumerate(ASKED[:6])] + ASKED[6:])
    main = f"SubmissionDate,meta-instanceID,{names},{end}\n"
    for letter, said, review in (("a", SAID[0], "approved"), ("b", SAID[1], ""), ("c", SAID[1], "rejected")):
        main += f"2024-03-01T08:15:00.000Z,uuid:{letter},{','.join(map(str, said))},uuid:{letter},5,Dara,1,1,,{review},device-77,0,1\n"
    child = "name,age,PARENT_KEY,KEY\npeter,5,uuid:a,uuid:a/child[1]\n"
    export = {"feedback.csv": main.encode(), "feedback-child.csv": child.encode(), "media/1.jpg": b"\xff\xd8\xff0"}
    (data / "inbox" / "export.zip").write_bytes(made.zipped(export))
    loads = built(data)
    assert books(loads["export.zip [feedback]"]) == ("feedback", "odk_zip", 3, 2, 1, 0)
    assert {title: load.status for title, load in loads.items() if title != "export.zip [feedback]"} == {
        "export.zip [feedback-child]": "not used",
        "export.zip [1.jpg]": "not used",
    }
    assert answers() == EXPECTED


# -- older workbooks, and months side by side --------------------------------------------------------------------------------

USAGE = [
    ["facility_id", "service_code", "month", "visits"],
    ["0701", "outpatient", "2024-01", 120.0],
    ["0701", "outpatient", "2024-02", "many"],
]
REGISTER = [["facility_id", "facility_type", "facility_en", "district_code"], ["0701", "health_centre", "Bo", "0701"]]


@pytest.mark.parametrize("kind", ["xls", "xlsb"])
def test_older_workbooks_are_known_by_their_content_and_loaded_sheet_by_sheet(data: Path, kind: str) -> None:
    content = getattr(old_workbooks, kind)({"Usage": USAGE, "Register": REGISTER})
    (data / "inbox" / "report").write_bytes(content)
    loads = built(data)
    assert books(loads["report [Usage]"]) == ("service_usage", kind, 2, 1, 1, 0)
    assert books(loads["report [Register]"]) == ("facilities", kind, 1, 1, 0, 0)
    assert usage() == [("0701", "outpatient", "2024-01-01", 120)]


@pytest.mark.parametrize("kind", ["xls", "xlsb"])
@pytest.mark.parametrize("share", [0.4, 0.9])
def test_older_workbooks_that_were_cut_are_refused_with_what_to_do(data: Path, write: Write, kind: str, share: float) -> None:
    content = getattr(old_workbooks, kind)({"Usage": [*USAGE, *USAGE[1:2] * 300], "Register": REGISTER})
    (data / "inbox" / "report").write_bytes(content[: int(len(content) * share)])
    write("r.csv", rows_of(sources.source("service_requests"), {}))
    load = built(data)["report"]
    assert load.status == "refused" and load.note is not None
    assert "nothing was loaded from it" in load.note.lower() and load.note.count(". ") >= 2


def test_an_old_workbook_behind_a_password_is_called_that(data: Path, write: Write) -> None:
    (data / "inbox" / "report.xls").write_bytes(old_workbooks.xls({"Usage": USAGE}, is_locked=True))
    write("r.csv", rows_of(sources.source("service_requests"), {}))
    assert "protected by a password" in str(built(data)["report.xls"].note)


def test_what_stands_below_months_is_proposed_as_visits_and_a_person_agrees(data: Path, write: Write) -> None:
    write("facilities.csv", rows_of(sources.source("facilities"), {"facility_id": "HC-1", "facility_type": "health_centre"}))
    sheet = [["Facility code", "Service", "Jan-24", "Feb-24", "Mar-24"], ["HC-1", "OPD", 5, 6, None], ["HC-1", "ANC", 1, 2, 3]]
    file = data / "inbox" / "wide.xlsx"
    file.write_bytes(made.workbook({"2024": sheet}))
    assert built(data)["wide.xlsx"].status == "refused", "what the numbers count, a person has to say"
    assert main(["map", str(file), "--save", str(data / "inbox" / "wide.toml")]) == 0
    assert 'visits = "value"' in (data / "inbox" / "wide.toml").read_text(encoding="utf-8")
    assert books(built(data)["wide.xlsx"]) == ("service_usage", "xlsx", 5, 5, 0, 0)
    assert [row[3] for row in usage()] == [1, 2, 3, 5, 6]
