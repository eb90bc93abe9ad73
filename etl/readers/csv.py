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

from etl.readers import LINE_HEADER, NEWLINE_INSIDE, Ragged, TextTable, distinct_headers
from warehouse import Problem

CHUNK = 1 << 20
SAMPLE = 1 << 16
SEPARATORS = ",;\t|"
LINES_IN_A_RECORD = 200  # a quote still open after so many lines was never meant to be one
SIGNS_PEOPLE_WRITE = "éèêëàâäáãåçîïíôöóõûüùúñÉÈÊÀÂÄÇÎÔÖÜœæß“”‘’«»–—…°€"
ENDINGS = (".csv", ".tsv", ".txt")


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
    head = seen.head.decode(encoding, errors="replace").lstrip("\ufeff")
    header_line = head.splitlines()[0] if head else ""
    headers = _split(header_line, detect_separator(head))
    is_plain = encoding in ("utf-8", "utf-8-sig") and not seen.has_nul and not seen.has_mixed_ends
    if not is_plain or header_line.count('"') % 2 or not any(header.strip() for header in headers):
        return tidy(path, seen, copy)
    records = seen.newlines - 1 - seen.blank_end + (0 if seen.ends_with_newline else 1)
    return TextTable(path, distinct_headers(headers), detect_separator(head), encoding, max(records, 0))


def tidy(path: Path, seen: Scan, copy: Path) -> TextTable:
    """Write the file again: UTF-8, comma, one record a line, its own line first. Records that do not fit are kept apart."""
    encoding = detect_encoding(path, seen)
    separator = detect_separator(seen.head.decode(encoding, errors="replace").lstrip("\ufeff"))
    ragged: list[Ragged] = []
    headers: tuple[str, ...] = ()
    count = 0
    with path.open(encoding=encoding, errors="replace", newline=None) as lines, copy.open("w", encoding="utf-8", newline="") as written:
        out = csv.writer(written, lineterminator="\n")
        for line, text, cells in records(lines, separator):
            if not headers:
                headers = distinct_headers([cell.lstrip("\ufeff") for cell in cells])
                out.writerow([LINE_HEADER, *headers])
            elif not cells:
                ragged.append(Ragged(line, text.rstrip("\n"), "a quotation mark is opened and never closed"))
            elif len(cells) < len(headers) or any(cells[len(headers) :]):  # empty cells at the end do no harm
                ragged.append(Ragged(line, text.rstrip("\n"), f"it has {len(cells)} cells and the header {len(headers)}"))
            else:
                out.writerow([line, *(cell.replace("\0", "").replace("\n", NEWLINE_INSIDE) for cell in cells[: len(headers)])])
                count += 1
    if not headers:
        raise _nothing_in(path)
    return TextTable(copy, headers, ",", encoding, count, True, tuple(ragged))


def separator_of(seen: Scan, table: TextTable) -> str:
    """The separator the file itself uses (a tidy copy has commas)."""
    return detect_separator(seen.head.decode(table.encoding, errors="replace").lstrip("\ufeff"))


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
    while True:
        following = put_back.popleft() if put_back else next(numbered, None)
        if following is not None:
            if not waiting and not following[1].strip():
                continue
            waiting.append(following)
            is_open ^= following[1].count('"') % 2 == 1
        if not waiting:
            return
        if not is_open:
            text = "".join(line for _, line in waiting)
            yield waiting[0][0], text, _split(text.rstrip("\r\n"), separator)
            waiting.clear()
        elif following is None or len(waiting) >= LINES_IN_A_RECORD:
            line, text = waiting.popleft()
            put_back.extendleft(reversed(waiting))
            waiting.clear()
            is_open = False
            yield line, text, []


def _split(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return []


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


def _look(path: Path) -> tuple[int, int, int, bool, bool, bool, bool, bytes]:
    size = newlines = returns = windows_ends = 0
    is_utf8, has_nul, carry, head, tail = True, False, b"", b"", b""
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            head = head or chunk[:SAMPLE]
            newlines += chunk.count(b"\n")
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
    return size, newlines, blank_end, ends.endswith(b"\n"), is_utf8 and not carry, has_nul, mixed, head


def _is_utf8(data: bytes) -> tuple[bool, bytes]:
    """(valid so far, the cut-off sign at the end)."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            return True, data[error.start :]
        return False, b""
    return True, b""
