"""How long a user waits: `python tests/benchmarks/latency.py [CHECKPOINTS]`.

Prints seconds from a fresh process to the first predictions, and the median of later ones: a new
clip with known words, an edit of the words, a clip that the recogniser must hear.
"""

import sys
import time
from statistics import median

start = time.perf_counter()

from ser_core.analysis import Analyzer  # noqa: E402
from ser_core.inputs.audio import load  # noqa: E402
from ser_core.synthesis.examples import load_examples  # noqa: E402

spoken = [example for example in load_examples() if example.transcript]
clips = [load(example.path) for example in spoken]
analyzer = Analyzer(sys.argv[1] if len(sys.argv) > 1 else None)


def seconds(*arguments: object) -> float:
    begin = time.perf_counter()
    analyzer.analyze(*arguments)
    return time.perf_counter() - begin


analyzer.analyze(clips[0], spoken[0].transcript)
print(f"process start to first predictions: {time.perf_counter() - start:.2f} s")
pairs = list(zip(clips, spoken, strict=True))[1:]
print(f"new clip, known words: {median(seconds(c, e.transcript) for c, e in pairs):.3f} s")
print(f"edited words: {median(seconds(c, e.transcript + ' Really.') for c, e in pairs):.3f} s")
analyzer.recogniser.load()
print(f"clip to be recognised: {median(seconds(c) for c, _ in pairs[:10]):.3f} s")
