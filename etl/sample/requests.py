"""What do the offices' registers of requests hold? One row a request, clean; the dirt comes later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from etl.sample.files import Table, day_text, moment_text, number_text, yes_no_text
from etl.sample.places import Places
from etl.sample.setting import DATA_TO, Setting
from etl.sample.truth import ramp, story_commune

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Habit:
    """How a service usually goes before the programme: its share of requests, days, same-day share and complete documents."""

    share: float
    median_days: float
    same_day: float
    complete: float


HABITS = {
    "birth_certificate": Habit(0.24, 9.8, 0.13, 0.62),
    "death_certificate": Habit(0.06, 9.2, 0.11, 0.58),
    "marriage_certificate": Habit(0.09, 10.2, 0.10, 0.52),
    "certified_copy": Habit(0.14, 5.0, 0.30, 0.80),
    "legal_letter": Habit(0.06, 6.0, 0.10, 0.70),
    "residence_book": Habit(0.14, 16.5, 0.01, 0.50),
    "family_book": Habit(0.12, 26.0, 0.00, 0.45),
    "identity_card": Habit(0.15, 30.0, 0.00, 0.60),
}
REQUESTS_A_MONTH = 66  # of a commune of 8,000 people, all services
DAYS_IF_COMPLETE, DAYS_IF_INCOMPLETE = 0.72, 1.65
SEASON = (1.02, 1.0, 1.04, 0.84, 0.95, 0.96, 0.98, 1.02, 1.12, 1.0, 1.12, 1.02)  # April: new year; September, November: school
AGES = ("under_18", "18_24", "25_34", "35_59", "60_over")
REFERRALS = ("district office", "commune police post", "provincial civil registry")
TO_POLICE = REFERRALS.index("commune police post")
BOOKS_AT_HALL = 0.24  # of the family books asked for at the commune hall, which does not issue them
FEES_WITHOUT_OFFICIAL = {"certified_copy": 2_000, "legal_letter": 1_000, "marriage_certificate": 15_000}  # what is usually paid


def invent_requests(setting: Setting, places: Places, effects: pd.DataFrame) -> Arrays:
    """Every request as numbers, in order of province, day handed in and commune.

    Besides what the registers show there are `days_without` (the days the same request would have taken had the programme
    not come) and `service` and `commune` (row positions in `offered_services` and in `places.communes`).
    """
    random = setting.random("requests")
    services = offered_services(setting)
    commune, service, day = _hand_in(setting, places, effects, services, random)
    full = ramp(effects, commune, day)
    requests: Arrays = {"commune": commune, "service": service, "submitted": day}
    habits = [HABITS[code] for code in services]

    usual_complete = np.array([habit.complete for habit in habits])[service] + random.normal(0, 0.07, len(places.communes))[commune]
    luck = random.random(len(day))
    planted = effects["documents_complete_difference"].to_numpy()[commune] * full
    complete_without = luck < usual_complete.clip(0.05, 0.95)
    complete = luck < (usual_complete + planted).clip(0.05, 0.97)
    requests["documents_complete"] = complete
    requests["visits_needed"] = 1 + random.poisson(np.where(complete, 0.12, 1.05)).clip(max=6)

    same_day = random.random(len(day)) < np.array([habit.same_day for habit in habits])[service]
    years = (day - np.datetime64("2021-01-01")).astype(np.int64) / 365.25
    usual = (
        np.log([habit.median_days for habit in habits])[service]
        + random.normal(0, 0.2, len(places.communes))[commune]
        - 0.012 * years
        + random.normal(0, 0.72, len(day))
    )
    faster = np.log(effects["days_ratio"].to_numpy())[commune] * full
    requests["days_without"] = _whole_days(usual, complete_without, same_day, day)
    requests["days"] = _whole_days(usual + faster, complete, same_day, day)
    _send_on(requests, setting, places, effects, services, full)
    _end_requests(requests, places, complete, random)
    _ask_fee(requests, setting, effects, full, random)
    requests["sex"] = random.choice(3, len(day), p=(0.56, 0.436, 0.004))
    requests["age"] = random.choice(len(AGES), len(day), p=(0.06, 0.17, 0.33, 0.34, 0.10))
    requests["unwritten"] = random.random((len(day), 4)) < (0.03, 0.08, 0.02, 0.05)  # documents, fee, sex, age left empty
    requests["minute"] = random.integers(7 * 60 + 30, 17 * 60, len(day))
    return requests


def requests_table(requests: Arrays, setting: Setting, places: Places, words: dict[str, str], as_at: np.datetime64 = DATA_TO) -> Table:
    """These requests as an office would export them on `as_at`: what ended later still stands open.

    `words` are the office's own: yes, no, f, m, completed. An export of an earlier day covers the register to that day.
    """
    communes = places.communes
    services = offered_services(setting)
    register_to = np.minimum(communes["register_to"].to_numpy().astype("datetime64[D]"), as_at)[requests["commune"]]
    ended = requests["ended"] <= register_to
    outcome = np.array([words["completed"], "rejected", "withdrawn", "open"], dtype=object)[np.where(ended, requests["outcome"], 3)]
    completed = np.where(ended, requests["ended"], np.datetime64("NaT", "D"))
    documents, fee, sex, age = ~requests["unwritten"].T
    kinds = setting.services.set_index("service_code")["facility_type"].reindex(services)
    offices = np.array([communes[kind].to_numpy(dtype=object) for kind in kinds])
    office = offices[requests["service"], requests["commune"]]
    halls = communes["commune_hall"].to_numpy(dtype=object)[requests["commune"]]
    return {
        "request_id": requests["request_id"],
        "commune_code": communes["commune_code"].to_numpy(dtype=object)[requests["commune"]],
        "facility_id": np.where(requests["at_hall"], halls, office),
        "service_code": np.array(services, dtype=object)[requests["service"]],
        "submitted_date": day_text(requests["submitted"]),
        "completed_date": day_text(completed),
        "outcome": outcome,
        "documents_complete": yes_no_text(requests["documents_complete"], words["yes"], words["no"], documents),
        "visits_needed": number_text(requests["visits_needed"]),
        "fee_paid_riel": number_text(requests["fee_hundreds"] * 100, fee),
        "referred_to": np.array([*REFERRALS, ""], dtype=object)[requests["referral"]],
        "is_delivered_home": yes_no_text(requests["delivered_home"], words["yes"], words["no"]),
        "sex": np.where(sex, np.array([words["f"], words["m"], "other"], dtype=object)[requests["sex"]], ""),
        "age_group": np.where(age, np.array(AGES, dtype=object)[requests["age"]], ""),
        "register_to_date": day_text(register_to),
        "updated_at": moment_text(np.where(ended, requests["ended"], register_to), requests["minute"]),
    }


def measure_truth(requests: Arrays, setting: Setting, effects: pd.DataFrame) -> pd.DataFrame:
    """The effects with what they did to each commune's own requests after the ramp (see truth.COLUMNS)."""
    commune, service = requests["commune"], requests["service"]
    official = official_terms(setting, service, requests["submitted"])["days"]
    records = pd.DataFrame({"commune": commune, "without": requests["days_without"], "with": requests["days"], "official": official})
    records = records[ramp(effects, commune, requests["submitted"]) >= 1.0]
    promised = records[records["official"] > 0]
    rows: dict[str, Any] = {}
    for side in ("without", "with"):
        rows[f"median_days_{side}"] = records.groupby("commune")[side].median()
        in_time = promised[side] <= promised["official"]
        rows[f"within_standard_{side}_pct"] = in_time.groupby(promised["commune"]).mean() * 100
    rows["requests_after_ramp"] = records.groupby("commune").size()
    measured = effects.join(pd.DataFrame(rows))
    measured["requests_after_ramp"] = measured["requests_after_ramp"].fillna(0).astype(int)
    return measured


