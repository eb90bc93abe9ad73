"""How long does a reader wait in a real browser? A server of its own, Chromium, the current build.

    python -m bench.browser [--changes 20] [--browsers 10]

Printed: from starting the server to the first chart; from choosing a filter to the last change on the page, alone and with
many browsers at once without a pause; and the bytes of a first visit, as they come and as a compressing proxy would send them.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from playwright.async_api import Browser, Page, Response, async_playwright

from warehouse import REPOSITORY

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
PAGE = "processing"
CHART = ".js-plotly-plot .main-svg"
PATIENCE_MS = 60_000
POLLING_MS = 50  # looking at every frame would cost as much as what is looked for
WATCH = """() => {
    window.changedAt = performance.now();
    new MutationObserver(() => { window.changedAt = performance.now(); }).observe(
        document.querySelector('[data-testid="stMain"]'), {subtree: true, childList: true, attributes: true, characterData: true});
    document.addEventListener('keydown', (event) => { if (event.key === 'Enter') window.chosenAt = performance.now(); }, true);
}"""
IS_STILL = """() => document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'notRunning'
    && performance.now() - window.changedAt > 400 && performance.now() - (window.chosenAt ?? 0) > 400"""


@contextmanager
def server() -> Iterator[str]:
    """The dashboard on a free port, stopped at the end; gives its address at once, before it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "dashboard.py",
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--server.port",
        str(port),
    ]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(20)


def wait_until_it_answers(address: str) -> None:
    """Ask until the server says it is well."""
    while True:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)


async def opened(browser: Browser, address: str) -> Page:
    """A browser of its own with the page open and drawn to the end, watched from then on."""
    page = await (await browser.new_context(viewport={"width": 1280, "height": 1600})).new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(f"{address}/{PAGE}")
    await page.wait_for_selector(CHART)
    await page.evaluate(WATCH)
    await page.wait_for_function(IS_STILL, polling=POLLING_MS)
    return page


async def changes(page: Page, count: int) -> list[float]:
    """Milliseconds from choosing another place to the last change on the page, for so many choices."""
    found = []
    for turn in range(count):
        box = page.get_by_role("combobox").first
        await box.click()
        options = page.get_by_role("option")
        await options.first.wait_for()
        number = (turn + 1) % await options.count()
        await box.press("Home")
        for _ in range(number):
            await box.press("ArrowDown")
        await box.press("Enter")
        await page.wait_for_function(IS_STILL, polling=POLLING_MS)
        found.append(await page.evaluate("window.changedAt - window.chosenAt"))
    return found


async def first_visit(browser: Browser, address: str) -> tuple[int, int]:
    """Bytes of a first visit to the page: as they come, and compressed."""
    parts: list[bytes] = []
    page = await (await browser.new_context()).new_page()
    page.set_default_timeout(PATIENCE_MS)
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: parts.append(data if isinstance(data, bytes) else b"")))
    await page.goto(f"{address}/{PAGE}")
    await page.wait_for_selector(CHART)
    await page.wait_for_timeout(1500)
    for response in responses:
        if response.ok:
            parts.append(await response.body())
    return sum(map(len, parts)), sum(min(len(part), len(gzip.compress(part, 6))) for part in parts)


async def measure(count: int, browsers: int) -> None:
    """Start, look, choose, and print the table."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        started = time.perf_counter()
        with server() as address:
            wait_until_it_answers(address)
            page = await opened(browser, address)
            cold = time.perf_counter() - started - 0.4  # the quiet that shows that it is finished
            first = await changes(page, count)
            again = await changes(page, count)
            await page.close()
            whole, compressed = await first_visit(browser, address)
            crowd = await asyncio.gather(*(opened(browser, address) for _ in range(browsers)))
            together = [ms for found in await asyncio.gather(*(changes(page, 5) for page in crowd)) for ms in found]
        await browser.close()
    print(f"{'what':<52}{'p50':>8}{'p95':>8}")
    print(f"{'server started to first page drawn whole, s':<52}{cold:>8.1f}")
    for name, times in (
        ("filter to redraw, ms, first time each", first),
        ("filter to redraw, ms, again", again),
        (f"filter to redraw, ms, {browsers} browsers at once", together),
    ):
        print(f"{name:<52}{np.percentile(times, 50):>8.0f}{np.percentile(times, 95):>8.0f}")
    print(f"{'first visit, MB as it comes':<52}{whole / 1e6:>8.1f}")
    print(f"{'first visit, MB compressed':<52}{compressed / 1e6:>8.1f}")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.browser", description="Time the dashboard in a real browser.")
    parser.add_argument("--changes", type=int, default=20, help="filter changes measured (default 20)")
    parser.add_argument("--browsers", type=int, default=10, help="browsers at once (default 10)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is stopped too
    asyncio.run(measure(options.changes, options.browsers))


if __name__ == "__main__":
    main()
