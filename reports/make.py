"""`python -m reports make`: the report of one place as PDF, web page and workbook."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import warehouse
from metrics.query import Filters
from reports import annex, content, html, pdf
from reports.files import write_whole
from text import LANGUAGES
from warehouse import Build

NAME = "make"
HELP = "The report of the programme, a province, district or commune as PDF, web page and workbook."
FORMATS: Mapping[str, Callable[[content.Report], bytes]] = {"pdf": pdf.to_pdf, "html": html.to_html, "xlsx": annex.to_xlsx}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which place and period, in which language and formats, and where to."""
    parser.add_argument("--place", default=content.PROGRAMME, help="KH for the whole programme, else the code of a place (default: KH)")
    add_choices(parser)
    parser.add_argument("--language", choices=LANGUAGES, default="en")


def add_choices(parser: argparse.ArgumentParser) -> None:
    """What a single report and a whole set share."""
    parser.add_argument("--from", dest="month_from", metavar="YYYY-MM", help="first month of the charts (default: all)")
    parser.add_argument("--to", dest="month_to", metavar="YYYY-MM", help="last month of the charts")
    parser.add_argument("--format", default="pdf", type=formats, help=f"one or more of {','.join(FORMATS)} (default: pdf)")
    parser.add_argument("--build", help="the build to report from (default: the current one)")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")


def formats(text: str) -> tuple[str, ...]:
    """The formats named in a list."""
    asked = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    if not asked or set(asked) - set(FORMATS):
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of {', '.join(FORMATS)}")
    return asked


def run(arguments: argparse.Namespace) -> int:
    """Write the files and say where they are."""
    where = content.filters_of(arguments.place, arguments.month_from, arguments.month_to)
    for path in write(where, arguments.language, warehouse.build_or_current(arguments.build), arguments.format, arguments.out):
        print(path)
    return 0


def files(where: Filters, spoken: str, build: Build, kinds: Iterable[str]) -> dict[str, bytes]:
    """Name -> what is in it, of one report in some formats."""
    with content.looking(build, spoken):
        report = content.make(where, spoken, build.build_id)
        return {f"{report.name}.{kind}": FORMATS[kind](report) for kind in kinds}


def write(where: Filters, spoken: str, build: Build, kinds: Iterable[str], folder: Path) -> list[Path]:
    """Write a report into a folder, each file whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    made = files(where, spoken, build, kinds)
    for name, inside in made.items():
        write_whole(folder / name, inside)
    return [folder / name for name in made]
