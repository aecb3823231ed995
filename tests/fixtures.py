"""Corpora of a few seconds, in the layout of ../shared/corpora, and recipes to train on them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from ser_core.labels import CATEGORIES
from ser_core.models.config import ModelConfig
from ser_core.training.recipe import AugmentConfig, DataConfig, OptimiserConfig, Recipe

RATE = 16_000
# One speaker a split and corpus: train, dev, test.
SPEAKERS = {
    "ravdess": ("ravdess_01", "ravdess_19", "ravdess_21"),
    "nemo_pl_4class": ("nemo_EB0", "nemo_TP0", "nemo_WR0"),
    "emodb_de_4class": ("emodb_03", "emodb_14", "emodb_15"),
    "crema_d": ("crema_1001", "crema_1070", "crema_1076"),
}
LANGUAGES = {"ravdess": "en", "nemo_pl_4class": "pl", "emodb_de_4class": "de", "crema_d": "en"}
EMOTIONS = {"neutral": "neutral", "happy": "happiness", "sad": "sadness", "angry": "anger"}
# Of `SPEECH`: four categories in three corpora, and a clip of RAVDESS without a category.
CLIPS_A_SPLIT = 13

TEXTS = {
    "neutral": ("The meeting is on Monday.", "The box is on the table.", "He lives in Leeds."),
    "happy": ("I am so happy for you!", "What a wonderful day, I love it.", "This is great, haha!"),
    "sad": ("I miss her so much.", "I have been crying all day.", "That is so sad, I am sorry."),
    "angry": ("I hate this!", "Shut up and leave me alone.", "You are a disgusting liar."),
}
# valence, arousal, dominance on EmoBank's scale of 1 to 5
RATINGS = {
    "neutral": (3.0, 2.8, 3.0),
    "happy": (4.2, 3.4, 3.3),
    "sad": (2.0, 2.4, 2.5),
    "angry": (1.9, 3.9, 3.4),
}
SPLITS = ("train", "dev", "test")


def tone(category: str, seconds: float, seed: int) -> np.ndarray:
    """Harmonics whose pitch and level tell the category, and a little noise; float32 [n]."""
    pitch = {"neutral": 150.0, "happy": 320.0, "sad": 110.0, "angry": 240.0}[category]
    level = {"neutral": 0.1, "happy": 0.2, "sad": 0.04, "angry": 0.4}[category]
    generator = np.random.default_rng(seed)
    time_s = np.arange(int(seconds * RATE)) / RATE
    pitch *= generator.uniform(0.95, 1.05)
    wave = sum(np.sin(2 * np.pi * pitch * k * time_s) / k for k in range(1, 6))
    return (level * (wave / 2 + 0.02 * generator.standard_normal(len(time_s)))).astype(np.float32)


def write_speech(root: Path, folder: str) -> None:
    """One clip a speaker and category, about a second each, and the manifest."""
    (root / folder / "audio").mkdir(parents=True)
    ravdess = folder == "ravdess"
    kinds = [(c, c if ravdess else e) for c, e in EMOTIONS.items()]
    rows = []
    for speaker in SPEAKERS[folder]:
        for number, (category, emotion) in enumerate([*kinds, *[("", "fearful")] * ravdess]):
            file = f"audio/{speaker}-{number}.{'wav' if ravdess else 'ogg'}"
            seconds = 0.8 + 0.15 * number
            samples = tone(category or "angry", seconds, seed=len(rows))
            soundfile.write(root / folder / file, samples, RATE)
            rows.append(
                {
                    "file": file,
                    "speaker": speaker,
                    "sex": "female",
                    "age": "",
                    "emotion": emotion,
                    "emotion4": category,
                    "intensity": ("normal", "strong")[number % 2] if ravdess else "",
                    "arousal": "",
                    "valence": "",
                    "dominance": "",
                    "transcript": f"Sentence {number % 2} of {folder}.",
                    "sentence_id": f"S{number % 2}",
                    "language": LANGUAGES[folder],
                    "duration_s": round(seconds, 3),
                }
            )
    pd.DataFrame(rows).to_csv(root / folder / "manifest.csv", index=False)


def add_ratings(manifest: Path) -> None:
    """What CREMA-D has beside the others: raters of the voice, and clips with errors.

    Half of the raters hear what was meant, the others neutral. The test speaker's happy clip has a
    recording that the release has twice; the dev speaker's sad one was broken for its raters.
    """
    table = pd.read_csv(manifest, keep_default_na=False)
    table["voice_n"] = 10
    for emotion in (*EMOTIONS.values(), "disgust", "fear"):
        meant = (table["emotion"] == emotion).astype(float)
        table[f"voice_p_{emotion}"] = 0.5 * meant + 0.5 * (emotion == "neutral")
    _, dev, test = SPEAKERS["crema_d"]
    broken = (table["speaker"] == dev) & (table["emotion"] == "sadness")
    twice = (table["speaker"] == test) & (table["emotion"] == "happiness")
    table["voice_rating_ok"] = np.where(broken, 0, 1)
    table["duplicate_audio_of"] = np.where(twice, "another", "")
    table.to_csv(manifest, index=False)


def write_texts(root: Path) -> None:
    """A few sentences a split with categories, and as many with ratings."""
    labelled, rated = [], []
    for split in SPLITS:
        for category, sentences in TEXTS.items():
            for number, sentence in enumerate(sentences):
                key = {"split": split, "id": f"{split}-{category}-{number}", "text": sentence}
                labels = {"labels27": category, "labels_ekman": "", "label4_ekman": category}
                labelled.append(key | labels | {"label4_strict": category})
                rating = dict(zip("VAD", RATINGS[category], strict=True))
                rated.append(key | rating)
        mixed = {
            "split": split,
            "id": f"{split}-mixed",
            "text": "Curious.",
            "labels27": "curiosity",
        }
        labelled.append(mixed | {"labels_ekman": "", "label4_ekman": "", "label4_strict": ""})
    for folder, name, rows in (
        ("text_goemotions", "goemotions", labelled),
        ("text_emobank", "emobank", rated),
    ):
        (root / folder).mkdir(parents=True)
        pd.DataFrame(rows).to_csv(root / folder / f"{name}.csv", index=False)


def write_corpora(root: Path) -> Path:
    """The speech corpora and the two text corpora below `root`. Returns `root`."""
    for folder in SPEAKERS:
        write_speech(root, folder)
    add_ratings(root / "crema_d" / "manifest.csv")
    write_texts(root)
    assert set(TEXTS) == set(CATEGORIES)
    return root


WIDTH = 0.125
SPEECH = ("ravdess", "nemo", "emodb")
WRITTEN = ("goemotions", "emobank")
MODELS = {
    "text": ModelConfig("text", hidden=32),
    "audio": ModelConfig("audio", width=WIDTH),
    "single_stage": ModelConfig("fusion", width=WIDTH, stages=("pooled",)),
    "multistage": ModelConfig("fusion", width=WIDTH, stages=("block2", "block5")),
    "foundation": ModelConfig("foundation", input_dim=1792, hidden=32),
}


def micro_recipe(name: str, **optimiser: object) -> Recipe:
    """Two epochs of a tiny model on these corpora, everything else as in the real recipes."""
    model = MODELS[name]
    settings: dict[str, object] = {
        "epochs": 2,
        "batch_size": 4,
        "lr": 1e-3,
        "average": 0.9,
        "label_smoothing": 0.05,
        "precision": "32-true",
    }
    return Recipe(
        name=name,
        title=name.title(),
        model=model,
        data=DataConfig(
            speech=SPEECH if model.architecture != "text" else (),
            texts=WRITTEN if model.architecture in ("text", "fusion") else (),
            crop_s=1.0,
        ),
        augment=AugmentConfig(
            gain_db=8.0, eq_db=4.0, tempo=0.1, warp=0.1, noise=0.4, time_masks=1, mel_masks=1
        ),
        optimiser=replace(OptimiserConfig(), **(settings | optimiser)),
        seed=3,
    )
