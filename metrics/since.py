"""Did the records get better since an action was agreed on a low score, or since the low score where none was?

Judged in the build like everything else (metrics/verdicts.py), with the day of the action in the place of the day the programme came:
the months before that day (24 at most) against those since. Only told months count, for limits and signals as well. `decide` writes
marts.verdicts_since, which metrics/follow_through.py reads. Services of one kind of facility are told apart in a commune by year only, so
of a measure that counts several kinds all offices of the commune stand together.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pandas as pd

from metrics import low_scores, verdicts
from metrics.judged import frame_of
from metrics.verdicts import SUBJECTS

TABLE = "marts.verdicts_since"
KEYS = ("commune_code", "since", "metric", "topic", "service_code")
FIGURES = ("word", "why", "before", "after", "difference", "low", "high", "months_before", "months_after")
_COLUMNS = (
    "commune_code varchar, since date, metric varchar, topic varchar, service_code varchar, word varchar, why varchar, before double, "
    "after double, difference double, low double, high double, months_before integer, months_after integer"
)
_PLACES = "followed_places"
_NO_TARGETS = pd.DataFrame({"metric": []})


def decide(connection: duckdb.DuckDBPyConnection) -> None:
    """Judge the measure that answers each low score and write marts.verdicts_since anew, one row a commune, day, measure and topic."""
    connection.execute(f"create or replace table {TABLE} ({_COLUMNS})")
    cases = connection.execute(low_scores.CASES, low_scores.asked()).df().rename(columns={"measure": "metric"})
    cases = cases[cases["metric"].isin([subject.metric for subject in SUBJECTS]) & cases["since"].notna()]
    asked = cases[list(KEYS)].drop_duplicates()
    asked = asked.assign(place=asked["commune_code"] + " " + asked["since"].dt.strftime("%Y-%m-%d"))
    for subject in SUBJECTS:
        mine = asked[asked["metric"] == subject.metric]
        if mine.empty:
            continue
        connection.register(_PLACES, mine[["place", "commune_code", "since"]].drop_duplicates().rename(columns={"since": "start_date"}))
        frame = frame_of(connection, _PLACES)
        if frame is not None:
            series = mine[["place", "topic", "service_code"]].rename(columns={"place": "commune_code"})
            for found in subject.judge(connection, replace(frame, asked=series, is_public=True), subject):
                if len(found.keys):
                    _write(connection, verdicts.rows(subject, frame, found, _NO_TARGETS))
        connection.unregister(_PLACES)


def _write(connection: duckdb.DuckDBPyConnection, rows: pd.DataFrame) -> None:
    """A row's place is its commune and day."""
    rows = rows.assign(commune_code=rows["place_code"].str[:6], since=pd.to_datetime(rows["place_code"].str[7:]))
    connection.register("decided", rows[[*KEYS, *FIGURES]])
    connection.execute(f"insert into {TABLE} by name select * from decided")
    connection.unregister("decided")
