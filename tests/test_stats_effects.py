"""Do the comparisons of before and after, and of covered and not yet covered, find what is there and no more?"""

from __future__ import annotations

import csv

import numpy as np
import pytest
from reference_cases import BESIDE, named, needs_folder, same
from scipy.stats import brunnermunzel, t

from stats.autocorrelation import lag_one, variance_inflation
from stats.interrupted import COEFFICIENTS, segmented_regression
from stats.rates import quasi_poisson_ratio, rate_ratio
from stats.ratings import probability_of_superiority
from stats.staggered import event_study, group_effects, group_time_effects, overall_effect
from stats.survival import curve, log_rank

MONTHS = np.tile(np.arange(1, 13), 2)
IS_AFTER = np.arange(24) >= 12


# rates


def test_twice_the_variance_widens_the_score_interval_as_half_the_counts_would() -> None:
    _, low, high = rate_ratio(30, 12, 45, 12, dispersion=2)
    _, half_low, half_high = rate_ratio(15, 12, 22.5, 12)
    assert (low, high) == pytest.approx((half_low, half_high))
    assert rate_ratio(30, 12, 45, 12, dispersion=0.4) == rate_ratio(30, 12, 45, 12)


def test_many_ratios_at_once() -> None:
    before, after = np.array([30.0, 0.0, 12.0]), np.array([45.0, 4.0, 0.0])
    ratio, low, high = rate_ratio(before, 12, after, 12)
    assert (ratio[0], low[0], high[0]) == pytest.approx(rate_ratio(30, 12, 45, 12))
    assert np.isnan(ratio[1])
    assert (ratio[2], low[2]) == (0, 0) and 0 < high[2] < 1


