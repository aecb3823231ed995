"""What training reads again and again, computed once: log-Mels of clips, embeddings of texts."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from filelock import FileLock
from tqdm.auto import tqdm

from ser_core.errors import AudioError, SerError
from ser_core.inputs.features import FrontEnd, log_mel
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import TextEncoder
from ser_core.support.atomic import whole
from ser_core.training.recordings import Recording, load_recording, path_of, stamp

# Caches are made in parts of so many clips or texts: a killed pass goes on from its last whole
# part, and no more than a part is held in memory.
CLIPS_A_PART = 1024
TEXTS_A_PART = 32_768
NAMED = 5  # files named in an error
_PAUSE_S = 0.1  # a lock that is waited for is tried every 0.05 s


def cache_folder() -> Path:
    """`$SER_CACHE`, or the user's cache folder."""
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ser"
    return Path(os.environ.get("SER_CACHE", default))


def make_key(parts: Sequence[str]) -> str:
    """A short key of what a cached result depends on."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:16]


@contextmanager
def turn(name: str) -> Iterator[None]:
    """A turn at computing a part of what the cache holds under `name`.

    Commands side by side take turns, and look first for what the others have computed.

    Raises:
        SerError: there can be no such cache.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{name}.lock").acquire()
    except OSError as error:
        raise SerError(
            f"The cache {folder} cannot be written to ({error.strerror}): name another folder in "
            "SER_CACHE."
        ) from error
    with lock:
        yield
    time.sleep(_PAUSE_S)  # else it is taken again before those who wait have seen it free


def cached(file: Path, make: Callable[[], np.ndarray]) -> np.ndarray:
    """An array from a file of the cache; made where that is not there, or damaged."""
    if (found := _read(file)) is None:
        with turn(file.stem.partition("_")[0]):
            if (found := _read(file)) is None:
                found = make()
                with whole(file) as half:
                    np.savez(half, values=found)
    return found


def _read(file: Path) -> np.ndarray | None:
    try:
        with np.load(file) as arrays:
            found: np.ndarray = arrays[arrays.files[0]]
            return found
    except (OSError, EOFError, ValueError, IndexError, BadZipFile):  # as a power cut may leave it
        return None


def _parts(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[start : start + size] for start in range(0, max(len(items), 1), size))


class LogMels:
    """Log-Mels of many clips, float16, packed one behind the other.

    Args:
        packed: [sum T, 64], in memory or mapped from a file.
        starts: where each clip begins, and the end of the last, [N + 1].
    """

    def __init__(self, packed: np.ndarray, starts: np.ndarray) -> None:
        self._packed = [packed]
        self._part = np.zeros(len(starts) - 1, int)
        self._start = starts[:-1]
        self.lengths = np.diff(starts)  # frames of each clip, [N]

    @classmethod
    def join(cls, parts: Sequence["LogMels"]) -> "LogMels":
        """The clips of several, without copying any."""
        joined = cls(np.zeros((0, 64), np.float16), np.zeros(1, int))
        offsets = np.cumsum([0, *(len(part._packed) for part in parts)])
        joined._packed = [packed for part in parts for packed in part._packed]
        joined._part = np.concatenate(
            [part._part + offset for part, offset in zip(parts, offsets, strict=False)]
        )
        joined._start = np.concatenate([part._start for part in parts])
        joined.lengths = np.concatenate([part.lengths for part in parts])
        return joined

    def take(self, rows: np.ndarray) -> "LogMels":
        """Some of the clips, without copying any."""
        taken = LogMels.join([self])
        taken._part, taken._start = self._part[rows], self._start[rows]
        taken.lengths = self.lengths[rows]
        return taken

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, row: int) -> torch.Tensor:
        """Whole clip, float32 [T, 64]."""
        start = self._start[row]
        packed = self._packed[self._part[row]]
        return torch.from_numpy(packed[start : start + self.lengths[row]].astype(np.float32))

    def crop(self, row: int, frames: int, generator: np.random.Generator) -> np.ndarray:
        """A random crop float16 [frames, 64]; a shorter clip is repeated."""
        length = self.lengths[row]
        first = generator.integers(0, max(length - frames, 0) + 1)
        if length < frames:
            first = generator.integers(0, length)
        rows = self._start[row] + (first + np.arange(frames)) % length
        return self._packed[self._part[row]][rows]


