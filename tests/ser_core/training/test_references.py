from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from fixtures import RATE, SPEECH, micro_recipe

from ser_core.inputs import audio
from ser_core.inputs.features import FrontEnd, log_mel
from ser_core.inputs.reference import band_statistics
from ser_core.models.config import build
from ser_core.training.data import EpochDataset, RecipeData, WholeDataset
from ser_core.training.initialisation import fit_typical
from ser_core.training.recipe import AugmentConfig, DataConfig, Recipe
from ser_core.training.references import DEV_CLIPS, FEWEST, MOST, Voices, make_voices
from ser_core.training.split_data import Material, load_material

LEVEL_DB = -30.0
DATA = DataConfig(speech=SPEECH, reference=1.0, level_db=LEVEL_DB, crop_s=1.0)


@pytest.fixture(scope="module")
def material(micro_corpora: Path) -> Material:
    return load_material(DATA, micro_corpora, "train")


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    plain = micro_recipe("audio")
    model = replace(plain.model, reference=True)
    return replace(plain, model=model, data=DATA, augment=AugmentConfig())


def many_voices(clips: int = 50) -> Voices:
    """Two speakers, 20 dB apart, whose clips differ by themselves."""
    generator = np.random.default_rng(0)
    speakers = np.where(np.arange(2 * clips) % 2, "loud", "soft")
    levels = generator.normal(-30, 3, (2 * clips, 65)) + 20 * (speakers == "loud")[:, None]
    statistics = generator.normal(0, 1, (2 * clips, 6))
    table = pd.DataFrame({"speaker": speakers})
    return make_voices(table, levels.astype(np.float32), statistics.astype(np.float32), LEVEL_DB)


def test_a_reference_is_of_other_clips_of_the_speaker() -> None:
    voices, rows = many_voices(), np.arange(100)
    for wanted in (None, 10, 500):
        found = voices.references(rows, np.random.default_rng(1), wanted)
        for row, others in zip(rows, found, strict=True):
            assert row not in others
            assert len(set(others)) == len(others)
            assert (voices.speakers[others] == voices.speakers[row]).all()
        sizes = {len(others) for others in found}
        if wanted is None:
            assert min(sizes) >= FEWEST and max(sizes) <= MOST and len(sizes) > 10
        else:
            assert sizes == {min(wanted, 49)}


def test_of_speakers_only_the_differences_within_remain() -> None:
    voices = many_voices()
    rows = np.arange(100)
    batch = {
        "log_mel": torch.from_numpy(voices.bands - voices.offsets[:, None])[:, None, :].clone(),
        "speech_statistics": torch.from_numpy(voices.statistics).clone(),
    }
    everybody = voices.references(rows, np.random.default_rng(0), 49)
    known = np.arange(100) < 90
    before = {name: value.clone() for name, value in batch.items()}
    voices.relate(batch, rows, everybody, known, voices.typical)
    for name, values in (("log_mel", voices.bands), ("speech_statistics", voices.statistics)):
        torch.testing.assert_close(batch[name][90:], before[name][90:])
        found = batch[name].reshape(100, -1).numpy()[known]
        of = voices.speakers[known]
        for speaker in ("loud", "soft"):
            typical = voices.typical.bands if name == "log_mel" else voices.typical.statistics
            np.testing.assert_allclose(found[of == speaker].mean(axis=0), typical, atol=0.5)
            spread = (found - values[known])[of == speaker].std(axis=0)
            assert (spread < 0.1).all()  # the same for all clips, but for the clip left out


def test_what_is_kept_of_the_level(material: Material) -> None:
    voices = material.voices
    assert voices is not None
    for row, path in enumerate(material.clips["path"][:3]):
        samples = audio.load(path).samples
        raw = log_mel(samples)
        np.testing.assert_allclose(voices.bands[row], raw.mean(dim=0), atol=1e-3)
        levelled = log_mel(samples, FrontEnd(level_db=LEVEL_DB))
        shift = float((raw - levelled).mean())
        assert voices.offsets[row] == pytest.approx(shift, abs=0.01)


def test_level_of_a_clip() -> None:
    soft = 0.01 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    found = band_statistics(10 * soft) - band_statistics(soft)
    np.testing.assert_allclose(found, 20.0, atol=0.01)


def test_training_crops_are_relative_to_the_speaker(material: Material, recipe: Recipe) -> None:
    rows = [0, 1, 2, 3]
    alone = EpochDataset(replace(material, voices=None), recipe, 0)[rows]["log_mel"]
    difference = EpochDataset(material, recipe, 0)[rows]["log_mel"] - alone
    torch.testing.assert_close(difference, difference[:, :1].expand_as(difference))
    assert (difference.abs().amax(dim=(1, 2)) > 0.1).any()


def test_dev_clips_with_and_without_a_reference(micro_corpora: Path, recipe: Recipe) -> None:
    data = RecipeData.read(recipe, micro_corpora)
    names = list(data.dev_sets)
    assert names == [f"{kind}/{corpus}" for kind in ("clips", "reference") for corpus in SPEECH]
    assert data.train.voices is not None and data.dev.voices is not None
    batches = [next(iter(part)) for part in data.val_dataloader()]
    plain, related = (batches[names.index(f"{kind}/nemo")] for kind in ("clips", "reference"))
    row = int(data.dev_sets["reference/nemo"].clips[0])
    others = data.dev.voices.references(np.array([row]), np.random.default_rng(row), DEV_CLIPS)[0]
    expected = data.dev.voices.offsets[row] - data.dev.voices.bands[others].mean(axis=0)
    expected = expected + data.train.voices.typical.bands
    torch.testing.assert_close(
        related["log_mel"][0] - plain["log_mel"][0],
        torch.from_numpy(expected).expand_as(plain["log_mel"][0]).float(),
        atol=1e-4,
        rtol=0,
    )
    again = WholeDataset(
        data.dev, data.dev_sets["reference/nemo"], typical=data.train.voices.typical
    )
    torch.testing.assert_close(again[[0]]["log_mel"], related["log_mel"])


def test_a_network_keeps_what_is_typical(material: Material, recipe: Recipe) -> None:
    network = build(recipe.model)
    assert network.typical is not None and not network.typical.any()
    fit_typical(network, material)
    assert material.voices is not None
    np.testing.assert_allclose(network.typical, material.voices.typical.bands, rtol=1e-6)
    levelled = np.mean([material.log_mels[row].numpy().mean(0) for row in range(13)], axis=0)
    np.testing.assert_allclose(network.typical, levelled, atol=0.05)
    assert build(micro_recipe("audio").model).typical is None
