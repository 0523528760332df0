"""Encodes a track at the loudness asked for, in rounds of encoding and measuring."""

from dataclasses import dataclass
from pathlib import Path

from services.mux.engines.ffmpeg import commands
from services.mux.engines.ffmpeg.encoding import AudioEncoding
from services.mux.engines.ffmpeg.loudness import ROUNDS, corrected, first_mastering, parse_loudness
from services.mux.engines.ffmpeg.process import Ffmpeg
from services.mux.engines.ffmpeg.steps import Steps, run_step


@dataclass(frozen=True, slots=True)
class Master:
    """A file to encode, with its length in seconds and its loudness.

    `dual_mono`: the track is mono, and the file has it on both sides.
    """

    target: Path
    encoding: AudioEncoding
    seconds: float
    loudness_lufs: float
    dual_mono: bool = False


def master_track(ffmpeg: Ffmpeg, track: Path, master: Master, start: float, end: float) -> Steps[None]:
    """Encodes the track, correcting what limiter and encoder changed, in at most `ROUNDS` rounds.

    Its progress is mapped to the part from `start` to `end` of the whole.
    """
    seconds = master.seconds
    step = (end - start) / (1 + 2 * ROUNDS)
    at = start + step
    measure = commands.measure(track, seconds, dual_mono=master.dual_mono)
    log = yield from run_step(ffmpeg, measure, seconds, start, at)
    mastering = first_mastering(parse_loudness(log), master.loudness_lufs)
    for _ in range(ROUNDS):
        encode = commands.master(track, master.target, mastering, master.encoding, dual_mono=master.dual_mono)
        yield from run_step(ffmpeg, encode, seconds, at, at + step)
        measure = commands.measure(master.target, seconds, dual_mono=master.dual_mono)
        log = yield from run_step(ffmpeg, measure, seconds, at + step, at + 2 * step)
        at += 2 * step
        better = corrected(mastering, parse_loudness(log), master.loudness_lufs)
        if better is None:
            break
        mastering = better
