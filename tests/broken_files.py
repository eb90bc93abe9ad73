"""Files as bad luck and bad will make them: a number gives one, the same each time. For the tests, and for `python -m bench.fuzz`."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import form_files as made
import pyarrow as pa
import pyarrow.parquet as pq
from small_files import rows_of

from etl import pipeline, sources
from etl.load import Workplace
from etl.quality import Load
from etl.readers import csv

DAY = date(2026, 11, 15)

NAMES = ("file.csv", "a.xlsx", "a.xls", "a.json", "a.zip", "a.csv.gz", "a.parquet", "file", "a.txt", "a[1]*.XLSM", "ឯកសារ.csv")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NASTY = (b"\0", b"\xff", b'"', b'""', b"\r", b"\n", b",", b";", b"<", b"&", b"{", b"[", b"PK\x03\x04", b"\xe2\x80\xa8", b"=1+1")


def broken_file(number: int) -> tuple[str, bytes]:
    """(name, bytes) of the bad file with this number. Its name rarely fits its content."""
    luck = random.Random(number)
    content = luck.choice(MAKERS)(luck)
    return luck.choice(NAMES), content


def load_all(folder: Path) -> list[Load]:
    """Load every file of a folder into a database in memory; raises AssertionError when the books do not balance."""
    passing = folder / "passing"
    passing.mkdir()
    place = Workplace(pipeline.connect(":memory:", passing), DAY, passing, folder / "set_aside")
    scans = {path: csv.scan(path) for path in sorted((folder / "inbox").iterdir())}
    loads = pipeline.load_files(place, folder / "inbox", scans, lambda share, what: None)
    for load in loads:
        parts = load.rows_loaded + load.rows_set_aside + load.rows_superseded + load.rows_deleted
        assert load.rows_read == parts, f"{load.title}: {load.rows_read} rows read, {parts} accounted for"
        assert load.status == "loaded" or load.note, f"{load.title}: {load.status} without a reason"
    for (table,) in place.connection.execute("select table_name from information_schema.tables where table_schema = 'staging'").fetchall():
        mine = sum(load.rows_loaded for load in loads if load.source == table)
        assert place.connection.execute(f"select count(*) from staging.{table}").fetchone() == (mine,)
    place.connection.close()
    return loads


# -- good files to break -----------------------------------------------------------------------------------------------------


@cache
def good_files() -> tuple[bytes, ...]:
    """One of every kind that is understood."""
    requests = sources.source("service_requests")
    text = rows_of(requests, *({"request_id": f"R-{n}", "citizen_name": '"two\nlines"' if n == 3 else "ស្រី"} for n in range(20)))
    rows = [line.split(",") for line in rows_of(requests, *({"request_id": f"X-{n}"} for n in range(5))).splitlines()]
    feedback = ["commune_code", "rating_speed", "scale_min", "scale_max", "kinds", "kinds/a"]
    kobo = made.kobo_csv(feedback, [["070101", "4", "1", "5", "a b", "1"]] * 3, ["", "Approved", "Not Approved"])
    wide = [["Report of 2024"], ["Facility", "Jan", "Feb", "Mar", "Apr"], ["HC-1", 1, 2, None, 4], ["HC-2", 5, "?", 7, 8]]
    table = io.BytesIO()
    pq.write_table(pa.table({"request_id": ["P-1", None], "n": [1.0, 2.5], "kinds": [["a"], []]}), table)
    return (
        text.encode(), text.encode("utf-16"), text.replace(",", ";").replace("\n", "\r").encode("mac_roman", "replace"), kobo,
        made.kobo_workbook(), made.workbook({"x": rows, "y": wide}, {"y": ["A1:E1"]}), made.odk_zip(), made.as_json(made.dhis2_set()),
        made.as_json(made.dhis2_analytics()), table.getvalue(), gzip.compress(text.encode()),
        made.zipped({"r.csv": text.encode(), "k.csv": kobo}),
        b"dataelement,period,orgunit,catoptcombo,attroptcombo,value\nfbfJHSPpUQD,202401,O6uvpzGd5pu,,,5\n",
        b"organisationunitid,organisationunitname,dataid,dataname,January 2024,February 2024\nO6uvpzGd5pu,Bo,x,ANC,1,2\n",
    )  # fmt: skip


# -- ways to break them ------------------------------------------------------------------------------------------------------


def damaged(luck: random.Random, content: bytes | None = None) -> bytes:
    """A good file cut short, with bytes changed, doubled, lost or put in."""
    data = bytearray(luck.choice(good_files()) if content is None else content)
    for _ in range(luck.choice((1, 1, 1, 2, 5, 20))):
        start = luck.randrange(len(data) + 1)
        length = luck.choice((1, 1, 2, 8, 64, 512))
        way = luck.randrange(7)
        if way == 0:
            del data[start:]
        elif way == 1 and start < len(data):
            data[start] ^= 1 << luck.randrange(8)
        elif way == 2:
            data[start:start] = luck.randbytes(length)
        elif way == 3:
            del data[start : start + length]
        elif way == 4:
            data[start:start] = data[start : start + length] * luck.choice((1, 3, 50))
        elif way == 5:
            data[start : start + length] = luck.choice(NASTY) * luck.choice((1, 2, 100))
        else:
            other = luck.choice(good_files())
            cut = luck.randrange(len(other))
            data[start:] = other[cut : cut + 4096]
    return bytes(data)


def damaged_inside(luck: random.Random) -> bytes:
    """A packed file whose parts are damaged but whose packing is sound, so that the damage is reached."""
    packed = luck.choice([content for content in good_files() if content.startswith(b"PK")])
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = luck.choice(list(parts))
    way = luck.randrange(4)
    if way == 0:
        del parts[name]
    elif way == 1:
        parts[luck.choice(list(parts))] = parts[name]
    else:
        parts[name] = damaged(luck, parts[name])
    return made.zipped(parts)


def only_noise(luck: random.Random) -> bytes:
    """Bytes without any sense, at times behind the first bytes of a kind of file."""
    sign = luck.choice((b"", b"PK\x03\x04", b"\x1f\x8b\x08", OLE, b"PAR1", b"{", b"[[", b"\xff\xfe", b"\xef\xbb\xbf", b"%PDF-", b"a,b\n"))
    return sign + luck.randbytes(luck.choice((0, 1, 10, 1000, 20_000)))


def odd_text(luck: random.Random) -> bytes:
    """CSV of cells nobody should write: quotes that stay open, signs of all kinds, rows of every length."""
    cells = ["", "1", '"', '""', '"a', "a,b", "=1+1", "+855", "-1", "@x", "\t", "ក", "é", "\u2028", "\x00", "NaN", "1e999"]
    cells += ["9" * 400, "x" * 2000]
    lines = [luck.choice((",", ";", "\t", "|")).join(luck.choices(cells, k=luck.randrange(1, 9))) for _ in range(luck.randrange(1, 40))]
    head = luck.choice(("", "request_id,commune_code,service_code,submitted_date\n", "Data,Period,Organisation unit,Value\n", "a\n"))
    text = head + luck.choice(("\n", "\r\n", "\r", "\n\n")).join(lines)
    return text.encode(luck.choice(("utf-8", "utf-16", "cp1252", "utf-8-sig")), "replace")


def many_columns(luck: random.Random) -> bytes:
    """Ten thousand columns, of one name or of many, as CSV or packed."""
    names = [luck.choice(("a", "")) if luck.random() < 0.5 else f"c{n}" for n in range(luck.choice((5_000, 10_000)))]
    text = (",".join(names) + "\n" + ",".join(["1"] * len(names)) + "\n").encode()
    return luck.choice((text, gzip.compress(text), made.zipped({"a.csv": text})))


def long_line(luck: random.Random) -> bytes:
    """One line of some megabytes, as header or as row, with or without quotation marks."""
    line = luck.choice((b"x", b"x,", b'"', b"\0", "ក".encode())) * luck.choice((1_100_000, 3_000_000))
    text = luck.choice((line, b"a,b\n" + line + b"\n1,2\n", b"a,b\n1,2\n" + line))
    return luck.choice((text, gzip.compress(text, 1)))


def bomb(luck: random.Random) -> bytes:
    """Archives that unpack to far more than they are, or say that they do, or say that they do not."""
    zeros = luck.choice((b"\0", b"a,b\n", b" ")) * (8 << 20)
    way = luck.randrange(5)
    if way == 0:
        return gzip.compress(zeros, 9) * luck.choice((1, 60))
    if way == 1:
        return made.zipped({f"{n}.csv": zeros for n in range(luck.choice((1, 3)))})
    packed = bytearray(made.zipped({"a.csv": zeros, "xl/workbook.xml": b"<workbook/>"}))
    at = packed.rfind(b"PK\x01\x02")  # the size the directory declares of the last member
    first = packed.find(b"PK\x01\x02")
    size = luck.choice((0, 1, 100, 0x7FFFFFFF, 0xFFFFFFFE))
    struct.pack_into("<I", packed, (first if way < 4 else at) + 24, size)
    return bytes(packed)


def odd_archive(luck: random.Random) -> bytes:
    """Paths that climb out, archives in archives, passwords, double names, a thousand members, none at all."""
    names = ["../../up.csv", "/etc/passwd", "C:\\x.csv", "a/../b.csv", "nul\0l.csv", "." * 300, "x" * 5000, "", "ក.csv", "a.csv/"]
    way = luck.randrange(6)
    if way == 0:
        return made.zipped({name: luck.choice(good_files()) for name in luck.sample(names, 3)})
    if way == 1:
        return made.zipped({"in.zip": made.zipped({"in.zip": luck.choice(good_files())}), "a.csv": b"a,b\n1,2\n"})
    if way == 2:
        packed = bytearray(made.zipped({"a.csv": b"a,b\n1,2\n"}))
        for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            packed[packed.find(sign) + place] |= 1
        return bytes(packed)
    if way == 3:
        return made.zipped({f"{n}.csv": b"a,b\n1,2\n" for n in range(luck.choice((50, 1100)))})
    if way == 4:
        return b"PK\x05\x06" + b"\0" * 18
    return gzip.compress(gzip.compress(luck.choice(good_files())))


SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = '<worksheet xmlns="{space}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
FAR = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'


def odd_workbook(luck: random.Random) -> bytes:
    """Workbooks with cells at the end of the world, bombs of entities and strings, lies about sizes, formulas, macros, wrong references."""
    cell = luck.choice(
        ('<c r="XFD1048576"><v>1</v></c>',
         '<c r="A1" t="s"><v>999999999</v></c>', '<c r="A1" t="e"><v>#REF!</v></c>',
         '<c r="ZZZZZ9"><v>1</v></c>',
         '<c r="A1"><f>WEBSERVICE("http://127.0.0.1/")</f></c>', '<c r="A0"><v>1</v></c>', '<c r="A1" s="9999"><v>1e308</v></c>',
         "<c><v>x</v></c>",
         '<c r="A1" t="str"><v>&boom;</v></c>', '<c r="A1" t="d"><v>9999-99-99</v></c>', '<c r="A1" t="inlineStr"><is><t>=1+1</t></is></c>',
         '<c r="A1" t="b"><v>7</v></c>', '<c r="B1"><v>1</v></c><c r="A1"><v>2</v></c>', '<c r="A1" s="1"><v>-99999999999</v></c>')
    )  # fmt: skip
    rows = f'<row r="{luck.choice((1, 0, -5, 1048577, 10**12))}">{cell}</row>' * luck.choice((1, 1, 500))
    rows = luck.choice(('<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>', "")) + rows
    before = luck.choice(("", '<dimension ref="A1:XFD1048576"/>', '<dimension ref="B9:A1"/>', "<dimension/>"))
    after = luck.choice(("", FAR, '<mergeCells><mergeCell ref="?"/></mergeCells>'))
    sheet = SHEET.format(space=SPACE, before=before, rows=rows, after=after)
    if luck.random() < 0.2:
        entities = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10 if n else "boom"}">' for n in range(12))
        sheet = f"<!DOCTYPE x [{entities}<!ENTITY boom '&b11;'>]>{sheet}"
    with zipfile.ZipFile(io.BytesIO(good_files()[5])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    if luck.random() < 0.3:
        many = luck.choice((5, 2_000))
        item = f"<si><t>{'s' * luck.choice((3, 30_000))}</t></si>" * many
        parts["xl/sharedStrings.xml"] = f'<sst count="{2**31}" uniqueCount="{luck.choice((2**31, 2**62, -1))}">{item}</sst>'.encode()
    if luck.random() < 0.2:
        parts["xl/vbaProject.bin"] = OLE + luck.randbytes(500)
    return made.zipped(parts)


def odd_ole(luck: random.Random) -> bytes:
    """Old containers: a workbook behind a password, an old workbook that is none, a document."""
    words = luck.choice(("EncryptedPackage", "Workbook", "Book", "WordDocument"))
    header = OLE + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\0" * 10 + struct.pack("<IIII", 1, luck.choice((0, 1, 2**31)), 0, 4096)
    return header + luck.randbytes(luck.choice((0, 400, 4000))) + words.encode("utf-16-le") + luck.randbytes(2000)


def odd_json(luck: random.Random) -> bytes:
    """JSON too deep, too odd, or with other things where DHIS2 has lists."""
    depth = luck.choice((50, 100_000))
    return luck.choice(
        (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth, b'{"dataValues": [1, null, {"value": {"a": [1]}}]}',
         b'{"headers": [1, {"name": null}], "rows": [[1], {"a": 2}, [1, 2, 3]]}', b'[{"a": NaN, "b": 1e999, "A": ' + b"9" * 5000 + b"}]",
         b'{"results": [{"\\ud800": "\\ud800"}]}', b'[{"line": 1, "": 2, "a,b": 3, "a\\nb": 4}]', b'{"headers": [], "rows": []}',
         b"[" + b",".join(b'{"k%d": %d}' % (n, n) for n in range(luck.choice((10, 6000)))) + b"]",
         b'{"metaData": {"items": [1]}, "headers": [{"name": "dx"}, {"name": "dx"}], "rows": [["a", "b"]]}')
    )  # fmt: skip


def odd_gzip(luck: random.Random) -> bytes:
    """A gzip that is cut, has a wrong sum, or goes on with something else."""
    packed = bytearray(gzip.compress(luck.choice(good_files())))
    way = luck.randrange(4)
    if way == 0:
        packed[-8:-4] = b"\0\0\0\0"
    elif way == 1:
        packed += luck.randbytes(100)
    elif way == 2:
        del packed[luck.randrange(len(packed)) :]
    else:
        packed = bytearray(b"\x1f\x8b" + zlib.compress(b"a,b\n1,2\n"))
    return bytes(packed)


MAKERS: tuple[Callable[[random.Random], bytes], ...] = (
    damaged, damaged, damaged, damaged, damaged_inside, damaged_inside, damaged_inside, only_noise, odd_text, odd_text, odd_archive,
    odd_workbook, odd_workbook, odd_workbook, odd_ole, odd_json, odd_gzip,
)  # fmt: skip
RARE: tuple[Callable[[random.Random], bytes], ...] = (many_columns, long_line, bomb)
MAKERS = (*MAKERS * 4, *RARE)
