"""Is every chart drawn on paper as it is on the screen: all of its words, none over another, in both languages, as SVG, PDF and PNG?"""

from __future__ import annotations

import functools
import inspect
import io
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdf
import pytest
import streamlit as st
import test_charts
import test_contribution
from lxml import etree
from PIL import Image, ImageFont
from screen import data_of
from test_pages import HOUSE, opened

import charts
from charts import picture, svg, typeset
from charts.event_study import event_study
from charts.model import Axis, Chart, Graph, Mark, Note, Panel, Point, Series
from charts.outlines import compact
from charts.paper import Area, Sheet, Stroke, laid_out
from charts.plotly_figure import figure
from charts.theme import LIGHT
from charts.width import in_lines, width_px
from charts.words import Around
from metrics import catalogue, story
from metrics.curves import ReadyBy
from metrics.limits import State
from metrics.query import Filters
from text import language, set_language
from ui import blocks
from ui.router import PAGES
from warehouse import Build, current_build

BUILD = Build("2026-11-03a", Path(), True, date(2026, 10, 31), datetime(2026, 11, 3))
PAGES_WITH_CHARTS = [page.name for page in PAGES if page.name not in ("overview", "contribution", "load_data", "definitions")]
KEYS = {"followed": "follow-through", "lanes": "timeline"}  # of the functions whose charts are called otherwise
NAMES = {"friendliness": "Friendliness", "birth": "Birth certificate", "copy": "Certified copy"}


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(HOUSE)
    yield
    set_language("en")
    st.cache_resource.clear()


@functools.cache
def drawn(spoken: str) -> tuple[Chart, ...]:
    """Every chart of every page on the small demonstration, and those that need more data than it has."""
    made: dict[str, Chart] = {}

    def show(chart: Chart, *others: Any) -> None:
        made.setdefault(chart.key, chart)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
        patch.setattr(blocks, "show", show)
        commune = story.commune(build.build_id) if (build := current_build()) else None
        for page in PAGES_WITH_CHARTS:
            asked = {"commune": {"commune": str(commune)}, "results": {"indicator": "OC1.1"}}.get(page, {})
            assert not opened(page, lang=spoken, **asked).exception
    set_language(spoken)
    return (*made.values(), *(chart for chart in by_hand() if chart.key not in made))


def by_hand() -> list[Chart]:
    """Charts of results that the small demonstration does not have."""
    around = Around(NAMES, date(2024, 3, 31), (Mark(date(2024, 2, 1), "Meeting"),), {"birth": 3.0})
    days = np.arange(41)
    curves = [
        ReadyBy(value, 150, days, np.minimum(100, days * share).astype(float), 50 / share) for value, share in (("true", 9), ("false", 3))
    ]
    counts = [{"service_code": "birth", "open_requests": 1010.0, "overdue_requests": 8.0}]
    open_now = test_charts.result("open_requests", [*counts, {"service_code": "copy", "open_requests_status": "hidden"}], by=("service",))
    open_now.table["open_requests_status"] = ["shown", "hidden"]
    open_now = replace(open_now, metrics=(*open_now.metrics, catalogue()["overdue_requests"]))
    stages = [
        {
            "assessment_question": question,
            "assessment_stage": stage,
            "facilitators_strong_pct": 10.0 * i + 7,
            "facilitators_strong_pct_n": 386.0,
        }
        for question in ("knowledge", "confidence")
        for i, stage in enumerate(("before_training", "after_training", "follow_up"))
    ]
    grown = test_charts.result("facilitators_strong_pct", stages, by=("assessment_question", "assessment_stage"), period=None)
    return [
        charts.steps(curves, around, Filters(service="birth")),
        charts.waiting(open_now, replace(open_now, table=open_now.table.head(1)), around),
        charts.growth(grown, around),
    ]


def written(sheet: Sheet) -> str:
    return "".join(plain(words.text) for words in sheet.words)


def plain(marked_up: str) -> str:
    """A text without plotly's marks and without spaces, since it may be broken into lines."""
    return re.sub("[ \u00a0\u200b]", "", re.sub("</?(?:b|br|span[^>]*)>", "", marked_up))


