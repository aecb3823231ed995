import io
import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from pages import _export as export
from ser_core.inputs.audio import from_samples
from ser_core.inputs.transcript import Transcript
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.results import Analysis, Prediction


def analysis(words: str) -> Analysis:
    clip = from_samples(np.sin(np.arange(16_000)), 16_000, name="=a, b.wav")
    one = Prediction(
        "late",
        dict(zip(CATEGORIES, (0.1, 0.2, 0.3, 0.4), strict=True)),
        dict(zip(DIMENSIONS, (0.5, 0.6, 0.7), strict=True)),
        used_text=True,
    )
    return Analysis(
        clip, Transcript.typed(words), {"late": one}, late_weights={"late": 0.25}, digests={}
    )


def test_csv_opens_in_a_spreadsheet_and_reads_back() -> None:
    data = export.to_csv([analysis('He said "no", twice'), analysis("=HYPERLINK(A1)")])
    assert data.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(io.BytesIO(data))
    assert list(read["variant"]) == [0, 1]
    assert list(read["model"]) == ["late", "late"]
    assert list(read["valence"]) == [0.6, 0.6]
    assert list(read["late_weight"]) == [0.25, 0.25]
    assert list(read["used_words"]) == [True, True]
    assert list(read["transcript"]) == ['He said "no", twice', "'=HYPERLINK(A1)"]
    assert list(read["clip"]) == ["'=a, b.wav"] * 2


@pytest.mark.parametrize("kept", [0, 2])
def test_json_has_one_shape(kept: int) -> None:
    analyses = [analysis(f"number {i}") for i in range(kept + 1)]
    document = json.loads(export.to_json(analyses))
    assert document == {"analyses": [one.to_dict() for one in analyses]}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("my voice.wav", "my-voice_emotions.csv"),
        ("../../etc/passwd", "etc-passwd_emotions.csv"),
        ("Größe.m4a", "Größe_emotions.csv"),
        ("???", "clip_emotions.csv"),
        ("a" * 300, "a" * 60 + "_emotions.csv"),
    ],
)
def test_file_names_come_from_the_clips(title: str, name: str) -> None:
    assert export.file_name(title, "emotions", "csv") == name


def test_figures_are_one_page_that_needs_nothing_from_outside() -> None:
    figure = go.Figure({"type": "scatter", "x": [0, 1], "y": [2, 3]})
    page = export.figures_html(
        "A <clip>", [("What & why.", figure), ("A table.", "<table></table>")]
    )
    assert page.count("Plotly.newPlot(") >= 1
    assert "<title>A &lt;clip&gt;</title>" in page
    assert "What &amp; why." in page
    assert "<table></table>" in page
    assert "<script src" not in page
