"""Does the data package open with the tools it is made for, and hold no more than is published?"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import pandas as pd
import pyarrow.parquet as pq
import pytest
from screen import data_of

import warehouse
from metrics import catalogue
from metrics.query import Query, ask
from reports import package, package_tables
from reports.__main__ import main
from reports.package_tables import REGISTERS


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package of the small demonstration, unpacked."""
    folder: Path = tmp_path_factory.mktemp("package")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
        assert main(["package", "--to", str(folder / "package.zip")]) == 0
        with zipfile.ZipFile(folder / "package.zip") as packed:
            packed.extractall(folder)
        yield folder


@pytest.fixture
def described(opened: Path) -> dict[str, Any]:
    return json.loads((opened / "datapackage.json").read_text(encoding="utf-8"))


def test_frictionless_finds_every_table_valid_with_its_size_and_hash(opened: Path) -> None:
    found = frictionless.validate(str(opened / "datapackage.json"))
    assert found.valid, found.flatten(["name", "type", "message"])[:5]
    assert len(found.tasks) > 20 and all(task.stats["rows"] for task in found.tasks)


def test_frictionless_would_notice_a_figure_that_is_no_number(opened: Path, tmp_path: Path) -> None:
    shutil.copytree(opened, tmp_path / "bad")
    table = tmp_path / "bad" / "data" / "partners.csv"
    table.write_text(table.read_text(encoding="utf-8") + "one cell too few\n", encoding="utf-8")
    assert not frictionless.validate(str(tmp_path / "bad" / "datapackage.json")).valid


def test_every_column_of_every_table_is_described(opened: Path, described: dict[str, Any]) -> None:
    for resource in described["resources"]:
        header = (opened / resource["path"]).read_text(encoding="utf-8").split("\n", 1)[0].split(",")
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == header
        assert all(field["type"] and field["title"] and field["description"] for field in fields)
        assert resource["title"] and resource["description"]
    assert {register.name.replace("_", "-") for register in REGISTERS} - {one["name"] for one in described["resources"]} <= {"rules"}


def test_pandas_and_duckdb_read_the_same_rows_from_both_kinds_of_file(opened: Path, described: dict[str, Any]) -> None:
    for resource in described["resources"]:
        flat = pd.read_csv(opened / resource["path"], dtype=str)
        rows = duckdb.sql(f"select count(*) from read_parquet('{opened / resource['parquet']['path']}')").fetchall()
        assert rows == [(len(flat),)] == [(resource["rows"],)]


