"""Is every figure about time the same from the counted days as from the records themselves?"""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_staging import modelled, request

from stats.survival import curve

REGISTER_TO = date(2024, 12, 31)
GROUPS = "commune_code, service_code, month, sex, documents_complete"


def random_requests(seed: int, waiting: bool) -> list[dict[str, Any]]:
    """300 requests in two communes and two months; if `waiting`, some are open and some were rejected or withdrawn."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(300):
        submitted = date(2024, 10, 1) + timedelta(days=int(random.integers(0, 60)))
        completed = submitted + timedelta(days=int(random.gamma(2, 8)))
        outcome = str(random.choice(["completed", "rejected", "withdrawn"], p=[0.85, 0.1, 0.05])) if waiting else "completed"
        is_open = waiting and (completed > REGISTER_TO or random.random() < 0.15)
        made.append(
            request(
                number,
                submitted.isoformat(),
                commune_code=str(random.choice(["070101", "070102"])),
                service_code=str(random.choice(["birth", "family_book", "legal_letter"])),
                completed_date=None if is_open else completed,
                outcome="open" if is_open else outcome,
                sex=[None, "f", "m"][random.integers(0, 3)],
                documents_complete=[None, True, False][random.integers(0, 3)],
                register_to_date=REGISTER_TO,
            )
        )
    return made


def incidence_of_records(days: list[int], ends: list[str]) -> dict[int, float]:
    """Aalen and Johansen by the book, record by record: the chance of having the paper after each day."""
    surviving, incidence, found = 1.0, 0.0, {}
    for day in sorted(set(days)):
        waiting = sum(other >= day for other in days)
        done = sum(other == day and end == "completed" for other, end in zip(days, ends, strict=True))
        lost = sum(other == day and end == "ended" for other, end in zip(days, ends, strict=True))
        incidence += surviving * done / waiting
        surviving *= 1 - (done + lost) / waiting
        found[day] = incidence
    return found


@pytest.mark.parametrize("seed", range(5))
def test_median_and_ninth_decile_from_counts_equal_those_of_the_records(tmp_path: Path, seed: int) -> None:
    with modelled({"service_requests": random_requests(seed, waiting=False)}, tmp_path) as connection:
        records = connection.sql(
            f"""
            select {GROUPS}, median(days) as median_days, quantile_disc(days, 0.9) as p90_days, count(*) as requests
            from (
                select *, cast(date_trunc('month', submitted_date) as date) as month, completed_date - submitted_date as days
                from marts.fct_service_requests
            )
            group by all order by all"""
        ).fetchall()
        counts = connection.sql(
            f"""
            with running as (
                select *, sum(requests) over same as seen, sum(requests) over (partition by {GROUPS}) as total
                from (select {GROUPS}, days, sum(requests) as requests from marts.agg_processing_days group by all)
                window same as (partition by {GROUPS} order by days)
            )
            select
                {GROUPS},
                (min(days) filter (where seen >= total / 2) + min(days) filter (where seen > total / 2)) / 2,
                min(days) filter (where seen * 10 >= total * 9),
                max(total)
            from running group by all order by all"""
        ).fetchall()
    assert len(records) > 50
    assert counts == records


@pytest.mark.parametrize("seed", range(5))
def test_share_within_the_standard_from_counts_equals_that_of_the_records(tmp_path: Path, seed: int) -> None:
    with modelled({"service_requests": random_requests(seed, waiting=True)}, tmp_path) as connection:
        records = connection.sql(
            """
            select service_code, count(*) as due, count(*) filter (where outcome = 'completed' and completed_date <= deadline_date) as met
            from marts.fct_service_requests
            join marts.dim_service_deadline using (service_code, submitted_date)
            where
                deadline_date <= date '2024-12-31'
                and not (outcome in ('rejected', 'withdrawn') and coalesce(completed_date, deadline_date) <= deadline_date)
            group by 1 order by 1"""
        ).fetchall()
        counts = connection.sql(
            "select service_code, sum(due), sum(met) from marts.agg_processing_days group by 1 having sum(due) > 0 order by 1"
        ).fetchall()
    assert len(records) == 2
    assert counts == records


@pytest.mark.parametrize("seed", range(5))
def test_with_open_and_rejected_requests_the_curve_from_counts_is_that_of_the_records(tmp_path: Path, seed: int) -> None:
    with modelled({"service_requests": random_requests(seed, waiting=True)}, tmp_path) as connection:
        counted = (
            connection.sql(
                """
            select
                days,
                sum(requests) filter (where "end" = 'completed') as completed,
                sum(requests) filter (where "end" = 'ended') as ended,
                sum(requests) filter (where "end" = 'open') as still_open
            from marts.agg_processing_days
            group by days order by days"""
            )
            .df()
            .fillna(0)
        )
        records = connection.sql(
            """
            select
                coalesce(completed_date, date '2024-12-31') - submitted_date,
                case when outcome in ('rejected', 'withdrawn') then 'ended' else outcome end
            from marts.fct_service_requests"""
        ).fetchall()
    columns = [counted[name].to_numpy(dtype=float) for name in ("days", "completed", "ended", "still_open")]
    from_counts = curve(np.zeros(len(counted), dtype=np.int64), *columns)
    from_records = incidence_of_records([days for days, _ in records], [end for _, end in records])
    assert dict(zip(counted["days"], from_counts.incidence, strict=True)) == pytest.approx(from_records, abs=1e-12)
