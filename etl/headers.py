"""Which columns of a source may a header mean, and how surely? By its words alone; what the cells say is weighed in etl.proposal."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from etl.contract import Source
from etl.mapping import place_target, plain_header, synonyms_file
from etl.matching import LEVELS
from etl.money import is_other_currency
from etl.readers.layout import LEVELS_JOINED_BY

SAME, SYNONYM, LIKELY, SAME_WORDS, NEAR = 100.0, 90.0, 84.0, 82.0, 80.0  # scores of the ways to mean a column
TAKEN_FROM = 80.0       # what scores less is only a candidate
PART_OF = 60.0          # the words of a column stand among others
LEAF_COSTS = 8.0        # sex in household/sex may be another person's
LEAF_OF_WORD_COSTS = 2.0
BARE_COSTS = 1.0
NEAR_FROM_LENGTH = 6    # letters; in shorter words one other letter makes another word
PLACE = "place:"        # place:commune is a header in which communes are written by name
ABOUT_A_PERSON = frozenset(("sex", "age_group", "respondent_name", "citizen_name", "phone"))
FORM_SIGNS = frozenset(map(plain_header, ("_uuid", "meta/rootUuid", "_submission_time", "meta-instanceID", "instanceID", "SubmissionDate")))

_NUMBERED = re.compile(r"^(?:[A-Za-z]{1,2}\s?\d+(?:[._-]\d+)*[a-z]?[.):_\-\s]+|\d+(?:\.\d+)*[.)]\s*)(?=\D)")
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*")
_ABOUT_FORM = re.compile(r"(?i)\s*(?:\d+\s*(?:-|–|to|ដល់)\s*\d+|[dmyh:/\-\s]+|required|optional|\*|riel|khr|៛|years?|number)\s*")
_STEP = re.compile(r"[0-9០-៩]|10|១០")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_WORD = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True)
class NameMatch:
    """How well a header names a column (0 to 100), why, and whether that is certain without looking at anything else."""

    score: float
    reason: str
    is_certain: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """The words for the columns of one source: plain word -> column, each with how much it is worth; and the same split into words.

    `riel`: the columns that hold amounts in riel.
    """

    plain: dict[str, tuple[str, float]]
    phrases: tuple[tuple[frozenset[str], str, str, str], ...]   # words, the phrase as declared, the same plain, the column
    riel: frozenset[str] = frozenset()


@cache
def declared_words(path: Path) -> dict[str, Any]:
    """The tables of synonyms.toml, as they stand there."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def vocabulary(source: Source) -> Vocabulary:
    """All words for the source's columns, and for places where it has such a column."""
    declared = declared_words(synonyms_file())
    names = [column.name for column in source.columns]
    worth = [(word, column.name, SAME) for column in source.columns for word in (column.name, *column.also_called)]
    worth += [(word, target, SYNONYM) for target, words in declared["headers"].items() if target in names for word in words]
    worth += [(word, target, LIKELY) for target, words in declared["likely_headers"].items() if target in names for word in words]
    levels = [level for number, level in enumerate(LEVELS) if any(place_target(one) in names for one in LEVELS[number:])]
    for table, score in (("place_headers", SYNONYM), ("likely_place_headers", LIKELY)):
        worth += [(word, PLACE + level, score) for level, words in declared[table].items() if level in levels for word in words]
    plain: dict[str, tuple[str, float]] = {}
    for word, target, score in worth:
        plain.setdefault(_plain(word), (target, score))
    phrases = tuple((_words(word), word, _plain(word), target) for word, target, _ in worth if _words(word))
    return Vocabulary(plain, phrases, frozenset(column.name for column in source.columns if column.type == "riel"))


@cache
def is_form_export(headers: tuple[str, ...]) -> bool:
    """Does the file come from KoboToolbox or ODK? Their groups stand before a question's name."""
    return len(FORM_SIGNS & set(map(plain_header, headers))) >= 2


def is_choice(header: str, headers: tuple[str, ...]) -> bool:
    """Is it a choice of a question with several answers? `services/outpatient` stands beside `services`."""
    question = header.rpartition("/")[0].strip()
    return bool(question) and question in _set_of(headers)


@cache
def _set_of(headers: tuple[str, ...]) -> frozenset[str]:
    return frozenset(headers)


def name_matches(header: str, headers: tuple[str, ...], words: Vocabulary) -> dict[str, NameMatch]:
    """column (or PLACE + level) -> how well the header names it."""
    if is_choice(header, headers):
        return {}
    found: dict[str, NameMatch] = {}
    for text, cost, where, is_certain in _readings(header, is_form_export(headers)):
        for target, match in _of_text(text, words).items():
            costs = LEAF_OF_WORD_COSTS if cost == LEAF_COSTS and match.score == SYNONYM else cost
            better = NameMatch(match.score - costs, f"{match.reason}{where}", match.is_certain and is_certain)
            if target not in found or better.score > found[target].score:
                found[target] = better
    if is_other_currency(header):
        found = {target: match for target, match in found.items() if target not in words.riel}
    if not _words(header).isdisjoint(_header_words("other_people")):
        for target in ABOUT_A_PERSON & set(found):
            if found[target].score < SAME and _plain(header) not in words.plain:
                found[target] = NameMatch(min(found[target].score, TAKEN_FROM - 6), f"{found[target].reason}, perhaps of somebody else")
    return found


