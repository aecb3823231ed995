"""When the words of the example clips are said: as the recogniser heard them, kept in a table, so
that no one has to wait for it."""

from collections import defaultdict
from pathlib import Path

import pandas as pd

from ser_core.inputs.transcript import Word

TABLE = "words.csv"
_COLUMNS = ("id", "text", "start_s", "end_s")


def measure(clips: dict[str, tuple[Path, str]]) -> pd.DataFrame:
    """Times of the words of clips, one row a word: id, text, start_s, end_s.

    Args:
        clips: path and exact words, by id.

    Raises:
        RecogniserError: the recogniser is missing.
    """
    from ser_core.inputs.alignment import align
    from ser_core.inputs.audio import load
    from ser_core.inputs.speech import Recogniser

    recogniser = Recogniser()
    rows = []
    for name, (path, text) in clips.items():
        clip = load(path)
        for word in align(text, recogniser.transcribe(clip).words, clip.duration_s):
            rows.append((name, word.text, round(word.start, 3), round(word.end, 3)))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def read(folder: Path) -> dict[str, tuple[Word, ...]]:
    """Words at their times by id; {} where the table is missing or damaged."""
    try:
        table = pd.read_csv(folder / TABLE, keep_default_na=False)[list(_COLUMNS)]
    except (OSError, ValueError, KeyError):
        return {}
    found: dict[str, list[Word]] = defaultdict(list)
    for name, text, start, end in table.itertuples(index=False):
        found[str(name)].append(Word(str(text), float(start), float(end), 1.0))
    return {name: tuple(words) for name, words in found.items()}
