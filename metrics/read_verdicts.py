"""What was decided, and how? Verdicts of communes from the build's table, of larger places from their before and after."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import duckdb
import numpy as np
import pandas as pd

import warehouse
from metrics import catalogue
from metrics.compare import Comparison
from metrics.judged import matters
from metrics.lattice import ALL_SERVICES
from metrics.memory import remembered
from metrics.model import PLACES
from metrics.query import HIDDEN, SHOWN
from metrics.question import Filters
from metrics.verdicts import COLUMNS, TABLE
from stats.autocorrelation import variance_inflation
from stats.discoveries import benjamini_hochberg
from stats.distributions import t_quantile, t_tail
from stats.target import Reached
from stats.verdict import UNTRIED, Why, Word

FALSE_ALARMS = "false_alarms.csv"
DISCOVERY_RATE = 0.10  # about one in ten of the changes listed may be chance
FIGURES = ("before", "after", "difference", "low", "high", "months_before", "months_after", "records_before", "records_after")
NUMBERS = (  # what led to a verdict, in the order in which it is told
    "since", "baseline_from", "baseline_to", *FIGURES, "centre", "lower_limit", "upper_limit", "is_trial", "signal", "signal_month",
    "column_months", "autocorrelation", "target", "target_id", "reached", "recent_from", "recent_to",
    "recent_months", "recent_lower", "recent_upper",
)  # fmt: skip
WHOLE_USE = "health_centre"  # the only facilities whose visits are judged: their use is the use of all


@dataclass(frozen=True)
class Verdict:
    """A word and what it rests on; figures NaN where they may not be told. `since`: the month in which the programme came."""

    word: Word
    why: Why
    since: date | None
    before: float
    after: float
    difference: float
    low: float
    high: float
    records_before: float
    records_after: float


@remembered
def table(where: Filters | None = None, metric: str | None = None, build_id: str | None = None) -> pd.DataFrame:
    """The verdicts of the communes of a filter (place, service, aspect), one row a measure, topic and commune; columns as metrics/verdicts.

    Without a service those of all services together. Empty in a build without coverage or from before there were verdicts.
    """
    where = where or Filters()
    conditions, parameters = ["service_code = $service"], {"service": where.service or ALL_SERVICES}
    for level in PLACES:
        if value := getattr(where, level):
            conditions.append(f"starts_with(place_code, ${level})")
            parameters[level] = value
    if metric:
        conditions.append("metric = $metric")
        parameters["metric"] = metric
    if where.aspect:
        conditions.append("topic in ($topic, '')")
        parameters["topic"] = where.aspect
    text = f"select * from {TABLE} where {' and '.join(conditions)} order by metric, topic, place_code"
    return _read(text, parameters, build_id)


def counted(found: pd.DataFrame) -> dict[Word, int]:
    """How many communes have each word."""
    counts = found["word"].value_counts()
    return {word: int(counts.get(word, 0)) for word in Word}


def of_comparison(found: Comparison) -> Verdict:
    """A before and after of several communes in the same words: the interval decides, drawn from whole communes.

    No clear change needs an interval that excludes a change that matters, in either direction, as for one commune.
    """
    better = {"higher": 1, "lower": -1}.get(found.metric.better or "", 0)
    figures = (found.before, found.after, found.difference, found.low, found.high, found.n_before, found.n_after)
    level = 100.0 if found.relative else abs(found.before)
    if found.status != SHOWN or math.isnan(found.low) or math.isnan(found.high) or not better:
        why = Why.HIDDEN if found.status == HIDDEN else Why.NOT_STARTED if not found.communes_covered else Why.TOO_SMALL
        if found.communes_covered and not found.communes and found.communes_too_recent:
            why = Why.FEW_MONTHS_AFTER
        if found.communes_covered and found.is_withheld:
            why = Why.WITHHELD
        return Verdict(Word.CANNOT_TELL, why, found.first_start, *figures)
    if found.sure:
        return Verdict(Word.IMPROVEMENT if found.difference * better > 0 else Word.CONCERN, Why.INTERVAL_ALONE, found.first_start, *figures)
    size = float(matters(np.asarray(level), found.metric.is_share, found.metric.is_time))
    if -size < found.low and found.high < size:
        return Verdict(Word.NO_CLEAR_CHANGE, Why.NO_CHANGE_IN_INTERVAL, found.first_start, *figures)
    return Verdict(Word.CANNOT_TELL, Why.TOO_UNSURE, found.first_start, *figures)


@remembered
def most_changed(where: Filters | None = None, build_id: str | None = None) -> pd.DataFrame:
    """The communes and measures that changed beyond chance, the largest change against what matters first.

    Improvement and concern only; of all that have an interval, whatever the word, Benjamini and Hochberg (1995) keep the share of chance
    findings at 10 %. `size`: the difference as multiples of a change that matters.
    """
    found = table(where, None, build_id)
    found = found[found["low"].notna()].reset_index(drop=True)
    if found.empty:
        return found.assign(size=pd.Series(dtype=float))
    difference = found["difference"].to_numpy(dtype=float)
    p_values = _p_values(found)
    kinds = found["metric"].map(_kind).to_numpy()
    size = np.abs(difference) / matters(found["before"].to_numpy(dtype=float), kinds == "shares", kinds == "days")
    found = found.assign(size=size)[benjamini_hochberg(p_values, DISCOVERY_RATE).is_discovery]
    return found[found["word"].isin([str(Word.IMPROVEMENT), str(Word.CONCERN)])].sort_values("size", ascending=False, ignore_index=True)


def _p_values(found: pd.DataFrame) -> np.ndarray:
    """The p-value of "no change" that belongs to each 95 % interval: Student's t with the degrees of freedom of stats/verdict."""
    half = (found["high"] - found["low"]).to_numpy(dtype=float) / 2
    months = found[["months_before", "months_after"]].min(axis=1).to_numpy(dtype=float) / found["column_months"].to_numpy(dtype=float)
    freedom = np.maximum((months - 1) / variance_inflation(found["autocorrelation"].to_numpy(dtype=float)), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors_away = np.abs(found["difference"].to_numpy(dtype=float)) / half * t_quantile(0.975, freedom)
    return np.asarray(2 * t_tail(np.where(half > 0, errors_away, 0.0), freedom))


def judged(found: Comparison) -> tuple[Comparison, Verdict]:
    """A before and after with its verdict. One commune is judged on all its months: then the figures are those of its own verdict."""
    row = _row(found)
    if row is None:
        return found, of_comparison(found)
    names = ("before", "after", "difference", "low", "high", "records_before", "records_after")
    figures = {name: math.nan if pd.isna(row[name]) else float(row[name]) for name in names}
    verdict = Verdict(Word(row["word"]), Why(row["why"]), row["since"].date() if not pd.isna(row["since"]) else None, **figures)
    if math.isnan(verdict.before):
        return found, verdict
    scale = 100 / verdict.before if found.relative and verdict.before else 1.0
    difference, low, high = (scale * value for value in (verdict.difference, verdict.low, verdict.high))
    told = replace(
        found, status=SHOWN, before=verdict.before, after=verdict.after, difference=difference, low=low, high=high,
        n_before=verdict.records_before, n_after=verdict.records_after, communes=1, sure=bool(low > 0 or high < 0), aligned_by="all_months",
    )  # fmt: skip
    return told, verdict


def _row(found: Comparison) -> pd.Series | None:
    """The build's own verdict on one commune, where the question is one that was judged."""
    where = found.where
    others = where.but(province=None, district=None, commune=None, service=None, aspect=None, month_from=None, month_to=None, covered=None)
    if where.facility_type == WHOLE_USE and found.metric.fact.name == "usage":
        others = others.but(facility_type=None)
    if not where.commune or others.given():
        return None
    rows = table(where, found.metric.name, found.build_id)
    return rows.iloc[0] if len(rows) == 1 else None


@remembered
def reached(where: Filters, metric: str, build_id: str | None = None) -> dict[str, int]:
    """How often the target is reached 'reliably', 'sometimes', 'not', or 'untold', over the communes of a filter; {} without a target.

    Without a service over every commune and service that has a target, each pair counting once.
    """
    found = table(where, metric, build_id) if where.service else _services(where, metric, build_id)
    words = found.loc[found["target"].notna(), "reached"].fillna("untold")
    return {str(word): int((words == str(word)).sum()) for word in (*Reached, "untold")} if len(words) else {}


@remembered
def table_of_services(commune: str, build_id: str | None = None) -> pd.DataFrame:
    """The verdicts of one commune service by service."""
    return _services(Filters(commune=commune), None, build_id)


def _services(where: Filters, metric: str | None, build_id: str | None) -> pd.DataFrame:
    """The verdicts of the communes of a place service by service."""
    parameters = {"place": where.commune or where.district or where.province or "", "all": ALL_SERVICES}
    chosen = "" if metric is None else "and metric = $metric "
    text = f"select * from {TABLE} where starts_with(place_code, $place) and service_code <> $all {chosen}order by metric, service_code"
    return _read(text, parameters if metric is None else {**parameters, "metric": metric}, build_id)


def _read(text: str, parameters: dict[str, str], build_id: str | None) -> pd.DataFrame:
    """The rows asked for; none in a build that is kept from before there were verdicts. Columns that it does not have yet are empty."""
    none = _none()
    return warehouse.read(text, parameters, build_id).reindex(columns=none.columns) if warehouse.has_table(TABLE, build_id) else none.copy()


@cache
def _none() -> pd.DataFrame:
    """A table of verdicts without rows, every column of its type."""
    with duckdb.connect() as connection:
        connection.execute(f"create table verdicts ({COLUMNS})")
        return connection.execute("select * from verdicts").df()


def tried(found: pd.DataFrame) -> pd.DataFrame:
    """The verdicts of communes whose data were enough to be tried, whatever the word."""
    return found[~found["why"].isin([str(why) for why in UNTRIED])]


@cache
def false_alarms() -> pd.DataFrame:
    """How often a commune in which nothing changed gets a wrong word, as bench/verdicts.py measured it; docs/verdicts.md tells more.

    One row a length of the baseline (`baseline_months`), `measure_kind` and `column_months` (1 or 3): `false_alarm_pct` over all the worlds
    that were tried, `worst_world_pct`, `communes_simulated`.
    """
    return pd.read_csv(warehouse.reference_folder() / FALSE_ALARMS)


def expected_by_chance(found: pd.DataFrame) -> float:
    """How many of these communes would get a wrong word if nothing had changed in any, from the rates that bench/verdicts.py measured.

    By the months before the start (12 or 24, the nearer), the kind of measure and whether months or quarters were judged.
    """
    if found.empty:
        return 0.0
    rates = false_alarms()
    keys = ["baseline_months", "measure_kind", "column_months"]
    baseline = np.where(found["months_before"].fillna(0).to_numpy(dtype=float) < 18, 12, 24)
    asked = pd.DataFrame({keys[0]: baseline, keys[1]: found["metric"].map(_kind).to_numpy(), keys[2]: found["column_months"].to_numpy()})
    found_rates = asked.merge(rates, on=keys, how="left")["false_alarm_pct"]
    if found_rates.isna().any():
        raise ValueError(f"{FALSE_ALARMS} lacks a rate; run python -m bench.verdicts --write")
    return float(found_rates.sum() / 100)


def _kind(metric: str) -> str:
    """The kind of a judged measure, as the rates of false alarms call it."""
    found = catalogue()[metric]
    return "shares" if found.is_share else "days" if found.is_time else "visits"
