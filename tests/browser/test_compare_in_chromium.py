import io
import json
import re
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from playwright.sync_api import Locator, Page, expect

from ser_core.synthesis.examples import load_examples

TITLES = ["Text", "Audio", "Late fusion", "Single-stage fusion", "Multistage fusion"]
MODELS = ["text", "audio", "late", "single_stage", "multistage"]
EXAMPLE = load_examples()[1]


def ready(page: Page) -> None:
    """Wait until the server has answered and the browser has drawn it."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(part(page, "plane").locator(".main-svg").first).to_be_visible()


def predictions(page: Page) -> dict[str, Any]:
    """What the page gives as JSON."""
    ready(page)
    with page.expect_download() as download:
        part(page, "download_json").locator("button").click()
    return json.loads(Path(download.value.path()).read_text("utf-8"))


def results(page: Page) -> dict[str, Any]:
    return predictions(page)["models"]


def part(page: Page, key: str) -> Locator:
    """An element by its key; not what Streamlit keeps of it, hidden, while it makes it anew."""
    return page.locator(f".st-key-{key}:not([data-retained])")


def transcript(page: Page) -> Locator:
    return page.get_by_label("Transcript", exact=True)


def choose_example(page: Page, title: str) -> None:
    box = part(page, "example").locator("input")
    box.click()
    box.fill(title)
    page.get_by_role("option", name=title, exact=True).click()


def upload(page: Page, name: str, data: bytes) -> None:
    chooser = part(page, "upload").locator("input[type=file]")
    chooser.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})


def m4a(path: Path) -> bytes:
    """The same sound as a telephone records it: AAC in MP4, 44.1 kHz stereo."""
    samples, rate = soundfile.read(path, dtype="float32")
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=44_100, layout="stereo")
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        frame.sample_rate = rate
        for resampled in av.AudioResampler("fltp", "stereo", 44_100).resample(frame):
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def test_a_visit(page: Page) -> None:
    # It opens with five predictions, each with a row in both parts of the grid.
    ready(page)
    for chart in ("categories", "dimensions", "plane"):
        for title in TITLES:
            expect(part(page, chart).get_by_text(title, exact=True)).to_be_visible()
    expect(part(page, "sound")).to_contain_text("seconds")
    expect(page.get_by_text("synthetic voice")).to_be_visible()

    # Another example brings its own words, and other predictions.
    first = results(page)
    assert list(first) == MODELS
    choose_example(page, EXAMPLE.title)
    expect(transcript(page)).to_have_value(EXAMPLE.transcript)
    second = results(page)
    assert all(second[model] != first[model] for model in MODELS)

    # An edit changes what reads the words, and nothing else.
    transcript(page).fill("The funeral is tomorrow, and I cannot bear it.")
    transcript(page).press("Control+Enter")
    expect(page.get_by_text("before the edit")).to_be_visible()
    third = results(page)
    assert [model for model in MODELS if third[model] == second[model]] == ["audio"]

    # The address reproduces the view in another tab.
    expect(page).to_have_url(re.compile(f"example={EXAMPLE.id}.*text=The\\+funeral"))
    other = page.context.new_page()
    other.goto(page.url)
    expect(transcript(other)).to_have_value("The funeral is tomorrow, and I cannot bear it.")
    assert results(other) == third
    other.close()

    # Without words the text model keeps an empty row.
    page.get_by_text("Use the words", exact=True).click()
    expect(part(page, "categories")).to_contain_text("needs words")
    assert list(results(page)) == MODELS[1:]


def test_own_recordings(page: Page, recording: Path) -> None:
    ready(page)
    page.get_by_role("radio", name="Upload").click()

    upload(page, "my voice.wav", recording.read_bytes())
    expect(page.get_by_text("my voice.wav").nth(1)).to_be_visible()
    expect(part(page, "verdict")).to_be_visible()
    wav = predictions(page)
    assert wav["clip"]["name"] == "my voice.wav"
    assert wav["transcript"]["source"] == "asr"
    assert len(wav["transcript"]["text"].split()) >= 3
    assert list(wav["models"]) == MODELS
    assert "example=" not in page.url

    # A broken file is explained, and the last result stays.
    upload(page, "broken.wav", b"RIFF\x24\x00\x00\x00WAVEfmt nonsense")
    expect(page.get_by_test_id("stAlert")).to_contain_text("The clip below has not changed.")
    assert predictions(page) == wav

    # What telephones send, and the same sound: the same words, and nearly the same answers.
    upload(page, "memo.m4a", m4a(recording))
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(page.get_by_text("memo.m4a").nth(1)).to_be_visible()
    memo = predictions(page)
    assert memo["clip"]["name"] == "memo.m4a"
    assert memo["clip"]["sample_rate"] == 44_100
    assert memo["clip"]["duration_s"] == pytest.approx(wav["clip"]["duration_s"], abs=0.1)
    for model in ("audio", "multistage"):
        values = [list(found["models"][model]["probabilities"].values()) for found in (wav, memo)]
        assert np.allclose(*values, atol=0.1)


def test_the_microphone(page: Page) -> None:
    ready(page)
    page.get_by_role("radio", name="Record").click()
    page.get_by_role("button", name="Record").click()
    timer = page.get_by_test_id("stAudioInputWaveformTimeCode")
    expect(timer).to_have_text(re.compile("00:0[3-9]"))
    page.get_by_role("button", name="Stop recording").click()
    expect(part(page, "verdict")).to_be_visible()
    expect(page.get_by_text("Your recording")).to_be_visible()
    found = predictions(page)
    assert found["clip"]["duration_s"] > 2.0
    assert found["clip"]["sample_rate"] == 16_000
    assert "audio" in found["models"]


def test_a_small_dark_screen(page: Page) -> None:
    """Nothing wider than the screen, and text in figures as bright as the page's own."""
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 400, "height": 800})
    page.reload()
    ready(page)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    for chart in ("sound", "categories", "dimensions", "plane"):
        box = part(page, chart).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 400
    label = part(page, "categories").get_by_text("Audio", exact=True)
    fill = label.evaluate("element => getComputedStyle(element).fill")
    assert min(int(channel) for channel in re.findall(r"\d+", fill)[:3]) > 180
