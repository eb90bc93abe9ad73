"""Is what was planted found against communes not yet covered, is a drift told from an effect, and is no single commune's figure told?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from small_warehouse import publish

from charts import event_study
from charts.plotly_figure import figure
from charts.words import Around
from etl.pipeline import build_warehouse
from etl.sample import make_sample
from metrics.contribution import FEWEST_COMMUNES, Claim, Contribution, contribution

QUARTERS = 16  # of the years 2021 to 2024
EARLY, LATE = 8, 11  # quarters in which the first and the second group start
BASE = 200  # requests a quarter


def codes(district: int, count: int) -> list[str]:
    return [f"07{district:02d}{number:02d}" for number in range(1, count + 1)]


def start_date(quarter: int) -> date:
    return date(2021 + quarter // 4, 3 * (quarter % 4) + 1, 1)


def communes(early: int = 4, late: int = 4, never: int = 6, each: int = 3) -> dict[str, int]:
    """Commune -> quarter of the start (-1 never), in so many districts that decide together."""
    starts = [EARLY] * early + [LATE] * late + [-1] * never
    return {code: start for district, start in enumerate(starts, 1) for code in codes(district, each)}


def coverage(starts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"commune_code": code, "start_date": None if start < 0 else start_date(start)} for code, start in starts.items()]


def period() -> list[dict[str, Any]]:
    return [{"data_from": date(2021, 1, 1), "data_to": date(2024, 12, 31), "first_incomplete_month": date(2025, 1, 1)}]


def shares(data: Path, starts: dict[str, int], effect: float = 0.0, drift: float = 0.0, base: int = BASE, seed: int = 3) -> Contribution:
    """The contribution to the share within the standard, where `effect` points come with the start and covered ones drift by quarter."""
    random = np.random.default_rng(seed)
    rows = []
    for code, start in starts.items():
        own = random.normal(50, 5)
        for quarter in range(QUARTERS):
            share = own + 5 * np.sin(quarter) + (effect if 0 <= start <= quarter else 0) + (drift * quarter if start >= 0 else 0)
            met = int(random.binomial(base, np.clip(share / 100, 0, 1)))
            counts = {"requests": base, "due": base, "met": met}
            rows.append({"commune_code": code, "service_code": "birth", "month": start_date(quarter), **counts})
    publish(data, {"marts.agg_requests": rows, "marts.dim_coverage": coverage(starts), "marts.dim_data_period": period()})
    return contribution("within_standard_pct")


def test_an_effect_of_twelve_points_is_found_and_the_quarters_before_are_flat(data: Path) -> None:
    found = shares(data, communes(), effect=12)
    assert found.claim == Claim.MORE
    assert found.low < 12 < found.high and found.high - found.low < 8
    before = found.events[found.events["is_before"]]
    assert len(before) == LATE - 1 and (before["effect"].abs() < 6).all()
    assert (found.communes, found.never) == (24, 18)


def test_communes_that_did_not_change_are_not_said_to(data: Path) -> None:
    found = shares(data, communes(), effect=0)
    assert found.claim == Claim.UNCLEAR and found.low < 0 < found.high


def test_a_fall_is_less(data: Path) -> None:
    assert shares(data, communes(), effect=-12).claim == Claim.LESS


def test_where_communes_moved_apart_before_the_start_no_claim_is_made(data: Path) -> None:
    found = shares(data, communes(), effect=3, drift=1.5)
    assert found.low > 0  # it would have been one
    assert found.claim == Claim.DRIFTS
    assert found.drift == pytest.approx(1.5, abs=0.5)


def test_a_small_drift_is_told_beside_a_large_effect(data: Path) -> None:
    found = shares(data, communes(), effect=25, drift=0.6, base=5000)
    assert found.claim == Claim.MORE
    assert found.is_drift_clear and 0 < found.carried_on < 25 / 4


def test_starts_that_districts_share_are_decided_by_districts(data: Path) -> None:
    together = shares(data, communes())
    assert (together.clustered_by, together.clusters) == ("district", 8)


def test_starts_that_no_two_communes_of_a_district_share_are_decided_by_communes(data: Path) -> None:
    found = shares(data, communes(each=1, early=14, late=14, never=14))
    assert (found.clustered_by, found.clusters) == ("commune", 28)


def test_nothing_is_told_of_fewer_communes_than_ten_or_compared_with_fewer(data: Path) -> None:
    found = shares(data, communes(), effect=12)
    assert (found.events[["communes", "controls"]] >= FEWEST_COMMUNES).all(axis=None)
    for few in (communes(early=3, late=0), communes(never=3)):
        told = shares(data, few, effect=12)
        if told.is_told:
            assert (told.events[["communes", "controls"]] >= FEWEST_COMMUNES).all(axis=None)
            assert told.events["quarter"].max() < QUARTERS - EARLY  # the last ones have too few to compare with
        else:
            assert told.claim == Claim.TOO_FEW and np.isnan(told.effect)


def test_quarters_with_a_base_under_ten_are_no_figures(data: Path) -> None:
    found = shares(data, communes(), base=9)
    assert found.claim == Claim.TOO_SPARSE and found.density == 0


def test_a_quarter_of_visits_with_a_missing_month_is_missing(data: Path) -> None:
    """Visits double with the start; every covered facility misses a month of its last quarter before, so nothing can be compared."""
    starts = communes()

    def visits(is_gap: bool) -> Contribution:
        random, rows = np.random.default_rng(1), []
        for code, start in starts.items():
            for month in range(QUARTERS * 3):
                quarter = month // 3
                count = int(random.poisson(200 if 0 <= start <= quarter else 100))
                is_reported = not (is_gap and quarter == start - 1 and month % 3 == 1)
                day = date(2021 + month // 12, month % 12 + 1, 1)
                report = {"is_expected": True, "is_reported": is_reported, "visits": count if is_reported else None}
                rows.append({"commune_code": code, "facility_id": f"HC{code}", "service_code": "opd", "month": day, **report})
        publish(data, {"marts.agg_usage": rows, "marts.dim_coverage": coverage(starts), "marts.dim_data_period": period()})
        return contribution("visits")

    found = visits(is_gap=False)
    assert found.claim == Claim.MORE and found.effect == pytest.approx(100, abs=5)
    assert visits(is_gap=True).claim == Claim.TOO_FEW


def test_without_a_register_of_coverage_nothing_is_said(data: Path) -> None:
    assert shares(data, communes(early=0, late=0)).claim == Claim.NO_STARTS


def test_an_outcome_nobody_follows_is_refused() -> None:
    with pytest.raises(ValueError, match="no outcome 'requests'"):
        contribution("requests")


def test_the_picture_has_hollow_quarters_before_and_filled_ones_after_with_their_intervals(data: Path) -> None:
    made = event_study(shares(data, communes(), effect=12), Around({}, date(2024, 12, 31)))
    (series,) = made.drawing.panels[0].series  # type: ignore[union-attr]
    assert [point.is_hollow for point in series.points] == [point.x < 0 for point in series.points]  # type: ignore[operator]
    assert all(point.low < point.y < point.high for point in series.points)  # type: ignore[operator]
    assert "ot proof of cause" in made.caveat
    go.Figure(figure(made, "light").to_plotly_json())  # raises ValueError for a name or a value that plotly does not know


def test_what_the_demonstration_planted_is_found(data: Path, nothing_hidden: None) -> None:
    """Visits and the share within the standard go up, too high fees down: etl/sample/truth.py."""
    make_sample(data / "sample", communes=80, months=60)
    build_warehouse(data / "sample", True, lambda share, step: None)
    claims = {metric: contribution(metric) for metric in ("visits", "within_standard_pct", "over_fee_pct")}
    assert claims["within_standard_pct"].claim == Claim.MORE
    assert claims["visits"].effect > 0 > claims["over_fee_pct"].effect
    assert contribution("satisfied_pct").claim == Claim.TOO_SPARSE
