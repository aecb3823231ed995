"""Other words, words against voices, and a voice to order."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from pages import _choices as choices
from pages import _export as export
from pages import _jobs as jobs
from pages import _resources as resources
from pages import _state as state
from pages import _variants as variants
from pages import _words as words
from pages.components.markup import markup
from ser_core import figures
from ser_core.errors import SerError
from ser_core.support.csv_safe import csv_bytes

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer

SENTENCES = (
    "The report is in the folder on your desk.\n"
    "I got the job! I am so happy, I can't stop smiling.\n"
    "I have been crying all day. I miss her so much.\n"
    "I am sick of your lies! Get out of my house, right now!"
)


def edits(variant: state.Variant, analyzer: "Analyzer") -> None:
    """Negated, made stronger or weaker, a word replaced: each is kept as a row with differences."""
    from ser_core.perturb.words import TEXT_EDITS, list_words, replace_word

    words.editor(variant)
    said = words.as_they_stand(variant)
    if not said.has_text:
        st.info("There are no words to change: type some.", icon=":material/edit:")
        return

    def keep(text: str) -> None:
        state.keep()
        changed = replace(variant, text=text, use_words=True)
        state.change(current=changed)
        state.keep()

    def apply(name: str) -> None:
        try:
            keep(TEXT_EDITS[name].apply(said.text, None))
        except SerError as error:
            state.tell(str(error))

    def swap() -> None:
        place = st.session_state.swap_place
        keep(replace_word(said.text, place, st.session_state.swap_word or ""))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name, edit in TEXT_EDITS.items():
            st.button(edit.title, key=f"edit_{name}", on_click=apply, args=(name,))
        found = list_words(said.text)
        st.selectbox(
            "Word",
            range(len(found)),
            format_func=lambda place: found[place] if place < len(found) else "",
            key="swap_place",
            width=160,
        )
        st.text_input("becomes", key="swap_word", width=160)
        st.button("Replace", key="swap", on_click=swap)
    kept = variants.analyses(analyzer)
    if kept:
        now = words.analyse(variant, analyzer)
        variants.show(now, kept, analyzer)
        analyses = [now, *kept.values()]
        export.menu(
            variant.clip.title,
            [
                export.Download(
                    "Variants, CSV", "variants", "csv", lambda: export.to_csv(analyses)
                ),
                export.Download(
                    "Variants, JSON", "variants", "json", lambda: export.to_json(analyses)
                ),
            ],
            axis=False,
        )
    else:
        st.caption("Each change is kept as a row, with its differences to the current words.")


def conflict(variant: state.Variant, analyzer: "Analyzer") -> None:
    """Up to six sentences by six voices, each cell every model's decision."""
    from ser_core.perturb import conflict as grids
    from ser_core.synthesis.voicing import VOICINGS

    left, right = st.columns(2, gap="medium")
    with left:
        text = st.text_area(
            "Sentences, one a line, up to six",
            SENTENCES,
            key="conflict_sentences",
            height=140,
            persist_state="session",
        )
    sentences = [line.strip() for line in text.splitlines() if line.strip()][: grids.MAX_SIDE]
    with right:
        spoken = st.toggle(
            "Let the synthetic voice say each sentence in each voicing",
            key="conflict_spoken",
            persist_state="session",
            help="Else the models read a sentence and hear a clip in which something else is said.",
        )
        known = resources.examples()
        chosen = st.multiselect(
            "Voices",
            list(known),
            [f"package-{mood}" for mood in VOICINGS if f"package-{mood}" in known],
            format_func=lambda key: known[key].title,
            max_selections=grids.MAX_SIDE,
            key="conflict_clips",
            disabled=spoken,
            persist_state="session",
        )
    if not sentences or not (chosen or spoken):
        st.info("Give at least one sentence and one voice.")
        return
    models = words.chosen_models(analyzer)
    late = variant.late_weight
    voices = list(VOICINGS) if spoken else [known[key].title for key in chosen]

    def work(report: "jobs.Report") -> object:
        def told(done: int, of: int) -> None:
            report(done / of)

        if spoken:
            return grids.spoken_grid(
                analyzer, sentences, models=models, progress=told, late_weight=late
            )
        clips = [resources.example_clip(key) for key in chosen]
        return grids.conflict_grid(
            analyzer, sentences, clips, models, progress=told, late_weight=late
        )

    job = jobs.job(
        "conflict",
        (tuple(sentences), tuple(chosen), spoken, late, tuple(models or ())),
        work,
        "Words against voices",
    )
    titles = {name: checkpoint.title for name, checkpoint in analyzer.models.items()}

    def drawn(cells: list[Any]) -> str:
        return figures.conflict_table(cells, sentences, voices, titles)

    def table() -> pd.DataFrame:
        return grids.to_frame(job.results)

    def page() -> str:
        said = "Each cell: the decisions of the models for a sentence and a voice."
        return export.figures_html("Words against voices", [(said, drawn(job.results))])

    jobs.show(job, lambda cells: markup(drawn(cells), "conflict_table"))
    export.menu(
        "words against voices",
        [
            export.Download("Grid, HTML", "grid", "html", page),
            export.Download("Grid, CSV", "grid", "csv", lambda: csv_bytes(table())),
            export.Download(
                "Grid, Parquet", "grid", "parquet", lambda: export.parquet_bytes(table())
            ),
        ],
        axis=False,
    )


def voice() -> None:
    """A sentence of one's own in a voice to order; it becomes the current clip everywhere."""
    from ser_core.synthesis.speech import CONTROLS, MAX_CHARACTERS
    from ser_core.synthesis.voicing import VOICINGS

    st.text_area(
        "Your sentence",
        "You are late again.",
        key="lab_text",
        max_chars=MAX_CHARACTERS,
        height=68,
        persist_state="session",
    )
    name = choices.choose("lab.voicing", "Begin with", list(VOICINGS), str)
    start = VOICINGS[name]
    with st.grid(3):
        for control in CONTROLS:
            st.slider(
                f"{control.title} ({control.unit})",
                control.low,
                control.high,
                float(getattr(start, control.field)),
                key=f"lab_{name}_{control.field}",
                persist_state="session",
            )
    st.button("Say it", icon=":material/play_arrow:", type="primary", key="say", on_click=_say)
    st.caption(
        "A synthetic voice. What it says becomes the current clip, with these very words, on every "
        "page."
    )


def _say() -> None:
    from ser_core.synthesis.speech import CONTROLS, say
    from ser_core.synthesis.voicing import VOICINGS

    name = state.option("lab.voicing", list(VOICINGS))
    moved = {c.field: st.session_state[f"lab_{name}_{c.field}"] for c in CONTROLS}
    text = " ".join((st.session_state.lab_text or "").split())
    try:
        clip = say(text, replace(VOICINGS[name], **moved))
    except SerError as error:
        state.tell(str(error))
        return
    title = f"Own sentence, {name} voice"
    state.open_made(clip, title, script=text, synthetic=True)
    st.session_state.play_now = clip.digest
