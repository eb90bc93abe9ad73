"""What is a measure, and what does it rest on? The words in which every measure is declared."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from metrics.lattice import BASES, LATTICES
from warehouse import Problem

PLACES = ("province", "district", "commune")  # from the widest to the finest
ATTRIBUTES = ("sex", "documents_complete", "age_group", "channel")
PERIODS = ("month", "quarter", "year", "fiscal_year")
SMALLEST_BASE = 10  # a share or a median rests on at least this many
SMALLEST_BASE_FOR_ALL_OR_NONE = 20  # below it 0 % and 100 % would tell what everybody did


@dataclass(frozen=True)
class Fact:
    """What is counted: its table, the columns it can be broken down by, and the name under which the build hid its cells.

    `service_column` is the column that takes the place of the service in the lattice; None where there is none.
    `hidden_as` is None where a figure says nothing about persons. `sources` names, for an attribute that is kept
    in several columns, the query that turns them into rows.
    `counted` is the column whose sum the lattice protects.
    `rollups`: the smaller tables that the build keeps besides, `<table>_<kind>`: commune and province hold no attributes of persons,
    attribute holds them by province, aligned is for before and after.
    `is_stock`: a row is the state at the end of its month, so of a longer period only the last month counts.
    `counted_again_by`: a dimension of which every value counts the same persons again, so that nothing is told of them all together.
    `begins_with_programme`: the programme itself makes what is counted, so that there is nothing before it came to compare with.
    `is_register`: a quarter without a record means that records are missing (nobody is bound to give feedback every quarter).
    """

    name: str
    table: str
    label: str
    places: tuple[str, ...]
    service_column: str | None
    attributes: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    hidden_as: str | None = None
    counted: str = "*"
    has_period: bool = True
    is_register: bool = True
    is_stock: bool = False
    counted_again_by: str | None = None
    begins_with_programme: bool = False
    sources: tuple[tuple[str, str], ...] = ()
    rollups: tuple[str, ...] = ()

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Everything this fact can be broken down or filtered by."""
        service = tuple(filter(None, (self.service_dimension, "facility_type" if self.service_column == "service_code" else None)))
        covered = ("covered",) if "commune" in self.places else ()
        return (*self.places, *service, *covered, *self.topics, *self.attributes, *self.other)

    @property
    def service_dimension(self) -> str | None:
        """The name under which people ask for what stands in the place of the service."""
        return "service" if self.service_column == "service_code" else self.service_column

    @property
    def finest_period(self) -> str:
        """The finest period of which anything is published."""
        return LATTICES[self.hidden_as].finest_period if self.hidden_as else "month"

    def source(self, attribute: str | None) -> str:
        """Where to read from when `attribute` is asked for."""
        return dict(self.sources).get(attribute or "", self.table)


@dataclass(frozen=True)
class Sum:
    """A count: the sum of an SQL expression."""

    expression: str

    @property
    def words(self) -> str:
        return f"sum({self.expression})"


@dataclass(frozen=True)
class Ratio:
    """One sum over another, never an average of ratios.

    `numerator` and `denominator` are SQL aggregates. A share (`is_share`) is of people or requests: it is given in
    percent with a Wilson interval, needs a base, and is not told where it is all or none of few. `people`: the SQL aggregate
    of who stands behind it where the base counts something else (meetings); then they are the few, and not the base.
    """

    numerator: str
    denominator: str
    is_share: bool = True
    people: str | None = None

    @property
    def words(self) -> str:
        return f"{'100 * ' if self.is_share else ''}{self.numerator} / {self.denominator}"


@dataclass(frozen=True)
class PerThousandPeople:
    """A count for every 1,000 people and `months` of time, over the commune-months that count and have a population figure.

    `exposed` is the SQL of the commune-months that count, also where nothing happened in them; without it those with a report count.
    """

    expression: str
    months: int = 1
    exposed: str = ""
    exposed_words: str = "every commune and month with a report"

    @property
    def words(self) -> str:
        return f"{1000 * self.months} * sum({self.expression}) / sum(population of {self.exposed_words})"


