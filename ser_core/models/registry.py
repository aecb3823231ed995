"""The checkpoints of one folder or several: finding, naming and choosing them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ser_core.errors import CheckpointError
from ser_core.models.checkpoint import CONFIG, Checkpoint, load


def discover(root: Path | Sequence[Path]) -> dict[str, Checkpoint]:
    """All checkpoint folders below one folder or several, by name, in display order.

    With several, models of the first keep their names; those of a further folder are called
    `FOLDER/NAME`, so that the shipped models and one's own, or seeds of one recipe, stand side by
    side. Late fusion finds its parents in its own folder.

    Raises:
        CheckpointError: a folder holds no checkpoint, or one that cannot be read.
    """
    roots = [root] if isinstance(root, Path) else list(root)
    models: dict[str, Checkpoint] = {}
    for number, folder in enumerate(roots):
        found = _below(folder)
        if number:
            found = [_prefixed(one, _label(roots, number)) for one in found]
        models |= {checkpoint.name: checkpoint for checkpoint in found}
    return models


def _below(root: Path) -> list[Checkpoint]:
    folders = sorted(path.parent for path in root.glob(f"*/{CONFIG}"))
    found = sorted((load(folder) for folder in folders), key=lambda c: (c.order, c.name))
    if not found:
        raise CheckpointError(
            f"No checkpoints in {root}: train some with `ser train` or name another folder."
        )
    return found


def _label(roots: Sequence[Path], number: int) -> str:
    """A folder's own name; with its parent's where another folder is called the same."""
    path = roots[number].resolve()
    same = sum(other.resolve().name == path.name for other in roots) > 1
    return f"{path.parent.name}-{path.name}" if same else path.name


def _prefixed(checkpoint: Checkpoint, label: str) -> Checkpoint:
    parents = tuple(f"{label}/{name}" for name in checkpoint.model.parents)
    return replace(
        checkpoint,
        name=f"{label}/{checkpoint.name}",
        title=f"{checkpoint.title} ({label})",
        model=replace(checkpoint.model, parents=parents),
    )


def choose(models: dict[str, Checkpoint], names: Sequence[str] | None) -> list[Checkpoint]:
    """The named checkpoints in display order; all for None.

    Raises:
        CheckpointError: a name is unknown.
    """
    unknown = sorted(set(names or ()) - set(models))
    if unknown:
        raise CheckpointError(f"Unknown model '{unknown[0]}': choose from {', '.join(models)}.")
    return [c for name, c in models.items() if names is None or name in names]


def parents(models: dict[str, Checkpoint], late: Checkpoint) -> tuple[Checkpoint, Checkpoint]:
    """The text and the audio model of a late fusion.

    Raises:
        CheckpointError: one of them is not among `models`.
    """
    text, audio = late.model.parents
    for name in (text, audio):
        if name not in models:
            raise CheckpointError(
                f"'{late.name}' needs the model '{name}' beside it: fetch or train that one too."
            )
    return models[text], models[audio]


def knows_speakers(models: dict[str, Checkpoint], checkpoint: Checkpoint) -> bool:
    """Whether a speaker's reference can change what a model says, by itself or by its parents."""
    if checkpoint.model.architecture == "late":
        return any(parent.model.knows_speakers for parent in parents(models, checkpoint))
    return checkpoint.model.knows_speakers


def knowing_speakers(models: dict[str, Checkpoint], names: Sequence[str]) -> list[str]:
    """Those of the named models that know speakers, see `knows_speakers`."""
    return [name for name in names if knows_speakers(models, models[name])]
