"""Which agreed actions are late, and where do yearly cycles stand? Lists by place, never ranked; plans are public, so nothing is hidden."""

from __future__ import annotations

import pandas as pd

from metrics.memory import remembered
from warehouse import has_table, read

STEPS = ("information", "scorecards", "interface", "plan", "review")


@remembered
def late(build_id: str, place: str = "") -> pd.DataFrame:
    """Open actions past their due date in a place (a code or the beginning of one), in order of place and `due_since`."""
    if not has_table("marts.dim_action", build_id):
        return pd.DataFrame()
    return read(
        """
        select *
        from marts.dim_action
        where is_overdue and starts_with(commune_code, $place)
        order by commune_code, due_since, action_id
        """,
        {"place": place},
        build_id,
    )


@remembered
def by_commune(build_id: str, place: str = "", month_from: str | None = None, month_to: str | None = None) -> pd.DataFrame:
    """How many actions each commune agreed and where they stand, one row a commune in order of place; months ('YYYY-MM') of agreement."""
    return read(
        """
        select province_code, district_code, commune_code, any_value(partner_id) as partner_id,
               sum(actions) as agreed, sum(completed) as completed, sum(ongoing) as ongoing, sum(planned) as planned,
               sum(dropped) as dropped, sum(carried_over) as carried_over, sum(overdue) as overdue
        from marts.agg_actions
        where starts_with(commune_code, $place)
            and month >= coalesce(cast($month_from || '-01' as date), month) and month <= coalesce(cast($month_to || '-01' as date), month)
        group by all
        order by commune_code
        """,
        {"place": place, "month_from": month_from, "month_to": month_to},
        build_id,
    )


@remembered
def newest_cycles(build_id: str, place: str = "") -> pd.DataFrame:
    """The newest cycle of every commune of a place: steps done, the next one, since when it waits, whether it is stalled; full cycles."""
    if not has_table("marts.dim_cycle", build_id):
        return pd.DataFrame({"commune_code": [], "district_code": [], "is_stalled": []})
    return read(
        """
        select cycle.province_code, cycle.district_code, cycle.commune_code, cycle.partner_id, cycle.cycle, cycle.steps_done, cycle.is_full,
               cycle.next_step, cycle.waits_since, cycle.days_waiting, cycle.is_stalled, counted.full_cycles
        from marts.dim_cycle as cycle
        join marts.agg_commune_cycles as counted using (commune_code)
        where cycle.is_newest and starts_with(cycle.commune_code, $place)
        order by cycle.commune_code
        """,
        {"place": place},
        build_id,
    )
