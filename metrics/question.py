"""What is asked? A frozen Query with its Filters: a cache key, a link and a test case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date

from metrics.model import ATTRIBUTES, PERIODS, PLACES, Metric, PerThousandPeople, unknown
from warehouse import Problem

_KINDS = ("aspect", "category", "responsible", "partner", "action_status", "session_topic", "assessment_stage", "assessment_question")
BREAKDOWNS = (*PLACES, "service", "facility_type", "covered", *_KINDS, *ATTRIBUTES, "source", "file")
_PARAMETER_NAMES = {"metrics": "measure", "month_from": "from", "month_to": "to"}  # in a link, where it differs from ours
_MONTH = re.compile(r"(\d{4})-(\d{2})(-\d{2})?$")


@dataclass(frozen=True)
class Filters:
    """Which part of the data? Codes as text; months as 'YYYY-MM', both ends included; covered 'yes' or 'no'."""

    province: str | None = None
    district: str | None = None
    commune: str | None = None
    service: str | None = None
    covered: str | None = None
    month_from: str | None = None
    month_to: str | None = None
    sex: str | None = None
    documents_complete: str | None = None
    aspect: str | None = None
    category: str | None = None
    responsible: str | None = None
    partner: str | None = None
    action_status: str | None = None
    facility_type: str | None = None
    channel: str | None = None
    age_group: str | None = None
    session_topic: str | None = None
    assessment_stage: str | None = None
    assessment_question: str | None = None
    source: str | None = None
    file: str | None = None

    def __post_init__(self) -> None:
        for name, value in self._every().items():
            object.__setattr__(self, name, _clean(name, value))
        if self.covered not in (None, "yes", "no"):
            raise unknown("value of covered", str(self.covered), ("yes", "no"))
        if self.month_from and self.month_to and self.month_from > self.month_to:
            raise Problem(
                f"The period from {self.month_from} to {self.month_to} ends before it begins.",
                "There is nothing to show.",
                "Choose a later end.",
                month_from=self.month_from,
                month_to=self.month_to,
            )

    def _every(self) -> dict[str, str | None]:
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def given(self) -> dict[str, str]:
        """Only the filters that are set."""
        return {name: value for name, value in self._every().items() if value is not None}

    def only(self, names: tuple[str, ...]) -> Filters:
        """These filters without those that `names` does not list; the months always stay."""
        kept = (*names, "month_from", "month_to")
        return Filters(**{name: value for name, value in self.given().items() if name in kept})

    def but(self, **changes: str | None) -> Filters:
        """These filters with some changed."""
        return replace(self, **changes)

    @property
    def place(self) -> str:
        """The code of the finest place that is filtered, with which the codes of all places in it begin; empty for the whole programme."""
        return self.commune or self.district or self.province or ""

    @property
    def finest_place(self) -> str | None:
        """The finest place level that is filtered."""
        return next((level for level in reversed(PLACES) if getattr(self, level)), None)


@dataclass(frozen=True)
class Query:
    """A question: which measures, broken down by what, by which period, for which part of the data.

    `since` ('YYYY-MM') is a first month like `where.month_from`; the later of the two counts.
    """

    metrics: tuple[str, ...] = ("requests",)
    by: tuple[str, ...] = ()
    period: str | None = None
    where: Filters = field(default_factory=Filters)
    since: str | None = None

    def __post_init__(self) -> None:
        for name in ("metrics", "by"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(dict.fromkeys(value)))
        object.__setattr__(self, "since", _clean("month_from", self.since))
        if not self.metrics:
            raise Problem("No measure was chosen.", "There is nothing to show.", "Choose at least one measure.")
        for name in self.by:
            if name not in BREAKDOWNS:
                raise unknown("breakdown", name, BREAKDOWNS)
        if self.period is not None and self.period not in PERIODS:
            raise unknown("period", self.period, PERIODS)
        _at_most_one("levels of place", "A row is one place.", [name for name in self.by if name in PLACES])
        _at_most_one(
            "attributes of persons",
            "Groups that small could point at persons.",
            [name for name in ATTRIBUTES if name in self.by or getattr(self.where, name)],
        )

    @property
    def attribute(self) -> str | None:
        """The one attribute of persons that is broken down by or filtered."""
        return next((name for name in ATTRIBUTES if name in self.by or getattr(self.where, name)), None)

    def to_params(self) -> dict[str, str]:
        """This question as parameters of a link."""
        values = {"metrics": ",".join(self.metrics), "by": ",".join(self.by), "period": self.period or "", "since": self.since or ""}
        values |= self.where.given()
        return {_PARAMETER_NAMES.get(name, name): value for name, value in values.items() if value}

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> Query:
        """The question that a link asks; parameters that are none of ours are left alone, a wrong value is a Problem."""
        known = {name: params.get(_PARAMETER_NAMES.get(name, name)) or None for name in ("metrics", "by", "period", "since")}
        filters = {item.name: params.get(_PARAMETER_NAMES.get(item.name, item.name)) or None for item in fields(Filters)}
        return cls(
            metrics=tuple((known["metrics"] or "requests").split(",")),
            by=tuple(known["by"].split(",")) if known["by"] else (),
            period=known["period"],
            where=Filters(**filters),
            since=known["since"],
        )


def _clean(name: str, value: object) -> str | None:
    """A filter's value as text: a month as 'YYYY-MM', yes and no as 'true' and 'false', nothing as None."""
    if value is None or value == "":
        return None
    if name in ("month_from", "month_to"):
        text = value.strftime("%Y-%m") if isinstance(value, date) else str(value).strip()
        found = _MONTH.match(text)
        if not found or not 1 <= int(found[2]) <= 12:
            raise Problem(
                f"'{text}' is not a month.", "The period cannot be read.", "Write it as year and month, for example 2024-01.", month=text
            )
        return f"{found[1]}-{found[2]}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def _at_most_one(things: str, why: str, chosen: list[str]) -> None:
    """Refuse two levels of place, or two attributes: such cells are no part of the lattice."""
    if len(chosen) > 1:
        raise Problem(
            f"{' and '.join(chosen)} cannot be combined.",
            why,
            f"Choose one of the {things}: {' or '.join(chosen)}.",
            chosen=tuple(chosen),
        )


