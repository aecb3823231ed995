from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from ser_core.analysis import CHECKPOINTS, Analyzer
from ser_core.behaviour import changed_words, word_changes
from ser_core.behaviour.changed_words import NONE, OWN, SHUFFLED, Changed, at_wer, derange
from ser_core.behaviour.finding import Finding
from ser_core.corpora.table import Corpus, make_table
from ser_core.errors import CorpusError
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import make_rows
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.metrics import concordance
from ser_core.support.jobs import Cancelled

SENTENCES = (
    "I am so happy that you came to see us.",
    "I miss her every single day since she left.",
    "Get out of my house, I never want to see you again!",
    "The bus leaves at nine from the main station.",
)


@pytest.fixture(scope="module")
def analyzer(tiny_checkpoints: Path) -> Analyzer:
    return Analyzer(tiny_checkpoints)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """12 clips of noise by six speakers, with words, a category and ratings."""
    folder = tmp_path_factory.mktemp("noise")
    generator = np.random.default_rng(0)
    rows = []
    for k in range(12):
        path = folder / f"{k}.wav"
        soundfile.write(path, 0.1 * generator.standard_normal(16_000), 16_000)
        ratings = dict(zip(DIMENSIONS, generator.random(3), strict=True))
        rows.append(
            {
                "id": f"{k}",
                "path": str(path),
                "speaker": f"s{k % 6}",
                "language": "en",
                "transcript": SENTENCES[k % 4],
                "category": CATEGORIES[k % 4],
                **ratings,
            }
        )
    return Corpus("noise", make_table(rows))


def by_key(findings) -> dict[str, Finding]:
    return {one.key: one for one in findings}


def cell(finding: Finding, model: str, case: str) -> pd.Series:
    return finding.table.set_index(["model", "case"]).loc[(model, case)]


@pytest.fixture(scope="module")
def found(analyzer: Analyzer, corpus: Corpus) -> dict[str, Finding]:
    return by_key(
        word_changes.findings(analyzer, corpus, levels=(0.2, 0.8), word_draws=2, draws=100)
    )


def test_figures_are_those_of_the_analyzer(analyzer: Analyzer, corpus: Corpus, found):
    table = corpus.table
    for case, words in ((OWN, None), (NONE, "")):
        said = [
            analyzer.analyze_file(path, transcript=text if words is None else words)
            for path, text in zip(table["path"], table["transcript"], strict=True)
        ]
        right = [
            np.mean(
                [
                    one.decisions["multistage"] == name
                    for one, own in zip(said, table["category"], strict=True)
                    if own == name
                ]
            )
            for name in CATEGORIES
        ]
        assert cell(found["words_uar"], "multistage", case)["value"] == pytest.approx(
            np.mean(right)
        )
        ccc = [
            concordance(
                table[name].to_numpy(),
                np.array([one.predictions["multistage"].dimensions[name] for one in said]),
            )
            for name in DIMENSIONS
        ]
        assert cell(found["words_ccc"], "multistage", case)["value"] == pytest.approx(np.mean(ccc))


def test_what_does_not_read_stays_and_what_only_reads_has_nothing_without_words(found):
    uar = found["words_uar"].table.set_index("model")
    assert uar.loc["audio", "value"].nunique() == 1
    assert NONE not in set(uar.loc["text", "case"])
    assert "audio" not in set(found["words_unchanged"].table["model"])
    assert cell(found["words_unchanged"], "text", OWN)["value"] == 1


def test_error_rates_are_those_asked_for(found):
    table = found["words_uar"].table.set_index("case")
    assert table.loc[OWN, "wer"].eq(0).all()
    assert table.loc[NONE, "wer"].eq(1).all()
    assert table.loc[at_wer(0.2), "wer"].iloc[0] == pytest.approx(0.2, abs=0.05)
    assert table.loc[at_wer(0.8), "wer"].iloc[0] == pytest.approx(0.8, abs=0.05)


def test_it_is_the_same_again(analyzer: Analyzer, corpus: Corpus, found):
    again = by_key(
        word_changes.findings(analyzer, corpus, levels=(0.2, 0.8), word_draws=2, draws=100)
    )
    for key, one in found.items():
        pd.testing.assert_frame_equal(one.table, again[key].table)
        assert one.shows == again[key].shows
    shared = "12 clips share 4 different texts."
    assert found["words_uar"].notes == (shared, "Intervals are over 6 speakers.")


def test_a_made_up_reader_loses_by_the_words_it_loses():
    """One model right with its own words alone, one that never changes."""
    truth = np.arange(40) % 4
    right, wrong = (Scores(np.eye(4)[of], np.zeros((40, 0))) for of in (truth, (truth + 1) % 4))
    rows = make_rows(
        pd.DataFrame({"clip": [f"{k}" for k in range(40)], "category": np.array(CATEGORIES)[truth]})
    )
    said = {
        OWN: [{"reads": right, "hears": right}],
        SHUFFLED: [{"reads": wrong, "hears": right}],
        at_wer(0.5): [{"reads": right, "hears": right}, {"reads": wrong, "hears": right}],
    }
    changed = Changed(rows, said, dict.fromkeys(said, 0.0), ())
    entries = {
        (one.model, one.case): one.statistic.value
        for one in word_changes._entries(changed, ["reads", "hears"], word_changes._uar)
    }
    assert entries["reads", OWN] == 1
    assert entries["reads", SHUFFLED] == 0
    assert entries["reads", at_wer(0.5)] == 0.5
    assert entries["hears", SHUFFLED] == 1


