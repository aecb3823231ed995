"""Voices heard relative to their speakers: what Evaluation and Compare offer, and say."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs

import pandas as pd
import pytest
import soundfile
import streamlit as st
from fixtures import RATE, tone
from reading import grid, link, said, values, view
from streamlit.testing.v1 import AppTest
from tiny import write_knowing_checkpoints

from pages import _export as export
from pages import _session_file as session_file
from pages import _state as state
from ser_core.errors import SerError
from ser_core.inputs.audio import load
from ser_core.inputs.speech import Recogniser
from ser_core.labels import CATEGORIES

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="module", autouse=True)
def _knowing(
    tmp_path_factory: pytest.TempPathFactory, recogniser: Recogniser, _fresh_caches: None
) -> Iterator[None]:
    """Models of which some know speakers, instead of those of the other tests."""
    root = write_knowing_checkpoints(tmp_path_factory.mktemp("knowing"), recogniser)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_CHECKPOINTS", str(root))
        st.cache_resource.clear()
        yield


@pytest.fixture(scope="module")
def recordings() -> dict[str, bytes]:
    """Thirteen clips of one speaker, and one of another."""
    found = {}
    for number in range(14):
        buffer = io.BytesIO()
        samples = tone(CATEGORIES[number % 4], 0.4, number)
        soundfile.write(buffer, samples, RATE, format="WAV")
        found[f"{number:02}.wav"] = buffer.getvalue()
    return found


def table(speaker: str = "one") -> bytes:
    lines = [
        f"{number:02}.wav,{CATEGORIES[number % 4]},{'other' if number == 13 else speaker},So it is."
        for number in range(14)
    ]
    return "\n".join(["file,category,speaker,transcript", *lines]).encode()


def open_evaluation(open_page: OpenPage, files: dict[str, bytes], **options: str) -> AppTest:
    at = open_page()
    at.session_state["own_uploads"] = files
    chosen = {"evaluation.source": "own", "own.set": "upload", "evaluation.part": "figures"}
    chosen |= {f"evaluation.{key}": value for key, value in options.items()}
    at.session_state["view"] = replace(view(at), options=tuple(sorted(chosen.items())))
    return at.switch_page("pages/evaluation.py").run()


def finished(at: AppTest) -> AppTest:
    for _ in range(400):
        if not any("Cancel" in button.label for button in at.button):
            assert not at.exception
            return at
        at.run()
    raise AssertionError("the job does not end")


def has(at: AppTest, key: str) -> bool:
    return any(box.key == key for box in at.selectbox)


def test_a_set_relative_to_speakers_stands_beside_the_plain_one(
    open_page: OpenPage, recordings: dict[str, bytes]
) -> None:
    at = open_evaluation(open_page, recordings | {"labels.csv": table()})
    assert at.selectbox(key="evaluation_speakers").value == "off"
    at.selectbox(key="evaluation_speakers").set_value("others").run()
    finished(at.button(key="evaluation_predict").click().run())
    sets = at.selectbox(key="evaluation_set")
    assert sets.options == ["Your clips, own words", "Your clips, own words, reference"]
    assert sets.value == sets.options[0] and len(at.dataframe[0].value) > 3
    finished(sets.set_value(sets.options[1]).run())
    shown = set(at.dataframe[0].value["model"])
    assert shown == {"Late fusion", "Audio", "Foundation"}
    assert "1 clip is left out there" in said(at)


def test_it_is_offered_only_where_speakers_are_named(
    open_page: OpenPage, recordings: dict[str, bytes]
) -> None:
    assert not has(open_evaluation(open_page, recordings), "evaluation_speakers")
    at = open_evaluation(open_page, recordings | {"labels.csv": table()})
    assert has(at, "evaluation_speakers")


def test_it_is_not_offered_where_no_model_knows_speakers(
    open_page: OpenPage,
    recordings: dict[str, bytes],
    checkpoints: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("SER_CHECKPOINTS", str(checkpoints))
        st.cache_resource.clear()
        at = open_evaluation(open_page, recordings | {"labels.csv": table()}, speakers="others")
        assert not at.exception and not has(at, "evaluation_speakers")
    st.cache_resource.clear()


# Compare


@pytest.fixture
def own_clip(recordings: dict[str, bytes]) -> Callable[[AppTest], AppTest]:
    """The first of the recordings as the current clip."""

    def own_clip(at: AppTest) -> AppTest:
        clip = load(recordings["00.wav"], name="00.wav")
        token = state.resources.recordings().keep(clip, "00.wav")
        opened = state.OpenClip(clip, "00.wav", token=token)
        at.session_state["view"] = replace(view(at), current=state.Variant(opened, text="So."))
        return at.run()

    return own_clip


def prose(at: AppTest) -> str:
    """What is said, without Markdown's signs of what is none."""
    return said(at).replace("\\", "")


