"""When did something change in the inbox, and is it there whole? Builds whenever new files have come to rest."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from etl import folder as files_of
from etl.pipeline import Outcome, build_warehouse
from warehouse import Problem

Snapshot = dict[str, tuple[int, int]]  # file -> size and time of its last change
SECONDS = 15.0


def watch(
    folder: Path,
    told: Callable[[Outcome | Problem], None],
    seconds: float = SECONDS,
    goes_on: Callable[[], bool] = lambda: True,
) -> None:
    """Look at a folder every few seconds; build when its files differ from those built last and did not change since the look before.

    `told` gets the outcome of every build, or the Problem that stopped it; then nothing is tried until the files change again. A build by
    somebody else is waited for.
    """
    done: Snapshot | None = None
    before: Snapshot | None = None
    while goes_on():
        now = snapshot(folder)
        if now and now == before and now != done:
            done = now
            try:
                outcome = build_warehouse(folder, False, wait=True)
                if outcome.is_new:
                    told(outcome)
            except Problem as problem:
                told(problem)
        before = now
        time.sleep(seconds)


def snapshot(folder: Path) -> Snapshot:
    """Every data file and mapping with its size and the time of its last change; a file that vanishes meanwhile is left out."""
    found: Snapshot = {}
    for path in [*files_of.data_files(folder), *sorted(folder.rglob("*.toml"))]:
        try:
            seen = path.stat()
        except FileNotFoundError:
            continue
        found[path.relative_to(folder).as_posix()] = seen.st_size, seen.st_mtime_ns
    return found
