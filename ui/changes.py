"""What changed between two builds, and why? Figures then and now, the books behind them, and definitions that are not the same."""

import pandas as pd
import streamlit as st

import warehouse
from charts.axes import span_text
from charts.words import label, said
from metrics import catalogue, changed
from metrics.changed import Pair
from metrics.model import Metric
from metrics.question import Filters
from reports import ask, tables, view
from text import date_text, number, t, with_unit
from ui import blocks, links, problems
from warehouse import Build

_ALL = ""
_UNCHANGED = (changed.SAME, changed.BOTH_HIDDEN)
_WIDTH = 420


def choose() -> Pair:
    """The build that is looked at, and the earlier one that the address or the reader names. Raises Nothing where there is no other."""
    now = view.now().build
    others = [one for one in reversed(warehouse.builds()) if one.is_demonstration == now.is_demonstration and one.build_id != now.build_id]
    asked = st.query_params.get("old")
    if asked and asked not in [one.build_id for one in others]:
        if asked != now.build_id:
            changed.pair(asked, now.build_id)  # says that it is in the archive, gone, or of the other kind
        problems.quiet_note(t("filter.dropped", value=asked))
    if not others:
        raise blocks.Nothing("no_other_build", icon="history")
    known = {one.build_id: one for one in others}
    first = next((one for one in others if one.built_at < now.built_at), others[0])
    st.session_state["changes old"] = asked if asked in known else first.build_id
    st.selectbox(
        t("changes.earlier"),
        list(known),
        key="changes old",
        format_func=lambda build_id: _named(known[build_id]),
        on_change=lambda: links.choose(old=st.session_state["changes old"]),
        width=_WIDTH,
    )
    archived = warehouse.archived_builds()
    if archived:
        blocks.small(t("changes.archived", n=number(len(archived))))
    return changed.pair(str(st.session_state["changes old"]), now.build_id)


def _named(build: Build) -> str:
    return t("changes.build", build=build.build_id, date=date_text(build.data_to))


def lead(builds: Pair) -> str:
    """How many of the programme's yearly figures changed."""
    table = _between((), "programme", "year", Filters(), builds.old.build_id, builds.new.build_id)
    n = int((~table["told"].isin(_UNCHANGED)).sum())
    told = {"old": _named(builds.old), "new": _named(builds.new), "all": number(len(table))}
    return t("changes.lead", n=number(n), **told) if n else t("changes.lead_none", **told)


@ask.remembered
def _between(names: tuple[str, ...], level: str, period: str, where: Filters, old: str, new: str) -> pd.DataFrame:
    return changed.between(changed.pair(old, new), names, level, period, where)


def figures(builds: Pair, where: Filters) -> None:
    """Each figure then and now, chosen by measure, level of place and period; unchanged ones are in the file only."""
    blocks.heading(t("changes.figures"), t("changes.figures_text"))
    names, level, period = _choice()
    table = _between(names, level, period, where, builds.old.build_id, builds.new.build_id)
    moved = table[~table["told"].isin(_UNCHANGED)]
    blocks.small(t("changes.counted", n=number(len(moved)), all=number(len(table))))
    if table.empty:
        blocks.state("nothing_to_compare", icon="filter_alt_off")
        return
    if len(moved):
        shown = _readable(moved, period)
        st.dataframe(shown, hide_index=True, height="content" if len(shown) <= 2 * tables.FEW_ROWS else 560, column_config=_wide())
    with st.container(horizontal=True, gap="small"):
        only = catalogue()[names[0]] if len(names) == 1 else None
        blocks.own_downloads(lambda: _to_take(table), f"{t('changes.figures_text')} {t('changes.privacy')}", "changes", only)
    blocks.small(t("changes.privacy"))


def _choice() -> tuple[tuple[str, ...], str, str]:
    measures = {_ALL: t("changes.all_measures"), **{metric.name: label(metric) for metric in catalogue()}}
    levels = {level: t(f"changes.level.{level}") for level in changed.LEVELS}
    periods = {period: t(f"period.{period}") for period in changed.PERIODS}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", width=980):
        measure = _select("measure", measures, _ALL, t("explore.measure"))
        level = _select("level", levels, "programme", t("changes.places"))
        period = _select("period", periods, "year", t("explore.period"))
    return (measure,) if measure else (), level, period


def _select(name: str, options: dict[str, str], default: str, words: str) -> str:
    """A choice of this page, kept in the address."""
    asked = st.query_params.get(name, default)
    st.session_state[f"changes {name}"] = asked if asked in options else default
    st.selectbox(
        words,
        list(options),
        key=f"changes {name}",
        format_func=options.__getitem__,
        on_change=lambda: links.choose(**{name: st.session_state[f"changes {name}"]}),
    )
    return str(st.session_state[f"changes {name}"])


def _readable(table: pd.DataFrame, period: str) -> pd.DataFrame:
    """The rows as a person reads them."""
    around, metrics = ask.around(), [catalogue()[name] for name in table["metric"]]
    starts = [None if pd.isna(start) else pd.Timestamp(start).date() for start in table["period_start"]]
    rows = list(zip(metrics, table.to_dict("records"), strict=True))
    return pd.DataFrame(
        {
            t("explore.measure"): [label(metric) for metric in metrics],
            t("changes.place"): [around.name(code) if code else t("changes.level.programme") for code in table["place_code"]],
            t(f"period.{period}"): [span_text(start, period) if start else "" for start in starts],
            t("changes.then"): [said(metric, row["then"], row["then_status"]) for metric, row in rows],
            t("changes.now"): [said(metric, row["now"], row["now_status"]) for metric, row in rows],
            t("changes.difference"): [difference_in_words(metric, row) for metric, row in rows],
            t("changes.why_column"): ["; ".join(t(f"changes.why.{why}") for why in row["why"]) for _, row in rows],
        }
    )


