"""What does each source hold, and which rules must its rows keep? docs/sources.md, written from the contracts."""

from __future__ import annotations

from etl.contract import TYPE_WORDS, Column, Rule, Source
from etl.sources import SOURCES

FATES = {"reject_row": "row set aside", "warn": "warning", "reject_file": "file refused"}


def sources_page() -> str:
    """The whole page as Markdown."""
    parts = [
        "# Sources",
        "Written from the contracts in `etl/sources/` by `python -m etl docs`; do not edit.",
        "Files may be CSV in UTF-8, UTF-16, Windows-1252 or Mac Roman, with comma, semicolon, tab or bar between the cells. Headers are "
        "recognised in any case. Dates are read as 2024-03-31 or 31/03/2024; Khmer digits are read like 0 to 9; codes may lack their "
        "leading zero, and a commune's old code means its successor. Personal columns never enter the warehouse.",
    ]
    return "\n\n".join([*parts, *(_section(source) for source in SOURCES)]) + "\n"


def _section(source: Source) -> str:
    rows = ["| column | what it is | value | |", "|---|---|---|---|"]
    rows += [f"| `{column.name}` | {column.label} | {_value(column)} | {_marks(column)} |" for column in source.columns]
    rules = ["| rule | what to do | then |", "|---|---|---|"]
    rules += [f"| `{rule.name}` | {rule.sentence} | {_fate(rule)} |" for rule in source.rules]
    newest = f"the newest by `{source.newest_by}`, else the later one" if source.newest_by else "the later one"
    lines = [
        f"## {source.name}",
        f"{source.question} Here {source.grain}.",
        f"Of rows with the same key, {newest} stays.",
        "\n".join(rows),
        "\n".join(rules),
    ]
    return "\n\n".join(lines)


def _fate(rule: Rule) -> str:
    return FATES[rule.outcome] + ("; replaces no row that keeps the rule" if rule.gives_way else "")


def _value(column: Column) -> str:
    if column.reference:
        return f"from the list of {column.reference}"
    return ", ".join(f"`{value}`" for value in column.accepts) if column.accepts else TYPE_WORDS[column.type]


def _marks(column: Column) -> str:
    marks = {"key": column.is_key, "required": column.is_required, "personal: never loaded": column.is_personal}
    return ", ".join(mark for mark, is_set in marks.items() if is_set)
