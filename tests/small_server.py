"""A KoboToolbox and a DHIS2 of our own on localhost, answering in the documented shapes, with faults on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "s3cret-t0ken-0123456789"
SURVEY: list[dict[str, Any]] = [
    {"type": "start", "name": "submitted_at"},
    {"type": "note", "name": "hello"},
    {"type": "begin_group", "name": "visit"},
    {"type": "select_one", "$autoname": "service_code", "$xpath": "visit/service_code"},
    {"type": "integer", "name": "rating_speed"},
    {"type": "end_group"},
    {"type": "begin_repeat", "name": "children"},
    {"type": "text", "name": "child"},
    {"type": "end_repeat"},
    {"type": "text", "name": "comment"},
]


def submission(number: int, **answers: Any) -> dict[str, Any]:
    """One submission as /data.json gives it."""
    return {
        "_id": number,
        "formhub/uuid": "f" * 32,
        "submitted_at": "2024-03-04T09:00:00.000+07:00",
        "visit/service_code": "outpatient",
        "visit/rating_speed": "4",
        "__version__": "v1",
        "meta/instanceID": f"uuid:{number}",
        "meta/rootUuid": f"uuid:{number}",
        "_xform_id_string": "aForm",
        "_uuid": f"u-{number}",
        "_attachments": [],
        "_status": "submitted_via_web",
        "_geolocation": [None, None],
        "_submission_time": "2024-03-04T02:00:05",
        "_tags": [],
        "_notes": [],
        "_validation_status": {},
        "_submitted_by": None,
        **answers,
    }


def value(element: str, period: str, number: int, updated: str = "2024-04-02T10:00:00.000+0000") -> dict[str, str]:
    """One value as /dataValueSets.json gives it."""
    return {
        "dataElement": element,
        "period": period,
        "orgUnit": "DiszpKrYNg8",
        "categoryOptionCombo": "bRowv6yZOF2",
        "attributeOptionCombo": "bRowv6yZOF2",
        "value": str(number),
        "storedBy": "admin",
        "created": updated,
        "lastUpdated": updated,
        "followup": False,  # type: ignore[dict-item]
    }


@dataclass
class Answer:
    """What the server sends. `cut`: how many bytes of the body are kept back although they were announced."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0


@dataclass
class Server:
    """What it holds, what was asked of it, and the faults that come before its true answers."""

    url: str = ""
    submissions: list[dict[str, Any]] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Answer] = field(default_factory=list)
    asked: list[tuple[str, dict[str, list[str]], str]] = field(default_factory=list)  # path, parameters, Authorization
    survey: list[dict[str, Any]] | None = None
    next_host: str = ""
    largest_page: int = 1000
    before_page: Any = None

    def answer(self, path: str, asked: dict[str, list[str]], token: str) -> Answer:
        """The answer to one request."""
        self.asked.append((path, asked, token))
        if self.faults:
            return self.faults.pop(0)
        if token not in (f"Token {TOKEN}", f"ApiToken {TOKEN}"):
            return Answer(401, b'{"detail":"Invalid token."}')
        if path == "/api/v2/assets/aForm/data.json":
            return Answer(body=json.dumps(self._page(asked)).encode())
        if path == "/api/v2/assets/aForm/" and self.survey is not None:
            return Answer(body=json.dumps({"uid": "aForm", "content": {"survey": self.survey}}).encode())
        if path == "/dhis/api/dataValueSets.json":
            return Answer(body=json.dumps(self._values(asked)).encode())
        if path == "/dhis/api/analytics.json":
            return Answer(body=json.dumps({"headers": [{"name": "dx"}], "rows": [["a", "202401", "o", "5"]], "width": 4}).encode())
        return Answer(404, b'{"detail":"Not found."}')

    def _page(self, asked: dict[str, list[str]]) -> dict[str, Any]:
        if self.before_page:
            self.before_page(self, int(asked["start"][0]))
        after = json.loads(asked.get("query", ["{}"])[0]).get("_id", {}).get("$gt", 0)
        found = sorted((one for one in self.submissions if one["_id"] > after), key=lambda one: one["_id"])
        start, limit = int(asked["start"][0]), min(int(asked["limit"][0]), self.largest_page)
        is_more = start + limit < len(found)
        link = f"{self.next_host or self.url}/api/v2/assets/aForm/data.json?limit={limit}&start={start + limit}"
        return {"count": len(found), "next": link if is_more else None, "previous": None, "results": found[start : start + limit]}

    def _values(self, asked: dict[str, list[str]]) -> dict[str, Any]:
        since = asked.get("lastUpdated", [""])[0]
        first, last = (asked[key][0].replace("-", "")[:6] for key in ("startDate", "endDate"))
        found = [one for one in self.values if one["lastUpdated"][:19] >= since and first <= one["period"] <= last]
        return {"dataValues": found} if found else {}


@contextmanager
def running(server: Server | None = None) -> Iterator[Server]:
    """A server on a free port of localhost."""
    served = server or Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            answer = served.answer(parts.path, parse_qs(parts.query), self.headers.get("Authorization", ""))
            self.send_response(answer.status)
            for name, text in answer.headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) - answer.cut])
            self.close_connection = bool(answer.cut)

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{listening.server_address[1]}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