def offered_services(setting: Setting) -> list[str]:
    """The services whose requests are invented, in HABITS' order."""
    return [code for code in HABITS if code in set(setting.services["service_code"])]


def official_terms(setting: Setting, service: np.ndarray, day: np.ndarray) -> Arrays:
    """Official `days` (working days as 7/5; 0 = not known) and `fee` in riel (0 = free or not known) of requests of that day."""
    services = offered_services(setting)
    terms = {"days": np.zeros(len(service), dtype=np.int64), "fee": np.zeros(len(service), dtype=np.int64)}
    for standard in setting.standards[setting.standards["service_code"].isin(services)].to_dict("records"):
        within = (service == services.index(standard["service_code"])) & (day >= np.datetime64(standard["valid_from"] or "1900-01-01"))
        within &= day < np.datetime64(standard["valid_to"] or "2999-12-31")
        terms["days"][within] = int(int(standard["max_days"] or 0) * (1.4 if standard["day_type"] == "working" else 1.0))
        terms["fee"][within] = int(standard["fee_riel"] or 0)
    return terms


def _hand_in(
    setting: Setting, places: Places, effects: pd.DataFrame, services: list[str], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Commune, service (positions) and working day of every request: Poisson counts a commune, service and month."""
    communes, months = places.communes, setting.months
    position = np.arange(len(communes))
    middle = months.astype("datetime64[D]") + 14
    years = (middle - np.datetime64("2021-01-01")).astype(np.int64) / 365.25
    size = REQUESTS_A_MONTH * (communes["population"].to_numpy() / 8_000) ** 1.25
    common = np.array(SEASON)[months.astype(np.int64) % 12] * (1 + 0.02 * years) * np.where(years < 0.9, 0.85, 1.0)
    full = ramp(effects, np.repeat(position, len(months)), np.tile(middle, len(communes))).reshape(len(communes), -1)
    planted = 1 + (effects["requests_ratio"].to_numpy()[:, None] - 1) * full
    local = random.gamma(60, 1 / 60, (len(communes), len(months)))
    taste = random.normal(1, 0.1, (len(communes), len(services))).clip(0.6, 1.4) * [HABITS[code].share for code in services]
    counts = random.poisson((size[:, None] * common * planted * local)[:, None, :] * taste[:, :, None])
    commune, service, month = (index.ravel() for index in np.indices(counts.shape))
    commune, service, month = (np.repeat(index, counts.ravel()) for index in (commune, service, month))
    first = months.astype("datetime64[D]")
    length = ((months + 1).astype("datetime64[D]") - first).astype(np.int64)
    day = np.busday_offset(
        first[month] + (random.random(len(month)) * length[month]).astype(int), 0, roll="modifiedpreceding", holidays=setting.holidays
    )
    covered = (day >= communes["register_from"].to_numpy().astype("datetime64[D]")[commune]) & (
        day <= communes["register_to"].to_numpy().astype("datetime64[D]")[commune]
    )
    province = pd.factorize(communes["province_code"])[0][commune]
    order = np.lexsort((random.random(len(day)), day, province))
    order = order[covered[order]]
    return commune[order], service[order], day[order]


def _whole_days(log_days: np.ndarray, complete: np.ndarray, same_day: np.ndarray, submitted: np.ndarray) -> np.ndarray:
    """Whole days until the paper is ready; offices are closed on Saturday (ready the day before) and Sunday (the day after)."""
    days = np.floor(np.exp(log_days) * np.where(complete, DAYS_IF_COMPLETE, DAYS_IF_INCOMPLETE) + 0.5).astype(np.int64)
    days[same_day & complete] = 0
    return _on_open_days(days, submitted)


def _on_open_days(days: np.ndarray, submitted: np.ndarray) -> np.ndarray:
    weekday = (submitted.astype(np.int64) + days + 3) % 7
    return days - (weekday == 5) + (weekday == 6)


def _send_on(
    requests: Arrays, setting: Setting, places: Places, effects: pd.DataFrame, services: list[str], full: np.ndarray
) -> None:
    """Who is sent on to another office, and whose paper is brought home.

    Some ask for the family book at the hall; the more the programme has done, the more of them are sent on to the police. In the
    commune of the story all are, and the book arrives in about two days.
    """
    random = setting.random("referrals")
    commune, day, count = requests["commune"], requests["submitted"], len(full)
    is_book = requests["service"] == (services.index("family_book") if "family_book" in services else -1)
    improved = (effects["planted"] == "improvement").to_numpy()
    told = -1 if (row := story_commune(places)) is None else row
    begun = (commune == told) & (full > 0)
    requests["at_hall"] = is_book & (random.random(count) < BOOKS_AT_HALL)
    is_sent_on = np.where(requests["at_hall"], np.where(begun, 0.97, 0.45 + 0.35 * full * improved[commune]), 0.02)
    anywhere = random.integers(0, len(REFERRALS), count)
    office = np.where(requests["at_hall"] & (begun | (random.random(count) < 0.9)), TO_POLICE, anywhere)
    requests["referral"] = np.where(random.random(count) < is_sent_on, office, -1)
    quick = _on_open_days(random.choice(3, count, p=(0.15, 0.7, 0.15)) + 1, day)
    requests["days"] = np.where(begun & is_book, quick, requests["days"])
    brings_home = (random.random(len(effects)) < 0.3) & improved
    usually = 0.015 + 0.07 * brings_home[commune] * full
    requests["delivered_home"] = random.random(count) < np.where(begun, 0.3, usually)


def _end_requests(requests: Arrays, places: Places, complete: np.ndarray, random: np.random.Generator) -> None:
    """Most requests are completed (0); some are rejected (1) or withdrawn (2), mostly sooner than a paper would be ready."""
    luck = random.random(len(complete))
    rejected = luck < np.where(complete, 0.012, 0.045)
    withdrawn = ~rejected & (luck > 0.985)
    requests["outcome"] = np.where(rejected, 1, np.where(withdrawn, 2, 0))
    waited = np.where(requests["outcome"] > 0, requests["days"] * 7 // 10, requests["days"])
    lost = (luck > 0.5) & (luck < 0.503)  # never answered
    requests["ended"] = np.where(lost, np.datetime64("2100-01-01", "D"), requests["submitted"] + waited)
    province = places.communes["province_code"].to_numpy(dtype=object)[requests["commune"]]
    number = np.arange(len(luck)) + 100_001
    year = requests["submitted"].astype("datetime64[Y]").astype(np.int64) + 1970
    requests["year"], requests["province"] = year, province
    requests["request_id"] = np.array(
        [f"R{a}-{b}-{c}" for a, b, c in zip(province.tolist(), year.tolist(), number.tolist(), strict=True)], dtype=object
    )


def _ask_fee(requests: Arrays, setting: Setting, effects: pd.DataFrame, full: np.ndarray, random: np.random.Generator) -> None:
    """The official fee, and from some people more, in hundreds of riel."""
    commune, service = requests["commune"], requests["service"]
    without = np.array([FEES_WITHOUT_OFFICIAL.get(code, 0) for code in offered_services(setting)])[service]
    official = (official_terms(setting, service, requests["submitted"])["fee"] + without) // 100
    usual = random.beta(4, 18, len(effects))[commune]
    over = random.random(len(service)) < (usual + effects["over_fee_difference"].to_numpy()[commune] * full).clip(0.01, 0.9)
    extra = 5 * np.ceil(np.exp(random.normal(3.2, 0.8, len(service))) / 5).astype(np.int64)
    requests["fee_hundreds"] = official + np.where(over, extra, 0)
