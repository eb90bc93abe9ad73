"""What goes wrong in real files? Each way of spoiling rows, how often, and what the loader is expected to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from etl.sample.files import Table, row_count, stack, take

SET_ASIDE, WARNED, REPAIRED, SUPERSEDED = "set aside", "warned of", "repaired", "superseded"
KHMER_DIGITS = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")
Change = Callable[[Table, np.ndarray, np.random.Generator], None]


@dataclass(frozen=True)
class Spoil:
    """One way to spoil rows.

    `share` is the share of a file's rows, but at least one row of a file of more than 100. `expected` says what becomes of them:
    'set aside', 'warned of' (but loaded), 'repaired' (loaded as if it had been clean) or 'superseded'.
    """

    name: str
    expected: str
    share: float
    change: Change


def spoil(
    table: Table, spoils: Sequence[Spoil], random: np.random.Generator, repeated: float = 0.0
) -> tuple[Table, list[tuple[str, str, int]]]:
    """A spoiled copy of the table, and (name, expected, rows) of what was done; no row is spoiled twice.

    `repeated` is the share of (unspoiled) rows that stand once more at the end, exactly as they are.
    """
    table = {name: values.copy() for name, values in table.items()}
    count = row_count(table)
    order, used, done = random.permutation(count), 0, []
    for kind in spoils:
        rows = order[used : used + max(int(count > 100), round(count * kind.share))]
        used += len(rows)
        if len(rows):
            kind.change(table, rows, random)
            done.append((kind.name, kind.expected, len(rows)))
    if repeated:
        again = order[used : used + max(1, round(count * repeated))]
        table = stack(table, take(table, again))
        done.append(("exact duplicate", SUPERSEDED, len(again)))
    return table, done


def without_leading_zero(codes: np.ndarray) -> np.ndarray:
    """Codes as a spreadsheet shows them after it took them for numbers."""
    return np.array([code.lstrip("0") for code in codes.tolist()], dtype=object)


def use_old_codes(table: Table, old_codes: dict[str, str], random: np.random.Generator, share: float = 0.3) -> int:
    """Write some communes with the code they had before (changes the table); returns how many rows."""
    had_another = np.flatnonzero(np.isin(table["commune_code"], list(old_codes)))
    rows = had_another[random.random(len(had_another)) < share]
    table["commune_code"][rows] = [old_codes[code] for code in table["commune_code"][rows]]
    return len(rows)


def _write(column: str, *values: str) -> Change:
    """Write one of these values into the column."""

    def change(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
        table[column][rows] = random.choice(np.array(values, dtype=object), len(rows))

    return change


def _write_all(value: str, *columns: str) -> Change:
    """Write the value into all of these columns."""

    def change(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
        for column in columns:
            table[column][rows] = value

    return change


def _each(column: str, respell: Callable[[str], str]) -> Change:
    """Spell each value of the column another way."""

    def change(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
        table[column][rows] = [respell(value) for value in table[column][rows]]

    return change


def _complete_before_submitted(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
    dates = [np.datetime64(value) for value in table["submitted_date"][rows]]
    earlier = random.integers(1, 60, len(rows))
    table["completed_date"][rows] = [str(date - int(days)) for date, days in zip(dates, earlier, strict=True)]


def _open_with_an_end(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
    table["outcome"][rows] = "open"
    table["completed_date"][rows] = table["submitted_date"][rows]


def _more_women_than_visits(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
    table["visits_female"][rows] = [str(int(value) + 7) for value in table["visits"][rows]]


def _visit_after_submission(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
    table["visited_month"][rows] = [f"{np.datetime64(value[:7]) + 5}-01" for value in table["submitted_at"][rows]]


def _write_unknown_criterion(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
    words = np.array(("shade under the trees", "parking for motorbikes", "ម្លប់ឈើ"), dtype=object)
    table["criterion"][rows], table["category"][rows] = random.choice(words, len(rows)), ""


def _spell_outcome(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
    words = {"completed": ("Completed", "DONE", "COMPLETED "), "open": ("OPEN",), "rejected": ("Rejected",), "withdrawn": ("WITHDRAWN",)}
    choice = random.integers(0, 6, len(rows))
    for row, number in zip(rows, choice, strict=True):
        spellings = words[table["outcome"][row]]
        table["outcome"][row] = spellings[number % len(spellings)]


def _day_first(*columns: str) -> Change:
    def change(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
        for column in columns:
            table[column][rows] = ["/".join(reversed(value.split("-"))) for value in table[column][rows]]

    return change


def _add_spaces(*columns: str) -> Change:
    def change(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
        for column in columns:
            table[column][rows] = [f" {value}  " if value else value for value in table[column][rows]]

    return change


def _khmer_digits(*columns: str) -> Change:
    def change(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
        for column in columns:
            table[column][rows] = [value.translate(KHMER_DIGITS) for value in table[column][rows]]

    return change


REQUEST_SPOILS = (
    Spoil("impossible date", SET_ASIDE, 0.0015, _write("submitted_date", "31/02/2024", "2023-02-30", "0000-00-00", "yesterday")),
    Spoil("date in the future", SET_ASIDE, 0.001, _each("submitted_date", lambda value: "2031" + value[4:].replace("02-29", "02-28"))),
    Spoil("completed before submitted", SET_ASIDE, 0.0045, _complete_before_submitted),
    Spoil("unknown commune code", SET_ASIDE, 0.002, _write("commune_code", "079999", "160000", "169999")),
    Spoil("unknown service", SET_ASIDE, 0.0015, _write("service_code", "driving_licence", "passport")),
    Spoil("negative fee", SET_ASIDE, 0.001, _write("fee_paid_riel", "-5000", "-1000")),
    Spoil("open but with an end", SET_ASIDE, 0.001, _open_with_an_end),
    Spoil("fee with zeros too many", SET_ASIDE, 0.0005, _write("fee_paid_riel", "5000000", "15000000")),
    Spoil("missing key", SET_ASIDE, 0.0005, _write("request_id", "")),
    Spoil("missing date", SET_ASIDE, 0.001, _write("submitted_date", "")),
    Spoil("code without leading zero", REPAIRED, 0.01, _each("commune_code", lambda value: value.lstrip("0"))),
    Spoil("outcome spelled differently", REPAIRED, 0.012, _spell_outcome),
    Spoil("spaces round values", REPAIRED, 0.01, _add_spaces("commune_code", "service_code", "sex")),
    Spoil("dates with the day first", REPAIRED, 0.004, _day_first("submitted_date", "completed_date")),
)
KHMER_REQUEST_SPOILS = (Spoil("Khmer digits", REPAIRED, 0.004, _khmer_digits("fee_paid_riel", "visits_needed")),)
USAGE_SPOILS = (
    Spoil("more women than visits", WARNED, 0.003, _more_women_than_visits),
    Spoil("negative visits", SET_ASIDE, 0.001, _write("visits", "-4", "-1")),
    Spoil("unknown facility", WARNED, 0.003, _write("facility_id", "HC000000", "HC999999")),
    Spoil("impossible date", SET_ASIDE, 0.001, _write("month", "2024-13-01", "2025-00-01")),
    Spoil("not a number", SET_ASIDE, 0.001, _write("visits", "n/a", "12?")),
    Spoil("Khmer digits", REPAIRED, 0.003, _khmer_digits("visits", "visits_female", "visits_male")),
    Spoil("spaces round values", REPAIRED, 0.006, _add_spaces("facility_id", "service_code")),
)
FEEDBACK_SPOILS = (
    Spoil("rating outside its scale", SET_ASIDE, 0.005, _write("rating_quality", "9", "-3", "55")),
    Spoil("date in the future", SET_ASIDE, 0.001, _each("submitted_at", lambda value: "2031-01" + value[7:])),
    Spoil("no scale", SET_ASIDE, 0.001, _write("scale_max", "")),
    Spoil("unknown commune code", WARNED, 0.002, _write("commune_code", "079999", "160000")),
    Spoil("visit after the answer", WARNED, 0.003, _visit_after_submission),
    Spoil("code without leading zero", REPAIRED, 0.01, _each("commune_code", lambda value: value.lstrip("0"))),
    Spoil("spaces round values", REPAIRED, 0.008, _add_spaces("sex", "channel", "facility_type")),
)
SCORECARD_SPOILS = (
    Spoil("score outside its scale", SET_ASIDE, 0.004, _write("score", "-1", "555")),
    Spoil("date in the future", SET_ASIDE, 0.001, _each("meeting_date", lambda value: "2031" + value[4:].replace("02-29", "02-28"))),
    Spoil("cycle of another time", SET_ASIDE, 0.001, _write("cycle", "2012", "2019")),
    Spoil("nobody counted", SET_ASIDE, 0.001, _write("attendees", "")),
    Spoil("unknown criterion", WARNED, 0.003, _write_unknown_criterion),
    Spoil("more women than people", WARNED, 0.002, _write("attendees_female", "99")),
    Spoil("code without leading zero", REPAIRED, 0.01, _each("commune_code", lambda value: value.lstrip("0"))),
    Spoil("Khmer digits", REPAIRED, 0.004, _khmer_digits("score", "attendees")),
    Spoil("spaces round values", REPAIRED, 0.008, _add_spaces("criterion", "facility_type", "side")),
)
NOT_OF_VOTES = ("unknown criterion", "nobody counted")  # the steps of one vote stand in several rows
FACILITATOR_SPOILS = (
    Spoil("code without leading zero", REPAIRED, 0.03, _each("commune_code", lambda value: value.lstrip("0"))),
)
ASSESSMENT_SPOILS = (
    Spoil("score outside its scale", SET_ASIDE, 0.012, _write("score_knowledge", "9", "55")),
    Spoil("assessed in the future", SET_ASIDE, 0.012, _write("assessed_date", "2031-05-01")),
    Spoil("spaces round values", REPAIRED, 0.02, _add_spaces("assessment_stage")),
)
OUTREACH_SPOILS = (
    Spoil("more young people than participants", SET_ASIDE, 0.009, _write("participants_youth", "900", "450")),
    Spoil("held without a date", SET_ASIDE, 0.009, _write("session_date", "")),
    Spoil("held in the future", SET_ASIDE, 0.009, _write("session_date", "2031-05-01", "2033-01-15")),
    Spoil("unknown commune code", SET_ASIDE, 0.009, _write("commune_code", "079999", "160000")),
    Spoil("unknown topic", WARNED, 0.009, _write("session_topic", "karaoke", "???")),
    Spoil("code without leading zero", REPAIRED, 0.02, _each("commune_code", lambda value: value.lstrip("0"))),
    Spoil("day written first", REPAIRED, 0.02, _each("session_date", lambda day: "/".join(reversed(day.split("-"))))),
    Spoil("Khmer digits", REPAIRED, 0.02, _khmer_digits("participants_female", "participants_male")),
)
POSTING_SPOILS = (
    Spoil("negative fee", SET_ASIDE, 0.015, _write("posted_fee_riel", "-500")),
    Spoil("unknown service", SET_ASIDE, 0.015, _write("service_code", "driving_licence")),
    Spoil("promises nothing", SET_ASIDE, 0.015, _write_all("", "posted_days", "posted_fee_riel", "documents", "is_delivered_home")),
    Spoil("fee with zeros too many", SET_ASIDE, 0.015, _write("posted_fee_riel", "15000000")),
    Spoil("spaces round values", REPAIRED, 0.02, _add_spaces("facility_id", "day_type")),
)
MIXED_POSTING_SPOILS = (Spoil("dates with the day first", REPAIRED, 0.03, _day_first("posted_from")),)  # not under other headers
SCHOOL_SPOILS = (
    Spoil("negative number", SET_ASIDE, 0.007, _write("teachers", "-2")),
    Spoil("impossible date", SET_ASIDE, 0.007, _write("month", "2024-13-01", "2025-00-01")),
    Spoil("unknown facility", SET_ASIDE, 0.007, _write("facility_id", "PS000000")),
    Spoil("more pupils present than enrolled", WARNED, 0.007, _write_all("4000", "pupils_attended", "pupils_attended_female")),
    Spoil("more days taught than expected", WARNED, 0.007, _write("teacher_days_present", "2400")),
    Spoil("spaces round values", REPAIRED, 0.007, _add_spaces("facility_id")),
)
KHMER_SCHOOL_SPOILS = (Spoil("Khmer digits", REPAIRED, 0.007, _khmer_digits("teachers", "teacher_days_present")),)
REGISTER_ROWS = {
    "facilities": ("closed before opened", {"facility_id": "HC999901", "opened_date": "2022-05-01", "closed_date": "2020-05-01"}),
    "coverage": ("unknown commune code", {"commune_code": "079999"}),
    "events": ("impossible date", {"event_id": "E99999", "event_date": "31/06/2024"}),
    "facilitators": ("last day before the first", {"facilitator_id": "FA9999", "active_to": "2019-01-01"}),
    "indicator_values": ("not a number", {"indicator_code": "OP1.3", "indicator_value": "about 900"}),
    "population": ("not a number", {"year": "2021", "commune_code": "070199", "population": "about 5000"}),
}


def spoil_register(name: str, table: Table) -> tuple[Table, list[tuple[str, str, int]]]:
    """The register with one bad row at its end, where the register is one that people type by hand."""
    if name not in REGISTER_ROWS:
        return table, []
    kind, cells = REGISTER_ROWS[name]
    bad = take(table, np.array([row_count(table) - 1])) | {column: np.array([value], dtype=object) for column, value in cells.items()}
    return stack(table, {column: bad[column] for column in table}), [(kind, SET_ASIDE, 1)]
