"""How is a file read that may be made to do harm? In a process of its own, with bounded memory and time, which may die without loss.

`read` starts `python -m etl.readers.apart`: one line of JSON in, one line out. That process stays for the next file, but reads none itself:
for each it makes a child (where the system can), which is gone afterwards.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from etl.readers import Ragged, TextTable
from etl.readers.detect import Parts, open_parts
from warehouse import REPOSITORY, DiskProblem, Problem, disk_told

MEMORY = 3 << 30  # bytes of address space
SECONDS = 60
SECONDS_A_MEGABYTE = 5
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # children and threads do not go together
_OWN = threading.Lock()
_helper: subprocess.Popen[str] | None = None


def read(path: Path, folder: Path) -> Parts:
    """What a packed or binary file holds, copies in `folder`. Raises Problem when it cannot be read, or not within its bounds."""
    with _OWN:
        answer = _asked(path, folder)
    if answer is None or "burst" in answer:
        raise Problem(
            what=f"{path.name} could not be read within {MEMORY >> 30} GB of memory and {_seconds(path)} seconds.",
            meaning="It is damaged, far too large, or made to fill up a machine, so nothing was loaded from it.",
            action="Look for a stray cell far away from the table, save it as CSV (UTF-8), or split it into smaller files.",
        )
    if "disk" in answer:
        raise DiskProblem(*answer["disk"])
    if "problem" in answer:
        raise Problem(*answer["problem"])
    return _parts(answer)


def stop() -> None:
    """End the process apart, if there is one, once it has answered; the next file starts another."""
    with _OWN:
        _end()


def _end() -> None:
    global _helper
    if _helper is not None:
        _kill(_helper)
        _helper.wait()
        for pipe in (_helper.stdin, _helper.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
    _helper = None


def _kill(helper: subprocess.Popen[str]) -> None:
    """End the process and the child it may have."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(helper.pid, signal.SIGKILL)  # it leads a group of its own
    helper.kill()


def _asked(path: Path, folder: Path) -> dict[str, Any] | None:
    """The answer of the process apart; None when it died or had to be ended."""
    helper = _running()
    assert helper.stdin is not None and helper.stdout is not None
    ending = threading.Timer(_seconds(path), _kill, [helper])
    ending.start()
    try:
        helper.stdin.write(json.dumps([str(path.resolve()), str(folder.resolve()), path.name]) + "\n")
        helper.stdin.flush()
        line = helper.stdout.readline()
    except (BrokenPipeError, OSError):
        line = ""
    finally:
        ending.cancel()
    if not line.endswith("\n"):
        _end()
        return None
    answer: dict[str, Any] = json.loads(line)
    return answer


def _running() -> subprocess.Popen[str]:
    global _helper
    if _helper is None or _helper.poll() is not None:
        _end()
        environment = {**os.environ, **ONE_THREAD, "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
        _helper = subprocess.Popen(
            [sys.executable, "-m", "etl.readers.apart"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=REPOSITORY,
            env=environment,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        atexit.register(_end)
    return _helper


def _seconds(path: Path) -> int:
    return SECONDS + SECONDS_A_MEGABYTE * (path.stat().st_size >> 20)


# -- between the two processes -----------------------------------------------------------------------------------------------


def _packed(parts: Parts) -> dict[str, Any]:
    return {
        "tables": [asdict(table) for table in parts.tables],
        "texts": [list(text) for text in parts.texts],
        "unused": [list(one) for one in parts.unused],
    }


def _parts(answer: dict[str, Any]) -> Parts:
    return Parts(
        tuple(_table(table) for table in answer["tables"]),
        tuple((name, Path(path), packed) for name, path, packed in answer["texts"]),
        tuple((sheet, reason) for sheet, reason in answer["unused"]),
    )


def _table(fields: dict[str, Any]) -> TextTable:
    made: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    made["path"] = Path(fields["path"])
    made["ragged"] = tuple(Ragged(**one) for one in fields["ragged"])
    return TextTable(**made)


# -- the process apart -------------------------------------------------------------------------------------------------------


def answer(path: Path, folder: Path, name: str) -> dict[str, Any]:
    """What is said about one file. Nothing a file can do may end without an answer."""
    try:
        with disk_told():
            return _packed(open_parts(path, folder))
    except DiskProblem as problem:
        return {"disk": [problem.what, problem.meaning, problem.action]}
    except Problem as problem:
        return {"problem": [problem.what, problem.meaning, problem.action]}
    except (MemoryError, RecursionError):
        return {"burst": True}
    except OSError as error:
        about = error.strerror or "the disk cannot be written"
        meaning = "Nothing was loaded from it."
        return {"problem": [f"{name} could not be unpacked: {about}.", meaning, "Look whether the disk is full or may not be written to."]}
    except BaseException as error:  # a reader of a foreign library that stumbles over a damaged file; Rust's panics are no Exception
        traceback.print_exc()
        about = f"It is damaged in a way nobody foresaw ({type(error).__name__}), so nothing was loaded from it."
        action = "Open it in the program it was made with and save it again, or save it as CSV (UTF-8)."
        return {"problem": [f"{name} cannot be read.", about, action]}


def answer_by_a_child(path: Path, folder: Path, name: str) -> dict[str, Any]:
    """The same, by a child that may burst or be ended alone; where the system knows no such children, by this process."""
    if not hasattr(os, "fork"):
        return answer(path, folder, name)
    hearing, saying = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(hearing)
            _bound(MEMORY, _seconds(path))
            with os.fdopen(saying, "w", encoding="utf-8") as said:
                said.write(json.dumps(answer(path, folder, name), default=str))
        finally:
            os._exit(0)
    os.close(saying)
    with os.fdopen(hearing, encoding="utf-8") as heard:
        whole = heard.read()
    os.waitpid(child, 0)
    try:
        said_whole: dict[str, Any] = json.loads(whole)
        return said_whole
    except ValueError:  # it died before it had said all
        return {"burst": True}


def _bound(memory: int, seconds: int) -> None:
    """Take no more than so much memory and processor time, where the system can be asked for that."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def serve(asked: IO[str], answers: IO[str]) -> None:
    """Answer one file a line until nobody asks any more."""
    importlib.import_module("etl.readers.xlsx")  # once, for all children; Parquet is rarer and its library large
    for line in asked:
        path, folder, name = json.loads(line)
        answers.write(json.dumps(answer_by_a_child(Path(path), Path(folder), name)) + "\n")
        answers.flush()


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not come between
    serve(sys.stdin, answers)
