"""A report of one clip: what every model says, why one of them does, and where the fusion takes the
words in, as one self-contained HTML file."""

from collections.abc import Mapping
from html import escape

import pandas as pd

from ser_core.errors import SerError
from ser_core.explain.case import Case
from ser_core.explain.faithfulness import Faithfulness, faithfulness
from ser_core.explain.page import body, document, figure_html, heading
from ser_core.explain.results import Explanation
from ser_core.explain.shares import Shares
from ser_core.explain.stage_report import StageReport, stage_report
from ser_core.figures import (
    MODEL_GRID_CSS,
    agreement,
    make_notes,
    make_rows,
    model_grid,
    network_diagram,
    plane,
    stage_panels,
)
from ser_core.maps.layers import Embedder, list_layers
from ser_core.maps.projection import place
from ser_core.maps.reference import ReferenceSet, find_reference, load
from ser_core.models.checkpoint import Checkpoint
from ser_core.results import Analysis

_CAVEAT = (
    "Demonstration models, trained on acted speech with constructed pairs of words and voice: they "
    "show how fusion works, and are not for decisions about people."
)


def make_report(
    title: str,
    analysis: Analysis,
    case: Case,
    explanation: Explanation,
    shares: Shares,
    trusted: Faithfulness | None = None,
) -> str:
    """`clip_report` with all that follows from a case: its checks, stages and neighbours."""
    staged = bool(case.checkpoint.model.stages) and case.words is not None
    return clip_report(
        title,
        analysis,
        case.analyzer.models,
        case,
        explanation,
        shares,
        trusted or faithfulness(case, explanation),
        stage_report(case) if staged else None,
        nearest_clips(case),
    )


def nearest_clips(case: Case, reference: ReferenceSet | None = None) -> pd.DataFrame | None:
    """The clips of a reference set that are the nearest to a case in its model's last layer.

    Args:
        reference: default the one beside the checkpoints.

    Returns:
        clip, words, category, what the model decides (each as far as it is known), and the
        distance, nearest first; None where the set was made with another model, or there is none.
    """
    if reference is None:
        try:
            reference = load(find_reference())
        except SerError:
            return None
    model = case.checkpoint.name
    if model not in reference.fits({model: case.checkpoint.digest}):
        return None
    embedded = Embedder(case.analyzer).embed(case.clip, case.words, case.late_weight)
    placed = place(reference.layers[model], embedded.vectors[model])
    rows = reference.rows.iloc[placed.rows]
    columns = {
        "clip": "title",
        "words": "words",
        "category": "category",
        "the model says": f"{model}.decision",
    }
    found = pd.DataFrame({name: rows[of] for name, of in columns.items() if of in rows})
    return found.assign(distance=placed.distances).reset_index(drop=True)


def clip_report(
    title: str,
    analysis: Analysis,
    models: Mapping[str, Checkpoint],
    case: Case,
    explanation: Explanation,
    shares: Shares,
    trusted: Faithfulness,
    stages: StageReport | None = None,
    neighbours: pd.DataFrame | None = None,
) -> str:
    """The report as HTML.

    Args:
        title: of the clip.
        analysis: what all models say of it.
        models: the checkpoints, by name.
        case, explanation, shares, trusted: of the output that is explained.
        stages: of the same case; None for a model without fusion stages, or without words.
        neighbours: the nearest clips of a reference set, in the order of their distance.
    """
    rows = make_rows(analysis, models)
    words = analysis.transcript
    said = f"“{escape(words.text)}” ({words.source})" if words.has_text else "no words"
    digests = ", ".join(f"{name} {digest[:12]}" for name, digest in analysis.digests.items())
    parts = [
        f"<p>{analysis.clip.duration_s:.2f} s; {said}.</p>",
        *(f'<p class="note">{escape(note)}</p>' for note in analysis.notes),
        heading("What every model says", agreement(rows)),
        _wide(model_grid(rows, skipped=analysis.skipped, notes=make_notes(models))),
        figure_html(plane(rows)),
        heading(
            f"Why {case.checkpoint.title} gives {explanation.output} {explanation.value:.3f}",
            f"In {explanation.unit}, by {explanation.method}.",
        ),
        body(case, explanation, shares, trusted),
    ]
    if stages is not None:
        parts += _stages(case, stages)
    if neighbours is not None and len(neighbours):
        layer = list_layers(models)[case.checkpoint.name].title
        parts += [
            heading(
                "The nearest clips of the reference set",
                f"By distance in the layer “{layer}”; of clips that are the same to it the first.",
            ),
            _wide(
                neighbours.to_html(
                    index=False,
                    border=0,
                    na_rep="",
                    float_format=lambda value: f"{value:.3f}",
                    justify="left",
                )
            ),
        ]
    parts += [
        heading("How it was made", _CAVEAT),
        f"<p class='note'>Clip {analysis.clip.digest}; models {escape(digests)}.</p>",
    ]
    return document(title, "".join(parts), MODEL_GRID_CSS)


def _wide(table: str) -> str:
    """A table that scrolls by itself where the page is narrow."""
    return f'<div class="wide">{table}</div>'


def _stages(case: Case, report: StageReport) -> list[str]:
    model = case.checkpoint.model
    measures = {
        "share": [stage.share for stage in report.stages],
        "left out": [stage.left_out for stage in report.stages],
        "alone": [stage.alone for stage in report.stages],
    }
    return [
        heading(
            "Where the words enter the network",
            f"{report.without:.3f} without the words at any stage, {report.value:.3f} with them.",
        ),
        network_diagram(
            model.stages,
            model.operator,
            {stage.name: stage.size for stage in report.stages},
            {stage.name: stage.share for stage in report.stages},
            report.unit,
        ),
        figure_html(
            stage_panels(
                [stage.name for stage in report.stages],
                measures,
                {"up to here": [stage.up_to for stage in report.stages]},
                report.unit,
            )
        ),
    ]
