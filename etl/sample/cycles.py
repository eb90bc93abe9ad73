"""What does the programme do in its communes, year by year? One plan that outreach, scorecards and action plans of the demonstration share.

A cycle: citizens are informed, they and the providers score, both meet and agree actions, the actions are followed up. Communes with
a planted improvement carry out more of what they agreed; what is scored low is low partly by chance, so that the next scores rise by
themselves. All invented.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from etl.sample.places import Places
from etl.sample.setting import DATA_TO, Setting
from etl.sample.truth import ramp, story_commune

SECTORS = ("commune_hall", "health_centre", "primary_school")
STEPS = ("information", "scorecards", "interface", "plan", "review")  # in order; each has a column <step>_date
DAYS_TO_STEP = (30, 120, 150, 165, 330)  # from the start of the cycle, about
LOW_BELOW = 50.0  # percent of the scale's range
ANSWERS = {  # category -> the planted effect that moves it, and by how many percent of the scale a full point of effect moves it
    "time": ("speed_difference", 25.0),
    "fee": ("over_fee_difference", -120.0),
    "staff_attitude": ("friendliness_difference", 25.0),
    "opening_hours": ("visits_ratio", 40.0),
    "information_posted": ("documents_complete_difference", 90.0),
    "medicines": ("visits_ratio", 30.0),
    "cleanliness": ("quality_difference", 25.0),
}
DONE_WITHIN = {"improvement": 0.78, "none": 0.55, "harm": 0.4}


@dataclass(frozen=True)
class Cycles:
    """What was planned and what came of it, as frames.

    `held`: one row a commune and cycle: commune (row position), commune_code, partner_id, cycle (the year it began), start_date and
    the dates of `STEPS` (NaT: not done, or not by the data date). `levels`: one row a cycle, facility and category: commune, cycle,
    facility_id, facility_type, category, scorecard_date, citizen and provider (where opinion stands, 0 to 100 % of the scale), is_story (of
    the commune whose story is told).
    `actions`: one row an agreed action: action_id, the same keys, agreed_date, due_date, begun_date, done_date (NaT: not yet),
    dropped (bool), carried_from (action_id of the year before, or '').
    """

    held: pd.DataFrame
    levels: pd.DataFrame
    actions: pd.DataFrame


def invent_cycles(setting: Setting, places: Places, effects: pd.DataFrame) -> Cycles:
    """Every cycle of every covered commune up to the data date."""
    held = _held(setting, places)
    levels = _levels(setting, places, effects, held)
    told = story_commune(places)
    is_told = _is_story(levels, told)
    levels.loc[is_told, "citizen"] = np.resize((34.0, 71.0, 76.0, 78.0), int(is_told.sum()))
    levels.loc[is_told, "provider"] = np.resize((74.0, 78.0, 80.0, 81.0), int(is_told.sum()))
    levels["is_story"] = levels["commune"] == told
    return Cycles(held, levels, _actions(setting, effects, levels, told))


def _held(setting: Setting, places: Places) -> pd.DataFrame:
    """A cycle a year from the start of the programme; about one in nine stalls at some step, and nothing after it is done."""
    random = setting.random("cycles")
    told = story_commune(places)
    rows = []
    for commune, place in enumerate(places.communes.to_dict("records")):
        if pd.isna(place["start_date"]):
            continue
        start, end = np.datetime64(place["start_date"], "M"), place["end_date"]
        last = DATA_TO if pd.isna(end) else np.datetime64(end, "D")
        for first in np.arange(start, last.astype("datetime64[M]"), 12).astype("datetime64[D]"):  # the same day of every year
            dates = first + np.array(DAYS_TO_STEP) + random.integers(-20, 21, len(STEPS))
            dates = np.maximum.accumulate(dates)
            stalls = random.random() < 0.11 and commune != told
            stalls_at = random.integers(1, len(STEPS)) if stalls else len(STEPS)
            is_done = (np.arange(len(STEPS)) < stalls_at) & (dates <= last)
            days = np.where(is_done, dates, np.datetime64("NaT", "D"))
            rows.append((commune, place["commune_code"], place["partner_id"], int(str(first)[:4]), first, *days))
    columns = ["commune", "commune_code", "partner_id", "cycle", "start_date", *(f"{step}_date" for step in STEPS)]
    held = pd.DataFrame(rows, columns=columns)
    for name in columns[4:]:
        held[name] = held[name].to_numpy().astype("datetime64[s]")
    return held


def _levels(setting: Setting, places: Places, effects: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Where citizens and providers stand on each criterion: the office's own level, what the programme moved, and the mood of the day."""
    random = setting.random("levels")
    criteria = setting.criteria
    scored = held[held["scorecards_date"].notna()]
    tables = []
    for sector in SECTORS:
        is_asked = [sector in types.split() for types in criteria["facility_types"]]
        categories = [code for code in criteria.loc[is_asked, "category_code"] if code != "something_else"]
        table = scored.merge(pd.DataFrame({"category": categories}), how="cross")
        table["facility_id"] = places.communes[sector].to_numpy()[table["commune"]]
        table["facility_type"] = sector
        tables.append(table)
    levels = pd.concat(tables, ignore_index=True)
    levels = levels.drop_duplicates(["cycle", "facility_id", "category"], ignore_index=True)  # two communes may share a health centre
    office = levels.groupby(["facility_id", "category"]).ngroup().to_numpy()
    own = random.normal(58, 13, office.max() + 1 if len(office) else 0)
    commune, day = levels["commune"].to_numpy(), levels["scorecards_date"].to_numpy().astype("datetime64[D]")
    full = ramp(effects, commune, day) if len(levels) else np.zeros(0)
    moved = np.zeros(len(levels))
    for category, (effect, weight) in ANSWERS.items():
        size = effects[effect].to_numpy()[commune] - (1.0 if effect.endswith("_ratio") else 0.0)
        moved += np.where(levels["category"] == category, size * weight * full, 0.0)
    levels["citizen"] = (own[office] + moved + random.normal(0, 8, len(levels))).clip(5, 97)
    levels["provider"] = (own[office] * 0.6 + 32 + moved * 0.6 + random.normal(0, 7, len(levels))).clip(10, 98)
    return levels[["commune", "commune_code", "partner_id", "cycle", "facility_id", "facility_type", "category", "scorecards_date",
                   "plan_date", "review_date", "citizen", "provider"]]  # fmt: skip


