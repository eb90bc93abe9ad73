"""How is the results framework told on its page? The choice of day, the table by result, what opens under a row, what leaves the house."""

import math
from datetime import date
from itertools import groupby
from typing import Any

import pandas as pd
import streamlit as st

import charts
from charts import indicator_words as words
from charts.plotly_figure import figure
from metrics import catalogue, indicators, logframe
from metrics.indicators import Indicator
from metrics.logframe import IndicatorValue
from metrics.model import PLACES
from metrics.query import Filters
from reports import ask, iati, view
from reports import logframe as workbook
from stats.verdict import Word
from text import date_text, language, number, percent, set_language, t, year_text
from ui import blocks, links
from ui.framework_table import framework_table

YEARS = ("calendar", "fiscal")
ENDS_IN = {"calendar": 12, "fiscal": 6}  # the month with which a year ends
_CHIPS = {Word.IMPROVEMENT: "better", Word.CONCERN: "worse"}
_PAGES = {
    "usage": "service_use", "requests": "processing", "feedback": "feedback", "payments": "feedback", "promises": "promises",
    "actions": "actions", "cycles": "actions", "cycle_standing": "actions", "scores": "scorecards", "attendance": "scorecards",
    "sessions": "outreach", "outreach": "outreach", "network": "outreach", "facilitators": "outreach", "pupils": "schools",
    "teachers": "schools",
}  # fmt: skip


def values(chosen: Filters) -> tuple[IndicatorValue, ...]:
    """Every indicator as at the day chosen, for the place chosen. Raises Nothing in a build from before there was a framework."""
    build_id = view.now().build.build_id
    if not indicators.indicators(build_id):
        raise blocks.Nothing("no_framework", icon="history")
    return logframe.framework(build_id, _day(), chosen.only(PLACES).but(month_from=None, month_to=None))


# --- choices ------------------------------------------------------------------------------------------------------------------------


