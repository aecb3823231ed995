"""Every test of the battery that a table of predictions can answer, and all of them in a row."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ser_core.behaviour.battery import (
    correctness,
    distribution,
    fairness,
    robustness,
    sentiment,
    speakers,
)
from ser_core.behaviour.battery.clips import CLIPS, Progress, choose, hear, sounds
from ser_core.behaviour.battery.pitch import median_f0
from ser_core.behaviour.battery.table import DRAWS, Asked, whole_set
from ser_core.behaviour.changed_words import Load
from ser_core.behaviour.finding import Finding
from ser_core.behaviour.left_out import left_out
from ser_core.behaviour.share import part_of
from ser_core.corpora.table import Corpus
from ser_core.errors import AudioError, SerError
from ser_core.evaluation.predictions import Predictions
from ser_core.training.recordings import load_recording

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer

# What is asked -> its findings. One that cannot be asked here raises SerError, which says why.
# Tests of the sound are in `disturbances.ROBUSTNESS`.
Test = Callable[[Asked], Iterator[Finding]]
TESTS: dict[str, Test] = {
    "categories": correctness.categories,
    "dimensions": correctness.dimensions,
    "consistency": distribution.consistency,
    "distribution": distribution.distribution,
    "speaker average": speakers.average,
    "speaker ranking": speakers.ranking,
    "sex": fairness.sex,
    "pitch": fairness.pitch,
    "language": fairness.language,
    "accent": fairness.accent,
    "column": fairness.by_column,
    "words alone": sentiment.sentiment,
}
_SOUND = "robustness"
_SHARE = 0.3  # of the time for the tests of a table, where sound is tested as well


def findings(
    predictions: Predictions | None,
    analyzer: "Analyzer | None" = None,
    corpus: Corpus | None = None,
    *,
    clips: int = CLIPS,
    load: Load = load_recording,
    by: str = "",
    unit: str = "speakers",
    draws: int = DRAWS,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """The findings of the whole battery, as they are computed; what was left out comes last.

    Args:
        predictions: of labelled examples.
        analyzer, corpus: models and labelled clips with sound, for what needs it.
        clips: how many are disturbed, spread over speakers and labels.
        load: reads a recording of the corpus, see `changed_words.Load`.
        by: a column of the predictions to compare groups by, whatever it is.
        unit: what a bootstrap draws, see `statistics.drawn_units`.
        draws: of it, and of random models.
        progress: is told the share that is done.
    """
    reasons: dict[str, str] = {}
    tables = 1.0 if corpus is None else _SHARE
    if predictions is None:
        reasons["tests of predictions"] = "There is no table of predictions."
    else:
        part = whole_set(predictions).complete()
        pitches = (
            {}
            if corpus is None
            else pitches_of(corpus, part, load, part_of(progress, 0.0, tables / 2))
        )
        asked = Asked(part, pitches, unit, draws, by)
        for number, (name, test) in enumerate(TESTS.items()):
            report = part_of(progress, tables * (0.5 + 0.5 * number / len(TESTS)), 0.0)
            try:
                yield from test(replace(asked, progress=report))
            except SerError as error:
                reasons[name] = str(error)
    if analyzer is None or corpus is None:
        reasons[_SOUND] = "It needs the sound of labelled clips: name a corpus with --data."
    else:
        try:
            heard = hear(choose(corpus, clips), load)
            report = part_of(progress, tables, 1 - tables)
            yield from robustness.robustness(
                analyzer, heard, unit=unit, draws=draws, progress=report
            )
        except SerError as error:
            reasons[_SOUND] = str(error)
    if reasons:
        yield left_out("battery", reasons)


def pitches_of(
    corpus: Corpus, part: Predictions, load: Load, progress: Progress
) -> dict[str, float]:
    """Median F0 by clip, of the clips of these predictions whose sound can be read."""
    table = corpus.table.assign(clip=corpus.table["corpus"] + "/" + corpus.table["id"])
    wanted = set(part.rows["clip"])
    table["clip"] = table["clip"].where(table["clip"].isin(wanted), table["id"])
    table = table[table["clip"].isin(wanted)]
    found: dict[str, float] = {}
    heard = sounds(replace(corpus, table=table), load)
    for number, (clip, sound) in enumerate(zip(table["clip"], heard, strict=True)):
        progress(number / len(table))
        if not isinstance(sound, AudioError):  # which is told where the clip is predicted
            found[clip] = median_f0(sound)
    return found