def irls(y: np.ndarray, x: np.ndarray, exposure: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """A Poisson regression by its design matrix: (coefficients, their covariance without dispersion, Pearson's dispersion)."""
    beta = np.linalg.lstsq(x, np.log((y + 0.5) / exposure), rcond=None)[0]
    for _ in range(50):
        mu = exposure * np.exp(x @ beta)
        beta = beta + np.linalg.solve(x.T * mu @ x, x.T @ (y - mu))
    mu = exposure * np.exp(x @ beta)
    return beta, np.linalg.inv(x.T * mu @ x), float(((y - mu) ** 2 / mu).sum() / (len(y) - x.shape[1]))


def test_the_ratio_with_month_terms_is_that_of_the_regression() -> None:
    random = np.random.default_rng(8)
    months, after = np.tile(np.arange(1, 13), 4), np.arange(48) >= 24
    exposure = random.uniform(5, 15, 48)
    y = random.negative_binomial(5, 0.2, 48).astype(float)
    y[[3, 30]] = np.nan
    has = np.isfinite(y)
    x = np.column_stack([after, months[:, None] == np.arange(1, 13)]).astype(float)[has]
    beta, covariance, dispersion = irls(y[has], x, exposure[has])
    found = quasi_poisson_ratio(y[None], after, months, exposure)
    assert found.months[0] == 46
    assert found.dispersion[0] == pytest.approx(dispersion)
    assert dispersion > 1.5
    half = t.ppf(0.975, 46 - 13) * np.sqrt(dispersion * covariance[0, 0])
    assert [found.ratio[0], found.low[0], found.high[0]] == pytest.approx(np.exp([beta[0], beta[0] - half, beta[0] + half]))
    edge = quasi_poisson_ratio(y[None], after, months, exposure, confidence=1 - found.p_value[0])
    assert min(abs(edge.low[0] - 1), abs(edge.high[0] - 1)) < 1e-9  # the widest interval without "no change"


def test_the_same_calendar_months_on_both_sides_keep_the_season_out_of_the_ratio() -> None:
    """Twelve months before and after with a strong season, twice as many after: exactly 2, and no over-dispersion."""
    season = 100 + 60 * np.sin(MONTHS)
    found = quasi_poisson_ratio((season * np.where(IS_AFTER, 2, 1))[None], IS_AFTER, MONTHS)
    assert found.ratio[0] == pytest.approx(2)
    assert found.dispersion[0] == pytest.approx(0, abs=1e-12)
    assert found.low[0] < 2 < found.high[0]  # at least as wide as Poisson counts allow
    poisson = 1 / (season[:12] * 2 / 3).sum()
    assert np.log(found.high[0] / 2) == pytest.approx(t.ppf(0.975, 11) * np.sqrt(poisson))


def test_a_calendar_month_on_one_side_only_says_nothing() -> None:
    y = np.where(IS_AFTER, 20.0, 10.0)[None].copy()
    y[0, 4] = np.nan
    y[0, 16] = 9999  # the same calendar month after, with nothing to hold it against
    found = quasi_poisson_ratio(y, IS_AFTER, MONTHS)
    assert found.ratio[0] == pytest.approx(2)
    assert found.months[0] == 22


def test_a_side_without_any_count_has_no_such_ratio_and_autocorrelation_widens_it() -> None:
    y = np.random.default_rng(9).poisson(20, (2, 24)).astype(float)
    y[1, 12:] = 0
    found, wider = (quasi_poisson_ratio(y, IS_AFTER, MONTHS, variance_factor=factor) for factor in (1, 4))
    assert np.isnan(found.ratio[1]) and np.isnan(found.high[1])
    assert np.log(wider.high[0] / wider.ratio[0]) == pytest.approx(2 * np.log(found.high[0] / found.ratio[0]))


def test_the_interval_of_over_dispersed_counts_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(10)
    truth = np.where(IS_AFTER, 1.25, 1.0) * (30 + 10 * np.sin(MONTHS))
    y = random.poisson(random.gamma(10, truth / 10, (2000, 24))).astype(float)
    found = quasi_poisson_ratio(y, IS_AFTER, MONTHS)
    assert np.mean((found.low <= 1.25) & (found.high >= 1.25)) == pytest.approx(0.95, abs=0.025)
    _, low, high = rate_ratio(y[:, :12].sum(axis=1), 12.0, y[:, 12:].sum(axis=1), 12.0)
    assert np.mean((low <= 1.25) & (high >= 1.25)) < 0.8


# autocorrelation


def test_the_resemblance_of_neighbouring_months_is_found_from_many_short_series() -> None:
    random = np.random.default_rng(11)
    y = np.zeros((2000, 24))
    rho = np.where(np.arange(2000) < 1000, 0.0, 0.4)
    y[:, 0] = random.normal(size=2000) / np.sqrt(1 - rho**2)
    for month in range(1, 24):
        y[:, month] = rho * y[:, month - 1] + random.normal(size=2000)
    y[random.random(y.shape) < 0.1] = np.nan
    y -= np.nanmean(y, axis=1, keepdims=True)
    assert lag_one(y, (rho > 0).astype(int)) == pytest.approx([0, 0.4], abs=0.04)
    assert np.isnan(lag_one(np.full((3, 12), np.nan)))[0]


def test_resembling_months_count_for_fewer() -> None:
    assert variance_inflation([0.5, 0.0, -0.4]).tolist() == [3, 1, 1]


# ratings


def test_the_chance_to_be_rated_better_by_hand() -> None:
    """Old answers 1, 1, 2; new answers 2, 3: of six pairs five are won and one is a tie."""
    found = probability_of_superiority([2, 1, 0], [0, 1, 1])
    assert found.probability == pytest.approx(5.5 / 6)
    assert (found.n_before, found.n_after) == (3, 2)


def test_the_interval_of_ratings_is_brunner_and_munzels() -> None:
    """The pain scores of Brunner and Munzel (2000), as in the help of R's lawstat and scipy: 0.5952 to 0.9827, P = 0.7890."""
    x = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
    y = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]
    before, after = (np.bincount(sample, minlength=6)[1:] for sample in (x, y))
    found = probability_of_superiority(before, after)
    assert (found.probability, found.low, found.high) == pytest.approx((0.788961, 0.5952169, 0.9827052), abs=1e-6)
    assert found.p_value == pytest.approx(brunnermunzel(x, y).pvalue)


