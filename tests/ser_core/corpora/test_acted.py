"""CREMA-D, RAVDESS, TESS, EmoDB and nEMO: all that a name says, and their traps."""

from pathlib import Path

import pandas as pd
import pytest
import trees
from trees import gaps, reasons, row

from ser_core.corpora import crema_d, emodb, nemo, ravdess, tess
from ser_core.corpora.demonstration import read_speech
from ser_core.errors import CorpusError

NO_FILE = "no such audio file"


# --- CREMA-D ---------------------------------------------------------------------------------


def test_crema_d_names_demographics_and_sentences(tmp_path: Path) -> None:
    corpus = crema_d.read(trees.crema_d(tmp_path))
    clip = row(corpus, "1001_DFA_ANG_XX")
    assert clip["speaker"] == "crema_d_1001"
    assert (clip["sex"], clip["language"], clip["session"]) == ("male", "en", "DFA")
    assert (clip["emotion"], clip["category"]) == ("anger", "angry")
    assert clip["transcript"] == "Don't forget a jacket."
    assert row(corpus, "1001_IEO_HAP_HI")["category"] == "happy"
    assert row(corpus, "1002_IEO_NEU_XX")["sex"] == "female"
    assert corpus.table["arousal"].isna().all()
    assert (corpus.missing, corpus.notes) == ((), ())


def test_crema_d_the_name_that_lacks_an_x(tmp_path: Path) -> None:
    root = trees.crema_d(tmp_path)
    corpus = crema_d.read(root)
    assert Path(str(row(corpus, "1040_ITH_SAD_XX")["path"])).stem == "1040_ITH_SAD_X"
    listed = (root / "SentenceFilenames.csv").read_text()
    (root / "SentenceFilenames.csv").write_text(listed.replace("1040_ITH_SAD_XX", "1040_ITH_SAD_X"))
    assert crema_d.read(root).skipped == corpus.skipped


def test_crema_d_lfs_pointers_known_damage_and_missing_clips_are_reported(tmp_path: Path) -> None:
    assert reasons(crema_d.read(trees.crema_d(tmp_path))) == {
        "1002_TIE_FEA_XX": "a Git LFS pointer in place of the audio: run `git lfs pull`",
        "1076_MTI_SAD_XX.wav": "known to be damaged",
        "1003_TSI_DIS_XX": NO_FILE,
    }


def test_crema_d_clips_alone_are_enough(tmp_path: Path) -> None:
    trees.wav(tmp_path / "1001_DFA_FEA_XX.wav")
    trees.wav(tmp_path / "1001_DFA_ANGRY.wav")
    corpus = crema_d.read(tmp_path)
    assert row(corpus, "1001_DFA_FEA_XX")["category"] == ""
    assert reasons(corpus) == {"1001_DFA_ANGRY.wav": "the name is not one of the corpus"}
    assert "VideoDemographics.csv" in corpus.notes[0]


@pytest.mark.parametrize("table", ["VideoDemographics.csv", "SentenceFilenames.csv"])
@pytest.mark.parametrize(
    ("content", "message"),
    [("", "no rows"), ("a,b\n1,2\n", "no column"), ('"ActorID","Sex\n1001,', "is damaged")],
)
def test_crema_d_damaged_tables_are_refused(
    tmp_path: Path, table: str, content: str, message: str
) -> None:
    root = trees.crema_d(tmp_path)
    (root / table).write_text(content)
    with pytest.raises(CorpusError, match=rf"{table}.* {message}"):
        crema_d.read(root)


@pytest.mark.parametrize("table", ["VideoDemographics.csv", "SentenceFilenames.csv"])
def test_crema_d_damaged_lines_are_reported(tmp_path: Path, table: str) -> None:
    root = trees.crema_d(tmp_path)
    lines = (root / table).read_text().splitlines()
    (root / table).write_text("\n".join([*lines, "1003"]) + "\n")
    assert reasons(crema_d.read(root))[f"{table} line {len(lines) + 1}"] == (
        "a wrong number of fields"
    )


