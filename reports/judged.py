"""How does a verdict read: its word, measure, before and after, what it rests on, how it was decided?"""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from charts.words import amount, label, records, short
from metrics import catalogue, read_verdicts
from metrics.query import Filters
from reports import ask, view
from reports.told import Promise
from stats.verdict import Word
from text import date_text, month_text, number, t

TILES = {  # how the square of a commune looks: its kind, its sign
    Word.IMPROVEMENT: ("better", "+"),
    Word.CONCERN: ("worse", "!"),
    Word.NO_CLEAR_CHANGE: ("open", ""),
    Word.CANNOT_TELL: ("few", "?"),
}
_AWAY = ("away", "")  # the square of a commune in which the programme is not
_IN_ORDER = ("visits_per_facility_month", "median_processing_days", "within_standard_pct", "over_fee_pct", "satisfied_pct")


def of_communes(promise: Promise, chosen: Filters) -> pd.DataFrame:
    """The verdicts of the communes of the chosen place on one promise, one row a commune."""
    where = promise.where(chosen).but(covered=None, month_from=None, month_to=None)
    return read_verdicts.table(where, promise.metric, view.now().build.build_id)


def in_order(found: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The rows of verdicts of one place in the order in which they are told."""
    order = {name: place for place, name in enumerate(_IN_ORDER)}
    return sorted(found.to_dict("records"), key=lambda row: (order.get(str(row["metric"]), len(order)), str(row["topic"])))


def by_chance(found: pd.DataFrame) -> str:
    """How many communes were judged, and how many of them would be marked by chance alone."""
    told = read_verdicts.tried(found)
    marked = read_verdicts.expected_by_chance(told)
    return t("verdict.by_chance", judged=number(len(told)), chance=number(marked, 1 if marked < 10 else 0)) if len(told) else ""


def subject(row: dict[Hashable, Any]) -> str:
    """The measure of a row, and its aspect."""
    name = label(catalogue()[str(row["metric"])])
    topic = str(row["topic"])
    return f"{name}: {t(f'aspect.{topic}')}" if topic else name


def why(row: dict[Hashable, Any]) -> str:
    return t(f"verdict.why.{row['why']}")


def sentence(row: dict[Hashable, Any]) -> str:
    """The word, then measure, before and after and the likely range; or what is missing."""
    word = t(f"verdict.{row['word']}")
    return f"{word}. {figures(row)}"


def figures(row: dict[Hashable, Any]) -> str:
    """Measure, before and after and the likely range; or what is missing."""
    metric = catalogue()[str(row["metric"])]
    if pd.isna(row["before"]):
        return t("verdict.figures_none", subject=subject(row), why=why(row))
    told = {"before": short(metric, row["before"]), "after": amount(metric, row["after"])}
    return t("verdict.figures", subject=subject(row), **told, **ends(row))


def ends(row: dict[Hashable, Any]) -> dict[str, str]:
    places = max(catalogue()[str(row["metric"])].decimals, 0 if abs(row["difference"]) >= 1 else 1)
    return {name: number(row[name], places, sign=True) for name in ("difference", "low", "high")}


def target(row: dict[Hashable, Any]) -> str:
    """The target of a row and how it is reached; empty where there is none."""
    if pd.isna(row["target"]):
        return ""
    return t("target.one", value=amount(catalogue()[str(row["metric"])], row["target"]), word=reached(row))


def reached(row: dict[Hashable, Any]) -> str:
    return t(f"target.word.{'untold' if pd.isna(row['reached']) else row['reached']}")


def by_service(row: dict[Hashable, Any], services: pd.DataFrame) -> str:
    """How the targets of single services are reached, where all services together have none."""
    found = services[(services["metric"] == row["metric"]) & services["target"].notna() & services["reached"].notna()]
    names, metric = ask.names(), catalogue()[str(row["metric"])]
    parts = [
        t("target.of_service", service=names.get(str(one["service_code"]), ""), value=amount(metric, one["target"]), word=reached(one))
        for one in found.to_dict("records")
    ]
    return t("target.by_service", parts="; ".join(parts)) if parts else ""


def basis(row: dict[Hashable, Any]) -> str:
    metric = catalogue()[str(row["metric"])]
    since = t("verdict.since", month=month_text(row["since"]))
    if pd.isna(row["records_before"]):
        return since
    months = t("verdict.months", before=number(row["months_before"]), after=number(row["months_after"]))
    told = t("promise.rest_on", before=records(metric, row["records_before"]), after=number(row["records_after"]))
    return "; ".join((since, months, told))


def as_text(row: dict[Hashable, Any], name: str) -> str:
    value = row[name]
    if name == "reached":
        return t(f"target.word.{value}")
    if name == "target_id":
        return str(value)
    if name == "signal":
        return t(f"verdict.signal.{value}")
    if isinstance(value, bool | np.bool_):
        return t("verdict.true" if value else "verdict.false")
    if isinstance(value, pd.Timestamp):
        return month_text(value)
    return number(float(value), 2 if abs(float(value)) < 10 and float(value) % 1 else 0)


def readable(found: pd.DataFrame) -> pd.DataFrame:
    """The rows with names and words in the reader's language; figures stay figures."""
    names = ask.names()
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            t("filter.district"): [names.get(str(row["place_code"])[:4], "") for row in rows],
            t("filter.commune"): [names.get(str(row["place_code"]), "") for row in rows],
            t("tile.code"): [row["place_code"] for row in rows],
            t("verdict.measure"): [subject(row) for row in rows],
            t("filter.service"): [names.get(str(row["service_code"]), t("filter.all_services")) for row in rows],
            t("verdict.verdict"): [t(f"verdict.{row['word']}") for row in rows],
            t("verdict.because"): [why(row) for row in rows],
            t("tile.covered_since"): [date_text(row["since"]) for row in rows],
            **{t(f"verdict.number.{name}"): found[name].round(1).to_numpy() for name in read_verdicts.FIGURES},
            t("verdict.number.target"): found["target"].to_numpy(),
            t("verdict.number.reached"): ["" if pd.isna(row["target"]) else reached(row) for row in rows],
        }
    )


