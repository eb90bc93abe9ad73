"""Does a mapping written by a stranger turn a foreign file into the rows of a source, and say plainly what it does not understand?"""

import re
import tomllib
from pathlib import Path

import duckdb
import pytest

from etl.headers import name_matches, vocabulary
from etl.mapping import (
    COMBINES,
    DATE_WORDS,
    PLAIN_STEPS,
    STEPS_WITH_VALUE,
    TOP_KEYS,
    Mapping,
    find_header,
    find_mapping,
    missing_targets,
    own_mapping,
    plain_header,
    read_mapping,
    synonyms_file,
    value_list_files,
)
from etl.mapping_sql import known_places, left_out, left_out_sentence, look_up_places, projection, unmatched_places
from etl.sources import SOURCES
from warehouse import REPOSITORY, Problem, reference_folder

GUIDE = REPOSITORY / "docs" / "mapping.md"
SOURCE_BY_NAME = {source.name: source for source in SOURCES}

CITY_CALLS = """
name = "City calls"
source = "service_requests"
ignore = ["Agency"]
personal = ["Caller"]

[recognise]
headers = ["Unique Key", "Complaint Type"]

[columns]
request_id = { from = "Unique Key", steps = [{ prefix = "311-" }] }
commune_code = "Borough"
service_code = "Complaint Type"
submitted_date = { from = "Created Date", dates = ["%m/%d/%Y %I:%M:%S %p"] }
completed_date = { from = "Closed Date", dates = ["%m/%d/%Y %I:%M:%S %p"] }
outcome = "Status"
citizen_name = "Caller"

[values.commune_code]
Northside = "070101"
Southside = "070102"

[values.service_code]
"Copy of record" = "certified_copy"
"*" = "legal_letter"

[values.outcome]
Closed = "completed"
"In Progress" = "open"
"""

CITY_ROW = {
    "Unique Key": "7",
    "Created Date": "03/01/2024 08:15:00 AM",
    "Closed Date": "03/04/2024 01:00:00 PM",
    "Agency": "X",
    "Status": "closed",
    "Complaint Type": "Copy of Record",
    "Borough": " northside ",
    "Caller": "A",
}
STRANGE_ROW = CITY_ROW | {"Created Date": "31/12/2024", "Closed Date": "", "Complaint Type": "Noise", "Borough": "Elsewhere"}
CITY_ROWS = [CITY_ROW, STRANGE_ROW]


def written(folder: Path, text: str, name: str = "calls.toml") -> Mapping:
    """The mapping that this text declares."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_mapping(path, SOURCE_BY_NAME)


def loaded(mapping: Mapping, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows as the contract would get them: text, in the order of the file."""
    connection = duckdb.connect()
    headers = list(rows[0])
    columns = ", ".join(f'"{header}" varchar' for header in headers)
    connection.execute(f"create table raw (line bigint, {columns})")
    for line, row in enumerate(rows, 2):
        places = ", ".join("?" * (1 + len(headers)))
        connection.execute(f"insert into raw values ({places})", [line, *(cell or None for cell in row.values())])
    if mapping.places.headers:
        look_up_places(connection, mapping, headers, "raw", known_places(mapping, None))
    found = connection.execute(projection(mapping, SOURCE_BY_NAME[mapping.source], headers, "raw", "calls.csv"))
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_a_city_call_becomes_a_service_request(tmp_path: Path) -> None:
    first = loaded(written(tmp_path, CITY_CALLS), CITY_ROWS)[0]
    assert first == {
        "line": 2, "request_id": "311-7", "commune_code": "070101", "service_code": "certified_copy", "submitted_date": "2024-03-01",
        "completed_date": "2024-03-04", "outcome": "completed", "citizen_name": "A",
    }  # fmt: skip


def test_what_a_mapping_does_not_understand_stays_as_it_is_written(tmp_path: Path) -> None:
    second = loaded(written(tmp_path, CITY_CALLS), CITY_ROWS)[1]
    assert second["submitted_date"] == "31/12/2024 (other order)"   # not a date of this office: the contract sets the row aside
    assert second["commune_code"] == "Elsewhere"      # a place nobody mapped: set aside with its name
    assert second["service_code"] == "legal_letter"   # "*" gives everything else a meaning
    assert second["completed_date"] is None


