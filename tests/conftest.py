"""A data folder of their own for the tests that build, and small files to put into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_files import Write

from etl import marts, small_groups


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder; everything that asks for the data folder gets this one."""
    monkeypatch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
    (tmp_path / "inbox").mkdir()
    return tmp_path


@pytest.fixture
def nothing_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds that hide no small groups: for tests of files and builds, which need many builds and no privacy."""
    audits = {name: query for name, query in marts.audit_queries().items() if "privacy." not in query}
    monkeypatch.setattr(small_groups, "LATTICES", {})
    monkeypatch.setattr(marts, "audit_queries", lambda: audits)


@pytest.fixture
def write(data: Path) -> Write:
    """Write a file into the inbox: `write("requests.csv", "a,b\\n1,2\\n", encoding="utf-16")`."""

    def write_file(name: str, text: str, encoding: str = "utf-8") -> Path:
        path = data / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path

    return write_file
