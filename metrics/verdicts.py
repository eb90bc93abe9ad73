"""Which communes got better, since when, and how sure is that? Every judged measure by commune and service, decided once in the build.

`decide` runs in the build and writes marts.verdicts; the pages and `python -m metrics verdict` read it. The words, their rule and how
often it is wrong: docs/verdicts.md. Above the commune a before and after (metrics/compare.py) is put into the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd

from metrics import catalogue, targets, waits
from metrics.definitions.feedback import SATISFIED_FROM_PCT
from metrics.judged import (
    Bools,
    Floats,
    Frame,
    Ints,
    Judged,
    Levels,
    frame_of,
    judged,
    spread,
    with_all_services,
)  # fmt: skip
from metrics.lattice import ALL_SERVICES
from stats import monthly
from stats.process_chart import rule_name
from stats.target import process
from stats.verdict import LONGEST_BEFORE, UNTRIED, Why, Word

TABLE = "marts.verdicts"
COLUMNS = (
    "metric varchar, topic varchar, place_level varchar, place_code varchar, service_code varchar, word varchar, why varchar, "
    "since date, before double, after double, difference double, low double, high double, months_before integer, months_after integer, "
    "records_before bigint, records_after bigint, signal varchar, signal_month date, baseline_from date, baseline_to date, "
    "centre double, lower_limit double, upper_limit double, is_trial boolean, column_months integer, "
    "autocorrelation double, target double, target_id varchar, reached varchar, recent_from date, recent_to date, "
    "recent_months integer, recent_lower double, recent_upper double"
)
TIME_P = 0.5
NEARLY_ALL = 40  # points from one half: freed of the time of year, all of a small group need not be 100 % any more


@dataclass(frozen=True)
class Subject:
    """A measure to judge: its name, whether more is better, whether it is a share, and how its series are judged."""

    metric: str
    better: int
    judge: Callable[[duckdb.DuckDBPyConnection, Frame, Subject], list[Judged]]


def decide(connection: duckdb.DuckDBPyConnection) -> None:
    """Judge everything and write marts.verdicts anew, one row a measure, topic, commune and service; rows of hidden figures say so."""
    connection.execute(f"create or replace table {TABLE} ({COLUMNS})")
    frame = frame_of(connection)
    if frame is None:
        return
    held_to = targets.in_force(connection, _last_day(frame))
    for subject in SUBJECTS:
        for found in subject.judge(connection, frame, subject):
            if len(found.keys):
                connection.register("decided", rows(subject, frame, found, held_to))
                connection.execute(f"insert into {TABLE} by name select * from decided")
                connection.unregister("decided")


def rows(subject: Subject, frame: Frame, found: Judged, held_to: pd.DataFrame) -> pd.DataFrame:
    """One row a series. What rests on hidden cells or on fewer than ten records is not written, nor nearly all or none of under twenty."""
    v = found.verdicts
    start = found.keys[["commune_code"]].merge(frame.communes, on="commune_code", how="left")["start"].to_numpy()
    metric = catalogue()[subject.metric]
    is_share = metric.is_share
    few = np.minimum(v.records_before, v.records_after) < monthly.SMALL_BASE
    untold = np.isin(v.why, [*UNTRIED, Why.TOO_SMALL]) | few
    all_or_none = is_share & (np.minimum(v.records_before, v.records_after) < 2 * monthly.SMALL_BASE)
    untold |= all_or_none & ((np.abs(v.before - 50) > NEARLY_ALL) | (np.abs(v.after - 50) > NEARLY_ALL))
    target, target_id = targets.of_series(held_to, subject.metric, found.keys)
    runs = process(found.as_they_were, found.is_since & ~untold[:, None], subject.better, targets.to_reach(metric, target))
    is_told = np.array([word is not None for word in runs.reached], dtype=bool)
    table = found.keys.rename(columns={"commune_code": "place_code"}).assign(
        metric=subject.metric,
        place_level="commune",
        word=np.where(untold, Word.CANNOT_TELL, v.word).astype(str),
        why=np.where(untold & (v.word != Word.CANNOT_TELL), Why.HIDDEN, v.why).astype(str),
        since=_days(start),
        months_before=v.months_before * found.column_months,
        months_after=v.months_after * found.column_months,
        signal=pd.Series([rule_name(int(code)) or None for code in v.signal], dtype="str"),
        signal_month=_days(np.where(v.signal_column >= 0, found.first_month + v.signal_column * found.column_months, -1)),
        baseline_from=_days(np.maximum(start - LONGEST_BEFORE, found.first_month)),
        baseline_to=_days(start - 1),
        centre=v.limits.mean[:, -1],
        lower_limit=v.limits.lower[:, -1],
        upper_limit=v.limits.upper[:, -1],
        is_trial=v.limits.is_trial[:, -1],
        column_months=found.column_months,
        autocorrelation=v.autocorrelation,
        target=target,
        target_id=target_id,
        reached=pd.Series([None if word is None else str(word) for word in runs.reached], dtype="str"),
        recent_from=_days(np.where(is_told, found.first_month + runs.first, -1)),
        recent_to=_days(np.where(is_told, found.first_month + runs.last, -1)),
        recent_months=np.where(is_told, runs.months, np.nan),
        recent_lower=np.where(is_told, np.maximum(runs.lower, 0.0), np.nan),
        recent_upper=np.where(is_told, np.minimum(runs.upper, 100.0 if is_share else np.inf), np.nan),
    )
    figures = ("before", "after", "difference", "low", "high", "records_before", "records_after")
    for name in figures:
        table[name] = np.where(untold, np.nan, getattr(v, name))
    if is_share:  # no share falls below 0 or rises above 100
        table["low"] = table["low"].clip(lower=-table["before"])
        table["high"] = table["high"].clip(upper=100 - table["before"])
    for name in ("centre", "lower_limit", "upper_limit"):
        table[name] = table[name].where(~untold & found.has_told_limits)
    for name in ("signal", "signal_month"):
        table[name] = table[name].where(~untold, None)
    return table[["topic", "place_code", "service_code", *(name for name in table if name not in ("topic", "place_code", "service_code"))]]


def _last_day(frame: Frame) -> date:
    """The last day of the last month that is judged: what is in force then is what is asked of an office now."""
    end = frame.first + frame.months
    return date(end // 12, end % 12 + 1, 1) - timedelta(days=1)


def _days(months: np.ndarray) -> pd.Series:
    """The first days of months given as numbers; nothing for -1."""
    number = np.asarray(months, dtype=np.int64)
    return pd.Series((number - 1970 * 12).astype("datetime64[M]").astype("datetime64[s]")).where(number >= 0)


def _visits(connection: duckdb.DuckDBPyConnection, frame: Frame, subject: Subject) -> list[Judged]:
    """Visits a month of a health centre, over the same ones, by service and for all of a facility's services together."""
    table = connection.execute(
        "select place as commune_code, facility_id, service_code, year(month) * 12 + month(month) - 1 as month, sum(visits) as visits, "
        "facility_id in (select facility_id from marts.dim_facility where facility_type = 'health_centre') as is_judged "
        f"from marts.agg_usage join {frame.places} as judged using (commune_code) where is_reported group by all"
    ).df()
    names = ["commune_code", "facility_id", "service_code", "month", "topic", "is_judged"]
    table = with_all_services(table.assign(topic=""), names, ["visits"])
    others, table = table[~table["is_judged"]], table[table["is_judged"]]
    keys = _keys(table)
    by = ["commune_code", "service_code", "topic"]

    def make(mine: pd.DataFrame, length: int, only: Bools | None) -> tuple[monthly.Figures, None]:
        rows = table.merge(mine, on=by)
        facilities = rows[["facility_id", *by]].drop_duplicates().sort_values(["facility_id", *by], ignore_index=True)
        months = spread(rows, facilities, ["facility_id", *by], frame.column(rows["month"], 1), frame.columns(1), "visits", np.nan)
        reported = _by_quarter(months, frame) if length == 3 else months
        place = mine.reset_index().merge(facilities[by].reset_index(names="facility"), on=by)
        series = place.sort_values("facility")["index"].to_numpy(dtype=np.int64)
        reported = reported if only is None else np.where(only[series], reported, np.nan)
        before, after = frame.before_and_after(mine, length)
        figures = monthly.visits(reported, series, before, after, frame.calendar(length), frame.groups(mine))
        elsewhere = others.merge(mine, on=by)
        besides = spread(elsewhere, mine, by, frame.column(elsewhere["month"], length), frame.columns(length), "visits", 0)
        return replace(figures, rest=besides if figures.rest is None else figures.rest + besides), None

    return judged(frame, keys, catalogue()[subject.metric], subject.better, make)