def test_an_interval_of_ratings_stays_between_nothing_and_all() -> None:
    found = probability_of_superiority(
        [[4, 5, 1, 0, 0], [5, 0, 0, 0, 0], [0, 0, 0, 0, 0]], [[0, 0, 1, 4, 5], [0, 0, 0, 0, 5], [0, 0, 0, 0, 5]]
    )
    assert 0.9 < found.low[0] < 1 and found.high[0] == 1
    assert found.probability[1] == 1 and np.isnan(found.low[1])  # no overlap: five against five prove no certainty
    assert np.isnan(found.probability[2])


# waiting times


def by_day(time: list[float], event: list[int], group: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(completed, still open), each (groups, days)."""
    days, names = np.unique(time), np.unique(group)
    counts = np.zeros((2, len(names), len(days)))
    np.add.at(counts, (1 - np.array(event), np.searchsorted(names, group), np.searchsorted(days, time)), 1)
    return counts[0], counts[1]


@needs_folder
def test_the_log_rank_test_is_that_of_r() -> None:
    case = named("logrank_aml")
    completed, still_open = by_day(case["input"]["time"], case["input"]["event"], case["input"]["group"])
    found = log_rank(completed, 0 * completed, still_open)
    same([found.chi_squared, found.p_value], [case["expected"]["chisq"], case["expected"]["p"]])


def test_a_log_rank_test_by_hand() -> None:
    """Days 1 and 3 complete in A, 2 and 4 in B: A should have had 2/4 + 1/3 + 1/2 of the first three, variance 1/4 + 2/9 + 1/4."""
    found = log_rank([[[1, 0, 1, 0], [0, 1, 0, 1]]], np.zeros((1, 2, 4)), np.zeros((1, 2, 4)))
    assert found.expected[0, 0] == pytest.approx(4 / 3)
    assert found.chi_squared[0] == pytest.approx((2 - 4 / 3) ** 2 / (13 / 18))
    assert found.freedom[0] == 1


def test_a_group_that_nobody_is_in_leaves_nothing_to_compare() -> None:
    found = log_rank([[2, 1], [0, 0]], np.zeros((2, 2)), np.zeros((2, 2)))
    assert np.isnan(found.chi_squared) and np.isnan(found.p_value)


def test_a_request_of_the_backlog_counts_only_from_when_the_register_began() -> None:
    """Four requests: done on days 2, 4, 6 from the start, and one taken over on its day 3 and done on day 5.

    At risk on days 2, 4, 5, 6: 3, 3, 2, 1. So 2/3, 4/9, 2/9 and 0 are waiting.
    """
    day, done, entered = np.array([2.0, 3, 4, 5, 6]), np.array([1.0, 0, 1, 1, 1]), np.array([0.0, 1, 0, 0, 0])
    found = curve(np.zeros(5, dtype=int), day, done, 0 * day, 0 * day, entered=entered)
    assert found.at_risk.tolist() == [3, 2, 3, 2, 1]
    assert 1 - found.incidence == pytest.approx([2 / 3, 2 / 3, 4 / 9, 2 / 9, 0])
    assert curve(np.zeros(5, dtype=int), day, done, 0 * day, 0 * day).at_risk.tolist() == [4, 3, 3, 2, 1]


# one long series


@needs_folder
def test_the_segmented_regression_is_that_of_r() -> None:
    case = named("its_nile")
    found = segmented_regression([case["input"]["y"]], case["input"]["t0"] - 1, lag=case["input"]["lag"])
    assert list(COEFFICIENTS) == case["expected"]["names"]
    same(found.coefficient[0], case["expected"]["coef"])
    same(found.error[0], case["expected"]["se"])


def test_a_step_a_bend_and_a_season_are_told_apart() -> None:
    month = np.arange(60) % 12 + 1
    time, since = np.arange(60) + 1, np.maximum(np.arange(60) - 35, 0)
    y = 50 + 0.5 * time + 8 * (since > 0) - 0.25 * since
    noise = np.random.default_rng(12).normal(0, 0.1, (2, 60))
    season = np.array([0, *np.random.default_rng(13).normal(0, 20, 11)])[month - 1]
    with_season = y + season + noise
    with_season[1, [7, 40]] = np.nan
    found = segmented_regression(with_season, [36, 36], month)
    assert found.coefficient == pytest.approx(np.array([[50, 0.5, 8, -0.25]] * 2), abs=0.15)
    assert ((found.low < found.coefficient) & (found.coefficient < found.high)).all()
    assert found.months.tolist() == [60, 58]


def test_a_month_that_is_missing_keeps_its_place_in_time() -> None:
    y = 3.0 + 2.0 * np.arange(40)
    y[[5, 6, 30]] = np.nan
    assert segmented_regression(y[None], 20, lag=2).coefficient[0] == pytest.approx([1, 2, 0, 0], abs=1e-6)


def test_a_start_without_months_after_it_tells_nothing() -> None:
    found = segmented_regression(np.random.default_rng(14).normal(size=(2, 30)), [30, 15])
    assert np.isnan(found.coefficient[0]).all() and np.isfinite(found.error[1]).all()


# covered against not yet covered


def panel(units: int = 240, periods: int = 12, seed: int = 15) -> tuple[np.ndarray, np.ndarray]:
    """Units with levels, common shocks and starts at 4, 7 or never; the effect is 1 + periods since the start."""
    random = np.random.default_rng(seed)
    start = random.choice([4, 7, -1], units)
    since = np.arange(periods) - start[:, None]
    effect = np.where((start[:, None] > 0) & (since >= 0), 1.0 + since, 0)
    return random.normal(0, 5, (units, 1)) + random.normal(0, 2, periods) + effect, start


def test_effects_without_noise_are_found_exactly() -> None:
    effects = group_time_effects(*panel())
    since = effects.period - effects.group
    assert effects.effect == pytest.approx(np.where(since >= 0, 1.0 + since, 0), abs=1e-9)
    study = event_study(effects)
    assert study.event.tolist() == list(range(-6, 8))
    assert study.effect == pytest.approx(np.maximum(study.event + 1.0, 0), abs=1e-9)
    groups, of_groups = group_effects(effects)
    assert groups.tolist() == [4, 7]
    assert of_groups.effect == pytest.approx([4.5, 3])
    sizes = np.array([(panel()[1] == group).sum() for group in (4, 7)])
    assert overall_effect(effects).effect[0] == pytest.approx((sizes * [4.5, 3]).sum() / sizes.sum())
    assert overall_effect(effects, "event").effect[0] == pytest.approx(4.5)
    assert overall_effect(effects, "simple").effect[0] == pytest.approx((sizes * [36, 15]).sum() / (sizes * [8, 5]).sum())


def test_one_effect_by_hand() -> None:
    """Two covered from period 1 rise by 5 and 7, three others by 1, 2 and 3: 6 - 2; errors 1/2 x sqrt 2 and 1/3 x sqrt 2 combined."""
    y = np.array([[0, 5], [0, 7], [0, 1], [0, 2], [0, 3.0]])
    found = group_time_effects(y, [1, 1, -1, -1, -1])
    assert (found.group[0], found.period[0], found.effect[0]) == (1, 1, 4)
    assert found.error[0] == pytest.approx(np.sqrt(2 / 4 + 2 / 9))
    assert found.high[0] == pytest.approx(4 + t.ppf(0.975, 1) * found.error[0])


def test_units_covered_later_are_controls_until_they_start() -> None:
    y, start = panel()
    covered = start > 0
    effects = group_time_effects(y[covered], start[covered])
    is_known = np.isfinite(effects.effect)
    assert is_known.tolist() == ((effects.group == 4) & (effects.period < 7) | (effects.group == 7) & (effects.period < 4)).tolist()
    since = (effects.period - effects.group)[is_known]
    assert effects.effect[is_known] == pytest.approx(np.where(since >= 0, 1.0 + since, 0), abs=1e-9)
    assert not np.isfinite(group_time_effects(y[covered], start[covered], control="never").effect).any()


def test_intervals_hold_the_truth_as_often_as_they_say_also_when_districts_move_together() -> None:
    random = np.random.default_rng(16)
    hits, narrow_hits = [], []
    for _ in range(200):
        district = np.repeat(np.arange(40), 8)
        start = random.permutation(np.repeat([3, 5, -1, -1], 10))[district]
        y = random.normal(0, 1, (320, 8)) + random.normal(0, 1, (40, 8))[district]
        for chosen, found in ((hits, district), (narrow_hits, None)):
            overall = overall_effect(group_time_effects(y, start, found))
            chosen.append(overall.low[0] < 0 < overall.high[0])
    assert np.mean(hits) == pytest.approx(0.95, abs=0.05)
    assert np.mean(narrow_hits) < 0.75


def test_one_cluster_on_a_side_gives_an_effect_without_error() -> None:
    y, start = panel(units=60)
    effects = group_time_effects(y, start, start)  # each group one district
    assert np.isfinite(effects.effect).all()
    assert np.isnan(effects.error).all()
    assert np.isfinite(overall_effect(effects).error[0])  # two districts together say how much districts differ


def test_units_covered_from_the_first_period_and_missing_ones_are_left_out() -> None:
    y, start = panel()
    start[:5] = 0
    y[:5] += 1000
    y[10, 6] = np.nan
    effects = group_time_effects(y, start)
    since = effects.period - effects.group
    assert effects.effect == pytest.approx(np.where(since >= 0, 1.0 + since, 0), abs=1e-9)


def test_nobody_covered_is_no_effect() -> None:
    effects = group_time_effects(np.zeros((4, 6)), -1)
    assert len(effects.effect) == len(event_study(effects).effect) == 0
    assert np.isnan(overall_effect(effects).effect[0])


def test_unknown_controls_and_averages_are_refused() -> None:
    with pytest.raises(ValueError, match="not_yet"):
        group_time_effects(np.zeros((4, 6)), -1, control="all")
    with pytest.raises(ValueError, match="simple"):
        overall_effect(group_time_effects(*panel()), "mean")


MPDTA = BESIDE / "data" / "mpdta.csv" if BESIDE else None


@pytest.mark.skipif(MPDTA is None or not MPDTA.is_file(), reason="the county data of R's did (mpdta.csv) are not beside the worked cases")
def test_effects_are_those_of_rs_did() -> None:
    case = named("did_mpdta")
    with MPDTA.open(encoding="utf-8") as file:  # type: ignore[union-attr]
        rows = list(csv.DictReader(file))
    years = sorted({int(row["year"]) for row in rows})
    counties = sorted({row["countyreal"] for row in rows})
    y, start = np.full((len(counties), len(years)), np.nan), np.full(len(counties), -1)
    for row in rows:
        county, first = counties.index(row["countyreal"]), int(float(row["first.treat"]))
        y[county, years.index(int(row["year"]))] = float(row["lemp"])
        start[county] = years.index(first) if first else -1
    effects = group_time_effects(y, start, control="never")
    for name, (effect, error) in case["expected"]["att_se"].items():
        group, year = (years.index(int(part)) for part in name.split(","))
        here = (effects.group == group) & (effects.period == year)
        same([effects.effect[here][0], effects.error[here][0]], [effect, error])
    study = event_study(effects)
    same(study.effect, [case["expected"]["dynamic_readme"][str(event)] for event in study.event], case["tolerance"])
    groups, of_groups = group_effects(effects)
    same(of_groups.effect, [case["expected"]["group_readme"][str(years[group])] for group in groups], case["tolerance"])
    same(overall_effect(effects).effect, case["expected"]["group_overall"])
    same(overall_effect(effects, "simple").effect, case["expected"]["simple"])
    same(overall_effect(effects, "event").effect, case["expected"]["dynamic_overall_readme"], case["tolerance"])
