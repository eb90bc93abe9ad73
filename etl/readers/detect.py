"""What is a file, by its content and never by its name, and which tables does it hold?

Plain text is read here, by the process that loads it. Everything packed or binary is read by `etl.readers.apart`, in a process of its
own whose memory and time are bounded, because such files can be made to burst whoever opens them.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from etl.readers import Opened, TextTable, archive, dhis2, kobo, layout, odk
from etl.readers import csv as csv_reader
from etl.readers.csv import Scan
from warehouse import Problem

HEAD = 1 << 16
ROWS_LOOKED_AT = 30
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED, WORKBOOK, BOOK = (name.encode("utf-16-le") for name in ("EncryptedPackage", "Workbook", "Book"))
FILEPASS = re.compile(rb"\x09\x08\x10\x00.{16}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)  # follows the first record of an encrypted .xls
OTHER_KINDS = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{\\rtf", "a text document"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)
PARTS_OF_OTHERS = (("word/", "a Word document"), ("ppt/", "a PowerPoint presentation"), ("META-INF/MANIFEST.MF", "a program"))


@dataclass(frozen=True)
class Parts:
    """What the process apart found in a file: its tables, the plain texts it unpacked (name, path, format), and what is no table."""

    tables: tuple[TextTable, ...] = ()
    texts: tuple[tuple[str, Path, str], ...] = ()
    unused: tuple[tuple[str, str], ...] = ()


def open_file(path: Path, seen: Scan, folder: Path) -> tuple[TextTable, ...]:
    """Every table of a file; copies go to `folder`. Raises Problem when it holds none that can be read."""
    return look_into(path, seen, folder).tables


def look_into(path: Path, seen: Scan, folder: Path) -> Opened:
    """Every table of a file, and why its other parts are none. Raises Problem when it holds no table that can be read."""
    from etl.readers import apart  # it asks this module what to do

    room = Path(tempfile.mkdtemp(dir=folder))
    kind = kind_of(seen.head, path.name)
    if kind == "text":
        return Opened((open_text(path, seen, room),))
    parts = apart.read(path, room)
    tables, unused = list(parts.tables), list(parts.unused)
    is_one = len(tables) + len(parts.texts) == 1
    for number, (name, text, packed) in enumerate(parts.texts):
        try:
            room_inside = room / f"text{number}"
            room_inside.mkdir()
            table = open_text(text, csv_reader.scan(text), room_inside, "" if is_one else name)
            tables.append(replace(table, facts=(*table.facts, packed)))
        except Problem as problem:
            unused.append((name, str(problem).replace(text.name, name)))
    if not tables:
        raise _holds_nothing(path.name, unused)
    return Opened(tuple(tables), tuple(unused))


# -- what it is --------------------------------------------------------------------------------------------------------------


def kind_of(head: bytes, name: str) -> str:
    """text, json, zip, gzip, ole or parquet, by the first bytes. Raises Problem for what is none of them."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(OLE):
        return "ole"
    if head.startswith(b"PAR1"):
        return "parquet"
    other = next((words for sign, words in OTHER_KINDS if head.startswith(sign)), None)
    if other or (head[257:262] == b"ustar"):
        raise _other_kind(name, other or "a tar archive")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200]
    if re.match(rb'\{\s*["}]|\[\s*[\[{\]]', start):
        return "json"
    if re.match(rb"<(?:!doctype|html|\?xml|table|meta|head)", start, re.IGNORECASE):
        raise _other_kind(name, "a web page or XML")
    if _is_binary(head):
        raise _other_kind(name, "neither text nor any kind of table that is known")
    return "text"


def _is_binary(head: bytes) -> bool:
    """Whether it is full of signs that no text has. NUL bytes alone are no proof: UTF-16 has them, and some old systems write them."""
    signs = bytes(number for number in range(1, 32) if number not in (9, 10, 11, 12, 13, 26, 28, 29, 30, 31))
    text = head.replace(b"\0", b"")
    return len(text) - len(text.translate(None, signs)) > len(text) // 50 and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


# -- text --------------------------------------------------------------------------------------------------------------------


def open_text(path: Path, seen: Scan, folder: Path, sheet: str = "") -> TextTable:
    """A file of text as a table. Only its beginning decides how it is read; a plain file is left where it is."""
    path = _findable(path, folder)
    encoding = csv_reader.detect_encoding(path, seen)
    head = csv_reader.head_of(seen, encoding)
    separator = csv_reader.detect_separator(head)
    rows = _first_rows(head, separator)
    if rows and len(rows[0]) == 1:
        separator = _separator_below(head, separator)
        rows = _first_rows(head, separator)
    copy = folder / "tidy.csv"
    if _needs_shaping(rows):
        grid = csv_reader.grid_of(path, encoding, separator, sheet)
        headers, sample = (rows[0], rows[1:]) if rows else ([], [])
        if kobo.is_kobo(headers):
            return _kobo_with_tags(grid, copy, sample)
        return dhis2.write_grid(grid, copy) or layout.write_table(grid, copy)
    table = csv_reader.open_table(path, seen, copy)
    return replace(described(table, rows[1:]), sheet=sheet)


