from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from ser_core.analysis import CHECKPOINTS, Analyzer
from ser_core.cli import app
from ser_core.corpora.demonstration import DEV_SPEAKERS, TEST_SPEAKERS, read_speech
from ser_core.errors import SerError
from ser_core.explain import background_making
from ser_core.explain.background import FOLDER, at_level, load_background, quantise, restore
from ser_core.explain.background_making import choose_voices, make_background
from ser_core.inputs.audio import Clip
from ser_core.inputs.features import FrontEnd, log_mel
from ser_core.labels import CATEGORIES
from ser_core.models.registry import discover

SHIPPED = CHECKPOINTS / FOLDER


def test_the_shipped_one_is_of_training_speakers_and_of_all_kinds() -> None:
    voices = pd.read_csv(SHIPPED / "voices.csv")
    sentences = pd.read_csv(SHIPPED / "sentences.csv")
    assert not set(voices["speaker"]) & (TEST_SPEAKERS | DEV_SPEAKERS)
    assert voices["speaker"].nunique() == len(voices) == len(sentences) == 16
    assert voices["corpus"].nunique() >= 3
    for table in (voices, sentences):
        assert table["category"].value_counts().to_dict() == dict.fromkeys(CATEGORIES, 4)
    pairs = set(zip(voices["category"], sentences["category"], strict=True))
    assert len(pairs) == 16  # each kind of voice meets each kind of words
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 600_000


def test_it_is_no_checkpoint() -> None:
    assert FOLDER not in discover(CHECKPOINTS)


def test_it_is_read_as_it_was_made(shipped: Analyzer) -> None:
    background = load_background(SHIPPED)
    assert background.log_mels.shape == (16, 251, 64)
    assert len(background.sentences) == len(background) == 16
    for checkpoint in shipped.models.values():
        if checkpoint.model.architecture == "foundation":
            heard = background.voices()[0](checkpoint)["speech_statistics"]
            assert heard.shape == (checkpoint.model.input_dim,)


def test_the_level_is_that_of_the_front_end(clip: Clip) -> None:
    """What is stored without level normalisation gets the one of whichever model hears it."""
    front_end = FrontEnd(level_db=-30.0)
    stored = restore(quantise(log_mel(clip.samples, replace(front_end, level_db=None))))
    assert torch.allclose(
        at_level(stored, front_end), log_mel(clip.samples, front_end), atol=0.3 + 0.1
    )
    assert torch.equal(at_level(stored, FrontEnd()), stored)


def test_what_is_missing_or_damaged_is_told(tmp_path: Path) -> None:
    with pytest.raises(SerError, match=r"no background voices in .*explain-background"):
        load_background(tmp_path)
    for file in SHIPPED.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "voices.safetensors").write_bytes(b"nothing")
    with pytest.raises(SerError, match="are damaged"):
        load_background(tmp_path)


def test_another_front_end_is_refused(shipped: Analyzer) -> None:
    audio = shipped.models["audio"]
    other = replace(audio, front_end=replace(audio.front_end, hop=320))
    with pytest.raises(SerError, match="not the front end of 'audio'"):
        load_background(SHIPPED).voices()[0](other)


def test_it_is_made_from_corpora(
    micro_corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_making, "SECONDS", 0.5)
    # One training speaker a corpus, twelve clips: as many voices as can be told apart.
    monkeypatch.setattr(
        background_making, "TEXTS", {c: t[:3] for c, t in background_making.TEXTS.items()}
    )
    rows = make_background(micro_corpora, tmp_path / "out")
    assert len(rows) == rows["id"].nunique() == 12
    made = load_background(tmp_path / "out")
    assert made.log_mels.shape == (12, 51, 64)
    assert np.isfinite(made.statistics.numpy()).all()
    again = make_background(micro_corpora, tmp_path / "again")
    assert again.equals(rows)
    assert load_background(tmp_path / "again").digest == made.digest


def test_too_few_clips_are_told(micro_corpora: Path) -> None:
    table = read_speech(micro_corpora, "emodb").table
    with pytest.raises(SerError, match=r"Too few training clips of 2.5 s with the category neut"):
        choose_voices({"emodb": table}, 4)


def test_no_corpora_are_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["explain-background", "--data", str(tmp_path)])
    assert result.exit_code == 2
    assert "There are no corpora in" in result.output
