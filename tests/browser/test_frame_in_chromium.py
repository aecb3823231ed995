"""What all pages share: the address and its history, the clip bar, kept variants, sessions."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from using import (
    choose_example,
    expect_query,
    overlaps,
    part,
    query,
    ready,
    sticks_out,
    title,
    type_words,
    upload,
    words,
)

BRAVE = "A brave face: all well, sad voice"
PAGES = ("", "what_if", "attribution", "fusion_stages", "map", "evaluation")


def test_back_and_forward_restore_what_was_seen(page: Page) -> None:
    ready(page)
    first = title(page).inner_text()
    choose_example(page, BRAVE)
    type_words(page, "Nothing at all.")  # replaces, so that it makes no entry of its own
    expect_query(page, r"example=brave-face&text=Nothing\+at\+all\.")
    choose_example(page, "Rain")
    entries = page.evaluate("history.length")

    page.go_back()
    expect(title(page)).to_have_text(BRAVE)
    expect(words(page)).to_have_value("Nothing at all.")
    page.go_back()
    expect(title(page)).to_have_text(first)
    page.go_forward()
    expect(title(page)).to_have_text(BRAVE)
    expect(words(page)).to_have_value("Nothing at all.")
    assert page.evaluate("history.length") == entries


def test_a_clip_and_its_words_go_along_to_other_pages(page: Page, address: str) -> None:
    ready(page)
    choose_example(page, BRAVE)
    type_words(page, "I hate this.")
    page.get_by_test_id("stTopNavSection").filter(has_text="Explain").click()
    page.get_by_role("menuitem", name="Attribution").click()
    expect(page).to_have_url(re.compile(r"/attribution\?example=brave-face&text=I\+hate\+this\."))
    expect(title(page)).to_have_text(BRAVE)
    ready(page)
    page.go_back()
    expect(words(page)).to_have_value("I hate this.")
    page.reload()
    expect(words(page)).to_have_value("I hate this.")


def test_a_recording_survives_a_reload_until_it_is_forgotten(page: Page, recording: Path) -> None:
    ready(page)
    upload(page, "mine.wav", recording.read_bytes())
    expect(title(page)).to_have_text("mine.wav")
    link = page.url
    token = re.search(r"rec=([\w-]+)", query(page))
    assert token is not None
    assert len(token[1]) >= 22
    page.reload()
    expect(title(page)).to_have_text("mine.wav")

    part(page, "more").locator("button").first.click()
    expect(page.get_by_text("Whoever has this page's address can hear it")).to_be_visible()
    page.get_by_role("button", name="Forget this recording now").click()
    expect(title(page)).not_to_have_text("mine.wav")
    page.goto(link)
    expect(page.get_by_test_id("stAlert")).to_contain_text("is gone")


def test_a_session_is_saved_and_opened(page: Page, recording: Path, tmp_path: Path) -> None:
    ready(page)
    upload(page, "mine.wav", recording.read_bytes())
    type_words(page, "Kept words.")
    part(page, "keep").locator("button").first.click()
    expect(part(page, "variants_table")).to_be_visible()
    part(page, "more").locator("button").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save this session").click()
    saved = tmp_path / "lesson.json"
    download.value.save_as(saved)
    assert json.loads(saved.read_text("utf-8"))["format"] == "ser session"

    page.goto(page.url.partition("?")[0])
    ready(page)
    expect(title(page)).not_to_have_text("mine.wav")
    part(page, "more").locator("button").first.click()
    part(page, "open_session").locator("input[type=file]").set_input_files(saved)
    expect(title(page)).to_have_text("mine.wav")
    expect(words(page)).to_have_value("Kept words.")
    expect(part(page, "variants_table")).to_be_visible()


def test_typing_and_clicking_keep_keeps_the_new_words(page: Page) -> None:
    ready(page)
    words(page).fill("These are new.")
    part(page, "keep").locator("button").first.click()  # the click itself ends the typing
    expect(part(page, "variants_table")).to_be_visible()
    ready(page)
    assert "keep=" in query(page)
    assert "These%2Bare%2Bnew" in query(page)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_and_no_two_texts_overlap(
    page: Page, address: str, path: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{address}/{path}?example=brave-face")
    ready(page)
    for width, zoom in ((1280, 1), (1024, 1), (768, 1), (400, 1), (1280, 1.5)):
        page.set_viewport_size({"width": round(width / zoom), "height": round(800 / zoom)})
        page.wait_for_timeout(700)  # a new size is drawn in steps
        assert not sticks_out(page), width
        assert overlaps(page) == [], (width, zoom)
    if path == "":
        page.set_viewport_size({"width": 1280, "height": 800})
        page.wait_for_timeout(700)
        grid = part(page, "grid").bounding_box()
        verdict = part(page, "verdict").bounding_box()
        assert grid is not None
        assert verdict is not None
        assert verdict["y"] < grid["y"]
        assert grid["y"] + grid["height"] <= 800, "all rows stand above the fold"
