"""Errors that a user can cause. Each carries one sentence that says what to do.

Anything else that escapes this package is a bug.
"""


class SerError(Exception):
    """Base of every error a user can cause; `str(error)` is fit to be shown to that user."""


class AudioError(SerError):
    """The audio cannot be used."""


class EmptyAudioError(AudioError):
    """No bytes, or no samples."""


class CorruptAudioError(AudioError):
    """Not audio, an unknown format, or a damaged file."""


class AudioTooLongError(AudioError):
    """Longer than the limit in seconds."""


class AudioTooLargeError(AudioError):
    """More bytes, or more samples when decoded, than the limit."""


class SilentAudioError(AudioError):
    """Every sample is (nearly) zero."""


class NonFiniteAudioError(AudioError):
    """NaN or infinite samples."""


class EncoderError(SerError):
    """A text encoder is missing, damaged, or not the one that a checkpoint was trained with."""


class RecogniserError(SerError):
    """Speech recognition is not available."""


class CheckpointError(SerError):
    """A checkpoint is missing, damaged, or unsafe to load."""


class CorpusError(SerError):
    """A corpus is missing, incomplete, or not what was expected."""


class RecipeError(SerError):
    """A training recipe is not valid."""
