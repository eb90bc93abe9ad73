"""Which people, offices and programme starts does the demonstration have? All invented; only the communes are real."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from etl.sample.setting import DATA_TO, Setting

PARTNERS = {
    "P01": ("Lotus Field Association (invented)", "សមាគមវាលឈូក (ប្រឌិត)"),
    "P02": ("Open Commune Network (invented)", "បណ្តាញឃុំបើកទូលាយ (ប្រឌិត)"),
    "P03": ("Highland Voices (invented)", "សំឡេងខ្ពង់រាប (ប្រឌិត)"),
    "P04": ("Coast and River Youth (invented)", "យុវជនឆ្នេរ និងទន្លេ (ប្រឌិត)"),
}
PARTNERS_OF_PROVINCE = {"07": ("P01", "P02"), "09": ("P04", "P02"), "11": ("P03",), "16": ("P03", "P02")}
MEDIAN_POPULATION = {"07": 6300, "09": 3900, "11": 3700, "16": 4000}
STARTS = np.arange(np.datetime64("2023-01"), np.datetime64("2025-08"), 3).astype("datetime64[D]")  # first days of quarters

FACILITY_KINDS = {
    "commune_hall": ("CH", "commune hall", "សាលាឃុំ"),
    "police_post": ("PP", "police post", "ប៉ុស្តិ៍នគរបាលរដ្ឋបាល"),
    "health_centre": ("HC", "health centre", "មណ្ឌលសុខភាព"),
    "primary_school": ("PS", "primary school", "សាលាបឋមសិក្សា"),
}


@dataclass(frozen=True)
class Places:
    """Everything about places that the subjects share.

    `communes`: one row a commune in code order, with population (first year) and growth, the facility ids its people use
    (commune_hall, police_post, health_centre, primary_school), register_from and register_to (the days its registers cover),
    partner_id, start_date (NaT if never covered) and end_date. `facilities`: one row a facility.
    """

    communes: pd.DataFrame
    facilities: pd.DataFrame


def invent_places(setting: Setting) -> Places:
    """Invent facilities, registers and the programme's coverage for the communes of the setting."""
    random = setting.random("places")
    communes = setting.communes.copy()
    _add_people(communes, random)
    _add_registers(communes, setting, random)
    _add_coverage(communes, setting.random("coverage"))
    facilities = _invent_facilities(communes, setting, setting.random("facilities"))
    return Places(communes, facilities)


def _add_people(communes: pd.DataFrame, random: np.random.Generator) -> None:
    median = communes["province_code"].map(MEDIAN_POPULATION).to_numpy(dtype=float)
    people = median * np.exp(random.normal(0, 0.38, len(communes)))
    communes["population"] = people.clip(1_600, 15_000).round().astype(int)
    communes["growth"] = random.normal(0.013, 0.008, len(communes)).round(4)


def _add_registers(communes: pd.DataFrame, setting: Setting, random: np.random.Generator) -> None:
    """Most offices send everything; some began late and a few stopped sending."""
    order = random.permutation(len(communes))
    late, stopped = order[: round(len(communes) * 0.08)], order[-max(1, round(len(communes) * 0.035)) :]
    register_from = np.full(len(communes), setting.first_day)
    register_from[late] += random.integers(60, 540, len(late)).astype("timedelta64[D]")
    register_to = np.full(len(communes), DATA_TO)
    register_to[stopped] -= random.integers(100, 420, len(stopped)).astype("timedelta64[D]")
    communes["register_from"] = np.minimum(register_from, DATA_TO - 400)
    communes["register_to"] = register_to


def _add_coverage(communes: pd.DataFrame, random: np.random.Generator) -> None:
    """Districts start together, mostly on the first day of a quarter; single communes come later, on another day, or never."""
    districts = communes["district_code"].unique()
    start_of = dict(zip(districts, random.permutation(np.resize(np.arange(len(STARTS)), len(districts))), strict=True))
    never = set(random.choice(districts, size=round(len(districts) * 0.14), replace=False))
    partner_of = {
        district: random.choice(PARTNERS_OF_PROVINCE[province])
        for district, province in communes.groupby("district_code", sort=True)["province_code"].first().items()
    }
    position = communes["district_code"].map(start_of).to_numpy()
    luck = random.random(len(communes))
    later = np.where((luck >= 0.11) & (luck < 0.19), random.integers(1, 3, len(communes)), 0)
    another_day = np.where((luck >= 0.19) & (luck < 0.22), luck * 200, 0).astype("timedelta64[D]")
    starts = STARTS[np.minimum(position + later, len(STARTS) - 1)] + another_day
    starts[(luck < 0.11) | communes["district_code"].isin(never).to_numpy()] = np.datetime64("NaT")
    communes["start_date"] = starts.astype("datetime64[s]")
    ended = (random.random(len(communes)) < 0.02) & (communes["start_date"] < "2024-07-01")
    communes["end_date"] = pd.Series(np.where(ended, np.datetime64("2026-06-30", "s"), np.datetime64("NaT", "s")))
    communes["partner_id"] = communes["district_code"].map(partner_of)


def _invent_facilities(communes: pd.DataFrame, setting: Setting, random: np.random.Generator) -> pd.DataFrame:
    """A hall and a school a commune; some communes use the police post or health centre of the commune before theirs."""
    tables = []
    first_of_district = ~communes["district_code"].duplicated()
    shares = {"commune_hall": 0.0, "police_post": 0.12, "health_centre": 0.35, "primary_school": 0.0}
    for kind, share in shares.items():
        own = first_of_district | (random.random(len(communes)) >= share)
        prefix, words_en, words_km = FACILITY_KINDS[kind]
        ids = (prefix + communes["commune_code"]).where(own).ffill()
        communes[kind] = ids
        halls_of_towns = (communes["unit_type"] == "sangkat") & (kind == "commune_hall")
        table = pd.DataFrame(
            {
                "facility_id": ids,
                "facility_en": communes["commune_en"] + f" {words_en}",
                "facility_km": halls_of_towns.map({True: "សាលាសង្កាត់", False: words_km}) + communes["commune_km"],
                "facility_type": kind,
                "commune_code": communes["commune_code"],
                "district_code": communes["district_code"],
            }
        )
        tables.append(table[own])
    facilities = pd.concat(tables, ignore_index=True)
    reported_monthly = " ".join(setting.services.loc[setting.services["facility_type"] == "health_centre", "service_code"])
    facilities["expected_services"] = np.where(facilities["facility_type"] == "health_centre", reported_monthly, "")
    _open_and_close(facilities, setting, random)
    return facilities


def _open_and_close(facilities: pd.DataFrame, setting: Setting, random: np.random.Generator) -> None:
    """Most facilities are older than the data; a few health centres open or close inside it."""
    years = random.integers(1985, 2016, len(facilities)).astype(str)
    opened = pd.Series(np.array([f"{year}-01-01" for year in years], dtype="datetime64[s]"))
    closed = pd.Series(np.full(len(facilities), np.datetime64("NaT", "s")))
    centres = random.permutation(np.flatnonzero(facilities["facility_type"] == "health_centre"))
    few = max(1, round(len(centres) * 0.04))
    span = len(setting.months)
    for place in centres[:few]:
        opened[place] = (setting.months[random.integers(span // 6, span // 2)]).astype("datetime64[s]")
    for place in centres[few : 2 * few]:
        closed[place] = (setting.months[random.integers(span // 2, span - 2)] + 1).astype("datetime64[D]").astype("datetime64[s]") - 86_400
    facilities["opened_date"], facilities["closed_date"] = opened, closed