def opened(at: AppTest) -> AppTest:
    """With the control open."""
    at.session_state["speaker_reference"] = True
    return at.run()


def give(at: AppTest, files: dict[str, bytes]) -> AppTest:
    uploader = next(u for u in opened(at).file_uploader if "of the speaker" in u.label)
    uploader.set_value([(name, data, "audio/wav") for name, data in files.items()])
    return at.run()


def numbers(at: AppTest) -> dict[str, dict[str, float]]:
    return {title: values(at, title) for title in grid(at)}


def test_a_clip_is_heard_relative_to_other_recordings(
    open_page: OpenPage, own_clip: Callable[[AppTest], AppTest], recordings: dict[str, bytes]
) -> None:
    at = own_clip(open_page())
    before = numbers(at)
    assert "Heard relative" not in prose(at)
    give(at, recordings)
    assert "Heard relative to 13 other recordings of the speaker by: " in prose(at)
    after = numbers(at)
    changed = {title for title in before if before[title] != after[title]}
    assert changed == {"Audio", "Late fusion", "Foundation"}
    clips = [load(data) for data in recordings.values()]
    analyzer = state.resources.analyzer()
    expected = analyzer.analyze(clips[0], "So.", speaker=analyzer.reference(clips[1:]))
    prediction = expected.predictions["audio"]
    whole = prediction.probabilities | prediction.dimensions
    assert after["Audio"] == pytest.approx(whole, abs=6e-4)
    at.button(key="speaker_remove").click().run()
    assert numbers(at) == before and "Heard relative" not in prose(at)


