"""How is the accountability cycle of one commune told: what was scored low, agreed, done, and what the records and citizens say since?"""

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

import charts
from charts.plotly_figure import figure
from metrics.follow_through import NO_RECORD, follow_through
from metrics.query import Filters, Query
from metrics.timeline import steps
from stats.verdict import Word
from text import month_text, number, t
from ui import ask, blocks, tables, verdicts, view

STORIES_SHOWN = 4
UNTOLD = (NO_RECORD, str(Word.CANNOT_TELL))


def facility_type(chosen: Filters) -> str | None:
    """The kind of facility that gives the chosen service; None where none is chosen."""
    table = ask.services()
    found = table.loc[table["service_code"] == chosen.service, "facility_type"]
    return str(found.iloc[0]) if len(found) else None


def lanes(chosen: Filters) -> tuple[Query, ...]:
    """What moves in the commune for the chosen service, or for all: requests, days, visits, satisfaction."""
    kind = facility_type(chosen)
    queries: list[Query] = []
    if kind != "health_centre":
        queries += [Query(("requests",), where=chosen), Query(("median_processing_days",), where=chosen)]
    if kind in (None, "health_centre"):
        queries.append(Query(("visits_per_facility_month", "reporting_completeness_pct"), where=chosen.but(facility_type="health_centre")))
    queries.append(Query(("satisfied_pct",), where=chosen.but(service=None, facility_type=kind)))
    return tuple(ask.finest(query) for query in queries)


def chart(chosen: Filters, queries: Sequence[Query], title: str) -> None:
    """The timeline with its table; where no lane can be drawn, why."""
    seen = view.now()
    drawn = _drawn(chosen, tuple(queries), title, seen.build.build_id, seen.language, seen.theme)
    if drawn.chart is None:
        blocks.nothing(drawn.results[0])
    else:
        blocks.show(drawn.chart, drawn.figure, drawn.results)
    table = _table(chosen, seen.build.build_id, seen.language)
    if len(table):
        with st.expander(t("timeline.table", n=number(len(table)))):
            st.dataframe(table, hide_index=True, width="stretch", height=min(420, 36 * (len(table) + 1) + 2))
            blocks.own_proof(table, t("timeline.caveat"), "timeline", is_table_shown=True)


@ask.remembered
def _drawn(chosen: Filters, queries: tuple[Query, ...], title: str, build_id: str, language: str, theme: Any) -> blocks.Drawn:
    results = tuple(ask.result(query) for query in queries)
    kept = tuple(result for result in results if blocks.can_draw(result))
    if not kept:
        return blocks.Drawn(None, None, results)
    made = charts.timeline(_steps(chosen), kept, ask.around(chosen, *queries), title=title)
    return blocks.Drawn(made, figure(made, theme), kept)


def _steps(chosen: Filters) -> pd.DataFrame:
    """What was done and scored in the commune, the words of its actions in the reader's language."""
    found = steps(view.now().build.build_id, str(chosen.commune), facility_type(chosen))
    return found.assign(action=[ask.in_language(row, "action") for row in found.to_dict("records")])


@ask.remembered
def _table(chosen: Filters, build_id: str, language: str) -> pd.DataFrame:
    found, around = _steps(chosen), ask.around(chosen)
    return pd.DataFrame(
        {
            t("table.date"): found["day"],
            t("table.event_type"): [t(f"timeline.{kind}") for kind in found["kind"]],
            tables.heading("facility_type"): found["facility_type"].map(around.name, na_action="ignore"),
            tables.heading("category"): found["category"].map(around.name, na_action="ignore"),
            t("timeline.value"): [None if pd.isna(value) else number(value) for value in found["value"]],
            t("plans.action"): found["action"],
        }
    )


def stories(chosen: Filters) -> None:
    """Each low score that was answered by an action, from the score to what records and citizens say since; those with a record first."""
    found = follow_through(view.now().build.build_id, str(chosen.commune))
    if found is None:
        return
    cases = found.cases[found.cases["has_action"]]
    if kind := facility_type(chosen):
        cases = cases[cases["facility_type"] == kind]
    blocks.heading(t("timeline.stories"), t("timeline.stories_text"), 3)
    if cases.empty:
        blocks.small(t("timeline.no_story"))
        return
    order = cases.assign(is_silent=cases["record"].isin(UNTOLD)).sort_values(["is_silent", "scored_date"], ascending=[True, False])
    told = [_story(row) for row in order.to_dict("records")]
    for line in told[:STORIES_SHOWN]:
        blocks.line(line)
    if rest := told[STORIES_SHOWN:]:
        with st.expander(t("page.overview.more", n=number(len(rest)))):
            for line in rest:
                blocks.line(line)


def _story(row: dict[Hashable, Any]) -> str:
    """Scored low → agreed → done → the record → the next score, and whether the last two agree."""
    names = ask.names()
    parts = [
        t(
            "timeline.story_scored",
            facility=names.get(str(row["facility_type"]), str(row["facility_type"])),
            criterion=names.get(str(row["category"]), str(row["category"])),
            score=number(row["score_pct"]),
            month=month_text(row["scored_date"]),
        ),
        t("timeline.story_agreed", month=month_text(row["agreed_date"]), action=ask.in_language(row, "action")),
        t("timeline.story_done", month=month_text(row["done_date"])) if row["is_done"] else t("timeline.story_not_done"),
    ]
    record = _record(row)
    if record is not None:
        told = verdicts.figures(record)
        parts.append(told if row["is_own_record"] else t("timeline.story_common", told=told))
    has_next = not pd.isna(row["next_score_pct"])
    if has_next:
        parts.append(t("timeline.story_next", score=number(row["next_score_pct"])))
    line = " → ".join(parts) + "."
    if record is None or not has_next:
        return line
    is_better, is_seen = record["word"] == str(Word.IMPROVEMENT), not row["is_low_again"]
    agrees = {(True, True): "both_better", (True, False): "only_records", (False, True): "only_citizens", (False, False): "neither"}
    return f"{line} **{t(f'timeline.{agrees[is_better, is_seen]}')}**"


def _record(row: dict[Hashable, Any]) -> dict[Hashable, Any] | None:
    """The verdict since the action on the measure that answers the criterion, where one was told."""
    if row["record"] in UNTOLD or pd.isna(row["before"]):
        return None
    return {**row, "metric": row["measure"], "word": row["record"]}