def test_crema_d_an_actor_of_unknown_sex_is_reported(tmp_path: Path) -> None:
    root = trees.crema_d(tmp_path)
    lines = (root / "VideoDemographics.csv").read_text().splitlines(keepends=True)
    (root / "VideoDemographics.csv").write_text("".join(lines[:-1]))
    corpus = crema_d.read(root)
    assert gaps(corpus) == {"1091_WSI_SAD_XX": "the sex of the actor is not known"}
    assert row(corpus, "1091_WSI_SAD_XX")["sex"] == ""


def test_crema_d_tables_that_are_not_there_are_noted_once(tmp_path: Path) -> None:
    root = trees.crema_d(tmp_path)
    for table in ("VideoDemographics.csv", "SentenceFilenames.csv"):
        (root / table).unlink()
    corpus = crema_d.read(root)
    assert corpus.missing == ()
    assert [note.split(":")[0] for note in corpus.notes] == [
        "There is no VideoDemographics.csv",
        "There is no SentenceFilenames.csv",
    ]


# --- RAVDESS ---------------------------------------------------------------------------------


@pytest.mark.parametrize("flat", [False, True])
def test_ravdess_in_folders_of_actors_and_flat(tmp_path: Path, flat: bool) -> None:
    corpus = ravdess.read(trees.ravdess(tmp_path, flat))
    assert len(corpus.table) == 120
    assert corpus.skipped == ()
    clip = row(corpus, "03-01-05-02-02-01-02")
    assert (clip["speaker"], clip["sex"]) == ("ravdess_02", "female")
    assert (clip["emotion"], clip["category"]) == ("angry", "angry")
    assert (clip["session"], clip["transcript"]) == ("S2", "Dogs are sitting by the door.")
    assert row(corpus, "03-01-02-01-01-01-01")["category"] == ""  # calm is not neutral
    assert row(corpus, "03-01-02-01-01-01-01")["sex"] == "male"


def test_ravdess_films_songs_copies_and_missing_clips(tmp_path: Path) -> None:
    root = trees.ravdess(tmp_path)
    first = root / "Actor_01"
    (first / "03-01-03-01-01-01-01.wav").unlink()
    (first / "03-01-03-02-01-01-01.wav").unlink()
    trees.mp4(first / "01-01-03-01-01-01-01.mp4")  # the sound of this one is gone: it counts
    trees.mp4(first / "01-01-04-01-01-01-01.mp4")  # the sound of this one is there
    trees.mp4(first / "02-01-04-01-01-01-01.mp4")
    trees.wav(first / "03-02-04-01-01-01-01.wav")
    trees.wav(first / "03-01-09-01-01-01-01.wav")
    trees.wav(root / "audio_speech_actors_01-24/Actor_02/03-01-01-01-01-01-02.wav")
    corpus = ravdess.read(root)
    assert row(corpus, "01-01-03-01-01-01-01")["emotion"] == "happy"
    assert len(corpus.table) == 119
    assert reasons(corpus) == {
        "03-01-03-02-01-01-01": NO_FILE,
        "01-01-04-01-01-01-01": "the film of a clip whose sound is there",
        "Actor_01/02-01-04-01-01-01-01.mp4": "a picture without sound",
        "Actor_01/03-02-04-01-01-01-01.wav": "song, not speech",
        "Actor_01/03-01-09-01-01-01-01.wav": "the name is not one of the corpus",
        "audio_speech_actors_01-24/Actor_02/03-01-01-01-01-01-02.wav": (
            "another file has the same name"
        ),
    }


@pytest.mark.parametrize(
    "name",
    [
        "04-01-03-01-01-01-01",
        "03-03-03-01-01-01-01",
        "03-01-09-01-01-01-01",
        "03-01-00-01-01-01-01",
        "03-01-03-03-01-01-01",
        "03-01-01-02-01-01-01",  # neutral is never strong
        "03-01-03-01-03-01-01",
        "03-01-03-01-01-03-01",
        "03-01-03-01-01-01-25",
        "03-01-03-01-01-01-00",
    ],
)
def test_ravdess_names_that_do_not_exist_are_refused(tmp_path: Path, name: str) -> None:
    root = trees.ravdess(tmp_path)
    trees.wav(root / "Actor_01" / f"{name}.wav")
    corpus = ravdess.read(root)
    assert len(corpus.table) == 120
    assert reasons(corpus) == {f"Actor_01/{name}.wav": "the name is not one of the corpus"}


