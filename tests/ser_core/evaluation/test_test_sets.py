from pathlib import Path

import numpy as np
from fixtures import CLIPS_A_SPLIT, SPEECH, TEXTS, WRITTEN

from ser_core.evaluation.test_sets import evaluation_sets, native_sets, pair_set, text_sets
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.training.recipe import DataConfig
from ser_core.training.split_data import NO_TEXT, Material, load_material

SENTENCES = sum(len(sentences) for sentences in TEXTS.values())


def test_names(material: Material) -> None:
    names = [test_set.name for test_set in evaluation_sets(material, "test")]
    native = [f"{name}, {words}" for name in SPEECH for words in ("own sentence", "no text")]
    assert names == [*native, *WRITTEN, "constructed pairs"]


def test_native_sets_hold_every_clip_of_their_corpus(material: Material) -> None:
    for test_set in native_sets(material):
        corpus = test_set.name.split(",")[0]
        examples = test_set.examples
        clips = material.clips.iloc[examples.clips]
        assert set(clips["corpus"]) == {corpus}
        assert len(clips) == (material.clips["corpus"] == corpus).sum()
        assert test_set.speakers.tolist() == clips["speaker"].tolist()
        assert test_set.has_voice
        np.testing.assert_array_equal(examples.dimensions, clips[list(DIMENSIONS)])
        if test_set.name.endswith("no text"):
            assert (examples.texts == NO_TEXT).all()
            assert not test_set.has_words
        else:
            words = material.texts["transcript"].iloc[examples.texts]
            assert words.tolist() == clips["transcript"].tolist()
            assert test_set.has_words


def test_text_sets_have_no_voice(material: Material) -> None:
    for test_set in text_sets(material):
        assert len(test_set.examples) == SENTENCES
        assert not test_set.has_voice
        assert test_set.has_words
        assert test_set.speakers is None
        assert set(material.texts["corpus"].iloc[test_set.examples.texts]) == {test_set.name}


def test_constructed_pairs_are_the_same_every_time(material: Material) -> None:
    first, second = pair_set(material, "test"), pair_set(material, "test")
    np.testing.assert_array_equal(first.examples.texts, second.examples.texts)
    assert len(first.examples) == (CLIPS_A_SPLIT - 1) * (len(CATEGORIES) + 2) + 2
    assert first.has_voice
    assert first.has_words
    clips = material.clips["speaker"].to_numpy()[first.examples.clips]
    assert first.speakers.tolist() == clips.tolist()
    independent = material.texts["corpus"].iloc[first.examples.texts] != "own"
    assert independent.all()


def test_sets_with_a_reference_and_human_raters(micro_corpora: Path) -> None:
    data = DataConfig(speech=("emodb", "crema_d"), reference=1.0)
    sets = {s.name: s for s in native_sets(load_material(data, micro_corpora, "test"))}
    assert list(sets) == [
        *("emodb, own sentence", "emodb, no text", "emodb, reference"),
        *("crema_d, own sentence", "crema_d, no text", "crema_d, reference"),
        "crema_d, as raters heard it",
    ]
    assert [name for name, s in sets.items() if s.reference] == [
        "emodb, reference",
        "crema_d, reference",
    ]
    assert sets["emodb, no text"].heard is None
    meant = sets["crema_d, no text"]
    assert meant.heard is not None
    np.testing.assert_allclose(meant.heard[:, 0], np.where(meant.examples.categories[:, 0], 1, 0.5))
    # Half of the raters hear what was meant, half neutral: a tie, unless neutral was meant.
    heard = sets["crema_d, as raters heard it"]
    assert heard.examples.categories.tolist() == [[1.0, 0.0, 0.0, 0.0]]
    assert np.isnan(heard.examples.dimensions).all()
