import pytest

from ser_core.inputs.transcript import Transcript
from ser_core.perturb.flips import flips
from ser_core.perturb.sweep import Point
from ser_core.results import Analysis, Prediction

INFINITE = float("inf")


def point(
    clip: object, value: float, happy: float, sad: float = 0.0, unit: str = "dB", draw: int = 0
) -> Point:
    rest = 1.0 - happy - sad
    prediction = Prediction("audio", {"happy": happy, "sad": sad, "angry": rest}, {}, False)
    analysis = Analysis(clip, Transcript.none(), {"audio": prediction})  # type: ignore[arg-type]
    return Point("x", unit, value, value == INFINITE, draw, draw, analysis)


def test_a_flip_lies_where_the_lines_cross(clip: object) -> None:
    curve = [point(clip, 20, 0.1), point(clip, 0, 0.9), point(clip, 10, 0.8)]
    (flip,) = flips(curve, "audio")
    # happy 0.8 -> 0.1 and angry 0.2 -> 0.9 meet after 0.6 / 1.4 of 10 dB.
    assert flip.at == pytest.approx(10 + 10 * 0.6 / 1.4)
    assert (flip.before, flip.after, flip.low, flip.high) == ("happy", "angry", 10, 20)
    assert str(flip) == "audio: happy turns angry between 10 dB and 20 dB (about 14.3 dB)"


def test_several_flips_ascend(clip: object) -> None:
    curve = [point(clip, v, h, s) for v, h, s in ((1, 0.9, 0), (2, 0.1, 0.8), (3, 0.1, 0.1))]
    assert [(f.before, f.after, f.low) for f in flips(curve, "audio")] == [
        ("happy", "sad", 1),
        ("sad", "angry", 2),
    ]


def test_draws_count_by_their_mean(clip: object) -> None:
    curve = [point(clip, 0, 0.9)]
    curve += [point(clip, 5, happy, draw=i) for i, happy in enumerate((0.45, 0.45, 0.9))]
    assert flips(curve, "audio") == []


def test_the_unchanged_clip_at_infinity(clip: object) -> None:
    (flip,) = flips([point(clip, INFINITE, 0.9), point(clip, 30, 0.2)], "audio")
    assert flip.at is None
    assert str(flip) == "audio: angry turns happy between 30 dB and the unchanged clip"
    assert flip.to_dict()["high"] is None


def test_nothing_lies_between_off_and_on(clip: object) -> None:
    (flip,) = flips([point(clip, 0, 0.9, unit=""), point(clip, 1, 0.2, unit="")], "audio")
    assert flip.at is None


def test_models_without_an_answer_flip_nowhere(clip: object) -> None:
    assert flips([], "audio") == []
    assert flips([point(clip, 0, 0.9), point(clip, 1, 0.1)], "text") == []