def check_fits(metric: Metric, query: Query) -> None:
    """Raise a Problem that names what is possible where a measure cannot be asked this way."""
    for name in (*query.by, *query.where.only(BREAKDOWNS).given()):
        if name in ("month_from", "month_to") or name in metric.fact.dimensions:
            continue
        if name == "commune" and metric.fact.hidden_as == "payments":
            raise Problem(
                "Unofficial payment is never shown below the district.",
                "It would point at the few people of one office.",
                "Choose a district or a province.",
                metric=metric.name,
            )
        verb = "broken down by" if name in query.by else "filtered by"
        raise Problem(
            f"'{metric.label}' cannot be {verb} {name.replace('_', ' ')}.",
            "The records behind it do not say.",
            f"Possible are: {', '.join(metric.fact.dimensions)}.",
            metric=metric.name,
            dimension=name,
            possible=metric.fact.dimensions,
        )
    again = metric.fact.counted_again_by
    if again and again not in (*query.by, *query.where.given()):
        raise Problem(
            f"'{metric.label}' cannot be asked without {again.replace('_', ' ')}.",
            "The same persons are counted again in each, so that a few would look like many.",
            f"Break it down or filter it by {again.replace('_', ' ')}.",
            metric=metric.name,
            dimension=again,
        )
    if isinstance(metric.kind, PerThousandPeople) and query.attribute:
        raise Problem(
            f"'{metric.label}' cannot be broken down or filtered by {query.attribute.replace('_', ' ')}.",
            "The population is known for everybody together only.",
            "Leave it out.",
            metric=metric.name,
        )
    if isinstance(metric.kind, PerThousandPeople) and "facility_type" in query.by:
        raise Problem(
            f"'{metric.label}' cannot be broken down by facility type.",
            "The same people would be counted once for each service.",
            "Break it down by service, or filter by facility type.",
            metric=metric.name,
        )
    if query.period and not metric.fact.has_period:
        raise Problem(f"'{metric.label}' has no period.", "Files are counted as they arrived.", "Leave the period out.", metric=metric.name)
    if metric.spends and query.attribute:
        raise _too_fine(metric, f"broken down or filtered by {query.attribute.replace('_', ' ')}", "Leave it out.")
    if query.period == "month" and needs_quarters(metric, query):
        raise _too_fine(metric, "shown by month here", "Choose quarter or year.")


def needs_quarters(metric: Metric, query: Query) -> bool:
    """Whether only quarters and years exist for this: an attribute of persons is involved, or months are never published of the fact."""
    return bool(query.attribute or metric.spends) or metric.fact.finest_period != "month"


def _too_fine(metric: Metric, how: str, action: str) -> Problem:
    return Problem(f"'{metric.label}' cannot be {how}.", "Groups that small could point at persons.", action, metric=metric.name)
