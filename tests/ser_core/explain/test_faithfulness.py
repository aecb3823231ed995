from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.explain.attribution import attribute
from ser_core.explain.case import Case, make_case
from ser_core.explain.faithfulness import faithfulness
from ser_core.explain.sanity import last_layers, randomise, rank_correlation, sanity_check
from ser_core.explain.sounds import silence
from ser_core.explain.units import Units
from ser_core.explain.values import Values
from ser_core.inputs.audio import Clip

CaseOf = Callable[..., Case]


@pytest.mark.parametrize("model", ["text", "audio", "late", "multistage"])
def test_curves_run_between_everything_and_nothing(case_of: CaseOf, model: str) -> None:
    case = case_of(model)
    explanation = attribute(case, "occlusion")
    found = faithfulness(case, explanation, points=4, orders=2)
    deleted, inserted = found.deletion, found.insertion
    assert deleted.values[0] == pytest.approx(explanation.value, abs=1e-6)
    assert inserted.values[-1] == pytest.approx(explanation.value, abs=1e-6)
    values = Values(case.analyzer, case.checkpoint, case.choice, case.late_weight)
    nothing = values.one(silence(case.analyzer, case.clip), "" if model == "text" else None)
    assert deleted.values[-1] == pytest.approx(nothing, abs=1e-6)
    assert inserted.values[0] == pytest.approx(nothing, abs=1e-6)
    assert deleted.random.shape == (2, 5)
    assert found.to_dict()["deletion"]["area"] == deleted.area
    assert faithfulness(case, explanation, 4, 2).to_dict() == found.to_dict()  # seeded


def test_a_good_order_is_steeper_and_its_reverse_is_not(shipped: Analyzer, clip: Clip) -> None:
    case = make_case(shipped, clip, "I have been crying all day. I miss her so much.", "text")
    explanation = attribute(case, "occlusion")
    words = tuple(replace(word, value=-word.value) for word in explanation.words)
    good = faithfulness(case, explanation)
    bad = faithfulness(case, replace(explanation, words=words))
    assert good.steeper > 0 > bad.steeper
    assert good.insertion.area > bad.insertion.area
    assert "lower than 5 of 5 random orders" in good.in_words


def test_attributions_of_parts_sum_to_the_whole(case_of: CaseOf) -> None:
    case = case_of("multistage")
    explanation = attribute(case)
    parts = Units(case).attributions(explanation)
    total = explanation.voice_total + sum(word.value for word in explanation.words)
    assert len(parts) == len(Units(case))
    assert parts.sum() == pytest.approx(total, rel=1e-4)


def test_the_reference_loses_parts_of_its_recording(shipped: Analyzer, clip: Clip) -> None:
    case = make_case(shipped, clip, None, "foundation", "angry")
    found = faithfulness(case, attribute(case), points=3, orders=1)
    assert found.parts == 15
    assert found.deletion.values[0] == pytest.approx(attribute(case).value, abs=1e-6)
    assert len(np.unique(found.deletion.values)) == 4


def test_another_models_attribution_is_refused(case_of: CaseOf) -> None:
    with pytest.raises(SerError, match="of another model or output"):
        faithfulness(case_of("audio"), attribute(case_of("multistage")))
    with pytest.raises(SerError, match="only one part"):
        faithfulness(case_of("text", words="No!"), attribute(case_of("text", words="No!")))


def test_randomised_layers_are_a_copys(case_of: CaseOf) -> None:
    network = case_of("multistage").checkpoint.network
    before = {name: value.clone() for name, value in network.state_dict().items()}
    names = last_layers(network, 3)
    assert names[0] == "heads.linear"
    changed = randomise(network, names)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    different = {
        name.rsplit(".", 1)[0]
        for name, value in changed.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert set(names) == different


def test_random_layers_give_another_map(shipped: Analyzer, clip: Clip) -> None:
    case = make_case(shipped, clip, "I miss her.", "multistage", "sad")
    found = sanity_check(case)
    assert set(found.similarity) == {"voice", "words"}
    assert len(found.layers) == len(found.similarity["voice"]) == 4
    assert abs(found.similarity["voice"][-1]) < 0.8
    assert found == sanity_check(case)  # seeded
    with pytest.raises(SerError, match="Only attributions by gradients"):
        sanity_check(case, "occlusion")


def test_late_fusion_is_compared_with_both_of_its_parents_randomised(
    shipped: Analyzer, clip: Clip
) -> None:
    found = sanity_check(make_case(shipped, clip, "I miss her.", "late", "sad"))
    text, audio = (last_layers(shipped.models[name].network) for name in ("text", "audio"))
    assert found.layers[0] == f"{text[0]} + {audio[0]}"
    assert found.layers[-1] == audio[3]  # the text model has no more
    assert set(found.similarity) == {"voice", "words"}
    assert abs(found.similarity["voice"][-1]) < 0.8
    # Without words late fusion is its audio model, and so is its check.
    silent = sanity_check(make_case(shipped, clip, "", "late", "sad"))
    assert silent == sanity_check(make_case(shipped, clip, "", "audio", "sad"))


def test_rank_correlation() -> None:
    a = np.array([1.0, 2.0, 5.0, 3.0])
    assert rank_correlation(a, a**3) == pytest.approx(1)
    assert rank_correlation(a, -a) == pytest.approx(-1)
    assert rank_correlation(a, np.zeros(4)) == 0
