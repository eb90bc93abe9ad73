"""Which build of the warehouse is current, and how is it read and replaced?

A DuckDB file serves one writer or many readers, so every build is a new file `data/warehouse/<build id>.duckdb`,
and the text file `CURRENT` names the one to read. The oldest move to `data/archive`, from where they can be had back.
Nothing here knows what is inside a build except its one-row table `quality.build`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import duckdb
import pandas as pd

REPOSITORY = Path(__file__).resolve().parent
BUILDS_KEPT = 5  # that open at once
ARCHIVED_KEPT = 60  # that can be had back; the environment's COMMUNE_PULSE_ARCHIVED_BUILDS says otherwise
RESTORED_DAYS = 30  # so long one that was had back opens at least
CONNECTIONS_KEPT = 4
ENGINE_SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
UNFINISHED = ".building-"  # begins the name of whatever is not whole yet; the next builder removes what was left of it
_BUILD_ID = re.compile(r"\d{4}-\d{2}-\d{2}[a-z]+")
_PACKAGE = re.compile(rf"commune-pulse-(?:demonstration-)?package-({_BUILD_ID.pattern})(?:-[0-9a-f]+)?\.zip")
_NAMED = f"{UNFINISHED}named-"  # marks a build that has its name and may not be current yet
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class Problem(Exception):
    """An error a person can meet: what happened, what it means for them, and what to do. The facts stay as attributes."""

    def __init__(self, what: str, meaning: str, action: str, **facts: Any) -> None:
        super().__init__(f"{what} {meaning} {action}")
        self.what = what
        self.meaning = meaning
        self.action = action
        self.facts = facts


class Archived(Problem):
    """A build that is kept in the archive: it can be had back, and until then its figures are not shown."""


class DiskProblem(Problem):
    """The disk is full, or may not be written to or read. No file is to blame, so no build goes on without one."""


@dataclass(frozen=True)
class Build:
    """One finished warehouse. `data_to` is the last day its records reach (None when it holds no records)."""

    build_id: str
    path: Path
    is_demonstration: bool
    data_to: date | None
    built_at: datetime


def data_folder() -> Path:
    """Where inbox, sample and warehouse lie: the environment's COMMUNE_PULSE_DATA, else `data` beside this file."""
    return Path(os.environ.get("COMMUNE_PULSE_DATA") or REPOSITORY / "data")


def reference_folder() -> Path:
    """The country's own lists, kept in the repository."""
    return REPOSITORY / "data" / "reference"


def warehouse_folder() -> Path:
    """Where the builds and CURRENT lie; made when it is missing."""
    folder = data_folder() / "warehouse"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def archive_folder() -> Path:
    """Where the builds lie that no longer open at once; made when it is missing, for the operator's eyes only."""
    folder = data_folder() / "archive"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def archived_kept() -> int:
    """How many builds the archive holds at most. Raises Problem when the environment says something else than a number."""
    said = os.environ.get("COMMUNE_PULSE_ARCHIVED_BUILDS", str(ARCHIVED_KEPT))
    if not said.isdigit():
        raise Problem(
            f"COMMUNE_PULSE_ARCHIVED_BUILDS is '{said}'.",
            "It must say how many builds the archive keeps, as a whole number.",
            f"Set it to a number, or take it out: then {ARCHIVED_KEPT} are kept.",
        )
    return int(said)


def current_build() -> Build | None:
    """The build readers should use now; None when nothing was ever published."""
    try:
        build_id = (data_folder() / "warehouse" / "CURRENT").read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None
    try:
        return build(build_id)
    except Problem:
        return None


def build(build_id: str) -> Build:
    """The build of this id. Raises Archived when it lies in the archive, and Problem when it does not exist (any more)."""
    path = data_folder() / "warehouse" / f"{build_id}.duckdb"
    is_id = bool(_BUILD_ID.fullmatch(build_id))
    if is_id and not path.is_file() and (data_folder() / "archive" / path.name).is_file():
        raise Archived(
            what=f"Build {build_id} is in the archive.",
            meaning="It is kept unchanged, but its figures do not open until it is brought back.",
            action=f"Bring it back with: python -m etl restore {build_id}. Or open the current build.",
            build_id=build_id,
        )
    if not is_id or not path.is_file():
        kept = ", ".join(_build_ids(data_folder() / "warehouse")[-BUILDS_KEPT:]) or "none"
        raise Problem(
            what=f"There is no build {build_id}.",
            meaning="It was removed, or the link is wrong, so its figures cannot be shown unchanged.",
            action=f"Open the current build instead. Builds still kept: {kept}.",
            build_id=build_id,
        )
    return _describe(path, path.stat().st_mtime_ns)