def _findable(path: Path, folder: Path) -> Path:
    """The file under a name DuckDB takes for a name: with * ? or [ in it, it would look for a pattern."""
    if not any(sign in str(path) for sign in "*?["):
        return path
    other = folder / re.sub(r"[*?\[\]]", "_", path.name)
    try:
        other.symlink_to(path.resolve())
    except OSError:  # a system without links
        shutil.copyfile(path, other)
    return other


def described(table: TextTable, sample: Sequence[Sequence[str]]) -> TextTable:
    """The table of a plain CSV with what its headers tell about the tool that wrote it."""
    if kobo.is_kobo(table.headers):
        return replace(table, format="kobo_csv", **kobo.about(table.headers, sample))
    if odk.is_odk(table.headers):
        return replace(table, format="odk_csv", **odk.about(table.headers))
    return table


def _kobo_with_tags(grid: csv_reader.Grid, copy: Path, sample: Sequence[Sequence[str]]) -> TextTable:
    """A Kobo CSV with a row of HXL tags under its header."""
    table = layout.find_table(grid, is_header_first=True)
    with csv_reader.TidyCopy(copy, table.headers) as written:
        for line, cells in kobo.records_of(table.records(grid.ragged)):
            written.row(line, cells)
        about = kobo.about(table.headers, sample[1:])
        about["facts"] = (*about["facts"], "hxl_row")
        ragged = tuple(grid.ragged)
        return written.table(sheet=grid.sheet, format="kobo_csv", encoding=grid.encoding, ragged=ragged, **about)


def _first_rows(head: str, separator: str) -> list[list[str]]:
    """The first records, without one the end of `head` may have cut."""
    lines = head.splitlines(keepends=True)
    lines = lines[:-1] if len(lines) > 1 and len(head) >= HEAD // 4 else lines
    found = csv_reader.records((line.rstrip("\r\n") + "\n" for line in lines), separator)
    return [[cell.strip() for cell in cells] for _, _, cells in islice(found, ROWS_LOOKED_AT) if any(cells)]


def _separator_below(head: str, otherwise: str) -> str:
    """The separator of a table under a title: the one that cuts most lines below the first into the same number of cells."""
    below = head.split("\n", 1)[-1]
    best, most = otherwise, 1
    for separator in csv_reader.SEPARATORS:
        widths = Counter(len(row) for row in _first_rows(below, separator))
        width, times = widths.most_common(1)[0] if widths else (1, 0)
        if width > most and times >= 2 and times * 2 > sum(widths.values()):
            best, most = separator, width
    return best


