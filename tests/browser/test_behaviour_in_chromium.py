"""The page of behaviour as a user drives it: parts, the overview of tests, widths."""

from collections.abc import Iterator

import pytest
from findings import make_findings
from playwright.sync_api import Page, expect
from servers import serve_app
from using import expect_fits_every_width, part, ready

from ser_core.behaviour.findings_file import write


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("behaviour")
    with serve_app(folder) as address:
        write(make_findings(), folder / "checkpoints" / "reference" / "behaviour.parquet")
        yield address


def test_a_result_stands_above_the_fold(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{address}/behaviour")
    ready(page)
    expect(page.get_by_role("heading", name="Whom do the models follow")).to_be_visible()
    mark = part(page, "behaviour_conflicts").locator(".scatterlayer .point").first
    box = mark.bounding_box()
    assert box is not None
    assert box["y"] < 800


def test_a_cell_of_the_overview_leads_to_its_test(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto(f"{address}/behaviour")
    ready(page)
    page.get_by_text("Test battery", exact=True).click()
    ready(page)
    expect(page.get_by_role("heading", name="Are the categories right?")).to_be_visible()
    cell = part(page, "behaviour_overview").locator(".bars .point path").nth(3)  # second row
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name="Does noise change the answers?")).to_be_visible()
    page.wait_for_url("**behaviour.test=noise**")
    figure = part(page, "behaviour_noise")
    # It is brought into view.
    page.wait_for_function(
        "document.querySelector('.st-key-behaviour_test').getBoundingClientRect().top < 200"
    )
    expect(figure.get_by_text("✓ pass")).to_have_count(6)
    page.reload()
    ready(page)
    expect(page.get_by_role("heading", name="Does noise change the answers?")).to_be_visible()


@pytest.mark.parametrize("name", ["follow", "templates", "battery"])
def test_every_part_fits_every_width(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/behaviour?behaviour.part={name}")
    ready(page)
    expect_fits_every_width(page)
