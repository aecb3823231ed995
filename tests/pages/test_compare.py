import io
import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from pages import _export as export
from ser_core.analysis import Analysis, Prediction
from ser_core.errors import RecogniserError
from ser_core.inputs.audio import from_samples
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.transcript import Transcript
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.synthesis.examples import Example, load_examples

OpenPage = Callable[..., AppTest]
TITLES = ["Text", "Audio", "Late fusion", "Single-stage fusion", "Multistage fusion"]
VALUES = [*CATEGORIES, *DIMENSIONS]
EXAMPLES = load_examples()
FIRST, SECOND = (example for example in EXAMPLES[:2])
assert FIRST.transcript != SECOND.transcript


def example_without_words() -> Example:
    return next(example for example in EXAMPLES if not example.transcript)


def table(at: AppTest) -> pd.DataFrame:
    """The numbers as shown, by model title."""
    assert not at.exception
    assert not at.error
    return at.dataframe[0].value.set_index("model")


def values(at: AppTest, title: str) -> np.ndarray:
    return table(at).loc[title, VALUES].to_numpy(dtype=float)


def tone(seconds: float = 1.0, hertz: float = 220.0) -> bytes:
    time = np.arange(round(16_000 * seconds)) / 16_000
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.3 * np.sin(2 * np.pi * hertz * time), 16_000, format="WAV")
    return buffer.getvalue()


def link(at: AppTest) -> dict[str, str]:
    """The parameters of the page's address."""
    params = at.query_params.items()
    return {key: value[0] if isinstance(value, list) else value for key, value in params}


def markdown(at: AppTest) -> str:
    return "\n".join(element.value for element in [*at.markdown, *at.caption, *at.subheader])


def warned(at: AppTest) -> list[str]:
    return [warning.value for warning in at.warning]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Callable[[Transcript | Exception], None]:
    """Let the recogniser give this instead of listening."""

    def heard(result: Transcript | Exception) -> None:
        def transcribe(self: Recogniser, clip: object) -> Transcript:
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(Recogniser, "transcribe", transcribe)

    return heard


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    at.segmented_control(key="source").set_value("Upload").run()
    at.file_uploader(key="upload").upload(name, data)
    return at.run()


def test_it_opens_with_an_example_and_five_predictions(open_page: OpenPage) -> None:
    at = open_page()
    shown = table(at)
    assert list(shown.index) == TITLES
    assert np.allclose(shown[list(CATEGORIES)].sum(axis=1), 1.0)
    assert shown[list(DIMENSIONS)].to_numpy().min() >= 0.0
    assert list(shown["decision"]) == list(shown[list(CATEGORIES)].idxmax(axis=1))
    assert at.text_area(key="words").value == FIRST.transcript
    assert "synthetic voice" in markdown(at)
    assert "not for decisions about people" in markdown(at)
    assert at.get("audio")
    charts = [chart.key for chart in at.get("plotly_chart")]
    assert charts == ["sound", "categories", "dimensions", "plane"]


def test_an_edit_changes_only_what_reads_the_words(open_page: OpenPage) -> None:
    at = open_page()
    before = {title: values(at, title) for title in TITLES}
    at.text_area(key="words").set_value("The funeral is tomorrow and I cannot bear it.").run()
    for title in TITLES:
        same = np.array_equal(values(at, title), before[title])
        assert same is (title == "Audio"), title
    assert "before the edit" in markdown(at)
    plane = json.loads(at.get("plotly_chart")[-1].proto.spec)
    hollow = [t["name"] for t in plane["data"] if t["name"].endswith(", before the edit")]
    assert "Text, before the edit" in hollow
    assert "Audio, before the edit" not in hollow

    at.button(key="reset_words").click().run()
    assert all(np.array_equal(values(at, title), before[title]) for title in TITLES)
    assert at.text_area(key="words").value == FIRST.transcript


def test_without_words_the_text_model_has_no_answer(open_page: OpenPage) -> None:
    at = open_page()
    audio = values(at, "Audio")
    at.toggle(key="use_words").set_value(False).run()
    assert list(table(at).index) == TITLES[1:]
    assert np.array_equal(values(at, "Audio"), audio)
    assert np.array_equal(values(at, "Late fusion"), audio)
    assert at.slider(key="late_weight").disabled
    assert at.text_area(key="words").disabled


def test_an_emptied_transcript_is_no_transcript(open_page: OpenPage) -> None:
    at = open_page()
    at.text_area(key="words").set_value("   ").run()
    assert list(table(at).index) == TITLES[1:]
    assert link(at)["words"] == "off"


def test_the_weight_changes_only_late_fusion(open_page: OpenPage) -> None:
    at = open_page()
    before = {title: values(at, title) for title in TITLES}
    at.slider(key="late_weight").set_value(1.0).run()
    assert np.allclose(values(at, "Late fusion"), before["Text"])
    at.slider(key="late_weight").set_value(0.0).run()
    assert np.allclose(values(at, "Late fusion"), before["Audio"])
    for title in ("Text", "Audio", "Single-stage fusion", "Multistage fusion"):
        assert np.array_equal(values(at, title), before[title])


