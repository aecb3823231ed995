"""All findings in a row, their report, and `ser behave`."""

import json
import re
import shutil
from dataclasses import replace
from html import escape
from pathlib import Path

import pandas as pd
import pytest
import soundfile
from fixtures import tone
from planted import planted
from typer.testing import CliRunner, Result

from ser_core.analysis import CHECKPOINTS, Analyzer
from ser_core.behaviour.battery import clips, running
from ser_core.behaviour.finding import COLUMNS, PARTS, Finding
from ser_core.behaviour.findings_file import made_by, read
from ser_core.behaviour.left_out import left_out
from ser_core.behaviour.report import figure, report
from ser_core.behaviour.run import run
from ser_core.behaviour.shipped import predictions_of
from ser_core.cli import app
from ser_core.errors import SerError
from ser_core.evaluation.prediction_table import write
from ser_core.evaluation.predictions import Predictions, make_rows
from ser_core.inputs.audio import Clip
from ser_core.models.registry import discover
from ser_core.training.recordings import load_recording


@pytest.fixture(scope="module")
def analyzer(tiny_checkpoints: Path) -> Analyzer:
    return Analyzer(tiny_checkpoints)


def behave(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["behave", *arguments])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Six clips of two speakers, one of them broken, with a manifest."""
    folder = tmp_path / "own"
    folder.mkdir()
    rows = []
    for number, category in enumerate(["happy", "sad", "angry"] * 2):
        name = f"clip-{number}.wav"
        soundfile.write(folder / name, tone(category, 0.6, number), 16_000)
        sex = "female" if number % 2 else "male"
        rows.append(
            {"file": name, "category": category, "speaker": sex[0], "sex": sex, "text": "Oh no!"}
        )
    (folder / "clip-5.wav").write_bytes(b"RIFF, and no more")
    pd.DataFrame(rows).to_csv(folder / "manifest.csv", index=False)
    return folder


def test_a_corpus_of_ones_own(tiny_checkpoints: Path, corpus: Path, tmp_path: Path):
    out, table = tmp_path / "new" / "report.html", tmp_path / "new" / "found.parquet"
    options = ["--data", str(corpus), "--clips", "3", "--parts", "battery,follow"]
    options += ["--out", str(out), "--parquet", str(table), "--checkpoints", str(tiny_checkpoints)]
    result = behave(*options)
    assert result.exit_code == 0, result.output
    found = {one.key: one for one in read(table)}
    assert made_by(table) == {n: c.digest for n, c in discover(tiny_checkpoints).items()}
    correct = found["battery_correct_categories"]
    assert correct.table["passed"].isna().all()  # five clips allow no verdict
    assert any("clip-5" in note for note in correct.notes)
    disturbed = found["battery_small_unchanged"].table
    assert set(disturbed["n"]) <= {2, 3}  # one of the three may be the broken one
    reasons = dict(found["battery_left_out"].table[["case", "reason"]].to_numpy())
    assert "not two groups of 20" in reasons["sex"]
    page = out.read_text("utf-8")
    for one in found.values():
        assert escape(one.question) in page
        assert escape(one.shows) in page


def test_a_report_needs_nothing_from_outside(analyzer: Analyzer):
    found = list(run(analyzer, predictions=planted(400), parts=["battery"], draws=20))
    page = report(found, analyzer.models, ["<b>Bold</b>."])
    outside = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", outside)
    assert page.count("Plotly.newPlot(") == sum(one.key != "battery_left_out" for one in found)
    assert page.count("plotly.js v") == 1  # embedded once
    assert "<b>Bold" not in page
    sex = next(one for one in found if one.key == "battery_sex")
    passed = sex.table[sex.table["model"] == "biased"]["passed"].sum()
    assert f'<td class="number failed">{passed} of {len(sex.table) // 2}</td>' in page


def test_a_model_has_one_mark_in_all_figures(analyzer: Analyzer):
    """Also where a figure lacks the models before it."""
    table = pd.DataFrame(
        [(name, "all", 0.5, 0.4, 0.6, 20) for name in analyzer.models], columns=[*COLUMNS]
    )
    every = Finding("a", "follow", "Who?", "It.", "Not.", "share", table)
    few = replace(every, table=table[table["model"].isin(["late", "multistage"])])
    marks = [
        {trace.name: trace.marker.symbol for trace in figure(one, analyzer.models).data}
        for one in (every, few)
    ]
    assert len(set(marks[0].values())) == len(analyzer.models)
    assert marks[1] == {name: marks[0][name] for name in marks[1]}
    assert set(marks[1]) == {"Late fusion", "Multistage fusion"}


def test_progress_and_an_end_at_any_time(analyzer: Analyzer):
    told: list[float] = []
    part = planted(200)
    list(run(analyzer, predictions=part, parts=["battery"], draws=10, progress=told.append))
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1

    class Cancelled(BaseException):
        pass

    def cancel(share: float) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(run(analyzer, predictions=part, parts=["battery"], draws=10, progress=cancel))


def test_what_a_part_lacks_is_a_finding(analyzer: Analyzer):
    found = list(run(analyzer, parts=["follow", "battery"]))
    assert [one.key for one in found] == ["follow_left_out", "battery_left_out"]
    assert "--data" in found[0].shows
    assert not report(found, analyzer.models).count("Plotly.newPlot(")


def test_a_finding_without_figures():
    found = left_out("battery", {"sex": "Nobody is known.", "pitch": "No sound."})
    assert found.shows == "sex: Nobody is known; pitch: No sound."
    assert found.table["value"].isna().all()


def test_predictions_beside_checkpoints_only_of_those_that_made_them(
    tiny_checkpoints: Path, tmp_path: Path
):
    folder = tmp_path / "checkpoints"
    shutil.copytree(tiny_checkpoints, folder)
    models = discover(folder)
    assert predictions_of(models) is None
    part = planted(100)
    part = replace(part, scores={"audio": part.scores["fair"], "late": part.scores["biased"]})
    (folder / "reference").mkdir()
    write(part, folder / "reference" / "predictions.parquet")
    digests = {"audio": models["audio"].digest, "late": "of another training"}
    (folder / "reference" / "info.json").write_text(json.dumps({"models": digests}))
    found = predictions_of(models)
    assert found is not None
    assert set(found.scores) == {"audio"}
    assert found.notes == ("late changed since the predictions were made.",)
    result = behave("--checkpoints", str(folder), "--parts", "battery")
    assert result.exit_code == 0, result.output
    assert "Are the categories right?" in result.stdout


def test_the_shipped_predictions_are_of_the_shipped_models():
    found = predictions_of(discover(CHECKPOINTS))
    assert found is not None
    assert not found.notes
    assert {"text", "audio", "late", "single_stage", "multistage"} <= set(found.scores)


def test_a_column_of_race_only_by_name(analyzer: Analyzer):
    part = planted(400)
    plain = [one.key for one in run(analyzer, predictions=part, parts=["battery"], draws=10)]
    asked = run(analyzer, predictions=part, parts=["battery"], draws=10, by="race")
    assert {one.key for one in asked} - set(plain) == {"battery_by_race"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--parts", "everything"], "There is no part everything: choose of follow"),
        (["--data", "/nowhere"], "/nowhere does not exist"),
        (["--predictions", "/nowhere.parquet"], "nowhere.parquet cannot be read"),
    ],
)
def test_mistakes_are_sentences(tiny_checkpoints: Path, options: list[str], sentence: str):
    result = behave(*options, "--checkpoints", str(tiny_checkpoints))
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())
    assert "Traceback" not in result.output


def test_an_unknown_part_is_an_error(analyzer: Analyzer):
    with pytest.raises(SerError, match="no part nonsense"):
        list(run(analyzer, parts=["nonsense"]))
    assert set(PARTS) == {"follow", "words", "templates", "acts", "battery"}


def test_pitch_is_measured_of_the_predicted_clips_alone(micro_corpora: Path):
    """By the names of a corpus' own predictions, and by those of `ser evaluate`."""
    corpus = clips.test_clips(micro_corpora)
    ids = corpus.table["id"][:2].to_list()
    other = f"{corpus.table['corpus'][2]}/{corpus.table['id'][2]}"
    rows = make_rows(pd.DataFrame({"id": [*ids, other], "clip": [*ids, other]}))
    heard: list[object] = []

    def load(recording: object) -> Clip:
        heard.append(recording)
        return load_recording(recording)

    pitches = running.pitches_of(corpus, Predictions(rows, {}), load, lambda done: None)
    assert set(pitches) == {*ids, other}
    assert len(heard) == 3
    assert all(60 < hertz < 500 for hertz in pitches.values())


@pytest.mark.parametrize("lacking", ["labels", "two classes", "two speakers"])
def test_corpora_that_lack_something_are_told_so(
    tiny_checkpoints: Path, corpus: Path, tmp_path: Path, lacking: str
):
    manifest = corpus / "manifest.csv"
    table = pd.read_csv(manifest).iloc[:5]
    if lacking == "labels":
        table = table.drop(columns="category")
    elif lacking == "two classes":
        table = table.assign(category="happy")
    else:
        table = table.assign(speaker="one", sex="female")
    table.to_csv(manifest, index=False)
    found = tmp_path / "found.parquet"
    options = ["--data", str(corpus), "--clips", "2", "--parts", "follow,words,battery"]
    options += ["--parquet", str(found), "--checkpoints", str(tiny_checkpoints)]
    result = behave(*options)
    assert result.exit_code == 0, result.output
    keys = {one.key for one in read(found)}
    assert {"words_unchanged", "battery_noise_unchanged", "battery_left_out"} <= keys
    assert ("battery_correct_categories" in keys) == (lacking != "labels")
