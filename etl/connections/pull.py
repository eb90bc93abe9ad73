"""What is new at the systems we are connected to? Pulls it into the inbox as whole files, and remembers how far it came.

Files are named after the moment of the pull, so that a later one sorts, and counts, after an earlier one. Pulling everything again
replaces what the connection brought before. How far each came stands in data/warehouse/pulls.json.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import warehouse
from etl.connections import dhis2, kobo
from etl.connections.declared import Connection, read_connections, token_of
from etl.connections.http import Client
from warehouse import DiskProblem, Problem

Files = list[tuple[str, bytes]]  # (what comes after the moment in the name, content)
OWN_FILE = re.compile(r"\d{4}-\d\d-\d\dT\d{6}(-\d{4})?\.(csv|json)")


@dataclass(frozen=True)
class Pulled:
    """What came of one connection: how many records in which files (by their path below the inbox), or why nothing did."""

    connection: Connection
    records: int = 0
    files: tuple[str, ...] = ()
    is_everything: bool = False
    problem: Problem | None = None


def pull(names: Sequence[str] = (), everything: bool = False, now: datetime | None = None) -> list[Pulled]:
    """Pull the connections of these names, all without one; a connection that fails does not stop the others.

    Raises Problem when the list of connections is not understood or a name is not on it.
    """
    connections = read_connections()
    known = [connection.name for connection in connections]
    for name in names:
        if name not in known:
            raise Problem(f"There is no connection '{name}'.", "Nothing was pulled.", f"Declared are: {', '.join(known) or 'none'}.")
    moment = now or datetime.now(UTC)
    return [_pull_one(connection, everything, moment) for connection in connections if not names or connection.name in names]


def _pull_one(connection: Connection, everything: bool, moment: datetime) -> Pulled:
    try:
        client = Client(connection.name, connection.url, token_of(connection), connection.scheme)
        last = {} if everything or not own_files(connection) else _remembered(connection)
        is_everything = not (last.get("last_id") or last.get("last_updated"))
        files, records, reached = _ask(client, connection, last, moment)
        fingerprint = hashlib.sha256(b"".join(content for _, content in files)).hexdigest()
        if not files and is_everything and own_files(connection):
            raise client.problem("has no records any more", "If that is right, remove the connection's folder from the inbox.")
        if not files or (fingerprint == last.get("fingerprint") and own_files(connection)):
            return Pulled(connection, 0, (), is_everything)
        with warehouse.only_builder(wait=True):  # a build reads whole files, and none of them vanishes under it
            for leftover in connection.folder.glob(".*.part"):
                leftover.unlink()
            written = [_write(connection, f"{moment:%Y-%m-%dT%H%M%S}{suffix}", content) for suffix, content in files]
            _remember(connection, {**reached, "fingerprint": fingerprint, "pulled_at": moment.isoformat(timespec="seconds")})
            for path in own_files(connection):
                if is_everything and path not in written:
                    path.unlink()
    except DiskProblem as problem:
        fault = f"The records of '{connection.name}' could not be kept. {problem.what}"
        return Pulled(connection, problem=DiskProblem(fault, "What was there before stays.", problem.action))
    except Problem as problem:
        return Pulled(connection, problem=problem)
    except OSError as error:
        fault = f"The records of '{connection.name}' could not be written ({error.strerror or type(error).__name__})."
        action = "Look whether the disk is in order, and pull again."
        return Pulled(connection, problem=Problem(fault, "Nothing of them was kept; what was there before stays.", action))
    inbox = warehouse.data_folder() / "inbox"
    return Pulled(connection, records, tuple(path.relative_to(inbox).as_posix() for path in written), is_everything)


def own_files(connection: Connection) -> list[Path]:
    """The files that pulls of this connection left in the inbox, oldest first."""
    return sorted(path for path in connection.folder.glob("*") if OWN_FILE.fullmatch(path.name))


def _ask(client: Client, connection: Connection, last: dict[str, Any], moment: datetime) -> tuple[Files, int, dict[str, Any]]:
    """(files, records, how far we came)."""
    if connection.kind == "kobo":
        files, records, last_id = kobo.pull(client, connection.asks["form"], last.get("last_id"))
        return files, records, {"last_id": last_id}
    if "dimension" in connection.asks:
        return *dhis2.pull_analytics(client, connection.asks), {}
    files, records, newest = dhis2.pull_values(client, connection.asks, last.get("last_updated"), moment.date())
    return files, records, {"last_updated": newest}


def _write(connection: Connection, name: str, content: bytes) -> Path:
    """Write a file of the inbox, whole or not at all, for the operator's eyes only."""
    connection.folder.mkdir(parents=True, exist_ok=True)
    target = connection.folder / name
    unfinished = connection.folder / f".{name}.part"
    _write_whole(unfinished, content)
    unfinished.replace(target)
    return target


def _write_whole(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())


def _state_file() -> Path:
    return warehouse.warehouse_folder() / "pulls.json"


def _state() -> dict[str, Any]:
    try:
        state = json.loads(_state_file().read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _remembered(connection: Connection) -> dict[str, Any]:
    """How far the last pull came; nothing when the connection now asks for something else."""
    last = _state().get(connection.name, {})
    return last if last.get("identity") == connection.identity else {}


def _remember(connection: Connection, reached: dict[str, Any]) -> None:
    state = {**_state(), connection.name: {**reached, "identity": connection.identity}}
    unfinished = _state_file().with_name(".pulls.json.part")
    _write_whole(unfinished, json.dumps(state, indent=1).encode())
    unfinished.replace(_state_file())
