"""Late fusion's attribution: the same combination of its parents', where it pools linearly.

So it is for one weighted mean. Any other rule (see `LateRule`) is explained by occlusion alone, of
the pooled answer itself, as `Values` computes it.
"""

from dataclasses import replace

import numpy as np

from ser_core.explain.results import Explanation


def combine(name: str, text: Explanation | None, audio: Explanation, weight: float) -> Explanation:
    """The explanation of weight * text + (1 - weight) * audio, both of the same output.

    Args:
        text: of the text model; None without words, where late fusion is the audio model.
        weight: the text's, in [0, 1].
    """
    if text is None:
        return replace(audio, model=name)
    share = 1 - weight

    def pooled(read: float | None, heard: float | None) -> float | None:
        return None if read is None or heard is None else weight * read + share * heard

    # Silence without words is the audio model's alone.
    start = pooled(text.baseline, audio.baseline)
    any_words = 0.0 if start is None or audio.baseline is None else start - audio.baseline
    return Explanation(
        model=name,
        output=audio.output,
        unit=audio.unit,
        method=audio.method,
        settings={"late_weight": weight, "text": text.settings, "audio": audio.settings},
        value=weight * text.value + share * audio.value,
        map=None if audio.map is None else np.float32(share) * audio.map,
        frame_rate=audio.frame_rate,
        words=tuple(replace(word, value=weight * word.value) for word in text.words),
        baseline=audio.baseline if start is not None else None,
        any_words=any_words,
        gap=pooled(text.gap, audio.gap),
    )
