"""What the address says, and what is made of it. History itself is tested in Chromium."""

from urllib.parse import parse_qs

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from pages import _address as address
from pages import _resources as resources
from pages import _state as state
from ser_core.inputs.audio import from_samples
from ser_core.synthesis.examples import load_examples

IDS = [example.id for example in load_examples()]
SCRIPTED = {example.id for example in load_examples() if example.transcript}

variants = some.builds(
    lambda example, heard, **rest: state.Variant(
        state.example(example), heard=heard and example in SCRIPTED, **rest
    ),
    example=some.sampled_from(IDS[:3] + IDS[-2:]),
    heard=some.booleans(),
    text=some.none() | some.text(max_size=80),
    use_words=some.booleans(),
    translated=some.booleans(),
    accepted=some.booleans(),
    late_weight=some.none() | some.integers(0, 100).map(lambda percent: percent / 100),
)
views = some.builds(
    state.View,
    current=variants,
    kept=some.lists(variants, max_size=4, unique=True).map(tuple),
    models=some.none() | some.just(("text", "late")),
    output=some.sampled_from(["", "angry", "logit:sad-angry", "valence"]),
    span=some.none() | some.just((0.25, 1.5)),
    options=some.sampled_from(
        [(), (("attribution.method", "occlusion"), ("explain.model", "a/b"))]
    ),
)


@settings(deadline=None, max_examples=50)
@given(view=views)
def test_a_link_reproduces_an_examples_view_wholly(view: state.View) -> None:
    found, problems = address.from_query(address.to_query(view))
    assert found == view
    assert not problems


def test_an_untouched_example_has_a_short_address() -> None:
    view = state.View(state.Variant(state.example("rain")))
    assert address.to_query(view) == "example=rain"


@pytest.fixture
def token() -> str:
    clip = from_samples(np.random.default_rng(0).uniform(-0.5, 0.5, 16_000), 16_000)
    return resources.recordings().keep(clip, "mine.wav")


def test_an_own_recording_has_a_token_and_no_name(token: str) -> None:
    view = state.View(state.Variant(state.recording(token), text="Hello"))
    query = address.to_query(view)
    assert parse_qs(query) == {"rec": [token], "text": ["Hello"]}
    assert address.from_query(query) == (view, [])


def test_a_recording_that_is_gone_is_told(token: str) -> None:
    query = address.to_query(state.View(state.Variant(state.recording(token))))
    resources.recordings().forget(token)
    found, problems = address.from_query(query)
    assert found.current is None
    assert len(problems) == 1
    assert "is gone" in problems[0]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("example=rain&late=2", "late"),
        ("example=rain&late=loud", "late"),
        ("example=rain&late=nan", "late"),
        ("example=rain&span=1", "span"),
        ("example=rain&span=2-1", "span"),
        ("example=rain&span=0-999", "span"),
        ("example=rain&span=nan-nan", "span"),
        ("example=rain&heard=yes", "no script"),
        ("example=rain&keep=", "keep"),
        ("example=rain&keep=%00%FF", "keep"),
        ("example=rain&models=", "models"),
        ("example=rain&unknown=1", "unknown"),
    ],
)
def test_what_a_link_has_wrong_is_left_out(query: str, wrong: str) -> None:
    expected = state.View(state.Variant(state.example("rain")))
    assert address.from_query(query) == (expected, []), wrong


def test_an_unknown_example_is_told() -> None:
    found, problems = address.from_query("example=elephant")
    assert found.current is None
    assert problems == ["There is no example called “elephant”: choose another clip."]


def test_long_words_of_a_link_are_bounded() -> None:
    found, _ = address.from_query("example=rain&text=" + "a" * 50_000)
    assert found.current is not None
    assert len(found.current.text or "") == address.MAX_CHARACTERS
