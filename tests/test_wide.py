"""Does a sheet with one column a criterion, or one a step and its votes, become rows, once a person has said so, and never before?"""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from foreign_files import Case, table_of
from small_files import Write, ask

from etl import forget
from etl.fit import known_lists
from etl.mapping import read_mapping, read_mappings
from etl.pipeline import build_warehouse
from etl.proposal import Proposal, propose
from etl.proposed import FINGERPRINT
from etl.sources import SOURCES
from warehouse import Problem

TODAY = date(2026, 11, 24)
SOURCE_BY_NAME = {one.name: one for one in SOURCES}

# Two languages, a number and a scale in a header, an empty cell, a Khmer figure, a score off the scale in line 3,
# a criterion nobody knows, a person's name.
WIDE = """\
Date,Province,District,Commune,Village,Sector,Citizen/Provider,No. participants,No. of women,1. Waiting time (1-5),\
Staff attitude / អាកប្បកិរិយា,Medicines,អនាម័យ,Shade,Facilitator
05/03/2024,Kampot,Chhuk,Ba Niev,Prey Thom,Health center,Citizen,27,16,2,3,4,,1,Sok Dara
14/03/2024,Kampot,Chhuk,Ba Niev,Trapeang,Health center,Citizen,31,18,1,9,5,៣,,Sok Dara
21/03/2024,Kampot,Chhuk,Ba Niev,,Health center,Service Provider,12,4,4,4,5,3,2,Chan Thy
"""
VOTES = """\
Meeting no,Date of meeting,Commune code,Sector,Scored by,Criteria,No of participants,1,2,3,4,5
M1,15/03/2024,070301,Health center,users,waiting time,24,10,2,3,4,
M1,15/03/2024,070301,Health center,users,medicines,24,0,2,3,14,5
"""
WORDS = ("Very bad", "Bad", "Fair", "Good", "Very good")
ANSWERS = {"rows": "all", "column:meeting_id": FINGERPRINT, "scale": "1-5"}


def proposed(text: str, folder: Path, **answers: str) -> Proposal:
    """What is proposed for a file; `rows="known"` answers the question of that name."""
    return propose(table_of(Case("wide", text, ""), folder), SOURCES, answers=answers, today=TODAY)


def sent(write: Write, text: str, proposal: Proposal) -> list[tuple[object, ...]]:
    """Build from the file and its mapping; returns the books: read, loaded, set aside, superseded."""
    write("wide.csv", text)
    toml = write("wide.toml", proposal.to_toml())
    build_warehouse(toml.parent, is_demonstration=False)
    return ask("select rows_read, rows_loaded, rows_set_aside, rows_superseded from quality.loads where source = 'scorecards'")


def test_columns_that_are_criteria_are_asked_about_once_and_first(tmp_path: Path) -> None:
    proposal = proposed(WIDE, tmp_path)
    assert proposal.source == "scorecards"
    assert [question.key for question in proposal.questions] == ["rows", "column:meeting_id", "scale"]
    asked = proposal.questions[0]
    assert asked.is_required and not proposal.is_certain
    known = ("1. Waiting time (1-5)", "Staff attitude / អាកប្បកិរិយា", "Medicines", "អនាម័យ")
    assert [one.answer for one in asked.candidates] == ["known", "all", "no"]
    assert proposal.columns_to_rows.columns == known and proposal.also_across == ("Shade",)
    told = proposed(WIDE, tmp_path, rows="all")
    assert told.columns_to_rows.columns == (*known, "Shade")
    assert [question.key for question in told.questions if question.is_required] == ["column:meeting_id", "scale"]
    assert dict(told.values["category"]) == {"1. waiting time (1-5)": "time", "staff attitude / អាកប្បកិរិយា": "staff_attitude"}


KHMER = """\
ថ្ងៃប្រជុំ,ឃុំ,វិស័យ,អ្នកដាក់ពិន្ទុ,ចំនួនអ្នកចូលរួម,ពេលវេលារង់ចាំ និងដំណើរការ,ឱសថ,អនាម័យ
15/03/2024,បានៀវ,មណ្ឌលសុខភាព,ប្រជាពលរដ្ឋ,២៧,២,៣,៤
"""
HEADED = """\
Date,Commune,Scored by,No. participants,Scores / Waiting time,Scores / Medicines
15/03/2024,Ba Niev,users,27,2,3
"""


@pytest.mark.parametrize(("text", "categories"), [(KHMER, ["time", "medicines", "cleanliness"]), (HEADED, ["time", "medicines"])])
def test_criteria_are_known_in_khmer_and_below_a_heading(text: str, categories: list[str], tmp_path: Path) -> None:
    proposal = proposed(text, tmp_path, rows="known")
    assert len(proposal.columns_to_rows.columns) == len(categories)
    assert not [question for question in proposal.questions if question.target == "category"]
    told = proposal.values.get("category", {})
    known = known_lists(SOURCES, None).spellings["criteria"]
    headers = [header.lower() for header in proposal.columns_to_rows.columns]
    assert [told.get(header) or known[header] for header in headers] == categories


