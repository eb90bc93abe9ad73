"""What is a good row of a source, and how is that asked in SQL?

A `Source` declares its columns and rules once. From the declaration come the typed staging table, the check of every
row, the sentence a person reads, the witness rows of the tests and docs/sources.md. Rows arrive as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from etl import money

Outcome = Literal["reject_row", "warn", "reject_file"]
Type = Literal["text", "integer", "number", "date", "month", "timestamp", "boolean", "riel"]

SQL_TYPES: dict[Type, str] = {
    "text": "varchar",
    "integer": "integer",
    "number": "double",
    "date": "date",
    "month": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
    "riel": "integer",
}
NUMBERS: tuple[Type, ...] = ("integer", "number", "riel")
TYPE_WORDS: dict[Type, str] = {
    "text": "text",
    "integer": "a whole number such as 12",
    "number": "a number such as 3.5",
    "date": "a date such as 2024-03-31",
    "month": "a month such as 2024-03",
    "timestamp": "a moment such as 2024-03-31T14:30:00Z",
    "boolean": "yes or no",
    "riel": "an amount in riel such as 15,000, or free",
}
SEX = {"f": "f female woman girl ស្រី ស", "m": "m male man boy ប្រុស ប", "other": "other x third ផ្សេង ផ្សេងទៀត"}
AGE_GROUPS = {
    "under_18": "under_18 <18 0-17 under-18",
    "18_24": "18_24 18-24",
    "25_34": "25_34 25-34",
    "35_59": "35_59 35-59",
    "60_over": "60_over 60+ 60-over",
}
YES_NO = {
    "true": "true t yes y 1 1.0 x បាទ ចាស បាទ/ចាស មាន oui vrai",
    "false": "false f no n 0 0.0 ទេ អត់ គ្មាន មិន non faux",
}
# A year of two figures stands before one of four in the lists of formats: %Y would take 24 for the year 24.
DATE_FORMATS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%d-%b-%y", "%d-%b-%Y", "%d %B %Y")
TIME_FORMATS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d.%m.%Y %H:%M")
MONTH_FORMATS = ("%Y-%m", "%Y/%m", "%Y%m", "%m/%Y", "%m-%Y", "%b %Y", "%B %Y", "%b-%y", "%b-%Y")
MONTH_NAMES = (  # twelve a line, so that a name's place tells its month; accents are taken off before
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "january february march april may june july august sept october november december",
    "janv fevr mars avr mai juin juil aout septembre octobre novembre decembre",
    "janvier fevrier mars avril mai juin juillet aout september oct nov dec",
    "មករា កុម្ភៈ មីនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ",
    "មករា កុម្ភះ មិនា មេសា ឧសភា មិថុនា កក្តដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ",
)
ACCENTS = ("éèêëûùôàâç", "eeeeuuoaac")
DATE_NOISE = "ថ្ងៃទី|ថ្ងៃ|ខែ|ឆ្នាំ"  # the words day, month, year round a Khmer date
NAMED_MONTH = r"^(?:(\d{1,2})(?:er|st|nd|rd|th)?[\s./,-]+)?([^\d\s./,-]+)[\s./,-]+(?:(\d{1,2})(?:st|nd|rd|th)?[\s,]+)?(\d{4}|\d{2})$"
SPACES = " \t\r\n\u00a0\u200b\u202f\ufeff"
CODE_LENGTHS = {"communes": 6, "districts": 4, "provinces": 2}  # lists of codes that are also known without their leading zero
KHMER_DIGITS = "០១២៣៤៥៦៧៨៩"


@dataclass(frozen=True)
class Column:
    """One column of a source.

    `accepts`: value -> the spellings (separated by spaces, any case; an underscore is a space too) that mean it; others are unknown.
    `reference`: the list (communes, districts, provinces, services, facilities, partners) the value must be in.
    `otherwise`: what happens to a row whose value cannot be read or is unknown. With "warn" the value is left empty,
    or kept as written when `keeps_unknown`. `when_empty`: SQL over the typed columns that fills an empty value.
    `also_called`: other headers that mean this column in its own files. `witness_also`: what else to change in the example row so
    that a witness of this column breaks no other rule. `offers`: values a form offers where others are good too. `form_value`: how a
    form fills the column without asking: "start" or "end" of filling it in, an XPath; "" leaves it out of forms. `is_on_scale`: the
    number stands between the row's scale_min and scale_max.
    """

    name: str
    label: str
    type: Type = "text"
    is_key: bool = False
    is_required: bool = False
    is_personal: bool = False
    accepts: Mapping[str, str] | None = None
    reference: str | None = None
    otherwise: Outcome = "reject_row"
    keeps_unknown: bool = False
    when_empty: str | None = None
    also_called: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    form_value: str | None = None
    is_on_scale: bool = False
    witness_also: Mapping[str, str] = field(default_factory=dict)

    @property
    def fills_itself_from(self) -> set[str]:
        """The names in `when_empty`: of the columns an empty value is worked out from, and SQL's own words."""
        return set(re.findall(r"\w+", self.when_empty or ""))

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.type]

    @property
    def faults(self) -> tuple[money.Fault, ...]:
        """The reasons of its own why a value cannot be used, where it is not simply unreadable."""
        return money.FAULTS if self.type == "riel" else ()

    @property
    def spellings(self) -> dict[str, str]:
        """Every lower-case spelling and the value it means; empty when the column takes any value."""
        words = self.accepts or (YES_NO if self.type == "boolean" else {})
        pairs = [(spelling.lower(), value) for value, spellings in words.items() for spelling in spellings.split(" ")]
        return {spelling.replace("_", " "): value for spelling, value in pairs} | dict(pairs)


