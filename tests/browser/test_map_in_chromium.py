"""The map as a user drives it: colours, filters, selections, clicks, keys, on every width."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures import write_corpora
from playwright.sync_api import Browser, Locator, Page, expect
from serving import served
from tiny import write_checkpoints
from using import sticks_out

from ser_core.analysis import Analyzer
from ser_core.maps.layers import Embedder
from ser_core.maps.making import make_reference
from ser_core.maps.reference import ReferenceSet, save
from ser_core.maps.sources import demonstration
from ser_core.synthesis.examples import load_examples

WAIT_MS = 120_000
EXAMPLE = load_examples()[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("map")


@pytest.fixture(scope="module")
def reference(folder: Path) -> ReferenceSet:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_CACHE", str(folder / "cache"))
        checkpoints = write_checkpoints(folder / "checkpoints")
        corpora = write_corpora(folder / "corpora")
        found = make_reference(demonstration(corpora, 0), Embedder(Analyzer(checkpoints)))
    save(found, checkpoints / "reference")
    return found


@pytest.fixture(scope="module")
def address(folder: Path, reference: ReferenceSet) -> Iterator[str]:
    command = ["ser_core.cli", "app", "--headless", "--port={port}"]
    command += [f"--checkpoints={folder / 'checkpoints'}", f"--data={folder / 'corpora'}"]
    with served(command, folder / "log.txt", SER_CACHE=str(folder / "cache")) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    expect.set_options(timeout=WAIT_MS)
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/map?example={EXAMPLE.id}")
    settle(page)
    yield page
    context.close()
    assert not problems


def settle(page: Page) -> None:
    expect(page.locator(".scatter[data-painted]")).to_be_visible()
    expect(page.locator(".st-key-neighbours")).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    before = None
    while (now := canvas(page, 0).bounding_box()) != before:  # what is above may still grow
        before = now
        page.wait_for_timeout(300)


def canvas(page: Page, number: int) -> Locator:
    return page.locator(".scatter figure canvas").nth(number)


def place(page: Page, reference: ReferenceSet, number: int, layer: str, row: int) -> None:
    """Move the mouse to a row's point on a map (they open with PCA: no UMAP is fitted here)."""
    points = reference.layers[layer].on_map("pca").astype(float)
    low, high = points.min(axis=0), points.max(axis=0)
    span = (high - low).max()
    x, y = (points[row] - ((low + high) / 2 - span / 2)) / span
    box = canvas(page, number).bounding_box()
    assert box is not None
    width, height = box["width"] - 2, box["height"] - 2
    page.mouse.move(
        box["x"] + 1 + 12 + x * (width - 24), box["y"] + 1 + 12 + (1 - y) * (height - 24)
    )


def drag_over_all(page: Page, number: int) -> None:
    box = canvas(page, number).bounding_box()
    assert box is not None
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99), (0.01, 0.02)]
    for step, (x, y) in enumerate(corners):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
        if not step:
            page.mouse.down()
    page.mouse.up()


def test_hover_tells_and_click_opens(page: Page, reference: ReferenceSet) -> None:
    row = int(reference.rows.index[reference.rows["kind"] == "native"][2])
    audio = reference.layers["audio"]
    same = [n for n in range(len(audio.points)) if audio.points[n] == audio.points[row]]
    titles = [reference.rows["title"][n] for n in same]
    place(page, reference, 1, "audio", row)
    tip = page.locator(".scatter .tip")
    expect(tip).to_be_visible()
    assert tip.locator("b").inner_text() in titles
    if len(same) > 1:
        expect(tip).to_contain_text(f"{len(same) - 1} more at this point")
    title = tip.locator("b").inner_text()
    page.mouse.down()
    page.mouse.up()
    expect(page.locator(".st-key-clip_title")).to_contain_text(title)
    settle(page)
    expect(page.locator(".st-key-neighbours")).to_contain_text("10 clips")


def test_a_lasso_fills_the_table_of_all_pages(page: Page, reference: ReferenceSet) -> None:
    drag_over_all(page, 4)
    count = len(reference.rows)
    expect(page.locator(".scatter .said")).to_have_text(f"{count} clips selected")
    table = page.locator(".st-key-map_selection")
    expect(table).to_contain_text(f"{count} clips")
    with page.expect_download() as download:
        table.get_by_role("button", name="CSV", exact=True).click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert {line["Id"] for line in csv.DictReader(lines)} == set(reference.rows["id"])
    # The selection survives another page.
    page.get_by_text("Explore", exact=True).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text="Compare").click()
    expect(page.locator(".scatter")).to_have_count(0)
    page.go_back()
    settle(page)
    expect(page.locator(".st-key-map_selection")).to_contain_text(f"{count} clips")
    expect(page.locator(".scatter .clear")).to_be_visible()
    page.locator(".scatter .clear").click()
    expect(page.get_by_text("No clips are selected: draw around")).to_be_visible()


