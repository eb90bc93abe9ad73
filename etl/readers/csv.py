"""How does a CSV file, in whatever encoding, separator and line ends, become a table of text?

A plain file (UTF-8, one record a line) is left where it is and read by DuckDB at full speed. Any other is written once as
a tidy copy, line by line, which also finds the records that do not fit under the header.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from etl.readers import LONGEST_LINE, TEXT_KEPT, Grid, Ragged, TextTable, TidyCopy, distinct_headers
from warehouse import Problem

CHUNK = 1 << 20
SAMPLE = 1 << 16
SEPARATORS = ",;\t|"
LINES_IN_A_RECORD = 200  # a quote still open after so many lines was never meant to be one
SIGNS_PEOPLE_WRITE = "éèêëàâäáãåçîïíôöóõûüùúñÉÈÊÀÂÄÇÎÔÖÜœæß“”‘’«»–—…°€"


@dataclass(frozen=True)
class Scan:
    """What one look at all the bytes tells: content hash, size, line ends, and whether they are UTF-8."""

    content_hash: str
    size: int
    newlines: int
    blank_end: int
    ends_with_newline: bool
    is_utf8: bool
    has_nul: bool
    has_mixed_ends: bool
    has_long_line: bool
    head: bytes


def scan(path: Path) -> Scan:
    """Look at every byte once; hashing and counting run side by side."""
    with ThreadPoolExecutor(1) as other:
        content_hash = other.submit(_hash, path)
        looked = _look(path)
        return Scan(content_hash.result(), *looked)


def open_table(path: Path, seen: Scan, copy: Path) -> TextTable:
    """The file as a text table; `copy` is where a tidy copy goes if one is needed.

    Raises Problem when there is nothing to read (no bytes, no header).
    """
    encoding = detect_encoding(path, seen)
    head = head_of(seen, encoding)
    header_line, _, below = head.replace("\r\n", "\n").partition("\n")
    separator = detect_separator(head)
    headers = split(header_line, separator)
    is_plain = encoding in ("utf-8", "utf-8-sig") and not (seen.has_nul or seen.has_mixed_ends or seen.has_long_line)
    is_cut = not below and seen.size > SAMPLE
    if not is_plain or is_cut or header_line.count('"') % 2 or not any(header.strip() for header in headers):
        return tidy(path, encoding, separator, copy)
    records = seen.newlines - 1 - seen.blank_end + (0 if seen.ends_with_newline else 1)
    return TextTable(path, distinct_headers(headers), separator, encoding, max(records, 0))


def tidy(path: Path, encoding: str, separator: str, copy: Path) -> TextTable:
    """Write the file again: UTF-8, comma, one record a line, its own line first. Records that do not fit are kept apart."""
    grid = grid_of(path, encoding, separator)
    first = next(iter(grid.rows), None)
    if first is None:
        raise _nothing_in(path)
    if grid.ragged:
        raise Problem(
            what=f"The first line of {path.name} is no header: {grid.ragged[0].reason}.",
            meaning="Nobody can know what its columns hold, so it was not loaded.",
            action="Write the column names into the first line, one for each column.",
        )
    headers = distinct_headers(first[1])
    with TidyCopy(copy, headers) as written:
        for line, cells in grid.rows:
            if len(cells) < len(headers) or any(cells[len(headers) :]):  # empty cells at the end do no harm
                reason = f"it has {len(cells)} cells and the header {len(headers)}"
                grid.ragged.append(Ragged(line, joined(cells, separator), reason))
            else:
                written.row(line, cells[: len(headers)])
        grid.ragged.sort(key=lambda one: one.line)
        return written.table(encoding=encoding, ragged=tuple(grid.ragged))


def grid_of(path: Path, encoding: str, separator: str, sheet: str = "") -> Grid:
    """The file as rows of text, each with its line; records that cannot be cut into cells go to the grid's `ragged`."""
    ragged: list[Ragged] = []

    def rows() -> Iterator[tuple[int, list[str]]]:
        with path.open(encoding=encoding, errors="replace", newline=None) as lines:
            is_first = True
            for line, text, cells in records(bounded(lines), separator):
                if not cells:
                    is_long = len(text) >= LONGEST_LINE
                    reason = f"its line is longer than {LONGEST_LINE:,} signs" if is_long else "a quotation mark is opened and never closed"
                    ragged.append(Ragged(line, text[:TEXT_KEPT] if is_long else text.rstrip("\n"), reason))
                    continue
                yield line, [cells[0].lstrip("\ufeff"), *cells[1:]] if is_first else cells
                is_first = False

    return Grid(sheet, rows(), "csv", encoding=encoding, is_strict=True, ragged=ragged)


def bounded(lines: IO[str]) -> Iterator[str]:
    """The lines of a text; of one that is longer than `LONGEST_LINE` only the beginning, and never all of it in memory."""
    while line := lines.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith("\n"):
            yield line
            continue
        yield line
        while (rest := lines.readline(LONGEST_LINE)) and not rest.endswith("\n"):
            pass


def head_of(seen: Scan, encoding: str) -> str:
    """The beginning of the file as text."""
    return seen.head.decode(encoding, errors="replace").lstrip("\ufeff")


