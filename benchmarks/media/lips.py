"""Measures lips against sounds in finished MP4s: 24 clips in five languages, and a recording."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.media.clips import Clip, build_clips
from benchmarks.media.mouth_track import track_mouth
from benchmarks.media.sync import CLOSED, Sync, bilabial_frames, heard_from_timeline, sync_of
from benchmarks.media.workbench import Workbench
from benchmarks.mp4 import read_sound
from benchmarks.page import markdown
from benchmarks.recogniser import HeardSound, align_sounds, recognise_sounds
from benchmarks.speech import speak
from tests.examples import READER, READER_TEXT

SIZE = "512x512"
ENGLISH = "en"
HEAD = ("language", "clips", "offset, ms", "worst clip, ms", "correlation", "bilabial frames", "closed")
NOTE = (
    "Offset: median over the clips, above zero the mouth is late. The opening between the inner lips is "
    "found by MediaPipe in every decoded frame; English is compared with the sounds that PocketSphinx hears "
    "in the MP4's own audio (it is given no words), other languages with the speech engine's timeline, for "
    "PocketSphinx has no model of them. Bilabial frames are those whose middle is within /m/, /b/ or /p/ by "
    "the timeline, for the recording by an alignment of its text; closed is an opening of at most "
    f"{CLOSED:.0%} of the distance of the eyes' corners."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of one video."""

    language: str
    sync: Sync
    closed: NDArray[np.bool_]
    """For each bilabial frame whether the lips are closed."""


def measure(bench: Workbench) -> str:
    """Returns the table of languages with its note."""
    clips = [print_measured(measure_clip(bench, clip)) for clip in build_clips()]
    recording = print_measured(measure_recording(bench))
    languages = dict.fromkeys(each.language for each in clips)
    rows = [row(name, [each for each in clips if each.language == name]) for name in languages]
    return "\n\n".join(
        (
            markdown(HEAD, [*rows, row("all", clips), row("`reader.wav`, a recording", [recording])]),
            NOTE,
        )
    )


def measure_clip(bench: Workbench, clip: Clip) -> Measured:
    video = make_video(bench, script=clip.script, voice=clip.voice)
    exact = heard_from_timeline(speak(clip.script, clip.voice).timeline.phonemes)
    heard = recognise_sounds(*read_sound(video)) if clip.language == ENGLISH else exact
    return measure_video(clip.language, video, heard, exact)


def measure_recording(bench: Workbench) -> Measured:
    video = make_video(bench, audio=bench.api.upload(READER))
    sound = read_sound(video)
    return measure_video("a recording", video, recognise_sounds(*sound), align_sounds(*sound, READER_TEXT))


def make_video(bench: Workbench, **request: str) -> Path:
    """Makes a video of the example portrait and returns its file."""
    video = bench.api.make(image=bench.portrait, size=SIZE, **request)
    return bench.api.download(video["id"], bench.new_file(".mp4"))


def measure_video(
    language: str, video: Path, heard: Iterable[HeardSound], exact: Iterable[HeardSound]
) -> Measured:
    track = track_mouth(video)
    return Measured(language, sync_of(track, heard), bilabial_frames(track, exact))


def print_measured(measured: Measured) -> Measured:
    closed = f"{int(measured.closed.sum())} of {len(measured.closed)} bilabial frames closed"
    sync = measured.sync
    print(
        f"{measured.language}: {sync.milliseconds:+.0f} ms, correlation {sync.correlation:.2f}, {closed}",
        flush=True,
    )
    return measured


def row(name: str, videos: Sequence[Measured]) -> tuple[str, ...]:
    """Returns the row of some videos: medians of their measures, and how many bilabial frames are closed."""
    offsets = [each.sync.milliseconds for each in videos]
    closed = np.concatenate([each.closed for each in videos])
    return (
        name,
        str(len(videos)),
        f"{median(offsets):+.0f}",
        f"{max(offsets, key=abs):+.0f}",
        f"{median(each.sync.correlation for each in videos):.2f}",
        str(len(closed)),
        f"{closed.mean():.0%}" if len(closed) else "–",
    )
