"""How long does a workbook of 200,000 rows take, against calamine alone, which only takes it apart?

    python -m bench.readers --rows 200000

Prints processor seconds of each way and their ratio (the budget is 3). Ours is everything from the file to a table of text ready to load:
looking at what it is, finding the header, every cell as text, the tidy copy. The other is calamine giving all rows as Python values.
"""

import argparse
import resource
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from etl import sources
from etl.readers import csv, detect

BUDGET = 3.0
TIMES = 3
COLUMNS = len(sources.source("service_requests").columns)


def make_workbook(path: Path, rows: int) -> None:
    """Requests as an office keeps them: real dates, numbers, texts, every column of the contract."""
    source = sources.source("service_requests")
    names = [column.name for column in source.columns]
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, day = book.add_worksheet("requests"), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, names)
        for number in range(1, rows + 1):
            handed_in = datetime(2023, 1, 1) + timedelta(days=number % 700)
            example = {**source.example, "request_id": f"R-{number}", "citizen_name": f"Sok Dara {number}"}
            for place, name in enumerate(names):
                if name.endswith("_date"):
                    sheet.write_datetime(number, place, handed_in, day)
                elif name in ("visits_needed", "fee_paid_riel", "commune_code"):
                    sheet.write_number(number, place, float(example[name]))
                else:
                    sheet.write_string(number, place, example.get(name, ""))


def calamine_alone(path: Path) -> int:
    """All rows as Python values."""
    with path.open("rb") as opened:
        return len(CalamineWorkbook.from_filelike(opened).get_sheet_by_index(0).to_python())


def ours(path: Path) -> int:
    """All rows as a table of text. In this process, so that its time can be told; a build has it done by another, see `start_seconds`."""
    with tempfile.TemporaryDirectory() as folder:
        csv.scan(path)
        (table,) = detect.open_parts(path, Path(folder)).tables
        return table.records + 1


def processor_seconds(way: object, path: Path, rows: int) -> float:
    """The least of some runs."""
    found = []
    for _ in range(TIMES):
        started = time.process_time()
        assert callable(way) and way(path) == rows + 1
        found.append(time.process_time() - started)
    return min(found)


def start_seconds(folder: Path) -> float:
    """What the process apart costs once a build, whatever the file: starting it, and one cell."""
    small = folder / "small.xlsx"
    with xlsxwriter.Workbook(small) as book:
        book.add_worksheet().write_row(0, 0, ["a", "b"])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    from etl.readers import apart

    apart.read(small, folder)
    apart.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Read the command line, make the workbook, time both ways."""
    parser = argparse.ArgumentParser(prog="python -m bench.readers", description="Time the reading of a workbook against calamine.")
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "requests.xlsx"
        make_workbook(path, rows)
        alone, whole = processor_seconds(calamine_alone, path, rows), processor_seconds(ours, path, rows)
        start = start_seconds(Path(temporary))
        print(f"{rows:,} rows of {COLUMNS} columns, {path.stat().st_size / 1e6:.1f} MB, processor seconds, least of {TIMES} runs\n")
        print("| way | seconds | against calamine |\n|---|---|---|")
        print(f"| calamine alone | {alone:.2f} | 1.00 × |")
        print(f"| our reader, file to table of text | {whole:.2f} | {whole / alone:.2f} × |")
        print(f"| the same, with the process apart it runs in | {whole + start:.2f} | {(whole + start) / alone:.2f} × |")
        print(f"\n{'Met' if (whole + start) / alone <= BUDGET else 'NOT MET'}: asked is {BUDGET:g} ×.")


if __name__ == "__main__":
    main()
