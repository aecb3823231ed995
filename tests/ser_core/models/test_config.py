import json

import pytest

from ser_core.errors import CheckpointError
from ser_core.models.config import ARCHITECTURES, ModelConfig, build

FUSION = ModelConfig("fusion", stages=("block1", "pooled"), operator="film", width=0.5)
LATE = ModelConfig("late", parents=("text", "audio"), weight=0.3)
POOLED = ModelConfig(
    "late", parents=("text", "audio"), pooling="log_linear", category_bias=(-1.5, 0.0, 0.0, 0.0)
)


@pytest.mark.parametrize(
    "config", [ModelConfig("text"), ModelConfig("audio"), FUSION, LATE, POOLED]
)
def test_round_trip_through_json(config: ModelConfig) -> None:
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"architecture": "transformer"}, "Unknown architecture 'transformer': choose one of text"),
        ({"architecture": "fusion", "stages": ["block7"]}, "Unknown stage 'block7': choose from"),
        ({"architecture": "audio", "operator": "add"}, "Unknown operator 'add': choose one of"),
        ({"architecture": "fusion"}, "at least one stage"),
        ({"architecture": "late"}, "two parents"),
        ({"architecture": "late", "parents": ["text"]}, "two parents"),
        ({"architecture": "audio", "depth": 3}, r"unknown keys \['depth'\]"),
        ({"width": 1.0}, "lacks 'architecture'"),
        ({"architecture": "audio", "width": "1"}, r"`width` in \[model\] is '1': .* valid number"),
        ({"architecture": "audio", "width": 0.0}, "0.0: it should be greater than 0"),
        ({"architecture": ["audio"]}, r"`architecture` .* is \['audio'\]: .* valid string"),
        ({"architecture": "fusion", "stages": ["pooled", "pooled"]}, "name pooled once"),
        ({"architecture": "late", "parents": ["a", "b"], "weight": 1.5}, "less than or equal to 1"),
        (
            {"architecture": "late", "parents": ["a", "b"], "pooling": "max"},
            "Unknown pooling 'max'",
        ),
        (
            {"architecture": "late", "parents": ["a", "b"], "category_weights": [0.5, 0.5]},
            "`category_weights` in .model. is of neutral, .*: give 4 numbers or leave it out",
        ),
        (
            {"architecture": "late", "parents": ["a", "b"], "dimension_weights": [0.5, 0.5, 1.5]},
            "`dimension_weights.2.` .* less than or equal to 1",
        ),
        ({"architecture": "audio", "categories": ["sad"]}, "all categories or none: set"),
        ({"architecture": "audio", "dimensions": ["valence"]}, "all dimensions or none: set"),
        ({"architecture": "audio", "categories": [], "dimensions": []}, "predicts nothing: set"),
    ],
)
def test_what_does_not_fit(values: dict, sentence: str) -> None:
    with pytest.raises(CheckpointError, match=sentence):
        ModelConfig.from_dict(values)


def test_every_architecture_but_late_has_a_network() -> None:
    for name in set(ARCHITECTURES) - {"late"}:
        stages = ("pooled",) if name == "fusion" else ()
        assert build(ModelConfig(name, width=0.125, stages=stages)).inputs
    with pytest.raises(CheckpointError, match="no network of its own"):
        build(LATE)


def test_settings_are_what_is_not_as_by_default() -> None:
    assert ModelConfig("audio").settings() == {"architecture": "audio"}
    assert LATE.settings() == {
        "architecture": "late",
        "parents": ("text", "audio"),
        "weight": 0.3,
    }
