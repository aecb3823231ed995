"""Speakers of a labelled corpus: for each clip, a reference of other clips of its speaker."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ser_core.errors import AudioError, RecogniserError
from ser_core.inputs.reference import MIN_CLIPS, SpeakerReference, VoiceStatistics
from ser_core.support.forward_queue import in_order
from ser_core.training.recordings import Recording, recordings

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.inputs.audio import Clip

CLIPS = MIN_CLIPS  # of a reference; as many as the shipped "CORPUS, reference" sets have


class SpeakerVoices:
    """What is typical of each speaker, by statistics that are computed once a clip.

    A recording that occurs twice counts once. Sounds themselves are not kept.

    Args:
        analyzer: with the speech encoder; without one, references are of log-Mels alone.
        table: of a corpus, its index 0 to N - 1; clips with "" for a speaker have no reference.
        load: reads a recording; raises AudioError where it cannot.
    """

    def __init__(
        self, analyzer: "Analyzer", table: pd.DataFrame, load: Callable[[Any], "Clip"]
    ) -> None:
        self.analyzer = analyzer
        self.table = table
        self._load = load
        self._recordings: Sequence[Recording] = recordings(table)
        self._speakers: Sequence[str] = table["speaker"].tolist()
        self._voices: dict[str, dict[str, VoiceStatistics]] = {}

    def load(self, number: int) -> "Clip":
        """The clip of a row; raises AudioError where it cannot be read."""
        return self._load(self._recordings[number])

    def hear(self, number: int, clip: "Clip") -> None:
        """Take the clip of a row; cheap where the models have just heard it."""
        if speaker := self._speakers[number]:
            voices = self._voices.setdefault(speaker, {})
            if clip.digest not in voices:
                voices[clip.digest] = voice_statistics(self.analyzer, clip)

    def hear_more(self, tried: Sequence[int], progress: Callable[[float], None]) -> None:
        """Hear further clips of those rows' speakers until each has enough, if there are so many.

        Args:
            tried: rows that were heard.
            progress: is told the share of the speakers that is done, after each.
        """
        further = self._further(tried)
        for done, (speaker, rows) in enumerate(further.items(), start=1):
            for row in rows:
                if len(self._voices.get(speaker, ())) > CLIPS:
                    break
                try:
                    self.hear(row, self.load(row))
                except AudioError:  # not among the clips that are asked for
                    continue
            progress(done / len(further))

    def _further(self, tried: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Rows in a fixed random order, of speakers who can come to have enough with them."""
        rows: dict[str, list[int]] = {self._speakers[row]: [] for row in tried}
        for row in np.random.default_rng(0).permutation(len(self._speakers)):
            if self._speakers[row] in rows:
                rows[self._speakers[row]].append(int(row))
        known = set(tried)
        return {
            speaker: [row for row in of if row not in known]
            for speaker, of in rows.items()
            if speaker and len(of) > CLIPS
        }

    def reference(self, number: int, digest: str) -> SpeakerReference | None:
        """Of `CLIPS` other clips of the speaker of a row, the same ones every time.

        Args:
            digest: of the row's own clip, which is never among them.

        Returns:
            None where the speaker is not named, or has too few other clips that can be read.
        """
        voices = self._voices.get(self._speakers[number], {})
        others = sorted(set(voices) - {digest})
        if len(others) < MIN_CLIPS:
            return None
        generator = np.random.default_rng(int(digest[:8], 16))
        drawn = generator.choice(others, CLIPS, replace=False)
        return SpeakerReference.of(
            [voices[other] for other in drawn], speech_encoder(self.analyzer)
        )


def voice_statistics(analyzer: "Analyzer", clip: "Clip") -> VoiceStatistics:
    """What a reference needs of a clip; without the speech encoder that of log-Mels alone.

    Models that need the encoder are skipped then, others go on.
    """
    try:
        speech = analyzer.speech_statistics(clip)
    except RecogniserError:
        speech = np.zeros(0)
    return in_order(lambda: VoiceStatistics.of(clip, speech))


def speech_encoder(analyzer: "Analyzer") -> str:
    """SHA-256 of the encoder that `voice_statistics` are of; "" where there is none."""
    try:
        return analyzer.recogniser.fingerprint
    except RecogniserError:
        return ""
