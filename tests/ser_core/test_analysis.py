import json
import math
import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from ser_core.analysis import Analyzer, default_checkpoints
from ser_core.errors import CheckpointError, EncoderError, RecogniserError, SerError
from ser_core.inputs.audio import Clip, from_samples, load
from ser_core.inputs.features import FrontEnd
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.transcript import Transcript
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.checkpoint import WEIGHTS, Checkpoint, save
from ser_core.models.config import ModelConfig, build
from ser_core.models.registry import discover
from ser_core.results import Analysis, Prediction, combine
from ser_core.synthesis.examples import load_examples

MODELS = ["text", "audio", "late", "single_stage", "multistage"]
USE_TEXT = ["text", "late", "single_stage", "multistage"]
EXAMPLE = next(example for example in load_examples() if example.transcript)
GLAD, ANGRY = "I am so glad to see you!", "Leave me alone!"


@pytest.fixture(scope="module")
def analyzer(tiny_checkpoints: Path) -> Analyzer:
    return Analyzer(tiny_checkpoints)


@pytest.fixture(scope="module")
def clip() -> Clip:
    return load(EXAMPLE.path)


def noise(seed: int) -> Clip:
    samples = 0.1 * np.random.default_rng(seed).standard_normal(12_000)
    return from_samples(samples.astype(np.float32), 16_000, name=f"{seed}.wav")


def values(prediction: Prediction) -> np.ndarray:
    return np.array([*prediction.probabilities.values(), *prediction.dimensions.values()])


@contextmanager
def counted(analyzer: Analyzer) -> Iterator[list[str]]:
    """Names of the models in the order of their forward passes; `e` for the text encoder."""
    calls: list[str] = []
    watched = {n: c.network for n, c in analyzer.models.items() if n != "late"}
    watched["e"] = analyzer.text_encoder.model
    hooks = [
        network.register_forward_hook(lambda *_, name=name: calls.append(name))
        for name, network in watched.items()
    ]
    try:
        yield calls
    finally:
        for hook in hooks:
            hook.remove()


# What comes out


def test_predictions_are_complete(analyzer: Analyzer, clip: Clip) -> None:
    analysis = analyzer.analyze(clip, GLAD)
    assert list(analysis.predictions) == MODELS
    assert analysis.skipped == {}
    for name, prediction in analysis.predictions.items():
        assert prediction.model == name
        assert list(prediction.probabilities) == list(CATEGORIES)
        assert list(prediction.dimensions) == list(DIMENSIONS)
        assert sum(prediction.probabilities.values()) == pytest.approx(1.0)
        assert all(0 <= value <= 1 for value in values(prediction))
        best = max(prediction.probabilities.values())
        assert prediction.probabilities[prediction.decision] == best
        assert prediction.used_text is (name in USE_TEXT)
        assert analysis.decisions[name] == prediction.decision


def test_models_differ(analyzer: Analyzer, clip: Clip) -> None:
    found = analyzer.analyze(clip, GLAD).predictions
    assert len({tuple(values(prediction).round(6)) for prediction in found.values()}) == len(found)


def test_json(analyzer: Analyzer, clip: Clip) -> None:
    analysis = analyzer.analyze(clip, GLAD)
    found = json.loads(analysis.to_json())
    assert found == json.loads(json.dumps(analysis.to_dict()))
    assert list(found) == [
        "version",
        "clip",
        "transcript",
        "used_words",
        "speaker",
        "late_weights",
        "models",
        "skipped",
        "digests",
        "notes",
    ]
    assert found["used_words"] is True
    assert found["late_weights"] == {"late": 0.5}
    assert list(found["digests"]) == MODELS
    assert len(set(found["digests"].values())) == len(MODELS)
    assert found["notes"] == []
    assert found["clip"]["duration_s"] == pytest.approx(clip.duration_s, abs=1e-4)
    assert found["clip"]["sample_rate"] == 16_000
    assert found["clip"]["name"] == EXAMPLE.file
    assert found["transcript"]["text"] == GLAD
    assert found["transcript"]["source"] == "typed"
    assert found["transcript"]["words"] == []
    assert list(found["models"]) == MODELS
    for name, model in found["models"].items():
        prediction = analysis.predictions[name]
        assert model["probabilities"] == prediction.probabilities
        assert model["dimensions"] == prediction.dimensions
        assert model["decision"] == prediction.decision


