"""How is it told what became of the criteria that citizens scored low?"""

from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

import charts
from charts.model import Rows
from charts.plotly_figure import figure
from charts.words import is_known
from metrics.definitions.actions import LONGEST_WAIT_DAYS
from metrics.follow_through import NO_RECORD, Change, FollowThrough, follow_through
from metrics.query import Filters
from reports import ask, view
from stats.matched_shares import MatchedShares
from text import month_text, number, percent, t
from ui import blocks


def section(chosen: Filters) -> None:
    """Low scores, actions agreed, done, and records better: in words, as a chart, against equally low scores, and as a list."""
    place, definition = chosen.place, t("follow.definition", days=number(LONGEST_WAIT_DAYS))
    blocks.heading(t("follow.heading"), definition)
    found = follow_through(view.now().build.build_id, place)
    if found is None:
        blocks.state("no_low_scores", icon="rule")
        return
    where = chosen.but(month_from=None, month_to=None)
    made = charts.followed(found, ask.around(where), where)
    blocks.show(made, figure(made, view.now().theme), ())
    assert isinstance(made.drawing, Rows)
    rows = made.drawing.rows
    steps = pd.DataFrame({t("follow.step_column"): [row.name for row in rows], t("follow.count"): [row.bar_text for row in rows]})
    blocks.own_proof(steps, definition, made.key, made=made)
    blocks.small(t("follow.records_text"))
    compared(found)
    table = _table(place, view.now().build.build_id, view.now().language)
    st.dataframe(table, hide_index=True, width="stretch", height=min(420, 36 * (len(table) + 1) + 2))
    blocks.own_proof(table, definition, "low-scores", is_table_shown=True)


def compared(found: FollowThrough) -> None:
    """The next scores of what an action was agreed on, against equally low ones without, and the records of both since; that low scores
    rise by themselves.
    """
    blocks.heading(t("follow.compared"), t("follow.compared_text"), 3)
    for name, change in (("with", found.with_action), ("without", found.without_action)):
        st.markdown(_changed(name, change))
    _matched("matched", found.matched)
    for name, judged in (("with", found.judged_with), ("without", found.judged_without)):
        told = {"n": number(judged.cases), "improved": number(judged.improved)}
        st.markdown(t(f"follow.records_{name}" if judged.cases else f"follow.records_{name}_none", **told))
    _matched("matched_records", found.matched_records)
    blocks.small(t("follow.by_themselves"))


def _matched(kind_of: str, matched: MatchedShares) -> None:
    """The difference among equally low scores, with its likely range; or that too few can be compared."""
    if is_known(matched.difference) and is_known(matched.low):
        ends = {"low": number(100 * matched.low, sign=True), "high": number(100 * matched.high, sign=True)}
        kind = "clear" if matched.low > 0 or matched.high < 0 else "unclear"
        st.markdown(
            t(
                f"follow.{kind_of}_{kind}",
                share_with=percent(100 * matched.share_with),
                share_without=percent(100 * matched.share_without),
                difference=number(100 * matched.difference, sign=True),
                n_with=number(matched.n_with),
                n_without=number(matched.n_without),
                communes=number(matched.clusters),
                **ends,
            )
        )
    else:
        st.markdown(t(f"follow.{kind_of}_none"))


def _changed(name: str, change: Change) -> str:
    if not change.cases:
        return t(f"follow.{name}_none")
    told = t(f"follow.{name}", n=number(change.cases), risen=number(change.risen), share=percent(100 * change.risen / change.cases))
    if not is_known(change.low):
        return told
    ends = {"median": number(change.median, sign=True), "low": number(change.low, sign=True), "high": number(change.high, sign=True)}
    return f"{told} {t('follow.median', **ends)}"


@ask.remembered
def _table(place: str, build_id: str, language: str) -> pd.DataFrame:
    """One line a low-scored criterion of ten people or more, in order of place."""
    found, around = follow_through(build_id, place), ask.around()
    assert found is not None
    return pd.DataFrame(
        [
            {
                t("filter.district"): around.name(row["district_code"]),
                t("filter.commune"): around.name(row["commune_code"]),
                t("filter.facility_type"): around.name(row["facility_type"]),
                t("filter.category"): around.name(row["category"]),
                t("cycle.year"): str(row["cycle"]),
                t("follow.score"): number(row["score_pct"]),
                t("plans.action"): action_of(row),
                t("follow.is_done"): t("forms.true" if row["is_done"] else "forms.false") if row["has_action"] else "",
                t("follow.next_score"): number(row["next_score_pct"]),
                t("follow.record"): _record(row),
                t("follow.since"): "" if row["record"] == NO_RECORD else month_text(row["since"]),
            }
            for row in found.cases.to_dict("records")
        ]
    )


def action_of(row: dict[Hashable, Any]) -> str:
    """What was agreed; without an action whether there was time to agree one."""
    return ask.in_language(row, "action") if row["has_action"] else t("follow.too_recent" if row["is_recent"] else "follow.no_action")


def _record(row: dict[Hashable, Any]) -> str:
    """The word on the record that answers a criterion, and whose record it is."""
    if row["record"] == NO_RECORD:
        return t("follow.no_record")
    word = t(f"verdict.{row['record']}")
    return word if row["is_own_record"] else t("follow.common_record", word=word)
