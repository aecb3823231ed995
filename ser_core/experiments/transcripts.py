"""The words of a corpus: from a table, or by a recogniser whose results are kept clip by clip."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from tqdm.auto import tqdm

from ser_core.corpora.layout import SYNONYMS
from ser_core.corpora.manifest import read_table
from ser_core.errors import CorpusError
from ser_core.experiments.protocol import ASR, OWN_TRANSCRIPTS
from ser_core.inputs import audio
from ser_core.inputs.speech import Recogniser
from ser_core.training.feature_cache import cache_folder, make_key, turn
from ser_core.training.recordings import Recording, load_recording, recordings, stamp

DOUBT = "transcript_doubt"
CLIPS_A_TURN = 64  # about a minute, see `turn`


def with_transcripts(
    table: pd.DataFrame, source: str, recogniser: Recogniser | None = None
) -> pd.DataFrame:
    """The utterances with their words, and a column that says why the recogniser doubts them.

    Args:
        table: utterances of one corpus, with usable recordings.
        source: see `Protocol.transcripts`.
        recogniser: for `asr`; by default that of `Recogniser`.

    Raises:
        CorpusError: the file of transcripts cannot be used.
        RecogniserError: there is no recogniser.
    """
    if source == OWN_TRANSCRIPTS:
        return table.assign(**{DOUBT: ""})
    if source == ASR:
        found = recognise(recordings(table), recogniser or Recogniser())
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


def recognise(paths: Sequence[Recording], recogniser: Recogniser) -> list[tuple[str, str]]:
    """Words of each recording, and why they are doubtful ("" if they are not).

    Every result is kept at once, so that a pass that was killed goes on where it was. It is kept
    by the content of the clip: a corpus that was moved is decoded, not recognised again.

    Raises:
        AudioError: a recording is damaged. RecogniserError: there is no recogniser.
    """
    file = cache_folder() / f"transcripts_{recogniser.words_fingerprint[:16]}.jsonl"
    known = _read_cache(file)
    keys = [make_key([stamp(path)]) for path in paths]
    missing = [item for item in dict(zip(keys, paths, strict=True)).items() if item[0] not in known]
    progress = tqdm(total=len(missing), desc="speech recognition", unit="clip")
    for start in range(0, len(missing), CLIPS_A_TURN):
        with turn(file.stem):
            known = _read_cache(file)  # with what commands beside this one have heard
            for key, path in missing[start : start + CLIPS_A_TURN]:
                if key not in known:
                    clip = load_recording(path)
                    known[key] = known.get(clip.digest) or _hear(clip, recogniser)
                    known[clip.digest] = known[key]
                    _append(file, key, clip.digest, known[key])
                progress.update()
    progress.close()
    return [known[key] for key in keys]


def _hear(clip: audio.Clip, recogniser: Recogniser) -> tuple[str, str]:
    heard = recogniser.transcribe(clip)
    return heard.text, heard.doubt


def _append(file: Path, key: str, digest: str, heard: tuple[str, str]) -> None:
    entry = {"key": key, "digest": digest, "text": heard[0], "doubt": heard[1]}
    with file.open("a", encoding="utf-8") as cache:
        # On a line of its own, also after the half line of a killed run.
        cache.write("\n" + json.dumps(entry, ensure_ascii=False) + "\n")


def _read_cache(file: Path) -> dict[str, tuple[str, str]]:
    """Words and doubt, by the key of a file and by the digest of its clip."""
    known = {}
    for line in file.read_text("utf-8", errors="replace").split("\n") if file.exists() else ():
        try:
            entry = json.loads(line)
            heard = (entry["text"], entry["doubt"])
            known[entry["key"]] = heard
            known[entry["digest"]] = heard
        except (ValueError, KeyError, TypeError):
            continue  # blank, or cut off when a run was killed
    return known