def test_a_sheet_without_participants_is_turned_once_its_source_is_told(tmp_path: Path) -> None:
    text = WIDE.replace("No. participants", "Pax")
    assert proposed(text, tmp_path).columns_to_rows.columns == ()
    assert len(proposed(text, tmp_path, source="scorecards").columns_to_rows.columns) == 4


def test_no_rows_are_made_when_a_person_says_no(tmp_path: Path) -> None:
    refused = proposed(WIDE, tmp_path, rows="no")
    assert refused.columns_to_rows.columns == () and "columns_to_rows" not in refused.to_toml()


@pytest.mark.parametrize(
    "text",
    [
        "Date,Commune,Sector,Sex,Age,Waiting time,Staff attitude,Medicines\n05/03/2024,Ba Niev,Health center,F,34,2,3,4\n",
        "Date,Commune,No. participants,Criteria,Score,Waiting time,Medicines\n05/03/2024,Ba Niev,27,Medicines,2,3,4\n",
        "Date,Commune,No. participants,Waiting time,Medicines\n05/03/2024,Ba Niev,27,too long,none left\n",
    ],
    ids=["one person's ratings", "long already", "words"],
)
def test_what_only_looks_like_a_scorecard_is_not_turned(text: str, tmp_path: Path) -> None:
    assert proposed(text, tmp_path).columns_to_rows.columns == ()


def test_the_scale_in_the_headers_is_told_where_the_cells_keep_to_it(tmp_path: Path) -> None:
    told = proposed(WIDE.replace(",9,", ",5,"), tmp_path, rows="known")
    assert (told.constants["scale_min"], told.constants["scale_max"]) == ("1", "5")
    assert next(one for one in proposed(WIDE, tmp_path).questions if one.key == "scale").candidates[0].answer == "1-5"


def test_a_proposal_cannot_be_used_before_its_columns_are_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "wide.toml"
    path.write_text(proposed(WIDE, tmp_path, **{**ANSWERS, "rows": ""}).to_toml(), encoding="utf-8")
    with pytest.raises(Problem, match="does not say yet which columns become rows"):
        read_mapping(path, SOURCE_BY_NAME)
    proposal = proposed(WIDE, tmp_path, **ANSWERS)
    path.write_text(proposal.to_toml(), encoding="utf-8")
    assert replace(read_mapping(path, SOURCE_BY_NAME), path=None, ignore=()) == replace(proposal.mapping(), ignore=())


def test_a_partners_wide_sheet_is_counted_with_balanced_books(tmp_path: Path, write: Write, nothing_hidden: None) -> None:
    proposal = proposed(WIDE, tmp_path, **ANSWERS)
    assert not [question for question in proposal.questions if question.is_required]
    assert sent(write, WIDE, proposal) == [(13, 12, 1, 0)]
    found = ask("select category, scored_date, people, score_pct from marts.scored_criteria order by all")
    assert [(category, people, share) for category, _, people, share in found] == [
        ("cleanliness", 31, 50.0),
        ("medicines", 58, 87.5),
        ("something_else", 27, 0.0),
        ("staff_attitude", 27, 50.0),
        ("time", 58, 12.5),
    ]
    assert ask("select count(*), count(distinct (meeting_id, side, criterion)), count(distinct meeting_id) from staging.scorecards") == [
        (12, 12, 3)
    ]
    assert ask("select distinct facts from quality.loads") == [("columns_to_rows",)]


@pytest.mark.parametrize(("above", "shift"), [("", 0), ("Scorecards of 2024\n\n", 2)], ids=["plain", "below a title"])
def test_a_wrong_cell_is_set_aside_alone_with_its_line_and_nobodys_name(
    above: str, shift: int, tmp_path: Path, write: Write, nothing_hidden: None
) -> None:
    sent(write, above + WIDE, proposed(WIDE, tmp_path, **ANSWERS))
    ((line, rules, row),) = ask("select line, array_to_string(rules, ','), row_masked from quality.rejected_rows")
    assert (line, rules) == (3 + shift, "score_on_scale")
    assert '"criterion":"•••"' in str(row) and '"score":"9"' in str(row)  # of a meeting of few people only what is wrong is shown
    assert '"Facilitator":"•••"' in str(row) and "Dara" not in str(row)
    lines = ask(f"select line - {shift}, count(*) from staging.scorecards group by line order by line")
    assert lines == [(2, 4), (3, 3), (4, 5)]