@pytest.mark.parametrize("spoken", ["en", "km"])
def test_every_function_that_makes_a_chart_is_drawn_here(spoken: str) -> None:
    made = {name for name in charts.__all__ if callable(f := getattr(charts, name)) and inspect.signature(f).return_annotation is Chart}
    keys = [chart.key for chart in drawn(spoken)]
    missing = {name for name in made if not any(key.startswith(KEYS.get(name, name.replace("_", "-"))) for key in keys)}
    assert len(made) > 15 and missing == {"event_study"}  # the study has a test of its own


@pytest.mark.parametrize("width", [340, 480, 720, 1000])
@pytest.mark.parametrize("spoken", ["en", "km"])
def test_words_and_shapes_stay_on_the_sheet_and_no_two_words_touch(spoken: str, width: int) -> None:
    for chart in drawn(spoken):
        stays_apart(laid_out(chart, width), chart.key)


def stays_apart(sheet: Sheet, key: str) -> None:
    boxes = [(words.text, words.box) for words in sheet.words]
    assert boxes
    for number, (text, (left, top, right, bottom)) in enumerate(boxes):
        assert left > -1 and right < sheet.width + 1 and top > -1 and bottom < sheet.height + 1, f"{key}: {text} leaves the sheet"
        for other, (left_2, top_2, right_2, bottom_2) in boxes[number + 1 :]:
            is_next_line = abs(bottom_2 - bottom) > 14  # lines of one text may share some of their room
            overlap = min(bottom, bottom_2) - max(top, top_2)
            assert min(right, right_2) - max(left, left_2) < 1 or overlap < (4 if is_next_line else 1), f"{key}: {text} touches {other}"
    for shape in sheet.shapes:
        for x, y in shape.points if isinstance(shape, Stroke | Area) else [(shape.x, shape.y)]:
            assert -1 <= x <= sheet.width + 1 and -1 <= y <= sheet.height + 1, f"{key}: {shape} leaves the sheet"


@pytest.mark.parametrize("width", [340, 720])
@pytest.mark.parametrize("spoken", ["en", "km"])
def test_all_that_is_written_on_the_screen_is_written_on_paper(spoken: str, width: int) -> None:
    for chart in drawn(spoken):
        seen = figure(chart, "light").to_plotly_json()
        layout = seen["layout"]
        words = {words["text"] for words in layout["annotations"]} | {text for trace in seen["data"] for text in trace.get("text") or ()}
        if width == 340:  # there a tick, or the word for a lesser event, may have no room
            words -= {mark.short for mark in getattr(chart.drawing, "marks", ())}
        else:
            axes = [axis for name, axis in layout.items() if name.startswith(("xaxis", "yaxis")) and axis.get("showticklabels", True)]
            words |= {text for axis in axes for text in axis["ticktext"]}
        on_paper = written(laid_out(chart, width))
        assert [text for text in words if plain(text) not in on_paper] == [], chart.key


@pytest.mark.parametrize("spoken", ["en", "km"])
def test_the_svg_of_every_chart_is_xml_with_its_words_as_text_and_is_told_to_those_who_cannot_see(spoken: str) -> None:
    for chart in drawn(spoken):
        root = etree.fromstring(svg.drawing(chart, 720).encode())
        space = {"s": "http://www.w3.org/2000/svg"}
        assert [text.text for text in root.findall("s:text", space)] == [words.text for words in laid_out(chart, 720).words]
        assert (root.get("role"), root.get("width")) == ("img", "720")
        assert (root.findtext("s:title", "", space), root.findtext("s:desc", "", space)) == (chart.title, chart.alt)


def test_a_chart_of_sixty_months_is_a_small_svg() -> None:
    assert len(svg.drawing(sixty_months(), 720).encode()) < 15_000


