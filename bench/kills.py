"""Is anything lost when a build is killed? Hundreds of builds and deliveries, each ended by SIGKILL at a random moment.

    python -m bench.kills --times 200

Half of them die after a random time, half just before a random change of a file (which also meets the short moments between two changes).
After each kill the build in service must be readable and whole, the old or the new one; after the next run the new one must be in
service with exactly the rows of an undisturbed run, and the disk must hold exactly the files an undisturbed run leaves. Prints a table;
ends with 1 when anything was not so. Linux and macOS only: the children are forked.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

import warehouse
from etl import dock, journal, marts, pipeline, small_groups, sources
from etl.contract import Source
from warehouse import Problem

TOKEN = "0123456789abcdef"
MOST_SECONDS = 120.0
FORK = multiprocessing.get_context("fork")
DIGESTS = "select table_schema || '.' || table_name from information_schema.tables where table_schema in ('staging', 'marts', 'privacy')"
BOOKS = "select file_name, sheet, status, rows_read, rows_loaded, rows_set_aside, rows_superseded, rows_deleted from quality.loads"
State = dict[str, Any]
KINDS = ("build", "delivery")
MOMENTS = ("after a random time", "before a change of a file")


@dataclass(frozen=True)
class Undisturbed:
    """What a run leaves that nobody disturbs: what readers see before and after, the files on the disk, how long it takes and how
    often it changes a file."""

    before: State
    after: State
    files: tuple[str, ...]
    seconds: float
    changes: int


# -- a small programme -------------------------------------------------------------------------------------------------------


def rows(source: Source, changes: list[dict[str, str]]) -> list[list[str]]:
    """Header and records: the source's example with each of these changes."""
    headers = [column.name for column in source.columns]
    return [headers, *([str({**source.example, **change}.get(header, "")) for header in headers] for change in changes)]


def write_csv(path: Path, table: list[list[str]]) -> None:
    """Cells without commas, one record a line."""
    path.write_text("".join(",".join(record) + "\n" for record in table), encoding="utf-8")


def request_changes(count: int, communes: int) -> list[dict[str, str]]:
    """So many requests, in so many communes, on four days."""
    return [
        {"request_id": f"R-{n}", "commune_code": f"07010{n % communes + 1}", "submitted_date": f"2024-03-{n % 4 + 1:02}"}
        for n in range(count)
    ]


def first_files(inbox: Path) -> None:
    """Facilities, requests of which one cannot be read, and a workbook of visits, which a process apart reads."""
    requests = request_changes(200, communes=4)
    write_csv(inbox / "facilities.csv", rows(sources.source("facilities"), [{}]))
    write_csv(inbox / "requests.csv", rows(sources.source("service_requests"), [*requests, {"request_id": "R-bad", "submitted_date": ""}]))
    months = [{"month": f"2024-{n:02}", "reported_date": "", "updated_at": ""} for n in range(1, 10)]
    with xlsxwriter.Workbook(inbox / "visits.xlsx") as book:
        sheet = book.add_worksheet()
        for place, record in enumerate(rows(sources.source("service_usage"), months)):
            sheet.write_row(place, 0, record)


def newer_files(folder: Path) -> None:
    """A newer file of requests, which replaces the first, and one of feedback."""
    requests = request_changes(260, communes=3)
    bad = [{"request_id": "R-bad", "submitted_date": ""}, {"request_id": "R-worse", "fee_paid_riel": "-1"}]
    write_csv(folder / "requests.csv", rows(sources.source("service_requests"), [*requests, *bad]))
    answers = [{"submission_id": f"S-{n}", "rating_speed": str(n % 5 + 1)} for n in range(40)]
    write_csv(folder / "feedback.csv", rows(sources.source("feedback"), answers))


