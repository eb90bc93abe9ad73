"""How does a mapping become SQL? One expression a column over the file's text: text in, text out, rows and their order untouched.

Nothing a mapping's author wrote is run as SQL: headers become quoted names, all else quoted literals, and the steps are a closed set.
What comes out is trimmed, cast and checked by the contract. There are no joins, which would lose the order of the lines: the places found
for each combination of names are asked through an enum type in the in-memory database `lists`, as in `etl.lists`.
"""

from collections import abc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from etl.contract import KHMER_DIGITS, SPACES, Source
from etl.mapping import EVERYTHING_ELSE, MappedColumn, Mapping, find_header, place_target, synonyms_file
from etl.matching import LEVELS, Gazetteer, Match, gazetteer, gazetteer_with, match
from warehouse import reference_folder

SIGN_BETWEEN = "\x1f"
LINE = "line"
VALUES_IN_A_CASE = 32   # a longer list is halved until its parts are this short
PLACES = "place_matches"
AGE_GROUP_ENDS = (("under_18", 17), ("18_24", 24), ("25_34", 34), ("35_59", 59), ("60_over", 120))  # group, its last year of age
DAY_AND_MONTH = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*"


def expressions(mapping: Mapping, source: Source, headers: Sequence[str], file_name: str = "", places: str = PLACES) -> dict[str, str]:
    """SQL for every column of the source that the mapping fills, over a relation of text columns named by `headers`, and `line`.

    `file_name` serves keys made of file and line. Where places are written
    by name call `look_up_places` first; `places` is the table it made.
    """
    types = {column.name: column.type for column in source.columns}
    made: dict[str, str] = {}
    for column in mapping.columns:
        recode = mapping.values.get(column.target, {})
        if column.combine == "from" and not (column.steps or column.dates or recode):
            made[column.target] = _header(column.headers[0], headers)   # a bare header costs nothing
            continue
        cell = _recoded(_cell(column, headers, file_name), recode)
        made[column.target] = _as_date(cell, column.dates, types[column.target])
    made |= {target: _text(value) for target, value in mapping.constants.items()}
    if mapping.deleted_header:
        listed = ", ".join(map(_text, mapping.deleted_values))
        deleted = f"coalesce(lower(trim({_header(mapping.deleted_header, headers)})) in ({listed}), false)"
        made["is_deleted"] = f"case when {deleted} then 'true' else 'false' end"
    if mapping.places.headers:
        made |= _place_expressions(mapping, source, headers, set(made), places)
    return made


def left_out(mapping: Mapping, headers: Sequence[str]) -> str:
    """SQL: whether the mapping says that a row is not to be used; nothing when it says so of no row."""
    conditions = []
    for one in mapping.leave_out:
        cell = f"coalesce(lower(trim({_header(one.header, headers)})), '')"
        conditions.append(f"{cell} {'not in' if one.keep else 'in'} ({', '.join(map(_text, one.keep or one.values))})")
    return " or ".join(conditions)


def left_out_sentence(mapping: Mapping) -> str:
    """What is said beside each row that was left out."""
    return f"The mapping '{mapping.name}' leaves this row out: {', or '.join(one.reason for one in mapping.leave_out)}."


def projection(mapping: Mapping, source: Source, headers: Sequence[str], relation: str, file_name: str = "", places: str = PLACES) -> str:
    """A SELECT of `line` and every filled column, one row a row of `relation`, in its order. Parameters as for `expressions`."""
    made = expressions(mapping, source, headers, file_name, places)
    columns = ",\n    ".join(f"{expression} as {target}" for target, expression in made.items())
    return f"select {LINE},\n    {columns}\nfrom {relation}"


# -- one column ------------------------------------------------------------------------------------------------------------------------


def _cell(column: MappedColumn, headers: Sequence[str], file_name: str) -> str:
    """The text of one column before values and dates are read; null where the cell is empty."""
    present = [f"nullif(trim({_name(found)}, '{SPACES}'), '')" for one in column.headers if (found := find_header(one, headers))]
    text = present[0] if present else ""
    if column.combine == "line_number":
        text = f"{_text(Path(file_name).name + '#')} || {LINE}"
    elif column.combine == "first_of":
        text = f"coalesce({', '.join(present)})"
    elif column.combine == "join":
        text = f" || {_text(column.separator)} || ".join(present)   # empty where a part is empty: half a key is no key
    elif column.combine == "fingerprint":
        parts = f" || {_text(SIGN_BETWEEN)} || ".join(f"coalesce({part}, '')" for part in present)
        text = f"md5({parts})"
    elif column.combine == "date_parts":
        year, month, *day = present
        text = f"{year} || '-' || lpad({month}, 2, '0') || '-' || " + (f"lpad({day[0]}, 2, '0')" if day else "'01'")
    for step, value in column.steps:
        text = _stepped(f"({text})", step, value)
    return f"({text})"


