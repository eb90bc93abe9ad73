"""What is written down about measures, indicators and tables? docs/tables.md is read from the current build, the rest from declarations."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import warehouse
from metrics import catalogue, indicators
from metrics.indicators import Indicator
from metrics.model import SMALLEST_BASE, SMALLEST_BASE_FOR_ALL_OR_NONE, Fact, Metric

_DOCS = warehouse.REPOSITORY / "docs"
_MARTS = warehouse.REPOSITORY / "etl" / "sql" / "marts"
_SCHEMAS = {
    "marts": "What the pages read. `dim_` describes, `fct_` is one record each, `agg_` counts.",
    "privacy": "Which cells are hidden to protect small groups; levels that are never published (metrics/lattice.py) have no rows here.",
    "quality": "What arrived and what became of it.",
}


def write(is_check: bool = False) -> list[str]:
    """Write all pages again; with `is_check` write nothing. Returns the names of those that were not up to date.

    docs/tables.md is left alone where there is no build to read the tables from.
    """
    pages = {"measures.md": measures(), "results-framework.md": results_framework()}
    if warehouse.current_build():
        pages["tables.md"] = tables()
    stale = []
    for name, text in pages.items():
        path = _DOCS / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(f"docs/{name}")
        if not is_check:
            _DOCS.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return stale


def measures() -> str:
    """Every measure on one page."""
    lines = [
        "# Measures",
        "",
        "Written by `python -m metrics docs` from `metrics/definitions`; do not edit.",
        "",
        "Every ratio is a sum over a sum. A figure that rests on 1 to 9 people or requests is hidden, together with as many",
        "others as it takes that it cannot be worked out. Shares and times rest on at least "
        f"{SMALLEST_BASE}; a share of 0 % or",
        f'100 % of fewer than {SMALLEST_BASE_FOR_ALL_OR_NONE} is shown as "<10 %" or ">90 %".',
        "Limits are 95 %: Wilson for shares, log-log for times.",
    ]
    for fact in catalogue().facts():
        lines += ["", f"## {fact.label}", "", f"Counted in `{fact.table}`. Can be broken down and filtered by: {_possible(fact)}."]
        for metric in catalogue():
            if metric.fact.name == fact.name:
                lines += ["", measure(metric)]
    return "\n".join(lines) + "\n"


def measure(metric: Metric) -> str:
    """One measure as a short passage of Markdown."""
    better = {"higher": "more is better", "lower": "less is better", None: "neither more nor less is better"}[metric.better]
    limits = ""
    if metric.spends:
        limits = "By quarter and year only, without a further attribute of persons."
    elif metric.fact.finest_period != "month":
        limits = "By quarter and year only."
    sentences = [metric.definition, metric.caveat, limits]
    return "\n".join(
        [
            f"### {metric.label} (`{metric.name}`)",
            "",
            " ".join(sentence for sentence in sentences if sentence),
            "",
            f"- Unit: {metric.unit}; {better}.",
            f"- Computed as: `{metric.kind.words}`",
        ]
    )


def results_framework() -> str:
    """The shipped example framework, and how a programme declares its own."""
    declared = indicators.declared(indicators.read_list(warehouse.reference_folder() / indicators.FILE))
    lines = [
        "# Results framework", "",
        "Written by `python -m metrics docs` from `data/reference/indicators.csv`; do not edit.", "",
        "**The framework that is shipped is an example: its baselines, milestones and targets are invented.** A programme puts its own",
        "`indicators.csv` into `data/inbox` (the folder that is built from); it then replaces the whole example. What is not declared",
        "right stops the build with a sentence. Documents name the programme as `data/reference/programme.toml` does, an example too;",
        "`data/inbox/programme.toml` wins.", "",
        "Values are those of the measures on the pages, counted over whole calendar quarters, at any day; or they are entered with their",
        "evidence (source `indicator_values`). A value is held against the milestone due on its own reference date.",
        "No data yet is not zero. Small groups are hidden as everywhere; of entered values a figure of 1 to 9 persons, with every",
        "other part of that day.", "",
        "- *Results framework* is the page; a row opens its trend, its parts and its definition.",
        "- `python -m reports logframe [--as-of 2026-06-30] [--language km] [--province 07]` writes the workbook in the order of OPSYS.",
        "- `python -m reports iati [--as-of 2026-06-30]` writes an IATI 2.03 activity with its results.", "",
        "## Columns of indicators.csv", "", "| column | | |", "|---|---|---|",
        *(_column(name, what) for name, what in indicators.COLUMNS.items()),
        "", "## The example",
    ]  # fmt: skip
    for each in declared:
        heading = f"### {each.level.capitalize()} {each.result_code}: {each.result['en']}"
        lines += ["", heading] if heading not in lines else []
        lines += ["", _indicator(each)]
    return "\n".join(lines) + "\n"


def _column(name: str, what: str) -> str:
    told = what.replace("|", "\\|")  # a bar would end the cell
    return f"| `{name}` | {told} | {'required' if name in indicators.REQUIRED else ''} |"


def _indicator(one: Indicator) -> str:
    conditions = "".join(f", {name} = {value}" for name, value in one.conditions)
    since = f"everything since {one.counted_from or 'the first record'}"
    counted = {"year": "the four whole quarters to its date", "total": since, "latest": "the state at its date"}
    baseline = "the measure's own" if one.given_baseline is None else f"{one.given_baseline:g}"
    return "\n".join(
        [
            f"#### {one.code} {one.title['en']}", "",
            f"- {f'Measure: `{one.measure}`{conditions}' if one.measure else f'Entered, in {one.unit}'}; {one.better} is better.",
            f"- A value counts {counted[one.span] if one.metric else 'what was entered last'}"
            + (f", ending {one.lag_months} months earlier." if one.lag_months else "."),
            f"- Baseline {baseline} ({one.baseline_date}); "
            + "".join(f"{each.value:g} by {each.day}, " for each in one.milestones)
            + f"target {one.target.value:g} by {one.target.day}" + (", on a straight line between them." if one.is_interpolated else "."),
            f"- Broken down by: {', '.join(one.disaggregation).replace('_', ' ') or 'nothing'}.",
            f"- Source: {one.sources['en']}. Assumption: {one.assumptions['en']}.",
        ]
    )  # fmt: skip


def tables() -> str:
    """Every table of the current build with its grain and its columns."""
    columns = warehouse.read(
        """
        select schema_name, table_name, column_name, lower(data_type) as data_type, coalesce(comment, '') as comment
        from duckdb_columns() where schema_name in ('marts', 'privacy', 'quality') and not internal
        order by schema_name, table_name, column_index
        """
    )
    lines = [
        "# Tables", "", "Written by `python -m metrics docs` from the tables of a build; do not edit.",
        "Staging tables have the columns of their source (see sources.md).",
    ]  # fmt: skip
    for schema, purpose in _SCHEMAS.items():
        lines += ["", f"## {schema}", "", purpose]
        for table, rows in columns[columns["schema_name"] == schema].groupby("table_name", sort=True):
            lines += ["", f"### {schema}.{table}", "", *_grain(str(table)), "| column | type | |", "|---|---|---|"]
            lines += [_row(row) for row in rows.to_dict("records")]
    return "\n".join(lines) + "\n"


def _row(column: dict[Hashable, Any]) -> str:
    return f"| {column['column_name']} | {column['data_type']} | {column['comment'] or ''} |"


def _grain(table: str) -> list[str]:
    """What one row is, from the first lines of the table's own query."""
    path = _MARTS / f"{table}.sql"
    if not path.is_file():
        return []
    said = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        said.append(line.removeprefix("--").strip())
    return [" ".join(said).replace("one row =", "One row is", 1), ""]


def _possible(fact: Fact) -> str:
    return ", ".join(name.replace("_", " ") for name in fact.dimensions) or "nothing"
