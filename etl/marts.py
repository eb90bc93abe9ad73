"""How do staged rows become dimensions, facts and aggregates, and how do we know they are right?

The tables are the files of `etl/sql/marts`: one SELECT each, named like the table, the first line saying what one
row is. A file may read the staging tables, the reference lists (`reference_<name>`, all text) and other marts; the
order follows from what each reads. The audits are the files of `etl/sql/audits`: every row one returns is a fault.
"""

import re
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from metrics import indicators
from metrics.definitions.actions import LONGEST_WAIT_DAYS
from metrics.model import unknown
from warehouse import Problem

SQL_FOLDER = Path(__file__).parent / "sql"
REFERENCE_LISTS = ("communes", "services", "service_standards", "holidays", "criteria", "targets")
VARIABLES = {  # what measures and indicators declare and marts read with getvariable
    "longest_wait_days": LONGEST_WAIT_DAYS,
    "units_without_persons": list(indicators.UNITS_WITHOUT_PERSONS),
}
FAULTS_SHOWN = 3


def mart_queries() -> dict[str, str]:
    """The SELECT of every mart by its table's name, each after the marts it reads."""
    queries = {file.stem: file.read_text(encoding="utf-8") for file in sorted((SQL_FOLDER / "marts").glob("*.sql"))}
    reads = {name: sorted(set(re.findall(r"\bmarts\.(\w+)", query))) for name, query in queries.items()}
    return {name: queries[name] for name in TopologicalSorter(reads).static_order()}


def roll_ups() -> dict[str, str]:
    """The SELECT of every table that is made from other aggregates, and of dim_aligned_month, which some of them read."""
    tables = {name: query for name, query in mart_queries().items() if not name.startswith("fct_")}
    return {name: query for name, query in tables.items() if "marts.agg_" in query or name == "dim_aligned_month"}


def audit_queries() -> dict[str, str]:
    """The SELECT of every audit by its name."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted((SQL_FOLDER / "audits").glob("*.sql"))}


def stated_grain(query: str) -> str:
    """What the first line of an SQL file says: of a mart what one row is, of an audit what is wrong."""
    return query.splitlines()[0].removeprefix("--").strip()


def build_marts(connection: duckdb.DuckDBPyConnection, reference_folder: Path, own_indicators: Path | None = None) -> None:
    """Make schema `marts` anew from the staging tables (all must exist, empty ones too) and the reference lists.

    `own_indicators`: the programme's own list of indicators, instead of the shipped example.
    Facts are views, because records are only read by audits and on the operator's machine; everything else is a table.
    Raises Problem when a reference list is missing.
    """
    for name in REFERENCE_LISTS:
        read_reference(connection, reference_folder / f"{name}.csv")
    for name, value in VARIABLES.items():
        connection.execute(f"set variable {name} = {value}")
    read_indicators(connection, own_indicators or reference_folder / indicators.FILE, is_example=own_indicators is None)
    connection.execute("create schema if not exists marts")
    for name, query in mart_queries().items():
        kind = "view" if name.startswith("fct_") else "table"
        connection.execute(f"create or replace {kind} marts.{name} as\n{_lists_as_text(connection, query)}")


def _lists_as_text(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The query with the values of lists as text: staging keeps them as small numbers, readers of the marts need not know."""
    described = connection.execute(f"describe {query}").fetchall()
    texts = ", ".join(f'cast("{column}" as varchar) as "{column}"' for column, kind, *_ in described if kind.startswith("ENUM"))
    return f"select * replace ({texts})\nfrom (\n{query}\n)" if texts else query


def read_reference(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Read one list of the country into a temporary table `reference_<name>` of text, as it stands."""
    if not file.is_file():
        raise Problem(
            what=f"The list {file.name} is missing.",
            meaning="The tables for the dashboard cannot be made without it.",
            action=f"Put {file.name} back into {file.parent}; it is part of the repository.",
            file=str(file),
        )
    connection.execute(
        f"create or replace temp table reference_{file.stem} as "
        "select * from read_csv($file, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"')",
        {"file": str(file)},
    )


def read_indicators(connection: duckdb.DuckDBPyConnection, file: Path, is_example: bool) -> None:
    """Read the results framework into a temporary table `reference_indicators` of text. Raises Problem where it is not declared right."""
    rows = indicators.read_list(file)
    services = tuple(code for (code,) in connection.execute("select service_code from reference_services").fetchall())
    for one in indicators.declared(rows):
        if one.where.service and one.where.service not in services:
            raise unknown(f"service ({one.code})", one.where.service, services)
    columns = ", ".join(f'"{name}" varchar' for name in (*indicators.COLUMNS, "is_example"))
    connection.execute(f"create or replace temp table reference_indicators ({columns})")
    marks = ", ".join("?" * (len(indicators.COLUMNS) + 1))
    for row in rows:
        values = [row[name] or None for name in indicators.COLUMNS]
        connection.execute(f"insert into reference_indicators values ({marks})", [*values, str(is_example).lower()])


def run_audits(connection: duckdb.DuckDBPyConnection) -> None:
    """Ask every audit; raise a Problem with the name and the first faults of the first that finds any."""
    for name, query in audit_queries().items():
        found = connection.execute(query)
        columns = [column[0] for column in found.description or []]
        faults = [dict(zip(columns, row, strict=True)) for row in found.fetchmany(FAULTS_SHOWN + 1)]
        if not faults:
            continue
        shown = "; ".join(", ".join(f"{column} {value}" for column, value in fault.items()) for fault in faults[:FAULTS_SHOWN])
        more = " … and more" if len(faults) > FAULTS_SHOWN else ""
        raise Problem(
            what=f"The audit '{name}' found a fault: {stated_grain(query)}",
            meaning=f"The new build would show wrong or private figures, so it was not published. First faults: {shown}{more}",
            action=f"Run the query in etl/sql/audits/{name}.sql, put right what it lists, and build again.",
            audit=name,
            faults=faults[:FAULTS_SHOWN],
        )
