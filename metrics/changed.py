"""What changed between two builds, and why? Every figure then and now, its difference, and what lies behind it.

Both figures are answers of their own build, so each is told or hidden as that build published it. A difference is told only where it is
one of ten and more people or requests, like any other figure (docs/decisions/two-builds.md). Why follows from the books of both builds:
files that are new, replaced or gone, declared corrections, definitions and lists (`quality.definitions`), and what is hidden now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from metrics import books, catalogue, fingerprint, permalink
from metrics.lattice import LATTICES
from metrics.memory import remembered
from metrics.model import SMALLEST_BASE, Metric, Ratio
from metrics.query import HIDDEN, NO_DATA, SHOWN, ask
from metrics.question import Filters, Query
from metrics.sql import MONTHS_OF, last_day, month_number
from warehouse import Build, Problem, build, has_table, read

LEVELS = ("programme", "province", "district", "commune")
PERIODS = ("year", "quarter", "month")
CHANGED, FEW, SAME = "changed", "few", "same"  # what a pair of shown figures came to
APPEARED, GONE, NOW_HIDDEN, NOW_SHOWN, BOTH_HIDDEN, OTHER = "appeared", "gone", "now_hidden", "now_shown", "both_hidden", "other"
WHYS = (  # every reason that is given, in the order in which they are told
    "hiding", "new_period", "went_on", "new_files", "replaced_files", "gone_files", "newer_rows", "corrections", "measure", "table",
    "source", "list", "words", "data_date", "code", "unknown",
)  # fmt: skip
COLUMNS = ("metric", "place_code", "period_start", "then", "then_status", "now", "now_status", "difference", "told", "why")
_SAME_WITHIN = 1e-9


@dataclass(frozen=True)
class Pair:
    """Two builds of one kind, the older first."""

    old: Build
    new: Build


def pair(old_id: str, new_id: str) -> Pair:
    """Two builds to compare. Raises Problem where one is not kept, both are the same, or one is a demonstration and the other is not."""
    old, new = build(old_id), build(new_id)
    if old.build_id == new.build_id:
        raise Problem("Both builds are the same.", "There is nothing to compare.", "Choose another one.", build_id=old_id)
    if old.is_demonstration != new.is_demonstration:
        raise Problem(
            f"Of builds {old.build_id} and {new.build_id} one is a demonstration.",
            "Invented and real figures are never set beside each other.",
            "Choose two builds of one kind.",
        )
    return Pair(*sorted((old, new), key=lambda one: one.built_at))


def between(
    builds: Pair, names: Sequence[str] = (), level: str = "programme", period: str = "year", where: Filters | None = None
) -> pd.DataFrame:
    """One row for each measure, place of a level and period with a figure in either build; columns COLUMNS.

    `then` and `now` are the figures (NaN with a status that says why), `difference` is NaN where it is not told; `told` says what became
    of the figure, `why` is a tuple of WHYS. Measures that cannot be asked that way are left out.
    """
    tables = [_measure(builds, catalogue()[name], level, period, where or Filters()) for name in names or [m.name for m in catalogue()]]
    found = [table for table in tables if len(table)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def _measure(builds: Pair, metric: Metric, level: str, period: str, where: Filters) -> pd.DataFrame:
    """The rows of one measure; none where it cannot be asked so."""
    query = Query(
        (metric.name,),
        by=() if level == "programme" else (level,),
        period=period if metric.fact.has_period else None,
        where=where.only(metric.fact.dimensions),
    )
    sides = [_side(query, one) for one in (builds.old, builds.new)]
    if all(side is None for side in sides):
        return pd.DataFrame()
    then, now = (
        side if side is not None else pd.DataFrame(columns=["place_code", "period_start", "value", "n", "status"]) for side in sides
    )
    table = then.merge(now, on=["place_code", "period_start"], how="outer", suffixes=("_then", "_now"))
    for name in ("status_then", "status_now"):
        table[name] = table[name].fillna(NO_DATA)
    table = table[(table["status_then"] != NO_DATA) | (table["status_now"] != NO_DATA)]
    behind = _behind(builds, metric)
    rows = []
    for row in table.to_dict("records"):
        told, difference = _told(metric, row)
        why = () if told in (SAME, BOTH_HIDDEN) and not behind.is_redefined else _why(builds, behind, row["period_start"], period, told)
        place, start = row["place_code"], row["period_start"]
        figures = (row["value_then"], row["status_then"], row["value_now"], row["status_now"])
        rows.append((metric.name, place, start, *figures, difference, told, why))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"then": "float64", "now": "float64", "difference": "float64"})


def _side(query: Query, one: Build) -> pd.DataFrame | None:
    """What one build answers; None where it cannot be asked (by the lattice, or because it is older than the measure)."""
    try:
        table = ask(query, one.build_id).table
    except (Problem, duckdb.Error):
        return None
    name = query.metrics[0]
    place = f"{query.by[0]}_code" if query.by else None
    return pd.DataFrame(
        {
            "place_code": table[place] if place else "",
            "period_start": table.get("period_start"),
            "value": table[name].astype("float64"),
            "n": table[f"{name}_n"].astype("float64"),
            "status": table[f"{name}_status"],
        }
    )


# --- what may be told of a difference ------------------------------------------------------------------------------------------------


def _told(metric: Metric, row: dict) -> tuple[str, float]:
    """What became of a figure, and by how much it changed (NaN where that is not told)."""
    then, now = row["status_then"], row["status_now"]
    if then == SHOWN and now == SHOWN:
        groups = _groups(metric, row)
        is_same = bool(np.isclose(row["value_then"], row["value_now"], rtol=_SAME_WITHIN, atol=_SAME_WITHIN))
        if is_same and not any(groups):
            return SAME, 0.0
        if metric.fact.hidden_as and (any(0 < abs(group) < SMALLEST_BASE for group in groups) or not any(groups)):
            return FEW, np.nan  # also where the same number of records says something else: a few of them were corrected
        return CHANGED, row["value_now"] - row["value_then"]
    if then == now == HIDDEN:
        return BOTH_HIDDEN, np.nan
    if NO_DATA in (then, now):
        return (APPEARED if then == NO_DATA else GONE), np.nan
    if HIDDEN in (then, now):
        return (NOW_HIDDEN if now == HIDDEN else NOW_SHOWN), np.nan
    return (SAME if then == now else OTHER), np.nan


def _groups(metric: Metric, row: dict) -> list[float]:
    """The groups of records by which two figures differ: of a share those with and without what it counts, else all of them."""
    then, now = (np.nan_to_num(row[name]) for name in ("n_then", "n_now"))
    if not isinstance(metric.kind, Ratio):
        return [round(now - then)]
    scale = 100 if metric.is_share else 1
    hits = round((row["value_now"] * now - row["value_then"] * then) / scale)
    if metric.is_share:
        return [round(now - then), hits, round(now - then) - hits]
    counted = LATTICES[metric.fact.hidden_as].counted if metric.fact.hidden_as else ""
    is_numerator = bool(counted) and counted in metric.kind.numerator and counted not in metric.kind.denominator
    return [hits] if is_numerator else [round(now - then)]


# --- why ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Behind:
    """What differs between two builds in anything that a measure rests on."""

    whys: tuple[str, ...]
    is_redefined: bool


def _behind(builds: Pair, metric: Metric) -> Behind:
    """Files, corrections and definitions behind one measure that are not the same in both builds."""
    kept = fingerprint.definitions(builds.new.build_id)
    rests_on = set(fingerprint.tables_of(metric))
    of_tables = kept[(kept["kind"] == fingerprint.COUNTED) & kept["name"].isin(rests_on)]
    rests_on |= {one for found in of_tables["rests_on"] for one in found}
    sources = {name.removeprefix("source:") for name in rests_on if name.startswith("source:")}
    files = files_changed(builds)
    files = files[files["source"].isin(sources)] if sources else files
    whys = {f"{what}_files" for what in ("new", "replaced", "gone") if (files["what"] == what).any()}
    whys |= {"newer_rows"} if ((files["what"] == "same") & (files["now"] != files["then"])).any() else set()
    whys |= {"corrections"} if _corrections_changed(builds, sources) else set()
    redefined = definitions_changed(builds)
    for kind, names in (
        (fingerprint.MEASURE, {metric.name}),
        (fingerprint.COUNTED, rests_on),
        (fingerprint.SOURCE, sources),
        (fingerprint.LIST, {name.removeprefix("list:") for name in rests_on}),
    ):
        mine = redefined[(redefined["kind"] == kind) & redefined["name"].isin(names)]
        whys |= {"words" if what == "words" else kind for what in mine["what"] if what in ("words", "changed")}
    return Behind(tuple(why for why in WHYS if why in whys), bool(whys & {"measure", "table", "source", "list", "words"}))


def _why(builds: Pair, behind: Behind, start: date | None, period: str, told: str) -> tuple[str, ...]:
    """The reasons for one row: of a period that was not over then, that it went on comes first."""
    whys = set(behind.whys)
    if told in (NOW_HIDDEN, NOW_SHOWN):
        whys.add("hiding")
    old_to = builds.old.data_to
    if start is not None and not pd.isna(start) and old_to is not None:
        day = start if isinstance(start, date) else pd.Timestamp(start).date()
        if day > old_to:
            whys.add("new_period")
        elif old_to < last_day(month_number(day) + MONTHS_OF.get(period, 12) - 1) and builds.new.data_to != old_to:
            whys.add("went_on")
    if told in (SAME, BOTH_HIDDEN):
        whys &= {"measure", "table", "source", "list", "words"}
    elif not whys - {"words"}:
        is_same_code = _code(builds.old) == _code(builds.new)
        whys |= {"data_date"} if builds.old.data_to != builds.new.data_to else {"unknown"} if is_same_code else {"code"}
    return tuple(why for why in WHYS if why in whys)


def _code(one: Build) -> str:
    return str(read("select code_version from quality.build", build_id=one.build_id).iloc[0, 0])


def files_changed(builds: Pair) -> pd.DataFrame:
    """Every file (or sheet) that was loaded into either build: `source`, `file_name`, `sheet`, `what` (new, replaced, gone or same),
    `then` and `now` (rows loaded), by source and name.
    """
    sides = [_files(one.build_id) for one in (builds.old, builds.new)]
    keys = ["source", "file_name", "sheet"]
    table = sides[0].merge(sides[1], on=keys, how="outer", suffixes=("_then", "_now"))
    is_new, is_gone = table["content_hash_then"].isna(), table["content_hash_now"].isna()
    is_same = table["content_hash_then"] == table["content_hash_now"]
    table["what"] = np.select([is_new, is_gone, is_same], ["new", "gone", "same"], "replaced")
    for name in ("then", "now"):
        table[name] = table[f"rows_loaded_{name}"].fillna(0).astype("int64")
    return table[[*keys, "what", "then", "now"]].sort_values(keys, ignore_index=True)


@remembered
def _files(build_id: str) -> pd.DataFrame:
    return read(
        "select source, file_name, coalesce(sheet, '') as sheet, any_value(content_hash) as content_hash, "
        "sum(rows_loaded)::bigint as rows_loaded from quality.loads where status = 'loaded' group by all",
        build_id=build_id,
    )


def reconciled(builds: Pair) -> pd.DataFrame:
    """One row a source: `then` + `new_files` + `replaced_files` + `newer_rows` + `gone_files` = `now`, in rows loaded.

    newer_rows: what files that did not change lost to newer submissions of the same record, or to a rule (or won back).
    """
    files = files_changed(builds)
    moved = files["now"] - files["then"]
    columns = {"source": files["source"], "then": files["then"]}
    named = {"new": "new_files", "replaced": "replaced_files", "same": "newer_rows", "gone": "gone_files"}
    columns |= {column: moved.where(files["what"] == what, 0) for what, column in named.items()}
    return pd.DataFrame({**columns, "now": files["now"]}).groupby("source", as_index=False).sum()


def _corrections_changed(builds: Pair, sources: set[str]) -> bool:
    """Whether the declared corrections of these sources differ."""
    return bool(set(corrections_changed(builds)["source"]) & sources)


def corrections_changed(builds: Pair) -> pd.DataFrame:
    """The declared corrections that only one of the builds has: the columns of metrics/books.corrections, and `what` (new or gone)."""
    sides = [books.corrections(one.build_id) for one in (builds.old, builds.new)]
    keys = ["source", "key", "column_name", "old_value", "new_value", "reason", "who", "corrected_on"]
    then, now = (side if len(side) else pd.DataFrame(columns=[*keys, "rows"]) for side in sides)
    found = then.astype(object).merge(now.astype(object), on=keys, how="outer", indicator=True, suffixes=("_then", "_now"))
    found["what"] = found["_merge"].map({"left_only": "gone", "right_only": "new"}).astype(object)
    return found.loc[found["_merge"] != "both", [*keys, "what"]].reset_index(drop=True)


def definitions_changed(builds: Pair) -> pd.DataFrame:
    """Measures, tables, sources and lists that are not the same in both builds: `kind`, `name`, `what` (new, gone, changed, or words where
    only what is said changed), `said_then`, `said_now`. Empty where one of the builds does not know its definitions.
    """
    then, now = (fingerprint.definitions(one.build_id) for one in (builds.old, builds.new))
    columns = ["kind", "name", "what", "said_then", "said_now"]
    if then.empty or now.empty:
        return pd.DataFrame(columns=columns)
    keys = ["kind", "name"]
    found = then.merge(now, on=keys, how="outer", suffixes=("_then", "_now"))
    is_new, is_gone = found["fingerprint_then"].isna(), found["fingerprint_now"].isna()
    is_changed = found["fingerprint_then"] != found["fingerprint_now"]
    is_worded = found["said_then"] != found["said_now"]
    found["what"] = np.select([is_new, is_gone, is_changed, is_worded], ["new", "gone", "changed", "words"], "")
    return found.loc[found["what"] != "", columns].fillna("").reset_index(drop=True)


def knows_definitions(builds: Pair) -> bool:
    """Whether both builds say by which definitions they were made; older ones do not."""
    return all(has_table(fingerprint.TABLE, one.build_id) for one in (builds.old, builds.new))


def link(builds: Pair, base: str | None = None) -> str:
    """The address of the comparison."""
    return permalink.link("changes", {"old": builds.old.build_id}, builds.new.build_id, base)
