"""f as a differentiable function of what a network hears and of the words that it reads."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import torch
from torch import Tensor

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.explain.case import Case
from ser_core.explain.late import AllOfAKind, Pool
from ser_core.explain.outputs import OutputChoice
from ser_core.explain.sounds import silence_level
from ser_core.explain.values import rows_at_once
from ser_core.inputs.audio import Clip
from ser_core.inputs.text_gradients import Tokens, embed_tokens, summary_of
from ser_core.models.checkpoint import Checkpoint, require_encoder
from ser_core.models.fusion import Network, Output
from ser_core.models.registry import parents
from ser_core.support.forward_queue import in_order

VOICE, WORDS = "voice", "words"
OWN: Mapping[str, Network] = MappingProxyType({})  # no network in place of a checkpoint's
T = TypeVar("T")


def has_gradients(checkpoint: Checkpoint) -> bool:
    """Whether a network's inputs can be reached by gradients.

    Statistics of the speech encoder cannot: it runs outside of torch. Not for late fusion: ask both
    of its parents.
    """
    return "speech_statistics" not in checkpoint.network.inputs


class Function:
    """f(voice, words) of one clip: from silence to its log-Mel, from no words to its words.

    Attributes:
        names: of the inputs, `voice` and `words`, as far as the model has them.
        inputs: log-Mel [1, T, 64] and embeddings of the word pieces [1, N, D], in that order.
        baselines: silence at the clip's level offset, and word pieces at zero vectors; alike.
        tokens: the word pieces, or None without words.

    Args:
        words: None for no text.
        choice: one output, or all that late fusion pools: f is then [B, K].
        network: another one in place of the checkpoint's, such as a randomised copy.

    Raises:
        EncoderError: the checkpoint was trained with another text encoder.
        SerError: no text for a model that reads nothing else, or a model without gradients.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        checkpoint: Checkpoint,
        clip: Clip,
        words: str | None,
        choice: OutputChoice | AllOfAKind,
        network: Network | None = None,
    ) -> None:
        if not has_gradients(checkpoint):
            raise SerError(f"'{checkpoint.name}' has no gradients: choose occlusion.")
        if words is None and checkpoint.needs_text:
            raise SerError(f"'{checkpoint.name}' reads only the words, and there are none.")
        self.checkpoint = checkpoint
        self.network: Any = network or checkpoint.network
        self.choice = choice
        self.tokens: Tokens | None = None
        found: dict[str, tuple[Tensor, Tensor]] = {}
        if checkpoint.uses_voice:
            log_mel = analyzer.log_mel(clip, checkpoint.front_end)[None]
            level = silence_level(analyzer, checkpoint, clip)
            found[VOICE] = log_mel, torch.full_like(log_mel, level)
        if words is not None and checkpoint.uses_text:
            self._encoder = analyzer.text_encoder
            require_encoder(checkpoint, self._encoder.fingerprint)
            self.tokens = in_order(lambda: embed_tokens(self._encoder, words))
            found[WORDS] = self.tokens.embeddings[None], self.tokens.without_words[None]
        self.names = tuple(found)
        # Clones: what was made under inference mode cannot be part of a graph.
        self.inputs = tuple(given.clone() for given, _ in found.values())
        self.baselines = tuple(start.clone() for _, start in found.values())

    @property
    def batch(self) -> int:
        """How many rows may go through at once."""
        return rows_at_once(self.inputs[0].shape[1] if self.checkpoint.uses_voice else 1)

    def __call__(self, *inputs: Tensor) -> Tensor:
        """f of a batch, [B]; the graph is kept where the inputs require gradients."""
        return self.with_stages(*inputs)[0]

    def with_stages(self, *inputs: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """f of a batch, [B], and the conditionings that it passed through, [B, C_k] by stage."""
        given = dict(zip(self.names, inputs, strict=True))
        rows = len(inputs[0])
        arguments: dict[str, Any] = {}
        if VOICE in given:
            arguments["log_mel"] = given[VOICE]
        if "embedding" in self.network.inputs:
            arguments["embedding"] = self._embedding(given.get(WORDS), rows)
        if "has_text" in self.network.inputs:
            arguments["has_text"] = torch.full((rows,), float(WORDS in given))
        stages: dict[str, Tensor] = {}
        if self.checkpoint.model.stages:
            stages = self.network.conditioning(arguments["embedding"], arguments["has_text"])
            arguments["stages"] = stages
        output: Output = self.network(**arguments)
        return self.choice.value(self.checkpoint, output), stages

    def _embedding(self, words: Tensor | None, rows: int) -> Tensor:
        if words is None:
            return torch.zeros(rows, self.checkpoint.model.input_dim)
        assert self.tokens is not None
        summary = self.checkpoint.model.summary
        return summary_of(self._encoder, words, summary, self.tokens.windows)


class LateFunction:
    """f of a late fusion: its rule over f of both parents, as a function of what they take jointly.

    Attributes and arguments as of `Function`.

    Args:
        late_weight: of the words; default the checkpoint's.
        networks: of parents by name, in place of theirs.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        checkpoint: Checkpoint,
        clip: Clip,
        words: str | None,
        choice: OutputChoice,
        late_weight: float | None = None,
        networks: Mapping[str, Network] = OWN,
    ) -> None:
        text, audio = parents(analyzer.models, checkpoint)
        self._pool = Pool(checkpoint, choice, late_weight)
        of = self._pool.of_parents
        self._heard = Function(analyzer, audio, clip, None, of, networks.get(audio.name))
        parts = [self._heard]
        self._read: Function | None = None
        if words is not None:
            self._read = Function(analyzer, text, clip, words, of, networks.get(text.name))
            parts.append(self._read)
        self.tokens = None if self._read is None else self._read.tokens
        self.names = tuple(name for part in parts for name in part.names)
        self.inputs = tuple(given for part in parts for given in part.inputs)
        self.baselines = tuple(start for part in parts for start in part.baselines)

    @property
    def batch(self) -> int:
        """How many rows may go through at once."""
        return self._heard.batch

    def __call__(self, *inputs: Tensor) -> Tensor:
        """f of a batch, [B]; the graph is kept where the inputs require gradients."""
        heard = self._heard(inputs[0])
        read = None if self._read is None else self._read(*inputs[1:])
        return self._pool(read, heard)

    def with_stages(self, *inputs: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """f of a batch, [B], and no stages."""
        return self(*inputs), {}


def function_of(case: Case, networks: Mapping[str, Network] = OWN) -> Function | LateFunction:
    """f of a case, differentiable.

    Args:
        networks: by name of the checkpoint, in place of its own, such as randomised copies.

    Raises:
        SerError: see `Function`.
    """
    about = (case.analyzer, case.checkpoint, case.clip, case.words, case.choice)
    if case.is_late:
        return LateFunction(*about, case.late_weight, networks)
    return Function(*about, networks.get(case.checkpoint.name))


def values_at(function: Callable[..., Tensor], inputs: Sequence[Tensor]) -> Tensor:
    """f of a batch at its turn in the queue, without a graph, [B]."""

    def work() -> Tensor:
        with torch.no_grad():
            return function(*inputs)

    return in_order(work)
