"""What happens in a real browser: addresses, drill-down, downloads, a phone, and no request to anyone else."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from ui.router import PAGES

pytestmark = pytest.mark.browser
NAMES = [page.name for page in PAGES]


def settled(page: Page) -> None:
    """Wait until the page has its question and nothing is running any more."""
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-testid=stStatusWidget]", state="detached")
    page.wait_for_timeout(400)


def query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def choose(page: Page, label: str, number: int) -> None:
    """Take the option of this number from the select box with this label."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option").nth(number).click()
    settled(page)


def test_province_district_commune_one_after_the_other(page: Page, address: str) -> None:
    page.goto(f"{address}/processing")
    settled(page)
    assert page.get_by_role("combobox", name="District").count() == 0
    for level in ("Province", "District", "Commune"):
        choose(page, level, 1)
    asked = query(page)
    assert asked["commune"].startswith(asked["district"]) and asked["district"].startswith(asked["province"])
    choose(page, "Province", 0)
    assert not {"province", "district", "commune"} & query(page).keys()


def test_choices_survive_the_next_page_a_reload_and_a_cold_link(page: Page, address: str, browser: Browser) -> None:
    page.goto(f"{address}/processing")
    settled(page)
    choose(page, "Province", 1)
    chosen = query(page)["province"]
    page.get_by_text("Measures").first.click()
    page.get_by_role("menuitem", name="Feedback").click()
    page.wait_for_url("**/feedback**")
    settled(page)
    assert query(page)["province"] == chosen
    page.reload()
    settled(page)
    assert query(page)["province"] == chosen
    stranger = browser.new_context().new_page()
    stranger.goto(page.url)
    settled(stranger)
    name = page.get_by_role("combobox", name="Province").input_value()
    assert name and stranger.get_by_role("combobox", name="Province").input_value() == name
    stranger.context.close()


def test_the_language_is_a_plain_code_and_the_page_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}/overview?lang=km")
    settled(page)
    expect(page.locator("html")).to_have_attribute("lang", "km")
    page.get_by_text("English").first.click()
    page.wait_for_url("**lang=en**")


def test_a_square_opens_its_commune(page: Page, address: str) -> None:
    page.goto(address)
    settled(page)
    page.locator("button.tile").first.click()
    page.wait_for_url("**/commune?**")
    settled(page)
    assert len(query(page)["commune"]) == 6


def test_a_chart_can_be_taken_home_as_csv(page: Page, address: str) -> None:
    page.goto(f"{address}/processing")
    settled(page)
    with page.expect_download() as taken:
        page.get_by_role("button", name="CSV").first.click()
    text = taken.value.path().read_text(encoding="utf-8-sig")
    assert "median_processing_days" in text and "demonstration" in text.lower()


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_never_scrolls_sideways_and_reads_everything(name: str, browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if urlsplit(request.url).hostname not in ("localhost", None) else None)
    page.goto(f"{address}/{name}")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    smallest = page.evaluate("""() => Math.min(...[...document.querySelectorAll('[data-testid=stMain] *')]
        .filter(e => e.getClientRects().length && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
        .filter(e => getComputedStyle(e).fontFamily.includes('Pulse'))
        .map(e => parseFloat(getComputedStyle(e).fontSize)))""")
    assert smallest >= 12
    assert outside == []
    context.close()


def test_the_overview_needs_no_plotly(page: Page, address: str) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(address)
    settled(page)
    assert not [url for url in loaded if "plotly" in url.lower()]


@pytest.mark.parametrize("name", ["service_use", "processing", "feedback", "data_quality"])
def test_every_chart_has_words_a_table_its_numbers_and_its_meaning(name: str, page: Page, address: str) -> None:
    page.goto(f"{address}/{name}")
    settled(page)
    charts = page.locator("[class*='st-key-chart-']")
    page.wait_for_selector("[class*='st-key-chart-'] [data-testid=stPlotlyChart]")
    assert charts.count() > 0
    for chart in charts.all():
        assert chart.locator("h3").count() == 1
        for button in ("Table", "Download", "Definition"):
            assert chart.get_by_role("button", name=button).count() == 1, chart.locator("h3").inner_text()
    charts.first.get_by_role("button", name="Download").click()
    for button in ("CSV", "Excel", "SVG", "PNG"):
        expect(page.get_by_role("button", name=button).first).to_be_visible()
    for drawing in page.locator("[data-testid=stPlotlyChart]").all():
        told = drawing.evaluate("e => e.getAttribute('aria-label') || e.querySelector('[aria-label]')?.getAttribute('aria-label') || ''")
        assert len(told) > 20


def test_a_table_opens_wide_enough_for_its_columns(page: Page, address: str) -> None:
    page.goto(f"{address}/processing")
    settled(page)
    page.get_by_role("button", name="Table").first.click()
    table = page.locator("[data-testid=stPopoverBody] [data-testid=stDataFrame]")
    expect(table).to_be_visible()
    page.wait_for_timeout(500)
    assert table.bounding_box()["width"] > 400  # type: ignore[index]