def sixty_months(*, is_worse: bool = False) -> Chart:
    """Visits over five years, from the second on beyond the upper limit, at its end under the lower one where it gets worse."""
    months = pd.date_range("2021-01-01", periods=60, freq="MS").date
    name = "visits_per_facility_month"
    signals = ["sets_limits"] * 24 + ["outside_limits_up"] * 30 + ["outside_limits_down" if is_worse else "outside_limits_up"] * 6
    rows = [
        {"period_start": month, name: 100.0 + i % 7, f"{name}_n": 9.0, f"{name}_status": "shown", f"{name}_signal": signal}
        for i, (month, signal) in enumerate(zip(months, signals, strict=True))
    ]
    one = test_charts.limited(test_charts.STEADY, test_charts.SETS, state=State.FIRM, since=months[0], until=months[23], start=months[24])
    return charts.control(replace(one, table=pd.DataFrame(rows)), Around({}, date(2026, 1, 31)))


def test_better_and_worse_differ_without_colour() -> None:
    better, both = laid_out(sixty_months(), 720), laid_out(sixty_months(is_worse=True), 720)
    signs = [len([s for s in sheet.shapes if isinstance(s, Stroke) and s.tone == "page"]) for sheet in (better, both)]
    assert signs == [0, 12]  # a stroke and a dot on each of the six worse months; small diamonds of better ones are plain
    wide = laid_out(sixty_months(is_worse=True), 1000)
    assert len([s for s in wide.shapes if isinstance(s, Stroke) and s.tone == "page"]) == 72  # and a + on each of the 30 better ones


def test_the_study_of_the_start_is_drawn_with_its_intervals(data: Path) -> None:
    chart = event_study(test_contribution.shares(data, test_contribution.communes(), effect=12), Around({}, date(2024, 12, 31)))
    sheet = laid_out(chart, 480)
    stays_apart(sheet, chart.key)
    upright = [
        s for s in sheet.shapes if isinstance(s, Stroke) and s.width == 1.6 and s.tone == "line" and s.points[0][0] == s.points[1][0]
    ]
    assert len(upright) == len(chart.drawing.panels[0].series[0].points)  # type: ignore[union-attr]
    assert chart.facts == ("n = 24 communes, compared with 30",)
    assert plain(chart.facts[0]) in pdf_text(picture.document(chart, BUILD, 720, ""))


def test_a_line_stops_where_nothing_was_reported() -> None:
    points = tuple(Point(float(x), y) for x, y in enumerate((1.0, 2.0, None, 4.0, 3.0)))
    axis = Axis(0.0, 4.0, ((0.0, "0"), (4.0, "4")))
    chart = Chart("gap", "t", "s", "a", Graph((Panel((Series(points),), replace(axis, end=5.0)),), axis))
    lines = [s for s in laid_out(chart, 400).shapes if isinstance(s, Stroke) and s.tone == "ink"]
    assert [len(line.points) for line in lines] == [2, 2]


def test_a_curve_that_leaves_the_plot_is_cut_at_its_edge() -> None:
    points = tuple(Point(float(x), y) for x, y in enumerate((-10.0, 10.0, 30.0)))
    axis = Axis(0.0, 2.0, ())
    chart = Chart("cut", "t", "s", "a", Graph((Panel((Series(points, shape="curve"),), Axis(0.0, 20.0, ())),), axis))
    (line,) = (s for s in laid_out(chart, 400).shapes if isinstance(s, Stroke) and s.tone == "ink")
    (x0, y0), (x1, y1), (x2, y2) = line.points
    assert x1 - x0 == pytest.approx((x2 - x0) / 2) and (y0, y2) == (pytest.approx(y1 + (y1 - y2)), pytest.approx(y1 - (y0 - y1)))
    assert x2 - x0 == pytest.approx((400 - 8 - 8) / 2)


def test_two_notes_at_one_place_are_both_written_and_do_not_touch() -> None:
    notes = tuple(Note(1.0, 1.0, text, align="left") for text in ("the first", "the second"))
    axis = Axis(0.0, 2.0, ())
    sheet = laid_out(Chart("two", "t", "s", "a", Graph((Panel((), replace(axis, end=2.0), notes=notes),), axis)), 400)
    stays_apart(sheet, "two")
    assert {words.text for words in sheet.words} == {"the first", "the second"}