def _by_quarter(months: Floats, frame: Frame) -> Floats:
    """Months summed to calendar quarters; a quarter with a missing month is missing."""
    lead = frame.first - frame.origin(3)
    padded = np.concatenate([np.full((len(months), lead), np.nan), months], axis=1)[:, : frame.columns(3) * 3]
    return np.asarray(padded.reshape(len(months), -1, 3).sum(axis=2))


def _share(hits: str, base: str) -> Callable[[duckdb.DuckDBPyConnection, Frame, Subject], list[Judged]]:
    """A share of the requests of a month, by service and for all services together."""

    def judge_share(connection: duckdb.DuckDBPyConnection, frame: Frame, subject: Subject) -> list[Judged]:
        table = connection.execute(
            f"select place as commune_code, service_code, year(month) * 12 + month(month) - 1 as month, '' as topic, sum({hits}) as hits, "
            f"sum({base}) as base from marts.agg_requests_commune join {frame.places} as judged using (commune_code) "
            f"group by all having sum({base}) > 0"
        ).df()
        table = with_all_services(table, ["commune_code", "service_code", "month", "topic"], ["hits", "base"])
        return _shares(frame, subject, table)

    return judge_share


def _teachers(connection: duckdb.DuckDBPyConnection, frame: Frame, subject: Subject) -> list[Judged]:
    """The share of their days on which teachers were present, each counting once a month; schools report nothing in their holidays."""
    table = connection.execute(
        f"select place as commune_code, '{ALL_SERVICES}' as service_code, year(month) * 12 + month(month) - 1 as month, '' as topic, "
        "sum(teachers_present) as hits, sum(teachers_asked) as base from marts.agg_school_reports "
        f"join {frame.places} as judged using (commune_code) group by all having sum(teachers_asked) > 0"
    ).df()
    return _shares(frame, subject, table, may_have_gaps=True)