def test_ravdess_actors_without_clips_are_noted(tmp_path: Path) -> None:
    root = trees.ravdess(tmp_path)
    numbers = ", ".join(f"{number:02d}" for number in range(3, 25))
    assert ravdess.read(root).notes == (f"There are no clips of actor {numbers}.",)
    for number in range(3, 25):
        trees.wav(root / f"03-01-01-01-01-01-{number:02d}.wav")
    assert ravdess.read(root).notes == ()


# --- TESS ------------------------------------------------------------------------------------


def test_tess_any_spelling_of_folders_and_the_name_that_lacks_an_f(tmp_path: Path) -> None:
    corpus = tess.read(trees.tess(tmp_path))
    assert len(corpus.table) == 7
    assert set(corpus.table["speaker"]) == {"tess_OAF", "tess_YAF"}
    assert set(corpus.table["sex"]) == {"female"}
    bite = row(corpus, "OAF_bite_neutral")
    assert Path(str(bite["path"])).name == "OA_bite_neutral.wav"
    assert (bite["category"], bite["transcript"]) == ("neutral", "Say the word bite.")
    surprise = corpus.table[corpus.table["emotion"] == "pleasant surprise"]
    assert surprise["id"].tolist() == ["OAF_back_ps", "YAF_back_ps"]
    assert set(surprise["category"]) == {""}
    assert row(corpus, "YAF_young_happy")["session"] == "young"


def test_tess_the_archive_within_the_archive_is_reported(tmp_path: Path) -> None:
    root = trees.tess(tmp_path)
    copies = reasons(tess.read(root))
    assert len(copies) == 7
    assert copies[f"{root.name}/OAF_angry/OAF_back_angry.wav"] == "another file has the same name"


def test_tess_any_case_of_letters(tmp_path: Path) -> None:
    trees.wav(tmp_path / "oaf_Back_Angry.wav")
    trees.wav(tmp_path / "YAF_youth_PS.WAV")
    assert tess.matches(tmp_path)
    corpus = tess.read(tmp_path)
    assert corpus.skipped == ()
    angry, surprised = row(corpus, "OAF_back_angry"), row(corpus, "YAF_youth_ps")
    assert (angry["speaker"], angry["category"]) == ("tess_OAF", "angry")
    assert (surprised["emotion"], surprised["transcript"]) == (
        "pleasant surprise",
        "Say the word youth.",
    )


# --- EmoDB -----------------------------------------------------------------------------------


def test_emodb_speakers_sentences_and_letters(tmp_path: Path) -> None:
    corpus = emodb.read(trees.emodb(tmp_path))
    assert corpus.skipped == ()
    labels = {str(clip["id"]): (clip["emotion"], clip["category"]) for _, clip in table_of(corpus)}
    assert labels == {
        "03a01Fa": ("happiness", "happy"),
        "03a01Nc": ("neutral", "neutral"),
        "08b01Wa": ("anger", "angry"),
        "09a05La": ("boredom", ""),
        "16b10Tb": ("sadness", "sad"),
        "11a02Ac": ("fear", ""),
        "13b03Ed": ("disgust", ""),
    }
    clip = row(corpus, "09a05La")
    assert (clip["speaker"], clip["sex"], clip["language"]) == ("emodb_09", "female", "de")
    assert clip["session"] == "a05"
    assert str(clip["transcript"]).startswith("Das schwarze Stück Papier")


def test_emodb_five_men_and_five_women(tmp_path: Path) -> None:
    men, women = ("03", "10", "11", "12", "15"), ("08", "09", "13", "14", "16")
    for speaker in (*men, *women):
        trees.wav(tmp_path / f"{speaker}a01Na.wav")
    table = emodb.read(tmp_path).table
    assert dict(zip(table["speaker"], table["sex"], strict=True)) == {
        **dict.fromkeys((f"emodb_{speaker}" for speaker in men), "male"),
        **dict.fromkeys((f"emodb_{speaker}" for speaker in women), "female"),
    }


def test_emodb_other_names_are_reported(tmp_path: Path) -> None:
    root = trees.emodb(tmp_path)
    trees.wav(root / "wav/07a01Fa.wav")  # there is no speaker 07
    assert reasons(emodb.read(root)) == {"wav/07a01Fa.wav": "the name is not one of the corpus"}


