"""Workbooks as Excel 97 (.xls, BIFF8 in an OLE container) and Excel's binary format (.xlsb, BIFF12 in a zip) write them: small, by hand."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from form_files import zipped

SECTOR = 512
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD  # what a sector may be followed by
Sheets = Mapping[str, Sequence[Sequence[str | float]]]


# -- .xls --------------------------------------------------------------------------------------------------------------------


def xls(sheets: Sheets, is_locked: bool = False) -> bytes:
    """An Excel 97 workbook: texts and numbers. `is_locked`: it says that it is encrypted."""
    begin = _begin(5) + (_record(0x2F, struct.pack("<H", 1) + bytes(52)) if is_locked else b"")
    bodies = [_sheet(rows) for rows in sheets.values()]
    listed = [_record(0x85, struct.pack("<IHB", 0, 0, len(name)) + b"\1" + name.encode("utf-16-le")) for name in sheets]
    start = len(begin) + sum(map(len, listed)) + len(_record(0x0A))
    for number, name in enumerate(sheets):
        place = start + sum(map(len, bodies[:number]))
        listed[number] = _record(0x85, struct.pack("<IHB", place, 0, len(name)) + b"\1" + name.encode("utf-16-le"))
    return _container(b"".join([begin, *listed, _record(0x0A), *bodies]))


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _begin(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 0x306))


def _sheet(rows: Sequence[Sequence[str | float]]) -> bytes:
    width = max(map(len, rows))
    cells = [_begin(0x10), _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))]
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, str):
                cells.append(_record(0x204, struct.pack("<HHHHB", y, x, 0, len(cell), 1) + cell.encode("utf-16-le")))
            else:
                cells.append(_record(0x203, struct.pack("<HHHd", y, x, 0, cell)))
    return b"".join([*cells, _record(0x0A)])


def _container(stream: bytes) -> bytes:
    """An OLE container with the one stream `Workbook`."""
    stream = stream.ljust(max(len(stream), 4096), b"\0")  # a shorter stream would lie elsewhere
    count = -(-len(stream) // SECTOR)
    tables = next(number for number in range(1, 109) if number * SECTOR // 4 >= number + 1 + count)
    first = tables + 1  # after the tables and the directory
    table = [*[TABLE] * tables, END, *range(first + 1, first + count), END]
    table += [FREE] * (tables * SECTOR // 4 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", *range(tables), *[FREE] * (109 - tables))
    directory = _entry("Root Entry", 5, child=1, start=END, size=0) + _entry("Workbook", 2, FREE, first, len(stream))
    directory += _entry("", 0, FREE, 0, 0) * 2
    return header + struct.pack(f"<{len(table)}I", *table) + directory + stream.ljust(count * SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    named = name.encode("utf-16-le")
    whole = named.ljust(64, b"\0") + struct.pack("<HBB", len(named) + 2 if name else 0, kind, 1)
    return whole + struct.pack("<III", FREE, FREE, child) + bytes(36) + struct.pack("<IQ", start, size)


# -- .xlsb -------------------------------------------------------------------------------------------------------------------


def xlsb(sheets: Sheets) -> bytes:
    """A binary workbook: texts and numbers, no styles."""
    main = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packed = "http://schemas.openxmlformats.org/package/2006"
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{main}/worksheet" Target="worksheets/sheet{number}.bin"/>'
        for number, _ in enumerate(sheets, 1)
    )
    listed = b"".join(
        _part(0x9C, struct.pack("<II", 0, number) + _wide(f"rId{number}") + _wide(name)) for number, name in enumerate(sheets, 1)
    )
    book = _part(0x83) + _part(0x99, bytes(12)) + _part(0x8F) + listed + _part(0x90) + _part(0x84)
    kind = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    kinds = f'<Types xmlns="{packed}/content-types"><Default Extension="bin" ContentType="{kind}"/></Types>'
    root = f'<Relationship Id="rId1" Type="{main}/officeDocument" Target="xl/workbook.bin"/>'
    parts = {
        "[Content_Types].xml": kinds.encode(),
        "_rels/.rels": f'<Relationships xmlns="{packed}/relationships">{root}</Relationships>'.encode(),
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{packed}/relationships">{links}</Relationships>'.encode(),
    }
    for number, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{number}.bin"] = _binary_sheet(rows)
    return zipped(parts)


def _part(kind: int, data: bytes = b"") -> bytes:
    """A record of BIFF12: number and length in sevens of bits."""
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, left = b"", len(data)
    while True:
        length += bytes([left & 0x7F | (0x80 if left > 0x7F else 0)])
        left >>= 7
        if not left:
            return number + length + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _binary_sheet(rows: Sequence[Sequence[str | float]]) -> bytes:
    cells = [_part(0x81), _part(0x94, struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)), _part(0x91)]
    for y, row in enumerate(rows):
        cells.append(_part(0x00, struct.pack("<I", y) + bytes(13)))
        for x, cell in enumerate(row):
            place = struct.pack("<II", x, 0)
            cells.append(_part(0x06, place + _wide(cell)) if isinstance(cell, str) else _part(0x05, place + struct.pack("<d", cell)))
    return b"".join([*cells, _part(0x92), _part(0x82)])
