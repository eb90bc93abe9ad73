"""Where does each column of a source come from in a foreign file? Small TOML files say so; docs/mapping.md shows how to write one.

A mapping names headers, never SQL. It is checked when it is read and compiled by `etl.mapping_sql` into one SELECT over the file's text.
Files whose headers already speak the contract's language (or a declared synonym of it) need none: `own_mapping` writes it for them.
"""

import csv
import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from etl.contract import Source
from etl.matching import LEVELS
from metrics.programme import FILE as PROGRAMME
from warehouse import Problem, reference_folder

COMBINES = ("from", "first_of", "join", "date_parts", "fingerprint", "line_number")
PLAIN_STEPS = ("trim", "upper", "lower", "digits", "number", "age_group")
STEPS_WITH_VALUE = ("prefix", "suffix", "pad", "remove", "split")
DATE_WORDS = ("excel", "unix", "unix_ms")
EVERYTHING_ELSE = "*"
OPEN = "?"  # stands where a proposal still waits for an answer
MEANT_FOR = ("name", "source", "recognise", "ignore", "personal", "notes")
TOP_KEYS = (*MEANT_FOR, "columns_to_rows", "columns", "values", "constants", "places", "deleted", "leave_out")


@dataclass(frozen=True)
class MappedColumn:
    """One column of the source and the headers, steps and date formats that make it."""

    target: str
    headers: tuple[str, ...]
    combine: str = "from"
    separator: str = ""
    steps: tuple[tuple[str, Any], ...] = ()
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaceColumns:
    """The headers in which places are written by name: level -> headers. `within`: a code all rows lie inside. `names`: name -> code."""

    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    within: str = ""
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LeaveOut:
    """Rows the office itself marks as not to be used: those with one of `values` in a column, or with none of `keep`, and why."""

    header: str
    values: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class ColumnsToRows:
    """Columns of the file whose filled cells become a row each: the headers stand in a new column `header`, the cells in `cell`."""

    columns: tuple[str, ...] = ()
    header: str = ""
    cell: str = ""

    def in_file(self, header: str) -> tuple[str, ...]:
        """The headers of the file as it came in which a header of the turned table is found."""
        return self.columns if self.columns and header in (self.header, self.cell) else (header,)


@dataclass(frozen=True)
class Mapping:
    """How one kind of file becomes rows of one source."""

    name: str
    source: str
    columns: tuple[MappedColumn, ...]
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    places: PlaceColumns = field(default_factory=PlaceColumns)
    deleted_header: str = ""
    deleted_values: tuple[str, ...] = ()
    leave_out: tuple[LeaveOut, ...] = ()
    columns_to_rows: ColumnsToRows = field(default_factory=ColumnsToRows)
    recognise_headers: tuple[str, ...] = ()
    recognise_files: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    path: Path | None = None

    @property
    def is_declared(self) -> bool:
        """Was it written by a person? (Else it follows from the headers alone.)"""
        return self.path is not None

    @property
    def needs_lines(self) -> bool:
        """Must every row know its line while it is read? (Costly in a very large file.)"""
        return bool(self.places.headers) or any(column.combine == "line_number" for column in self.columns)

    def used_headers(self) -> tuple[str, ...]:
        """Every header the mapping reads, once, in its order; where columns become rows, of the turned table."""
        from_columns = [header for column in self.columns for header in column.headers]
        from_places = [header for headers in self.places.headers.values() for header in headers]
        from_marks = [*([self.deleted_header] if self.deleted_header else []), *(one.header for one in self.leave_out)]
        return tuple(dict.fromkeys([*from_columns, *from_places, *from_marks]))

    def file_headers(self) -> tuple[str, ...]:
        """The same of the file as it came."""
        return tuple(dict.fromkeys(one for header in self.used_headers() for one in self.columns_to_rows.in_file(header)))

    def undeclared_headers(self, headers: Sequence[str]) -> tuple[str, ...]:
        """Headers of the file that the mapping neither reads nor ignores. They are not loaded, and masked in rows set aside."""
        known = {find_header(header, headers) for header in (*self.file_headers(), *self.ignore, *self.personal)}
        return tuple(header for header in headers if header not in known)

    def shown_headers(self, headers: Sequence[str], personal_targets: Iterable[str]) -> tuple[str, ...]:
        """Headers whose cells may be shown in a row set aside: those that are read, and not personal. All others are masked."""
        hidden_targets = set(personal_targets)
        hidden = {find_header(header, headers) for column in self.columns if column.target in hidden_targets for header in column.headers}
        hidden |= {find_header(header, headers) for header in self.personal}
        read = {find_header(header, headers) for header in self.used_headers()}
        return tuple(header for header in headers if header in read - hidden)

    def targets_of(self, header: str, headers: Sequence[str]) -> set[str]:
        """The columns of the source that a header of the file feeds, the places by their codes."""
        fed = {column.target for column in self.columns if any(find_header(one, headers) == header for one in column.headers)}
        is_place = any(find_header(one, headers) == header for names in self.places.headers.values() for one in names)
        return fed | ({"commune_code", "district_code", "province_code"} if is_place else set())


