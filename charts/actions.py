"""Where do agreed actions, yearly cycles and low scores stand? Bars of counts, told apart by their place in the row and by words."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from charts.axes import value_axis
from charts.model import Axis, Chart, Row, Rows, Segment
from charts.words import Around, caveat, scope, source
from metrics.follow_through import FollowThrough
from metrics.query import Filters, Result
from text import number, percent, t

PARTS = ("completed", "in_time", "late", "ended")  # from left to right
_TONES = {"completed": "step_2", "in_time": "step_3", "late": "step_5", "ended": "band"}
_ROOM = 1.12
_SMALLEST = 0.15  # of the longest bar: what is shorter has no room for its number


def action_status(result: Result, around: Around, *, by: str) -> Chart:
    """One bar for each value of the column `by`: actions completed, open in time, open and late, dropped or carried over.

    `result` holds actions_agreed and overdue_actions by `by` and status.
    """
    table = result.table.assign(known=result.table[by].astype(object).where(result.table[by].notna(), None))
    counted = {key: _parts(rows) for key, rows in table.groupby("known", sort=False, dropna=False)}
    order = sorted(counted, key=lambda key: -sum(counted[key].values()))
    longest = max(sum(parts.values()) for parts in counted.values())
    rows = tuple(
        Row(
            around.name(key),
            t("plans.late_of_open", late=number(counted[key]["late"]), open=number(counted[key]["late"] + counted[key]["in_time"])),
            segments=tuple(_segment(name, n, longest, "plans.part") for name, n in counted[key].items() if n),
            bar_text=number(sum(counted[key].values())),
        )
        for key in order
    )
    return Chart(
        key=f"action-status-{by}",
        title=_title(counted, around),
        subtitle=t("plans.status_subtitle", scope=scope(result.query.where, around)),
        drawing=Rows(rows, _axis(longest)),
        alt=" ".join(f"{row.name}: {_told(row)}." for row in rows),
        source=source("actions", around),
        caveat=caveat(result.metrics[1]),
    )


def _title(counted: dict[Any, dict[str, float]], around: Around) -> str:
    """Of which open actions the smallest and the largest share is late; of a single bar, how many are done and late."""
    waiting = {key: parts["late"] + parts["in_time"] for key, parts in counted.items()}
    late = {key: 100 * counted[key]["late"] / n for key, n in waiting.items() if n}
    if len(late) < 2 or min(late.values()) == max(late.values()):
        whole = {name: sum(parts[name] for parts in counted.values()) for name in PARTS}
        every = sum(whole.values())
        return t("plans.title_one", done=number(whole["completed"]), all=number(every), late=number(whole["late"]))
    low, high = min(late, key=lambda key: late[key]), max(late, key=lambda key: late[key])
    ends = {"low": percent(late[low]), "high": percent(late[high])}
    return t("plans.title", low_name=around.name(low), high_name=around.name(high), **ends)


def _parts(rows: pd.DataFrame) -> dict[str, float]:
    """The counts of one bar, from its rows a status."""
    agreed = rows.groupby("action_status")["actions_agreed"].sum()
    late = float(rows["overdue_actions"].sum())
    waiting = float(agreed.reindex(["planned", "ongoing"]).fillna(0).sum())
    ended = float(agreed.reindex(["dropped", "carried_over"]).fillna(0).sum())
    return {"completed": float(agreed.get("completed", 0)), "in_time": waiting - late, "late": late, "ended": ended}


def _segment(name: str, n: float, longest: float, words: str) -> Segment:
    return Segment(n, _TONES[name], number(n) if n >= _SMALLEST * longest else "", t(f"{words}.{name}", n=number(n)))


def _axis(longest: float) -> Axis[float]:
    axis = value_axis([longest], "", room=_ROOM)
    return replace(axis, end=axis.ticks[-1][0] * _ROOM)


def _told(row: Row) -> str:
    return ", ".join(segment.hover for segment in row.segments) or row.bar_text


def cycle_steps(newest: pd.DataFrame, around: Around, where: Filters, steps: Sequence[str]) -> Chart:
    """How many communes wait for which step in their newest cycle, the stalled ones apart; `newest` has one row a commune."""
    counted = {step: newest[newest["next_step"] == step] for step in steps}
    full = int(newest["is_full"].sum())
    longest = float(max([full, *(len(rows) for rows in counted.values())]))
    rows = []
    for step, waiting in counted.items():
        late = int(waiting["is_stalled"].sum())
        parts = {"in_time": len(waiting) - late, "late": late}
        rows.append(
            Row(
                t(f"cycle_step.waits_for.{step}"),
                t("cycle.stalled_of", n=number(late)) if late else "",
                segments=tuple(_segment(name, n, longest, "cycle.part") for name, n in parts.items() if n),
                bar_text=number(len(waiting)),
            )
        )
    is_full = (_segment("completed", full, longest, "cycle.part"),) if full else ()
    rows.append(Row(t("cycle.full"), segments=is_full, bar_text=number(full)))
    stalled = int(newest["is_stalled"].sum())
    return Chart(
        key="cycle-steps",
        title=t("cycle.title", full=number(full), all=number(len(newest)), stalled=number(stalled)),
        subtitle=t("cycle.subtitle", scope=scope(where, around)),
        drawing=Rows(tuple(rows), _axis(longest)),
        alt=" ".join(f"{row.name}: {_told(row)}." for row in rows),
        source=source("cycles", around),
        caveat=t("cycle.caveat"),
    )


def followed(found: FollowThrough, around: Around, where: Filters) -> Chart:
    """Four numbers, each a part of the one above: scored low, an action agreed, done, and the service's own records better."""
    steps = (
        ("low", found.low, None),
        ("agreed", found.agreed, found.low),
        ("done", found.done, found.agreed),
        ("answered", found.answered, found.done),
        ("improved", found.improved, found.answered),
    )
    rows = tuple(
        Row(
            t(f"follow.step.{name}"),
            t("follow.of_these", share=percent(100 * n / of)) if of else "",
            bar=float(n),
            bar_text=number(n),
        )
        for name, n, of in steps
    )
    return Chart(
        key="follow-through",
        title=t("follow.title", agreed=number(found.agreed), low=number(found.low), done=number(found.done)),
        subtitle=t("follow.subtitle", scope=scope(where, around)),
        drawing=Rows(rows, _axis(float(found.low))),
        alt=" ".join(f"{row.name}: {row.bar_text}{f' ({row.detail})' if row.detail else ''}." for row in rows),
        source=source("follow", around),
        caveat=t("follow.records"),
    )
