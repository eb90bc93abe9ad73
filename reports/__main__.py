"""`python -m reports COMMAND`: everything that leaves the house as a document, for people and for cron.

Ends with 0 when everything was written, with 1 when something could not be (what, is said), with 2 when it was asked wrongly, with 130
when it was interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from reports import batch, iati, logframe, make, package, send
from warehouse import Problem

# each has NAME, HELP, add_arguments(parser) and run(arguments) -> exit code
COMMANDS: tuple[ModuleType, ...] = (make, batch, send, logframe, iati, package)


def main(given: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m reports", description="Documents and exchange files from the numbers of a build.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        its = commands.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        command.add_arguments(its)
        its.set_defaults(run=command.run)
    arguments = parser.parse_args(given)
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        print("Interrupted. What is written is whole and is kept; run the same command again to go on.", file=sys.stderr)
        return 130
    except Problem as problem:
        print(f"{problem.what}\n{problem.meaning}\n{problem.action}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