@pytest.mark.parametrize("texts", ["ab", "aab", "abcd", "aabbc", "aaabbbccc", "aaaaabbcde"])
def test_an_exchange_leaves_none_in_place_and_equal_words_apart(texts: str):
    for seed in range(20):
        partners = derange(list(texts), np.random.default_rng(seed))
        assert sorted(partners) == list(range(len(texts)))
        assert (partners != np.arange(len(texts))).all()
        if max(texts.count(letter) for letter in texts) <= len(texts) / 2:
            assert all(texts[k] != texts[partner] for k, partner in enumerate(partners))


def test_of_equal_words_all_are_exchanged_and_a_note_says_so(analyzer: Analyzer, corpus: Corpus):
    same = Corpus("same", corpus.table.head(3).assign(transcript="Good morning."))
    found = next(word_changes.findings(analyzer, same, ["text"], levels=(), draws=50))
    assert any("3 clips were given the same words again" in note for note in found.notes)
    assert cell(found, "text", SHUFFLED)["value"] == cell(found, "text", OWN)["value"]


def test_one_clip_has_no_exchange_and_no_interval(analyzer: Analyzer, corpus: Corpus):
    one = Corpus("one", corpus.table.head(1))
    found = by_key(word_changes.findings(analyzer, one, ["text"], levels=(0.5,), draws=50))
    uar = found["words_uar"]
    assert set(uar.table["case"]) == {OWN, at_wer(0.5)}
    assert uar.table["low"].isna().all()
    assert any("can't be exchanged" in note for note in uar.notes)
    assert "words_ccc" not in found


def test_a_broken_clip_is_left_out_and_named(analyzer: Analyzer, corpus: Corpus, tmp_path: Path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    table = corpus.table.copy()
    table.loc[3, "path"] = str(broken)
    found = next(word_changes.findings(analyzer, Corpus("b", table), ["text"], levels=(), draws=50))
    assert found.table["n"].max() == 11
    assert any(note.startswith("3 can't be read") for note in found.notes)


def test_the_sound_may_come_from_elsewhere(analyzer: Analyzer, corpus: Corpus, spoken_clip):
    anywhere = Corpus("uploads", corpus.table.assign(path="upload"))
    found = by_key(
        word_changes.findings(
            analyzer, anywhere, ["audio"], (), draws=50, load=lambda path: spoken_clip
        )
    )
    assert found["words_uar"].table["value"].eq(0.25).all()  # one sound, one decision


def test_other_languages_are_left_out(analyzer: Analyzer, corpus: Corpus):
    polish = Corpus("polish", corpus.table.assign(language="pl"))
    with pytest.raises(CorpusError, match="has words in English"):
        next(word_changes.findings(analyzer, polish))


def test_a_large_corpus_is_drawn_from(analyzer: Analyzer, corpus: Corpus):
    found = next(word_changes.findings(analyzer, corpus, ["text"], levels=(), most=5, draws=50))
    assert found.table["n"].max() == 5
    assert "5 of 12 labelled clips, drawn by chance." in found.notes


def test_progress_is_told_by_clip_and_ends_the_work(analyzer: Analyzer, corpus: Corpus):
    told: list[float] = []
    list(word_changes.findings(analyzer, corpus, ["text"], (), draws=50, progress=told.append))
    np.testing.assert_allclose(told, np.arange(1, 13) / 12)

    def cancel(done: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        next(word_changes.findings(analyzer, corpus, ["text"], (), progress=cancel))


def test_words_are_recognised_where_a_corpus_has_none(analyzer: Analyzer, corpus: Corpus):
    silent = Corpus("silent", corpus.table.assign(transcript=""))
    with pytest.raises(CorpusError, match="No clip of silent has words"):  # it is noise
        next(word_changes.findings(analyzer, silent))


def test_the_examples_are_labelled_as_pairs_are():
    table = word_changes.examples().table.set_index("id")
    assert table.loc["happy-words-angry-voice", "category"] == "angry"
    assert table.loc["happy-words-neutral-voice", "category"] == "happy"
    assert changed_words.normalise(table.loc["happy-words-angry-voice", "transcript"])
    assert (table["transcript"] != "").all()


@pytest.mark.corpora
def test_shipped_models_lose_by_the_words_of_others(corpora: Path):
    pairs = word_changes.constructed_pairs(corpora)
    assert (pairs.table["language"] == "en").all()
    models = ["text", "late"]
    found = by_key(
        word_changes.findings(
            Analyzer(CHECKPOINTS), pairs, models, levels=(1.0,), word_draws=1, most=60, draws=100
        )
    )
    ccc = found["words_ccc"]
    for model in models:
        assert cell(ccc, model, SHUFFLED)["value"] < cell(ccc, model, OWN)["value"] - 0.05
