"""How is a file written so that it is whole or not there, whatever interrupts it?"""

from __future__ import annotations

import os
from pathlib import Path

import warehouse

UNFINISHED = ".part-"  # begins the name of what is not whole yet


def write_whole(path: Path, inside: bytes) -> None:
    """Write a file beside its place and move it there when it is whole. Raises DiskProblem where the disk is full or forbids it."""
    unfinished = path.with_name(f"{UNFINISHED}{path.name}")
    with warehouse.disk_told():
        with unfinished.open("wb") as file:
            file.write(inside)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)


def remove_unfinished(folder: Path) -> None:
    """Remove what an interrupted run left."""
    for path in folder.glob(f"{UNFINISHED}*"):
        path.unlink(missing_ok=True)
