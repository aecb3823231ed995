"""nEMO: nine Polish actors, 90 sentences, six acted emotions (Christop 2024).

    samples/EB0_anger_1.wav    speaker, emotion, sentence
    data.tsv                   file_id, emotion, raw_text, normalized_text, speaker_id, gender, age

Layout after amu-cai/nEMO: the table is tab-separated, without quoting (sentences hold quotation
marks), and its speakers have blanks before them. Without the table, names are enough for all but
the transcript. No ratings, no split.
"""

import re
from pathlib import Path

from ser_core.corpora.acted import Row, read_names
from ser_core.corpora.files import NO_FILE, NO_TRANSCRIPT, names_match
from ser_core.corpora.table import Corpus, Skipped, assemble
from ser_core.corpora.terms import category_of, sex_of
from ser_core.corpora.text_files import read_rows, require_columns

NAME = "nemo"
LOOKS_FOR = "data.tsv and names like samples/EB0_anger_1.wav"
EMOTIONS = ("anger", "fear", "happiness", "neutral", "sadness", "surprised")
SEXES = {
    **dict.fromkeys(("EB0", "IC0", "KD0", "MK0"), "female"),
    **dict.fromkeys(("KS0", "MP0", "SM0", "TP0", "WR0"), "male"),
}

_CLIP = re.compile(rf"([A-Z]{{2}}\d)_({'|'.join(EMOTIONS)})_(\d+)")


def matches(root: Path) -> bool:
    """Whether `root` looks like nEMO."""
    samples = root / "samples"
    return names_match(samples if samples.is_dir() else root, _CLIP, deep=False)


def read(root: Path) -> Corpus:
    """Read nEMO at `root`.

    Raises:
        CorpusError: no folder is there, or data.tsv is damaged.
    """
    file = root / "data.tsv"
    listed: dict[str, dict[str, str]] = {}
    problems: list[Skipped] = []
    notes = []
    if file.is_file():
        lines, problems = read_rows(file, delimiter="\t", quoted=False)
        require_columns(file, lines, ("file_id", "raw_text", "gender"))
        for line in lines:
            clip = Path(line["file_id"]).stem
            if clip in listed:
                problems.append(Skipped(line["file_id"], f"listed before in {file.name}"))
            else:
                listed[clip] = line
    else:
        notes.append("There is no data.tsv: transcripts are empty.")

    def describe(match: re.Match[str]) -> Row:
        speaker, emotion, sentence = match.groups()
        line = listed.get(match[0], {})
        return {
            "speaker": f"{NAME}_{speaker}",
            "sex": sex_of(line.get("gender", "")) or SEXES.get(speaker, ""),
            "language": "pl",
            "session": sentence,
            "transcript": line.get("raw_text", ""),
            "emotion": emotion,
            "category": category_of(emotion),
        }

    rows, skipped = read_names(root, _CLIP, describe)
    seen = {str(row["id"]) for row in rows} | {Path(item.item).stem for item in skipped}
    skipped += [*problems, *(Skipped(name, NO_FILE) for name in listed if name not in seen)]
    missing = [
        Skipped(str(row["id"]), NO_TRANSCRIPT) for row in rows if listed and not row["transcript"]
    ]
    return assemble(NAME, rows, skipped=skipped, missing=missing, notes=notes)
