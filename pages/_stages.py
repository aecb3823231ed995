"""The parts of the page on fusion stages: diagram, measures, sliders, channels."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages import _choices as choices
from pages import _explaining as explaining
from pages import _export as export
from pages import _frame as frame
from pages import _resources as resources
from pages import _stage_clips as clips
from pages import _state as state
from pages import _words as words
from pages.components.markup import markup
from pages.components.time_axis import Overlay, time_axis
from ser_core import figures
from ser_core.support.csv_safe import csv_bytes

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.explain.case import Case
    from ser_core.explain.stage_report import StageReport
    from ser_core.support.jobs import Report

NOTHING = "nothing"
HOW_TO_READ = """
- **Size** (the width of an arrow) is how large the shift is beside the activation that it meets. A
  large shift need not matter, a small one may.
- **Share** spreads the whole effect of the words over the stages by integrated gradients, from no
  conditioning to the words', with the voice kept; the shares add up to it.
- **Left out** is what the output loses without this stage alone; **alone** what this stage adds
  where all others are off. Where the three disagree, the stages do not act independently: no single
  number is the truth.
- **Up to here** is the output with the stages so far, and no later ones.
- A sentence without words is not shown here: no stage is conditioned then. And these are
  statements about this network and this clip, not about how people understand speech.
"""


def ask(variant: state.Variant, analyzer: "Analyzer") -> list[explaining.Asked]:
    """Which fusion model and output, and what stands beside it."""
    able = explaining.models_for(analyzer, variant)
    models = [name for name in able if analyzer.models[name].model.stages]
    if not models:
        st.info("None of the chosen models has fusion stages.", icon=":material/hub:")
        st.stop()
    with st.container(key="ask"):
        columns = st.columns(3, vertical_alignment="bottom")
    with columns[0]:
        model = choices.choose(
            "stages.model", "Model", models, lambda name: analyzer.models[name].title
        )
    with columns[1]:
        outputs = explaining.outputs_of(analyzer, model)
        output = explaining.choose_output(outputs)
    others = [*(name for name in models if name != model), NOTHING]
    with columns[2]:
        beside = choices.choose(
            "stages.beside",
            "Beside it",
            others,
            lambda name: "nothing" if name == NOTHING else analyzer.models[name].title,
        )
    first = explaining.Asked(model, output, variant)
    if beside == NOTHING:
        return [first]
    decided = output or first.case(analyzer).choice.name  # both about the same output
    return [first, replace(first, model=beside, output=decided)]


def reports(cases: "Sequence[Case]", report: "Report") -> "Iterator[StageReport]":
    """A report of each case."""
    from ser_core.explain.stage_report import stage_report

    for number, case in enumerate(cases):
        yield stage_report(case, progress=explaining.part(report, number, len(cases)))


def show(cases: "Sequence[Case]", found: "Sequence[StageReport]") -> None:
    """A diagram and the measures of each network, on one scale."""
    span = figures.measures_span([_measures(report) for report in found])
    for number, (case, report) in enumerate(zip(cases, found, strict=False)):
        st.markdown(
            f"**{explaining.title(case)}**: {report.without:.3f} without the words at any stage, "
            f"{report.value:.3f} with them"
        )
        with st.container(key=f"diagram_{number}"):
            markup(
                _diagram(case, report),
                f"network_{number}",
            )
        table = report.to_frame()
        said = "; ".join(
            f"{row['stage']}: share {row['share']:+.3f}, left out {row['left_out']:+.3f}, "
            f"alone {row['alone']:+.3f}, up to here {row['up_to']:.3f}"
            for row in table.to_dict("records")
        )
        frame.chart(
            _panels(report, span),
            f"stage_panels_{number}",
            said,
        )
        st.caption(
            f"The shares add up to the effect of the words but for {abs(report.gap):.2g} "
            f"{report.unit} ({report.steps} steps)."
        )


def _diagram(case: "Case", report: "StageReport") -> str:
    return figures.network_diagram(
        case.checkpoint.model.stages,
        case.checkpoint.model.operator,
        {stage.name: stage.size for stage in report.stages},
        {stage.name: stage.share for stage in report.stages},
        report.unit,
    )


def _panels(report: "StageReport", span: tuple[float, float]) -> go.Figure:
    return figures.stage_panels(
        [stage.name for stage in report.stages],
        _measures(report),
        {"up to here": [stage.up_to for stage in report.stages]},
        report.unit,
        span,
    )


def _measures(report: "StageReport") -> dict[str, list[float]]:
    return {
        "share": [stage.share for stage in report.stages],
        "left out": [stage.left_out for stage in report.stages],
        "alone": [stage.alone for stage in report.stages],
    }


@st.fragment
def sliders(case: "Case") -> None:
    """The words' influence at each stage, from 0 to 2; the prediction follows at once."""
    from ser_core.explain.stages import StageFunction

    function = StageFunction(case)
    factors = {}
    with st.container(key="stage_sliders"):
        columns = st.columns(len(function.names))
        for column, name in zip(columns, function.names, strict=True):
            with column:
                factors[name] = st.slider(
                    name, 0.0, 2.0, 1.0, 0.1, key=f"factor_{case.checkpoint.name}_{name}"
                )
    now, scaled = function.predict({}), function.predict(factors)
    values = now.probabilities | now.dimensions
    changed = scaled.probabilities | scaled.dimensions
    table = pd.DataFrame(
        {
            "as it is": values,
            "with these influences": changed,
            "difference": {name: changed[name] - values[name] for name in values},
        }
    )
    st.dataframe(
        table.T,
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in values},
        alt="Predictions as they are, and with the chosen influences",
        key="scaled_predictions",
    )
    before, after = now.decision, scaled.decision
    if before and after:
        st.markdown(
            f"It still says **{after}**."
            if before == after
            else f"**{before}** becomes **{after}**."
        )


