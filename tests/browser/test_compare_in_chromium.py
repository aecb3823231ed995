import io
import re
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect
from using import choose_example, part, predictions, ready, title, type_words, upload, words

from ser_core.synthesis.examples import load_examples

TITLES = ["Text", "Audio", "Late fusion", "Single-stage fusion", "Multistage fusion"]
MODELS = ["text", "audio", "late", "single_stage", "multistage"]
EXAMPLE = load_examples()[1]


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
    ready(page)
    for name in TITLES:
        expect(part(page, "grid").get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(page.get_by_text("synthetic voice")).to_be_visible()

    # Another example brings its own words, and other predictions.
    first = predictions(page)["models"]
    assert list(first) == MODELS
    choose_example(page, EXAMPLE.title)
    expect(words(page)).to_have_value(EXAMPLE.transcript)
    second = predictions(page)["models"]
    assert all(second[model] != first[model] for model in MODELS)

    # An edit changes what reads the words, and nothing else.
    type_words(page, "The funeral is tomorrow, and I cannot bear it.")
    third = predictions(page)["models"]
    assert [model for model in MODELS if third[model] == second[model]] == ["audio"]

    # The address reproduces the view in another tab.
    other = page.context.new_page()
    other.goto(page.url)
    expect(words(other)).to_have_value("The funeral is tomorrow, and I cannot bear it.")
    assert predictions(other)["models"] == third
    other.close()

    # Without words the text model keeps an empty row.
    page.get_by_text("Use the words", exact=True).click()
    expect(part(page, "grid")).to_contain_text("there are none")
    assert list(predictions(page)["models"]) == MODELS[1:]


def test_late_fusion_is_weighed_in_its_row(page: Page) -> None:
    ready(page)
    before = predictions(page)
    slider = part(page, "grid").locator("input[type=range]")
    slider.focus()
    slider.press("Home")
    expect(page).to_have_url(re.compile("late=0.00"))
    after = predictions(page)
    assert after["late_weights"] == {"late": 0.0}
    voice = after["models"]["audio"]["probabilities"]
    assert after["models"]["late"]["probabilities"] == pytest.approx(voice)
    for model in ("text", "audio", "single_stage", "multistage"):
        assert after["models"][model] == before["models"][model]


def test_own_recordings(page: Page, recording: Path) -> None:
    ready(page)
    upload(page, "my voice.wav", recording.read_bytes())
    expect(title(page)).to_have_text("my voice.wav")
    wav = predictions(page)
    assert wav["clip"]["name"] == "my voice.wav"
    assert wav["transcript"]["source"] == "asr"
    assert len(wav["transcript"]["text"].split()) >= 3
    assert list(wav["models"]) == MODELS

    # A broken file is explained, and the last result stays.
    upload(page, "broken.wav", b"RIFF\x24\x00\x00\x00WAVEfmt nonsense")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("has not changed")
    assert predictions(page) == wav

    # What telephones send, and the same sound: the same words, and nearly the same answers.
    upload(page, "memo.m4a", m4a(recording))
    expect(title(page)).to_have_text("memo.m4a")
    memo = predictions(page)
    assert memo["clip"]["sample_rate"] == 44_100
    assert memo["clip"]["duration_s"] == pytest.approx(wav["clip"]["duration_s"], abs=0.1)
    for model in ("audio", "multistage"):
        values = [list(found["models"][model]["probabilities"].values()) for found in (wav, memo)]
        assert np.allclose(*values, atol=0.1)


def test_the_microphone(page: Page) -> None:
    ready(page)
    part(page, "change_clip").locator("button").first.click()
    page.get_by_role("dialog").get_by_role("radio", name="Record").click()
    page.get_by_role("button", name="Record").last.click()
    timer = page.get_by_test_id("stAudioInputWaveformTimeCode")
    expect(timer).to_have_text(re.compile("00:0[3-9]"))
    page.get_by_role("button", name="Stop recording").click()
    expect(title(page)).to_have_text("Your recording")
    found = predictions(page)
    assert found["clip"]["duration_s"] > 2.0
    assert "audio" in found["models"]
    expect(page.locator("audio")).to_have_count(1)  # one player, after recording too


def test_names_of_controls_are_unique(page: Page) -> None:
    ready(page)
    names = page.evaluate("""() => {
        const found = [];
        const walk = (root) => root.querySelectorAll("*").forEach((e) => {
            if (e.shadowRoot) walk(e.shadowRoot);
            if (!e.matches("button, input, select, textarea, [role=slider]")) return;
            if (!e.checkVisibility() || e.closest("[data-retained], [popover]")) return;
            const label = e.getAttribute("aria-label") || e.innerText || e.labels?.[0]?.innerText;
            if (label && e.tabIndex >= 0) found.push(label.trim());
        });
        walk(document.querySelector("[data-testid=stMain]"));
        return found;
    }""")
    twice = {name for name in names if names.count(name) > 1}
    assert not twice