def test_personal_ignored_and_undeclared_columns_are_masked(tmp_path: Path) -> None:
    mapping = written(tmp_path, CITY_CALLS)
    headers = [*CITY_ROWS[0], "Remarks"]
    assert mapping.undeclared_headers(headers) == ("Remarks",)
    assert set(headers) - set(mapping.shown_headers(headers, ["citizen_name"])) == {"Agency", "Caller", "Remarks"}


@pytest.mark.parametrize(
    ("declared", "cells", "expected"),
    [
        ('{ join = ["a", "b"], with = "-" }', {"a": "K", "b": "9"}, "K-9"),
        ('{ join = ["a", "b"], with = "-" }', {"a": "K", "b": ""}, None),
        ('{ first_of = ["a", "b", "not here"] }', {"a": "", "b": "9"}, "9"),
        ('{ from = "a", steps = ["digits", { pad = 6 }] }', {"a": "KH-70101", "b": ""}, "070101"),
        ('{ from = "a", steps = ["digits"] }', {"a": "លេខ ១២", "b": ""}, "12"),
        ('{ from = "a", steps = ["number"] }', {"a": "1\u202f796", "b": ""}, "1796"),
        ('{ from = "a", steps = [{ split = "/", part = 2 }, "upper"] }', {"a": "x / y", "b": ""}, "Y"),
        ('{ from = "a", steps = [{ remove = "No. " }, { suffix = "!" }] }', {"a": "No. 5", "b": ""}, "5!"),
        ('{ from = "a", steps = ["lower", { prefix = "it\'s " }] }', {"a": "OK", "b": ""}, "it's ok"),
        ('{ from = "a", steps = ["age_group"] }', {"a": "៣៤", "b": ""}, "25_34"),
        ('{ from = "a", steps = ["age_group"] }', {"a": "17.0", "b": ""}, "under_18"),
        ('{ from = "a", steps = ["age_group"] }', {"a": "18-24", "b": ""}, "18-24"),
        ("{ line_number = true }", {"a": "x", "b": "y"}, "calls.csv#2"),
    ],
)
def test_each_way_to_make_a_text(tmp_path: Path, declared: str, cells: dict[str, str], expected: str | None) -> None:
    mapping = written(tmp_path, f'source = "partners"\n[columns]\npartner_id = "a"\npartner_en = {declared}\n[recognise]\nheaders = ["a"]')
    assert loaded(mapping, [cells])[0]["partner_en"] == expected


@pytest.mark.parametrize(("rule", "left"), [('values = ["Draft", "old"]', ["draft"]), ('keep = ["final"]', ["draft", "", "new"])])
def test_rows_can_be_left_out_by_a_column(tmp_path: Path, rule: str, left: list[str]) -> None:
    text = f'source = "partners"\n[columns]\npartner_id = "a"\n[leave_out]\ncolumn = "state"\n{rule}\nreason = "not final"\n'
    mapping = written(tmp_path, text)
    connection = duckdb.connect()
    connection.execute("create table raw as select * from (values ('Final'), ('draft'), (''), ('new')) t (state)")
    found = connection.execute(f"select state from raw where {left_out(mapping, ['a', 'state'])}").fetchall()
    assert [state for (state,) in found] == left
    assert left_out_sentence(mapping) == "The mapping 'calls' leaves this row out: not final."


HALF_WRITTEN = ['column = "a"', 'values = ["x"]', 'column = "a"\nvalues = ["x"]\nkeep = ["y"]', 'column = "a"\nkeep = ["?"]']
@pytest.mark.parametrize("entry", HALF_WRITTEN)
def test_a_half_written_rule_to_leave_out_rows_is_refused(tmp_path: Path, entry: str) -> None:
    with pytest.raises(Problem):
        written(tmp_path, f'source = "partners"\n[columns]\npartner_id = "a"\n[leave_out]\n{entry}\n')


