"""What becomes of the rows of a source's files? Loaded, set aside, superseded or deleted: every row is in one of these books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from etl import mapping_sql
from etl.contract import Rule, Source
from etl.corrections import Corrections
from etl.mapping import Mapping
from etl.quality import Load
from etl.readers import LINE_HEADER, NEWLINE_INSIDE, TextTable
from etl.readers import csv as csv_reader
from etl.stage import (
    LEFT_OUT,
    LINES_KEPT_UP_TO,
    REVIEW_RULE,
    SHAPE_RULE,
    Checks,
    copy_lines,
    create_table,
    file_relation,
    first_rowid,
    insert_rows,
)
from text.spreadsheet import without_formula, without_formula_sql

MASK = "•••"
LONGEST_NAME = 180  # bytes
KEYS_AT_ONCE = 16_000_000  # rows whose keys are compared in one piece; more are taken in parts so that memory stays small


@dataclass
class Arrival:
    """A table on its way in: how it reads, which mapping fits, and the record kept about it. `size`: its share of the file, in bytes."""

    size: int
    table: TextTable
    mapping: Mapping
    load: Load


@dataclass(frozen=True)
class Workplace:
    """Where a build works: its connection, its clock, a folder for passing files and one for the rows it sets aside; what it corrects;
    the register in which facilities written by name are found (None until it is loaded).
    """

    connection: duckdb.DuckDBPyConnection
    today: date
    passing: Path
    set_aside: Path
    corrections: Corrections = field(default_factory=Corrections)
    facilities: pd.DataFrame | None = None


def load_source(place: Workplace, source: Source, arrivals: Sequence[Arrival]) -> None:
    """Fill staging.<source> from its files, in order, and note what became of every row in their loads and in `quality`."""
    create_table(place.connection, source)
    place.connection.execute("create or replace temp table line_offsets (from_rowid bigint, shift bigint)")
    for arrival in arrivals:
        _load_file(place, source, arrival)
    is_loaded = any(arrival.load.status == "loaded" for arrival in arrivals)
    if is_loaded and source.key:
        _supersede(place.connection, source, arrivals)
    place.corrections.check(place.connection, source)
    if is_loaded:
        _count_alike(place.connection, source, arrivals)
        _delete_by_source(place.connection, source, arrivals)
        counted = place.connection.execute(f"select file_id, count(*) from staging.{source.name} group by file_id").fetchall()
        for arrival in arrivals:
            arrival.load.rows_loaded = dict(counted).get(arrival.load.load_id, 0)
    place.connection.execute(f"alter table staging.{source.name} drop column broken")


def _load_file(place: Workplace, source: Source, arrival: Arrival) -> None:
    load, checks = arrival.load, Checks((*source.rules, *(rule for rule, _ in _not_wanted(arrival))))
    first = first_rowid(place.connection, source)
    misfits = _read_rows(place, source, arrival, first)
    first = _begun_at(place.connection, source, first)
    place.connection.execute("create or replace temp table misfits (line bigint, row_text varchar, reason varchar)")
    if misfits:
        place.connection.executemany("insert into misfits values (?, ?, ?)", misfits)
    inserted = _count(place.connection, f"from staging.{source.name} where rowid >= {first}")
    load.rows_read = inserted + len(misfits)
    refused = _rule_counts(place.connection, source, checks, load.load_id, first)
    if refused:
        place.connection.execute(f"delete from staging.{source.name} where rowid >= {first}")
        place.connection.execute("delete from quality.rule_results where load_id = ?", [load.load_id])
        load.refuse(refused)
        return
    load.rows_set_aside = _set_aside(place, source, arrival, checks, first) + len(misfits)


def _not_wanted(arrival: Arrival) -> list[tuple[Rule, str]]:
    """The rules about rows that are not to be used, each with its SQL: the staff of the form turned them down, or the mapping says so."""
    table, mapping = arrival.table, arrival.mapping
    rules = []
    if table.review:
        words = ", ".join(map(_text, table.review.turned_down))
        rules.append((REVIEW_RULE, f"lower(trim({_name(table.review.header)})) in ({words})"))
    if mapping.leave_out:
        rules.append((Rule(LEFT_OUT, "", mapping_sql.left_out_sentence(mapping), {}), mapping_sql.left_out(mapping, table.headers)))
    return rules

def _read_rows(place: Workplace, source: Source, arrival: Arrival, first: int) -> list[tuple[int, str, str]]:
    """Insert the file's rows; returns the records that do not fit under the header. A file that is not plain is read again, tidied."""
    misfits = _insert(place, source, arrival)
    if not arrival.table.is_tidy:
        inserted = _count(place.connection, f"from staging.{source.name} where rowid >= {first}")
        is_numbered = _has_lines(arrival)
        if inserted + len(misfits) != arrival.table.records or (misfits and is_numbered):
            place.connection.execute(f"delete from staging.{source.name} where rowid >= {first}")
            plain = arrival.table
            tidied = csv_reader.tidy(plain.path, plain.encoding, plain.separator, place.passing / f"{arrival.load.load_id}.csv")
            arrival.table = replace(plain, path=tidied.path, separator=",", records=tidied.records, is_tidy=True, ragged=tidied.ragged)
            return _insert(place, source, arrival)
        if not is_numbered:
            _note_offsets(place.connection, _begun_at(place.connection, source, first), sorted(line for line, _, _ in misfits))
    return misfits