def test_table(analyzer: Analyzer, clip: Clip) -> None:
    analysis = analyzer.analyze(clip, GLAD)
    table = analysis.to_frame()
    assert list(table) == ["model", "decision", *CATEGORIES, *DIMENSIONS]
    assert table["model"].tolist() == MODELS
    for row in table.to_dict("records"):
        prediction = analysis.predictions[row["model"]]
        assert [row[key] for key in (*CATEGORIES, *DIMENSIONS)] == values(prediction).tolist()
    assert len(Analysis(clip, Transcript.none(), {}).to_frame()) == 0


def test_a_model_with_one_head(tiny_checkpoints: Path, tmp_path: Path, clip: Clip) -> None:
    audio = replace(discover(tiny_checkpoints)["audio"], folder=tmp_path / "rated", name="rated")
    config = ModelConfig("audio", width=0.125, categories=())
    save(replace(audio, model=config), build(config))
    found = Analyzer(tmp_path).analyze(clip, "").predictions["rated"]
    assert found.probabilities == {}
    assert found.decision is None
    assert list(found.dimensions) == list(DIMENSIONS)


def test_the_reference_reads_the_recognisers_encoder(tmp_path: Path, clip: Clip) -> None:
    config = ModelConfig("foundation", input_dim=1792)
    encoder = {"name": "Whisper", "sha256": Recogniser().fingerprint}
    checkpoint = Checkpoint(
        tmp_path / "whisper", "whisper", "Whisper", config, speech_encoder=encoder, reference=True
    )
    save(checkpoint, build(config))
    analyzer = Analyzer(tmp_path)
    found = analyzer.analyze(clip, GLAD).predictions["whisper"]
    assert not found.used_text
    statistics = torch.from_numpy(analyzer.recogniser.statistics(clip)).unsqueeze(0)
    output = analyzer.models["whisper"].network(statistics)
    np.testing.assert_allclose(list(found.dimensions.values()), output.dimensions[0], atol=1e-6)

    other = {"name": "another", "sha256": "0" * 64}
    save(replace(checkpoint, speech_encoder=other), None)
    with pytest.raises(EncoderError, match="the speech encoder 'another': choose that one"):
        Analyzer(tmp_path).analyze(clip, GLAD)


def test_temperature_is_applied(tiny_checkpoints: Path, tmp_path: Path, clip: Clip) -> None:
    root = shutil.copytree(tiny_checkpoints, tmp_path / "cold")
    save(replace(discover(root)["audio"], temperature=0.5), None)
    plain, cold = (
        values(Analyzer(folder).analyze(clip, "", ["audio"]).predictions["audio"])[:4]
        for folder in (tiny_checkpoints, root)
    )
    np.testing.assert_allclose(cold, plain**2 / (plain**2).sum(), rtol=1e-4)


def test_the_front_end_of_the_checkpoint_is_used(
    tiny_checkpoints: Path, tmp_path: Path, clip: Clip
) -> None:
    root = shutil.copytree(tiny_checkpoints, tmp_path / "level")
    level = FrontEnd(level_db=-30.0)
    save(replace(discover(root)["audio"], front_end=level), None)
    analyzer = Analyzer(root)
    assert not torch.equal(analyzer.log_mel(clip), analyzer.log_mel(clip, level))
    quiet = from_samples(0.1 * clip.samples, 16_000, name="quiet.wav")
    loud, soft = (analyzer.analyze(c, "").predictions for c in (clip, quiet))
    np.testing.assert_allclose(values(loud["audio"]), values(soft["audio"]), atol=1e-3)
    assert not np.allclose(values(loud["multistage"]), values(soft["multistage"]), atol=1e-3)


