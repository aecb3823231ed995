"""The words of a corpus: from a table, or by a recogniser whose results are kept clip by clip."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from tqdm.auto import tqdm

from ser_core import audio
from ser_core.corpora.layout import SYNONYMS
from ser_core.corpora.manifest import read_table
from ser_core.errors import CorpusError
from ser_core.experiments.protocol import ASR, OWN_TRANSCRIPTS
from ser_core.speech import Recogniser
from ser_core.training.store import LIMITS, cache_folder, make_key, stamp

DOUBT = "transcript_doubt"


def with_transcripts(table: pd.DataFrame, source: str, recogniser: Recogniser) -> pd.DataFrame:
    """The utterances with their words, and a column that says why the recogniser doubts them.

    Args:
        table: utterances of one corpus, with usable recordings.
        source: see `Protocol.transcripts`.
        recogniser: used for `asr` only.

    Raises:
        CorpusError: the file of transcripts cannot be used.
        RecogniserError: there is no recogniser.
    """
    if source == OWN_TRANSCRIPTS:
        return table.assign(**{DOUBT: ""})
    if source == ASR:
        found = recognise(list(table["path"]), recogniser)
        return table.assign(
            transcript=[text for text, _ in found], **{DOUBT: [doubt for _, doubt in found]}
        )
    words = read_transcripts(Path(source))
    given = table["id"].map(words)
    if len(table) and given.isna().all():
        raise CorpusError(
            f"{source} has a transcript of none of the {len(table):,} utterances: its ids must be "
            f"those of the corpus, such as {table['id'].iloc[0]}."
        )
    return table.assign(transcript=given.fillna("").str.strip(), **{DOUBT: ""})


def read_transcripts(file: Path) -> dict[str, str]:
    """Utterance id -> words, from a CSV, TSV or Parquet table with an id and a transcript.

    Raises:
        CorpusError: no such file, a damaged one, or one without these columns.
    """
    if not file.is_file():
        raise CorpusError(f"No transcripts at {file}: check the path in the experiment.")
    rows, _ = read_table(file)
    columns = list(rows[0]) if rows else []
    key, text = (
        next((name for name in SYNONYMS[kind] if name in columns), "")
        for kind in ("id", "transcript")
    )
    if not key or not text:
        raise CorpusError(f"{file} needs the columns `id` and `transcript`: rename them.")
    return {str(row[key]): str(row[text]) for row in rows}


def recognise(paths: Sequence[str], recogniser: Recogniser) -> list[tuple[str, str]]:
    """Words of each recording, and why they are doubtful ("" if they are not).

    Every result is kept at once, so that a pass that was killed goes on where it was.

    Raises:
        AudioError: a recording is damaged. RecogniserError: there is no recogniser.
    """
    file = cache_folder() / f"transcripts_{recogniser.fingerprint[:16]}.jsonl"
    known = _read_cache(file)
    keys = [make_key([stamp(path)]) for path in paths]
    missing = [(key, path) for key, path in zip(keys, paths, strict=True) if key not in known]
    if missing:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as cache:
            cache.write("\n")  # after the half line of a killed run
            for key, path in tqdm(missing, desc="speech recognition", unit="clip"):
                heard = recogniser.transcribe(audio.load(path, limits=LIMITS))
                known[key] = (heard.text, heard.doubt)
                entry = {"key": key, "text": heard.text, "doubt": heard.doubt}
                cache.write(json.dumps(entry, ensure_ascii=False) + "\n")
                cache.flush()
    return [known[key] for key in keys]


def _read_cache(file: Path) -> dict[str, tuple[str, str]]:
    known = {}
    for line in file.read_text("utf-8", errors="replace").split("\n") if file.exists() else ():
        try:
            entry = json.loads(line)
            known[entry["key"]] = (entry["text"], entry["doubt"])
        except (ValueError, KeyError, TypeError):
            continue  # blank, or cut off when a run was killed
    return known
