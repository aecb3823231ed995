"""The report of one clip, on a tiny model and a real clip."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ser_core.analysis import Analyzer
from ser_core.clip_report import clip_report, make_report, nearest_clips
from ser_core.explain.attribution import attribute
from ser_core.explain.case import make_case
from ser_core.explain.faithfulness import faithfulness
from ser_core.explain.shares import modality_shares
from ser_core.explain.stage_report import stage_report
from ser_core.inputs.audio import load
from ser_core.maps.reference import SHIPPED
from ser_core.maps.reference import load as load_reference
from ser_core.synthesis.examples import load_examples

TEXT = "I <b>miss</b> her & more."


@pytest.fixture(scope="module")
def shipped_analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="module")
def report(tiny_checkpoints: Path) -> str:
    analyzer = Analyzer(tiny_checkpoints)
    clip = load(load_examples()[0].path)
    clip = replace(clip, notes=("The <end> is missing.",))
    case = make_case(analyzer, clip, TEXT, "multistage", "angry")
    explanation = attribute(case)
    return clip_report(
        "Sad words, <angry> voice",
        analyzer.analyze(clip, TEXT),
        analyzer.models,
        case,
        explanation,
        modality_shares(case, "silence", "none"),
        faithfulness(case, explanation, points=2, orders=1),
        stage_report(case, steps=2),
    )


def test_it_holds_every_part(report: str) -> None:
    for heading in (
        "What every model says",
        "Why Multistage fusion gives angry",
        "In the voice",
        "In the words",
        "Voice, words, both",
        "Can you trust it?",
        "Where the words enter the network",
    ):
        assert heading in report
    for title in ("Text", "Audio", "Late fusion", "Single-stage fusion", "Multistage fusion"):
        assert title in report


def test_it_needs_nothing_from_outside(report: str) -> None:
    outside = re.sub(r"<script>.*?</script>", "", report, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=[\"']?https?:", outside)
    assert "Plotly.newPlot" in report


def test_foreign_text_is_escaped(report: str) -> None:
    assert "<b>miss</b>" not in report
    assert "<angry>" not in report
    assert "The &lt;end&gt; is missing." in report


def test_the_nearest_clips_are_those_of_the_map(shipped_analyzer: Analyzer) -> None:
    """A clip of the set is its own nearest, at distance 0."""
    example = load_examples()[0]
    case = make_case(shipped_analyzer, load(example.path), example.transcript, "multistage", "sad")
    found = nearest_clips(case)
    assert found is not None
    assert list(found.columns) == ["clip", "words", "category", "the model says", "distance"]
    assert len(found) == 10
    assert found["clip"][0] == example.title
    assert found["distance"][0] < found["distance"][9] / 20
    assert found["distance"].is_monotonic_increasing
    assert nearest_clips(case, replace(load_reference(SHIPPED), models={})) is None


def test_it_is_made_of_a_case(shipped_analyzer: Analyzer) -> None:
    example = load_examples()[0]
    case = make_case(shipped_analyzer, load(example.path), example.transcript, "late", "sad")
    page = make_report(
        example.title,
        shipped_analyzer.analyze(case.clip, case.transcript),
        case,
        attribute(case),
        modality_shares(case),
        faithfulness(case, attribute(case), points=2, orders=1),
    )
    assert "The nearest clips of the reference set" in page
    assert "Where the words enter the network" not in page
