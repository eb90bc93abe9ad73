"""How long does a report take, on one core, and how much memory does a whole set need?

`python -m bench.reports [--reports 20]` makes reports of communes of the current build and prints seconds (processor and clock), sizes
and the largest memory. Target: 2 s of one core a commune, 1 GB, HTML up to 200 kB.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time

import warehouse
from reports import ask, batch, content, html, make


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=20)
    parser.add_argument("--formats", type=make.formats, default=("pdf",))
    parser.add_argument("--language", default="en")
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    build = warehouse.build_or_current(None)
    codes = batch.codes("commune", "", build.build_id)
    step = max(len(codes) // asked.reports, 1)
    chosen = codes[::step][: asked.reports]
    spent: list[tuple[float, float]] = []
    sizes: dict[str, list[int]] = {}
    for code in chosen:
        clock, processor = time.perf_counter(), time.process_time()
        made = make.files(content.filters_of(code), asked.language, build, asked.formats)
        spent.append((time.perf_counter() - clock, time.process_time() - processor))
        for name, inside in made.items():
            sizes.setdefault(name.rsplit(".", 1)[1], []).append(len(inside))
        ask.forget()
    processors = [processor for _, processor in spent]
    print(f"{len(chosen)} of {len(codes)} communes, {','.join(asked.formats)}, {asked.language}, build {build.build_id}, one core")
    print(f"first report {spent[0][1]:.2f} s of processor (everything still to be read)")
    print(f"later ones: median {statistics.median(processors[1:]):.2f} s, longest {max(processors[1:]):.2f} s of processor")
    print(f"by the clock: median {statistics.median(clock for clock, _ in spent[1:]):.2f} s")
    for kind, bytes_of in sizes.items():
        print(f"{kind}: median {statistics.median(bytes_of) / 1000:.0f} kB, largest {max(bytes_of) / 1000:.0f} kB")
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    if "html" in sizes and max(sizes["html"]) > html.LARGEST:
        raise SystemExit("a web page is larger than it may be")


if __name__ == "__main__":
    main()