# -- headers -----------------------------------------------------------------------------------------------------------------


def plain_header(header: str) -> str:
    """A header without letter case, spaces, underscores, other punctuation and invisible signs; Khmer stays whole."""
    return "".join(sign for sign in unicodedata.normalize("NFC", header).casefold() if unicodedata.category(sign)[0] in "LMN")


def find_header(wanted: str, headers: Sequence[str]) -> str | None:
    """The header of the file that is meant: the same text, else the only one that is the same when written plainly."""
    if wanted in headers:
        return wanted
    alike = [header for header in headers if plain_header(header) == plain_header(wanted)]
    return alike[0] if len(alike) == 1 else None


@cache
def _synonyms(path: Path) -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
    """((plain header, column) …, plain header -> place level) from synonyms.toml; one word may mean columns of several sources."""
    declared = tomllib.loads(path.read_text(encoding="utf-8"))
    columns = tuple((plain_header(word), column) for column, words in declared["headers"].items() for word in words)
    levels = {plain_header(word): level for level, words in declared["place_headers"].items() for word in words}
    return columns, levels


def synonyms_file() -> Path:
    """The one list of other words for columns and places."""
    return reference_folder() / "mappings" / "synonyms.toml"


# -- which mapping fits a file -----------------------------------------------------------------------------------------------


def find_mapping(
    headers: Sequence[str], file_name: str, source: str | None, declared: Sequence[Mapping], sources: dict[str, Source]
) -> Mapping | None:
    """The mapping for a file: a declared one that recognises it, else one that follows from its headers, else None.

    `source`: the source the file's folder names, if any. Raises Problem when two declared mappings fit equally well, or one that was chosen
    needs a header the file does not have.
    """
    fitting = [mapping for mapping in declared if source in (None, mapping.source) and _recognises(mapping, headers, file_name)]
    if not fitting:
        return own_mapping(headers, source, sources)
    fitting.sort(key=lambda mapping: (len(mapping.recognise_headers), len(mapping.recognise_files)), reverse=True)
    best = [mapping for mapping in fitting if len(mapping.recognise_headers) == len(fitting[0].recognise_headers)]
    best = [mapping for mapping in best if len(mapping.recognise_files) == len(best[0].recognise_files)]
    if len(best) > 1:
        names = " and ".join(f"'{mapping.name}'" for mapping in best)
        raise Problem(
            what=f"More than one mapping fits {file_name}: {names}.",
            meaning="Commune Pulse cannot know which one is meant, so the file was not loaded.",
            action="Give one of them more headers, or a file name pattern, under [recognise].",
            file_name=file_name,
            mappings=[mapping.name for mapping in best],
        )
    check_headers(best[0], headers, file_name)
    return best[0]


def _recognises(mapping: Mapping, headers: Sequence[str], file_name: str) -> bool:
    """A file fits when its name fits one of the patterns (if any) and it has all the headers that are asked for."""
    names = (file_name.lower(), Path(file_name).name.lower())
    if mapping.recognise_files and not any(fnmatch(name, pattern.lower()) for name in names for pattern in mapping.recognise_files):
        return False
    return all(find_header(header, headers) for header in mapping.recognise_headers)


