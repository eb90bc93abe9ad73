"""Files as KoboToolbox, ODK Central, DHIS2 and offices write them: small, by hand, in their true shapes."""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

KOBO_END = ["_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__", "_tags"]
KOBO_END += ["meta/rootUuid", "_index"]


def kobo_csv(headers: Sequence[str], rows: Sequence[Sequence[str]], statuses: Sequence[str] = (), tags: Sequence[str] = ()) -> bytes:
    """Separator `;`, every value quoted, CRLF, the metadata columns at the end; `tags` is a row of HXL tags."""
    lines = [[*headers, *KOBO_END], *([[*tags, *[""] * len(KOBO_END)]] if tags else [])]
    for number, row in enumerate(rows):
        lines.append([*row, *kobo_end(number, statuses[number] if statuses else "")])
    return "".join(";".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\r\n" for line in lines).encode()


def kobo_end(number: int, status: str = "") -> list[str]:
    """The metadata of one submission."""
    uuid, by = f"0000000{number}-0000-4000-8000-000000000000", "dara_field"
    return [
        str(1000 + number),
        uuid,
        f"2024-03-0{number + 1}T08:15:00",
        status,
        "",
        "submitted_via_web",
        by,
        "v1",
        "",
        f"uuid:{uuid}",
        str(number + 1),
    ]


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]], merged: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """An XLSX of rows of Python values; dates become real dates, `merged` names ranges such as "B1:D1"."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        day, moment = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                for x, cell in enumerate(row):
                    if isinstance(cell, datetime.datetime):
                        sheet.write_datetime(y, x, cell, moment)
                    elif isinstance(cell, datetime.date):
                        sheet.write_datetime(y, x, datetime.datetime(cell.year, cell.month, cell.day), day)
                    elif cell is not None and cell != "":
                        sheet.write(y, x, cell)
            for cells in (merged or {}).get(name, ()):
                first = cells.split(":")[0]
                sheet.merge_range(cells, rows[int(first[1:]) - 1][ord(first[0]) - 65])
    return buffer.getvalue()


def kobo_workbook() -> bytes:
    """Two visits, the first with two members and one grand-child, on three sheets."""
    meta = [f"_submission_{name}" for name in KOBO_END[:-1]]
    title = "Household survey with repeatable groups"
    main = [["start", "visit/commune", *KOBO_END]]
    main += [[datetime.datetime(2024, 3, 1, 7, 30), "070101", *kobo_end(0, "validation_status_approved")]]
    main += [[datetime.datetime(2024, 3, 2, 7, 30), "070102", *kobo_end(1, "validation_status_not_approved")]]
    members = [["visit/member/name", "_index", "_parent_table_name", "_parent_index", *meta]]
    for index, parent, name in ((1, 1, "peter"), (2, 1, "kyle"), (3, 2, "linda")):
        end = kobo_end(parent - 1, "validation_status_approved" if parent == 1 else "validation_status_not_approved")[:-1]
        members.append([name, index, title, parent, *end])
    ills = [["visit/member/illness/what", "_index", "_parent_table_name", "_parent_index", *meta]]
    ills.append(["fever", 1, "member", 2, *kobo_end(0)[:-1]])
    return workbook({"Household survey with repeat...": main, "member": members, "illness": ills})


def odk_zip() -> bytes:
    """A form with a group, a place on earth, a repeat and a repeat in it; comma, LF, quotes only where needed."""
    end = "KEY,SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,Status,ReviewState,DeviceID,Edits,FormVersion"
    main = f"SubmissionDate,meta-instanceID,visit-commune,where-Latitude,where-Longitude,where-Altitude,where-Accuracy,{end}\n"
    main += "2024-03-01T08:15:00.000Z,uuid:a,070101,11.5,104.9,0,5,uuid:a,5,Dara,0,0,,approved,device-77,0,1\n"
    main += '2024-03-02T08:15:00.000Z,uuid:b,"070,102",11.5,104.9,0,5,uuid:b,5,Dara,0,0,,rejected,device-77,0,1\n'
    child = "name,PARENT_KEY,KEY\npeter,uuid:a,uuid:a/member[1]\nkyle,uuid:a,uuid:a/member[2]\nlinda,uuid:b,uuid:b/member[1]\n"
    grandchild = "what,PARENT_KEY,KEY\nfever,uuid:a/member[2],uuid:a/member[2]/illness[1]\n"
    return zipped(
        {
            "visit-illness.csv": grandchild.encode(),
            "visit-member.csv": child.encode(),
            "visit.csv": main.encode(),
            "media/a.jpg": b"\xff\xd8\xff0",
        }
    )


def dhis2_set() -> dict[str, Any]:
    """A data value set whose period and organisation unit stand above its values, but for one value."""
    values = [
        {"dataElement": "fbfJHSPpUQD", "categoryOptionCombo": "pq2XI5kz2BY", "value": "12", "storedBy": "dara", "followup": False},
        {"dataElement": "fbfJHSPpUQD", "period": "2024Q1", "orgUnit": "DiszpKrYNg8", "value": "7"},
    ]
    return {"dataSet": "pBOMPrpg1QX", "period": "202401", "orgUnit": "O6uvpzGd5pu", "dataValues": values}


def dhis2_analytics() -> dict[str, Any]:
    """An answer of the analytics API, names in its metadata."""
    headers = [{"name": name, "column": column, "meta": name != "value"} for name, column in
               (("dx", "Data"), ("pe", "Period"), ("ou", "Organisation unit"), ("value", "Value"))]  # fmt: skip
    items = {"fbfJHSPpUQD": {"name": "ANC 1st visit"}, "202401": {"name": "January 2024"}, "O6uvpzGd5pu": {"name": "Bo"}}
    return {"headers": headers, "metaData": {"items": items}, "rows": [["fbfJHSPpUQD", "202401", "O6uvpzGd5pu", "12.0"]]}


def as_json(content: Any) -> bytes:
    return json.dumps(content).encode()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip of these files, whatever their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
