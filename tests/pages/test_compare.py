"""Compare's server side. What is chosen in dialogs and components is tested in Chromium."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

import numpy as np
import pytest
import reading
import streamlit as st
from reading import grid, link, said, values, view
from streamlit.testing.v1 import AppTest

from pages import _state as state
from ser_core.analysis import Analyzer
from ser_core.errors import RecogniserError
from ser_core.inputs.audio import from_samples
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.transcript import Transcript
from ser_core.synthesis.examples import load_examples

OpenPage = Callable[..., AppTest]
Heard = Callable[[Transcript | Exception], None]
TITLES = ["Text", "Audio", "Late fusion", "Single-stage fusion", "Multistage fusion"]
NAMES = ["text", "audio", "late", "single_stage", "multistage"]
FIRST, SECOND, *_ = load_examples()
SILENT = next(example for example in load_examples() if not example.transcript)
EDIT = "The funeral is tomorrow and I cannot bear it."


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Let the recogniser give this instead of listening."""

    def heard(result: Transcript | Exception) -> None:
        def transcribe(self: Recogniser, clip: object) -> Transcript:
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(Recogniser, "transcribe", transcribe)

    return heard


def own_clip(at: AppTest, seconds: float = 1.0, hertz: float = 220.0) -> AppTest:
    """Make a tone of the user's own the current clip."""
    time = np.arange(round(16_000 * seconds)) / 16_000
    clip = from_samples(0.3 * np.sin(2 * np.pi * hertz * time), 16_000, "my _voice_.wav")
    token = state.resources.recordings().keep(clip, "my _voice_.wav")
    variant = state.Variant(state.OpenClip(clip, "my _voice_.wav", token=token))
    at.session_state["view"] = replace(view(at), current=variant)
    return at.run()


def warned(at: AppTest) -> list[str]:
    return [warning.value for warning in [*at.warning, *at.info]]


def test_it_opens_with_an_example_and_the_predictions_of_all_models(
    open_page: OpenPage, checkpoints: object
) -> None:
    at = open_page()
    assert list(grid(at)) == TITLES
    assert at.text_area(key="words_box").value == FIRST.transcript
    expected = Analyzer(str(checkpoints)).analyze_file(FIRST.path, transcript=FIRST.transcript)
    for title, name in zip(TITLES, NAMES, strict=True):
        prediction = expected.predictions[name]
        whole = prediction.probabilities | prediction.dimensions
        assert values(at, title) == pytest.approx(whole, abs=6e-4)
        assert str(prediction.decision) in grid(at)[title][0]
    assert "synthetic voice" in said(at)
    assert "not for decisions about people" in said(at)


def test_an_edit_changes_only_what_reads_the_words(open_page: OpenPage) -> None:
    at = open_page()
    before = {title: values(at, title) for title in TITLES}
    at.text_area(key="words_box").set_value(EDIT).run()
    for title in TITLES:
        assert (values(at, title) == before[title]) is (title == "Audio"), title
    assert any("before the edit" in cell for cell in grid(at)["Text"])
    assert not any("before the edit" in cell for cell in grid(at)["Audio"])

    at.button(key="undo_words").click().run()
    assert {title: values(at, title) for title in TITLES} == before
    assert at.text_area(key="words_box").value == FIRST.transcript


def test_an_edit_back_to_the_first_words_is_no_edit(open_page: OpenPage) -> None:
    at = open_page()
    at.text_area(key="words_box").set_value(EDIT).run()
    at.text_area(key="words_box").set_value(f" {FIRST.transcript} ").run()
    assert view(at).current == state.Variant(view(at).current.clip)  # type: ignore[union-attr]
    assert link(at) == f"example={FIRST.id}"


@pytest.mark.parametrize("switched_off", [True, False])
def test_without_words_the_text_model_has_no_answer(
    open_page: OpenPage, switched_off: bool
) -> None:
    at = open_page()
    audio = values(at, "Audio")
    if switched_off:
        at.toggle(key="use_words_box").set_value(False).run()
        assert at.text_area(key="words_box").disabled
    else:
        at.text_area(key="words_box").set_value("  ").run()
    assert list(grid(at)) == TITLES
    assert "there are none" in " ".join(grid(at)["Text"])
    assert values(at, "Audio") == values(at, "Late fusion") == audio


