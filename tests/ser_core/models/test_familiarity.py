import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.distance import mahalanobis

from ser_core.analysis import Analyzer
from ser_core.errors import CheckpointError
from ser_core.inputs.audio import Clip, from_samples
from ser_core.models.familiarity import FAR, FILE, MOST, Familiarity, features, load

GENERATOR = np.random.default_rng(0)
MIXING = GENERATOR.normal(size=(6, 6))


def clips(count: int) -> np.ndarray:
    """Features that depend on one another, of scales that differ a thousandfold."""
    found: np.ndarray = GENERATOR.normal(size=(count, 6)) @ MIXING * np.logspace(-1, 2, 6) + 3
    return found


TRAIN, DEV = clips(4000), clips(500)


@pytest.fixture(scope="module")
def known() -> Familiarity:
    return Familiarity.fit(TRAIN, DEV)


def test_the_distance_is_mahalanobis_where_every_direction_counts() -> None:
    # Of 4,000 rows of 6 features without one that explains less than a hundredth.
    train = np.random.default_rng(1).normal(size=(4000, 6))
    known = Familiarity.fit(train, train)
    inverse = np.linalg.inv(np.cov(train.T, bias=True))
    for clip in train[:20] * 3:
        expected = mahalanobis(clip, train.mean(axis=0), inverse)
        assert known.distance(clip) == pytest.approx(expected, rel=0.01)  # stored in float16


def test_unseen_clips_of_the_same_kind_are_familiar(known: Familiarity) -> None:
    rarities = np.array([known.rarity(clip) for clip in clips(2000)])
    assert 0.3 < np.median(rarities) < 0.7
    assert (rarities < FAR).mean() < 0.03
    assert rarities.min() > 0


def test_what_lies_elsewhere_is_not(known: Familiarity) -> None:
    middle = TRAIN.mean(axis=0)
    assert known.rarity(middle) > 0.95
    # Along the least direction of the training clips, a step that no single feature shows.
    standard = (TRAIN - middle) / TRAIN.std(axis=0)
    least = np.linalg.svd(standard, full_matrices=False)[2][-1]
    assert known.rarity(middle + 3 * least * TRAIN.std(axis=0)) < FAR


def test_it_is_read_as_it_was_written(known: Familiarity, tmp_path: Path) -> None:
    assert load(tmp_path) is None
    known.save(tmp_path)
    found = load(tmp_path)
    assert found is not None
    assert found.distances.tobytes() == known.distances.tobytes()
    for clip in (*DEV[:20], *(5 * DEV[:5])):
        assert found.distance(clip) == pytest.approx(known.distance(clip), rel=1e-9)


def test_a_damaged_file_is_told(known: Familiarity, tmp_path: Path) -> None:
    known.save(tmp_path)
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match="run `ser familiarity` again"):
        load(tmp_path)


def test_more_features_than_clips() -> None:
    train = np.random.default_rng(2).normal(size=(40, 500))
    known = Familiarity.fit(train, train[:10])
    assert len(known.components) <= min(40, MOST)
    assert np.isfinite(known.distance(np.full(500, 9.0)))


def test_what_is_compared_of_an_input() -> None:
    log_mel = torch.randn(1, 50, 64, generator=torch.Generator().manual_seed(0))
    found = features({"log_mel": log_mel, "embedding": torch.zeros(1, 3)})
    assert found is not None
    np.testing.assert_allclose(found[:64], log_mel[0].mean(dim=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        found[64:], log_mel[0].std(dim=0, correction=0), rtol=1e-5, atol=1e-6
    )
    assert features({"embedding": torch.zeros(1, 3)}) is None


@pytest.fixture
def analyzer(tiny_checkpoints: Path, spoken_clip: Clip, tmp_path: Path) -> Analyzer:
    """Whose audio model was trained on nothing but pieces of one clip."""
    root = Path(shutil.copytree(tiny_checkpoints, tmp_path / "checkpoints"))
    analyzer = Analyzer(root)
    audio = analyzer.models["audio"]
    pieces = [from_samples(spoken_clip.samples[at:], 16_000) for at in range(0, 30_000, 100)]
    heard = np.stack([features(analyzer.inputs(audio, piece, None)) for piece in pieces])
    Familiarity.fit(heard[::2], heard[1::2]).save(audio.folder)
    return Analyzer(root)


def test_the_analysis_tells(analyzer: Analyzer, spoken_clip: Clip) -> None:
    same = analyzer.analyze(spoken_clip, "I am glad.").predictions
    assert same["audio"].rarity is not None
    assert not same["audio"].unfamiliar
    assert same["late"].rarity == same["audio"].rarity  # it hears by the audio model
    assert same["text"].rarity is None
    assert same["multistage"].rarity is None  # not measured
    noise = from_samples(np.random.default_rng(0).normal(0, 0.1, 32_000).astype("f4"), 16_000)
    strange = analyzer.analyze(noise, "I am glad.")
    assert [n for n, p in strange.predictions.items() if p.unfamiliar] == ["audio", "late"]
    assert strange.to_dict()["models"]["audio"]["rarity"] == strange.predictions["audio"].rarity
    assert analyzer.analyze(noise, "").predictions["late"].unfamiliar
