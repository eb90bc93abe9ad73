"""What did we plant? The programme's effect in each commune, so that verdicts can be checked against it.

An effect grows in a straight line from the start of the programme in the commune to its full size `ramp_months` later.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from etl.sample.files import Table, day_text, from_frame, write_table
from etl.sample.places import Places
from etl.sample.setting import DAYS_PER_MONTH, Setting

COLUMNS = {
    "commune_code": "Official code of the commune",
    "start_date": "First day of the programme there; empty where it never came (then nothing is planted)",
    "planted": "improvement, none, harm, or never covered",
    "ramp_months": "Months from the start until the effect has its full size; it grows in a straight line",
    "visits_ratio": "Visits to the commune's health centre with the programme ÷ without it",
    "requests_ratio": "Requests handed in with the programme ÷ without it",
    "days_ratio": "Processing days with ÷ without, for requests of the same completeness of documents",
    "documents_complete_difference": "Added to the share of requests with complete documents (0.10 = ten points)",
    "over_fee_difference": "Added to the share of requests that paid more than the official fee",
    "speed_difference": "Added to the mean rating of speed, in points of a 1 to 5 scale, before rounding to whole points",
    "friendliness_difference": "Added to the mean rating of friendliness, the same way",
    "quality_difference": "Added to the mean rating of quality, the same way",
    "unofficial_payment_difference": "Added to the share asked for an unofficial payment",
    "median_days_without": "Median days of the commune's own requests after the ramp, had the programme not come (all services)",
    "median_days_with": "The same requests as they were processed; both before rejections, closures and errors in the files",
    "within_standard_without_pct": "Share of the same requests within the official days, had the programme not come; working days as 7/5",
    "within_standard_with_pct": "The same with the programme",
    "requests_after_ramp": "How many requests the last four figures rest on",
}
STORY_PROVINCE = "07"  # Kampot: the commune whose story the guided tour tells lies there
STORY_EFFECT = {
    "visits_ratio": 1.42, "requests_ratio": 1.15, "days_ratio": 0.42, "documents_complete_difference": 0.24, "over_fee_difference": -0.09,
    "speed_difference": 0.8, "friendliness_difference": 0.9, "quality_difference": 0.5, "unofficial_payment_difference": -0.07,
}  # fmt: skip
NO_EFFECT = {name: 1.0 if name.endswith("_ratio") else 0.0 for name in COLUMNS if name.endswith(("_ratio", "_difference"))}


def plant_effects(setting: Setting, places: Places) -> pd.DataFrame:
    """One row a commune in code order: kind of effect, ramp and the size for each measure (see COLUMNS)."""
    random = setting.random("effects")
    covered = places.communes["start_date"].notna().to_numpy()
    kinds = np.full(len(covered), "never covered", dtype=object)
    kinds[covered] = _deal_kinds(int(covered.sum()), random)
    rows = [_effect(kind, random) for kind in kinds]
    effects = pd.DataFrame({"commune_code": places.communes["commune_code"], "start_date": places.communes["start_date"], "planted": kinds})
    effects["ramp_months"] = random.integers(3, 7, len(effects))
    effects = pd.concat([effects, pd.DataFrame(rows)], axis=1)
    told = story_commune(places)
    if told is not None:
        story = {"planted": "improvement", "ramp_months": 4, **STORY_EFFECT}
        effects.loc[told, list(story)] = pd.Series(story)
    return effects


def story_commune(places: Places) -> int | None:
    """The row of the commune of which the story is told: of the covered ones of Kampot that with the most people; None if there is none."""
    mine = places.communes[(places.communes["province_code"] == STORY_PROVINCE) & places.communes["start_date"].notna()]
    return int(np.argmax(np.where(places.communes.index.isin(mine.index), places.communes["population"], 0))) if len(mine) else None


def ramp(effects: pd.DataFrame, commune: np.ndarray, days: np.ndarray) -> np.ndarray:
    """How much of the full effect is there, 0 to 1, in these communes (row positions) on these days."""
    starts = effects["start_date"].to_numpy().astype("datetime64[D]")
    length = effects["ramp_months"].to_numpy() * DAYS_PER_MONTH
    since = (days.astype("datetime64[D]") - starts[commune]).astype("timedelta64[D]")
    elapsed = np.where(np.isnat(since), 0, since.astype(np.int64))
    return np.clip(elapsed / length[commune], 0.0, 1.0)


def write_truth(folder: Path, effects: pd.DataFrame, dirt: pd.DataFrame) -> None:
    """Write truth.csv, what its columns mean, and dirt.csv: how many rows of which file were spoiled how."""
    shown = effects.copy()
    shown["start_date"] = day_text(effects["start_date"].to_numpy())
    for name in shown.select_dtypes("float").columns:
        shown[name] = [("" if np.isnan(value) else f"{value:.4g}") for value in shown[name]]
    write_table(folder / "truth.csv", from_frame(shown[list(COLUMNS)]))
    meanings: Table = {"column": np.array(list(COLUMNS), dtype=object), "meaning": np.array(list(COLUMNS.values()), dtype=object)}
    write_table(folder / "truth_columns.csv", meanings)
    write_table(folder / "dirt.csv", from_frame(dirt))


def _deal_kinds(count: int, random: np.random.Generator) -> np.ndarray:
    """Most covered communes improve, a quarter do not change, a few get worse; the shares are dealt, not drawn."""
    harm, none = max(1, round(count * 0.06)), max(1, round(count * 0.26))
    kinds = np.array(["harm"] * harm + ["none"] * none + ["improvement"] * max(0, count - harm - none), dtype=object)
    return random.permutation(kinds[:count])


def _effect(kind: str, random: np.random.Generator) -> dict[str, float]:
    """The sizes for one commune; an improving commune is left unchanged in about one measure in seven."""
    size = random.random(8)
    drawn = {
        "improvement": (1.1 + 0.4 * size[0], 1.0 + 0.25 * size[1], 0.82 - 0.44 * size[2], 0.04 + 0.2 * size[3], -0.02 - 0.08 * size[4],
                        0.2 + 0.6 * size[5], 0.2 + 0.7 * size[6], 0.1 + 0.5 * size[7], -0.02 - 0.06 * size[4]),
        "harm": (0.9 - 0.15 * size[0], 0.95 - 0.1 * size[1], 1.2 + 0.4 * size[2], -0.02 - 0.1 * size[3], 0.03 + 0.07 * size[4],
                 -0.3 - 0.4 * size[5], -0.3 - 0.4 * size[6], -0.1 - 0.3 * size[7], 0.02 + 0.05 * size[4]),
    }  # fmt: skip
    if kind not in drawn:
        return dict(NO_EFFECT)
    effect = dict(zip(NO_EFFECT, (round(value, 3) for value in drawn[kind]), strict=True))
    if kind == "improvement":
        for name, luck in zip(NO_EFFECT, random.random(len(NO_EFFECT)), strict=True):
            if luck < 0.14:
                effect[name] = NO_EFFECT[name]
    return effect
