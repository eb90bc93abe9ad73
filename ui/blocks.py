"""Which blocks is a page built from? Question, answer, card, chart with everything around it, and what to say when there is nothing."""

import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

import charts
from charts import picture
from charts.model import Chart
from charts.plotly_figure import figure
from charts.theme import CONFIG, css
from charts.words import between, caveat, definition, label, said
from metrics import catalogue, export, permalink
from metrics.model import PLACES, Metric
from metrics.query import Filters, Query, Result
from reports import ask, content, tables, view
from reports.figures import Figure
from reports.make import FORMATS, files
from text import language, number, set_language, t
from ui import components, links
from warehouse import Build

_HEADINGS = {2: (1.375, 700), 3: (1.125, 650)}  # size in rem and weight of each level, as in the theme
_OFFICIAL = ("no_within_standard_pct", "no_over_fee_pct")  # what an official time or fee is needed for


@dataclass(frozen=True)
class Drawn:
    """A finished chart: its words, its figure, its results. No `chart`: nothing to tell; no `figure`: nothing to draw."""

    chart: Chart | None
    figure: go.Figure | None
    results: tuple[Result, ...]


# --- words -------------------------------------------------------------------------------------------------------------------------


def question(page: str, **values: str) -> None:
    """The question of the page, as its one h1."""
    title(t(f"question.{page}", **values))


def title(words: str) -> None:
    """What the page is about, as its one h1. Own markup: Streamlit's headings are set too tight for Khmer."""
    height = 1.6 if view.now().language == "km" else 1.25
    st.html(f'<h1 style="font-size:1.75rem;font-weight:700;line-height:{height};margin:0;padding:.5rem 0 0">{escape(words)}</h1>')


def lead(text: str) -> None:
    """The answer in words, right under the question."""
    st.html(f'<p style="font-size:1.25rem;line-height:1.55;margin:0 0 .25rem;max-width:66rem;text-wrap:pretty">{escape(text)}</p>')


def heading(title: str, subtitle: str | None = None, level: int = 2) -> None:
    """A finding and, close under it, its measure, place and period."""
    height = 1.6 if view.now().language == "km" else 1.3  # Streamlit's own headings are set too tight for two lines of Khmer
    size, weight = _HEADINGS[level]
    with st.container(gap="xxsmall"):
        style = f"font-size:{size}rem;font-weight:{weight};line-height:{height};margin:0;padding:.75rem 0 0;text-wrap:pretty"
        st.html(f'<h{level} style="{style}">{escape(title)}</h{level}>')
        if subtitle:
            small(subtitle)


def small(text: str) -> None:
    """One line in small soft type."""
    line(f":small[:gray[{text}]]")


def line(text: str) -> None:
    """One line of markdown."""
    st.markdown(text)


def place_links(items: Sequence[dict[str, str]], key: str, shown: int, page: str = "commune") -> None:
    """Lines that lead to places, the first of them in sight and the others folded away; opens a page on the one that was chosen."""
    opened = components.link_list(items[:shown], key=key) if items else None
    if rest := items[shown:]:
        with st.expander(t("page.overview.more", n=number(len(rest)))):
            opened = components.link_list(rest, key=f"more {key}") or opened
    if opened:
        st.switch_page(f"pages/{page}.py", query_params=links.query(**links.place(opened)))


# --- charts ------------------------------------------------------------------------------------------------------------------------


def chart(maker: Callable[..., Chart], *queries: Query, **options: Any) -> None:
    """Ask, draw and frame a chart: finding, measure, figure, source, caveat, table, downloads, definition.

    `maker` is a function of `charts` that takes the results and what is around them. Where nothing can be drawn the block says why.
    """
    seen = view.now()
    drawn = _drawn(maker, maker.__name__, queries, tuple(sorted(options.items())), seen.build.build_id, seen.language, seen.theme)
    if drawn.chart is None:
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
    kept = tuple(result for result in results if charts.can_draw(result)) if name == "lanes" else results
    if not kept or not charts.can_draw(kept[0]):
        return Drawn(None, None, results)
    around = ask.around(queries[0].where, *queries)
    made = _maker(kept if name == "lanes" else kept[0], *kept[1 : 1 + (name == "waiting")], around, **dict(options))
    return Drawn(made, None if name in ("trend", "control") and charts.has_one_period(kept[0]) else figure(made, theme), kept)


