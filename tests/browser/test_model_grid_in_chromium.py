import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect
from tiny import write_checkpoints

from ser_core.analysis import Analyzer
from ser_core.figures.model_grid import MODEL_GRID_CSS, Slider, model_grid
from ser_core.figures.model_notes import make_notes
from ser_core.figures.rows import make_rows
from ser_core.inputs.audio import from_samples
from ser_core.models.checkpoint import load, save
from ser_core.models.config import build

HERE = Path(__file__).parent
READING = (HERE / "reading.js").read_text("utf-8")
CASES = ("conflict", "edited", "no words", "no speech", "seeds")
WIDTHS = (400, 768, 1024, 1280)
WAIT_MS = 120_000

Open = Callable[..., Page]


def write_seeds(root: Path, seeds: int) -> list[Path]:
    """The tiny models and a reference, trained (as they say) from several seeds."""
    folders = [write_checkpoints(root / f"seed{seed}") for seed in range(seeds)]
    for seed, folder in enumerate(folders):
        torch.manual_seed(seed)
        for path in list(folder.iterdir()):
            one = load(path)
            training = {"recipe": {"name": one.name, "seed": seed}}
            late = one.model.architecture == "late"
            save(replace(one, training=training), None if late else build(one.model))
        audio = load(folder / "audio")
        reference = replace(audio, folder=folder / "voice", title="A reference", reference=True)
        save(replace(reference, order=9), build(audio.model))
    return folders


@pytest.fixture(scope="module")
def grid_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The grid's own small app, served on a free port of this machine only."""
    folder = tmp_path_factory.mktemp("grid")
    checkpoints = os.pathsep.join(map(str, write_seeds(folder, 3)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "model_grid_app.py")]
    command += [f"--{name}={value}" for name, value in options.items()]
    root = HERE.parents[1]
    more = {"SER_CHECKPOINTS": checkpoints, "PYTHONPATH": str(root)}
    log = folder / "log.txt"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=root, env={**os.environ, **more}, stdout=output, stderr=output
        )
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 120
    try:
        while True:
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert "Traceback" not in log.read_text(errors="replace"), log.read_text(errors="replace")


@pytest.fixture
def open_case(browser: Browser, grid_address: str) -> Iterator[Open]:
    expect.set_options(timeout=WAIT_MS)
    contexts = []
    problems: list[str] = []

    def open_case(case: str, width: int = 1280, zoom: float = 1.0, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": round(width / zoom), "height": round(800 / zoom)},
            device_scale_factor=zoom,
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{grid_address}/?case={case}")
        ready(page)
        return page

    yield open_case
    for context in contexts:
        context.close()
    assert not problems


def ready(page: Page) -> None:
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator(".grid tbody tr").first).to_be_visible()


def row(page: Page, title: str) -> Locator:
    return page.locator(".grid tbody tr", has=page.get_by_role("button", name=title, exact=True))


def show(page: Page, case: str) -> None:
    """Another case in the same tab."""
    page.goto(page.url.split("?")[0] + f"?case={case}")
    ready(page)


@pytest.mark.parametrize(("width", "zoom"), [*((w, 1.0) for w in WIDTHS), (1280, 1.5)])
def test_nothing_overlaps_or_sticks_out(open_case: Open, width: int, zoom: float) -> None:
    page = open_case(CASES[0], width, zoom)
    for case in CASES:
        show(page, case)
        assert page.evaluate(READING + "inEveryRow(overlaps)") == [], case
        assert page.evaluate(READING + "outside()") == [], case
        assert page.evaluate(READING + "smallest()") >= 12, case


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(open_case: Open, scheme: str) -> None:
    page = open_case(CASES[0], scheme=scheme)
    for case in CASES:
        show(page, case)
        assert page.evaluate(READING + "inEveryRow(() => faint(4.5))") == [], case


def test_six_rows_stand_above_the_fold(open_case: Open) -> None:
    page = open_case("conflict")
    assert page.locator(".grid tbody tr").count() == 6
    box = page.locator(".ser-grid").bounding_box()
    assert box is not None
    assert box["height"] <= 350


def test_one_table_for_screen_readers_at_every_width(open_case: Open) -> None:
    told = []
    for width in (1280, 768, 400):
        page = open_case("edited", width)
        for title in ("Text", "Audio", "Late fusion", "Single-stage fusion", "Multistage fusion"):
            cells = page.get_by_role("row").filter(
                has=page.get_by_role("button", name=title, exact=True)
            )
            assert cells.get_by_role("cell").count() == 8, (width, title)
        expect(page.get_by_role("table", name="What each model says")).to_have_count(1)
        told.append(page.locator(".grid tbody").first.aria_snapshot())
    assert told[0] == told[1] == told[2]
    assert "before the edit" in told[0]


