"""How are the values of a DHIS2 data set asked for? /api/dataValueSets.json, or /api/analytics.json; what comes is kept as it came.

The first time everything from `start` on is asked for, a file a year; then only what was updated since the newest value seen, less a
day, since servers commit late. Deleted values are seen when everything is pulled again. Analytics are always pulled whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from etl.connections.http import Client

OVERLAP = timedelta(days=1)


def pull_values(
    client: Client, asks: dict[str, Any], last_updated: str | None, today: date
) -> tuple[list[tuple[str, bytes]], int, str | None]:
    """(files as (suffix, content), values, the newest update seen). Only what was updated since `last_updated`, all without one."""
    files, count, newest = [], 0, last_updated
    for suffix, first, last in _spans(asks["start"], today, is_whole=last_updated is None):
        parameters: dict[str, str | list[str]] = {
            "dataSet": _listed(asks["data_set"]),
            "orgUnit": _listed(asks["org_unit"]),
            "children": "true",
            "startDate": first.isoformat(),
            "endDate": last.isoformat(),
        }
        if last_updated is not None:
            parameters["lastUpdated"] = _before(last_updated)
        body, answer = client.get("/api/dataValueSets.json", parameters)
        values = answer.get("dataValues", []) if isinstance(answer, dict) else None
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise client.problem("does not answer like DHIS2", "Check the address: what stands before /api.")
        if values:
            files.append((f"{suffix}.json", body))
            count += len(values)
            newest = max([newest or "", *(str(value.get("lastUpdated", "")) for value in values)]) or None
    return files, count, newest


def pull_analytics(client: Client, asks: dict[str, Any]) -> tuple[list[tuple[str, bytes]], int]:
    """(files as (suffix, content), rows) of an analytics query."""
    body, answer = client.get("/api/analytics.json", {"dimension": _listed(asks["dimension"])})
    rows = answer.get("rows") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not isinstance(answer.get("headers"), list):
        raise client.problem("does not answer like DHIS2", "Check the address: what stands before /api.")
    return ([(".json", body)] if rows else []), len(rows)


def _spans(start: date, today: date, is_whole: bool) -> Iterator[tuple[str, date, date]]:
    """(suffix of the file, first day, last day): year by year when everything is asked for, else all at once."""
    if not is_whole:
        yield "", start, today
        return
    for year in range(start.year, today.year + 1):
        yield f"-{year}", max(start, date(year, 1, 1)), min(today, date(year, 12, 31))


def _before(moment: str) -> str:
    """A day before the moment, as DHIS2 reads it: without a zone, the server's own time."""
    return (datetime.fromisoformat(moment[:19]) - OVERLAP).isoformat()


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
