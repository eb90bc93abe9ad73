"""Does the page of the results framework tell every indicator, at any day, in both languages, on every kind of build?"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
import streamlit as st
from screen import data_of
from streamlit.testing.v1 import AppTest

from charts import indicator_words as words
from metrics import logframe
from metrics.query import Filters
from text import set_language

HOUSE = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _in_the_house(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(HOUSE)
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    set_language("en")
    yield
    set_language("en")
    st.cache_resource.clear()


def opened(**query: str) -> AppTest:
    at = AppTest.from_file(str(HOUSE / "dashboard.py"), default_timeout=120)
    at.run()
    at.switch_page("pages/results.py")
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception and not at.error and not at.warning, written(at)
    return at


def written(at: AppTest) -> str:
    kinds = ("markdown", "html", "warning", "error", "info")
    return " ".join(str(block.value) for kind in kinds for block in at.get(kind) if hasattr(block, "value"))


def test_the_answer_counts_the_indicators_as_the_framework_does() -> None:
    at = opened()
    assert words.finding(logframe.framework()) in written(at)
    assert "An invented example" in written(at)


def test_another_day_is_kept_in_the_address_and_changes_the_answer() -> None:
    day = date(2025, 6, 30)
    at = opened(as_of="2025-06-30", years="fiscal")
    assert words.finding(logframe.framework(as_of=day)) in written(at)
    assert at.selectbox(key="choose day").value == day
    at.selectbox(key="choose day").set_value(date(2026, 6, 30)).run()
    assert at.query_params["as_of"] in ("2026-06-30", ["2026-06-30"])
    assert words.finding(logframe.framework(as_of=date(2026, 6, 30))) in written(at)
    at.segmented_control(key="choose years").set_value("calendar").run()
    assert "years" not in at.query_params and not at.exception


def test_a_day_that_is_none_means_the_newest() -> None:
    assert words.finding(logframe.framework()) in written(opened(as_of="soon"))


@pytest.mark.parametrize("language", ["en", "km"])
@pytest.mark.parametrize("code", ["IM1.2", "OC1.1", "OP1.2", "OP1.3", "OP2.1"])
def test_an_indicator_opens_its_trend_its_parts_and_its_definition(code: str, language: str) -> None:
    at = opened(indicator=code, lang=language)
    figures = [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]
    assert len(figures) == 1
    go.Figure(figures[0])  # raises ValueError for what plotly does not know
    set_language(language)
    one = next(each.indicator for each in logframe.framework() if each.indicator.code == code)
    assert words.definition(one) in written(at) and words.told(one.sources) in written(at)


def test_the_figures_of_a_place_are_those_of_its_own_framework() -> None:
    at = opened(province="07", indicator="OC1.2")
    assert words.finding(logframe.framework(where=Filters(province="07"))) in written(at)
    assert "Targets of counts are those of the whole programme" in written(at)


@pytest.mark.parametrize("language", ["en", "km"])
def test_with_feedback_only_most_cannot_be_told_and_none_is_zero(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("feedback only")))
    at = opened(lang=language, indicator="OP1.1")
    found = logframe.framework()
    assert sum(each.progress == "untold" for each in found) > 10
    assert not [each.indicator.code for each in found if each.current.is_known and each.current.value == 0]
    set_language(language)
    assert words.finding(found) in written(at)


def test_the_overview_leads_to_it() -> None:
    at = AppTest.from_file(str(HOUSE / "dashboard.py"), default_timeout=120).run()
    assert [link for link in at.get("page_link") if "results" in str(link.proto)]
