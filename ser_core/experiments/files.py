"""TOML files of experiments, which may inherit from one another."""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ser_core.errors import RecipeError
from ser_core.experiments.protocol import Experiment, Protocol
from ser_core.support.settings import Text, check
from ser_core.training.recipe import Recipe, from_values, section

FOLDER = Path(__file__).parent / "recipes"
Table = dict[str, Any]
SHARED = ("model", "data", "augment", "optimiser")


@dataclass(frozen=True)
class _File:
    """What a file must be like before it can be joined to its base."""

    base: Text | None = None
    keep: list[Text] | None = None
    protocol: Table = field(default_factory=dict)
    model: Table = field(default_factory=dict)
    data: Table = field(default_factory=dict)
    augment: Table = field(default_factory=dict)
    optimiser: Table = field(default_factory=dict)
    models: dict[str, Table] = field(default_factory=dict)


_JOINED = {f.name for f in fields(_File)}


def shipped() -> dict[str, str]:
    """Titles of the shipped experiments by name."""
    return {path.stem: _read(path)["title"] for path in sorted(FOLDER.glob("*.toml"))}


def load(experiment: str | Path) -> Experiment:
    """Experiment from a file, or one of the shipped ones by name.

        title = "…"
        base = "msp_podcast_dimensional"  # optional: all of it that is not said here
        keep = ["text", "audio"]          # optional: the only models to take from it
        [protocol]                        # see `Protocol`
        [model] [data] [augment] [optimiser]      # of all models, see `Recipe`
        [models.text]                     # title, order; and what is this model's own:
        model = { architecture = "text" }

    Raises:
        RecipeError: there is no such experiment, or it is not valid.
    """
    path = _path(experiment, Path())
    values = _inherited(path, ())
    name = path.stem
    known = ("title", "protocol", "models", *SHARED)
    if unknown := sorted(set(values) - set(known)):
        raise RecipeError(
            f"Unknown setting '{unknown[0]}' in the experiment '{name}': choose from "
            f"{', '.join(known)}."
        )
    if "title" not in values:
        raise RecipeError(f"The experiment '{name}' has no `title`: add it.")
    protocol = section(Protocol, values.get("protocol", {}), "protocol")
    recipes = {
        model: _recipe(model, values, own) for model, own in values.get("models", {}).items()
    }
    return Experiment(name, values["title"], protocol, recipes)


def _recipe(name: str, values: dict[str, Any], own: dict[str, Any]) -> Recipe:
    shared = {key: values.get(key, {}) for key in SHARED}
    if "seed" in own:
        raise RecipeError(f"The model '{name}' has a `seed`: name all `seeds` in [protocol].")
    try:
        return from_values(_merge(shared, own), name)
    except RecipeError as error:
        raise RecipeError(f"In the model '{name}': {error}") from error


def _path(experiment: str | Path, folder: Path) -> Path:
    path = Path(experiment)
    path = folder / path if path.suffix else FOLDER / f"{experiment}.toml"
    if not path.is_file():
        raise RecipeError(
            f"No experiment '{experiment}': give a TOML file or one of {', '.join(_names())}."
        )
    return path


def _names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def _read(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path.name} is not valid TOML: {error}.") from error
    check(_File(**{k: v for k, v in values.items() if k in _JOINED}), path.name, RecipeError)
    return values


def _inherited(path: Path, below: tuple[Path, ...]) -> dict[str, Any]:
    if path.resolve() in below:
        raise RecipeError(f"{path.name} is its own base: change `base`.")
    values = _read(path)
    base, keep = values.pop("base", None), values.pop("keep", None)
    if base is None:
        if keep is not None:
            raise RecipeError(f"{path.name} keeps models of no other file: name it as `base`.")
        return values
    inherited = _inherited(_path(base, path.parent), (*below, path.resolve()))
    models = inherited.get("models", {})
    if keep is not None:
        if unknown := sorted(set(keep) - set(models)):
            raise RecipeError(f"{path.name} keeps '{unknown[0]}', which '{base}' has not.")
        inherited["models"] = {name: models[name] for name in keep}
    return _merge(inherited, values)


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Tables key by key, all else replaced."""
    merged = dict(base)
    for key, value in over.items():
        both_tables = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both_tables else value
    return merged
