"""Does an answer tell what it is when it leaves the house?"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import openpyxl
import pandas as pd
import pytest
import small_warehouse

import warehouse
from metrics import catalogue, export, permalink, places
from metrics.__main__ import main
from metrics.query import Filters, Query, Result, ask

ROWS = {
    "marts.agg_requests": [
        {"commune_code": "070101", "service_code": "birth", "month": date(2024, 1, 1), "requests": 40, "due": 40, "met": 30},
        {"commune_code": "070102", "service_code": "birth", "month": date(2024, 1, 1), "requests": 4, "due": 4, "met": 1},
    ],
    "privacy.hidden_cells": [small_warehouse.hidden("requests", "070102", "year", date(2024, 1, 1))],
    "quality.loads": [{"load_id": 1, "source": "feedback", "file_name": "=cmd|' /C calc'!A0", "rows_read": 3}],
}


@pytest.fixture(scope="module", autouse=True)
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("export")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMUNE_PULSE_DATA", str(folder))
        yield small_warehouse.publish(folder, ROWS, is_demonstration=True)


@pytest.fixture
def result() -> Result:
    return ask(Query(("requests", "within_standard_pct"), ("commune",), "year", Filters(province="07")))


def test_a_csv_reads_as_a_plain_table_and_names_its_build(result: Result) -> None:
    table = pd.read_csv(io.BytesIO(export.to_csv(result)), dtype=str)
    assert table.loc[0, ["commune_code", "commune", "requests", "requests_status", "filters"]].tolist() == [
        "070101", "Commune 070101", "40.0", "shown", "province=07",
    ]  # fmt: skip
    assert table["requests"].isna().tolist() == [False, True]
    assert set(table["build_id"]) == {result.build_id}
    assert table["data"].str.startswith("DEMONSTRATION").all()
    assert "Requests completed within the official time" in table.loc[0, "about"]


def test_a_workbook_says_hidden_in_words_and_has_a_sheet_about(result: Result) -> None:
    book = openpyxl.load_workbook(io.BytesIO(export.to_xlsx(result)))
    rows = [[cell.value for cell in row] for row in book["Table"].iter_rows()]
    assert rows[0][0].startswith("DEMONSTRATION")
    assert rows[2][0] == "070101"
    assert "Hidden to protect small groups" in rows[3]
    about = dict([cell.value for cell in row] for row in book["About"].iter_rows())
    assert about["build_id"] == result.build_id
    assert about["filters"] == "province=07"
    assert about["sql"].startswith("with counted")


def test_json_carries_the_same_figures_and_words(result: Result) -> None:
    document = json.loads(export.to_json(result))
    assert document["about"].items() >= export.about(result).items()
    assert document["rows"][0]["requests"] == 40
    assert document["rows"][1]["requests"] is None
    assert document["rows"][1]["requests_status"] == "hidden"


def test_every_file_names_the_address_that_answers_it_again_with_its_build(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_ADDRESS", "https://pulse.example.org/")
    link = export.about(result)["link"]
    assert link.startswith("https://pulse.example.org/explore?")
    asked = dict(parse_qsl(urlsplit(link).query))
    assert asked.pop("build") == result.build_id
    again = ask(Query.from_params({name: "" if value == "none" else value for name, value in asked.items()}), result.build_id)
    pd.testing.assert_frame_equal(again.table, result.table)
    assert link in pd.read_csv(io.BytesIO(export.to_csv(result)), dtype=str).loc[0, "about"]


def test_the_address_is_the_programmes_own_and_never_that_of_the_example(result: Result) -> None:
    assert permalink.address() == "" and export.about(result)["link"].startswith("explore?")
    assert export.about(result, "http://pulse.local")["link"].startswith("http://pulse.local/explore?")
    own = (warehouse.reference_folder() / "programme.toml").read_text(encoding="utf-8").replace("is_example = true", "")
    file = warehouse.data_folder() / "programme.toml"
    file.write_text(own.replace("http://localhost:8501", "https://pulse.example.org/"), encoding="utf-8")
    assert export.about(result, "http://pulse.local")["link"].startswith("https://pulse.example.org/explore?")
    file.write_text("not toml", encoding="utf-8")
    assert permalink.address() == ""
    file.unlink()


def test_a_table_that_is_no_answer_says_as_much_in_both_files(build: str) -> None:
    table = pd.DataFrame({"office": ["=A1", "Kep"], "since": [date(2024, 1, 2), None], "days": [3, None]})
    metric = catalogue()["requests"]
    told = export.Told(table, warehouse.build(build), "What offices say.", {"province": "07"}, (metric,), "https://x.org/actions?build=b")
    flat = pd.read_csv(io.BytesIO(export.table_to_csv(told)), dtype=str)
    book = openpyxl.load_workbook(io.BytesIO(export.table_to_xlsx(told)))
    about = dict([cell.value for cell in row] for row in book["About"].iter_rows())
    for name, said in about.items():
        assert said in (flat.loc[0, name] if name in flat else flat.loc[0, "about"])
    assert about["build_id"] == build and about["filters"] == "province=07" and about["link"] in flat.loc[0, "about"]
    assert metric.definition in about[metric.label]
    assert [cell.data_type for cell in book["Table"][3]] == ["s", "d", "n"]


def test_a_text_that_looks_like_a_formula_is_not_run_by_a_spreadsheet() -> None:
    files = ask(Query(("rows_read",), ("file",)))
    assert pd.read_csv(io.BytesIO(export.to_csv(files)))["file"][0].startswith("'=")
    assert openpyxl.load_workbook(io.BytesIO(export.to_xlsx(files)))["Table"]["A3"].data_type == "s"


def test_places_have_names_in_both_languages_and_only_those_with_data_are_in_the_tree() -> None:
    assert places.names(language="en")["0701"] == "District 0701"
    assert places.names(language="km")["0701"] == "ស្រុក 0701"
    assert places.tree()["commune_code"].tolist() == ["070101", "070102"]


def test_the_command_line_gives_the_figures_of_the_page(result: Result, capsys: pytest.CaptureFixture[str]) -> None:
    filters = ["--province", "07", "--from", "2024-01", "--to", "2024-12"]
    question = ["query", "requests", "within_standard_pct", "--by", "commune", "--period", "year", *filters, "--format"]
    assert main([*question, "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["within_standard_pct"] for row in rows] == [75, None]
    assert result.table["within_standard_pct"].tolist()[0] == 75
    assert main([*question, "table", "--sql"]) == 0
    assert "DEMONSTRATION" in capsys.readouterr().out
