"""Parts of the evaluation page: where models disagree, and every metric with its interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from pages import _choices as choices
from pages import _evaluation_clips as clips
from pages import _frame as frame
from pages import _jobs as jobs
from pages import _opening as opening
from pages._evaluation_question import RATERS, Question, count, has_labels, no_labels, numbers
from ser_core import figures
from ser_core.labels import DIMENSIONS
from ser_core.support.csv_safe import csv_bytes

if TYPE_CHECKING:
    from ser_core.evaluation.report import Report

MOST = 100  # clips in the table of disagreement


def disagreement(question: Question) -> None:
    """Pairs of models, and the clips on which all of them disagree most."""
    from ser_core.evaluation import disagreement as of

    part, models = question.part, question.categorical()
    if len(models) < 2:
        st.info("Only one model answers on this set: choose another set to see models disagree.")
        return
    st.subheader("Where models disagree most", anchor=False)
    bits = of.of_categories(part, models)
    first = of.most(bits, MOST)
    opening.table(
        clips.rows(
            part, first, question.titles, question.source.sound, {"Disagreement": bits[first]}
        ),
        "evaluation_disagreement",
    )
    st.caption(
        "Disagreement is the Jensen-Shannon divergence of all models' probabilities, in bits: 0 "
        f"where all say the same. The first {min(MOST, len(part))} of {count(len(part))}."
    )
    st.subheader("Which pairs decide differently", anchor=False)
    titles = [question.titles[model] for model in models]
    shares = of.differing(part, models)
    np.fill_diagonal(shares, np.nan)

    def picked(cells: list[list[int]]) -> None:
        a, b = (models[k] for k in cells[0][:2])
        rows = np.flatnonzero(part.decisions(a) != part.decisions(b))
        question.pick(rows, f"{question.titles[a]} and {question.titles[b]} decide differently")

    frame.chart(
        figures.cells(shares, titles, _short(titles)),
        "evaluation_pairs",
        _pairs_in_words(shares, titles),
        picked,
    )
    st.caption(
        "Shows how often two models decide for different categories, and not which of them is "
        "right. Click a cell for its clips."
    )


def figures_of_models(question: Question) -> None:
    """Every metric with its interval, and the paired differences."""
    from ser_core.evaluation.measured import evaluate_predictions

    if not has_labels(question, "UAR") and not any(
        has_labels(question, f"CCC {name}") for name in DIMENSIONS
    ):
        no_labels()
        return
    job = jobs.job(
        "evaluation_report",
        question.key,
        lambda report: evaluate_predictions(
            question.part, unit=question.unit, progress=report, draws=_draws(question)
        ),
        "Intervals",
    )
    jobs.show(job, lambda done: [_report(question, one) for one in done])


def _draws(question: Question) -> int:
    """As many as `ser evaluate` draws: for all models of the source, whatever the set has."""
    from ser_core.evaluation.comparison import enough_draws

    return enough_draws(sum(name != RATERS for name in question.source.predictions.scores))


def _report(question: Question, report: "Report") -> None:
    from ser_core.evaluation.measures import METRICS

    results = report.results
    metrics = [metric for metric in METRICS if metric in set(results["metric"])]
    metric = choices.choose("evaluation.metric", "Metric", metrics, str)
    rows = results[results["metric"] == metric].set_index("model")
    models = [model for model in question.titles if model in rows.index]
    series = [
        figures.Series(
            question.titles[model],
            question.styles[model],
            *(np.array([rows.loc[model, column]]) for column in ("value", "low", "high")),
        )
        for model in models
    ]
    said = "; ".join(_said(question.titles[m], rows.loc[m]) for m in models)
    frame.chart(figures.intervals([metric], series, METRICS[metric]), "evaluation_intervals", said)
    st.caption(
        f"Shows {METRICS[metric]} of {rows['n'].iloc[0]:,} labelled rows{_doubt(question)} Few "
        "speakers were tested: other voices may do otherwise."
    )
    table = rows.loc[models, ["value", "low", "high", "n"]].reset_index()
    table["model"] = table["model"].map(question.titles)
    numbers(table, "evaluation_values")
    compared = report.comparisons
    if len(compared) and (compared["metric"] == metric).any():
        st.markdown("**Paired differences** on the same resamples, p corrected by Holm")
        pairs = compared[compared["metric"] == metric].drop(columns=["set", "metric"])
        pairs = pairs.assign(**{c: pairs[c].map(question.titles) for c in ("a", "b")})
        numbers(pairs.rename(columns={"difference": "a - b", "p_holm": "p (Holm)"}), "pairs")
    st.download_button(
        "All metrics as CSV",
        lambda: csv_bytes(results),
        file_name="evaluation.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="download_evaluation",
    )


def _doubt(question: Question) -> str:
    """What the intervals are over, as the end of a sentence; why there are none, where so."""
    from ser_core.evaluation.measured import drawn_unit, groups

    unit = drawn_unit(question.part, question.unit)
    if len(np.unique(groups(question.part, unit))) < 2:
        return (
            f". There are no intervals, because all rows are of one {unit.rstrip('s')}: of how "
            "others would do, nothing is known."
        )
    instead = "" if unit == question.unit else " (not all rows name their speaker)"
    return f" with 95 % bootstrap intervals over {unit}{instead}."


def _said(title: str, row: "pd.Series") -> str:
    return f"{title} {row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"


def _short(titles: Sequence[str]) -> list[str]:
    """Titles without what all fusions share, for narrow columns."""
    return [title.replace(" fusion", "").replace("-", "-<br>") for title in titles]


def _pairs_in_words(shares: np.ndarray, titles: Sequence[str]) -> str:
    return "; ".join(
        f"{titles[a]} and {titles[b]}: {100 * shares[a, b]:.0f} %"
        for a in range(len(titles))
        for b in range(a)
    )


HOW_TO_READ = """
- **UAR** is the mean of the four recalls, so that frequent categories do not count more. **CCC**
  is 1 where predictions equal the labels, and 0 where they have nothing to do with them.
- **Intervals** hold 95 % of 10,000 resamples of clips (or of whole speakers, which is more honest
  where few speak). Differences are paired; Holm's correction allows for all pairs of a metric.
- **The random model** makes the same decisions as often, but of other clips: small groups differ
  by chance, and a gap that it reaches means nothing.
- **Constructed pairs** join a clip and another person's text; their labels follow a rule.
- **Labels** of acted speech are what the actor meant, and not what was felt.
"""
