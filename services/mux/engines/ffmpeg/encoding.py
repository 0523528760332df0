"""Encoders and containers of audio files, as ffmpeg's arguments."""

from dataclasses import dataclass

from services.mux.engines.ffmpeg.delivery import FAST_START
from services.mux.engines.protocol import AudioFormat

# At 64 kbit/s and more as good as the default coder, by FFmpeg's own documentation, in half of the time.
FAST_AAC = ("aac", "-aac_coder", "fast")


@dataclass(frozen=True, slots=True)
class AudioEncoding:
    """ffmpeg's `encoder` with its options, its `container`, and options that close the file.

    `makeup_db` is applied after the limiter, for an encoder that turns down what it is given.
    """

    encoder: tuple[str, ...]
    container: str
    finish: tuple[str, ...] = ()
    makeup_db: float = 0.0


# The audio of a video, which is delivered as a file of its own too.
VIDEO_AUDIO = AudioEncoding((*FAST_AAC, "-b:a", "160k"), "ipod", FAST_START)

# Both channels are alike, so these rates are spent on one voice.
ENCODINGS = {
    # At this rate LAME turns the sound down to 95 %. The rate is constant so that players seek exactly.
    AudioFormat.MP3: AudioEncoding(("libmp3lame", "-b:a", "128k"), "mp3", makeup_db=0.446),
    AudioFormat.M4A: AudioEncoding((*FAST_AAC, "-b:a", "96k"), "ipod", FAST_START),
    # A plain WAV ends at 4 GiB: about six hours.
    AudioFormat.WAV: AudioEncoding(("pcm_s16le",), "wav", ("-rf64", "auto")),
    AudioFormat.OPUS: AudioEncoding(("libopus", "-b:a", "96k", "-compression_level", "5"), "ogg"),
    AudioFormat.FLAC: AudioEncoding(("flac", "-sample_fmt", "s16"), "flac"),
}