def check_headers(mapping: Mapping, headers: Sequence[str], file_name: str) -> None:
    """Raise Problem when the file lacks a header the mapping reads. Of `first_of` headers one is enough."""
    alternatives = {header for column in mapping.columns if column.combine == "first_of" for header in column.headers}
    missing = [header for header in mapping.file_headers() if header not in alternatives and not find_header(header, headers)]
    for column in mapping.columns:
        if column.combine == "first_of" and not any(find_header(header, headers) for header in column.headers):
            missing.extend(column.headers)
    if missing:
        near = difflib.get_close_matches(missing[0], headers, 1, 0.5)
        raise Problem(
            what=f"{file_name} has no column {_listed(missing)}.",
            meaning=f"The mapping '{mapping.name}' reads it, so the file was not loaded.",
            action=f"Did you mean '{near[0]}'? Change the mapping to the header the file has." if near else
            f"Change the mapping to headers the file has: {', '.join(headers)}.",
            file_name=file_name,
            missing=missing,
            headers=list(headers),
        )
    turned = mapping.columns_to_rows
    taken = [header for header in headers if turned.columns and plain_header(header) in map(plain_header, (turned.header, turned.cell))]
    if taken:
        raise Problem(
            what=f"{file_name} has a column '{taken[0]}' already.",
            meaning=f"The mapping '{mapping.name}' calls the column it makes of others the same, so the file was not loaded.",
            action="Give it another name under [columns_to_rows], and where it is read.",
        )


def own_mapping(headers: Sequence[str], source: str | None, sources: dict[str, Source]) -> Mapping | None:
    """The mapping that follows from the headers alone: the contract's own column names, or declared synonyms of them.

    Without a `source` the one wins that recognises most headers and finds all its required columns; None when no source does.
    """
    candidates = [_own_mapping(headers, sources[name]) for name in ([source] if source else sources)]
    if source:
        return candidates[0]
    complete = [mapping for mapping in candidates if not missing_targets(mapping, sources[mapping.source])]
    return max(complete, key=lambda mapping: len(mapping.used_headers()), default=None)


def _own_mapping(headers: Sequence[str], source: Source) -> Mapping:
    words, levels = _synonyms(synonyms_file())
    own = {plain_header(word): column.name for column in source.columns for word in (*column.also_called, column.name)}
    synonyms = {word: target for word, target in words if target in own.values()}
    found: dict[str, str] = {}
    for is_synonym in (False, True):
        for header in headers:
            target = (synonyms if is_synonym else own).get(plain_header(header))
            if target and header not in found.values():
                found.setdefault(target, header)
    places: dict[str, tuple[str, ...]] = {}
    for header in headers:
        level = levels.get(plain_header(header), "")
        if level and header not in found.values() and place_target(level) not in found:
            places[level] = (*places.get(level, ()), header)
    deepest = max((LEVELS.index(level) for level in places if place_target(level) in own.values()), default=-1)
    # A level that is no column of the source, above one that is, still tells which commune of a name is meant.
    places = {level: named for level, named in places.items() if LEVELS.index(level) <= deepest}
    columns = tuple(MappedColumn(target, (header,)) for target, header in found.items())
    return Mapping(f"{source.name}: own headers", source.name, columns, places=PlaceColumns(places))


def place_target(level: str) -> str:
    """The column that holds the code of a level."""
    return "facility_id" if level == "facility" else f"{level}_code"


def missing_targets(mapping: Mapping, source: Source) -> list[str]:
    """Required columns of the source that the mapping does not fill, and that do not follow from those it fills."""
    filled = {column.target for column in mapping.columns} | set(mapping.constants) | set(map(place_target, mapping.places.headers))
    basis = {column.name: column.fills_itself_from for column in source.columns}
    follows = {name for name, words in basis.items() if (used := words & basis.keys()) and used <= filled}
    return [column.name for column in source.columns if column.is_required and column.name not in filled | follows]


# -- reading a mapping -------------------------------------------------------------------------------------------------------


def read_mappings(folder: Path, sources: dict[str, Source]) -> list[Mapping]:
    """All declared mappings: those of the repository and every .toml file in the folder that is being loaded, but the programme's own."""
    shipped = sorted(path for path in (reference_folder() / "mappings").glob("*.toml") if path != synonyms_file())
    given = sorted(path for path in folder.rglob("*.toml") if path.name != PROGRAMME)
    return [read_mapping(path, sources) for path in [*shipped, *given]]