def test_another_example_brings_its_own_words(open_page: OpenPage) -> None:
    at = open_page()
    at.text_area(key="words").set_value("edited").run()
    at.selectbox(key="example").select(SECOND.id).run()
    assert at.text_area(key="words").value == SECOND.transcript
    assert SECOND.title in markdown(at)
    assert "before the edit" not in markdown(at)


class TestLink:
    def test_it_reproduces_the_view(self, open_page: OpenPage) -> None:
        at = open_page()
        at.selectbox(key="example").select(SECOND.id).run()
        at.text_area(key="words").set_value("I love this & everything!").run()
        at.slider(key="late_weight").set_value(0.3).run()
        assert link(at) == {
            "example": SECOND.id,
            "text": "I love this & everything!",
            "late": "0.30",
        }
        again = open_page(**link(at))
        assert again.text_area(key="words").value == "I love this & everything!"
        pd.testing.assert_frame_equal(table(again), table(at))

        at.toggle(key="use_words").set_value(False).run()
        off = open_page(**link(at))
        pd.testing.assert_frame_equal(table(off), table(at))
        off.toggle(key="use_words").set_value(True).run()
        assert off.text_area(key="words").value == "I love this & everything!"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"example": "../../etc/passwd"},
            {"example": FIRST.id, "late": "nan"},
            {"example": FIRST.id, "late": "7", "words": "perhaps", "heard": "maybe"},
            {"late": "x", "text": "no example, no text"},
        ],
    )
    def test_what_it_has_wrong_is_left_out(
        self, open_page: OpenPage, wrong: dict[str, str]
    ) -> None:
        at = open_page(**wrong)
        assert len(table(at)) == 5
        assert at.text_area(key="words").value == FIRST.transcript
        assert at.slider(key="late_weight").value == 0.5
        assert link(at) == {"example": FIRST.id}

    def test_a_text_beyond_all_measure_is_cut(self, open_page: OpenPage) -> None:
        at = open_page(example=FIRST.id, text="so sad " * 2000)
        assert len(table(at)) == 5
        assert len(at.text_area(key="words").value) <= 2000

    def test_own_clips_have_none(
        self, open_page: OpenPage, heard: Callable[[Transcript], None]
    ) -> None:
        heard(Transcript("Hello there.", "asr"))
        at = upload(open_page(), "mine.wav", tone())
        assert len(table(at)) == 5
        assert link(at) == {}


class TestOwnClip:
    def test_an_upload_is_heard_and_recognised(
        self, open_page: OpenPage, heard: Callable[[Transcript], None]
    ) -> None:
        heard(Transcript("Hello there.", "asr"))
        at = open_page()
        audio = values(at, "Audio")
        at = upload(at, "my _voice_ [memo].wav", tone(1.5))
        assert at.text_area(key="words").value == "Hello there."
        assert r"**my \_voice\_ \[memo\].wav**" in markdown(at)
        assert "1.5 s" in markdown(at)
        assert "synthetic" not in markdown(at)
        assert not np.array_equal(values(at, "Audio"), audio)

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("broken.wav", b"RIFF\x00\x00\x00\x00WAVEnothing"),
            ("empty.wav", b""),
            ("silence.wav", tone(1.0, hertz=0.0)),
            ("page.mp3", b"<html>not found</html>" * 100),
        ],
    )
    def test_one_that_cannot_be_used_is_explained_and_changes_nothing(
        self,
        open_page: OpenPage,
        heard: Callable[[Transcript], None],
        name: str,
        data: bytes,
    ) -> None:
        heard(Transcript("Hello there.", "asr"))
        at = upload(open_page(), "good.wav", tone())
        at.text_area(key="words").set_value("My own words.").run()
        before = table(at)
        at.file_uploader(key="upload").upload(name, data)
        at.run()
        (error,) = at.error
        assert "has not changed" in error.value
        assert "Traceback" not in error.value
        assert not at.exception
        after = at.dataframe[0].value.set_index("model")
        pd.testing.assert_frame_equal(after, before)
        assert "good" in markdown(at)
        assert at.text_area(key="words").value == "My own words."

        at.segmented_control(key="source").set_value("Example").run()
        assert not at.error
        assert at.selectbox(key="example").value is None  # the upload is still the current clip
        pd.testing.assert_frame_equal(table(at), before)
        at.selectbox(key="example").select(FIRST.id).run()
        assert at.text_area(key="words").value == FIRST.transcript

    def test_a_recording_is_taken(
        self, open_page: OpenPage, heard: Callable[[Transcript], None]
    ) -> None:
        heard(Transcript("Hello there.", "asr"))
        at = open_page()
        at.segmented_control(key="source").set_value("Record").run()
        at.audio_input(key="recording").upload("recording.wav", tone(2.0))
        at.run()
        assert at.text_area(key="words").value == "Hello there."
        assert "Your recording** :gray[2.0 s]" in markdown(at)

    def test_what_the_recogniser_doubts_is_marked(
        self, open_page: OpenPage, heard: Callable[[Transcript], None]
    ) -> None:
        heard(Transcript("Thank you.", "asr", doubt="This may not be speech."))
        at = upload(open_page(), "hum.wav", tone(1.2))
        assert warned(at) == [
            "Doubtful transcript: This may not be speech. Correct it, or switch the words off."
        ]
        at.text_area(key="words").set_value("I said something else.").run()
        assert not warned(at)

    def test_without_a_recogniser_the_words_can_be_typed(
        self, open_page: OpenPage, heard: Callable[[Exception], None]
    ) -> None:
        heard(RecogniserError("Speech recognition is not installed: type the transcript by hand."))
        at = upload(open_page(), "good.wav", tone(1.1))
        assert "type the transcript by hand" in warned(at)[0]
        assert list(table(at).index) == TITLES[1:]
        at.text_area(key="words").set_value("Typed by hand.").run()
        assert list(table(at).index) == TITLES


