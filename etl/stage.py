"""How does one file's text become typed rows of its source, in one pass, with every broken rule marked?

The whole way from text to staging is one streaming INSERT. A row's `broken` is a bit mask of the rules it breaks. The rows
are then few that need a second look: those with a broken rule, and those that share their key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

from etl.contract import Column, Rule, Source, fault_of, listed, quick, text_of, typed
from etl.lists import stored_type
from etl.readers import LINE_HEADER, TextTable

LEFT_OUT = "left_out_by_mapping"
LINES_KEPT_UP_TO = (
    300_000  # records; numbering the lines of a larger file would halve the speed, so only the lines asked for are worked out
)
PIECE = 1 << 22
NEWLINE = ord("\n")
SHAPE_RULE = Rule(
    "fits_header",
    "the row has as many cells as the header",
    "The row does not fit under the header: {reason}. Look for a separator or quotation mark that is missing or too many.",
    {},
)
REVIEW_RULE = Rule(
    "not_turned_down",
    "the form's own staff did not turn the submission down",
    "The form's own staff turned this submission down (not approved, or rejected). Approve it in the form if it should count.",
    {},
)


@dataclass(frozen=True)
class Checks:
    """The rules of a source as bits of a mask."""

    rules: tuple[Rule, ...]

    def mask(self, outcome: str) -> int:
        """The bits of the rules with this outcome."""
        return sum(1 << bit for bit, rule in enumerate(self.rules) if rule.outcome == outcome)

    @property
    def fatal(self) -> int:
        """The bits that keep a row out."""
        return self.mask("reject_row") | self.mask("reject_file")

    @property
    def gives_way(self) -> int:
        """The bits with which a row never replaces one without them."""
        return sum(1 << bit for bit, rule in enumerate(self.rules) if rule.gives_way)


def create_table(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Make the source's empty staging table: its columns, file_id, line, and the mask `broken`."""
    columns = ", ".join(f"{column.name} {stored_type(connection, column)}" for column in source.staged)
    connection.execute(f"create table staging.{source.name} ({columns}, file_id integer, line bigint, broken bigint)")


def file_relation(table: TextTable, with_lines: bool, rejects: str) -> str:
    """SQL: the file as text, `line` first (NULL unless `with_lines`). Records that do not fit go to the table `rejects`."""
    names = [LINE_HEADER, *table.headers] if table.is_tidy else list(table.headers)
    columns = ", ".join(f"{_text(name)}: 'varchar'" for name in names)
    shape = f"header = false, skip = 1, auto_detect = false, columns = {{{columns}}}, delim = {_text(table.separator)}"
    signs = "quote = '\"', escape = '\"', nullstr = '', compression = 'none'"
    apart = f"store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', rejects_limit = 0"
    read = f"read_csv({_text(str(table.path))}, {shape}, {signs}, {apart})"
    if table.is_tidy:
        return f"(select * replace ({LINE_HEADER}::bigint as {LINE_HEADER}) from {read})"
    line = "row_number() over () + 1" if with_lines else "null::bigint"
    return f"(select {line} as {LINE_HEADER}, * from {read})"


def insert_rows(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    cells: Mapping[str, str],
    relation: str,
    file_id: int,
    today: date,
    broken_besides: str = "",
) -> None:
    """Type, check and insert every row of `relation`; `cells` says in SQL where the text of each filled column stands in it.

    One statement: text -> values written in the common way -> the other spellings -> filled gaps -> mask of broken rules. Each
    step is asked only about what the one before left open. Rows keep their order. `broken_besides`: SQL over the relation for the
    bits of rules after the source's own; a row that breaks one of those breaks no other.
    """
    stored = {column.name: stored_type(connection, column) for column in source.staged}
    given = [column for column in source.staged if column.name in cells]
    texts = ", ".join(f"{cells[column.name]} as raw_{column.name}" for column in given)
    quickly = {column.name: sql for column in given if (sql := quick(column, f"raw_{column.name}", stored[column.name]))}
    first = "".join(f", {sql} as quick_{name}" for name, sql in quickly.items())
    values = ", ".join(_value(column, stored[column.name], column in given, column.name in quickly) for column in source.staged)
    derived = [column for column in source.staged if column.when_empty]
    gaps = ", ".join(f"coalesce({column.name}, ({column.when_empty})::{stored[column.name]}) as {column.name}" for column in derived)
    unfilled = ", ".join(f"{column.name} as read_{column.name}" for column in derived)
    filling = f"select * replace ({gaps}), {unfilled} from" if derived else "from"
    names = ", ".join(column.name for column in source.staged)
    mask = mask_sql(connection, source, [column.name for column in given], today)
    if broken_besides:
        texts += f", ({broken_besides}) as broken_besides"
        mask = f"case when broken_besides <> 0 then broken_besides else {mask} end"
    connection.execute("set disabled_optimizers = 'common_subexpressions'")  # it would work out every spelling for every row beforehand
    connection.execute("set disabled_compression_methods = 'dict_fsst'")  # of little use to keys, and dear
    connection.execute(
        f"insert into staging.{source.name}\nselect {names}, {file_id}, line, {mask}\n"
        f"from ({filling} (select *, {values}\nfrom (select *{first}\nfrom (select line, {texts}\nfrom {relation}))))"
    )
    connection.execute("reset disabled_optimizers; reset disabled_compression_methods")