def _satisfied(connection: duckdb.DuckDBPyConnection, frame: Frame, subject: Subject) -> list[Judged]:
    """The share of satisfied answers on each aspect, by quarter: answers come in rounds and are few."""
    table = connection.execute(
        f"select place as commune_code, '{ALL_SERVICES}' as service_code, year(month) * 12 + month(month) - 1 as month, aspect as topic, "
        f"coalesce(sum(answers) filter (rating_pct >= {SATISFIED_FROM_PCT}), 0) as hits, sum(answers) as base "
        f"from marts.agg_feedback join {frame.places} as judged using (commune_code) group by all"
    ).df()
    return _shares(frame, subject, table, finest=3, may_have_gaps=True)


def _shares(
    frame: Frame, subject: Subject, table: pd.DataFrame, *, finest: int = 1, may_have_gaps: bool = False
) -> list[Judged]:
    by = ["commune_code", "service_code", "topic"]

    def make(mine: pd.DataFrame, length: int, only: Bools | None) -> tuple[monthly.Figures, None]:
        rows = table.merge(mine, on=by)
        column, columns = frame.column(rows["month"], length), frame.columns(length)
        hits, base = (spread(rows, mine, by, column, columns, name, 0) for name in ("hits", "base"))
        figures = monthly.shares(hits, base) if only is None else monthly.shares(hits * only, base * only)
        before, after = frame.before_and_after(mine, length)
        return monthly.unseasoned(figures, before, after, frame.calendar(length), frame.groups(mine)), None

    return judged(frame, _keys(table), catalogue()[subject.metric], subject.better, make, finest, may_have_gaps)