@dataclass(frozen=True)
class Rule:
    """What is true of a good row. A row whose values leave the answer open (empty cells) does not break it.

    `is_true` is SQL over the typed columns; `{today}` stands for the day of the build. `witness` is what to change in the
    source's example row so that it breaks this rule. `gives_way`: a row that breaks it, though it stays, never replaces one of the same key
    that does not, however new it is.
    """

    name: str
    is_true: str
    sentence: str
    witness: Mapping[str, str]
    outcome: Outcome = "reject_row"
    gives_way: bool = False


@dataclass(frozen=True)
class Across:
    """What may lie across in files of a source, one column each: their headers are the column `header`, their cells `cell`.

    They are known by `listed`, the column whose list knows their headers; without one they are steps of a scale. `beside`: columns the
    file must have as well.
    """

    header: str
    cell: str
    listed: str = ""
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One kind of file: what it holds (`question`), what one row is (`grain`), its columns and its rules.

    `newest_by`: the column that says which of several rows of one key is the newest (else the later one). `alike_by`: columns
    in which two rows should not be alike under different keys; they are kept, and `alike_sentence` is the warning. `numbered_by`: the
    columns that together tell which thing the first column of the key numbers, for files that do not number it (a tuple: of these
    the first that is never empty); never what may be corrected, such as how many came. `across`: what may
    lie across in its files. `is_about_persons`: a row says something about one person or a few, so that of a row set aside only the
    columns named by its broken rules are shown; and of those never `never_shown`.
    """

    name: str
    question: str
    grain: str
    columns: tuple[Column, ...]
    example: Mapping[str, str]
    own_rules: tuple[Rule, ...] = ()
    newest_by: str | None = None
    alike_by: tuple[str, ...] = ()
    alike_sentence: str = ""
    numbered_by: tuple[str | tuple[str, ...], ...] = ()
    across: tuple[Across, ...] = ()
    is_about_persons: bool = False
    never_shown: tuple[str, ...] = ()

    @property
    def staged(self) -> tuple[Column, ...]:
        """The columns that enter the warehouse: all but the personal ones."""
        return tuple(column for column in self.columns if not column.is_personal)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that say which thing a row is about; the newest row of a key wins."""
        return tuple(column.name for column in self.columns if column.is_key)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, those that follow from the columns first. A rule's place is its bit in the mask of broken rules."""
        return (*self.column_rules(), *self.own_rules)

    def column(self, name: str) -> Column:
        """The column of this name; KeyError when the source has none."""
        return next(column for column in self.columns if column.name == name)

    def columns_of(self, rule: Rule) -> tuple[str, ...]:
        """The columns a rule is about: those it names in its SQL."""
        return tuple(column.name for column in self.staged if re.search(rf"\b{column.name}\b", rule.is_true))

    def column_rules(self) -> Iterator[Rule]:
        """The rules that follow from the columns: given, readable, known."""
        for column in self.staged:
            if column.is_required:
                yield Rule(
                    name=f"{column.name}_given",
                    is_true=f"{column.name} is not null",
                    sentence=f"{column.label} is missing. Fill in the column {column.name}.",
                    witness={column.name: "", **column.witness_also},
                )
            if column.reference or column.spellings or column.type != "text":
                yield Rule(
                    name=f"{column.name}_{'known' if column.reference else 'readable'}",
                    is_true=f"{column.name} is not null or it was left empty",
                    sentence=_unreadable_sentence(column),
                    outcome=column.otherwise,
                    witness={**column.witness_also, column.name: "neither this nor that"},
                )
            for fault in column.faults:
                yield Rule(
                    name=f"{column.name}_{fault.name}",
                    is_true=f"{column.name} is not null or it was left empty",
                    sentence=fault.sentence.format(label=column.label) + _fate(column),
                    outcome=column.otherwise,
                    witness={**column.witness_also, column.name: fault.witness},
                )


