"""Training speakers left out in turn: what recipes are chosen by.

The few dev speakers of a corpus may be its easiest or its hardest, so that a choice between recipes
by them is a choice by chance. Folds of training speakers are many more voices; the dev speakers
then choose nothing but the epoch of the final training.
"""

import numpy as np
import pandas as pd


def leave_out(clips: pd.DataFrame, fold: int, folds: int) -> pd.Series:
    """Splits of clips when one part of the training speakers takes the dev speakers' place.

    Args:
        clips: columns `corpus`, `speaker` and `split`.
        fold: which part, from 1 to `folds`.
        folds: number of parts; each has every `folds`th training speaker of each corpus, by name.

    Returns:
        `dev` for the clips of the part, `train` for those of the other training speakers, "" for
        those of the corpora's own dev speakers; test stays test.
    """
    split = clips["split"].replace("dev", "")
    training = clips[clips["split"] == "train"]
    for _, of_corpus in training.groupby("corpus", sort=False):
        speakers = np.sort(of_corpus["speaker"].unique())
        held_out = of_corpus["speaker"].isin(speakers[fold - 1 :: folds])
        split[of_corpus.index[held_out]] = "dev"
    return split
