"""The Analyzer: a clip and its transcript in, every model's prediction out."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ser_core.errors import SerError
from ser_core.inputs.audio import Clip, load
from ser_core.inputs.features import FrontEnd, log_mel
from ser_core.inputs.reference import SpeakerReference, VoiceStatistics
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import DEFAULT_ENCODER, TextEncoder, TextEncoding
from ser_core.inputs.transcript import Transcript
from ser_core.models.checkpoint import Checkpoint, require_encoder
from ser_core.models.fusion import Output
from ser_core.models.registry import choose, discover, parents
from ser_core.results import Analysis, Prediction, combine, to_prediction
from ser_core.support.cache import Cache
from ser_core.support.forward_queue import in_order

__all__ = ["Analysis", "Analyzer", "Prediction", "default_checkpoints"]

CHECKPOINTS = Path(__file__).resolve().parents[1] / "checkpoints"


def default_checkpoints() -> list[Path]:
    """The folders in `$SER_CHECKPOINTS` (several are separated as in PATH), or the shipped one."""
    named = os.environ.get("SER_CHECKPOINTS", "").split(os.pathsep)
    return [Path(folder) for folder in named if folder] or [CHECKPOINTS]


class Analyzer:
    """All models behind one door. Safe to share between threads; create one and keep it.

    A clip is transformed once and a transcript encoded once, whatever the number of models; what
    was computed is kept in bounded caches, so that a new transcript costs only the models that
    use text.

    Args:
        checkpoints: folder of checkpoint folders, or several (see `discover`); default
            `$SER_CHECKPOINTS` or the shipped ones.
        text_encoder: see `TextEncoder`; it must be the one that the checkpoints name.
        recogniser: see `Recogniser`; its encoder must be the one that the checkpoints name.
    """

    def __init__(
        self,
        checkpoints: Path | str | Sequence[Path] | None = None,
        text_encoder: str = DEFAULT_ENCODER,
        recogniser: str | None = None,
    ) -> None:
        roots = Path(checkpoints) if isinstance(checkpoints, str) else checkpoints
        self.models: dict[str, Checkpoint] = discover(roots or default_checkpoints())
        self._encoder_name = text_encoder
        self.recogniser = Recogniser(recogniser) if recogniser else Recogniser()
        self._encoders = Cache(1)
        self._spectrograms = Cache(32)
        self._encodings = Cache(512)
        self._statistics = Cache(256)
        self._transcripts = Cache(128)
        self._outputs = Cache(2048)

    @property
    def text_encoder(self) -> TextEncoder:
        """The frozen BERT, loaded when first needed, by one thread."""
        return self._encoders.get(self._encoder_name, lambda: TextEncoder(self._encoder_name))

    def warm_up(self) -> None:
        """Load encoder and weights now rather than at the first clip."""
        for checkpoint in self.models.values():
            if checkpoint.model.architecture != "late":
                _ = checkpoint.network
        self.encode("")

    def transcribe(self, clip: Clip) -> Transcript:
        """Recognised words of a clip (cached). Raises RecogniserError where ASR is missing."""
        return self._transcripts.get(clip.digest, lambda: self.recogniser.transcribe(clip))

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

    def analyze_file(self, source: Path | str | bytes, **options: Any) -> Analysis:
        """`analyze` of what `ser_core.inputs.audio.load` makes of a file or its bytes."""
        return self.analyze(load(source), **options)

    def analyze(
        self,
        clip: Clip,
        transcript: Transcript | str | None = None,
        models: Sequence[str] | None = None,
        late_weight: float | None = None,
        use_doubted_words: bool = False,
        speaker: SpeakerReference | None = None,
    ) -> Analysis:
        """Predictions of the models for one clip.

        Args:
            clip: from `ser_core.inputs.audio.load`.
            transcript: the words; `Transcript.none()` or "" for no text; None asks the recogniser,
                and goes on without words where there is none.
            models: names, in any order; default all.
            late_weight: of the text in late fusion, in [0, 1]; default the checkpoint's.
            use_doubted_words: let recognised words take part that the recogniser itself doubts, or
                of a language that the text encoder was not made for. Words that a person typed or
                that a file brought always do.
            speaker: see `reference`; models that know speakers hear the voice relative to it. It
                should not be made from this clip.

        Raises:
            CheckpointError: an unknown model name, or a checkpoint that cannot be loaded.
            EncoderError: a checkpoint was trained with another text or speech encoder.
            SerError: a weight outside [0, 1].
        """
        if late_weight is not None and not 0 <= late_weight <= 1:
            raise SerError("The weight of the text in late fusion lies between 0 and 1.")
        if transcript is None:
            transcript = self.transcribe_or_none(clip)
        elif isinstance(transcript, str):
            transcript = Transcript.typed(transcript)
        words = transcript.text if transcript.usable(use_doubted_words) else None
        predictions: dict[str, Prediction] = {}
        skipped: dict[str, str] = {}
        chosen = choose(self.models, models)
        for checkpoint in chosen:
            if checkpoint.needs_text and words is None:
                skipped[checkpoint.name] = (
                    "It reads only the words, and they are doubtful: correct or accept them."
                    if transcript.has_text
                    else "It reads only the words, and there are none."
                )
                continue
            predictions[checkpoint.name] = self._predict(
                checkpoint, clip, words, late_weight, speaker
            )
        return Analysis(
            clip,
            transcript,
            predictions,
            skipped,
            used_words=words is not None,
            late_weights={
                c.name: c.model.weight if late_weight is None else late_weight
                for c in chosen
                if c.model.parents
            },
            digests={c.name: c.digest for c in chosen},
            speaker=speaker,
        )

    def transcribe_or_none(self, clip: Clip) -> Transcript:
        """`transcribe`, or an empty transcript whose doubt says why there is no recogniser."""
        try:
            return self.transcribe(clip)
        except SerError as error:
            return Transcript(text="", source="none", doubt=str(error))

    def _predict(
        self,
        checkpoint: Checkpoint,
        clip: Clip,
        words: str | None,
        weight: float | None,
        speaker: SpeakerReference | None,
    ) -> Prediction:
        words = words if checkpoint.uses_text else None
        if checkpoint.model.architecture == "late":
            text, audio = parents(self.models, checkpoint)
            heard = self._predict(audio, clip, None, None, speaker)
            if words is None:
                return Prediction(
                    checkpoint.name, heard.probabilities, heard.dimensions, used_text=False
                )
            read = self._predict(text, clip, words, None, None)
            return combine(checkpoint.name, read, heard, checkpoint.model.late_rule(weight))
        sound = clip.digest if checkpoint.uses_voice else None
        speaker = speaker if checkpoint.model.knows_speakers else None
        output = self._outputs.get(
            (checkpoint.name, sound, words, speaker and speaker.digest),
            lambda: self.forward(checkpoint, self.inputs(checkpoint, clip, words, speaker)),
        )
        return to_prediction(checkpoint, output, words is not None)

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
