"""How does somebody take every published figure along at once? As a Frictionless data package: CSV, Parquet and datapackage.json in a zip.

Figures are asked like any other (metrics/query.py), so a hidden one has a status and no number, and no raw count is ever read. Each table
is written to disk cell by cell of the lattice, never held whole in memory; the description follows `reports/package_tables.py`.
Format: https://specs.frictionlessdata.io/tabular-data-package/ (version 1.0).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import warehouse
from metrics import catalogue, export, permalink
from metrics.model import Fact, Metric
from metrics.query import HIDDEN, NO_DATA, Query, ask
from reports import files
from reports.package_tables import (
    ARROW_TYPES,
    FIGURES,
    REGISTERS,
    SOURCES,
    STATUS,
    Field,
    Register,
    figure_fields,
    rows_of_measures,
)
from text.spreadsheet import without_formula_sql
from warehouse import Build, Problem

NAME, HELP = "package", "every published figure as one data package: CSV, Parquet and datapackage.json in a zip"
PERIODS = ("year", "quarter", "month")
FINEST_BY_SERVICE = "quarter"  # months are told of all services together
LICENCE_OF_DEMONSTRATION = {"name": "MIT", "path": "https://opensource.org/license/mit", "title": "MIT (invented by the code)"}
NO_LICENCE = "No licence is declared for these figures; ask whoever publishes them before you pass them on."
CHUNK = 1 << 20
DAY_SECONDS = 86_400
_one_at_a_time = threading.Lock()
Progress = Callable[[float], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m reports package`."""
    parser.add_argument("--build", help="a build id; the current build if left out")
    parser.add_argument("--to", type=Path, help="the file to write; in data/packages if left out")


def run(arguments: argparse.Namespace) -> int:
    """Write the package and say where it lies."""
    build = warehouse.build_or_current(arguments.build)
    target = arguments.to or kept(build)
    with warehouse.disk_told():
        written = write(build, target)
    print(f"{target}: {written.figures:,} figures of {written.measures} measures, {target.stat().st_size / 1e6:,.1f} MB.")
    return 0


def file_name(build: Build) -> str:
    """What the package of a build is called; a demonstration says so."""
    return f"commune-pulse-{'demonstration-' if build.is_demonstration else ''}package-{build.build_id}.zip"


def kept(build: Build) -> Path:
    """Where the package of a build is kept, so that the next visitor need not wait; it may not be there yet."""
    return warehouse.packages_folder() / file_name(build).replace(".zip", f"-{files.made_by()[:8]}.zip")


def keep(build: Build, progress: Progress | None = None) -> Path:
    """Write the package of a build unless it is kept, and remove those of builds that no longer open. Raises DiskProblem.

    It is for every visitor, so its homepage is the programme's own address or none.
    """
    with warehouse.disk_told(), _one_at_a_time:
        target = kept(build)
        if not target.is_file():
            write(build, target, progress)
        warehouse.remove_packages()
    return target


@dataclass(frozen=True)
class Written:
    """How much went into a package."""

    figures: int
    measures: int
    tables: int