def test_khmer_breaks_between_words_and_never_elsewhere() -> None:
    text = "សំបុត្រ\u200bកំណើត\u200bនៅ\u200bសាលា\u200bឃុំ"
    lines = in_lines(text, 12, width_px(text, 12) / 2)
    assert len(lines) > 1 and set("\u200b".join(lines).split("\u200b")) == set(text.split("\u200b"))


# --- typst -------------------------------------------------------------------------------------------------------------------------


def pdf_text(document: str) -> str:
    pages = pypdf.PdfReader(io.BytesIO(typeset.compiled(document, "pdf"))).pages
    return plain(" ".join(page.extract_text().replace("\n", " ") for page in pages))


@pytest.mark.parametrize("spoken", ["en", "km"])
def test_every_chart_is_typeset(spoken: str) -> None:
    everything = drawn(spoken)
    text = pdf_text("\n".join((typeset.preamble(), *(typeset.drawing(chart, 480) for chart in everything))))
    for chart in everything:
        for words in laid_out(chart, 640).words:
            if words.text.isascii():  # the pieces of a Khmer word have no order in a PDF
                assert plain(words.text) in text, f"{chart.key}: {words.text}"


def test_no_word_is_taken_for_markup() -> None:
    nasty = '#panic("x") *b* _i_ $x$ \\ "q" @ref <a> // `c` [z] = + ~'
    chart = replace(sixty_months(), title=nasty, subtitle=nasty, source=nasty)
    assert plain(nasty) in pdf_text(picture.document(chart, BUILD, 720, ""))


def outlines(text: str) -> list[str]:
    """The outlines of a text as typst draws it, from left to right."""
    drawn_it = compact(typeset.compiled(f"{typeset.preamble()}\n#set page(width: 200pt)\n#text({typeset.quoted(text)})", "svg").decode())
    shapes = dict(re.findall('<path id="([^"]*)" d="([^"]*)"', drawn_it))
    used = sorted((float(x), name) for name, x in re.findall('<use xlink:href="#([^"]*)" x="([^"]*)"', drawn_it))
    return [shapes[name] for _, name in used]


def test_khmer_is_shaped() -> None:
    consonant, with_vowel = outlines("ខ"), outlines("ខែ")
    assert len(with_vowel) == 2 and with_vowel[1:] == consonant  # a vowel that is written after stands before
    assert len(outlines("ខ្មែរ")) == 4  # five signs: the one that puts a letter under another is not seen


def test_prose_in_khmer_breaks_between_our_words_only() -> None:
    assert typeset.prose("ធម្មតា\u200bជាង មុន") == '[#box("ធម្មតា")#box("ជាង") #box("មុន")]'
    assert typeset.prose('in "plain" words') == '"in \\"plain\\" words"'


def test_every_letter_of_both_languages_is_in_the_fonts() -> None:
    import fontpkg_noto_sans
    import fontpkg_noto_sans_khmer

    files = [next(iter(sorted((each.ROOT / "files").glob("*Sans[[]*.ttf")))) for each in (fontpkg_noto_sans,)]
    files += sorted((fontpkg_noto_sans_khmer.ROOT / "files").glob("*.ttf"))
    fonts = [ImageFont.truetype(str(file), 20) for file in files]
    used = {letter for file in (HOUSE / "text").glob("*.toml") for letter in file.read_text(encoding="utf-8") if letter.isprintable()}

    def is_in(letter: str, font: Any) -> bool:
        return bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))

    assert len(used) > 150 and [letter for letter in used if not any(is_in(letter, font) for font in fonts)] == []


# --- pictures ----------------------------------------------------------------------------------------------------------------------


def test_a_picture_says_everything_that_it_needs_to_travel_alone() -> None:
    chart = sixty_months()
    told = pdf_text(picture.document(chart, BUILD, 720, "540 monthly reports"))
    for part in (chart.title, chart.subtitle, chart.source, chart.caveat, "Demonstration", "n = 540 monthly reports", "Build 2026-11-03a"):
        assert plain(part) in told
    assert "Demonstration" not in pdf_text(picture.document(chart, replace(BUILD, is_demonstration=False), 720, ""))