def _actions(setting: Setting, effects: pd.DataFrame, levels: pd.DataFrame, told: int | None) -> pd.DataFrame:
    """What was agreed: most of what was scored low, some of the rest; done sooner or later, carried over, dropped, or still waited for."""
    random = setting.random("actions")
    planned = levels[levels["plan_date"].notna()].sort_values(["plan_date", "facility_id", "category"], ignore_index=True)
    is_low = planned["citizen"].to_numpy() < LOW_BELOW
    is_chosen = random.random(len(planned)) < np.where(is_low, 0.68, 0.13)
    agreed = planned[is_chosen | (_is_story(planned, told) & is_low)].reset_index(drop=True)
    is_story = _is_story(agreed, told)
    count = len(agreed)
    agreed["action_id"] = [f"A{number:05d}" for number in range(1, count + 1)]
    day = agreed["plan_date"].to_numpy().astype("datetime64[D]")
    due = day + random.integers(90, 331, count)
    kind = effects["planted"].to_numpy()[agreed["commune"].to_numpy()]
    luck = pd.Series(kind).map(DONE_WITHIN).fillna(0.5).to_numpy()
    is_done = (random.random(count) < luck) | is_story
    is_dropped = ~is_done & (random.random(count) < 0.12)
    begun = day + random.integers(10, 120, count)
    done = np.maximum(begun + 5, due + random.normal(-20, 70, count).round().astype(int))
    done = np.where(is_story, day + 80, done)
    hidden = np.datetime64("NaT", "D")
    agreed["agreed_date"], agreed["due_date"] = day.astype("datetime64[s]"), due.astype("datetime64[s]")
    has_begun = (begun <= DATA_TO) & (is_done | (random.random(count) < 0.7))
    agreed["begun_date"] = np.where(has_begun, begun, hidden).astype("datetime64[s]")
    agreed["done_date"] = np.where(is_done & (done <= DATA_TO), done, hidden).astype("datetime64[s]")
    agreed["dropped"] = is_dropped
    same = agreed.groupby(["facility_id", "category"])
    before, was_open = same["action_id"].shift(), same["done_date"].shift().isna() & ~same["dropped"].shift(fill_value=True).astype(bool)
    agreed["carried_from"] = before.where(was_open, "").fillna("")
    return agreed[["action_id", "commune", "commune_code", "partner_id", "cycle", "facility_id", "facility_type", "category", "agreed_date",
                   "due_date", "begun_date", "done_date", "dropped", "carried_from"]]  # fmt: skip


def _is_story(rows: pd.DataFrame, told: int | None) -> np.ndarray:
    """Which rows are of the criterion that the story turns on: the time at the hall of the commune of which it is told."""
    found = (rows["commune"] == told) & (rows["facility_type"] == "commune_hall") & (rows["category"] == "time")
    return found.to_numpy(dtype=bool)
