"""The time axis under a user's hands: `time_axis_app.py` in Chromium."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

APP = Path(__file__).with_name("time_axis_app.py")
ROOT = Path(__file__).parents[2]
WAIT_MS = 60_000
CLIP = "happy-words-angry-voice"
DURATION = 3.325
AXES = [CLIP, "Multistage fusion", "Late fusion"]
SOUND = "document.querySelector('.st-key-player audio')"

# What the sound did, for a test that was too slow to see it.
HEARD = """
window.heard = [];
for (const type of ["play", "pause"])
  document.addEventListener(type, (event) => heard.push([type, event.target.currentTime]), true);
"""

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def axis_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP)]
    command += ["--server.headless=true", f"--server.port={port}", "--server.address=127.0.0.1"]
    log = tmp_path_factory.mktemp("axis") / "log.txt"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text(errors="replace")
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert "Traceback" not in log.read_text(errors="replace"), log.read_text(errors="replace")


@pytest.fixture
def open_axes(browser: Browser, axis_address: str) -> Iterator[Open]:
    """Open the page in a context of its own; no script may fail, and nothing come from outside."""
    expect.set_options(timeout=WAIT_MS)
    contexts = []
    problems: list[str] = []
    outside: list[str] = []

    def open_axes(query: str = "", width: int = 1280, scheme: Any = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        context.add_init_script(HEARD)
        context.on("request", lambda request: outside.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.goto(f"{axis_address}/?{query}")
        expect(page.locator(".axis .play:enabled")).to_have_count(1 if "full=0" in query else 3)
        page.wait_for_function(f"{SOUND}.readyState > 0")
        settled(page)
        return page

    yield open_axes
    for context in contexts:
        context.close()
    assert not problems
    here = (axis_address, axis_address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in outside if not url.startswith(here)] == []


def settled(page: Page) -> None:
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()


def at(page: Page) -> float:
    return float(page.evaluate(f"{SOUND}.currentTime"))


def wait_until(page: Page, condition: str) -> None:
    """Wait for something about the sound, called `a`."""
    page.wait_for_function(f"(a => {condition})({SOUND})")


def played(page: Page, start: float, end: float) -> None:
    """Wait until a span was played and no more than that; forget it."""
    page.wait_for_function("heard.at(-1)?.[0] === 'pause'")
    heard = page.evaluate("heard.splice(0)")
    assert [kind for kind, _ in heard[-2:]] == ["play", "pause"]
    assert heard[-2][1] == pytest.approx(start, abs=0.1)
    assert end - 0.01 <= heard[-1][1] < end + 0.5  # Chromium shows frames late on a busy machine


def view(page: Page, title: str) -> Locator:
    return page.get_by_role("slider", name=f"Position, {title}", exact=True)


def report(page: Page) -> tuple[int, str, str]:
    """How often the script ran, the range and the word that it has."""
    settled(page)
    text = page.get_by_text(re.compile("^runs ")).inner_text()
    found = re.fullmatch(r"runs (\d+), range (.*), word (.*)", text)
    assert found
    return int(found[1]), found[2], found[3]


def reports(page: Page, words: str) -> None:
    """Wait until the script has heard of it."""
    expect(page.get_by_text(re.compile("^runs "))).to_contain_text(words)


def heads(page: Page) -> list[float]:
    """Where each axis has its playhead, as a share of its width."""
    return page.locator(".axis .view").evaluate_all(
        """views => views.map((view) => {
          const head = view.querySelector(".head").getBoundingClientRect();
          const box = view.getBoundingClientRect();
          return (head.left + head.width / 2 - box.left) / box.width;
        })"""
    )


def test_all_axes_play_one_sound(open_axes: Open) -> None:
    page = open_axes()
    assert page.locator("audio").count() == 1
    expect(page.locator("audio")).not_to_be_visible()
    # Speed is one for all, and survives another clip.
    page.get_by_role("combobox", name="Speed, Multistage fusion", exact=True).select_option("0.5")
    for select in page.locator(".rate").all():
        expect(select).to_have_value("0.5")
    page.get_by_role("button", name=f"Play, {CLIP}", exact=True).click()
    wait_until(page, "a.playbackRate === 0.5 && a.currentTime > 0.3")
    for title in AXES:
        expect(page.get_by_role("button", name=f"Pause, {title}", exact=True)).to_be_visible()
    page.get_by_role("button", name="Pause, Late fusion", exact=True).click()
    wait_until(page, "a.paused")
    now = at(page)
    expect(page.locator(".time")).to_have_text([f"{now:.1f} / 3.3 s"] * 3)
    assert heads(page) == pytest.approx([now / DURATION] * 3, abs=0.01)

    assert report(page)[0] == 1  # none of it ran the script

    # Playing survives a run of the script; a new clip stops at its start.
    page.get_by_role("button", name=f"Play, {CLIP}", exact=True).click()
    page.get_by_role("button", name="Select 0.25 to 0.75", exact=True).click()
    reports(page, "range (0.25, 0.75)")
    wait_until(page, "a.ended")
    box = page.locator(".st-key-clip input")
    box.click()
    box.fill("happy-words-sad-voice")
    page.get_by_role("option", name="happy-words-sad-voice", exact=True).click()
    expect(view(page, "happy-words-sad-voice")).to_have_attribute("aria-valuemax", "5.6625")
    wait_until(page, "a.paused && a.currentTime === 0 && a.duration > 5")
    page.get_by_role("button", name="Play, happy-words-sad-voice", exact=True).click()
    wait_until(page, "a.playbackRate === 0.5 && a.currentTime > 0")


def test_seeking_by_mouse_and_keys(open_axes: Open) -> None:
    page = open_axes()
    for title in AXES:
        slider = view(page, title)
        box = slider.bounding_box()
        assert box
        slider.click(position={"x": box["width"] / 4, "y": 10})
        assert at(page) == pytest.approx(DURATION / 4, abs=0.02)
        slider.press("Home")
        assert at(page) == 0
        slider.press("ArrowRight")
        slider.press("Shift+ArrowRight")
        assert at(page) == pytest.approx(1.1, abs=0.001)
        slider.press("ArrowLeft")
        expect(slider).to_have_attribute("aria-valuenow", "1.00")
        expect(slider).to_have_attribute("aria-valuetext", "1.00 of 3.33 seconds")
        assert heads(page) == pytest.approx([1 / DURATION] * 3, abs=0.01)
        slider.press("Shift+ArrowLeft")
        slider.press("ArrowLeft")
        assert at(page) == 0
        slider.press("End")
        assert at(page) == pytest.approx(DURATION, abs=0.01)
        slider.press("Home")
        slider.press(" ")
        page.wait_for_function("heard.some(([type]) => type === 'play')")
        slider.press(" ")
        page.wait_for_function("heard.some(([type]) => type === 'pause')")
        page.evaluate("heard.splice(0)")
    assert report(page)[0] == 1


def test_words(open_axes: Open) -> None:
    page = open_axes()
    words = page.get_by_role("toolbar", name=f"Words, {CLIP}", exact=True)
    expect(words.get_by_role("button")).to_have_count(12)
    happy = words.get_by_role("button", name=re.compile("^happy,"))
    start, end = map(float, re.findall(r"(\d\.\d\d)–(\d\.\d\d) s", happy.get_attribute("title"))[0])
    box, line = happy.bounding_box(), view(page, CLIP).bounding_box()
    assert box
    assert line
    assert (box["x"] - line["x"]) / line["width"] == pytest.approx(start / DURATION, abs=0.01)

    # A word plays its own span, and the page hears of it.
    happy.click()
    played(page, start, end)
    reports(page, "word 7")

    # The word that is being said is marked.
    view(page, CLIP).press("Home")
    view(page, CLIP).press("Shift+ArrowRight")
    expect(words.locator("[aria-current=true]")).to_have_text("job!")

    # One stop for Tab; arrows move within.
    view(page, CLIP).focus()
    page.keyboard.press("Home")
    words.locator("[tabindex='0']").focus()
    expect(happy).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    focused = words.get_by_role("button", name=re.compile(r"^stop \("))
    expect(focused).to_be_focused()
    expect(focused).to_have_accessible_name(re.compile("not used"))
    expect(words.locator("[tabindex='0']")).to_have_count(1)
    page.keyboard.press("Enter")
    wait_until(page, "a.currentTime > 2")
    reports(page, "word 10")
    expect(focused).to_be_focused()  # a run of the script leaves it there


def test_a_range(open_axes: Open) -> None:
    page = open_axes()
    slider = view(page, "Late fusion")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 90, steps=4)
    assert report(page)[0] == 1  # not while dragging
    page.mouse.up()
    reports(page, "range (")
    first, last = map(float, report(page)[1].strip("()").split(","))
    assert (first, last) == pytest.approx((0.3 * DURATION, 0.5 * DURATION), abs=0.02)
    played(page, first, last)

    # The other axis shows it too, and plays it.
    other = "Multistage fusion"
    clear = page.get_by_role("button", name=f"Clear the range, {other}", exact=True)
    expect(clear).to_have_text(f"{first:.2f}–{last:.2f} s ✕")
    page.get_by_role("button", name=f"Play, {other}", exact=True).click()
    played(page, first, last)

    # It goes by Escape, by its button and by a click; and comes by keys or by the page.
    view(page, other).press("Escape")
    expect(clear).not_to_be_visible()
    reports(page, "range None")
    page.get_by_role("button", name="Select 0.25 to 0.75", exact=True).click()
    for title in AXES[1:]:
        expect(view(page, title)).to_have_attribute("aria-valuetext", re.compile("range 0.25 to"))
    reports(page, "range (0.25, 0.75)")
    clear.click()
    reports(page, "range None")
    expect(page.locator(".clear:visible")).to_have_count(0)  # the other axis has heard of it
    for key in ("Home", "Shift+ArrowRight", "i", "Shift+ArrowRight", "o"):
        slider.press(key)
    reports(page, "range (1.0, 2.0)")
    expect(view(page, other)).to_have_attribute("aria-valuetext", re.compile("range 1.00 to 2.00"))
    slider.click(position={"x": 100, "y": 100})
    reports(page, "range None")
    expect(clear).not_to_be_visible()


def test_opacity_and_theme_redraw_without_a_run(open_axes: Open) -> None:
    page = open_axes()
    overlay = page.locator("canvas.overlay").nth(1)
    colours = """canvas => {
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      const found = new Set();
      for (let i = 0; i < pixels.length; i += 4)
        if (pixels[i + 3] > 200) found.add(pixels.slice(i, i + 3).join());
      return [...found].sort();
    }"""
    tones: dict[str, list[str]] = {"blue": [], "vermillion": []}
    for tone in overlay.evaluate(colours):
        red, _, blue = map(int, tone.split(","))
        tones["blue" if blue > red else "vermillion"].append(tone)
    assert all(tones.values())
    slider = page.get_by_role("slider", name="Overlay opacity, Multistage fusion", exact=True)
    slider.fill("0.25")
    expect(overlay).to_have_css("opacity", "0.25")
    expect(page.locator("canvas.overlay").nth(2)).to_have_css("opacity", "0.8")
    expect(page.locator(".legend").nth(1)).to_contain_text(
        re.compile(r"^\s*≤ −0.0\d+ lowered\s*raised ≥ \+0.0\d+\s*probability of angry \(per cell\)")
    )

    corner = """canvas => [...canvas.getContext("2d").getImageData(0, 0, 1, 1).data]"""
    light = page.locator("canvas.level").nth(1).evaluate(corner)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor.includes('17')"
    )
    page.wait_for_timeout(500)
    dark = page.locator("canvas.level").nth(1).evaluate(corner)
    assert min(light[:3]) > 200
    assert max(dark[:3]) < 60
    assert report(page)[0] == 1


def test_the_script_may_play(open_axes: Open) -> None:
    page = open_axes()
    for _ in range(2):  # each press is another request
        page.get_by_role("button", name="Play a part", exact=True).click()
        played(page, 0.5, 1.0)
    # The part of a clip that the same run brings.
    page.get_by_role("button", name="Play another clip's part", exact=True).click()
    wait_until(page, "a.duration > 11")
    played(page, 1.0, 1.6)
    # Another run does not play it again.
    page.get_by_role("button", name="Select 0.25 to 0.75", exact=True).click()
    reports(page, "range (0.25, 0.75)")
    assert page.evaluate(f"{SOUND}.paused")


def test_no_two_controls_have_one_name(open_axes: Open) -> None:
    page = open_axes()
    page.get_by_role("button", name="Select 0.25 to 0.75", exact=True).click()
    reports(page, "range (0.25, 0.75)")
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "slider", "combobox", "toolbar"}
    names = [
        (node["role"]["value"], node["name"]["value"])
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in roles
    ]
    assert len(names) > 50
    assert all(name for _, name in names)
    assert len(set(names)) == len(names)
    assert not [node for node in nodes if node.get("role", {}).get("value") == "Audio"]


OVERLAPS = """() => {
  const found = [], texts = [];
  let count = 0;
  for (const host of document.querySelectorAll("[data-testid=stBidiComponentRegular], *")) {
    const axis = host.shadowRoot?.querySelector(".axis");
    if (!axis) continue;
    const outer = host.getBoundingClientRect();
    const clipped = (element) => element.closest(".words:not(.placed)");
    const walker = document.createTreeWalker(axis, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
      const parent = node.parentElement;
      if (!node.data.trim() || !parent.checkVisibility() || parent.closest("select")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (!box.width) continue;
      count += 1;
      const size = parseFloat(getComputedStyle(parent).fontSize);
      if (size < 12) found.push(`${node.data} is ${size} px`);
      if (box.left < outer.left - 1 || box.right > outer.right + 1) found.push(`${node.data} out`);
      if (!clipped(parent)) texts.push([node.data, box]);
    }
    for (const control of axis.querySelectorAll("button.play, .view, .rate, .opacity, .clear")) {
      const box = control.getBoundingClientRect();
      if (!box.width) continue;
      if (box.left < outer.left - 1 || box.right > outer.right + 1)
        found.push(`${control.className} sticks out`);
      for (const [text, other] of texts) {
        const inside = [...control.querySelectorAll("*"), control].some((e) =>
          [...e.childNodes].some((n) => n.nodeType === 3 && n.data === text));
        if (!inside && meet(box, other)) found.push(`${control.className} over ${text}`);
      }
    }
  }
  function meet(a, b) {
    return Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  }
  texts.forEach(([text, box], i) => texts.slice(0, i).forEach(([other, at]) => {
    if (meet(box, at)) found.push(`${text} over ${other}`);
  }));
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
  return [count, found];
}"""

CONTRAST = """() => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const over = (colours) => {  // painted one over the other
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => rgb.map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const found = [];
  for (const host of document.querySelectorAll("*")) {
    for (const element of host.shadowRoot?.querySelectorAll(".axis *") ?? []) {
      const text = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
      if (!text || !element.checkVisibility()) continue;
      const behind = [];
      for (let e = element; e; e = e.parentElement ?? e.getRootNode().host)
        behind.unshift(getComputedStyle(e).backgroundColor);
      const back = over(["#fff", ...behind]);
      const front = over([getComputedStyle(element).color]);
      const [a, b] = [luminance(back), luminance(front)].sort((x, y) => y - x);
      found.push([(a + 0.05) / (b + 0.05), element.textContent]);
    }
  }
  return found;
}"""


@pytest.mark.parametrize("query", ["", "words=untimed&overlay=0", "words=many&clip=long", "side=1"])
def test_texts_can_be_read_at_every_width(open_axes: Open, query: str) -> None:
    page = open_axes(query)
    page.get_by_role("button", name="Select 0.25 to 0.75", exact=True).click()
    reports(page, "range (0.25, 0.75)")
    for width in (1280, 1024, 768, 400, 320):  # 320: 1280 at 400 % zoom
        page.set_viewport_size({"width": width, "height": 900})
        settled(page)
        page.wait_for_timeout(300)
        texts, found = page.evaluate(OVERLAPS)
        assert texts > 40
        assert not found, (width, found)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(500)
        contrasts = page.evaluate(CONTRAST)
        assert len(contrasts) > 60
        assert min(contrasts)[0] >= 4.5, (scheme, min(contrasts))


@pytest.mark.parametrize(
    ("query", "role", "rows"),
    [
        ("full=0&words=none", None, 0),
        ("full=0&words=untimed", "toolbar", 2),
        ("full=0&words=timed", "toolbar", 2),
        ("full=0&words=many", "toolbar", 2.5),
        ("full=0&words=many&clip=short", "toolbar", 2.5),
    ],
)
def test_a_compact_axis_stays_thin(
    open_axes: Open, query: str, role: str | None, rows: float
) -> None:
    page = open_axes(query, width=400)
    words = page.locator(".axis .words")
    assert words.get_attribute("role") == role or not words.is_visible()
    height = page.locator(".axis").evaluate("axis => axis.getBoundingClientRect().height")
    assert height <= 36 + 4 + max(rows, 1 if rows else 0) * 26 + 8
    if "many" in query:  # what is said is scrolled into sight
        view(page, page.locator(".axis").get_attribute("aria-label") or "").press("Home")
        assert words.evaluate("words => words.scrollHeight > 3 * words.clientHeight")


def test_what_is_said_is_in_sight(open_axes: Open) -> None:
    page = open_axes("full=0&words=many&clip=story", width=400)
    words = page.locator(".axis .words")
    slider = view(page, "story")
    slider.press("Home")
    for _ in range(8):
        slider.press("Shift+ArrowRight")
    slider.press(" ")
    wait_until(page, "a.currentTime > 8.6")
    slider.press(" ")
    expect(words.locator("[aria-current]")).to_be_in_viewport()
    assert words.evaluate("words => words.scrollTop") > 100


@pytest.mark.parametrize("width", [400, 1280])
def test_an_axis_is_saved_as_a_picture(open_axes: Open, width: int, tmp_path: Path) -> None:
    """With waveform, log-Mel, overlay and words, at two pixels each of the screen's."""
    page = open_axes(width=width)
    axis = page.get_by_role("group", name="Multistage fusion", exact=True)
    with page.expect_download() as download:
        axis.get_by_role("button", name="Save as picture, Multistage fusion").click()
    assert download.value.suggested_filename == "Multistage-fusion.png"
    download.value.save_as(tmp_path / "axis.png")
    picture = np.asarray(Image.open(tmp_path / "axis.png").convert("RGB")).astype(int)
    box = axis.bounding_box()
    assert box is not None
    assert picture.shape[1] == pytest.approx(2 * (box["width"] + 24), abs=2)
    assert picture.shape[0] == pytest.approx(2 * (box["height"] + 24), abs=2)

    def part(name: str) -> np.ndarray:
        at = axis.locator(name).first.bounding_box()
        assert at is not None
        top, left = (round(2 * (at[k] - box[k] + 12)) for k in ("y", "x"))
        return picture[top : top + round(2 * at["height"]), left : left + round(2 * at["width"])]

    mel = part(".mel")
    assert (mel[..., 0] > mel[..., 2] + 40).mean() > 0.002  # raised
    assert (mel[..., 2] > mel[..., 0] + 40).mean() > 0.002  # lowered
    for name in (".outline", ".hertz", ".seconds", ".words", ".title", ".legend"):
        assert part(name).std() > 3, name