def test_an_examples_script_can_be_swapped_for_what_is_heard(
    open_page: OpenPage, heard: Callable[[Transcript], None]
) -> None:
    heard(Transcript("I got a job.", "asr"))
    at = open_page(example=EXAMPLES[2].id)
    at.button(key="hear").click().run()
    assert at.text_area(key="words").value == "I got a job."
    assert link(at)["heard"] == "yes"
    assert open_page(example=EXAMPLES[2].id, heard="yes").text_area(key="words").value == (
        "I got a job."
    )
    at.button(key="hear").click().run()
    assert at.text_area(key="words").value == EXAMPLES[2].transcript


def test_an_example_without_speech_is_listened_to(
    open_page: OpenPage, heard: Callable[[Transcript], None]
) -> None:
    heard(Transcript("", "asr", doubt="No speech was found."))
    at = open_page(example=example_without_words().id)
    assert warned(at) == ["Doubtful transcript: No speech was found."]
    assert list(table(at).index) == TITLES[1:]
    assert "synthetic sound" in markdown(at)


def test_a_pinned_analysis_stays_beside_the_next(open_page: OpenPage) -> None:
    at = open_page()
    first = table(at)
    at.button(key="pin").click().run()
    at.selectbox(key="example").select(SECOND.id).run()
    both = at.dataframe[0].value
    assert list(both["analysis"]) == ["current"] * 5 + ["pinned"] * 5
    pinned = both[both["analysis"] == "pinned"].drop(columns="analysis").set_index("model")
    pd.testing.assert_frame_equal(pinned, first)
    assert FIRST.title in markdown(at)
    assert FIRST.transcript.split("!")[0] in markdown(at)
    grid = json.loads(at.get("plotly_chart")[1].proto.spec)
    assert any(trace["name"].endswith(", pinned") for trace in grid["data"])
    at.button(key="unpin").click().run()
    assert "analysis" not in at.dataframe[0].value
    assert "pinned" not in markdown(at)


def test_no_checkpoints_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object, open_page: OpenPage
) -> None:
    import streamlit as st

    st.cache_resource.clear()
    monkeypatch.setenv("SER_CHECKPOINTS", str(tmp_path))
    at = open_page()
    assert not at.exception
    assert "ser train" in at.error[0].value
    st.cache_resource.clear()


class TestExport:
    @pytest.fixture
    def analysis(self) -> Analysis:
        clip = from_samples(np.sin(np.arange(16_000)), 16_000, name="a, b.wav")
        one = Prediction(
            "audio",
            dict(zip(CATEGORIES, (0.1, 0.2, 0.3, 0.4), strict=True)),
            dict(zip(DIMENSIONS, (0.5, 0.6, 0.7), strict=True)),
            used_text=False,
        )
        return Analysis(clip, Transcript.typed('He said "no", twice'), {"audio": one})

    def test_csv_reads_back(self, analysis: Analysis) -> None:
        (read,) = pd.read_csv(io.StringIO(export.to_csv(analysis))).to_dict("records")
        assert read["model"] == "audio"
        assert read["decision"] == "angry"
        assert read["valence"] == 0.6
        assert (read["clip"], read["transcript"]) == ("a, b.wav", 'He said "no", twice')

    def test_with_a_pinned_analysis_both_say_which_they_are(self, analysis: Analysis) -> None:
        pinned = Analysis(analysis.clip, Transcript.typed("other"), analysis.predictions)
        read = pd.read_csv(io.StringIO(export.to_csv(analysis, pinned)))
        assert list(read["analysis"]) == ["current", "pinned"]
        assert list(read["transcript"]) == ['He said "no", twice', "other"]
        document = json.loads(export.to_json(analysis, pinned))
        assert document["current"] == analysis.to_dict()
        assert document["pinned"]["transcript"]["text"] == "other"

    def test_json_is_the_analysis(self, analysis: Analysis) -> None:
        assert json.loads(export.to_json(analysis)) == json.loads(analysis.to_json())