@dataclass(frozen=True)
class KaplanMeierQuantile:
    """The day by which a share `p` of all requests was completed; open requests still wait, rejected and withdrawn ones never complete.

    Aalen-Johansen cumulative incidence from counts by whole days, quantile by R's rule (stats/survival.py).
    """

    p: float
    table: str

    @property
    def words(self) -> str:
        return f"first day on which the cumulative incidence of completion reaches {self.p:g} (Aalen-Johansen, open requests censored)"


Kind = Sum | Ratio | PerThousandPeople | KaplanMeierQuantile


@dataclass(frozen=True)
class Metric:
    """A measure, declared once: everything a chart, a table, a definition page or a report says about it comes from here.

    `better` is 'higher', 'lower' or None. `spends` names the attribute whose hidden cells the measure touches by
    itself, with the values it needs: it then exists by quarter and year only and takes no second attribute. `figures` are the numbers of
    its definition by name, for the words of other languages to fill in.
    """

    name: str
    fact: Fact
    kind: Kind
    label: str
    unit: str
    definition: str
    decimals: int = 0
    better: str | None = None
    caveat: str = ""
    spends: str | None = None
    spent_values: tuple[str, ...] = ()
    figures: tuple[tuple[str, float], ...] = ()

    @property
    def is_share(self) -> bool:
        """Whether the value is a share in percent with an interval."""
        return isinstance(self.kind, Ratio) and self.kind.is_share

    @property
    def is_time(self) -> bool:
        """Whether the value is a time with limits."""
        return isinstance(self.kind, KaplanMeierQuantile)

    @property
    def is_count(self) -> bool:
        """Whether the value is a number of people, requests or other records."""
        return isinstance(self.kind, Sum)

    @property
    def hidden_as(self) -> tuple[str, ...]:
        """The names under which the build hid its cells: that of its fact, and that of its base where not all that is counted is in it."""
        if self.fact.hidden_as is None:
            return ()
        base = self.kind.denominator if isinstance(self.kind, Ratio) else ""
        mine = self.fact.hidden_as, self.fact.table, base
        return self.fact.hidden_as, *(each.fact for each in BASES if (each.part_of, each.table, f"sum({each.counted})") == mine)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns this measure fills in a result."""
        limits = (f"{self.name}_low", f"{self.name}_high") if self.is_share or self.is_time else ()
        return (self.name, f"{self.name}_n", f"{self.name}_status", *limits)


class Catalogue:
    """All measures by name, in order; an unknown name is answered with the nearest right one."""

    def __init__(self, metrics: tuple[Metric, ...]) -> None:
        self._metrics: dict[str, Metric] = {}
        for metric in metrics:
            if metric.name in self._metrics:
                raise ValueError(f"Two measures are called {metric.name}.")
            self._metrics[metric.name] = metric

    def __iter__(self) -> Iterator[Metric]:
        return iter(self._metrics.values())

    def __len__(self) -> int:
        return len(self._metrics)

    def __contains__(self, name: object) -> bool:
        return name in self._metrics

    def __getitem__(self, name: str) -> Metric:
        if name not in self._metrics:
            raise unknown("measure", name, tuple(self._metrics))
        return self._metrics[name]

    def facts(self) -> tuple[Fact, ...]:
        """Every fact that a measure rests on."""
        return tuple({metric.fact.name: metric.fact for metric in self}.values())


def unknown(thing: str, name: str, possible: tuple[str, ...]) -> Problem:
    """The Problem to raise for a name nobody declared, with the nearest right one."""
    near = difflib.get_close_matches(name, possible, 1, 0.6)
    action = f"Did you mean {near[0]}?" if near else f"Choose one of: {', '.join(possible)}."
    return Problem(
        f"There is no {thing} called '{name}'.", "The question cannot be answered as it stands.", action, name=name, possible=possible
    )
