"""Explanations as self-contained HTML: a page, and the sections of one explanation."""

from html import escape

import plotly.graph_objects as go

from ser_core.explain.case import Case
from ser_core.explain.faithfulness import Faithfulness
from ser_core.explain.results import Explanation
from ser_core.explain.shares import Shares
from ser_core.figures.attribution import (
    LOWERED,
    RAISED,
    attribution_map,
    deletion_curve,
    signed_bars,
)
from ser_core.figures.style import CONFIG
from ser_core.inputs.features import mel_frequencies

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
.words span { padding: .15em .2em; border-radius: .2em; margin-right: .2em; display: inline-block; }
.note { color: #555; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
.dataframe { border-collapse: collapse; font-size: .9rem; }
.dataframe :is(td, th) { padding: .2em .8em .2em 0; border-bottom: 1px solid #ddd; }
"""


def document(title: str, content: str, css: str = "") -> str:
    """A self-contained page with plotly in it.

    Args:
        content: HTML; whatever is not ours in it is escaped. css: more styles.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}{css}</style>{_plotly()}</head><body><h1>{escape(title)}</h1>"
        f"{content}</body></html>\n"
    )


def body(case: Case, explanation: Explanation, shares: Shares, trusted: Faithfulness) -> str:
    """Sections: the map, the words, the shares, the stages, and whether to trust it."""
    unit = explanation.unit
    parts: list[str] = []
    if explanation.map is not None:
        listener = case.parents[1].checkpoint if case.is_late else case.checkpoint
        front_end = listener.front_end
        figure = attribution_map(
            case.analyzer.log_mel(case.clip, front_end).numpy(),
            explanation.map,
            mel_frequencies(front_end),
            explanation.frame_rate,
            unit,
        )
        parts += [heading("In the voice", "What raised the output, and what lowered it (blue).")]
        parts += [figure_html(figure)]
    if explanation.words:
        parts += [heading("In the words", "Coloured alike."), _words(explanation)]
    parts += [
        heading(
            "Voice, words, both",
            "Against an average over background voices and sentences; they add up to the output.",
        ),
        figure_html(signed_bars(shares.to_dict(), unit)),
    ]
    if explanation.stages:
        parts += [
            heading("Where the fusion takes the words in", "With the voice kept as it is."),
            figure_html(signed_bars(explanation.stages, unit)),
        ]
    curve = trusted.deletion
    parts += [
        heading("Can you trust it?", f"{explanation.gap_in_words} {trusted.in_words}"),
        figure_html(deletion_curve(trusted.shares, curve.values, curve.random, unit)),
    ]
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in explanation.notes)
    return notes + "".join(parts)


def heading(title: str, sentence: str) -> str:
    """A section's title and what it shows."""
    return f'<h2>{escape(title)}</h2><p class="note">{escape(sentence)}</p>'


def figure_html(figure: go.Figure) -> str:
    """A figure without plotly itself, which `document` brings."""
    return str(figure.to_html(full_html=False, include_plotlyjs=False, config=CONFIG))


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return f"<script>{get_plotlyjs()}</script>"


def _words(explanation: Explanation) -> str:
    strongest = max(abs(word.value) for word in explanation.words) or 1.0
    spans = []
    for word in explanation.words:
        colour = RAISED if word.value >= 0 else LOWERED
        opacity = round(70 * abs(word.value) / strongest)
        spans.append(
            f'<span style="background: color-mix(in srgb, {colour} {opacity}%, transparent)" '
            f'title="{word.value:+.3f}">{escape(word.text)}</span>'
        )
    return f'<p class="words">{" ".join(spans)}</p>'
