"""Worked cases of R's packages: those that may stand here, and the others where their folder lies beside this repository."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).resolve()
OWN = HERE.parent / "cases"
BESIDE = next((parent / "shared" / "cases" for parent in HERE.parents if (parent / "shared" / "cases").is_dir()), None)
TOLERANCE = 1e-6  # relative to max(1, |expected|)

needs_folder = pytest.mark.skipif(BESIDE is None, reason="the worked cases of the reference packages are not beside this repository")


def cases(file: str) -> list[dict[str, Any]]:
    """All cases of a file that are at hand."""
    places = [OWN / file] + ([BESIDE / file] if BESIDE else [])
    found = {case["id"]: case for place in places for case in json.loads(place.read_text(encoding="utf-8"))["cases"]}
    return list(found.values())


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [case for case in cases("reference_cases.json") if case["kind"] == kind]


def named(name: str) -> dict[str, Any]:
    return next(case for case in cases("reference_cases.json") if case["id"] == name)


def numbers(values: Any) -> np.ndarray:
    """Null as NaN."""
    return np.array([math.nan if value is None else value for value in np.atleast_1d(np.array(values, dtype=object))], dtype=float)


def same(ours: Any, theirs: Any, tolerance: float = TOLERANCE) -> None:
    """Equal within the tolerance of the cases; NaN equals NaN."""
    expected = numbers(theirs)
    found = np.broadcast_to(np.asarray(ours, dtype=float), expected.shape)
    np.testing.assert_array_less(
        np.abs(found - expected)[~np.isnan(expected)], tolerance * np.maximum(1, np.abs(expected[~np.isnan(expected)]))
    )
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
