import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from serving import served
from using import sticks_out

from ser_core.support.jobs import THREADS

APP = Path(__file__).parent / "jobs_app.py"
WAIT_MS = 120_000


class Gate:
    """Lets steps of the app's jobs go, and knows what happened there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.allow(0)
        (folder / "events.txt").write_text("")

    def allow(self, steps: int) -> None:
        partial = self.folder / "allowing"
        partial.write_text(str(steps))
        partial.replace(self.folder / "allowed")

    def count(self, event: str) -> int:
        return (self.folder / "events.txt").read_text().splitlines().count(event)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("jobs")
    command = ["streamlit", "run", str(APP), "--server.headless=true", "--server.port={port}"]
    environment = {"SER_TEST_FOLDER": str(folder), "PYTHONPATH": str(APP.parents[2])}
    with served(command, folder / "log.txt", **environment) as address:
        yield address, folder


@pytest.fixture
def gate(server: tuple[str, Path]) -> Gate:
    return Gate(server[1])


@pytest.fixture
def page(browser: Browser, server: tuple[str, Path], gate: Gate) -> Iterator[Page]:
    expect.set_options(timeout=WAIT_MS)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(server[0])
    yield page
    end_all(page, gate)
    context.close()
    assert not problems


def end_all(page: Page, gate: Gate) -> None:
    """The next test finds no job of this one in the queue."""
    gate.allow(1000)
    for other in page.context.pages:
        expect(progress(other)).to_have_count(0)


def progress(page: Page) -> Locator:
    return page.get_by_test_id("stProgress")


def expect_results(page: Page, number: int) -> None:
    """One line says how many there are, once a line of the run before is gone."""
    line = page.get_by_text(f"{number} results")
    expect(line).to_have_count(1)
    expect(line).to_be_visible()


def spoken(page: Page) -> Locator:
    """What a screen reader is told."""
    return page.get_by_role("status").filter(has_text="What if")


def choose(page: Page, factor: str) -> None:
    page.get_by_test_id("stRadioGroup").get_by_text(factor, exact=True).click()


def test_it_streams_and_survives_reruns_and_pages(page: Page, gate: Gate) -> None:
    expect(progress(page)).to_contain_text("What if: 0% done")
    gate.allow(3)
    expect(progress(page)).to_contain_text(re.compile("30% done, .* left"))
    expect_results(page, 3)
    expect(spoken(page)).to_have_text("What if: 25% done")

    # A rerun in between, and another page.
    page.get_by_label("Anything").fill("else")
    page.get_by_label("Anything").press("Enter")
    gate.allow(4)
    expect(progress(page)).to_contain_text("40% done")
    page.get_by_role("link", name="Second").click()
    expect(page.get_by_role("heading", name="Another page")).to_be_visible()
    expect(progress(page)).to_have_count(0)
    gate.allow(6)
    page.get_by_role("link", name="First").click()
    expect(progress(page)).to_contain_text("60% done")
    assert gate.count("begin 1") == 1

    # The end is one rerun of the page, and then silence.
    runs = gate.count("run")
    gate.allow(10)
    expect_results(page, 10)
    expect(progress(page)).to_have_count(0)
    expect(spoken(page)).to_have_text("What if: done")
    page.wait_for_timeout(2000)  # long enough for several polls
    assert gate.count("run") == runs + 1
    assert gate.count("draw 10") <= 2

    # Once it is there it is there: also on the way back, and after other settings.
    choose(page, "2")
    expect_results(page, 10)
    choose(page, "1")
    expect_results(page, 10)
    assert (gate.count("begin 1"), gate.count("begin 2")) == (1, 1)


def test_cancel_keeps_what_there_is(page: Page, gate: Gate) -> None:
    gate.allow(4)
    expect(progress(page)).to_contain_text("40% done")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("What if: cancelled at 40%: what there was is shown.")).to_be_visible()
    expect_results(page, 4)
    expect(progress(page)).to_have_count(0)
    assert gate.count("end 1") == 1
    page.get_by_role("button", name="Start again").click()
    expect(progress(page)).to_contain_text("40% done")
    assert gate.count("begin 1") == 2


def test_other_settings_replace_it(page: Page, gate: Gate) -> None:
    gate.allow(2)
    expect(progress(page)).to_contain_text("20% done")
    choose(page, "2")
    expect_results(page, 2)
    gate.allow(10)
    expect_results(page, 10)
    assert (gate.count("end 1"), gate.count("begin 2")) == (1, 1)
    assert gate.count("begin 1") == 1


def test_an_error_is_a_sentence(page: Page, gate: Gate) -> None:
    choose(page, "3")
    gate.allow(1)
    expect(page.get_by_role("alert")).to_contain_text("A factor of three is too much")
    gate.allow(0)
    page.get_by_role("button", name="Try again").click()
    expect(progress(page)).to_contain_text("0% done")
    gate.allow(1)
    expect(page.get_by_role("alert")).to_contain_text("A factor of three is too much")
    assert gate.count("begin 3") == 2


def test_who_waits_is_told_the_place(page: Page, gate: Gate, server: tuple[str, Path]) -> None:
    expect(progress(page)).to_contain_text("0% done")
    tabs = []
    for _ in range(THREADS + 1):
        tabs.append(page.context.new_page())
        tabs[-1].goto(server[0])
        expect(progress(tabs[-1])).to_be_visible()
    expect(progress(tabs[-2])).to_contain_text("What if: waits; next in line")
    expect(progress(tabs[-1])).to_contain_text("What if: waits; 1 job before it")
    tabs[-2].get_by_role("button", name="Cancel").click()
    expect(progress(tabs[-1])).to_contain_text("What if: waits; next in line")
    gate.allow(10)
    expect_results(tabs[-1], 10)


def test_a_closed_tab_ends_its_job(page: Page, gate: Gate, server: tuple[str, Path]) -> None:
    with ExitStack() as stack:
        stack.callback(gate.allow, 1000)
        other = page.context.new_page()
        other.goto(server[0])
        expect(progress(other)).to_contain_text("0% done")
        assert gate.count("end 1") == 0
        other.close()
        for _ in range(100):
            page.wait_for_timeout(100)
            if gate.count("end 1"):
                break
        assert gate.count("end 1") == 1
        # Who stays keeps the job.
        gate.allow(1)
        expect(progress(page)).to_contain_text("10% done")


def test_on_a_telephone(page: Page, gate: Gate) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    gate.allow(4)
    expect(progress(page)).to_contain_text("40% done")
    assert not sticks_out(page)
    for part in (progress(page), page.get_by_role("button", name="Cancel")):
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 400
