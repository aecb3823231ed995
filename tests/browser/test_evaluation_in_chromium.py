"""Clicks on figures of the evaluation page, and where they lead."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
import soundfile
from fixtures import tone
from playwright.sync_api import Locator, Page, expect
from servers import serve_app
from using import expect_fits_every_width, part, ready, title

from ser_core.evaluation.predict import Scores
from ser_core.evaluation.prediction_table import to_table, write
from ser_core.evaluation.predictions import Predictions, make_rows
from ser_core.labels import CATEGORIES, DIMENSIONS

ROW = 35  # pixels of the table's grid, see test_clips_in_chromium.py
PARTS = ["disagreement", "figures", "confusion", "calibration", "dimensions", "groups"]


def made_up() -> Predictions:
    """A hundred and sixty clips: `audio` is right of all but the happy ones, which it calls sad."""
    truth = np.arange(160) % 4
    decision = np.where(truth == 1, 2, truth)
    probabilities = 0.7 * np.eye(4)[decision] + 0.075
    rows = make_rows(
        pd.DataFrame(
            {
                "id": [f"clip {k}" for k in range(160)],
                "set": "made up",
                "clip": ["spoken.wav"] * 2 + [f"gone-{k}.wav" for k in range(158)],
                "speaker": [f"s{k % 8}" for k in range(160)],
                "sex": np.where(np.arange(160) % 8 < 4, "female", "male"),
                "category": np.array(CATEGORIES)[truth],
                **{name: np.linspace(0, 1, 160) for name in DIMENSIONS},
            }
        )
    )
    ratings = np.linspace(0.2, 0.8, 480).reshape(160, 3)
    other = Scores(np.roll(probabilities, 41, axis=0), ratings)
    return Predictions(rows, {"audio": Scores(probabilities, ratings), "multistage": other})


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("evaluation")
    data = folder / "data"
    data.mkdir()
    shutil.copy(recording, data / "spoken.wav")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_DATA", str(data))
        with serve_app(folder) as address:
            write(made_up(), folder / "checkpoints" / "reference" / "predictions.parquet")
            yield address


def cell(page: Page, key: str, label: str, decision: str) -> Locator:
    number = 4 * CATEGORIES.index(label) + CATEGORIES.index(decision)
    return part(page, f"evaluation_confusion_{key}").locator(".bars .point path").nth(number)


def click(page: Page, mark: Locator) -> None:
    """The layer on top of plotly's marks takes the click."""
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_cell_of_an_uploaded_table_is_played_and_opened_elsewhere(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/evaluation?evaluation.source=table&evaluation.part=confusion")
    table = to_table(made_up()).to_csv(index=False).encode()
    part(page, "evaluation_upload").locator("input[type=file]").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": table}
    )
    ready(page)
    click(page, cell(page, "audio", "happy", "sad"))
    expect(page.get_by_text("Labelled happy, called sad by Audio: 40 clips.")).to_be_visible()
    expect(page.get_by_text("40 clips, 39 of them without sound")).to_be_visible()
    grid = part(page, "evaluation_selection").get_by_test_id("stDataFrame")
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 17, box["y"] + 1.5 * ROW)  # tick the first row
    part(page, "evaluation_selection_play_ticked").locator("button").click()
    expect(title(page)).to_have_text("spoken.wav")
    ready(page)
    part(page, "evaluation_selection_open_ticked").locator("button").first.click()
    page.get_by_role("menuitem", name="Compare").or_(
        page.get_by_role("option", name="Compare")
    ).first.click()
    expect(page.get_by_role("heading", name="What do the words say")).to_be_visible()
    expect(title(page)).to_have_text("spoken.wav")


def test_the_difference_and_a_bar_select_their_clips(page: Page, address: str) -> None:
    page.goto(f"{address}/evaluation?evaluation.part=calibration")
    ready(page)
    click(
        page,
        part(page, "evaluation_calibration_multistage").locator(".bars .point path").first,
    )
    expect(page.get_by_text("Confidence of Multistage fusion from")).to_be_visible()
    page.get_by_text("Confusion", exact=True).click()
    ready(page)
    click(page, cell(page, "difference", "happy", "sad"))
    said = "Labelled happy, called sad by only one of Multistage fusion and Audio"
    expect(page.get_by_text(said)).to_be_visible()


def zip_of_clips() -> bytes:
    """Eight labelled recordings in a folder, and one that is broken."""
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        lines = ["file,category,speaker"]
        for number in range(8):
            category = ("happy", "sad")[number % 2]
            sound = io.BytesIO()
            soundfile.write(sound, tone(category, 0.8, number), 16_000, format="WAV")
            archive.writestr(f"mine/{number}.wav", sound.getvalue())
            lines.append(f"{number}.wav,{category},s{number % 2}")
        archive.writestr("mine/broken.wav", b"RIFF nonsense")
        archive.writestr("mine/labels.csv", "\n".join(lines))
    return packed.getvalue()


def test_a_zip_of_clips_is_evaluated_played_and_mapped(page: Page, address: str) -> None:
    page.goto(f"{address}/evaluation?evaluation.source=own&own.set=upload")
    expect(page.get_by_text("There are no recordings")).to_be_visible()
    part(page, "own_files").locator("input[type=file]").set_input_files(
        {"name": "mine.zip", "mimeType": "application/zip", "buffer": zip_of_clips()}
    )
    expect(page.get_by_text("9 recordings, here and")).to_be_visible()
    part(page, "evaluation_words").get_by_role("combobox").click()
    page.get_by_role("option", name="no text").click()
    page.wait_for_url("**evaluation.words=none**")
    ready(page)
    part(page, "evaluation_predict").locator("button").click()
    ready(page)
    expect(page.get_by_text("1 clip is left out (mine/broken.wav)")).to_be_visible()
    grid = part(page, "evaluation_disagreement").get_by_test_id("stDataFrame")
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 17, box["y"] + 1.5 * ROW)
    part(page, "evaluation_disagreement_play_ticked").locator("button").click()
    expect(title(page)).to_have_text(re.compile(r"^\d\.wav$"))
    ready(page)
    page.get_by_text("Survey", exact=True).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text="Map").click()
    part(page, "map_clips").get_by_role("combobox").click()
    page.get_by_role("option", name="Your upload").click()
    expect(page.locator(".scatter[data-painted='8']")).to_be_visible()


@pytest.mark.parametrize("name", PARTS)
def test_every_part_fits_every_width(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/evaluation?evaluation.part={name}")
    ready(page)
    expect_fits_every_width(page)
