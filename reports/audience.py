"""Who gets which report? One file, a row or table a recipient; whatever is wrong with it is told line by line before anything is sent."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from metrics import places
from reports import content, make
from text import LANGUAGES
from warehouse import Problem

COLUMNS = ("address", "place", "language", "formats", "rhythm")
RHYTHMS = ("every_build", "month", "quarter", "year")
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True)
class Recipient:
    """One line of the audience: who, which place, in which language and formats, how often at most."""

    address: str
    place: str
    language: str
    formats: tuple[str, ...]
    rhythm: str

    def period(self, today: date, build_id: str) -> str:
        """What is sent only once: this build, or this month, quarter or year."""
        if self.rhythm == "every_build":
            return build_id
        part = {"month": f"-{today.month:02}", "quarter": f"-Q{(today.month + 2) // 3}", "year": ""}[self.rhythm]
        return f"{today.year}{part}"


def read(path: Path, build_id: str) -> list[Recipient]:
    """The recipients of a CSV or TOML file. Raises Problem with every fault and its line."""
    lines = _toml(path) if path.suffix.lower() == ".toml" else _csv(path)
    known = {str(code) for column in ("province_code", "district_code", "commune_code") for code in places.tree(build_id)[column].dropna()}
    found, faults = [], []
    for at, given in lines:
        wrong = list(_faults(given, known | {content.PROGRAMME}))
        faults += [f"{at}: {fault}" for fault in wrong]
        if not wrong:
            found.append(_recipient(given))
    twice = [each for each in dict.fromkeys(found) if found.count(each) > 1]
    faults += [f"{each.address} with {each.place} in {each.language} stands there twice." for each in twice]
    if faults:
        raise Problem(
            f"The audience file {path.name} has {len(faults)} faults:\n  " + "\n  ".join(faults),
            "Nothing was sent to anybody.",
            "Put it right; docs/reports.md says what each column holds.",
            faults=tuple(faults),
        )
    if not found:
        raise Problem(f"The audience file {path.name} names nobody.", "Nothing was sent.", "Add a line; docs/reports.md shows one.")
    return found


def _csv(path: Path) -> list[tuple[str, Mapping[str, str]]]:
    with _opened(path).open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        _check_names(path, rows.fieldnames or ())
        return [(f"line {rows.line_num}", {name: str(row.get(name) or "").strip() for name in COLUMNS}) for row in rows]


def _toml(path: Path) -> list[tuple[str, Mapping[str, str]]]:
    try:
        told = tomllib.loads(_opened(path).read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{path.name} is not valid TOML: {error}", "Nothing was sent.", "Put the line right.") from error
    rows = told.get("recipient", [])
    _check_names(path, {name for row in rows for name in row} | {"address", "place"} if rows else ())
    return [(f"recipient {n}", {name: _as_text(row.get(name, "")) for name in COLUMNS}) for n, row in enumerate(rows, 1)]


def _as_text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value).strip()


def _opened(path: Path) -> Path:
    if not path.is_file():
        raise Problem(f"There is no audience file {path}.", "Nothing was sent.", "Write one; docs/reports.md shows how.")
    return path


def _check_names(path: Path, given: Iterable[str]) -> None:
    names = set(given)
    missing, strange = {"address", "place"} - names, names - set(COLUMNS)
    wrong = [f"lacks the column {name}" for name in sorted(missing)] + [
        f"has a column {name} that nobody knows" for name in sorted(strange)
    ]
    if wrong:
        raise Problem(
            f"The audience file {path.name} {' and '.join(wrong)}.",
            "Nothing was sent to anybody.",
            f"Its columns are: {', '.join(COLUMNS)}; the last three may be left out.",
        )


def _faults(given: Mapping[str, str], known: set[str]) -> Iterable[str]:
    """What is wrong with one recipient, in sentences."""
    if not _ADDRESS.fullmatch(given["address"]):
        yield f"'{given['address']}' is not an e-mail address."
    if given["place"] not in known:
        yield f"'{given['place']}' is no place of this build; KH is the whole programme, else the official code with its leading zero."
    if given["language"] not in ("", *LANGUAGES):
        yield f"'{given['language']}' is not a language; write {' or '.join(LANGUAGES)}."
    unknown = [kind for kind in _list(given["formats"]) if kind not in make.FORMATS]
    if unknown:
        yield f"'{', '.join(unknown)}' is not a format; write one or more of {' '.join(make.FORMATS)}."
    if given["rhythm"] not in ("", *RHYTHMS):
        yield f"'{given['rhythm']}' is not a rhythm; write {', '.join(RHYTHMS)}."


def _recipient(given: Mapping[str, str]) -> Recipient:
    kinds = tuple(dict.fromkeys(_list(given["formats"]))) or ("pdf",)
    return Recipient(given["address"], given["place"], given["language"] or LANGUAGES[0], kinds, given["rhythm"] or RHYTHMS[0])


def _list(text: str) -> list[str]:
    return [part.lower() for part in re.split(r"[,;\s]+", text) if part]
