"""Attribution: which parts of the voice and which words raised or lowered an output."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from ser_core.errors import SerError
from ser_core.explain.case import Case
from ser_core.explain.function import (
    VOICE,
    WORDS,
    Function,
    LateFunction,
    function_of,
    has_gradients,
    values_at,
)
from ser_core.explain.gradients import input_x_gradient, integrate
from ser_core.explain.occlusion import (
    Patches,
    leave_out_words,
    occlude_patches,
)
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.results import Explanation, WordValue
from ser_core.explain.sounds import sound_of
from ser_core.explain.stages import StageFunction, integrate_stages, leave_out_stages
from ser_core.explain.values import Values
from ser_core.explain.words import pieces_to_words, word_spans
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.registry import parents

INPUT_X_GRADIENT = "input-x-gradient"
INTEGRATED_GRADIENTS = "integrated-gradients"
OCCLUSION = "occlusion"
METHODS = (INPUT_X_GRADIENT, INTEGRATED_GRADIENTS, OCCLUSION)


def methods(models: Mapping[str, Checkpoint], checkpoint: Checkpoint) -> tuple[str, ...]:
    """The methods that a model supports; the first is the default."""
    late = checkpoint.model.architecture == "late"
    networks = parents(dict(models), checkpoint) if late else (checkpoint,)
    return METHODS if all(map(has_gradients, networks)) else (OCCLUSION,)


def attribute(
    case: Case,
    method: str | None = None,
    steps: int | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Attribute one output to the voice over time and bands, to the words, and to the stages.

    Args:
        case: see `make_case`.
        method: one of `methods`; None takes the model's default.
        steps: of integrated gradients; None takes as many as completeness needs.
        progress: see `Progress`.

    Raises:
        SerError: a method that the model does not support, or fewer than two steps.
    """
    offered = methods(case.analyzer.models, case.checkpoint)
    method = method or offered[0]
    if method not in offered:
        raise SerError(
            f"'{case.checkpoint.name}' cannot be explained by '{method}': "
            f"choose {' or '.join(offered)}."
        )
    if steps is not None and steps < 2:
        raise SerError("Integrated gradients need at least two steps.")
    if method == INPUT_X_GRADIENT:
        found = _input_x_gradient(case)
    elif method == INTEGRATED_GRADIENTS:
        found = _integrated_gradients(case, steps, progress)
    else:
        found = _occlusion(case, progress)
    if progress is not None:
        progress(1.0)
    return replace(found, notes=case.notes)


def _explanation(
    case: Case,
    method: str,
    value: float,
    settings: dict[str, Any],
    map_: np.ndarray | None,
    words: Mapping[tuple[int, int], float],
    **more: Any,
) -> Explanation:
    text = case.words or ""
    if case.is_late:
        own = case.checkpoint.model.weight
        settings = {
            "late_weight": own if case.late_weight is None else case.late_weight,
            **settings,
        }
    return Explanation(
        model=case.checkpoint.name,
        output=case.choice.name,
        unit=case.choice.unit,
        method=method,
        settings=settings,
        value=value,
        map=map_,
        frame_rate=case.checkpoint.front_end.frame_rate,
        words=tuple(
            WordValue(text[start:end], time and time[0], time and time[1], word)
            for ((start, end), word), time in zip(words.items(), case.times, strict=True)
        ),
        **more,
    )


def _words(
    case: Case, function: Function | LateFunction, values: Tensor | None
) -> dict[tuple[int, int], float]:
    """Attributions of embeddings [N, D], summed to the words of the text."""
    if values is None or function.tokens is None or case.words is None:
        return {}
    spans = word_spans(case.words)
    pieces = values.double().sum(dim=1).numpy()
    return dict(zip(spans, pieces_to_words(pieces, function.tokens.offsets, spans), strict=True))


def _input_x_gradient(case: Case) -> Explanation:
    function = function_of(case)
    value, parts, stages = input_x_gradient(function)
    return _explanation(
        case,
        INPUT_X_GRADIENT,
        value,
        {"baseline": "silence, word pieces at zero"},
        _map(parts.get(VOICE)),
        _words(case, function, parts.get(WORDS)),
        stages={name: float(part.double().sum()) for name, part in stages.items()},
    )


def _integrated_gradients(case: Case, steps: int | None, progress: Progress | None) -> Explanation:
    function = function_of(case)
    has_stages = bool(case.checkpoint.model.stages) and case.words is not None
    parts = 2 if has_stages else 1
    found = integrate(
        function,
        function.inputs,
        function.baselines,
        function.batch,
        steps,
        _part(progress, 0, parts),
    )
    by_input = dict(zip(function.names, found.values, strict=True))
    settings: dict[str, Any] = {
        "baseline": "silence, no words; words from word pieces at zero",
        "steps": found.steps,
        "complete": found.complete,
    }
    more: dict[str, Any] = {"baseline": found.start, "gap": found.gap}
    if VOICE in function.names and WORDS in function.names:
        silent = function_of(replace(case, words=None, times=()))
        more["baseline"] = float(values_at(silent, silent.baselines))
        more["any_words"] = found.start - more["baseline"]
    if has_stages:
        by_stage, integrated = integrate_stages(
            StageFunction(case), steps, _part(progress, 1, parts)
        )
        settings["stage_steps"] = integrated.steps
        more |= {"stages": by_stage, "stage_gap": integrated.gap}
    return _explanation(
        case,
        INTEGRATED_GRADIENTS,
        found.end,
        settings,
        _map(by_input.get(VOICE)),
        _words(case, function, by_input.get(WORDS)),
        **more,
    )


def _occlusion(case: Case, progress: Progress | None) -> Explanation:
    checkpoint = case.checkpoint
    steps = Steps(progress, 2 + len(word_spans(case.words or "")))
    values = Values(case.analyzer, checkpoint, case.choice, case.late_weight, steps)
    sound = sound_of(case.analyzer, case.clip)
    settings: dict[str, Any] = {"word": "left out"}
    map_ = None
    if checkpoint.uses_voice:
        front_end = case.listener.front_end
        patches = Patches.of_clip(case.clip, case.listener)
        steps.total += len(patches)
        found = occlude_patches(values, case.listener, case.clip, case.words, patches)
        frames = len(case.clip.samples) // front_end.hop + 1
        map_ = patches.spread(found, frames, front_end.n_mels)
        settings |= {
            "patch_s": patches.frames / front_end.frame_rate,
            "patch_bands": patches.bands,
            "occluded": "log-Mel" if has_gradients(case.listener) else "recording",
        }
    words: dict[tuple[int, int], float] = {}
    if case.words is not None:
        spans, losses = leave_out_words(values, sound, case.words)
        words = dict(zip(spans, losses.tolist(), strict=True))
    stages = {}
    if checkpoint.model.stages and case.words is not None:
        stages = leave_out_stages(StageFunction(case))
    value = values.one(sound, case.words)
    return _explanation(case, OCCLUSION, value, settings, map_, words, stages=stages)


def _map(values: Tensor | None) -> np.ndarray | None:
    return None if values is None else values.numpy()


def _part(progress: Progress | None, number: int, parts: int) -> Progress | None:
    """A part's progress as the whole's."""
    if progress is None:
        return None
    told = progress
    return lambda done: told((number + done) / parts)