def value_list_files(mappings: Iterable[Mapping]) -> set[Path]:
    """CSV files beside mappings that hold lists of values: they are part of a mapping, not data to load."""
    found = set()
    for mapping in mappings:
        if mapping.path:
            declared = tomllib.loads(mapping.path.read_text(encoding="utf-8")).get("values", {})
            folders = (mapping.path.parent, mapping.path.resolve().parent)
            found |= {folder / entry for folder in folders for entry in declared.values() if isinstance(entry, str)}
    return found


def read_mapping(path: Path, sources: dict[str, Source]) -> Mapping:
    """Read and check one mapping file. Raises Problem with the nearest right word for whatever is not understood."""
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _problem(path, f"It is not valid TOML: {error}.", "Compare it with the examples in docs/mapping.md.") from error
    for key in declared:
        _known(path, "entry", key, TOP_KEYS)
    _known(path, "source", str(declared.get("source", "")), tuple(sources))
    source = sources[declared["source"]]
    targets = tuple(column.name for column in source.columns)

    columns = tuple(_read_column(path, target, entry, targets) for target, entry in _table(path, declared, "columns").items())
    constants = {target: _constant(value) for target, value in _table(path, declared, "constants").items()}
    for target in constants:
        _known(path, "column", target, targets)
        if any(column.target == target for column in columns):
            raise _problem(path, f"'{target}' stands under [columns] and under [constants].", "Keep one of them.")
    values = {target: _read_values(path, entry) for target, entry in _table(path, declared, "values").items() if entry}
    for target in values:
        _known(path, "column under [columns]", target, tuple(column.target for column in columns))
    places = _read_places(path, _table(path, declared, "places"), targets)
    deleted = _table(path, declared, "deleted")
    for key in deleted:
        _known(path, "entry under [deleted]", key, ("column", "values"))
    if deleted:
        _known(path, "column", "is_deleted", targets)
    recognise = _table(path, declared, "recognise")
    for key in recognise:
        _known(path, "entry under [recognise]", key, ("headers", "files"))

    mapping = Mapping(
        name=str(declared.get("name", path.stem)),
        source=source.name,
        columns=columns,
        constants=constants,
        values=values,
        places=places,
        deleted_header=str(deleted.get("column", "")),
        deleted_values=tuple(str(value).strip().lower() for value in deleted.get("values", ("true", "yes", "1"))) if deleted else (),
        leave_out=_read_leave_out(path, declared.get("leave_out", [])),
        columns_to_rows=_read_columns_to_rows(path, _table(path, declared, "columns_to_rows")),
        recognise_files=_texts(path, recognise.get("files", ())),
        ignore=_texts(path, declared.get("ignore", ())),
        personal=_texts(path, declared.get("personal", ())),
        path=path,
    )
    _check_turned(path, mapping)
    asked = _texts(path, recognise.get("headers", ())) or (() if mapping.recognise_files else mapping.file_headers())
    unfilled = missing_targets(mapping, source)
    if unfilled:
        raise _problem(
            path,
            f"It does not say where {_listed(unfilled)} come{'s' if len(unfilled) == 1 else ''} from.",
            f"Every row of {source.name} needs it: name the header under [columns], or one value for all rows under [constants].",
        )
    return Mapping(**{**mapping.__dict__, "recognise_headers": asked})


