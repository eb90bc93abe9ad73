"""What do offices post about their services? One row a posting of one service at one office, clean; the dirt comes later."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from etl.sample import dirt
from etl.sample.files import EXCEL, PLAIN, Table, day_text, moment_text, number_text, renamed, yes_no_text
from etl.sample.parcels import WORDS, Sent, province_slugs
from etl.sample.places import Places
from etl.sample.requests import FEES_WITHOUT_OFFICIAL, offered_services
from etl.sample.setting import DATA_TO, Setting
from etl.sample.truth import story_commune

POSTED_IF_COVERED, POSTED_ELSEWHERE = 0.8, 0.22  # the share of offices that post what they promise
DAYS_WITHOUT_OFFICIAL = {"certified_copy": 1, "legal_letter": 2, "identity_card": 30}
BETTER_THAN_OFFICIAL = 0.25  # the share of postings that promise less time than the official standard
STORY_DAYS = {"family_book": 2}
SEEN_BY = ("notice board, seen by the facilitator", "notice board", "table of fees at the office", "page of the commune")

HEADERS = {  # what partners call the columns, by province
    "09": {"facility_id": "Office code", "service_code": "Service", "posted_from": "Date posted", "posted_days": "Days promised",
           "day_type": "Working or calendar days", "posted_fee_riel": "Official fee (riel)", "documents": "Documents required"},
    "11": {"facility_id": "លេខកូដការិយាល័យ", "service_code": "ប្រភេទសេវា", "posted_from": "ថ្ងៃបិទផ្សាយ", "posted_days": "ចំនួនថ្ងៃ",
           "day_type": "ប្រភេទថ្ងៃ", "posted_fee_riel": "កម្រៃសេវាផ្លូវការ", "documents": "ឯកសារតម្រូវ", "is_delivered_home": "យកទៅដល់ផ្ទះ"},
}  # fmt: skip
IN_KHMER = {"working": "ថ្ងៃធ្វើការ", "calendar": "ថ្ងៃប្រតិទិន"}


def send_postings(sent: Sent, postings: pd.DataFrame, setting: Setting) -> None:
    """A file a province: headers in its partner's own words, dates in two notations, a few rows that no one can use."""
    names = setting.services.set_index("service_code")["service_km"].to_dict()
    for province, slug in province_slugs(setting).items():
        chosen = postings[postings["province"] == province]
        if chosen.empty:
            continue
        name = f"posted_standards/{slug}.csv"
        spoils = dirt.POSTING_SPOILS + (() if province in HEADERS else dirt.MIXED_POSTING_SPOILS)
        table, done = dirt.spoil(postings_table(chosen, WORDS[province]), spoils, setting.random(name), repeated=0.004)
        if province == "11":
            for column, words in (("service_code", names), ("day_type", IN_KHMER)):
                table[column] = np.array([words.get(value, value) for value in table[column].tolist()], dtype=object)
        sent.write(name, renamed(table, HEADERS.get(province, {})), EXCEL if province == "07" else PLAIN, done)


def invent_postings(setting: Setting, places: Places) -> pd.DataFrame:
    """One row a posting: province, facility_id, service_code, posted_from (a date), days (-1: not posted), day_type, fee, documents,
    is_home, source.
    """
    random = setting.random("posted")
    told = story_commune(places)
    official = setting.standards[setting.standards["valid_to"] == ""].set_index("service_code")
    offered = setting.services[setting.services["service_code"].isin(offered_services(setting))]
    rows: list[dict[str, Any]] = []
    for number, place in enumerate(places.communes.to_dict("records")):
        is_story, is_covered = number == told, not pd.isna(place["start_date"])
        share = 1.0 if is_story else POSTED_IF_COVERED if is_covered else POSTED_ELSEWHERE
        for kind, services in offered.groupby("facility_type", sort=True)["service_code"]:
            if not place[kind].endswith(place["commune_code"]) or random.random() > share:
                continue  # its people use the office of another commune, or it posts nothing
            begins = _first_day(place, is_covered, setting, random)
            if begins <= DATA_TO:
                rows += [_posting(place, place[kind], code, official, begins, is_story, random) for code in services]
    return pd.DataFrame(rows)


def postings_table(postings: pd.DataFrame, words: dict[str, str]) -> Table:
    """These postings as a partner would write them down; `words` are its own: yes, no."""
    days, fee = postings["days"].to_numpy(), postings["fee"].to_numpy()
    texts = {name: postings[name].to_numpy(dtype=object) for name in ("facility_id", "service_code", "day_type", "documents", "source")}
    begins = postings["posted_from"].to_numpy().astype("datetime64[D]")
    return {
        "facility_id": texts["facility_id"],
        "service_code": texts["service_code"],
        "posted_from": day_text(begins),
        "posted_days": number_text(np.maximum(days, 0), days >= 0),
        "day_type": np.where(days >= 0, texts["day_type"], ""),
        "posted_fee_riel": number_text(fee),
        "documents": texts["documents"],
        "is_delivered_home": yes_no_text(postings["is_home"].to_numpy(), words["yes"], words["no"]),
        "source": texts["source"],
        "updated_at": moment_text(begins + 3, 480 + np.arange(len(postings)) % 540),
    }


def _first_day(place: dict[Hashable, Any], is_covered: bool, setting: Setting, random: np.random.Generator) -> np.datetime64:
    """Some weeks after the programme came; elsewhere at some time."""
    if is_covered:
        return np.datetime64(place["start_date"], "D") + random.integers(20, 70)
    return setting.first_day + random.integers(0, 1 + int((DATA_TO - setting.first_day).astype(int)) * 3 // 4)


def _posting(
    place: dict[Hashable, Any],
    facility: str,
    service: str,
    official: pd.DataFrame,
    begins: np.datetime64,
    is_story: bool,
    random: np.random.Generator,
) -> dict[str, Any]:
    standard = official.loc[service].to_dict() if service in official.index else {}
    days = int(standard.get("max_days") or DAYS_WITHOUT_OFFICIAL.get(service, 5))
    fee = int(standard.get("fee_riel") or FEES_WITHOUT_OFFICIAL.get(service, 0))
    shorter, says_days, calendar, documents, home = random.random(5)
    days = max(2, round(days * 0.7)) if shorter < BETTER_THAN_OFFICIAL and days > 2 else days
    days = STORY_DAYS.get(service, days) if is_story else days
    return {
        "province": place["province_code"],
        "facility_id": facility,
        "service_code": service,
        "posted_from": begins,
        "days": days if is_story or says_days < 0.94 else -1,
        "day_type": "calendar" if calendar < 0.55 and not is_story else "working",
        "fee": fee,
        "documents": standard.get("documents", "") if documents < 0.85 else "",
        "is_home": is_story or home < 0.15,
        "source": SEEN_BY[int(random.integers(len(SEEN_BY)))],
    }
