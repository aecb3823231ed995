"""The example clips: what they are, where they lie, and how they are made.

All of them are synthetic (see `ser_core.synthesis`), so that they are free of personal data and
can say the same words in several ways. Loading them needs nothing but the folder `examples`;
making them anew needs `hibari-tts`, see `make models`.
"""

import re
import zlib
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from ser_core.errors import SerError
from ser_core.support.integrity import sha256
from ser_core.synthesis import sounds, word_times
from ser_core.synthesis.scripts import SCRIPTS, Script
from ser_core.synthesis.speaker import Speaker
from ser_core.synthesis.speech import RATE, assemble
from ser_core.synthesis.voicing import VOICINGS

MANIFEST = "examples.csv"


@dataclass(frozen=True)
class Example:
    """One example clip, a row of the manifest.

    Attributes:
        id: slug, unique and stable, fit for a link.
        file: file name in the folder of the examples.
        title: for humans.
        transcript: exactly what is said; empty if nobody speaks.
        words: category of the words, one of `ser_core.labels.CATEGORIES`; empty if it changes or
            if nobody speaks.
        voice: category that the voice expresses, likewise.
        group: heading under which the clip is shown.
        duration_s: in seconds.
        sha256: of the file, in hexadecimal.
        path: of the file.
    """

    id: str
    file: str
    title: str
    transcript: str
    words: str
    voice: str
    group: str
    duration_s: float
    sha256: str
    path: Path


_COLUMNS = [field.name for field in fields(Example) if field.name != "path"]


def load_examples(folder: Path | str | None = None) -> list[Example]:
    """The example clips in the order in which they should be shown.

    Args:
        folder: where the manifest and the files lie; default `examples` beside the package.

    Raises:
        SerError: if there is no manifest, or it lacks a column.
    """
    folder = Path(folder) if folder is not None else Path(__file__).parents[2] / "examples"
    try:
        table = pd.read_csv(folder / MANIFEST, keep_default_na=False)
    except (OSError, ValueError) as error:  # none, or not a table
        raise SerError(
            "There is no list of example clips here: make the clips with `ser examples --out "
            "examples`, or name their folder."
        ) from error
    missing = [column for column in _COLUMNS if column not in table]
    if missing:
        raise SerError(f"The list of example clips lacks {', '.join(missing)}: make it anew.")
    rows = [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
    return [
        Example(path=folder / row["file"], **{column: row[column] for column in _COLUMNS})
        for row in rows
    ]


def render(script: Script, speaker: Speaker | None = None) -> np.ndarray:
    """The clip of a script: float32 samples in [-1, 1] at 16 kHz, shape [n].

    The same script gives the same samples on the same machine; see `Speaker.say`.

    Args:
        speaker: the voice; made when needed if it is not given.

    Raises:
        SerError: if the script has words and `hibari-tts` is not installed.
    """
    rng = np.random.default_rng(zlib.crc32(script.id.encode()))
    if not script.turns:
        return sounds.SOUNDS[script.id](RATE, rng)
    turns = [
        # The same seed whatever the clip: a sentence sounds the same wherever it occurs.
        (sentence, VOICINGS[voice], zlib.crc32(f"{voice}: {sentence}".encode()))
        for voice, text in script.turns
        for sentence in re.split(r"(?<=[.!?]) ", text)
    ]
    return assemble(turns, speaker or Speaker(), rng, script.pause)


def generate(out: Path | str, ids: Collection[str] | None = None) -> pd.DataFrame:
    """Make the example clips (16 kHz mono FLAC) and, for all of them, the manifest.

    Args:
        out: folder, made if it does not exist.
        ids: which clips to make; default all. The manifest is written only with all of them.

    Returns:
        The manifest's rows of these clips.

    Raises:
        SerError: if `hibari-tts` is not installed, or an id is unknown.
    """
    unknown = sorted(set(ids or ()) - SCRIPTS.keys())
    if unknown:
        raise SerError(f"There is no example {', '.join(unknown)}; there are {', '.join(SCRIPTS)}.")
    out = Path(out)
    speaker = Speaker()
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for script in SCRIPTS.values():
        if ids is not None and script.id not in ids:
            continue
        samples = render(script, speaker)
        path = out / f"{script.id}.flac"
        soundfile.write(path, samples, RATE, subtype="PCM_16")
        example = Example(
            id=script.id,
            file=path.name,
            title=script.title,
            transcript=script.transcript,
            words=script.words,
            voice=script.voice,
            group=script.group,
            duration_s=round(len(samples) / RATE, 3),
            sha256=sha256(path),
            path=path,
        )
        rows.append(asdict(example))
    table = pd.DataFrame(rows, columns=_COLUMNS)
    if ids is None:
        table.to_csv(out / MANIFEST, index=False, lineterminator="\n")
        spoken = {row["id"]: (row["path"], row["transcript"]) for row in rows if row["transcript"]}
        times = word_times.measure(spoken)
        times.to_csv(out / word_times.TABLE, index=False, lineterminator="\n")
    return table
