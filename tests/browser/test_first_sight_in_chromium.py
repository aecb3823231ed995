"""What a server's very first visitor sees while everything is still being imported."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from servers import serve_app

ROOT = Path(__file__).parents[2]

# Notes every text of a side bar from the first moment on, however short it is shown.
WATCH = """
window.sidebarTexts = [];
const look = () => document.querySelectorAll(
    "[data-testid=stSidebar], [data-testid=stSidebarNav], [data-testid=stSidebarNavItems]"
).forEach((e) => { if (e.innerText.trim()) window.sidebarTexts.push(e.innerText); });
new MutationObserver(look).observe(document, { childList: true, subtree: true });
"""


def test_no_list_of_files_flashes_up(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serve_app(tmp_path_factory.mktemp("first")) as address:
        page = browser.new_page()
        page.add_init_script(WATCH)
        page.goto(address)
        page.wait_for_timeout(2_000)
        page.get_by_test_id("stHeading").first.wait_for(timeout=120_000)
        assert page.evaluate("window.sidebarTexts") == []
        page.close()


def test_a_link_to_a_page_opens_the_whole_app(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serve_app(tmp_path_factory.mktemp("linked")) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{address}/attribution?example=brave-face")
        page.locator(".st-key-clip_title strong").wait_for(timeout=120_000)
        assert page.locator(".st-key-clip_title strong").inner_text().startswith("A brave face")
        expect(page.locator("header")).to_contain_text("Explain")
        box = page.get_by_test_id("stMainBlockContainer").bounding_box()
        assert box is not None
        assert box["width"] > 1200
        page.close()
