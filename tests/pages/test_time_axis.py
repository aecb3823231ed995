"""What Python sends to the time axis, and how a page and its user agree on a range."""

import base64
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.time_axis import Range, Shown, reconcile
from ser_core.figures.time_axis import (
    MAX_COLUMNS,
    common_scale,
    hertz_ticks,
    pack_attribution,
    pack_log_mel,
    pack_wave,
)
from ser_core.inputs.features import FrontEnd, log_mel, mel_frequencies

RATE = 16_000


def noise(seconds: float) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.uniform(-0.5, 0.5, int(seconds * RATE)).astype(np.float32)


def axis(seconds: float, **settings: Any) -> tuple[dict[str, Any], int]:
    """A page with one axis: the data that it sends, and the bytes of it."""

    def page(seconds: float, given: str) -> None:
        import json

        import numpy as np

        from pages.components.time_axis import Overlay, TimedWord, player, time_axis
        from ser_core.inputs.audio import from_samples
        from ser_core.inputs.features import log_mel

        settings = json.loads(given)
        generator = np.random.default_rng(0)
        samples = generator.uniform(-0.5, 0.5, int(seconds * 16_000)).astype(np.float32)
        clip = from_samples(samples, 16_000)
        player(b"RIFF", "a clip")
        words = [TimedWord(**word) for word in settings.pop("words", [])]
        if settings.pop("overlay", False):
            mel = log_mel(clip.samples).numpy()
            overlay = Overlay(generator.standard_normal(mel.shape), "angry")
            settings |= {"height": "full", "log_mel": mel, "overlay": overlay}
        time_axis(clip, key="axis", title="a clip", words=words, **settings)

    arguments = (seconds, json.dumps(settings))
    at = AppTest.from_function(page, default_timeout=60, args=arguments).run()
    assert not at.exception
    (element,) = at.get("bidi_component")
    return json.loads(element.proto.json), element.proto.ByteSize()


def test_a_clip_of_five_seconds_is_light() -> None:
    _, compact = axis(5.0)
    data, full = axis(5.0, overlay=True)
    assert compact < 40_000  # most of it is the component's own script
    assert full < 140_000
    assert data["mel"]["columns"] == 501
    assert data["mel"]["span"] == pytest.approx([-0.005, 5.005])


@pytest.mark.parametrize("seconds", [0.1, 300.0])
def test_the_shortest_and_the_longest_clip(seconds: float) -> None:
    data, size = axis(seconds, overlay=True)
    assert size < 260_000
    wave = np.frombuffer(base64.b64decode(data["wave"]), np.int8).reshape(-1, 2)
    assert len(wave) == MAX_COLUMNS
    assert np.abs(wave).max() == 127
    columns = data["mel"]["columns"]
    assert columns <= MAX_COLUMNS
    assert len(base64.b64decode(data["overlay"]["cells"])) == columns * 64
    start, end = data["mel"]["span"]
    assert start == pytest.approx(-0.005)
    assert seconds <= end < seconds * 1.01 + 0.01


def test_words_stay_within_the_clip_and_are_numbers() -> None:
    words = [
        {"text": "before", "start": -1.0, "end": 0.2, "value": -3.0},
        {"text": "after", "start": 0.9, "end": 9.0, "value": math.nan},
        {"text": "backwards", "start": 0.5, "end": 0.4},
        {"text": "lost", "start": math.nan, "end": 0.5},
        {"text": "typed"},
    ]
    data, _ = axis(1.0, words=words)
    times = [(word["start"], word["end"], word["value"]) for word in data["words"]]
    assert times == [
        (0.0, 0.2, -1.0),
        (0.9, 1.0, None),
        (0.5, 0.5, None),
        (None, None, None),
        (None, None, None),
    ]


def test_the_outline_holds_the_extremes_of_each_part() -> None:
    samples = noise(3.0)
    outline = np.frombuffer(pack_wave(samples), np.int8).reshape(-1, 2) / 127
    parts = samples.reshape(MAX_COLUMNS, -1) / np.abs(samples).max()
    assert np.allclose(outline[:, 0], parts.max(axis=1), atol=0.005)
    assert np.allclose(outline[:, 1], parts.min(axis=1), atol=0.005)


def test_high_bands_are_drawn_above_and_loud_cells_bright() -> None:
    mel = np.full((30, 64), -100.0)
    mel[10, 63] = 0.0
    mel[20, 0] = -40.0
    picture = pack_log_mel(mel)
    cells = np.frombuffer(picture.data, np.uint8).reshape(picture.bands, picture.columns)
    assert cells[0, 10] == 255
    assert cells[63, 20] == 128
    assert np.count_nonzero(cells) == 2