def test_the_control_is_closed_and_only_where_a_model_knows_speakers(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page()
    labels = {popover.proto.popover.label for popover in at.get("popover")}
    assert "Speaker's reference" in labels and not any(
        "of the speaker" in uploader.label for uploader in at.file_uploader
    )
    at.session_state["view"] = replace(view(at), models=("text", "multistage"))
    labels = {popover.proto.popover.label for popover in at.run().get("popover")}
    assert "Speaker's reference" not in labels


def test_few_recordings_are_doubted_and_a_bad_one_is_told(
    open_page: OpenPage, own_clip: Callable[[AppTest], AppTest], recordings: dict[str, bytes]
) -> None:
    few = dict(list(recordings.items())[:4])
    at = give(own_clip(open_page()), few | {"broken.wav": b"RIFF nonsense", "labels.zip": b"PK"})
    assert "relative to 3 other recordings" in prose(at)  # the clip itself is the fourth
    assert "of 3 clips: with fewer than 10 it can hurt" in prose(at)
    told = [error.value.replace("\\", "") for error in opened(at).error]
    assert len(told) == 2 and told[0].startswith("labels.zip is no ZIP file")
    assert told[1].startswith("broken.wav: ")
    give(at, dict(list(recordings.items())[2:9]))
    assert "relative to 8 other recordings" in prose(at)  # further ones are added, none twice
    assert not opened(at).error


def test_the_clip_alone_is_no_reference_of_itself(
    open_page: OpenPage, own_clip: Callable[[AppTest], AppTest], recordings: dict[str, bytes]
) -> None:
    at = own_clip(open_page())
    before = numbers(at)
    give(at, {"another name.wav": recordings["00.wav"]})
    assert "is this clip itself: give others" in prose(at) and numbers(at) == before


def test_it_stays_on_other_pages_and_in_the_link(
    open_page: OpenPage, own_clip: Callable[[AppTest], AppTest], recordings: dict[str, bytes]
) -> None:
    at = give(own_clip(open_page()), recordings)
    shown = numbers(at)
    at.switch_page("pages/what_if.py").run()
    assert not at.exception
    at.switch_page("pages/compare.py").run()
    assert numbers(at) == shown
    again = open_page(**{key: found[-1] for key, found in parse_qs(link(at)).items()})
    assert numbers(again) == shown and "relative to 13 other" in prose(again)
    current = view(at).current
    assert current is not None and current.speaker is not None
    state.resources.speakers().forget(current.speaker.token)
    later = open_page(**{key: found[-1] for key, found in parse_qs(link(at)).items()})
    assert any("are gone" in error.value for error in later.error)
    at.session_state["view"] = replace(view(at), current=replace(current, speaker=None))
    opened(at.run()).button(key="speaker_again").click().run()
    assert numbers(at) == shown


def test_another_clip_keeps_it_but_not_the_synthetic_voice(
    recordings: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    class State(dict):  # type: ignore[type-arg]
        __getattr__ = dict.__getitem__
        __setattr__ = dict.__setitem__

    monkeypatch.setattr(state, "st", SimpleNamespace(session_state=State()))
    state.open_recording(recordings["00.wav"], "00.wav")
    given = state.resources.speakers().keep({}, "")
    state.edit(speaker=given)
    state.open_recording(recordings["01.wav"], "01.wav")
    assert state.view().current.speaker == given  # type: ignore[union-attr]
    state.open_example(next(iter(state.resources.examples())))
    assert state.view().current.speaker is None  # type: ignore[union-attr]


def test_a_kept_variant_has_its_own_speaker(
    open_page: OpenPage, own_clip: Callable[[AppTest], AppTest], recordings: dict[str, bytes]
) -> None:
    at = own_clip(open_page())
    at.button(key="keep").click().run()
    give(at, recordings)
    assert [variant.speaker for variant in view(at).kept] == [None]
    at.button(key="keep").click().run()
    table = at.dataframe[0].value
    assert table["words"].tolist() == ["“So.”", "“So.”, relative to the speaker"]
    shown = table["Foundation"]
    assert shown[0] != shown[1] and shown[1].endswith("(+0.00)")
    analyses = [state.resources.analyzer().analyze(view(at).current.clip.clip, "So.")]  # type: ignore[union-attr]
    reference = view(at).current.speaker.reference(view(at).current.clip.clip)  # type: ignore[union-attr]
    analyses.append(replace(analyses[0], speaker=reference))
    written = pd.read_csv(io.BytesIO(export.to_csv(analyses, ["audio"])))
    given = written[written["speaker_clips"].notna()]
    assert list(given["model"]) == ["audio"] and list(given["speaker_clips"]) == [13]


def test_a_saved_session_brings_it_back(
    open_page: OpenPage, own_clip: Callable[[AppTest], AppTest], recordings: dict[str, bytes]
) -> None:
    at = give(own_clip(open_page()), recordings)
    saved = session_file.save(view(at))
    found = session_file.load(saved.encode()).current
    before = view(at).current
    assert found is not None and before is not None
    clip = before.clip.clip
    digests = [v.speaker.reference(clip).digest for v in (before, found)]  # type: ignore[union-attr]
    assert digests[0] == digests[1]
    document = json.loads(saved)
    (voice, *_) = document["speakers"]["speaker1"]["voices"]
    document["speakers"]["speaker1"]["voices"][voice] = "AAAA"
    with pytest.raises(SerError, match="damaged"):
        session_file.load(json.dumps(document).encode())
    del document["speakers"], document["current"]["speaker"]  # as older versions wrote it
    older = session_file.load(json.dumps(document).encode()).current
    assert older is not None and older.speaker is None
