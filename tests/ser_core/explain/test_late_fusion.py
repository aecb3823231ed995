"""Late fusion: of any rule, by all methods; in the space where it pools it is its parents' sum."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from torch import Tensor

from ser_core.analysis import CHECKPOINTS, Analyzer
from ser_core.explain import shares
from ser_core.explain.attribution import (
    INPUT_X_GRADIENT,
    INTEGRATED_GRADIENTS,
    METHODS,
    OCCLUSION,
    attribute,
    methods,
)
from ser_core.explain.case import Case, make_case
from ser_core.explain.function import Function
from ser_core.explain.gradients import input_x_gradient, integrate
from ser_core.explain.late import Pool
from ser_core.explain.outputs import choices
from ser_core.explain.shares import modality_shares
from ser_core.explain.word_attribution import attribute_words
from ser_core.inputs.audio import Clip
from ser_core.models.checkpoint import Checkpoint, save
from ser_core.models.config import ModelConfig
from ser_core.models.fusion import Output
from ser_core.models.late import LateRule
from ser_core.support.cache import Cache

CaseOf = Callable[..., Case]
WORDS = "I miss her."


@pytest.fixture(scope="module")
def plain(shipped: Analyzer, tmp_path_factory: pytest.TempPathFactory) -> Analyzer:
    """The shipped text and audio models below the paper's late fusion, one plain mean."""
    root = tmp_path_factory.mktemp("plain")
    for name in ("text", "audio", "background"):
        shutil.copytree(CHECKPOINTS / name, root / name)
    model = ModelConfig("late", parents=("text", "audio"))
    save(replace(shipped.models["late"], folder=root / "late", model=model), None)
    return Analyzer(root)


def test_every_rule_has_all_methods(shipped: Analyzer, plain: Analyzer) -> None:
    for analyzer in (shipped, plain):
        late = analyzer.models["late"]
        assert methods(analyzer.models, late) == METHODS
        model = replace(late.model, parents=("text", "foundation"))
    foreign = replace(late, name="foreign", model=model)
    assert methods(shipped.models, foreign) == (OCCLUSION,)


def test_only_what_adds_up_logs_has_logits(shipped: Analyzer, plain: Analyzer) -> None:
    kinds = [
        {choice.kind for choice in choices(analyzer.models, analyzer.models["late"])}
        for analyzer in (shipped, plain)
    ]
    assert kinds == [
        {"probability", "dimension", "logit", "difference"},
        {"probability", "dimension"},
    ]


@pytest.mark.parametrize("words", [WORDS, ""])
def test_the_difference_of_logits_is_the_logarithm_of_odds(
    shipped: Analyzer, clip: Clip, words: str
) -> None:
    case = make_case(shipped, clip, words, "late", "logit:sad-angry")
    said = shipped.analyze(clip, words, ["late"]).predictions["late"].probabilities
    found = attribute(case, OCCLUSION)
    assert found.value == pytest.approx(np.log(said["sad"] / said["angry"]), abs=1e-6)


@pytest.mark.parametrize("output", ["sad", "logit:sad", "logit:sad-neutral", "valence"])
def test_integrated_gradients_are_complete(shipped: Analyzer, clip: Clip, output: str) -> None:
    case = make_case(shipped, clip, WORDS, "late", output)
    found = attribute(case, INTEGRATED_GRADIENTS)
    words = sum(word.value for word in found.words)
    assert found.baseline is not None
    assert found.gap is not None
    assert found.gap_share is not None
    assert found.baseline + found.any_words + found.voice_total + words == pytest.approx(
        found.value + found.gap, abs=1e-5
    )
    assert abs(found.gap) < 0.02 or found.gap_share < 0.01
    assert found.settings["late_weight"] == shipped.models["late"].model.weight


@dataclass(frozen=True)
class Pooled:
    """What one parent adds to what a late fusion pools, but for its weight."""

    rule: LateRule
    column: int
    space: str

    def value(self, checkpoint: Checkpoint, output: Output) -> Tensor:
        if self.space == "dimension":
            return output.dimensions[:, self.column]
        posteriors = checkpoint.probabilities(output.logits)
        if self.space == "probability":
            return posteriors[:, self.column]
        return self.rule.log_posteriors(posteriors)[:, self.column]


SPACES = [("shipped", "logit:sad", 2), ("shipped", "valence", 1), ("plain", "sad", 2)]


