"""f of one model at any sounds and words, in batches that take their turns in the queue."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.explain.late import AllOfAKind, Pool
from ser_core.explain.outputs import OutputChoice
from ser_core.explain.progress import Steps
from ser_core.explain.sounds import Sound
from ser_core.models.checkpoint import Checkpoint, require_encoder
from ser_core.models.registry import parents

BATCH = 8
# Frames of all rows of a batch. With gradients a frame takes about 50 kB of a network of width
# 0.25: 200 MB.
MAX_FRAMES = 4000


def rows_at_once(frames: int) -> int:
    """Rows of a batch of spectrograms with so many frames, at most `BATCH`."""
    return max(1, min(BATCH, MAX_FRAMES // max(1, frames)))


def word_inputs(analyzer: Analyzer, checkpoint: Checkpoint, text: str | None) -> dict[str, Tensor]:
    """What a network reads: `embedding` [D] and `has_text` [], as far as it takes them.

    Raises:
        EncoderError: the checkpoint was trained with another text encoder.
        SerError: no text for a model that reads nothing else.
    """
    if text is None and checkpoint.needs_text:
        raise SerError(f"'{checkpoint.name}' reads only the words, and there are none.")
    values: dict[str, Tensor] = {}
    if checkpoint.uses_text:
        values["embedding"] = torch.zeros(checkpoint.model.input_dim)
        if text is not None:
            require_encoder(checkpoint, analyzer.text_encoder.fingerprint)
            summary = analyzer.encode(text).summary(checkpoint.model.summary)
            values["embedding"] = torch.from_numpy(summary)
    if "has_text" in checkpoint.network.inputs:
        values["has_text"] = torch.tensor(float(text is not None))
    return values


class Values:
    """f of one model, late fusion too.

    Args:
        late_weight: of the words in late fusion; default the checkpoint's.
        steps: told of each batch; late fusion counts those of both parents.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        checkpoint: Checkpoint,
        choice: OutputChoice | AllOfAKind,
        late_weight: float | None = None,
        steps: Steps | None = None,
    ) -> None:
        self.analyzer = analyzer
        self.checkpoint = checkpoint
        self.choice = choice
        self.steps = steps
        self._pool: Pool | None = None
        if checkpoint.model.architecture == "late":
            assert isinstance(choice, OutputChoice)  # a late fusion has no late parents
            self._pool = Pool(checkpoint, choice, late_weight)

    def __call__(self, sounds: Sequence[Sound], texts: Sequence[str | None]) -> np.ndarray:
        """f of each row: its sound and its text (None for no text), float64 [N].

        Rows are batched where they follow each other with spectrograms of one length. A sound
        that occurs again, beside words that the model does not read, is computed once; so are words
        beside another sound, by a model that does not hear it.

        Raises:
            EncoderError: the checkpoint was trained with another text or speech encoder.
            SerError: no text for a model that reads nothing else.
        """
        if self._pool is not None:
            return self._late(self._pool, sounds, texts)
        hears, reads = self.checkpoint.uses_voice, self.checkpoint.uses_text
        pairs = zip(sounds, texts, strict=True)
        keys = [(s if hears else None, t if reads else None) for s, t in pairs]
        rows = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        batches = self._batches(self._inputs(sound, text) for sound, text in rows)
        found = [self._forward(batch) for batch in batches]
        return np.concatenate(found)[[rows[key] for key in keys]] if found else np.zeros(0)

    def one(self, sound: Sound, text: str | None) -> float:
        """f of one row; the very value that `Analyzer.analyze` gives."""
        return float(self([sound], [text])[0])

    def _inputs(self, sound: Sound | None, text: str | None) -> dict[str, Tensor]:
        heard = sound(self.checkpoint) if sound is not None else {}
        return {**heard, **word_inputs(self.analyzer, self.checkpoint, text)}

    def _batches(self, rows: Iterator[dict[str, Tensor]]) -> Iterator[list[dict[str, Tensor]]]:
        batch: list[dict[str, Tensor]] = []
        most = BATCH
        for row in rows:
            if batch and (len(batch) >= most or _shapes(row) != _shapes(batch[0])):
                yield batch
                batch = []
            most = rows_at_once(len(row["log_mel"])) if "log_mel" in row else BATCH
            batch.append(row)
        if batch:
            yield batch

    def _forward(self, batch: list[dict[str, Tensor]]) -> np.ndarray:
        inputs = {name: torch.stack([row[name] for row in batch]) for name in batch[0]}
        output = self.analyzer.forward(self.checkpoint, inputs)
        if self.steps is not None:
            self.steps.advance(len(batch))
        return self.choice.value(self.checkpoint, output).double().numpy()

    def _late(self, pool: Pool, sounds: Sequence[Sound], texts: Sequence[str | None]) -> np.ndarray:
        text, audio = parents(self.analyzer.models, self.checkpoint)
        heard = Values(self.analyzer, audio, pool.of_parents, steps=self.steps)(sounds, texts)
        with_text = np.array([words is not None for words in texts], bool)
        found = np.zeros(len(sounds))
        if not with_text.all():
            found[~with_text] = pool(None, heard[~with_text])
        if with_text.any():
            pairs = [pair for pair in zip(sounds, texts, strict=True) if pair[1] is not None]
            read = Values(self.analyzer, text, pool.of_parents, steps=self.steps)(
                [sound for sound, _ in pairs], [words for _, words in pairs]
            )
            found[with_text] = pool(read, heard[with_text])
        return found


def _shapes(row: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in row.items()}
