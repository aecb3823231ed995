"""The parts of the attribution page: what is asked, the axes, shares, and the way out."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages import _choices as choices
from pages import _explaining as explaining
from pages import _export as export
from pages import _resources as resources
from pages import _state as state
from pages import _words as words
from pages._markdown import escape
from pages.components.time_axis import Overlay, TimedWord, time_axis
from ser_core import figures
from ser_core.support.csv_safe import csv_bytes

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.explain.case import Case
    from ser_core.explain.results import Explanation
    from ser_core.explain.shares import Shares
    from ser_core.support.jobs import Report

METHODS = {
    "input-x-gradient": "Input × gradient: at once, rough",
    "integrated-gradients": "Integrated gradients: seconds, adds up",
    "occlusion": "Occlusion: cover a part, ask again",
}
NOTHING = "nothing"


def ask(variant: state.Variant, analyzer: "Analyzer") -> tuple[list[explaining.Asked], str]:
    """Which model, output and method, and what stands beside it: one or two questions."""
    from ser_core.explain.attribution import methods

    columns = _row(4)
    models = explaining.models_for(analyzer, variant)
    with columns[0]:
        model = choices.choose(
            "explain.model", "Model", models, lambda name: analyzer.models[name].title
        )
    outputs = explaining.outputs_of(analyzer, model)
    with columns[1]:
        output = explaining.choose_output(outputs)
    with columns[2]:
        method = choices.choose(
            "attribution.method",
            "Method",
            methods(analyzer.models, analyzer.models[model]),
            METHODS.__getitem__,
        )
    first = explaining.Asked(model, output, variant)
    others = _others(first, models, outputs, analyzer)
    with columns[3]:
        beside = choices.choose(
            "attribution.beside", "Beside it", list(others), lambda key: others[key][0]
        )
    second = others[beside][1]
    return [first, second] if second else [first], method


def _row(cells: int) -> list[Any]:
    """Cells of equal width in one row, in two on a phone."""
    grid = st.grid("auto", min_column_width=150)
    return [grid.cell() for _ in range(cells)]


def _others(
    first: explaining.Asked,
    models: Sequence[str],
    outputs: Sequence[str],
    analyzer: "Analyzer",
) -> dict[str, tuple[str, explaining.Asked | None]]:
    """What may stand beside the first question: titles and questions by key."""
    found: dict[str, tuple[str, explaining.Asked | None]] = {NOTHING: ("nothing", None)}
    if first.variant.text is not None:
        found["unedited"] = (
            "the words before the edit",
            replace(first, variant=replace(first.variant, text=None)),
        )
    for name in models:
        if name != first.model:
            found[f"model:{name}"] = (analyzer.models[name].title, replace(first, model=name))
    for name in outputs:
        if name != first.output:
            title = explaining.output_title(name)
            found[f"output:{name}"] = (title, replace(first, output=name))
    return found


def explain(cases: "Sequence[Case]", method: str, report: "Report") -> "Iterator[Explanation]":
    """An explanation of each case; a model that lacks the method takes its own."""
    from ser_core.explain.attribution import attribute, methods

    for number, case in enumerate(cases):
        offered = methods(case.analyzer.models, case.checkpoint)
        share = explaining.part(report, number, len(cases))
        yield attribute(case, method if method in offered else None, progress=share)


def axes(cases: "Sequence[Case]", found: "Sequence[Explanation]", variant: state.Variant) -> None:
    """Each explanation on the time axis, all on one scale."""
    from ser_core.explain.summary import in_a_sentence

    maps = [e.map for e in found if e.map is not None]
    scale = figures.common_scale(maps) if maps else None
    word_scale = max((abs(w.value) for e in found for w in e.words), default=0.0) or 1.0
    columns = st.columns(len(cases), gap="medium")
    for number, (column, case, explanation) in enumerate(zip(columns, cases, found, strict=False)):
        with column:
            title = explaining.title(case)
            st.markdown(f"**{escape(title)}**: {explanation.value:.3f} {explanation.unit}")
            st.markdown(escape(in_a_sentence(explanation)))
            chosen = time_axis(
                variant.clip.clip,
                key=f"attribution_axis_{number}",
                selected=state.view().span,
                title=title,
                words=[_word(word, word_scale) for word in explanation.words],
                height="full",
                log_mel=resources.analyzer().log_mel(variant.clip.clip).numpy(),
                overlay=None
                if explanation.map is None
                else Overlay(explanation.map, case.choice.name, explanation.unit, scale),
            )
            if chosen.range != state.view().span:  # the axes show one range
                state.change(span=chosen.range)
                st.rerun()
            st.caption(explanation.gap_in_words)
            for note in explanation.notes:
                st.caption(note)


def _word(word: Any, scale: float) -> TimedWord:
    return TimedWord(
        word.text, word.start, word.end, value=word.value / scale, label=f"{word.value:+.3f}"
    )


HOW_TO_READ = """
- **Colours**: vermillion raised the output, blue lowered it, grey is the sound itself. Attribution
  says what this network used for this answer; it does not say what causes emotion, and it is no
  proof that the answer is right.
- **Input × gradient** is a first-order guess, noisy where the network saturates: on the shipped
  models its order is hardly better than chance, and worse for the text model (see "Can you trust
  it?"): a first look.
  **Integrated gradients** walks from silence without words to the clip; its parts add up to the
  output but for the gap that is printed. **Occlusion** covers a part and asks again; its parts
  need not add up.
- **Baselines matter**: silence is no voice that a network ever heard. So the shares below compare
  with other voices and other sentences, and show how much that choice matters (the thin lines: one
  standard deviation).
- **Both together** is what neither voice nor words do alone. Late fusion has none where it adds up
  what its two models say: in its logits and dimensions; its probabilities bring some in.
- **Words** are summed from word pieces. Their colours are relative to the strongest word shown.
"""


def exports(
    cases: "Sequence[Case]",
    explanations: "Sequence[Explanation]",
    found: "Sequence[Shares]",
    variant: state.Variant,
) -> None:
    """Values with the settings that reproduce them."""
    if len(explanations) < len(cases):
        return
    from ser_core.clip_report import make_report
    from ser_core.explain.results import to_dict
    from ser_core.explain.tables import map_table, parts_table

    title = variant.clip.title

    def as_json() -> str:
        shares = found if len(found) == len(cases) else [None] * len(cases)
        documents = [
            to_dict(case.clip, case.transcript, explanation, one)
            for case, explanation, one in zip(cases, explanations, shares, strict=True)
        ]
        return json.dumps(documents, indent=2, ensure_ascii=False)

    def as_report() -> str:
        analysis = words.analyse(variant, cases[0].analyzer)
        return make_report(title, analysis, cases[0], explanations[0], found[0])

    report = export.Download("Report of this clip, HTML", "report", "html", as_report)
    export.menu(
        title,
        [
            *([report] if found else []),
            export.Download(
                "Parts, CSV", "attribution", "csv", lambda: csv_bytes(parts_table(explanations))
            ),
            export.Download(
                "Map, Parquet",
                "attribution-map",
                "parquet",
                lambda: export.parquet_bytes(map_table(explanations)),
            ),
            export.Download("All values, JSON", "attribution", "json", as_json),
        ],
    )