def bare_texts(header: str) -> list[str]:
    """The header as it is, and without its number, its brackets and the heading above it (*Scores / Waiting time*)."""
    parts = dict.fromkeys((header, header.rpartition(LEVELS_JOINED_BY)[2]))
    found = [text for part in parts for text, _, where, _ in _readings(part, False) if "last part" not in where]
    return list(dict.fromkeys([*found, *(_BRACKETS.sub(" ", text).strip() for text in found)]))


def is_step(header: str) -> bool:
    """Does it name a step of a scale: a number, or a word such as *Very good*?"""
    return any(_STEP.fullmatch(text) or _plain(text) in _steps() for text in bare_texts(header))


@cache
def _steps() -> frozenset[str]:
    return frozenset(map(_plain, _header_words("steps")))


def _readings(header: str, is_form: bool) -> list[tuple[str, float, str, bool]]:
    """The texts a header may be read as: (text, what that costs, where it stands, whether it is as certain as the whole)."""
    bare = header.strip().rstrip("*?:").strip()
    readings = [(bare, 0.0, "", True)]
    unnumbered = _NUMBERED.sub("", bare)
    if unnumbered != bare:
        readings.append((unnumbered, BARE_COSTS, ", after its number", False))
    for text in {bare, unnumbered}:
        inside = _BRACKETS.findall(text)
        if inside and all(_ABOUT_FORM.fullmatch(part) for part in inside):
            readings.append((_BRACKETS.sub(" ", text).strip(), BARE_COSTS, ", without its brackets", True))
    whole = [text for text, _, where, _ in readings if where != ", after its number"]
    for sign in ("/", ":", "-", "."):
        for text in whole:
            group, found, leaf = text.rpartition(sign)
            is_path = found and group and leaf and (sign == "/" or " " not in text)
            if is_path and (sign != "-" or is_form):
                readings.append((leaf.strip(), LEAF_COSTS, f", last part of {header}", is_form))
    return readings


def _of_text(text: str, words: Vocabulary) -> dict[str, NameMatch]:
    """column -> match of one text: same name, a declared word, both languages side by side, the same words, nearly the same spelling."""
    plain = _plain(text)
    if plain in words.plain:
        target, score = words.plain[plain]
        reason = "same name" if score == SAME else "declared synonym" if score == SYNONYM else "often means it"
        return {target: NameMatch(score, reason, score >= SYNONYM)}
    if both := _two_languages(text, words):
        return both
    found: dict[str, NameMatch] = {}
    written = _words(text)
    for phrase_words, phrase, bare, target in words.phrases:
        if phrase_words == written:
            match = NameMatch(SAME_WORDS, f"the words of “{phrase}”")
        elif len(plain) >= NEAR_FROM_LENGTH and abs(len(plain) - len(bare)) < 2 and Levenshtein.distance(plain, bare, score_cutoff=1) == 1:
            match = NameMatch(NEAR, f"nearly “{phrase}”")
        elif phrase_words < written:
            match = NameMatch(PART_OF + 14 * len(phrase_words) / len(written), f"has the words of “{phrase}”")
        elif not bare.isascii() and bare in plain and len(bare) > 3:
            match = NameMatch(PART_OF + 10 * len(bare) / len(plain), f"holds “{phrase}”")
        else:
            continue
        if target not in found or match.score > found[target].score:
            found[target] = match
    near = [target for target, match in found.items() if match.score >= NEAR]
    if len(near) > 1:   # one letter from two columns: visits_males, visits_female
        return {target: NameMatch(min(match.score, TAKEN_FROM - 6), match.reason) for target, match in found.items()}
    return found


def _two_languages(text: str, words: Vocabulary) -> dict[str, NameMatch]:
    """`Sex / ភេទ` and `ភេទ (Sex)`: every part that means something means the same column, one part in each script."""
    parts = [part for part in re.split(r"[/|()\[\]–]|\s-\s", text) if part.strip()]
    if len(parts) != 2 or sum(part.isascii() for part in parts) != 1:
        return {}
    meant = [words.plain.get(_plain(part)) for part in parts]
    if meant[0] and meant[1] and meant[0][0] == meant[1][0]:
        score = max(meant[0][1], meant[1][1])
        return {meant[0][0]: NameMatch(score - BARE_COSTS, "declared synonym in both languages", score >= SYNONYM)}
    return {}


def _plain(text: str) -> str:
    """As etl.mapping compares headers, and without the accents of Latin letters."""
    return plain_header(_without_accents(text))


def _without_accents(text: str) -> str:
    """Latin letters without accents; Khmer signs stay."""
    return _ACCENTS.sub("", unicodedata.normalize("NFD", text))


@cache
def _header_words(name: str) -> frozenset[str]:
    return frozenset(declared_words(synonyms_file())["header_words"][name])


def _words(text: str) -> frozenset[str]:
    """The words of a header, also of CaseID and sex_of_child; those that say nothing are left out."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", _without_accents(text)).lower().replace("_", " ")
    found = frozenset(_WORD.findall(spaced)) if spaced.isascii() else frozenset(spaced.split())
    return found - _header_words("small")
