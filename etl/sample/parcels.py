"""Who sends which file, and how is it written? Splits each source by province and year and spoils every file a little."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from etl.sample import dirt
from etl.sample.feedback import feedback_table, invented_name, invented_phone
from etl.sample.files import (
    EXCEL,
    EXCEL_UNICODE,
    KOBO,
    OLD_MAC,
    OLD_WINDOWS,
    PIPES,
    PLAIN,
    TABS,
    Style,
    Table,
    row_count,
    stack,
    take,
    write_table,
)
from etl.sample.places import Places
from etl.sample.requests import Arrays, requests_table
from etl.sample.setting import Setting
from etl.sample.usage import usage_table

DIRT_COLUMNS = ("file_name", "dirt", "expected", "rows")
ENGLISH = {"yes": "yes", "no": "no", "f": "f", "m": "m", "completed": "completed"}
WORDS = {
    "07": ENGLISH,
    "09": {"yes": "1", "no": "0", "f": "F", "m": "M", "completed": "completed"},
    "11": {"yes": "បាទ", "no": "ទេ", "f": "ស្រី", "m": "ប្រុស", "completed": "completed"},
    "16": {"yes": "true", "no": "false", "f": "female", "m": "male", "completed": "completed"},
}
REQUEST_STYLES = {
    ("07", 2021): EXCEL,
    ("07", 2022): EXCEL,
    ("07", 2024): EXCEL,
    ("09", 2025): EXCEL_UNICODE,
    ("11", 2024): PIPES,
    ("11", 2025): KOBO,
    ("16", 2024): OLD_MAC,
    ("16", 2025): TABS,
    ("16", 2026): OLD_WINDOWS,
}
NAMES_LEFT_IN = ("11", 2025)  # a partner who sent names and phone numbers
CODES_AS_NUMBERS = ("09", 2026)  # a spreadsheet took every code for a number
EARLY_EXPORTS = {("09", 2024): np.datetime64("2025-01-15"), ("07", 2025): np.datetime64("2026-01-10")}  # sent again later
REMARKS = ("", "", "dossier complété", "pièce d'identité périmée", "reçu délivré")
FEEDBACK_PARTNERS = {"07": "lotus_field", "09": "coast_and_river", "11": "highland_voices", "16": "highland_voices"}
LOWEST_RATING = {"highland_voices": 0}  # asks on a scale from 0 to 4
NAMES_IN_FEEDBACK = "coast_and_river"


@dataclass
class Sent:
    """The folder files are sent to, and a note of every kind of dirt in every file (DIRT_COLUMNS)."""

    folder: Path
    dirt: list[tuple[str, str, str, int]] = field(default_factory=list)

    def write(self, name: str, table: Table, style: Style, done: list[tuple[str, str, int]]) -> None:
        """Write one file and note what was spoiled in it."""
        write_table(self.folder / name, table, style)
        if style.blank_lines:
            done = [*done, ("blank lines", dirt.REPAIRED, style.blank_lines)]
        self.dirt += [(name, *what) for what in done if what[2]]


def send_register(sent: Sent, source: str, table: Table) -> None:
    """One file a register."""
    spoiled, done = dirt.spoil_register(source, table)
    sent.write(f"{source}/{source}.csv", spoiled, EXCEL if source == "facilities" else PLAIN, done)


def send_requests(sent: Sent, requests: Arrays, setting: Setting, places: Places) -> None:
    """A file a province and year; two were exported early and are followed by an update."""
    for province, slug in province_slugs(setting).items():
        for year in setting.years:
            chosen = take(requests, (requests["province"] == province) & (requests["year"] == year))
            if row_count(chosen) == 0:
                continue
            name = f"service_requests/{slug}_{year}"
            early = EARLY_EXPORTS.get((province, year))
            if early is None:
                table = requests_table(chosen, setting, places, WORDS[province])
            else:
                table = requests_table(chosen, setting, places, WORDS[province], early)
                late = requests_table(take(chosen, chosen["ended"] > early), setting, places, WORDS[province])
                sent.write(f"{name}_update.csv", late, PLAIN, [("row sent again later", dirt.SUPERSEDED, row_count(late))])
            _send_request_file(sent, f"{name}.csv", table, (province, year), setting)


def _send_request_file(sent: Sent, name: str, table: Table, parcel: tuple[str, int], setting: Setting) -> None:
    random = setting.random(name)
    style = REQUEST_STYLES.get(parcel, PLAIN)
    can_write_khmer = style.encoding.startswith("utf")
    spoils = dirt.REQUEST_SPOILS + dirt.KHMER_REQUEST_SPOILS if can_write_khmer else dirt.REQUEST_SPOILS
    old = dirt.use_old_codes(table, setting.old_codes, random)
    table, done = dirt.spoil(table, spoils, random, repeated=0.003)
    done.append(("old commune code", dirt.REPAIRED, old))
    rows = row_count(table)
    if parcel == CODES_AS_NUMBERS:
        table["commune_code"] = dirt.without_leading_zero(table["commune_code"])
        done.append(("whole file without leading zeros", dirt.REPAIRED, rows))
    if parcel == NAMES_LEFT_IN:
        numbers = random.integers(0, 1_000_000, rows).tolist()
        table["citizen_name"] = np.array([invented_name(number) for number in numbers], dtype=object)
        table["phone"] = np.array([invented_phone(number) for number in numbers], dtype=object)
        done.append(("personal columns", dirt.REPAIRED, rows))
    if not can_write_khmer:
        table["observation"] = random.choice(np.array(REMARKS, dtype=object), rows)
        done.append(("undeclared column", dirt.REPAIRED, rows))
    sent.write(name, table, style, done)


def send_usage(sent: Sent, usage: pd.DataFrame, setting: Setting) -> None:
    """A file a province and year, and one of corrected reports from last year."""
    year_of = usage["month"].dt.year
    for province, slug in province_slugs(setting).items():
        for year in setting.years:
            chosen = usage[(usage["province"] == province) & (year_of == year)]
            if chosen.empty:
                continue
            name = f"service_usage/{slug}_{year}.csv"
            table, done = dirt.spoil(usage_table(chosen), dirt.USAGE_SPOILS, setting.random(name), repeated=0.002)
            sent.write(name, table, EXCEL if province == "07" else PLAIN, done)
    name = "service_usage/corrected_reports.csv"
    last_year = usage[year_of == setting.years[-2]]
    corrected = last_year.sample(frac=0.02, random_state=setting.random(name)).sort_index()
    corrected = corrected.assign(visits=corrected["visits"] + 2, reported=corrected["reported"] + pd.Timedelta(days=75))
    sent.write(name, usage_table(corrected), PLAIN, [("row sent again later", dirt.SUPERSEDED, len(corrected))])


def send_feedback(sent: Sent, feedback: pd.DataFrame, setting: Setting, places: Places) -> None:
    """A file a partner and year; one partner asks on a scale of 0 to 4, one left names in."""
    province = places.communes["province_code"].to_numpy()[feedback["commune"]]
    partner_of = pd.Series(province, index=feedback.index).map(FEEDBACK_PARTNERS)
    for partner in sorted(set(FEEDBACK_PARTNERS.values())):
        for year in setting.years:
            chosen = feedback[(partner_of == partner) & (feedback["day"].dt.year == year)]
            if chosen.empty:
                continue
            name = f"feedback/{partner}_{year}.csv"
            random = setting.random(name)
            words = WORDS["11"] if partner == "highland_voices" else ENGLISH
            table = feedback_table(chosen, places, LOWEST_RATING.get(partner, 1), words, partner == NAMES_IN_FEEDBACK)
            table, done = dirt.spoil(table, dirt.FEEDBACK_SPOILS, random)
            table, same = _answer_twice(table, random)
            done.append(("same answers under another id", "counted", same))
            sent.write(name, table, KOBO if partner == NAMES_IN_FEEDBACK else PLAIN, done)


def _answer_twice(table: Table, random: np.random.Generator) -> tuple[Table, int]:
    """Some submissions once more under another id, as a tablet with a bad line sends them."""
    rows = random.choice(row_count(table), max(1, row_count(table) // 120))
    again = take(table, rows)
    again["submission_id"] = np.array([f"{key}-{number}" for number, key in enumerate(again["submission_id"].tolist(), 2)], dtype=object)
    return stack(table, again), len(rows)


def province_slugs(setting: Setting) -> dict[str, str]:
    """How each province is written in the names of files, by its code."""
    names = setting.communes.drop_duplicates("province_code").set_index("province_code")["province_en"]
    return {str(code): str(name).lower().replace(" ", "_") for code, name in names.items()}
