"""What a visitor does on the pages, and what then is to be seen."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

WIDTHS = (400, 768, 1024, 1280)
SETTLED_MS = 20_000
HIDDEN = ("Change clip", "Keep", "More")  # names of buttons that show their icons on a phone
FITS = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    return main && main.scrollWidth <= main.clientWidth;
}"""


def part(page: Page, key: str) -> Locator:
    """An element by its key; not what Streamlit keeps of it, hidden, while it makes it anew."""
    return page.locator(f".st-key-{key}:not([data-retained])")


def ready(page: Page) -> None:
    """Wait until the server has answered and all jobs of the page are done."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()


def title(page: Page) -> Locator:
    return part(page, "clip_title").locator("strong")


def words(page: Page) -> Locator:
    return part(page, "words_box").locator("textarea")


def type_words(page: Page, text: str) -> None:
    words(page).fill(text)
    words(page).press("Control+Enter")
    expect(part(page, "undo_words")).to_be_visible()
    ready(page)


def choose_example(page: Page, name: str) -> None:
    part(page, "change_clip").locator("button").first.click()
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    expect(title(page)).to_have_text(name)
    ready(page)


def upload(page: Page, name: str, data: bytes) -> None:
    part(page, "change_clip").locator("button").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Upload").click()
    dialog.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    expect(dialog).to_have_count(0)
    ready(page)


def predictions(page: Page) -> dict[str, Any]:
    """The current analysis, as the page gives it as JSON."""
    ready(page)
    with page.expect_download() as download:
        part(page, "download_json").locator("button").click()
    document = json.loads(Path(download.value.path()).read_text("utf-8"))
    current: dict[str, Any] = document["analyses"][0]
    return current


def query(page: Page) -> str:
    """The query of the address."""
    return page.url.partition("?")[2]


def expect_query(page: Page, pattern: str) -> None:
    expect(page).to_have_url(re.compile(r"\?" + pattern + "$"))


def sticks_out(page: Page) -> bool:
    """Whether the page stays wider than its window; drawings follow a new size in a moment."""
    try:
        page.wait_for_function(FITS, timeout=SETTLED_MS)
    except PlaywrightTimeoutError:
        return True
    return False


# Boxes of all texts that are seen, also in shadow roots; then pairs that cover each other.
OVERLAPS = """() => {
    const boxes = [];
    const walk = (node) => {
        if (node.nodeType === Node.TEXT_NODE) {
            const parent = node.parentElement;
            if (!node.data.trim() || !parent) return;
            const style = getComputedStyle(parent);
            if (style.visibility === "hidden" || style.opacity === "0") return;
            for (let e = parent, n = 0; e && n < 5; e = e.parentElement, n++)
                if (e.getBoundingClientRect().width <= 2) return;  // only for those who listen
            const range = document.createRange();
            range.selectNodeContents(node);
            for (const r of range.getClientRects()) {
                if (r.width < 4 || r.height < 4) continue;
                const at = parent.getRootNode().elementFromPoint?.(
                    r.left + r.width / 2, r.top + r.height / 2);
                if (!at || !(at === parent || at.contains(parent) || parent.contains(at))) continue;
                boxes.push([r.left, r.top, r.right, r.bottom, node.data.trim()]);
            }
            return;
        }
        if (node.shadowRoot) walk(node.shadowRoot);
        if (node.nodeType === Node.ELEMENT_NODE && node.closest("[data-retained], script, style"))
            return;
        for (const child of node.childNodes) walk(child);
    };
    walk(document.querySelector("[data-testid=stMain]"));
    const found = [];
    for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
        const [a, b] = [boxes[i], boxes[j]];
        const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
        const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
        if (w > 3 && h > 5) found.push(`${a[4]} | ${b[4]}`);
    }
    return found;
}"""


def overlaps(page: Page) -> list[str]:
    """Pairs of texts of which one covers the other."""
    found: list[str] = page.evaluate(OVERLAPS)
    return found


def expect_fits_every_width(page: Page) -> None:
    """Nothing sticks out and no two texts overlap, at any of `WIDTHS`."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(700)
        assert not sticks_out(page), width
        assert [pair for pair in overlaps(page) if not pair.endswith(HIDDEN)] == [], width
