"""Did communes change more once the programme came than communes it had not reached yet? Staggered starts against not-yet-covered controls.

Callaway and Sant'Anna (2021, stats/staggered.py) on calendar quarters, computed inside from unhidden counts. For the whole programme
only, and only averages over ten communes or more are told: never the figure of one. It is not proof of cause, whatever it says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from textwrap import dedent

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import warehouse
from metrics.definitions.feedback import SATISFIED_FROM_PCT
from metrics.memory import remembered
from metrics.model import SMALLEST_BASE
from stats.distributions import f_quantile, t_quantile
from stats.staggered import GroupTimeEffects, compared, event_study, group_time_effects, overall_effect

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MONTHS = 3  # in a quarter
FEWEST_COMMUNES = 10  # behind every effect that is told, and among those it is compared with
QUARTERS_CHECKED = 8  # before the start, for a drift
FEWEST_CHECKED = 3
DRIFT_LEVEL = 0.05  # how often communes that do not drift are said to, by each of the two checks
TOGETHER = 0.5  # of the covered communes start with another of their district: then districts were decided on, not communes
DRIFT_MATTERS = 0.25  # a clear drift forbids a claim where, carried on or in a single quarter, it is more than this part of the effect
FEWEST_CLUSTERS = 4  # behind a quarter that is told: two or three do not say how much clusters differ
EVENT_COLUMNS = ("quarter", "effect", "low", "high", "communes", "controls", "is_before")
DENSE = 0.5  # of the quarters of a unit must have a figure; else the subject is too sparse to follow by quarter


class Claim(StrEnum):
    """What may be said."""

    MORE = "more"
    LESS = "less"
    UNCLEAR = "unclear"
    DRIFTS = "drifts"
    UNCHECKED = "unchecked"
    TOO_SPARSE = "too_sparse"
    TOO_FEW = "too_few"
    NO_STARTS = "no_starts"


@dataclass(frozen=True)
class Outcome:
    """What is followed: the measure it belongs to, and its rows unit, commune_code, month, hits, base as SQL.

    A share is hits over base of a quarter with a base of ten or more; without `is_share` it is log(1 + hits) of a quarter whose months
    are all there. `better`: 1 where more is better, -1 where less is.
    """

    metric: str
    is_share: bool
    better: int
    sql: str


OUTCOMES = (
    Outcome(
        "visits",
        False,
        1,
        """
        select facility_id as unit, commune_code, month, sum(visits) as hits, 1 as base
        from marts.agg_usage where is_expected group by all having bool_and(is_reported)
        """,
    ),
    Outcome(
        "within_standard_pct",
        True,
        1,
        "select commune_code as unit, commune_code, month, sum(met) as hits, sum(due) as base from marts.agg_requests_commune group by all",
    ),
    Outcome(
        "over_fee_pct",
        True,
        -1,
        """
        select commune_code as unit, commune_code, month, sum(fee_over) as hits, sum(fee_known) as base
        from marts.agg_requests_commune group by all
        """,
    ),
    Outcome(
        "satisfied_pct",
        True,
        1,
        f"""
        select commune_code as unit, commune_code, month,
               coalesce(sum(answers) filter (rating_pct >= {SATISFIED_FROM_PCT}), 0) as hits, sum(answers) as base
        from marts.agg_feedback where aspect = 'friendliness' and commune_code is not null group by all
        """,
    ),
)


@dataclass(frozen=True)
class Contribution:
    """The effects of one outcome: in percent for visits, in points for a share, and what they rest on.

    `events`: quarter (0: the one the programme came in), effect, low, high, communes, controls, is_before; only what may be told.
    `communes` stand behind the effect, of all `covered` by now, in `groups` that started in the same quarter, compared with `controls`;
    `never`: not reached to this day. `drift`: how far the covered moved away from the others in a quarter, on average of the `checked`
    quarters before; `carried_on`: that drift for as long as the effect lasts. `joint`: the F of the last `together` of these quarters
    against no difference, `joint_critical` its limit. `density`: the share of all quarters with a figure, 0 to 1. `first` and `last`: the
    first day of the first and last quarter. Figures are NaN where they may not be told.
    """

    outcome: Outcome
    claim: Claim
    density: float
    sql: str
    effect: float = math.nan
    low: float = math.nan
    high: float = math.nan
    events: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({name: [] for name in EVENT_COLUMNS}))
    communes: int = 0
    controls: int = 0
    covered: int = 0
    never: int = 0
    groups: int = 0
    clustered_by: str = ""
    clusters: int = 0
    drift: float = math.nan
    drift_low: float = math.nan
    drift_high: float = math.nan
    carried_on: float = math.nan
    is_drift_clear: bool = False
    joint: float = math.nan
    joint_critical: float = math.nan
    checked: int = 0
    together: int = 0
    first: date | None = None
    last: date | None = None

    @property
    def is_told(self) -> bool:
        """Whether there are effects to show, whatever may be said of them."""
        return not self.events.empty


@dataclass(frozen=True)
class _Panel:
    """Figures by quarter (units, quarters); `start` the column of the start, -1 never; codes and clusters of the units."""

    figures: Floats
    start: Ints
    commune: NDArray[np.object_]
    cluster: NDArray[np.object_]
    clustered_by: str
    first_quarter: int


@remembered
def contribution(metric: str, build_id: str | None = None) -> Contribution:
    """The effect on one of the OUTCOMES, over the whole programme. ValueError for another measure."""
    outcome = next((each for each in OUTCOMES if each.metric == metric), None)
    if outcome is None:
        raise ValueError(f"no outcome '{metric}': {', '.join(each.metric for each in OUTCOMES)}")
    return worked_out(outcome, _panel(outcome, build_id))


def worked_out(outcome: Outcome, panel: _Panel | None) -> Contribution:
    """The effects of a panel and what may be said of them."""
    if panel is None:
        return _nothing(outcome, Claim.NO_STARTS)
    density = float(np.isfinite(panel.figures).mean())
    if density < DENSE:
        return _nothing(outcome, Claim.TOO_SPARSE, density)
    effects = _told(panel, group_time_effects(panel.figures, panel.start, panel.cluster))
    if not np.isfinite(effects.effect[effects.period >= effects.group]).any():
        return _nothing(outcome, Claim.TOO_FEW, density)
    overall = overall_effect(effects)
    treated, controls = _behind(panel, effects, (effects.period >= effects.group) & np.isfinite(effects.effect))
    if treated < FEWEST_COMMUNES or not np.isfinite(overall.low[0]):
        return _nothing(outcome, Claim.TOO_FEW, density)
    events = _events(panel, effects, outcome)
    drift = _drift(effects, {int(quarter) for quarter in events.loc[events["is_before"], "quarter"]})
    effect, low, high = (float(each[0]) for each in (overall.effect, overall.low, overall.high))
    carried = drift.mean * _quarters_since(effects)
    matters = DRIFT_MATTERS * abs(effect)
    claim = Claim.MORE if low > 0 else Claim.LESS if high < 0 else Claim.UNCLEAR
    if drift.checked < FEWEST_CHECKED or math.isnan(drift.low):
        claim = Claim.UNCHECKED
    elif (drift.is_trend and abs(carried) > matters) or (drift.is_uneven and drift.largest > matters):
        claim = Claim.DRIFTS
    effect, low, high, mean, mean_low, mean_high, carried = (
        _in_unit(outcome, each) for each in (effect, low, high, drift.mean, drift.low, drift.high, carried)
    )
    return Contribution(
        outcome=outcome, claim=claim, effect=effect, low=low, high=high, events=events, communes=treated, controls=controls,
        covered=len(set(panel.commune[panel.start >= 0])), never=len(set(panel.commune[panel.start < 0])),
        groups=len(np.unique(effects.group[np.isfinite(effects.effect)])), clustered_by=panel.clustered_by,
        clusters=int(overall.treated[0]), drift=mean, drift_low=mean_low, drift_high=mean_high, carried_on=carried,
        is_drift_clear=drift.is_trend, joint=drift.joint, joint_critical=drift.critical, checked=drift.checked, together=drift.together,
        density=density, first=_day(panel.first_quarter),
        last=_day(panel.first_quarter + panel.figures.shape[1] - 1), sql=dedent(outcome.sql).strip(),
    )  # fmt: skip


def _in_unit(outcome: Outcome, value: float) -> float:
    """From the unit of the figures to percent or points."""
    return value if outcome.is_share else 100 * math.expm1(value)


def _nothing(outcome: Outcome, claim: Claim, density: float = math.nan) -> Contribution:
    return Contribution(outcome=outcome, claim=claim, density=density, sql=dedent(outcome.sql).strip())


def _panel(outcome: Outcome, build_id: str | None) -> _Panel | None:
    """The quarters of every unit of the build; None without a record or without a commune that the programme came to."""
    sql = f"""
        with months as ({outcome.sql}),
        period as (select date_trunc('quarter', data_from) as data_from, first_incomplete_month from marts.dim_data_period)
        select months.unit, months.commune_code, months.hits, months.base,
               year(months.month) * 4 + quarter(months.month) - 1 as quarter, coverage.start_date
        from months
        cross join period
        left join marts.dim_coverage as coverage using (commune_code)
        where date_trunc('quarter', months.month) + interval 3 months <= period.first_incomplete_month
        order by months.unit, months.month
    """
    rows = warehouse.read(sql, build_id=build_id)
    if rows.empty or rows["start_date"].isna().all():
        return None
    sums = rows.groupby(["unit", "quarter"]).agg(hits=("hits", "sum"), base=("base", "sum")).reset_index()
    hits, base = sums["hits"].to_numpy(dtype=float), sums["base"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, log = np.where(base >= SMALLEST_BASE, 100 * hits / base, np.nan), np.where(base == MONTHS, np.log1p(hits), np.nan)
    units = rows.groupby("unit", sort=True)[["commune_code", "start_date"]].first()
    first, last = int(rows["quarter"].min()), int(rows["quarter"].max())
    figures = np.full((len(units), last - first + 1), np.nan)
    row = units.index.get_indexer(pd.Index(sums["unit"]))
    figures[row, sums["quarter"].to_numpy(dtype=np.int64) - first] = share if outcome.is_share else log
    starts = pd.DatetimeIndex(units["start_date"])
    number = np.nan_to_num((starts.year * 4 + starts.quarter - 1).to_numpy(dtype=float), nan=-1).astype(np.int64)
    start = np.where(number < 0, -1, np.maximum(number - first, 0))
    commune = units["commune_code"].to_numpy(dtype=object)
    by = "district" if _starts_together(commune, start) >= TOGETHER else "commune"
    cluster = np.array([code[:4] if by == "district" else code for code in commune], dtype=object)
    return _Panel(figures, start, commune, cluster, by, first)


def _starts_together(commune: NDArray[np.object_], start: Ints) -> float:
    """The share of the covered communes that start in the same quarter as another of their district."""
    table = pd.DataFrame({"commune": commune, "start": start})[start >= 0].drop_duplicates("commune")
    alike = table.groupby([table["commune"].str[:4], "start"])["commune"].transform("size")
    return float((alike > 1).mean()) if len(table) else 0.0


def _there(panel: _Panel, group: int, period: int) -> tuple[set[str], set[str]]:
    """The communes with a figure in both periods of ATT(group, period): covered then, and not yet."""
    is_treated, is_control = compared(panel.figures, panel.start, group, period)
    return set(panel.commune[is_treated]), set(panel.commune[is_control])


def _told(panel: _Panel, effects: GroupTimeEffects) -> GroupTimeEffects:
    """The effects without those that are compared with fewer than ten communes."""
    few = [len(_there(panel, int(g), int(p))[1]) < FEWEST_COMMUNES for g, p in zip(effects.group, effects.period, strict=True)]
    return replace(effects, effect=np.where(few, np.nan, effects.effect))


def _behind(panel: _Panel, effects: GroupTimeEffects, chosen: NDArray[np.bool_]) -> tuple[int, int]:
    """How many communes stand behind some of the effects, and how many they are compared with."""
    sides = [_there(panel, int(g), int(p)) for g, p in zip(effects.group[chosen], effects.period[chosen], strict=True)]
    treated, controls = (set().union(*(side[i] for side in sides)) for i in (0, 1))
    return len(treated), len(controls)


def _events(panel: _Panel, effects: GroupTimeEffects, outcome: Outcome) -> pd.DataFrame:
    """The event study, quarters with ten communes or more on both sides."""
    study = event_study(effects)
    since = effects.period - effects.group
    rows = []
    for place, event in enumerate(study.event):
        treated, controls = _behind(panel, effects, (since == event) & np.isfinite(effects.effect))
        if treated >= FEWEST_COMMUNES and study.treated[place] >= FEWEST_CLUSTERS:
            figures = (_in_unit(outcome, float(each[place])) for each in (study.effect, study.low, study.high))
            rows.append((int(event), *figures, treated, controls, bool(event < 0)))
    return pd.DataFrame(rows, columns=list(EVENT_COLUMNS))


@dataclass(frozen=True)
class _Drift:
    """How much communes moved apart by quarter before the start, in the unit of the outcome."""

    mean: float
    low: float
    high: float
    joint: float
    critical: float
    checked: int
    together: int = 0
    largest: float = math.nan  # of the quarters tested together

    @property
    def is_trend(self) -> bool:
        """Whether they moved apart on average, beyond chance."""
        return self.low > 0 or self.high < 0

    @property
    def is_uneven(self) -> bool:
        """Whether the quarters together differ from nothing, beyond chance."""
        return self.joint > self.critical


def _quarters_since(effects: GroupTimeEffects) -> float:
    """How many quarters of the programme the overall effect is an average of, weighted as it is."""
    is_after = (effects.period >= effects.group) & np.isfinite(effects.effect)
    groups = np.unique(effects.group[is_after])
    since = [(effects.period - effects.group + 1)[is_after & (effects.group == group)].mean() for group in groups]
    return float(np.average(since, weights=[(effects.start == group).sum() for group in groups]))


def _drift(effects: GroupTimeEffects, told: set[int]) -> _Drift:
    """The average of the last quarters before the start, and the F of the last of them together (Hotelling's T squared by clusters).

    Together go at most half as many quarters as there are clusters; with more the test would see nothing.
    """
    study = event_study(effects)
    chosen = [i for i, event in enumerate(study.event) if -QUARTERS_CHECKED <= event < 0 and int(event) in told]
    if not chosen:
        return _Drift(math.nan, math.nan, math.nan, math.nan, math.nan, 0)
    sums = np.zeros((int(effects.cluster.max()) + 1, len(chosen)))
    np.add.at(sums, effects.cluster, study.influence[:, chosen])
    covariance, effect, clusters = sums.T @ sums, study.effect[chosen], study.treated[chosen]
    mean, error = float(effect.mean()), float(np.sqrt(covariance.sum()) / len(chosen))
    half = float(t_quantile(1 - DRIFT_LEVEL / 2, clusters.min() - 1)) * error
    count = next(n for n in range(len(chosen), 0, -1) if n == 1 or n <= clusters[-n:].min() / 2)
    last, rest = effect[-count:], int(clusters[-count:].min()) - count
    critical = f_quantile(1 - DRIFT_LEVEL, count, rest)
    joint = float(last @ np.linalg.pinv(covariance[-count:, -count:]) @ last) * rest / (count * (rest + count - 1))
    return _Drift(mean, mean - half, mean + half, joint, critical, len(chosen), count, float(abs(last).max()))


def _day(quarter: int) -> date:
    return date(quarter // 4, quarter % 4 * 3 + 1, 1)