def _read_column(path: Path, target: str, entry: Any, targets: tuple[str, ...]) -> MappedColumn:
    _known(path, "column", target, targets)
    if isinstance(entry, str):
        return MappedColumn(target, (entry,))
    if not isinstance(entry, dict):
        action = f'Write {target} = "Header" or {target} = {{ from = "Header" }}.'
        raise _problem(path, f"'{target}' is neither a header nor a table.", action)
    for key in entry:
        _known(path, f"word for '{target}'", key, (*COMBINES, "with", "steps", "dates"))
    ways = [key for key in COMBINES if key in entry]
    if len(ways) != 1:
        raise _problem(path, f"'{target}' needs exactly one of {', '.join(COMBINES)}.", f"It has {_listed(ways) if ways else 'none'}.")
    named = entry[ways[0]]
    headers = () if ways[0] == "line_number" else (named,) if isinstance(named, str) else _texts(path, named)
    if ways[0] == "date_parts" and len(headers) not in (2, 3):
        raise _problem(path, f"'{target}' needs year, month and day.", 'Write date_parts = ["year header", "month header", "day header"].')
    dates = entry.get("dates", ())
    dates = (dates,) if isinstance(dates, str) else _texts(path, dates)
    _check_dates(path, target, dates)
    steps = tuple(_read_step(path, target, step) for step in entry.get("steps", ()))
    return MappedColumn(target, headers, ways[0], str(entry.get("with", "")), steps, dates)


def _read_step(path: Path, target: str, step: Any) -> tuple[str, Any]:
    """("trim", None), ("pad", 6), ("split", ("/", 2)) …"""
    if isinstance(step, str):
        _known(path, f"step for '{target}'", step, PLAIN_STEPS)
        return step, None
    words = [key for key in step if key != "part"] if isinstance(step, dict) else []
    if len(words) != 1:
        raise _problem(path, f"A step for '{target}' is not understood: {step}.", 'Write a word ("trim") or one { word = value }.')
    _known(path, f"step for '{target}'", words[0], STEPS_WITH_VALUE)
    value = step[words[0]]
    if words[0] == "split":
        return "split", (str(value), int(step.get("part", 1)))
    if words[0] == "pad" and not isinstance(value, int):
        raise _problem(path, f"The step pad for '{target}' needs a number.", "Write { pad = 6 } for six digits.")
    return words[0], value if words[0] == "pad" else str(value)


def _check_dates(path: Path, target: str, formats: tuple[str, ...]) -> None:
    """Each format must be able to read back what it writes; day-first and month-first must not both be allowed."""
    for one in formats:
        if one in DATE_WORDS:
            continue
        try:
            example = datetime(2024, 2, 25, 13, 5, 9, tzinfo=UTC)
            is_readable = "%" in one and bool(datetime.strptime(example.strftime(one.replace("%g", "%f")), one.replace("%g", "%f")))
        except ValueError:
            is_readable = False
        if not is_readable:
            near = f"such as \"%d/%m/%Y\", or one of {', '.join(DATE_WORDS)}"
            raise _problem(path, f"'{one}' for '{target}' is not a date format.", f"Write what a date looks like, {near}.")
    plain = {re.sub(r"[^dmb]", "", one.replace("%Y", "").replace("%M", ""))[:2] for one in formats if "%d" in one and "%m" in one}
    if {"dm", "md"} <= plain:
        raise _problem(
            path,
            f"'{target}' allows both day/month and month/day.",
            "03/04/2024 would have two meanings. Keep the one this office writes; rows that break it are set aside and listed.",
        )


def _read_values(path: Path, entry: Any) -> dict[str, str]:
    """What is written (trimmed, lower case) -> what it means. A text names a CSV beside the mapping with those two columns."""
    if isinstance(entry, str):
        file = path.resolve().parent / entry
        if not file.is_file():
            raise _problem(path, f"The list of values {entry} does not exist.", f"Put it beside the mapping, in {path.parent}.")
        with file.open(encoding="utf-8-sig", newline="") as lines:
            pairs = [(row[0], row[1]) for row in list(csv.reader(lines))[1:] if len(row) > 1]
    elif isinstance(entry, dict):
        pairs = [(str(written), _constant(meant)) for written, meant in entry.items()]
    else:
        raise _problem(path, f"{entry!r} is not a list of values.", "Write a table of values, or the name of a CSV file.")
    values: dict[str, str] = {}
    for written, meant in pairs:
        if values.setdefault(written.strip().lower(), meant) != meant:
            action = "Values are compared without letter case; keep one line for it."
            raise _problem(path, f"The value '{written}' has two meanings.", action)
    return values


