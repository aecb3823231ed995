"""The time axis of a clip, and the page's one player.

`player` puts the sound into the page, unseen; any number of `time_axis` show it and play it, and
all their playheads move together. Playing, seeking, speed and opacity never run the script; a
range that the user drags does, and a word that they press where the page asks for it.
"""

import base64
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from uuid import uuid4

import numpy as np
import streamlit as st

from ser_core.figures import time_axis as packing

if TYPE_CHECKING:
    from ser_core.inputs.audio import Clip

Range = tuple[float, float]

_HERE = Path(__file__).parent
_SCRIPTS = (
    "player.js",
    "drawing.js",
    "words.js",
    "picture.js",
    "time_axis.js",
)  # in this order, as one module
_COMPONENT = st.components.v2.component(
    "time_axis",
    html=(_HERE / "time_axis.html").read_text("utf-8"),
    css=(_HERE / "time_axis.css").read_text("utf-8"),
    js="\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS),
)


@dataclass(frozen=True)
class TimedWord:
    """A word to show.

    Attributes:
        text: what is read.
        start: seconds, or None where the time is not known.
        end: likewise.
        value: colour from -1 (lowers, blue) to 1 (raises, vermillion), or None without.
        label: the value for readers, such as "+0.12".
        muted: it is not used, or doubted.
    """

    text: str
    start: float | None = None
    end: float | None = None
    value: float | None = None
    label: str = ""
    muted: bool = False


@dataclass(frozen=True)
class Overlay:
    """A signed map over the log-Mel.

    Attributes:
        values: [T, n_mels], one value for each cell of the log-Mel.
        label: what is raised and lowered, such as "probability of angry".
        unit: of the values, such as "logits".
        scale: the value of full colour; give several axes the same one (`common_scale`) to
            compare them. None: from the values.
        ends: what negative and positive values are called.
    """

    values: np.ndarray
    label: str
    unit: str = ""
    scale: float | None = None
    ends: tuple[str, str] = ("lowered", "raised")


@dataclass(frozen=True)
class Play:
    """Play from `start` to `end` (seconds) as soon as the sound is there, once for each `id`."""

    start: float
    end: float
    id: str = field(default_factory=lambda: uuid4().hex)


class Selection(NamedTuple):
    """What the user chose on an axis.

    Attributes:
        range: start and end in seconds, until it is cleared.
        word: index of a word, in the one run that pressing it started.
    """

    range: Range | None
    word: int | None


class Shown(NamedTuple):
    """What a page and its axis agreed on in the last run; see `reconcile`."""

    digest: str
    given: Range | None
    returned: Range | None
    pushed: Range | None
    version: int


def player(wav: bytes, alt: str) -> None:
    """The page's one sound, for its time axes to play: call it once, with the current clip.

    It is not displayed, so that no one, a screen reader included, meets a second set of controls.
    """
    wrapper = "[data-testid=stLayoutWrapper]:has(> .st-key-player)"  # or it leaves a gap
    st.html(f"<style>.st-key-player, {wrapper} {{ display: none; }}</style>")
    with st.container(key="player"):
        st.audio(wav, alt=alt)