def show_made(made: Figure) -> None:
    """A chart that pages and reports share, drawn for the screen."""
    show(made.chart, _on_screen(made.chart, view.now().theme), made.results)


@ask.remembered
def _on_screen(made: Chart, theme: Any) -> go.Figure:
    return figure(made, theme)


def show(made: Chart, drawn: go.Figure | None, results: Sequence[Result]) -> None:
    """A chart with its finding above and its proof below. The only place that puts a plotly figure on the screen."""
    with st.container(gap="xsmall", key=f"chart-{made.key}"):
        heading(made.title, made.subtitle, 3)
        if drawn is None:
            st.markdown(f":gray[:material/more_time:] {t('chart.one_period')}")
        else:
            st.plotly_chart(drawn, theme=None, config=CONFIG, key=made.key, alt=made.alt)
        small(" ".join(filter(None, (made.source, made.caveat, *dict.fromkeys(note for r in results for note in r.notes)))))
        proof(results, made.key, made if drawn is not None else None)


def proof(results: Sequence[Result], key: str, made: Chart | None = None) -> None:
    """The quiet buttons under a chart: its tables with a link to each, its numbers and picture to take away, its definitions."""
    if not results:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        with st.popover(t("button.table"), icon=":material/table_rows:", type="tertiary"):
            for number_of, result in enumerate(results):
                table = _as_table(result.query, view.now().language)
                st.dataframe(table, hide_index=True, width="content", height=min(420, 36 * (len(table) + 1) + 2))
                if number_of:
                    with st.container(horizontal=True, gap="small"):
                        downloads(result, f"{key}-{number_of + 1}", kind="tertiary")
                small(t("linked.table"))
                st.code(permalink.of_question(result.query, result.build_id, links.base()), language=None, wrap_lines=True)
        if (opened := _to_take(key)) is not None:
            with opened, st.container(horizontal=True, gap="small"):
                downloads(results[0], key, kind="tertiary")
                if made is not None:
                    notes = dict.fromkeys(note for result in results for note in result.notes)
                    pictures(replace(made, caveat=" ".join(filter(None, (made.caveat, *notes)))), picture.rests_on(results[0]))
        with st.popover(t("button.definition"), icon=":material/info:", type="tertiary"):
            for metric in {m.name: m for result in results for m in result.metrics}.values():
                st.markdown(f"**{label(metric)}.** {definition(metric)} {caveat(metric)}")


@ask.remembered
def _as_table(query: Query, language: str) -> pd.DataFrame:
    return tables.readable(ask.result(query), ask.around(query.where))


def downloads(result: Result, key: str, kind: Any = "secondary") -> None:
    """CSV and Excel of one result, made only when somebody takes them."""
    base = links.base()
    _tables(key, kind, csv=lambda: export.to_csv(result, base), xlsx=lambda: export.to_xlsx(result, base))


def own_downloads(
    table: pd.DataFrame | Callable[[], pd.DataFrame], about: str, key: str, metric: Metric | None = None, label: str | None = None
) -> None:
    """CSV and Excel of a table that is no answer to a query, with what it is, the choices of the page, build and link in the file.

    `table` may be made only when it is taken; `label` says more on the button of the CSV.
    """
    seen, chosen, link = view.now(), links.filters(), links.here()

    def told() -> export.Told:
        made = table if isinstance(table, pd.DataFrame) else table()
        return export.Told(made, seen.build, about, chosen, (metric,) if metric else (), link)

    _tables(key, "tertiary", label, csv=lambda: export.table_to_csv(told()), xlsx=lambda: export.table_to_xlsx(told()))


def _to_take(key: str) -> Any:
    """The popover of everything to take away, once it is opened; until then its buttons are not made, which would cost on every run."""
    opened = st.popover(t("picture.take"), icon=":material/download:", type="tertiary", key=f"take {key}", on_change="rerun")
    return opened if opened.open else None


