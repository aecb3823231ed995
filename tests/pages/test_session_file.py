import json
from dataclasses import replace

import numpy as np
import pytest

from pages import _resources as resources
from pages import _session_file as session_file
from pages import _state as state
from ser_core.errors import SerError
from ser_core.inputs.audio import Clip, from_samples


def recording(seed: int, *, exact: bool) -> state.OpenClip:
    """An own clip whose samples 16 bits hold exactly, or not."""
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, 16_000).astype(np.float32)
    if exact:
        samples = np.rint(samples * 32768).astype(np.float32) / 32768
    clip = replace(from_samples(samples, 16_000, "mine.wav"), notes=("The end is missing.",))
    return state.OpenClip(clip, "mine.wav", token=resources.recordings().keep(clip, "mine.wav"))


def lesson() -> state.View:
    return state.View(
        current=state.Variant(recording(1, exact=True), text="Hello.", late_weight=0.25),
        kept=(
            state.Variant(state.example("rain"), use_words=False),
            state.Variant(recording(2, exact=False), accepted=True),
        ),
        models=("text", "audio"),
        output="angry",
        span=(0.1, 0.5),
        options=(("attribution.method", "occlusion"),),
    )


def same(a: Clip, b: Clip) -> bool:
    return a.digest == b.digest and a.source == b.source and a.notes == b.notes


def test_a_lesson_is_saved_and_restored_without_loss() -> None:
    view = lesson()
    found = session_file.load(session_file.save(view).encode())
    variants = [(view.current, found.current), *zip(view.kept, found.kept, strict=True)]
    for before, after in variants:
        assert before is not None
        assert after is not None
        assert same(before.clip.clip, after.clip.clip)
        assert replace(after, clip=before.clip) == before
        assert after.clip.title == before.clip.title
        assert (after.clip.token == "") is (before.clip.token == "")
    assert (found.models, found.output, found.span) == (view.models, view.output, view.span)
    assert found.options == view.options
    assert len(found.recent) == 3


def test_it_survives_the_memory_of_the_server() -> None:
    view = lesson()
    document = session_file.save(view).encode()
    assert view.current is not None
    state.resources.recordings().forget(view.current.clip.token)
    found = session_file.load(document)
    assert found.current is not None
    assert same(state.recording(found.current.clip.token).clip, view.current.clip.clip)


def test_an_empty_view() -> None:
    assert session_file.load(session_file.save(state.View()).encode()) == state.View()


def damaged(**changes: object) -> bytes:
    return json.dumps(json.loads(session_file.save(lesson())) | changes).encode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"[]", "damaged"),
        (b"{}", "damaged"),
        (b'{"format": "else"}', "no session file"),
        (damaged(version=99), "another version"),
        (damaged(clips={}), "damaged"),
        (damaged(clips={"clip1": {"title": "x", "flac": "????"}}), "damaged"),
        (damaged(clips={"clip1": {"title": "x"}}), "damaged"),
        (damaged(clips={"clip1": {"title": "x", "example": "elephant"}}), "no example"),
        (damaged(current={"clip": "clip1"}), "damaged"),
        (damaged(kept=7), "damaged"),
        (damaged(span=[1]), "damaged"),
    ],
)
def test_damage_is_told_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(SerError, match=sentence):
        session_file.load(data)


def test_a_bomb_is_not_unpacked() -> None:
    import base64
    import zlib

    bomb = base64.b64encode(zlib.compress(bytes(2**28))).decode()
    clips = {"clip1": {"title": "x", "float32": bomb, "notes": [], "source": {}}}
    with pytest.raises(SerError):
        session_file.load(damaged(clips=clips))
