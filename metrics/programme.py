"""Which programme is it: its name, its partners, its dates, its places, and where its dashboard is opened?

data/reference/programme.toml is an invented example; a `programme.toml` in the inbox, else in the data folder, wins.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import warehouse
from warehouse import Problem

FILE = "programme.toml"
_REQUIRED = {
    "programme": ("identifier", "title", "description", "status", "planned_start", "planned_end"),
    "reporting": ("reference", "type", "name"),
    "places": ("country",),
    "contact": ("organisation",),
}
Words = Mapping[str, str]  # language -> text


@dataclass(frozen=True)
class Organisation:
    """An organisation with its IATI reference (may be empty), type, name by language and, of a participating one, role."""

    reference: str
    type: str
    name: Words
    role: str = ""


@dataclass(frozen=True)
class Sector:
    """A sector code in its vocabulary with its share in percent."""

    vocabulary: str
    code: str
    percentage: float


@dataclass(frozen=True)
class Programme:
    """What programme.toml says. Texts by language; `provinces` are official codes, empty for those in the data."""

    is_example: bool
    address: str
    identifier: str
    title: Words
    description: Words
    objectives: Words
    status: str
    scope: str
    planned_start: date
    actual_start: date | None
    planned_end: date
    actual_end: date | None
    language: str
    currency: str
    reporting: Organisation
    participating: tuple[Organisation, ...]
    country: str
    provinces: tuple[str, ...]
    sectors: tuple[Sector, ...]
    contact: Words
    email: str
    website: str


def programme() -> Programme:
    """The operator's own programme, else the example. Raises Problem with the file and the entry that is missing or wrong."""
    return read_programme(programme_file())


def programme_file() -> Path:
    """The file that is read: in the inbox, else in the data folder, else the example."""
    data = warehouse.data_folder()
    own = (data / "inbox" / FILE, data / FILE)
    return next((path for path in own if path.is_file()), warehouse.reference_folder() / FILE)


def read_programme(file: Path) -> Programme:
    """A programme from its file. Raises Problem with the entry that is missing or wrong."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(file, f"it is not valid TOML: {error}") from error
    for table, names in _REQUIRED.items():
        for name in names:
            if not told.get(table, {}).get(name):
                raise _wrong(file, f"[{table}] has no {name}")
    about, places, contact = told["programme"], told["places"], told["contact"]
    return Programme(
        is_example=bool(told.get("is_example", False)),
        address=str(told.get("dashboard", {}).get("address", "")).rstrip("/"),
        identifier=str(about["identifier"]),
        title=_words(about["title"]),
        description=_words(about["description"]),
        objectives=_words(about.get("objectives", "")),
        status=str(about["status"]),
        scope=str(about.get("scope", "")),
        planned_start=_day(file, about, "planned_start"),
        actual_start=_day(file, about, "actual_start") if about.get("actual_start") else None,
        planned_end=_day(file, about, "planned_end"),
        actual_end=_day(file, about, "actual_end") if about.get("actual_end") else None,
        language=str(about.get("default_language", "en")),
        currency=str(about.get("currency", "")),
        reporting=_organisation(told["reporting"]),
        participating=tuple(_organisation(one) for one in told.get("participating", ())),
        country=str(places["country"]),
        provinces=tuple(str(code) for code in places.get("provinces", ())),
        sectors=tuple(Sector(str(one["vocabulary"]), str(one["code"]), float(one["percentage"])) for one in told.get("sector", ())),
        contact=_words(contact["organisation"]),
        email=str(contact.get("email", "")),
        website=str(contact.get("website", "")),
    )


def _organisation(told: Mapping[str, Any]) -> Organisation:
    return Organisation(str(told.get("reference", "")), str(told.get("type", "")), _words(told["name"]), str(told.get("role", "")))


def _words(told: Any) -> Words:
    """Texts by language; a single text is English, and a language without one has the English."""
    texts = {"en": told} if isinstance(told, str) else dict(told)
    return {"en": texts.get("en", ""), "km": texts.get("km") or texts.get("en", "")}


def _day(file: Path, told: Mapping[str, Any], name: str) -> date:
    if not isinstance(told[name], date):
        raise _wrong(file, f"{name} is not a day such as 2024-12-31, without quotes")
    return told[name]


def _wrong(file: Path, what: str) -> Problem:
    return Problem(
        f"The programme in {file.name} cannot be read: {what}.",
        "Documents for donors cannot be written, because they name the programme.",
        "Compare it with data/reference/programme.toml.",
        file=file.name,
    )
