"""Does a chart say what its figures say, keep its gaps, and say it in words as well?"""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

import charts
from charts.axes import start_of, time_axis, value_axis
from charts.findings import level
from charts.model import Axis, Chart, Graph, Mark, Panel, Point, Row, Rows, Series
from charts.plotly_figure import figure
from charts.sparkline import sparkline
from charts.theme import DARK, LIGHT
from charts.trend import all_marks, gap_notes, name_lines, shape_of, stacked_names
from charts.width import width_px
from charts.words import Around
from metrics import catalogue
from metrics.limits import State, Trend, TrendResult, Usual
from metrics.query import Filters, Query, Result
from metrics.targets import Target
from reports.tables import readable

AROUND = Around(
    {"yes": "Covered", "no": "Not covered", "friendliness": "Friendliness", "speed": "Speed"},
    date(2024, 3, 31),
    (Mark(date(2024, 2, 1), "Meeting"),),
)
MONTHS = [date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)]


def result(metric: str, rows: list[dict[str, Any]], *, by: tuple[str, ...] = (), period: str | None = "month") -> Result:
    """A Result of a few rows written by hand."""
    chosen = catalogue()[metric]
    table = pd.DataFrame(rows)
    for column in chosen.columns:
        if column not in table:
            table[column] = "shown" if column.endswith("_status") else float("nan")
    return Result(
        Query((metric,), by=by, period=period, where=Filters()), table, "select 1", "2024-04-01a", (chosen,), date(2024, 3, 31), True
    )


def visits(values: list[float | None], statuses: list[str] | None = None) -> Result:
    rows = [
        {"period_start": m, "visits_per_facility_month": v if v is not None else float("nan")} for m, v in zip(MONTHS, values, strict=True)
    ]
    for row, status in zip(rows, statuses or ["shown"] * 4, strict=True):
        row["visits_per_facility_month_status"] = status
    return result("visits_per_facility_month", rows)


def points(chart: Chart) -> list[Any]:
    assert isinstance(chart.drawing, Graph)
    return list(chart.drawing.panels[0].series[0].points)


def test_a_month_without_a_report_breaks_the_line_and_says_so() -> None:
    chart = charts.trend(visits([300, None, 310, 320], ["shown", "no_data", "shown", "shown"]), AROUND)
    assert [p.y for p in points(chart)] == [300, None, 310, 320]
    assert [note.text for note in chart.drawing.panels[0].notes] == ["no report"]  # type: ignore[union-attr]
    line = next(trace for trace in figure(chart, "light").data if trace.mode == "lines")
    assert line.connectgaps is False


def test_a_hidden_month_is_never_drawn_whatever_its_value() -> None:
    chart = charts.trend(visits([300, 5, 310, 320], ["shown", "hidden", "shown", "shown"]), AROUND)
    assert points(chart)[1].y is None
    assert "Hidden to protect small groups" in points(chart)[1].hover


def test_a_month_that_few_reported_is_hollow() -> None:
    asked = visits([300, 310, 320, 330])
    asked.table["reporting_completeness_pct"] = [95.0, 60.0, 95.0, 95.0]
    assert [p.is_hollow for p in points(charts.trend(asked, AROUND))] == [False, True, False, False]


def test_a_period_that_still_runs_is_hollow() -> None:
    around = Around({}, date(2024, 3, 10))
    assert [p.is_hollow for p in points(charts.trend(visits([1, 2, 3, 4]), around))] == [False, False, False, True]


def test_the_title_states_the_newest_full_figure() -> None:
    title = charts.trend(visits([300, 305, 310, 320]), AROUND).title.replace("\u00a0", " ")
    assert title == "A facility sees 320 visits a month (Mar 2024)"


def test_the_title_compares_with_the_same_month_a_year_earlier() -> None:
    days = [11.0, 10.0, 9.0]
    rows = [{"period_start": m, "median_processing_days": d} for m, d in zip((date(2023, 3, 1), *MONTHS[2:]), days, strict=True)]
    told = charts.trend(result("median_processing_days", rows), AROUND).title.replace("\u00a0", " ")
    assert told == "Half of the requests are ready in 9 days, down from 11 a year earlier (Mar 2024)"