# Words: edited, none, late fusion


def test_an_edit_leaves_the_audio_model_alone(analyzer: Analyzer) -> None:
    clip = noise(1)
    before = analyzer.analyze(clip, GLAD).predictions
    with counted(analyzer) as calls:
        after = analyzer.analyze(clip, ANGRY).predictions
    assert sorted(calls) == ["e", "multistage", "single_stage", "text"]
    assert after["audio"] == before["audio"]
    for name in USE_TEXT:
        assert not np.allclose(values(after[name]), values(before[name]), atol=1e-4), name
    with counted(analyzer) as calls:
        again = analyzer.analyze(clip, GLAD).predictions
    assert calls == []
    assert again == before


def test_another_clip_leaves_the_text_model_alone(analyzer: Analyzer) -> None:
    analyzer.analyze(noise(2), GLAD)
    with counted(analyzer) as calls:
        analyzer.analyze(noise(3), GLAD)
    assert sorted(calls) == ["audio", "multistage", "single_stage"]


def test_only_the_models_asked_for_run(analyzer: Analyzer) -> None:
    with counted(analyzer) as calls:
        analysis = analyzer.analyze(noise(4), "New words.", models=["multistage", "text"])
    assert sorted(calls) == ["e", "multistage", "text"]
    assert list(analysis.predictions) == ["text", "multistage"]


@pytest.mark.parametrize("words", ["", "  \n", Transcript.none()])
def test_without_words(analyzer: Analyzer, clip: Clip, words: str | Transcript) -> None:
    analysis = analyzer.analyze(clip, words)
    assert analysis.skipped == {"text": "It reads only the words, and there are none."}
    assert list(analysis.predictions) == MODELS[1:]
    assert not any(prediction.used_text for prediction in analysis.predictions.values())
    late, audio = analysis.predictions["late"], analysis.predictions["audio"]
    assert (late.probabilities, late.dimensions) == (audio.probabilities, audio.dimensions)


def test_without_words_a_fusion_is_not_conditioned(
    tiny_checkpoints: Path, tmp_path: Path, clip: Clip
) -> None:
    root = shutil.copytree(tiny_checkpoints, tmp_path / "biased")
    for name in ("single_stage", "multistage"):
        weights = load_file(root / name / WEIGHTS)
        for key, value in weights.items():
            if key.startswith("conditioning.") and key.endswith(".bias"):
                value.fill_(1.0)  # a zero vector in place of e would let these through
        save_file(weights, root / name / WEIGHTS)
    analyzer = Analyzer(root)
    found, read = (analyzer.analyze(clip, words).predictions for words in ("", GLAD))
    log_mel = analyzer.log_mel(clip).unsqueeze(0)
    for name in ("single_stage", "multistage"):
        network = analyzer.models[name].network
        with torch.inference_mode():
            trunk = network.heads(network.cnn(log_mel))
        expected = [*torch.softmax(trunk.logits[0].double(), 0), *trunk.dimensions[0]]
        np.testing.assert_allclose(values(found[name]), expected, atol=1e-6)
        assert not np.allclose(values(read[name]), expected, atol=1e-2)


def test_late_fusion_follows_its_weight(analyzer: Analyzer, clip: Clip) -> None:
    def late(weight: float | None) -> np.ndarray:
        found = analyzer.analyze(clip, GLAD, ["late"], late_weight=weight)
        return values(found.predictions["late"])

    both = analyzer.analyze(clip, GLAD).predictions
    text, audio = values(both["text"]), values(both["audio"])
    np.testing.assert_allclose(late(0.0), audio)
    np.testing.assert_allclose(late(1.0), text)
    np.testing.assert_allclose(late(0.3), 0.3 * text + 0.7 * audio)
    np.testing.assert_allclose(late(None), 0.5 * text + 0.5 * audio)
    with counted(analyzer) as calls:
        late(0.123)
    assert calls == []


