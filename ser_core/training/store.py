"""What training reads again and again, computed once: log-Mels of clips, embeddings of texts."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from ser_core import audio
from ser_core.errors import AudioError, CorpusError
from ser_core.features import FrontEnd, log_mel
from ser_core.speech import Recogniser
from ser_core.text import TextEncoder

# The training corpora hold no clip longer than a minute; this bounds the memory all the same.
LIMITS = audio.Limits(max_duration_s=600.0)


def cache_folder() -> Path:
    """`$SER_CACHE`, or the user's cache folder."""
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ser"
    return Path(os.environ.get("SER_CACHE", default))


def _key(parts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:16]


def _stamp(path: str) -> str:
    try:
        status = Path(path).stat()
    except OSError as error:
        raise CorpusError(f"The recording {path} is missing: complete the corpus.") from error
    return f"{path}:{status.st_size}:{status.st_mtime_ns}"


def _write(path: Path, **arrays: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.{os.getpid()}.npz")
    np.savez(partial, **arrays)  # type: ignore[arg-type]
    partial.replace(path)  # a killed run never leaves half a cache


class LogMels:
    """Log-Mels of many clips, float16, one packed array [sum T, 64] and where each begins."""

    def __init__(self, packed: np.ndarray, starts: np.ndarray) -> None:
        self.packed = packed
        self.starts = starts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> torch.Tensor:
        """Whole clip, float32 [T, 64]."""
        return torch.from_numpy(
            self.packed[self.starts[row] : self.starts[row + 1]].astype(np.float32)
        )

    def crop(self, row: int, frames: int, generator: np.random.Generator) -> np.ndarray:
        """A random crop float16 [frames, 64]; a shorter clip is repeated."""
        begin, end = self.starts[row], self.starts[row + 1]
        length = end - begin
        first = generator.integers(0, max(length - frames, 0) + 1)
        if length < frames:
            first = generator.integers(0, length)
        rows = begin + (first + np.arange(frames)) % length
        return self.packed[rows]


def compute_log_mels(paths: Sequence[str], front_end: FrontEnd) -> LogMels:
    """Log-Mels of audio files, from the cache where they were computed before.

    Raises:
        CorpusError: a file is missing.
        AudioError: a file cannot be used (the message names it).
    """
    stamps = [_stamp(path) for path in paths]
    file = cache_folder() / f"log_mels_{_key([repr(front_end), *stamps])}.npz"
    if not file.exists():
        clips = []
        for path in tqdm(paths, desc="log-Mels", unit="clip"):
            try:
                clip = audio.load(path, limits=LIMITS)
            except AudioError as error:
                raise type(error)(f"{path}: {error}") from error
            clips.append(log_mel(clip.samples, front_end).numpy().astype(np.float16))
        starts = np.cumsum([0, *(len(clip) for clip in clips)])
        _write(file, packed=np.concatenate(clips), starts=starts)
    with np.load(file) as arrays:
        return LogMels(arrays["packed"], arrays["starts"])


def compute_embeddings(
    texts: Sequence[str], encoder: TextEncoder, summary: str = "last"
) -> np.ndarray:
    """Embeddings e of texts, float32 [N, D], from the cache where they were computed before."""
    file = cache_folder() / f"embeddings_{_key([encoder.fingerprint, summary, *texts])}.npz"
    if not file.exists():
        _write(file, embeddings=encoder.embed(texts, summary=summary))
    with np.load(file) as arrays:
        embeddings: np.ndarray = arrays["embeddings"]
        return embeddings


def compute_statistics(paths: Sequence[str], recogniser: Recogniser) -> np.ndarray:
    """Speech statistics of audio files, float32 [N, 2 D], from the cache where computed before."""
    key = _key([recogniser.fingerprint, *(_stamp(path) for path in paths)])
    file = cache_folder() / f"statistics_{key}.npz"
    if not file.exists():
        clips = (audio.load(path, limits=LIMITS) for path in paths)
        progress = tqdm(clips, total=len(paths), desc="speech encoder", unit="clip")
        _write(file, statistics=np.stack([recogniser.statistics(clip) for clip in progress]))
    with np.load(file) as arrays:
        statistics: np.ndarray = arrays["statistics"]
        return statistics
