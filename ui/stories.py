"""Which blocks belong to one subject only: services before and after, the spread of answers, unofficial payment, the period shown?"""

import streamlit as st

import charts
from charts.plotly_figure import figure
from metrics import compare, curves, scale
from metrics.query import Filters, Query
from reports import ask, figures, told, view
from text import t
from ui import blocks


def why_this_period(query: Query, usual: str = "month") -> None:
    """A quiet line where a coarser period than usual is shown, because most of the finer ones are hidden."""
    if query.period != usual and query.period in ("quarter", "year"):
        parts = [t("empty.mostly_hidden.what", period=t(f"period.by_{query.period}")), t("empty.mostly_hidden.meaning")]
        blocks.small(" ".join(parts + ([t("empty.mostly_hidden.action")] if query.where.commune else [])))


def by_service(metric: str, chosen: Filters) -> None:
    """Before and after for every service, against its official time; where communes are too small for that, the time of each service.

    The small ones are said to be the reason.
    """
    made = figures.by_service(metric, chosen)
    if made is None:
        blocks.chart(charts.rows, Query((metric,), by=("service",), where=chosen), by="service_code")
        if any(found.communes_too_small for found in compare.before_after_by_service(metric, chosen, view.now().build.build_id).values()):
            blocks.small(t("page.processing.no_pair_by_service"))
    else:
        blocks.show_made(made)


def start_and_programme(promise: told.Promise, chosen: Filters) -> None:
    """Two ways to compare: each commune with its own year before, and communes with the programme with the others.

    What cannot be said is left out.
    """
    found = ask.before_after(promise.metric, promise.where(chosen))
    has_start = told.is_told(found) and told.is_broad(found) and found.aligned_by == "quarter" and chosen.covered != "no"
    has_others = ask.knows_coverage() and not (chosen.covered or chosen.district or chosen.commune)
    columns = st.columns(2, gap="large") if has_start and has_others else [st.container()] * 2
    if has_start:
        with columns[0]:
            blocks.show_made(figures.since_the_start(promise.metric, promise.where(chosen)))
    if has_others:
        with columns[1]:
            by_programme = Query((promise.metric,), by=("covered",), period="quarter", where=promise.where(chosen))
            blocks.chart(charts.trend, by_programme, split="covered")


def documents(chosen: Filters) -> None:
    """By which day requests with all documents are ready, and those without; where groups are too small for curves, the two times."""
    query = Query((curves.MEASURE,), by=(curves.ATTRIBUTE,), where=chosen)
    made = figures.ready_by(query)
    if made is None:
        blocks.chart(charts.rows, query, by=curves.ATTRIBUTE)
    else:
        blocks.show_made(made)


def aspects(query: Query) -> None:
    """The aspects side by side and, for the whole programme, how the answers spread over the scale; that is not known by place."""
    seen = view.now()
    drawn = None if query.where.given() else _spread(seen.build.build_id, seen.language, seen.theme)
    if drawn is None or drawn.chart is None:
        blocks.chart(charts.rows, query, by="aspect")
        return
    shares, spread = st.columns(2, gap="large")
    with shares:
        blocks.chart(charts.rows, query, by="aspect")
    with spread:
        blocks.show(drawn.chart, drawn.figure, drawn.results)


@ask.remembered
def _spread(build_id: str, language: str, theme: str) -> blocks.Drawn:
    shares = scale.spread(build_id)
    if not shares:
        return blocks.Drawn(None, None, ())
    made = charts.levels(shares, ask.around(), subtitle=t("page.feedback.spread"))
    return blocks.Drawn(made, figure(made, theme), (ask.result(Query(("answers",), by=("aspect",))),))  # type: ignore[arg-type]


def channels(chosen: Filters) -> None:
    """Through whom the answers came, and whether they differ by it; of the province or the programme, because no smaller place is told."""
    where = ask.in_province(chosen).but(covered=None)
    counted = Query(("answers",), by=("channel",), where=where)
    if not charts.can_draw(ask.result(counted)):
        blocks.small(t("page.feedback.no_channel"))
        return
    came, alike = st.columns(2, gap="large")
    with came:
        blocks.chart(charts.rows, counted, by="channel")
    with alike:
        blocks.chart(charts.rows, Query(("satisfied_pct",), by=("channel",), where=where), by="channel")
    if where != chosen:
        blocks.small(t("page.feedback.channels_above", place=ask.names().get(str(where.province), t("scope.everywhere"))))


def unofficial_payment(chosen: Filters) -> None:
    """By province, or by district inside a province; never below, to anyone."""
    if chosen.commune:
        blocks.state("below_district", icon="visibility_off")
        return
    where = Filters(province=chosen.province, district=chosen.district, month_from=chosen.month_from, month_to=chosen.month_to)
    level = "district" if chosen.province or chosen.district else "province"
    blocks.chart(charts.rows, Query(("unofficial_payment_pct",), by=(level,), where=where), by=f"{level}_code")
