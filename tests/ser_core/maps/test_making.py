import io
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from ser_core.cli import app
from ser_core.errors import CorpusError, SerError
from ser_core.labels import CATEGORIES
from ser_core.maps.layers import Embedder
from ser_core.maps.making import make_reference
from ser_core.maps.own import make_own
from ser_core.maps.reference import ReferenceSet, load, save
from ser_core.maps.sources import RowSource, own
from ser_core.maps.uploads import unpack, uploaded


def test_rows_are_clips_pairs_and_examples(reference: ReferenceSet) -> None:
    rows = reference.rows
    assert rows["id"].is_unique
    assert set(rows["kind"]) == {"native", "pair", "example"}
    pairs = rows[rows["kind"] == "pair"]
    assert set(pairs["said"]) == set(CATEGORIES)
    assert (pairs.groupby("path")["said"].nunique() == 4).all()
    conflict = pairs[(pairs["voice"] == "angry") & (pairs["said"] == "happy")]
    assert (conflict["category"] == "angry").all()  # 0.6 voice
    foreign = rows[rows["language"].isin(["pl", "de"])]
    assert len(foreign)
    assert (foreign["words"] == "").all()
    assert not any(Path(path).is_absolute() for path in rows["path"])


def test_predictions_are_the_analyzers(
    reference: ReferenceSet, source: RowSource, embedder: Embedder
) -> None:
    for row in (0, 20, len(source.items) - 3):
        item = source.items[row]
        expected = embedder.analyzer.analyze(item.load(), item.words)
        found = reference.rows.iloc[row]
        for name, prediction in expected.predictions.items():
            assert found[f"{name}.decision"] == prediction.decision
            assert found[f"{name}.confidence"] == pytest.approx(
                max(prediction.probabilities.values()), abs=1e-5
            )
            assert found[f"{name}.valence"] == pytest.approx(
                prediction.dimensions["valence"], abs=1e-5
            )
            right = found["category"] and (
                "right" if prediction.decision == found["category"] else "wrong"
            )
            assert found[f"{name}.correct"] == right


def test_rows_with_the_same_input_share_a_point(reference: ReferenceSet) -> None:
    rows = reference.rows
    pairs = rows.index[rows["kind"] == "pair"][:4]
    assert rows["path"][pairs].nunique() == 1
    assert len(set(reference.layers["audio"].points[pairs])) == 1
    assert len(set(reference.layers["multistage"].points[pairs])) == 4
    without = rows.index[rows["words"] == ""]
    assert (reference.layers["text"].points[without] == -1).all()
    assert (reference.layers["multistage"].points >= 0).all()
    assert np.isnan(reference.layers["e"].on_map("pca")[without]).all()


def test_saved_and_read_it_is_the_same(reference: ReferenceSet, tmp_path: Path) -> None:
    save(reference, tmp_path)
    found = load(tmp_path)
    pd.testing.assert_frame_equal(found.rows, reference.rows, check_dtype=False)
    assert found.models == reference.models
    assert list(found.layers) == list(reference.layers)
    for name, layer in reference.layers.items():
        other = found.layers[name]
        assert other.vectors.tobytes() == layer.vectors.tobytes()
        assert other.on_map("pca").tobytes() == layer.on_map("pca").tobytes()
        assert other.kept == layer.kept
        assert other.trust == layer.trust
        assert other.purity == layer.purity
        assert other.basis.components.tobytes() == layer.basis.components.tobytes()


def test_damage_is_told(reference: ReferenceSet, tmp_path: Path) -> None:
    with pytest.raises(SerError, match="no reference set"):
        load(tmp_path)
    save(reference, tmp_path)
    info = json.loads((tmp_path / "info.json").read_text())
    (tmp_path / "points.parquet").write_bytes(b"PAR1")
    with pytest.raises(SerError, match="damaged"):
        load(tmp_path)
    (tmp_path / "info.json").write_text(json.dumps(info | {"format": 99}))
    with pytest.raises(SerError, match="another version"):
        load(tmp_path)


