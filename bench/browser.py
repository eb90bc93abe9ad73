"""How long does a reader wait in a real browser? A server of its own, Chromium, the current build.

    python -m bench.browser [--changes 20] [--browsers 10]

Printed: from starting the server to the first chart; from choosing a filter to the last change on the page, alone and with
many browsers at once without a pause, with the processor time that the server and the page's main thread spent on each; and the
bytes of a first visit, as they come and through nginx with docs/serving/nginx.conf (worked out from their sizes where nginx is not
installed). The browsers run on the same machine, so their work is in the times too.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, CDPSession, Page, Response, async_playwright

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
def server() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The dashboard on a free port, stopped at the end; gives its address at once, before it answers, and its process."""
    port = free_port()
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
        yield f"http://localhost:{port}", process
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def proxy(address: str) -> Iterator[str | None]:
    """The shipped configuration of nginx in front of the server, without its certificate; None where nginx is not installed."""
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nginx is None:
        yield None
        return
    port = free_port()
    text = (REPOSITORY / "docs" / "serving" / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"server \{\s*listen 80;.*?\n\}\n", "", text, flags=re.DOTALL).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    text = re.sub(r"\n    ssl_certificate[^\n]*", "", text).replace("http://127.0.0.1:8501", address.replace("localhost", "127.0.0.1"))
    with tempfile.TemporaryDirectory() as folder:
        places = "".join(f"{name}_temp_path {folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        head = f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        http = f"types {{ text/html html; }} access_log off; {places}\n{text}"
        (Path(folder) / "nginx.conf").write_text(f"{head}http {{ {http} }}\n", encoding="utf-8")
        process = subprocess.Popen([nginx, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"])
        try:
            wait_until_it_answers(f"http://localhost:{port}")
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(20)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_until_it_answers(address: str) -> None:
    """Ask until the server says it is well."""
    while True:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)


async def opened(browser: Browser, address: str, at_first_chart: Callable[[], None] = lambda: None) -> Page:
    """A browser of its own with the page open and drawn to the end, watched from then on."""
    page = await (await browser.new_context(viewport={"width": 1280, "height": 1600})).new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(f"{address}/{PAGE}")
    await page.wait_for_selector(CHART)
    at_first_chart()
    await page.evaluate(WATCH)
    await page.wait_for_function(IS_STILL, polling=POLLING_MS)
    return page


async def changes(page: Page, count: int, is_first_time: bool = False) -> list[float]:
    """Milliseconds from choosing another place to the last change on the page, for so many choices.

    `is_first_time`: fewer where there are not so many places, so that none is chosen twice.
    """
    found = []
    for turn in range(count):
        box = page.get_by_role("combobox").first
        await box.click()
        options = page.get_by_role("option")
        await options.first.wait_for()
        number = (turn + 1) % await options.count()
        if is_first_time and number == 0:
            await box.press("Escape")
            break
        await box.press("Home")
        for _ in range(number):
            await box.press("ArrowDown")
        await box.press("Enter")
        await page.wait_for_function(IS_STILL, polling=POLLING_MS)
        found.append(await page.evaluate("window.changedAt - window.chosenAt"))
    return found


def processor_ms(process: subprocess.Popen[bytes]) -> float:
    """Processor time that a process has used so far; not a number where the system does not say."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except OSError:
        return float("nan")
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def page_processor_ms(devtools: CDPSession) -> float:
    """Processor time that a page's main thread has used since it was watched: scripts, styles, layout, painting."""
    counted = {metric["name"]: metric["value"] for metric in (await devtools.send("Performance.getMetrics"))["metrics"]}
    return 1000 * float(counted["TaskDuration"])


async def first_visit(browser: Browser, address: str) -> tuple[int, int]:
    """Bytes of a first visit to the page: on the line, and if each part were compressed by itself."""
    parts: list[bytes] = []
    on_the_line: list[float] = []
    page = await (await browser.new_context()).new_page()
    page.set_default_timeout(PATIENCE_MS)
    responses: list[Response] = []
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: on_the_line.append(event["encodedDataLength"]))
    page.on("response", lambda response: responses.append(response))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: parts.append(data if isinstance(data, bytes) else b"")))
    await page.goto(f"{address}/{PAGE}")
    await page.wait_for_selector(CHART)
    await page.wait_for_timeout(1500)
    spoken = sum(map(len, parts))
    for response in responses:
        if response.ok:
            parts.append(await response.body())
    by_size = sum(min(len(part), len(gzip.compress(part, 6))) for part in parts)
    return int(sum(on_the_line)) + spoken, by_size


async def measure(count: int, browsers: int) -> None:
    """Start, look, choose, and print the table."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    times: list[float] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        started = time.perf_counter()
        with server() as (address, process):
            wait_until_it_answers(address)
            page = await opened(browser, address, lambda: times.append(time.perf_counter() - started))
            drawn = time.perf_counter() - started - 0.4  # the quiet that shows that it is finished
            devtools = await page.context.new_cdp_session(page)
            await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
            spent, in_page = [processor_ms(process)], [await page_processor_ms(devtools)]
            first = await changes(page, count, is_first_time=True)
            spent.append(processor_ms(process))
            in_page.append(await page_processor_ms(devtools))
            again = await changes(page, count)
            spent.append(processor_ms(process))
            in_page.append(await page_processor_ms(devtools))
            await page.close()
            direct, by_size = await first_visit(browser, address)
            with proxy(address) as in_front:
                compressed = (await first_visit(browser, in_front))[0] if in_front else None
            crowd = [await opened(browser, address) for _ in range(browsers)]
            spent.append(processor_ms(process))
            together = [ms for found in await asyncio.gather(*(changes(page, 5) for page in crowd)) for ms in found]
            spent.append(processor_ms(process))
        await browser.close()
    print(f"{'what':<52}{'p50':>8}{'p95':>8}{'server':>8}{'page':>8}")
    print(f"{'server started to first chart, s':<52}{times[0]:>8.1f}")
    print(f"{'server started to first page drawn whole, s':<52}{drawn:>8.1f}")
    for name, found, processor, drawing in (
        ("filter to redraw, ms, first time each", first, spent[1] - spent[0], in_page[1] - in_page[0]),
        ("filter to redraw, ms, again", again, spent[2] - spent[1], in_page[2] - in_page[1]),
        (f"filter to redraw, ms, {browsers} browsers at once", together, spent[4] - spent[3], float("nan")),
    ):
        p50, p95 = np.percentile(found, [50, 95])
        print(f"{name:<52}{p50:>8.0f}{p95:>8.0f}{processor / len(found):>8.0f}{drawing / len(found):>8.0f}")
    print(f"{'first visit, MB as it comes':<52}{direct / 1e6:>8.2f}")
    if compressed is None:
        print(f"{'first visit, MB compressed (worked out)':<52}{by_size / 1e6:>8.2f}")
    else:
        print(f"{'first visit, MB through nginx':<52}{compressed / 1e6:>8.2f}")


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