def test_the_weight_of_the_view_changes_only_late_fusion(open_page: OpenPage) -> None:
    default, words, voice = (open_page(example=FIRST.id, late=late) for late in ("0.5", "1.0", "0"))
    assert values(words, "Late fusion") == values(words, "Text")
    assert values(voice, "Late fusion") == values(voice, "Audio")
    for title in TITLES:
        if title != "Late fusion":
            assert values(words, title) == values(voice, title) == values(default, title)


def test_another_clip_brings_its_own_words(open_page: OpenPage) -> None:
    at = open_page()
    at.text_area(key="words_box").set_value("edited").run()
    at.session_state["view"] = replace(
        view(at), current=state.Variant(state.example(SECOND.id), late_weight=0.25)
    )
    at.run()
    assert at.text_area(key="words_box").value == SECOND.transcript
    assert SECOND.title in said(at)
    assert not any("before the edit" in cell for cell in grid(at)["Text"])


class TestLink:
    def test_it_reproduces_the_view(self, open_page: OpenPage) -> None:
        at = open_page(example=SECOND.id, late="0.30")
        at.text_area(key="words_box").set_value("I love this & everything!").run()
        at.button(key="keep").click().run()
        at.toggle(key="use_words_box").set_value(False).run()
        again = open_page(**parse_qs(link(at)))
        assert view(again).current == view(at).current
        assert view(again).kept == view(at).kept
        assert grid(again) == grid(at)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"example": FIRST.id, "late": "nan"},
            {"example": FIRST.id, "late": "7", "words": "perhaps", "heard": "maybe"},
            {"late": "x", "text": "no example, no text"},
        ],
    )
    def test_what_it_has_wrong_is_left_out(
        self, open_page: OpenPage, wrong: dict[str, str]
    ) -> None:
        at = open_page(**wrong)
        assert list(grid(at)) == TITLES
        assert at.text_area(key="words_box").value == FIRST.transcript
        assert link(at) == f"example={FIRST.id}"

    @pytest.mark.parametrize("wrong", [{"example": "../../etc/passwd"}, {"rec": "guessed"}])
    def test_what_is_not_there_is_told(self, open_page: OpenPage, wrong: dict[str, str]) -> None:
        at = open_page(**wrong)
        assert not at.exception
        (error,) = at.error
        assert "no example" in error.value or "is gone" in error.value
        assert link(at) == f"example={FIRST.id}"


class TestOwnClip:
    def test_it_is_recognised(self, open_page: OpenPage, heard: Heard) -> None:
        heard(Transcript("Hello there.", "asr"))
        at = open_page()
        audio = values(at, "Audio")
        at = own_clip(at, 1.5)
        assert at.text_area(key="words_box").value == "Hello there."
        assert r"**my \_voice\_.wav**" in said(at)
        assert "1.5 s" in said(at)
        assert "synthetic" not in said(at)
        assert values(at, "Audio") != audio
        assert link(at).startswith("rec=")

    def test_long_recognised_words_stay_whole_and_are_no_edit(
        self, open_page: OpenPage, heard: Heard
    ) -> None:
        words = "and so on " * 3000
        heard(Transcript(words.strip(), "asr"))
        at = own_clip(open_page(), 1.4)
        assert at.text_area(key="words_box").value == words.strip()
        assert "undo_words" not in [button.key for button in at.button]
        assert view(at).current.text is None  # type: ignore[union-attr]

    def test_doubted_words_are_shown_but_not_used(self, open_page: OpenPage, heard: Heard) -> None:
        heard(Transcript("Thank you.", "asr", doubt="The words are uncertain."))
        at = own_clip(open_page(), 1.2)
        assert at.text_area(key="words_box").value == "Thank you."
        assert "The words are uncertain. They are not used." in warned(at)[0]
        assert "doubtful" in " ".join(grid(at)["Text"])
        assert values(at, "Late fusion") == values(at, "Audio")
        at.button(key="accept_words").click().run()
        assert values(at, "Late fusion") != values(at, "Audio")
        assert "doubted=used" in link(at)
        at.button(key="accept_words").click().run()
        assert values(at, "Late fusion") == values(at, "Audio")
        at.text_area(key="words_box").set_value("I said something else.").run()
        assert not warned(at)
        assert values(at, "Late fusion") != values(at, "Audio")

    def test_without_a_recogniser_the_words_can_be_typed(
        self, open_page: OpenPage, heard: Heard
    ) -> None:
        heard(RecogniserError("Speech recognition is not installed: type the transcript by hand."))
        at = own_clip(open_page(), 1.1)
        assert "type the transcript by hand" in warned(at)[0]
        assert "there are none" in " ".join(grid(at)["Text"])
        at.text_area(key="words_box").set_value("Typed by hand.").run()
        assert set(values(at, "Text")) == set(values(at, "Audio"))

    def test_forgotten_at_once(self, open_page: OpenPage, heard: Heard) -> None:
        heard(Transcript("Hello there.", "asr"))
        at = own_clip(open_page())
        token = view(at).current.clip.token  # type: ignore[union-attr]
        at.button(key="keep").click().run()

        at.session_state["more"] = True  # the popover is open
        at.run()
        at.button(key="forget").click().run()
        assert view(at).kept == ()
        assert state.resources.recordings().get(token) is None
        assert FIRST.title in said(at)