@pytest.mark.parametrize("weight", [-0.1, 1.5, math.nan])
def test_a_weight_outside_the_unit_interval_is_refused(
    analyzer: Analyzer, clip: Clip, weight: float
) -> None:
    with pytest.raises(SerError, match="weight of the text in late fusion lies between 0 and 1"):
        analyzer.analyze(clip, GLAD, late_weight=weight)


def test_heads_that_only_one_parent_has_are_left_out_of_late_fusion() -> None:
    read, heard = ({"neutral": 0.1, "happy": h, "sad": 0.8 - h, "angry": 0.1} for h in (0.6, 0.2))
    text = Prediction("text", read, {}, used_text=True)
    audio = Prediction("audio", heard, {"valence": 0.1}, used_text=False)
    rule = ModelConfig("late", parents=("text", "audio"), weight=0.25).late_rule()
    late = combine("late", text, audio, rule)
    expected = {"neutral": 0.1, "happy": 0.3, "sad": 0.5, "angry": 0.1}
    assert late.probabilities == pytest.approx(expected)
    assert late.dimensions == {}


def test_without_a_transcript_the_recogniser_listens(analyzer: Analyzer, clip: Clip) -> None:
    analysis = analyzer.analyze(clip)
    assert analysis.transcript.source == "asr"
    words = analysis.transcript.text
    said, heard = (set(re.findall(r"\w+", t.lower())) for t in (EXAMPLE.transcript, words))
    assert len(said & heard) > len(said) / 2
    assert len(analysis.transcript.words) > 2
    assert analyzer.transcribe(clip) is analysis.transcript  # kept
    assert list(analysis.predictions) == MODELS


def test_without_a_recogniser_the_voice_still_counts(tiny_checkpoints: Path, clip: Clip) -> None:
    analyzer = Analyzer(tiny_checkpoints, recogniser="no such model")
    with pytest.raises(RecogniserError):
        analyzer.transcribe(clip)
    analysis = analyzer.analyze(clip)
    assert analysis.transcript.doubt.startswith("The speech recogniser 'no such model' cannot")
    assert list(analysis.predictions) == MODELS[1:]


# What goes wrong


def test_an_unknown_model(analyzer: Analyzer, clip: Clip) -> None:
    with pytest.raises(CheckpointError, match="Unknown model 'deep': choose from text, audio"):
        analyzer.analyze(clip, GLAD, models=["audio", "deep"])


def test_another_text_encoder(tiny_checkpoints: Path, tmp_path: Path, clip: Clip) -> None:
    root = shutil.copytree(tiny_checkpoints, tmp_path / "other")
    other = {"name": "bert-base-uncased", "sha256": "0" * 64}
    save(replace(discover(root)["multistage"], text_encoder=other), None)
    analyzer = Analyzer(root)
    with pytest.raises(EncoderError, match="encoder 'bert-base-uncased': choose that one"):
        analyzer.analyze(clip, GLAD)
    assert "multistage" in analyzer.analyze(clip, "").predictions  # no words, no encoder
    assert "text" in analyzer.analyze(clip, GLAD, ["text", "audio"]).predictions


def test_late_fusion_without_its_parents(
    tiny_checkpoints: Path, tmp_path: Path, clip: Clip
) -> None:
    shutil.copytree(tiny_checkpoints / "late", tmp_path / "late")
    with pytest.raises(CheckpointError, match="'late' needs the model 'text' beside it"):
        Analyzer(tmp_path).analyze(clip, GLAD)


def test_damaged_weights_say_so_every_time(
    tiny_checkpoints: Path, tmp_path: Path, clip: Clip
) -> None:
    root = shutil.copytree(tiny_checkpoints, tmp_path / "damaged")
    (root / "audio" / "model.safetensors").write_bytes(b"nothing")
    analyzer = Analyzer(root)
    for _ in range(2):
        with pytest.raises(CheckpointError, match="'audio' are damaged"):
            analyzer.analyze(clip, "", ["audio"])
    assert "text" in analyzer.analyze(clip, GLAD, ["text"]).predictions


