"""A lesson in one file: clips, words, kept variants and choices, as JSON."""

import base64
import binascii
import io
import json
import zlib
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pages import _resources as resources
from pages import _state as state
from pages._speaker_clips import MOST, SpeakerClips
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.inputs.audio import Clip

FORMAT = "ser session"
VERSION = 1
_RATE = 16_000
_MAX_SAMPLES = 300 * _RATE
_FIELDS = ("text", "use_words", "heard", "translated", "accepted", "late_weight")


def save(view: state.View) -> str:
    """The view as JSON: examples by name, own recordings embedded without loss."""
    variants = [v for v in (view.current, *view.kept) if v is not None]
    clips = {v.clip.clip.digest: v.clip for v in variants}
    numbers = {digest: f"clip{number}" for number, digest in enumerate(clips, start=1)}
    speakers = {v.speaker.token: v.speaker for v in variants if v.speaker}
    numbers |= {token: f"speaker{number}" for number, token in enumerate(speakers, start=1)}
    document = {
        "format": FORMAT,
        "version": VERSION,
        "clips": {numbers[digest]: _pack(clip) for digest, clip in clips.items()},
        "speakers": {numbers[token]: _pack_speaker(one) for token, one in speakers.items()},
        "current": view.current and _variant(view.current, numbers),
        "kept": [_variant(variant, numbers) for variant in view.kept],
        "models": view.models,
        "output": view.output,
        "span": view.span,
        "options": dict(view.options),
    }
    return json.dumps(document, indent=1, ensure_ascii=False)


def load(data: bytes) -> state.View:
    """Inverse of `save`; recordings get new tokens.

    Raises:
        SerError: not such a file, or one that is damaged.
    """
    try:
        document = json.loads(data)
        if document["format"] != FORMAT:
            raise SerError("This is no session file: choose one that was saved here.")
        if document["version"] != VERSION:
            raise SerError("This session file is of another version of the app: save it anew.")
        clips = {name: _unpack(packed) for name, packed in document["clips"].items()}
        speakers = {n: _unpack_speaker(p) for n, p in document.get("speakers", {}).items()}
        variants = [
            _read(v, clips, speakers) for v in (document["current"], *document["kept"]) if v
        ]
        return state.View(
            current=variants[0] if document["current"] else None,
            kept=tuple(variants[1 if document["current"] else 0 :])[: state.MAX_KEPT],
            recent=tuple(clips.values())[: state.MAX_RECENT],
            models=tuple(map(str, document["models"])) if document["models"] else None,
            output=str(document["output"])[:100],
            span=_span(document["span"]),
            options=tuple(sorted((str(k), str(v)) for k, v in document["options"].items())),
        )
    except SerError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise SerError("The session file is damaged: choose another one.") from error


def _span(values: list[float] | None) -> tuple[float, float] | None:
    if values is None:
        return None
    start, end = map(float, values)
    if not 0 <= start < end:
        raise ValueError("no span of time")
    return start, end


def _variant(variant: state.Variant, numbers: dict[str, str]) -> dict[str, Any]:
    values = {field: getattr(variant, field) for field in _FIELDS}
    speaker = variant.speaker and numbers[variant.speaker.token]
    return {"clip": numbers[variant.clip.clip.digest], **values, "speaker": speaker}


def _read(
    values: dict[str, Any],
    clips: dict[str, state.OpenClip],
    speakers: dict[str, SpeakerClips],
) -> state.Variant:
    speaker = values.get("speaker")  # files of older versions have none
    text, weight = values["text"], values["late_weight"]
    if weight is not None and not 0 <= float(weight) <= 1:
        raise ValueError("a weight outside [0, 1]")
    return state.Variant(
        clips[values["clip"]],
        text=None if text is None else str(text),
        use_words=bool(values["use_words"]),
        heard=bool(values["heard"]),
        translated=bool(values["translated"]),
        accepted=bool(values["accepted"]),
        late_weight=None if weight is None else float(weight),
        speaker=None if speaker is None else speakers[speaker],
    )


def _pack_speaker(speaker: SpeakerClips) -> dict[str, Any]:
    """Statistics of each recording, float32: its level, 64 bands, and the speech encoder's."""
    voices = {
        digest: np.concatenate([[voice.level_db], voice.bands, voice.speech])
        for digest, voice in speaker.voices.items()
    }
    coded = {d: base64.b64encode(v.astype("<f4").tobytes()).decode() for d, v in voices.items()}
    return {"encoder": speaker.encoder, "voices": coded}


def _unpack_speaker(packed: dict[str, Any]) -> SpeakerClips:
    from ser_core.inputs.reference import VoiceStatistics

    voices = {}
    for digest, coded in list(packed["voices"].items())[:MOST]:
        values = np.frombuffer(base64.b64decode(coded), "<f4")
        if len(values) < 65 or not np.isfinite(values).all():
            raise ValueError("a speaker's recording is damaged")
        voices[str(digest)] = VoiceStatistics(values[1:65], float(values[0]), values[65:])
    if len({len(voice.speech) for voice in voices.values()}) != 1:
        raise ValueError("recordings of a speaker by several encoders, or none")
    return resources.speakers().keep(voices, str(packed["encoder"]))


def _pack(clip: state.OpenClip) -> dict[str, Any]:
    if clip.example:
        return {"title": clip.title, "example": clip.example}
    coding, data = _encode(clip.clip.samples)
    return {
        "title": clip.title,
        "script": clip.script,
        "synthetic": clip.synthetic,
        "source": asdict(clip.clip.source),
        "notes": clip.clip.notes,
        coding: base64.b64encode(data).decode(),
    }


def _encode(samples: np.ndarray) -> tuple[str, bytes]:
    """FLAC where 16 bits hold the samples exactly, else float32: nothing may be lost."""
    import soundfile

    integers = np.rint(samples * 32768.0)
    if np.array_equal(integers / 32768.0, samples) and integers.max() < 32768:
        buffer = io.BytesIO()
        soundfile.write(buffer, integers.astype(np.int16), _RATE, format="FLAC", subtype="PCM_16")
        return "flac", buffer.getvalue()
    return "float32", zlib.compress(samples.astype("<f4").tobytes())


def _unpack(packed: dict[str, Any]) -> state.OpenClip:
    if "example" in packed:
        return state.example(packed["example"])
    title, script = str(packed["title"])[:100], str(packed["script"])
    token = resources.recordings().keep(
        _decode(packed), title, script, synthetic=bool(packed["synthetic"])
    )
    return state.recording(token)


def _decode(packed: dict[str, Any]) -> "Clip":
    from ser_core.inputs.audio import Source, from_samples, load

    try:
        if "flac" in packed:
            clip = load(base64.b64decode(packed["flac"]))
        else:
            coded = base64.b64decode(packed["float32"])
            raw = zlib.decompressobj().decompress(coded, 4 * _MAX_SAMPLES)
            clip = from_samples(np.frombuffer(raw, "<f4"), _RATE)
    except (binascii.Error, zlib.error, SerError) as error:
        raise ValueError("a clip is damaged") from error
    notes = tuple(str(note)[:500] for note in packed["notes"])
    return replace(clip, source=Source(**packed["source"]), notes=notes)