def difference_in_words(metric: Metric, row: dict) -> str:
    """By how much a figure changed; a few records are not told one by one."""
    told = row["told"]
    if told == changed.CHANGED:
        unit, decimals = ("points", 1) if metric.unit == "%" else (metric.unit, metric.decimals)
        if abs(row["difference"]) < 0.5 * 10**-decimals:
            return t("changes.too_small" if row["difference"] else "changes.same_figure")
        return with_unit(row["difference"], unit, decimals, sign=True)
    if told == changed.FEW and row["then"] != row["now"] and not metric.is_share and metric.is_count:
        return t("changes.few_more" if row["now"] > row["then"] else "changes.few_fewer")
    return t(f"changes.told.{told}")


def _to_take(table: pd.DataFrame) -> pd.DataFrame:
    """The same with codes and plain numbers, and names beside them."""
    names = ask.names()
    return table.assign(
        measure=[label(catalogue()[name]) for name in table["metric"]],
        place=[names.get(code, code) if code else "" for code in table["place_code"]],
        why=[", ".join(why) for why in table["why"]],
    )


def _wide() -> dict:
    return {t("changes.why_column"): st.column_config.Column(width=520)}


def books_of(builds: Pair) -> None:
    """Rows loaded then, what was added, replaced and lost, and rows loaded now, source by source; under it the files.

    Rows of one file are not told: a file may be of one commune, whose own figure is hidden.
    """
    blocks.heading(t("changes.books"), t("changes.books_text"))
    found = changed.reconciled(builds)
    moved = found[(found["then"] != found["now"]) | (found[["new_files", "replaced_files", "newer_rows", "gone_files"]] != 0).any(axis=1)]
    if moved.empty:
        blocks.small(t("changes.books_same"))
        return
    numbers = ("then", "new_files", "replaced_files", "newer_rows", "gone_files", "now")
    shown = pd.DataFrame(
        {
            t("deliveries.source"): [t(f"load_source.{source}") for source in moved["source"]],
            **{
                t(f"changes.book.{name}"): [
                    number(n, sign=name not in ("then", "now")) if n or name in ("then", "now") else "" for n in moved[name]
                ]
                for name in numbers
            },
        }
    )
    st.dataframe(shown, hide_index=True, height="content")
    with st.container(horizontal=True, gap="small"):
        blocks.own_downloads(found, t("changes.books_text"), "changes-books")
    files = changed.files_changed(builds)
    files = files.loc[(files["what"] != "same") | (files["then"] != files["now"]), ["source", "file_name", "sheet", "what"]]
    with st.expander(t("changes.files", n=number(len(files)))):
        listed = pd.DataFrame(
            {
                t("deliveries.source"): [t(f"load_source.{source}") for source in files["source"]],
                t("deliveries.file"): [
                    f"{name} [{sheet}]" if sheet else name for name, sheet in zip(files["file_name"], files["sheet"], strict=True)
                ],
                t("changes.what"): [t(f"changes.file.{what}") for what in files["what"]],
            }
        )
        st.dataframe(listed, hide_index=True, height=min(420, 36 * (len(listed) + 1) + 2))
        with st.container(horizontal=True, gap="small"):
            blocks.own_downloads(files, t("changes.files_text"), "changes-files")


def corrections(builds: Pair) -> None:
    """Declared corrections that only one of the builds has."""
    found = changed.corrections_changed(builds)
    if found.empty:
        return
    blocks.heading(t("changes.corrections"), t("deliveries.corrections_text"))
    columns = ("source", "key", "column_name", "old_value", "new_value", "reason", "who")
    words = ("source", "key", "field", "old", "new", "reason", "who")
    shown = pd.DataFrame({t(f"deliveries.{word}"): found[column] for column, word in zip(columns, words, strict=True)})
    shown[t("changes.what")] = [t(f"changes.file.{what}") for what in found["what"]]
    st.dataframe(shown, hide_index=True, height=min(420, 36 * (len(shown) + 1) + 2))
    with st.container(horizontal=True, gap="small"):
        blocks.own_downloads(found, t("deliveries.corrections_text"), "changes-corrections")


def definitions(builds: Pair) -> None:
    """Measures, tables, sources and lists that are not the same; with their words where those changed."""
    blocks.heading(t("changes.definitions"), t("changes.definitions_text"))
    if not changed.knows_definitions(builds):
        blocks.small(t("changes.definitions_unknown"))
        return
    found = changed.definitions_changed(builds)
    if found.empty:
        blocks.small(t("changes.definitions_same"))
        return
    known = catalogue()
    shown = pd.DataFrame(
        {
            t("changes.kind_column"): [t(f"changes.kind.{kind}") for kind in found["kind"]],
            t("changes.name"): [label(known[name]) if name in known else name for name in found["name"]],
            t("changes.what"): [t(f"changes.definition.{what}") for what in found["what"]],
            t("changes.then"): found["said_then"],
            t("changes.now"): found["said_now"],
        }
    )
    st.table(shown, hide_index=True, border="horizontal", height=480 if len(shown) > tables.FEW_ROWS else "content")
    with st.container(horizontal=True, gap="small"):
        blocks.own_downloads(found, t("changes.definitions_text"), "changes-definitions")
