"""Other recordings of a clip's speaker: what is measured of them, never their sound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pages._tokens import Tokens
from ser_core.errors import AudioError, SerError

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.inputs.audio import Clip
    from ser_core.inputs.reference import SpeakerReference, VoiceStatistics

MOST = 100  # clips of one speaker: more hardly change their mean
MAX_BYTES = 64 * 2**20
_BYTES = 8192  # of one clip's statistics, about

Voices = Mapping[str, "VoiceStatistics"]


@dataclass(frozen=True)
class SpeakerClips:
    """Recordings of one speaker.

    Attributes:
        token: in `resources.speakers()`.
        voices: statistics of each recording by the digest of its sound.
        encoder: SHA-256 of the speech encoder, or "".
    """

    token: str
    voices: "Voices" = field(compare=False, repr=False)
    encoder: str = field(compare=False, repr=False)

    def reference(self, clip: "Clip") -> "SpeakerReference | None":
        """What a clip is heard relative to: the others; None where there are none."""
        from ser_core.inputs.reference import SpeakerReference

        others = [voice for digest, voice in self.voices.items() if digest != clip.digest]
        return SpeakerReference.of(others, self.encoder) if others else None


class Speakers(Tokens["tuple[Voices, str]"]):
    """Speakers' recordings by token; see `Tokens`."""

    def __init__(self) -> None:
        super().__init__(MAX_BYTES)

    def keep(self, voices: "Voices", encoder: str) -> SpeakerClips:
        """Take what was measured, under a new token."""
        token = self.take((voices, encoder), _BYTES * len(voices))
        return SpeakerClips(token, voices, encoder)

    def find(self, token: str) -> SpeakerClips:
        """The recordings of a token. Raises SerError where they are gone."""
        found = self.get(token)
        if found is None:
            raise SerError(
                "The speaker's other recordings of this link are gone: they are kept for some "
                "minutes, in memory only. Give them again."
            )
        return SpeakerClips(token, *found)


def measure(
    files: Sequence[tuple[str, bytes]], analyzer: "Analyzer", before: "Voices"
) -> "tuple[Voices, list[str]]":
    """Statistics of recordings by digest, and one sentence on each that cannot be used.

    Args:
        files: their names and bytes; a ZIP file counts as the recordings in it.
        before: recordings that were given already, which stay.
    """
    from ser_core.evaluation.speaker_voices import voice_statistics
    from ser_core.inputs.audio import load

    voices, problems = dict(before), []
    sounds, left = _unpacked(files)
    for name, data in sounds:
        try:
            clip = load(data, name=name)
        except AudioError as error:
            problems.append(f"{name}: {error}")
            continue
        if len(voices) >= MOST:
            problems.append(f"More than {MOST} recordings were given: the first {MOST} count.")
            break
        if clip.digest not in voices:
            voices[clip.digest] = voice_statistics(analyzer, clip)
    return voices, [*left, *problems]


def _unpacked(
    files: Sequence[tuple[str, bytes]],
) -> tuple[list[tuple[str, bytes]], list[str]]:
    """Names and bytes of recordings, and a sentence on each ZIP file that cannot be read."""
    from ser_core.maps.uploads import TABLES, unpack

    sounds: list[tuple[str, bytes]] = []
    problems = []
    for name, data in files:
        try:
            sounds += unpack({name: data}).items()
        except SerError as error:
            problems.append(str(error))
    return [one for one in sounds if not one[0].lower().endswith(TABLES)], problems