def choices() -> None:
    """As at which day, and which years: both stand in the address, the day as it is, the years only where they are not calendar years."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        days = _days()
        chosen = _day()
        if chosen not in days:
            days[chosen] = date_text(chosen)
        st.session_state["choose day"] = chosen
        st.selectbox(
            t("results.as_of"),
            list(days),
            key="choose day",
            format_func=days.__getitem__,
            width=330,
            on_change=_choose_day,
            args=("choose day", _newest()),
        )
        st.session_state["choose other day"] = chosen
        st.date_input(
            t("results.as_of_other"),
            key="choose other day",
            min_value=date(2000, 1, 1),
            max_value=_newest(),
            width=160,
            format="YYYY-MM-DD",
            on_change=_choose_day,
            args=("choose other day", _newest()),
        )
        st.session_state["choose years"] = _years()
        st.segmented_control(
            t("results.years"),
            YEARS,
            key="choose years",
            format_func=lambda years: t(f"results.{years}"),
            required=True,
            on_change=lambda: links.choose(years="fiscal" if st.session_state["choose years"] == "fiscal" else None),
        )


def _choose_day(key: str, newest: date) -> None:
    """Keep the day in the address; the newest is what an address without one means. No page is shown yet while this runs."""
    day = st.session_state[key]
    links.choose(as_of=None if day == newest else day.isoformat())


def _newest() -> date:
    return logframe.newest_day(view.now().build.build_id)


def _day() -> date:
    """The day of the address; one that is none, or lies after the data, means the newest."""
    try:
        asked = date.fromisoformat(st.query_params.get("as_of", ""))
    except ValueError:
        return _newest()
    return min(asked, _newest())


def _years() -> str:
    asked = st.query_params.get("years", "")
    return asked if asked in YEARS else YEARS[0]


def _days() -> dict[date, str]:
    """The newest day, and the ends of the years chosen since the first baseline."""
    newest = _newest()
    days = {newest: t("results.as_of_newest", date=date_text(newest))}
    first = min((each.baseline_date for each in indicators.indicators(view.now().build.build_id) if each.baseline_date), default=newest)
    for year in range(newest.year, first.year - 1, -1):
        end = date(year, 12, 31) if _years() == "calendar" else date(year, 6, 30)
        if first <= end <= newest:
            told = {"date": date_text(end), "year": year_text(end), "first": number(year - 1, grouped=False), "last": number(year % 100)}
            days[end] = t(f"results.as_of_{_years()}", **told)
    return days


# --- the table -----------------------------------------------------------------------------------------------------------------------


def lead(found: tuple[IndicatorValue, ...], chosen: Filters) -> None:
    """How many indicators stand how; that the framework is an example where it is; what a value counts."""
    blocks.lead(words.finding(found))
    if any(each.indicator.is_example for each in found):
        blocks.line(f":violet-badge[:material/science: {t('results.example_badge')}] :small[{t('results.example')}]")
    day = _day()
    blocks.small(f"{t('results.counted', date=date_text(day), quarter=date_text(logframe.quarter_end(day)))} {t('results.open_hint')}")
    if day != _newest():
        blocks.small(t("results.known_today"))
    if chosen.place:
        blocks.small(t("results.place_only"))


def framework(found: tuple[IndicatorValue, ...], chosen: Filters) -> None:
    """A heading and a table for each result; what the open indicator tells stands right under its row."""
    asked = st.query_params.get("indicator")
    for code, group in groupby(found, key=lambda each: each.indicator.result_code):
        mine = list(group)
        first = mine[0].indicator
        blocks.heading(f"{t(f'results.level.{first.level}')}: {words.told(first.result)}", level=3)
        place = next((i for i, each in enumerate(mine, 1) if each.indicator.code == asked), len(mine))
        _table(mine[:place], asked, f"framework-{code}", has_heads=True)
        if mine[place - 1].indicator.code == asked:
            _opened(mine[place - 1], chosen)
        if mine[place:]:
            _table(mine[place:], asked, f"framework-{code}-rest", has_heads=False)


def _table(found: list[IndicatorValue], asked: str | None, key: str, *, has_heads: bool) -> None:
    """Rows of one result; a click opens an indicator, or closes the open one."""
    heads = [t(f"results.{name}") for name in ("indicator", "baseline", "milestone", "current", "target", "way")]
    caption, rows = words.told(found[0].indicator.result), [_row(each, asked) for each in found]
    opened = framework_table(heads, rows, caption=caption, language=language(), key=key, has_heads=has_heads)
    if opened:
        links.choose(indicator=None if opened == asked else opened)
        st.rerun()


def _row(found: IndicatorValue, asked: str | None) -> dict[str, Any]:
    """What the table says of an indicator, in the reader's language."""
    one, goal = found.indicator, found.indicator.target
    way, due = found.way_pct, math.nan
    if found.milestone and found.baseline.is_known and goal.value != found.baseline.value:
        due = 100 * (found.milestone.value - found.baseline.value) / (goal.value - found.baseline.value)
    chip = t(f"verdict.{found.verdict.word}") if found.verdict else ""
    is_open = one.code == asked
    return {
        "code": one.code,
        "name": words.title(one),
        "href": f"?{links.changed(indicator=None if is_open else one.code)}",
        "source": t("results.source_line", source=words.told(one.sources)),
        "baseline": _baseline(found) if found.baseline.reference_date else "–",
        "baseline_date": words.day(found.baseline.reference_date),
        "milestone": words.goal(one, found.milestone.value) if found.milestone else "–",
        "milestone_date": words.day(found.milestone.day) if found.milestone else t("results.none_due"),
        "value": words.said_against(found),
        "span": words.span(found.current) if found.current.is_known else "",
        "target": words.goal(one, goal.value) if found.has_targets else "–",
        "target_date": words.day(goal.day) if found.has_targets else "",
        "progress": words.progress(found),
        "way": None if math.isnan(way) else way,
        "due_at": None if math.isnan(due) else due,
        "way_text": t("results.way_none") if math.isnan(way) else t("results.way_text", share=percent(way)),
        "chip": chip,
        "chip_about": t("results.before_after"),
        "chip_kind": _CHIPS.get(found.verdict.word, "open-chip") if found.verdict else "",
        "is_told": found.current.is_known,
        "is_open": is_open,
    }


def _baseline(found: IndicatorValue) -> str:
    """The baseline as it was declared, or as values are told where the measure gives it."""
    one = found.indicator
    if one.given_baseline is None or not found.baseline.is_known:
        return words.said(one, found.baseline)
    return words.goal(one, one.given_baseline)


# --- what a row opens ----------------------------------------------------------------------------------------------------------------


