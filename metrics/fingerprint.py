"""How is a figure worked out, in so few characters that two builds can be compared?

Every build keeps the fingerprints of its measures, tables, sources and lists in `quality.definitions` (written by etl/defined.py); what
differs between two builds, or between a build and the code that opens it, is a change of definition and not of the world.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pandas as pd

from metrics import catalogue
from metrics.memory import remembered
from metrics.model import KaplanMeierQuantile, Metric, PerThousandPeople
from warehouse import has_table, read

TABLE = "quality.definitions"
MEASURE, COUNTED, SOURCE, LIST = "measure", "table", "source", "list"  # kinds of what is defined


def of_text(parts: Iterable[str]) -> str:
    """A fingerprint of some texts in their order."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() + b"\0")
    return whole.hexdigest()[:12]


def of_measure(metric: Metric) -> str:
    """How a measure is worked out from its table; its words are compared as they are."""
    return of_text([repr(metric.kind), repr(metric.fact), metric.unit, str(metric.spends), repr(metric.spent_values)])


def words_of(metric: Metric) -> str:
    """What the declaration says of a measure, in English."""
    return f"{metric.definition} {metric.caveat}".strip()


def tables_of(metric: Metric) -> tuple[str, ...]:
    """The tables a measure is read from."""
    own = (metric.kind.table,) if isinstance(metric.kind, KaplanMeierQuantile) else ()
    people = ("marts.dim_population",) if isinstance(metric.kind, PerThousandPeople) else ()
    return tuple(dict.fromkeys((metric.fact.table, *own, *people)))


@remembered
def definitions(build_id: str) -> pd.DataFrame:
    """What a build was made by: `kind`, `name`, `fingerprint`, `said`, `rests_on` (names of tables, 'source:…', 'list:…').

    Empty for builds from before this was kept.
    """
    if not has_table(TABLE, build_id):
        return pd.DataFrame({name: pd.Series(dtype="object") for name in ("kind", "name", "fingerprint", "said", "rests_on")})
    return read(f"select kind, name, fingerprint, said, rests_on from {TABLE} order by kind, name", build_id=build_id)


def redefined_since(build_id: str) -> tuple[str, ...]:
    """The measures that the code which opens a build works out otherwise than the code which made it; none where that is not known."""
    kept = definitions(build_id)
    then = dict(zip(kept.loc[kept["kind"] == MEASURE, "name"], kept.loc[kept["kind"] == MEASURE, "fingerprint"], strict=True))
    return tuple(metric.name for metric in catalogue() if metric.name in then and then[metric.name] != of_measure(metric))
