"""A page with nothing but time axes, on real examples: what the browser tests drive."""

import io
import wave

import numpy as np
import streamlit as st

from pages.components.time_axis import Overlay, Play, TimedWord, player, time_axis
from ser_core.figures.time_axis import common_scale
from ser_core.inputs.audio import Clip, from_samples, load
from ser_core.inputs.features import log_mel
from ser_core.synthesis.examples import load_examples


def wav(clip: Clip) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(clip.sample_rate)
        file.writeframes(np.rint(clip.samples * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


@st.cache_resource
def clips() -> dict[str, Clip]:
    examples = {example.id: example for example in load_examples()}
    chosen = ("happy-words-angry-voice", "happy-words-sad-voice", "story")
    found = {name: load(examples[name].path) for name in chosen}
    spoken = found["happy-words-angry-voice"]
    found["short"] = from_samples(spoken.samples[8000:9600], spoken.sample_rate, "short")
    many = np.tile(found["story"].samples, 28)[: 300 * spoken.sample_rate]
    found["long"] = from_samples(many, spoken.sample_rate, "long")
    return found


def words(clip: Clip, kind: str) -> list[TimedWord]:
    """Words as long as their letters, between the margins of an example."""
    texts = ["I", "got", "the", "job!", "I", "am", "so", "happy,", "I", "can't", "stop", "smiling."]
    if kind == "many":
        texts = (texts * 20)[:200]
    if kind == "none":
        return []
    values = np.sin(np.arange(len(texts)) * 1.7)
    ends = np.cumsum([len(text) + 1 for text in texts])
    edges = 0.2 + np.concatenate([[0], ends]) / ends[-1] * max(0.0, clip.duration_s - 0.5)
    return [
        TimedWord(
            text,
            None if kind == "untimed" else edges[k],
            None if kind == "untimed" else edges[k + 1],
            float(values[k]),
            f"{values[k] * 0.12:+.2f}",
            muted=text == "stop",
        )
        for k, text in enumerate(texts)
    ]


st.set_page_config(layout="wide")
st.session_state.runs = st.session_state.get("runs", 0) + 1
ask = st.query_params
name = st.selectbox(
    "Clip",
    list(clips()),
    key="clip",
    index=list(clips()).index(ask.get("clip", "happy-words-angry-voice")),
)
kind = ask.get("words", "timed")
clip = clips()[name]

player(wav(clip), f"{name}, as the models hear it")
request = Play(0.5, 1.0) if st.button("Play a part") else None
if st.button("Play another clip's part", on_click=lambda: st.session_state.update(clip="story")):
    request = Play(1.0, 1.6)
compact = time_axis(
    clip, key="compact", title=name, words=words(clip, kind), play=request, report_words=True
)
if ask.get("full", "2") != "0":
    mel = log_mel(clip.samples).numpy()
    loud = np.clip(mel - mel.max() + 60, 0, None) / 60
    wave_over_time = np.sin(np.arange(len(mel)) / 9)[:, None]
    maps = {"Multistage": loud * wave_over_time * 0.02, "Late": loud * wave_over_time * -0.01}
    scale = common_scale(maps.values())
    places = st.columns(2) if "side" in ask else [st.container(), st.container()]
    for place, (model, values) in zip(places, maps.items(), strict=True):
        overlay = Overlay(values, "probability of angry", "per cell", scale)
        with place:
            chosen = time_axis(
                clip,
                key=model,
                title=f"{model} fusion",
                words=words(clip, kind),
                height="full",
                log_mel=mel,
                overlay=None if ask.get("overlay") == "0" else overlay,
                selected=st.session_state.get("range"),
            )
        if chosen.range != st.session_state.get("range"):
            st.session_state.range = chosen.range
            st.rerun()  # the other axis shall show it too
if st.button("Select 0.25 to 0.75"):
    st.session_state.range = (0.25, 0.75)
    st.rerun()
st.write(
    f"runs {st.session_state.runs}, range {st.session_state.get('range')}, word {compact.word}"
)
