"""Which predictions the page looks into: shipped ones, a table of the user's, or their clips."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages import _choices as choices
from pages import _jobs as jobs
from pages import _own_sets as own_sets
from pages import _resources as resources
from ser_core.errors import SerError

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from ser_core.analysis import Analyzer
    from ser_core.corpora.table import Corpus
    from ser_core.evaluation.predictions import Predictions

SHIPPED, TABLE, OWN = "shipped", "table", "own"
TITLES = {
    SHIPPED: "shipped test sets",
    TABLE: "a table of my own",
    OWN: "labelled clips of my own",
}
WORDS = {
    "own": "the corpus' transcripts",
    "none": "no text",
    "recognised": "recognised words",
}
SPEAKERS = {"off": "off", "others": "relative to the speaker's other clips"}
_SPEAKERS_HELP = (
    "On adds a test set whose name ends in “reference”: the models that know speakers hear each "
    "clip relative to ten other clips of its speaker, whatever their labels. Clips of a speaker "
    "with fewer others are not in it."
)
MANY = 200  # clips that are predicted at first
_HELP = (
    "One row an example: `id`, `category` or `arousal`, `valence`, `dominance` (labels), whatever "
    "else is known (`speaker`, `sex`, …), and a model's outputs as `NAME.neutral`, `NAME.happy`, "
    "`NAME.sad`, `NAME.angry` (probabilities) and `NAME.arousal` … in [0, 1]."
)


@dataclass(frozen=True)
class Source:
    """Predictions, and where the sound of their clips is.

    Attributes:
        key: of what computations of them depend on.
        predictions: of one or more sets.
        sound: path by clip; a clip that is not there has no sound.
    """

    key: str
    predictions: "Predictions"
    sound: Mapping[str, Path] = field(default_factory=dict)


def choose(analyzer: "Analyzer", place: "DeltaGenerator") -> Source:
    """Ask for a source in a place of the page, which ends here while there is none."""
    file = resources.reference_file("predictions.parquet")
    offered = [SHIPPED] if file else []
    offered += [TABLE, OWN]
    with place:
        chosen = choices.choose("evaluation.source", "Look at", offered, TITLES.__getitem__)
    try:
        if chosen == TABLE:
            return _table()
        if chosen == OWN:
            return _own(analyzer)
        assert file is not None
        sound = resources.corpus_sound(str(own_sets.data_folder() or ""))
        return Source(f"{file}:{file.stat().st_mtime_ns}", resources.predictions(file), sound)
    except SerError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def _table() -> Source:
    """A table that is uploaded now, or was in this session."""
    st.file_uploader(
        "Predictions with labels",
        ["csv", "tsv", "parquet"],
        key="evaluation_upload",
        on_change=_take_upload,
        help=_HELP,
    )
    if said := st.session_state.get("evaluation_problem"):
        st.error(said, icon=":material/error:")
    kept: Source | None = st.session_state.get("evaluation_table")
    if kept is None:
        st.info(_HELP, icon=":material/table:")
        st.stop()
    return kept


def _take_upload() -> None:
    from ser_core.evaluation.prediction_table import read

    file = st.session_state.evaluation_upload
    st.session_state.evaluation_problem = ""
    if file is None:
        return
    try:
        data = file.getvalue()
        found = read(data, file.name)
    except SerError as error:
        st.session_state.evaluation_problem = str(error)
        return
    sound = _inside(found) if own_sets.data_folder() else {}
    st.session_state.evaluation_table = Source(hashlib.sha256(data).hexdigest(), found, sound)


def _inside(found: "Predictions") -> dict[str, Path]:
    """Recordings of the table that lie in the data folder, and nowhere else."""
    root = own_sets.data_folder()
    assert root is not None
    sound = {}
    for clip in found.rows["clip"].unique():
        path = (root / clip).resolve()
        if path.is_relative_to(root.resolve()) and path.is_file():
            sound[clip] = path
    return sound


def _own(analyzer: "Analyzer") -> Source:
    """A set of the user's own, predicted as a job."""
    from ser_core.evaluation.labelled import predict_corpus

    settings_row = st.container(horizontal=True, vertical_alignment="bottom")
    with settings_row:
        name = own_sets.choose("Which")
        words = choices.choose("evaluation.words", "Words", list(WORDS), WORDS.__getitem__)
        most = choices.choose(
            "evaluation.most",
            "Clips",
            [str(MANY), "all"],
            lambda n: "all" if n == "all" else f"{n}, drawn at random",
        )
    if name == own_sets.UPLOAD:
        own_sets.ask_upload()
    corpus, load = own_sets.corpus_of(name)
    with settings_row:
        relative = _ask_relative(analyzer, corpus)
    settings = (own_sets.key_of(name), words, most, relative, tuple(analyzer.models))
    if not own_sets.begun("evaluation_predict", settings, "Predict them"):
        st.stop()
    job = jobs.job(
        "evaluation_predict",
        settings,
        lambda report: predict_corpus(
            analyzer,
            corpus,
            words,
            progress=report,
            load=load,
            most=None if most == "all" else int(most),
            relative=relative,
        ),
        "Predictions",
    )
    jobs.show(job)
    if not job.results:
        st.stop()
    found: Predictions = job.results[0]
    known = name != own_sets.UPLOAD
    sound = {row.clip: Path(row.path) for row in found.rows.itertuples()} if known else {}
    return Source(str(settings), found, sound)


def _ask_relative(analyzer: "Analyzer", corpus: "Corpus") -> bool:
    """Whether clips are heard relative to their speakers too; asked where that can be."""
    from ser_core.models.registry import knowing_speakers

    models = analyzer.models
    if not (corpus.table["speaker"] != "").any() or not knowing_speakers(models, list(models)):
        return False
    chosen = choices.choose(
        "evaluation.speakers",
        "Speaker's reference",
        list(SPEAKERS),
        SPEAKERS.__getitem__,
        _SPEAKERS_HELP,
    )
    return chosen == "others"