def _needs_shaping(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the records must be written anew: a title above the header, months side by side, DHIS2, or HXL tags."""
    if not rows:
        return False
    headers, sample = rows[0], rows[1:]
    widths = Counter(sum(map(bool, row)) for row in sample)
    usual = max(widths, key=lambda width: (widths[width], width), default=0)
    if usual >= 3 and sum(map(bool, headers)) * 2 < usual:
        return True
    if kobo.is_kobo(headers):
        return bool(sample) and kobo.is_hxl(sample[0])
    if dhis2.is_dhis2(headers, sample[:3]):
        return True
    return len({month[:2] for header in headers if (month := layout.month_within(header))}) >= layout.FEWEST_MONTHS


# -- everything else, read apart ---------------------------------------------------------------------------------------------


def open_parts(path: Path, folder: Path) -> Parts:
    """What a packed or binary file holds. Called in the process apart. Raises Problem."""
    with path.open("rb") as opened:
        kind = kind_of(opened.read(HEAD), path.name)
    if kind == "gzip":
        member = archive.unpack_gzip(path, folder)
        inside = _head(member.path)
        if _is_archive(inside):
            raise _nested(path.name)
        return _member(member, folder / "inside", "gzip", is_alone=True)
    if kind == "zip":
        return _zip(path, folder)
    return _single(path, folder, kind, path.name)


def _zip(path: Path, folder: Path) -> Parts:
    """A workbook, an ODK export, or a zip of files."""
    workbook = _workbook_kind(path, path.name)
    if workbook:
        return _workbook(path, folder, workbook, path.name)
    members = list(archive.unpack(path, folder))
    forms = [member for member in members if odk.is_odk(_headers(member.path))]
    if forms:
        grids = [csv_reader.grid_of(member.path, "utf-8-sig", ",", _stem(member.name)) for member in forms]
        others = [(member.name, "It is a file that was attached to the form.") for member in members if member not in forms]
        return Parts(tuple(odk.write_archive(grids, folder)), unused=tuple(others[:20]))
    found: list[Parts] = []
    unused: list[tuple[str, str]] = []
    for number, member in enumerate(members):
        try:
            if _is_archive(_head(member.path)) and not _workbook_kind(member.path, member.name):
                raise _nested(member.name)
            found.append(_member(member, folder / f"inside{number}", "zip", is_alone=len(members) == 1))
        except Problem as problem:
            unused.append((member.name, str(problem)))
    if not found:
        raise _holds_nothing(path.name, unused)
    return Parts(
        tuple(table for one in found for table in one.tables),
        tuple(text for one in found for text in one.texts),
        (*unused, *(reason for one in found for reason in one.unused)),
    )


def _member(member: archive.Member, folder: Path, packed: str, is_alone: bool) -> Parts:
    """One unpacked file of an archive."""
    kind = kind_of(_head(member.path), member.name)
    if kind == "text":
        return Parts(texts=((member.name, member.path, packed),))
    folder.mkdir()
    if kind == "zip":
        parts = _workbook(member.path, folder, _workbook_kind(member.path, member.name) or "xlsx", member.name)
    else:
        parts = _single(member.path, folder, kind, member.name)
    named = [replace(table, facts=(*table.facts, packed)) for table in parts.tables]
    if not is_alone:
        named = [replace(table, sheet=f"{member.name}, {table.sheet}" if table.sheet else member.name) for table in named]
    return Parts(tuple(named), unused=tuple((f"{member.name}, {sheet}", reason) for sheet, reason in parts.unused))


def _single(path: Path, folder: Path, kind: str, name: str) -> Parts:
    """A file that is no archive."""
    if kind == "json":
        from etl.readers.json import open_json

        opened = open_json(path, folder / "json.csv", name)
    elif kind == "parquet":
        from etl.readers.parquet import open_parquet

        opened = open_parquet(path, folder / "parquet.csv", name)
    else:
        return _workbook(path, folder, _ole_kind(path, name), name)
    return Parts(opened.tables, unused=opened.unused)


def _workbook(path: Path, folder: Path, kind: str, name: str) -> Parts:
    from etl.readers.xlsx import open_workbook

    opened = open_workbook(path, folder, kind, name)
    return Parts(opened.tables, unused=opened.unused)


def _workbook_kind(path: Path, name: str) -> str:
    """xlsx, xlsm, xlsb or ods when a zip is a workbook, else ''. Raises Problem for a damaged zip and for documents of other programs."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            archive.check_declared(packed, path, name)
            if "xl/workbook.xml" in names:
                return "xlsm" if "xl/vbaProject.bin" in names else "xlsx"
            if "xl/workbook.bin" in names:
                return "xlsb"
            if names and names[0] == "mimetype" and b"opendocument.spreadsheet" in packed.open("mimetype").read(100):
                return "ods"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise archive.damaged(name) from error
    other = next((words for part, words in PARTS_OF_OTHERS if any(one.startswith(part) for one in names)), None)
    if other:
        raise _other_kind(name, other)
    return ""


def _ole_kind(path: Path, name: str) -> str:
    """xls when an OLE container is an old workbook. Raises Problem for a workbook behind a password, and for anything else."""
    from etl.readers.xlsx import locked

    content = path.read_bytes()
    if ENCRYPTED in content or FILEPASS.search(content):
        raise locked(name)
    if WORKBOOK in content or BOOK in content:
        return "xls"
    raise _other_kind(name, "a document of an old Office program")


def _head(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(HEAD)


def _headers(path: Path) -> list[str]:
    """The headers of a CSV as ODK writes it."""
    line = _head(path).decode("utf-8-sig", errors="replace").partition("\n")[0]
    return csv_reader.split(line.rstrip("\r"), ",")


def _stem(name: str) -> str:
    return name.removesuffix(".csv")


def _is_archive(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b"))


# -- sentences ---------------------------------------------------------------------------------------------------------------


def _other_kind(name: str, words: str) -> Problem:
    return Problem(
        what=f"{name} is {words}.",
        meaning="Records cannot be read from it, so nothing was loaded from it.",
        action="Open it in the program it was made with, save the records as a workbook (.xlsx) or CSV (UTF-8), and put that in its place.",
    )


def _nested(name: str) -> Problem:
    return Problem(
        what=f"{name} is an archive inside an archive.",
        meaning="Only one is opened, so nothing was loaded from it.",
        action="Unpack it yourself and put the files inside it into the folder.",
    )


def _holds_nothing(name: str, unused: Sequence[tuple[str, str]]) -> Problem:
    reasons = " ".join(reason for _, reason in unused[:3])
    return Problem(
        what=f"{name} holds no file with records.",
        meaning=f"Nothing was loaded from it. {reasons}".strip(),
        action="Put the files with the records into the folder themselves.",
    )