def test_a_filter_and_a_rectangle_select_one_category(page: Page, reference: ReferenceSet) -> None:
    page.locator(".scatter .only select").select_option("Voice category")
    for value in ("neutral", "happy", "sad", "none"):
        page.locator(".scatter .choices").get_by_role("button", name=value, exact=True).click()
    page.locator(".scatter .modes").get_by_role("radio", name="Rectangle").click()
    box = canvas(page, 3).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] - 3, steps=4)
    page.mouse.up()
    angry = int((reference.rows["voice"] == "angry").sum())
    expect(page.locator(".scatter .said")).to_have_text(f"{angry} clips selected")
    expect(page.locator(".st-key-map_selection")).to_contain_text(f"{angry} clips")


def test_colour_and_shape_are_remembered_in_the_address(page: Page) -> None:
    page.locator(".scatter .colour select").select_option("Speaker")
    page.locator(".scatter .shape select").select_option("Kind")
    expect(page.locator(".scatter .legend")).to_contain_text("crema_1076")
    expect(page.locator(".scatter .legend")).to_contain_text("native")
    page.wait_for_url("**map.shape=Kind**")
    page.reload()
    settle(page)
    expect(page.locator(".scatter .colour select")).to_have_value("Speaker")
    expect(page.locator(".scatter .shape select")).to_have_value("Kind")


def test_the_keyboard_alone(page: Page, reference: ReferenceSet) -> None:
    canvas(page, 1).focus()
    page.keyboard.press("ArrowRight")
    said = page.locator(".scatter .said")
    expect(said).to_have_text(reference.rows["title"][0])
    page.keyboard.press("ArrowRight")
    title = reference.rows["title"][1]
    expect(said).to_have_text(title)
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-clip_title")).to_contain_text(title)


PLAYED = """() => {
    window.played = [];
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
        if (!this.isConnected) window.played.push(this.src);
        return play.call(this);
    };
}"""


def expect_played(page: Page, times: int) -> None:
    page.wait_for_function("times => window.played.length === times", arg=times)
    heard = page.evaluate("window.played.at(-1)")
    seconds = page.evaluate(
        "async url => (await new AudioContext().decodeAudioData("
        "await (await fetch(url)).arrayBuffer())).duration",
        heard,
    )
    assert seconds > 0.2


def test_a_point_is_heard_once_that_is_wanted(page: Page, reference: ReferenceSet) -> None:
    page.evaluate(PLAYED)
    row = int(reference.rows.index[reference.rows["kind"] == "native"][2])
    place(page, reference, 1, "audio", row)
    page.wait_for_timeout(1500)
    assert page.evaluate("window.played") == []
    page.get_by_role("switch", name="Play on hover").click()
    page.wait_for_url("**map.hear=on**")
    settle(page)
    before = page.locator(".st-key-clip_title").inner_text()
    place(page, reference, 1, "audio", row)
    expect_played(page, 1)
    page.mouse.move(0, 0)
    place(page, reference, 1, "audio", row)  # kept: it is not asked for again
    expect_played(page, 2)
    assert page.locator(".st-key-clip_title").inner_text() == before


def test_the_space_bar_plays_what_the_arrows_chose(page: Page) -> None:
    page.evaluate(PLAYED)
    canvas(page, 1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect_played(page, 1)


def test_open_in_another_page(page: Page, reference: ReferenceSet) -> None:
    table = page.locator(".st-key-neighbours")
    grid = table.get_by_test_id("stDataFrame")
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 20, box["y"] + 35 * 2.5)
    table.get_by_role("button", name="Open in").click()
    page.get_by_role("menuitem", name="Compare").click()
    expect(page.get_by_role("heading", name="What do the words say")).to_be_visible()


@pytest.mark.parametrize("width", [400, 768, 1024, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out(page: Page, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    settle(page)
    assert not sticks_out(page)
    for number in range(5):
        box = canvas(page, number).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["width"] > 150
