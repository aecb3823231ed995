"""The address is the state: a link reproduces the view, Back and Forward restore it.

A new clip or page makes a new entry of the browser's history; an edit, a slider or a kept variant
replaces the present one. Streamlit's `st.query_params` always makes a new entry, and
`bind="query-params"` never does, so a small component writes the address; the server only reads it.
"""

import contextlib
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages import _state as state
from pages.components.address import write_address
from ser_core.errors import SerError

MAX_CHARACTERS = 10_000  # of words; what is longer does not come from the editor
MAX_OPTIONS = 40


def restore() -> None:
    """Take the view from the address when a session begins, and after Back or Forward.

    Otherwise the address says nothing new: Streamlit clears it when another page is chosen, and a
    run may come before the browser has written what the last one asked for.
    """
    context = get_script_run_ctx()
    went_back = context is not None and context.is_history_navigation
    query = _query()
    if state.view().current is None or (went_back and query and query != to_query(state.view())):
        _apply(query)


def publish() -> None:
    """Let the browser's address say what is shown."""
    now = state.view()
    clip = now.current.clip.clip.digest if now.current else ""
    entry: int = st.session_state.get("history_entry", 0)
    if st.session_state.get("published_clip", clip) != clip:
        entry += 1
    st.session_state.published_clip, st.session_state.history_entry = clip, entry
    write_address(to_query(now), entry)


def to_query(view: state.View) -> str:
    """The query that reproduces a view."""
    pairs = _variant_pairs(view.current) if view.current else []
    if view.models is not None:
        pairs.append(("models", ",".join(view.models)))
    if view.output:
        pairs.append(("output", view.output))
    if view.span:
        pairs.append(("span", "{:.2f}-{:.2f}".format(*view.span)))
    pairs += view.options
    pairs += [("keep", urlencode(_variant_pairs(variant))) for variant in view.kept]
    return urlencode(pairs)


def from_query(query: str) -> tuple[state.View, list[str]]:
    """The view that a query asks for, and what it has wrong, one sentence each.

    Without a clip of its own, or with one that is gone, the first example is shown.
    """
    values = {key: found[-1] for key, found in parse_qs(query, keep_blank_values=True).items()}
    problems: list[str] = []
    current = _variant(values, problems)
    kept = []
    for link in parse_qs(query).get("keep", [])[: state.MAX_KEPT]:
        inner = parse_qs(link, keep_blank_values=True)
        variant = _variant({key: found[-1] for key, found in inner.items()}, problems)
        if variant and variant not in kept:
            kept.append(variant)
    models = tuple(name for name in values.get("models", "").split(",") if name) or None
    span = None
    with contextlib.suppress(ValueError):
        start, end = map(float, values.get("span", "").split("-"))
        if current and 0 <= start < end <= current.clip.clip.duration_s + 0.01:
            span = (start, end)
    options = sorted((key, value[:100]) for key, value in values.items() if "." in key)
    view = state.View(
        current,
        tuple(kept),
        models=models,
        output=values.get("output", "")[:100],
        span=span,
        options=tuple(options[:MAX_OPTIONS]),
    )
    return view, problems


def _apply(query: str) -> None:
    view, problems = from_query(query)
    if view.current is None:
        first = next(iter(state.resources.examples()), None)
        with contextlib.suppress(SerError):
            if first is not None:
                view = state.replace(view, current=state.Variant(state.example(first)))
    recent = state.view().recent
    if view.current is not None:
        clip = view.current.clip
        others = tuple(c for c in recent if c.clip.digest != clip.clip.digest)
        recent = (clip, *others)[: state.MAX_RECENT]
        st.session_state.published_clip = clip.clip.digest
    st.session_state.view = state.replace(view, recent=recent)
    state.tell(problems[0] if problems else "")


def _query() -> str:
    """The parameters of the address, as `to_query` writes them."""
    values = st.query_params
    return urlencode([(key, value) for key in values for value in values.get_all(key)])


def _variant_pairs(variant: state.Variant) -> list[tuple[str, str]]:
    clip = variant.clip
    pairs = [("example", clip.example)] if clip.example else [("rec", clip.token)]
    if variant.heard:
        pairs.append(("heard", "yes"))
    if not variant.use_words:
        pairs.append(("words", "off"))
    if variant.text is not None:
        pairs.append(("text", variant.text))
    if variant.translated:
        pairs.append(("translated", "yes"))
    if variant.accepted:
        pairs.append(("doubted", "used"))
    if variant.late_weight is not None:
        pairs.append(("late", f"{variant.late_weight:.2f}"))
    if variant.speaker is not None:
        pairs.append(("speaker", variant.speaker.token))
    return pairs


def _variant(values: Mapping[str, str], problems: list[str]) -> state.Variant | None:
    try:
        if token := values.get("rec"):
            clip = state.recording(token)
        elif name := values.get("example"):
            clip = state.example(name)
        else:
            return None
    except SerError as error:
        problems.append(str(error))
        return None
    weight = None
    with contextlib.suppress(ValueError):
        asked = round(float(values.get("late", "")), 2)
        weight = asked if 0.0 <= asked <= 1.0 else None
    speaker = None
    try:
        if token := values.get("speaker"):
            speaker = state.resources.speakers().find(token)
    except SerError as error:
        problems.append(str(error))
    text = values.get("text")
    return state.Variant(
        clip,
        text=None if text is None else text[:MAX_CHARACTERS],
        use_words=values.get("words") != "off",
        heard=values.get("heard") == "yes" and bool(clip.script),
        translated=values.get("translated") == "yes",
        accepted=values.get("doubted") == "used",
        late_weight=weight,
        speaker=speaker,
    )
