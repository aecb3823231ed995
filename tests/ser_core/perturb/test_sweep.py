from itertools import islice

import numpy as np
import pytest
from measuring import vowel

from ser_core.analysis import Analyzer
from ser_core.errors import CheckpointError, SerError
from ser_core.inputs.audio import Clip, from_samples
from ser_core.inputs.transcript import Transcript
from ser_core.perturb.sweep import CHANGES, coarse_to_fine, sweep, to_frame
from ser_core.perturb.transcript_errors import corrupt

TEXT = "You can find the keys on the shelf by the door."


@pytest.mark.parametrize("name", CHANGES)
def test_each_point_is_the_analysis_of_the_changed_clip(
    name: str, analyzer: Analyzer, clip: Clip, tiny_checkpoints: object
) -> None:
    change = CHANGES[name]
    points = list(sweep(analyzer, clip, TEXT, change, change.points[:2], seed=7))
    assert [p.unchanged for p in points] == [True] + [False] * (len(points) - 1)
    fresh = Analyzer(tiny_checkpoints)  # type: ignore[arg-type]  # shares no cache
    for point in points:
        assert point.analysis is not None
        if name == "wer":
            sound, words = clip, corrupt(TEXT, point.value, 7)
        else:
            sound, words = change.apply(clip, point.value, 7), TEXT
        expected = fresh.analyze(sound, words)
        assert point.analysis.clip.digest == expected.clip.digest
        assert point.analysis.transcript.text == words
        assert point.predictions == expected.predictions


def test_order_and_progress(analyzer: Analyzer, clip: Clip) -> None:
    done: list[tuple[int, int]] = []
    points = sweep(
        *(analyzer, clip, TEXT, CHANGES["noise"], [0, 10, 20, 5, 15], ["audio"]),
        draws=2,
        progress=lambda *counts: done.append(counts),
    )
    found = [(p.value, p.draw, p.seed) for p in points]
    values = [0, 20, 10, 5, 15]
    assert found == [
        (np.inf, 0, 0),
        *((value, 0, 0) for value in values),
        *((value, 1, 1) for value in values),
    ]
    assert done == [(i, 11) for i in range(1, 12)]


def test_cancelling_computes_nothing_more(analyzer: Analyzer, clip: Clip) -> None:
    done: list[int] = []
    points = sweep(*(analyzer, clip, TEXT, CHANGES["gain"]), progress=lambda i, of: done.append(i))
    assert done == []
    assert len(list(islice(points, 3))) == 3
    assert done == [1, 2, 3]


@pytest.mark.parametrize("n", range(12))
def test_coarse_to_fine_has_every_value_once(n: int) -> None:
    values = [float(i) for i in range(n)]
    order = coarse_to_fine(values)
    assert sorted(order) == values
    if n > 1:
        assert order[:2] == [0.0, n - 1.0]


def test_draws_differ_only_where_there_is_chance(analyzer: Analyzer, clip: Clip) -> None:
    for name, kept in (("noise", 3), ("low-pass", 1)):
        value = CHANGES[name].points[0]
        points = list(sweep(analyzer, clip, "", CHANGES[name], [value], ["audio"], draws=3))[1:]
        assert len({p.clip.digest for p in points if p.clip}) == len(points) == kept


def test_words_stay_unless_asked(analyzer: Analyzer, clip: Clip) -> None:
    change, models = CHANGES["noise"], ["text"]
    kept = list(sweep(analyzer, clip, None, change, [-10], models))
    heard = analyzer.transcribe(clip)
    assert [p.analysis.transcript for p in kept if p.analysis] == [heard, heard]
    assert kept[0].predictions == kept[1].predictions
    again = list(sweep(analyzer, clip, None, change, [-10], models, recognise_again=True))
    noisy = again[1].analysis
    assert noisy is not None
    assert noisy.transcript == analyzer.transcribe(noisy.clip) != heard


def test_what_cannot_be_made_is_a_point_with_a_problem(analyzer: Analyzer) -> None:
    short = vowel(seconds=0.15)
    points = list(sweep(analyzer, short, "", CHANGES["tempo"], [0.5, 2.0], ["audio"]))
    assert [bool(p.predictions) for p in points] == [True, True, False]
    assert points[2].problem.startswith("Too little of the clip is left with tempo × 2: ")
    table = to_frame(points).set_index("value")
    assert table.loc[2.0, "problem"] == points[2].problem
    assert np.isnan(table.loc[2.0, "happy"])

    silent = list(sweep(analyzer, short, Transcript.none(), CHANGES["wer"], [0.5], ["audio"]))
    assert silent[0].predictions
    assert silent[1].problem.startswith("There are no words")


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("noise", [200.0]), {}, "White noise takes values from -20 to 80 dB SNR"),
        (("telephone", [0.5]), {}, "Telephone takes no other value than 1"),
        (("noise", [0.0]), {"draws": 0}, "at least one draw"),
        (("noise", [0.0]), {"draws": 5000}, "too long for so many points"),
        (("wer", [0.5]), {"recognise_again": True}, "can't be recognised again"),
    ],
)
def test_mistakes_are_told_at_once(
    analyzer: Analyzer, clip: Clip, arguments: tuple, options: dict, message: str
) -> None:
    name, points = arguments
    with pytest.raises(SerError, match=message):
        sweep(analyzer, clip, TEXT, CHANGES[name], points, **options)
    with pytest.raises(CheckpointError, match="Unknown model 'deep'"):
        sweep(analyzer, clip, TEXT, CHANGES["noise"], None, ["deep"])


def test_table_makes_its_points_again(analyzer: Analyzer, clip: Clip) -> None:
    points = list(sweep(analyzer, clip, TEXT, CHANGES["babble"], [0, 10], draws=2, seed=4))
    table = to_frame(points)
    assert len(table) == 5 * len(analyzer.models)
    assert table["value"].is_monotonic_increasing
    assert not table.columns.duplicated().any()
    row = table[(table["value"] == 10) & (table["draw"] == 1) & (table["model"] == "late")].iloc[0]
    made = CHANGES[row["change"]].apply(clip, row["value"], row["seed"])
    assert made.digest == row["clip_sha256"]
    again = analyzer.analyze(made, row["transcript"], late_weight=row["late_weight"])
    assert again.predictions["late"].probabilities["neutral"] == row["neutral"]
    assert again.digests["late"] == row["model_digest"]


def test_a_clip_shorter_than_every_point_of_its_length(analyzer: Analyzer) -> None:
    tone = from_samples(0.5 * np.sin(np.arange(3200) * 0.3), 16_000)  # 0.2 s
    points = list(sweep(analyzer, tone, "", CHANGES["length"], models=["audio"]))
    assert [p.unchanged for p in points] == [True]
