"""Who informs the citizens, and how many come? Facilitators, what they say of themselves, and the sessions they hold; all invented.

Sessions stand round the information step of each cycle (etl/sample/cycles.py), in several villages, and a few later in the year.
The commune of the story has one facilitator who is trained in autumn 2023 and grows in confidence.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.sample import dirt
from etl.sample.cycles import Cycles
from etl.sample.feedback import invented_name
from etl.sample.files import EXCEL, KOBO, PLAIN, Style, Table, day_text, from_frame, number_text, stack, take
from etl.sample.parcels import Sent
from etl.sample.places import Places
from etl.sample.setting import DATA_TO, Setting
from etl.sample.truth import story_commune
from metrics.story import STORY_FACILITATOR

QUESTIONS = ("knowledge", "confidence", "leadership", "civic_engagement", "uses_services")
BEFORE = (2.3, 2.4, 2.2, 2.6, 2.9)  # mean score of each question on a scale from 1 to 5
GROWTH = (1.25, 0.85, 0.75, 0.6, 0.45)  # after training
KEPT = (0.7, 1.15, 1.2, 1.1, 1.1)  # how much of it is there a year later
STORY_SCORES = ((2, 2, 2, 3, 2), (4, 4, 3, 4, 3), (4, 5, 4, 5, 4))  # before, after, every follow-up
TOPICS = ("commune_services", "health", "school", "budget", "rights")
VILLAGES = ("Trapeang Thum", "Prey Thnang", "Boeng Ta Prit", "Kampong Kes", "Ou Romeas", "ភូមិថ្មី", "ភូមិព្រែក", "Svay Chrum", "Tuol Sala")
UPLAND = ("11", "16")  # provinces with many ethnic minorities
SLUGS = {"P01": "lotus_field", "P02": "open_commune", "P03": "highland_voices", "P04": "coast_and_river"}
KHMER = {"f": "ស្រី", "m": "ប្រុស", "held": "បានធ្វើ", "planned": "គ្រោង", "cancelled": "លុបចោល"}
OWN_HEADERS = {  # how one partner calls its columns
    "session_id": "Session ID", "facilitator_id": "Facilitator code", "commune_code": "Commune code", "village": "Village",
    "session_topic": "Topic", "session_status": "Status of session", "planned_date": "Planned date", "session_date": "Date of meeting",
    "participants": "Total participants", "participants_female": "No. of women", "participants_male": "No. of men",
    "participants_youth": "No. of youth", "participants_minority": "No. of ethnic minority",
    "participants_disability": "No. of persons with disability", "updated_at": "Last updated",
}  # fmt: skip
HABITS: dict[str, tuple[Style, dict[str, str], dict[str, str], int]] = {  # style, words, headers, lowest score
    "P01": (EXCEL, {}, {}, 1),
    "P02": (PLAIN, {}, {}, 1),
    "P03": (KOBO, KHMER, {}, 0),
    "P04": (PLAIN, {}, OWN_HEADERS, 1),
}


def send_outreach(sent: Sent, setting: Setting, places: Places, cycles: Cycles) -> None:
    """The register of facilitators, and of each partner a file of its assessments and one of its sessions."""
    facilitators = invent_facilitators(setting, places)
    sent.write("facilitators/facilitators.csv", *_register(setting, facilitators))
    assessments, sessions = invent_assessments(setting, facilitators), invent_sessions(setting, places, cycles, facilitators)
    for partner, (style, words, headers, lowest) in HABITS.items():
        mine = assessments[assessments["partner_id"] == partner]
        if len(mine):
            name = f"facilitator_assessments/{SLUGS[partner]}.csv"
            table, done = dirt.spoil(_assessment_table(mine, lowest), dirt.ASSESSMENT_SPOILS, setting.random(name), repeated=0.004)
            sent.write(name, table, style, done)
        chosen = sessions[sessions["partner_id"] == partner]
        if len(chosen):
            name = f"outreach/{SLUGS[partner]}.csv"
            table = _session_table(chosen, words)
            is_held = (chosen["session_status"] == "held").to_numpy()
            held, done = dirt.spoil(take(table, is_held), dirt.OUTREACH_SPOILS, setting.random(name), repeated=0.004)
            table = {column: np.concatenate([held[column], table[column][~is_held]]) for column in table}
            sent.write(name, _renamed(table, headers) if headers else table, style, done)


def _renamed(table: Table, headers: dict[str, str]) -> Table:
    """The table under a partner's own headers, with every day as that partner writes it: 31/12/2024."""
    days = {
        column: np.array(["/".join(reversed(day.split("-"))) for day in table[column].tolist()], dtype=object)
        for column in ("planned_date", "session_date")
    }
    return {headers.get(column, column): days.get(column, values) for column, values in table.items()}


