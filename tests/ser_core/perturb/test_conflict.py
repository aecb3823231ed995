from itertools import islice

import pytest
from measuring import vowel

from ser_core.analysis import Analyzer
from ser_core.errors import CheckpointError, SerError
from ser_core.inputs.audio import Clip
from ser_core.perturb.conflict import conflict_grid, spoken_grid, to_frame
from ser_core.synthesis.speech import say
from ser_core.synthesis.voicing import VOICINGS

SENTENCES = ["I am so happy.", "Get out of my house!", ""]


def test_each_cell_is_the_analysis_of_its_sentence_and_clip(analyzer: Analyzer, clip: Clip) -> None:
    clips = [clip, vowel(name="vowel.wav")]
    done: list[tuple[int, int]] = []
    grid = conflict_grid(analyzer, SENTENCES, clips, progress=lambda *c: done.append(c))
    cells = list(grid)
    assert [(c.row, c.column) for c in cells] == [(r, c) for r in range(3) for c in range(2)]
    assert done == [(i, 6) for i in range(1, 7)]
    for cell in cells:
        expected = analyzer.analyze(clips[cell.column], SENTENCES[cell.row])
        assert cell.analysis.predictions == expected.predictions
        assert (cell.sentence, cell.voice) == (
            SENTENCES[cell.row],
            ("keys-angry.flac", "vowel.wav")[cell.column],
        )
        assert ("text" in cell.analysis.predictions) == bool(cell.sentence)
    table = to_frame(cells)
    assert len(table) == 4 * 5 + 2 * 4
    one_voice = table[(table["model"] == "audio") & (table["column"] == 1)]
    assert one_voice["happy"].nunique() == 1
    one_sentence = table[(table["model"] == "text") & (table["row"] == 0)]
    assert one_sentence["happy"].nunique() == 1


def test_cells_come_one_by_one(analyzer: Analyzer, clip: Clip) -> None:
    done: list[int] = []
    grid = conflict_grid(
        analyzer, SENTENCES, [clip], ["audio"], progress=lambda i, of: done.append(i)
    )
    assert done == []
    list(islice(grid, 2))
    assert done == [1, 2]


@pytest.mark.parametrize(
    ("sentences", "clips", "what"),
    [([], 1, "sentences, and there are 0"), (["a"], 0, "clips, and"), (["a"] * 7, 1, "are 7")],
)
def test_empty_and_large_grids(
    analyzer: Analyzer, clip: Clip, sentences: list[str], clips: int, what: str
) -> None:
    with pytest.raises(SerError, match=what):
        conflict_grid(analyzer, sentences, [clip] * clips)


def test_an_unknown_model(analyzer: Analyzer, clip: Clip) -> None:
    with pytest.raises(CheckpointError, match="deep"):
        conflict_grid(analyzer, ["a"], [clip], ["deep"])


def test_the_voice_says_each_sentence_in_each_voicing(analyzer: Analyzer) -> None:
    pytest.importorskip("hibari", reason="needs the extra [examples]")
    sentences = SENTENCES[:2]
    cells = list(spoken_grid(analyzer, sentences, models=["audio", "late"]))
    assert [c.voice for c in cells] == list(VOICINGS) * 2
    for cell in cells:
        clip = say(cell.sentence, cell.voice)
        assert cell.analysis.clip.digest == clip.digest
        expected = analyzer.analyze(clip, cell.sentence, ["audio", "late"])
        assert cell.analysis.predictions == expected.predictions
    assert len({c.analysis.clip.digest for c in cells}) == 8


def test_a_sentence_that_cannot_be_said_is_told_before_any_is(analyzer: Analyzer) -> None:
    pytest.importorskip("hibari", reason="needs the extra [examples]")
    with pytest.raises(SerError, match="There is nothing to say"):
        spoken_grid(analyzer, ["I am happy.", ""])