def test_a_column_is_the_mean_of_its_frames() -> None:
    values = np.zeros((2 * MAX_COLUMNS, 64))
    values[0], values[1], values[2], values[5, 3] = 1.0, -1.0, 0.5, np.nan
    picture = pack_attribution(values, scale=0.5)
    cells = np.frombuffer(picture.data, np.int8).reshape(64, -1)
    assert (picture.columns, picture.group) == (MAX_COLUMNS, 2)
    assert (cells[:, 0] == 0).all()
    assert (cells[:, 1] == 64).all()
    assert not cells[:, 2:].any()


def test_maps_share_a_scale() -> None:
    quiet, loud = np.linspace(0, 0.1, 1000), np.linspace(0, 1.0, 1000)
    assert common_scale([quiet]) < common_scale([quiet, loud]) <= 1.0
    assert common_scale([np.zeros(5)]) == 1.0
    assert common_scale([np.array([np.nan, -2.0])]) > 0


def test_frequencies_stand_at_their_bands() -> None:
    heights = dict(hertz_ticks(FrontEnd()))
    assert list(heights) == ["200 Hz", "500 Hz", "1 kHz", "2 kHz", "4 kHz", "8 kHz"]
    centres = mel_frequencies()
    for hertz, label in ((200, "200 Hz"), (1000, "1 kHz"), (4000, "4 kHz")):
        band = float(np.interp(hertz, centres, np.arange(64)))
        assert heights[label] == pytest.approx((band + 0.5) / 64, abs=0.004)
    # A tone is brightest where its label stands.
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    loudest = int(log_mel(tone).mean(dim=0).argmax())
    assert abs(heights["1 kHz"] * 64 - 0.5 - loudest) <= 1


class Session:
    """Runs of a script with one axis, as far as its range is concerned."""

    def __init__(self) -> None:
        self.shown: Shown | None = None
        self.reported: dict[str, Any] | None = None

    def run(self, given: Range | None, digest: str = "clip") -> Range | None:
        self.shown, chosen = reconcile(self.shown, digest, given, self.reported)
        return chosen

    def drag(self, chosen: Range | None) -> None:
        assert self.shown is not None
        self.reported = {"version": self.shown.version, "range": chosen and list(chosen)}


def keeps(session: Session) -> Callable[[], Range | None]:
    """A page that keeps the range and passes it in the next run."""
    kept: list[Range | None] = [None]

    def run() -> Range | None:
        kept[0] = session.run(kept[0])
        return kept[0]

    return run


def test_a_range_belongs_to_the_user() -> None:
    session = Session()
    run = keeps(session)
    assert run() is None
    for wish in ((1.0, 2.0), (0.5, 0.7), None, (3.0, 4.0)):  # each reaches the page at once
        session.drag(wish)
        assert run() == wish
        assert run() == wish
    assert session.shown is not None
    assert session.shown.version == 0  # nothing was ever sent back


def test_a_page_need_not_keep_it() -> None:
    session = Session()
    session.run(None)
    session.drag((1.0, 2.0))
    assert session.run(None) == (1.0, 2.0)
    assert session.run(None) == (1.0, 2.0)


def test_a_page_may_wish_for_another() -> None:
    session = Session()
    session.run(None)
    session.drag((1.0, 2.0))
    session.run(None)
    assert session.run((5.0, 6.0)) == (5.0, 6.0)
    assert session.run((5.0, 6.0)) == (5.0, 6.0)  # the old report is no answer to it
    session.drag((1.0, 2.0))
    assert session.run((5.0, 6.0)) == (1.0, 2.0)
    assert session.run((1.0, 2.0)) == (1.0, 2.0)
    assert session.run(None) is None


def test_another_clip_has_no_range() -> None:
    session = Session()
    session.run(None)
    session.drag((1.0, 2.0))
    session.run(None)
    assert session.run(None, digest="another") is None


def test_a_range_survives_another_page() -> None:
    session = Session()
    run = keeps(session)
    run()
    session.drag((1.0, 2.0))
    run()
    run()
    session.reported = None  # Streamlit drops the state of what a page does not show
    assert run() == (1.0, 2.0)
    assert session.shown is not None
    assert session.shown.pushed == (1.0, 2.0)
