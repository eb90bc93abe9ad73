"""How long do the questions of every page take, on a cold connection and asked again?

    python -m bench.queries [--rounds 5] [--synthetic 50]

Cold: nothing remembered, a connection opened for that page alone, and the system asked to forget the file. Again: the same
questions once more, which `metrics.memory` remembers, as it does for a reader. Printed in milliseconds per page, with the
slowest question; `processor` is what cold questions cost all processors together, whatever else the machine does. With
`--synthetic N` the questions go to invented aggregates of N million requests of the whole country.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import warehouse
from bench.synthetic import make
from metrics import places, registers
from metrics.compare import before_after, before_after_by_commune, before_after_by_service
from metrics.memory import answers
from metrics.query import Filters, Query, ask

Question = tuple[str, Callable[[str], object]]
USE, TIME, SHARE = "visits_per_facility_month", "median_processing_days", "within_standard_pct"
REPORTS = "reporting_completeness_pct"
WIDTHS = (10, 10, 15, 6, 11, 11)  # of the columns of times
BOOKS = ("rows_read", "rows_set_aside", "rows_superseded", "rows_deleted")


def asked(*metrics: str, by: tuple[str, ...] = (), period: str | None = None, where: Filters, since: str | None = None) -> Question:
    """A question of a page, with a name to print."""
    query = Query(metrics, by, period, where, since)
    return f"{' + '.join(metrics)} by {', '.join(filter(None, (*by, period))) or 'nothing'}", lambda build_id: ask(query, build_id)


def compared(metric: str, where: Filters) -> Question:
    """A before and after, with a name to print."""
    return f"{metric} before and after", lambda build_id: before_after(metric, where, build_id)


def pages(where: Filters, since: str) -> Iterator[tuple[str, list[Question]]]:
    """Every page with what it asks for one choice of place; `since` is the first month of the two newest years."""
    health, friendly = where.but(facility_type="health_centre"), where.but(aspect="friendliness")
    promises = [compared(USE, health), compared(TIME, where), compared(SHARE, where), compared("satisfied_pct", friendly)]
    yield "overview", [
        *promises, asked(USE, REPORTS, period="quarter", where=health), asked(TIME, SHARE, period="quarter", where=where),
        asked("satisfied_pct", period="quarter", where=friendly), asked(TIME, by=("commune",), period="year", where=where, since=since),
        (f"{TIME} before and after by commune", lambda build_id: before_after_by_commune(TIME, where, build_id)),
        ("communes", registers.communes), ("silent facilities", registers.silent_facilities),
    ]  # fmt: skip
    yield "service use", [
        promises[0], asked(USE, REPORTS, period="month", where=health), asked(REPORTS, period="month", where=health),
        asked(USE, by=("service",), where=health), asked("visits", by=("service",), period="year", where=health),
        *([] if where.commune else [asked(USE, by=("covered",), period="quarter", where=health)]),
    ]  # fmt: skip
    yield "processing times", [
        *promises[1:3], *(asked(TIME, period=period, where=where) for period in ("month", "quarter", "year")),
        asked(SHARE, period="month", where=where), asked(TIME, by=("service",), where=where),
        (f"{TIME} before and after by service", lambda build_id: before_after_by_service(TIME, where, build_id)),
        asked(TIME, by=("documents_complete",), where=where), asked("over_fee_pct", by=("service",), where=where),
        asked("requests", "open_requests", "overdue_requests", by=("service",), where=where),
        *([] if where.commune else [asked(TIME, by=("covered",), period="quarter", where=where)]),
    ]  # fmt: skip
    yield "feedback", [
        promises[3], asked("satisfied_pct", by=("aspect",), where=where), asked("satisfied_pct", period="quarter", where=friendly),
        asked("answers", by=("aspect",), period="year", where=where),
        *([] if where.commune else [asked("unofficial_payment_pct", by=("district",), where=where)]),
    ]  # fmt: skip
    if where.commune:
        yield "commune", [
            asked("requests", period="month", where=where), asked(TIME, period="quarter", where=where), asked(TIME, where=where),
            asked(USE, REPORTS, period="month", where=health), asked("satisfied_pct", period="quarter", where=where),
        ]  # fmt: skip
    else:
        yield "explore", [
            asked(TIME, period="quarter", where=where), asked("requests", by=("sex",), period="year", where=where),
            asked(TIME, by=("service",), period="month", where=where), asked(SHARE, by=("district",), period="year", where=where),
        ]  # fmt: skip
    yield "frame, data quality", [
        ("tree of places", places.tree), ("names", places.names), asked(REPORTS, where=health),
        asked(*BOOKS, by=("source",), where=Filters()),
    ]  # fmt: skip


def forget(build: warehouse.Build) -> None:
    """Let the next question start cold: no answers, no connection, and where the system can do that, no part of the file in memory."""
    answers.clear()
    with warehouse._connections_lock:
        while warehouse._connections:
            warehouse._connections.popitem()[1].close()
    if hasattr(os, "posix_fadvise"):
        with build.path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def milliseconds(question: Callable[[str], object], build_id: str) -> tuple[float, float]:
    """On the clock, and of all processors together."""
    started, spent = time.perf_counter(), time.process_time()
    question(build_id)
    return 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - spent)


def measure(rounds: int) -> None:
    """Ask the current build everything and print the table."""
    build = warehouse.current_build()
    if build is None:
        raise SystemExit("There is no build yet. Run: python -m etl build")
    tree = places.tree(build.build_id).dropna(subset=["commune_code"])
    commune = str(tree["commune_code"].iloc[len(tree) // 2])
    since = f"{(build.data_to or build.built_at).year - 1}-01"
    counted = warehouse.read("select coalesce(sum(requests), 0) as requests from marts.agg_requests", build_id=build.build_id)
    print(f"Build {build.build_id}: {int(counted['requests'].iloc[0]):,} requests. Milliseconds a question over {rounds} rounds.\n")
    heads = ("questions", "cold p50", "cold p95", "processor p50", "p95", "again p50", "again p95")
    print(f"{'page':<36}{''.join(f'{head:>{width}}' for head, width in zip(heads, (10, *WIDTHS), strict=True))}  slowest")
    every_cold, every_spent, every_again = [], [], []
    for where in (Filters(), Filters(province=commune[:2]), Filters(commune=commune)):
        for page, questions in pages(where, since):
            cold, spent, again = (np.empty((rounds, len(questions))) for _ in range(3))
            for turn in range(rounds):
                forget(build)
                cold[turn], spent[turn] = zip(*(milliseconds(question, build.build_id) for _, question in questions), strict=True)
                again[turn] = [milliseconds(question, build.build_id)[0] for _, question in questions]
            typical = np.median(cold, axis=0)
            name = f"{page} ({where.commune or where.province or 'everywhere'})"
            slowest = f"{questions[int(typical.argmax())][0]}: {typical.max():.0f}"
            print(f"{name:<36}{len(questions):>10}{_percentiles(cold, spent, again)}  {slowest}")
            every_cold.append(cold.ravel())
            every_spent.append(spent.ravel())
            every_again.append(again.ravel())
    print(f"{'every question':<46}{_percentiles(*(np.concatenate(every) for every in (every_cold, every_spent, every_again)))}")


def _percentiles(*every: np.ndarray) -> str:
    values = [value for times in every for value in np.percentile(times, [50, 95])]
    return "".join(f"{value:>{width}.0f}" for value, width in zip(values, WIDTHS, strict=True))


def main() -> None:
    """Read the command line, make what is missing, measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.queries", description="Time the questions of every page.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--synthetic", type=float, metavar="N", help="ask invented aggregates of N million requests instead")
    options = parser.parse_args()
    if not options.synthetic:
        measure(options.rounds)
        return
    with tempfile.TemporaryDirectory() as temporary:
        make(int(options.synthetic * 1e6), Path(temporary))
        os.environ["COMMUNE_PULSE_DATA"] = temporary
        measure(options.rounds)


if __name__ == "__main__":
    main()
