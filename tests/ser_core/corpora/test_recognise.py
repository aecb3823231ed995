"""Which corpus a folder holds."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import trees

from ser_core.corpora.layout import Layout
from ser_core.corpora.recognise import READERS, read, recognise
from ser_core.errors import CorpusError

BUILDERS: dict[str, Callable[[Path], Path]] = {
    "iemocap": trees.iemocap,
    "msp_podcast": trees.msp_podcast,
    "meld": trees.meld,
    "audformat": trees.audformat,
    "manifest": trees.manifest,
    "crema_d": trees.crema_d,
    "nemo": trees.nemo,
    "ravdess": trees.ravdess,
    "tess": trees.tess,
    "emodb": trees.emodb,
}

Locked = Callable[[Path, int], AbstractContextManager[None]]


def test_every_reader_is_tested_here() -> None:
    assert set(BUILDERS) == set(READERS)


@pytest.mark.parametrize("name", BUILDERS)
def test_a_corpus_is_recognised_and_by_no_other_reader(tmp_path: Path, name: str) -> None:
    root = BUILDERS[name](tmp_path)
    assert [reader.name for reader in READERS.values() if reader.matches(root)] == [name]
    assert recognise(root) == (READERS[name], root)


@pytest.mark.parametrize("name", [name for name in BUILDERS if name != "manifest"])
def test_the_folder_above_is_enough(tmp_path: Path, name: str) -> None:
    root = BUILDERS[name](tmp_path)
    reader, folder = recognise(tmp_path)
    assert reader.name == name
    # Corpora known by names of clips alone are found at any depth.
    assert folder in (root, tmp_path)
    assert len(reader.read(folder).table) == len(reader.read(root).table) > 0


@pytest.mark.parametrize("above", ["MELD-RAW", "a/b"])
def test_a_corpus_further_down_is_found(tmp_path: Path, above: str) -> None:
    meld = trees.meld(tmp_path / above)
    trees.text(tmp_path / "notes" / "readme.txt", "nothing")
    assert recognise(tmp_path) == (READERS["meld"], meld)


def test_corpora_further_down_are_named(tmp_path: Path) -> None:
    trees.meld(tmp_path / "films" / "MELD-RAW")
    trees.iemocap(tmp_path / "lab" / "usc")
    with pytest.raises(CorpusError, match=r"holds several corpora.*films/MELD-RAW.*lab/usc"):
        recognise(tmp_path)


def test_links_in_circles_on_the_way_down(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path)
    with pytest.raises(CorpusError, match="No known corpus"):
        recognise(tmp_path)


def test_a_manifest_counts_before_names(tmp_path: Path) -> None:
    root = trees.emodb(tmp_path)
    trees.text(root / "manifest.csv", "file,emotion\nwav/03a01Fa.wav,joy\n")
    assert recognise(root)[0].name == "manifest"
    assert read(root).table["id"].tolist() == ["wav/03a01Fa"]
    assert len(read(root, "emodb").table) == 7


def test_several_corpora_are_named(tmp_path: Path) -> None:
    trees.iemocap(tmp_path)
    trees.msp_podcast(tmp_path)
    with pytest.raises(
        CorpusError, match=r"IEMOCAP_full_release \(iemocap\), MSP-PODCAST-1.11 \(msp_podcast\)"
    ):
        recognise(tmp_path)


NAMES = {
    "iemocap": "IEMOCAP_full_release",
    "msp_podcast": "MSP-PODCAST-1.11",
    "crema_d": "CREMA-D",
    "ravdess": "RAVDESS",
    "emodb": "emodb",
}


@pytest.mark.parametrize(
    "names",
    [
        ("iemocap", "emodb"),
        ("msp_podcast", "ravdess"),
        ("crema_d", "emodb"),
        ("ravdess", "emodb"),
    ],
)
def test_a_folder_of_several_is_not_taken_for_that_known_by_names(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    for name in names:
        BUILDERS[name](tmp_path)
    named = ", ".join(f"{NAMES[name]} ({name})" for name in names)
    with pytest.raises(CorpusError, match=f"several corpora, .*: {re.escape(named)}"):
        recognise(tmp_path)


def test_several_are_named_two_folders_above_them(tmp_path: Path) -> None:
    (tmp_path / "above").mkdir()
    trees.msp_podcast(tmp_path / "above")
    trees.ravdess(tmp_path / "above")
    with pytest.raises(CorpusError, match=r": above/MSP-PODCAST-1\.11 \(msp_podcast\), above/RAV"):
        recognise(tmp_path)


def test_clips_beside_another_corpus_are_not_passed_over(tmp_path: Path) -> None:
    trees.iemocap(tmp_path)
    trees.wav(tmp_path / "03a01Fa.wav")
    trees.ravdess(tmp_path)
    for file in (tmp_path / "RAVDESS").rglob("*.wav"):
        file.rename(tmp_path / file.name)
    with pytest.raises(CorpusError, match=r"IEMOCAP_full_release \(iemocap\), \. \(ravdess\)"):
        recognise(tmp_path)
    assert len(read(tmp_path, "ravdess").table) == 120


def test_a_table_in_the_folder_below_counts_before_names(tmp_path: Path) -> None:
    root = trees.emodb(tmp_path)
    trees.text(root / "manifest.csv", "file,emotion\nwav/03a01Fa.wav,joy\n")
    assert recognise(tmp_path) == (READERS["manifest"], root)


def test_links_to_corpora_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "link").symlink_to(trees.emodb(tmp_path / "disk"))
    assert recognise(tmp_path / "all")[0].name == "emodb"
    for circle in ("back", "again"):
        (tmp_path / "disk" / "emodb" / circle).symlink_to(tmp_path / "disk" / "emodb")
    assert recognise(tmp_path / "all")[0].name == "emodb"
    (tmp_path / "all" / "other").symlink_to(trees.ravdess(tmp_path / "disk"))
    with pytest.raises(CorpusError, match=r"link \(emodb\), other \(ravdess\)"):
        recognise(tmp_path / "all")


@pytest.mark.corpora
def test_the_folder_of_the_real_corpora_is_no_corpus(corpora: Path) -> None:
    with pytest.raises(CorpusError, match=r"several corpora.*emodb_de_4class.*nemo_pl.*ravdess"):
        recognise(corpora)


def test_nothing_known_names_what_was_looked_for(tmp_path: Path) -> None:
    trees.wav(tmp_path / "some.wav")
    trees.text(tmp_path / "db.yaml", "kind: Service\n")  # many other programs have such a file
    with pytest.raises(CorpusError) as error:
        recognise(tmp_path)
    for reader in READERS.values():
        assert reader.looks_for in str(error.value)
    with pytest.raises(CorpusError, match="does not exist"):
        recognise(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match="No known corpus"):
        recognise(tmp_path / "some.wav")


@pytest.mark.parametrize("mode", [0, 0o444])
@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("msp_podcast", ""),
        ("msp_podcast", "Labels"),
        ("msp_podcast", "Transcripts"),
        ("iemocap", "Session1/dialog"),
        ("iemocap", "Session1/dialog/EmoEvaluation"),
        ("iemocap", "Session1/sentences"),
        ("ravdess", ""),
        ("emodb", ".."),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    open_folder: Path, locked: Locked, name: str, part: str, mode: int
) -> None:
    root = BUILDERS[name](open_folder)
    path = (root / part).resolve()
    with (
        locked(path, mode),
        pytest.raises(CorpusError, match=rf"^{re.escape(str(path))}\S* cannot be read: [^:]*\.$"),
    ):
        read(root)


def test_a_locked_folder_beside_a_corpus_is_told(open_folder: Path, locked: Locked) -> None:
    trees.ravdess(open_folder)
    (open_folder / "locked").mkdir()
    with (
        locked(open_folder / "locked", 0),
        pytest.raises(CorpusError, match="locked cannot be read"),
    ):
        read(open_folder)


def test_read_by_name_and_with_a_layout(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no reader named podcast: choose one of iemocap, msp"):
        read(tmp_path, "podcast")
    with pytest.raises(CorpusError, match="IEMOCAP not found"):
        read(tmp_path, "iemocap")
    with pytest.raises(CorpusError, match="emodb has a layout of its own"):
        read(trees.emodb(tmp_path / "a"), layout=Layout())
    file = trees.manifest(tmp_path / "b")
    layout = Layout.from_options(["path=Datei", "emotion=Gefühl"], [], ["valence=1:5"])
    assert read(file, layout=layout).table["emotion"].tolist() == ["Freude", "Wut", "Trauer"]


@pytest.mark.parametrize("table", ["splits/manifest.csv", ".git/manifest.csv", "results/db.yaml"])
def test_a_table_beside_the_clips_is_no_other_corpus(tmp_path: Path, table: str) -> None:
    root = trees.ravdess(tmp_path)
    trees.text(root / table, "tables:\n" if table.endswith("yaml") else "path,label\na.wav,happy\n")
    assert recognise(root) == (READERS["ravdess"], root)


def test_a_locked_folder_beside_a_corpus_is_passed_over(
    open_folder: Path, locked: Callable[[Path, int], AbstractContextManager[None]]
) -> None:
    trees.iemocap(open_folder)
    (open_folder / "lost+found").mkdir()
    with locked(open_folder / "lost+found", 0):
        reader, _ = recognise(open_folder)
    assert reader.name == "iemocap"
