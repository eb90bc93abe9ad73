"""Which measures are there, and what do they say? The same answers as the pages, on the command line.

python -m metrics list
python -m metrics show median_processing_days
python -m metrics query median_processing_days --by commune --period quarter --province 07 --from 2024-01 --to 2024-12
python -m metrics verdict median_processing_days --commune 070101
python -m metrics changed 2026-05-31a 2026-11-30a --measure requests --by province --period quarter
python -m metrics docs [--check]
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields

import pandas as pd

from metrics import catalogue, changed, docs, export, places, read_verdicts
from metrics.compare import before_after
from metrics.lattice import PROGRAMME
from metrics.query import ask
from metrics.question import BREAKDOWNS, Filters, Query
from warehouse import Problem

_FORMATS = ("table", "csv", "json")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it went well, 1 when the docs are not up to date, 2 when the question cannot be answered."""
    options = _parser().parse_args(arguments)
    try:
        commands = {"list": _list, "show": _show, "query": _query, "verdict": _verdict, "changed": _changed, "docs": _docs}
        return commands[options.command](options)
    except Problem as problem:
        print(f"{problem.what}\n{problem.meaning}\n{problem.action}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m metrics", description="Ask the measures.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="every measure")
    commands.add_parser("show", help="what a measure is").add_argument("name")
    query = commands.add_parser("query", help="ask a measure")
    query.add_argument("names", nargs="+", metavar="NAME")
    query.add_argument("--by", action="append", default=[], help=f"break down by one or more of: {', '.join(BREAKDOWNS)}")
    query.add_argument("--period", help="month, quarter, year or fiscal_year")
    query.add_argument("--since", help="first month, YYYY-MM")
    query.add_argument("--build", help="a build id; the current build if left out")
    query.add_argument("--format", choices=_FORMATS, default="table")
    query.add_argument("--sql", action="store_true", help="print the SQL too")
    for item in fields(Filters):
        query.add_argument(f"--{item.name.removeprefix('month_').replace('_', '-')}", dest=item.name)
    verdict = commands.add_parser("verdict", help="what a measure's verdict is in a place, and every number that led to it")
    verdict.add_argument("name", metavar="NAME")
    verdict.add_argument("--build", help="a build id; the current build if left out")
    for name in ("province", "district", "commune", "service", "aspect", "category", "facility_type"):
        verdict.add_argument(f"--{name.replace('_', '-')}", dest=name)
    changes = commands.add_parser("changed", help="what changed between two builds, measure by measure, and why")
    changes.add_argument("old", metavar="OLD", help="an earlier build")
    changes.add_argument("new", metavar="NEW", help="a later build")
    changes.add_argument("--measure", action="append", default=[], help="a measure; all if left out")
    changes.add_argument("--by", choices=changed.LEVELS, default="programme", help="places (default %(default)s)")
    changes.add_argument("--period", choices=changed.PERIODS, default="year", help="default %(default)s")
    changes.add_argument("--all", action="store_true", dest="everything", help="figures that did not change too")
    changes.add_argument("--format", choices=("table", "csv"), default="table")
    for item in fields(Filters):
        changes.add_argument(f"--{item.name.removeprefix('month_').replace('_', '-')}", dest=item.name)
    docs_command = commands.add_parser("docs", help="write docs/measures.md and docs/tables.md")
    docs_command.add_argument("--check", action="store_true", help="only say whether they are up to date")
    return parser


def _list(options: argparse.Namespace) -> int:
    for metric in catalogue():
        print(f"{metric.name:<28} {metric.unit:<9} {metric.label}")
    return 0


def _show(options: argparse.Namespace) -> int:
    print(docs.measure(catalogue()[options.name]))
    return 0


def _query(options: argparse.Namespace) -> int:
    where = Filters(**{item.name: getattr(options, item.name) for item in fields(Filters)})
    by = tuple(name for part in options.by for name in part.split(","))
    result = ask(Query(tuple(options.names), by, options.period, where, options.since), options.build)
    if options.format == "csv":
        sys.stdout.write(export.to_csv(result).decode("utf-8-sig"))
    elif options.format == "json":
        print(export.to_json(result).decode())
    else:
        table = places.with_names(result.table, result.build_id)
        print(table.to_string(index=False, na_rep="", float_format=lambda value: f"{value:,.1f}"))
        print("\n".join((*result.notes, f"Build {result.build_id}, data to {result.data_to}.")))
        if result.is_demonstration:
            print("DEMONSTRATION DATA: invented.")
    if options.sql:
        print(f"\n{result.sql}")
    return 0


def _verdict(options: argparse.Namespace) -> int:
    chosen = ("province", "district", "commune", "service", "aspect", "category", "facility_type")
    where = Filters(**{name: getattr(options, name) for name in chosen})
    found, verdict = read_verdicts.judged(before_after(options.name, where, options.build))
    print(f"{found.metric.label}: {verdict.word.replace('_', ' ')} ({verdict.why.replace('_', ' ')})")
    rows = read_verdicts.table(where, found.metric.name, found.build_id) if where.commune else pd.DataFrame()
    if len(rows):
        for row in rows.to_dict("records"):
            told = [(name, row[name]) for name in ("topic", *read_verdicts.NUMBERS) if row[name] != "" and not pd.isna(row[name])]
            print("\n".join(f"  {name:<24} {_as_told(value)}" for name, value in told))
    else:
        for item in fields(verdict):
            print(f"  {item.name:<24} {_as_told(getattr(verdict, item.name))}")
        unit = "percent" if found.relative else found.metric.unit
        print(f"  {'communes':<24} {found.communes} of {found.communes_covered} covered, by {found.aligned_by}; difference in {unit}")
    print(f"Build {found.build_id}, data to {found.data_to}.")
    if found.is_demonstration:
        print("DEMONSTRATION DATA: invented.")
    return 0


def _changed(options: argparse.Namespace) -> int:
    builds = changed.pair(options.old, options.new)
    where = Filters(**{item.name: getattr(options, item.name) for item in fields(Filters)})
    table = changed.between(builds, options.measure, options.by, options.period, where)
    moved = table[~table["told"].isin((changed.SAME, changed.BOTH_HIDDEN))]
    shown = table if options.everything else moved
    shown = shown.assign(why=shown["why"].map(", ".join), place_code=shown["place_code"].replace("", PROGRAMME))
    if options.format == "csv":
        about = "Each figure as each build publishes it. " + export.DIFFERENCES
        told = export.Told(shown, builds.new, about, where.given(), link=changed.link(builds))
        sys.stdout.write(export.table_to_csv(told).decode("utf-8-sig"))
        return 0
    if len(shown):
        print(shown.to_string(index=False, na_rep="", float_format=lambda value: f"{value:,.1f}"))
    print(f"\n{len(moved)} of {len(table)} figures changed. {export.DIFFERENCES}")
    books = changed.reconciled(builds)
    print(f"\nRows loaded, by source:\n{books[books['then'] != books['now']].to_string(index=False)}")
    if not changed.knows_definitions(builds):
        print("\nOne of the builds does not know its definitions.")
    for row in changed.definitions_changed(builds).to_dict("records"):
        print(f"{row['kind']} {row['name']}: {row['what']}")
    print(f"Builds {builds.old.build_id} (data to {builds.old.data_to}) and {builds.new.build_id} (data to {builds.new.data_to}).")
    if builds.new.is_demonstration:
        print("DEMONSTRATION DATA: invented.")
    return 0


def _as_told(value: object) -> str:
    """A figure as a table shows it: more decimals than that would say more than is published; a month by its first day."""
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _docs(options: argparse.Namespace) -> int:
    stale = docs.write(is_check=options.check)
    for name in stale:
        print(f"{name} is not up to date; run: python -m metrics docs" if options.check else f"wrote {name}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
