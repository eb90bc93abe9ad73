"""Small builds of three kinds for tests of the screen: demonstration, feedback only, none. Each is made once a test run."""

from __future__ import annotations

import functools
import os
import tempfile
from pathlib import Path

from etl.pipeline import build_warehouse
from etl.sample import make_sample

KINDS = ("demonstration", "feedback only", "nothing")
_COMMUNES, _MONTHS = 12, 40
_ANSWERS = ["submission_id,submitted_at,province_code,district_code,facility_type,rating_speed,rating_friendliness,scale_min,scale_max"] + [
    f"A{i},2024-0{1 + i % 9}-11 09:00:00,07,0704,health_centre,{1 + i % 5},{1 + i % 4},1,5" for i in range(60)
]


@functools.cache
def data_of(kind: str) -> Path:
    """The data folder of a kind of build; COMMUNE_PULSE_DATA is left as it was found."""
    folder = Path(tempfile.mkdtemp(prefix="commune-pulse-"))
    (folder / "inbox").mkdir()
    before = os.environ.get("COMMUNE_PULSE_DATA")
    os.environ["COMMUNE_PULSE_DATA"] = str(folder)
    try:
        if kind == "demonstration":
            make_sample(folder / "sample", communes=_COMMUNES, months=_MONTHS)
            build_warehouse(folder / "sample", True, lambda share, step: None)
        elif kind == "feedback only":
            (folder / "inbox" / "feedback").mkdir()
            (folder / "inbox" / "feedback" / "answers.csv").write_text("\n".join(_ANSWERS), encoding="utf-8")
            build_warehouse(folder / "inbox", False, lambda share, step: None)
    finally:
        if before is None:
            del os.environ["COMMUNE_PULSE_DATA"]
        else:
            os.environ["COMMUNE_PULSE_DATA"] = before
    return folder
