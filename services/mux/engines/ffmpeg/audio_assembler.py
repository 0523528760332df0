"""Assembles one audio file from speeches: speech track, then mastering."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from services.chassis.engine_api.spec import Progress
from services.chassis.errors import InvalidArgument
from services.mux.engines.ffmpeg.encoding import ENCODINGS
from services.mux.engines.ffmpeg.mastering import Master, master_track
from services.mux.engines.ffmpeg.media import read_speech
from services.mux.engines.ffmpeg.plan import SAMPLE_RATE, TrackPart, plan_audio
from services.mux.engines.ffmpeg.process import Ffmpeg
from services.mux.engines.ffmpeg.speech_track import write_mono_track
from services.mux.engines.ffmpeg.steps import Steps
from services.mux.engines.protocol import MAX_GAP_SECONDS, AssembledAudio, AudioAssembly

READ, LAID, MASTERED = 0.1, 0.3, 0.98


class AudioAssembler:
    """Joins speech into one audio file. Sound goes from file to file, block by block."""

    def __init__(self, ffmpeg: Ffmpeg) -> None:
        self._ffmpeg = ffmpeg

    def assemble(self, request: AudioAssembly) -> Iterator[Progress | AssembledAudio]:
        """Works in a folder inside the output folder; moves the result out of it only when it is whole."""
        _check(request)
        with TemporaryDirectory(prefix="assembly-", dir=request.output_dir) as scratch:
            made = yield from self._make(request, Path(scratch))
            placed = made.audio.replace(request.output_dir / made.audio.name)
        yield Progress(1.0)
        yield AssembledAudio(placed, made.seconds, made.format)

    def _make(self, request: AudioAssembly, scratch: Path) -> Steps[AssembledAudio]:
        parts = yield from _plan(request)
        total = sum(part.samples for part in parts)
        track = scratch / "track.wav"
        for written in write_mono_track(track, parts):
            yield Progress(READ + written / total * (LAID - READ))
        seconds = total / SAMPLE_RATE
        audio = scratch / f"audio{request.format.suffix}"
        master = Master(audio, ENCODINGS[request.format], seconds, request.loudness_lufs, dual_mono=True)
        yield from master_track(self._ffmpeg, track, master, LAID, MASTERED)
        return AssembledAudio(audio, seconds, request.format)


def _plan(request: AudioAssembly) -> Steps[list[TrackPart]]:
    """Reads every speech before any is joined, so that one that cannot be read is refused early."""
    lengths: list[Fraction] = []
    for number, speech in enumerate(request.speeches, start=1):
        lengths.append(read_speech(number, speech))
        yield Progress(READ * number / len(request.speeches))
    return plan_audio(request.speeches, lengths, request.gap_seconds)


def _check(request: AudioAssembly) -> None:
    if not request.speeches:
        raise InvalidArgument("There are no scenes to join. Give at least one.")
    if not 0 <= request.gap_seconds <= MAX_GAP_SECONDS:
        raise InvalidArgument(
            f"The gap between scenes cannot be {request.gap_seconds:g} s. Give 0 to {MAX_GAP_SECONDS:g} s."
        )
