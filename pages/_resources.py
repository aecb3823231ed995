"""Everything that is cached, and so shared by all sessions. No other module caches."""

import io
import threading
import wave
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st

from pages._recordings import Recordings
from pages._speaker_clips import Speakers
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.behaviour.finding import Finding
    from ser_core.corpora.table import Corpus
    from ser_core.evaluation.predictions import Predictions
    from ser_core.explain.stage_tables import StageTables
    from ser_core.figures import Notes
    from ser_core.inputs.audio import Clip
    from ser_core.inputs.transcript import Transcript, Word
    from ser_core.maps.layers import Embedder
    from ser_core.maps.reference import ReferenceSet
    from ser_core.synthesis.examples import Example

T = TypeVar("T")

# What imports torch is imported inside functions: it takes seconds, in which the page is shown.


@st.cache_resource(show_spinner=False)
def analyzer() -> "Analyzer":
    """All models behind one door; raises CheckpointError where there are none."""
    from ser_core.analysis import Analyzer

    return Analyzer()


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Load what the first clip did not need, above all the recogniser, while the user looks."""
    # Not a daemon: an interpreter that ends amid native code aborts.
    thread = threading.Thread(target=_load_all, args=(analyzer(),), name="warm-up")
    thread.start()
    return thread


def _load_all(analyzer: "Analyzer") -> None:
    try:
        analyzer.warm_up()
        analyzer.recogniser.load()
    except SerError:
        pass  # shown to the user who needs it, when it is needed


def examples() -> "dict[str, Example]":
    """The example clips by id; none where their folder is missing."""
    try:
        return _examples()
    except SerError:
        return {}


@st.cache_resource(show_spinner=False)
def _examples() -> "dict[str, Example]":
    from ser_core.synthesis.examples import load_examples

    return {example.id: example for example in load_examples()}


@st.cache_resource(show_spinner=False)
def example_words() -> "dict[str, tuple[Word, ...]]":
    """The examples' words at their times, by id."""
    from ser_core.synthesis import word_times

    first = next(iter(examples().values()), None)
    return {} if first is None else word_times.read(first.path.parent)


@st.cache_resource(max_entries=64, show_spinner=False)
def example_clip(example_id: str) -> "Clip":
    """The sound of an example."""
    from ser_core.inputs.audio import load

    return load(examples()[example_id].path)


@st.cache_data(max_entries=64, show_spinner=False)
def wav(digest: str, _clip: "Clip") -> bytes:
    """What the models hear, as a 16-bit WAV that every browser plays."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_clip.sample_rate)
        file.writeframes(np.rint(_clip.samples * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


@st.cache_resource(show_spinner=False)
def recordings() -> Recordings:
    """The users' own recordings, of all sessions."""
    return Recordings()


@st.cache_resource(show_spinner=False)
def speakers() -> Speakers:
    """Other recordings of the users' speakers, of all sessions."""
    return Speakers()


@st.cache_resource(show_spinner=False)
def embedder() -> "Embedder":
    """The analyzer's layers, for maps; it remembers its last passes."""
    from ser_core.maps.layers import Embedder

    return Embedder(analyzer())


def reference(folder: Path) -> "ReferenceSet":
    """A reference set, read again where it was made anew; raises SerError where there is none."""
    from ser_core.maps.reference import INFO

    file = folder / INFO
    return _reference(folder, file.stat().st_mtime_ns if file.exists() else 0)


@st.cache_resource(max_entries=4, show_spinner=False)
def _reference(folder: Path, written_ns: int) -> "ReferenceSet":
    from ser_core.maps.reference import load

    return load(folder)


def stage_tables(folder: Path) -> "StageTables | None":
    """What the fusion stages do over a reference set; None where that is not known."""
    from ser_core.explain.stage_tables import STAGES

    file = folder / STAGES
    return _stage_tables(folder, file.stat().st_mtime_ns) if file.exists() else None