def detect_encoding(path: Path, seen: Scan) -> str:
    """The encoding as Python names it. UTF-8 and UTF-16 are certain; of the old one-byte ones the likeliest is taken."""
    if seen.head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig" if seen.is_utf8 else "cp1252"
    if seen.head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if seen.has_nul:
        even, odd = seen.head[::2].count(0), seen.head[1::2].count(0)
        if max(even, odd) > len(seen.head) // 8:
            return "utf-16-le" if odd > even else "utf-16-be"
    if seen.is_utf8:
        return "utf-8"
    return _one_byte_encoding(path, seen)


def detect_separator(text: str) -> str:
    """The sign that cuts the first lines into the same number of cells, most of them; a comma when none does."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    lines = lines[:-1] if len(lines) > 2 else lines
    best, best_score = ",", (0.0, 0)
    for separator in SEPARATORS:
        if separator not in (lines[0] if lines else ""):
            continue
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        width = len(next(csv.reader(lines[:1], delimiter=separator)))
        score = (widths[width] / sum(widths.values()), width)
        if width > 1 and score > best_score:
            best, best_score = separator, score
    return best


def records(lines: Iterable[str], separator: str) -> Iterator[tuple[int, str, list[str]]]:
    """(line, text with its line ends, cells) of every record; no cells where a quotation mark is never closed. Blank lines are passed over.

    A record goes on over the line end while its quotation marks are uneven, but not for ever: a stray mark must not swallow
    the rest of the file.
    """
    waiting: deque[tuple[int, str]] = deque()
    put_back: deque[tuple[int, str]] = deque()
    numbered = iter(enumerate(lines, 1))
    is_open = False
    csv.field_size_limit(LONGEST_LINE)
    while True:
        following = put_back.popleft() if put_back else next(numbered, None)
        if following is not None:
            if not waiting and not following[1].strip():
                continue
            if len(following[1]) >= LONGEST_LINE:
                yield *following, []
                continue
            waiting.append(following)
            is_open ^= following[1].count('"') % 2 == 1
        if not waiting:
            return
        if not is_open:
            text = "".join(line for _, line in waiting)
            yield waiting[0][0], text, split(text.rstrip("\r\n"), separator)
            waiting.clear()
        elif following is None or len(waiting) >= LINES_IN_A_RECORD:
            line, text = waiting.popleft()
            put_back.extendleft(reversed(waiting))
            waiting.clear()
            is_open = False
            yield line, text, []


def split(text: str, separator: str) -> list[str]:
    """The cells of one record; none when it cannot be cut."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return []


def joined(cells: list[str], separator: str) -> str:
    """The text of a record, quoted where it must be."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="").writerow(cells)
    return text.getvalue()


def _nothing_in(path: Path) -> Problem:
    return Problem(
        what=f"{path.name} holds no table.",
        meaning="It is empty or has no header line, so nothing could be loaded from it.",
        action="Export it again, with the column names in the first line.",
        file=str(path),
    )


def _one_byte_encoding(path: Path, seen: Scan) -> str:
    """Windows-1252 or Mac Roman: whichever makes more of the bytes above 127 signs that people write. Old Macs end lines with CR."""
    with path.open("rb") as opened:
        unusual = Counter(byte for byte in opened.read(CHUNK * 8) if byte > 127)
    scores = {
        name: sum(count for byte, count in unusual.items() if bytes([byte]).decode(name, "replace") in SIGNS_PEOPLE_WRITE)
        for name in ("cp1252", "mac_roman")
    }
    if scores["cp1252"] == scores["mac_roman"]:
        return "mac_roman" if not seen.newlines else "cp1252"
    return max(scores, key=lambda name: scores[name])


def _hash(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _look(path: Path) -> tuple[int, int, int, bool, bool, bool, bool, bool, bytes]:
    size = newlines = returns = windows_ends = 0
    is_utf8, has_nul, has_long_line, carry, head, tail = True, False, False, b"", b"", b""
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            head = head or chunk[:SAMPLE]
            ends_here = chunk.count(b"\n")
            newlines += ends_here
            has_long_line = has_long_line or (not ends_here and len(chunk) == CHUNK)
            if b"\r" in chunk:
                returns += chunk.count(b"\r")
                windows_ends += chunk.count(b"\r\n") + (tail.endswith(b"\r") and chunk.startswith(b"\n"))
            has_nul = has_nul or b"\0" in chunk
            if is_utf8 and (carry or not chunk.isascii()):
                is_utf8, carry = _is_utf8(carry + chunk)
            size += len(chunk)
            tail = chunk[-4096:]
    ends = tail.replace(b"\r\n", b"\n")
    blank_end = max(len(ends) - len(ends.rstrip(b"\n")) - 1, 0)
    mixed = returns != windows_ends or (windows_ends not in (0, newlines))
    return size, newlines, blank_end, ends.endswith(b"\n"), is_utf8 and not carry, has_nul, mixed, has_long_line, head


def _is_utf8(data: bytes) -> tuple[bool, bytes]:
    """(valid so far, the cut-off sign at the end)."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            return True, data[error.start :]
        return False, b""
    return True, b""
