"""How does one promise of the programme read? Before and after in words, how sure, on how much, since when."""

from collections.abc import Sequence
from dataclasses import dataclass

import charts
from charts.words import amount, base, is_known, likely, records, short
from metrics import catalogue
from metrics.compare import Comparison
from metrics.query import Filters, Query
from reports import ask
from stats.verdict import Word
from text import month_text, number, t
from text.numbers import NO_BREAK_SPACE

BROAD = 0.1


@dataclass(frozen=True)
class Promise:
    """One promise: its key in the texts, the measure that tests it, the filter it needs, the page that tells more."""

    key: str
    metric: str
    page: str
    aspect: str | None = None
    facility_type: str | None = None

    @property
    def has_before(self) -> bool:
        """Whether there can be a time before the programme to compare with."""
        return not catalogue()[self.metric].fact.begins_with_programme

    def where(self, chosen: Filters) -> Filters:
        """The reader's filters with what this promise is about."""
        return chosen.but(aspect=self.aspect, facility_type=self.facility_type)


PROMISES = (
    Promise("use", "visits_per_facility_month", "service_use", facility_type="health_centre"),
    Promise("time", "median_processing_days", "processing"),
    Promise("standard", "within_standard_pct", "processing"),
    Promise("friendliness", "satisfied_pct", "feedback", aspect="friendliness"),
    Promise("actions", "actions_done_within_year_pct", "actions"),
)

TEACHERS = Promise("teachers", "teacher_presence_pct", "schools")  # its own page only


def sides(found: Sequence[Comparison]) -> str:
    """Which stretches of time are compared, in words; nothing where no pair is told."""
    return "; ".join(t(f"promise.sides_{by}") for by in dict.fromkeys(each.aligned_by for each in found if is_told(each)))


def is_told(found: Comparison) -> bool:
    """Whether there is a before and an after to compare."""
    return is_known(found.before) and is_known(found.after)


def is_broad(found: Comparison) -> bool:
    """Whether at least one covered commune in ten stands behind the comparison; else its numbers are set quietly."""
    return found.communes >= BROAD * found.communes_covered


def finding(promise: Promise, found: Comparison) -> str:
    """The two figures in a sentence, without a judgement; where there is no pair, the newest year, or that nothing arrived."""
    if not is_told(found):
        return newest_year(found) or t(f"promise.{promise.key}.none")
    told = pair_in_words(promise, found, "finding")
    return told if is_broad(found) else t("promise.few_communes", n=number(found.communes), finding=told)


def pair_in_words(promise: Promise, found: Comparison, form: str = "lead") -> str:
    """After and before: "half of the requests were ready in 9 days (down from 13)"; a direction, not a judgement."""
    before, after = amount(found.metric, found.before), amount(found.metric, found.after)
    turn = "same" if before == after else "up" if found.after > found.before else "down"
    change = t(f"promise.{turn}", before=short(found.metric, found.before))
    return t(f"promise.{promise.key}.{form}", after=after, change=change)


def pairs_in_words(promises: Sequence[Promise], chosen: Filters, *, broad: bool = True) -> list[str]:
    """The promises on which something can be said, each in a sentence; `broad` leaves out those of very few communes."""
    if chosen.covered == "no":
        return []  # what the programme has not reached has no year after it
    told = [(promise, *ask.judged(promise.metric, promise.where(chosen))) for promise in promises]
    return [
        pair_in_words(promise, found)
        for promise, found, verdict in told
        if is_told(found) and verdict.word != Word.CANNOT_TELL and (is_broad(found) or not broad)
    ]


def newest_year(found: Comparison) -> str:
    """The newest year of a measure in a sentence; empty where no year can be shown."""
    return charts.headline(ask.result(_by_year(found)), ask.around(found.where)) if ask.has_data(found.metric.name, found.where) else ""


def _by_year(found: Comparison) -> Query:
    return Query((found.metric.name,), period="year", where=found.where)


def rests_on(found: Comparison) -> list[str]:
    """What the year of `newest_year` rests on, and its likely range."""
    name = found.metric.name
    row = charts.newest(ask.result(_by_year(found)), ask.around(found.where)) if ask.has_data(name, found.where) else None
    if row is None:
        return []
    parts = [base(found.metric, row[f"{name}_n"])]
    if f"{name}_low" in row and is_known(row[f"{name}_low"]) and is_known(row[f"{name}_high"]):
        parts.append(likely(found.metric, row[f"{name}_low"], row[f"{name}_high"]))
    return [", ".join(parts)]


def basis(found: Comparison) -> str:
    """How many communes qualify, on how much, and since when the programme came; or why nothing can be compared."""
    if not is_told(found) and not ask.has_data(found.metric.name, found.where):
        return t("promise.nothing_arrived" if not ask.has_data(found.metric.name) else "promise.nothing_here")
    if found.metric.fact.begins_with_programme:
        return " · ".join((*rests_on(found), t("promise.no_before")))
    if not is_told(found):
        none, one = found.communes_covered == 0, found.communes_covered == 1
        why = "no_start" if none and not ask.knows_coverage() else "not_reached" if none else "no_pair_one" if one else "no_pair"
        why = "withheld" if found.is_withheld and not none else why
        return " · ".join((*rests_on(found), t(f"promise.{why}", all=number(found.communes_covered))))
    parts = [t("promise.communes", n=number(found.communes), all=number(found.communes_covered))] if found.communes_covered > 1 else []
    if found.n_after and is_known(float(found.n_after)):
        counted = records if found.aligned_by == "all_months" else base
        parts.append(t("promise.rest_on", before=counted(found.metric, found.n_before), after=number(found.n_after)))
    if found.first_start and found.last_start:
        first, last = (month_text(day).replace(" ", NO_BREAK_SPACE) for day in (found.first_start, found.last_start))
        parts.append(t("promise.starts", first=first, last=last) if first != last else t("promise.started", month=first))
    return "; ".join(parts)


def change(found: Comparison) -> str:
    """The difference and its likely range in words."""
    if not is_known(found.difference):
        return t("promise.too_little")
    if found.relative:
        told = f"{number(found.difference, 0, sign=True)} %"
        ends = (number(found.low, 0, sign=True), f"{number(found.high, 0, sign=True)} %")
    else:
        told = amount(found.metric, found.difference, is_signed=True)
        ends = (number(found.low, found.metric.decimals, sign=True), number(found.high, found.metric.decimals, sign=True))
    return t("promise.change", difference=told, low=ends[0], high=ends[1]) if is_known(found.low) and is_known(found.high) else told