def invent_facilitators(setting: Setting, places: Places) -> pd.DataFrame:
    """Two to four a covered commune (now and then one is not trained yet, or has left), with the training in the autumn of the start."""
    random = setting.random("facilitators")
    covered = places.communes[places.communes["start_date"].notna()]
    commune = np.repeat(covered.index.to_numpy(), random.integers(2, 5, len(covered)))
    table = places.communes.loc[commune, ["commune_code", "partner_id", "start_date", "province_code"]].reset_index(names="commune")
    count = len(table)
    start = table["start_date"].to_numpy().astype("datetime64[D]")
    by_commune = random.integers(15, 60, len(places.communes))[table["commune"]]  # a training is held for a commune together
    table["trained_date"] = (start + by_commune).astype("datetime64[s]")
    table["active_from"] = (start + random.integers(0, 14, count)).astype("datetime64[s]")
    table.loc[random.random(count) < 0.1, "trained_date"] = pd.NaT
    last = start + random.integers(300, 900, count)
    has_left = (random.random(count) < 0.16) & (last <= DATA_TO)
    table["active_to"] = np.where(has_left, last, np.datetime64("NaT", "D")).astype("datetime64[s]")
    table["sex"] = np.where(random.random(count) < 0.54, "f", "m")
    table["facilitator_id"] = [f"FA{number:04d}" for number in range(1, count + 1)]
    told = np.flatnonzero(table["commune"] == story_commune(places))[:1]
    table.loc[told, ["facilitator_id", "sex"]] = [STORY_FACILITATOR, "f"]
    table.loc[told, "trained_date"] = (start[told] + 40).astype("datetime64[s]")
    table.loc[told, "active_to"] = pd.NaT
    return table


def invent_assessments(setting: Setting, facilitators: pd.DataFrame) -> pd.DataFrame:
    """One row a facilitator, stage and round with `score_<question>` from 1 to 5: before training, after it, and every year later."""
    random = setting.random("assessments")
    trained = facilitators[facilitators["trained_date"].notna()].reset_index(drop=True)
    day = trained["trained_date"].to_numpy().astype("datetime64[D]")
    person = random.normal(0, 0.55, len(trained))
    gain = random.gamma(6, 1 / 6, len(trained))
    left = trained["active_to"].to_numpy().astype("datetime64[D]")
    last = np.where(np.isnat(left), DATA_TO, left)
    plan = [("before_training", 1, -12, 0.0), ("after_training", 1, 14, 1.0)]
    plan += [("follow_up", year, 365 * year, 1.0) for year in range(1, 4)]
    tables = []
    for stage, number, after, part in plan:
        assessed = day + after + random.integers(-6, 7, len(trained))
        is_done = (assessed <= last) & (random.random(len(trained)) < (0.97 if number == 1 else 0.88))
        table = trained[["facilitator_id", "partner_id"]].copy()
        table["assessment_stage"], table["round"], table["assessed_date"] = stage, number, assessed.astype("datetime64[s]")
        for place, question in enumerate(QUESTIONS):
            kept = KEPT[place] if stage == "follow_up" else 1.0
            opinion = BEFORE[place] + person + part * kept * GROWTH[place] * gain + random.normal(0, 0.6, len(trained))
            table[f"score_{question}"] = np.floor(opinion + 0.5).clip(1, 5).astype(int)
            told = ("before_training", "after_training", "follow_up").index(stage)
            table.loc[table["facilitator_id"] == STORY_FACILITATOR, f"score_{question}"] = STORY_SCORES[told][place]
        is_told = (trained["facilitator_id"] == STORY_FACILITATOR) & (assessed <= last)
        tables.append(table[is_done | is_told])
    return pd.concat(tables, ignore_index=True)


