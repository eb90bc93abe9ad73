"""What did meetings score? Citizens village by village, providers once a facility, from the plan of the accountability cycles.

Most partners let a meeting agree on 1 to 5; one asks on 0 to 100, one lets everybody vote on 0 to 4. Criteria stand in the words of
the meeting, in two languages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from etl.sample import dirt
from etl.sample.cycles import Cycles
from etl.sample.dirt import SCORECARD_SPOILS, SUPERSEDED
from etl.sample.files import EXCEL, KOBO, PLAIN, Style, Table, day_text, moment_text, number_text, row_count, stack, take
from etl.sample.parcels import Sent
from etl.sample.setting import DATA_TO, Setting

VILLAGES = (3, 6)
ATTENDEES, STAFF, FEW = (15, 40), (3, 8), (6, 9)  # from and to, both included
SMALL_MEETINGS = 0.015
OF_A_VILLAGE, OF_A_PERSON = 7.0, 21.0  # how far opinions scatter, in percent of the scale
STEPS = 5


@dataclass(frozen=True)
class Way:
    """How a partner scores and writes: the scale, whether people vote, and its words. `km`: the share of criteria written in Khmer."""

    slug: str
    scale: tuple[int, int]
    is_voted: bool = False
    km: float = 0.1
    has_category: float = 0.0
    style: Style = PLAIN
    is_yearly: bool = False
    sides: tuple[str, str] = ("citizen", "provider")


WAYS = {
    "P01": Way("lotus_field", (1, 5), style=EXCEL),
    "P02": Way("open_commune", (0, 100), has_category=1.0, is_yearly=True, sides=("Citizens", "Self-assessment")),
    "P03": Way("highland_voices", (0, 4), is_voted=True, km=0.9, sides=("ប្រជាពលរដ្ឋ", "អ្នកផ្តល់សេវា")),
    "P04": Way("coast_and_river", (1, 5), has_category=0.3, style=KOBO, sides=("user", "staff")),
}


def send_scorecards(sent: Sent, cycles: Cycles, setting: Setting) -> None:
    """A file a partner, from one of them a file a year of the cycle; its newest year is sent again, with some scores corrected."""
    meetings = invent_meetings(setting, cycles)
    year = meetings["cycle"].where(meetings["partner_id"].map(lambda partner: WAYS[partner].is_yearly), 0)
    for (partner, cycle), chosen in meetings.groupby([meetings["partner_id"], year], sort=True):
        way = WAYS[str(partner)]
        name = f"scorecards/{way.slug}_{cycle}.csv" if cycle else f"scorecards/{way.slug}.csv"
        random = setting.random(name)
        table = scorecards_table(chosen, way, setting, random)
        spoils = [spoil for spoil in SCORECARD_SPOILS if not (way.is_voted and spoil.name in dirt.NOT_OF_VOTES)]
        table, done = dirt.spoil(table, spoils, random, repeated=0.002)
        sent.write(name, table, way.style, done)
    _send_again(sent, meetings, setting)


def _send_again(sent: Sent, meetings: pd.DataFrame, setting: Setting) -> None:
    """What a partner corrected after the year was sent: the newer rows replace the older ones."""
    mine = meetings[(meetings["partner_id"] == "P02") & (meetings["side"] == "citizen")]
    if mine.empty:
        return
    name = "scorecards/open_commune_corrected.csv"
    random = setting.random(name)
    chosen = mine[mine["cycle"] == mine["cycle"].max()].sample(frac=0.03, random_state=random).sort_index()
    corrected = chosen.assign(opinion=(chosen["opinion"] + 5).clip(0, 100), late=60)
    table = scorecards_table(corrected, WAYS["P02"], setting, random)
    sent.write(name, table, PLAIN, [("row sent again later", SUPERSEDED, row_count(table))])


def invent_meetings(setting: Setting, cycles: Cycles) -> pd.DataFrame:
    """One row a meeting and category: the keys of `Cycles.levels`, side, meeting_id, date, attendees, female, opinion (0 to 100), `words`
    (which spelling of the criterion) and `late` (days until it was written down).
    """
    random = setting.random("scorecards")
    levels = cycles.levels.reset_index(drop=True)
    facility = levels.groupby(["facility_id", "cycle"], sort=False).ngroup().to_numpy()
    count = int(facility.max(initial=-1)) + 1
    villages = random.integers(VILLAGES[0], VILLAGES[1] + 1, count)
    first = np.concatenate(([0], np.cumsum(villages)))[:-1]
    row = np.repeat(np.arange(len(levels)), villages[facility])
    within = np.arange(len(row)) - np.repeat(np.cumsum(villages[facility]) - villages[facility], villages[facility])
    citizens = _side(setting, levels.iloc[row], "citizen", first[facility[row]] + within, within + 1, ATTENDEES, random)
    providers = _side(setting, levels, "provider", facility, np.zeros(len(levels), dtype=int), STAFF, random)
    return pd.concat([citizens, providers], ignore_index=True)


def _side(
    setting: Setting,
    levels: pd.DataFrame,
    side: str,
    meeting: np.ndarray,
    village: np.ndarray,
    size: tuple[int, int],
    random: np.random.Generator,
) -> pd.DataFrame:
    """The rows of one side: `meeting` numbers the meetings, `village` says which of a facility it is."""
    meetings = int(meeting.max(initial=-1)) + 1
    people = random.integers(size[0], size[1] + 1, meetings)
    if side == "citizen":
        is_story = np.zeros(meetings, dtype=bool)
        is_story[meeting] = levels["is_story"]
        few = (random.random(meetings) < SMALL_MEETINGS) & ~is_story  # of a meeting of few people no score is told
        people = np.where(few, random.integers(FEW[0], FEW[1] + 1, meetings), people)
    women = random.binomial(people, random.beta(12, 8, meetings) if side == "citizen" else 0.35)
    later = random.integers(0, 15, meetings)
    held = levels["scorecards_date"].to_numpy().astype("datetime64[D]") + later[meeting]
    own = (
        levels[side].to_numpy()
        + random.normal(0, OF_A_VILLAGE, meetings)[meeting] * 0.6
        + random.normal(0, OF_A_VILLAGE * 0.8, len(levels))
    )
    codes = levels["facility_id"].to_numpy(dtype=object) + "-" + levels["cycle"].astype(str).to_numpy(dtype=object)
    end = np.array(["-S" if side == "provider" else f"-V{number}" for number in range(VILLAGES[1] + 1)], dtype=object)
    return pd.DataFrame(
        {
            "partner_id": levels["partner_id"].to_numpy(),
            "cycle": levels["cycle"].to_numpy(),
            "commune_code": levels["commune_code"].to_numpy(),
            "facility_id": levels["facility_id"].to_numpy(),
            "facility_type": levels["facility_type"].to_numpy(),
            "category": levels["category"].to_numpy(),
            "side": side,
            "meeting_id": codes + end[village],
            "date": np.minimum(held, DATA_TO),
            "attendees": people[meeting],
            "female": women[meeting],
            "opinion": own.clip(0, 100),
            "words": random.random(len(levels)),
            "late": 1,
        }
    )


def scorecards_table(meetings: pd.DataFrame, way: Way, setting: Setting, random: np.random.Generator) -> Table:
    """These meetings as the partner would export them; where people vote, a row a step of the scale."""
    lowest, highest = way.scale
    opinion = meetings["opinion"].to_numpy()
    is_citizen = (meetings["side"] == "citizen").to_numpy()
    step = 5 if highest == 100 else 1
    score = (lowest + np.round(opinion / 100 * (highest - lowest) / step) * step).astype(int)
    table = _agreed(meetings, way, setting, random, score)
    if not way.is_voted:
        return table
    voting = np.flatnonzero(is_citizen)
    chances = _chances(opinion[voting])
    votes = random.multinomial(meetings["attendees"].to_numpy()[voting], chances)
    voted = take(table, np.repeat(voting, STEPS))
    voted["score"] = number_text(np.tile(np.arange(lowest, lowest + STEPS), len(voting)))
    voted["votes"] = number_text(votes.ravel())
    return stack(take(table, np.flatnonzero(~is_citizen)), voted)


def _agreed(meetings: pd.DataFrame, way: Way, setting: Setting, random: np.random.Generator, score: np.ndarray) -> Table:
    rows = len(meetings)
    days = meetings["date"].to_numpy().astype("datetime64[D]")
    everyone = np.full(rows, "", dtype=object)
    filled = random.random(rows) < way.has_category
    category = meetings["category"].to_numpy(dtype=object)
    return {
        "meeting_id": meetings["meeting_id"].to_numpy(dtype=object),
        "cycle": meetings["cycle"].astype(str).to_numpy(dtype=object),
        "meeting_date": day_text(days),
        "commune_code": meetings["commune_code"].to_numpy(dtype=object),
        "facility_id": meetings["facility_id"].to_numpy(dtype=object),
        "facility_type": meetings["facility_type"].to_numpy(dtype=object),
        "side": np.where(meetings["side"] == "citizen", *way.sides).astype(object),
        "criterion": _criteria(setting, category, meetings["words"].to_numpy(), way.km),
        "category": np.where(filled, category, ""),
        "score": number_text(score),
        "scale_min": everyone + str(way.scale[0]),
        "scale_max": everyone + str(way.scale[1]),
        "votes": everyone.copy(),
        "attendees": number_text(meetings["attendees"].to_numpy()),
        "attendees_female": number_text(meetings["female"].to_numpy()),
        "updated_at": moment_text(days + meetings["late"].to_numpy(), 480 + np.arange(rows) % 540),
    }


def _criteria(setting: Setting, category: np.ndarray, luck: np.ndarray, km: float) -> np.ndarray:
    """The words of each criterion: one of its known spellings, in Khmer for about the share `km` of them."""
    words = np.empty(len(category), dtype=object)
    for row in setting.criteria.to_dict("records"):
        spellings = [row["category_en"], *row["spellings"].split("|")]
        khmer = [row["category_km"], *(word for word in spellings if not word.isascii())]
        latin = [word for word in spellings if word.isascii()]
        mine = np.flatnonzero(category == row["category_code"])
        is_khmer = luck[mine] < km
        place = np.where(is_khmer, luck[mine] / max(km, 1e-9) * len(khmer), (luck[mine] - km) / max(1 - km, 1e-9) * len(latin)).astype(int)
        words[mine] = [
            khmer[min(at, len(khmer) - 1)] if in_khmer else latin[min(at, len(latin) - 1)]
            for at, in_khmer in zip(place, is_khmer, strict=True)
        ]
    return words


def _chances(opinion: np.ndarray) -> np.ndarray:
    """The chance of each of five steps for people who scatter round an opinion, (rows, 5)."""
    middles = np.linspace(0, 100, STEPS)
    weight = np.exp(-0.5 * ((middles[None, :] - opinion[:, None]) / OF_A_PERSON) ** 2)
    return weight / weight.sum(axis=1, keepdims=True)
