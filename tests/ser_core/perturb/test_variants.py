import numpy as np
import pytest

from ser_core.analysis import Analyzer
from ser_core.inputs.audio import Clip
from ser_core.perturb.sound import SOUND_CHANGES
from ser_core.perturb.variants import Variant, differences, to_frame

TEXT = "You can find the keys on the shelf by the door."


@pytest.fixture(scope="module")
def table(analyzer: Analyzer, clip: Clip):
    base = analyzer.analyze(clip, TEXT)
    quiet = SOUND_CHANGES["low-pass"].apply(clip, 500.0)
    variants = [
        Variant("other words", analyzer.analyze(clip, "I hate you!")),
        Variant("dull", analyzer.analyze(quiet, TEXT)),
        Variant("no words", analyzer.analyze(clip, "")),
    ]
    return to_frame(base, variants).set_index(["variant", "model"])


def test_the_base_differs_in_nothing(table) -> None:
    base = table.loc["base"]
    deltas = base[[c for c in base if c.startswith("delta_")]]
    assert (deltas == 0.0).all().all()
    assert not base[["sound_changed", "words_changed", "flipped"]].any().any()
    assert (base["words_wer"] == 0.0).all()


def test_each_model_hears_only_what_it_can(table) -> None:
    assert table.loc[("other words", "audio"), "delta_happy"] == 0.0
    assert table.loc[("other words", "text"), "delta_happy"] != 0.0
    assert table.loc[("dull", "text"), "delta_happy"] == 0.0
    assert table.loc[("dull", "audio"), "delta_happy"] != 0.0
    for name, sound, words in (("other words", False, True), ("dull", True, False)):
        assert (table.loc[name, "sound_changed"] == sound).all()
        assert (table.loc[name, "words_changed"] == words).all()


def test_differences_are_variant_minus_base(table) -> None:
    for name in ("other words", "dull", "no words"):
        for model, row in table.loc[name].iterrows():
            base = table.loc[("base", model)]
            for key in ("happy", "valence"):
                assert row[f"delta_{key}"] == pytest.approx(row[key] - base[key])
            assert row["flipped"] == (row["decision"] != base["decision"])
            assert row["decision_before"] == base["decision"]


def test_without_words_there_is_no_text_model_and_no_wer(table) -> None:
    assert list(table.loc["no words"].index) == ["audio", "late", "single_stage", "multistage"]
    assert np.isnan(table.loc["no words", "words_wer"].astype(float)).all()
    assert (table.loc["other words", "words_wer"] == 1.0).all()  # 3 words for 10, none the same


def test_a_model_that_answers_once_has_no_difference(analyzer: Analyzer, clip: Clip) -> None:
    with_words, without = analyzer.analyze(clip, TEXT), analyzer.analyze(clip, "")
    found = {d.model: d for d in differences(without, with_words)}
    assert found["text"].before is None
    assert found["text"].deltas == {}
    assert not found["text"].flipped