def _fate(column: Column) -> str:
    return "" if column.otherwise == "reject_row" else " The row is used" + ("." if column.keeps_unknown else " without this value.")


def _unreadable_sentence(column: Column) -> str:
    fate = _fate(column)
    if column.reference:
        return f"{column.label} is not in the list of {column.reference}. Correct it, or add it to the list.{fate}"
    if column.accepts:
        return f"{column.label} is none of the known values. Write one of: {', '.join(column.accepts)}.{fate}"
    return f"{column.label} cannot be read. Write {TYPE_WORDS[column.type]}.{fate}"


def text_of(name: str) -> str:
    """SQL: a raw column as text without the spaces round it; NULL when nothing is left. Most cells have none and are let through."""
    is_bare = f"{name} > '!' and {name} < '~' and right({name}, 1) between '!' and '~'"
    return f"case when {is_bare} then {name} else nullif(trim({name}, '{SPACES}'), '') end"


def digits_of(name: str) -> str:
    """SQL: the trimmed text with Khmer digits written 0 to 9."""
    return f"translate({text_of(name)}, '{KHMER_DIGITS}', '0123456789')"


def typed(column: Column, raw: str, is_second_look: bool = False) -> str:
    """SQL: the value of a raw text column in its own type, NULL when it cannot be read. `is_second_look`: `quick` found none.

    The common spelling is tried first and is cheap; the others are tried on what is left. `raw` is an SQL name. Columns with
    a list of values use what `etl.lists` made.
    """
    if column.keeps_unknown:
        return text_of(raw)
    if column.reference or column.spellings:
        value = listed(list_name(column), raw, is_second_look)
        return value if column.type == "text" else f"({value})::{column.sql_type}"
    readers = {"integer": _integer, "number": _number, "date": _date, "month": _month, "timestamp": _timestamp, "text": text_of}
    readers["riel"] = lambda name: f"coalesce({_integer(name)}, {money.riel(digits_of(name))})"
    return readers[column.type](raw)


def quick(column: Column, raw: str, stored: str) -> str | None:
    """SQL: the value in its stored type where it is written in the most common way, NULL elsewhere; None where there is no quicker way.

    Whatever it gives is what `typed` gives; so `typed` is asked only about the cells it leaves open.
    """
    if column.keeps_unknown or (stored == "varchar" and column.type == "text"):
        return None
    if column.type in ("integer", "riel"):
        return f"case when not contains({raw}, '.') then try_cast({raw} as integer) end"
    if column.type == "month":
        return f"date_trunc('month', try_cast({raw} as date))::date"
    if column.type == "timestamp":
        return _plain_timestamp(raw)
    return f"try_cast({raw} as {stored})"


def list_name(column: Column) -> str:
    """The list of values a column must be in: a reference list, yes and no, or its own short list."""
    if column.reference:
        return column.reference
    return "yes_no" if column.type == "boolean" else "words_" + "_".join(column.accepts or ())


def listed(name: str, raw: str, is_as_written: bool = False) -> str:
    """SQL: the value of the list that a raw column means, NULL when it means none. Enum casts keep the rows in file order.

    `is_as_written`: the text was already found to be no value as it stands. An enum cast that fails is dear: it lists every value.
    """
    respelt = f"getvariable('{name}')[enum_code(try_cast(lower({digits_of(raw)}) as lists.main.{name}_written)) + 1]"
    ways = [respelt] if is_as_written else [f"try_cast({raw} as lists.main.{name})::varchar", respelt]
    if name in CODE_LENGTHS:
        whole = f"nullif({_whole_code(raw, CODE_LENGTHS[name])}, {raw})"
        ways.insert(-1, f"try_cast({whole} as lists.main.{name})::varchar")
    return f"coalesce({', '.join(ways)})"


