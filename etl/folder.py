"""Which files lie in a folder, and is there anything new about them? Files are never changed; what was loaded is kept."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb

import warehouse

NOT_DATA = {".md", ".toml"}  # notes and mappings
TRUTH = "truth"  # what the demonstration planted: for checking, not for loading


def data_files(folder: Path) -> list[Path]:
    """Every file that may hold records, by name; hidden files, notes, mappings and the demonstration's truth are left out."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if (
            path.is_file()
            and path.suffix.lower() not in NOT_DATA
            and TRUTH not in parts
            and not any(part.startswith((".", "~$")) for part in parts)
        ):
            found.append(path)
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def code_version() -> str:
    """A short fingerprint of everything that decides what a build holds besides the files: code, SQL and reference lists."""
    rooms = [warehouse.REPOSITORY / "etl", warehouse.REPOSITORY / "metrics", warehouse.reference_folder()]
    files = [path for room in rooms for path in room.rglob("*") if path.suffix in (".py", ".sql", ".csv", ".toml")]
    whole = hashlib.sha256(duckdb.__version__.encode())
    for path in sorted([*files, warehouse.REPOSITORY / "warehouse.py"]):
        whole.update(path.relative_to(warehouse.REPOSITORY).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:12]


def fingerprint(folder: Path, hashes: Iterable[tuple[str, str]], is_demonstration: bool) -> str:
    """What a build is a function of: the files' names and contents, the mappings beside them, code and reference lists."""
    whole = hashlib.sha256(f"{code_version()} {is_demonstration}".encode())
    for name, content_hash in hashes:
        whole.update(f"{name}\0{content_hash}\n".encode())
    for mapping in sorted(folder.rglob("*.toml")):
        whole.update(mapping.read_bytes())
    return whole.hexdigest()


def keep_copies(files: Iterable[tuple[Path, str]]) -> None:
    """Keep the bytes of every loaded file under its content hash, so that a corrected file does not lose what was there before."""
    archive = warehouse.warehouse_folder() / "archive"
    archive.mkdir(exist_ok=True, mode=0o700)
    for path, content_hash in files:
        kept = archive / f"{content_hash}{path.suffix.lower()}"
        if not kept.exists():
            unfinished = kept.with_name(f"{warehouse.UNFINISHED}{kept.name}")
            shutil.copyfile(path, unfinished)
            unfinished.chmod(0o600)
            unfinished.replace(kept)