def prepare(room: Path, kind: str, with_build: Path | None) -> None:
    """A data folder with a published build, and what the next run is to load: in the inbox, or as a delivery that waits."""
    data = room / "data"
    (room / "temporary").mkdir(parents=True)
    if with_build is None:
        (data / "inbox").mkdir(parents=True)
        first_files(data / "inbox")
        return
    shutil.copytree(with_build / "data", data)
    target = data / "inbox" if kind == "build" else data / "warehouse" / "deliveries" / TOKEN
    target.mkdir(parents=True, exist_ok=True)
    newer_files(target)


# -- what is done in children ------------------------------------------------------------------------------------------------


def build_inbox() -> None:
    pipeline.build_warehouse(warehouse.data_folder() / "inbox", False)


def publish_delivery() -> None:
    dock.publish(TOKEN)


def publish_again() -> None:
    """The same delivery once more; when its files have moved in already, there is only a build to ask for."""
    if journal.is_waiting(TOKEN):
        publish_delivery()
    else:
        build_inbox()


def build_first() -> None:
    """A build of the inbox comes between."""
    build_inbox()
    publish_again()


RUNS: dict[str, tuple[Callable[[], None], tuple[Callable[[], None], ...]]] = {  # what is killed, and what may come next
    "build": (build_inbox, (build_inbox,)),
    "delivery": (publish_delivery, (publish_again, build_first)),
}


def seen_by_readers() -> State:
    """Every table of the build in service as its number of rows and a digest of them, and the books."""
    current = warehouse.current_build()
    if current is None:
        return {}
    tables = warehouse.read(DIGESTS, build_id=current.build_id).iloc[:, 0]
    found: State = {}
    for table in sorted(tables):
        count, digest = warehouse.read(f"select count(*), bit_xor(hash(t)) from {table} t", build_id=current.build_id).iloc[0]
        found[table] = [int(count), str(digest)]
    found["books"] = json.loads(warehouse.read(BOOKS, build_id=current.build_id).to_json(orient="values"))
    return found


class _Changes:
    """Counts the changes of files in a folder, and ends the process just before the one of this number."""

    def __init__(self, room: Path, last: int | None) -> None:
        self.count, self._room, self._last = 0, str(room), last

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        is_change = event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod")
        is_change = is_change or (event == "open" and isinstance(given[2], int) and bool(given[2] & (os.O_WRONLY | os.O_RDWR)))
        if is_change and str(given[0]).startswith(self._room):
            if self.count == self._last:
                os.kill(os.getpid(), signal.SIGKILL)
            self.count += 1


def _child(room: Path, work: Callable[[], Any], saying: Any, last: int | None) -> None:
    os.environ["COMMUNE_PULSE_DATA"] = str(room / "data")
    tempfile.tempdir = str(room / "temporary")
    changes = _Changes(room, last)
    sys.addaudithook(changes)
    try:
        answer = work()
        saying.send((answer, changes.count, ""))
    except BaseException as error:
        saying.send((None, changes.count, f"{type(error).__name__}: {error}"))


def in_child(room: Path, work: Callable[[], Any], seconds: float = MOST_SECONDS, last: int | None = None) -> tuple[Any, int, str] | None:
    """(answer, changes of files, what went wrong); None when it was killed, by itself or after so many seconds."""
    hearing, saying = FORK.Pipe(duplex=False)
    child = FORK.Process(target=_child, args=(room, work, saying, last))
    child.start()
    saying.close()
    answer = None
    if hearing.poll(seconds):
        try:
            answer = hearing.recv()
        except EOFError:  # it killed itself
            answer = None
    else:
        child.kill()
    child.join()
    hearing.close()
    return answer


# -- one kill ----------------------------------------------------------------------------------------------------------------


def files_in(room: Path) -> tuple[str, ...]:
    """Every file and folder of a room."""
    return tuple(sorted(path.relative_to(room).as_posix() for path in room.rglob("*")))


def undisturbed(kind: str, template: Path, room: Path) -> Undisturbed:
    """What a run leaves when nobody kills it."""
    prepare(room, kind, template)
    before = in_child(room, seen_by_readers)
    started = time.perf_counter()
    ran = in_child(room, RUNS[kind][0])
    seconds = time.perf_counter() - started
    after = in_child(room, seen_by_readers)
    if before is None or ran is None or after is None or before[2] or ran[2] or after[2]:
        raise Problem(f"The undisturbed {kind} failed.", str((before, ran, after)), "Mend that first.")
    return Undisturbed(before[0], after[0], files_in(room), seconds, ran[1])