def builds() -> list[Build]:
    """Every finished build, oldest first."""
    folder = data_folder() / "warehouse"
    return [build(build_id) for build_id in _build_ids(folder)]


def archived_builds() -> list[Build]:
    """Every build in the archive, oldest first; one that is readable at once besides does not count."""
    folder = data_folder() / "archive"
    kept = set(_build_ids(data_folder() / "warehouse"))
    paths = [folder / f"{build_id}.duckdb" for build_id in _build_ids(folder) if build_id not in kept]
    return [_describe(path, path.stat().st_mtime_ns) for path in paths]


def build_or_current(build_id: str | None = None) -> Build:
    """The build of this id, else the current one. Raises Problem when it does not exist, or when nothing was ever published."""
    found = build(build_id) if build_id else current_build()
    if found is None:
        raise Problem(
            what="There is no data yet.",
            meaning="No build of the warehouse was published, so nothing can be shown.",
            action="Put files into data/inbox and run: python -m etl build (or add --demonstration).",
        )
    return found


def read(sql: str, params: Sequence[Any] | Mapping[str, Any] | None = None, build_id: str | None = None) -> pd.DataFrame:
    """Answer a query from a build (the current one by default). Safe to call from many threads at once.

    Raises Problem when there is no build. The query's own faults come as DuckDB's errors.
    """
    cursor = _cursor(build_or_current(build_id).path)
    try:
        return cursor.execute(sql, params).df() if params is not None else cursor.execute(sql).df()
    finally:
        cursor.close()


def has_table(name: str, build_id: str | None = None) -> bool:
    """Whether a build has a table, by its name with schema; builds that are kept from an older version may not."""
    tables = "select count(*) as tables from information_schema.tables where table_schema || '.' || table_name = $name"
    return bool(read(tables, {"name": name}, build_id)["tables"].iloc[0])


def start_build(today: date | None = None) -> tuple[str, Path]:
    """The id of the next build and the file to write it to; readers never see that file. Call under `only_builder`."""
    folder = warehouse_folder()
    day = (today or date.today()).isoformat()
    taken = sorted({*_build_ids(folder), *_build_ids(data_folder() / "archive")}, key=_age)
    letters = [build_id[10:] for build_id in taken if build_id.startswith(day)]
    build_id = day + (_letters_after(letters[-1]) if letters else "a")
    return build_id, folder / f"{UNFINISHED}{build_id}.duckdb"


def publish_build(build_id: str) -> Build:
    """Give the written file its name and let CURRENT point at it, both at once or not at all for readers."""
    folder = warehouse_folder()
    finished = folder / f"{build_id}.duckdb"
    unfinished = folder / f"{UNFINISHED}{build_id}.duckdb"
    with unfinished.open("rb+") as written:
        os.fsync(written.fileno())
    mark = folder / f"{_NAMED}{build_id}"
    mark.touch()
    unfinished.replace(finished)
    _point_at(build_id)
    mark.unlink(missing_ok=True)
    return build(build_id)


def roll_back() -> Build:
    """Point CURRENT at the build before the current one; where it is unreadable, at the newest. Call under `only_builder`.

    Raises Problem when there is none.
    """
    current = current_build()
    earlier = [other for other in builds() if current is None or _age(other.build_id) < _age(current.build_id)]
    if not earlier:
        raise Problem(
            what="There is no earlier build to go back to.",
            meaning="The dashboard stays as it is.",
            action="See what is kept with: python -m etl builds.",
        )
    return go_back_to(earlier[-1].build_id)


def go_back_to(build_id: str) -> Build:
    """Point CURRENT at a build that is kept. Raises Problem when it is not."""
    kept, current = build(build_id), current_build()
    if current is not None:  # readers were shown it: it is kept, even if whoever published it died before it could take its mark away
        (warehouse_folder() / f"{_NAMED}{current.build_id}").unlink(missing_ok=True)
    _point_at(build_id)
    return kept