class _Stored:
    """The clips whose log-Mels of one front end are in the cache, as parts.

    A clip is found by itself, in whatever list it is asked for: a table that lacks some of the
    clips, or has more of them, computes and stores nothing twice.
    """

    def __init__(self, front_end: FrontEnd) -> None:
        self.front_end = front_end
        self.name = f"log_mels_{make_key([repr(front_end)])}"
        # By name of the part; the first row has no frames, for files that cannot be used.
        self._parts = {"": LogMels(np.zeros((0, 64), np.float16), np.zeros(2, int))}
        self._rows: dict[str, int] = {}  # of all parts together, by key of the clip

    def missing(self, keys: Iterable[str], damaged: Container[str]) -> list[str]:
        """Keys that are neither damaged nor in the cache as it is now."""
        for folder in sorted((cache_folder() / self.name).glob("*")):
            # One with a suffix is half written.
            if folder.name in self._parts or folder.suffix or not folder.is_dir():
                continue
            try:
                known = json.loads((folder / "keys.json").read_text("utf-8"))
                packed = np.load(folder / "packed.npy", mmap_mode="r")
                part = LogMels(packed, np.load(folder / "starts.npy"))
            except (OSError, EOFError, ValueError):  # as a power cut may leave it: made anew
                continue
            first = sum(len(part) for part in self._parts.values())
            self._rows |= {key: first + number for number, key in enumerate(known)}
            self._parts[folder.name] = part
        return [key for key in keys if key not in self._rows and key not in damaged]

    def add(self, clips_of: Mapping[str, Recording]) -> dict[str, str]:
        """Compute a part, from recordings by key. Returns why files cannot be used, by key."""
        clips: dict[str, np.ndarray] = {}
        damaged = {}
        for key, recording in clips_of.items():
            try:
                samples = load_recording(recording).samples
                clips[key] = log_mel(samples, self.front_end).numpy().astype(np.float16)
            except AudioError as error:
                damaged[key] = str(error)

        folder = cache_folder() / self.name
        for half in folder.glob("*.*"):  # of commands that were killed; it is only this one's turn
            if half.is_dir():
                shutil.rmtree(half)
        if clips:
            target = folder / make_key(list(clips))
            if target.exists():  # damaged
                shutil.rmtree(target)
            with whole(target) as half:
                half.mkdir()
                np.save(half / "packed.npy", np.concatenate(list(clips.values())))
                np.save(half / "starts.npy", np.cumsum([0, *map(len, clips.values())]))
                (half / "keys.json").write_text(json.dumps(list(clips)), "utf-8")
        return damaged

    def take(self, keys: Sequence[str]) -> LogMels:
        """Clips by key; of no frames where the cache has none."""
        rows = [self._rows.get(key, 0) for key in keys]
        return LogMels.join(list(self._parts.values())).take(np.array(rows, int))


def find_log_mels(
    paths: Sequence[Recording], front_end: FrontEnd
) -> tuple[LogMels, dict[int, str]]:
    """Log-Mels of recordings that may be missing or damaged, from the cache where computed before.

    Returns:
        Log-Mels, of no frames for an unusable file; and why each such file is, by its number.
    """
    stored = _Stored(front_end)
    keys = [
        make_key([stamp(path) if Path(path_of(path)).is_file() else str(path)]) for path in paths
    ]
    by_key = dict(zip(keys, paths, strict=True))
    damaged: dict[str, str] = {}  # not kept: its reason may pass without a change of the file
    with tqdm(total=len(by_key), desc="log-Mels", unit="clip") as progress:
        while missing := stored.missing(by_key, damaged):
            progress.update(len(by_key) - len(missing) - progress.n)
            with turn(stored.name):
                part = stored.missing(missing, damaged)[:CLIPS_A_PART]
                damaged |= stored.add({key: by_key[key] for key in part})
        progress.update(len(by_key) - progress.n)
    problems = {row: damaged[key] for row, key in enumerate(keys) if key in damaged}
    return stored.take(keys), problems


def list_files(problems: Sequence[tuple[str, str]]) -> str:
    """Files and what is wrong with them, as part of a sentence: the first five and the count."""
    named = "; ".join(
        f"{name} ({reason.split(':')[0].rstrip('.')})" for name, reason in problems[:NAMED]
    )
    more = f"; and {len(problems) - NAMED:,} more" if len(problems) > NAMED else ""
    return named + more


def compute_log_mels(paths: Sequence[Recording], front_end: FrontEnd) -> LogMels:
    """Log-Mels of recordings, from the cache where they were computed before.

    Raises:
        CorpusError: a file is missing.
        AudioError: files cannot be used (the message names them).
    """
    for path in paths:
        stamp(path)
    log_mels, problems = find_log_mels(paths, front_end)
    if problems:
        names = list_files([(str(paths[row]), reason) for row, reason in problems.items()])
        raise AudioError(f"{len(problems):,} of {len(paths):,} recordings are damaged: {names}.")
    return log_mels


def compute_embeddings(
    texts: Sequence[str], encoder: TextEncoder, summary: str = "last"
) -> np.ndarray:
    """Embeddings e of texts, float32 [N, D], from the cache where they were computed before."""
    found = []
    for part in _parts(texts, TEXTS_A_PART):
        key = make_key([encoder.fingerprint, summary, *part])
        embed = partial(encoder.embed, part, summary=summary)
        found.append(cached(cache_folder() / f"embeddings_{key}.npz", embed))
    return np.concatenate(found)


def compute_statistics(paths: Sequence[Recording], recogniser: Recogniser) -> np.ndarray:
    """Speech statistics of recordings, float32 [N, 2 D], from the cache where computed before."""
    key = make_key([recogniser.fingerprint, *(stamp(path) for path in paths)])

    def listen() -> np.ndarray:
        clips = map(load_recording, paths)
        progress = tqdm(clips, total=len(paths), desc="speech encoder", unit="clip")
        return np.stack([recogniser.statistics(clip) for clip in progress])

    return cached(cache_folder() / f"statistics_{key}.npz", listen)
