"""What pages of explanations share: which model, which output, and the case that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from pages import _state as state
from pages import _words as words
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.explain.case import Case
    from ser_core.support.jobs import Report

DECISION = "decision"  # of the model: the output that it gives most to


@dataclass(frozen=True)
class Asked:
    """What is to be explained, as a user puts it.

    Attributes:
        model: name of the checkpoint.
        output: as `explain.outputs.parse` reads it; "" for the model's decision.
        variant: clip and words.
    """

    model: str
    output: str
    variant: state.Variant

    def case(self, analyzer: "Analyzer") -> "Case":
        """Raises SerError where this model cannot be asked that."""
        from ser_core.explain.case import make_case

        heard = words.as_they_stand(self.variant)
        return make_case(
            analyzer,
            self.variant.clip.clip,
            heard,
            self.model,
            self.output or None,
            late_weight=self.variant.late_weight,
            use_doubted_words=self.variant.accepted,
            times=words.times(self.variant, heard),
        )

    @property
    def settings(self) -> tuple[object, ...]:
        """All that an explanation depends on, hashable."""
        v = self.variant
        said = words.as_they_stand(v)
        return (v.clip.clip.digest, said.text, said.usable(v.accepted), v.late_weight, self.model)


def choose_output(known: Sequence[str]) -> str:
    """The output that pages are about, of those that there are here; the first if it is none."""
    asked = state.view().output
    chosen = asked if asked in known else known[0]
    if st.session_state.get("focus_output") != chosen:
        st.session_state.focus_output = chosen
    st.selectbox(
        "Output",
        known,
        key="focus_output",
        format_func=output_title,
        on_change=lambda: state.change(output=st.session_state.focus_output),
    )
    return chosen


def models_for(analyzer: "Analyzer", variant: state.Variant) -> list[str]:
    """Models that have an answer for this clip, fusion first: that is what is to be explained."""
    chosen = words.chosen_models(analyzer) or list(analyzer.models)
    has_words = words.as_they_stand(variant).usable(variant.accepted)
    able = [n for n in chosen if has_words or not analyzer.models[n].needs_text]
    return sorted(able, key=lambda name: -len(analyzer.models[name].model.stages))


def outputs_of(analyzer: "Analyzer", model: str) -> list[str]:
    """Names of a model's outputs, its decision first."""
    from ser_core.explain.outputs import choices

    return ["", *(c.name for c in choices(analyzer.models, analyzer.models[model]))]


def output_title(name: str) -> str:
    """An output's name for people."""
    if not name:
        return "what it decides for"
    if name.startswith("logit:"):
        first, _, other = name.removeprefix("logit:").partition("-")
        return f"{first} rather than {other} (logits)" if other else f"{first} (logit)"
    from ser_core.labels import DIMENSIONS

    return name if name in DIMENSIONS else f"probability of {name}"


def title(case: "Case") -> str:
    """Such as "Multistage fusion, probability of angry"."""
    return f"{case.checkpoint.title}, {output_title(case.choice.name)}"


def part(report: "Report", number: int, parts: int) -> "Report":
    """A part's progress as the whole's."""
    return lambda done: report((number + done) / parts)


def case_or_stop(asked: Asked, analyzer: "Analyzer") -> "Case":
    """The case; where there is none, one sentence and the end of the page."""
    try:
        return asked.case(analyzer)
    except SerError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()
