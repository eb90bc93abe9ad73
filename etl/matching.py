"""Which place does a written name mean? Certain answers only; the rest is listed with its nearest candidates.

Names come as people wrote them: English or Khmer, with or without *Municipality*, *Krong*, *ស្រុក*, in one of several spellings, or
mistranslated. A level (province, district, commune, facility) may be given by several columns; they are independent witnesses and must not
contradict each other. A level is certain when

1. every column that can be read means the same single place, and
2. at least one of them is a code, an official name or a declared other name, or, when nothing else was written, a spelling that is
   nearly the same as one name and clearly further from every other, and
3. the level above, where the file gives it, is certain itself: names are only looked for inside it.

A name whose meaning a mapping tells means that place and no other of the name, if it lies in the certain level above. A facility
told so is certain even where its commune is not, and then tells the commune.

Matching is done once per distinct combination of written values, so its cost does not grow with the file.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd
from rapidfuzz import fuzz, process

LEVELS = ("province", "district", "commune", "facility")
SPELLING_THRESHOLD = 90.0   # of 100: one changed letter in a name of ten or more
SPELLING_MARGIN = 8.0       # how much nearer than the second-best name
CANDIDATES_SHOWN = 3
CODE_LENGTH = {"province": 2, "district": 4, "commune": 6}

_KHMER = re.compile(r"[\u1780-\u17ff]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
_SEVERAL = re.compile(r"\s*(?:/|;|\||,|\bor\b|\band\b|ឬ)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """One official place or registered facility: its code, its names, and the code of every level above."""

    level: str
    code: str
    name_en: str
    name_km: str
    above: Mapping[str, str]

    def label(self) -> str:
        """As shown to a person: code, English and Khmer name."""
        return " ".join(part for part in (self.code, self.name_en, self.name_km) if part)


@dataclass(frozen=True)
class Doubt:
    """A level that stays empty, or was read by a similar spelling: what is written there, and what it may mean."""

    field: str
    value: str
    candidates: str


@dataclass
class Match:
    """The certain codes for one combination of written values, and everything about it that a person should see."""

    codes: dict[str, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


@dataclass(frozen=True)
class Gazetteer:
    """Every place a name may mean, for each level: `codes` by code, `names` by plain name (several places may share one), and those of
    them that a person `told` for this file.
    """

    codes: Mapping[str, Mapping[str, Place]]
    names: Mapping[str, Mapping[str, Sequence[Place]]]
    told: Mapping[str, Mapping[str, Sequence[Place]]] = field(default_factory=dict)


@cache
def _words(path: Path) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, str], tuple[str, ...]]:
    """(English type words, Khmer type words, declared spellings of a word, words that name a kind of facility) from synonyms.toml."""
    words = tomllib.loads(path.read_text(encoding="utf-8"))["place_words"]
    spellings = {other: official for official, others in words["spellings"].items() for other in others}
    khmer = tuple(sorted(map(_clean_khmer, words["types_km"]), key=len, reverse=True))
    return tuple(words["types_en"]), khmer, spellings, tuple(words["facility_types"])


def _clean_khmer(text: str) -> str:
    """Khmer without spaces and invisible signs; the two ways to type the same subscript (ដ, ត) become one."""
    return re.sub(r"[\s.\-()]+", "", text).replace("\u17d2\u178a", "\u17d2\u178f")


def plain_name(name: str, words_file: Path) -> str:
    """A name without letter case, spaces, accents, invisible signs and type words (City, Krong, ស្រុក, Health Center)."""
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", name)).strip()
    types_en, types_km, spellings, facility_types = _words(words_file)
    if _KHMER.search(text):
        bare = _clean_khmer(text)
        for word in types_km:
            if bare.startswith(word) and len(bare) > len(word):
                return bare.removeprefix(word)
        return bare
    text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)).casefold()
    text = re.sub(r"[^a-z0-9]+", " ", text.replace("'", "").replace("\u2019", "")).strip()
    for phrase in facility_types:
        bare = re.sub(rf"\b{phrase}\b", " ", text).strip()
        text = bare or text
    spelled = [spellings.get(word, word) for word in text.split()]
    kept = [word for word in spelled if word not in types_en]
    return "".join(kept or spelled)


def gazetteer(
    communes: pd.DataFrame, other_names: Iterable[tuple[str, str]], facilities: pd.DataFrame | None, words_file: Path
) -> Gazetteer:
    """Index the official places by plain name.

    `communes`: the reference list (commune_code, commune_en, commune_km, district_…, province_…). `other_names`: (name, code) pairs that
    were declared to mean a place. `facilities`: the programme's register, or None when there is none.
    """
    places: dict[str, list[Place]] = {level: [] for level in LEVELS}
    columns = {
        "province": communes.drop_duplicates("province_code"),
        "district": communes.drop_duplicates("district_code"),
        "commune": communes,
    }
    for position, (level, table) in enumerate(columns.items()):
        higher = LEVELS[:position]
        for row in table.fillna("").to_dict("records"):
            above = {one: str(row[f"{one}_code"]) for one in higher}
            places[level].append(Place(level, str(row[f"{level}_code"]), str(row[f"{level}_en"]), str(row[f"{level}_km"]), above))
    if facilities is not None:
        for row in facilities.astype(object).fillna("").to_dict("records"):
            district = str(row.get("district_code") or str(row.get("commune_code", ""))[:4])
            above = {"province": district[:2], "district": district, "commune": str(row.get("commune_code", ""))}
            places["facility"].append(Place("facility", str(row["facility_id"]), str(row["facility_en"]), str(row["facility_km"]), above))

    names: dict[str, dict[str, list[Place]]] = {level: {} for level in LEVELS}
    for level, listed in places.items():
        for place in listed:
            for key in {plain_name(name, words_file) for name in (place.name_en, place.name_km)} - {""}:
                names[level].setdefault(key, []).append(place)
    by_code = {place.code: place for level in reversed(LEVELS) for place in places[level]}   # a facility never hides an official code
    for name, code in other_names:
        if code in by_code:
            called = names[by_code[code].level].setdefault(plain_name(name, words_file), [])
            if by_code[code] not in called:
                called.append(by_code[code])
    return Gazetteer({level: {place.code: place for place in listed} for level, listed in places.items()}, names)


def gazetteer_with(known: Gazetteer, told: Iterable[tuple[str, str]], words_file: Path) -> Gazetteer:
    """The same places with what a person said that names mean (name, code); a code that is no place's adds nothing."""
    names = {level: {name: list(places) for name, places in known.names[level].items()} for level in LEVELS}
    meant: dict[str, dict[str, list[Place]]] = {level: {} for level in LEVELS}
    for name, code in told:
        place = next((found for level in LEVELS if (found := known.codes[level].get(code))), None)
        if place:
            for listed in (names, meant):
                listed[place.level].setdefault(plain_name(name, words_file), []).append(place)
    return Gazetteer(known.codes, names, meant)