@st.cache_resource(max_entries=4, show_spinner=False)
def _stage_tables(folder: Path, written_ns: int) -> "StageTables | None":
    from ser_core.explain.stage_tables import load

    return load(folder)


_MADE: "WeakKeyDictionary[ReferenceSet, dict[Callable[..., Any], Any]]" = WeakKeyDictionary()


def made_of(reference: "ReferenceSet", make: "Callable[[ReferenceSet], T]") -> T:
    """What a function makes of a set, made once and kept as long as the set."""
    of_this = _MADE.setdefault(reference, {})
    if make not in of_this:
        of_this[make] = make(reference)
    made: T = of_this[make]
    return made


def recognise(clip: "Clip") -> "Transcript":
    """Recognised words (cached by the analyzer), or none and the reason."""
    return analyzer().transcribe_or_none(clip)


def translate(clip: "Clip") -> "Transcript":
    """The recogniser's translation into English (cached), or no words and the reason."""
    from ser_core.inputs.transcript import Transcript

    try:
        return analyzer().translate(clip)
    except SerError as error:
        return Transcript(text="", source="none", doubt=str(error))


def has_recognised(clip: "Clip") -> bool:
    """Whether `recognise` answers at once."""
    return analyzer().has_transcribed(clip)


@st.cache_resource(show_spinner=False)
def model_notes() -> "Notes":
    """What the model grid says of each model and sign."""
    from ser_core import figures

    return figures.make_notes(analyzer().models)


def reference_file(name: str) -> Path | None:
    """A file that comes with the checkpoints, such as predictions; None where there is none."""
    from ser_core.analysis import default_checkpoints

    files = (folder / "reference" / name for folder in default_checkpoints())
    return next((file for file in files if file.is_file()), None)


def predictions(file: Path) -> "Predictions":
    """What a file of predictions holds, read again where it was made anew."""
    return _predictions(file, file.stat().st_mtime_ns)


@st.cache_resource(max_entries=4, show_spinner=False)
def _predictions(file: Path, written_ns: int) -> "Predictions":
    from ser_core.evaluation.prediction_table import read

    return read(file)


@st.cache_resource(max_entries=4, show_spinner=False)
def corpus_sound(root: str) -> dict[str, Path]:
    """Recordings of the demonstration corpora below a folder, by "corpus/id"."""
    from ser_core.corpora.demonstration import SPEECH_FOLDERS, read_speech

    found: dict[str, Path] = {}
    for name in SPEECH_FOLDERS if root else ():
        try:
            table = read_speech(Path(root), name).table
        except SerError:  # not all of them need be there
            continue
        found |= {f"{name}/{row.id}": Path(str(row.path)) for row in table.itertuples()}
    return found


def own_corpus(folder: Path, tests_only: bool = False) -> "Corpus":
    """A corpus below the data folder; read again where its folder changed, and after a while.

    Args:
        tests_only: of one with a test split that alone; of all demonstration corpora at once, too.

    Raises:
        CorpusError: see `ser_core.corpora.recognise.read`.
    """
    return _own_corpus(folder, tests_only, folder.stat().st_mtime_ns if folder.exists() else 0)


@st.cache_resource(max_entries=4, ttl=600, show_spinner=False)
def _own_corpus(folder: Path, tests_only: bool, written_ns: int) -> "Corpus":
    if tests_only:
        from ser_core.behaviour.battery.clips import test_clips

        return test_clips(folder)
    from ser_core.corpora.recognise import read

    return read(folder)


def findings(file: Path) -> "tuple[tuple[Finding, ...], dict[str, str]]":
    """Findings of a file, and the digests of the models that they are of, by name."""
    return _findings(file, file.stat().st_mtime_ns)


@st.cache_resource(max_entries=4, show_spinner=False)
def _findings(file: Path, written_ns: int) -> "tuple[tuple[Finding, ...], dict[str, str]]":
    from ser_core.behaviour.findings_file import made_by, read

    return read(file), made_by(file)
