"""What is under way or was done with a delivery, and how is it finished after a crash, or undone?

A delivery's files move into the inbox only after the build that holds them is published. Between the two stands the journal: whoever
makes the next build settles it first. A record of every published delivery says what came in and what it replaced. All of this is
called under `warehouse.only_builder`.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

import warehouse
from warehouse import Build, Problem

_REFUSED = "select file_name from quality.loads group by file_name having not bool_or(status in ('loaded', 'same content'))"
_TOKEN = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Record:
    """One published delivery: its build, the build before (None: there was none), its files, and name -> kept copy of those replaced."""

    build_id: str
    previous: str | None
    files: tuple[str, ...]
    replaced: dict[str, str] = field(default_factory=dict)


def deliveries() -> Path:
    """Where deliveries wait, one folder each."""
    return _private("deliveries")


def delivery(token: str) -> Path:
    """The folder of one delivery. Raises Problem when there is none of this token."""
    path = deliveries() / token
    if not _TOKEN.fullmatch(token) or not path.is_dir():
        raise Problem("This delivery is no longer there.", "It was published, or removed after a week.", "Drop the files again.")
    return path


def is_waiting(token: str) -> bool:
    """Whether this delivery is not published yet."""
    return (deliveries() / token).is_dir()


def begin(build_id: str, token: str) -> None:
    """Note that this build, once it is current, holds that delivery."""
    current = warehouse.current_build()
    _write(_journal(), {"build_id": build_id, "token": token, "previous": current.build_id if current else None})


def settle() -> None:
    """Finish or forget what was under way: an undo is finished; a publishing whose build is not current never will be."""
    if not _journal().is_file():
        return
    noted = json.loads(_journal().read_text(encoding="utf-8"))
    current = warehouse.current_build()
    if "undone" in noted:
        _take_back(noted["undone"])
    elif current is not None and current.build_id == noted["build_id"] and is_waiting(noted["token"]):
        _move_in(deliveries() / noted["token"], noted["build_id"], noted["previous"])
    _journal().unlink(missing_ok=True)


def check_inbox() -> None:
    """Raise DiskProblem when the inbox may not be written to: a delivery could not move in."""
    inbox = warehouse.data_folder() / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    if not os.access(inbox, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "not writable", str(inbox))


def last() -> Record | None:
    """The record of the delivery behind the current build; None when it came otherwise, or the build before it is no longer kept."""
    current = warehouse.current_build()
    if current is None or not _record(current.build_id).is_file():
        return None
    read = json.loads(_record(current.build_id).read_text(encoding="utf-8"))
    record = Record(read["build_id"], read["previous"], tuple(read["files"]), read["replaced"])
    return record if record.previous in {build.build_id for build in warehouse.builds()} else None


def undo() -> Build:
    """Go back to the build before the newest delivery, take its files out of the inbox (they are kept) and put back what they replaced.

    Raises Problem when the current build does not come from a delivery, or the build before it is gone.
    """
    with warehouse.only_builder():
        settle()
        record = last()
        if record is None or record.previous is None:
            raise Problem(
                "There is no delivery to undo.",
                "The current build was made otherwise, or the build before it is no longer kept; the dashboard stays as it is.",
                "See what is kept with: python -m etl builds. Go back by hand with: python -m etl rollback.",
            )
        earlier = warehouse.build(record.previous)
        _write(_journal(), {"undone": record.build_id})
        settle()
    return earlier


def kept_folders() -> tuple[Path, ...]:
    """Where files of deliveries may lie besides the inbox: what a person is removed from, too."""
    return tuple(_private(name) for name in ("deliveries", "replaced", "undone"))


def _move_in(folder: Path, build_id: str, previous: str | None) -> None:
    """Move a delivery's files into the inbox; keep what they replace, and write the record first. Does no harm when done twice.

    Files that the build refused stay in the delivery: in the inbox they would be refused again and again.
    """
    inbox = warehouse.data_folder() / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    refused = set(warehouse.read(_REFUSED, build_id=build_id)["file_name"])
    files = sorted(name for path in folder.rglob("*") if path.is_file() and (name := path.relative_to(folder).as_posix()) not in refused)
    if not _record(build_id).is_file():
        replaced = {name: f"{build_id}-{number}{Path(name).suffix}" for number, name in enumerate(files) if (inbox / name).is_file()}
        for name, kept in replaced.items():
            shutil.copyfile(inbox / name, _private("replaced") / kept)
        _write(_record(build_id), asdict(Record(build_id, previous, tuple(files), replaced)))
    for name in files:
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / name, inbox / name)
    if not any(path.is_file() for path in folder.rglob("*")):
        shutil.rmtree(folder, ignore_errors=True)


def _take_back(build_id: str) -> None:
    """Take a delivery back, its files out of the inbox and what they replaced in. Does no harm when done twice."""
    if not _record(build_id).is_file():
        return
    record = Record(**json.loads(_record(build_id).read_text(encoding="utf-8")))
    if record.previous is not None:
        warehouse.go_back_to(record.previous)
    inbox, out = warehouse.data_folder() / "inbox", _private("undone") / build_id
    out.mkdir(exist_ok=True, mode=0o700)
    for name in record.files:
        if (inbox / name).is_file() and not (out / name).exists():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(inbox / name, out / name)
    for name, kept in record.replaced.items():
        shutil.copyfile(_private("replaced") / kept, inbox / name)
    _record(build_id).unlink(missing_ok=True)


def _write(path: Path, content: dict) -> None:
    unfinished = path.with_name(f"{warehouse.UNFINISHED}{path.name}")
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    unfinished.replace(path)


def _private(name: str) -> Path:
    folder = warehouse.warehouse_folder() / name
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def _journal() -> Path:
    return warehouse.warehouse_folder() / "publishing.json"


def _record(build_id: str) -> Path:
    return _private("published") / f"{build_id}.json"