def write(build: Build, target: Path, progress: Progress | None = None) -> Written:
    """Write the package of a build; the file is whole or not there.

    Raises DiskProblem (under `warehouse.disk_told`) when the disk is full.
    """
    tell = progress or (lambda share: None)
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(target.parent)
    resources: list[dict[str, Any]] = []
    figures = 0
    measures: set[str] = set()
    with tempfile.TemporaryDirectory(prefix=f"{warehouse.UNFINISHED}package-", dir=target.parent) as temporary:
        folder = Path(temporary)
        with zipfile.ZipFile(folder / "package.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=5) as packed:
            facts = catalogue().facts()
            for number, fact in enumerate(facts):
                table = folder / f"figures_{fact.name}.parquet"
                hidden_whole: list[str] = []
                rows, told = _write_figures(fact, build, table, hidden_whole)
                tell(0.9 * (number + 1) / len(facts))
                if not rows:
                    continue
                figures, measures = figures + rows, measures | told
                said = f"{FIGURES} {_left_out(hidden_whole)}".strip()
                title = f"Figures: {fact.label}"
                resources.append(_pack(packed, table, title, said, figure_fields(fact), ["measure", *_keys(fact)]))
            for register in REGISTERS:
                if (found := _register(register, build)) is not None:
                    table = folder / f"{register.name}.parquet"
                    pq.write_table(_typed(found, register.fields), table)
                    resources.append(_pack(packed, table, register.title, register.description, register.fields, list(register.key)))
            described = _describe(build, resources)
            packed.writestr("datapackage.json", json.dumps(described, ensure_ascii=False, indent=1))
            packed.writestr("README.md", _readme(described))
        (folder / "package.zip").replace(target)
    tell(1.0)
    return Written(figures, len(measures), len(resources))


def _remove_leftovers(folder: Path) -> None:
    """Remove what writers left that were killed; one that writes now is younger than a day."""
    for left in folder.glob(f"{warehouse.UNFINISHED}package-*"):
        if time.time() - left.stat().st_mtime > DAY_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


# --- figures --------------------------------------------------------------------------------------------------------------------------


def _keys(fact: Fact) -> list[str]:
    """The columns that tell one figure of a fact from another, besides the measure."""
    period = ["period", "period_start"] if fact.has_period else []
    return ["place_level", "place_code", *period, *filter(None, (fact.service_column,)), *fact.topics]


def _write_figures(fact: Fact, build: Build, target: Path, hidden_whole: list[str]) -> tuple[int, set[str]]:
    """Write every figure about a fact, part by part; returns how many, and of which measures. Parts that are hidden whole are named."""
    fields = figure_fields(fact)
    schema = pa.schema([(field.name, ARROW_TYPES[field.type]) for field in fields])
    rows, told = 0, set[str]()
    with pq.ParquetWriter(target, schema, compression="zstd") as parquet:
        for metric in catalogue():
            if metric.fact.name != fact.name:
                continue
            for query in _questions(metric):
                part = _answered(metric, query, build.build_id)
                if part is None or part.empty:
                    continue
                if (part["status"] == HIDDEN).all():
                    hidden_whole.append(", ".join((metric.name, *query.by, *filter(None, (query.period,)))))
                    continue
                parquet.write_table(pa.Table.from_pandas(part.reindex(columns=schema.names), schema=schema, preserve_index=False))
                rows, told = rows + len(part), told | {metric.name}
    return rows, told


def _questions(metric: Metric) -> Iterator[Query]:
    """Every question about a measure by place and period: of all services together, by service, and by topic."""
    fact = metric.fact
    kinds = [(), *((name,) for name in (fact.service_dimension, *fact.topics) if name)]
    for place in ((), *((level,) for level in fact.places)):
        for period in PERIODS if fact.has_period else (None,):
            for kind in kinds:
                if not (kind and period == "month" and FINEST_BY_SERVICE != "month"):
                    yield Query((metric.name,), by=(*place, *kind), period=period)


def _answered(metric: Metric, query: Query, build_id: str) -> pd.DataFrame | None:
    """The cells of one question that have a figure or hide one; None where it cannot be asked. Not remembered: it is too much."""
    try:
        table = ask.__wrapped__(query, build_id).table  # type: ignore[attr-defined]
    except Problem:
        return None
    name = metric.name
    table = table[table[f"{name}_status"] != NO_DATA]
    level = query.by[0] if query.by and query.by[0] in metric.fact.places else "programme"
    columns = {
        "measure": name,
        "place_level": level,
        "place_code": table[f"{level}_code"] if level != "programme" else "KH",
        "period": query.period,
        "value": table[name],
        "low": table.get(f"{name}_low"),
        "high": table.get(f"{name}_high"),
        "n": table[f"{name}_n"],
        "status": table[f"{name}_status"],
    }
    others = {key: table[key] for key in table.columns if key in (*metric.fact.topics, metric.fact.service_column, "period_start")}
    return pd.DataFrame({**columns, **others}, index=table.index)


def _left_out(hidden_whole: list[str]) -> str:
    return f"Left out, because every figure of it is hidden: {'; '.join(hidden_whole)}." if hidden_whole else ""


# --- registers ------------------------------------------------------------------------------------------------------------------------


def _register(register: Register, build: Build) -> pd.DataFrame | None:
    """The rows of a register; None in a build from before there was such a table, or with nothing in it."""
    if register.table == "measures":
        return rows_of_measures()
    if not warehouse.has_table(register.table, build.build_id):
        return None
    kept = set(warehouse.read(f"select * from {register.table} limit 0", build_id=build.build_id).columns)
    columns = [f"{_read(register, field) if field.name in kept else 'null'} as \"{field.name}\"" for field in register.fields]
    summed = f"group by {', '.join(register.key)} having {register.summed_where}" if register.summed_where else ""
    order = ", ".join(register.key) or "all"
    found = warehouse.read(f"select {', '.join(columns)} from {register.table} {summed} order by {order}", build_id=build.build_id)
    return found if len(found) else None


def _read(register: Register, field: Field) -> str:
    """A column of a register in SQL."""
    return f'sum("{field.name}")::bigint' if register.summed_where and field.name not in register.key else f'"{field.name}"'


def _typed(table: pd.DataFrame, fields: tuple[Field, ...]) -> pa.Table:
    """A table with the columns and types that its fields declare."""
    schema = pa.schema([(field.name, ARROW_TYPES[field.type]) for field in fields])
    plain = {field.name: table[field.name].astype(object).where(table[field.name].notna(), None) for field in fields}
    arrays = [pa.array(list(plain[field.name]), from_pandas=True).cast(ARROW_TYPES[field.type]) for field in fields]
    return pa.table(arrays, schema=schema)


# --- the zip and its description --------------------------------------------------------------------------------------------------------


def _pack(
    packed: zipfile.ZipFile, parquet: Path, title: str, description: str, fields: tuple[Field, ...], key: list[str]
) -> dict[str, Any]:
    """Put a table into the zip as CSV and Parquet; returns its description, with size and hash of both."""
    csv = parquet.with_suffix(".csv")
    with duckdb.connect(config=dict(warehouse.ENGINE_SETTINGS)) as connection:
        connection.execute("set enable_progress_bar = false")
        source, target = (str(path).replace("'", "''") for path in (parquet, csv))
        columns = ", ".join(_in_csv(field) for field in fields)
        connection.execute(f"copy (select {columns} from read_parquet('{source}')) to '{target}' (header, delimiter ',')")
        rows = connection.execute(f"select count(*) from read_parquet('{source}')").fetchone()
    sizes = {path: _add(packed, path) for path in (csv, parquet)}
    for path in (csv, parquet):
        path.unlink()
    return {
        "name": parquet.stem.replace("_", "-"),
        "path": f"data/{csv.name}",
        "profile": "tabular-data-resource",
        "title": title,
        "description": description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "rows": rows[0] if rows else 0,
        **sizes[csv],
        "parquet": {"path": f"data/{parquet.name}", "mediatype": "application/vnd.apache.parquet", **sizes[parquet]},
        "schema": {
            "fields": [field.described() for field in fields],
            "missingValues": [""],
            **({"primaryKey": key} if key and not _has_gaps(fields, key) else {}),
        },
    }


def _in_csv(field: Field) -> str:
    """A column as the CSV has it: a spreadsheet runs no text of it. Parquet keeps texts as they are."""
    name = f'"{field.name}"'
    return f"{without_formula_sql(name)} as {name}" if field.type == "string" else name


def _has_gaps(fields: tuple[Field, ...], key: list[str]) -> bool:
    """Whether a column of the key may be empty, which a primary key may not."""
    return any(field.is_optional for field in fields if field.name in key)


def _add(packed: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    """Copy a file into the zip, piece by piece; returns its size and hash. Parquet is compressed already."""
    whole = hashlib.sha256()
    info = zipfile.ZipInfo(f"data/{path.name}")
    info.compress_type = zipfile.ZIP_STORED if path.suffix == ".parquet" else zipfile.ZIP_DEFLATED
    info.file_size = path.stat().st_size
    with path.open("rb") as source, packed.open(info, "w", force_zip64=info.file_size > 1 << 31) as target:
        while piece := source.read(CHUNK):
            whole.update(piece)
            target.write(piece)
    return {"bytes": info.file_size, "hash": f"sha256:{whole.hexdigest()}"}


def _describe(build: Build, resources: list[dict[str, Any]]) -> dict[str, Any]:
    """datapackage.json: which build, how far its data reach, where they come from, what is hidden and what to keep in mind."""
    kind = export.kind(build.is_demonstration)
    return {
        "profile": "tabular-data-package",
        "name": f"commune-pulse-{build.build_id}",
        "id": f"commune-pulse:{build.build_id}",
        "title": f"Commune Pulse: published figures of build {build.build_id}",
        "description": f"{kind}. Every figure that is published about public services and social accountability in the communes of the "
        f"programme, by place, period and service. {export.PRIVACY} {STATUS}",
        "version": build.build_id,
        "created": build.built_at.isoformat(timespec="seconds"),
        **({"homepage": permalink.link("explore", {}, build.build_id)} if permalink.address() else {}),
        **({"licenses": [dict(LICENCE_OF_DEMONSTRATION)]} if build.is_demonstration else {"rights": NO_LICENCE}),
        "sources": [dict(source) for source in SOURCES],
        "build": {
            "build_id": build.build_id,
            "is_demonstration": build.is_demonstration,
            "data": kind,
            "data_to": str(build.data_to or ""),
            "built_at": build.built_at.isoformat(timespec="seconds"),
        },
        "privacy": export.PRIVACY,
        "caveats": {metric.name: metric.caveat for metric in catalogue() if metric.caveat},
        "resources": resources,
    }


def _readme(described: dict[str, Any]) -> str:
    """The same for a person who opens the zip."""
    lines = [f"# {described['title']}", "", described["description"], "", f"Data to {described['build']['data_to']}.", ""]
    lines += ["| table | rows | what it is |", "|---|---|---|"]
    lines += [f"| `{one['path']}` | {one['rows']:,} | {one['title']} |" for one in described["resources"]]
    lines += ["", "Every table is there as CSV (UTF-8) and as Parquet; `datapackage.json` describes every column. In Python:", ""]
    lines += ["    import duckdb", "    duckdb.sql(\"select * from 'data/figures_requests.parquet' where status = 'shown'\")", ""]
    lines += [f"Link: {described['homepage']}", ""] if "homepage" in described else []
    return "\n".join(lines)
