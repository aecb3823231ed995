import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from serving import served
from using import sticks_out

from ser_core.synthesis.examples import load_examples

APP = Path(__file__).parent / "clips_app.py"
WAIT_MS = 60_000
TITLES = [example.title for example in load_examples()]
ROW = 35  # pixels; the grid is a canvas, so that its cells are found by their place
SOUND, OPEN = 300, 385  # in a grid that is too narrow for columns to be stretched


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("clips") / "log.txt"
    command = ["streamlit", "run", str(APP), "--server.headless=true", "--server.port={port}"]
    with served(command, log, PYTHONPATH=str(APP.parents[2])) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    expect.set_options(timeout=WAIT_MS)
    context = browser.new_context(viewport={"width": 560, "height": 900}, accept_downloads=True)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    expect(grid(page).locator("canvas").first).to_be_visible()
    yield page
    context.close()
    assert not problems


def grid(page: Page) -> Locator:
    return page.get_by_test_id("stDataFrame")


def click(page: Page, x: float, row: int) -> None:
    """Click a place of a row, the heading being -1."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    box = grid(page).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x, box["y"] + ROW * (row + 1.5))


def test_play_is_of_the_row_that_is_seen(page: Page) -> None:
    click(page, SOUND, 2)
    expect(page.get_by_text(f"Playing: {TITLES[2]}")).to_be_visible()
    # Sorted by title in the browser, of which the server knows nothing.
    click(page, 80, -1)
    page.wait_for_timeout(500)
    click(page, SOUND, 0)
    expect(page.get_by_text(f"Playing: {min(TITLES[:8])}")).to_be_visible()
    # Filtered on the server.
    page.get_by_label("Find clips").fill("irony")
    expect(page.get_by_text("1 of 8 clips")).to_be_visible()
    click(page, SOUND, 0)
    (irony,) = [title for title in TITLES[:8] if "Irony" in title]
    expect(page.get_by_text(f"Playing: {irony}")).to_be_visible()


def test_open_in_another_page(page: Page) -> None:
    click(page, OPEN, 1)
    page.get_by_role("menuitem", name="Compare").click()
    expect(page.get_by_role("heading", name=f"Compare: {TITLES[1]}")).to_be_visible()
    # The selection is there too.
    expect(page.get_by_text("8 clips")).to_be_visible()


def test_with_the_keyboard_alone(page: Page) -> None:
    page.get_by_label("Find clips").fill("voice")
    expect(page.get_by_text("8 clips")).to_be_visible()
    click(page, 80, 1)  # from here on keys
    page.keyboard.press("Shift+Space")
    play = page.get_by_role("button", name="Play", exact=True)
    expect(play).to_be_visible()
    play.press("Enter")
    expect(page.get_by_text(f"Playing: {TITLES[1]}")).to_be_visible()
    page.get_by_role("button", name="Open in").press("Enter")
    page.get_by_role("menuitem", name="Attribution").press("Enter")
    expect(page.get_by_role("heading", name=f"Attribution: {TITLES[1]}")).to_be_visible()


def test_5000_rows(page: Page) -> None:
    page.get_by_role("radio", name="5000").click()
    expect(page.get_by_text("5,000 clips, ")).to_be_visible()
    page.get_by_label("Find clips").fill("reference 0102")
    expect(page.get_by_text("1 of 5,000 clips, 1 of them without sound")).to_be_visible()
    click(page, SOUND, 0)
    toast = page.get_by_test_id("stToast")
    expect(toast).to_contain_text("“Reference 0102” cannot be played")
    expect(page.get_by_text("Playing: nothing")).to_be_visible()


def test_export_is_what_is_shown_and_there_is_no_other(page: Page) -> None:
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="happy").click()
    expect(page.get_by_text("2 of 8 clips")).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert {line["label"] for line in csv.DictReader(text.splitlines())} == {"happy"}
    grid(page).hover()
    expect(page.get_by_role("button", name="Search: ")).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV")).to_have_count(0)


@pytest.mark.parametrize("width", [400, 768, 1024, 1280])
def test_nothing_sticks_out(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    expect(grid(page)).to_be_visible()
    assert not sticks_out(page)
    for part in (grid(page), page.get_by_role("button", name="CSV", exact=True)):
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_no_rows(page: Page) -> None:
    page.get_by_role("radio", name="0", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("No clips are selected")
