"""What was done already? A journal of one line a thing done, whole or ignored, so that an interrupted run goes on where it stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import warehouse

Entry = Mapping[str, Any]


def read(path: Path, key: str = "key") -> dict[str, Entry]:
    """The newest entry of each key; a last line that was cut off counts as never written."""
    found: dict[str, Entry] = {}
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and key in entry:
            found[str(entry[key])] = entry
    return found


def add(path: Path, entry: Entry) -> None:
    """Add a line that is on the disk when this returns. A line cut off before it is ended first. Raises DiskProblem."""
    line = json.dumps(entry, ensure_ascii=False) + "\n"
    with warehouse.disk_told():
        path.parent.mkdir(parents=True, exist_ok=True)
        is_cut = path.is_file() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        with path.open("ab") as file:
            file.write((b"\n" if is_cut else b"") + line.encode())
            file.flush()
            os.fsync(file.fileno())
