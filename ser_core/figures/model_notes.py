"""What a model is, how good and how weak it is, as short HTML: from its checkpoint alone."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup, escape

from ser_core.figures.ask import join
from ser_core.models.describe import chance, equation, reads, recalls, sentence, weakness

if TYPE_CHECKING:
    from ser_core.models.checkpoint import Checkpoint


class Notes(NamedTuple):
    """HTML for the signs of a grid.

    Attributes:
        models: by model name.
        calibration: of all models, for the heads of the categories.
    """

    models: dict[str, Markup]
    calibration: Markup


def make_notes(models: Mapping[str, "Checkpoint"]) -> Notes:
    """Notes on all models; they change only with the checkpoints, so make them once."""
    return Notes({name: model_note(one) for name, one in models.items()}, calibration(models))


def model_note(checkpoint: "Checkpoint") -> Markup:
    """One model: a sentence, its equation, what it reads, its accuracy, weakness and size."""
    lines = Markup("<br>").join(subscripts(line) for line in equation(checkpoint))
    facts = [("reads", reads(checkpoint))]
    if weak := weakness(checkpoint):
        facts.append(("weakness", weak))
    if checkpoint.parameters:
        size = f"{checkpoint.parameters:,} parameters, {checkpoint.size_bytes / 1e6:.1f} MB"
        facts.append(("size", size))
    facts.append(("folder", checkpoint.name))
    return join(
        Markup("<h4>{}</h4><p>{}</p>").format(checkpoint.title, sentence(checkpoint)),
        Markup('<p class="equation">{}</p>').format(lines),
        _accuracy(checkpoint),
        Markup("<dl>{}</dl>").format(
            join(*(Markup("<dt>{}</dt><dd>{}</dd>").format(*fact) for fact in facts))
        ),
    )


def subscripts(text: str) -> Markup:
    """TeX's `x_k` and `x_{k-1}` as HTML; the rest is escaped."""
    return Markup(re.sub(r"_\{([^}]*)\}|_(\w)", r"<sub>\1\2</sub>", str(escape(text))))


def calibration(models: Mapping[str, "Checkpoint"]) -> Markup:
    """Temperature of each model, and the largest calibration error that was measured."""
    rows = []
    for checkpoint in models.values():
        if not checkpoint.model.categories:
            continue
        errors = {s: m["ECE"] for s, m in checkpoint.results.items() if "ECE" in m}
        worst = max(errors, key=lambda name: errors[name], default=None)
        own = not checkpoint.model.parents  # late fusion mixes what is calibrated already
        rows.append(
            Markup("<tr><th scope=row>{}</th><td>{}</td><td>{}</td></tr>").format(
                checkpoint.title,
                f"{checkpoint.temperature:.2f}" if own else "–",
                f"{errors[worst]:.2f} ({worst})" if worst else "not measured",
            )
        )
    return Markup(
        "<p>Calibrated: a model's scores are divided by its temperature T, chosen on development "
        "speakers, so that of the answers with 0.7 about 70 % are right. How far that fails (ECE) "
        "was measured; here is the worst test set of each.</p>"
        "<table><thead><tr><th scope=col>model</th><th scope=col>T</th>"
        "<th scope=col>largest error</th></tr></thead><tbody>{}</tbody></table>"
    ).format(join(*rows))


def _accuracy(checkpoint: "Checkpoint") -> Markup:
    measured, guess = recalls(checkpoint), chance(checkpoint)
    if not measured or guess is None:
        return Markup("<p>Its accuracy has not been measured: see <code>ser evaluate</code>.</p>")
    rows = (
        Markup("<tr><th scope=row>{}</th><td>{}</td></tr>").format(name, f"{value:.2f}")
        for name, value in measured.items()
    )
    return Markup(
        "<table><thead><tr><th scope=col>measured on test data</th><th scope=col>UAR</th></tr>"
        "</thead><tbody>{}</tbody></table><p>UAR: mean recall of the {} categories; guessing gives "
        "{}.</p>"
    ).format(join(*rows), len(checkpoint.model.categories), f"{guess:.2f}")
