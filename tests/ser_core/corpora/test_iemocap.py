"""Every trap of IEMOCAP, each in a test that is named after it."""

import shutil
from pathlib import Path

import pytest
import trees
from trees import gaps, reasons, row

from ser_core.corpora import iemocap
from ser_core.corpora.table import Corpus, Skipped
from ser_core.errors import CorpusError


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trees.iemocap(tmp_path_factory.mktemp("iemocap"))


@pytest.fixture(scope="module")
def corpus(root: Path) -> Corpus:
    return iemocap.read(root)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A tree to damage."""
    return trees.iemocap(tmp_path)


def test_nothing_of_an_intact_tree_is_left_out(corpus: Corpus) -> None:
    assert len(corpus.table) == 10
    assert (corpus.skipped, corpus.missing, corpus.notes) == ((), (), ())
    assert all(Path(path).is_absolute() and Path(path).is_file() for path in corpus.table["path"])
    assert set(corpus.table["language"]) == {"en"}


@pytest.mark.parametrize(
    ("utterance", "speaker", "sex"),
    [
        ("Ses01F_impro01_F000", "iemocap_Ses01F", "female"),
        ("Ses01F_impro01_M000", "iemocap_Ses01M", "male"),  # Ses01F only wears the markers
        ("Ses01M_script01_1b_F000", "iemocap_Ses01F", "female"),
        ("Ses02F_impro03a_M000", "iemocap_Ses02M", "male"),
        ("Ses03M_script02_2_M012", "iemocap_Ses03M", "male"),
        ("Ses05M_impro08b_F010", "iemocap_Ses05F", "female"),
    ],
)
def test_speaker_is_the_letter_of_the_last_token_also_with_a_b_and_1b(
    corpus: Corpus, utterance: str, speaker: str, sex: str
) -> None:
    assert (row(corpus, utterance)["speaker"], row(corpus, utterance)["sex"]) == (speaker, sex)


def test_brackets_hold_valence_activation_dominance_from_1_to_5(corpus: Corpus) -> None:
    first = row(corpus, "Ses01F_impro01_F000")  # [2.5, 3.5, 4.5]
    assert (first["valence"], first["arousal"], first["dominance"]) == (0.375, 0.625, 0.875)
    ends = row(corpus, "Ses01F_impro01_M001")  # [5, 1, 3]
    assert (ends["valence"], ends["arousal"], ends["dominance"]) == (1.0, 0.0, 0.5)


def test_happy_and_excited_are_one_category_and_keep_their_labels(corpus: Corpus) -> None:
    assert corpus.table.groupby("emotion")["category"].unique().str[0].to_dict() == {
        "neu": "neutral",
        "hap": "happy",
        "exc": "happy",
        "sad": "sad",
        "ang": "angry",
        "fru": "",
        "xxx": "",
    }


def test_no_majority_keeps_its_ratings(corpus: Corpus) -> None:
    assert row(corpus, "Ses01F_impro01_F001")["valence"] == 0.5


def test_self_ratings_and_single_raters_are_not_used(root: Path, corpus: Corpus) -> None:
    # The tree holds raters who disagree, inside and beside the consensus files.
    assert (root / "Session1/dialog/EmoEvaluation/Self-evaluation").is_dir()
    assert set(corpus.table["emotion"]) == {"neu", "hap", "exc", "sad", "ang", "fru", "xxx"}
    assert row(corpus, "Ses02F_impro03a_M000")["valence"] == 0.0


def test_consensus_lines_in_folders_of_raters_are_not_read(own: Path) -> None:
    folder = own / "Session1/dialog/EmoEvaluation"
    lines = (folder / "Ses01F_impro01.txt").read_text("latin-1")
    trees.text(folder / "Categorical/Ses01F_impro01.txt", lines.replace("\tneu\t", "\tang\t"))
    corpus = iemocap.read(own)
    assert row(corpus, "Ses01F_impro01_F000")["emotion"] == "neu"
    assert corpus.skipped == ()


def test_blanks_in_place_of_tabs(own: Path) -> None:
    file = own / "Session4/dialog/EmoEvaluation/Ses04F_script03_1.txt"
    file.write_text(file.read_text("latin-1").replace("\t", "  "), "latin-1")
    assert row(iemocap.read(own), "Ses04F_script03_1_F000")["emotion"] == "neu"


def test_macos_files_are_not_read(root: Path, corpus: Corpus) -> None:
    assert (root / "Session1/dialog/EmoEvaluation/._Ses01F_impro01.txt").is_file()
    assert not any("._" in item for item in reasons(corpus))


def test_latin_1_and_its_windows_marks(corpus: Corpus) -> None:
    assert row(corpus, "Ses01F_impro01_M000")["transcript"] == "[LAUGHTER] A café… with you."


def test_text_begins_after_the_first_bracket_and_colon(corpus: Corpus) -> None:
    assert row(corpus, "Ses01F_impro01_F000")["transcript"] == "He said [sic]: note: me."


def test_lines_without_an_id_and_unrated_turns_are_ignored(corpus: Corpus) -> None:
    assert not corpus.table["transcript"].isin(["Yeah.", "Uh-huh."]).any()
    assert not any("XX" in item for item in (*corpus.table["id"], *reasons(corpus)))


def test_session_for_leave_one_out_and_no_split(corpus: Corpus) -> None:
    assert set(corpus.table["session"]) == {f"Session{number}" for number in range(1, 6)}
    assert set(corpus.table["split"]) == {""}
    assert row(corpus, "Ses02F_impro03a_M000")["session"] == "Session2"


def test_duration_is_that_of_the_consensus_line(corpus: Corpus) -> None:
    assert row(corpus, "Ses01F_impro01_M000")["duration_s"] == 1.9456


def test_a_missing_clip_is_left_out_by_name(own: Path) -> None:
    (own / "Session2/sentences/wav/Ses02F_impro03a/Ses02F_impro03a_M000.wav").unlink()
    corpus = iemocap.read(own)
    assert reasons(corpus) == {"Ses02F_impro03a_M000": "no such audio file"}
    assert "Ses02F_impro03a_M000" not in set(corpus.table["id"])


def test_an_empty_clip_is_left_out_by_name(own: Path) -> None:
    (own / "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav").write_bytes(b"")
    assert reasons(iemocap.read(own)) == {"Ses01F_impro01_F000": "the file is empty"}


def test_a_missing_transcript_is_reported_and_the_turn_kept(own: Path) -> None:
    (own / "Session3/dialog/transcriptions/Ses03M_script02_2.txt").unlink()
    corpus = iemocap.read(own)
    assert gaps(corpus) == {"Ses03M_script02_2_M012": "no transcript"}
    assert row(corpus, "Ses03M_script02_2_M012")["transcript"] == ""


def test_a_damaged_consensus_line_is_reported_by_file_and_line(own: Path) -> None:
    file = own / "Session4/dialog/EmoEvaluation/Ses04F_script03_1.txt"
    file.write_text(file.read_text("latin-1").replace("[3.0000, 2.0000, ", "["), "latin-1")
    assert reasons(iemocap.read(own)) == {
        "Session4/dialog/EmoEvaluation/Ses04F_script03_1.txt line 3": (
            "consensus line not understood"
        ),
        "Ses04F_script03_1_F000": "audio without a consensus label",
    }


def test_a_rating_outside_the_scale_is_reported_and_empty(own: Path) -> None:
    file = own / "Session4/dialog/EmoEvaluation/Ses04F_script03_1.txt"
    file.write_text(file.read_text("latin-1").replace("[3.0000,", "[8.0000,"), "latin-1")
    corpus = iemocap.read(own)
    assert gaps(corpus) == {"Ses04F_script03_1_F000": "valence is no number from 1 to 5"}
    ratings = row(corpus, "Ses04F_script03_1_F000")
    assert ratings["valence"] != ratings["valence"]
    assert ratings["arousal"] == 0.25


def test_a_dialogue_of_which_only_the_words_are_left_is_reported(own: Path) -> None:
    (own / "Session3/dialog/EmoEvaluation/Ses03M_script02_2.txt").unlink()
    shutil.rmtree(own / "Session3/sentences/wav/Ses03M_script02_2")
    assert reasons(iemocap.read(own)) == {
        "Ses03M_script02_2_M012": "words without a consensus label and audio"
    }


def test_a_dialogue_without_labels_is_reported_once(own: Path) -> None:
    (own / "Session3/dialog/EmoEvaluation/Ses03M_script02_2.txt").unlink()
    skipped = iemocap.read(own).skipped
    assert skipped == (Skipped("Ses03M_script02_2_M012", "audio without a consensus label"),)


def test_an_unknown_emotion_code_is_reported_and_kept(own: Path) -> None:
    file = own / "Session4/dialog/EmoEvaluation/Ses04F_script03_1.txt"
    file.write_text(file.read_text("latin-1").replace("\tneu\t", "\tzzz\t"), "latin-1")
    corpus = iemocap.read(own)
    assert gaps(corpus) == {"Ses04F_script03_1_F000": "the emotion code is not known"}
    assert row(corpus, "Ses04F_script03_1_F000")["emotion"] == "zzz"


def test_every_code_of_the_corpus_is_known(own: Path) -> None:
    codes = ("ang", "dis", "exc", "fea", "fru", "hap", "neu", "oth", "sad", "sur", "xxx")
    turns = {f"F{number:03d}": (code, (3.0, 3.0, 3.0)) for number, code in enumerate(codes)}
    trees.iemocap_dialog(own, "Ses05F_impro01", turns)
    corpus = iemocap.read(own)
    assert corpus.missing == ()
    assert set(codes) == set(corpus.table["emotion"])


def test_another_session_is_reported(own: Path) -> None:
    shutil.copytree(own / "Session5", own / "Session6")
    corpus = iemocap.read(own)
    assert reasons(corpus) == {"Session6": "no session of the corpus: it has five"}
    assert len(corpus.table) == 10


def test_a_second_copy_of_a_clip_is_reported(own: Path) -> None:
    trees.wav(own / "Session2/sentences/wav/again/more/Ses02F_impro03a_M000.wav")
    assert reasons(iemocap.read(own)) == {
        "again/more/Ses02F_impro03a_M000.wav": "another file has the same name"
    }


def test_a_folder_named_like_a_file_is_passed_over(own: Path) -> None:
    (own / "Session2/dialog/EmoEvaluation/junk.txt").mkdir()
    assert len(iemocap.read(own).table) == 10


def test_a_missing_session_or_folder_is_reported(own: Path) -> None:
    shutil.rmtree(own / "Session5")
    shutil.rmtree(own / "Session4/dialog/transcriptions")
    corpus = iemocap.read(own)
    assert set(reasons(corpus)) == {
        "Session4/dialog/transcriptions",
        "Session5/dialog/EmoEvaluation",
        "Session5/dialog/transcriptions",
        "Session5/sentences/wav",
    }
    assert set(gaps(corpus)) == {"Ses04F_script03_1_F000"}


def test_another_folder_is_refused_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="Session1/dialog/EmoEvaluation"):
        iemocap.read(tmp_path)