def archive_builds(keep: int = BUILDS_KEPT) -> list[str]:
    """Move the oldest builds but `keep` to the archive, and remove the oldest there beyond its number. Returns the ids moved.

    Never the current one, one that a process is reading, or one brought back in the last RESTORED_DAYS days. Call under `only_builder`.
    """
    folder, current = warehouse_folder(), current_build()
    restored = _restored_lately()
    moved = []
    for build_id in _build_ids(folder)[:-keep]:
        path = folder / f"{build_id}.duckdb"
        if (current is not None and build_id == current.build_id) or build_id in restored or _is_in_use(path):
            continue
        _move(path, archive_folder() / path.name)
        (folder / "restored" / build_id).unlink(missing_ok=True)
        moved.append(build_id)
    archived = _build_ids(data_folder() / "archive")
    for build_id in archived[: max(0, len(archived) - archived_kept())]:
        (archive_folder() / f"{build_id}.duckdb").unlink(missing_ok=True)
    return moved


def restore_build(build_id: str) -> Build:
    """Bring a build back from the archive, unchanged, for RESTORED_DAYS days at least. Call under `only_builder`.

    Raises Problem when the archive does not hold it; one that opens already is left as it is.
    """
    try:
        return build(build_id)
    except Archived:
        pass
    mark = warehouse_folder() / "restored" / build_id
    mark.parent.mkdir(mode=0o700, exist_ok=True)
    mark.touch()
    _move(archive_folder() / f"{build_id}.duckdb", warehouse_folder() / f"{build_id}.duckdb")
    return build(build_id)


def _restored_lately() -> set[str]:
    """The ids of builds brought back in the last RESTORED_DAYS days; older marks, and those of builds that are gone, are removed."""
    folder, kept = warehouse_folder(), set(_build_ids(warehouse_folder()))
    lately = set()
    for mark in (folder / "restored").glob("*"):
        if mark.name in kept and time.time() - mark.stat().st_mtime < RESTORED_DAYS * 86_400:
            lately.add(mark.name)
        else:
            mark.unlink(missing_ok=True)
    return lately


