"""Explanations on shared models change nobody's prediction."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from ser_core.analysis import Analyzer
from ser_core.explain.attribution import METHODS, attribute
from ser_core.explain.case import Case, make_case
from ser_core.explain.faithfulness import faithfulness
from ser_core.explain.sanity import sanity_check
from ser_core.explain.shares import modality_shares
from ser_core.explain.stage_report import stage_report
from ser_core.explain.word_attribution import attribute_words
from ser_core.inputs.audio import Clip

WORDS = "I have been crying all day."


def test_every_prediction_beside_every_method_is_bit_equal(shipped: Analyzer, clip: Clip) -> None:
    models = ["text", "audio", "late", "single_stage", "multistage"]
    checkpoint = shipped.models["multistage"]
    inputs = shipped.inputs(checkpoint, clip, WORDS)
    expected = shipped.forward(checkpoint, inputs)
    said = shipped.analyze(clip, WORDS, models=models).to_dict()["models"]
    done = Event()

    def predict() -> int:
        rounds = 0
        while not done.is_set() or rounds < 3:
            output = shipped.forward(checkpoint, inputs)  # past the cache
            assert output.logits.equal(expected.logits)
            assert output.dimensions.equal(expected.dimensions)
            rounds += 1
        return rounds

    case = make_case(shipped, clip, WORDS, "multistage", "sad")
    jobs: list[Callable[[Case], object]] = [
        *(lambda c, m=method: attribute(c, m) for method in METHODS),  # type: ignore[misc]
        modality_shares,
        lambda c: stage_report(c, steps=9),
        lambda c: attribute_words(c, "integrated-gradients", steps=9),
        lambda c: sanity_check(c, layers=2),
        lambda c: faithfulness(c, attribute(c), points=3, orders=1),
    ]
    with ThreadPoolExecutor(2 * len(jobs) + 1) as pool:
        predicting = pool.submit(predict)
        twice = [pool.submit(job, case) for job in jobs for _ in range(2)]
        try:
            for first, second in zip(twice[::2], twice[1::2], strict=True):
                assert type(first.result()) is type(second.result())
        finally:
            done.set()
        assert predicting.result() >= 3
    again = Analyzer().analyze(clip, WORDS, models=models).to_dict()["models"]
    assert again == said
