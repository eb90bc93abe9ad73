"""Which blocks is a page built from? Question, answer, card, chart with everything around it, and what to say when there is nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from charts.model import Chart
from charts.plotly_figure import figure
from charts.theme import CONFIG, css
from charts.words import caveat, definition, label, said
from metrics import export
from metrics.query import Query, Result
from text import language, set_language, t
from ui import ask, links, tables, view


@dataclass(frozen=True)
class Drawn:
    """A finished chart: its words, its figure and the results it was made from; `figure` is None when there is nothing to draw."""

    chart: Chart | None
    figure: go.Figure | None
    results: tuple[Result, ...]


# --- words -------------------------------------------------------------------------------------------------------------------------


def question(page: str, **values: str) -> None:
    """The question of the page, as its one h1. Own markup: Streamlit's headings are set too tight for Khmer."""
    height = 1.6 if view.now().language == "km" else 1.25
    words = escape(t(f"question.{page}", **values))
    st.html(f'<h1 style="font-size:1.75rem;font-weight:700;line-height:{height};margin:0;padding:.5rem 0 0">{words}</h1>')


def lead(text: str) -> None:
    """The answer in words, right under the question."""
    st.html(f'<p style="font-size:1.25rem;line-height:1.55;margin:0 0 .25rem;max-width:62rem;text-wrap:pretty">{escape(text)}</p>')


def heading(title: str, subtitle: str | None = None, level: int = 2) -> None:
    """A finding and, close under it, its measure, place and period."""
    with st.container(gap="xxsmall"):
        st.markdown(f"{'#' * level} {title}", anchors=False)
        if subtitle:
            small(subtitle)


def small(text: str) -> None:
    """One line in small soft type."""
    st.markdown(f":small[:gray[{text}]]")


# --- charts ------------------------------------------------------------------------------------------------------------------------


def chart(maker: Callable[..., Chart], *queries: Query, **options: Any) -> None:
    """Ask, draw and frame a chart: finding, measure, figure, source, caveat, table, downloads, definition.

    `maker` is a function of `charts` that takes the results and what is around them. Where nothing can be drawn the block says why.
    """
    seen = view.now()
    drawn = _drawn(maker, maker.__name__, queries, tuple(sorted(options.items())), seen.build.build_id, seen.language, seen.theme)
    if drawn.chart is None or drawn.figure is None:
        nothing(drawn.results[0])
        return
    show(drawn.chart, drawn.figure, drawn.results)


@ask.remembered
def _drawn(
    _maker: Callable[..., Chart],
    name: str,
    queries: tuple[Query, ...],
    options: tuple[tuple[str, Any], ...],
    build_id: str,
    language: str,
    theme: Any,
) -> Drawn:
    results = tuple(ask.result(query) for query in queries)
    if not any(can_draw(result) for result in results):
        return Drawn(None, None, results)
    kept = results if len(results) == 1 else tuple(result for result in results if can_draw(result))
    made = _maker(kept[0] if len(kept) == 1 and name != "lanes" else kept, ask.around(queries[0].where), **dict(options))
    return Drawn(made, figure(made, theme), kept)


def can_draw(result: Result) -> bool:
    """Whether any cell of the first measure can be shown."""
    return bool((result.table[f"{result.metrics[0].name}_status"] == "shown").any())


def show(made: Chart, drawn: go.Figure, results: Sequence[Result]) -> None:
    """A chart with its finding above and its proof below. The only place that puts a plotly figure on the screen."""
    with st.container(gap="xsmall", key=f"chart-{made.key}"):
        heading(made.title, made.subtitle, 3)
        st.plotly_chart(drawn, theme=None, config=CONFIG, key=made.key, alt=made.alt)
        small(" ".join(filter(None, (made.source, made.caveat, *dict.fromkeys(note for r in results for note in r.notes)))))
        proof(results, made.key)


def proof(results: Sequence[Result], key: str) -> None:
    """The quiet buttons under a chart: its table, its numbers to take away, what its measures mean."""
    if not results:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        with st.popover(t("button.table"), icon=":material/table_rows:", type="tertiary"):
            for result in results:
                table = _as_table(result.query, view.now().language)
                st.dataframe(table, hide_index=True, height=min(420, 36 * (len(table) + 1) + 2))
        downloads(results[0], key, kind="tertiary")
        with st.popover(t("button.definition"), icon=":material/info:", type="tertiary"):
            for metric in {m.name: m for result in results for m in result.metrics}.values():
                st.markdown(f"**{label(metric)}.** {definition(metric)} {caveat(metric)}")


@ask.remembered
def _as_table(query: Query, language: str) -> pd.DataFrame:
    return tables.readable(ask.result(query), ask.around(query.where))


