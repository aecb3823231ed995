from pathlib import Path
from typing import Any

import numpy as np
import pytest
from html_tree import cell, line, parsed

from ser_core.analysis import Prediction
from ser_core.figures.rows import Row, agreement
from ser_core.figures.seeds import SeedRow, group_seeds
from ser_core.figures.style import model_style
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.config import ModelConfig

RNG = np.random.default_rng(0)


def prediction() -> Prediction:
    p = RNG.dirichlet(np.ones(4))
    d = RNG.random(3)
    return Prediction(
        "m",
        dict(zip(CATEGORIES, p.tolist(), strict=True)),
        dict(zip(DIMENSIONS, d.tolist(), strict=True)),
        used_text=True,
    )


def models(*found: tuple[str, dict[str, Any]], reference: bool = False) -> dict[str, Checkpoint]:
    """Checkpoints with these names and recipes."""
    return {
        name: Checkpoint(
            Path(name),
            name,
            "Audio" + (f" ({name.partition('/')[0]})" if "/" in name else ""),
            ModelConfig("audio"),
            training={"recipe": recipe} if recipe else {},
            reference=reference,
        )
        for name, recipe in found
    }


def rows(checkpoints: dict[str, Checkpoint]) -> list[Row]:
    return [
        Row(name, c.title, prediction(), prediction(), c.reference, model_style(i))
        for i, (name, c) in enumerate(checkpoints.items())
    ]


def recipe(seed: int, **more: Any) -> dict[str, Any]:
    return {"name": "audio", "title": "Audio", "data": {"speech": ["ravdess"]}, "seed": seed} | more


SEEDS = models(("a/audio", recipe(1)), ("b/audio", recipe(2)), ("c/audio", recipe(3)))


def names(found: list[Row]) -> list[list[str]]:
    """Of each row, its members."""
    return [[m.name for m in r.members] if isinstance(r, SeedRow) else [r.name] for r in found]


def test_seeds_of_one_recipe_are_one_row_with_their_mean() -> None:
    single = rows(SEEDS)
    (grouped,) = group_seeds(single, SEEDS)
    assert isinstance(grouped, SeedRow)
    assert (grouped.name, grouped.title) == ("a/audio", "Audio")
    assert grouped.style == single[0].style
    for name in (*CATEGORIES, *DIMENSIONS):
        values = [r.value(name) for r in single]
        assert grouped.seeds(name) == values
        assert grouped.value(name) == pytest.approx(np.mean(values))
        assert grouped.deviation(name) == pytest.approx(np.std(values, ddof=1))
        assert grouped.other is not None
        before = [r.other.dimensions.get(name, r.other.probabilities.get(name)) for r in single]  # type: ignore[union-attr]
        both = grouped.other.dimensions | grouped.other.probabilities
        assert both[name] == pytest.approx(np.mean(before))
    assert agreement([grouped]).startswith("Audio says ")


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (recipe(2, data={"speech": ["nemo"]}), "other data"),
        (recipe(2, name="audio_wide"), "another recipe"),
        (recipe(1), "the same seed: a copy"),
        ({}, "nothing is known"),
    ],
)
def test_what_is_no_second_seed_keeps_its_row(second: dict[str, Any], why: str) -> None:
    two = models(("a/audio", recipe(1)), ("b/audio", second))
    assert names(group_seeds(rows(two), two)) == [["a/audio"], ["b/audio"]], why
    unknown = models(("a/audio", {}), ("b/audio", {}))
    assert len(group_seeds(rows(unknown), unknown)) == 2


def test_a_reference_is_not_mixed_with_compared_models() -> None:
    both = models(("audio", recipe(1))) | models(("b/audio", recipe(2)), reference=True)
    assert len(group_seeds(rows(both), both)) == 2


def test_late_fusions_are_seeds_if_their_parents_are() -> None:
    def late(folder: str) -> Checkpoint:
        config = ModelConfig("late", parents=(f"{folder}/audio", f"{folder}/text"))
        training = {"recipe": recipe(1, name="late")}  # of all: it is not trained
        return Checkpoint(Path(folder), f"{folder}/late", "Late", config, training=training)

    texts = models(*((f"{f}/text", recipe(s, name="text")) for s, f in enumerate("abc")))
    every = SEEDS | texts | {f"{f}/late": late(f) for f in "abc"}
    grouped = group_seeds(rows(every), every)
    assert names(grouped) == [[f"{f}/{kind}" for f in "abc"] for kind in ("audio", "text", "late")]
    # A late fusion of one other parent is another model.
    every["c/text"] = models(("c/text", recipe(2, name="another")))["c/text"]
    assert names(group_seeds(rows(every), every))[-1] == ["c/late"]


def test_groups_stand_where_their_first_seed_stood() -> None:
    mixed = models(
        ("audio", recipe(1)), ("other", recipe(1, name="o")), ("b/audio", recipe(2)), ("z", {})
    )
    assert names(group_seeds(rows(mixed), mixed)) == [["audio", "b/audio"], ["other"], ["z"]]


def test_a_mean_needs_all_seeds() -> None:
    single = rows(SEEDS)
    single[1] = Row("b/audio", "Audio", None, None, False, model_style(1))
    (grouped,) = group_seeds(single, SEEDS)
    assert grouped.prediction is None


def test_the_grid_shows_mean_ticks_and_deviation() -> None:
    single = rows(SEEDS)
    (grouped,) = group_seeds(single, SEEDS)
    assert isinstance(grouped, SeedRow)
    grid = parsed([grouped])
    sad = cell(grid, "Audio", "sad")
    assert [t.attrs["style"] for t in sad.all("seed")] == [
        f"--s:{r.value('sad'):.4g}" for r in single
    ]
    mean, deviation = grouped.value("sad"), grouped.deviation("sad")
    assert f"sad {mean:.3f} ± {deviation:.3f} over 3 seeds" in sad.one("tip").text
    assert cell(grid, "Audio", "valence").one("sd").text == f" ± {grouped.deviation('valence'):.2f}"
    says = line(grid, "Audio").one("says")
    assert says.one("below").text == f" ± {grouped.deviation(str(grouped.decision)):.2f}"
    assert line(grid, "Audio").one("th").one("below").text == "3 seeds"
    assert "seeds" in grid.one("legend").text
    assert "seeds" not in parsed(single).one("legend").text
