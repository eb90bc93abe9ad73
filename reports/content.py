"""What does a report say? Once, as plain data, so that PDF, HTML and workbook all say the same.

Every figure is the answer to a query, a comparison or a verdict; every sentence comes from the functions that the pages use.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

import charts
import warehouse
from charts import indicator_words
from charts.words import amount, between, caveat, definition, label, records, short
from metrics import catalogue, curves, logframe, places, read_verdicts
from metrics.compare import Comparison
from metrics.indicators import Indicator
from metrics.programme import programme
from metrics.query import Filters, Query, Result
from metrics.read_verdicts import Verdict
from metrics.sql import last_day, month_number
from reports import address, ask, figures, judged, leads, place, sentences, told, view
from reports.figures import Figure
from stats.verdict import Word
from text import date_text, language, month_text, number, set_language, t
from warehouse import Build, Problem

PROGRAMME = "KH"  # the code that means every place
CHANGED_SHOWN, CHANGED_OF_ONE, CONCERNS_SHOWN, RULES_SHOWN = 8, 2, 12, 12
LARGEST_MATRIX = 40  # communes in a table of their own; more are counted by district
_JUDGED = tuple(promise for promise in told.PROMISES if promise.has_before)


@dataclass(frozen=True)
class Cell:
    """A cell of a table: what it says and, where it is a figure, the figure; `word` where it is a verdict."""

    text: str
    value: float | None = None
    word: Word | None = None


@dataclass(frozen=True)
class Table:
    """A table for people. `head`: its columns; `is_number`: those that stand to the right; `about`: what it is, `note`: under it.

    `groups`: a line above the head, each with how many columns it spans.
    """

    key: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_number: tuple[bool, ...]
    about: str = ""
    note: str = ""
    groups: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Finding:
    """One promise: its subject, its word (`chip` as it is written), the finding, what it rests on, and the comparison behind it."""

    key: str
    subject: str
    word: Word
    chip: str
    text: str
    basis: str
    change: str
    compared: Comparison
    verdict: Verdict

    @property
    def is_told(self) -> bool:
        """Whether there are two numbers to show."""
        return told.is_told(self.compared)

    @property
    def is_loud(self) -> bool:
        """Whether the numbers are a finding, and not too little to be one."""
        return self.is_told and self.word != Word.CANNOT_TELL and told.is_broad(self.compared)

    @property
    def pair(self) -> tuple[str, str, str]:
        """Before, after and their unit in words."""
        metric = self.compared.metric
        unit = "%" if metric.unit == "%" else t(f"unit.{metric.unit}.many")
        return number(self.compared.before, metric.decimals), number(self.compared.after, metric.decimals), unit


@dataclass(frozen=True)
class Section:
    """One question with its answer and the charts that prove it."""

    key: str
    title: str
    text: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Squares:
    """The communes as squares by district, with their key; `title` says what was found."""

    title: str
    about: str
    districts: tuple[dict[str, Any], ...]
    key: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Report:
    """Everything a report says, in one language, of one build, place and period."""

    language: str
    build: Build
    where: Filters
    title: str
    place: str
    period: str
    facts: tuple[tuple[str, str], ...]
    kind: str
    link: str
    lead: str
    findings: tuple[Finding, ...]
    how_read: str
    others: tuple[tuple[str, str], ...]
    squares: Squares | None
    verdicts: tuple[Table, ...]
    sections: tuple[Section, ...]
    framework: Table | None
    arrived: tuple[str, ...]
    set_aside: tuple[Table, ...]
    definitions: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...] = field(default=())

    @property
    def results(self) -> tuple[Result, ...]:
        """Every answer behind the charts."""
        return tuple(result for section in self.sections for figure in section.figures for result in figure.results)

    @property
    def name(self) -> str:
        """What its files are called, without ending."""
        return file_name(self.where, self.language, self.build)


def file_name(where: Filters, spoken: str, build: Build) -> str:
    """What the files of a report are called, without ending: plain letters, so that every mailbox and file system takes them."""
    kind = "demonstration-" if build.is_demonstration else ""
    months = "".join(f"-{month}" for month in (where.month_from, where.month_to) if month)
    return f"commune-pulse-{kind}report-{where.place or PROGRAMME}{months}-{spoken}-{build.build_id}"


def filters_of(code: str, month_from: str | None = None, month_to: str | None = None) -> Filters:
    """The filters of a place code (KH, or a province, district or commune) and a period. Raises Problem for a code that is none."""
    level = next((level for level, length in places.CODE_LENGTH.items() if length == len(code) and code.isdigit()), None)
    if code.upper() != PROGRAMME and level is None:
        raise Problem(
            f"'{code}' is not the code of a place.",
            "No report can be made of it.",
            "Write KH for the whole programme, or the official code: 2 digits for a province, 4 for a district, 6 for a commune.",
            code=code,
        )
    return Filters(**({level: code} if level else {}), month_from=month_from, month_to=month_to)


def make(where: Filters, spoken: str = "en", build_id: str | None = None) -> Report:
    """The report of a place and period in a language, from a build (the current one by default).

    Raises Problem where there is no build, or the build does not know the place.
    """
    build = warehouse.build_or_current(build_id)
    with looking(build, spoken):
        _known(where)
        return _made(where, build)


@contextmanager
def looking(build: Build, spoken: str) -> Iterator[None]:
    """Ask and speak as for one build in one language; afterwards as before."""
    before, words = (view.now() if view.is_set() else None), language()
    view.show(view.View(build, True, spoken))
    set_language(spoken)
    try:
        yield
    finally:
        view.show(before)
        set_language(words)


def _known(where: Filters) -> None:
    level = where.finest_place
    if level and where.place not in set(ask.places_known()[f"{level}_code"].dropna()):
        raise Problem(
            f"The build knows no {level} {where.place}.",
            "There is nothing to report of it.",
            "The codes stand in data/reference/communes.csv; only places with a record or with the programme can be reported.",
            code=where.place,
        )


def _made(where: Filters, build: Build) -> Report:
    findings = tuple(_finding(promise, where) for promise in told.PROMISES)
    sections = tuple(filter(None, (_timeline(where), *(_section(*about, where) for about in _SECTIONS))))
    shown = [finding.compared.metric for finding in findings]
    shown += [metric for section in sections for figure in section.figures for result in figure.results for metric in result.metrics]
    is_compared = any(finding.is_told for finding in findings)
    sides = told.sides([finding.compared for finding in findings])
    return Report(
        language=language(),
        build=build,
        where=where,
        title=t("question.overview"),
        place=_place(where),
        period=between(where.month_from, where.month_to),
        facts=_facts(where, build),
        kind=t("frame.demonstration_text") if build.is_demonstration else "",
        link=address.of("commune" if where.commune else "overview", where, build.build_id),
        lead=place.lead(where) if where.commune else sentences.overall(where),
        findings=findings,
        how_read=" ".join((t("promise.how", sides=sides) if sides else "", *_months(where, is_compared))).strip(),
        others=_others(where),
        squares=_squares(where),
        verdicts=tuple(_verdicts(where)),
        sections=sections,
        framework=_framework(where, build),
        arrived=tuple(filter(None, (leads.deliveries(), leads.reports_in(where.but(month_from=None, month_to=None))))),
        set_aside=tuple(_set_aside()),
        definitions=tuple((label(metric), f"{definition(metric)} {caveat(metric)}".strip()) for metric in dict.fromkeys(shown)),
        notes=_notes(build),
    )


def _months(where: Filters, is_compared: bool) -> tuple[str, ...]:
    return (t("report.months_do_not_matter"),) if is_compared and (where.month_from or where.month_to) else ()


def _place(where: Filters) -> str:
    """The place with what it lies in; the whole programme by name."""
    names = ask.names()
    codes = reversed(places.levels(where.place).values())
    return ", ".join(names.get(code, code) for code in codes) or t("report.everywhere")


def _facts(where: Filters, build: Build) -> tuple[tuple[str, str], ...]:
    facts = [(t("report.programme"), indicator_words.told(programme().title))]
    facts += [(t("report.place"), _place(where)), (t("filter.period"), between(where.month_from, where.month_to))]
    facts += [(t("report.data_to"), date_text(build.data_to)), (t("report.build"), f"{build.build_id} ({date_text(build.built_at)})")]
    if where.commune:
        facts.append((t("report.about"), place.facts(where.commune)))
    else:
        known = judged.inside(ask.communes(), where)
        started = int(known["start_date"].notna().sum())
        facts.append((t("report.coverage"), t("report.covered", covered=number(started), all=number(len(known)))))
    return tuple(facts)


def _finding(promise: told.Promise, where: Filters) -> Finding:
    compared, verdict = ask.judged(promise.metric, promise.where(where))
    return Finding(
        promise.key,
        t(f"promise.{promise.key}.subject"),
        verdict.word,
        t(f"verdict.{verdict.word}") if promise.has_before else t("promise.no_before_chip"),
        told.finding(promise, compared),
        told.basis(compared),
        told.change(compared) if told.is_told(compared) else "",
        compared,
        verdict,
    )


def _others(where: Filters) -> tuple[tuple[str, str], ...]:
    """The answers of the subjects that have no card, each in a sentence or two."""
    answers: tuple[tuple[str, str, Callable[[Filters], str]], ...] = (
        ("promises", leads.KEPT, _kept),
        ("scorecards", "good_score_pct", leads.scorecards),
        ("actions", "actions_agreed", leads.actions),
        ("outreach", "sessions_held", leads.outreach),
    )
    return tuple((t(f"question.{key}"), say(where)) for key, metric, say in answers if ask.has_data(metric, where))


# --- where ---------------------------------------------------------------------------------------------------------------------------


def _squares(where: Filters) -> Squares | None:
    """The communes of a place by what was found of the time for requests; nothing for one commune, or where none is known."""
    known = judged.inside(ask.communes(), where)
    if where.commune or known.empty:
        return None
    promise = next(promise for promise in _JUDGED if promise.key == "time")
    found = judged.of_communes(promise, where)
    counts = read_verdicts.counted(found)
    title = t("verdict.none_judged")
    if len(found):
        title = t("promise.time.map", better=number(counts[Word.IMPROVEMENT]), worse=number(counts[Word.CONCERN]))
    seen = view.now()
    districts, key = judged.squares(promise, where.but(month_from=None, month_to=None), seen.build.build_id, seen.language)
    about = t("report.squares", covered=number(int(known["start_date"].notna().sum())), all=number(len(known)))
    return Squares(title, about, tuple(districts), tuple(key))


def _verdicts(where: Filters) -> Iterator[Table]:
    """What was judged: of a commune every measure; of a larger place how many communes, which districts, the largest changes, concerns."""
    if where.commune:
        found = judged.in_order(read_verdicts.table(Filters(commune=where.commune), None, view.now().build.build_id))
        if found:
            yield _judged_table(
                "verdicts", t("verdict.all_here"), found, t("verdict.all_here_text"), with_place=False, note=t("verdict.rule")
            )
        return
    if judged.inside(ask.communes(), where).empty:
        return
    yield _counts(where)
    yield _matrix(where)
    changed = read_verdicts.most_changed(where.but(covered=None, month_from=None, month_to=None), view.now().build.build_id)
    if len(changed):
        largest = changed.groupby("metric", sort=False).head(CHANGED_OF_ONE).head(CHANGED_SHOWN)
        about = t("page.overview.changed_text", n=number(len(changed)))
        yield _judged_table("changed", t("page.overview.changed"), largest.to_dict("records"), about)
    worse = judged.concerns(where)
    if worse:
        rest = len(worse) - CONCERNS_SHOWN
        note = t("report.more_in_annex", n=number(rest)) if rest > 0 else ""
        about = t("attention.concerns", n=number(len(worse)))
        yield _judged_table("concerns", t("page.overview.attention"), worse[:CONCERNS_SHOWN], about, note=note)


def _judged_table(
    key: str, title: str, rows: Iterable[dict[Hashable, Any]], about: str, *, with_place: bool = True, note: str = ""
) -> Table:
    head = ((t("report.place"),) if with_place else ()) + (
        t("verdict.measure"), t("verdict.verdict"), t("verdict.number.before"), t("verdict.number.after"), t("verdict.number.difference"),
        t("table.likely_alone"), t("table.base_alone"), t("tile.covered_since"),
    )  # fmt: skip
    numbers = ((False,) if with_place else ()) + (False, False, True, True, True, True, False, False)
    return Table(key, title, head, tuple(_judged_row(row, with_place) for row in rows), numbers, about, note)


def _judged_row(row: dict[Hashable, Any], with_place: bool) -> tuple[Cell, ...]:
    metric, word = catalogue()[str(row["metric"])], Word(row["word"])
    first = (Cell(ask.place_name(str(row["place_code"]))),) if with_place else ()
    start = (*first, Cell(judged.subject(row)), Cell(t(f"verdict.{word}"), word=word))
    if pd.isna(row["before"]):
        none = Cell("–")
        return (*start, none, none, none, none, Cell(judged.why(row)), Cell(month_text(row["since"])))
    ends = judged.ends(row)
    rests = t("promise.rest_on", before=records(metric, row["records_before"]), after=number(row["records_after"]))
    return (
        *start,
        Cell(short(metric, row["before"]), float(row["before"])),
        Cell(amount(metric, row["after"]), float(row["after"])),
        Cell(ends["difference"], float(row["difference"])),
        Cell(t("table.limits", low=ends["low"], high=ends["high"])),
        Cell(rests),
        Cell(month_text(row["since"])),
    )


def _counts(where: Filters) -> Table:
    """How many communes have each word, promise by promise, beside how many would be marked by chance."""
    rows = []
    for promise in _JUDGED:
        found = judged.of_communes(promise, where)
        counts, tried = read_verdicts.counted(found), read_verdicts.tried(found)
        chance = read_verdicts.expected_by_chance(tried)
        by_chance = Cell(number(chance, 1 if chance < 10 else 0), round(chance, 2)) if len(tried) else Cell("–")
        rows.append((Cell(t(f"promise.{promise.key}.subject")), *(_count(counts[word]) for word in Word), by_chance))
    head = (t("verdict.measure"), *(t(f"verdict.{word}") for word in Word), t("report.by_chance"))
    return Table("counts", t("report.counts"), head, tuple(rows), (False, *[True] * (len(head) - 1)), t("report.counts_text"))


def _count(n: int) -> Cell:
    return Cell(number(n), float(n))


def _matrix(where: Filters) -> Table:
    """Every commune with its four words; of a larger place every district with how many got better and worse."""
    known = judged.inside(ask.communes(), where)
    names = ask.names()
    words: dict[str, dict[str, str]] = {}
    for promise in _JUDGED:
        found = judged.of_communes(promise, where)
        words[promise.key] = dict(zip(found["place_code"], found["word"], strict=True))
    subjects = tuple(t(f"promise.{promise.key}.subject") for promise in _JUDGED)
    if len(known) <= LARGEST_MATRIX:
        there = dict(zip(known["commune_code"], known["start_date"].notna(), strict=True))
        rows = [
            (Cell(ask.place_name(code)), *(_word(words[p.key].get(code), is_there) for p in _JUDGED)) for code, is_there in there.items()
        ]
        head = (t("filter.commune"), *subjects)
        return Table("communes", t("report.communes"), head, tuple(rows), (False,) * len(head), t("report.communes_text"))
    rows = []
    for district, codes in known.groupby("district_code", sort=True)["commune_code"]:
        counted = [[words[promise.key].get(code) for code in codes] for promise in _JUDGED]
        cells = [_count(sum(word == sign for word in column)) for column in counted for sign in (Word.IMPROVEMENT, Word.CONCERN)]
        province = names.get(str(district)[:2], "")
        rows.append((Cell(f"{names.get(str(district), str(district))}, {province}"), _count(len(codes)), *cells))
    head = (t("filter.district"), t("report.n_communes"), *("+", "!") * len(_JUDGED))
    groups = (("", 2), *((subject, 2) for subject in subjects))
    is_number = (False, *[True] * (len(head) - 1))
    return Table("districts", t("report.districts"), head, tuple(rows), is_number, t("report.districts_text"), groups=groups)


def _word(word: str | None, is_there: bool) -> Cell:
    """The verdict on a commune; where the programme is and nothing was judged, it cannot be told yet."""
    known = Word(word) if word else Word.CANNOT_TELL
    return Cell(t(f"verdict.{known}"), word=known) if is_there else Cell(t("verdict.away"))


# --- proof ---------------------------------------------------------------------------------------------------------------------------


def _section(key: str, metric: str, say: Callable[[Filters], tuple[str, list[Figure | None]]], where: Filters) -> Section | None:
    """A question with its answer and charts; None where nothing of its subject ever arrived."""
    if not ask.has_data(metric):
        return None
    if not ask.has_data(metric, where):
        return Section(key, t(f"question.{key}"), f"{t('promise.nothing_here')}.")
    text, made = say(where)
    return Section(key, t(f"question.{key}"), text, tuple(figure for figure in made if figure))


def _timeline(where: Filters) -> Section | None:
    """The cycle of one commune on one time axis; nothing for a larger place, or where no lane can be drawn."""
    made = figures.timeline(where, place.lanes(where), place.finding(where)) if where.commune else None
    return Section("commune", t("question.commune", place=ask.place_name(str(where.commune))), "", (made,)) if made else None


def _use(where: Filters) -> tuple[str, list[Figure | None]]:
    chosen = where.but(facility_type="health_centre")
    visits = ask.finest(Query(("visits_per_facility_month", "reporting_completeness_pct"), where=chosen))
    reports = Query(("reporting_completeness_pct",), period="year" if where.commune else "quarter", where=chosen)
    return sentences.answer(told.PROMISES[:1], where, visits), [
        figures.usual_trend(visits),
        figures.drawn(charts.rows, Query(("visits_per_facility_month",), by=("service",), where=chosen), by="service_code"),
        figures.drawn(charts.trend, reports, level=charts.FULLY_REPORTED_PCT),
    ]


def _time(where: Filters) -> tuple[str, list[Figure | None]]:
    waiting, standard = (ask.finest(Query((name,), where=where)) for name in ("median_processing_days", "within_standard_pct"))
    open_now = Query(("open_requests", "overdue_requests"), where=where)
    services = figures.by_service("median_processing_days", where)
    return sentences.answer(told.PROMISES[1:3], where, waiting), [
        figures.usual_trend(waiting),
        figures.usual_trend(standard),
        figures.ready_by(Query((curves.MEASURE,), by=(curves.ATTRIBUTE,), where=where)),
        services or figures.drawn(charts.rows, Query(("median_processing_days",), by=("service",), where=where), by="service_code"),
        figures.drawn(charts.waiting, Query(("open_requests", "overdue_requests"), by=("service",), where=where), open_now),
    ]


def _promises(where: Filters) -> tuple[str, list[Figure | None]]:
    kept = ask.finest(Query((leads.KEPT,), where=where))
    by_service = Query((leads.KEPT,), by=("service",), where=where)
    return _kept(where), [
        figures.drawn(charts.rows, by_service, by="service_code", only_known=True),
        figures.drawn(charts.trend, kept),
    ]


def _kept(where: Filters) -> str:
    return leads.promises(where) or f"{t('empty.hidden.what')} {t('empty.hidden.meaning')}"


def _satisfied(where: Filters) -> tuple[str, list[Figure | None]]:
    aspects = Query(("satisfied_pct",), by=("aspect",), where=where)
    trend = ask.finest(Query(("satisfied_pct",), where=where.but(aspect="friendliness")), ("quarter", "year"))
    said = " ".join(filter(None, (sentences.answer(told.PROMISES[3:4], where, trend), sentences.widest(aspects, "aspect"))))
    return said, [figures.usual_trend(trend), figures.drawn(charts.rows, aspects, by="aspect")]


def _scores(where: Filters) -> tuple[str, list[Figure | None]]:
    both = Query(("good_score_pct", "good_self_score_pct"), by=("category",), where=where)
    by_year = Query(("good_score_pct",), period="year", where=where)
    return leads.scorecards(where), [figures.both_sides(both), figures.drawn(charts.trend, by_year)]


def _actions(where: Filters) -> tuple[str, list[Figure | None]]:
    by_kind = Query(("actions_agreed", "overdue_actions"), by=("facility_type", "action_status"), where=where)
    within_year = Query(("actions_done_within_year_pct",), period="quarter", where=figures.old_enough(where))
    return leads.actions(where), [
        figures.drawn(charts.action_status, by_kind, by="facility_type"),
        figures.drawn(charts.trend, within_year),
    ]


def _outreach(where: Filters) -> tuple[str, list[Figure | None]]:
    came = ask.finest(Query(("participants",), where=where), ("quarter", "year"))
    held = Query(("sessions_held_pct",), period="year" if where.district or where.commune else "quarter", where=where)
    return leads.outreach(where), [figures.drawn(charts.trend, came), figures.drawn(charts.trend, held)]


def _schools(where: Filters) -> tuple[str, list[Figure | None]]:
    teachers, pupils = (ask.finest(Query((name,), where=where)) for name in ("teacher_presence_pct", "pupil_attendance_pct"))
    said = f"{sentences.answer((told.TEACHERS,), where, teachers)} {sentences.newest(pupils)}"
    return said, [figures.usual_trend(teachers), figures.drawn(charts.trend, pupils)]


_SECTIONS: tuple[tuple[str, str, Callable[[Filters], tuple[str, list[Figure | None]]]], ...] = (
    ("service_use", "visits_per_facility_month", _use),
    ("processing", "requests", _time),
    ("feedback", "satisfied_pct", _satisfied),
    ("promises", leads.KEPT, _promises),
    ("scorecards", "good_score_pct", _scores),
    ("actions", "actions_agreed", _actions),
    ("outreach", "sessions_held", _outreach),
    ("schools", "school_reports_pct", _schools),
)


# --- what the figures are worth -----------------------------------------------------------------------------------------------------


def _set_aside() -> Iterator[Table]:
    """The balance of the rows by source, and the rules that were broken most."""
    names = ("rows_read", "rows_loaded", "rows_set_aside", "rows_superseded", "rows_deleted")
    files = ask.book("files")
    if files.empty:
        return
    sums = files.dropna(subset=["source"]).groupby("source")[list(names)].sum()
    rows = tuple((Cell(t(f"load_source.{source}")), *(_count(int(row[name])) for name in names)) for source, row in sums.iterrows())
    head = (t("deliveries.source"), *(t(f"deliveries.{name}") for name in names))
    yield Table("balance", t("report.balance"), head, rows, (False, *[True] * len(names)), t("deliveries.balance_text"))
    found = ask.book("rules_broken")
    if len(found):
        broken = found.head(RULES_SHOWN).to_dict("records")
        lines = tuple(
            (
                Cell(t(f"load_source.{row['source']}")),
                Cell(t(f"rule.{row['source']}.{row['rule']}", otherwise=str(row["sentence"]))),
                Cell(t(f"deliveries.outcome_{row['outcome']}")),
                _count(int(row["rows"])),
            )
            for row in broken
        )
        head = (t("deliveries.source"), t("deliveries.sentence"), t("deliveries.outcome"), t("deliveries.rows"))
        rest = len(found) - len(broken)
        note = t("report.more_rules", n=number(rest)) if rest > 0 else ""
        yield Table("rules", t("deliveries.rules"), head, lines, (False, False, False, True), t("deliveries.rules_text"), note)


def _notes(build: Build) -> tuple[tuple[str, str], ...]:
    """What every reader should know: privacy, how verdicts are decided, what a change does not prove, what was invented."""
    parts = [
        (t("report.privacy"), t("report.privacy_text")),
        (t("report.how_judged"), t("verdict.rule")),
        (t("report.causes"), t("report.causes_text")),
        (t("report.missing"), t("report.missing_text")),
    ]
    if build.is_demonstration:
        parts.insert(0, (t("frame.demonstration"), t("frame.demonstration_text")))
    return tuple(parts)


def _framework(where: Filters, build: Build) -> Table | None:
    """The indicators of the results framework as at the end of the period, else the data date; None where none is declared."""
    values = logframe.framework(build.build_id, _end_of(where.month_to, build), where.but(month_from=None, month_to=None))
    if not values:
        return None
    rows = tuple(
        (
            Cell(each.indicator.code),
            Cell(indicator_words.title(each.indicator)),
            _value_cell(each.indicator, each.baseline),
            _due_cell(each),
            replace(_value_cell(each.indicator, each.current), text=indicator_words.said_against(each)),
            Cell(indicator_words.progress(each)),
        )
        for each in values
    )
    head = (t("tile.code"), *(t(f"results.{name}") for name in ("indicator", "baseline", "milestone", "current")), t("report.stands"))
    day, quarter = values[0].as_of, logframe.quarter_end(values[0].as_of)
    parts = [
        indicator_words.finding(values),
        t("results.counted", date=date_text(day), quarter=date_text(quarter)),
        t("results.place_only") if where.place else "",
    ]
    note = t("results.example").replace("**", "") if any(each.indicator.is_example for each in values) else ""
    return Table(
        "framework", t("report.framework"), head, rows, (False, False, True, True, True, False), " ".join(filter(None, parts)), note
    )


def _end_of(month: str | None, build: Build) -> date:
    """The last day of a month ("2024-06"), not after the data date."""
    newest = logframe.newest_day(build.build_id)
    if not month:
        return newest
    return min(last_day(month_number(month)), newest)


def _value_cell(indicator: Indicator, value: logframe.Value) -> Cell:
    return Cell(indicator_words.said(indicator, value), value.value if value.is_known else None)


def _due_cell(each: logframe.IndicatorValue) -> Cell:
    return Cell(indicator_words.milestone(each.indicator, each.milestone), each.milestone.value if each.milestone else None)
