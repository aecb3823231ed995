"""Attribution, Fusion stages and What if on the server side, with small models."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from reading import component, said, view
from streamlit.testing.v1 import AppTest

from ser_core.analysis import Analyzer
from ser_core.inputs.audio import load
from ser_core.inputs.transcript import Transcript
from ser_core.labels import CATEGORIES
from ser_core.synthesis.examples import load_examples

PAGES = Path(__file__).parents[2] / "pages"
FIRST = load_examples()[0]
OpenPage = Callable[..., AppTest]


def settled(at: AppTest, seconds: float = 120.0) -> AppTest:
    """Run the page until all its jobs are done."""
    until = time.monotonic() + seconds
    while any(str(b.key).startswith("cancel_") for b in at.button):
        assert time.monotonic() < until, "the jobs do not end"
        time.sleep(0.2)
        at.run()
    assert not at.exception
    return at


@pytest.fixture
def open_at(open_page: OpenPage) -> OpenPage:
    """A page by its name, with a link's parameters, once its jobs are done."""

    def open_at(page: str, **link: str) -> AppTest:
        at = open_page(**{"example": FIRST.id, **link})
        at.switch_page(f"pages/{page}.py").run()
        return settled(at)

    return open_at


def axes(at: AppTest) -> list[dict[str, object]]:
    """Data of the time axes at full height."""
    import json

    found = [e.proto for e in at.get("bidi_component") if e.proto.component_name == "time_axis"]
    return [data for data in (json.loads(p.json) for p in found) if data["full"]]


def charts(at: AppTest) -> list[str]:
    return [str(chart.key) for chart in at.get("plotly_chart")]


class TestAttribution:
    def test_it_explains_a_fusion_model_at_once(self, open_at: OpenPage) -> None:
        at = open_at("attribution")
        assert not at.error
        (axis,) = axes(at)
        assert axis["overlay"]["unit"] == "probability"  # type: ignore[index]
        values = [word["value"] for word in axis["words"]]  # type: ignore[union-attr]
        assert len(values) == len(FIRST.transcript.split())
        assert max(abs(value) for value in values) == pytest.approx(1.0)
        assert charts(at) == ["shares_0"]
        assert "aised most by" in said(at) or "owered most by" in said(at)

    def test_integrated_gradients_say_their_gap(self, open_at: OpenPage) -> None:
        at = open_at("attribution", **{"attribution.method": "integrated-gradients"})
        assert "The parts add up to the output but for" in said(at)

    def test_two_models_stand_on_one_scale(self, open_at: OpenPage) -> None:
        at = open_at("attribution", **{"attribution.beside": "model:audio"})
        first, second = axes(at)
        assert first["overlay"]["scale"] == second["overlay"]["scale"]  # type: ignore[index]
        assert second["words"] == []
        assert charts(at) == ["shares_0", "shares_1"]

    def test_without_words_only_the_voice_is_explained(self, open_at: OpenPage) -> None:
        at = open_at("attribution", words="off")
        (axis,) = axes(at)
        assert axis["words"] == []
        assert "text" not in at.selectbox(key="explain_model").options

    def test_what_is_chosen_is_in_the_address(self, open_at: OpenPage) -> None:
        at = open_at("attribution")
        at.selectbox(key="explain_model").select("audio").run()
        settled(at)
        assert dict(view(at).options)["explain.model"] == "audio"
        assert "explain.model=audio" in component(at, "address")["query"]

    def test_late_fusion_has_the_methods_of_a_network(self, open_at: OpenPage) -> None:
        link = {"explain.model": "late", "attribution.method": "integrated-gradients"}
        at = open_at("attribution", **link)
        assert len(at.selectbox(key="attribution_method").options) == 3
        assert "The parts add up to the output but for" in said(at)

    def test_all_can_be_taken_away(self, open_at: OpenPage) -> None:
        at = open_at("attribution", **{"attribution.beside": "model:audio"})
        kinds = {str(button.proto.label) for button in at.get("download_button")}
        assert {
            "Report of this clip, HTML",
            "Parts, CSV",
            "Map, Parquet",
            "All values, JSON",
        } <= kinds


class TestFusionStages:
    def test_every_stage_of_both_networks(self, open_at: OpenPage) -> None:
        at = open_at("fusion_stages")
        assert charts(at) == ["stage_panels_0", "stage_panels_1"]
        svg = component(at, "markup")["html"]
        assert all(f"block {number}" in svg for number in range(1, 7))

    def test_influence_nought_is_the_voice_alone(
        self, open_at: OpenPage, checkpoints: Path
    ) -> None:
        at = open_at("fusion_stages")
        for stage in ("block2", "block4", "block6"):
            at.slider(key=f"factor_multistage_{stage}").set_value(0.0)
        settled(at.run())
        shown = at.dataframe[0].value.loc["with these influences"]
        analyzer = Analyzer(checkpoints)
        alone = analyzer.analyze(load(FIRST.path), Transcript.none(), ["multistage"])
        expected = alone.predictions["multistage"].probabilities
        assert [shown[c] for c in CATEGORIES] == pytest.approx([expected[c] for c in CATEGORIES])

    def test_without_words_it_says_so(self, open_at: OpenPage) -> None:
        at = open_at("fusion_stages", words="off")
        assert "Without words no stage is conditioned" in at.info[0].value


class TestWhatIf:
    def test_a_curve_of_every_model(self, open_at: OpenPage) -> None:
        at = open_at("what_if", **{"what_if.change": "gain"})
        assert charts(at) == ["sweep"]
        figure = str(at.get("plotly_chart")[0].proto.spec)
        for title in ("Text", "Audio", "Late fusion", "Single-stage fusion", "Multistage fusion"):
            assert title in figure

    def test_edits_are_kept_as_rows(self, open_at: OpenPage) -> None:
        at = open_at("what_if", **{"what_if.part": "words"})
        at.button(key="edit_negated").click().run()
        assert not at.exception
        kept = [variant.text for variant in view(at).kept]
        assert kept[0] is None
        assert "n't" in str(kept[1])
        assert len(at.dataframe[0].value) == 2

    def test_words_against_voices(self, open_at: OpenPage) -> None:
        at = open_at("what_if", **{"what_if.part": "conflict"})
        assert component(at, "markup")["html"].count("<td>") == 16

    def test_the_voice_lab_makes_the_current_clip(self, open_at: OpenPage) -> None:
        at = open_at("what_if", **{"what_if.part": "voice"})
        at.text_area(key="lab_text").set_value("You are late again.")
        at.button(key="say").click().run()
        if at.error:
            pytest.skip(at.error[0].value)  # the synthetic voice is not installed
        current = view(at).current
        assert current is not None
        assert current.clip.script == "You are late again."
        assert "synthetic voice" in said(at)