def test_a_fingerprint_tells_rows_without_a_number_apart(tmp_path: Path) -> None:
    mapping = written(tmp_path, 'source = "partners"\n[columns]\npartner_id = { fingerprint = ["a", "b"] }\npartner_en = "a"')
    keys = [row["partner_id"] for row in loaded(mapping, [{"a": "x", "b": ""}, {"a": "", "b": "x"}, {"a": "x", "b": ""}])]
    assert keys[0] != keys[1]
    assert keys[0] == keys[2]


@pytest.mark.parametrize(
    ("declared", "cells", "expected"),
    [
        ('{ from = "a", dates = "%d/%m/%Y" }', {"a": "03/04/2024"}, "2024-04-03"),
        ('{ from = "a", dates = ["%Y-%m-%dT%H:%M:%SZ", "%d %B %Y"] }', {"a": "3 April 2024"}, "2024-04-03"),
        ('{ from = "a", dates = "excel" }', {"a": "45385.75"}, "2024-04-03"),
        ('{ from = "a", dates = "unix" }', {"a": "1712102400"}, "2024-04-03"),
        ('{ from = "a", dates = "unix_ms" }', {"a": "1712102400000"}, "2024-04-03"),
        ('{ date_parts = ["y", "m", "d"] }', {"y": "2024", "m": "4", "d": "3"}, "2024-04-03"),
        ('{ from = "a", dates = "%d/%m/%Y" }', {"a": "soon"}, "soon"),
    ],
)
def test_each_way_to_write_a_date(tmp_path: Path, declared: str, cells: dict[str, str], expected: str) -> None:
    text = (
        'source = "events"\n[recognise]\nfiles = ["*.csv"]\n[constants]\nevent_type = "training"\n'
        f'[columns]\nevent_date = {declared}\nevent_id = "k"\n'
    )
    assert loaded(written(tmp_path, text), [{"k": "1", **cells}])[0]["event_date"] == expected


@pytest.mark.parametrize("length", [60, 600])
def test_a_long_list_of_values_can_lie_in_a_file_beside_the_mapping(tmp_path: Path, length: int) -> None:
    lines = "\n".join(f"Quarter {number},07{number:04}" for number in range(1, length))
    (tmp_path / "quarters.csv").write_text(f"quarter,commune_code\n{lines}\n", encoding="utf-8")
    table = '[values.commune_code]\nNorthside = "070101"\nSouthside = "070102"\n'
    mapping = written(tmp_path, CITY_CALLS.replace(table, '[values]\ncommune_code = "quarters.csv"\n'))
    rows = [CITY_ROWS[0] | {"Borough": borough} for borough in ("quarter 7", "Quarter 59", "Quarter 9999")]
    assert [row["commune_code"] for row in loaded(mapping, rows)] == ["070007", "070059", "Quarter 9999"]
    assert tmp_path / "quarters.csv" in value_list_files([mapping])


def test_the_source_says_which_rows_it_deleted(tmp_path: Path) -> None:
    mapping = written(tmp_path, FEEDBACK)
    rows = [ANSWER | {"gone": gone} for gone in ("1", "0", "", "TRUE")]
    assert [row["is_deleted"] for row in loaded(mapping, rows)] == ["true", "false", "false", "true"]


FEEDBACK = """
source = "feedback"
[columns]
submission_id = "nr"
submitted_at = "when"
rating_overall = "stars"
[constants]
scale_min = 0
scale_max = 10
[places]
district = ["Town", "ក្រុង"]
within = "07"
[places.names]
"Pepper Town" = "0708"
[deleted]
column = "gone"
"""
ANSWER = {"nr": "1", "when": "2024-01-01", "stars": "9", "Town": "Kampot City", "ក្រុង": "កំពត", "gone": ""}


def test_places_by_name_are_codes_where_they_are_certain_and_listed_where_not(tmp_path: Path) -> None:
    mapping = written(tmp_path, FEEDBACK)
    rows = [ANSWER, ANSWER | {"Town": "Pepper Town", "ក្រុង": ""}, ANSWER | {"Town": "Chhuk"}, ANSWER | {"Town": "", "ក្រុង": ""}]
    assert [row["district_code"] for row in loaded(mapping, rows)] == ["0708", "0708", None, None]
    assert [row["province_code"] for row in loaded(mapping, rows)] == ["07"] * 4