def invent_sessions(setting: Setting, places: Places, cycles: Cycles, facilitators: pd.DataFrame) -> pd.DataFrame:
    """One row a session planned: its day, village, topic, what became of it, and for those held how many came.

    About one cycle in eleven holds none of its sessions: nobody had the time.
    """
    random = setting.random("outreach")
    held = cycles.held[cycles.held["start_date"] <= pd.Timestamp(DATA_TO)]
    is_busy = (random.random(len(held)) < 0.09) & (held["commune"] != story_commune(places)).to_numpy()
    held = held.assign(information_date=held["information_date"].where(~is_busy))
    again = random.integers(3, 7, len(held))
    rows = held.loc[held.index.repeat(again)].reset_index(drop=True)
    nth = rows.groupby(["commune", "cycle"]).cumcount().to_numpy()
    count = len(rows)
    informed = rows["information_date"].fillna(rows["start_date"] + pd.Timedelta(days=30)).to_numpy().astype("datetime64[D]")
    planned = informed + np.where(nth < 3, nth * 3, 60 * nth) + random.integers(-2, 3, count)
    day = planned + np.where(random.random(count) < 0.25, random.integers(1, 25, count), 0)
    luck = random.random(count)
    is_held = (luck < 0.9) & (day <= DATA_TO) & rows["information_date"].notna().to_numpy()
    status = np.where(is_held, "held", np.where((luck > 0.95) & (planned <= DATA_TO), "cancelled", "planned"))
    came = np.floor(random.gamma(5, 9, count)).astype(int) + 6
    province = places.communes["province_code"].to_numpy()[rows["commune"]]
    by_commune = facilitators.groupby("commune")["facilitator_id"].agg(list)
    places_and_turns = list(zip(rows["commune"], nth, strict=True))
    table = pd.DataFrame(
        {
            "facilitator_id": [by_commune[place][turn % len(by_commune[place])] for place, turn in places_and_turns],
            "partner_id": rows["partner_id"],
            "commune_code": rows["commune_code"],
            "village": [VILLAGES[(place * 5 + turn) % len(VILLAGES)] for place, turn in places_and_turns],
            "session_topic": np.array(TOPICS, dtype=object)[np.where(nth < 2, 0, random.integers(0, len(TOPICS), count))],
            "session_status": status,
            "planned_date": planned.astype("datetime64[s]"),
            "session_date": np.where(is_held, day, np.datetime64("NaT", "D")).astype("datetime64[s]"),
            "participants": came,
            "participants_female": random.binomial(came, 0.61),
            "participants_youth": random.binomial(came, np.clip(0.19 + 0.03 * (rows["cycle"].to_numpy() - 2023), 0.05, 0.6)),
            "participants_minority": random.binomial(came, np.where(np.isin(province, UPLAND), 0.52, 0.03)),
            "participants_disability": random.binomial(came, 0.018),
            "knows_sexes": random.random(count) > 0.04,
            "knows_groups": random.random(count) > 0.07,
        }
    )
    table = table.sort_values(["planned_date", "commune_code", "village"], ignore_index=True)
    table["session_id"] = [f"I{number:05d}" for number in range(1, count + 1)]
    return table


def _register(setting: Setting, facilitators: pd.DataFrame) -> tuple[Table, Style, list[tuple[str, str, int]]]:
    """The register as the programme keeps it, with (invented) names in it that never become readable."""
    dates = {name: day_text(facilitators[name].to_numpy()) for name in ("trained_date", "active_from", "active_to")}
    table = from_frame(facilitators[["facilitator_id", "partner_id", "commune_code", "sex"]]) | dates
    table["facilitator_name"] = np.array([invented_name(number) for number in range(len(facilitators))], dtype=object)
    ours = facilitators["facilitator_id"].to_numpy() == STORY_FACILITATOR
    spoiled, done = dirt.spoil(take(table, ~ours), dirt.FACILITATOR_SPOILS, setting.random("facilitators.csv"))
    done.append(("personal columns", dirt.REPAIRED, len(facilitators)))
    spoiled, bad = dirt.spoil_register("facilitators", stack(take(table, ours), spoiled))
    return spoiled, EXCEL, done + bad


def _assessment_table(assessments: pd.DataFrame, lowest: int) -> Table:
    """Assessments as a partner sends them, on a scale from `lowest` (0 or 1) to `lowest` + 4."""
    everyone = np.full(len(assessments), "", dtype=object)
    table = from_frame(assessments[["facilitator_id", "assessment_stage"]])
    table["round"] = number_text(assessments["round"].to_numpy())
    table["assessed_date"] = day_text(assessments["assessed_date"].to_numpy())
    for question in QUESTIONS:
        table[f"score_{question}"] = number_text(assessments[f"score_{question}"].to_numpy() - 1 + lowest)
    return table | {"scale_min": everyone + str(lowest), "scale_max": everyone + str(lowest + 4)}


def _session_table(sessions: pd.DataFrame, words: dict[str, str]) -> Table:
    """Sessions as a partner sends them, in its own words."""
    is_held = (sessions["session_status"] == "held").to_numpy()
    knows_sexes, knows_groups = sessions["knows_sexes"].to_numpy(), sessions["knows_groups"].to_numpy()
    women, everybody = sessions["participants_female"].to_numpy(), sessions["participants"].to_numpy()
    table = from_frame(sessions[["session_id", "facilitator_id", "commune_code", "village", "session_topic"]])
    table["session_status"] = np.array([words.get(status, status) for status in sessions["session_status"]], dtype=object)
    table |= {name: day_text(sessions[name].to_numpy()) for name in ("planned_date", "session_date")}
    table["participants"] = number_text(everybody, is_held & ~knows_sexes)
    table["participants_female"] = number_text(women, is_held & knows_sexes)
    table["participants_male"] = number_text(everybody - women, is_held & knows_sexes)
    for group in ("youth", "minority", "disability"):
        table[f"participants_{group}"] = number_text(sessions[f"participants_{group}"].to_numpy(), is_held & knows_groups)
    return table