def test_a_row_that_does_not_fit_under_the_header_stays_one_row(tmp_path: Path, write: Write, nothing_hidden: None) -> None:
    broken = WIDE + "22/03/2024,Kampot,Chhuk\n"
    assert sent(write, broken, proposed(WIDE, tmp_path, **ANSWERS)) == [(14, 12, 2, 0)]
    assert ask("select line, array_to_string(rules, ',') from quality.rejected_rows order by line") == [
        (3, "score_on_scale"),
        (5, "fits_header"),
    ]


def test_the_sheet_sent_again_with_another_score_replaces_that_score_only(tmp_path: Path, write: Write, nothing_hidden: None) -> None:
    write("a_first.csv", WIDE)
    later = WIDE.replace("27,16,2,3,4", "27,16,5,3,4")
    sent(write, later, proposed(WIDE, tmp_path, **ANSWERS))
    assert ask("select sum(rows_read), sum(rows_loaded), sum(rows_set_aside), sum(rows_superseded) from quality.loads") == [(26, 12, 2, 12)]
    assert ask("select score from staging.scorecards where line = 2 and category = 'time'") == [(5.0,)]


@pytest.mark.parametrize("headers", [("1", "2", "3", "4", "5"), WORDS], ids=["numbers", "words"])
def test_votes_side_by_side_become_the_votes_of_each_step(
    headers: tuple[str, ...], tmp_path: Path, write: Write, nothing_hidden: None
) -> None:
    text = VOTES.replace("1,2,3,4,5\n", ",".join(headers) + "\n", 1)
    first = proposed(text, tmp_path)
    assert first.questions[0].key == "rows" and first.columns_to_rows.columns == headers
    answers = {"rows": "known", "scale": "1-5"} | {f"value:score:{word}": str(step) for step, word in enumerate(WORDS, 1)}
    assert sent(write, text, proposed(text, tmp_path, **answers)) == [(9, 9, 0, 0)]
    found = ask("select category, score_kind, score, votes from staging.scorecards where category = 'time' order by score")
    assert found == [("time", "voted", 1.0, 10), ("time", "voted", 2.0, 2), ("time", "voted", 3.0, 3), ("time", "voted", 4.0, 4)]
    assert ask("select category, people, score_pct from marts.scored_criteria order by all") == [("medicines", 24, 75.0), ("time", 19, 0.0)]


FAULTS = [
    (lambda text: text.replace('cell = "score"', 'cells = "score"'), "Did you mean 'cell'"),
    (lambda text: text.replace('header = "criterion"', 'header = "words"'), "makes 'words', but no column reads it"),
    (lambda text: text.replace('attendees = "No. participants"', 'attendees = "Medicines"'), "'Medicines' stands under .columns_to_rows"),
    (lambda text: re.sub(r"columns = .*\n", "", text, count=1), "does not say yet which columns"),
]


@pytest.mark.parametrize(("change", "said"), FAULTS, ids=["word", "unread", "twice", "none"])
def test_a_fault_in_the_declaration_is_told(change: object, said: str, tmp_path: Path) -> None:
    path = tmp_path / "wide.toml"
    assert callable(change)
    path.write_text(change(proposed(WIDE, tmp_path, **ANSWERS).to_toml()), encoding="utf-8")
    with pytest.raises(Problem, match=said):
        read_mapping(path, SOURCE_BY_NAME)


def test_a_file_without_one_of_the_columns_or_with_the_new_ones_is_refused(tmp_path: Path, write: Write, nothing_hidden: None) -> None:
    toml = proposed(WIDE, tmp_path, **ANSWERS).to_toml()
    by_name = re.sub(r"\[recognise\]\nheaders = .*", '[recognise]\nfiles = ["*.csv"]', toml)
    lacking = WIDE.replace("Medicines", "Drugs")
    there = WIDE.replace("Facilitator", "Criterion")
    for name, text in (("lacking.csv", lacking), ("there.csv", there), ("good.csv", WIDE)):
        write(name, text)
    build_warehouse(write("wide.toml", by_name).parent, is_demonstration=False)
    notes = dict(ask("select file_name, note from quality.loads where status = 'refused'"))
    assert "has no column 'Medicines'" in str(notes["lacking.csv"]) and "has a column 'Criterion' already" in str(notes["there.csv"])


def test_the_columns_of_a_key_that_lies_across_are_looked_into_when_somebody_is_forgotten(tmp_path: Path, write: Write) -> None:
    write("wide.toml", proposed(WIDE, tmp_path, **ANSWERS).to_toml())
    headers = WIDE.splitlines()[0].split(",")
    found = forget._columns_of_people(headers, "wide.csv", read_mappings(tmp_path / "inbox", SOURCE_BY_NAME))
    assert headers.index("Medicines") in found and headers.index("Facilitator") not in found