def nearest(value: str, level: str, known: Gazetteer, words_file: Path) -> list[tuple[Place, float]]:
    """The places a name may mean, for a person to choose from: those called so, then those nearest in spelling, with a score up to 100."""
    parts = [part for part in _SEVERAL.split(value) if part] or [value]
    called = {place.code: (place, 100.0) for part in parts for place in _exact(part, level, {}, known, words_file)}
    near = [pair for part in parts for pair in _nearest(part, level, {}, known, words_file)]
    for place, score in sorted(near, key=lambda pair: -pair[1]):
        called.setdefault(place.code, (place, score))
    return list(called.values())[:2 * CANDIDATES_SHOWN]


@dataclass(frozen=True)
class _Reading:
    """What one written value may mean: the places, and how surely the writing points at them."""

    places: tuple[Place, ...]
    how: str   # 'exact' | 'spelling' | 'several' | 'unknown'


def _read(value: str, level: str, inside: Mapping[str, str], known: Gazetteer, words_file: Path) -> _Reading:
    """One written value at one level, looked for only inside the places that are already certain."""
    bare = _INVISIBLE.sub("", value).strip()
    code = _as_code(bare, level)
    place = known.codes[level].get(code)
    if place:
        return _Reading((place,), "exact") if _is_inside(place, inside) else _Reading((), "unknown")
    parts = [part for part in _SEVERAL.split(bare) if part]
    whole = _exact(bare, level, inside, known, words_file)
    if not whole and len(parts) > 1:
        meant = {one.code: one for part in parts for one in _exact(part, level, inside, known, words_file)}
        return _Reading(tuple(meant.values()), "several")
    if whole:
        return _Reading(whole, "exact")
    nearest = _nearest(bare, level, inside, known, words_file)
    if nearest and (inside or level == "province") and nearest[0][1] >= SPELLING_THRESHOLD:
        runner_up = next((score for place, score in nearest if place.code != nearest[0][0].code), 0.0)
        if nearest[0][1] - runner_up >= SPELLING_MARGIN:
            return _Reading((nearest[0][0],), "spelling")
    return _Reading((), "unknown")


def _as_code(value: str, level: str) -> str:
    """`70101`, `070101` and `KH070101` are the same commune code; a facility's id is itself."""
    if level == "facility":
        return value
    digits = value.upper().removeprefix("KH")
    return digits.zfill(CODE_LENGTH[level]) if digits.isdigit() and digits.isascii() and len(digits) <= CODE_LENGTH[level] else ""


