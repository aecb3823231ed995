"""What explanations cost and whether they hold: `python tests/benchmarks/explain.py [CHECKPOINTS]`.

Prints, for the multistage model, ratios to one forward pass on a 5 s clip (one thread); then, over
clips with words and for each model with gradients, the completeness gap, and by how much deletion
by each method is steeper than in random order, with a 95 % bootstrap interval. It ends with 1 where
a ratio or a gap is beyond its limit.

The unit, one forward pass, is f from what is explained to the output: log-Mel and word pieces, so
that the text encoder is part of it, as it is of every gradient. Shares read kept embeddings: their
unit is a pass of the network alone.

`--models NAME,...` takes some models, `--methods NAME,...` some methods, `--clips N` so many clips.
`--data FOLDER` takes test clips of RAVDESS in that folder of corpora, drawn with a seed, in place
of the examples. `--no-ratios` leaves out the ratios.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch

from ser_core.analysis import Analyzer
from ser_core.corpora.demonstration import read_speech
from ser_core.evaluation.comparison import resample
from ser_core.evaluation.measures import Statistic
from ser_core.explain.attribution import (
    INPUT_X_GRADIENT,
    INTEGRATED_GRADIENTS,
    METHODS,
    attribute,
    methods,
)
from ser_core.explain.case import make_case
from ser_core.explain.faithfulness import faithfulness
from ser_core.explain.function import function_of, values_at
from ser_core.explain.gradients import input_x_gradient, integrate
from ser_core.explain.shares import modality_shares
from ser_core.inputs.audio import from_samples, load
from ser_core.synthesis.examples import load_examples

MOST = {INPUT_X_GRADIENT: 3.0, INTEGRATED_GRADIENTS: 2.2, "shares": 60.0}  # forward passes
MOST_SHARES_S = 1.5
GAP, GAP_SHARE = 0.02, 0.01  # one of them is enough

parser = argparse.ArgumentParser()
parser.add_argument("checkpoints", nargs="?")
parser.add_argument("--models", default="")
parser.add_argument("--methods", default=",".join(METHODS))
parser.add_argument("--clips", type=int, default=1000)
parser.add_argument("--data", type=Path)
parser.add_argument("--no-ratios", action="store_true")
chosen = parser.parse_args()
torch.set_num_threads(1)
analyzer = Analyzer(chosen.checkpoints)
beyond: list[str] = []


def choose_clips() -> list[tuple[Path, str]]:
    """Files and their words."""
    if chosen.data is None:
        found = [(example.path, example.transcript) for example in load_examples()]
        return [(path, words) for path, words in found if words][: chosen.clips]
    table = read_speech(chosen.data, "ravdess").split("test")
    table = table.sample(min(chosen.clips, len(table)), random_state=0)
    return list(zip(map(Path, table["path"]), table["transcript"], strict=True))


clips = choose_clips()


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Of the processor: others on the machine do not count."""
    found = []
    for _ in range(times):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return median(found)


def tell(what: str, found: float, unit: str = "forwards") -> None:
    print(f"{what}: {found:.1f} {unit}, at most {MOST[what]:.1f}", flush=True)
    if found > MOST[what]:
        beyond.append(what)


def ratios() -> None:
    path, words = clips[0]
    samples = np.resize(load(path).samples, 5 * 16_000)
    case = make_case(analyzer, from_samples(samples, 16_000), words, "multistage", "angry")
    inputs = analyzer.inputs(case.checkpoint, case.clip, case.words)
    network = seconds(lambda: analyzer.forward(case.checkpoint, inputs), 15)
    function = function_of(case)
    one = seconds(lambda: values_at(function, function.inputs), 15)
    print(f"one forward pass of a 5 s clip: {1000 * one:.0f} ms; network {1000 * network:.0f} ms")
    tell(INPUT_X_GRADIENT, seconds(lambda: input_x_gradient(function), 9) / one)

    def integrated() -> object:
        return integrate(function, function.inputs, function.baselines, function.batch, 33)

    tell(INTEGRATED_GRADIENTS, seconds(integrated, 5) / 33 / one, "forwards a step")
    first = seconds(lambda: modality_shares(case), 1)
    tell("shares", first / network, "passes of the network")
    later = seconds(lambda: modality_shares(case), 3)
    print(f"shares: {first:.2f} s, {later:.2f} s for later clips, at most {MOST_SHARES_S} s")
    if first > MOST_SHARES_S:
        beyond.append("seconds of shares")


def hold(model: str) -> None:
    gaps, shares, steps = [], [], []
    steeper: dict[str, list[float]] = {method: [] for method in chosen.methods.split(",")}
    for path, words in clips:
        case = make_case(analyzer, load(path), words, model)
        for method, values in steeper.items():
            explanation = attribute(case, method)
            if method == INTEGRATED_GRADIENTS:
                gaps.append(abs(explanation.gap or 0.0))
                shares.append(explanation.gap_share or 0.0)
                steps.append(explanation.settings["steps"])
            values.append(faithfulness(case, explanation, orders=3).steeper)
    if gaps:
        bad = sum(
            gap >= GAP and share >= GAP_SHARE for gap, share in zip(gaps, shares, strict=True)
        )
        beyond.extend([f"gap of {model}"] * bool(bad))
        print(
            f"{model}: gap at most {max(gaps):.4f}, median {median(gaps):.4f}, with "
            f"{median(steps):.0f} steps (at most {max(steps)}); "
            f"beyond {GAP} and {GAP_SHARE:.0%}: {bad} of {len(gaps)}",
            flush=True,
        )
    for method, values in steeper.items():
        terms = np.column_stack([values, np.array(values) > 0, np.ones(len(values))])
        groups = np.arange(len(values))
        area = Statistic(terms, lambda sums: sums[..., 0] / sums[..., 2])
        better = Statistic(terms, lambda sums: sums[..., 1] / sums[..., 2])
        found = resample({"area": area, "better": better}, groups)
        print(
            f"{model}, {method}: area below random by {found['area'].interval}, "
            f"steeper for {found['better'].interval} of {len(values)} clips",
            flush=True,
        )


if not chosen.no_ratios:
    ratios()
for name, checkpoint in analyzer.models.items():
    if chosen.models and name not in chosen.models.split(","):
        continue
    if INTEGRATED_GRADIENTS in methods(analyzer.models, checkpoint):
        hold(name)
if beyond:
    sys.exit(f"Beyond the limit: {', '.join(beyond)}.")
