"""How is a file written so that it is whole or not there, whatever interrupts it?"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

import warehouse
from metrics import permalink
from metrics.programme import programme_file

UNFINISHED = ".part-"  # begins the name of what is not whole yet


def made_by() -> str:
    """A checksum of all that makes a file besides its build: code, words, the programme's file, and the address in its links."""
    told = programme_file().read_bytes() + permalink.address().encode()
    return hashlib.sha256(_code().encode() + told).hexdigest()


@cache
def _code() -> str:
    house = warehouse.REPOSITORY
    found = (path for folder in ("reports", "charts", "text", "metrics", "stats") for path in (house / folder).rglob("*"))
    parts = [house / "warehouse.py", *sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()


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