def test_several_folders_stand_side_by_side(
    tiny_checkpoints: Path, tmp_path: Path, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = shutil.copytree(tiny_checkpoints, tmp_path / "mine")
    shutil.rmtree(mine / "multistage")
    monkeypatch.setenv("SER_CHECKPOINTS", os.pathsep.join([str(tiny_checkpoints), str(mine)]))
    analyzer = Analyzer()
    own = [f"mine/{name}" for name in MODELS[:-1]]
    assert list(analyzer.models) == [*MODELS, *own]
    assert analyzer.models["mine/late"].title == "Late fusion (mine)"
    found = analyzer.analyze(clip, GLAD).predictions
    for name in MODELS[:-1]:  # the same weights: late fusion has found its own parents
        assert values(found[f"mine/{name}"]).tolist() == values(found[name]).tolist()


def test_folders_of_one_name_are_told_apart(tiny_checkpoints: Path, tmp_path: Path) -> None:
    copies = [shutil.copytree(tiny_checkpoints, tmp_path / s / "runs") for s in ("a", "b", "c")]
    names = list(Analyzer(copies).models)
    assert names == [*MODELS, *(f"{s}-runs/{name}" for s in ("b", "c") for name in MODELS)]


DOUBTED = Transcript(GLAD, "asr", doubt="The words are uncertain.")


def test_doubted_words_take_part_only_where_the_user_accepts_them(
    analyzer: Analyzer, clip: Clip
) -> None:
    without = analyzer.analyze(clip, Transcript.none())
    unused = analyzer.analyze(clip, DOUBTED)
    assert unused.predictions == without.predictions
    assert not unused.used_words
    assert unused.notes == ("The words are uncertain.", "The doubted words were not used.")
    assert "doubtful" in unused.skipped["text"]
    accepted = analyzer.analyze(clip, DOUBTED, use_doubted_words=True)
    assert accepted.predictions == analyzer.analyze(clip, GLAD).predictions
    assert accepted.notes == ("The words are uncertain.",)
    for source in ("typed", "file"):
        certain = replace(DOUBTED, source=source)
        assert analyzer.analyze(clip, certain).predictions == accepted.predictions


def test_notes_of_clip_and_words_come_with_the_analysis(analyzer: Analyzer, clip: Clip) -> None:
    noted = replace(clip, notes=("The end is missing.",))
    words = Transcript(GLAD, "file", notes=("It was cut.",))
    analysis = analyzer.analyze(noted, words)
    assert analysis.notes == ("The end is missing.", "It was cut.")
    assert analysis.to_dict()["notes"] == ["The end is missing.", "It was cut."]


def test_a_forward_pass_with_gradients(analyzer: Analyzer, clip: Clip) -> None:
    checkpoint = analyzer.models["multistage"]
    inputs = analyzer.inputs(checkpoint, clip, GLAD)
    expected = analyzer.forward(checkpoint, inputs)
    assert expected.logits.is_inference()
    log_mel = inputs["log_mel"].clone().requires_grad_()
    output = analyzer.forward(checkpoint, inputs | {"log_mel": log_mel}, gradients=True)
    assert torch.equal(output.logits, expected.logits)
    (gradient,) = torch.autograd.grad(output.logits[0, 0], log_mel)
    assert gradient.abs().sum() > 0
    assert all(not p.requires_grad for p in checkpoint.network.parameters())
    nothing = {s: torch.zeros(1, c) for s, c in (("block2", 16), ("block4", 64), ("block6", 256))}
    without = analyzer.inputs(checkpoint, clip, None)
    alone = analyzer.forward(checkpoint, inputs, stages=nothing)
    assert torch.equal(alone.logits, analyzer.forward(checkpoint, without).logits)


def test_where_checkpoints_are_looked_for(
    tiny_checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SER_CHECKPOINTS", str(tiny_checkpoints))
    assert default_checkpoints() == [tiny_checkpoints]
    assert list(Analyzer().models) == MODELS
    monkeypatch.delenv("SER_CHECKPOINTS")
    assert default_checkpoints() == [Path(__file__).parents[2] / "checkpoints"]
    with pytest.raises(CheckpointError, match="No checkpoints in"):
        Analyzer(tmp_path)


# Same input, same output, whatever else runs


def test_warm_up_loads_everything(tiny_checkpoints: Path) -> None:
    analyzer = Analyzer(tiny_checkpoints)
    analyzer.warm_up()
    loaded = {n for n, c in analyzer.models.items() if "network" in c.__dict__}
    assert loaded == set(MODELS) - {"late"}


def test_eight_threads_give_the_results_of_one(tiny_checkpoints: Path) -> None:
    clips = [noise(seed) for seed in range(10, 14)]
    words = [GLAD, ANGRY, "", "It is on the table.", "I miss her so much, it hurts."]
    tasks = [(clip, text) for clip in clips for text in words] * 2

    def run(analyzer: Analyzer, task: tuple[Clip, str]) -> dict[str, Prediction]:
        return analyzer.analyze(*task).predictions

    one = Analyzer(tiny_checkpoints)
    expected = [run(one, task) for task in tasks]
    many = Analyzer(tiny_checkpoints)  # cold: encoder and weights load under the threads
    with counted_forwards() as calls, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda task: run(many, task), tasks))
    for a, b in zip(found, expected, strict=True):
        assert list(a) == list(b)
        for name in a:
            np.testing.assert_allclose(values(a[name]), values(b[name]), atol=1e-6)
    # Each distinct input once: 4 texts; 4 clips; 4 clips with 5 transcripts for each fusion.
    assert len(calls) == 4 + 4 + 2 * 4 * 5


