"""Does a form made from a contract ask for what the contract wants, and does what comes back load without a question?"""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from pyxform.xls2xform import convert
from small_files import Write, ask, rows_of

import text
from etl import forms, pipeline, templates, words
from etl.__main__ import main
from etl.contract import NUMBERS, Rule, Source
from etl.form_logic import logic_of
from etl.sources import SOURCES, source

XFORMS = "{http://www.w3.org/2002/xforms}"
KOBO_COLUMNS = [
    *("_id", "_uuid", "_submission_time", "_validation_status", "_status", "_submitted_by", "__version__", "meta/rootUuid", "_index"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the forms and blank workbooks of every source."""
    made = tmp_path_factory.mktemp("forms")
    forms.write_forms(made)
    templates.write_templates(made)
    return made


def named(one: Source) -> str:
    return one.name


every_source = pytest.mark.parametrize("one", SOURCES, ids=named)


def row(form: forms.Form, name: str) -> forms.Row:
    return next(row for row in form.survey if row["name"] == name)


# -- the form ----------------------------------------------------------------------------------------------------------------


@every_source
def test_pyxform_takes_the_form_without_a_warning(folder: Path, one: Source) -> None:
    made = convert(folder / f"{one.name}_form.xlsx", validate=False)
    assert made.warnings == []
    names = {bind.get("nodeset", "").rsplit("/", 1)[-1] for bind in ElementTree.fromstring(made.xform).iter(f"{XFORMS}bind")}
    assert {column.name for column in one.columns if column.form_value != ""} <= names


@every_source
def test_everything_that_is_read_stands_in_english_and_khmer(one: Source) -> None:
    form = forms.form_of(one)
    shown = [row for row in (*form.survey, *form.choices) if row.get("type") not in ("start", "end", "calculate")]
    assert [row["name"] for row in shown if not (row["label::English (en)"] and row["label::Khmer (km)"])] == []
    assert [row["name"] for row in shown if bool(row.get("hint::English (en)")) != bool(row.get("hint::Khmer (km)"))] == []


def test_khmer_has_every_label_and_sentence_of_the_contracts_and_no_other() -> None:
    assert text.missing("km", words.contract_keys()) == ()
    assert [key for key in text.keys("km") if key.split(".")[0] in ("contract", "rule") and key not in words.contract_keys()] == []


def test_a_line_missing_in_khmer_is_asked_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    less = {key: told for key, told in text.catalogue._texts("km").items() if key != "contract.any.sex"}
    both = {"en": text.catalogue._texts("en"), "km": less}
    monkeypatch.setattr(text.catalogue, "_texts", both.__getitem__)
    assert row(forms.form_of(source("feedback")), "sex")["label::Khmer (km)"] == "The sex"
    assert text.missing("km", words.contract_keys()) == ("contract.any.sex",)


def test_a_commune_is_chosen_within_its_district_within_its_province() -> None:
    form = forms.form_of(source("service_requests"))
    assert [row["name"] for row in form.survey if row["name"] in forms.PLACES] == ["province_code", "district_code", "commune_code"]
    assert row(form, "commune_code")["choice_filter"] == "district_code = ${district_code}"
    offered = [choice for choice in form.choices if choice["list_name"] == "communes" and choice["district_code"] == "0708"]
    assert [choice["name"] for choice in offered] == ["070801", "070802", "070803", "070804", "070805"]


def test_values_have_the_contracts_own_names() -> None:
    form = forms.form_of(source("feedback"))
    lists = {name: [row["name"] for row in form.choices if row["list_name"] == name] for name in ("sex", "yes_no", "age_group", "services")}
    assert lists["sex"] == ["f", "m", "other"]
    assert lists["yes_no"] == ["true", "false"]
    assert lists["age_group"][0] == "under_18"
    assert "birth_certificate" in lists["services"]


def test_a_month_is_asked_as_a_month_and_a_day_as_a_day() -> None:
    form = forms.form_of(source("service_usage"))
    assert (row(form, "month")["type"], row(form, "month")["appearance"]) == ("date", "month-year")
    assert (row(form, "reported_date")["type"], row(form, "visits")["type"]) == ("date", "integer")


def test_personal_columns_are_marked_and_only_there_where_the_contract_has_them() -> None:
    for one in SOURCES:
        form = forms.form_of(one)
        marked = {row["name"] for row in form.survey if row.get("hint::English (en)", "").startswith("Personal.")}
        assert marked == {column.name for column in one.columns if column.is_personal}


def test_the_day_a_paper_was_ready_is_asked_after_the_outcome_and_only_where_it_fits() -> None:
    form = forms.form_of(source("service_requests"))
    names = [row["name"] for row in form.survey]
    ready = row(form, "completed_date")
    assert names.index("completed_date") == names.index("outcome") + 1
    assert (ready["relevant"], ready["required"]) == ("${outcome} != 'open'", "${outcome} = 'completed'")


def test_facilities_of_a_real_build_are_offered_within_their_district(data: Path, write: Write, nothing_hidden: None) -> None:
    write("facilities.csv", rows_of(source("facilities"), {}))
    pipeline.build_warehouse(data / "inbox", False)
    form = forms.form_of(source("service_requests"), forms.known_registers())
    assert row(form, "facility_id")["type"] == "select_one facilities"
    assert row(form, "facility_id")["choice_filter"] == "${district_code} = '' or district_code = ${district_code}"
    assert [(one["name"], one["district_code"]) for one in form.choices if one["list_name"] == "facilities"] == [("CH-1", "0701")]


def test_what_a_form_cannot_say_is_listed_with_the_reason() -> None:
    form = forms.form_of(source("feedback"))
    told = {row["rule"]: row["in this form"] for row in form.rules}
    assert set(told) == {rule.name for rule in source("feedback").rules}
    assert told["visited_lately"].startswith("left out: a form has no word for")
    assert told["speed_within_scale"] == "constraint of rating_speed"


# -- the logic ---------------------------------------------------------------------------------------------------------------


def holds(xpath: str, answers: dict[str, str], own: str, numbers: set[str]) -> bool:
    """The truth of a form's expression, for the few words that forms made here use. Days compare as ISO texts."""

    def value(name: str) -> str:
        answer = answers.get(name, "")
        return str(float(answer)) if answer and name in numbers else repr(answer)

    said = re.sub(r"\$\{(\w+)\}", lambda found: value(found[1]), xpath)
    said = re.sub(r"(?<![\w'.])\.(?![\w'])", lambda found: value(own), said)
    said = re.sub(r"date\(('[^']+')\)", r"\1", said).replace("today()", repr(date.today().isoformat()))
    said = re.sub(r"(?<![<>!])=", "==", said)
    return bool(eval(said, {"__builtins__": {}}))


def objections(form: forms.Form, answers: dict[str, str], numbers: set[str]) -> set[str]:
    """Questions whose logic objects to the answers, and notes that show."""
    found = set()
    for row in form.survey:
        name, answer = row["name"], answers.get(row["name"], "")
        asked = [key for key in ("constraint", "relevant") if row.get(key) and (answer or key == "relevant")]
        said = {key: holds(row[key], answers, name, numbers) for key in asked}  # a form asks no constraint of an empty answer
        is_needed = row.get("required") == "yes" or (row.get("required") and holds(row["required"], answers, name, numbers))
        is_shown = said.get("relevant", True)
        if row["type"] == "note":
            found |= {name} if is_shown else set()
        elif (answer and not (is_shown and said.get("constraint", True))) or (is_shown and is_needed and not answer):
            found.add(name)
    return found


def answers_of(one: Source, changes: dict[str, str] | None = None) -> dict[str, str]:
    """The source's example as a person would answer the form; the form's own columns as the form fills them."""
    answers = {**one.example, **(changes or {})}
    commune = answers.get("commune_code") or one.example.get("commune_code", "")
    answers |= {"province_code": commune[:2], "district_code": answers.get("district_code") or commune[:4]}
    for column in one.columns:
        if column.type == "boolean" and column.name in answers:
            answers[column.name] = {"yes": "true", "no": "false"}.get(answers[column.name], answers[column.name])
        if column.type == "month" and answers.get(column.name):
            answers[column.name] += "-01"
    return answers


own_rules = [(one, rule) for one in SOURCES for rule in one.own_rules if rule.name not in forms.form_of(one).left_out]


@pytest.mark.parametrize(("one", "rule"), own_rules, ids=[f"{one.name}.{rule.name}" for one, rule in own_rules])
def test_a_form_objects_to_what_breaks_the_rule(one: Source, rule: Rule) -> None:
    numbers = {column.name for column in one.columns if column.type in NUMBERS}
    form = forms.form_of(one)
    assert objections(form, answers_of(one), numbers) == set()
    assert objections(form, answers_of(one, dict(rule.witness)), numbers) != set()


def test_a_warning_is_a_note_and_stops_nobody() -> None:
    form = forms.form_of(source("service_requests"))
    numbers = {"fee_paid_riel", "visits_needed"}
    answers = answers_of(source("service_requests"), {"fee_paid_riel": "2000000"})
    assert objections(form, answers, numbers) == {"check_fee_plausible"}


def test_an_empty_answer_leaves_a_comparison_open() -> None:
    rule = Rule("ends_later", "b >= a and (c between 1 and 5 or c is null)", "", {})
    ((said, _),) = logic_of((rule,), ["a", "b", "c"], []).constraints["c"]
    assert said == "(${b} = '' or ${a} = '' or ${b} >= ${a}) and (. >= 1 and . <= 5 or . = '')"


def test_a_rule_with_a_word_forms_do_not_have_is_left_out() -> None:
    rule = Rule("like", "a like 'x%'", "", {})
    assert logic_of((rule,), ["a"], []).left_out == {"like": "a form has no word for what it works out"}


# -- what comes back ---------------------------------------------------------------------------------------------------------


def kobo_export(form_file: Path, answers: dict[str, str], number: int) -> str:
    """One submission as KoboToolbox exports it: XML names, `;`, everything quoted, CRLF, its own columns at the end."""
    root = ElementTree.fromstring(convert(form_file, validate=False).xform)
    (instance,) = list(next(root.iter(f"{XFORMS}instance")))
    notes = {bind.get("nodeset", "").rsplit("/", 1)[-1] for bind in root.iter(f"{XFORMS}bind") if bind.get("readonly") == "true()"}
    names = [node.tag.rsplit("}", 1)[-1] for node in instance]
    asked = [name for name in names if name != "meta" and name not in notes | {"submission_id", "scale_min", "scale_max"}]
    calculated = [name for name in names if name in ("submission_id", "scale_min", "scale_max")]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([*asked, *calculated, *KOBO_COLUMNS])
    uuid = f"00000000-0000-4000-8000-{number:012}"
    kobo = [str(number), uuid, "2024-03-04T08:15:00", "", "submitted_via_web", "", "v1", f"uuid:{uuid}", "1"]
    writer.writerow([*(answers.get(name, "") for name in (*asked, *calculated)), *kobo])
    return out.getvalue()


@pytest.mark.usefixtures("nothing_hidden")
def test_submissions_made_with_the_forms_load_with_no_questions_asked(data: Path, write: Write, folder: Path) -> None:
    for number, one in enumerate(SOURCES):
        moments = {column.name: "2024-03-04T09:00:00.000+07:00" for column in one.columns if column.form_value in ("start", "end")}
        answers = {**answers_of(one), **moments}
        write(f"export-{number:02}.csv", kobo_export(folder / f"{one.name}_form.xlsx", answers, number))
    loads = pipeline.build_warehouse(data / "inbox", False, today=date(2026, 11, 15)).loads
    assert [load.source for load in loads] == [one.name for one in SOURCES]
    assert {(load.rows_read, load.rows_loaded, load.rows_set_aside, load.rows_superseded) for load in loads} == {(1, 1, 0, 0)}
    assert ask("select rule from quality.rule_results where rows > 0") == []
    assert ask("select commune_code::varchar, outcome::varchar, updated_at::varchar from staging.service_requests") == [
        ("070101", "completed", "2024-03-04 02:00:00")
    ]
    assert ask("select month::varchar, visits from staging.service_usage") == [("2024-03-01", 120)]


# -- blank workbooks ---------------------------------------------------------------------------------------------------------


@every_source
def test_a_blank_workbook_has_the_contracts_names_lists_and_explanations(folder: Path, one: Source) -> None:
    book = openpyxl.load_workbook(folder / f"{one.name}_template.xlsx")
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [column.name for column in one.columns]
    assert sheet.max_row == 1 and sheet.freeze_panes == "A2"
    assert [other.title for other in book.worksheets[1:] if not other.title.startswith("_")] == []
    if "_lists" in book.sheetnames:
        assert book["_lists"].sheet_state == "hidden"
        assert not {cell.value for cell in book["_lists"][1]} & {column.name for column in one.columns}
    assert [line[0].value for line in book["_columns"].iter_rows(min_row=2)] == [column.name for column in one.columns]
    letters = {column.name: openpyxl.utils.get_column_letter(place) for place, column in enumerate(one.columns, 1)}
    validated = {str(rule.sqref).split("2:")[0]: rule for rule in sheet.data_validations.dataValidation}
    for column in one.columns:
        if column.accepts or column.type != "text" or column.reference in ("communes", "districts", "provinces", "services"):
            rule = validated[letters[column.name]]
            assert rule.type == ("list" if column.accepts or column.reference or column.type == "boolean" else rule.type)
            assert rule.errorStyle in ((None, "stop") if column.otherwise == "reject_row" else ("warning",))


def filled(path: Path, one: Source) -> str:
    """The first sheet of the workbook after somebody wrote the source's example into it, saved by Excel as CSV."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for place, column in enumerate(one.columns, 1):
        written: Any = one.example.get(column.name)
        if written and column.type in ("date", "month"):
            written = date.fromisoformat(written if column.type == "date" else f"{written}-01")
        elif written and column.type == "timestamp":
            written = datetime.fromisoformat(written.removesuffix("Z"))
        elif written and column.type in NUMBERS:
            written = float(written)
        sheet.cell(2, place, written)
    again = io.BytesIO()
    book.save(again)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for cells in openpyxl.load_workbook(again).worksheets[0].iter_rows(max_row=2, values_only=True):
        writer.writerow(["" if cell is None else f"{cell:g}" if isinstance(cell, float) else cell for cell in cells])
    return out.getvalue()


@pytest.mark.usefixtures("nothing_hidden")
def test_a_filled_workbook_loads_as_it_is(data: Path, write: Write, folder: Path) -> None:
    for number, one in enumerate(SOURCES):
        write(f"filled-{number:02}.csv", filled(folder / f"{one.name}_template.xlsx", one))
    loads = pipeline.build_warehouse(data / "inbox", False).loads
    assert [(load.source, load.rows_loaded, load.rows_set_aside) for load in loads] == [(one.name, 1, 0) for one in SOURCES]
    assert ask("select rule from quality.rule_results where rows > 0") == []


def test_the_command_writes_a_form_and_a_workbook_a_source(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forms", "--to", str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out").glob("*.xlsx"))) == 2 * len(SOURCES)
    assert "service_requests_form.xlsx" in capsys.readouterr().out


def test_the_same_contract_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    forms.write_forms(tmp_path)
    templates.write_templates(tmp_path)
    assert [path.name for path in folder.iterdir() if path.read_bytes() != (tmp_path / path.name).read_bytes()] == []