@pytest.mark.parametrize("method", [INPUT_X_GRADIENT, INTEGRATED_GRADIENTS])
@pytest.mark.parametrize(("which", "output", "column"), SPACES)
def test_where_it_pools_it_combines_its_parents(
    request: pytest.FixtureRequest, clip: Clip, which: str, output: str, column: int, method: str
) -> None:
    analyzer = request.getfixturevalue(which)
    case = make_case(analyzer, clip, WORDS, "late", output)
    rule = Pool(case.checkpoint, case.choice).rule
    weights = rule.dimensions if case.choice.kind == "dimension" else rule.categories
    scale = rule.scale if case.choice.kind == "logit" else 1.0
    steps = 9  # so few are spread evenly: the same for all
    found = attribute(case, method, steps=steps)
    parts = []
    for parent, weight in zip(case.parents, (weights[column], 1 - weights[column]), strict=True):
        of_parent = Pooled(rule, column, case.choice.kind)
        function = Function(analyzer, parent.checkpoint, clip, parent.words, of_parent)  # type: ignore[arg-type]
        if method == INPUT_X_GRADIENT:
            (values,) = input_x_gradient(function)[1].values()
        else:
            (values,) = integrate(
                function, function.inputs, function.baselines, function.batch, steps
            ).values
        parts.append(scale * weight * values.double().numpy())
    of_words, of_voice = parts
    assert found.map is not None
    assert np.allclose(found.map, of_voice, atol=1e-6 * np.abs(of_voice).max())
    assert sum(w.value for w in found.words) == pytest.approx(of_words[1:-1].sum(), rel=1e-4)


@pytest.mark.parametrize("words", [WORDS, "This is wonderful!"])
@pytest.mark.parametrize(
    ("which", "output"),
    [
        ("shipped", "logit:angry"),
        ("shipped", "logit:angry-neutral"),
        ("shipped", "valence"),
        ("plain", "angry"),
        ("plain", "valence"),
    ],
)
def test_where_it_pools_it_has_no_interaction(
    request: pytest.FixtureRequest, clip: Clip, which: str, output: str, words: str
) -> None:
    case = make_case(request.getfixturevalue(which), clip, words, "late", output)
    found = modality_shares(case)
    assert abs(found.both) < 1e-6
    assert abs(found.voice) > 0.01
    assert abs(found.words) > 0.01


def test_elsewhere_it_has_one(shipped: Analyzer, plain: Analyzer, clip: Clip) -> None:
    """A posterior of the log-linear rule; and against exactly no words, another model's."""
    case = make_case(shipped, clip, WORDS, "late", "angry")
    found = modality_shares(case)
    expected = shipped.analyze(clip, WORDS, ["late"]).predictions["late"]
    assert found.value == pytest.approx(expected.probabilities["angry"], abs=1e-9)
    assert abs(found.both) > 1e-3
    none = modality_shares(make_case(plain, clip, WORDS, "late", "angry"), without_words="none")
    assert abs(none.both) > 0.01


def test_the_weight_is_the_users(case_of: CaseOf) -> None:
    for weight, silent in ((0.0, "words"), (1.0, "voice")):
        found = attribute(case_of("late", late_weight=weight), INPUT_X_GRADIENT)
        assert found.map is not None
        assert (np.abs(found.map).max() == 0) == (silent == "voice")
        assert all((word.value == 0) == (silent == "words") for word in found.words)


def test_words_with_the_voice_kept(shipped: Analyzer, clip: Clip) -> None:
    found = attribute_words(make_case(shipped, clip, WORDS, "late", "sad"), "integrated-gradients")
    without = shipped.analyze(clip, "", ["late"]).predictions["late"].probabilities["sad"]
    total = sum(word.value for word in found.words)
    assert found.gap is not None
    assert without + found.any_words + total == pytest.approx(found.value + found.gap, abs=1e-6)


def test_rules_over_the_same_parents_never_share_what_is_kept(
    tiny_checkpoints: Path, tmp_path: Path, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is computed and kept, and whichever rule comes first."""
    rules = {
        "mean": ModelConfig("late", parents=("text", "audio")),
        "weighted": ModelConfig("late", parents=("text", "audio"), weight=0.2),
        "log": ModelConfig("late", parents=("text", "audio"), pooling="log_linear", sharpness=3.0),
    }
    for name in ("text", "audio"):
        shutil.copytree(tiny_checkpoints / name, tmp_path / name)
    late = Analyzer(tiny_checkpoints).models["late"]
    for name, model in rules.items():
        save(replace(late, folder=tmp_path / name, model=model), None)

    def computed(analyzer: Analyzer, name: str) -> list[float]:
        case = make_case(analyzer, clip, WORDS, name, "sad")
        explanation = attribute(case)
        return [
            *analyzer.analyze(clip, WORDS, [name]).predictions[name].probabilities.values(),
            *modality_shares(case).to_dict().values(),
            explanation.value,
            explanation.voice_total,
            attribute_words(case).words[0].value,
        ]

    together = Analyzer(tmp_path)
    alone = {}
    for name in rules:
        monkeypatch.setattr(shares, "_baselines", Cache(64))
        alone[name] = computed(Analyzer(tmp_path), name)
    assert len({tuple(values) for values in alone.values()}) == len(rules)
    for order in (list(rules), list(rules)[::-1]):
        monkeypatch.setattr(shares, "_baselines", Cache(64))
        for name in order:
            assert computed(together, name) == pytest.approx(alone[name], rel=1e-9)
