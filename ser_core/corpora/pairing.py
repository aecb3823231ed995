"""Constructed pairs: an acted clip and an independent English text, with a joint label.

In acted corpora the words say nothing of the emotion, so that a model could never learn to use
them. A constructed pair gives a clip the words of another source. This is a construction, not
real multimodal speech; every result that uses it says so.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ser_core.labels import CATEGORIES, DIMENSIONS

VOICE_SHARE_OF_CONFLICT = 0.6  # listeners lean to prosody (Ben-David et al., T-RES)
TEXT_SHARE = {"arousal": 0.25, "valence": 0.60, "dominance": 0.35}
NEUTRAL = CATEGORIES.index("neutral")


def one_hot(categories: pd.Series) -> np.ndarray:
    """Category names -> float32 [N, 4]; rows of zeros where there is none."""
    return np.stack([(categories == c).to_numpy(dtype=np.float32) for c in CATEGORIES], axis=1)


def joint_category(voice: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Joint soft label of voice and words.

    The same in both: that one. Neutral in one: the other's. In conflict: 0.6 voice + 0.4 words.

    Args:
        voice: one-hot [N, 4]. text: one-hot [N, 4]; rows of zeros have no label.

    Returns:
        [N, 4]; zeros where either has no label.
    """
    voice_neutral = voice[:, NEUTRAL : NEUTRAL + 1]
    text_neutral = text[:, NEUTRAL : NEUTRAL + 1]
    mixed = VOICE_SHARE_OF_CONFLICT * voice + (1 - VOICE_SHARE_OF_CONFLICT) * text
    joint = np.where(voice_neutral == 1, text, np.where(text_neutral == 1, voice, mixed))
    labelled = (voice.sum(1, keepdims=True) > 0) & (text.sum(1, keepdims=True) > 0)
    result: np.ndarray = joint * labelled
    return result


def joint_dimensions(voice: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Weighted mean of both, [N, 3] in [0, 1]; NaN where either has none.

    Valence leans on the words (0.6), arousal (0.25) and dominance (0.35) on the voice.
    """
    share = np.array([TEXT_SHARE[name] for name in DIMENSIONS])
    result: np.ndarray = share * text + (1 - share) * voice
    return result


@dataclass(frozen=True)
class Pairs:
    """Pairs by row number, with their joint labels.

    Attributes:
        clips: row of each pair's clip, int [N].
        texts: row of each pair's text, int [N]; -1 for no text.
        categories: soft labels [N, 4], zeros where unlabelled.
        dimensions: [N, 3] in [0, 1], NaN where unlabelled.
    """

    clips: np.ndarray
    texts: np.ndarray
    categories: np.ndarray
    dimensions: np.ndarray

    def __len__(self) -> int:
        return len(self.clips)

    def rows(self, which: np.ndarray | slice) -> "Pairs":
        """A part of them."""
        return Pairs(
            self.clips[which], self.texts[which], self.categories[which], self.dimensions[which]
        )


def make_pairs(
    clips: pd.DataFrame, texts: pd.DataFrame, clip_rows: np.ndarray, text_rows: np.ndarray
) -> Pairs:
    """Label the given pairs of rows."""
    voice, words = clips.iloc[clip_rows], texts.iloc[text_rows]
    return Pairs(
        clips=clip_rows,
        texts=text_rows,
        categories=joint_category(one_hot(voice["category"]), one_hot(words["category"])),
        dimensions=joint_dimensions(
            voice[list(DIMENSIONS)].to_numpy(), words[list(DIMENSIONS)].to_numpy()
        ),
    )


def fixed_pairs(
    clips: pd.DataFrame,
    texts: pd.DataFrame,
    seed: int,
    texts_per_category: int = 1,
    rated_texts: int = 2,
) -> Pairs:
    """The pairs of a dev or test set: the same ones for every model and every run.

    Each clip meets `texts_per_category` texts of each category (for the joint category, if the
    clip has one), and `rated_texts` texts with rated dimensions.
    """
    generator = np.random.default_rng(seed)
    by_category = [np.flatnonzero(texts["category"] == category) for category in CATEGORIES]
    rated = np.flatnonzero(texts["valence"].notna())
    clip_rows, text_rows = [], []
    for row, category in enumerate(clips["category"]):
        pools = [*by_category] * texts_per_category if category else []
        pools += [rated] * rated_texts
        for pool in pools:
            if len(pool):
                clip_rows.append(row)
                text_rows.append(int(generator.choice(pool)))
    return make_pairs(clips, texts, np.array(clip_rows), np.array(text_rows))