@contextmanager
def counted_forwards() -> Iterator[list[str]]:
    """Forward passes of all models; unlike `counted` it loads nothing."""
    calls: list[str] = []
    hook = torch.nn.modules.module.register_module_forward_hook(
        lambda module, *_: calls.append("") if hasattr(module, "inputs") else None
    )
    try:
        yield calls
    finally:
        hook.remove()


def test_a_batch_of_clips_does_not_fill_the_memory(tiny_checkpoints: Path) -> None:
    analyzer = Analyzer(tiny_checkpoints)
    for seed in range(40):
        analyzer.log_mel(noise(seed))
    assert len(analyzer._spectrograms._values) <= 32
    bounded = {name: cache for name, cache in vars(analyzer).items() if hasattr(cache, "_size")}
    assert len(bounded) >= 5
    assert all(cache._size <= 4096 for cache in bounded.values())


def test_files_and_bytes(analyzer: Analyzer, clip: Clip) -> None:
    path = EXAMPLE.path
    expected = analyzer.analyze(clip, GLAD).predictions
    for source in (path, str(path), path.read_bytes()):
        assert analyzer.analyze_file(source, transcript=GLAD).predictions == expected
    with pytest.raises(SerError):
        analyzer.analyze_file(b"not a recording")


def test_recogniser_is_the_default_one(analyzer: Analyzer) -> None:
    assert analyzer.recogniser.model == Recogniser().model


@pytest.mark.parametrize("words", ["", "Two\nlines", "very long words " * 500])
def test_an_analysis_shows_itself_on_one_line(analyzer: Analyzer, clip: Clip, words: str) -> None:
    for analysis in (
        analyzer.analyze(clip, words),
        analyzer.analyze(replace(clip, source=replace(clip.source, name="n" * 100)), words),
        Analysis(clip, Transcript.none(), {}),
    ):
        shown = repr(analysis)
        assert len(shown) <= 100
        assert "\n" not in shown
        assert f"{clip.duration_s:.2f} s" in shown
