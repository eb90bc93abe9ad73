"""What do citizens say? One row a submission: three ratings and whether an unofficial payment was asked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.sample.files import Table, day_text, moment_text, number_text, yes_no_text
from etl.sample.places import Places
from etl.sample.setting import DATA_TO, Setting
from etl.sample.truth import ramp

KINDS = ("health_centre", "commune_hall", "primary_school", "police_post")
KIND_SHARES = (0.42, 0.3, 0.18, 0.1)
USUAL_RATING = {"speed": (3.2, 2.75, 3.6, 2.7), "friendliness": (3.3, 3.2, 3.7, 2.9), "quality": (3.35, 3.3, 3.4, 3.1)}
CHANNELS = ("meeting", "tablet", "phone", "kiosk")
AGES = ("under_18", "18_24", "25_34", "35_59", "60_over")
COMMENTS = ("", "", "", "We waited long, the office was closed", 'They said "come back tomorrow"', "Good; thank you", "ល្អ", "រង់ចាំយូរ")
SPREAD = 0.85


def invent_feedback(setting: Setting, places: Places, effects: pd.DataFrame) -> pd.DataFrame:
    """Submissions as numbers, in order of time; `rating_<aspect>` is 1 to 5, -1 where it was left out."""
    random = setting.random("feedback")
    commune, day = _submissions(setting, places, random)
    full = ramp(effects, commune, day)
    kind = random.choice(len(KINDS), len(day), p=KIND_SHARES)
    table = pd.DataFrame({"commune": commune, "day": day.astype("datetime64[s]"), "kind": kind})
    person = random.normal(0, 0.35, len(day))
    for aspect, usual in USUAL_RATING.items():
        local = random.normal(0, 0.25, len(effects))[commune]
        planted = effects[f"{aspect}_difference"].to_numpy()[commune] * full
        opinion = np.array(usual)[kind] + local + planted + person + random.normal(0, SPREAD, len(day))
        rating = np.floor(opinion + 0.5).clip(1, 5).astype(int)
        table[f"rating_{aspect}"] = np.where(random.random(len(day)) < 0.03, -1, rating)
    usual_ask = random.beta(3, 17, len(effects))[commune]
    planted = effects["unofficial_payment_difference"].to_numpy()[commune] * full
    table["asked"] = random.random(len(day)) < (usual_ask + planted).clip(0.01, 0.9)
    table["visited"] = (
        (table["day"].to_numpy().astype("datetime64[D]") - random.exponential(40, len(day)).astype(int))
        .astype("datetime64[M]")
        .astype("datetime64[s]")
    )
    table["channel"] = random.choice(len(CHANNELS), len(day), p=(0.45, 0.3, 0.15, 0.1))
    table["sex"] = random.choice(3, len(day), p=(0.57, 0.425, 0.005))
    table["age"] = random.choice(len(AGES), len(day), p=(0.05, 0.22, 0.3, 0.33, 0.1))
    table["known_place"] = random.choice(3, len(day), p=(0.955, 0.035, 0.01))  # commune, only district, only province
    table["answered"] = random.random(len(day)) > 0.12
    table["is_deleted"] = random.random(len(day)) < 0.012
    table["comment"] = random.integers(0, len(COMMENTS), len(day))
    table["minute"] = random.integers(7 * 60, 18 * 60, len(day))
    table["submission_id"] = [f"F{number:06d}" for number in range(1, len(day) + 1)]
    return table


def feedback_table(feedback: pd.DataFrame, places: Places, lowest: int, words: dict[str, str], with_names: bool) -> Table:
    """These submissions as a partner would export them, on a scale from `lowest` (0 or 1) to `lowest` + 4.

    `with_names` adds what a partner should not have sent: names, phone numbers and comments of (invented) people.
    """
    chosen = places.communes.iloc[feedback["commune"]].reset_index(drop=True)
    known = feedback["known_place"].to_numpy()
    kind = feedback["kind"].to_numpy()
    facility = np.array([chosen[name].to_numpy(dtype=object) for name in KINDS])[kind, np.arange(len(kind))]
    everyone = np.full(len(kind), "", dtype=object)
    table = {
        "submission_id": feedback["submission_id"].to_numpy(dtype=object),
        "submitted_at": moment_text(feedback["day"].to_numpy(), feedback["minute"].to_numpy()),
        "visited_month": day_text(feedback["visited"].to_numpy()),
        "province_code": chosen["province_code"].to_numpy(dtype=object),
        "district_code": np.where(known < 2, chosen["district_code"].to_numpy(dtype=object), ""),
        "commune_code": np.where(known < 1, chosen["commune_code"].to_numpy(dtype=object), ""),
        "facility_id": np.where(known < 1, facility, ""),
        "facility_type": np.array(KINDS, dtype=object)[kind],
        "sex": np.array([words["f"], words["m"], "other"], dtype=object)[feedback["sex"]],
        "age_group": np.array(AGES, dtype=object)[feedback["age"]],
        "channel": np.array(CHANNELS, dtype=object)[feedback["channel"]],
    }
    for aspect in USUAL_RATING:
        rating = feedback[f"rating_{aspect}"].to_numpy()
        table[f"rating_{aspect}"] = number_text((rating - 1 + lowest).clip(0), rating > 0)
    table |= {
        "scale_min": everyone + str(lowest),
        "scale_max": everyone + str(lowest + 4),
        "asked_unofficial_payment": yes_no_text(feedback["asked"].to_numpy(), words["yes"], words["no"], feedback["answered"].to_numpy()),
        "is_deleted": yes_no_text(feedback["is_deleted"].to_numpy(), words["yes"], words["no"]),
    }
    if with_names:
        numbers = feedback.index.to_numpy()
        table["respondent_name"] = np.array([invented_name(number) for number in numbers.tolist()], dtype=object)
        table["phone"] = np.array([invented_phone(number) for number in numbers.tolist()], dtype=object)
        table["comment"] = np.array(COMMENTS, dtype=object)[feedback["comment"]]
    return table


def invented_name(number: int) -> str:
    """A name nobody has ("neak saklbong" is Khmer for a tester)."""
    return f"Neak Saklbong {number % 10_000:04d}" if number % 3 else f"អ្នកសាកល្បង {number % 10_000:04d}"


def invented_phone(number: int) -> str:
    """A phone number nobody has: 000 is no Cambodian prefix."""
    return f"000 {number % 1_000:03d} {number * 7 % 1_000:03d}"


def _submissions(setting: Setting, places: Places, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Commune (row position) and day of every submission: a round or two a year a commune."""
    people = places.communes["population"].to_numpy()
    communes, days = [], []
    for year in setting.years:
        for part, share in enumerate((1.0, 0.45)):
            held = np.flatnonzero(random.random(len(people)) < share * 0.93)
            first = np.datetime64(f"{year}-{4 + 6 * part:02d}-01") + random.integers(0, 60, len(held))
            answers = random.poisson(8 + 70 * (people[held] / 8_000) * random.gamma(6, 1 / 6, len(held))).clip(4, 150)
            communes.append(np.repeat(held, answers))
            days.append(np.repeat(first, answers) + random.integers(0, 3, answers.sum()))
    commune, day = np.concatenate(communes), np.concatenate(days)
    inside = (day >= setting.first_day) & (day <= DATA_TO)
    order = np.argsort(day[inside], kind="stable")
    return commune[inside][order], day[inside][order]
