"""Which mapping would fit a dropped file, and how is it kept beside the file once a person has agreed to it?"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import warehouse
from etl import journal
from etl.fit import Known, known_lists
from etl.mapping import read_mapping
from etl.pipeline import registers_of
from etl.proposal import Proposal, propose
from etl.quality import title
from etl.readers import apart, detect
from etl.readers import csv as csv_reader
from etl.sources import SOURCES
from warehouse import Problem


def known_now() -> Known:
    """The country's lists and the registers of the current build; those of the demonstration are nobody's."""
    current = warehouse.current_build()
    registers = registers_of(None if current is None or current.is_demonstration else current)
    facilities, partners = registers.get("facilities"), registers.get("partners")
    has_facilities = facilities is not None and len(facilities)
    return known_lists(SOURCES, facilities if has_facilities else None, [] if partners is None else partners["partner_id"].tolist())


def propose_for(token: str, file_name: str, sheet: str, answers: Mapping[str, str]) -> Proposal:
    """The proposal for one sheet of a file of a delivery, with the answers so far. Raises Problem when it cannot be read."""
    path = journal.delivery(token) / file_name
    with tempfile.TemporaryDirectory() as folder:
        try:
            tables = detect.open_file(path, csv_reader.scan(path), Path(folder))
            table = next((table for table in tables if table.sheet == sheet), tables[0])
            return propose(table, SOURCES, known_now(), answers=answers, name=title(Path(file_name).stem, sheet))
        finally:
            apart.stop()


def keep_mapping(token: str, file_name: str, sheet: str, text: str) -> Path:
    """Keep a mapping beside its file. Raises Problem, and keeps nothing, when it cannot be read."""
    plain = re.sub(r"[^\w.-]+", "-", title(Path(file_name).stem, sheet)).strip("-.")
    kept = journal.delivery(token) / f"{plain or 'mapping'}.toml"
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / kept.name
        tried.write_text(text, encoding="utf-8")
        read_mapping(tried, {source.name: source for source in SOURCES})
    if not text.strip():
        raise Problem("The mapping is empty.", "It was not kept.", "Leave the file without one, or write at least its source.")
    kept.write_text(text, encoding="utf-8")
    return kept