def pictures(made: Chart, n: str = "") -> None:
    """A chart as SVG and PNG with everything around it inside, drawn only when somebody takes it; `n` is what it rests on, in words."""
    build = view.now().build
    for suffix, make in (("svg", picture.picture_svg), ("png", picture.picture_png)):
        _download(t(f"picture.{suffix}"), partial(make, made, build, n=n), suffix, made.key, "tertiary")


def _tables(key: str, kind: Any, label: str | None = None, *, csv: Callable[[], bytes], xlsx: Callable[[], bytes]) -> None:
    for words, suffix, make in ((label or t("button.csv"), "csv", csv), (t("button.excel"), "xlsx", xlsx)):
        _download(words, make, suffix, key, kind)


def _download(words: str, make: Callable[[], bytes | str], suffix: str, key: str, kind: Any) -> None:
    """One button. The name of its file says the build, and whether it is a demonstration."""
    build, spoken = view.now().build, language()
    name = f"commune-pulse-{'demonstration-' if build.is_demonstration else ''}{key}-{build.build_id}.{suffix}"

    def later() -> bytes | str:
        set_language(spoken)  # a download is made in a thread of its own
        return make()

    kind_of_file = mimetypes.guess_type(name)[0]
    st.download_button(words, later, name, kind_of_file, icon=":material/download:", type=kind, key=f"{key}-{suffix}", on_click="ignore")


def own_proof(
    table: pd.DataFrame, about: str, key: str, metric: Metric | None = None, *, is_table_shown: bool = False, made: Chart | None = None
) -> None:
    """The same quiet buttons under something worked out from several answers: its own table and the picture of its chart to take away,
    and its measure if it is one.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if not is_table_shown:
            with st.popover(t("button.table"), icon=":material/table_rows:", type="tertiary"):
                st.dataframe(table, hide_index=True, width="content", height=min(420, 36 * (len(table) + 1) + 2))
        if made is None:
            own_downloads(table, about, f"own-{key}", metric)
        elif (opened := _to_take(key)) is not None:
            with opened, st.container(horizontal=True, gap="small"):
                own_downloads(table, about, f"own-{key}", metric)
                pictures(made)
        if metric is not None:
            with st.popover(t("button.definition"), icon=":material/info:", type="tertiary"):
                st.markdown(f"**{label(metric)}.** {definition(metric)} {caveat(metric)}")


def take_away(*queries: Query, report: Filters | None = None) -> None:
    """Take it with you: the first table as Excel and CSV, the link to exactly this view, the SQL of every figure.

    With `report`, the report on that place and period too.
    """
    results = [ask.result(query) for query in queries]
    heading(t("take.title"), t("take.holds", measures=", ".join(label(metric) for metric in results[0].metrics)))
    with st.container(horizontal=True, gap="small"):
        if report is not None:
            _report(report)
        downloads(results[0], f"page-{view.now().page}")
        link()
        with st.popover(t("button.sql"), icon=":material/database:"):
            for result in results:
                st.code(result.sql, language="sql")


def link(kind: Any = "secondary") -> None:
    """The address of exactly this view, with its build."""
    with st.popover(t("button.link"), icon=":material/link:", type=kind):
        st.markdown(t("button.link_text"))
        st.code(links.here(), language=None, wrap_lines=True)


def _report(where: Filters) -> None:
    """The report on a place as PDF, web page and workbook, in the reader's language, made when somebody takes it."""
    seen = view.now()
    where = where.only(PLACES)
    name = content.file_name(where, seen.language, seen.build)
    with st.popover(t("report.button"), icon=":material/description:"):
        st.markdown(t("report.button_text"))
        for kind in FORMATS:
            st.download_button(
                t(f"report.{kind}"),
                partial(_made, where, seen.language, seen.build, kind),
                f"{name}.{kind}",
                icon=":material/download:",
                key=f"report-{kind}",
                on_click="ignore",
                width="stretch",
            )


def _made(where: Filters, spoken: str, build: Build, kind: str) -> bytes:
    return next(iter(files(where, spoken, build, (kind,)).values()))


