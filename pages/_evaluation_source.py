"""Which predictions the page looks into: shipped ones, a table of the user's, or their clips."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages import _explaining as explaining
from pages import _jobs as jobs
from pages import _resources as resources
from ser_core.errors import SerError

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from ser_core.analysis import Analyzer
    from ser_core.evaluation.predictions import Predictions

SHIPPED, TABLE, FOLDER = "shipped", "table", "folder"
TITLES = {
    SHIPPED: "shipped test sets",
    TABLE: "a table of my own",
    FOLDER: "labelled clips of my own",
}
WORDS = {
    "own": "the corpus' transcripts",
    "none": "no text",
    "recognised": "recognised words",
}
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


def data_folder() -> Path | None:
    """The folder of corpora that `ser app --data` names."""
    named = os.environ.get("SER_DATA", "")
    return Path(named) if named else None


def choose(analyzer: "Analyzer", place: "DeltaGenerator") -> Source:
    """Ask for a source in a place of the page, which ends here while there is none."""
    file = resources.predictions_file()
    offered = [SHIPPED] if file else []
    offered += [TABLE, *([FOLDER] if data_folder() else [])]
    with place:
        chosen = explaining.choose("evaluation.source", "Look at", offered, TITLES.__getitem__)
    try:
        if chosen == TABLE:
            return _table()
        if chosen == FOLDER:
            return _folder(analyzer)
        assert file is not None
        sound = resources.corpus_sound(str(data_folder() or ""))
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
    sound = _inside(found) if data_folder() else {}
    st.session_state.evaluation_table = Source(hashlib.sha256(data).hexdigest(), found, sound)


def _inside(found: "Predictions") -> dict[str, Path]:
    """Recordings of the table that lie in the data folder, and nowhere else."""
    root = data_folder()
    assert root is not None
    sound = {}
    for clip in found.rows["clip"].unique():
        path = (root / clip).resolve()
        if path.is_relative_to(root.resolve()) and path.is_file():
            sound[clip] = path
    return sound


def _folder(analyzer: "Analyzer") -> Source:
    """A corpus below the data folder, predicted as a job."""
    root = data_folder()
    assert root is not None
    folders = [".", *sorted(f.name for f in root.iterdir() if f.is_dir() and f.name[0] != ".")]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = explaining.choose(
            "evaluation.folder", "Corpus", folders, lambda f: root.name if f == "." else f
        )
        words = explaining.choose("evaluation.words", "Words", list(WORDS), WORDS.__getitem__)
        most = explaining.choose(
            "evaluation.most",
            "Clips",
            [str(MANY), "all"],
            lambda n: "all" if n == "all" else f"{n}, drawn at random",
        )
    settings = (str(root / name), words, most, tuple(analyzer.models))
    if st.session_state.get("evaluation_asked") != settings:
        st.button(
            "Predict them",
            icon=":material/play_arrow:",
            key="evaluation_predict",
            on_click=lambda: st.session_state.update(evaluation_asked=settings),
        )
        st.stop()
    job = jobs.job(
        "evaluation_predict",
        settings,
        lambda report: _predict(analyzer, root / name, words, most, report),
        "Predictions",
    )
    jobs.show(job)
    if not job.results:
        st.stop()
    found: Predictions = job.results[0]
    sound = {row.clip: Path(row.path) for row in found.rows.itertuples()}
    return Source(str(settings), found, sound)


def _predict(
    analyzer: "Analyzer", folder: Path, words: str, most: str, report: "jobs.Report"
) -> "Predictions":
    from dataclasses import replace

    from ser_core.corpora.recognise import read
    from ser_core.evaluation.labelled import predict_corpus

    corpus = read(folder)
    table = corpus.table[corpus.table["path"] != ""]
    if most != "all" and len(table) > int(most):
        table = table.sample(int(most), random_state=0).sort_index()
    return predict_corpus(analyzer, replace(corpus, table=table), words, progress=report)