def test_every_uncertain_line_is_listed_with_its_candidates(tmp_path: Path) -> None:
    mapping = written(tmp_path, FEEDBACK)
    connection = duckdb.connect()
    connection.execute("create table raw as select 2 as line, 'Chhuk' as \"Town\", 'កំពត' as \"ក្រុង\" union all select 3, 'Kampot', ''")
    places = look_up_places(connection, mapping, list(ANSWER), "raw", known_places(mapping, None))
    listed = connection.execute(unmatched_places(mapping, list(ANSWER), "raw", places)).fetchall()
    assert [(line, level, value) for line, level, value, _ in listed] == [(2, "district", "Chhuk | កំពត")]
    assert "0703" in listed[0][3]
    assert "0708" in listed[0][3]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("outcome =", "outcom ="), "Did you mean 'outcome'"),
        (('source = "service_requests"', 'source = "service_request"'), "Did you mean 'service_requests'"),
        (("ignore =", "ignored ="), "Did you mean 'ignore'"),
        (("%m/%d/%Y %I:%M:%S %p", "mm/dd/yyyy"), "is not a date format"),
        (('dates = ["%m/%d/%Y %I:%M:%S %p"]', 'dates = ["%m/%d/%Y", "%d/%m/%Y"]'), "two meanings"),
        (("{ prefix =", "{ prefx ="), "Did you mean 'prefix'"),
        (('request_id = { from = "Unique Key"', 'request_id = { form = "Unique Key"'), "Did you mean 'from'"),
        (('service_code = "Complaint Type"', 'referred_to = "Complaint Type"'), "Did you mean"),
        (("[values.outcome]", "[values.sex]"), "There is no column under [columns] 'sex'"),
        (('Closed = "completed"', 'Closed = "completed"\nclosed = "open"'), "has two meanings"),
        (("[columns]", "[columns"), "not valid TOML"),
    ],
)
def test_a_mistake_in_a_mapping_is_named_with_the_nearest_right_word(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(Problem) as met:
        written(tmp_path, CITY_CALLS.replace(*change))
    assert said in str(met.value)
    assert "calls.toml" in met.value.what


def test_a_required_column_must_come_from_somewhere(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="where 'scale_min', 'scale_max' come from"):
        written(tmp_path, FEEDBACK.replace("scale_min = 0\nscale_max = 10\n", ""))


def test_a_file_is_recognised_by_its_headers_however_they_are_spelled(tmp_path: Path) -> None:
    mapping = written(tmp_path, CITY_CALLS)
    headers = ["unique_key", "COMPLAINT TYPE", "Created Date", "closed  date", "Borough", "Status", "Caller"]
    assert find_mapping(headers, "any.csv", None, [mapping], SOURCE_BY_NAME) is mapping


def test_a_mapping_meant_for_a_file_says_which_header_is_missing(tmp_path: Path) -> None:
    mapping = written(tmp_path, CITY_CALLS.replace('headers = ["Unique Key", "Complaint Type"]', 'files = ["311*.csv"]'))
    headers = [header for header in CITY_ROWS[0] if header != "Borough"] + ["Boro"]
    with pytest.raises(Problem) as met:
        find_mapping(headers, "311_march.csv", None, [mapping], SOURCE_BY_NAME)
    assert "no column 'Borough'" in met.value.what
    assert "Did you mean 'Boro'" in met.value.action


def test_two_mappings_that_fit_equally_are_not_chosen_between(tmp_path: Path) -> None:
    twins = [written(tmp_path, CITY_CALLS.replace("City calls", name), f"{name}.toml") for name in ("one", "two")]
    with pytest.raises(Problem, match="More than one mapping fits"):
        find_mapping(list(CITY_ROWS[0]), "calls.csv", None, twins, SOURCE_BY_NAME)


def test_of_two_mappings_the_one_that_asks_for_more_headers_is_taken(tmp_path: Path) -> None:
    wide = written(tmp_path, CITY_CALLS, "wide.toml")
    narrow = written(tmp_path, CITY_CALLS.replace('"Complaint Type"]', '"Complaint Type", "Borough"]'), "narrow.toml")
    assert find_mapping(list(CITY_ROWS[0]), "calls.csv", None, [wide, narrow], SOURCE_BY_NAME) is narrow


def test_the_contracts_own_headers_need_no_mapping() -> None:
    for source in SOURCES:
        headers = [column.name for column in source.columns]
        mapping = find_mapping(headers, "x.csv", None, [], SOURCE_BY_NAME)
        assert mapping is not None
        assert mapping.source == source.name
        assert len(mapping.columns) == len(headers)


def test_khmer_headers_are_understood() -> None:
    headers = ["លេខសំណើ", "កូដឃុំ", "ប្រភេទសេវា", "ថ្ងៃដាក់ពាក្យ", "ថ្ងៃចេញលិខិត"]
    mapping = own_mapping(headers, None, SOURCE_BY_NAME)
    assert mapping is not None
    assert mapping.source == "service_requests"
    found = {column.target: column.headers[0] for column in mapping.columns}
    assert found == dict(zip(["request_id", "commune_code", "service_code", "submitted_date", "completed_date"], headers, strict=True))


@pytest.mark.parametrize("header", ["Fee paid ($)", "Fee paid (USD)", "Fee paid in US dollars"])
def test_a_fee_in_another_currency_is_no_fee_in_riel(header: str) -> None:
    headers = ("Request number", "Commune code", "Service", "Date submitted", header)
    own = own_mapping(headers, None, SOURCE_BY_NAME)
    assert own is not None and "fee_paid_riel" not in {column.target for column in own.columns}
    words = vocabulary(SOURCE_BY_NAME["service_requests"])
    assert "fee_paid_riel" not in name_matches(header, headers, words)
    assert "fee_paid_riel" in name_matches("Fee paid (riel)", headers, words)


def test_a_file_that_speaks_no_known_language_has_no_mapping() -> None:
    assert find_mapping(["colour", "taste"], "soup.csv", None, [], SOURCE_BY_NAME) is None


def test_an_exact_header_is_preferred_to_one_that_only_looks_alike() -> None:
    assert find_header("version", ["_version", "version"]) == "version"
    assert find_header("Version", ["_version", "version"]) is None
    assert plain_header("\ufeffCommune_Code ") == plain_header("commune code")


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL))
def test_the_examples_of_the_guide_are_mappings(tmp_path: Path, example: str) -> None:
    assert written(tmp_path, example).source in SOURCE_BY_NAME


