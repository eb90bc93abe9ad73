"""What does every measure, dimension, table and rule mean? From the registries, searchable."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from charts.words import caveat, definition, label
from metrics import catalogue, read_verdicts
from metrics.model import Metric
from metrics.question import BREAKDOWNS
from reports import ask, tables
from text import number, percent, t
from ui import blocks

_FEW_RULES = 10


def search() -> str:
    """The word looked for, in the address, so that a definition can be linked."""
    st.session_state["definitions search"] = st.query_params.get("find", "")
    st.text_input(t("glossary.search"), key="definitions search", icon=":material/search:", width=420, on_change=_searched)
    return st.session_state["definitions search"].casefold().strip()


def _searched() -> None:
    word = st.session_state["definitions search"]
    if word:
        st.query_params["find"] = word
    elif "find" in st.query_params:
        del st.query_params["find"]


def dimensions(word: str) -> bool:
    """Everything a figure can be broken down or filtered by, and which figures can."""
    rows = []
    for name in BREAKDOWNS:
        having = list(dict.fromkeys(t(f"fact.{m.fact.name}") for m in catalogue() if name in m.fact.dimensions))
        if not having:  # a breakdown of figures that do not exist yet
            continue
        row = (tables.heading(name), t(f"dimension.{name}"), ", ".join(having))
        if _fits(word, name, *row):
            rows.append(row)
    _section(t("glossary.dimensions"), t("glossary.dimensions_text"), rows, word)
    if rows:
        columns = (t("glossary.dimension"), t("glossary.meaning"), t("glossary.kinds"))
        _table(pd.DataFrame(rows, columns=columns), "dimensions", t("glossary.dimensions_text"))
    return bool(rows)


def measures(word: str) -> bool:
    """Every measure with its definition, formula, caveat and what it can be broken down by."""
    found = [m for m in catalogue() if _fits(word, m.name, label(m), m.label, definition(m), caveat(m))]
    _section(t("glossary.measures"), t("glossary.measures_text"), found, word)
    if found:
        _take_measures(found)
    for metric in found:
        with st.expander(f"**{label(metric)}**", expanded=bool(word) and len(found) <= 3):
            st.markdown(definition(metric))
            dimensions = ", ".join(tables.heading(d) for d in metric.fact.dimensions)
            unit = "%" if metric.unit == "%" else t(f"unit.{metric.unit}.many")
            better = t(f"glossary.better_{metric.better or 'none'}")
            st.markdown(f":small[:gray[{caveat(metric)}  \n{t('glossary.unit')}: {unit} · {better}  \n{t('glossary.by')}: {dimensions}]]")
            st.code(f"{metric.name} = {metric.kind.words}\nfrom {metric.fact.table}", language=None, wrap_lines=True)
    return bool(found)


def _table(table: pd.DataFrame, name: str, about: str) -> None:
    """A table of words, and its two files."""
    st.table(table, hide_index=True, border="horizontal", height=480 if len(table) > _FEW_RULES else "content")
    with st.container(horizontal=True, gap="small"):
        blocks.own_downloads(table, about, name)


def _take_measures(found: Sequence[Metric]) -> None:
    """All definitions that were found, as one file."""
    columns = {
        t("linked.name"): [metric.name for metric in found],
        t("explore.measure"): [label(metric) for metric in found],
        t("glossary.unit"): [metric.unit for metric in found],
        t("glossary.meaning"): [definition(metric) for metric in found],
        t("linked.caveat"): [caveat(metric) for metric in found],
        t("linked.formula"): [metric.kind.words for metric in found],
    }
    with st.container(horizontal=True, gap="small"):
        blocks.own_downloads(pd.DataFrame(columns), t("glossary.measures_text"), "measures")


def false_alarms(word: str) -> bool:
    """How often a verdict is wrong where nothing changed, from the simulation of docs/verdicts.md."""
    title, text = t("glossary.false_alarms"), t("glossary.false_alarms_text")
    names = [t(f"verdict.{name}") for name in ("improvement", "concern", "no_clear_change", "cannot_tell")]
    if not _fits(word, title, text, *names):
        return False
    rates = read_verdicts.false_alarms()
    blocks.heading(title, text)
    table = pd.DataFrame(
        {
            t("glossary.kind"): rates["measure_kind"].map(lambda kind: t(f"glossary.kind_{kind}")),
            t("glossary.judged_by"): rates["column_months"].map(lambda months: t(f"period.by_{'month' if months == 1 else 'quarter'}")),
            t("glossary.months_before"): rates["baseline_months"].map(number),
            t("glossary.wrong"): rates["false_alarm_pct"].map(lambda share: percent(share, 1)),
            t("glossary.wrong_at_worst"): rates["worst_world_pct"].map(lambda share: percent(share, 1)),
            t("glossary.simulated"): rates["communes_simulated"].map(number),
        }
    ).sort_values([t("glossary.kind"), t("glossary.judged_by"), t("glossary.months_before")])
    _table(table, "false-alarms", f"{text} {t('glossary.false_alarms_more')}")
    blocks.small(t("glossary.false_alarms_more"))
    return True


def rules(word: str) -> bool:
    """Every rule of every source, as what is true of a good row."""
    found = [rule for rule in ask.rules() if _fits(word, *map(str, rule.values()))]
    _section(t("glossary.rules"), t("glossary.rules_text"), found, word)
    if found:
        table = pd.DataFrame(
            {
                t("glossary.source"): [t(f"load_source.{rule['source']}") for rule in found],
                t("glossary.sentence"): [rule["sentence"] for rule in found],
                t("glossary.outcome"): [t(f"deliveries.outcome_{rule['outcome']}") for rule in found],
                t("glossary.rule"): [rule["rule"] for rule in found],
            }
        )
        _table(table, "rules", t("glossary.rules_text"))
    return bool(found)


def columns(word: str) -> bool:
    """Every table that can be read in a build: what one row is, and its columns."""
    table, grains = ask.register("tables"), ask.grains()
    found = []
    for (schema, name), columns in table.groupby(["table_schema", "table_name"], sort=True):
        grain = grains.get(str(name), "") if schema == "marts" else t(f"quality_table.{name}", otherwise="")
        if _fits(word, f"{schema}.{name}", grain, *columns["column_name"], *columns["comment"].fillna("")):
            found.append((f"{schema}.{name}", grain, columns))
    _section(t("glossary.tables"), t("glossary.tables_text"), found, word)
    if found:
        whole = pd.concat([columns.assign(grain=grain) for _, grain, columns in found])
        with st.container(horizontal=True, gap="small"):
            blocks.own_downloads(whole, t("glossary.tables_text"), "tables")
    for name, grain, columns in found:
        said = t("glossary.grain", grain=grain) if grain else ""
        with st.expander(f"`{name}`  :small[:gray[{said}]]", expanded=bool(word) and len(found) == 1):
            shown = {t("glossary.column"): columns["column_name"], t("glossary.type"): columns["data_type"].str.lower()}
            if columns["comment"].notna().any():
                shown[t("glossary.meaning")] = columns["comment"].fillna("")
            st.table(pd.DataFrame(shown), hide_index=True)
    return bool(found)


def nothing(word: str) -> None:
    """Words instead of an empty page, where a search finds nothing at all."""
    blocks.state("no_word", subject=f"“{word}”", icon="search_off")


def _section(title: str, text: str, found: Sequence[object], word: str) -> None:
    """A section's heading; while searching, only where something was found."""
    if found or not word:
        blocks.heading(title, text)


def _fits(word: str, *texts: str) -> bool:
    return not word or any(word in text.casefold() for text in texts)
