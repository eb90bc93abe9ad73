"""What may the screen ask of the ETL? Only what stands here."""

from __future__ import annotations

import time
from collections.abc import Callable

import warehouse
from etl import pipeline
from etl.quality import title
from etl.readers.words import taken_for
from etl.sample import make_sample
from etl.sources import SOURCES
from warehouse import Build, Problem

__all__ = ["build_demonstration", "ensure_build", "is_building", "latest_build", "rules", "taken_for", "title"]
Progress = Callable[[float, str], None]
WAIT_SECONDS = 0.5


def latest_build() -> Build | None:
    """The current build, None when there is none."""
    return warehouse.current_build()


def is_building() -> bool:
    """Whether a build is being made right now, by whatever process."""
    return warehouse.is_building()


def ensure_build(progress: Progress) -> Build:
    """The current build; when there is none, the demonstration is built, once, however many ask at the same time.

    `progress` is told a share from 0 to 1 and what is being done. Raises Problem when the demonstration cannot be built.
    """
    waited = 0.0
    while True:
        build = warehouse.current_build()
        if build is not None:
            return build
        try:
            return build_demonstration(progress).build
        except Problem:
            if not warehouse.is_building():
                build = warehouse.current_build()
                if build is not None:
                    return build
                raise
        waited += WAIT_SECONDS
        progress(min(0.95, waited / (waited + 20)), "waiting for the build another page has started")
        time.sleep(WAIT_SECONDS)


def build_demonstration(progress: Progress, force: bool = False) -> pipeline.Outcome:
    """Make the demonstration files if they are missing, and a build from them."""
    folder = warehouse.data_folder() / "sample"
    if not pipeline.files_of.data_files(folder):
        with warehouse.only_builder():
            make_sample(folder, progress=lambda share, what: progress(share * 0.4, f"inventing {what}"))
    return pipeline.build_warehouse(folder, True, lambda share, what: progress(0.4 + share * 0.6, what), force)


def rules() -> list[dict[str, str]]:
    """Every rule of every source: `source`, `rule`, `sentence`, `outcome`, in the order in which sources are loaded."""
    return [
        {"source": source.name, "rule": rule.name, "sentence": rule.sentence, "outcome": rule.outcome}
        for source in SOURCES
        for rule in source.rules
    ]