def sole_figure(result: Result) -> None:
    """A single number in words, where there is nothing to draw."""
    metric, row = result.metrics[0], result.table.iloc[0] if len(result.table) else None
    value, status = (row[metric.name], row[f"{metric.name}_status"]) if row is not None else (float("nan"), "no_data")
    lead(f"{label(metric)}: {said(metric, value, status)}")


# --- nothing to show -----------------------------------------------------------------------------------------------------------------


class Nothing(Exception):
    """Nothing that this page is about is there, so its blocks would all be empty: the page says so once, in the words of a state."""

    def __init__(self, why: str, **told: str) -> None:
        super().__init__(why)
        self.why, self.told = why, told


def needs(metric: str, where: Filters | None = None) -> None:
    """Go on only where something about a measure has arrived, and some of it matches the choice. Raises Nothing."""
    if not ask.has_data(metric):
        raise Nothing(f"not_arrived.{catalogue()[metric].fact.name}", icon="inbox")
    if where is not None and not ask.has_data(metric, where):
        raise Nothing("nothing_matches", icon="filter_alt_off")


def nothing(result: Result) -> None:
    """Why there is no figure here, what that means and what to do; never an empty frame."""
    metric, where = result.metrics[0], result.query.where
    status = set(result.table[f"{metric.name}_status"]) - {"no_data"}
    why = "hidden" if status & {"hidden", "low", "high"} else "not_reached" if "not_reached" in status else "no_data"
    if why == "no_data" and where.service and f"no_{metric.name}" in _OFFICIAL:
        why = f"no_{metric.name}"
    elif why == "no_data" and links.filters():
        why = "nothing_matches"
    by = ", ".join(tables.heading(column).lower() for column in result.query.by)
    state(
        why,
        subject=t("chart.measure_by", measure=label(metric), by=by) if by else label(metric),
        icon={"hidden": "visibility_off", "not_reached": "hourglass_empty", "no_data": "event_busy"}.get(why, "filter_alt_off"),
        key=repr(result.query),
    )


def state(why: str, *, subject: str = "", icon: str = "info", key: str = "") -> None:
    """What happened, what it means, what to do; the same three parts as an error, without its alarm. `key` tells two on a page apart."""
    with st.container(border=True):
        title = f"{subject}: {t(f'empty.{why}.what')}" if subject else t(f"empty.{why}.what")
        meaning = t(f"empty.{why}.meaning", filter=_chosen_in_words())
        st.markdown(f":gray[:material/{icon}:] **{title}**  \n:small[:gray[{meaning} {t(f'empty.{why}.action')}]]")
        with st.container(horizontal=True, gap="small"):
            if links.filters().get("commune") and why in ("hidden", "below_district"):
                _way_out("district", "zoom_out_map", _to_the_district, f"{why}-{subject}-{key}")
            if links.filters():
                _way_out("reset", "filter_alt_off", _clear, f"{why}-{subject}-{key}")


def _way_out(name: str, icon: str, do: Callable[[], None], key: str) -> None:
    st.button(t(f"button.{name}"), icon=f":material/{icon}:", type="tertiary", key=f"{name}-{key}", on_click=do)


def _chosen_in_words() -> str:
    """Every choice of the address as people call it: places and services by name, months and coverage in words."""
    chosen, names = links.filters(), ask.names()
    words = [names.get(value, value) for name, value in chosen.items() if name not in ("from", "to", "covered")]
    words += [between(chosen.get("from"), chosen.get("to"))] if {"from", "to"} & chosen.keys() else []
    return ", ".join(words + ([t(f"covered.{chosen['covered']}")] if chosen.get("covered") in ("yes", "no") else []))


def filters_in_words(where: Filters) -> str:
    """What a question is narrowed down to, as people call it."""
    given, names = where.given(), ask.names()
    words = [names.get(value, value) for name, value in given.items() if name not in ("month_from", "month_to", "covered")]
    words += [between(where.month_from, where.month_to)] if where.month_from or where.month_to else []
    return ", ".join(words + ([t(f"covered.{where.covered}")] if where.covered else []))


def _to_the_district() -> None:
    links.choose(commune=None, district=str(links.filters()["commune"])[:4])


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