# --- nEMO ------------------------------------------------------------------------------------


def test_nemo_table_with_blanks_and_quotation_marks(tmp_path: Path) -> None:
    corpus = nemo.read(trees.nemo(tmp_path))
    assert len(corpus.table) == 7
    assert (corpus.skipped, corpus.missing, corpus.notes) == ((), (), ())
    clip = row(corpus, "TP0_anger_38")
    assert clip["transcript"] == '„Ród smoka" to serial telewizyjny.'
    assert (clip["speaker"], clip["sex"], clip["language"]) == ("nemo_TP0", "male", "pl")
    assert (clip["session"], clip["category"]) == ("38", "angry")
    assert row(corpus, "TP0_fear_46")["transcript"] == '"Żołwica" to dawne określenie.'
    assert row(corpus, "SM0_happiness_4")["category"] == "happy"
    assert row(corpus, "IC0_fear_77")["category"] == ""


def test_nemo_clips_and_lines_without_each_other(tmp_path: Path) -> None:
    root = trees.nemo(tmp_path)
    (root / "samples/IC0_fear_77.wav").unlink()
    trees.wav(root / "samples/IC0_fear_78.wav")
    corpus = nemo.read(root)
    assert reasons(corpus) == {"IC0_fear_77": NO_FILE}
    assert gaps(corpus) == {"IC0_fear_78": "no transcript"}
    assert row(corpus, "IC0_fear_78")["sex"] == "female"


def test_nemo_of_two_lines_of_a_clip_the_first_counts(tmp_path: Path) -> None:
    root = trees.nemo(tmp_path)
    with (root / "data.tsv").open("a", encoding="utf-8") as file:
        file.write("WR0_surprised_64.wav\tsurprised\tInne zdanie.\tx\tWR0\tmale\t23\n")
    corpus = nemo.read(root)
    assert str(row(corpus, "WR0_surprised_64")["transcript"]).startswith("Ucho wykrywa")
    assert reasons(corpus) == {"WR0_surprised_64.wav": "listed before in data.tsv"}


def test_nemo_without_its_table(tmp_path: Path) -> None:
    root = trees.nemo(tmp_path)
    (root / "data.tsv").unlink()
    corpus = nemo.read(root)
    assert row(corpus, "WR0_surprised_64")["sex"] == "male"
    assert corpus.missing == ()
    assert corpus.notes == ("There is no data.tsv: transcripts are empty.",)


# --- All of them -----------------------------------------------------------------------------


def table_of(corpus: object) -> list[tuple[object, dict[str, object]]]:
    return list(enumerate(corpus.table.to_dict("records")))  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", [crema_d, ravdess, tess, emodb, nemo])
def test_no_folder_is_refused(module: object, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no folder"):
        module.read(tmp_path / "nowhere")  # type: ignore[attr-defined]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("module", "folder", "name"),
    [
        (ravdess, "ravdess", "ravdess"),
        (emodb, "emodb_de_4class", "emodb"),
        (nemo, "nemo_pl_4class", "nemo"),
    ],
)
def test_real_clips_by_their_names_agree_with_their_manifests(
    corpora: Path, module: object, folder: str, name: str
) -> None:
    by_name = module.read(corpora / folder).table  # type: ignore[attr-defined]
    by_manifest = read_speech(corpora, name).table
    columns = ["id", "corpus", "speaker", "sex", "language", "session", "emotion", "category"]
    if module is not nemo:  # its transcripts are in data.tsv, which is not there
        columns.append("transcript")
    pd.testing.assert_frame_equal(
        by_name[columns].sort_values("id", ignore_index=True),
        by_manifest[columns].sort_values("id", ignore_index=True),
    )


def test_a_silent_picture_is_not_the_missing_clip(tmp_path: Path) -> None:
    root = trees.ravdess(tmp_path)
    first = sorted(root.rglob("03-01-*.wav"))[0]
    first.unlink()
    first.with_name("02" + first.stem[2:] + ".mp4").write_bytes(b"film")
    assert reasons(ravdess.read(root))[first.stem] == "no such audio file"
