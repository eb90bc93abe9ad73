"""Does every page open in every language on every kind of build, and never with a traceback?"""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import duckdb
import pandas as pd
import plotly.graph_objects as go
import pytest
import streamlit as st
from screen import data_of
from streamlit.testing.v1 import AppTest

import warehouse
from etl import api
from metrics import places, read_verdicts
from metrics.compare import before_after_by_service
from metrics.query import Query, ask
from metrics.question import Filters
from ui import blocks
from ui.router import PAGES

HOUSE = Path(__file__).resolve().parents[1]
NAMES = [page.name for page in PAGES]


def opened(page: str, **query: str) -> AppTest:
    """A page as a visitor with this address sees it."""
    at = AppTest.from_file(str(HOUSE / "dashboard.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    if page != "overview":
        at.switch_page(f"pages/{page}.py")
        for name, value in query.items():
            at.query_params[name] = value
        at.run()
    return at


def words(at: AppTest) -> str:
    """Everything that is written on the page."""
    return " ".join(
        str(block.value) for kind in ("markdown", "html", "warning", "error", "info") for block in at.get(kind) if hasattr(block, "value")
    )


@pytest.fixture(autouse=True)
def _in_the_house(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(HOUSE)
    yield
    st.cache_resource.clear()


@pytest.mark.parametrize("kind", ["demonstration", "feedback only"])
@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize("page", NAMES)
def test_every_page_opens(page: str, language: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of(kind)))
    at = opened(page, lang=language)
    assert not at.exception
    assert not at.error and not at.warning, words(at)
    assert "<h1" in words(at)


def test_processing_times_open_for_every_commune_however_much_is_hidden_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("processing")
    communes = places.tree()["commune_code"].dropna()
    for commune in communes:
        for service in ("", "death_certificate"):
            at.query_params["commune"], at.query_params["service"] = commune, service
            at.run()
            assert not at.error, f"{commune} {service}: {words(at)}"
    assert len(communes) > 5


def test_processing_times_compare_each_service_by_years(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    together = before_after_by_service("median_processing_days")
    assert any(found.status == "shown" for found in together.values())
    assert "the last calendar year before the programme came" in words(opened("processing"))


# Contribution has none because of twelve communes nothing is told.
NO_FIGURE = ("overview", "results", "changes", "definitions", "commune", "load_data", "contribution")


@pytest.mark.parametrize("page", [name for name in NAMES if name not in NO_FIGURE])
def test_every_figure_passes_the_checks_of_plotly_that_drawing_leaves_out(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    figures = [json.loads(chart.proto.spec) for chart in opened(page).get("plotly_chart")]
    assert figures
    for spec in figures:
        go.Figure(spec)  # raises ValueError for a name or a value that plotly does not know


@pytest.mark.parametrize("page", ["commune", "processing", "feedback", "service_use", "outreach"])
def test_a_commune_from_a_cold_link_opens_on_every_page(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    commune = str(warehouse.read("select min(commune_code) as code from marts.agg_requests")["code"].iloc[0])
    at = opened(page, commune=commune)
    assert not at.exception and not at.error and not at.warning, words(at)
    assert at.session_state["choose commune"] == commune
    assert at.session_state["choose province"] == commune[:2]


def test_visits_are_adjusted_unless_the_address_or_the_reader_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("service_use")
    assert "Seasonally adjusted: every month" in words(at)
    at.segmented_control(key="choose season").set_value("raw").run()
    assert at.query_params["season"] in ("raw", ["raw"]) and "not seasonally adjusted" in words(at)
    assert "not seasonally adjusted" in words(opened("service_use", season="raw"))


def test_completed_requests_only_are_drawn_when_asked_for_and_kept_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("processing")
    assert "It flatters the newest months" not in words(at)
    at.toggle(key="choose completed").set_value(True).run()
    assert at.query_params["completed"] in ("yes", ["yes"]) and "It flatters the newest months" in words(at)
    assert not at.exception and not at.error


def test_a_wrong_value_in_the_address_is_dropped_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("processing", province="99", service="no_such_service")
    assert not at.exception
    assert "99" in words(at) and "no_such_service" in words(at)
    assert at.session_state["choose province"] == ""


def test_choosing_a_province_writes_its_code_into_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("overview")
    province = at.selectbox(key="choose province").options[1]
    at.selectbox(key="choose province").select_index(1).run()
    assert at.query_params["province"][0].isdigit(), province
    assert not at.exception


def test_real_data_carries_no_demonstration_badge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("feedback only")))
    assert "violet-badge" not in words(opened("feedback"))
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    assert "violet-badge" in words(opened("feedback"))


def test_a_link_that_names_a_build_shows_it_and_says_that_it_is_not_the_current_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    current = next((data_of("demonstration") / "warehouse").glob("*.duckdb"))
    (tmp_path / "warehouse").mkdir()
    for build_id in ("2024-01-01a", "2024-01-02a"):
        shutil.copy(current, tmp_path / "warehouse" / f"{build_id}.duckdb")
    (tmp_path / "warehouse" / "CURRENT").write_text("2024-01-02a")
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    older = opened("processing", build="2024-01-01a")
    assert "It is not the current build" in words(older) and "Build 2024-01-01a" in words(older)
    newest = opened("processing")
    assert "It is not the current build" not in words(newest) and "Build 2024-01-02a" in words(newest)
    gone = opened("processing", build="2023-01-01a")
    assert not gone.exception and "There is no build 2023-01-01a" in words(gone) and "Build 2024-01-02a" in words(gone)


@pytest.fixture(scope="module")
def two_builds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small demonstration as two builds of two days, and a third in the archive."""
    folder = tmp_path_factory.mktemp("two builds")
    current = next((data_of("demonstration") / "warehouse").glob("*.duckdb"))
    for place, build_id in (("archive", "2023-01-01a"), ("warehouse", "2024-01-01a"), ("warehouse", "2024-01-02a")):
        (folder / place).mkdir(exist_ok=True)
        shutil.copy(current, folder / place / f"{build_id}.duckdb")
    with duckdb.connect(str(folder / "warehouse" / "2024-01-01a.duckdb")) as older:
        older.execute("update quality.build set built_at = built_at - interval 1 day")
        older.execute("delete from marts.agg_usage where month >= (select max(month) - interval 3 month from marts.agg_usage)")
        older.execute("update quality.definitions set fingerprint = 'other' where name in ('visits', 'marts.agg_usage', 'holidays')")
        older.execute("delete from quality.loads where file_name like '%2024%' and source = 'service_usage'")
    (folder / "warehouse" / "CURRENT").write_text("2024-01-02a")
    return folder


@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize("page", ["overview", "processing", "explore", "changes"])
def test_a_link_to_an_archived_build_says_what_that_means_and_offers_the_current_one(
    page: str, language: str, two_builds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(two_builds))
    at = opened(page, build="2023-01-01a", lang=language)
    assert not at.exception and not at.error and not at.warning, words(at)
    assert "2023-01-01a" in words(at) and "2024-01-02a" in words(at)
    assert [block.value for block in at.code] == ["python -m etl restore 2023-01-01a"]
    assert not at.dataframe and not at.get("plotly_chart"), "no other figures than those that were asked for"
    assert at.query_params["build"] in ("2023-01-01a", ["2023-01-01a"])
    at.button[-1].click().run()
    assert "build" not in at.query_params and "<h1" in words(at) and not at.error


def test_where_the_operator_allows_it_a_visitor_brings_an_archived_build_back(
    two_builds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(two_builds, tmp_path / "data")
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COMMUNE_PULSE_RESTORE", "yes")
    at = opened("processing", build="2023-01-01a")
    assert not at.code
    next(button for button in at.button if "2023-01-01a" in button.label).click().run()
    assert not at.error and "Build 2023-01-01a" in words(at) and "It is not the current build" in words(at)
    assert (tmp_path / "data" / "warehouse" / "2023-01-01a.duckdb").is_file()


def test_a_link_opens_the_same_figures_after_a_newer_build(two_builds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(two_builds, tmp_path / "data")
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "warehouse" / "CURRENT").write_text("2024-01-01a")
    before = opened("explore", measure="visits", by="district", period="year")
    link = next(block.value for block in before.code if "build=" in block.value)
    asked = dict(parse_qsl(urlsplit(link).query))
    assert asked["build"] == "2024-01-01a"
    figures = before.dataframe[0].value
    (tmp_path / "data" / "warehouse" / "CURRENT").write_text("2024-01-02a")
    pd.testing.assert_frame_equal(opened("explore", **asked).dataframe[0].value, figures)
    newest = opened("explore", **{name: value for name, value in asked.items() if name != "build"})
    assert not newest.dataframe[0].value.equals(figures), "the newer build has another month"


@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize("asked", [{}, {"measure": "visits", "level": "commune", "period": "quarter"}, {"level": "province"}])
def test_what_changed_opens_for_every_choice(
    asked: dict[str, str], language: str, two_builds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(two_builds))
    at = opened("changes", lang=language, old="2024-01-01a", **asked)
    assert not at.exception and not at.error and not at.warning, words(at)
    assert at.dataframe and at.get("download_button")
    if language == "en":
        told = words(at)
        assert "yearly figures of the whole programme changed" in told and "Definitions that differ" in told
        why = next(table.value for table in at.dataframe if "Why" in table.value)["Why"]
        assert why.str.contains("new files").all() and why.str.contains("its table made otherwise").any()


def test_an_older_build_leads_to_what_changed_and_names_what_is_defined_otherwise(
    two_builds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(two_builds))
    at = opened("service_use", build="2024-01-01a")
    assert "the way of computing was changed for: Visits" in words(at)
    assert [button.label for button in at.button].count("What changed since?") == 1
    assert "It is not the current build" not in words(opened("changes", old="2024-01-01a"))


@pytest.mark.parametrize("language", ["en", "km"])
def test_with_one_build_there_is_nothing_to_compare(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("changes", lang=language)
    assert not at.exception and not at.error and not at.warning, words(at)


@pytest.mark.parametrize("asked", [
    {"measure": "requests,open_requests", "by": "service", "period": "none"},
    {"measure": "satisfied_pct", "by": "aspect", "period": "year", "sex": "f"},
    {"measure": "rows_read,rows_set_aside", "by": "source", "period": "none"},
])  # fmt: skip
def test_the_link_of_a_file_opens_in_explore_as_it_was_asked(asked: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("explore", **asked)
    assert not at.exception and not at.error and "As the link asks it" in words(at)
    expected = ask(Query.from_params({name: "" if value == "none" else value for name, value in asked.items()})).table
    assert len(at.dataframe[-1].value) == len(expected) > 0
    next(button for button in at.button if button.label == "Choose freely").click().run()
    assert not at.error and "As the link asks it" not in words(at)


TABLES_OF_WORK = ("load_data",)  # what waits to be loaded is no figure yet; its answer for the office is a workbook of its own


@pytest.mark.parametrize("page", [name for name in NAMES if name not in TABLES_OF_WORK])
def test_every_page_with_a_table_takes_it_away_as_csv_and_as_excel(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened(page)
    labels = [button.proto.label for button in at.get("download_button")]
    tables = len(at.dataframe) + len(at.table)
    if tables:
        assert sum("CSV" in label for label in labels) == sum(label == "Excel" for label in labels) > 0
    if page not in ("changes", "commune"):
        assert any("build=" in block.value for block in at.code), "no link with the build"


def test_definitions_tell_how_often_a_verdict_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("definitions", find="verdict")
    assert "How often is a verdict wrong?" in words(at)
    rates = next(table.value for table in at.table if "Wrong, on average" in table.value.columns)
    assert len(rates) == len(read_verdicts.false_alarms())
    assert sorted(set(rates["Months before the start"])) == ["12", "24"]


def test_pages_say_how_targets_are_reached_and_of_how_many_it_cannot_be_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    build = warehouse.current_build()
    assert build is not None and "keep the official times reliably cannot be told yet" in words(opened("processing"))
    shutil.copytree(data_of("demonstration") / "warehouse", tmp_path / "warehouse")
    with duckdb.connect(str(tmp_path / "warehouse" / f"{build.build_id}.duckdb")) as connection:  # no commune of twelve has months enough
        connection.execute(
            "update marts.verdicts set reached = 'sometimes' where metric = 'median_processing_days' "
            "and service_code = 'birth_certificate' and place_code = "
            "(select min(place_code) from marts.verdicts where target is not null and service_code = 'birth_certificate')"
        )
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    for service in ("birth_certificate", None):
        found = read_verdicts.reached(Filters(service=service), "median_processing_days")
        assert found["sometimes"] == 1 and found["untold"] > 0
        said = words(opened("processing", **({"service": service} if service else {})))
        assert f"sometimes in 1, not in 0; for {found['untold']} it cannot be told." in said
    fees = read_verdicts.table(Filters(), "over_fee_pct").sort_values("reached").iloc[0]
    how = {"not": "not reached", "sometimes": "reached sometimes", "reliably": "reached reliably"}.get(
        fees["reached"], "cannot tell yet whether it is reached"
    )
    assert f"Target: 0 %, {how}" in words(opened("commune", commune=fees["place_code"])).replace("\u00a0", " ")


def test_a_word_nobody_defined_is_answered_with_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    assert "nothing was found" in words(opened("definitions", find="zzz"))
    assert "nothing was found" not in words(opened("definitions", find="median"))


@pytest.mark.parametrize("page", NAMES)
def test_without_a_build_the_page_waits_for_the_first_one(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("nothing")))
    told: list[str] = []

    def make_one(progress: Any) -> warehouse.Build:
        progress(0.5, "inventing requests")
        told.append("asked")
        monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
        build = warehouse.current_build()
        assert build is not None
        return build

    monkeypatch.setattr(api, "ensure_build", make_one)
    monkeypatch.setattr("ui.first_build.ensure_build", make_one)
    at = opened(page)
    assert told == ["asked"]
    assert not at.exception and not at.error, words(at)


def test_what_nobody_foresaw_is_told_with_a_number_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    monkeypatch.setattr("reports.sentences.overall", lambda chosen: 1 / 0)
    at = opened("overview")
    assert not at.exception
    assert len(at.error) == 1 and "Traceback" not in at.error[0].value


NEVER_ARRIVED = [
    ("processing", "No requests have arrived"),
    ("service_use", "No reports of visits have"),
    ("outreach", "No reports of information sessions have"),
]


@pytest.mark.parametrize(("page", "said"), NEVER_ARRIVED)
def test_a_page_about_what_never_arrived_says_so_once(page: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("feedback only")))
    at = opened(page)
    assert words(at).count(said) == 1 and "README" in words(at)
    assert "can be computed" not in words(at) and not at.get("plotly_chart")


def test_what_is_said_of_the_programmes_communes_is_never_said_to_be_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    for measure in ("visits", "within_standard_pct", "over_fee_pct", "satisfied_pct"):
        at = opened("contribution", measure=measure)
        assert not at.exception and not at.error and not at.warning, words(at)
        assert "No claim is made" in words(at) and "not proof of cause" in words(at)  # twelve communes are too few


@pytest.mark.parametrize("measure", ["within_standard_pct", "over_fee_pct", "satisfied_pct", "median_processing_days"])
def test_communes_are_compared_by_every_measure_and_never_ranked(measure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("compare", measure=measure)
    assert not at.exception and not at.error and not at.warning, words(at)
    assert "not differences in effort" in words(at) or "Too few communes" in words(at)


def test_an_overview_without_before_and_after_tells_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("feedback only")))
    told = words(opened("overview"))
    assert "Nothing can be compared yet" in told and "satisfied with friendliness (2024)" in told
    assert "has sent something" not in told  # no office is known, so none can be up to date


@pytest.mark.parametrize("page", ["processing", "service_use", "feedback", "outreach"])
def test_months_without_data_are_named_and_can_be_cleared(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened(page, **{"from": "2016-01", "to": "2016-06"})
    assert not at.exception and not at.error and not at.warning, words(at)
    assert "Nothing matches this choice" in words(at) and "Jan 2016 – Jun 2016" in words(at)
    at.button[-1].click().run()
    assert "from" not in at.query_params and "Nothing matches this choice" not in words(at)


@pytest.mark.parametrize("page", ["processing", "service_use", "feedback", "actions", "overview"])
def test_every_district_opens_on_every_page(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    for district in warehouse.read("select distinct left(commune_code, 4) as code from marts.agg_requests order by code")["code"]:
        at = opened(page, district=str(district))
        assert not at.exception and not at.error and not at.warning, (district, words(at))


def test_a_commune_and_a_service_with_hidden_groups_say_so_and_lead_to_the_district(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    commune = str(warehouse.read("select min(commune_code) as code from marts.agg_requests")["code"].iloc[0])
    at = opened("processing", commune=commune, service="marriage_certificate")
    assert not at.exception and not at.error, words(at)
    assert "Hidden to protect small groups" in words(at)
    next(button for button in at.button if button.label == "Show the district").click().run()
    assert at.query_params["district"] in (commune[:4], [commune[:4]]) and "commune" not in at.query_params


@pytest.mark.parametrize("asked", [{}, {"by": "service", "period": "none"}, {"measure": "satisfied_pct", "by": "sex", "period": "year"}])
def test_the_sql_that_explore_shows_can_be_run(asked: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    shown = [block.value for block in opened("explore", **asked).code if block.language == "sql"]
    assert len(shown) == 1
    assert len(warehouse.read(shown[0])) > 0


def test_explore_says_which_part_of_a_link_it_could_not_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("explore", measure="unofficial_payment_pct", by="commune", period="year")
    assert not at.exception and not at.error, words(at)
    assert "commune is not known here and was left out" in words(at)


@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize("asked", [{"province": "07"}, {"commune": "070602"}, {"from": "2025-01"}, {"from": "2026-06"}, {"to": "2016-01"}])
def test_action_plans_open_for_every_choice(asked: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("actions", lang=language, **asked)
    assert not at.exception and not at.error and not at.warning, words(at)


def test_action_plans_name_whose_turn_it_is_and_follow_low_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("actions")
    told = words(at)
    for sentence in ("agreed actions", "past their due date", "no longer low", "Low scores rise by themselves", "three full cycles"):
        assert sentence in told
    late = next(table.value for table in at.dataframe if "Next step" in table.value and "What was agreed" in table.value)
    assert late["Next step"].str.contains("due since").all()


def test_the_card_of_agreed_actions_says_that_nothing_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    told = words(opened("overview"))
    assert "of the agreed actions were done within a year" in told
    assert "it is there only since the programme came" in told and "No before" in told
    assert "agreed actions are past their due date" in told


def test_a_build_without_plans_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("feedback only")))
    assert words(opened("actions")).count("No action plans have arrived yet") == 1
    assert "past their due date" not in words(opened("overview"))  # what never arrived needs no attention


@pytest.mark.parametrize("where", [{}, {"category": "time"}, {"facility_type": "primary_school", "category": "fee"}, {"covered": "no"}])
def test_scorecards_open_for_every_choice_of_place_kind_and_criterion(where: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("scorecards", **where)
    assert not at.exception and not at.error and not at.warning, words(at)
    for commune in places.tree()["commune_code"].dropna():
        at.query_params["commune"] = commune
        at.run()
        assert not at.exception and not at.error and not at.warning, f"{commune}: {words(at)}"


def test_a_question_of_explore_can_be_asked_by_criterion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    at = opened("explore", measure="good_score_pct", by="category", period="none")
    assert not at.error and "Citizens give most good scores for" in words(at)
    at = opened("explore", measure="good_score_pct", category="time")
    assert not at.error and "Waiting and processing time" in words(at)


@pytest.mark.parametrize(("page", "chosen"), [("overview", {}), ("commune", {"commune": "first"})])
def test_a_page_gives_its_report_in_every_format(page: str, chosen: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    code = str(places.tree()["commune_code"].dropna().iloc[0])
    at = opened(page, lang="km", **dict.fromkeys(chosen, code))
    offered = [button.label for button in at.get("download_button") if button.key.startswith("report-")]
    assert len(offered) == 3
    with ThreadPoolExecutor(1) as pool:  # a download is made in a thread of its own
        build = warehouse.current_build()
        assert build is not None
        page_made = pool.submit(blocks._made, Filters(commune=code), "km", build, "html").result()
    assert b'<html lang="km">' in page_made and code.encode() in page_made