def downloads(result: Result, key: str, kind: Any = "secondary") -> None:
    """CSV and Excel of one result, made only when somebody takes them."""
    spoken = language()
    name = f"commune-pulse-{key}-{result.build_id}"
    for words, suffix, make in (("csv", "csv", export.to_csv), ("excel", "xlsx", export.to_xlsx)):
        st.download_button(
            t(f"button.{words}"),
            _later(make, result, spoken),
            f"{name}.{suffix}",
            icon=":material/download:",
            type=kind,
            key=f"{key}-{suffix}",
            on_click="ignore",
        )


def _later(make: Callable[[Result], bytes], result: Result, spoken: str) -> Callable[[], bytes]:
    def made() -> bytes:
        set_language(spoken)  # a download is made in a thread of its own
        return make(result)

    return made


def take_away(*queries: Query) -> None:
    """Take it with you: the first table as Excel and CSV, the link to exactly this view, the SQL of every figure."""
    results = [ask.result(query) for query in queries]
    st.markdown(f"## {t('take.title')}", anchors=False)
    with st.container(horizontal=True, gap="small"):
        downloads(results[0], f"page-{view.now().page}")
        with st.popover(t("button.link"), icon=":material/link:"):
            st.markdown(t("button.link_text"))
            st.code(here(), language=None, wrap_lines=True)
        with st.popover(t("button.sql"), icon=":material/database:"):
            for result in results:
                st.code(result.sql, language="sql")


def here() -> str:
    """The address of this page with every choice in it, and the build whose figures it shows."""
    base = (st.context.url or "").split("?")[0].rstrip("/")
    return f"{base}?{links.here(lang=view.now().language, build=view.now().build.build_id)}"


def sole_figure(result: Result) -> None:
    """A single number in words, where there is nothing to draw."""
    metric, row = result.metrics[0], result.table.iloc[0] if len(result.table) else None
    value, status = (row[metric.name], row[f"{metric.name}_status"]) if row is not None else (float("nan"), "no_data")
    lead(f"{label(metric)}: {said(metric, value, status)}")


# --- nothing to show -----------------------------------------------------------------------------------------------------------------


def nothing(result: Result) -> None:
    """Why there is no figure here, what that means and what to do; never an empty frame."""
    status = set(result.table[f"{result.metrics[0].name}_status"]) - {"no_data"}
    why = "hidden" if status & {"hidden", "low", "high"} else "not_reached" if "not_reached" in status else "no_data"
    if why == "no_data" and links.filters():
        why = "nothing_matches"
    state(
        why,
        subject=label(result.metrics[0]),
        icon={"hidden": "visibility_off", "not_reached": "hourglass_empty", "no_data": "event_busy"}.get(why, "filter_alt_off"),
        key="-".join((result.metrics[0].name, *result.query.by, result.query.period or "whole")),
    )


def state(why: str, *, subject: str = "", icon: str = "info", key: str = "") -> None:
    """What happened, what it means, what to do; the same three parts as an error, without its alarm.

    Where a page may say the same twice, `key` tells the two apart.
    """
    with st.container(border=True):
        title = f"{subject}: {t(f'empty.{why}.what')}" if subject else t(f"empty.{why}.what")
        chosen = ", ".join(ask.names().get(code, code) for code in links.filters().values())
        meaning = t(f"empty.{why}.meaning", filter=chosen)
        st.markdown(f":gray[:material/{icon}:] **{title}**  \n:small[:gray[{meaning} {t(f'empty.{why}.action')}]]")
        if links.filters():
            st.button(t("filter.reset"), icon=":material/filter_alt_off:", type="tertiary", key=f"widen-{why}-{key}", on_click=_clear)


def _clear() -> None:
    links.choose(**dict.fromkeys(links.filters()))


# --- before and after -----------------------------------------------------------------------------------------------------------------

_ARROW = (
    f'<svg role="img" aria-label="{{to}}" width="16" height="12" viewBox="0 0 16 12" style="align-self:center;margin-top:.15rem">'
    f'<path d="M1 6h13M10 2l4 4-4 4" style="fill:none;stroke:{css("soft")};stroke-width:1.5"/></svg>'
)


def pair(before: str, after: str, unit: str, change: str, *, is_known: bool = True) -> str:
    """The two numbers a reader compares, and under them the difference with its likely range; quiet where there is too little."""
    quiet = f"font-size:.8125rem;color:{css('soft')};line-height:1.5"
    loud = f"font-size:1.5rem;font-weight:700;color:{css('ink')}" if is_known else f"font-size:1.5rem;color:{css('soft')}"
    return (
        f'<div style="display:flex;align-items:baseline;gap:.4rem;font-variant-numeric:tabular-nums;white-space:nowrap;line-height:1.35">'
        f'<span style="font-size:1.25rem;color:{css("soft")}">{before}</span>{_ARROW.format(to=t("chart.to"))}'
        f'<span style="{loud}">{after}</span><span style="{quiet}">{unit}</span></div>'
        f'<div style="{quiet};margin-bottom:1rem">{change}</div>'
    )
