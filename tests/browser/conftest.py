"""A real server on a small demonstration build, and a real Chromium to look at it with."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from screen import data_of
from server import serving

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def chromium() -> str | None:
    """Where a Chromium is: the one named in CHROMIUM, one on the path, or an installed application."""
    named = os.environ.get("CHROMIUM")
    found = [path for name in NAMES if (path := shutil.which(name))]
    return next((path for path in [named, *found, *APPS] if path and Path(path).exists()), None)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of a server with a small demonstration build."""
    with serving(data_of("demonstration")) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.fail("The browser tests need Chromium or Chrome, and none was found. Install it, or name one: CHROMIUM=/path make test")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A desk, and every request that left this machine."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    yield opened
    context.close()
