"""How long do N million requests take from a CSV file to a published build, against reading the same file as text, and against pandas?

    python -m bench.etl --rows 10

Every way runs in a process of its own, so that its memory can be told apart. Reading as text is timed before and after the
build, and the quicker of the two counts. The pandas way runs on the file's first rows and is scaled up, because it needs
about 0.9 GB of memory a million rows; `--pandas-rows` says on how many.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from bench.make_requests import make_requests
from warehouse import REPOSITORY, reference_folder

FILE = Path("inbox") / "service_requests.csv"


@dataclass(frozen=True)
class Cost:
    """What one way took: seconds on the clock, seconds of processor, and the most memory it held, in GB."""

    seconds: float
    processor_seconds: float
    peak_gb: float

    def scaled(self, factor: float) -> "Cost":
        """What `factor` times as many rows would take in linear time."""
        return Cost(self.seconds * factor, self.processor_seconds * factor, self.peak_gb * factor)


def read_as_text(folder: Path) -> None:
    """DuckDB reads the file as text into a table on disk; nothing is checked."""
    with duckdb.connect(str(folder / "text.duckdb")) as connection:
        connection.execute(
            f"create or replace table requests as select * from read_csv('{folder / FILE}', header = true, all_varchar = true)"
        )


def build(folder: Path) -> None:
    """Our whole way: read, check, set aside, de-duplicate, model, hide, audit, publish."""
    from etl.pipeline import build_warehouse

    build_warehouse(folder / "inbox", is_demonstration=False, force=True)


def pandas_way(folder: Path, rows: int) -> None:
    """The same work as an analyst would write it in pandas: types, rules, reasons, the newest of each id, counts by day."""
    communes = set(pd.read_csv(reference_folder() / "communes.csv", dtype=str)["commune_code"])
    services = set(pd.read_csv(reference_folder() / "services.csv", dtype=str)["service_code"])
    table = pd.read_csv(folder / FILE, dtype=str, nrows=rows)
    table["submitted"] = pd.to_datetime(table["submitted_date"], errors="coerce")
    table["completed"] = pd.to_datetime(table["completed_date"], errors="coerce")
    table["register_to"] = pd.to_datetime(table["register_to_date"], errors="coerce")
    table["fee"] = pd.to_numeric(table["fee_paid_riel"], errors="coerce")
    broken = pd.DataFrame(
        {
            "no request id": table["request_id"].isna(),
            "unknown commune": ~table["commune_code"].isin(communes),
            "unknown service": ~table["service_code"].isin(services),
            "no readable day of handing in": table["submitted"].isna(),
            "unreadable day of completion": table["completed_date"].notna() & table["completed"].isna(),
            "completed before handed in": table["completed"] < table["submitted"],
            "negative fee": table["fee"] < 0,
        }
    )
    is_bad = broken.any(axis=1)
    set_aside = table[is_bad].assign(reasons=broken[is_bad].apply(lambda row: ", ".join(row.index[row]), axis=1))
    kept = table[~is_bad].drop_duplicates("request_id", keep="last")
    end = kept["completed"].fillna(kept["register_to"])
    counted = (
        kept.assign(month=kept["submitted"].dt.to_period("M").dt.to_timestamp(), days=(end - kept["submitted"]).dt.days)
        .groupby(["commune_code", "service_code", "month", "sex", "documents_complete", "days", "outcome"], dropna=False)
        .size()
        .reset_index(name="requests")
    )
    for name, made in (("requests", kept), ("set_aside", set_aside), ("agg_processing_days", counted)):
        made.to_parquet(folder / f"pandas_{name}.parquet")


def measured(way: str, folder: Path, rows: int) -> Cost:
    """Run one way in a process of its own."""
    environment = {**os.environ, "COMMUNE_PULSE_DATA": str(folder)}
    command = [sys.executable, "-m", "bench.etl", "--way", way, "--folder", str(folder), "--pandas-rows", str(rows)]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"The way '{way}' failed; see above.")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6)


def compare(folder: Path, rows: int, pandas_rows: int) -> None:
    """Make the file, time every way on it and print the table."""
    (folder / FILE).parent.mkdir(parents=True, exist_ok=True)
    make_requests(rows, folder / FILE)
    size = (folder / FILE).stat().st_size / 1e6
    before = measured("text", folder, 0)
    ours = measured("build", folder, 0)
    text = min(before, measured("text", folder, 0), key=lambda cost: cost.seconds)
    sample = measured("pandas", folder, pandas_rows)
    scaled = sample.scaled(rows / pandas_rows)
    note = "" if rows == pandas_rows else f" ({pandas_rows / 1e6:g} M rows, scaled)"
    print(
        f"{rows / 1e6:g} M requests, {size:,.0f} MB of CSV, {os.cpu_count()} processors, "
        f"DuckDB {duckdb.__version__}, pandas {pd.__version__}\n"
    )
    print("| way | seconds | against text | processor seconds | against text | most memory, GB |")
    print("|---|---|---|---|---|---|")
    for name, cost in (
        ("DuckDB reads the file as text", text),
        ("Commune Pulse, file to published build", ours),
        (f"pandas{note}", scaled),
    ):
        clock, processor = cost.seconds / text.seconds, cost.processor_seconds / text.processor_seconds
        print(f"| {name} | {cost.seconds:.1f} | {clock:.2f} × | {cost.processor_seconds:.1f} | {processor:.2f} × | {cost.peak_gb:.1f} |")
    print(f"\nThe build is {scaled.seconds / ours.seconds:.1f} × as fast as pandas.")


def main() -> None:
    """Read the command line; without `--way`, compare them all."""
    parser = argparse.ArgumentParser(prog="python -m bench.etl", description="Time the ETL against plain reading and pandas.")
    parser.add_argument("--rows", type=float, default=10, help="millions of requests (default 10)")
    parser.add_argument("--pandas-rows", type=float, default=1, help="millions of rows for the pandas way (default 1)")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder, removed afterwards)")
    parser.add_argument("--way", choices=("text", "build", "pandas"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.way == "text":
        read_as_text(chosen.folder)
    elif chosen.way == "build":
        build(chosen.folder)
    elif chosen.way == "pandas":
        pandas_way(chosen.folder, int(chosen.pandas_rows))
    else:
        rows = int(chosen.rows * 1e6)
        with tempfile.TemporaryDirectory() as temporary:
            compare(chosen.folder or Path(temporary), rows, min(rows, int(chosen.pandas_rows * 1e6)))


if __name__ == "__main__":
    main()
