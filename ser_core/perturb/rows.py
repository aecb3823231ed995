"""Analyses as rows of a table, with what makes them again."""

from typing import Any

from ser_core.results import Analysis


def analysis_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """One row a model: what it was given, what it says, which weights said so."""
    return [
        {
            "clip": analysis.clip.source.name,
            "clip_sha256": analysis.clip.digest,
            "transcript": analysis.transcript.text,
            "used_words": prediction.used_text,
            "model": name,
            "decision": prediction.decision,
            **prediction.probabilities,
            **prediction.dimensions,
            "late_weight": analysis.late_weights.get(name),
            "model_digest": analysis.digests.get(name, ""),
            "notes": " ".join(analysis.notes),
        }
        for name, prediction in analysis.predictions.items()
    ]
