"""What do scorecards say? The answer in words, who scored, the spread, both sides, and what changed."""

import pandas as pd

import charts
from charts.model import Chart
from charts.plotly_figure import figure
from charts.words import is_known, scope
from metrics import catalogue, scored
from metrics.query import Filters, Query
from reports import ask, figures, view
from text import number, percent, t
from ui import blocks

_COUNTED = ("scorecard_meetings", "scoring_people")


def meetings(chosen: Filters, period: str | None = None) -> Query:
    """How many meetings and people; they come for all criteria together."""
    return Query(_COUNTED, period=period, where=chosen.but(category=None))


def who(chosen: Filters) -> None:
    """A quiet line: how many meetings, how many people, what share of them women; what may not be told is left out."""
    counted = meetings(chosen)
    row = ask.result(counted).table.iloc[0]
    told = [t(f"scorecards.who_{name}", n=number(row[name])) for name in _COUNTED if is_known(row[name])]
    women = catalogue()["scoring_women_pct"]
    table = ask.result(Query((women.name,), where=counted.where)).table
    if len(table) and is_known(table[women.name].iloc[0]):
        told.append(t("scorecards.who_women", share=percent(table[women.name].iloc[0])))
    if told:
        blocks.small(" · ".join(told))


def spread(query: Query) -> None:
    """How the scores of each category lie in the fifths of the scale."""
    _show(_spread(query, *_seen()), query)


@ask.remembered
def _spread(query: Query, build_id: str, language: str, theme: str) -> blocks.Drawn:
    found = scored.spreads(query.where, build_id)
    around = ask.around(query.where)
    subtitle = t("scorecards.spread", scope=scope(query.where, around))
    return _drawn(charts.levels(found, around, subtitle=subtitle, fact="scores") if found else None, query, theme)


def both_sides(query: Query) -> None:
    """Citizens and providers a row each category."""
    if made := figures.both_sides(query):
        blocks.show_made(made)
    else:
        blocks.nothing(ask.result(query))


def changed(chosen: Filters) -> None:
    """Whether meetings score higher than at first; where too few have met twice, that."""
    made = _changed(chosen, *_seen())
    if made.chart is None:
        blocks.small(t("higher.too_few", n=number(scored.FEWEST_MEETINGS)))
        return
    blocks.show(made.chart, made.figure, ())
    found = scored.changes(chosen, view.now().build.build_id)
    blocks.own_proof(_table(found), t("higher.about"), "higher", catalogue()[scored.CITIZENS], made=made.chart)


@ask.remembered
def _changed(chosen: Filters, build_id: str, language: str, theme: str) -> blocks.Drawn:
    found = scored.changes(chosen, build_id)
    return _drawn(charts.higher(found, ask.around(chosen), chosen) if found else None, None, theme)


def _table(found: list[scored.Change]) -> pd.DataFrame:
    names = ask.around()
    return pd.DataFrame(
        {
            t("filter.category"): [names.name(change.category) for change in found],
            t("higher.chance"): [percent(change.chance_pct) for change in found],
            t("table.likely_alone"): [t("table.limits", low=number(change.low), high=percent(change.high)) for change in found],
            t("higher.first"): [number(change.first) for change in found],
            t("higher.newest"): [number(change.newest) for change in found],
            t("higher.communes"): [number(change.communes) for change in found],
        }
    )


def _seen() -> tuple[str, str, str]:
    seen = view.now()
    return seen.build.build_id, seen.language, seen.theme


def _drawn(made: Chart | None, query: Query | None, theme: str) -> blocks.Drawn:
    results = (ask.result(query),) if query else ()
    return blocks.Drawn(made, figure(made, theme) if made else None, results)  # type: ignore[arg-type]


def _show(drawn: blocks.Drawn, query: Query) -> None:
    if drawn.chart is None:
        blocks.nothing(drawn.results[0])
    else:
        blocks.show(drawn.chart, drawn.figure, drawn.results)
