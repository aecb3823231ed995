"""What networks are given, computed once for all of them, and the pass through one."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from ser_core.inputs.audio import Clip
from ser_core.inputs.features import FrontEnd, log_mel
from ser_core.inputs.reference import SpeakerReference, VoiceStatistics
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import TextEncoder, TextEncoding
from ser_core.inputs.transcript import Transcript
from ser_core.models import familiarity
from ser_core.models.checkpoint import Checkpoint, require_encoder
from ser_core.models.fusion import Output
from ser_core.support.cache import Cache
from ser_core.support.forward_queue import in_order


class Encodings:
    """Log-Mels, embeddings, statistics and recognised words, each computed once and kept in
    bounded caches. Safe to share between threads.

    Args:
        text_encoder: see `TextEncoder`.
        recogniser: see `Recogniser`.
    """

    def __init__(self, text_encoder: str, recogniser: str | None) -> None:
        self._encoder_name = text_encoder
        self.recogniser = Recogniser(recogniser)
        self._encoders = Cache(1)
        self._spectrograms = Cache(32)
        self._encodings = Cache(512)
        self._statistics = Cache(256)
        self._transcripts = Cache(128)
        self._rarities = Cache(2048)

    @property
    def text_encoder(self) -> TextEncoder:
        """The frozen BERT, loaded when first needed, by one thread."""
        return self._encoders.get(self._encoder_name, lambda: TextEncoder(self._encoder_name))

    def transcribe(self, clip: Clip) -> Transcript:
        """Recognised words of a clip (cached). Raises RecogniserError where ASR is missing."""
        return self._transcripts.get(clip.digest, lambda: self.recogniser.transcribe(clip))

    def has_transcribed(self, clip: Clip) -> bool:
        """Whether `transcribe` answers from its cache."""
        return clip.digest in self._transcripts

    def translate(self, clip: Clip) -> Transcript:
        """The recogniser's translation into English (cached), see `Recogniser.translate`."""
        key = (clip.digest, "en")
        return self._transcripts.get(key, lambda: self.recogniser.translate(clip))

    def log_mel(self, clip: Clip, front_end: FrontEnd = FrontEnd()) -> torch.Tensor:  # noqa: B008
        """Log-Mel spectrogram [T, 64] in dB (cached)."""
        return self._spectrograms.get(
            (clip.digest, front_end), lambda: in_order(lambda: log_mel(clip.samples, front_end))
        )

    def speech_statistics(self, clip: Clip) -> np.ndarray:
        """Statistics of the recogniser's encoder, [2 D] (cached)."""
        return self._statistics.get(clip.digest, lambda: self.recogniser.statistics(clip))

    def reference(self, clips: Sequence[Clip]) -> SpeakerReference:
        """What is typical of a speaker, from clips of theirs; ten or more, of several moods.

        Raises:
            SerError: there are none.
            RecogniserError: the recogniser, whose encoder `foundation` listens with, is missing.
        """
        return SpeakerReference.of(
            [VoiceStatistics.of(clip, self.speech_statistics(clip)) for clip in clips],
            self.recogniser.fingerprint,
        )

    def encode(self, text: str) -> TextEncoding:
        """Tokens and e of a transcript (cached)."""
        encoder = self.text_encoder
        return self._encodings.get(text, lambda: in_order(lambda: encoder.encode(text)))

    def inputs(
        self,
        checkpoint: Checkpoint,
        clip: Clip,
        words: str | None,
        speaker: SpeakerReference | None = None,
    ) -> dict[str, torch.Tensor]:
        """The network's inputs, batch of one, by the names that the network gives them.

        They are plain tensors (not of inference mode), and shared with the caches: clone one
        before it is changed in place. Not for late fusion, which has no network.

        Args:
            words: None for no text.
            speaker: makes log-Mels and speech statistics relative to the speaker, for models that
                know speakers (see `Network.typical`).

        Raises:
            EncoderError: the checkpoint was trained with another text or speech encoder.
        """
        wanted = checkpoint.network.inputs
        values: dict[str, torch.Tensor] = {}
        if "log_mel" in wanted:
            values["log_mel"] = self._log_mel(checkpoint, clip, speaker).unsqueeze(0)
        if "embedding" in wanted:
            values["embedding"] = self._embedding(checkpoint, words).unsqueeze(0)
        if "has_text" in wanted:
            values["has_text"] = torch.tensor([float(words is not None)])
        if "speech_statistics" in wanted:
            require_encoder(checkpoint, self.recogniser.fingerprint, "speech")
            statistics = torch.tensor(self.speech_statistics(clip))
            if speaker is not None:
                require_encoder(checkpoint, speaker.speech_encoder, "speech")
                statistics = checkpoint.network.relative(statistics, speaker.speech)
            values["speech_statistics"] = statistics.unsqueeze(0)
        return values

    def rarity(
        self, checkpoint: Checkpoint, clip: Clip, speaker: SpeakerReference | None = None
    ) -> float | None:
        """Share of unseen clips of a model's training corpora that sound at least as strange.

        See `Familiarity.rarity`. None for a model that hears nothing, or where it was not measured.
        Not for late fusion, which hears by its audio model.
        """
        known = checkpoint.familiarity
        if known is None:
            return None
        speaker = speaker if checkpoint.model.knows_speakers else None

        def measure() -> float | None:
            found = familiarity.features(self.inputs(checkpoint, clip, None, speaker))
            return None if found is None else known.rarity(found)

        key = (checkpoint.name, clip.digest, speaker and speaker.digest)
        return self._rarities.get(key, measure)

    def forward(
        self,
        checkpoint: Checkpoint,
        inputs: Mapping[str, torch.Tensor],
        *,
        stages: Mapping[str, torch.Tensor] | None = None,
        gradients: bool = False,
    ) -> Output:
        """One pass of a batch through a network, at its turn in the queue.

        Long computations call this batch by batch, so that nobody waits for more than one.

        Args:
            inputs: as `inputs` gives them, [B, ...] each.
            stages: for fusion models, the conditioning from outside by stage name, in place of
                the one that the network computes from e.
            gradients: keep the graph, so that the output can be differentiated by the inputs
                (weights never are); the backward pass belongs into the queue as well, see
                `forward_queue.in_order`.
        """
        more = {} if stages is None else {"stages": stages}

        def forward() -> Output:
            with contextlib.nullcontext() if gradients else torch.inference_mode():
                output: Output = checkpoint.network(**inputs, **more)
                return output

        return in_order(forward)

    def _log_mel(
        self, checkpoint: Checkpoint, clip: Clip, speaker: SpeakerReference | None
    ) -> torch.Tensor:
        if speaker is None or not checkpoint.model.knows_speakers:
            return self.log_mel(clip, checkpoint.front_end)
        # At the level of the recording: a clip louder than the speaker's others stays so.
        as_recorded = self.log_mel(clip, replace(checkpoint.front_end, level_db=None))
        return checkpoint.network.relative(as_recorded, speaker.bands)

    def _embedding(self, checkpoint: Checkpoint, words: str | None) -> torch.Tensor:
        if words is None:
            return torch.zeros(checkpoint.model.input_dim)
        require_encoder(checkpoint, self.text_encoder.fingerprint)
        return torch.from_numpy(self.encode(words).summary(checkpoint.model.summary))