def _begun_at(connection: duckdb.DuckDBPyConnection, source: Source, first: int) -> int:
    """The rowid the newest rows really begin with: rowids of deleted rows are not given again."""
    row = connection.execute(f"select coalesce(min(rowid), {first}) from staging.{source.name} where rowid >= {first}").fetchone()
    assert row is not None
    return int(row[0])


def _insert(place: Workplace, source: Source, arrival: Arrival) -> list[tuple[int, str, str]]:
    connection, table, mapping = place.connection, arrival.table, arrival.mapping
    misfits = [(one.line, one.text, one.reason) for one in table.ragged]
    if not table.records:
        return misfits
    connection.execute("drop table if exists rejects; drop table if exists rejects_scan")
    relation = file_relation(table, _has_lines(arrival), "rejects")
    places = ""
    if mapping.places.headers:
        known = mapping_sql.known_places(mapping, place.facilities)
        places = mapping_sql.look_up_places(connection, mapping, table.headers, relation, known)
    cells = mapping_sql.expressions(mapping, source, table.headers, arrival.load.title, places)
    cells = place.corrections.applied(connection, source, arrival.load, cells, relation)
    besides = " + ".join(
        f"case when {condition} then {1 << bit} else 0 end" for bit, (_, condition) in enumerate(_not_wanted(arrival), len(source.rules))
    )
    insert_rows(connection, source, cells, relation, arrival.load.load_id, place.today, besides)
    if mapping.places.headers:
        connection.execute(
            f"insert into quality.unmatched_places select ?, ?, ?, line, field, value, candidates from "
            f"({mapping_sql.unmatched_places(mapping, table.headers, relation, places)})",
            [arrival.load.load_id, source.name, arrival.load.title],
        )
    found = connection.execute(
        "select line, any_value(csv_line), any_value(error_message) from rejects group by line order by line"
    ).fetchall()
    return [*misfits, *((line, text, _plain_reason(message)) for line, text, message in found)]


def _plain_reason(message: str) -> str:
    numbers = [word for word in message.split() if word.isdigit()]
    return f"it has {numbers[1]} cells and the header {numbers[0]}" if len(numbers) == 2 else "a quotation mark is opened and never closed"


def _has_lines(arrival: Arrival) -> bool:
    """Whether the rows carry their line while they are read: small files, and those whose mapping makes a key of the line."""
    is_asked = any(column.combine == "line_number" for column in arrival.mapping.columns)
    return arrival.table.is_tidy or is_asked or arrival.table.records <= LINES_KEPT_UP_TO