def test_signs_open_their_notes(open_case: Open) -> None:
    page = open_case("edited", 1280)
    for width in (1280, 400):
        page.set_viewport_size({"width": width, "height": 800})
        for button in page.locator(".grid button.ask:visible, .legend button.ask").all():
            button.click()
            note = page.locator(".note:popover-open")
            expect(note).to_have_count(1)
            box = note.bounding_box()
            assert box is not None
            assert box["x"] >= 0 and box["x"] + box["width"] <= width, button.inner_text()
            assert box["y"] >= 0 and box["y"] + box["height"] <= 800, button.inner_text()
            page.keyboard.press("Escape")
            expect(note).to_have_count(0)
    # And by keyboard alone.
    page.get_by_role("button", name="Late fusion", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Late fusion")).to_contain_text("p = w pwords")


def test_arrow_keys_walk_through_the_cells(open_case: Open) -> None:
    page = open_case("edited")
    page.get_by_role("button", name="Text", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    cell = row(page, "Text").locator("td.cat").first
    expect(cell).to_be_focused()
    expect(cell.locator(".tip")).to_contain_text("before the edit")
    box = cell.locator(".tip").bounding_box()
    assert box is not None
    assert box["width"] > 80
    page.keyboard.press("ArrowDown")
    expect(row(page, "Audio").locator("td.cat").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="neutral", exact=True)).to_be_focused()


def values(page: Page, title: str) -> list[str]:
    return row(page, title).locator("td .tip").all_text_contents()


def test_the_slider_changes_its_row_only(open_case: Open) -> None:
    page = open_case("conflict")
    before = {title: values(page, title) for title in ("Text", "Audio", "Late fusion")}
    slider = page.get_by_role("slider")
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, middle, steps=5)
    expect(row(page, "Late fusion").locator("output")).to_have_text("1.00")  # at once
    expect(page.get_by_text("weight 0.50")).to_be_visible()  # Python waits for the release
    page.mouse.up()
    expect(page.get_by_text("weight 1.00, moved 1")).to_be_visible()
    # All words: as Text says. (Compared as printed, with three decimals.)
    expect(row(page, "Late fusion").locator("td .tip").first).to_have_text(before["Text"][0])
    assert values(page, "Late fusion") == before["Text"]
    assert [values(page, title) for title in ("Text", "Audio")] == [before["Text"], before["Audio"]]

    # By keyboard: it keeps the focus while the table is written anew, and loses no step.
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("weight 0.00, moved 0")).to_be_visible()
    expect(slider).to_be_focused()
    expect(slider).to_have_value("0")
    expect(row(page, "Late fusion").locator("td .tip").first).to_have_text(before["Audio"][0])

    # The same weight again, after the page has set another one.
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("weight 0.00, moved None")).to_be_visible()

    show(page, "no words")
    expect(page.get_by_role("slider")).to_be_disabled()
    expect(row(page, "Text")).to_contain_text("It reads only the words, and there are none.")


def test_a_run_that_changes_nothing_leaves_the_table_alone(open_case: Open) -> None:
    page = open_case("conflict")
    page.locator(".grid").evaluate("table => { table.dataset.mine = 'kept'; }")
    page.get_by_role("button", name="Text", exact=True).click()
    page.get_by_role("button", name="Run again").evaluate("button => button.click()")
    ready(page)
    page.wait_for_timeout(500)
    expect(page.locator(".grid[data-mine=kept]")).to_be_visible()
    expect(page.locator(".note:popover-open")).to_have_count(1)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A document with nothing but the grid, and in it what is hardest to place."""
    analyzer = Analyzer(write_seeds(tmp_path_factory.mktemp("report"), 1))
    clip = from_samples(np.random.default_rng(0).normal(0, 0.1, 16_000), 16_000)
    now, before = analyzer.analyze(clip, "I am glad."), analyzer.analyze(clip, "No.")
    rows = make_rows(now, analyzer.models, before)
    rows[3] = replace(rows[3], title="A model whose name is much longer than a column is wide")
    for number, p in enumerate((0.59, 0.6)):  # beside the bar, and on it: both with little room
        sure = {"neutral": 1 - p, "happy": 0.0, "sad": p, "angry": 0.0}
        prediction = rows[number].prediction
        assert prediction is not None
        rows[number] = replace(rows[number], prediction=replace(prediction, probabilities=sure))
    slider = Slider(0.5, tuple(now.late_weights))
    grid = model_grid(rows, notes=make_notes(analyzer.models), slider=slider)
    return f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>{MODEL_GRID_CSS}</style>{grid}</html>"""


@pytest.mark.parametrize("width", [360, 400, 640, 940])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_stands_alone_in_a_report(
    browser: Browser, report: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    telephone = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        has_touch=True,
        is_mobile=True,
    )
    page = telephone.new_page()
    page.set_content(report)
    # Nothing hovers over a telephone: all numbers are there.
    assert page.locator(".quiet").first.evaluate("n => getComputedStyle(n).opacity") == "1"
    assert page.evaluate(READING + "overlaps()") == []
    assert page.evaluate(READING + "outside()") == []
    assert page.evaluate(READING + "smallest()") >= 12
    assert page.evaluate(READING + "faint(4.5)") == []
    page.get_by_role("button", name="Text", exact=True).tap()
    expect(page.get_by_role("dialog", name="Text")).to_contain_text("ReLU(W e + b)")
    page.emulate_media(media="print")
    expect(page.get_by_role("slider")).to_be_hidden()
    telephone.close()