def kill_once(kind: str, moment: str, good: Undisturbed, template: Path, room: Path, chance: random.Random) -> tuple[str, list[str]]:
    """(`died` before, after or never in its publishing; what is not as it should be) of one killed run."""
    prepare(room, kind, template)
    work, nexts = RUNS[kind]
    if moment == MOMENTS[0]:
        ran = in_child(room, work, seconds=chance.uniform(0, good.seconds))
    else:
        ran = in_child(room, work, last=chance.randrange(good.changes))
    faults = [f"it ended by itself: {ran[2]}"] if ran is not None and ran[2] else []
    seen = in_child(room, seen_by_readers)
    is_new = seen is not None and seen[0] == good.after
    if seen is None or seen[2] or seen[0] not in (good.before, good.after):
        faults.append(f"readers see neither the old nor the new build: {seen and seen[2]}")
    after = in_child(room, chance.choice(nexts))
    if after is None or after[2]:
        faults.append(f"the next run did not finish: {after and after[2]}")
    seen = in_child(room, seen_by_readers)
    if seen is None or seen[0] != good.after:
        faults.append(f"rows are lost or doubled: {_unlike(seen[0] if seen else {}, good.after)}")
    left = files_in(room)
    if left != good.files:
        faults.append(f"on the disk too much: {sorted(set(left) - set(good.files))}, too little: {sorted(set(good.files) - set(left))}")
    return "by itself" if ran is not None else "new" if is_new else "old", faults


def _unlike(seen: State | None, good: State) -> list[str]:
    return [name for name, value in good.items() if (seen or {}).get(name) != value]


def run(times: int, seed: int) -> int:
    """Kill, look, and print what came of it; returns the exit code."""
    chance = random.Random(seed)
    counted: Counter[tuple[str, str, str]] = Counter()
    faults: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as temporary:
        whole = Path(temporary)
        prepare(whole / "template", "build", None)
        made = in_child(whole / "template", build_inbox)
        if made is None or made[2]:
            raise Problem("The first build failed.", str(made), "Mend that first.")
        good = {kind: undisturbed(kind, whole / "template", whole / kind) for kind in KINDS}
        for number in range(times):
            kind, moment = KINDS[number % 2], MOMENTS[number // 2 % 2]
            died, found = kill_once(kind, moment, good[kind], whole / "template", whole / "room", chance)
            shutil.rmtree(whole / "room")
            counted[kind, moment, died] += 1
            for fault in found:
                faults[kind, moment] += 1
                print(f"Kill {number + 1} ({kind}, {moment}): {fault}", file=sys.stderr)
            if sys.stderr.isatty():
                print(f"\r{number + 1} of {times}", end="", file=sys.stderr)
        calm = ", ".join(f"{kind} {one.seconds:.1f} s, {one.changes} changes of files" for kind, one in good.items())
        print(f"{times} kills; undisturbed: {calm}")
    print("\n| what was killed | when | old build in service | new build in service | ended before the kill | anything wrong |")
    print("|---|---|---|---|---|---|")
    for kind in KINDS:
        for moment in MOMENTS:
            old, new, never = (counted[kind, moment, died] for died in ("old", "new", "by itself"))
            print(f"| {kind} | {moment} | {old} | {new} | {never} | {faults[kind, moment]} |")
    return 1 if faults else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description="Kill builds at random moments and look what is lost.")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="builds that hide no small groups")
    asked = parser.parse_args()
    if asked.quick:
        audits = {name: query for name, query in marts.audit_queries().items() if "privacy." not in query}
        small_groups.LATTICES = {}
        marts.audit_queries = lambda: audits
    return run(asked.times, asked.seed)


if __name__ == "__main__":
    sys.exit(main())