def _note_offsets(connection: duckdb.DuckDBPyConnection, first: int, missing: list[int]) -> None:
    """Rows keep the file's order, so line = rowid + shift; the shift grows by one after every record that did not fit."""
    offsets = [(first, 2 - first)]
    for number, line in enumerate(missing, 1):
        offsets.append((first + line - 1 - number, 2 - first + number))
    connection.executemany("insert into line_offsets values (?, ?)", offsets)


def _lines_of(table: str) -> str:
    """SQL: the rows of a table (which has its staging rowid as `r`, and `line`) with their real line."""
    return (
        f"(select t.* replace (coalesce(t.line, t.r + o.shift) as line) "
        f"from {table} t asof left join line_offsets o on t.r >= o.from_rowid)"
    )


def _rule_counts(connection: duckdb.DuckDBPyConnection, source: Source, checks: Checks, load_id: int, first: int) -> str:
    """Note how many rows break each rule; returns why the file is refused, or nothing."""
    sums = ", ".join(f"count(*) filter (broken & {1 << bit} <> 0)" for bit in range(len(checks.rules)))
    counts = connection.execute(f"select {sums} from staging.{source.name} where rowid >= {first} and broken <> 0").fetchone() or ()
    broken = [(rule, rows) for rule, rows in zip(checks.rules, counts, strict=True) if rows]
    misfits = _count(connection, "from misfits")
    if misfits:
        broken.append((SHAPE_RULE, misfits))
    for rule, rows in broken:
        _note_rule(connection, load_id, source, rule.name, rule.outcome, rule.sentence, rows)
    return " ".join(rule.sentence for rule, _ in broken if rule.outcome == "reject_file")


def _note_rule(
    connection: duckdb.DuckDBPyConnection, load_id: int, source: Source, rule: str, outcome: str, sentence: str, rows: int
) -> None:
    connection.execute("insert into quality.rule_results values (?, ?, ?, ?, ?, ?)", [load_id, source.name, rule, outcome, sentence, rows])


def _set_aside(place: Workplace, source: Source, arrival: Arrival, checks: Checks, first: int) -> int:
    """Move the rows that break a fatal rule out of staging; each with its line, the row as it came and every reason."""
    connection, load = place.connection, arrival.load
    is_bad = f"broken & {checks.fatal} <> 0" + (" and is_deleted is not true" if _can_be_deleted(source) else "")
    connection.execute(
        f"create or replace temp table bad as select line, broken, r - {first} + 1 as number from "
        f"{_lines_of(f'(select rowid as r, line, broken from staging.{source.name} where rowid >= {first} and {is_bad})')} order by line"
    )
    count = _count(connection, "from bad")
    if count or _count(connection, "from misfits"):
        names = ", ".join(f"case when broken & {1 << bit} <> 0 then {_text(rule.name)} end" for bit, rule in enumerate(checks.rules))
        sentences = ", ".join(
            f"case when broken & {1 << bit} <> 0 then {_text(rule.sentence)} end" for bit, rule in enumerate(checks.rules)
        )
        cells = ", ".join(f"{_text(header)}, {cell}" for header, cell in _masked_cells(source, arrival, checks).items())
        connection.execute(
            f"create or replace temp table bad_rows as select bad.line, bad.broken, bad.number, raw.* exclude ({LINE_HEADER}, number) "
            f"from {_raw_rows(place, arrival)} raw join bad using (number)"
        )
        given = [load.load_id, source.name, load.title]
        connection.execute(
            f"insert into quality.rejected_rows select ?, ?, ?, line, json_object({cells})::varchar, "
            f"list_filter([{names}], lambda x: x is not null), list_filter([{sentences}], lambda x: x is not null) "
            "from bad_rows order by number",
            given,
        )
        connection.execute(
            f"insert into quality.rejected_rows select ?, ?, ?, line, {_text(MASK)}, [{_text(SHAPE_RULE.name)}], "
            f"[replace({_text(SHAPE_RULE.sentence)}, '{{reason}}', reason)] from misfits order by line",
            given,
        )
        _write_set_aside(place, arrival, sentences)
        connection.execute("drop table bad_rows")
    connection.execute(f"delete from staging.{source.name} where rowid >= {first} and {is_bad}")
    return count


