"""Which connections are there, and where does each token come from? data/connections.toml names them; a token never stands in it.

A token is in the environment, or in a secrets file outside the repository and the data folder: COMMUNE_PULSE_SECRETS, else
~/.config/commune-pulse/secrets.toml. No message ever shows one.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import warehouse
from etl.sources import SOURCES
from warehouse import Problem

SCHEMES = {"kobo": "Token", "dhis2": "ApiToken"}
OWN_KEYS = {"kobo": ("form",), "dhis2": ("data_set", "org_unit", "start", "dimension")}
COMMON_KEYS = ("kind", "url", "token", "source", "scheme", "allow_http")
AT_HOME = ("localhost", "127.0.0.1", "::1")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class Connection:
    """One system and what it is asked for. `token_name` names the variable that holds the token; `asks` holds the keys of its kind."""

    name: str
    kind: str
    url: str
    token_name: str
    scheme: str
    source: str = ""
    asks: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where in the inbox its files lie; below the folder of its source, if it names one."""
        return warehouse.data_folder() / "inbox" / self.source / self.name

    @property
    def identity(self) -> str:
        """What makes an earlier pull comparable: the same system asked for the same thing."""
        return repr((self.kind, self.url, sorted(self.asks.items())))


def connections_file() -> Path:
    """The one list of connections."""
    return warehouse.data_folder() / "connections.toml"


def read_connections() -> list[Connection]:
    """All declared connections, in the order of the file. Raises Problem for whatever is not understood."""
    path = connections_file()
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise Problem(
            what=f"There is no {path}.",
            meaning="No connection is declared, so nothing was pulled.",
            action="Write it as docs/connections.md shows.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _problem("The file", f"is not valid TOML ({error}).", "Compare it with docs/connections.md.") from None
    return [_read(name, entry) for name, entry in declared.items()]


def token_of(connection: Connection) -> str:
    """The connection's token. Raises Problem when there is none, or when the secrets file is where others can read it."""
    token = os.environ.get(connection.token_name, "") or _secrets().get(connection.token_name, "")
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token.strip()):
        raise Problem(
            what=f"There is no usable token for the connection '{connection.name}'.",
            meaning="It was not pulled.",
            action=f"Set the environment variable {connection.token_name}, or write it into {secrets_file()}.",
        )
    return token.strip()


def secrets_file() -> Path:
    """Where tokens may be kept: outside the repository and the data folder."""
    named = os.environ.get("COMMUNE_PULSE_SECRETS")
    return Path(named) if named else Path.home() / ".config" / "commune-pulse" / "secrets.toml"


def _secrets() -> dict[str, Any]:
    path = secrets_file()
    if not path.is_file():
        return {}
    places = (warehouse.REPOSITORY.resolve(), warehouse.data_folder().resolve())
    if any(path.resolve().is_relative_to(place) for place in places):
        raise _secrets_problem("lies in the repository or the data folder", "Move it elsewhere and name it in COMMUNE_PULSE_SECRETS.")
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise _secrets_problem("can be read by others", f"Make it yours alone: chmod 600 {path}.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise _secrets_problem("is not valid TOML", 'Write one line a token: KOBO_TOKEN = "…".') from None  # the error would quote the line


def _read(name: str, entry: Any) -> Connection:
    if not NAME.fullmatch(name):
        raise _problem(f"'{name}'", "cannot be the name of a folder.", "Use small letters, digits, - and _.")
    if not isinstance(entry, dict) or entry.get("kind") not in SCHEMES:
        raise _problem(f"'{name}'", "has no kind.", f"Write kind = one of: {', '.join(SCHEMES)}.")
    kind = entry["kind"]
    unknown = [key for key in entry if key not in (*COMMON_KEYS, *OWN_KEYS[kind])]
    if unknown:
        raise _problem(f"'{name}'", f"has an unknown entry '{unknown[0]}'.", f"Possible: {', '.join((*COMMON_KEYS, *OWN_KEYS[kind]))}.")
    source = str(entry.get("source", ""))
    if source and source not in [one.name for one in SOURCES]:
        raise _problem(f"'{name}'", f"names an unknown source '{source}'.", f"Possible: {', '.join(one.name for one in SOURCES)}.")
    token_name = str(entry.get("token", ""))
    if not VARIABLE.fullmatch(token_name):
        raise _problem(
            f"'{name}'",
            "does not name the variable that holds its token (what stands there is not shown: it may be a token).",
            'Write token = "KOBO_TOKEN" and set the environment variable KOBO_TOKEN; never the token itself.',
        )
    asks = {key: entry[key] for key in OWN_KEYS[kind] if key in entry}
    _check_asks(name, kind, asks)
    scheme = str(entry.get("scheme", SCHEMES[kind]))
    if not scheme.isalpha():
        raise _problem(f"'{name}'", "has a scheme that is not one word.", "Leave it out, or write scheme = \"Basic\".")
    return Connection(name, kind, _checked_url(name, entry), token_name, scheme, source, asks)


def _checked_url(name: str, entry: dict[str, Any]) -> str:
    url = urlsplit(str(entry.get("url", "")))
    if url.scheme not in ("http", "https") or not url.hostname:
        raise _problem(f"'{name}'", "has no address.", 'Write url = "https://…".')
    if url.username or url.password or url.query or url.fragment:
        raise _problem(f"'{name}'", "has more in its address than a host and a path.", "Leave out user, password and what follows a ?.")
    if url.scheme == "http" and url.hostname not in AT_HOME and entry.get("allow_http") is not True:
        raise _problem(
            f"'{name}'",
            "would send its token unencrypted: its address begins with http://.",
            "Use https://, or write allow_http = true if the way to that host is safe.",
        )
    return url.geturl().rstrip("/")


def _check_asks(name: str, kind: str, asks: dict[str, Any]) -> None:
    if kind == "kobo" and not re.fullmatch(r"[A-Za-z0-9]+", str(asks.get("form", ""))):
        raise _problem(f"'{name}'", "does not say which form.", 'Write form = "a…", the id in the address of the project.')
    if kind == "dhis2" and "dimension" not in asks:
        missing = [key for key in ("data_set", "org_unit", "start") if key not in asks]
        if missing:
            raise _problem(f"'{name}'", f"does not say {missing[0]}.", "Write data_set, org_unit and start, or dimension (analytics).")
        if not isinstance(asks["start"], date):
            raise _problem(f"'{name}'", "has a start that is no date.", "Write start = 2024-01-01, without quotes.")


def _problem(what: str, fault: str, action: str) -> Problem:
    return Problem(
        what=f"{what} in {connections_file().name} {fault}" if what.startswith("'") else f"{connections_file()} {fault}",
        meaning="Nothing was pulled.",
        action=action,
        path=str(connections_file()),
    )


def _secrets_problem(fault: str, action: str) -> Problem:
    return Problem(f"The secrets file {secrets_file()} {fault}.", "Nothing was pulled.", action)
