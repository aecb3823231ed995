"""The signs that a model grid shows, in one line below it; each opens its explanation."""

from collections.abc import Sequence

from markupsafe import Markup

from ser_core.figures.ask import Part, ask, combine
from ser_core.figures.rows import Row, differs, majority
from ser_core.figures.seeds import SeedRow


def legend(ident: str, rows: Sequence[Row], compared: str) -> Part:
    """One line of the signs that occur in these rows.

    Args:
        ident: prefix of the notes' ids.
        rows: of the grid.
        compared: what the other analysis is called.
    """
    winner = majority(rows)
    voters = sum(row.decision is not None and not row.reference for row in rows)
    decided = any(row.decision for row in rows)
    changed = any(row.prediction and row.other for row in rows)
    signs: list[tuple[str, Markup | str, Markup | str, bool]] = [
        (
            "decided",
            "✓ decision",
            "The category that a model finds most probable. Its bar is thick and its value "
            "printed; point at a row, tap it, or use the arrow keys for the other values.",
            decided,
        ),
        (
            "differs",
            Markup('<span class="shade">≠</span> differs'),
            f"This model does not say {winner}, as the majority does. The majority is a category "
            "that more than half of the voting models decide for.",
            any(differs(row, winner) for row in rows),
        ),
        (
            "was",
            Markup('<i class="hollow"></i> {}').format(compared),
            f"Hollow bars and marks: the same model, {compared}. Point at a cell for the "
            "difference with its sign. Where nothing changed there is no hollow mark.",
            changed,
        ),
        (
            "seeds",
            Markup('<i class="ticks"></i> seeds'),
            "Models that were trained by one recipe from different random starts: the bar or mark "
            "is their mean, each tick one of them, and ± their standard deviation.",
            any(isinstance(row, SeedRow) for row in rows),
        ),
        (
            "reference",
            "✕ reference",
            "A model from outside the comparison, shown below the rule in grey to tell how far a "
            "modern network gets. It has no vote.",
            any(row.reference for row in rows),
        ),
        (
            "unlike",
            "? unlike training",
            "The sound lies farther from this model's training clips than 99 of 100 clips that it "
            "never heard, of the same corpora: another room, line, language, or no speech at all. "
            "Its answer may mean little. Being unlike does not make it wrong.",
            any(row.prediction is not None and row.prediction.unfamiliar for row in rows),
        ),
        (
            "votes",
            f"{voters} of {len(rows)} vote",
            "The verdict counts models that are compared and that gave a category. References, "
            "models that could not answer, and models without categories keep their row but have "
            "no vote.",
            voters < len(rows),
        ),
    ]
    shown = [
        ask(f"{ident}-{name}", label, Markup("<p>{}</p>").format(text), name)
        for name, label, text, occurs in signs
        if occurs
    ]
    return combine('<p class="legend">{}</p>', *shown)