def test_the_command_makes_the_same_bits_each_time(
    micro_corpora: Path, tiny_checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run in ("first", "second"):
        monkeypatch.setenv("SER_CACHE", str(tmp_path / f"cache-{run}"))  # computed anew
        arguments = ["map", "--data", str(micro_corpora), "--out", str(tmp_path / run), "--no-umap"]
        result = CliRunner().invoke(app, [*arguments, "--checkpoints", str(tiny_checkpoints)])
        assert result.exit_code == 0, result.output
    files = sorted(p.relative_to(tmp_path / "first") for p in (tmp_path / "first").rglob("*.*"))
    assert len(files) > 10
    for file in files:
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


class TestOwn:
    @pytest.fixture
    def folder(self, micro_corpora: Path, tmp_path: Path) -> Path:
        folder = tmp_path / "mine"
        folder.mkdir()
        for number, file in enumerate(sorted((micro_corpora / "ravdess/audio").iterdir())[:6]):
            shutil.copy(file, folder / f"clip{number}.wav")
        return folder

    def test_a_broken_clip_is_left_out_and_told(self, folder: Path, embedder: Embedder) -> None:
        (folder / "broken.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt nonsense" * 3)
        found = make_reference(own(folder), embedder)
        assert len(found.rows) == 6
        assert list(found.problems) == ["broken.wav"]
        assert found.layers["audio"].purity == {}  # no labels
        assert found.layers["audio"].trust == {}  # too few points
        assert "text" not in found.layers  # no words

    def test_none_that_can_be_used_is_a_sentence(self, folder: Path, embedder: Embedder) -> None:
        for file in folder.iterdir():
            file.write_bytes(b"nonsense")
        with pytest.raises(SerError, match=r"None of the clips of mine can be used"):
            make_reference(own(folder), embedder)

    def test_folders_without_recordings(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        for path in (tmp_path / "empty", tmp_path / "nowhere"):
            with pytest.raises(CorpusError):
                own(path)
        with pytest.raises(CorpusError, match="choose some"):
            uploaded({})

    def test_a_manifest_brings_labels_and_words(self, folder: Path, embedder: Embedder) -> None:
        table = pd.DataFrame(
            {
                "file": [f"clip{number}.wav" for number in range(6)],
                "speaker": ["a", "a", "a", "b", "b", "b"],
                "category": ["happy", "sad"] * 3,
                "transcript": ["I am glad."] * 6,
            }
        )
        table.to_csv(folder / "manifest.csv", index=False)
        found = make_reference(own(folder), embedder)
        assert set(found.layers["multistage"].purity) == {"category", "speaker"}
        assert len(found.layers["text"].vectors) == 1

    def test_it_goes_on_where_it_was_ended(
        self, folder: Path, embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class EndedError(Exception):
            pass

        def end(done: float) -> None:
            if done > 0.5:
                raise EndedError

        monkeypatch.setenv("SER_CACHE", str(tmp_path / "cache"))
        source = own(folder)
        with pytest.raises(EndedError):
            make_own(source, embedder, end)
        told: list[float] = []
        first = make_own(source, embedder, told.append)
        assert told == sorted(told)
        assert told[-1] == 1
        again = make_own(source, embedder, told.append)  # from the cache
        assert again.layers["audio"].vectors.tobytes() == first.layers["audio"].vectors.tobytes()
        other = replace(source, rows=source.rows.assign(speaker="x"))
        assert (make_own(other, embedder, told.append).rows["speaker"] == "x").all()

    def test_uploads_are_the_same_clips(self, folder: Path, embedder: Embedder) -> None:
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        of_files, in_memory = own(folder), uploaded(files)
        a, b = make_reference(of_files, embedder), make_reference(in_memory, embedder)
        assert a.layers["audio"].vectors.tobytes() == b.layers["audio"].vectors.tobytes()
        assert list(b.rows["title"]) == list(files)

    def test_a_zip_with_a_table(self, folder: Path, embedder: Embedder) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, f"talk/audio/{path.name}")
            archive.writestr("__MACOSX/._clip0.wav", b"nothing")
            lines = ["file;emotion;speaker;text;valence", "audio/clip0.wav;joy;anna;I am glad.;0.9"]
            archive.writestr(
                "talk/labels.csv", "\n".join([*lines, "clip1.wav;anger;ben;Go away.;7"])
            )
        source = uploaded(unpack({"talk.zip": packed.getvalue()}))
        rows = source.rows
        assert list(rows["title"]) == [f"clip{number}.wav" for number in range(6)]
        assert list(rows["category"][:3]) == ["happy", "angry", ""]
        assert list(rows["speaker"][:2]) == ["anna", "ben"]
        assert rows["valence"][0] == 0.9
        assert np.isnan(rows["valence"][1])  # on a scale that nobody told
        assert source.notes == ("4 of the clips are not in the table.",)
        assert source.items[0].words == "I am glad."
        alone = uploaded({"clip0.wav": (folder / "clip0.wav").read_bytes()})
        assert source.items[0].key == alone.items[0].key

    def test_zips_that_cannot_be_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(CorpusError, match="pack it anew"):
            unpack({"talk.zip": b"PK nonsense"})
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.wav", bytes(2**20))
        monkeypatch.setattr("ser_core.maps.uploads.MOST_BYTES", 2**19)
        with pytest.raises(CorpusError, match="take fewer"):
            unpack({"talk.zip": bomb.getvalue()})
        with pytest.raises(CorpusError, match="no column of files"):
            uploaded({"a.wav": b"x", "labels.csv": b"emotion,speaker\nhappy,a\n"})
