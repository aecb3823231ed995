"""`docs/findings.md` is what the shipped files say, and nothing else."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ser_core.analysis import CHECKPOINTS
from ser_core.behaviour.document import document
from ser_core.behaviour.findings_file import made_by, read
from ser_core.behaviour.layers import COMPARED, what_layers_encode
from ser_core.behaviour.shipped import FINDINGS
from ser_core.cli import app
from ser_core.errors import SerError
from ser_core.maps.reference import INFO, SHIPPED, load
from ser_core.models.registry import discover

DOCUMENT = CHECKPOINTS.parent / "docs" / "findings.md"


def test_it_is_made_from_the_shipped_files():
    assert DOCUMENT.read_text("utf-8") == document(SHIPPED, discover(CHECKPOINTS))


def test_the_shipped_findings_are_of_the_shipped_models():
    models = discover(CHECKPOINTS)
    assert made_by(SHIPPED / FINDINGS) == {name: one.digest for name, one in models.items()}
    assert {one.part for one in read(SHIPPED / FINDINGS)} == {
        "follow", "words", "templates", "acts", "battery",
    }  # fmt: skip
    assert (SHIPPED / FINDINGS).stat().st_size < 500_000


def test_layers_are_as_pure_as_the_reference_set_says():
    """Purity beyond chance, from the purity that `ser map` wrote."""
    reference = load(SHIPPED)
    table = what_layers_encode(reference, draws=50).set_index("layer")
    assert {"audio", "multistage.block1", "foundation"} <= set(table.index)
    assert not {"text", "e"} & set(table.index)
    for name, layer in reference.layers.items():
        if name not in table.index:
            continue
        for label in COMPARED:
            written = layer.purity[label]
            expected = (written.value - written.random) / (1 - written.random)
            assert table.loc[name, label] == pytest.approx(expected)
            low, high = table.loc[name, [f"{label}_low", f"{label}_high"]]
            assert low < expected < high


def test_changed_models_are_told(tmp_path: Path):
    folder = tmp_path / "reference"
    shutil.copytree(SHIPPED, folder)
    info = json.loads((folder / INFO).read_text("utf-8"))
    info["models"]["audio"] = "of another training"
    (folder / INFO).write_text(json.dumps(info), "utf-8")
    with pytest.raises(SerError, match="audio changed since"):
        document(folder, discover(CHECKPOINTS))


def test_without_a_reference_folder_it_is_a_sentence(tiny_checkpoints: Path, tmp_path: Path):
    out = tmp_path / "findings.md"
    options = ["findings", "--out", str(out), "--checkpoints", str(tiny_checkpoints)]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2
    assert "no folder reference" in " ".join(result.stderr.split())
    assert not out.exists()
