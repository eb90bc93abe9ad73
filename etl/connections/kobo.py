"""How are the submissions of a KoboToolbox form asked for, and written as KoboToolbox's own CSV export would write them?

API v2: /api/v2/assets/<form>/data.json, at most 1,000 submissions a page, in the order of their `_id`. After the first time only those
with a higher `_id` are asked for; edits and deletions of older ones are seen when everything is pulled again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from etl.connections.http import Client
from text.spreadsheet import without_formula
from warehouse import Problem

PAGE = 1000
OWN_COLUMNS = (
    "_id", "_uuid", "_submission_time", "_validation_status", "_status", "_submitted_by", "__version__", "meta/rootUuid", "_index",
)  # fmt: skip
INNER_FIELDS = ("formhub/uuid", "meta/instanceID", "meta/deprecatedID", "meta/instanceName")
NO_ANSWERS = ("note", "begin_group", "end_group", "begin group", "end group")
Submission = Mapping[str, Any]


def pull(client: Client, form: str, last_id: int | None) -> tuple[list[tuple[str, bytes]], int, int | None]:
    """(files as (suffix, content), submissions, the last `_id` there is). Only submissions after `last_id`, all without one."""
    submissions = _submissions(client, form, last_id)
    if not submissions:
        return [], 0, last_id
    return [(".csv", to_csv(submissions, _questions(client, form)))], len(submissions), max(_id(client, one) for one in submissions)


def to_csv(submissions: Iterable[Submission], questions: Iterable[str] = ()) -> bytes:
    """The submissions as an export with XML names: `;`, everything quoted, CRLF, KoboToolbox's own columns at the end.

    `questions` have a column even if nobody answered them. Answers in repeat groups are left out, as in every CSV export.
    """
    listed = list(submissions)
    answers = dict.fromkeys(questions)
    for one in listed:
        answers |= dict.fromkeys(name for name, value in one.items() if _is_answer(name, value))
    for name in {name for one in listed for name, value in one.items() if isinstance(value, list | dict)}:
        answers.pop(name, None)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([*answers, *OWN_COLUMNS])
    for number, one in enumerate(listed, 1):
        row = {**one, "_index": number, "_validation_status": _status(one.get("_validation_status"))}
        writer.writerow([without_formula(_text(row.get(name))) for name in (*answers, *OWN_COLUMNS)])
    return out.getvalue().encode("utf-8")


def _submissions(client: Client, form: str, last_id: int | None) -> list[Submission]:
    """Every submission once. Where some were deleted while we paged, the pages are read again."""
    for _ in range(3):
        found: dict[int, Submission] = {}
        counts = [0]
        for page in _pages(client, form, last_id):
            counts.append(int(page.get("count") or 0))
            found |= {_id(client, one): one for one in page["results"]}
        if counts == sorted(counts) and len(found) >= counts[-1]:  # else one was deleted, and the pages behind it moved up
            break
    else:
        raise client.problem("changes its list of submissions while it is read", "Try again later.")
    return [found[key] for key in sorted(found) if last_id is None or key > last_id]


def _pages(client: Client, form: str, last_id: int | None) -> Iterator[dict[str, Any]]:
    """The pages, one after the other. Of the link to the next page only that there is one counts: it may name another host."""
    start = 0
    while True:
        parameters = {"format": "json", "limit": str(PAGE), "start": str(start), "sort": '{"_id":1}'}
        if last_id is not None:
            parameters["query"] = json.dumps({"_id": {"$gt": last_id}})
        _, page = client.get(f"/api/v2/assets/{form}/data.json", parameters)
        if not isinstance(page, dict) or not isinstance(page.get("results"), list):
            raise client.problem("does not answer like KoboToolbox", "Check the address, such as https://kf.kobotoolbox.org.")
        yield page
        start += len(page["results"])
        if not page.get("next") or not page["results"]:
            return


def _questions(client: Client, form: str) -> list[str]:
    """The form's questions in its order, with their groups; none where the form itself may not be read."""
    try:
        _, asset = client.get(f"/api/v2/assets/{form}/", {"format": "json"})
    except Problem as problem:
        if problem.facts.get("status") in (401, 403, 404):
            return []
        raise
    content = asset.get("content") if isinstance(asset, dict) else None
    survey = content.get("survey", []) if isinstance(content, dict) else []
    return list(_paths(row for row in survey if isinstance(row, dict)))


def _paths(survey: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    groups: list[str] = []
    repeats = 0
    for row in survey:
        kind = str(row.get("type", "")).replace(" ", "_")
        name = str(row.get("name") or row.get("$autoname") or "")
        if kind in ("begin_group", "begin_repeat"):
            groups.append(name)
            repeats += kind == "begin_repeat" or repeats > 0
        elif kind in ("end_group", "end_repeat"):
            repeats -= repeats > 0
            groups = groups[:-1]
        elif name and not repeats and kind not in NO_ANSWERS:
            yield str(row.get("$xpath") or "/".join([*groups, name]))


def _is_answer(name: str, value: Any) -> bool:
    is_own = name in (*OWN_COLUMNS, *INNER_FIELDS) or name.startswith("_")
    return not is_own and not isinstance(value, list | dict)


def _id(client: Client, one: Any) -> int:
    if isinstance(one, dict) and str(one.get("_id", "")).isdigit():
        return int(one["_id"])
    raise client.problem("sends a submission without its _id", "Check the address and the form in connections.toml.")


def _status(value: Any) -> str:
    return str(value.get("uid", "")) if isinstance(value, dict) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, list | dict) else str(value)
