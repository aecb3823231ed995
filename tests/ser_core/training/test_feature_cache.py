import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from ser_core.errors import AudioError, CorpusError, CorruptAudioError, SerError
from ser_core.inputs import audio
from ser_core.inputs.features import FrontEnd, log_mel
from ser_core.inputs.text import TextEncoder
from ser_core.training import feature_cache
from ser_core.training.feature_cache import (
    LogMels,
    compute_embeddings,
    compute_log_mels,
    find_log_mels,
)

RATE = 16_000


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write(path: Path, hertz: float, seconds: float = 0.5) -> str:
    time_s = np.arange(int(seconds * RATE)) / RATE
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * hertz * time_s), RATE)
    return str(path)


def files(cache: Path) -> list[str]:
    """What is kept: embeddings, and parts of log-Mels."""
    found = [*cache.glob("*.npz"), *cache.glob("log_mels_*/*")]
    return sorted(path.relative_to(cache).as_posix() for path in found)


def test_log_mels_of_files(cache: Path, tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{k}.wav", 200.0 * k, 0.3 * k) for k in (1, 2, 3)]
    log_mels = compute_log_mels(paths, FrontEnd())
    assert len(log_mels) == 3
    for row, path in enumerate(paths):
        expected = log_mel(audio.load(path).samples)
        assert log_mels[row].dtype == torch.float32
        torch.testing.assert_close(log_mels[row], expected, atol=0.04, rtol=0)  # float16 of dB


def test_log_mels_are_computed_once(cache: Path, tmp_path: Path) -> None:
    paths = [write(tmp_path / "a.wav", 200.0)]
    first = compute_log_mels(paths, FrontEnd())
    found = files(cache)
    assert len(found) == 1
    stamp = (cache / found[0]).stat().st_mtime_ns
    second = compute_log_mels(paths, FrontEnd())
    np.testing.assert_array_equal(first[0], second[0])
    assert files(cache) == found
    assert (cache / found[0]).stat().st_mtime_ns == stamp


def test_log_mels_follow_the_files_and_the_front_end(cache: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", 200.0)
    first = compute_log_mels([path], FrontEnd())
    size = Path(path).stat().st_size
    write(tmp_path / "a.wav", 2000.0)  # another sound of the same size
    os.utime(path, (1, 1))
    assert Path(path).stat().st_size == size
    second = compute_log_mels([path], FrontEnd())
    assert not np.array_equal(first[0], second[0])
    third = compute_log_mels([path], FrontEnd(hop=320))
    assert len(third[0]) < len(second[0])
    assert len(files(cache)) == 3


def test_broken_and_missing_files_are_named(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "b.wav").write_bytes(b"not audio")
    with pytest.raises(AudioError, match=r"b\.wav"):
        compute_log_mels([write(tmp_path / "a.wav", 200.0), str(tmp_path / "b.wav")], FrontEnd())
    with pytest.raises(CorpusError, match=r"c\.wav is missing: complete the corpus"):
        compute_log_mels([str(tmp_path / "c.wav")], FrontEnd())


def test_what_is_damaged_is_told_and_has_no_frames(cache: Path, tmp_path: Path) -> None:
    good = write(tmp_path / "a.wav", 200.0)
    (tmp_path / "b.wav").write_bytes(b"not audio")
    paths = [str(tmp_path / "b.wav"), good, str(tmp_path / "c.wav")]
    for _ in range(2):  # from the cache as well
        log_mels, problems = find_log_mels(paths, FrontEnd())
        assert sorted(problems) == [0, 2]
        assert "no such file" in problems[2]
        assert [length > 0 for length in log_mels.lengths] == [False, True, False]
        torch.testing.assert_close(log_mels[1], compute_log_mels([good], FrontEnd())[0])


def test_a_killed_pass_goes_on_and_a_repaired_file_costs_itself(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_cache, "CLIPS_A_PART", 2)
    paths = [write(tmp_path / f"{k}.wav", 200.0 * (k + 1)) for k in range(5)]
    compute_log_mels(paths[:4], FrontEnd())  # as if it had been killed in the third part
    first = {name: (cache / name).stat().st_mtime_ns for name in files(cache)}
    assert len(first) == 2
    whole = compute_log_mels(paths, FrontEnd())
    assert len(files(cache)) == 3
    assert all((cache / name).stat().st_mtime_ns == stamp for name, stamp in first.items())
    for row, path in enumerate(paths):
        torch.testing.assert_close(whole[row], log_mel(audio.load(path).samples), atol=0.04, rtol=0)
    write(tmp_path / "4.wav", 250.0)
    os.utime(paths[4], (1, 1))
    loaded = count_loads(monkeypatch)
    compute_log_mels(paths, FrontEnd())
    assert loaded == [paths[4]]


def count_loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are decoded from now on."""
    loaded: list[str] = []
    load = audio.load

    def counting(path: str, **options: Any) -> audio.Clip:
        loaded.append(path)
        return load(path, **options)

    monkeypatch.setattr(audio, "load", counting)
    return loaded


def test_any_list_of_the_clips_finds_them(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_cache, "CLIPS_A_PART", 2)
    paths = [write(tmp_path / f"{k}.wav", 200.0 * (k + 1)) for k in range(7)]
    chosen = [paths[k] for k in (6, 0, 3, 3)]  # as of a table with other labels
    part = compute_log_mels(chosen, FrontEnd())
    loaded = count_loads(monkeypatch)
    whole = compute_log_mels(paths, FrontEnd())
    assert loaded == [paths[k] for k in (1, 2, 4, 5)]
    for row, path in enumerate(chosen):
        assert part[row].equal(whole[paths.index(path)])
    assert compute_log_mels(paths[1:], FrontEnd())[0].equal(whole[1])
    (tmp_path / "linked").symlink_to(tmp_path, target_is_directory=True)
    linked = compute_log_mels([str(tmp_path / "linked" / "5.wav")], FrontEnd())
    assert linked[0].equal(whole[5])
    assert len(loaded) == 4


def test_a_file_that_could_not_be_read_is_tried_again(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [write(tmp_path / "a.wav", 200.0), write(tmp_path / "b.wav", 400.0)]

    def failing(path: str, **options: Any) -> audio.Clip:
        raise CorruptAudioError("The file cannot be read: check its permissions.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audio, "load", failing)
        assert sorted(find_log_mels(paths, FrontEnd())[1]) == [0, 1]
    assert len(compute_log_mels(paths, FrontEnd())) == 2


def test_commands_side_by_side_compute_nothing_twice(cache: Path, tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{k}.wav", 100.0 * (k + 1)) for k in range(12)]
    code = (
        "import sys\n"
        "from ser_core.inputs import audio\n"
        "from ser_core.inputs.features import FrontEnd\n"
        "from ser_core.training import feature_cache\n"
        "load, feature_cache.CLIPS_A_PART = audio.load, 2\n"
        "def telling(path, **options):\n"
        "    print(path, flush=True)\n"
        "    return load(path, **options)\n"
        "audio.load = telling\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "found = feature_cache.compute_log_mels(sys.argv[1:], FrontEnd())\n"
        "assert len(found) == len(sys.argv) - 1\n"
    )
    commands = [
        subprocess.Popen(
            [sys.executable, "-c", code, *listed],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        for listed in (paths, paths[1:])
    ]
    for command in commands:
        assert command.stdout
        assert command.stdout.readline() == "ready\n"
    loaded = [command.communicate("\n", timeout=120)[0].split() for command in commands]
    assert [command.returncode for command in commands] == [0, 0]
    assert sorted(loaded[0] + loaded[1]) == sorted(paths)


@pytest.mark.parametrize("broken", ["keys.json", "packed.npy", "starts.npy"])
@pytest.mark.parametrize("gone", [False, True])
def test_a_damaged_part_is_made_anew(cache: Path, tmp_path: Path, broken: str, gone: bool) -> None:
    paths = [write(tmp_path / "a.wav", 200.0), write(tmp_path / "b.wav", 400.0)]
    first = compute_log_mels(paths, FrontEnd())[1]
    (part,) = cache.glob("log_mels_*/*")
    (part / broken).unlink() if gone else (part / broken).write_bytes(b"")
    (part.parent / "killed.1234").mkdir()
    (part.parent / ".DS_Store").touch()
    assert compute_log_mels(paths, FrontEnd())[1].equal(first)
    assert sorted(part.parent.iterdir()) == [part.parent / ".DS_Store", part]
    assert all(file.stat().st_size for file in part.iterdir())


def test_damaged_embeddings_are_made_anew(cache: Path, text_encoder: TextEncoder) -> None:
    first = compute_embeddings(["Hello."], text_encoder, "last")
    (file,) = cache.glob("embeddings_*.npz")
    for content in (b"", b"PK", file.read_bytes()[:100]):
        file.write_bytes(content)
        np.testing.assert_array_equal(compute_embeddings(["Hello."], text_encoder, "last"), first)
        assert file.stat().st_size > 1000


def test_a_cache_that_cannot_be_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.wav", 200.0)
    monkeypatch.setenv("SER_CACHE", str(Path(path) / "cache"))
    with pytest.raises(SerError, match="name another folder in SER_CACHE"):
        compute_log_mels([path], FrontEnd())


def test_log_mels_are_mapped_not_loaded(cache: Path, tmp_path: Path) -> None:
    log_mels = compute_log_mels([write(tmp_path / "a.wav", 200.0)], FrontEnd())
    part = log_mels.take(np.array([0, 0]))
    assert all(isinstance(packed, np.memmap) or not packed.size for packed in part._packed)
    generator = np.random.default_rng(0)
    assert part.crop(1, 10, generator).shape == (10, 64)
    assert len(LogMels.join([log_mels, part])) == 3


def test_embeddings_are_computed_once_for_each_list(cache: Path, text_encoder: TextEncoder) -> None:
    texts = ["I am glad.", "Leave me alone!"]
    first = compute_embeddings(texts, text_encoder)
    np.testing.assert_array_equal(first, text_encoder.embed(texts))
    found = files(cache)
    np.testing.assert_array_equal(compute_embeddings(texts, text_encoder), first)
    assert files(cache) == found
    np.testing.assert_allclose(
        compute_embeddings(texts[::-1], text_encoder), first[::-1], atol=1e-5
    )
    assert len(files(cache)) == 2


# Crops


def numbered() -> LogMels:
    """Two clips of 5 and 20 frames whose values are frame numbers."""
    frames = np.concatenate([np.arange(5), np.arange(20)]).astype(np.float16)
    return LogMels(np.repeat(frames[:, None], 64, axis=1), np.array([0, 5, 25]))


def test_a_crop_lies_within_its_clip() -> None:
    generator = np.random.default_rng(0)
    crops = np.stack([numbered().crop(1, 8, generator)[:, 0] for _ in range(300)])
    assert crops.shape == (300, 8)
    assert (np.diff(crops, axis=1) == 1).all()
    assert set(crops[:, 0]) == set(range(13))  # every place is drawn


def test_a_short_clip_is_repeated() -> None:
    generator = np.random.default_rng(0)
    crops = np.stack([numbered().crop(0, 12, generator)[:, 0] for _ in range(100)])
    assert (np.diff(crops, axis=1) % 5 == 1).all()
    assert set(crops[:, 0]) == set(range(5))
    assert set(crops.ravel()) == set(range(5))


def test_a_crop_as_long_as_the_clip_is_the_clip() -> None:
    crop = numbered().crop(1, 20, np.random.default_rng(0))
    np.testing.assert_array_equal(crop[:, 0], np.arange(20))