def _value(column: Column, stored: str, is_given: bool, is_quick: bool) -> str:
    """SQL: the value of a column, from its text and what was read quickly."""
    name, raw, rest = column.name, f"raw_{column.name}", f"quick_{column.name}"
    if not is_given:
        return f"null::{stored} as {name}"
    if not is_quick:
        return f"{typed(column, raw)} as {name}"
    fully = typed(column, raw, is_second_look=True)
    return f"case when {rest} is not null or {raw} is null then {rest} else ({fully})::{stored} end as {name}"


def mask_sql(connection: duckdb.DuckDBPyConnection, source: Source, given: Sequence[str], today: date) -> str:
    """SQL: the bits of the rules a row breaks; most rows break none, which is quickly seen."""
    bits = {rule.name: 1 << bit for bit, rule in enumerate(source.rules)}
    parts: list[str] = []
    is_fine: list[str] = []
    for column in source.staged:
        missing = bits.get(f"{column.name}_given", 0)
        unknown = bits.get(f"{column.name}_{'known' if column.reference else 'readable'}", 0)
        if column.name not in given:
            if missing:
                parts.append(f"case when {column.name} is null then {missing} else 0 end")
                is_fine.append(f"{column.name} is not null")
            continue
        raw, value = f"raw_{column.name}", f"read_{column.name}" if column.when_empty else column.name
        if column.keeps_unknown:
            is_listed = f"{listed(column.reference or '', raw)} is not null" if _has_values(connection, column.reference) else "true"
            parts.append(f"case when {value} is null then {missing} when {is_listed} then 0 else {unknown} end")
            is_fine.append(f"{raw} is null" if not missing else "false")
        elif missing or unknown:
            still_missing = f"case when {column.name} is null then {missing} else 0 end" if column.when_empty else str(missing)
            fault = fault_of(column, raw, bits)
            parts.append(f"case when {value} is not null then 0 when {text_of(raw)} is null then {still_missing} else {fault} end")
            is_fine.append(f"{value} is not null" if missing else f"({value} is not null or {raw} is null)")
    for rule in source.own_rules:
        condition = rule.is_true.replace("{today}", f"date '{today.isoformat()}'")
        parts.append(f"case when not ({condition}) then {bits[rule.name]} else 0 end")
        is_fine.append(f"coalesce({condition}, true)")
    return f"(case when {' and '.join(is_fine) or 'true'} then 0 else {' + '.join(parts) or '0'} end)::bigint"


def _has_values(connection: duckdb.DuckDBPyConnection, name: str | None) -> bool:
    row = connection.execute(f"select len(getvariable('{name}'))").fetchone()
    return bool(row and row[0])


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def first_rowid(connection: duckdb.DuckDBPyConnection, source: Source) -> int:
    """Where the next file's rows will begin: rows keep the order of the file."""
    row = connection.execute(f"select coalesce(max(rowid) + 1, 0) from staging.{source.name}").fetchone()
    assert row is not None
    return int(row[0])


def copy_lines(path: Path, wanted: Sequence[int], target: Path) -> None:
    """Write these lines of a file (the first is 1; sorted, each once) to another file, as they are."""
    todo = np.asarray(wanted, dtype=np.int64) - 1
    passed, carry = 0, b""  # lines before the piece at hand, and the line cut off by the piece before
    with path.open("rb") as source, target.open("wb") as out:
        while len(todo) and (piece := source.read(PIECE)):
            piece = carry + piece
            ends = np.flatnonzero(np.frombuffer(piece, np.uint8) == NEWLINE) + 1
            here, todo = np.split(todo, [np.searchsorted(todo, passed + len(ends))])
            for line in (here - passed).tolist():
                out.write(piece[ends[line - 1] if line else 0 : ends[line]])
            passed += len(ends)
            carry = piece[ends[-1] :] if len(ends) else piece
        if len(todo) and carry:  # the last line, without a line end
            out.write(carry + b"\n")
