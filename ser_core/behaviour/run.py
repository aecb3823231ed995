"""All findings of all parts for what is given, as they are computed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ser_core.behaviour import acts, follow, templates, word_changes
from ser_core.behaviour.battery import running
from ser_core.behaviour.battery.clips import CLIPS, choose
from ser_core.behaviour.changed_words import Load
from ser_core.behaviour.finding import PARTS, Finding
from ser_core.behaviour.left_out import left_out
from ser_core.behaviour.roles import Roles
from ser_core.behaviour.share import part_of
from ser_core.behaviour.statistics import DRAWS
from ser_core.corpora.table import Corpus
from ser_core.errors import SerError
from ser_core.evaluation.labelled import predict_corpus
from ser_core.evaluation.predictions import Predictions
from ser_core.explain.progress import Progress
from ser_core.training.recordings import load_recording

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer

MOST = 1000  # clips of a corpus that are predicted
_NO_TABLE = "It needs predictions or labelled clips: name a corpus with --data."
# Share of the time of each part, roughly, and of predicting a corpus.
_WEIGHTS = {"follow": 1.0, "words": 3.0, "templates": 3.0, "acts": 3.0, "battery": 6.0}
_PREDICTING = 4.0


@dataclass(frozen=True)
class Given:
    """What the findings are of; see `run`."""

    analyzer: "Analyzer"
    predictions: Predictions | None
    corpus: Corpus | None
    worded: Corpus
    load: Load
    disturbed: int
    by: str
    unit: str
    draws: int

    @property
    def table(self) -> Predictions:
        """The predictions. Raises SerError where there are none."""
        if self.predictions is None:
            raise SerError(_NO_TABLE)
        return self.predictions


def run(
    analyzer: "Analyzer",
    *,
    predictions: Predictions | None = None,
    corpus: Corpus | None = None,
    worded: Corpus | None = None,
    parts: Sequence[str] = tuple(PARTS),
    clips: int = MOST,
    disturbed: int = CLIPS,
    load: Load = load_recording,
    by: str = "",
    unit: str = "speakers",
    draws: int = DRAWS,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """Findings of these parts, in the order of `PARTS`; stop asking for more to cancel.

    A part that cannot be asked of what is given is a finding that says why.

    Args:
        analyzer: of the models.
        predictions: of labelled examples by these models; without them those of the corpus.
        corpus: labelled clips with sound; without it nothing is heard.
        worded: clips whose words are changed; default the corpus, or the examples without one.
        parts: keys of `PARTS`.
        clips: of the corpus that are predicted at most, spread over speakers and labels.
        disturbed: of them whose sound is disturbed at most.
        load: reads a recording of the corpus, see `changed_words.Load`.
        by: a column to compare groups by, whatever it is.
        unit: what intervals are over, see `statistics.drawn_units`.
        draws: of bootstraps, and of random models.
        progress: is told the share that is done; what it raises ends the work.

    Raises:
        SerError: an unknown part, or no clip of the corpus can be read.
    """
    if unknown := sorted(set(parts) - set(PARTS)):
        raise SerError(f"There is no part {unknown[0]}: choose of {', '.join(PARTS)}.")
    chosen = [name for name in PARTS if name in parts]
    predicting = corpus is not None and predictions is None and set(chosen) != {"templates"}
    total = sum(_WEIGHTS[name] for name in chosen) + _PREDICTING * predicting
    start = 0.0
    if corpus is not None:
        corpus = choose(corpus, clips) if predictions is None else corpus
    if corpus is not None and predicting:
        report = part_of(progress, 0.0, _PREDICTING / total)
        predictions = predict_corpus(analyzer, corpus, progress=report, load=load)
        start = _PREDICTING / total
    if worded is None:
        worded = word_changes.examples() if corpus is None else corpus
    given = Given(
        analyzer, predictions, corpus, worded, load, min(disturbed, clips), by, unit, draws
    )
    for name in chosen:
        share = _WEIGHTS[name] / total
        try:
            yield from _RUN[name](given, part_of(progress, start, share))
        except SerError as error:
            yield left_out(name, {PARTS[name].rstrip("?"): str(error)})
        start += share


def _follow(given: Given, progress: Progress) -> Iterator[Finding]:
    progress(0.0)
    roles = Roles.of(given.analyzer.models)
    return follow.findings(given.table, roles, unit=given.unit, draws=given.draws)


def _words(given: Given, progress: Progress) -> Iterator[Finding]:
    return word_changes.findings(
        given.analyzer,
        given.worded,
        unit=given.unit,
        draws=given.draws,
        progress=progress,
        load=given.load if given.worded is given.corpus else load_recording,
    )


def _templates(given: Given, progress: Progress) -> Iterator[Finding]:
    return templates.findings(given.analyzer, draws=given.draws, progress=progress)


def _acts(given: Given, progress: Progress) -> Iterator[Finding]:
    return acts.findings(
        given.analyzer, given.predictions, unit=given.unit, draws=given.draws, progress=progress
    )


def _battery(given: Given, progress: Progress) -> Iterator[Finding]:
    return running.findings(
        given.predictions,
        given.analyzer,
        given.corpus,
        clips=given.disturbed,
        load=given.load,
        by=given.by,
        unit=given.unit,
        draws=given.draws,
        progress=progress,
    )


_RUN: dict[str, Callable[[Given, Progress], Iterator[Finding]]] = {
    "follow": _follow,
    "words": _words,
    "templates": _templates,
    "acts": _acts,
    "battery": _battery,
}
