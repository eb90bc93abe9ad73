"""What do the programme's partners send about yearly cycles and agreed actions? One register of cycles, one action plan a partner and year.

The plan of `etl.sample.cycles` says what happened; here it gets words, costs, responsible offices and a history of statuses, and is written
as four partners would write it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.sample import dirt
from etl.sample.cycles import STEPS, Cycles
from etl.sample.dirt import Spoil
from etl.sample.files import EXCEL, KOBO, PLAIN, TABS, Style, Table, day_text, from_frame, moment_text, number_text
from etl.sample.parcels import Sent
from etl.sample.places import Places
from etl.sample.setting import DATA_TO, Setting
from etl.sample.truth import story_commune

TEXTS = {  # criterion -> what may be agreed, in English and Khmer; the first is what the commune of the story agrees on its hall's time
    "time": (
        (
            "Hang the list of documents for each paper beside the door and explain it at every meeting",
            "បិទបញ្ជីឯកសារត្រូវការនៅមុខទ្វារ និងពន្យល់ក្នុងគ្រប់ការប្រជុំ",
        ),
        ("Serve people in the order in which they come, with numbers", "បម្រើពលរដ្ឋតាមលេខរៀង"),
        ("Send finished papers back to the villages with the village chief", "ផ្ញើឯកសាររួចរាល់ទៅភូមិតាមមេភូមិ"),
    ),
    "fee": (
        ("Hang the official fees where everybody can read them", "បិទតម្លៃសេវាផ្លូវការនៅកន្លែងងាយមើលឃើញ"),
        ("Give a receipt for every payment", "ចេញបង្កាន់ដៃរាល់ការបង់ប្រាក់"),
    ),
    "staff_attitude": (
        ("Agree on how visitors are greeted and hang it in the room", "កំណត់ក្រមប្រតិបត្តិបុគ្គលិក និងបិទក្នុងបន្ទប់"),
        ("Talk about complaints in the monthly staff meeting", "ពិភាក្សាបណ្តឹងក្នុងការប្រជុំបុគ្គលិកប្រចាំខែ"),
    ),
    "opening_hours": (
        ("Hang a duty list with names of posts and hours, at weekends too", "បិទតារាងវេនយាម រួមទាំងចុងសប្តាហ៍"),
        ("Keep one person on duty during the lunch break", "ទុកបុគ្គលិកម្នាក់យាមពេលថ្ងៃត្រង់"),
    ),
    "information_posted": (
        ("Renew the notice board and keep it up to date every month", "ធ្វើឱ្យក្តារព័ត៌មានថ្មី និងធ្វើបច្ចុប្បន្នភាពរាល់ខែ"),
        ("Read the budget out at the village meetings", "អានថវិកាឱ្យស្តាប់ក្នុងការប្រជុំភូមិ"),
    ),
    "medicines": (
        ("Report missing medicines to the district every week", "រាយការណ៍ឱសថខ្វះខាតទៅស្រុករាល់សប្តាហ៍"),
        ("Buy a refrigerator for vaccines", "ទិញទូទឹកកកសម្រាប់វ៉ាក់សាំង"),
    ),
    "cleanliness": (
        ("Repair the toilet and put water and soap there", "ជួសជុលបង្គន់ និងដាក់ទឹក និងសាប៊ូ"),
        ("Build a separate toilet for women and girls", "សាងសង់បង្គន់ដាច់ដោយឡែកសម្រាប់ស្ត្រី"),
        ("Clean the rooms every day", "សម្អាតបន្ទប់រាល់ថ្ងៃ"),
    ),
    "inclusion": (
        ("Build a ramp at the entrance", "សាងសង់ផ្លូវជម្រាលនៅច្រកចូល"),
        ("Hang the list of people who need not pay", "បិទបញ្ជីអ្នកដែលមិនបាច់បង់ប្រាក់"),
    ),
    "teachers": (
        ("Keep the teachers' attendance book where parents can read it", "ដាក់សៀវភៅវត្តមានគ្រូនៅកន្លែងដែលមាតាបិតាអាចមើលបាន"),
        ("Ask the district for one more teacher", "ស្នើសុំគ្រូបន្ថែមម្នាក់ពីស្រុក"),
    ),
    "learning_materials": (
        ("Ask the district for the missing textbooks", "ស្នើសុំសៀវភៅសិក្សាដែលខ្វះពីស្រុក"),
        ("Open a reading corner with books from families", "បើកជ្រុងអានដោយសៀវភៅពីគ្រួសារ"),
    ),
}  # fmt: skip
OWN_OFFICE = {"commune_hall": "commune_council", "health_centre": "health_centre", "primary_school": "school"}
TO_THE_DISTRICT = ("district", "ស្រុក")  # an action whose text names the district is the district's
EVIDENCE = ("", "", "photo", "seen at the review", "list of attendance", "រូបថត", "បានឃើញក្នុងការត្រួតពិនិត្យ")
COSTS = (0, 0, 50_000, 120_000, 400_000, 1_500_000, 6_000_000)  # riel; what is built or bought costs most
IN_KHMER = {
    "planned": "មិនទាន់", "ongoing": "កំពុងអនុវត្ត", "completed": "រួចរាល់", "dropped": "បោះបង់", "commune_council": "ក្រុមប្រឹក្សាឃុំ",
    "health_centre": "មណ្ឌលសុខភាព", "school": "សាលា", "district": "ស្រុក", "community": "សហគមន៍",
}  # fmt: skip
HEADERS = {  # as a partner names them in its own spreadsheet
    "P02": {
        "action_id": "Action No",
        "action": "Agreed action",
        "responsible": "Responsible person",
        "due_date": "Deadline",
        "progress_pct": "% done",
    },
}
STYLES: dict[str, Style] = {"P01": EXCEL, "P02": TABS, "P03": KOBO, "P04": PLAIN}
PARTNER_SLUGS = {"P01": "lotus_field", "P02": "open_commune", "P03": "highland_voices", "P04": "coast_and_river"}
DATES = ("status_date", "agreed_date", "due_date", "done_date")


def send_cycles(sent: Sent, cycles: Cycles) -> None:
    """One file of all cycles."""
    held = cycles.held
    names = ("start_date", *(f"{step}_date" for step in STEPS))
    table = from_frame(held[["commune_code", "cycle", "partner_id"]]) | {name: day_text(held[name].to_numpy()) for name in names}
    bad = {"commune_code": "070101", "cycle": "2022", "start_date": "31/02/2022"}
    table = {name: np.append(values, np.array([bad.get(name, "")], dtype=object)) for name, values in table.items()}
    sent.write("cycles/cycles.csv", table, PLAIN, [("impossible date", dirt.SET_ASIDE, 1)])


def send_action_plans(sent: Sent, cycles: Cycles, setting: Setting, places: Places) -> None:
    """A file a partner and cycle, with every status that an action has had."""
    table = _histories(_worded(cycles.actions, setting, places), setting)
    if table.empty:
        return
    for (partner, year), rows in table.groupby(["partner_id", "cycle"], sort=True):
        name = f"action_plans/{PARTNER_SLUGS[str(partner)]}_{year}.csv"
        written = _written(rows, str(partner))
        written, done = dirt.spoil(written, SPOILS, setting.random(name), repeated=0.004)
        if partner == "P04":
            written["commune_code"] = dirt.without_leading_zero(written["commune_code"])
        if partner == "P02":
            for column in DATES:
                written[column] = np.array(["/".join(reversed(day.split("-"))) for day in written[column].tolist()], dtype=object)
        heads = HEADERS.get(str(partner), {})
        sent.write(name, {heads.get(column, column): values for column, values in written.items()}, STYLES[str(partner)], done)


def _worded(actions: pd.DataFrame, setting: Setting, places: Places) -> pd.DataFrame:
    """The actions with what was agreed, in both languages, who is responsible, what it costs and what shows that it was done."""
    random = setting.random("action words")
    told = story_commune(places)
    luck = random.random(len(actions))
    texts: list[tuple[str, str]] = []
    offices: list[str] = []
    said: dict[str, tuple[str, str]] = {}
    names = ["action_id", "carried_from", "commune", "facility_type", "category"]
    for (action, before, commune, sector, category), share in zip(
        actions[names].itertuples(index=False, name=None), luck.tolist(), strict=True
    ):
        is_story = (commune, sector, category) == (told, "commune_hall", "time")
        choices = TEXTS[category]
        english, khmer = said.get(before) or choices[0 if is_story else int(share * len(choices))]
        said[action] = (english, khmer)
        texts.append((english, khmer))
        offices.append("district" if TO_THE_DISTRICT[0] in english else "community" if "families" in english else OWN_OFFICE[sector])
    is_costly = np.array([english.startswith(("Build", "Buy", "Repair")) for english, _ in texts], dtype=bool)
    cost = np.array(COSTS)[np.where(is_costly, random.integers(3, len(COSTS), len(actions)), random.integers(0, 4, len(actions)))]
    return actions.assign(
        text_en=[english for english, _ in texts],
        text_km=[khmer for _, khmer in texts],
        responsible=offices,
        cost_riel=cost,
        has_cost=random.random(len(actions)) < 0.8,
        evidence=random.choice(np.array(EVIDENCE, dtype=object), len(actions)),
    )


def _histories(actions: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """One row a status: planned on the day it was agreed, then ongoing, completed or dropped; what is open was looked at once more."""
    random = setting.random("action statuses")
    last = pd.Timestamp(DATA_TO)
    agreed = actions["agreed_date"]
    begun = actions["begun_date"].where(actions["begun_date"] < actions["done_date"].fillna(last))
    dropped = (agreed + pd.to_timedelta(random.integers(120, 300, len(actions)), unit="D")).where(actions["dropped"])
    is_open = actions["done_date"].isna() & ~actions["dropped"]
    looked_at = (agreed + pd.to_timedelta(random.integers(130, 260, len(actions)), unit="D")).where(is_open)
    told = actions["done_date"] + pd.to_timedelta(random.integers(0, 15, len(actions)), unit="D")
    parts = [
        actions.assign(status="planned", status_date=agreed),
        actions.assign(status="ongoing", status_date=begun),
        actions.assign(status=np.where(begun.notna(), "ongoing", "planned"), status_date=looked_at),
        actions.assign(status="completed", status_date=told.where(told < last, last).where(told.notna())),
        actions.assign(status="dropped", status_date=dropped),
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table[table["status_date"].notna() & (table["status_date"] <= last)]
    table = table.drop_duplicates(["action_id", "status_date"], keep="last")
    return table.sort_values(["status_date", "action_id"], ignore_index=True)


def _written(rows: pd.DataFrame, partner: str) -> Table:
    """The rows as text, in the words of one partner."""
    is_done = (rows["status"] == "completed").to_numpy()
    in_khmer = partner == "P03"
    progress = rows["status"].map({"planned": 0, "ongoing": 50, "completed": 100, "dropped": 0}).to_numpy()
    words = IN_KHMER if in_khmer else {}
    return {
        **from_frame(rows[["action_id"]]),
        "status_date": day_text(rows["status_date"].to_numpy()),
        **from_frame(rows[["cycle", "commune_code", "facility_id", "facility_type", "category"]]),
        "action": rows["text_km" if in_khmer else "text_en"].to_numpy(dtype=object),
        **({} if in_khmer else {"action_km": rows["text_km"].to_numpy(dtype=object)}),
        "responsible": np.array([words.get(office, office) for office in rows["responsible"]], dtype=object),
        "agreed_date": day_text(rows["agreed_date"].to_numpy()),
        "due_date": day_text(rows["due_date"].to_numpy()),
        "status": np.array([words.get(status, status) for status in rows["status"]], dtype=object),
        "progress_pct": number_text(progress),
        "done_date": day_text(rows["done_date"].where(is_done).to_numpy()),
        "cost_riel": number_text(rows["cost_riel"].to_numpy(), rows["has_cost"].to_numpy()),
        "evidence": np.where(is_done, rows["evidence"].to_numpy(dtype=object), ""),
        **from_frame(rows[["carried_from"]]),
        "updated_at": moment_text(rows["status_date"].to_numpy(), np.full(len(rows), 9 * 60)),
    }


def _due_before_agreed(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
    table["due_date"][rows] = [str(np.datetime64(day) - 200) for day in table["agreed_date"][rows]]


def _completed_without_a_day(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
    table["status"][rows], table["done_date"][rows] = "completed", ""


def _status_in_capitals(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
    table["status"][rows] = [f" {status.upper().replace('_', ' ')} " for status in table["status"][rows]]


def _write(column: str, value: str) -> dirt.Change:
    def change(table: Table, rows: np.ndarray, random: np.random.Generator) -> None:
        table[column][rows] = value

    return change


SPOILS = (
    Spoil("due before agreed", dirt.SET_ASIDE, 0.004, _due_before_agreed),
    Spoil("completed without a day", dirt.SET_ASIDE, 0.004, _completed_without_a_day),
    Spoil("negative cost", dirt.SET_ASIDE, 0.003, _write("cost_riel", "-1000")),
    Spoil("unknown commune code", dirt.SET_ASIDE, 0.003, _write("commune_code", "079999")),
    Spoil("responsible nobody knows", dirt.WARNED, 0.004, _write("responsible", "the committee")),
    Spoil("status spelled differently", dirt.REPAIRED, 0.02, _status_in_capitals),
)