def _opened(found: IndicatorValue, chosen: Filters) -> None:
    """Trend, parts, definition and sources of one indicator, in a frame under its table."""
    one = found.indicator
    with st.container(border=True, key=f"opened-{one.code}"):
        made = _drawn(one, found.as_of, chosen.only(PLACES), _years(), view.now().build.build_id, view.now().language)
        if made is not None:
            blocks.show(made, figure(made, view.now().theme), ())
        parts = _parts(found, chosen)
        if len(parts):
            blocks.heading(t("results.parts"), level=3)
            st.dataframe(parts, hide_index=True, width="stretch", height=min(420, 36 * (len(parts) + 1) + 2))
        blocks.own_proof(_series(found, chosen), words.definition(one), f"indicator-{one.code}", one.metric)
        lines = [f"**{t('results.definition')}.** {words.definition(one)}", t("results.source_line", source=words.told(one.sources))]
        if words.told(one.assumptions):
            lines.append(t("results.assumption", assumption=words.told(one.assumptions)))
        if found.current.evidence:
            lines.append(t("results.evidence", evidence=found.current.evidence))
        blocks.line("  \n".join(lines))
        with st.container(horizontal=True, gap="small"):
            page = _PAGES.get(one.metric.fact.name) if one.metric else None
            if page:
                st.page_link(f"pages/{page}.py", label=t("button.details"), icon=":material/arrow_forward:", query_params=_way_on(one))
            st.button(t("results.close"), icon=":material/close:", type="tertiary", key=f"close {one.code}", on_click=_close)


def _close() -> None:
    links.choose(indicator=None)


def _way_on(indicator: Indicator) -> dict[str, str]:
    """The choices that lead to the measure's own page."""
    return links.query(**{name: value for name, value in indicator.conditions if name in links.CHOICES})


@ask.remembered
def _drawn(indicator: Indicator, as_of: date, where: Filters, years: str, build_id: str, language: str) -> Any:
    """The chart of an indicator; None where no day has a value or a milestone to draw."""
    told = logframe.series(indicator, as_of, where, None, build_id)
    if not told:
        return None
    baseline = logframe.baseline_of(indicator, where, build_id)
    has_targets = not (where.place and indicator.is_count)
    return charts.progress(indicator, baseline, told, ask.around(where), has_targets=has_targets)


def _series(found: IndicatorValue, chosen: Filters) -> pd.DataFrame:
    """The values at the ends of the years chosen and at the day itself, beside what was due: the table under the chart."""
    one, build_id = found.indicator, view.now().build.build_id
    rows = logframe.series(one, found.as_of, chosen.only(PLACES), ENDS_IN[_years()], build_id)
    return pd.DataFrame(
        {
            t("results.as_of"): [date_text(day) for day, _ in rows],
            t("results.current"): [words.said(one, value) for _, value in rows],
            t("table.likely_alone"): [words.likely(one, value) for _, value in rows],
            t("table.base_alone"): [words.base(one, value) for _, value in rows],
            t("results.milestone"): [words.milestone(one, logframe.due(one, day, found.baseline.value)) for day, _ in rows],
        }
    )


def _parts(found: IndicatorValue, chosen: Filters) -> pd.DataFrame:
    """Every part that is declared, and the places that the chosen one is made of."""
    one, build_id = found.indicator, view.now().build.build_id
    level = "commune" if chosen.province or chosen.district or chosen.commune else "district"
    dimensions = dict.fromkeys((*one.disaggregation, *((level,) if one.metric and level in one.metric.fact.dimensions else ())))
    told = logframe.parts_at(one, found.as_of, chosen.only(PLACES), tuple(dimensions), build_id)
    names = ask.names()
    return pd.DataFrame(
        {
            t("results.kind"): [words.dimension(part.dimension) for part in told],
            t("results.part"): [words.part(part, names) for part in told],
            t("results.current"): [words.part_value(one, part) for part in told],
            t("table.base_alone"): ["" if part.dimension in catalogue() else words.base(one, part.value) for part in told],
        }
    )


# --- what leaves the house -------------------------------------------------------------------------------------------------------------


def take_away(chosen: Filters) -> None:
    """The workbook for OPSYS and the IATI file, made only when somebody takes them, and the link to exactly this view."""
    blocks.heading(t("results.take"), t("results.take_text"))
    build_id, day, spoken = view.now().build.build_id, _day(), language()
    where = chosen.only(PLACES)

    def logframe_file() -> bytes:
        set_language(spoken)  # a download is made in a thread of its own
        return workbook.workbook(build_id, day, where)

    def iati_file() -> bytes:
        set_language(spoken)
        return iati.document(build_id, day)

    with st.container(horizontal=True, gap="small"):
        st.download_button(
            t("results.button.xlsx"), logframe_file, workbook.file_name(build_id, day, where), icon=":material/download:", on_click="ignore"
        )
        st.download_button(
            t("results.button.iati"), iati_file, iati.file_name(build_id, day), icon=":material/download:", on_click="ignore"
        )
        blocks.link()


def link() -> None:
    """The way from the overview to the framework, with the same choices."""
    st.page_link("pages/results.py", label=t("results.link"), icon=":material/flag:", query_params=links.query())
