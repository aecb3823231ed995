import pandas as pd
import pytest

from ser_core.errors import CorpusError
from ser_core.evaluation.measured import evaluate_predictions
from ser_core.evaluation.prediction_table import read

HEAD = "file,emotion,gender,mine.neutral,mine.happy,mine.sad,mine.angry\n"
ROWS = "a.wav,joy,f,0.1,0.7,0.1,0.1\nb.wav,anger,m,0.1,0.1,0.2,0.6\nc.wav,fear,m,0.4,0.2,0.2,0.2\n"


def table(text: str, name: str = "mine.csv") -> object:
    return read(text.encode(), name)


def test_a_table_of_ones_own_is_understood() -> None:
    found = read((HEAD + ROWS).encode(), "mine.csv")
    assert list(found.rows["category"]) == ["happy", "angry", ""]
    assert list(found.rows["sex"]) == ["f", "m", "m"]
    assert list(found.rows["clip"]) == ["a.wav", "b.wav", "c.wav"]
    assert found.notes == (
        "Rows labelled fear are none of neutral, happy, sad, angry, and do not count in figures "
        "of categories.",
    )
    (uar,) = evaluate_predictions(found, draws=10).results.query("metric == 'UAR'")["value"]
    assert uar == 1.0


def test_a_table_without_labels_says_so() -> None:
    found = read(b"id,m.valence,m.arousal,m.dominance\na,0.1,0.2,0.3\n", "t.csv")
    assert "no labels" in found.notes[0]
    assert evaluate_predictions(found, draws=10).results.empty


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no table that can be read"),
        (HEAD, "no rows"),
        ("a,b\n1,2\n", "no predictions"),
        ("id,m.neutral,m.happy\na,0.5,0.5\n", "lacks m.sad, m.angry"),
        (HEAD + "a.wav,joy,f,1.2,-3,0.1,0.1\n", "mine.neutral in mine.csv has the value 1.2"),
        (HEAD + "a.wav,joy,f,0.2,0.1,0.1,0.1\n", "do not add up to 1"),
        ("id,valence,m.arousal,m.valence,m.dominance\na,4,0.1,0.2,0.3\n", "value 4"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(CorpusError, match=said) as raised:
        table(text)
    assert str(raised.value).endswith(".") and "\n" not in str(raised.value)


def test_a_damaged_parquet_file_and_a_missing_file(tmp_path: object) -> None:
    with pytest.raises(CorpusError, match="no table that can be read"):
        read(b"PAR1 and nothing else", "mine.parquet")
    with pytest.raises(CorpusError, match="cannot be read"):
        read(tmp_path / "none.csv")  # type: ignore[operator]


def test_numbers_of_parquet_stay_numbers(tmp_path: object) -> None:
    file = tmp_path / "own.parquet"  # type: ignore[operator]
    frame = pd.DataFrame({"id": ["a", "b"], "speaker": [1, 2], "age": [30.5, None]})
    for name, value in zip(("arousal", "valence", "dominance"), (0.1, 0.2, 0.3), strict=True):
        frame[f"m.{name}"] = value
    frame.to_parquet(file, index=False)
    found = read(file)
    assert list(found.rows["speaker"]) == ["1", "2"]
    assert found.rows["age"][0] == 30.5 and pd.isna(found.rows["age"][1])