def _stepped(text: str, step: str, value: Any) -> str:
    western = f"translate({text}, '{KHMER_DIGITS}', '0123456789')"
    if step == "split":
        return f"nullif(trim(split_part({text}, {_text(value[0])}, {int(value[1])})), '')"
    if step == "pad":
        return f"lpad({text}, greatest({int(value)}, length({text}))::integer, '0')"
    return {
        "trim": f"trim({text})",
        "upper": f"upper({text})",
        "lower": f"lower({text})",
        "digits": f"nullif(regexp_replace({western}, '[^0-9]', '', 'g'), '')",
        "age_group": _age_group(western),
        "number": f"regexp_replace({western}, '[\\s\u00a0\u202f\u2009,]', '', 'g')",
        "prefix": f"{_text(value)} || {text}",
        "suffix": f"{text} || {_text(value)}",
        "remove": f"replace({text}, {_text(value)}, '')",
    }[step]


def _age_group(western: str) -> str:
    """SQL: a number of years as an age group of the contract; what is no number stays as it is."""
    years = f"try_cast(regexp_extract({western}, '^(\\d{{1,3}})(?:\\.\\d+)?$', 1) as integer)"
    groups = " ".join(f"when {years} <= {last} then '{group}'" for group, last in AGE_GROUP_ENDS)
    return f"(case {groups} else {western} end)"


def _recoded(cell: str, values: dict[str, str]) -> str:
    """What the cell means; what no line mentions stays as it is, for the contract to judge, unless `"*"` gives it a meaning."""
    listed = sorted((written, meant) for written, meant in values.items() if written != EVERYTHING_ELSE)
    otherwise = f"case when {cell} is not null then {_text(values[EVERYTHING_ELSE])} end" if EVERYTHING_ELSE in values else cell
    return f"coalesce({_meaning(f'lower({cell})', listed)}, {otherwise})" if listed else otherwise


def _meaning(cell: str, listed: Sequence[tuple[str, str]]) -> str:
    """One CASE for a short sorted list, a tree of them for a long one, so that a row meets few comparisons."""
    if len(listed) > VALUES_IN_A_CASE:
        middle = len(listed) // 2
        lower, upper = _meaning(cell, listed[:middle]), _meaning(cell, listed[middle:])
        return f"case when {cell} < {_text(listed[middle][0])} then {lower} else {upper} end"
    whens = " ".join(f"when {_text(written)} then {_text(meant)}" for written, meant in listed)
    return f"case {cell} {whens} end"


def _as_date(cell: str, formats: tuple[str, ...], kind: str) -> str:
    """The date in the contract's own writing; a text no format reads stays as it is, so that the row is set aside with it."""
    if not formats:
        return cell
    western = f"translate({cell}, '{KHMER_DIGITS}', '0123456789')"
    number = f"try_cast({western} as double)"
    readings = {
        "excel": f"timestamp '1899-12-30' + to_milliseconds(cast(round({number} * 86400000) as bigint))",
        "unix": f"make_timestamp(cast({number} * 1000000 as bigint))",
        "unix_ms": f"make_timestamp(cast({number} * 1000 as bigint))",
    }
    written = [one for one in formats if one not in readings]
    moments = [f"try_strptime({western}, [{', '.join(map(_text, written))}])"] if written else []
    moments += [readings[one] for one in formats if one in readings]
    moment = moments[0] if len(moments) == 1 else f"coalesce({', '.join(moments)})"
    whole = f"cast({moment} as date)" if kind in ("date", "month") else moment
    if not any("%d" in one and "%m" in one for one in written):
        return f"coalesce(cast({whole} as varchar), {cell})"
    # A date that breaks the declared order must not be read in another one by the contract: its row is set aside.
    broken = f"case when regexp_full_match({cell}, '{DAY_AND_MONTH}') then {cell} || ' (other order)' else {cell} end"
    return f"coalesce(cast({whole} as varchar), {broken})"


# -- places written by name ------------------------------------------------------------------------------------------------------------


def look_up_places(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    headers: Sequence[str],
    relation: str,
    known: Gazetteer,
    table: str = PLACES,
) -> str:
    """Match every distinct combination of written places once; returns the name under which the expressions find the answers.

    Makes a list in `lists`, and the temporary table `table`, one row a combination: place_key, a code a level (null where not certain)
    and `doubts` (list of field, value, candidates).
    """
    columns = [(level, header) for level, named in mapping.places.headers.items() for header in named]
    cells = ", ".join(f"coalesce({_header(header, headers)}, '') as h{number}" for number, (_, header) in enumerate(columns))
    combinations = connection.execute(f"select distinct {_place_key(mapping, headers)} as place_key, {cells} from {relation}").fetchall()
    found: dict[str, Match] = {}
    for place_key, *cell in combinations:
        written: dict[str, list[str]] = {level: [] for level in LEVELS}
        for (level, _), value in zip(columns, cell, strict=True):
            written[level].append(value)
        found[place_key] = match(written, _within(mapping.places.within), known, synonyms_file())
    _create_places(connection, table, found)
    codes = {f"{table}_{place_target(level)}": [one.codes.get(level) for one in found.values()] for level in LEVELS}
    remember(connection, table, list(found), codes)
    return table


