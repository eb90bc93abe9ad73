"""What does judging the whole country cost a build, in time and memory?

    python -m bench.judging [--synthetic 50]

Invented aggregates of N million requests (bench/synthetic.py) are made by a process of their own; the step of the build that reads them,
judges every measure, service and covered commune, and writes marts.verdicts is then timed, with the most memory the process ever held.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from bench.synthetic import make
from metrics import verdicts


def measure(folder: Path) -> None:
    """Judge the one build of a data folder anew and print what it cost."""
    path = next((folder / "warehouse").glob("*.duckdb"))
    with duckdb.connect(str(path)) as connection:
        started, spent = time.perf_counter(), time.process_time()
        verdicts.decide(connection)
        clock, processor = time.perf_counter() - started, time.process_time() - spent
        counted = connection.execute("select count(*), count(distinct place_code) from marts.verdicts").fetchone()
    assert counted is not None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{counted[0]:,} verdicts of {counted[1]:,} communes: {clock:.0f} seconds, {processor:.0f} of processors, at most {most:.1f} GB.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthetic", type=float, default=50, metavar="N", help="millions of invented requests")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        making = multiprocessing.get_context("spawn").Process(target=make, args=(int(options.synthetic * 1e6), Path(temporary)))
        making.start()
        making.join()
        if making.exitcode == 0:
            measure(Path(temporary))


if __name__ == "__main__":
    main()
