"""Which files can be opened: names for choosing them, containers and codecs for FFmpeg.

Nothing heavy is imported here: the uploader and the command line's help ask for these names.
"""

# Extensions, without the dot. A name is only a hint: a file is recognised by its content.
EXTENSIONS: tuple[str, ...] = (
    *("wav", "wave", "flac", "ogg", "oga", "opus", "mp3", "mpga", "mp2", "mpeg", "mpg"),
    *("m4a", "m4b", "aac", "mp4", "m4v", "mov", "3gp", "3g2", "webm", "weba", "mka", "mkv"),
    *("wma", "asf", "amr", "awb", "aif", "aiff", "aifc", "caf", "au", "snd", "w64", "avi", "ts"),
)
IN_WORDS = "WAV, FLAC, Ogg, Opus, MP3, M4A, AAC, WebM, WMA, AMR, AIFF, or the sound of a video"

# FFmpeg reads hundreds of formats, playlists that open other files and URLs among them. Only
# plain containers of audio are let in, and no nested file is ever opened.
CONTAINERS = {
    "aac": "AAC",
    "ac3": "AC-3",
    "aiff": "AIFF",
    "amr": "AMR",
    "asf": "WMA",
    "avi": "AVI",
    "caf": "CAF",
    "flac": "FLAC",
    "flv": "FLV",
    "matroska": "Matroska/WebM",
    "mov": "MP4",
    "mp3": "MP3",
    "mpeg": "MPEG-PS",
    "mpegts": "MPEG-TS",
    "ogg": "Ogg",
    "wav": "WAV",
}
CODECS = frozenset(
    (
        *("aac", "aac_latm", "ac3", "eac3", "alac", "amrnb", "amrwb", "libopencore_amrnb"),
        *("libopencore_amrwb", "dca", "flac", "g722", "g726", "g723_1", "g729", "gsm"),
        *("gsm_ms", "ilbc", "mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float"),
        *("nellymoser", "opus", "libopus", "speex", "truespeech", "vorbis", "libvorbis", "wmav1"),
        *("wmav2", "wmapro", "wmavoice", "wmalossless"),
        *("pcm_alaw", "pcm_mulaw", "pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le"),
        *(
            "pcm_s24be",
            "pcm_s32le",
            "pcm_s32be",
            "pcm_f32le",
            "pcm_f32be",
            "pcm_f64le",
            "pcm_f64be",
        ),
        *("pcm_bluray", "pcm_dvd"),
        *(
            "adpcm_ms",
            "adpcm_ima_wav",
            "adpcm_ima_qt",
            "adpcm_yamaha",
            "adpcm_swf",
            "adpcm_g722",
            "adpcm_g726",
        ),
    )
)
# A second opinion where a decoder gives up on packets: FFmpeg's AMR knows no silence descriptors.
OTHER_DECODERS = {
    "amrnb": "libopencore_amrnb",
    "amrwb": "libopencore_amrwb",
    "mp3float": "mp3",
    "opus": "libopus",
    "vorbis": "libvorbis",
}
# Names to show where FFmpeg's name a decoder rather than a coding.
_CODINGS = {
    "mp1float": "MPEG_LAYER_I",
    "mp2": "MPEG_LAYER_II",
    "mp2float": "MPEG_LAYER_II",
    "mp3": "MPEG_LAYER_III",
    "mp3float": "MPEG_LAYER_III",
}
# Containers that say a length themselves; of the others FFmpeg guesses it from the bit rate.
HAVE_LENGTHS = frozenset({"asf", "avi", "caf", "flac", "matroska", "mov", "ogg"})

# Format tags of WAV files, for naming what nothing here decodes (RFC 2361 and mmreg.h).
_WAV_TAGS = {
    0x0001: "PCM",
    0x0002: "Microsoft ADPCM",
    0x0003: "floating point",
    0x0005: "IBM CVSD",
    0x0006: "A-law",
    0x0007: "µ-law",
    0x0008: "DTS",
    0x000A: "Windows Media Voice",
    0x0010: "OKI ADPCM",
    0x0011: "IMA ADPCM",
    0x0014: "G.723 ADPCM",
    0x0015: "DIGISTD",
    0x0017: "Dialogic OKI ADPCM",
    0x0022: "DSP Group TrueSpeech",
    0x0028: "LPC-10",
    0x0031: "GSM 6.10",
    0x003B: "Rockwell ADPCM",
    0x0040: "G.721 ADPCM",
    0x0041: "G.728 CELP",
    0x0042: "G.723.1",
    0x0045: "G.726 ADPCM",
    0x0050: "MPEG layer II",
    0x0055: "MP3",
    0x0064: "G.726 ADPCM",
    0x0065: "G.722 ADPCM",
    0x0069: "Voxware",
    0x0083: "G.729",
    0x00FF: "AAC",
    0x0130: "ACELP.net",
    0x0161: "Windows Media Audio",
    0x0200: "Creative ADPCM",
    0x0270: "ATRAC3",
    0x1610: "AAC",
    0x2000: "AC-3",
    0xA109: "Speex",
    0xF1AC: "FLAC",
}


def format_name(container: str, decoder: str) -> str:
    """Container and coding as shown, such as `MP4/aac`, from FFmpeg's names."""
    coding = _CODINGS.get(decoder, decoder.removeprefix("libopencore_").removeprefix("lib"))
    return f"{CONTAINERS.get(container, 'unknown')}/{coding}"


def wav_coding(tag: int) -> str:
    """The name of a WAV file's coding, with its tag where there is no common name."""
    return _WAV_TAGS.get(tag, f"format 0x{tag:04X}")
