"""What is in a corpus, what is missing or broken, and what was left out: `ser corpora inspect`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from ser_core.corpora.headers import Headers, read_headers
from ser_core.corpora.layout import Layout
from ser_core.corpora.recognise import read
from ser_core.corpora.table import Skipped
from ser_core.labels import CATEGORIES, DIMENSIONS

_NAMES = 5  # names given of a group


def inspect(
    root: Path, name: str | None = None, layout: Layout | None = None, seconds: float | None = 30.0
) -> str:
    """Read a corpus and describe it in Markdown.

    Args:
        root: as for `ser_core.corpora.recognise.read`, and so are `name` and `layout`.
        seconds: time to spend on the headers of audio files; None: all are read.

    Raises:
        CorpusError: there is no corpus to read.
    """
    return describe(read_headers(read(root, name, layout), seconds))


def describe(headers: Headers) -> str:
    """Markdown, readable in a terminal, about a corpus whose headers were read."""
    corpus, table = headers.corpus, headers.corpus.table
    parts = [f"# {corpus.name}: {_count(len(table), 'utterance')}", _splits(table)]
    if table["emotion"].any():
        parts += ["## Labels", _labels(table)]
    parts += ["## Speakers", _speakers(table)]
    if rated := _dimensions(table):
        parts += ["## Dimensions, [0, 1]", rated]
    parts += ["## Audio", _audio(headers)]
    parts += ["## Transcripts", _transcripts(table)]
    parts += ["## Missing or out of order, but kept", groups(corpus.missing)]
    parts += ["## Left out", groups(corpus.skipped)]
    if corpus.notes:
        parts += ["## Notes", "\n".join(f"- {note}" for note in corpus.notes)]
    return "\n\n".join(parts) + "\n"


def groups(items: Sequence[Skipped]) -> str:
    """Items by reason, each with its number and the first names."""
    names: dict[str, list[str]] = {}
    for item in items:
        names.setdefault(item.reason, []).append(item.item)
    if not names:
        return "Nothing."
    lines = []
    for reason, group in sorted(names.items(), key=lambda pair: -len(pair[1])):
        more = f", and {len(group) - _NAMES} more" if len(group) > _NAMES else ""
        lines.append(f"- {len(group)}: {reason} ({', '.join(group[:_NAMES])}{more})")
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table with aligned columns: numbers to the right, words to the left."""
    body = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    cells = [list(header), *body]
    widths = [max(2, *(len(row[column]) for row in cells)) for column in range(len(header))]
    words = [any(row[column][:1].isalpha() for row in body) for column in range(len(header))]
    lines = [
        " | ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(row, widths, words, strict=True)
        )
        for row in cells
    ]
    rule = " | ".join(
        "-" * width if left else "-" * (width - 1) + ":"
        for width, left in zip(widths, words, strict=True)
    )
    return "\n".join(f"| {line} |" for line in (lines[0], rule, *lines[1:]))


def _splits(table: pd.DataFrame) -> str:
    known = ("train", "dev", "test")
    order = [*known, *sorted(set(table["split"]) - {*known, ""}), ""]
    parts = [(split or "none", table[table["split"] == split]) for split in order]
    parts = [(split, part) for split, part in parts if len(part)]
    if len(parts) != 1:
        parts.append(("all", table))
    return _table(
        ("split", "utterances", *CATEGORIES, "other", "speakers", "hours known"),
        (
            (
                split,
                len(part),
                *(int((part["category"] == category).sum()) for category in (*CATEGORIES, "")),
                part.loc[part["speaker"] != "", "speaker"].nunique(),
                f"{part['duration_s'].sum() / 3600:.2f}",
            )
            for split, part in parts
        ),
    )


def _labels(table: pd.DataFrame) -> str:
    counts = Counter(zip(table["emotion"], table["category"], strict=True))
    return _table(
        ("label", "category", "utterances", "share"),
        (
            (emotion or "none", category or "–", number, f"{number / len(table):.1%}")
            for (emotion, category), number in counts.most_common()
        ),
    )


def _speakers(table: pd.DataFrame) -> str:
    known = table[table["speaker"] != ""]
    lines = []
    if len(known):
        sizes = known.groupby("speaker").size()
        lines.append(
            f"- {_count(len(sizes), 'speaker')} with {sizes.min()} to {sizes.max()} utterances, "
            f"median {sizes.median():g}"
        )
        first = known.drop_duplicates("speaker")["sex"]
        sexes = Counter(sex or "unknown sex" for sex in first)
        lines.append("- speakers: " + _listed(sexes))
        splits = known.groupby("speaker")["split"].nunique()
        if shared := sorted(splits.index[splits > 1]):
            names = ", ".join(shared[:_NAMES])
            lines.append(f"- speakers in more than one split: {len(shared)} ({names})")
    if len(known) < len(table):
        lines.append(f"- {_count(len(table) - len(known), 'utterance')} without a known speaker")
    lines.append("- utterances: " + _listed(Counter(sex or "unknown sex" for sex in table["sex"])))
    return "\n".join(lines)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counts.most_common()) or "none"


def _dimensions(table: pd.DataFrame) -> str:
    rows = []
    for dimension in DIMENSIONS:
        values = table[dimension].dropna()
        if len(values):
            numbers = (values.min(), values.mean(), values.max(), values.std(ddof=0))
            rows.append((dimension, len(values), *(f"{number:.3f}" for number in numbers)))
    return _table(("dimension", "rated", "min", "mean", "max", "SD"), rows) if rows else ""


def _audio(headers: Headers) -> str:
    table = headers.corpus.table
    durations = table["duration_s"].dropna()
    clips = int((table["path"] != "").sum())
    lines = [f"- {_count(headers.read, 'file header')} read"]
    if headers.unread:
        lines[0] += f", then time was up: {headers.unread:,} not read"
    if len(durations):
        lines.append(
            f"- {durations.sum() / 3600:.2f} hours in {_count(len(durations), 'clip')}; clips of "
            f"{durations.min():.2f} to {durations.max():.2f} s, median {durations.median():.2f} s"
        )
    if 0 < len(durations) < clips:
        hours = durations.mean() * clips / 3600
        lines.append(
            f"- about {hours:.1f} hours in all {clips:,} clips, by the mean of those known"
        )
    if parts := int((table["span"] != "").sum()):
        files = table.loc[table["span"] != "", "path"].nunique()
        lines.append(f"- {_count(parts, 'clip')} of these are parts of {_count(files, 'file')}")
    for (rate, channels), number in headers.common_formats():
        ids = headers.formats[rate, channels]
        names = f" ({', '.join(ids[:_NAMES])})" if number <= _NAMES < headers.read else ""
        lines.append(
            f"- {rate:,} Hz, {_count(channels, 'channel')}: {_count(number, 'clip')}{names}"
        )
    if len(table) > clips:
        lines.append(f"- {_count(len(table) - clips, 'text')} without audio")
    return "\n".join(lines)


def _transcripts(table: pd.DataFrame) -> str:
    words = table["transcript"] != ""
    return (
        f"{_count(int(words.sum()), 'utterance')} with a transcript "
        f"({table.loc[words, 'transcript'].nunique():,} different), {int((~words).sum()):,} without"
    )
