"""Do the cells of a column fit what a column of the contract holds, and what does each written word mean?

A word means something here only if the contract knows it or it is a declared word of `synonyms.toml`; numbers that stand for words
(1 = male?) never do. Everything else is for a person to say, with the nearest words as candidates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path

import pandas as pd
from rapidfuzz import fuzz, process

from etl import lists
from etl.cells import Cells, western
from etl.contract import CODE_LENGTHS, Column, Source, list_name
from etl.dates import read_dates
from etl.headers import declared_words
from etl.mapping import plain_header, synonyms_file
from etl.matching import Gazetteer, gazetteer, plain_name
from etl.money import is_riel
from warehouse import reference_folder

CANDIDATE_FROM = 66.0
CANDIDATES_SHOWN = 4
OLDEST = 120
VALUES_WEIGHED = 500   # different cells of a column, the commonest first
_NUMBER = re.compile(r"-?\d+(?:[., \u00a0\u202f]\d+)*")
_CODE = re.compile(r"(?:KH)?(\d+)(?:\.0)?", re.IGNORECASE)
_YEARS = re.compile(r"\d{1,3}(?:\.0)?")


@dataclass(frozen=True)
class Known:
    """What may stand in the columns.

    `spellings`: list -> spelling (lower case) -> value. `words`: column -> plain word -> value, as far as words are declared for it.
    `labels`: list -> value -> its name. `places`: all places by name.
    """

    spellings: Mapping[str, Mapping[str, str]]
    words: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, Mapping[str, str]]
    places: Gazetteer


@dataclass(frozen=True)
class Meaning:
    """What a written text means. `how`: 'known' (the contract reads it), 'declared' (a word of the list), or '' (not known)."""

    value: str = ""
    how: str = ""


def known_lists(sources: Sequence[Source], facilities: pd.DataFrame | None, partners: Sequence[str] = ()) -> Known:
    """The country's lists, the sources' own words, the programme's facilities and partners."""
    country, services, official = _of_the_country(reference_folder())
    columns = [column for source in sources for column in source.columns if column.spellings or column.reference]
    spellings = dict(country) | {list_name(column): column.spellings for column in columns if not column.reference}
    spellings["facilities"] = {} if facilities is None else {str(code).lower(): str(code) for code in facilities["facility_id"]}
    spellings["partners"] = {partner.lower(): partner for partner in partners}
    words = {column.name: _words_for(column, spellings) for column in columns if list_name(column) not in CODE_LENGTHS}
    return Known(spellings, words, {"services": services}, official if facilities is None else _all_places(reference_folder(), facilities))


@cache
def _of_the_country(folder: Path) -> tuple[dict[str, dict[str, str]], dict[str, str], Gazetteer]:
    """Lists of the country with their spellings in lower case, services with their names, and official places by name."""
    spellings = {name: {written.lower(): value for written, value in words.items()} for name, words in lists.country_lists(folder).items()}
    services = pd.read_csv(folder / "services.csv", dtype=str)
    return spellings, dict(zip(services["service_code"], services["service_en"], strict=True)), _all_places(folder, None)


def _all_places(folder: Path, facilities: pd.DataFrame | None) -> Gazetteer:
    communes = pd.read_csv(folder / "communes.csv", dtype=str)
    synonyms = pd.read_csv(folder / "place_synonyms.csv", dtype=str)
    others = list(zip(synonyms["name"], synonyms["code"], strict=True))
    return gazetteer(communes, others, facilities, synonyms_file())


def is_list(column: Column) -> bool:
    """Must its values be of a list? Registers that may lack a value are none."""
    return bool(column.reference or column.spellings) and not column.keeps_unknown


def meaning(column: Column, written: str, known: Known) -> Meaning:
    """What a text means in a list column."""
    text = western(written).lower()
    name = list_name(column)
    spellings = known.spellings.get(name, {})
    if text in spellings:
        return Meaning(spellings[text], "known")
    if name in CODE_LENGTHS and (code := _CODE.fullmatch(text)):
        whole = code[1].zfill(CODE_LENGTHS[name])
        return Meaning(spellings[whole], "known") if whole in spellings else Meaning()
    declared = known.words.get(column.name, {})
    for part in (text, *_two_languages(text, declared)):
        if not part.isdigit() and (value := declared.get(plain_header(part))):
            return Meaning(value, "declared")
    return Meaning()