@ask.remembered
def squares(promise: Promise, chosen: Filters, build_id: str, language: str) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The squares by district, and the lines of the key with how many there are of each kind."""
    by_code = {str(row["place_code"]): row for row in of_communes(promise, chosen).to_dict("records")}
    names = ask.names()
    districts: list[dict[str, Any]] = []
    counts: dict[tuple[str, str, str], int] = {
        (*look, t(f"verdict.{word}")): 0 for word, look in TILES.items()
    } | {(*_AWAY, t("verdict.away")): 0}  # fmt: skip
    for district, rows in inside(ask.communes(), chosen).groupby("district_code", sort=True):
        tiles = []
        for row in rows.to_dict("records"):
            code = str(row["commune_code"])
            is_here = not pd.isna(row["start_date"])
            word = Word(by_code[code]["word"]) if code in by_code else Word.CANNOT_TELL
            kind, sign = TILES[word] if is_here else _AWAY
            counts[kind, sign, t(f"verdict.{word}") if is_here else t("verdict.away")] += 1
            words = sentence(by_code[code]) if code in by_code else t("verdict.cannot_tell" if is_here else "covered.no")
            tiles.append({"code": code, "kind": kind, "sign": sign, "text": f"{names.get(code, code)}: {words}"})
        province = str(district)[:2]
        districts.append(
            {
                "name": names.get(str(district), str(district)),
                "province": names.get(province, province),
                "count": number(len(tiles)),
                "tiles": tiles,
            }
        )
    return districts, [
        {"kind": kind, "sign": sign, "text": f"{text} {number(n)}"} for (kind, sign, text), n in counts.items() if n
    ]  # fmt: skip


def concerns(chosen: Filters) -> list[dict[Hashable, Any]]:
    """The verdicts of communes of which a promise got worse, in order of district."""
    found = read_verdicts.table(chosen.but(covered=None, month_from=None, month_to=None), None, view.now().build.build_id)
    return found[found["word"] == str(Word.CONCERN)].sort_values(["place_code", "metric", "topic"]).to_dict("records")


def inside(table: pd.DataFrame, chosen: Filters) -> pd.DataFrame:
    """The rows of a table of places that lie in the chosen place."""
    place = chosen.place
    column = {0: None, 2: "district_code", 4: "district_code", 6: "commune_code"}[len(place)]
    return table if column is None else table[table[column].fillna("").str.startswith(place)]