def _create_places(connection: duckdb.DuckDBPyConnection, table: str, found: dict[str, Match]) -> None:
    columns: dict[str, pa.Array] = {"place_key": pa.array(list(found), pa.string())}
    for level in LEVELS:
        columns[place_target(level)] = pa.array([one.codes.get(level) for one in found.values()], pa.string())
    listed = pa.list_(pa.struct([(name, pa.string()) for name in ("field", "value", "candidates")]))
    columns["doubts"] = pa.array([[vars(doubt) for doubt in one.doubts] for one in found.values()], listed)
    connection.register("found_places", pa.table(columns))
    connection.execute(f"create or replace temp table {table} as select * from found_places")
    connection.unregister("found_places")


def _place_expressions(mapping: Mapping, source: Source, headers: Sequence[str], filled: set[str], places: str) -> dict[str, str]:
    """The codes that were found. A required one falls back on what is written, so that the contract can say what is wrong with it."""
    made = {}
    for level in LEVELS:
        target = place_target(level)
        column = next((one for one in source.columns if one.name == target), None)
        if column is None or target in filled:
            continue
        made[target] = remembered(_place_key(mapping, headers), places, f"{places}_{target}")
        if column.is_required and level in mapping.places.headers:
            made[target] = f"coalesce({made[target]}, {_header(mapping.places.headers[level][0], headers)})"
    return made


def unmatched_places(mapping: Mapping, headers: Sequence[str], relation: str, places: str) -> str:
    """A SELECT of line, field, value, candidates: one row a line and level that stayed empty or was read by a similar spelling."""
    return "\n".join([
        "select cells.line, doubted.doubt.field as field, doubted.doubt.value as value, doubted.doubt.candidates as candidates",
        f"from (select {LINE}, {_place_key(mapping, headers)} as place_key from {relation}) as cells",
        f"join (select place_key, unnest(doubts) as doubt from {places}) as doubted on doubted.place_key = cells.place_key",
    ])


def known_places(mapping: Mapping, facilities: pd.DataFrame | None) -> Gazetteer:
    """The official places, their declared other names, old codes, the programme's facilities and the mapping's own names."""
    folder = reference_folder()
    communes = pd.read_csv(folder / "communes.csv", dtype=str)
    synonyms = pd.read_csv(folder / "place_synonyms.csv", dtype=str)
    successors = pd.read_csv(folder / "commune_successors.csv", dtype=str)
    names = [*zip(synonyms["name"], synonyms["code"], strict=True), *zip(successors["old_code"], successors["new_code"], strict=True)]
    return gazetteer_with(gazetteer(communes, names, facilities, synonyms_file()), mapping.places.names.items(), synonyms_file())


def _within(code: str) -> dict[str, str]:
    """The levels a code stands for: 0703 is district 0703 in province 07."""
    return {level: code[:length] for level, length in (("province", 2), ("district", 4), ("commune", 6)) if len(code) >= length}


def _place_key(mapping: Mapping, headers: Sequence[str]) -> str:
    named = [header for level in mapping.places.headers.values() for header in level]
    return f" || {_text(SIGN_BETWEEN)} || ".join(f"coalesce({_header(header, headers)}, '')" for header in named)


# -- lists asked by hash, and quoting --------------------------------------------------------------------------------------------------


def remember(
    connection: duckdb.DuckDBPyConnection, name: str, written: Sequence[str], meanings: abc.Mapping[str, abc.Iterable[str | None]]
) -> None:
    """Make an enum type of what is written, and a variable for each meaning: a list in the same order."""
    connection.execute("attach if not exists ':memory:' as lists")
    connection.execute(f"drop type if exists lists.main.{name}")
    connection.execute(f"create type lists.main.{name} as enum ({', '.join(map(_text, written))})")
    for variable, meant in meanings.items():
        listed = ", ".join("null" if one is None else _text(one) for one in meant)
        connection.execute(f"set variable {variable} = [{listed}]::varchar[]")


def is_remembered(text: str, name: str) -> str:
    """SQL: whether a text is one of those that `remember` was given."""
    return f"try_cast({text} as lists.main.{name}) is not null"


def remembered(text: str, name: str, variable: str) -> str:
    """SQL: what `remember` was told that a text means."""
    return f"getvariable('{variable}')[enum_code(try_cast({text} as lists.main.{name})) + 1]"


def _header(wanted: str, headers: Sequence[str]) -> str:
    return _name(find_header(wanted, headers) or wanted)


def _name(header: str) -> str:
    return '"' + header.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