def time_axis(
    clip: "Clip",
    *,
    key: str,
    title: str,
    words: Sequence[TimedWord] = (),
    height: Literal["compact", "full"] = "compact",
    log_mel: np.ndarray | None = None,
    overlay: Overlay | None = None,
    selected: Range | None = None,
    play: Play | None = None,
    report_words: bool = False,
) -> Selection:
    """Waveform, playhead and words of the page's sound; at full height its log-Mel and overlay.

    Args:
        clip: the same as `player` has.
        key: of the element; `title` and `key` of two axes on a page differ.
        title: names every control for screen readers; written out at full height.
        words: in order; those without times stand between the others, or as a plain line.
        height: compact is one thin row; full adds the log-Mel, its axes and a range to drag.
        log_mel: [T, 64] in dB, of the default front end; only at full height.
        overlay: drawn over a grey log-Mel, with an opacity slider.
        selected: the range to show. A page that keeps the range passes what this returned in the
            last run; another value is the page's wish, and replaces the user's.
        play: what to play now, without a click.
        report_words: whether pressing a word, which plays it, also runs the script.
    """
    state = f"_axis_{key}"
    reported = st.session_state.get(key, {}).get("range")
    given = _within(selected, clip.duration_s)
    shown, chosen = reconcile(st.session_state.get(state), clip.digest, given, reported)
    st.session_state[state] = shown
    data: dict[str, Any] = {
        "clip": clip.digest,
        "title": title,
        "duration": round(clip.duration_s, 4),
        "full": height == "full",
        "wave": _base64(packing.pack_wave(clip.samples)),
        "words": [_word(word, clip.duration_s) for word in words],
        "selected": shown.pushed,
        "version": shown.version,
        "play": asdict(play) if play else None,
        "reportWords": report_words,
    }
    if height == "full" and log_mel is not None:
        data |= _pictures(log_mel, overlay)
    result = _COMPONENT(key=key, data=data, on_range_change=_nothing, on_word_change=_nothing)
    return Selection(chosen, result.word)


def reconcile(
    last: Shown | None,
    digest: str,
    given: Range | None,
    reported: dict[str, Any] | None,
) -> tuple[Shown, Range | None]:
    """Whose range counts, the page's or the user's: the new agreement, and the range.

    The user's range comes back a run later as the page's own wish. It is told from a real wish
    by comparing with what was returned; an axis reports the version that it stood on, so that a
    report which crossed with a wish is not taken for an answer to it.

    Args:
        last: the agreement of the last run.
        digest: of the clip.
        given: what the page passes.
        reported: what the axis says, `{"version", "range"}`, or None if it has not yet.
    """
    fresh = last is None or last.digest != digest
    if last is not None and not fresh:
        wish = given not in (last.given, last.returned)
        again = reported is None and given != last.pushed  # the page was left and is back
        if not wish and not again:
            chosen = last.pushed
            if reported is not None and reported["version"] == last.version:
                ends = reported["range"]
                chosen = (float(ends[0]), float(ends[1])) if ends else None
            return last._replace(given=given, returned=chosen), chosen
    version = 0 if last is None else last.version + 1
    return Shown(digest, given, given, given, version), given


def _pictures(log_mel: np.ndarray, overlay: Overlay | None) -> dict[str, Any]:
    from ser_core.inputs.features import FrontEnd

    front_end = FrontEnd()
    picture = packing.pack_log_mel(log_mel)
    data: dict[str, Any] = {
        "mel": {
            "cells": _base64(picture.data),
            "columns": picture.columns,
            "bands": picture.bands,
            "span": picture.span(front_end),
            "ticks": packing.hertz_ticks(front_end),
        }
    }
    if overlay is not None:
        scale = overlay.scale or packing.common_scale([overlay.values])
        data["overlay"] = {
            "cells": _base64(packing.pack_attribution(overlay.values, scale).data),
            "label": overlay.label,
            "unit": overlay.unit,
            "ends": overlay.ends,
            "scale": f"{scale:.3g}",
            "beyond": bool(np.nanmax(np.abs(overlay.values)) > scale * 1.001),
        }
    return data


def _word(word: TimedWord, duration_s: float) -> dict[str, Any]:
    """Plain values for JSON, times within the clip, and None for what is not a number."""
    start, end = _finite(word.start), _finite(word.end)
    if start is not None:
        start = min(max(start, 0.0), duration_s)
        end = min(max(end if end is not None else start, start), duration_s)
    value = _finite(word.value)
    return asdict(word) | {
        "start": start,
        "end": end if start is not None else None,
        "value": None if value is None else min(max(value, -1.0), 1.0),
    }


def _within(selected: Range | None, duration_s: float) -> Range | None:
    if selected is None:
        return None
    start, end = (min(max(float(time), 0.0), duration_s) for time in selected)
    return (start, end) if start < end else None


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 4)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _nothing() -> None:
    """Streamlit returns only what has a callback."""
