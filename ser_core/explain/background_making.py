"""Makes the background of `ser_core.explain.background` from training speakers of real corpora."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file

from ser_core.corpora.demonstration import SPEECH_FOLDERS, read_speech
from ser_core.errors import CorpusError, SerError
from ser_core.explain.background import SENTENCES, SOURCES, VOICES, quantise
from ser_core.inputs.audio import SAMPLE_RATE, Clip, load
from ser_core.inputs.features import FrontEnd, log_mel
from ser_core.inputs.speech import Recogniser
from ser_core.labels import CATEGORIES

SECONDS = 2.5  # of each voice: shorter clips are not taken, longer ones cut to their middle
# Ours, of all kinds: four a category, of two to twelve words.
TEXTS = {
    "neutral": (
        "The bus leaves at half past nine from the main station.",
        "She put the keys on the table.",
        "The shop opens at ten.",
        "We will need two more chairs for the meeting room tomorrow.",
    ),
    "happy": (
        "This is wonderful news, I am so happy for you!",
        "We had a lovely day by the sea.",
        "Thank you, that made my day!",
        "I can't wait to see them again, it will be great fun.",
    ),
    "sad": (
        "I still miss him every single day.",
        "Nobody came to her birthday in the end.",
        "It breaks my heart.",
        "I lost everything I had, and I don't know how to go on.",
    ),
    "angry": (
        "Stop lying to me!",
        "You ruined everything, and you don't even care.",
        "How dare you talk to me like that?",
        "I am sick of this, get out of here now.",
    ),
}
README = """# Background voices and sentences

What stands in for a voice, or for words, where an explanation leaves them out (see
`ser_core/explain/background.py`). Made by `ser explain-background --data FOLDER --out FOLDER`.

The voices are {seconds:g} s each of training speakers, kept as log-Mel spectrograms in one byte a
cell and as mean and standard deviation over time of a speech encoder's output; `voices.csv` names
the recordings. Licence: CC BY-NC-SA 4.0, because RAVDESS and nEMO are. The sentences were written
for this purpose, four a category.

{sources}
"""
LICENCES = {
    "ravdess": "RAVDESS (Livingstone & Russo, 2018), CC BY-NC-SA 4.0",
    "nemo": "nEMO (Christop, 2024), CC BY-NC-SA 4.0",
    "emodb": "EmoDB (Burkhardt et al., 2005), CC0 1.0 by its published package",
    "crema_d": "CREMA-D (Cao et al., 2014), Open Database License 1.0",
}


def choose_voices(corpora: dict[str, pd.DataFrame], number: int, seed: int = 0) -> pd.DataFrame:
    """Rows of training clips: categories and corpora in turn, new speakers while there are any.

    Args:
        corpora: table by name, see `ser_core.corpora.table`.

    Raises:
        SerError: too few clips that are long enough.
    """
    generator = np.random.default_rng(seed)
    names = list(corpora)
    chosen: list[pd.Series] = []
    for turn in range(number):
        category = CATEGORIES[turn % len(CATEGORIES)]
        table = corpora[names[(turn + turn // len(CATEGORIES)) % len(names)]]
        fitting = table[
            (table["split"] == "train")
            & (table["category"] == category)
            & (table["duration_s"] >= SECONDS)
            & ~table["id"].isin([row["id"] for row in chosen])
        ]
        new = fitting[~fitting["speaker"].isin([row["speaker"] for row in chosen])]
        fitting = new if len(new) else fitting
        if not len(fitting):
            raise SerError(
                f"Too few training clips of {SECONDS:g} s with the category {category}: name a "
                "folder with more corpora."
            )
        chosen.append(fitting.iloc[int(generator.integers(len(fitting)))])
    return pd.DataFrame(chosen).reset_index(drop=True)


def make_background(data: Path, out: Path, seed: int = 0) -> pd.DataFrame:
    """Write voices, sentences and their README into a folder.

    The sentences' categories come in blocks, the voices' in turns, so that the matched pairs of
    `modality_shares` join each category of voice with each of words.

    Args:
        data: folder of the demonstration corpora, in our layout or as they are published; those
            that are there are used.
        out: made if it does not exist.

    Returns:
        The rows of `voices.csv`.

    Raises:
        SerError: no corpus, too few clips, or no speech encoder.
    """
    corpora = {}
    for name in SPEECH_FOLDERS:
        with suppress(CorpusError):  # not all of them need be there
            corpora[name] = read_speech(data, name).table
    if not corpora:
        raise SerError(f"There are no corpora in {data}: name their folder with --data.")
    sentences = [
        {"text": text, "category": category} for category, texts in TEXTS.items() for text in texts
    ]
    voices = choose_voices(corpora, len(sentences), seed)
    clips = [_middle(load(path)) for path in voices["path"]]
    recogniser = Recogniser()
    front_end = FrontEnd()
    tensors = {
        "log_mel": torch.stack([quantise(log_mel(clip.samples, front_end)) for clip in clips]),
        "speech_statistics": torch.stack(
            [torch.from_numpy(recogniser.statistics(clip)).half() for clip in clips]
        ),
    }
    settings = {"front_end": front_end.to_dict(), "speech_encoder": recogniser.fingerprint}
    out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out / VOICES, {"settings": json.dumps(settings)})
    sources = voices[["corpus", "id", "speaker", "sex", "language", "category"]]
    sources.to_csv(out / SOURCES, index=False, lineterminator="\n")
    pd.DataFrame(sentences).to_csv(out / SENTENCES, index=False, lineterminator="\n")
    named = "\n".join(f"- {LICENCES.get(name, name)}" for name in corpora)
    (out / "README.md").write_text(README.format(seconds=SECONDS, sources=named), "utf-8")
    return sources


def _middle(clip: Clip) -> Clip:
    length = round(SECONDS * SAMPLE_RATE)
    first = (len(clip.samples) - length) // 2
    return replace(clip, samples=clip.samples[first : first + length], digest=f"{clip.digest}-mid")
