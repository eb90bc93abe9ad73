"""Does any bad file bring the loading down? Ten thousand of them, each loaded with balanced books or refused with a sentence.

    python -m bench.fuzz --files 10000

Prints how many were loaded and refused, the slowest file, and the most memory of both processes. Ends with an error at the first file
that raises anything but a Problem, or whose books do not balance. `--first` starts at another number: each number is another file, always
the same.
"""

import argparse
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from warehouse import REPOSITORY, Problem

sys.path.insert(0, str(REPOSITORY / "tests"))

from broken_files import broken_file, load_all

from etl.readers import Opened, apart, csv, detect

AT_ONCE = 50
FATES = ("loaded", "refused", "same content", "not used")  # the first that any of a file's sheets met


def run(first: int, files: int) -> None:
    """Load the files with these numbers, and print what became of them."""
    seconds: dict[str, float] = {}
    look = detect.look_into

    def timed(path: Path, seen: csv.Scan, folder: Path) -> Opened:
        started = time.perf_counter()
        try:
            return look(path, seen, folder)
        finally:
            seconds[path.name] = time.perf_counter() - started

    detect.look_into = timed
    fates: Counter[str] = Counter()
    unforeseen: Counter[tuple[str, str]] = Counter()
    started = time.perf_counter()
    for begin in range(first, first + files, AT_ONCE):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            (folder / "inbox").mkdir()
            for number in range(begin, min(begin + AT_ONCE, first + files)):
                name, content = broken_file(number)
                (folder / "inbox" / f"{number}-{name}").write_bytes(content)
            try:
                loads = load_all(folder)
            except Problem as problem:
                raise SystemExit(f"A problem was not kept to its file: {problem} (files from {begin})") from problem
            except BaseException:
                print(f"Among the files from number {begin}:", file=sys.stderr)
                raise
            by_file: dict[str, set[str]] = {}
            for load in loads:
                unforeseen.update(re.findall(r"nobody foresaw \((\w+)\)|(could not be read within)", load.note or ""))
                by_file.setdefault(load.file_name, set()).add(load.status)
            fates.update(next(fate for fate in FATES if fate in statuses) for statuses in by_file.values())
        if sys.stderr.isatty():
            print(f"\r{begin + AT_ONCE - first:,} of {files:,}", end="", file=sys.stderr)
    apart.stop()
    slowest = max(seconds, key=lambda name: seconds[name])
    own, other = (resource.getrusage(who).ru_maxrss / 1e6 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"{sum(fates.values()):,} bad files in {time.perf_counter() - started:,.0f} s, none with a traceback: ", end="")
    print(", ".join(f"{count:,} {fate}" for fate, count in fates.most_common()) + ".")
    for (kind, _), count in unforeseen.most_common():
        print(f"Of the refused {count:,} {f'made a library stumble ({kind})' if kind else 'went beyond the memory or time allowed'}.")
    print(f"Slowest to open: {slowest}, {seconds[slowest]:.1f} s. Most memory: {own:.1f} GB here, {other:.1f} GB in the process apart.")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description="Load thousands of bad files.")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    run(asked.first, asked.files)


if __name__ == "__main__":
    main()