def _masked_cells(source: Source, arrival: Arrival, checks: Checks) -> dict[str, str]:
    """SQL: what of each header's cell everybody may read, from the row as it came and the mask `broken`; the rest is masked.

    Of a row about persons only the columns of its broken rules: the line leads its owner to the rest in the file.
    """
    headers, mapping = arrival.table.headers, arrival.mapping
    hidden = [*source.never_shown, *(column.name for column in source.columns if column.is_personal)]
    shown, cells = mapping.shown_headers(headers, hidden), {}
    for header in headers:
        fed = mapping.targets_of(header, headers)
        bits = sum(1 << bit for bit, rule in enumerate(checks.rules) if fed.intersection(source.columns_of(rule)))
        is_shown = "false" if header not in shown else f"broken & {bits} <> 0" if source.is_about_persons else "true"
        cells[header] = f"case when {is_shown} then {_original(header)} when {_name(header)} is not null then {_text(MASK)} end"
    return cells


def _raw_rows(place: Workplace, arrival: Arrival) -> str:
    """SQL: the rows in `bad` as they came, with their `number` there. A line is no number: one line may make several records."""
    table = arrival.table
    if table.is_tidy:
        return f"(select row_number() over () as number, * from {file_relation(table, True, 'seen_again')})"
    found = place.connection.execute("select line, number from bad order by line").fetchall()
    excerpt = place.passing / f"{arrival.load.load_id}-bad.csv"
    copy_lines(table.path, [1, *(line for line, _ in found)], excerpt)
    alone = TextTable(excerpt, table.headers, table.separator, table.encoding, len(found))
    numbered = "(select row_number() over (order by line) + 1 as place, number from bad)"
    again = file_relation(alone, True, "seen_again")
    return f"(select n.number, t.* from {again} t join {numbered} n on n.place = t.line)"


def _write_set_aside(place: Workplace, arrival: Arrival, sentences: str) -> None:
    """The rows as they came, for the operator's eyes only: they may hold names and numbers. Opened in a spreadsheet, none of them runs."""
    place.set_aside.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = place.set_aside / f"{_safe_name(arrival.load)}.csv"
    target.touch(mode=0o600)
    names = {header: _name(str(without_formula(header))) for header in arrival.table.headers}
    headers = ", ".join(f"{without_formula_sql(_original(header))} as {name}" for header, name in names.items())
    first = names[arrival.table.headers[0]]
    place.connection.execute(
        f"copy (select {LINE_HEADER}, array_to_string([{sentences}], ' ') as reasons, {headers} from bad_rows "
        f"union all by name select line, 'The row does not fit under the header: ' || reason as reasons, "
        f"{without_formula_sql('row_text')} as {first} from misfits "
        f"order by line) to {_text(str(target))} (header, delimiter ',')"
    )
    target.chmod(0o600)


def _safe_name(load: Load) -> str:
    """A file's name, and its sheet's, as a name for one file: no folders, no signs a system may not know, short enough for all."""
    whole = load.file_name.removesuffix(".csv").replace("/", "__") + (f"__{load.sheet}" if load.sheet else "")
    plain = "".join("_" if sign in '<>:"/\\|?*' or not sign.isprintable() else sign for sign in whole).lstrip(".")
    return plain if len(plain.encode()) <= LONGEST_NAME else f"{plain.encode()[:LONGEST_NAME].decode(errors='ignore')}-{load.load_id}"


