"""What do health centres report each month? One row a centre, service and month for which a report came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.sample.files import Table, day_text, moment_text, number_text
from etl.sample.places import Places
from etl.sample.setting import DATA_TO, Setting
from etl.sample.truth import ramp, story_commune

VISITS_PER_1000 = {  # visits a month and share of women
    "outpatient": (62.0, 0.58),
    "antenatal_care": (3.4, 1.0),
    "facility_delivery": (1.5, 1.0),
    "postnatal_care": (1.6, 1.0),
    "immunisation": (9.0, 0.5),
    "family_planning": (7.0, 0.93),
}
OTHER_VISITS = (8.0, 0.55)
RAINY_SEASON = (0.93, 0.9, 0.94, 0.86, 0.98, 1.1, 1.18, 1.17, 1.12, 1.04, 0.92, 0.9)  # June to September: fever, bad roads later
SCHOOL_OF_SEASON = 0.25  # share of the season that services which are not for the sick follow


def invent_usage(setting: Setting, places: Places, effects: pd.DataFrame) -> pd.DataFrame:
    """Reports as numbers: facility_id, province, service_code, month, visits, visits_female, reported (a date)."""
    random = setting.random("usage")
    centres = places.facilities[places.facilities["facility_type"] == "health_centre"].reset_index(drop=True)
    services = setting.services.loc[setting.services["facility_type"] == "health_centre", "service_code"].tolist()
    position = {code: row for row, code in enumerate(places.communes["commune_code"])}
    commune = centres["commune_code"].map(position).to_numpy()
    expected = _expected_visits(setting, places, effects, centres, commune, services, random)
    noise = random.gamma(45, 1 / 45, expected.shape) * random.gamma(80, 1 / 80, expected.shape[::2])[:, None, :]
    visits = random.poisson(expected * noise)
    women = np.array([VISITS_PER_1000.get(code, OTHER_VISITS)[1] for code in services])
    female = random.binomial(visits, women[None, :, None])
    came = _reports_that_came(setting, centres, len(services), random)
    told = story_commune(places)
    came[commune == told] = True  # the story of one commune has no holes
    delay = _days_late(setting, len(centres), random)
    centre, service, month = np.nonzero(came)
    reported = (setting.months[month] + 1).astype("datetime64[D]") + delay[centre, month]
    table = pd.DataFrame(
        {
            "facility_id": centres["facility_id"].to_numpy()[centre],
            "province": places.communes["province_code"].to_numpy()[commune[centre]],
            "service_code": np.array(services, dtype=object)[service],
            "month": setting.months[month].astype("datetime64[s]"),
            "visits": visits[came],
            "visits_female": female[came],
            "reported": reported.astype("datetime64[s]"),
        }
    )
    return table[reported <= DATA_TO + np.timedelta64(3, "D")].reset_index(drop=True)


def usage_table(usage: pd.DataFrame) -> Table:
    """These reports as the province would export them."""
    reported = usage["reported"].to_numpy()
    return {
        "facility_id": usage["facility_id"].to_numpy(dtype=object),
        "service_code": usage["service_code"].to_numpy(dtype=object),
        "month": day_text(usage["month"].to_numpy()),
        "visits": number_text(usage["visits"].to_numpy()),
        "visits_female": number_text(usage["visits_female"].to_numpy()),
        "visits_male": number_text((usage["visits"] - usage["visits_female"]).to_numpy()),
        "reported_date": day_text(reported),
        "updated_at": moment_text(reported, 480 + np.arange(len(usage)) % 540),
    }


def _expected_visits(
    setting: Setting,
    places: Places,
    effects: pd.DataFrame,
    centres: pd.DataFrame,
    commune: np.ndarray,
    services: list[str],
    random: np.random.Generator,
) -> np.ndarray:
    """Visits to expect, centre x service x month: people x rate x level of the centre x season x trend x effect."""
    served = places.communes.groupby("health_centre")["population"].sum()
    people = centres["facility_id"].map(served).to_numpy(dtype=float) / 1_000
    level = np.exp(random.normal(0, 0.25, (len(centres), len(services))))
    middle = setting.months.astype("datetime64[D]") + 14
    years = (middle - np.datetime64("2021-01-01")).astype(np.int64) / 365.25
    season = np.array(RAINY_SEASON)[setting.months.astype(np.int64) % 12]
    follows = np.array([1.0 if VISITS_PER_1000.get(code, OTHER_VISITS)[0] > 50 else SCHOOL_OF_SEASON for code in services])
    seasonal = 1 + (season[None, :] - 1) * follows[:, None]
    trend = (1 + 0.02 * years) * np.where(years < 0.9, 0.82, 1.0)
    own_trend = np.exp(random.normal(0, 0.012, len(centres))[:, None] * years[None, :])
    full = ramp(effects, np.repeat(commune, len(middle)), np.tile(middle, len(commune))).reshape(len(commune), -1)
    planted = 1 + (effects["visits_ratio"].to_numpy()[commune, None] - 1) * full
    rates = np.array([VISITS_PER_1000.get(code, OTHER_VISITS)[0] for code in services])
    each_month = people[:, None] * own_trend * planted * trend[None, :]
    return each_month[:, None, :] * (rates[None, :] * level)[:, :, None] * seasonal[None, :, :]


def _reports_that_came(setting: Setting, centres: pd.DataFrame, services: int, random: np.random.Generator) -> np.ndarray:
    """Which reports came, centre x service x month: none while closed, holes of months, single services left out."""
    first = setting.months.astype("datetime64[D]")
    opened = centres["opened_date"].to_numpy().astype("datetime64[D]")[:, None]
    closed = centres["closed_date"].to_numpy().astype("datetime64[D]")[:, None]
    came = (first >= opened) & (np.isnat(closed) | (first <= closed))
    came &= random.random(came.shape) > random.beta(1.2, 22, len(centres))[:, None]
    for centre in random.choice(len(centres), max(1, len(centres) // 12), replace=False):
        hole = random.integers(0, max(1, len(first) - 9))
        came[centre, hole : hole + random.integers(3, 9)] = False
    return came[:, None, :] & (random.random((len(centres), services, len(first))) > 0.012)


def _days_late(setting: Setting, centres: int, random: np.random.Generator) -> np.ndarray:
    """Days after the end of the month until the report came: about five, from some centres weeks."""
    slow = np.where(random.random(centres) < 0.15, 2.4, 1.0)[:, None]
    return np.round(np.exp(random.normal(1.5, 0.7, (centres, len(setting.months)))) * slow).astype("timedelta64[D]")