def fault_of(column: Column, raw: str, bits: Mapping[str, int]) -> str:
    """SQL: the bit of the rule that a text breaks which is no value of the column. `bits`: rule -> bit."""
    unreadable = bits.get(f"{column.name}_{'known' if column.reference else 'readable'}", 0)
    text = digits_of(raw)
    whens = [f"when {money.has_fault(text, fault)} then {bits[f'{column.name}_{fault.name}']}" for fault in column.faults]
    return f"case {' '.join(whens)} else {unreadable} end" if whens else str(unreadable)


def _whole_code(raw: str, length: int) -> str:
    """SQL: a code with the zeros it lost, without the P-code's KH and the .0 of a spreadsheet."""
    figures = f"regexp_extract({digits_of(raw)}, '^(?:[Kk][Hh])?(\\d{{{length - 1},{length}}})(?:\\.0)?$', 1)"
    return f"lpad({figures}, {length}, '0')"


def _integer(raw: str) -> str:
    plain = f"case when not contains({raw}, '.') then try_cast({raw} as integer) end"
    rest = digits_of(raw)
    figures = f"try_cast(regexp_replace({rest}, '[^0-9-]', '', 'g') as integer)"
    grouped = f"case when regexp_full_match({rest}, '-?\\d{{1,3}}([, \u00a0\u202f]\\d{{3}})+') then {figures} end"
    whole = f"case when regexp_full_match({rest}, '-?\\d+(\\.0{{1,2}})?') then try_cast({rest} as integer) end"
    return f"coalesce({plain}, {whole}, {grouped})"


def _number(raw: str) -> str:
    rest = digits_of(raw)
    comma = f"case when regexp_full_match({rest}, '-?\\d+,\\d{{1,2}}') then try_cast(replace({rest}, ',', '.') as double) end"
    return f"coalesce(try_cast({raw} as double), try_cast({rest} as double), {comma})"


def _date(raw: str) -> str:
    rest = digits_of(raw)
    excel_day = f"case when regexp_full_match({rest}, '[2-5]\\d{{4}}(\\.0+)?') then date '1899-12-30' + try_cast({rest} as integer) end"
    formats = f"try_strptime({rest}, {[*DATE_FORMATS, *TIME_FORMATS]})::date"
    return f"coalesce(try_cast({raw} as date), {formats}, try_cast({rest} as date), {excel_day}, {_named(raw)})"


def _month(raw: str) -> str:
    rest = digits_of(raw)
    formats = f"try_strptime({rest}, {list(MONTH_FORMATS)})::date"
    return f"date_trunc('month', coalesce(try_cast({raw} as date), {formats}, {_date(raw)}, {_named(raw, '1')}))::date"


def _named(raw: str, day: str = "") -> str:
    """SQL: a date with its month in English, French or Khmer words; `day` stands for a missing day, else there is no date without one."""
    names = " ".join(MONTH_NAMES).split()
    bare = f"translate(lower({digits_of(raw)}), '{ACCENTS[0]}', '{ACCENTS[1]}')"
    bare = f"trim(regexp_replace({bare}, '{DATE_NOISE}', ' ', 'g'))"
    parts = f"regexp_extract({bare}, '{NAMED_MONTH}', ['day', 'name', 'other', 'year'])"
    month = f"((list_position({names}, p.name) - 1) % 12 + 1)"
    days = f"coalesce(nullif(p.day, ''), nullif(p.other, ''), nullif('{day}', ''))"
    text = f"case when length(p.year) = 2 then '20' else '' end || p.year || '-' || {month} || '-' || {days}"
    return f"list_transform([{parts}], lambda p: case when p.day = '' or p.other = '' then try_cast({text} as date) end)[1]"


def _timestamp(raw: str) -> str:
    """In UTC: an offset is applied, a moment without one is taken as it stands."""
    rest = digits_of(raw)
    moved = f"case when regexp_matches({rest}, ':.*[+-]\\d\\d:?\\d\\d$') then try_cast({rest} as timestamptz) at time zone 'UTC' end"
    formats = f"try_strptime({rest}, {[*TIME_FORMATS, *DATE_FORMATS]})"
    return f"coalesce({_plain_timestamp(raw)}, {moved}, {formats}, try_cast({rest} as timestamp), {_named(raw)}::timestamp)"


def _plain_timestamp(raw: str) -> str:
    return f"case when not contains({raw}, '+') and {raw}[-6] <> '-' then try_cast({raw} as timestamp) end"
