"""Which months, which communes and which random numbers is the demonstration made of?

Everything random in this package comes from `Setting.random(subject)`: one stream a subject, so that a change in one subject
leaves the files of the others as they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

import warehouse

PROVINCES = ("07", "09", "11", "16")  # Kampot, Koh Kong, Mondulkiri, Ratanakiri
FIRST_MONTH = np.datetime64("2021-01", "M")
LAST_MONTH = np.datetime64("2026-10", "M")
DATA_TO = np.datetime64("2026-10-31", "D")
DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Setting:
    """One demonstration: its seed, its months and the reference rows it stands on (codes are text)."""

    seed: int
    first_month: np.datetime64
    communes: pd.DataFrame
    services: pd.DataFrame
    standards: pd.DataFrame
    criteria: pd.DataFrame
    holidays: np.ndarray  # days on which offices are closed
    old_codes: dict[str, str]  # today's commune code -> a code it had before

    @cached_property
    def months(self) -> np.ndarray:
        """Every month of the demonstration, first to last."""
        return np.arange(self.first_month, LAST_MONTH + 1, dtype="datetime64[M]")

    @property
    def first_day(self) -> np.datetime64:
        return self.first_month.astype("datetime64[D]")

    @property
    def years(self) -> list[int]:
        return sorted({int(str(month)[:4]) for month in self.months})

    def random(self, subject: str) -> np.random.Generator:
        """The stream of random numbers that belongs to this subject alone."""
        return np.random.default_rng([self.seed, zlib.crc32(subject.encode())])


def read_setting(seed: int, communes: int | None = None, months: int | None = None) -> Setting:
    """The whole demonstration, or a small one: so many communes, spread over the provinces, and only the last so many months."""
    folder = warehouse.reference_folder()
    places = _read(folder / "communes.csv")
    places = places[places["province_code"].isin(PROVINCES)].sort_values("commune_code").reset_index(drop=True)
    if communes is not None and communes < len(places):
        places = places.iloc[np.linspace(0, len(places) - 1, communes).round().astype(int)].reset_index(drop=True)
    first = FIRST_MONTH if months is None else max(FIRST_MONTH, LAST_MONTH - months + 1)
    successors = _read(folder / "commune_successors.csv")
    return Setting(
        seed=seed,
        first_month=first,
        communes=places,
        services=_read(folder / "services.csv"),
        standards=_read(folder / "service_standards.csv"),
        criteria=_read(folder / "criteria.csv"),
        holidays=_read(folder / "holidays.csv")["date"].to_numpy().astype("datetime64[D]"),
        old_codes=_old_codes(successors, places["commune_code"]),
    )


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _old_codes(successors: pd.DataFrame, communes: Iterable[str]) -> dict[str, str]:
    wanted = set(communes)
    return {new: old for old, new in zip(successors["old_code"], successors["new_code"], strict=True) if new in wanted}