def test_satisfaction_is_told_by_the_aspect_citizens_like_most_and_least() -> None:
    rows = [{"aspect": a, "satisfied_pct": v, "satisfied_pct_n": 400.0} for a, v in (("friendliness", 46.0), ("speed", 38.0))]
    chart = charts.rows(result("satisfied_pct", rows, by=("aspect",), period=None), AROUND, by="aspect")
    title = chart.title.replace("\u00a0", " ")
    assert title == "Over the whole period, citizens are happiest with friendliness (46 %), least with speed (38 %)"


def test_a_measure_without_a_sentence_of_its_own_is_still_told() -> None:
    assert level(catalogue()["rows_read"], 5.0, Filters()).replace("\u00a0", " ") == "Rows read: 5 rows"


def test_waiting_requests_without_an_official_time_are_not_called_late() -> None:
    rows = [
        {"service_code": "birth", "open_requests": 10.0, "overdue_requests": 8.0},
        {"service_code": "copy", "open_requests": 5.0, "overdue_requests": 0.0},
    ]
    asked = result("open_requests", rows, by=("service",), period=None)
    both = replace(asked, metrics=(*asked.metrics, catalogue()["overdue_requests"]))
    both.table["overdue_requests_status"] = "shown"
    total = replace(both, table=both.table.drop(columns="service_code").head(1).assign(open_requests=15.0, overdue_requests=8.0))
    chart = charts.waiting(both, total, replace(AROUND, standards={"birth": 3.0}))
    assert chart.title == "15 requests are still waiting, 8 of them past their official time"
    assert [row.detail for row in chart.drawing.rows] == ["8 past the official time", "no official time known"]  # type: ignore[union-attr]


def test_late_requests_hidden_by_service_are_told_together_and_never_as_zero() -> None:
    rows = [{"service_code": "birth", "open_requests": 10.0, "overdue_requests": float("nan")}]
    asked = result("open_requests", rows, by=("service",), period=None)
    hidden = replace(asked, metrics=(*asked.metrics, catalogue()["overdue_requests"]))
    hidden.table["overdue_requests_status"] = "hidden"
    total = replace(hidden, table=hidden.table.assign(overdue_requests=8.0, overdue_requests_status="shown"))
    chart = charts.waiting(hidden, total, replace(AROUND, standards={"birth": 3.0}))
    assert chart.title == "10 requests are still waiting, 8 of them past their official time"
    assert "hidden" in chart.caveat and [len(row.segments) for row in chart.drawing.rows] == [1]  # type: ignore[union-attr]


def test_rounds_of_feedback_are_drawn_as_dots_and_months_as_a_line() -> None:
    def points(*values: float | None) -> list[Point]:
        return [Point(float(i), value) for i, value in enumerate(values)]

    assert shape_of(points(40.0, None, 42.0, None, None, 50.0)) == "dots"
    assert shape_of(points(40.0, 41.0, None, 42.0, 43.0)) == "line"


def test_a_month_that_is_not_due_yet_is_no_gap_and_a_word_at_the_end_runs_inwards() -> None:
    months = pd.date_range("2024-01-01", periods=12, freq="MS")
    table = pd.DataFrame({"period_start": months, "visits_status": ["shown"] * 10 + ["no_data"] * 2})
    visits = catalogue()["visits"]
    axis = Axis(0.0, 10.0, ())
    assert [(note.text, note.align) for note in gap_notes(table, visits, axis, date(2025, 1, 31))] == [("no report", "right")]
    waiting = table.assign(visits_status=["shown"] * 11 + ["no_data"])
    assert gap_notes(waiting, visits, axis, date(2024, 12, 31)) == []


def test_three_lines_that_end_together_keep_their_names_apart() -> None:
    lines = tuple(Series((Point(1.0, value),), name) for name, value in (("a", 47.0), ("b", 47.5), ("c", 48.0)))
    heights = [note.y for note in stacked_names(lines, Axis(0.0, 60.0, ()))]
    assert all(upper - lower >= 0.08 * 60 for lower, upper in pairwise(heights))


