"""Is a foreign file's mapping proposed as a careful colleague would, is everything unsure asked, and is nothing guessed?"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import hypothesis.strategies as st
import pytest
from foreign_files import CASES, Case, table_of
from hypothesis import HealthCheck, given, settings

from bench.proposals import score, taken_headers
from etl import map_command
from etl.__main__ import main
from etl.dates import read_dates
from etl.fit import Known, known_lists
from etl.headers import name_matches, vocabulary
from etl.mapping import find_header, read_mapping
from etl.proposal import Proposal, propose
from etl.readers import TextTable, detect
from etl.readers import csv as csv_reader
from etl.sources import SOURCES, source
from warehouse import REPOSITORY, Problem

SOURCE_BY_NAME = {one.name: one for one in SOURCES}
TODAY = date(2026, 11, 24)
NAMED = {case.name: case for case in CASES}


@pytest.fixture(scope="module")
def known() -> Known:
    return known_lists(SOURCES, None)


def proposed(case: Case, folder: Path, known: Known, **answers: str) -> Proposal:
    """The proposal for a case; answers are given as `column__sex="Q7"`."""
    said = {key.replace("__", ":"): answer for key, answer in answers.items()}
    return propose(table_of(case, folder), SOURCES, known, answers=said, today=TODAY)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_file_is_understood_or_asked_about_and_nothing_is_guessed(case: Case, tmp_path: Path, known: Known) -> None:
    proposal = proposed(case, tmp_path, known)
    scored = score(case, proposal)
    assert scored.wrong == ()
    assert scored.missed == ()
    assert proposal.source == case.source
    assert taken_headers(proposal) == dict(case.columns)
    keys = [question.key for question in proposal.questions]
    assert [wanted for wanted in case.asked if not any(wanted in key for key in keys)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_written_down_is_what_was_proposed(case: Case, tmp_path: Path, known: Known) -> None:
    proposal = proposed(case, tmp_path, known)
    path = tmp_path / "proposed.toml"
    path.write_text(proposal.to_toml(), encoding="utf-8")
    if all(one.kind == "register" or not one.is_required for one in proposal.questions):
        read = read_mapping(path, SOURCE_BY_NAME)
        assert replace(read, path=None, ignore=()) == replace(proposal.mapping(), ignore=())
    else:
        with pytest.raises(Problem, match=r"does not say|There is no source"):   # nobody can use it before it is answered
            read_mapping(path, SOURCE_BY_NAME)


def test_a_hostile_header_cannot_leave_its_quotes(tmp_path: Path, known: Known) -> None:
    header = 'sex"\' ] # \\ \t x'
    quoted = header.replace('"', '""')
    text = f'request_id,commune_code,service,date submitted,"{quoted}"\nR1,070101,birth_certificate,2024-03-01,f\n'
    table = table_of(Case("hostile", text, ""), tmp_path)
    proposal = propose(table, SOURCES, known, answers={"column:sex": table.headers[4]})
    path = tmp_path / "hostile.toml"
    path.write_text(proposal.to_toml(), encoding="utf-8")
    mapping = read_mapping(path, SOURCE_BY_NAME)
    assert find_header(next(one.headers[0] for one in mapping.columns if one.target == "sex"), table.headers) == table.headers[4]


def test_answers_complete_a_proposal(tmp_path: Path, known: Known) -> None:
    case = NAMED["city calls in american order"]
    answers = {
        "column__commune_code": "Borough", "column__service_code": "Complaint Type", "value__commune_code__Northside": "070101",
        "value__commune_code__Southside": "070102", "value__service_code__Copy of Record": "certified_copy",
        "value__service_code__Lost book": "family_book",
    }  # fmt: skip
    proposal = proposed(case, tmp_path, known, **answers)
    assert proposal.questions == ()
    assert proposal.is_complete
    assert not proposal.is_certain   # a person's answers and likely columns are for a mapping file, not for an unseen build
    assert proposal.values["commune_code"] == {"northside": "070101", "southside": "070102"}


def test_numbers_that_stand_for_words_count_only_after_all_were_told(tmp_path: Path, known: Known) -> None:
    case = NAMED["yes and no as 1 and 2"]
    half = proposed(case, tmp_path, known, value__documents_complete__1="true")
    assert "documents_complete" not in taken_headers(half)
    whole = proposed(case, tmp_path, known, value__documents_complete__1="true", value__documents_complete__2="false")
    assert whole.values["documents_complete"] == {"1": "true", "2": "false"}
    assert "documents_complete" in taken_headers(whole)


def test_an_answered_order_of_dates_is_used(tmp_path: Path, known: Known) -> None:
    proposal = proposed(NAMED["days up to twelve"], tmp_path, known, dates__submitted_date="month_first")
    taken = next(one for one in proposal.taken if one.target == "submitted_date")
    assert taken.column.dates == ("%m/%d/%Y",)


def test_a_file_without_numbers_may_be_told_apart_by_its_cells(tmp_path: Path, known: Known) -> None:
    proposal = proposed(NAMED["requests without a number"], tmp_path, known, column__request_id="fingerprint")
    key = next(one for one in proposal.taken if one.target == "request_id").column
    assert key.combine == "fingerprint"
    assert set(key.headers) == {"Commune code", "Service type", "Date received", "Date issued"}
    assert proposal.is_complete


def test_a_number_is_offered_though_a_row_came_twice_and_a_phone_number_is_not(tmp_path: Path, known: Known) -> None:
    lines = [f"{row},AC-{row:04},012 {row:06},070101,birth_certificate,{row % 28 + 1}/03/2024" for row in range(1, 151)]
    path = tmp_path / "requests.csv"
    text = "\n".join(["No.,Book entry,Tel.,commune_code,service_code,submitted_date", *lines, lines[4], ""])
    path.write_text(text, encoding="utf-8")
    (table,) = detect.open_file(path, csv_reader.scan(path), tmp_path)
    proposal = propose(table, SOURCES, known, source="service_requests", today=TODAY)
    asked = next(one for one in proposal.questions if one.key == "column:request_id")
    assert [one.answer for one in asked.candidates] == ["Book entry", "fingerprint", "No."]
    assert asked.candidates[0].reason == "1 of its cells repeat another"
    assert asked.candidates[2].reason.startswith("it only counts the lines: another file begins with 1 again")


def test_rows_of_one_month_that_differ_by_sex_are_not_counted_twice(tmp_path: Path, known: Known) -> None:
    proposal = proposed(NAMED["dhis2 with sexes apart"], tmp_path, known, keep__categoryoptioncombo="Female")
    assert [(one.header, one.keep) for one in proposal.leave_out] == [("categoryoptioncombo", ("female",))]


def test_what_a_reviewer_said_of_a_submission_is_no_answer_and_asks_nothing(tmp_path: Path, known: Known) -> None:
    for name, header in (("kobo feedback by names", "_validation_status"), ("odk central with groups", "ReviewState")):
        table = table_of(NAMED[name], tmp_path)
        assert table.review is not None and table.review.header == header
        assert header not in table.answers
        assert not proposed(NAMED[name], tmp_path, known).leave_out


def test_a_review_is_known_however_its_header_is_written(tmp_path: Path) -> None:
    table = TextTable(tmp_path / "x.csv", ("name", "Validation Status"), ",", "utf-8", 1)
    assert table.review is not None and (table.review.header, "not approved" in table.review.turned_down) == ("Validation Status", True)
    assert table.answers == ("name",)


def test_a_submission_keeps_its_number_when_it_is_edited(tmp_path: Path, known: Known) -> None:
    proposal = proposed(NAMED["kobo feedback by names"], tmp_path, known)
    key = next(one for one in proposal.taken if one.target == "submission_id").column
    assert (key.combine, key.headers, key.steps) == ("first_of", ("meta/rootUuid", "_uuid"), (("remove", "uuid:"),))


def test_a_source_is_not_chosen_when_two_are_close(tmp_path: Path, known: Known) -> None:
    text = "commune code,partner_id,year,population,start_date\n070101,P-1,2024,9000,2024-01-01\n070102,P-1,2024,8000,2024-01-01\n"
    proposal = proposed(Case("two in one", text, ""), tmp_path, known)
    assert proposal.source == ""
    assert {one.answer for one in proposal.questions[0].candidates} >= {"coverage", "population"}


def test_a_survey_about_something_else_is_no_feedback(tmp_path: Path, known: Known) -> None:
    text = NAMED["kobo feedback by names"].text.replace("visit/commune", "crop").replace("visit/service", "harvest")
    text = text.replace("ratings/rating_speed", "rain").replace("ratings/rating_overall", "rice").replace("scale_m", "bags_m")
    text = text.replace("paid/asked_unofficial_payment", "loan")
    assert proposed(Case("harvest", text, ""), tmp_path, known).source == ""


@pytest.mark.parametrize(
    ("header", "source_name", "target", "least", "most"),
    [
        ("commune_code", "service_requests", "commune_code", 100, 100),
        ("Commune Code", "service_requests", "commune_code", 100, 100),
        ("ភេទ", "feedback", "sex", 90, 90),
        ("Sex / ភេទ", "feedback", "sex", 89, 100),
        ("household_visit/sex", "feedback", "sex", 92, 92),
        ("child/sex", "feedback", "sex", 0, 79),
        ("Sex (of child)", "feedback", "sex", 0, 79),
        ("Overall satisfaction (1-5)", "feedback", "rating_overall", 80, 90),
        ("ប្រភេទសេវា", "feedback", "sex", 0, 0),              # holds the Khmer word for sex
        ("Status notes", "service_requests", "outcome", 0, 79),
        ("visits_males", "service_usage", "visits_female", 0, 79),
        ("submited date", "service_requests", "submitted_date", 80, 80),
    ],
)
def test_a_header_is_worth_what_its_words_say(header: str, source_name: str, target: str, least: float, most: float) -> None:
    found = name_matches(header, (header,), vocabulary(source(source_name)))
    worth = found[target].score if target in found else 0
    assert least <= worth <= most


@pytest.mark.parametrize(
    ("written", "how"),
    [
        (["03/01/2024 08:15:00 AM", "12/25/2023 01:00:00 PM"], "month_first"),
        (["03/04/2024", "25/04/2024"], "day_first"),
        (["03/04/2024", "04/05/2024"], "undecided"),
        (["03/03/2024", "04/04/2024"], "day_first"),           # both orders mean the same days
        (["25/04/2024", "04/25/2024"], "mixed"),
        (["25/04/2024", "45385"], "mixed"),                    # half of them turned into numbers by a spreadsheet
        (["25/04/2024", "2024-04-03"], "mixed"),
        (["25/04/2024", "2024-04-03", "03/04/2024"], "day_first"),
        (["01/02/03"], "undecided"),
        (["25/12/24", "31/01/24"], "day_first"),
        (["24/12/31", "25/01/02"], "year_first"),
        (["25/12/24"], "undecided"),                           # or the 24th of December 2025
        (["45385", "45386.5"], "excel"),
        (["1712102400"], "unix"),
        (["2024-03-01", "2024-03-02T08:00:00Z"], "plain"),
        (["១៥ មករា ២០២៤", "ថ្ងៃទី២៥ ខែមីនា ឆ្នាំ២០២៤"], "plain"),
        (["1er août 2023", "12 déc. 2023"], "plain"),
        (["soon", "2024-01-01"], "none"),
    ],
)
def test_the_order_of_dates_is_proved_or_open(written: list[str], how: str) -> None:
    assert read_dates(dict.fromkeys(written, 1), TODAY, "date").how == how


# -- real sheets of partners ---------------------------------------------------------------------------------------------------------

PLAN = """\
ល.រ,ឃុំ,វិស័យ,លក្ខណៈវិនិច្ឆ័យ,សកម្មភាព,អ្នកទទួលខុសត្រូវ,ថ្ងៃឯកភាព,កាលកំណត់,ថវិកា,ស្ថានភាព
1,បានៀវ,សាលាឃុំ,ពេលវេលា,បិទតារាងឯកសារ,ក្រុមប្រឹក្សាឃុំ,2024-03-20,2024-06-30,"២០០,០០០ រៀល",កំពុងអនុវត្ត
2,បានៀវ,មណ្ឌលសុខភាព,ឱសថ,ស្នើសុំឱសថ,មណ្ឌលសុខភាព,2024-03-20,2024-12-31,មិនចំណាយ,កំពុងអនុវត្ត
1,តាកែន,សាលាឃុំ,តម្លៃ,បិទតារាងតម្លៃ,ក្រុមប្រឹក្សាឃុំ,2024-03-22,2024-06-30,$500,មិនទាន់អនុវត្ត
"""


def test_a_plan_that_only_counts_its_lines_is_known_and_no_number_of_a_line_is_taken_for_an_action(tmp_path: Path, known: Known) -> None:
    proposal = proposed(Case("plan", PLAN, ""), tmp_path, known)
    assert proposal.source == "action_plans"
    number, day = (one for one in proposal.questions if one.is_required)
    assert (number.key, [one.answer for one in number.candidates]) == ("column:action_id", ["fingerprint", "ល.រ"])
    assert number.candidates[0].label == "none: tell them apart by ឃុំ, វិស័យ, សកម្មភាព, ថ្ងៃឯកភាព"
    assert number.candidates[1].reason.startswith("it only counts the lines")
    assert (day.key, day.is_free) == ("column:status_date", True)
    told = proposed(Case("plan", PLAN, ""), tmp_path, known, column__action_id="fingerprint", column__status_date="=2024-06-30")
    assert told.is_complete and told.constants["status_date"] == "2024-06-30"


SESSIONS = """\
No,Date,Commune,Village,CAF code,Topic,Total participants,Female,Youth
1,25/03/2024,Ba Niev,Prey Thom,CAF-01,Health,42,25,12
2,25/03/2024,Ba Niev,Trapeang,CAF-01,Health,42,25,10
"""


def test_a_session_is_its_day_and_place_whoever_came_and_was_held_where_it_has_a_day(tmp_path: Path, known: Known) -> None:
    proposal = proposed(Case("sessions", SESSIONS, ""), tmp_path, known)
    assert proposal.source == "outreach"
    (number,) = proposal.questions
    assert [one.label for one in number.candidates] == ["none: tell them apart by Date, Commune, Village, CAF code, Topic"]
    told = proposed(Case("sessions", SESSIONS, ""), tmp_path, known, column__session_id="fingerprint")
    key = next(one.column.headers for one in told.taken if one.target == "session_id")
    assert key == ("Date", "Commune", "Village", "CAF code", "Topic")
    without = proposed(Case("sessions", SESSIONS.replace("Village", "Remark"), ""), tmp_path, known, source="outreach")
    number = next(one for one in without.questions if one.key == "column:session_id")
    assert number.candidates[-1].reason == "1 rows would replace another"


def test_a_list_of_sessions_is_not_taken_for_the_register_of_its_facilitators(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data / "sessions.csv"
    path.write_text(SESSIONS.replace("Trapeang,CAF-01", "Trapeang,CAF-02"), encoding="utf-8")   # every code once, as in a register
    assert main(["check", str(path)]) == 2
    said = " ".join("".join(capsys.readouterr()).split())
    assert "looks like outreach, but not everything in it is clear. The number of the session: which column holds it?" in said


PUPILS = """\
School code,School,Month,Pupils enrolled / Total,Pupils enrolled / Girls,Pupils present / Total,Pupils present / Girls,Teachers
PS-1,Ba Niev,2024-01,312,150,280,138,8
PS-2,Ba Niev,2024-01,212,100,180,90,6
"""


def test_pupils_under_two_rows_of_headers_are_known_and_a_schools_name_does_not_replace_its_code(tmp_path: Path, known: Known) -> None:
    proposal = proposed(Case("pupils", PUPILS, ""), tmp_path, known)
    assert (proposal.source, proposal.questions, proposal.places) == ("school_reports", (), ())
    assert taken_headers(proposal)["pupils_attended_female"] == "Pupils present / Girls"


def in_rows(*written: str, is_past: bool = True) -> str:
    """The order told by dates of a column whose rows are all known."""
    return read_dates(dict.fromkeys(written, 1), TODAY, "date", in_order=written, is_past=is_past).how


def test_rows_that_follow_each_other_by_day_tell_the_order() -> None:
    days = ("08/01/2024", "11/01/2024", "02/03/2024", "09/03/2024", "04/05/2024", "12/05/2024")
    assert in_rows(*days) == in_rows(*reversed(days)) == "day_first"
    assert in_rows(*days[:5]) == "undecided"                                        # five may follow each other by chance
    assert in_rows(*days[1:], days[0]) == "undecided"
    assert in_rows(*sorted(f"{n:02}/{13 - n:02}/2024" for n in range(1, 13) if n != 6)) == "undecided"   # sorted as text, not by day


def test_days_after_today_tell_the_order_where_they_cannot_be() -> None:
    late = ("05/12/2026", "03/12/2026", "07/10/2026")   # today is the 24th of November
    assert in_rows(*late) == "month_first"
    assert in_rows(*late, is_past=False) == "undecided"   # what is due may be later
    assert in_rows(*late[1:]) == "undecided"              # one day may be a slip of the pen
    assert in_rows(*late, "12/05/2026", "12/03/2026") == "undecided"   # late in both orders


def test_nothing_is_told_by_rows_of_which_only_some_were_looked_at() -> None:
    days = ("08/01/2024", "11/01/2024", "02/03/2024", "09/03/2024", "04/05/2024", "12/05/2024")
    assert read_dates(dict.fromkeys(days, 1), TODAY, "date").how == "undecided"


BOTH_DAYS = """\
Request number,Commune code,Service,Date submitted,Date completed
R1,070101,birth_certificate,05/03/2024,07/03/2024
R2,070101,birth_certificate,04/03/2024,09/03/2024
"""


def test_columns_written_alike_are_one_question_whose_default_can_be_written_down(tmp_path: Path, known: Known) -> None:
    case = Case("both days", BOTH_DAYS, "")
    (asked,) = proposed(case, tmp_path, known).questions
    assert (asked.key, asked.is_required) == ("dates:submitted_date", True)
    assert [(one.answer, one.reason) for one in asked.candidates] == [("day_first", "usual in Cambodia"), ("month_first", "")]
    told = proposed(case, tmp_path, known, dates__submitted_date="day_first")
    assert told.is_complete and not told.questions
    dates = {one.target: one.column.dates for one in told.taken if one.column.dates}
    assert dates == {"submitted_date": ("%d/%m/%Y",), "completed_date": ("%d/%m/%Y",)}
    text = proposed(case, tmp_path, known).to_toml()
    for line in asked.lines:
        assert f"# {line}\n" in text
        text = text.replace(f"# {line}\n", f"{line}\n")
    path = tmp_path / "both.toml"
    path.write_text(text, encoding="utf-8")
    assert {one.target: one.dates for one in read_mapping(path, SOURCE_BY_NAME).columns if one.dates} == dates


def test_dates_that_no_order_reads_are_asked_without_a_default(tmp_path: Path, known: Known) -> None:
    text = BOTH_DAYS.replace("05/03/2024", "32/13/2024").replace("04/03/2024", "2024-03-04")
    asked = next(one for one in proposed(Case("no day", text, ""), tmp_path, known).questions if one.key == "dates:submitted_date")
    assert (asked.candidates, asked.lines) == ((), ())


def test_a_build_says_what_to_write_about_days_up_to_twelve(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data / "requests.csv"
    path.write_text(BOTH_DAYS, encoding="utf-8")
    assert main(["check", str(path)]) == 2
    said = " ".join("".join(capsys.readouterr()).split())
    assert "The day the request was handed in (Date submitted) and The day the paper was ready (Date completed)" in said
    assert 'submitted_date = { from = "Date submitted", dates = "%d/%m/%Y" }' in said


SCORED = "Facilitator code,Stage,Round,Date of assessment,Knowledge,Confidence\n" + "".join(
    f"FA-{row},before,1,{row + 12}/03/2024,{row % 5 + 1},{(row + 2) % 5 + 1}\n" for row in range(1, 11)
)


@pytest.mark.parametrize(
    ("odd", "first"),
    [("3", ("1-5", "")), ("n/a", ("1-5", "")), *((odd, ("1-5", "19 of 20 cells fit; the others are set aside")) for odd in ("0", "6"))],
)
def test_the_scale_that_most_cells_fit_is_offered_first(odd: str, first: tuple[str, str], tmp_path: Path, known: Known) -> None:
    text = SCORED.replace("22/03/2024,1,3", f"22/03/2024,{odd},3")
    asked = next(one for one in proposed(Case("scored", text, ""), tmp_path, known).questions if one.key == "scale")
    assert asked.is_required
    assert (asked.candidates[0].answer, asked.candidates[0].reason) == first


def test_a_scale_with_many_cells_outside_is_not_the_first(tmp_path: Path, known: Known) -> None:
    text = SCORED.replace(",1,", ",0,").replace("before,0,", "before,1,")
    asked = next(one for one in proposed(Case("scored", text, ""), tmp_path, known).questions if one.key == "scale")
    assert [one.answer for one in asked.candidates] == ["0-10", "0-5", "1-5", "0-4"]
    assert asked.candidates[2].reason == "18 of 20 cells fit; the others are set aside"


# -- the command, and the build -----------------------------------------------------------------------------------------------------


def test_the_command_prints_and_saves_and_tells_what_is_open(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = table_of(NAMED["city calls in american order"], data).path
    saved = data / "calls.toml"
    assert main(["map", str(path), "--save", str(saved)]) == 1
    shown = capsys.readouterr().out
    assert "12/25" not in shown
    assert "03/13/2024 08:15:00 AM can only be month/day/year" in shown
    assert "The commune: which column holds it? (needed)" in shown
    assert "# commune_code = ?" in saved.read_text(encoding="utf-8")
    assert main(["map", str(path), "--save", str(saved)]) == 2   # never written over
    assert main(["map", str(table_of(NAMED["requests in khmer"], data).path)]) == 0
    assert main(["map", str(table_of(NAMED["a recipe"], data).path)]) == 2


def test_a_person_answers_with_y_a_number_a_header_or_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = table_of(NAMED["city calls in american order"], data).path
    said = iter(["nonsense", "Borough", "y", "070101", "070102", "s", "s"])
    saved = data / "calls.toml"
    code = map_command.run(path, saved, "", lambda prompt: next(said))
    text = saved.read_text(encoding="utf-8")
    assert "That is none of the answers." in capsys.readouterr().out
    assert 'commune_code = "Borough"' in text
    assert 'service_code = "Complaint Type"' in text
    assert '"northside" = "070101"' in text
    assert code == 0
    assert read_mapping(saved, SOURCE_BY_NAME).source == "service_requests"


def test_a_person_may_type_the_code_of_a_service(data: Path) -> None:
    path = data / "requests.csv"
    path.write_text("request_id,commune_code,submitted_date\nR-1,070101,2024-03-31\nR-2,070102,2024-03-30\n", encoding="utf-8")
    said, saved = iter(["Marriage_certificate", *"ssss"]), data / "requests.toml"
    assert map_command.run(path, saved, "service_requests", lambda prompt: next(said)) == 0
    assert 'service_code = "marriage_certificate"' in saved.read_text(encoding="utf-8")


def test_a_reader_who_stops_reading_ends_the_command_quietly(data: Path) -> None:
    path = table_of(NAMED["city calls in american order"], data).path
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run([sys.executable, "-m", "etl", "map", str(path)], stdout=writing, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (141, "")


def test_a_person_who_leaves_ends_the_questions(data: Path) -> None:
    def gone(prompt: str) -> str:
        raise EOFError

    assert map_command.run(table_of(NAMED["sex in numbers"], data).path, None, "", gone) == 1


def test_facilities_by_name_without_a_register_are_said_to_need_one_first(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data / "visits.csv"
    path.write_text("Unit,month,service,visits\nHC Ankor Chey,2024-01,outpatient,6\nHC Champei,2024-01,outpatient,4\n", encoding="utf-8")
    said = iter(["Unit"])
    assert map_command.run(path, None, "service_usage", lambda prompt: next(said)) == 1
    shown = capsys.readouterr().out
    assert "The facility: which column holds it?" in shown
    assert "no register of facilities to find them in. Load the register first." in shown
    assert "what does" not in shown


def test_check_loads_a_file_whose_proposal_is_certain(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(table_of(NAMED["kobo feedback by names"], data).path)]) == 1
    shown = capsys.readouterr().out
    assert "turned this submission down" in shown
    assert re.search(r"feedback +3 +2 +1 +0 +0", shown)


def test_check_refuses_a_file_that_can_be_read_in_two_ways(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("two columns for the day it was handed in", "days up to twelve", "yes and no as 1 and 2", "a status of something else"):
        assert main(["check", str(table_of(NAMED[name], data).path)]) == 2, name
        assert "more than one way" in capsys.readouterr().out


def test_check_does_not_use_a_likely_column_unseen(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(table_of(NAMED["months that stood across"], data).path)]) == 2
    assert "python -m etl map" in capsys.readouterr().out


def test_american_dates_under_the_contracts_own_names_are_read_as_they_are_meant(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "request_id,commune_code,service_code,submitted_date\nR1,070101,family_book,03/04/2024\nR2,070101,family_book,03/25/2024\n"
    assert main(["check", str(table_of(Case("own names", text, ""), data).path)]) == 0


WORDS = ["sex", "Sex / ភេទ", "visit/sex", "commune", "commune_code", "date", "date submitted", "Closed Date", "status", "rating",
         "speed (1-5)", "id", "_uuid", "meta/rootUuid", "_submission_time", "value", "period", "service", "facility", "age",
         "a\"b", "#", "", "ខែ", "ReviewState"]  # fmt: skip
CELLS = ["", "1", "2", "f", "H", "M", "03/04/2024", "25/04/2024", "04/25/2024", "01/02/03", "45385", "2024-01", "070101", "70101", "Chhuk",
         "yes", "rejected", "មករា 2024", "5 - good", "\"", "'", "\\", "\u2028", "=1+1", "on hold", "a\tb"]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    headers=st.lists(st.sampled_from(WORDS), min_size=1, max_size=9),
    cells=st.lists(st.sampled_from(CELLS), min_size=9, max_size=45),
    chosen=st.sampled_from(["", *SOURCE_BY_NAME]),
)
def test_whatever_a_file_holds_the_proposal_is_a_file_that_can_be_read(
    tmp_path: Path, known: Known, headers: list[str], cells: list[str], chosen: str
) -> None:
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        rows = [cells[number : number + len(headers)] for number in range(0, len(cells) - len(headers) + 1, len(headers))]
        csv.writer(opened).writerows([headers, *rows])
    try:
        table = csv_reader.open_table(path, csv_reader.scan(path), tmp_path / "tidy.csv")
    except Problem:
        return   # no header at all
    proposal = propose(table, SOURCES, known, source=chosen, today=TODAY)
    written = tomllib.loads(proposal.to_toml())
    assert written.get("source", "") == proposal.source
    used = [header for one in (*proposal.taken, *proposal.places) for header in one.column.headers]
    assert set(used) <= set(table.headers)
    (tmp_path / "any.toml").write_text(proposal.to_toml(), encoding="utf-8")
    if proposal.is_complete:
        assert read_mapping(tmp_path / "any.toml", SOURCE_BY_NAME).source == proposal.source