def test_an_examples_script_can_be_swapped_for_what_is_heard(
    open_page: OpenPage, heard: Heard
) -> None:
    heard(Transcript("I got a job.", "asr"))
    at = open_page(example=SECOND.id)
    at.button(key="hear").click().run()
    assert at.text_area(key="words_box").value == "I got a job."
    assert "heard=yes" in link(at)
    at.button(key="hear").click().run()
    assert at.text_area(key="words_box").value == SECOND.transcript


def test_a_clip_without_speech_is_told_in_the_headline_and_dimmed(
    open_page: OpenPage, heard: Heard
) -> None:
    heard(Transcript("", "asr", doubt="No speech was found.", speech=False))
    at = open_page(example=SILENT.id)
    assert "No speech was found" in at.subheader[0].value
    assert "say" not in at.subheader[0].value.split(":")[0]
    assert "dimmed" in reading.component(at, "model_grid")["html"]
    assert "synthetic sound" in said(at)


class TestKept:
    def test_several_are_rows_with_differences(self, open_page: OpenPage) -> None:
        at = open_page(example=FIRST.id)
        at.button(key="keep").click().run()
        at.text_area(key="words_box").set_value(EDIT).run()
        at.button(key="keep").click().run()
        at.toggle(key="use_words_box").set_value(False).run()
        shown = at.dataframe[0].value
        assert list(shown["words"]) == [f"“{FIRST.transcript}”", f"“{EDIT}”"]
        assert list(shown.columns[2:]) == TITLES[1:]  # the text model has no answer now
        assert shown["Audio"].str.endswith("(+0.00)").all()
        assert shown["Late fusion"].nunique() == 2

    def test_typing_and_keeping_at_once_keeps_the_new_words(self, open_page: OpenPage) -> None:
        at = open_page()
        at.text_area(key="words_box").set_value(EDIT)  # no run between the two
        at.button(key="keep").click().run()
        assert [variant.text for variant in view(at).kept] == [EDIT]

    def test_the_same_twice_is_kept_once(self, open_page: OpenPage) -> None:
        at = open_page()
        at.button(key="keep").click().run()
        at.button(key="keep").click().run()
        assert len(view(at).kept) == 1

    def test_a_bound_is_told(self, open_page: OpenPage) -> None:
        at = open_page()
        for number in range(state.MAX_KEPT + 1):
            at.text_area(key="words_box").set_value(f"Sentence {number}.")
            at.button(key="keep").click().run()
        assert len(view(at).kept) == state.MAX_KEPT
        assert "remove one first" in at.error[0].value


def test_no_checkpoints_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object, open_page: OpenPage
) -> None:
    st.cache_resource.clear()
    monkeypatch.setenv("SER_CHECKPOINTS", str(tmp_path))
    at = open_page()
    assert not at.exception
    assert "ser train" in at.error[0].value
    st.cache_resource.clear()
