"""Converts recordings that engines cannot read as they are to FLAC, without loss."""

from pathlib import Path

import av
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.probe_sound import MIN_RATE

# PyAV's own stubs leave types open.
# pyright: reportUnknownMemberType=false

FLAC = "audio/flac"
_LOW_RATE = 16_000
"""Sample rate of what was sampled too low for engines."""


def write_flac(source: Path, target: Path) -> None:
    """Writes the first audio stream of `source`, at its own rate if engines take that. Blocking.

    Raises `AssetRefused` for a recording that cannot be decoded to its end.
    """
    try:
        _transcode(source, target)
    except FFmpegError as exc:
        message = "The recording is damaged: it cannot be decoded to its end. Export it again and send that."
        raise AssetRefused(422, "audio_corrupt", message) from exc


def _transcode(source: Path, target: Path) -> None:
    with (
        av.open(str(source), metadata_errors="replace") as recording,
        av.open(str(target), "w", format="flac") as output,
    ):
        heard = recording.streams.audio[0]
        rate = heard.rate if heard.rate >= MIN_RATE else _LOW_RATE
        written = output.add_stream("flac", rate=rate)
        written.codec_context.layout = heard.layout
        resampler = AudioResampler(format="s16", layout=heard.layout, rate=rate)
        for frame in (*recording.decode(heard), None):
            for resampled in resampler.resample(frame):
                output.mux(written.encode(resampled))
        output.mux(written.encode(None))
