"""A real server on a data folder, for as long as a test needs it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[str]:
    """The address of a dashboard that shows `data`; `settings` are further variables of its environment."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    options = [f"--server.port={port}", "--server.headless=true", "--server.fileWatcherType=none"]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard.py", *options],
        cwd=HOUSE,
        env={**os.environ, "COMMUNE_PULSE_DATA": str(data), **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.25)
        yield url
    finally:
        server.terminate()
        server.wait(10)
