"""What does the demonstration load? Files as messy as real ones, made from a seed in a few seconds.

Places, effects, requests, usage, feedback and registers are invented clean, each in its module; then they are split into files
as offices and partners would send them, and spoiled. What was planted and what was spoiled is written to `truth/`, which is not loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from etl.sample import parcels
from etl.sample.action_plans import send_action_plans, send_cycles
from etl.sample.cycles import invent_cycles
from etl.sample.feedback import invent_feedback
from etl.sample.outreach import send_outreach
from etl.sample.places import invent_places
from etl.sample.promises import invent_postings, send_postings
from etl.sample.registers import register_tables
from etl.sample.requests import invent_requests, measure_truth
from etl.sample.schools import invent_school_reports, send_school_reports
from etl.sample.scorecards import send_scorecards
from etl.sample.setting import read_setting
from etl.sample.truth import plant_effects, write_truth
from etl.sample.usage import invent_usage

Progress = Callable[[float, str], None]


def make_sample(
    folder: Path, seed: int = 20261031, progress: Progress | None = None, communes: int | None = None, months: int | None = None
) -> None:
    """Write the demonstration files into `folder`; the same seed gives the same bytes.

    The whole is 193 communes, January 2021 to October 2026. `communes` (so many, spread over the provinces) and `months`
    (the last so many) make a smaller one for tests. `progress` is told a share from 0 to 1 and what is being made.
    """
    tell = progress or (lambda share, what: None)
    tell(0.0, "places")
    setting = read_setting(seed, communes, months)
    places = invent_places(setting)
    effects = plant_effects(setting, places)
    cycles = invent_cycles(setting, places, effects)
    sent = parcels.Sent(folder)
    for source, table in register_tables(setting, places).items():
        parcels.send_register(sent, source, table)
    tell(0.1, "requests")
    requests = invent_requests(setting, places, effects)
    tell(0.3, "requests")
    parcels.send_requests(sent, requests, setting, places)
    tell(0.8, "usage")
    parcels.send_usage(sent, invent_usage(setting, places, effects), setting)
    tell(0.9, "feedback")
    parcels.send_feedback(sent, invent_feedback(setting, places, effects), setting, places)
    send_cycles(sent, cycles)
    send_action_plans(sent, cycles, setting, places)
    send_scorecards(sent, cycles, setting)
    send_outreach(sent, setting, places, cycles)
    tell(0.95, "promises and schools")
    send_postings(sent, invent_postings(setting, places), setting)
    send_school_reports(sent, invent_school_reports(setting, places, effects), setting)
    write_truth(folder / "truth", measure_truth(requests, setting, effects), pd.DataFrame(sent.dirt, columns=parcels.DIRT_COLUMNS))
    tell(1.0, "done")