def test_the_start_of_the_programme_is_drawn_strongly_and_lesser_events_are_named_where_there_is_room() -> None:
    axis = time_axis(date(2021, 1, 1), date(2024, 12, 1))
    events = [Mark(date(2023, 4, 1), "<b>Start</b>", is_main=True)] + [Mark(date(2023, m, 1), "Meeting", "Meeting") for m in (6, 7)]
    drawn = all_marks(events, axis)
    assert [(m.text, m.short, m.is_main) for m in drawn] == [("<b>Start</b>", "", True), ("", "Meeting", False), ("", "", False)]


def test_two_lines_are_named_where_they_end_and_do_not_meet() -> None:
    rows = [{"covered": c, "period_start": m, "median_processing_days": d} for c, d in (("no", 12.0), ("yes", 8.0)) for m in MONTHS]
    chart = charts.trend(result("median_processing_days", rows, by=("covered",)), AROUND, split="covered")
    drawn = chart.drawing.panels[0].series  # type: ignore[union-attr]
    assert [(s.name, s.name_at) for s in drawn] == [("Covered", "below"), ("Not covered", "above")]


def test_a_hidden_row_keeps_its_place() -> None:
    rows = [
        {"aspect": "friendliness", "satisfied_pct": 71.0, "satisfied_pct_n": 400.0, "satisfied_pct_low": 66.0, "satisfied_pct_high": 75.0},
        {"aspect": "speed", "satisfied_pct_status": "hidden"},
    ]
    for row in rows:
        row.setdefault("satisfied_pct_status", "shown")
    chart = charts.rows(result("satisfied_pct", rows, by=("aspect",), period=None), AROUND, by="aspect")
    assert isinstance(chart.drawing, Rows)
    assert [row.name for row in chart.drawing.rows] == ["Friendliness", "Speed"]
    assert chart.drawing.rows[1].note == "Hidden to protect small groups" and not chart.drawing.rows[1].beads
    assert "Hidden to protect small groups" in chart.alt and "71" in chart.alt


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_has_no_text_under_12_px_and_no_colour_outside_the_palette(theme: Any) -> None:
    spec = figure(charts.trend(visits([300, None, 310, 320]), AROUND), theme).to_plotly_json()
    sizes = [a["font"]["size"] for a in spec["layout"]["annotations"]]
    assert min(sizes) >= 12
    palette = set((DARK if theme == "dark" else LIGHT).values())
    assert {trace["line"]["color"] for trace in spec["data"] if "color" in trace.get("line", {})} <= palette


def test_the_data_of_a_figure_are_named_so_that_only_other_data_are_drawn_again() -> None:
    one, same, other = (figure(charts.trend(visits([300, None, 310, last]), AROUND), "light") for last in (320, 320, 330))
    assert one.layout.datarevision == same.layout.datarevision != other.layout.datarevision


@pytest.mark.parametrize(
    ("text", "seen_px"),
    [("Letter from the commune", 158), ("1,000 visits", 67), ("100 %", 37), ("លិខិតបញ្ជាក់ពីឃុំសង្កាត់", 114), ("១០០ %", 39)],
)
def test_the_width_of_words_is_guessed_about_as_chromium_draws_them(text: str, seen_px: int) -> None:
    assert 0.9 * seen_px <= width_px(f"short<br><b>{text}</b>", 13) <= 1.15 * seen_px


@pytest.mark.parametrize("largest", [0, 3, 14, 98, 880])
def test_an_axis_begins_at_zero_and_has_a_few_round_ticks(largest: float) -> None:
    axis = value_axis([largest], "days")
    assert axis.start == 0 and 2 <= len(axis.ticks) <= 6
    assert axis.ticks[-1][1].replace("\u00a0", " ").endswith(("days", "day"))