def _times(connection: duckdb.DuckDBPyConnection, frame: Frame, subject: Subject) -> list[Judged]:
    """The median time of the requests handed in in a month, open ones still waiting, by service and for all services together."""
    found, registers = waits.read(connection, frame.places), _registers(connection, frame.places)

    def make(mine: pd.DataFrame, length: int, only: Bools | None) -> tuple[monthly.Figures, Levels]:
        columns = frame.columns(length)
        before, after = frame.before_and_after(mine, length)
        followed, is_kept = _followed(frame, mine, registers, length)
        known = np.where(is_kept, followed, -1.0)
        blocks = []
        for chosen, wait in found.blocks(mine):
            at, side = _columns(wait, frame, length, before[chosen] + 2 * after[chosen])
            if only is not None:
                is_counted = _columns(wait, frame, length, only[chosen].astype(np.int64))[1] > 0
                at, side = np.where(is_counted, at, -1), np.where(is_counted, side, 0)
            usual = wait.curves(np.where(side == 1, wait.series, -1), len(wait.keys))
            still_open = np.bincount(wait.series[at >= 0], wait.still_open[at >= 0].astype(float), len(wait.keys)).astype(float)
            curves = wait.curves(np.where(at >= 0, wait.series * columns + at, -1), len(wait.keys) * columns)
            blocks.append(monthly.times(curves, columns, known[chosen], monthly.needed_days(usual, still_open, TIME_P), TIME_P))
        figures = monthly.together(blocks)

        def levels(is_told: Bools) -> tuple[Floats, Floats]:
            sides = [
                wait.medians(_columns(wait, frame, length, ((before + 2 * after) * is_told)[chosen])[1], TIME_P)
                for chosen, wait in found.blocks(mine)
            ]
            return np.concatenate([side[0] for side in sides]), np.concatenate([side[1] for side in sides])

        return monthly.unseasoned(figures, before, after, frame.calendar(length), frame.groups(mine)), levels

    return judged(frame, found.keys, catalogue()[subject.metric], subject.better, make)


def _columns(wait: waits.Waits, frame: Frame, length: int, side: Ints) -> tuple[Ints, Ints]:
    """The column of each row, -1 outside, and what `side` (series, columns) says of it, 0 outside."""
    column = frame.column(pd.Series(wait.month), length)
    inside = (column >= 0) & (column < side.shape[1])
    return np.where(inside, column, -1), np.where(inside, side[wait.series, np.where(inside, column, 0)], 0)


def _registers(connection: duckdb.DuckDBPyConnection, places: str) -> pd.DataFrame:
    """From when to when all registers of a commune's offices reach, by type of office and for all of them together."""
    found = connection.execute(
        "select judged.place as commune_code, "
        "coalesce(facility.facility_type, 'commune_hall') as facility_type, max(register_from) as known_from, min(register_to) as known_to "
        "from marts.dim_register as register left join marts.dim_facility as facility on facility.facility_id = register.office_id "
        f"join {places} as judged on judged.commune_code = coalesce(facility.commune_code, register.office_id) group by all"
    ).df()
    services = connection.execute("select service_code, facility_type from marts.dim_service").df()
    whole = found.groupby("commune_code").agg(known_from=("known_from", "max"), known_to=("known_to", "min")).reset_index()
    return pd.concat(
        [found.merge(services, on="facility_type").drop(columns="facility_type"), whole.assign(service_code=ALL_SERVICES)],
        ignore_index=True,
    )


def _followed(frame: Frame, mine: pd.DataFrame, registers: pd.DataFrame, length: int) -> tuple[Floats, np.ndarray]:
    """Days from the end of each column to the last day all registers cover, and whether they had begun."""
    known = mine.merge(registers, on=["commune_code", "service_code"], how="left")
    starts = [frame.origin(length) + number * length for number in range(frame.columns(length) + 1)]
    edges = np.array([np.datetime64(f"{month // 12:04d}-{month % 12 + 1:02d}-01") for month in starts])
    last = known["known_to"].to_numpy().astype("datetime64[D]")
    first = known["known_from"].to_numpy().astype("datetime64[M]").astype("datetime64[D]")
    followed = (last[:, None] - (edges[1:] - 1)).astype(float)
    return followed, first[:, None] <= edges[:-1]


def _keys(table: pd.DataFrame) -> pd.DataFrame:
    """Every series of a table, in order."""
    return table[["commune_code", "service_code", "topic"]].drop_duplicates().sort_values(
        ["commune_code", "service_code", "topic"], ignore_index=True
    )  # fmt: skip


SUBJECTS = (
    Subject("visits_per_facility_month", 1, _visits),
    Subject("median_processing_days", -1, _times),
    Subject("within_standard_pct", 1, _share("met", "due")),
    Subject("over_fee_pct", -1, _share("fee_over", "fee_known")),
    Subject("satisfied_pct", 1, _satisfied),
    Subject("teacher_presence_pct", 1, _teachers),
)