def _words_for(column: Column, spellings: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """plain word -> value: the declared other words, and the contract's own without their punctuation (in_progress, In progress)."""
    name = "yes_no" if column.type == "boolean" else column.name
    words = {plain_header(written): value for written, value in spellings.get(list_name(column), {}).items() if len(written) > 1}
    listed = declared_words(synonyms_file())["value_words"]
    return words | {plain_header(word): value for value, some in listed.get(name, {}).items() for word in some}


def _two_languages(text: str, declared: Mapping[str, str]) -> list[str]:
    """`Female / ស្រី` and `ស្រី (Female)` mean what both their halves mean."""
    parts = [part.strip() for part in re.split(r"[/|()\[\]–]|\s-\s", text) if part.strip()]
    meant = {declared.get(plain_header(part)) for part in parts}
    is_both = len(parts) == 2 and sum(part.isascii() for part in parts) == 1 and len(meant) == 1 and None not in meant
    return parts[:1] if is_both else []


def candidates(column: Column, written: str, known: Known) -> list[tuple[str, float]]:
    """The values of the list whose words are nearest to a text, best first, with a score."""
    named = {plain_header(label): value for value, label in known.labels.get(list_name(column), {}).items()}
    words = named | dict(known.words.get(column.name, {}))
    near = process.extract(plain_header(written), words.keys(), scorer=fuzz.WRatio, limit=20, score_cutoff=CANDIDATE_FROM)
    best: dict[str, float] = {}
    for word, score, _ in near:
        best.setdefault(words[word], round(score))
    return list(best.items())[:CANDIDATES_SHOWN]


def choices(column: Column, known: Known) -> list[str]:
    """All values of a short list; none for a long one."""
    values = list(dict.fromkeys(known.spellings.get(list_name(column), {}).values()))
    return values if len(values) <= 20 else []


def fit(column: Column, cells: Cells, known: Known, today: date) -> float | None:
    """The share of the filled cells that such a column could hold, 0 to 1; None where the cells cannot tell. The commonest cells decide."""
    if not cells.filled:
        return None
    cells = replace(cells, values=dict(islice(cells.values.items(), VALUES_WEIGHED)))
    if column.type in ("date", "month", "timestamp"):
        reading = read_dates(cells.values, today, column.type)
        return 0.0 if reading.how == "none" else reading.share
    if column.type == "riel":
        return cells.share(lambda text: is_riel(western(text)))
    if column.type in ("integer", "number"):
        return cells.share(lambda text: bool(_NUMBER.fullmatch(western(text))))
    if column.name == "age_group" and are_years(cells):
        return 1.0
    if column.reference and not known.spellings.get(column.reference):
        return None   # a register that is not loaded yet
    if is_list(column):
        return 0.0 if is_coded(cells) and column.type == "boolean" else cells.share(lambda text: bool(meaning(column, text, known).how))
    if column.reference:
        return cells.share(lambda text: bool(meaning(column, text, known).how))
    return None


def are_years(cells: Cells) -> bool:
    """Are the cells ages in years? Codes 1 to 5 for age groups are not."""
    is_number = cells.share(lambda text: bool(_YEARS.fullmatch(western(text)))) > 0.9
    ages = [float(western(text)) for text in cells.values if _YEARS.fullmatch(western(text))]
    return is_number and bool(ages) and 15 < max(ages) <= OLDEST


def is_coded(cells: Cells) -> bool:
    """Do small numbers other than 0 and 1 stand for words? Then nobody can know what 1 means."""
    numbers = {western(text).removesuffix(".0") for text in cells.values}
    return bool(numbers) and all(text.isdigit() and len(text) <= 2 for text in numbers) and not numbers <= {"0", "1"}


def place_fit(level: str, cells: Cells, known: Known) -> float | None:
    """The share of the cells that are a name or code of a place of this level; None where there is no register of facilities."""
    names, codes = known.places.names[level], known.places.codes[level]
    if not cells.filled or not codes:
        return None
    cells = replace(cells, values=dict(islice(cells.values.items(), VALUES_WEIGHED)))
    words = synonyms_file()
    return cells.share(lambda text: plain_name(text, words) in names or western(text) in codes)
