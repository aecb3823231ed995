"""What explanations cost and whether they hold: `python tests/benchmarks/explain.py [CHECKPOINTS]`.

Prints, for the multistage model, ratios to one forward pass on a 5 s clip (one thread); then, over
all example clips with words and for each network with gradients, the completeness gap, and by how
much deletion by each method is steeper than in random order, with a 95 % bootstrap interval.
`--models NAME,...` takes some, `--clips N` the first N.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch

from ser_core.analysis import Analyzer
from ser_core.evaluation.comparison import resample
from ser_core.evaluation.measures import Statistic
from ser_core.explain.attribution import INPUT_X_GRADIENT, INTEGRATED_GRADIENTS, METHODS, attribute
from ser_core.explain.case import make_case
from ser_core.explain.faithfulness import faithfulness
from ser_core.explain.function import Function, has_gradients, values_at
from ser_core.explain.gradients import input_x_gradient, integrate
from ser_core.explain.shares import modality_shares
from ser_core.inputs.audio import from_samples, load
from ser_core.synthesis.examples import load_examples

parser = argparse.ArgumentParser()
parser.add_argument("checkpoints", nargs="?")
parser.add_argument("--models", default="")
parser.add_argument("--clips", type=int, default=1000)
chosen = parser.parse_args()
torch.set_num_threads(1)
analyzer = Analyzer(chosen.checkpoints)
examples = [example for example in load_examples() if example.transcript][: chosen.clips]


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Of the processor: others on the machine do not count."""
    found = []
    for _ in range(times):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return median(found)


def ratios() -> None:
    samples = np.tile(load(examples[0].path).samples, 3)[: 5 * 16_000]
    case = make_case(
        analyzer, from_samples(samples, 16_000), examples[0].transcript, "multistage", "angry"
    )
    inputs = analyzer.inputs(case.checkpoint, case.clip, case.words)
    one = seconds(lambda: analyzer.forward(case.checkpoint, inputs), 15)
    function = Function(analyzer, case.checkpoint, case.clip, case.words, case.choice)
    joint = seconds(lambda: values_at(function, function.inputs), 15)
    print(f"one forward pass of a 5 s clip: {1000 * one:.0f} ms; with BERT {1000 * joint:.0f} ms")
    gradient = seconds(lambda: input_x_gradient(function))
    print(f"{INPUT_X_GRADIENT}: {gradient / one:.1f} forwards, {gradient / joint:.1f} with BERT")

    def integrated() -> object:
        return integrate(function, function.inputs, function.baselines, function.batch, 33)

    step = seconds(integrated, 3) / 33
    print(
        f"{INTEGRATED_GRADIENTS}, a step: {step / one:.1f} forwards, {step / joint:.1f} with BERT"
    )
    first = seconds(lambda: modality_shares(case), 1)
    print(f"shares, first clip: {first / one:.0f} forwards, {first:.2f} s")
    later = seconds(lambda: modality_shares(case), 3)
    print(f"shares, later clips: {later / one:.0f} forwards, {later:.2f} s")


def hold(model: str) -> None:
    gaps, shares, steps = [], [], []
    steeper: dict[str, list[float]] = {method: [] for method in METHODS}
    for example in examples:
        case = make_case(analyzer, load(example.path), example.transcript, model)
        for method in METHODS:
            explanation = attribute(case, method)
            if method == INTEGRATED_GRADIENTS:
                gaps.append(abs(explanation.gap or 0.0))
                shares.append(explanation.gap_share or 0.0)
                steps.append(explanation.settings["steps"])
            steeper[method].append(faithfulness(case, explanation, orders=3).steeper)
    bad = sum(gap >= 0.02 and share >= 0.01 for gap, share in zip(gaps, shares, strict=True))
    print(
        f"{model}: gap at most {max(gaps):.4f}, median {median(gaps):.4f}, with "
        f"{median(steps):.0f} steps (at most {max(steps)}); "
        f"beyond 0.02 and 1 %: {bad} of {len(gaps)}"
    )
    for method, values in steeper.items():
        terms = np.column_stack([values, np.array(values) > 0, np.ones(len(values))])
        groups = np.arange(len(values))
        area = Statistic(terms, lambda sums: sums[..., 0] / sums[..., 2])
        better = Statistic(terms, lambda sums: sums[..., 1] / sums[..., 2])
        found = resample({"area": area, "better": better}, groups)
        print(
            f"{model}, {method}: area below random by {found['area'].interval}, "
            f"steeper for {found['better'].interval} of {len(values)} clips"
        )


ratios()
for name, checkpoint in analyzer.models.items():
    if chosen.models and name not in chosen.models.split(","):
        continue
    if checkpoint.model.architecture != "late" and has_gradients(checkpoint):
        hold(name)