@pytest.mark.parametrize(("lowest", "start"), [(30, 0), (72, 0), (74, 60), (81, 70), (87, 80), (99.5, 80)])
def test_the_axis_of_a_share_near_100_may_begin_higher_and_has_round_ticks(lowest: float, start: float) -> None:
    assert start_of([lowest, 100], "%") == start and start_of([lowest, 100], "days") == 0
    axis = value_axis([lowest, 100], "%", start=start)
    assert axis.start == start and 3 <= len(axis.ticks) <= 6 and axis.ticks[-1] == (100, "100\u00a0%")


def test_a_line_near_100_begins_higher_and_says_so_and_a_low_one_does_not() -> None:
    def drawn(share: float) -> Chart:
        rows = [
            {"period_start": month, "teacher_presence_pct": share, "teacher_presence_pct_n": 90, "teacher_presence_pct_status": "shown"}
            for month in MONTHS
        ]
        return charts.trend(result("teacher_presence_pct", rows), AROUND)

    high, low = drawn(83), drawn(43)
    assert isinstance(high.drawing, Graph) and high.drawing.panels[0].y.start == 70 and "starts at 70" in high.subtitle
    assert isinstance(low.drawing, Graph) and low.drawing.panels[0].y.start == 0 and "starts at" not in low.subtitle


def test_a_count_of_a_running_period_stands_alone_and_a_share_of_it_is_joined_by_dots() -> None:
    def dotted(metric: str) -> list[float | None]:
        rows = [{"period_start": day, metric: 60.0, f"{metric}_n": 60, f"{metric}_status": "shown"} for day in MONTHS]
        around = replace(AROUND, data_to=date(2024, 3, 10))
        drawn = figure(charts.trend(result(metric, rows), around), "light")
        return next(list(trace.y) for trace in drawn.data if trace.line.dash == "dot")

    assert dotted("participants") == [None] * 4
    assert dotted("documents_complete_pct") == [None, None, 60.0, 60.0]


def test_words_of_a_time_axis_are_left_out_where_a_phone_has_no_room_for_all() -> None:
    def years(row: str) -> int:
        axis = Axis(date(2021, 1, 1), date(2026, 12, 1), tuple((date(2021 + i, 1, 1), str(2021 + i)) for i in range(6)))
        panel = Panel((Series((Point(date(2021, 1, 1), 1.0),)),), Axis(0.0, 1.0, ((1.0, row),)))
        return len(figure(Chart("x", "", "", "", Graph((panel,), axis)), "light").layout.xaxis.tickvals)

    assert years("100 %") == 6 and years("Officials trained by the district") == 3


def test_words_under_rows_keep_the_unit_where_a_phone_has_no_room_for_all() -> None:
    def words(name: str) -> list[str]:
        ticks = tuple((25.0 * i, f"{25 * i}{' %' if i == 4 else ''}") for i in range(5))
        return list(figure(Chart("x", "", "", "", Rows((Row(name, bar=3.0),), Axis(0.0, 100.0, ticks))), "light").layout.xaxis.ticktext)

    assert words("Kampot") == ["0", "25", "50", "75", "100 %"] and words("W" * 19) == ["0", "50", "100 %"]


def test_a_running_period_does_not_decide_which_of_two_lines_is_the_higher_one() -> None:
    high = Series((Point(1.0, 9.0), Point(2.0, 9.0), Point(3.0, 2.0, is_hollow=True)), "High")
    low = Series((Point(1.0, 4.0), Point(2.0, 5.0), Point(3.0, 6.0, is_hollow=True)), "Low")
    assert [line.name_at for line in name_lines((high, low))] == ["above", "below"]


def test_a_long_time_axis_names_years_and_a_short_one_months() -> None:
    assert [text for _, text in time_axis(date(2021, 1, 1), date(2026, 10, 1)).ticks] == ["2021", "2022", "2023", "2024", "2025", "2026"]
    assert time_axis(date(2024, 1, 1), date(2024, 12, 1)).ticks[0][1] == "Jan<br>2024"


