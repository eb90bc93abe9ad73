"""What can the operator ask for? python -m etl build | check FILE | map FILE | deliver FILE … | watch | undo | pull | forms | …

Exit codes: 0 all is well (published, or nothing new); 1 published or nothing new, but some files are refused (check: the file has rows to
put right; map: questions are open; pull: some connections failed); 2 nothing was done, and the message says why.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import warehouse
from etl import api, dock, docs, folder, forms, journal, map_command, pipeline, templates, watch
from etl.connections.pull import pull
from etl.forget import forget as forget_key
from etl.pipeline import Outcome
from etl.quality import Load
from etl.readers.words import taken_for
from etl.sample import make_sample
from etl.sources import SOURCES
from warehouse import Problem

ALL_WELL, SOME_REFUSED, NOTHING_DONE = 0, 1, 2
STOPPED_READING = 141  # what a shell says of a program whose reader has gone
BAR_WIDTH = 28


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        with warehouse.disk_told():
            code = int(asked.run(asked))
            sys.stdout.flush()
            return code
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing more is said, at the end neither
        return STOPPED_READING
    except Problem as problem:
        _end_bar()
        print(f"{problem.what}\n  {problem.meaning}\n  {problem.action}", file=sys.stderr)
        return NOTHING_DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m etl", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="command")

    build = commands.add_parser("build", help="make a new build from data/inbox, or from the demonstration when the inbox is empty")
    build.add_argument("--demonstration", action="store_true", help="build the demonstration even if there are files in the inbox")
    build.add_argument("--folder", type=Path, help="build from this folder instead of data/inbox")
    build.add_argument("--force", action="store_true", help="build even if nothing has changed")
    build.set_defaults(run=_build)

    check = commands.add_parser("check", help="say what is wrong with a file, without loading it")
    check.add_argument("file", type=Path)
    check.add_argument("--source", choices=[source.name for source in SOURCES], help="what the file holds, if its columns do not tell")
    check.set_defaults(run=_check)

    deliver = commands.add_parser("deliver", help="check files, publish them with the inbox, and put them there only when that succeeded")
    deliver.add_argument("files", type=Path, nargs="*")
    deliver.add_argument("--token", help=argparse.SUPPRESS)  # a delivery that waits already, from the page Load data
    deliver.set_defaults(run=_deliver)

    watching = commands.add_parser("watch", help="build whenever new files in data/inbox have come to rest; ends with Ctrl+C")
    watching.add_argument("--folder", type=Path, help="watch this folder instead of data/inbox")
    watching.add_argument("--seconds", type=float, default=watch.SECONDS, help="time between two looks (default %(default)g)")
    watching.set_defaults(run=_watch)

    commands.add_parser("undo", help="take back the newest delivery: its build and its files").set_defaults(run=_undo)
    mapped = commands.add_parser("map", help="propose which column of a file means what, ask where it is not sure, and write the mapping")
    mapped.add_argument("file", type=Path)
    mapped.add_argument("--sheet", default="", help="which sheet of a workbook or part of an archive")
    mapped.add_argument("--save", type=Path, help="where the mapping goes; else it is printed")
    mapped.add_argument("--source", choices=[source.name for source in SOURCES], default="", help="what the file holds, if that is known")
    mapped.set_defaults(run=_map)

    sample = commands.add_parser("sample", help="make the demonstration files in data/sample")
    sample.add_argument("--seed", type=int, help="another seed makes another demonstration")
    sample.set_defaults(run=_sample)

    forget = commands.add_parser("forget", help="remove a person's rows from inbox, archive, rows set aside and builds")
    forget.add_argument("key", help="number of the request or submission, name or phone number, as it stands in the file")
    forget.set_defaults(run=_forget)

    forms_command = commands.add_parser("forms", help="write XLSForms and blank Excel workbooks that fit the sources")
    forms_command.add_argument("--to", type=Path, help="the folder to write them into; data/forms if left out")
    forms_command.set_defaults(run=_forms)

    pull_command = commands.add_parser("pull", help="fetch what is new from KoboToolbox and DHIS2 into the inbox (docs/connections.md)")
    pull_command.add_argument("names", nargs="*", metavar="NAME", help="connections of data/connections.toml; all if left out")
    pull_command.add_argument("--all", action="store_true", dest="everything", help="fetch everything again, in place of what is there")
    pull_command.set_defaults(run=_pull)

    commands.add_parser("docs", help="write docs/sources.md from the contracts").set_defaults(run=_docs)
    commands.add_parser("rollback", help="let readers see the build before the current one").set_defaults(run=_rollback)
    commands.add_parser("builds", help="list the builds that open at once and those in the archive").set_defaults(run=_builds)
    restore = commands.add_parser("restore", help="bring a build back from the archive, so that links to it open again")
    restore.add_argument("build", metavar="BUILD")
    restore.set_defaults(run=_restore)
    return parser


def _build(asked: argparse.Namespace) -> int:
    inbox = asked.folder or warehouse.data_folder() / "inbox"
    if asked.demonstration or (asked.folder is None and not folder.data_files(inbox)):
        outcome = api.build_demonstration(_show, asked.force)
    else:
        outcome = pipeline.build_warehouse(inbox, False, _show, asked.force)
    return _told(outcome)


def _told(outcome: Outcome) -> int:
    """Print what a build came to; returns the exit code."""
    _end_bar()
    if outcome.is_new:
        print(_books(outcome.loads))
        kind = " (demonstration data)" if outcome.build.is_demonstration else ""
        print(f"\nBuild {outcome.build.build_id}{kind} is published; its records reach {outcome.build.data_to or 'no day yet'}.")
    else:
        print(f"Nothing new: build {outcome.build.build_id} was made from these files.")
    refused = [load for load in outcome.loads if load.status == "refused"]
    for load in outcome.loads:
        if load.status == "refused" or (load.status == "not used" and outcome.is_new):
            print(f"{load.status.capitalize()}: {load.note}")
        elif load.status == "loaded" and load.note and outcome.is_new and not outcome.build.is_demonstration:
            print(f"{load.title}: {load.note}")
    if outcome.is_new and any(load.rows_set_aside for load in outcome.loads):
        print(f"Rows set aside, as they came and with reasons: {warehouse.data_folder() / 'set_aside' / outcome.build.build_id}")
    return SOME_REFUSED if refused else ALL_WELL


def _check(asked: argparse.Namespace) -> int:
    if not asked.file.is_file():
        raise Problem(f"There is no file {asked.file}.", "Nothing was checked.", "Check the path.")
    loads, rules, rows = pipeline.check_file(asked.file, asked.source)
    print(_books(loads))
    for rule, outcome, sentence, count in rules:
        print(f"\n{count:>9,} x {rule} ({docs.FATES[outcome]})\n            {sentence}")
    if rows:
        print("\nFirst rows set aside:")
        for sheet, line, reasons in rows:
            print(f"  {f'sheet {sheet}, ' if sheet else ''}line {line}: {' '.join(reasons)}")
    for load in loads:
        if load.note:
            print(f"\n{load.title}: {load.note}" if load.status == "loaded" else f"\n{load.note}")
    if not any(load.status == "loaded" for load in loads):
        return NOTHING_DONE
    return SOME_REFUSED if any(load.rows_set_aside or load.status == "refused" for load in loads) else ALL_WELL


def _deliver(asked: argparse.Namespace) -> int:
    token = asked.token or dock.new_delivery()
    for file in asked.files:
        if not file.is_file():
            raise Problem(f"There is no file {file}.", "Nothing was delivered.", "Check the path.")
        dock.put(token, file.name, file.read_bytes())
    return _told(dock.publish(token, _tell if asked.token else _show))


def _watch(asked: argparse.Namespace) -> int:
    folder = asked.folder or warehouse.data_folder() / "inbox"
    with contextlib.suppress(KeyboardInterrupt):
        print(f"Watching {folder}. Press Ctrl+C to end.", flush=True)
        watch.watch(folder, _report, asked.seconds)
    return ALL_WELL


def _report(found: Outcome | Problem) -> None:
    if isinstance(found, Problem):
        print(f"{found.what}\n  {found.meaning}\n  {found.action}", file=sys.stderr, flush=True)
    else:
        _told(found)
        print(flush=True)


def _undo(asked: argparse.Namespace) -> int:
    print(f"Readers now see build {journal.undo().build_id}; the files of the delivery are out of the inbox, and kept.")
    return ALL_WELL


def _map(asked: argparse.Namespace) -> int:
    return map_command.run(asked.file, asked.save, asked.source, map_command.person(), asked.sheet)


def _sample(asked: argparse.Namespace) -> int:
    target = warehouse.data_folder() / "sample"
    with warehouse.only_builder():
        make_sample(target, **({"seed": asked.seed} if asked.seed is not None else {}), progress=_show)
    _end_bar()
    print(f"{len(folder.data_files(target))} demonstration files are in {target}.")
    return ALL_WELL


def _forget(asked: argparse.Namespace) -> int:
    forgotten = forget_key(asked.key, _show)
    _end_bar()
    print(_table([("file", "rows removed"), *((name, str(rows)) for name, rows in forgotten.rows.items())]))
    for name, made in forgotten.replaced.items():
        print(f"\n{name} could not be written again without these rows; in its place stand {', '.join(made)}.")
    for name in forgotten.unread:
        print(f"\nNobody can read {name} here. Look yourself whether it holds the person, and remove it if it does.")
    built = f"Build {forgotten.build.build_id} is published" if forgotten.build else "The inbox is empty: no build is left"
    print(f"\n{built}; {forgotten.builds_removed} earlier builds were removed, because they held the rows too.")
    return ALL_WELL


def _forms(asked: argparse.Namespace) -> int:
    target = asked.to or warehouse.data_folder() / "forms"
    rows = [("form", "blank workbook", "questions", "rules left to the loading")]
    workbooks = templates.write_templates(target)
    for (_, path, form), workbook in zip(forms.write_forms(target), workbooks, strict=True):
        rows.append((path.name, workbook.name, str(len(form.survey)), str(len(form.left_out))))
    print(_table(rows))
    print(f"\nThey are in {target}. The sheet 'rules' of a form says what became of each rule.")
    return ALL_WELL


def _pull(asked: argparse.Namespace) -> int:
    pulled = pull(asked.names, asked.everything)
    rows = [("connection", "kind", "records", "file in the inbox")]
    for one in pulled:
        said = "failed" if one.problem else ", ".join(one.files) or "nothing new"
        rows.append((one.connection.name, one.connection.kind, f"{one.records:,}", said))
    print(_table(rows))
    failed = [one.problem for one in pulled if one.problem]
    for problem in failed:
        print(f"\n{problem.what}\n  {problem.meaning}\n  {problem.action}", file=sys.stderr)
    if any(one.files for one in pulled):
        print("\nLoad them with: python -m etl build")
    return NOTHING_DONE if failed and len(failed) == len(pulled) else SOME_REFUSED if failed else ALL_WELL


def _docs(asked: argparse.Namespace) -> int:
    page = warehouse.REPOSITORY / "docs" / "sources.md"
    page.write_text(docs.sources_page(), encoding="utf-8")
    print(f"{page} is written.")
    return ALL_WELL


def _rollback(asked: argparse.Namespace) -> int:
    with warehouse.only_builder():  # a build that is running would take its place at once
        earlier = warehouse.roll_back()
    print(f"Readers now see build {earlier.build_id}.")
    return ALL_WELL


def _builds(asked: argparse.Namespace) -> int:
    current, archived = warehouse.current_build(), warehouse.archived_builds()
    rows = [("build", "made at", "data to", "kind", "size MB", "")]
    for build in [*archived, *warehouse.builds()]:
        is_current = current is not None and build.build_id == current.build_id
        kind = "demonstration" if build.is_demonstration else "real"
        where = "current" if is_current else "archived" if build in archived else "kept"
        size = f"{build.path.stat().st_size / 1e6:,.0f}"
        rows.append((build.build_id, f"{build.built_at:%Y-%m-%d %H:%M}", str(build.data_to or ""), kind, size, where))
    if len(rows) == 1:
        print("There is no build yet. Make one with: python -m etl build")
        return ALL_WELL
    print(_table(rows))
    if archived:
        print(f"\nThe archive keeps the newest {warehouse.archived_kept()}. Bring one back with: python -m etl restore BUILD")
    return ALL_WELL


def _restore(asked: argparse.Namespace) -> int:
    with warehouse.only_builder():
        build = warehouse.restore_build(asked.build)
    print(f"Links to build {build.build_id} open again, for {warehouse.RESTORED_DAYS} days at least.")
    return ALL_WELL


def _books(loads: Sequence[Load]) -> str:
    rows: list[tuple[str, ...]] = [("file", "source", "read", "loaded", "set aside", "superseded", "deleted", "", "taken for")]
    for load in loads:
        counts = (load.rows_read, load.rows_loaded, load.rows_set_aside, load.rows_superseded, load.rows_deleted)
        rows.append(
            (
                load.title,
                load.source or "?",
                *(f"{count:,}" for count in counts),
                "" if load.status == "loaded" else load.status,
                taken_for(load.format, load.facts, load.rows_read if load.status == "loaded" else None),
            )
        )
    totals = [
        sum(getattr(load, name) for load in loads)
        for name in ("rows_read", "rows_loaded", "rows_set_aside", "rows_superseded", "rows_deleted")
    ]
    if len(loads) > 1:
        rows.append(("all files", "", *(f"{total:,}" for total in totals), "", ""))
    return _table(rows)


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side; numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    is_number = [all(row[column].replace(",", "").isdigit() or not row[column] for row in rows[1:]) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width) for cell, width, number in zip(row, widths, is_number, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _show(share: float, what: str) -> None:
    """A bar on the terminal; in a log, nothing but the result."""
    if sys.stderr.isatty():
        full = round(share * BAR_WIDTH)
        print(f"\r[{'#' * full}{'.' * (BAR_WIDTH - full)}] {share:4.0%}  {what:<45}", end="", file=sys.stderr, flush=True)


def _tell(share: float, what: str) -> None:
    """Progress for another program: a share, a tab, and what is being done."""
    print(f"{share:.3f}\t{what}", flush=True)


def _end_bar() -> None:
    if sys.stderr.isatty():
        print("\r" + " " * (BAR_WIDTH + 56) + "\r", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
