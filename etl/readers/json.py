"""What records does a JSON file hold? DHIS2's two shapes, and lists of objects as web services answer them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from etl.readers import MOST_COLUMNS, Opened, TidyCopy, distinct_headers, kobo
from etl.readers.dhis2 import is_analytics_json, is_set_json, json_text, write_analytics_json, write_set_json
from warehouse import Problem

LISTS = ("results", "value", "data", "records", "features", "rows", "items")  # where services put their records
DEEPEST = 12


def open_json(path: Path, copy: Path, name: str = "", sheet: str = "") -> Opened:
    """The records of a JSON file as a tidy copy; the line of a record is its place in the list. Raises Problem when it holds none."""
    name = name or path.name
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are both
        raise Problem(
            what=f"{name} is not whole JSON.",
            meaning="It is damaged or cut short, so nothing was loaded from it.",
            action="Export it again and put that in its place.",
        ) from error
    if is_set_json(content):
        return Opened((write_set_json(content, copy, sheet),))
    if is_analytics_json(content):
        return Opened((write_analytics_json(content, copy, sheet),))
    records = _records(content)
    if not records:
        raise Problem(
            what=f"{name} holds no list of records.",
            meaning="It is JSON, but neither a DHIS2 export nor a list of objects, so nothing was loaded from it.",
            action="Export the records as CSV or XLSX.",
        )
    flat = [dict(_flat(record)) for record in records]
    names = tuple(dict.fromkeys(key for record in flat for key in record))
    headers = distinct_headers(names)
    with TidyCopy(copy, headers) as written:
        for number, cells in enumerate(flat, 1):
            written.row(number, [cells.get(key, "") for key in names])
        is_kobo = {"_uuid", "_submission_time"} <= set(headers)
        about = kobo.about(headers, []) if is_kobo else {"facts": ()}
        return Opened((written.table(sheet=sheet, format="kobo_json" if is_kobo else "json", **about),))


def _records(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, dict):
        content = next((content[key] for key in LISTS if isinstance(content.get(key), list)), None)
    return [record for record in content if isinstance(record, dict)] if isinstance(content, list) else []


def _flat(record: dict[str, Any], above: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """(header, cell): what lies deeper gets a path of names, a list of plain values is joined by spaces, any other stays JSON."""
    for number, (key, value) in enumerate(record.items()):
        if number > MOST_COLUMNS:
            return
        name = f"{above}{key}"
        if isinstance(value, dict) and depth < DEEPEST:
            yield from _flat(value, f"{name}/", depth + 1)
        elif isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
            yield name, " ".join(map(json_text, value))
        elif isinstance(value, list | dict):
            yield name, json.dumps(value, ensure_ascii=False)
        else:
            yield name, json_text(value)