def _supersede(connection: duckdb.DuckDBPyConnection, source: Source, arrivals: Sequence[Arrival]) -> None:
    """Of rows with the same key the newest stays: by `newest_by`, else the later file and line. The others are noted and leave.

    A row that cannot be true in part (rules that give way) stays only where no other of its key can.
    """
    key = ", ".join(source.key)
    table = f"staging.{source.name}"
    parts = _count(connection, f"from {table}") // KEYS_AT_ONCE + 1
    shared = []
    for part in range(parts):  # sorting the hashes finds those that occur twice, in less time and memory than grouping the keys
        where = f"where hash({key}) % {parts} = {part}" if parts > 1 else ""
        hashes = np.sort(connection.execute(f"select hash({key}) as key_hash from {table} {where}").fetchnumpy()["key_hash"])
        shared.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    if not any(len(part) for part in shared):
        return
    connection.register("shared_hashes", pa.table({"key_hash": np.concatenate(shared)}))
    connection.execute("create or replace temp table shared_keys as select key_hash from shared_hashes")
    connection.unregister("shared_hashes")
    impossible = Checks(source.rules).gives_way
    is_deletion = " and is_deleted is not true" if _can_be_deleted(source) else ""
    newest = f"(broken & {impossible} <> 0{is_deletion}), " if impossible else ""
    newest += f"{source.newest_by} desc nulls last, " if source.newest_by else ""
    connection.execute(
        f"create or replace temp table losers as select * from ("
        f"select rowid as r, line, file_id, {key}, row_number() over ranked as place, first_value(rowid) over ranked as kept_r, "
        f"first_value(line) over ranked as kept_line, first_value(file_id) over ranked as kept_file from {table} "
        f"where hash({key}) in (select key_hash from shared_keys) "
        f"window ranked as (partition by {key} order by {newest}rowid desc)) where place > 1"
    )
    names = ", ".join(f"({arrival.load.load_id}, {_text(arrival.load.title)})" for arrival in arrivals)
    written = " || ' | ' || ".join(f"{column}::varchar" for column in source.key)
    kept = _lines_of("(select r as loser, kept_r as r, kept_line as line from losers)")
    connection.execute(
        f"insert into quality.superseded_rows select l.file_id, {_text(source.name)}, f.name, l.line, {written}, g.name, k.line "
        f"from {_lines_of('losers')} l join {kept} k on k.loser = l.r join (values {names}) f (id, name) on f.id = l.file_id "
        f"join (values {names}) g (id, name) on g.id = l.kept_file order by l.r"
    )
    counted = dict(connection.execute("select file_id, count(*) from losers group by file_id").fetchall())
    for arrival in arrivals:
        arrival.load.rows_superseded = counted.get(arrival.load.load_id, 0)
    connection.execute(f"delete from {table} where rowid in (select r from losers)")


def _count_alike(connection: duckdb.DuckDBPyConnection, source: Source, arrivals: Sequence[Arrival]) -> None:
    """Warn of rows that are alike in everything but their number, where the source says that this should not happen."""
    if not source.alike_by:
        return
    columns = ", ".join(source.alike_by)
    alike = connection.execute(
        f"select file_id, count(*) from (select file_id, count(*) over (partition by {columns}) as copies from staging.{source.name}) "
        f"where copies > 1 group by file_id"
    ).fetchall()
    for load_id, rows in alike:
        _note_rule(connection, load_id, source, "alike_under_other_number", "warn", source.alike_sentence, rows)


def _delete_by_source(connection: duckdb.DuckDBPyConnection, source: Source, arrivals: Sequence[Arrival]) -> None:
    """Rows the source marks as deleted are counted and leave."""
    if not _can_be_deleted(source):
        return
    deleted = dict(connection.execute(f"select file_id, count(*) from staging.{source.name} where is_deleted group by file_id").fetchall())
    for arrival in arrivals:
        arrival.load.rows_deleted = deleted.get(arrival.load.load_id, 0)
    connection.execute(f"delete from staging.{source.name} where is_deleted")


def _can_be_deleted(source: Source) -> bool:
    return any(column.name == "is_deleted" for column in source.columns)


def _count(connection: duckdb.DuckDBPyConnection, what: str) -> int:
    row = connection.execute(f"select count(*) {what}").fetchone()
    assert row is not None
    return int(row[0])


def _original(header: str) -> str:
    """SQL: a cell as it came, with the line ends a tidy copy had to replace."""
    return f"replace({_name(header)}, '{NEWLINE_INSIDE}', chr(10))"


def _name(header: str) -> str:
    return '"' + header.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
