"""Seeds of one recipe as one row: their mean, with every seed still known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from ser_core.figures.rows import Row

if TYPE_CHECKING:  # they bring torch, which a figure does not need
    from ser_core.analysis import Prediction
    from ser_core.models.checkpoint import Checkpoint


@dataclass(frozen=True)
class SeedRow(Row):
    """Several seeds of one recipe: `prediction` and `other` are means over them.

    Attributes:
        members: their own rows, at least two.
    """

    members: tuple[Row, ...] = ()

    def seeds(self, output: str) -> list[float]:
        """Each seed's probability of a category or value of a dimension."""
        return [v for member in self.members if (v := member.value(output)) is not None]

    def deviation(self, output: str) -> float | None:
        """Standard deviation over the seeds (with n - 1), or None without two values."""
        values = self.seeds(output)
        return stdev(values) if len(values) > 1 else None


def group_seeds(rows: Sequence[Row], models: Mapping[str, "Checkpoint"]) -> list[Row]:
    """One row a recipe, where the first of its seeds stood.

    Two models are seeds of one recipe if they were trained by recipes that are alike in
    everything but the seed; late fusions if their parents are seeds of the same recipes. So a
    model that was trained on other data, or in another way, keeps a row of its own.

    Args:
        rows: from `make_rows`.
        models: the checkpoints, by name.
    """
    found: dict[object, list[Row]] = {}
    for row in rows:
        recipe, seed = _recipe(models[row.name], models)
        key = (recipe, row.reference) if recipe is not None and seed is not None else row.name
        members = found.setdefault(key, [])
        if any(_recipe(models[m.name], models)[1] == seed for m in members):
            found[row.name] = [row]  # the same seed twice is a copy, not a second seed
        else:
            members.append(row)
    return [members[0] if len(members) == 1 else _mean(members) for members in found.values()]


def _recipe(checkpoint: "Checkpoint", models: Mapping[str, "Checkpoint"]) -> tuple[object, object]:
    """What the seeds of one recipe share, and the seed; (None, None) where nothing is known."""
    recipe = checkpoint.training.get("recipe", {})
    if parents := [models[name] for name in checkpoint.model.parents if name in models]:
        shared, seeds = zip(*(_recipe(parent, models) for parent in parents), strict=True)
        return (None, None) if None in seeds else ((_without_seed(recipe), shared), seeds)
    if "seed" not in recipe:
        return None, None
    return _without_seed(recipe), recipe["seed"]


def _without_seed(recipe: Mapping[str, object]) -> str:
    return repr(sorted((key, value) for key, value in recipe.items() if key != "seed"))


def _mean(members: Sequence[Row]) -> SeedRow:
    first = members[0]
    folder, _, _ = first.name.rpartition("/")  # see `registry.discover`
    row = replace(
        first,
        title=first.title.removesuffix(f" ({folder})"),
        prediction=_mean_prediction([member.prediction for member in members]),
        other=_mean_prediction([member.other for member in members]),
    )
    values = {field.name: getattr(row, field.name) for field in fields(Row)}
    return SeedRow(**values, members=tuple(members))


def _mean_prediction(predictions: Sequence["Prediction | None"]) -> "Prediction | None":
    """The mean of each output; None if one is missing."""
    known = [prediction for prediction in predictions if prediction is not None]
    if len(known) < len(predictions):
        return None

    def mean(values: Sequence[Mapping[str, float]]) -> dict[str, float]:
        return {name: fmean(value[name] for value in values) for name in values[0]}

    return replace(
        known[0],
        probabilities=mean([prediction.probabilities for prediction in known]),
        dimensions=mean([prediction.dimensions for prediction in known]),
    )
