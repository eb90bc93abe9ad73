"""How is another system asked over HTTP so that a bad line, a busy server or a strange answer does no harm?

A request is tried again after timeouts, cut connections, cut or broken answers, 429 and 5xx, each time later, as late as the server
says, and not for ever. The token goes to the declared host alone: a redirect elsewhere is refused. It never stands in a message.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase

from warehouse import Problem

TRIES = 5
FIRST_WAIT = 2.0  # seconds; doubled each time
LONGEST_WAIT = 300.0  # seconds; a server that asks for more is left alone until the next run
TIMEOUT = (15, 120)  # seconds to connect, and between two pieces of the answer
LONGEST_ANSWER = 1800.0  # seconds
LARGEST_ANSWER = 1 << 30  # bytes
REDIRECTS = 3
PIECE = 1 << 20
LATER = "Try again later; pulling goes on where it stopped."
TRY_AGAIN = {429, 500, 502, 503, 504}
Parameters = Mapping[str, str | list[str]]

pause = time.sleep


class _Token(AuthBase):
    """Puts the token on a request; being an `auth` of its own, no .netrc can replace it."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._words
        return request

    def __repr__(self) -> str:
        return "<a token>"


class _TryAgain(Exception):
    """The request may go better later; `wait` is what the server asked for, in seconds."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.why, self.wait = why, wait


class Client:
    """Asks one system. `base` is its address without a slash at the end, `scheme` the word before the token."""

    def __init__(self, name: str, base: str, token: str, scheme: str) -> None:
        self.name, self.base = name, base
        self._token = token
        self._session = requests.Session()
        self._session.auth = _Token(f"{scheme} {token}")
        self._session.headers["Accept"] = "application/json"

    def get(self, path: str, parameters: Parameters | None = None) -> tuple[bytes, Any]:
        """(the answer as it came, the answer read as JSON). Raises Problem when there is no usable one."""
        last = ""
        for number in range(TRIES):
            try:
                body = self._ask(self.base + path, dict(parameters or {}))
                return body, self._read(body)
            except _TryAgain as reason:
                last = reason.why
                wait = FIRST_WAIT * 2**number if reason.wait is None else reason.wait
                if wait > LONGEST_WAIT:
                    raise self.problem(f"asks to wait {wait:,.0f} seconds ({last})", LATER) from None
                if number < TRIES - 1:
                    pause(wait)
        raise self.problem(f"gave no usable answer in {TRIES} tries: {last}", LATER)

    def problem(self, fault: str, action: str, **facts: Any) -> Problem:
        """A Problem of this connection, without any secret."""
        host = urlsplit(self.base).netloc
        return Problem(f"{host} {fault}.", f"The connection '{self.name}' was not pulled; what was there before stays.", action, **facts)

    def _ask(self, url: str, parameters: dict[str, Any]) -> bytes:
        for _ in range(REDIRECTS + 1):
            try:
                with self._session.get(url, params=parameters, timeout=TIMEOUT, stream=True, allow_redirects=False) as response:
                    if not response.is_redirect:
                        self._check_status(response)
                        return self._body(response)
                    url, parameters = self._redirected(url, response.headers["Location"]), {}
            except requests.exceptions.SSLError:
                raise self.problem("has a certificate that is not valid", "Check the address; if it is right, tell who runs it.") from None
            except requests.Timeout:
                raise _TryAgain("it did not answer in time") from None
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
                raise _TryAgain("the connection was cut") from None
            except requests.RequestException as error:
                raise self.problem(f"cannot be asked ({type(error).__name__})", "Check the address in connections.toml.") from None
        raise self.problem("redirects in a circle", "Check the address in connections.toml.")

    def _redirected(self, url: str, location: str) -> str:
        target = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(target)
        is_upgrade = (here.scheme, there.scheme) == ("http", "https") and here.hostname == there.hostname
        if (here.scheme, here.netloc) != (there.scheme, there.netloc) and not is_upgrade:
            raise self.problem(
                f"sends us on to another host ({there.hostname}), which was not asked: the token is not for it",
                "If the system has moved, write its new address into connections.toml.",
            )
        return target

    def _check_status(self, response: requests.Response) -> None:
        status = response.status_code
        if status in TRY_AGAIN:
            raise _TryAgain(f"status {status}", _wait_asked(response.headers.get("Retry-After", "")))
        if status in (401, 403):
            raise self.problem(f"does not let us in (status {status})", "Check the token and what it may read.", status=status)
        if status != 200:
            raise self.problem(f"answers with status {status}", "Check the address and the ids in connections.toml.", status=status)

    def _body(self, response: requests.Response) -> bytes:
        until = time.monotonic() + LONGEST_ANSWER
        pieces: list[bytes] = []
        size = 0
        for piece in response.iter_content(PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST_ANSWER:
                raise self.problem("answers with more than 1 GB", "Ask for less: a shorter time, or fewer places.")
            if time.monotonic() > until:
                raise _TryAgain("its answer did not come to an end")
        return b"".join(pieces)

    def _read(self, body: bytes) -> Any:
        if self._token.encode() in body:
            raise self.problem("sends our own token back in its answer, which was not kept", "Check the address; is it the real system?")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise _TryAgain("its answer was not complete JSON") from None


def _wait_asked(header: str) -> float | None:
    """Seconds from a Retry-After, given as a number or a date; None when there is none."""
    if header.strip().isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