def test_a_sparkline_leaves_gaps_and_few_values_are_only_dots() -> None:
    drawn = sparkline([1, 2, 3, None, 4, 5, 6, 7], start=4, label='from "1" to 7')
    assert drawn.count("<polyline") == 2 and "&quot;1&quot;" in drawn
    assert "<polyline" not in sparkline([1, None, 2]) and sparkline([None]) == ""


def limited(values: list[float], signals: list[str], *, state: State = State.FIRM, points: int = 24, **usual: Any) -> TrendResult:
    """Visits with limits 78 to 132 round 105, which the months from July to December 2023 set; the programme came in January 2024."""
    months = [date(2023, 7 + number, 1) if number < 6 else date(2024, number - 5, 1) for number in range(len(values))]
    name = "visits_per_facility_month"
    rows = [
        {"period_start": month, name: value, f"{name}_n": 9.0, f"{name}_status": "shown", f"{name}_signal": signal}
        for month, value, signal in zip(months, values, signals, strict=True)
    ]
    told = {"since": months[0], "until": months[5], "start": date(2024, 1, 1), "communes": 3, **usual}
    plain = result(name, rows)
    return TrendResult(**{**vars(plain), "query": Trend.of(plain.query)}, usual=Usual(state, 105.0, 78.4, 131.6, points, **told))


STEADY = [100.0, 110.0] * 3
SETS = ["sets_limits"] * 6


def test_a_month_that_stands_out_is_a_diamond_with_its_rule_in_words() -> None:
    chart = charts.control(limited([*STEADY, 108, 140], [*SETS, "usual", "outside_limits_up"]), AROUND)
    flagged = points(chart)[-1]
    assert flagged.tone == "improvement" and "<b>Better than usual</b>: above the upper limit" in flagged.hover
    assert "Feb 2024: Better than usual, above the upper limit." in chart.alt
    assert "Blue diamonds: better than usual." in chart.subtitle
    assert (
        chart.title.replace("\u00a0", " ")
        == "A facility sees 140 visits a month (Feb 2024); better than usual in 1 of 2 months since Jan 2024"
    )
    marker = figure(chart, "light").data[-1].marker
    assert marker.symbol[-2:] == ("circle", "diamond") and marker.color[-1] == LIGHT["improvement"]
    words = [note.text for note in chart.drawing.panels[0].notes]  # type: ignore[union-attr]
    assert words == ["<b>Feb 2024: better than usual</b><br>above the upper limit"]


def test_fewer_visits_than_usual_are_a_concern_and_fewer_days_are_not() -> None:
    asked = limited([*STEADY, 60], [*SETS, "outside_limits_down"])
    assert points(charts.control(asked, AROUND))[-1].tone == "concern"
    days = {column: column.replace("visits_per_facility_month", "median_processing_days") for column in asked.table.columns}
    faster = replace(asked, table=asked.table.rename(columns=days), metrics=(catalogue()["median_processing_days"],))
    assert points(charts.control(faster, AROUND))[-1].tone == "improvement"


def test_the_baseline_is_shaded_and_named_and_the_first_start_is_marked() -> None:
    chart = charts.control(limited([*STEADY, 108, 112], [*SETS, "usual", "usual"]), AROUND)
    assert isinstance(chart.drawing, Graph)
    band, levels = chart.drawing.panels[0].bands[0], chart.drawing.panels[0].levels
    assert (band.end, band.text) == (date(2024, 1, 1), "Baseline:<br>24 months<br>before")
    assert [(level.y, level.dash) for level in levels] == [(131.6, "dash"), (78.4, "dash"), (105.0, "solid")]
    assert "set by the 24 months before the programme came to the first commune" in chart.subtitle
    assert [mark.text for mark in chart.drawing.marks if mark.is_main] == ["<b>Programme comes</b><br>to the first commune, Jan 2024"]
    first = figure(chart, "light").layout.shapes[0]
    assert (first.type, first.layer, first.fillcolor) == ("rect", "below", LIGHT["band"])
    assert "none of 2 months since Jan 2024 stands out" in chart.title


