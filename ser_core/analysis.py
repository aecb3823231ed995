"""The Analyzer: a clip and its transcript in, every model's prediction out."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ser_core.encoding import Encodings
from ser_core.errors import EncoderError, RecogniserError, SerError
from ser_core.inputs.audio import Clip, load
from ser_core.inputs.reference import SpeakerReference
from ser_core.inputs.text import DEFAULT_ENCODER
from ser_core.inputs.transcript import Transcript
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.registry import choose, discover, parents
from ser_core.results import Analysis, Prediction, combine, to_prediction
from ser_core.support.cache import Cache

__all__ = ["Analysis", "Analyzer", "Prediction", "default_checkpoints"]

CHECKPOINTS = Path(__file__).resolve().parents[1] / "checkpoints"


def default_checkpoints() -> list[Path]:
    """The folders in `$SER_CHECKPOINTS` (several are separated as in PATH), or the shipped one."""
    named = os.environ.get("SER_CHECKPOINTS", "").split(os.pathsep)
    return [Path(folder) for folder in named if folder] or [CHECKPOINTS]


class Analyzer(Encodings):
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
        super().__init__(text_encoder, recogniser)
        self._outputs = Cache(2048)

    def warm_up(self) -> None:
        """Load weights, and the encoder if there is one, now rather than at the first clip."""
        for checkpoint in self.models.values():
            if checkpoint.model.architecture != "late":
                _ = checkpoint.network
        with contextlib.suppress(EncoderError):  # told where it is needed
            self.encode("")

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

        Without the default text encoder the words are not used, without the speech encoder the
        models that need it are skipped; notes and `skipped` say so.

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
        missing = self._missing_encoder() if words is not None else ""
        if missing and any(checkpoint.uses_text for checkpoint in chosen):
            words, transcript = None, replace(transcript, notes=(*transcript.notes, missing))
        for checkpoint in chosen:
            if checkpoint.needs_text and words is None:
                skipped[checkpoint.name] = missing or (
                    "It reads only the words, and they are doubtful: correct or accept them."
                    if transcript.has_text
                    else "It reads only the words, and there are none."
                )
                continue
            try:
                predictions[checkpoint.name] = self._predict(
                    checkpoint, clip, words, late_weight, speaker
                )
            except RecogniserError as error:
                skipped[checkpoint.name] = str(error)
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

    def _missing_encoder(self) -> str:
        """Why the default text encoder cannot be had; one that the user named raises later."""
        try:
            _ = self._encoder_name == DEFAULT_ENCODER and self.text_encoder
            return ""
        except EncoderError as error:
            return str(error)

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
                return replace(heard, model=checkpoint.name)
            read = self._predict(text, clip, words, None, None)
            return combine(checkpoint.name, read, heard, checkpoint.model.late_rule(weight))
        sound = clip.digest if checkpoint.uses_voice else None
        speaker = speaker if checkpoint.model.knows_speakers else None
        output = self._outputs.get(
            (checkpoint.name, sound, words, speaker and speaker.digest),
            lambda: self.forward(checkpoint, self.inputs(checkpoint, clip, words, speaker)),
        )
        rarity = self.rarity(checkpoint, clip, speaker)
        return to_prediction(checkpoint, output, words is not None, rarity)