def channels(case: "Case", report: "StageReport", variant: state.Variant) -> None:
    """The three channels of a stage that the words move most, over time; where they are loudest."""
    strongest = sorted(report.stages, key=lambda stage: -abs(stage.share))
    names = [stage.name for stage in strongest]
    name = choices.choose("stages.stage", "Stage", names, lambda stage: stage)
    (stage,) = [stage for stage in report.stages if stage.name == name]
    log_mel = resources.analyzer().log_mel(variant.clip.clip).numpy()
    for channel in stage.channels:
        title = f"{name}, channel {channel.number}"
        if channel.frame_rate:
            time_axis(
                variant.clip.clip,
                key=f"channel_{channel.number}",
                title=f"{title}: mean activation over time, moved by {channel.change:.3f}",
                words=words.timed(variant),
                height="full",
                log_mel=log_mel,
                overlay=Overlay(
                    figures.spread_over_frames(
                        channel.over_time, channel.frame_rate, log_mel.shape
                    ),
                    title,
                    "activation",
                    ends=("below 0", "above 0"),
                ),
            )
        else:
            st.markdown(f"**{title}**: {channel.over_time[0]:.3f}, moved by {channel.change:.3f}")

    clips.loudest(case, stage)


def exports(
    cases: "Sequence[Case]", found: "Sequence[StageReport]", variant: state.Variant
) -> None:
    """The measures as a table, and their figures."""

    def table() -> pd.DataFrame:
        tables = []
        for report in found:
            one = report.to_frame()
            for place, name in enumerate(("model", "output", "unit")):
                one.insert(place, name, getattr(report, name))
            tables.append(
                one.assign(
                    without=report.without,
                    value=report.value,
                    gap=report.gap,
                    transcript=words.as_they_stand(variant).text,
                    clip_sha256=variant.clip.clip.digest,
                    steps=report.steps,
                )
            )
        return pd.concat(tables, ignore_index=True)

    def page() -> str:
        span = figures.measures_span([_measures(report) for report in found])
        parts: list[tuple[str, go.Figure | str]] = []
        for case, report in zip(cases, found, strict=True):
            said = f"{report.without:.3f} without the words at any stage, {report.value:.3f} with"
            parts.append((f"{explaining.title(case)}: {said} them.", _diagram(case, report)))
            parts.append((f"Measures in {report.unit}.", _panels(report, span)))
        return export.figures_html(f"Fusion stages: {variant.clip.title}", parts)

    export.menu(
        variant.clip.title,
        [
            export.Download("Figures, HTML", "stages", "html", page),
            export.Download("Measures, CSV", "stages", "csv", lambda: csv_bytes(table())),
            export.Download(
                "Measures, Parquet", "stages", "parquet", lambda: export.parquet_bytes(table())
            ),
        ],
    )
