"""What do the figures say? Every question of a page goes through here.

Answers are remembered by `metrics.memory`; what is made of them in a language, by `remembered`.
"""

import functools
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import pandas as pd

import etl.api
from charts.model import Mark
from charts.trend import as_date
from charts.words import Around, wrapped
from metrics import books, catalogue, compare, limits, places, read_verdicts, registers
from metrics import query as questions
from metrics.compare import Comparison
from metrics.memory import Memory
from metrics.query import Filters, Query, Result
from metrics.read_verdicts import Verdict
from reports import view
from text import month_text, t
from warehouse import Problem

MOSTLY_SHOWN = 0.8  # a period is fine enough when at least this share of its cells can be shown
_EVENT_CHARACTERS = 22
_PERIODS = ("month", "quarter", "year")
_CODED = (
    "aspect", "facility_type", "covered", "sex", "age_group", "channel", "documents_complete",
    "responsible", "action_status", "session_topic", "assessment_stage", "assessment_question",
)  # fmt: skip
FACILITY_TYPES = ("health_centre", "commune_hall", "police_post", "primary_school")
DRAWINGS = 3000  # finished charts, tables and the like that are kept
_drawings = Memory(DRAWINGS, weigh=lambda value: 1)
F = TypeVar("F", bound=Callable[..., Any])


def remembered(function: F) -> F:
    """Remember what a function makes of the build that is being looked at, in its language; its arguments are hashable.

    Streamlit's own cache asks a millisecond or two for each look, which a page of thirty looks feels.
    """

    @functools.wraps(function)
    def recall(*args: Any, **chosen: Any) -> Any:
        seen = view.now()
        key = function.__module__, function.__qualname__, seen.build, seen.language, args, tuple(sorted(chosen.items()))
        return _drawings.get(key, lambda: function(*args, **chosen))

    return recall  # type: ignore[return-value]


def forget() -> None:
    """Forget what was made of answers, so that a long run over many places keeps its memory."""
    _drawings.clear()


def result(query: Query) -> Result:
    """The answer to a query, with limits where it asks for them. What cannot be asked is a Problem."""
    build_id = view.now().build.build_id
    return limits.answer(query, build_id) if isinstance(query, limits.Trend) else questions.ask(query, build_id)


def results(queries: Sequence[Query]) -> list[Result]:
    """The answers to several queries; what is not remembered yet is asked at the same time."""
    build_id = view.now().build.build_id
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(lambda query: questions.ask(query, build_id), queries))


def before_after(metric: str, where: Filters) -> Comparison:
    """Before the programme against after it, every commune set to its own start."""
    return judged(metric, where)[0]


def judged(metric: str, where: Filters) -> tuple[Comparison, Verdict]:
    """The same with its verdict."""
    return read_verdicts.judged(compare.before_after(metric, where, view.now().build.build_id))


def finest(query: Query, periods: Sequence[str] = _PERIODS) -> Query:
    """The query by the finest of the periods whose cells are mostly shown: small communes by quarter or year."""
    return _finest(query, tuple(periods), view.now().build.build_id)


@remembered
def _finest(query: Query, periods: tuple[str, ...], build_id: str) -> Query:
    shown: dict[str, float] = {}
    for period in periods:
        finer = replace(query, period=period)
        if _is_possible(finer):
            shown[period] = shown_share(finer)
            if shown[period] >= MOSTLY_SHOWN:
                return finer
    return replace(query, period=max(shown, key=lambda period: shown[period], default="year"))


def _is_possible(query: Query) -> bool:
    try:
        return not result(query).table.empty
    except Problem:
        return False


def shown_share(query: Query) -> float:
    """Which part of the cells that hold anything can be shown, 0 to 1."""
    status = result(query).table[f"{query.metrics[0]}_status"]
    known = status[status != "no_data"]
    return float((known == "shown").mean()) if len(known) else 0.0


def in_province(chosen: Filters) -> Filters:
    """The same choice with the province instead of a smaller place in it, where nothing finer is published."""
    code = chosen.commune or chosen.district
    return chosen.but(province=code[:2], district=None, commune=None) if code else chosen


def has_data(metric: str, where: Filters | None = None) -> bool:
    """Whether the build holds anything for a measure, shown or hidden, in a choice; false where its months lie outside the data."""
    try:
        again = catalogue()[metric].fact.counted_again_by
        table = result(Query((metric,), by=(again,) if again else (), where=where or Filters())).table
    except Problem:
        return False
    return bool((table[f"{metric}_status"] != "no_data").any())


@remembered
def _names(build_id: str, language: str) -> Mapping[str, str]:
    words = {value: t(f"{column}.{value}") for column in _CODED for value in _values(column)} | {"unknown": t("value.unknown")}
    return {**words, **places.names(build_id, language)}


def _values(column: str) -> tuple[str, ...]:
    return {
        "aspect": ("speed", "friendliness", "quality", "overall"),
        "facility_type": FACILITY_TYPES,
        "covered": ("yes", "no"),
        "sex": ("f", "m", "other"),
        "age_group": ("under_18", "18_24", "25_34", "35_59", "60_over"),
        "channel": ("meeting", "tablet", "phone", "kiosk", "web", "paper"),
        "documents_complete": ("true", "false"),
        "session_topic": ("commune_services", "health", "school", "budget", "rights", "other"),
        "assessment_stage": ("before_training", "after_training", "follow_up"),
        "assessment_question": ("knowledge", "confidence", "leadership", "civic_engagement", "uses_services"),
        "responsible": ("commune_council", "health_centre", "school", "police", "district", "community", "other"),
        "action_status": ("planned", "ongoing", "completed", "dropped", "carried_over"),
    }[column]


