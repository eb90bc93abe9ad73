"""What do the programme's own registers hold? Facilities, partners, coverage, events and population, all invented."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from etl.sample.files import Table, day_text, from_frame, yes_no_text
from etl.sample.indicator_values import indicator_values_table
from etl.sample.places import PARTNERS, Places
from etl.sample.setting import Setting
from etl.sample.truth import story_commune

SELF_SCORES_PUBLIC = 0.7
TITLES = {
    "training": ("Training of commune officials", "វគ្គបណ្តុះបណ្តាលមន្ត្រីឃុំ"),
    "coverage_start": ("The programme starts", "កម្មវិធីចាប់ផ្តើម"),
    "interface_meeting": ("Interface meeting of citizens and providers", "កិច្ចប្រជុំប្រទាក់មុខ"),
    "closure": ("Facility closed", "បិទទីតាំងសេវា"),
    "rule_change": ("Law on civil registration takes effect (demonstration)", "ច្បាប់ស្តីពីអត្រានុកូលដ្ឋានចូលជាធរមាន (បង្ហាញសាកល្បង)"),
}


def register_tables(setting: Setting, places: Places) -> dict[str, Table]:
    """One table a register, by source name."""
    return {
        "facilities": _facilities(setting, places),
        "partners": from_frame(
            pd.DataFrame([(key, *names) for key, names in PARTNERS.items()], columns=["partner_id", "partner_en", "partner_km"])
        ),
        "coverage": _coverage(places),
        "events": _events(setting, places),
        "population": _population(setting, places),
        "indicator_values": indicator_values_table(setting, places),
    }


def _facilities(setting: Setting, places: Places) -> Table:
    """About seven in ten declare their own scores of themselves public; the hall of which the story is told does."""
    is_public = setting.random("public self-scores").random(len(places.facilities)) < SELF_SCORES_PUBLIC
    told = story_commune(places)
    if told is not None:
        is_public |= (places.facilities["facility_id"] == places.communes["commune_hall"].iloc[told]).to_numpy(dtype=bool)
    public = {"is_self_score_public": yes_no_text(is_public, "yes", "no")}
    names = ["facility_id", "facility_en", "facility_km", "facility_type", "commune_code", "district_code"]
    dates = {name: day_text(places.facilities[name].to_numpy()) for name in ("opened_date", "closed_date")}
    return from_frame(places.facilities[names]) | dates | from_frame(places.facilities[["expected_services"]]) | public


def _coverage(places: Places) -> Table:
    covered = places.communes[places.communes["start_date"].notna()]
    dates = {name: day_text(covered[name].to_numpy()) for name in ("start_date", "end_date")}
    return from_frame(covered[["commune_code", "partner_id"]]) | dates


def _events(setting: Setting, places: Places) -> Table:
    """Training before the start and the start of each covered commune, a meeting a year after it, closures, one rule change."""
    random = setting.random("events")
    covered = places.communes[places.communes["start_date"].notna()]
    rows: list[tuple[Any, ...]] = [(np.datetime64("2024-07-01"), "rule_change", "", "", "")]
    for place in covered.to_dict("records"):
        start = np.datetime64(place["start_date"], "D")
        rows.append((start - random.integers(10, 45), "training", place["commune_code"], place["district_code"], ""))
        rows.append((start, "coverage_start", place["commune_code"], place["district_code"], ""))
        meetings = np.arange(start + random.integers(90, 180), np.datetime64("2026-10-01"), 365)
        rows += [(day, "interface_meeting", place["commune_code"], place["district_code"], place["health_centre"]) for day in meetings]
    for place in places.facilities[places.facilities["closed_date"].notna()].to_dict("records"):
        rows.append(
            (np.datetime64(place["closed_date"], "D"), "closure", place["commune_code"], place["district_code"], place["facility_id"])
        )
    rows.sort(key=lambda row: (row[0], row[2], row[1]))
    days, kinds, communes, districts, facilities = (list(column) for column in zip(*rows, strict=True))
    return {
        "event_id": np.array([f"E{number:05d}" for number in range(1, len(rows) + 1)], dtype=object),
        "event_date": day_text(np.array(days)),
    } | from_frame(
        pd.DataFrame(
            {
                "event_type": kinds,
                "commune_code": communes,
                "district_code": districts,
                "facility_id": facilities,
                "service_code": "",
                "title_en": [TITLES[kind][0] for kind in kinds],
                "title_km": [TITLES[kind][1] for kind in kinds],
            }
        )
    )


def _population(setting: Setting, places: Places) -> Table:
    communes, years = places.communes, np.array(setting.years)
    people = communes["population"].to_numpy()[:, None] * (1 + communes["growth"].to_numpy()[:, None]) ** (years - 2021)[None, :]
    return from_frame(
        pd.DataFrame(
            {
                "commune_code": communes["commune_code"].repeat(len(years)),
                "year": np.tile(years, len(communes)).astype(str),
                "population": people.round().astype(int).ravel().astype(str),
                "source": "Invented for the demonstration",
            }
        )
    )