@pytest.mark.parametrize("spoken", ["en", "km"])
def test_a_png_has_the_asked_size_is_the_same_each_time_and_is_purple_only_where_data_are_invented(spoken: str) -> None:
    set_language(spoken)
    chart = sixty_months()
    png = picture.picture_png(chart, BUILD, width_px=600, scale=1.5)
    assert png == picture.picture_png(chart, BUILD, width_px=600, scale=1.5)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.width == 900 and 500 < image.height < 1200
    purple = tuple(bytes.fromhex(LIGHT["demonstration"][1:]))
    real = Image.open(io.BytesIO(picture.picture_png(chart, replace(BUILD, is_demonstration=False), width_px=600))).convert("RGB")
    assert (np.asarray(image) == purple).all(axis=2).any() and not (np.asarray(real) == purple).all(axis=2).any()


@pytest.mark.parametrize("spoken", ["en", "km"])
def test_the_small_svg_of_a_picture_is_the_same_picture(spoken: str) -> None:
    set_language(spoken)
    chart = sixty_months()
    small = picture.picture_svg(chart, BUILD)
    root = etree.fromstring(small.encode())
    assert root.get("role") == "img" and root[0].text == chart.title
    assert "<text" not in small and len(small.encode()) < 150_000

    def seen(drawing: str) -> np.ndarray[Any, Any]:
        page = f'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes({typeset.quoted(drawing)}), format: "svg")'
        return np.asarray(Image.open(io.BytesIO(typeset.compiled(page, "png", ppi=144))).convert("L"), dtype=float)

    as_written = seen(typeset.compiled(picture.document(chart, BUILD, picture.WIDTH_PX, ""), "svg").decode())
    assert np.abs(as_written - seen(small)).mean() < 0.5 and np.abs(as_written - 255).mean() > 5  # of 255


def test_n_counts_what_is_shown_and_no_total_beside_its_parts() -> None:
    rows = [
        {"aspect": aspect, "satisfied_pct": 50.0, "satisfied_pct_n": n, "satisfied_pct_status": status}
        for aspect, n, status in (
            ("friendliness", 400.0, "shown"),
            ("speed", 300.0, "shown"),
            ("quality", 7.0, "hidden"),
            ("overall", 700.0, "shown"),
        )
    ]
    assert picture.rests_on(test_charts.result("satisfied_pct", rows, by=("aspect",), period=None)) == "700 answers"


# --- on the screen -----------------------------------------------------------------------------------------------------------------


def test_a_chart_is_taken_away_as_csv_excel_svg_and_png_which_are_not_there_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(data_of("demonstration")))
    offered: dict[str, Callable[[], bytes | str]] = {}
    real = st.download_button

    def download_button(label: str, data: Any, file_name: str, *others: Any, **more: Any) -> Any:
        offered[file_name] = data
        return real(label, data, file_name, *others, **more)

    monkeypatch.setattr(st, "download_button", download_button)
    at = opened("processing", lang="km")
    key = "control-median_processing_days"
    assert not any(key in name for name in offered)
    at.session_state[f"take {key}"] = True
    at.run()
    mine = {name.rsplit(".")[-1]: make for name, make in offered.items() if key in name}
    assert list(mine) == ["csv", "xlsx", "svg", "png"]
    taken: dict[str, bytes | str] = {}

    def take() -> None:  # as the server does: in a thread of its own, where no language is set
        assert language() == "en"
        taken.update(svg=mine["svg"](), png=mine["png"]())

    thread = threading.Thread(target=take)
    thread.start()
    thread.join()
    told = etree.fromstring(str(taken["svg"]).encode())[0].text or ""
    assert any("\u1780" <= letter <= "\u17d3" for letter in told)
    assert Image.open(io.BytesIO(bytes(taken["png"]))).width == 2 * picture.WIDTH_PX  # type: ignore[arg-type]
