"""The parts that a faithfulness curve takes away: patches of the voice, and words."""

from collections.abc import Collection
from functools import partial

import numpy as np

from ser_core.explain.case import Case
from ser_core.explain.function import has_gradients
from ser_core.explain.occlusion import Patches, heard, segments_silent, silenced
from ser_core.explain.results import Explanation
from ser_core.explain.sounds import Sound, sound_of
from ser_core.explain.words import word_spans


class Units:
    """Parts of one case's input, numbered: patches first, then words."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._listener = case.parents[1].checkpoint if case.is_late else case.checkpoint
        self.spans = word_spans(case.words or "")
        self.patches: Patches | None = None
        if case.checkpoint.uses_voice:
            self.patches = Patches.of_clip(case.clip, self._listener)

    def __len__(self) -> int:
        return self._voiced + len(self.spans)

    @property
    def _voiced(self) -> int:
        return 0 if self.patches is None else len(self.patches)

    def attributions(self, explanation: Explanation) -> np.ndarray:
        """The attribution of each part, float64 [N]."""
        words = [word.value for word in explanation.words]
        if self.patches is None or explanation.map is None:
            return np.array(words)
        sums = [
            explanation.map[self.patches.cells(patch)].sum(dtype=np.float64)
            for patch in range(self._voiced)
        ]
        return np.array([*sums, *words])

    def without(self, parts: Collection[int]) -> tuple[Sound, str | None]:
        """The input without some parts: a sound and a text, None once no word is left."""
        return self._sound(sorted(part for part in parts if part < self._voiced)), self._text(parts)

    def _text(self, parts: Collection[int]) -> str | None:
        text = self.case.words
        if text is None:
            return None
        kept = [
            text[start:end]
            for number, (start, end) in enumerate(self.spans)
            if number + self._voiced not in parts
        ]
        if not kept and not self.case.checkpoint.needs_text:
            return None
        return " ".join(kept)

    def _sound(self, parts: list[int]) -> Sound:
        analyzer, clip = self.case.analyzer, self.case.clip
        if self.patches is None or not parts:
            return sound_of(analyzer, clip)
        patches = self.patches
        if not has_gradients(self._listener):
            hop = self._listener.front_end.hop
            return heard(analyzer, partial(segments_silent, clip, patches, parts, hop))
        cells = [patches.cells(part) for part in parts]
        return silenced(analyzer, self._listener, clip, cells)
