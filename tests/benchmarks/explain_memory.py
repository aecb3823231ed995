"""Peak memory of explaining the longest clip: `python tests/benchmarks/explain_memory.py [MODEL]`.

A fresh process explains a clip of five minutes by each method in turn, and prints its peak resident
memory after each; it ends with 1 where that is above 1 GB.
"""

import argparse
import resource
import sys
import time
from functools import partial

import numpy as np
import torch

from ser_core.analysis import Analyzer
from ser_core.explain.attribution import INPUT_X_GRADIENT, INTEGRATED_GRADIENTS, attribute
from ser_core.explain.case import Case, make_case
from ser_core.explain.shares import modality_shares
from ser_core.explain.stage_report import stage_report
from ser_core.inputs.audio import Limits, from_samples, load
from ser_core.synthesis.examples import load_examples

MOST_MB = 1000
STEPS = {
    INPUT_X_GRADIENT: lambda case: attribute(case, INPUT_X_GRADIENT),
    INTEGRATED_GRADIENTS: lambda case: attribute(case, INTEGRATED_GRADIENTS),
    "shares": modality_shares,
    "stages": partial(stage_report, steps=4),
}


def peak_mb() -> float:
    """Of this process, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6  # Linux counts in KiB


def longest() -> Case:
    """Five minutes of an example, again and again."""
    example = next(example for example in load_examples() if example.transcript)
    samples = load(example.path).samples
    seconds = Limits().max_duration_s
    samples = np.resize(samples, int(seconds * 16_000))
    return make_case(Analyzer(), from_samples(samples, 16_000), example.transcript, chosen.model)


parser = argparse.ArgumentParser()
parser.add_argument("model", nargs="?", default="multistage")
parser.add_argument("--only", default="", help="some of the steps, separated by commas")
chosen = parser.parse_args()
torch.set_num_threads(1)
case = longest()
print(f"predicted: {peak_mb():.0f} MB", flush=True)
for name, step in STEPS.items():
    if name in (chosen.only.split(",") if chosen.only else STEPS):
        begin = time.process_time()
        step(case)
        print(f"{name}: {peak_mb():.0f} MB, {time.process_time() - begin:.0f} s", flush=True)
sys.exit(peak_mb() > MOST_MB)