def _move(source: Path, target: Path) -> None:
    """Give a build another folder, whole or not at all; the archive may lie on another disk."""
    try:
        source.replace(target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    unfinished = target.with_name(f"{UNFINISHED}{target.name}")
    try:
        shutil.copyfile(source, unfinished)
        with unfinished.open("rb+") as written:
            os.fsync(written.fileno())
        shutil.copystat(source, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    source.unlink()


def remove_leftovers() -> None:
    """Remove what a killed build left behind. Call under `only_builder`: then no living build owns these files."""
    folder = warehouse_folder()
    current = current_build()
    for mark in folder.glob(f"{_NAMED}*"):
        build_id = mark.name.removeprefix(_NAMED)
        if current is None or current.build_id != build_id:  # it died between its name and CURRENT: nobody was ever shown this build
            (folder / f"{build_id}.duckdb").unlink(missing_ok=True)
    archive = data_folder() / "archive"
    for build_id in set(_build_ids(folder)) & set(_build_ids(archive)):  # it was copied to another disk, and the copy is whole
        (archive / f"{build_id}.duckdb").unlink(missing_ok=True)
    for leftover in sorted([*folder.rglob(f"{UNFINISHED}*"), *archive.glob(f"{UNFINISHED}*")]):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)  # a reader of files that outlived its build may still write there
        else:
            leftover.unlink(missing_ok=True)


def packages_folder() -> Path:
    """Where reports/package.py keeps the data packages of builds; it may not be there yet."""
    return data_folder() / "packages"


def remove_packages() -> None:
    """Remove the kept data packages of builds that do not open; a file with a name of its own is the operator's and stays."""
    opening = _build_ids(data_folder() / "warehouse")
    for path in packages_folder().glob("*.zip"):
        named = _PACKAGE.fullmatch(path.name)
        if named and named[1] not in opening:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def disk_told() -> Iterator[None]:
    """Raise what the system says about a full or protected disk as DiskProblem; every other error goes on as it is."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        problem = disk_problem(error)
        if problem is None:
            raise
        raise problem from error


def disk_problem(error: Exception) -> DiskProblem | None:
    """The Problem behind an error of the system or of DuckDB: a full disk, or one that may not be used; None when it is another."""
    number = error.errno if isinstance(error, OSError) else None
    said = str(error).lower() if isinstance(error, duckdb.Error) else ""
    named = getattr(error, "filename", None) or re.search(r'"(/[^"]+)"', str(error))
    path = Path(named if isinstance(named, str) else named[1] if named else data_folder())
    shown = path.relative_to(data_folder()).as_posix() if path.is_relative_to(data_folder()) and path != data_folder() else path.name
    kept = "Nothing new was published; the dashboard stays as it is, and no file was lost."
    if number in _FULL or any(words in said for words in ("no space left", "could not write", "file too large", "quota exceeded")):
        action = "Free some space (a build needs about as much as the files it loads, and half as much again), then run it once more."
        return DiskProblem(f"The disk is full: {shown} could not be written.", kept, action, path=str(path))
    if number in _FORBIDDEN or "permission denied" in said or "read-only file system" in said:
        action = "Let the user who runs Commune Pulse read and write the data folder, or name another one in COMMUNE_PULSE_DATA."
        return DiskProblem(f"{shown} may not be read or written by this user.", kept, action, path=str(path))
    return None


@contextlib.contextmanager
def only_builder(wait: bool = False) -> Iterator[None]:
    """Hold the one place for a builder; the system frees it when the process dies.

    Raises Problem when another build is running and `wait` is False, and DiskProblem when the disk does not let it work.
    """
    with disk_told(), (warehouse_folder() / ".lock").open("a+") as lock:
        if not _lock(lock, wait):
            raise Problem(
                what="Another build is running.",
                meaning="Only one build can be made, or taken back, at a time; nothing was done.",
                action="Wait until it has finished and try again.",
            )
        try:
            yield
        finally:
            _unlock(lock)


@contextlib.contextmanager
def only_one(task: str) -> Iterator[None]:
    """Wait until no other process does this task, and keep others waiting meanwhile; the system frees the place of one that dies."""
    with disk_told(), (data_folder() / f".{task}.lock").open("a+") as lock:
        _lock(lock, wait=True)
        try:
            yield
        finally:
            _unlock(lock)


def is_building() -> bool:
    """Whether some process is making a build right now; who may not write to the data folder is not told of it."""
    with contextlib.suppress(PermissionError), (warehouse_folder() / ".lock").open("a+") as lock:
        if not _lock(lock, wait=False):
            return True
        _unlock(lock)
    return False


_connections: dict[Path, duckdb.DuckDBPyConnection] = {}
_connections_lock = threading.Lock()


def _cursor(path: Path) -> duckdb.DuckDBPyConnection:
    """A cursor of the one read-only connection this process has to that build; the least recently used ones are closed."""
    with _connections_lock:
        connection = _connections.pop(path, None) or duckdb.connect(str(path), read_only=True, config=dict(ENGINE_SETTINGS))
        _connections[path] = connection
        while len(_connections) > CONNECTIONS_KEPT:
            _connections.pop(next(iter(_connections))).close()  # cursors in use keep the file open until they close
        return connection.cursor()


@lru_cache(maxsize=64)
def _describe(path: Path, changed_ns: int) -> Build:
    cursor = _cursor(path)
    try:
        row = cursor.execute("select is_demonstration, data_to, epoch_us(built_at) from quality.build").fetchone()
    finally:
        cursor.close()
    if row is None:
        raise Problem("The build has no description.", "It cannot be read.", "Run: python -m etl rollback.", path=str(path))
    return Build(path.stem, path, row[0], row[1], datetime.fromtimestamp(row[2] / 1e6).astimezone())


def _build_ids(folder: Path) -> list[str]:
    """Ids of the finished builds, oldest first."""
    return sorted((file.stem for file in folder.glob("*.duckdb") if _BUILD_ID.fullmatch(file.stem)), key=_age)


def _age(build_id: str) -> tuple[str, int, str]:
    return build_id[:10], len(build_id), build_id


def _letters_after(letters: str) -> str:
    if letters.endswith("z"):
        return (_letters_after(letters[:-1]) if len(letters) > 1 else "a") + "a"
    return letters[:-1] + chr(ord(letters[-1]) + 1)


def _point_at(build_id: str) -> None:
    folder = warehouse_folder()
    pointer = folder / f"{UNFINISHED}CURRENT-{os.getpid()}"
    with pointer.open("w", encoding="utf-8") as written:
        written.write(build_id + "\n")
        written.flush()
        os.fsync(written.fileno())
    pointer.replace(folder / "CURRENT")


def _is_in_use(path: Path) -> bool:
    """Whether this process or another has the build open; DuckDB's own lock on the file tells."""
    if path in _connections:
        return True
    try:
        duckdb.connect(str(path), config=dict(ENGINE_SETTINGS)).close()
    except duckdb.Error:
        return True
    return False


def _lock(file: IO[str], wait: bool) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        return _lock_windows(file, wait)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _lock_windows(file: IO[str], wait: bool) -> bool:
    import msvcrt

    while True:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            return True
        except OSError:
            if not wait:
                return False
            time.sleep(0.5)


def _unlock(file: IO[str]) -> None:
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)
    except ImportError:  # Windows
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]
