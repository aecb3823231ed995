"""Decoding with FFmpeg (PyAV): one sound track, packet by packet."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer

from ser_core.inputs.formats import CODECS, CONTAINERS, HAVE_LENGTHS, format_name
from ser_core.inputs.mixing import Block, UndecodableError, guarded

_OPTIONS = {
    "format_whitelist": ",".join(CONTAINERS),
    "codec_whitelist": ",".join(sorted(CODECS)),  # also keeps the video decoders shut
    "protocol_whitelist": "none",
}
_LONGEST_PACKET_S = 10.0  # Ogg Vorbis gives its last one a length of days at times
_MAX_BARREN_PACKETS = 1000  # packets without a sample: a file of these would take minutes


@contextmanager
def opened(data: bytes) -> Iterator[InputContainer]:
    """The container in a file's bytes.

    Raises:
        UndecodableError: it is none that is let in, or damaged.
    """
    try:
        container = av.open(io.BytesIO(data), "r", options=_OPTIONS, metadata_errors="ignore")
    except Exception as error:
        raise UndecodableError(str(error)) from error
    with container:
        yield container


def packet_seconds(data: bytes) -> float:
    """Length of the first sound track by its packets, without decoding; 0 if that is not known."""
    try:
        with opened(data) as container:
            return sum(_seconds(packet) for packet in container.demux(container.streams.audio[0]))
    except Exception:  # as many kinds as there are ways to be damaged
        return 0.0


class Track:
    """One sound track of a file.

    Args:
        data: the file.
        index: among its sound tracks, from 0.
        decoder: another decoder than FFmpeg's first choice.

    Attributes (of the last complete pass over `blocks`):
        format: container and codec, such as `MP4/aac`.
        codec: name of the decoder.
        decoded_s: seconds of sound.
        lost_s: seconds of packets that could not be decoded.
        announced_s: seconds by the packets or the container, whichever is more.
    """

    def __init__(self, data: bytes, index: int, decoder: str | None = None) -> None:
        self.index = index
        self._data = data
        self._decoder = decoder
        self.format = self.codec = ""
        self.decoded_s = self.lost_s = self.announced_s = 0.0

    @guarded
    def blocks(self) -> Iterator[Block]:
        """What can be decoded; damaged packets are left out and counted, as players do.

        Raises:
            UndecodableError: nothing can be read, or more packets are damaged than not.
        """
        self.decoded_s = self.lost_s = self.announced_s = 0.0
        packets = fruitful = barren = 0
        with opened(self._data) as container:
            stream = container.streams.audio[self.index]
            context = self._context(stream)
            container_name = container.format.name.split(",")[0]
            self.codec = context.name
            self.format = format_name(container_name, context.name)
            for packet in _packets(container, stream):
                before = fruitful
                if not packet.size and packet.dts is not None:
                    continue  # an empty sample; to the decoder it would mean the end
                packets += packet.size > 0
                try:
                    for frame in context.decode(packet if packet.size else None):
                        block = _samples(frame)
                        self.decoded_s += len(block) / frame.sample_rate
                        fruitful += 1
                        yield frame.sample_rate, block
                except av.error.FFmpegError:
                    self.lost_s += _seconds(packet)
                self.announced_s += _seconds(packet)
                barren += before == fruitful
                if barren > _MAX_BARREN_PACKETS:
                    break
            if container_name in HAVE_LENGTHS:
                self.announced_s = max(self.announced_s, _claim(container, stream))
            else:  # FFmpeg takes one rate for all packets, whatever changes on the way
                self.announced_s = self.decoded_s + self.lost_s
            if container_name == "mp3" and packets:
                self.announced_s *= max(1.0, _mp3_frames(self._data) / packets)
        if not fruitful or barren > fruitful:
            raise UndecodableError("more packets are damaged than not")

    @property
    def missing_s(self) -> float:
        """Seconds that the file holds or announces and that are not in what was decoded."""
        missing = max(self.lost_s, self.announced_s - self.decoded_s)
        # Coders pad both ends: AAC at 8 kHz by a quarter of a second.
        return missing if missing > max(0.3, 0.02 * self.announced_s) or self.lost_s > 0.1 else 0.0

    def _context(self, stream: AudioStream) -> AudioCodecContext:
        found = stream.codec_context
        is_mpeg = found.name.startswith(("mp1", "mp2", "mp3"))
        if self._decoder is None and not is_mpeg:
            return found
        context = av.CodecContext.create(self._decoder or found.name, "r")
        assert isinstance(context, AudioCodecContext)
        if not is_mpeg:  # each frame of MPEG says its own; the first would be given another's
            context.extradata = found.extradata
            context.sample_rate = found.sample_rate
            context.layout = found.layout
        return context


def _packets(container: InputContainer, stream: AudioStream) -> Iterator[av.Packet]:
    """All packets; where the container breaks off, those before."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError):
            return
        yield packet


def _seconds(packet: av.Packet) -> float:
    if packet.duration is None or packet.time_base is None or packet.is_discard:
        return 0.0
    seconds = float(packet.duration * packet.time_base)
    return seconds if 0.0 <= seconds <= _LONGEST_PACKET_S else 0.0


def _mp3_frames(data: bytes) -> int:
    """Number of frames by an MP3's first frame (Xing's header), 0 where it has none."""
    found = re.search(rb"(?:Xing|Info)\x00\x00\x00([\x00-\x0f])(.{4})", data[: 1 << 16], re.DOTALL)
    return int.from_bytes(found[2], "big") if found and found[1][0] & 1 else 0


def _claim(container: InputContainer, stream: AudioStream) -> float:
    """The length in seconds that a container gives; 0 if that is not known."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if len(container.streams) == 1:  # else it may be the picture's
        return (container.duration or 0) / av.time_base
    return 0.0


def _samples(frame: av.AudioFrame) -> np.ndarray:
    """Samples of one decoded frame, float [n, channels], full scale 1."""
    array: np.ndarray = frame.to_ndarray()
    channels = len(frame.layout.channels)
    block: np.ndarray = array.T if frame.format.is_planar else array.reshape(-1, channels)
    if block.dtype.kind == "f":
        return block
    if block.dtype == np.uint8:
        return (block.astype(np.float32) - 128.0) / 128.0
    return block.astype(np.float32) / float(2 ** (8 * block.dtype.itemsize - 1))
