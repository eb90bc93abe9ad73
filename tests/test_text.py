"""Does every reader get words, numbers and dates as their language writes them?"""
import ast
import datetime as dt
import math
import string
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import text
from text import date_text, month_text, number, percent, period_text, quarter_text, set_language, t, with_unit

REPOSITORY = Path(__file__).parent.parent
ROOMS = ("pages", "ui", "reports", "charts", "etl", "metrics")
DECLARED_ELSEWHERE = ("metric.", "contract.", "rule.")  # the English of a measure, a column or a rule stands at its declaration


@pytest.fixture(autouse=True)
def english_before_and_after() -> Iterator[None]:
    set_language("en")
    yield
    set_language("en")


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def words_of(code: str) -> dict[str, str]:
    return dict(text.catalogue._texts(code))


def test_a_key_gives_the_words_of_the_language_and_english_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"en": {"a": "yes", "b": "no"}, "km": {"a": "បាទ"}}
    monkeypatch.setattr(text.catalogue, "_texts", words.__getitem__)
    set_language("km")
    assert (t("a"), t("b")) == ("បាទ", "no")
    assert text.missing("km") == ("b",)
    assert text.missing("km", also=["metric.x.label"]) == ("b", "metric.x.label")


def test_values_are_filled_in() -> None:
    assert t("frame.data_to", date="31 Oct 2026") == "Data to 31 Oct 2026"


def test_an_unknown_key_names_the_nearest_one() -> None:
    with pytest.raises(text.UnknownTextKey, match=r"nav\.overview") as raised:
        t("nav.overveiw")
    assert (raised.value.key, raised.value.nearest) == ("nav.overveiw", "nav.overview")


def test_what_declares_its_own_english_needs_no_key_in_en() -> None:
    assert t("metric.visits.label", otherwise="Visits") == "Visits"
    set_language("km")
    assert t("metric.visits.label", otherwise="Visits") != "Visits"
    assert t("metric.no_such_measure.label", otherwise="No {such} measure") == "No {such} measure"


def test_a_language_we_do_not_speak_means_english() -> None:
    set_language("fr")
    assert text.language() == "en"


def test_every_khmer_key_stands_in_english_too() -> None:
    english = set(text.keys())
    assert [key for key in text.keys("km") if key not in english and not key.startswith(DECLARED_ELSEWHERE)] == []


def test_both_languages_fill_in_the_same_values() -> None:
    english, khmer = words_of("en"), words_of("km")
    assert {key: khmer[key] for key in english.keys() & khmer.keys() if placeholders(english[key]) != placeholders(khmer[key])} == {}


def test_khmer_has_the_navigation_the_filters_and_a_label_for_every_measure() -> None:
    from metrics.definitions import catalogue
    labels = [f"metric.{metric.name}.label" for metric in catalogue()]
    assert [key for key in text.missing("km", also=labels) if key.split(".")[0] in ("nav", "filter", "metric")] == []


def test_every_draft_names_something_that_is_there() -> None:
    drafts = text.catalogue._file("km")["review"]["unread"]
    assert [draft for draft in drafts if not any(key == draft or key.startswith(f"{draft}.") for key in text.keys("km"))] == []
    assert set(text.unread("km")) <= set(text.keys("km"))


def test_long_khmer_words_can_break() -> None:
    longest = {key: max(words.replace("\u200b", " ").split(), key=len) for key, words in words_of("km").items() if words}
    assert {key: word for key, word in longest.items() if len(word) > 18 and word[0] >= "\u1780"} == {}


def constant_keys(path: Path) -> Iterator[tuple[str, str]]:
    """Every key that stands in a call `t("…")` or `plural(n, "…", "…")` of a file; keys with a default of their own are left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("t", "plural"):
            if any(keyword.arg == "otherwise" for keyword in node.keywords):
                continue
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield str(path.relative_to(REPOSITORY)), argument.value


def test_every_key_that_the_code_asks_for_is_there() -> None:
    files = [file for room in ROOMS for file in sorted((REPOSITORY / room).rglob("*.py"))]
    asked = [found for file in files for found in constant_keys(file)]
    there = set(text.keys())
    assert [(file, key) for file, key in asked if key not in there] == []


@pytest.mark.parametrize(("value", "decimals", "english", "khmer"), [
    (1234567, 0, "1,234,567", "១.២៣៤.៥៦៧"),
    (1234.56, 1, "1,234.6", "១.២៣៤,៦"),
    (-3, 0, "−3", "−៣"),
    (0.5, 0, "1", "១"),
    (2.5, 0, "3", "៣"),
    (-0.4, 0, "0", "០"),
    (0, 0, "0", "០"),
    (math.nan, 1, "–", "–"),
    (None, 0, "–", "–"),
    (math.inf, 0, "∞", "∞"),
])
def test_numbers_in_both_languages(value: float | None, decimals: int, english: str, khmer: str) -> None:
    assert number(value, decimals) == english
    set_language("km")
    assert number(value, decimals) == khmer


def test_a_year_is_not_grouped_and_a_gain_may_carry_its_sign() -> None:
    assert number(2026, grouped=False) == "2026"
    assert (number(4, sign=True), number(-4, sign=True), number(0, sign=True)) == ("+4", "−4", "0")


def test_a_percent_sign_stands_after_a_space_that_does_not_break() -> None:
    assert percent(71.4) == "71\u00a0%"
    assert percent(float("nan")) == "–"


def test_dates_in_both_languages() -> None:
    day = dt.date(2026, 10, 31)
    assert (date_text(day), month_text(day), quarter_text(day)) == ("31 Oct 2026", "Oct 2026", "Oct–Dec 2026")
    set_language("km")
    assert (date_text(day), month_text(day), quarter_text(day)) == ("៣១ តុលា ២០២៦", "តុលា ២០២៦", "តុលា–ធ្នូ ២០២៦")


def test_a_pandas_timestamp_is_a_date_and_nat_is_none() -> None:
    assert month_text(pd.Timestamp("2026-10-01")) == "Oct 2026"
    assert (date_text(None), month_text(pd.NaT), quarter_text(pd.NaT)) == ("–", "–", "–")


@pytest.mark.parametrize(("period", "words"), [
    ("month", "Jul 2025"), ("quarter", "Jul–Sep 2025"), ("year", "2025"), ("fiscal_year", "Jul 2025–Jun 2026"),
])
def test_a_period_is_named_by_its_first_day(period: str, words: str) -> None:
    assert period_text(period, dt.date(2025, 7, 1)) == words


def test_a_number_carries_the_unit_of_its_measure() -> None:
    assert with_unit(12, "days") == "12\u00a0days"
    assert with_unit(1, "days") == "1\u00a0day"
    assert with_unit(1.4, "days", 1) == "1.4\u00a0days"
    assert with_unit(-4, "points", sign=True) == "−4\u00a0points"
    assert with_unit(45, "%") == "45\u00a0%"
    assert with_unit(math.nan, "days") == "–"


def test_every_unit_of_a_measure_has_its_words() -> None:
    from metrics.definitions import catalogue
    there = set(text.keys())
    assert [metric.unit for metric in catalogue() if metric.unit != "%" and f"unit.{metric.unit}.many" not in there] == []


def test_one_and_many() -> None:
    assert text.plural(3, "base.requests", "base.requests") == "3 requests"