def _read_places(path: Path, declared: dict[str, Any], targets: tuple[str, ...]) -> PlaceColumns:
    for key in declared:
        _known(path, "entry under [places]", key, (*LEVELS, "within", "names"))
    headers = {level: (one,) if isinstance(one := declared[level], str) else _texts(path, one) for level in LEVELS if level in declared}
    within = str(declared.get("within", ""))
    if within and not re.fullmatch(r"\d{2}|\d{4}|\d{6}", within):
        action = 'Write it in quotes, with its zero: within = "07".'
        raise _problem(path, f"'{within}' under [places] is not a province, district or commune code.", action)
    return PlaceColumns(headers, within, {str(name): str(code) for name, code in declared.get("names", {}).items()})


def _read_leave_out(path: Path, declared: Any) -> tuple[LeaveOut, ...]:
    """[leave_out], or several [[leave_out]]."""
    found = []
    for entry in [declared] if isinstance(declared, dict) else declared:
        for key in entry:
            _known(path, "entry under [leave_out]", key, ("column", "values", "keep", "reason"))
        if not entry.get("column") or ("values" in entry) == ("keep" in entry):
            raise _problem(path, "[leave_out] needs a column, and either values or keep.", 'Write column = "Header" and values = ["…"].')
        values, keep = (
            tuple(value.strip().lower() for value in _texts(path, [str(one) for one in entry.get(key, ())])) for key in ("values", "keep")
        )
        if OPEN in (*values, *keep):
            raise _problem(path, "It does not say yet which rows to use.", f"Write the value that counts instead of {OPEN}.")
        reason = str(entry.get("reason", "")) or f"{entry['column']} says so"
        found.append(LeaveOut(str(entry["column"]), values, keep, reason))
    return tuple(found)


def _read_columns_to_rows(path: Path, declared: dict[str, Any]) -> ColumnsToRows:
    for key in declared:
        _known(path, "entry under [columns_to_rows]", key, ("columns", "header", "cell"))
    turned = ColumnsToRows(_texts(path, declared.get("columns", ())), str(declared.get("header", "")), str(declared.get("cell", "")))
    if declared and not (turned.columns and turned.header and turned.cell):
        action = 'Write columns = ["…", "…"], and names for the two new columns: header = "criterion", cell = "score".'
        raise _problem(path, "It does not say yet which columns become rows, or what to call what they hold.", action)
    return turned


def _check_turned(path: Path, mapping: Mapping) -> None:
    """Columns that become rows are read as rows and in no other way."""
    turned = mapping.columns_to_rows
    unread = [name for name in (turned.header, turned.cell) if name and name not in mapping.used_headers()]
    if unread:
        action = f'Say under [columns] what it is: column = "{unread[0]}".'
        raise _problem(path, f"[columns_to_rows] makes '{unread[0]}', but no column reads it.", action)
    elsewhere = set(map(plain_header, (*mapping.used_headers(), *mapping.ignore, *mapping.personal)))
    twice = [header for header in turned.columns if plain_header(header) in elsewhere]
    if twice:
        raise _problem(path, f"'{twice[0]}' stands under [columns_to_rows] and elsewhere.", "Keep one of them.")


def _table(path: Path, declared: dict[str, Any], key: str) -> dict[str, Any]:
    value = declared.get(key, {})
    if not isinstance(value, dict):
        raise _problem(path, f"'{key}' is not a table.", f"Write [{key}] on a line of its own, and its entries below.")
    return value


def _texts(path: Path, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(one, str) for one in value):
        if value == ():
            return ()
        raise _problem(path, f"{value!r} is not a list of texts.", 'Write it in square brackets: ["one", "two"].')
    return tuple(value)


def _constant(value: Any) -> str:
    """TOML's true, 5 and dates as the text a file would hold."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _known(path: Path, thing: str, word: str, possible: Sequence[str]) -> None:
    """Raise Problem with the nearest possible word when this one is not possible."""
    if word not in possible:
        near = difflib.get_close_matches(word, possible, 1, 0.5)
        action = f"Did you mean '{near[0]}'? Possible: {', '.join(possible)}." if near else f"Possible: {', '.join(possible)}."
        raise _problem(path, f"There is no {thing} '{word}'.", action)


def _problem(path: Path, what: str, action: str) -> Problem:
    return Problem(
        what=f"The mapping {path.name} cannot be used. {what}",
        meaning="Files that need it are not loaded.",
        action=action,
        path=str(path),
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