def _is_inside(place: Place, inside: Mapping[str, str]) -> bool:
    return all(place.above.get(level, "") in ("", code) for level, code in inside.items() if level in place.above)


def _exact(value: str, level: str, inside: Mapping[str, str], known: Gazetteer, words_file: Path) -> tuple[Place, ...]:
    told = _told(value, level, inside, known, words_file)
    return told or tuple(place for place in known.names[level].get(plain_name(value, words_file), ()) if _is_inside(place, inside))


def _told(value: str, level: str, inside: Mapping[str, str], known: Gazetteer, words_file: Path) -> tuple[Place, ...]:
    called = known.told.get(level, {}).get(plain_name(value, words_file), ())
    return tuple(place for place in called if _is_inside(place, inside))


def _nearest(value: str, level: str, inside: Mapping[str, str], known: Gazetteer, words_file: Path) -> list[tuple[Place, float]]:
    """The names nearest in spelling, best first, one line a place."""
    pool = {name: places for name, listed in known.names[level].items() if (places := [one for one in listed if _is_inside(one, inside)])}
    found = process.extract(plain_name(value, words_file), pool.keys(), scorer=fuzz.ratio, limit=CANDIDATES_SHOWN + 2, score_cutoff=50)
    best: dict[str, tuple[Place, float]] = {}
    for name, score, _ in found:
        for place in pool[name]:
            best.setdefault(place.code, (place, score))
    return list(best.values())


def _decide(readings: Sequence[_Reading]) -> tuple[Place | None, str]:
    """The one place all columns mean, or why there is none."""
    if any(reading.how == "several" for reading in readings):
        return None, "more than one place is written"
    read = [reading for reading in readings if reading.places]
    if not read:
        return None, "no such name"
    common = set.intersection(*({place.code for place in reading.places} for reading in read))
    if not common:
        return None, "the columns name different places"
    if len(common) > 1:
        return None, "several places have this name"
    place = next(place for place in read[0].places if place.code in common)
    if any(reading.how == "exact" for reading in read) or len(read) == len(readings):
        return place, "exact" if any(reading.how == "exact" for reading in read) else "spelling"
    return None, "only one column resembles a name"


def match(written: Mapping[str, Sequence[str]], within: Mapping[str, str], known: Gazetteer, words_file: Path) -> Match:
    """The certain places behind one combination of written values.

    `written`: level -> the values of its columns (empty ones left out). `within`: level -> code of places the whole file lies in.
    """
    result = Match(codes=dict(within))
    is_certain = True
    possible: dict[str, set[str]] = {}   # level -> codes of every place its columns may mean
    for level in LEVELS:
        values = [value for value in written.get(level, ()) if value.strip()]
        if not values:
            continue
        if not is_certain and level != "facility":
            result.doubts.append(Doubt(level, " | ".join(values), "not looked for: the place above it is not certain"))
            continue
        readings = [_read(value, level, result.codes, known, words_file) for value in values]
        place, reason = _decide(readings)
        possible[level] = {one.code for reading in readings for one in reading.places}
        if level == "facility" and not known.codes["facility"]:
            place, reason = None, "there is no register of facilities"
        is_told = any(place in _told(value, level, result.codes, known, words_file) for value in values)
        if place and (is_certain or level != "facility" or is_told):
            result.codes |= {above: code for above, code in place.above.items() if code} | {level: place.code}
            result.doubts = [one for one in result.doubts if place.above.get(one.field) not in possible.get(one.field, ())]
            if reason == "spelling":
                result.doubts.append(Doubt(level, " | ".join(values), f"read as {place.label()}: nearly the same spelling"))
        else:
            candidates = _candidates(values, readings, reason, level, result.codes, known, words_file)
            result.doubts.append(Doubt(level, " | ".join(values), candidates))
            is_certain = is_certain and level == "facility"
    return result


def _candidates(
    values: Sequence[str],
    readings: Sequence[_Reading],
    reason: str,
    level: str,
    inside: Mapping[str, str],
    known: Gazetteer,
    words_file: Path,
) -> str:
    """Why the level stays empty, and the nearest places, in one line a person can act on."""
    near = {place.code: place for reading in readings for place in reading.places}
    if not near:
        scored = sorted((pair for value in values for pair in _nearest(value, level, inside, known, words_file)), key=lambda pair: -pair[1])
        near = {place.code: place for place, _ in scored}
    shown = [place.label() for place in list(near.values())[:CANDIDATES_SHOWN]]
    if level == "facility":
        called = {place.code: place for value in values for place in _exact(value, "commune", inside, known, words_file)}
        shown += [f"commune {place.label()} has this name" for place in list(called.values())[:CANDIDATES_SHOWN]]
    return f"{reason}; nearest: {'; '.join(shown)}" if shown else f"{reason}; nothing near it"
