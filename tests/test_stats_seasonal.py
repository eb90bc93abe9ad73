"""Is the time of year taken out, and nothing else?"""

from __future__ import annotations

import numpy as np
import pytest
from reference_cases import needs_folder, of_kind, same

from stats.seasonal import adjusted, periodic_stl, pooled_index

WAVE = 1 + 0.3 * np.sin(2 * np.pi * np.arange(12) / 12)
MONTHS = np.tile(np.arange(1, 13), 3)


@needs_folder
@pytest.mark.parametrize("case", [case for case in of_kind("stl") if case["input"].get("periodic")], ids=lambda case: case["id"])
def test_the_periodic_season_is_that_of_r(case: dict) -> None:
    same(periodic_stl([case["input"]["y"]])[0], case["expected"]["seasonal"])


def test_a_pure_wave_is_taken_out_whole() -> None:
    """A sine over whole years survives no smoothing across calendar months, so the season is the wave itself."""
    y = 100 + 20 * np.sin(2 * np.pi * np.arange(48) / 12)
    seasonal = periodic_stl(np.stack([y, np.where(np.arange(48) == 5, np.nan, y)]))
    assert y - seasonal[0] == pytest.approx([100] * 48, abs=0.5)
    assert np.isnan(seasonal[1]).all()


def test_two_years_are_too_short_for_stl() -> None:
    with pytest.raises(ValueError, match="36"):
        periodic_stl(np.ones((1, 24)))


def test_the_index_is_the_mean_of_a_calendar_month_over_the_mean_of_all() -> None:
    random = np.random.default_rng(7)
    y = random.poisson(40 * WAVE[MONTHS - 1], (30, 36)).astype(float)
    group = np.arange(30) % 2
    found = pooled_index(y, MONTHS, group)
    for place in range(2):
        pooled = y[group == place].sum(axis=0)
        same(found.index[place], [pooled[month == MONTHS].mean() / pooled.mean() for month in range(1, 13)])


def test_months_counted_unequally_often_still_average_to_one() -> None:
    months = np.concatenate([MONTHS, [1, 2, 3]])
    y = 50 * WAVE[months - 1][None] * np.ones((4, 1))
    same(pooled_index(y, months).index[0], WAVE / WAVE[months - 1].mean())


def test_a_commune_that_did_not_report_makes_no_month_look_low() -> None:
    """One large commune of two is silent in every July: a plain sum would call July half as high."""
    y = np.array([[100.0], [300.0]]) * WAVE[MONTHS - 1]
    y[1, MONTHS == 7] = np.nan
    same(pooled_index(y, MONTHS).index[0], WAVE)


def test_adjusting_leaves_the_level_and_takes_the_season() -> None:
    y = np.array([[100.0], [20.0]]) * WAVE[MONTHS - 1]
    y[0, 3] = np.nan
    out = adjusted(y, pooled_index(y, MONTHS), MONTHS)
    assert out[1] == pytest.approx([20.0] * 36)
    assert np.isnan(out[0, 3])


def test_under_two_years_nothing_is_adjusted() -> None:
    y = np.ones((3, 23)) * WAVE[np.arange(23) % 12]
    found = pooled_index(y, np.arange(23) % 12 + 1)
    assert not found.is_known[0]
    same(adjusted(y, found, np.arange(23) % 12 + 1)[0], y[0])
    two_years = pooled_index(np.ones((3, 24)), np.arange(24) % 12 + 1)
    assert two_years.is_known[0]


def test_a_calendar_month_without_any_count_has_no_index_to_divide_by() -> None:
    y = np.where(MONTHS == 4, 0.0, 5.0)[None]
    assert not pooled_index(y, MONTHS).is_known[0]
    assert not pooled_index(np.full((1, 36), np.nan), MONTHS).is_known[0]