def test_trial_limits_are_dotted_say_what_is_missing_and_flag_nothing() -> None:
    asked = limited([*STEADY, 300], [*SETS, "not_judged"], state=State.TRIAL, points=9)
    chart = charts.control(asked, AROUND)
    levels = chart.drawing.panels[0].levels  # type: ignore[union-attr]
    assert levels[0].text == "Trial limits: 9 months, 12 needed" and {level.dash for level in levels[:2]} == {"dot"}
    assert not any(point.tone for point in points(chart)) and "nothing is judged" in chart.subtitle


@pytest.mark.parametrize(
    ("state", "why"), [(State.FEW, "only 4 months could set them"), (State.SMALL, "so few"), (State.FLAT, "never moved")]
)
def test_without_limits_there_is_a_plain_line_and_the_reason(state: State, why: str) -> None:
    asked = limited([*STEADY, 300], ["not_judged"] * 7, state=state, points=4)
    chart = charts.control(asked, AROUND)
    panel = chart.drawing.panels[0]  # type: ignore[union-attr]
    assert not panel.levels and not panel.bands and why in chart.subtitle and "diamond" not in chart.subtitle.lower()


def test_the_target_is_a_line_over_its_time_and_the_subtitle_says_whether_it_is_reached() -> None:
    target = Target("ours", 180.0, date(2023, 10, 1), "by hand")
    chart = charts.control(limited([*STEADY, 108, 112], [*SETS, "usual", "usual"], target=target, reached="not"), AROUND)
    panel = chart.drawing.panels[0]  # type: ignore[union-attr]
    line = panel.levels[-1]
    assert (line.y, line.dash, line.text.replace("\u00a0", " ")) == (180, "longdashdot", "Target 180 visits")
    assert line.across is not None and line.across[0] == date(2023, 10, 1) and panel.y.end >= 180
    assert "It is not reached now." in chart.subtitle
    near = charts.control(limited([*STEADY, 108], [*SETS, "usual"], target=replace(target, value=132.0)), AROUND)
    assert near.drawing.panels[0].levels[-1].text == "" and "the target, 132" in near.subtitle  # type: ignore[union-attr]
    few = charts.control(limited([*STEADY, 300], ["not_judged"] * 7, state=State.FEW, points=4, target=target), AROUND)
    assert [level.y for level in few.drawing.panels[0].levels] == [180]  # type: ignore[union-attr]


def test_an_adjusted_line_is_drawn_and_the_reported_figure_is_told() -> None:
    asked = limited([*STEADY, 150], [*SETS, "usual"], is_adjusted=True)
    asked.table["visits_per_facility_month_adjusted"] = [100.0] * 7
    chart = charts.control(asked, AROUND)
    assert points(chart)[-1].y == 100 and "as reported: 150" in points(chart)[-1].hover.replace("\u00a0", " ")
    assert "Seasonally adjusted" in chart.subtitle and "150" in chart.title


def test_completed_requests_only_are_a_quiet_line_with_the_reason_why_they_flatter() -> None:
    asked = limited([*STEADY, 100], [*SETS, "usual"])
    asked.table["visits_per_facility_month_completed_only"] = [90.0] * 5 + [float("nan"), 40.0]
    chart = charts.control(asked, AROUND)
    quiet = chart.drawing.panels[0].series[1]  # type: ignore[union-attr]
    assert quiet.is_quiet and [p.y for p in quiet.points][-2:] == [None, 40.0]
    assert "It flatters the newest months" in chart.subtitle


def test_the_table_of_a_trend_carries_its_limits_and_what_stands_out() -> None:
    asked = limited([*STEADY, 140], [*SETS, "outside_limits_up"])
    for name, value in (("centre", 105.0), ("lower_limit", 78.4), ("upper_limit", 131.6)):
        asked.table[f"visits_per_facility_month_{name}"] = value
    last = readable(asked, AROUND).iloc[-1].str.replace("\u00a0", " ")
    assert (last["Usual level"], last["Upper limit"], last["Stands out"]) == ("105.0 visits", "131.6 visits", "above the upper limit")
