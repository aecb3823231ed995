"""What do the words alone do? Emotion words in sentences, silent and spoken.

In the spirit of CheckList (Ribeiro et al., "Beyond accuracy: behavioral testing of NLP models with
CheckList", ACL 2020): each word alone, in a sentence, intensified, reduced and negated.

*Silent*: nothing is said. A model that only reads gets the words. A fusion needs a voice, and
silence is none that a network ever heard: it hears each of several background voices, which say
something else (see `explain.background`), and its figures are means over them.
*Spoken*: the synthetic voice says the words in its neutral voicing, the same for all of them.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from ser_core.analysis import Analyzer
from ser_core.behaviour import template_figures
from ser_core.behaviour.asking import ask_all
from ser_core.behaviour.finding import Finding
from ser_core.behaviour.lexicon import FORMS, sentences
from ser_core.behaviour.share import part_of
from ser_core.behaviour.statistics import DRAWS, listed
from ser_core.errors import SerError
from ser_core.evaluation.predict import Scores
from ser_core.explain.progress import Progress
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.registry import choose
from ser_core.results import Prediction
from ser_core.synthesis import speech

VOICES = 4  # of the background: one of each category, of different speakers
_SILENT_SHARE = 0.6  # of the time


def findings(
    analyzer: Analyzer,
    models: Sequence[str] | None = None,
    voices: int = VOICES,
    spoken: bool = True,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """Silent findings first, then the same of the spoken words.

    Args:
        analyzer: of the models.
        models: names; default all. Those that don't read stand beside the spoken words only.
        voices: of the background, for models that hear.
        spoken: whether the synthetic voice says them too; a note says where it is missing.
        draws: of the bootstrap over words. seed: of the draws.
        progress: see `Progress`.

    Raises:
        SerError: an unknown model, none that reads, no text encoder, or no background voices.
    """
    chosen = choose(analyzer.models, models)
    reading = [one for one in chosen if one.uses_text]
    if not reading:
        raise SerError("Templates are for models that read: choose one that uses the words.")
    missing = _why_not_spoken() if spoken else ""
    alone = not spoken or bool(missing)
    share = (1.0 if alone else _SILENT_SHARE) / len(FORMS)  # of one form
    silent: dict[str, dict[str, Scores]] = {}
    notes = [f"Spoken words are left out: {missing}"] if missing else []
    if hearing := [one.name for one in reading if one.uses_voice]:
        notes.append(
            f"What {listed(hearing)} would say without a voice is a mean over {voices} background "
            "voices."
        )
    for number, form in enumerate(FORMS):
        told = part_of(progress, share * number, share)
        found, left_out = ask_all(analyzer, reading, voices, sentences(form), told)
        silent[form] = found
        notes += [note for note in left_out if note not in notes]
    yield from template_figures.findings(silent, "silent", tuple(notes), draws, seed)
    if alone:
        return
    said: dict[str, dict[str, Scores]] = {}
    rest = 1 / len(FORMS) - share
    for number, form in enumerate(FORMS):
        told = part_of(progress, _SILENT_SHARE + rest * number, rest)
        said[form] = _spoken(analyzer, chosen, sentences(form), told)
    notes = ["A synthetic voice in its neutral voicing: a model that only hears is a control."]
    yield from template_figures.findings(said, "spoken", tuple(notes), draws, seed)


def _why_not_spoken() -> str:
    try:
        speech.warm_up()
    except SerError as error:
        return str(error)
    return ""


def _spoken(
    analyzer: Analyzer,
    chosen: Sequence[Checkpoint],
    texts: Sequence[str],
    progress: Progress | None,
) -> dict[str, Scores]:
    """What each model says of each text as it is said, [1, N, K]."""
    said: dict[str, list[Prediction]] = {}
    for number, text in enumerate(texts):
        analysis = analyzer.analyze(speech.say(text), text, [one.name for one in chosen])
        for name, prediction in analysis.predictions.items():
            said.setdefault(name, []).append(prediction)
        if progress is not None:
            progress((number + 1) / len(texts))
    return {
        name: Scores(_stack(of, "probabilities", CATEGORIES), _stack(of, "dimensions", DIMENSIONS))
        for name, of in said.items()
    }


def _stack(said: Sequence[Prediction], head: str, outputs: Sequence[str]) -> np.ndarray:
    rows = [getattr(prediction, head) for prediction in said]
    names = [name for name in outputs if name in rows[0]]
    return np.array([[row[name] for name in names] for row in rows]).reshape(1, len(rows), -1)