def test_the_guide_names_every_word_a_mapping_may_use() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    words = (*TOP_KEYS, *COMBINES, *PLAIN_STEPS, *STEPS_WITH_VALUE, *DATE_WORDS)
    assert [word for word in words if word not in guide] == []


@pytest.mark.parametrize("path", sorted((reference_folder() / "mappings").glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_and_synonym_names_columns_that_exist(path: Path) -> None:
    if path != synonyms_file():
        assert read_mapping(path, SOURCE_BY_NAME).source in SOURCE_BY_NAME
        return
    columns = {column.name for source in SOURCES for column in source.columns}
    assert set(tomllib.loads(path.read_text(encoding="utf-8"))["headers"]) <= columns


def test_a_mapping_cannot_smuggle_sql(tmp_path: Path) -> None:
    text = CITY_CALLS.replace('{ prefix = "311-" }', "{ prefix = \"'); drop table raw; --\" }").replace("[constants]", "")
    assert loaded(written(tmp_path, text), CITY_ROWS)[0]["request_id"] == "'); drop table raw; --7"


def test_a_column_that_follows_from_another_is_not_missing() -> None:
    for headers, missing in ((["facility_id", "facility_type", "commune_code"], []), (["facility_id", "facility_type"], ["district_code"])):
        mapping = own_mapping(headers, "facilities", SOURCE_BY_NAME)
        assert mapping is not None
        assert missing_targets(mapping, SOURCE_BY_NAME["facilities"]) == missing
