"""Can somebody without a terminal load files, see what is wrong with them, publish, and take it back?"""

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from server import serving
from small_files import rows_of

from etl.sources import SOURCES

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)
SECRET = "a secret for tests"
REQUESTS = next(source for source in SOURCES if source.name == "service_requests")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[str]:
    """The address of a server that may load data, on a data folder of its own that holds one request."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "may.csv").write_text(rows_of(REQUESTS, {"request_id": "R-0"}))
    from etl.pipeline import build_warehouse

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMMUNE_PULSE_DATA", str(tmp_path))
        build_warehouse(tmp_path / "inbox", False)
    with serving(tmp_path, COMMUNE_PULSE_LOADING_SECRET=SECRET) as url:
        yield url


def test_the_page_is_off_until_a_secret_is_configured(page: Page, address: str) -> None:
    page.goto(f"{address}/load_data")
    expect(page.get_by_text("This page is off")).to_be_visible()
    assert page.locator("input[type=file]").count() == 0


def test_drop_check_publish_and_undo(page: Page, own: str, tmp_path: Path) -> None:
    june = tmp_path / "june.csv"
    june.write_text(rows_of(REQUESTS, {}, {"request_id": "R-2"}, {"request_id": "R-3", "submitted_date": "31/02/2024"}))
    notes = tmp_path / "notes.csv"
    notes.write_text("one,two\n1,2\n")
    page.goto(f"{own}/load_data")
    page.get_by_label("Loading secret").fill("guess")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("That is not the secret.")).to_be_visible()
    page.get_by_label("Loading secret").fill(SECRET)
    page.get_by_role("button", name="Open").click()
    page.set_input_files("input[type=file]", [str(june), str(notes)])
    expect(page.get_by_text("3 rows read · 2 can be loaded · 1 set aside")).to_be_visible()
    expect(page.get_by_text("Nobody knows what notes.csv holds")).to_be_visible()
    expect(page.get_by_text("Service requests: 2 rows are new")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Rows to put right").click()
    sheet = openpyxl.load_workbook(io.BytesIO(Path(taken.value.path()).read_bytes())).active
    assert sheet is not None and sheet.cell(6, 1).value == 4
    assert sorted(path.name for path in (tmp_path / "inbox").iterdir()) == ["may.csv"]
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published. Readers see")).to_be_visible(timeout=90_000)
    assert sorted(path.name for path in (tmp_path / "inbox").iterdir()) == ["june.csv", "may.csv"]
    expect(page.get_by_text("notes.csv").first).to_be_visible()
    assert str(tmp_path) not in page.content()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo this delivery").click()
    expect(page.get_by_text("The newest delivery")).to_have_count(0)  # while the page is drawn anew there may be two
    assert sorted(path.name for path in (tmp_path / "inbox").iterdir()) == ["may.csv"]


def test_a_foreign_file_is_loaded_with_the_mapping_that_is_proposed(page: Page, own: str, tmp_path: Path) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_text(
        "Unique Key,Created Date,Closed Date,Agency,Complaint Type,Status,Commune,Caller\n"
        "1001,03/01/2024,03/04/2024,HQ,Birth certificate,Closed,070101,Sok\n"
        "1002,03/15/2024,,HQ,Family book,Open,070102,Chan\n"
        "1003,03/21/2024,03/28/2024,HQ,Lost book,Closed,070103,Dara\n"
    )
    page.goto(f"{own}/load_data")
    page.get_by_label("Loading secret").fill(SECRET)
    page.get_by_role("button", name="Open").click()
    page.set_input_files("input[type=file]", str(calls))
    expect(page.get_by_text("This looks like Service requests")).to_be_visible()
    expect(page.get_by_test_id("stSelectbox").get_by_text("The service: what does “Lost book” mean?")).to_be_visible()
    page.get_by_role("button", name="Use this mapping").click()
    expect(page.get_by_text("3 rows read · 2 can be loaded · 1 set aside")).to_be_visible()
    assert "Sok" not in page.content()