def names() -> Mapping[str, str]:
    """What every code is called in the reader's language."""
    seen = view.now()
    return _names(seen.build.build_id, seen.language)


def place_name(code: str) -> str:
    """A commune and its district in the reader's language."""
    known = names()
    return f"{known.get(code, code)}, {known.get(code[:4], code[:4])}"


def in_language(row: Mapping[Hashable, Any], column: str) -> str:
    """A text of a list or a plan in the reader's language where it has one (`<column>_km`), else as it is written; empty where none is."""
    words = row.get(f"{column}_km") if view.now().language == "km" else None
    words = words if is_there(words) else row[column]
    return str(words) if is_there(words) else ""


def is_there(value: object) -> bool:
    """Whether anything is written."""
    return not pd.isna(value) and value != ""  # type: ignore[call-overload]


def communes() -> pd.DataFrame:
    """The communes that this build knows anything about, with their coverage."""
    return registers.communes(view.now().build.build_id)


def knows_coverage() -> bool:
    """Whether the build says of any commune since when the programme is there."""
    return bool(communes()["start_date"].notna().any())


def places_known() -> pd.DataFrame:
    """The places that people can choose; a district known only from feedback has a row without a commune."""
    return places.tree(view.now().build.build_id)


def services() -> pd.DataFrame:
    """The services that people can choose, with the type of facility that gives them."""
    return registers.services(view.now().build.build_id)


def categories() -> list[str]:
    """The categories of criteria that people can choose, in their order."""
    return registers.categories(view.now().build.build_id)


def events_of(where: Filters) -> pd.DataFrame:
    """What is known to have happened in a place, oldest first."""
    return registers.events(view.now().build.build_id, province=where.province, district=where.district, commune=where.commune)


def _kinds(query: Query, build_id: str) -> frozenset[str]:
    """The kinds of facility whose own records a query counts; none where a figure is of several, as answers, scores and actions are."""
    where = query.where
    if where.facility_type:
        return frozenset((where.facility_type,))
    if where.service:
        table = services()
        return frozenset(table.loc[table["service_code"] == where.service, "facility_type"])
    fact = catalogue()[query.metrics[0]].fact
    kinds = frozenset(questions.types_counted(fact, build_id))
    return kinds if fact.service_column == "service_code" or len(kinds) == 1 else frozenset()


@remembered
def _around(where: Filters, queries: tuple[Query, ...], build_id: str, language: str) -> Around:
    build = view.now().build
    data_to = build.data_to or build.built_at.date()
    events = events_of(where)
    events = events[events["event_type"] != "coverage_start"]  # the register of coverage says it for every commune
    if not where.commune:  # above the commune only what concerns everybody there
        events = events[events["commune_code"].isna()]
    if queries:
        shown = frozenset[str]().union(*(_kinds(query, build_id) for query in queries))
        is_shown = [pd.isna(kinds) or not shown.isdisjoint(str(kinds).split()) for kinds in events["concerns"]]
        events = events[pd.Series(is_shown, index=events.index, dtype=bool)]
    marks = [
        Mark(
            as_date(event["event_date"]),
            _two_lines(_event_name(event, language), event["event_date"]),
            t(f"event_short.{event['event_type']}"),
        )
        for event in events.to_dict("records")
    ]
    table = communes()
    start = table.loc[table["commune_code"] == where.commune, "start_date"].dropna()
    marks += [Mark(as_date(day), _two_lines(t("chart.programme_comes"), day), is_main=True) for day in start]
    return Around(names(), data_to, tuple(marks), registers.standards(build_id, data_to))


def _two_lines(name: str, day: date) -> str:
    """An event's name in short lines and, under it, its month."""
    return f"<b>{wrapped(name, _EVENT_CHARACTERS)}</b><br>{month_text(day)}"


def _event_name(event: dict[Hashable, Any], language: str) -> str:
    return str(event.get(f"title_{language}") or event["title_en"] or t(f"event_type.{event['event_type']}"))


def around(where: Filters | None = None, *queries: Query) -> Around:
    """What charts of a place need besides their figures; with the queries that are drawn, only the events that concern what they count."""
    seen = view.now()
    return _around(where or Filters(), queries, seen.build.build_id, seen.language)


def book(name: str, **choice: str | None) -> pd.DataFrame:
    """One of the build's own books: files, rules_broken, rows_set_aside, rows_superseded, unmatched_places."""
    return getattr(books, name)(view.now().build.build_id, **choice)


def register(name: str, *of: str | None) -> pd.DataFrame:
    """One of the programme's registers: facilities or offices of a commune, promises of a place, silent_facilities, tables."""
    return getattr(registers, name)(view.now().build.build_id, *of)


@remembered
def grains() -> dict[str, str]:
    """What one row of each table is, as its own query says."""
    return registers.grains()


def everything_set_aside(file: str | None) -> pd.DataFrame:
    """All rows set aside, for a download; when it is long, it is not remembered."""
    return books.rows_set_aside(view.now().build.build_id, file=file, limit=None)


@remembered
def _rules(language: str) -> list[dict[str, str]]:
    return etl.api.rules()


def rules() -> list[dict[str, str]]:
    """Every rule of every source: `source`, `rule`, `sentence`, `outcome`."""
    return _rules(view.now().language)
