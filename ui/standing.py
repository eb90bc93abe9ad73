"""Which words, picture and list show how communes stand to each other, without a rank?"""

import pandas as pd
import streamlit as st

import charts
from charts.plotly_figure import figure
from charts.words import amount, base, label, likely
from metrics import catalogue, standing
from metrics.query import Filters, Query
from metrics.standing import Standing
from reports import ask, view
from stats.verdict import Word
from text import number, t, year_text
from ui import blocks, links, verdicts

MEASURES = {"within_standard_pct": None, "over_fee_pct": None, "satisfied_pct": "friendliness", "median_processing_days": None}


def words() -> dict[str, str]:
    """The measures that can be compared here, with what they are called; those of which nothing arrived are left out."""
    known = {name: aspect for name, aspect in MEASURES.items() if ask.has_data(name)} or MEASURES
    return {name: label(catalogue()[name]) + (f": {t(f'aspect.{aspect}').lower()}" if aspect else "") for name, aspect in known.items()}


def found(metric: str, chosen: Filters) -> Standing:
    """The communes of the choice; of a commune, all of its province. Raises Nothing where communes cannot be compared, and says why."""
    where = chosen.but(aspect=MEASURES[metric], service=None if metric == "satisfied_pct" else chosen.service)
    if where.commune:
        where = where.but(commune=None, district=None, province=where.commune[:2])
    blocks.needs(metric, where)
    told = standing.standing(metric, where, view.now().build.build_id)
    if not told.shown + told.not_shown:
        raise blocks.Nothing("no_commune_known", icon="location_off")
    if told.year is None:
        raise blocks.Nothing("no_whole_year", icon="event_busy")
    if told.table.empty:
        raise blocks.Nothing("too_few_communes", icon="visibility_off")
    return told


def query(told: Standing) -> Query:
    """The question whose answer the page shows."""
    return told.result.query


def lead(told: Standing) -> str:
    """How many communes stand out, beside how many would by chance; of times, that they have no limits."""
    if not told.has_limits:
        return t("page.compare.lead_time", year=year_text(told.year), all=number(told.shown), value=amount(told.metric, told.centre))
    above, below = len(told.outside(1)), len(told.outside(-1))
    better, worse = (above, below) if told.metric.better == "higher" else (below, above)
    return t(
        "page.compare.lead" if above + below else "page.compare.lead_none",
        year=year_text(told.year),
        n=number(above + below),
        all=number(told.shown),
        better=number(better),
        worse=number(worse),
        chance=number(told.by_chance, 1),
    )


def not_a_ranking(told: Standing) -> None:
    """What a difference between communes is not, and how many communes are not in it."""
    hidden = t("page.compare.not_shown", n=number(told.not_shown)) if told.not_shown else ""
    blocks.small(" ".join(filter(None, (t("page.compare.not_effort"), hidden))))


def picture(told: Standing) -> None:
    """The funnel, and under it the communes that stand out, by name; nothing for a time."""
    if not told.has_limits:
        return
    made = charts.funnel(told, ask.around(told.where))
    blocks.show(made, figure(made, view.now().theme), (told.result,))
    for side, word in ((1, Word.IMPROVEMENT), (-1, Word.CONCERN)):
        side = side if told.metric.better == "higher" else -side
        if len(outside := told.outside(side)):
            names = "; ".join(
                f"{_name(row['commune_code'])} {amount(told.metric, row['value'])}, {base(told.metric, row['n'])}"
                for row in outside.to_dict("records")
            )
            st.markdown(f"{verdicts.chip(word, t(f'page.compare.{word}'))} {names}")


def listed(told: Standing) -> None:
    """Every commune, the highest estimate first, without a rank, and the same to take away."""
    blocks.heading(t("page.compare.list"), t("page.compare.list_text"))
    table = _table(told.metric.name, told.where, view.now().build.build_id, view.now().language)
    st.dataframe(table, hide_index=True, width="content", height=min(460, 36 * (len(table) + 1) + 2))
    blocks.own_proof(table, t("page.compare.list_text"), f"standing-{told.metric.name}", told.metric, is_table_shown=True)


def open_commune(told: Standing) -> None:
    """The way from here to one commune's own page."""
    picked = st.selectbox(
        t("button.open_commune"),
        sorted(told.table["commune_code"]),
        index=None,
        key="open commune from standing",
        placeholder=t("filter.choose_commune"),
        width=360,
        format_func=_name,
    )
    if picked:
        st.switch_page("pages/commune.py", query_params=links.query(province=picked[:2], district=picked[:4], commune=picked))


def _name(code: str) -> str:
    names = ask.names()
    return f"{names.get(code, code)} ({names.get(code[:4], code[:4])})"


@ask.remembered
def _table(metric: str, where: Filters, build_id: str, language: str) -> pd.DataFrame:
    told, names = standing.standing(metric, where, build_id), ask.names()
    measure = told.metric
    return pd.DataFrame(
        [
            {
                t("filter.district"): names.get(row["commune_code"][:4], row["commune_code"][:4]),
                t("filter.commune"): names.get(row["commune_code"], row["commune_code"]),
                t("page.compare.estimate"): amount(measure, row["estimate"]),
                t("page.compare.estimate_likely"): likely(measure, row["estimate_low"], row["estimate_high"], "table.limits"),
                t("page.compare.as_counted"): amount(measure, row["value"]),
                t("table.base_alone"): base(measure, row["n"]),
            }
            for row in told.table.to_dict("records")
        ]
    )