def test_figures_are_those_of_the_pages_and_hidden_ones_have_a_status_only(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    figures = pd.read_parquet(opened / "data" / "figures_requests.parquet")
    hidden = figures[figures["status"] == "hidden"]
    assert len(hidden) > 50 and hidden[["value", "n", "low", "high"]].isna().all().all()
    assert (figures.loc[figures["status"] == "shown", "value"].notna()).all()
    for level, by in (("district", ()), ("province", ("service",))):
        mine = figures[(figures["measure"] == "requests") & (figures["place_level"] == level) & (figures["period"] == "quarter")]
        mine = mine[mine["service_code"].notna() == bool(by)]
        page = ask(Query(("requests",), by=(level, *by), period="quarter")).table
        page = page[page["requests_status"] != "no_data"]
        keys = ["place_code", "period_start", *(["service_code"] if by else [])]
        page = page.rename(columns={f"{level}_code": "place_code"}).assign(period_start=pd.to_datetime(page["period_start"]).dt.date)
        both = mine.merge(page, on=keys, how="outer", indicator=True)
        assert len(both) and (both["_merge"] == "both").all()
        assert (both["value"].fillna(-1) == both["requests"].fillna(-1)).all()


def test_what_is_hidden_whole_is_left_out_and_named(opened: Path, described: dict[str, Any]) -> None:
    said = next(one["description"] for one in described["resources"] if one["name"] == "figures-requests")
    assert "requests, district, service, quarter" in said
    figures = pd.read_parquet(opened / "data" / "figures_requests.parquet")
    left_out = (figures["place_level"] == "district") & (figures["period"] == "quarter") & figures["service_code"].notna()
    assert not (left_out & (figures["measure"] == "requests")).any()


def test_no_count_of_a_few_is_in_any_table_of_figures(opened: Path) -> None:
    for metric in catalogue():
        table = opened / "data" / f"figures_{metric.fact.name}.parquet"
        if metric.fact.hidden_as and metric.is_count and table.is_file():
            mine = pd.read_parquet(table, filters=[("measure", "==", metric.name)])
            assert not ((mine["value"] > 0) & (mine["value"] < 10)).any(), metric.name


def test_it_says_what_it_is_and_that_it_is_invented(described: dict[str, Any], opened: Path) -> None:
    assert described["build"]["is_demonstration"] and "DEMONSTRATION" in described["description"]
    assert described["version"] == described["build"]["build_id"] and described["build"]["data_to"]
    assert described["privacy"] and described["caveats"]["visits"] and described["sources"] and described["licenses"]
    assert described["version"] in (opened / "README.md").read_text(encoding="utf-8")


def test_real_figures_claim_no_licence_that_nobody_gave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("feedback only")))
    monkeypatch.setenv("COMMUNE_PULSE_ADDRESS", "https://pulse.example.org")
    build = warehouse.current_build()
    assert build is not None
    package.write(build, tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as packed:
        told = json.loads(packed.read("datapackage.json"))
        answers = pd.read_csv(io.BytesIO(packed.read("data/figures_feedback.csv")))
    assert "licenses" not in told and "ask whoever publishes" in told["rights"]
    assert told["homepage"] == f"https://pulse.example.org/explore?build={build.build_id}"
    assert len(answers)


def test_a_package_that_could_not_be_finished_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("feedback only")))
    build = warehouse.current_build()
    assert build is not None

    def dies(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(package, "_describe", dies)
    with pytest.raises(warehouse.DiskProblem), warehouse.disk_told():
        package.write(build, tmp_path / "p.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_text_of_the_csv_is_not_run_by_a_spreadsheet_and_parquet_keeps_it(tmp_path: Path) -> None:
    folder = tmp_path / "people's data"
    folder.mkdir()
    titles = ['=HYPERLINK("http://x.org")', "@SUM(A1)", "+855 12 345 678", "-5", "", "ឃុំ", None]
    fields = (package_tables.text("title", "Title", "A title."), package_tables.count("rows", "Rows", "How many."))
    pq.write_table(package._typed(pd.DataFrame({"title": titles, "rows": -1}), fields), folder / "events.parquet")
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as packed:
        assert package._pack(packed, folder / "events.parquet", "", "", fields, [])["rows"] == len(titles)
    with zipfile.ZipFile(tmp_path / "p.zip") as packed:
        flat = pd.read_csv(io.BytesIO(packed.read("data/events.csv")), keep_default_na=False)
        whole = pq.read_table(io.BytesIO(packed.read("data/events.parquet")))
    assert flat["title"].tolist() == [f"'{titles[0]}", f"'{titles[1]}", *titles[2:6], ""]
    assert flat["rows"].tolist() == [-1] * len(titles) and whole["title"].to_pylist() == titles


def test_the_books_are_told_by_source_so_that_no_file_tells_a_hidden_cell(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    names = warehouse.read("select distinct file_name from quality.loads")["file_name"]
    told = pd.read_csv(opened / "data" / "sources.csv")
    rows = warehouse.read("select source, sum(rows_loaded)::bigint as n from quality.loads group by 1 having n >= 10")
    assert dict(zip(told["source"], told["rows_loaded"], strict=True)) == dict(zip(rows["source"], rows["n"], strict=True))
    read = told["rows_loaded"] + told["rows_set_aside"] + told["rows_superseded"] + told["rows_deleted"]
    assert (told["rows_read"] == read).all()
    rules = opened / "data" / "rules.csv"
    assert not rules.is_file() or pd.read_csv(rules)["rows"].min() >= 10
    texts = [path.read_text(encoding="utf-8") for path in (opened / "data").glob("*.csv") if not path.stem.startswith("figures_")]
    assert len(names) and not [name for name in names for text in texts if name in text]


def test_a_kept_package_goes_with_its_build_and_a_file_of_the_operator_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(data_of("feedback only"), tmp_path / "data")
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path / "data"))
    build = warehouse.current_build()
    assert build is not None
    folder = package.kept(build).parent
    folder.mkdir(exist_ok=True)
    gone = package.kept(build).name.replace(build.build_id, "2020-01-01a")
    for name in (gone, "mine.zip"):
        (folder / name).write_bytes(b"x")
    kept = package.keep(build)
    assert {path.name for path in folder.iterdir()} == {kept.name, "mine.zip"}
