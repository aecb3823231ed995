"""Words against voice: every sentence with every voice, and what the models decide."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.inputs.audio import Clip
from ser_core.inputs.transcript import Transcript
from ser_core.models.registry import choose
from ser_core.perturb.rows import analysis_rows
from ser_core.results import Analysis
from ser_core.synthesis.speech import say, split
from ser_core.synthesis.voicing import VOICINGS, Voicing

MAX_SIDE = 6


@dataclass(frozen=True)
class Cell:
    """One sentence with one voice.

    Attributes:
        row: of the sentence, from 0.
        column: of the voice, from 0.
        sentence: the words that the models read.
        voice: name of the clip, or of the voicing.
        analysis: what the models say of both.
    """

    row: int
    column: int
    sentence: str
    voice: str
    analysis: Analysis


def conflict_grid(
    analyzer: Analyzer,
    sentences: Sequence[str],
    clips: Sequence[Clip],
    models: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> Iterator[Cell]:
    """Cells as they are computed, row by row; stop asking for more to cancel.

    The models read the sentence of the row and hear the clip of the column, whatever was said in
    it. A model of the words alone is the same along a row, one of the voice down a column.

    Args:
        sentences: one a row, at most `MAX_SIDE`; "" for no words.
        clips: one a column, at most `MAX_SIDE`.
        models: names; default all.
        progress: called with the number of cells done and of all.
        options: of `Analyzer.analyze`, the same in every cell, such as `late_weight`.

    Raises:
        SerError: at once for an empty or too large grid or an unknown model.
    """
    _check(sentences, "sentence")
    _check(clips, "clip")
    voices = [(clip.source.name, lambda sentence, clip=clip: clip) for clip in clips]
    return _cells(analyzer, sentences, voices, models, progress, options)


def spoken_grid(
    analyzer: Analyzer,
    sentences: Sequence[str],
    voicings: dict[str, Voicing] | None = None,
    models: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> Iterator[Cell]:
    """As `conflict_grid`, but the synthetic voice says each sentence in each voicing.

    So words and voice really meet: the voice in a cell says the words in it.

    Args:
        sentences: one a row, at most `MAX_SIDE`, fit for `ser_core.synthesis.speech.say`.
        voicings: one a column, by name, at most `MAX_SIDE`; default all shipped ones.

    Raises:
        SerError: at once as `conflict_grid`, where a sentence can't be said, or where the
            synthetic voice is missing.
    """
    voicings = VOICINGS if voicings is None else voicings
    _check(sentences, "sentence")
    _check(list(voicings), "voicing")
    for sentence in sentences:
        split(sentence)
    voices = [
        (name, lambda sentence, voicing=voicing: say(sentence, voicing))
        for name, voicing in voicings.items()
    ]
    return _cells(analyzer, sentences, voices, models, progress, options)


def to_frame(cells: Sequence[Cell]) -> pd.DataFrame:
    """One row a cell and model: row, column, sentence, voice, and as `sweep.to_frame`."""
    return pd.DataFrame(
        [
            {
                "row": cell.row,
                "column": cell.column,
                "sentence": cell.sentence,
                "voice": cell.voice,
                **row,
            }
            for cell in sorted(cells, key=lambda c: (c.row, c.column))
            for row in analysis_rows(cell.analysis)
        ]
    )


def _cells(
    analyzer: Analyzer,
    sentences: Sequence[str],
    voices: Sequence[tuple[str, Callable[[str], Clip]]],
    models: Sequence[str] | None,
    progress: Callable[[int, int], None] | None,
    options: dict[str, Any],
) -> Iterator[Cell]:
    choose(analyzer.models, models)

    def run() -> Iterator[Cell]:
        for row, sentence in enumerate(sentences):
            words = Transcript.typed(sentence) if sentence.strip() else Transcript.none()
            for column, (voice, clip_of) in enumerate(voices):
                analysis = analyzer.analyze(clip_of(sentence), words, models, **options)
                if progress:
                    progress(row * len(voices) + column + 1, len(sentences) * len(voices))
                yield Cell(row, column, sentence, voice, analysis)

    return run()


def _check(side: Sequence[object], what: str) -> None:
    if not 1 <= len(side) <= MAX_SIDE:
        raise SerError(f"A grid takes 1 to {MAX_SIDE} {what}s, and there are {len(side)}.")
