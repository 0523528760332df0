"""Lips against sounds, from finished MP4s: 24 clips in five languages, and a recording."""

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
class Seen:
    language: str
    sync: Sync
    closed: NDArray[np.bool_]


def measure(bench: Workbench) -> str:
    seen = [show(watch_clip(bench, clip)) for clip in build_clips()]
    recording = show(watch_recording(bench))
    languages = dict.fromkeys(each.language for each in seen)
    rows = [row(name, [each for each in seen if each.language == name]) for name in languages]
    return "\n\n".join(
        (
            markdown(HEAD, [*rows, row("all", seen), row("`reader.wav`, a recording", [recording])]),
            NOTE,
        )
    )


def watch_clip(bench: Workbench, clip: Clip) -> Seen:
    video = film(bench, script=clip.script, voice=clip.voice)
    exact = heard_from_timeline(speak(clip.script, clip.voice).timeline.phonemes)
    heard = recognise_sounds(*read_sound(video)) if clip.language == ENGLISH else exact
    return watch(clip.language, video, heard, exact)


def watch_recording(bench: Workbench) -> Seen:
    video = film(bench, audio=bench.api.upload(READER))
    sound = read_sound(video)
    return watch("a recording", video, recognise_sounds(*sound), align_sounds(*sound, READER_TEXT))


def film(bench: Workbench, **request: str) -> Path:
    video = bench.api.make(image=bench.portrait, size=SIZE, **request)
    return bench.api.download(video["id"], bench.new_file(".mp4"))


def watch(language: str, video: Path, heard: Iterable[HeardSound], exact: Iterable[HeardSound]) -> Seen:
    track = track_mouth(video)
    return Seen(language, sync_of(track, heard), bilabial_frames(track, exact))


def show(seen: Seen) -> Seen:
    closed = f"{int(seen.closed.sum())} of {len(seen.closed)} bilabial frames closed"
    sync = seen.sync
    print(
        f"{seen.language}: {sync.milliseconds:+.0f} ms, correlation {sync.correlation:.2f}, {closed}",
        flush=True,
    )
    return seen


def row(name: str, seen: Sequence[Seen]) -> tuple[str, ...]:
    offsets = [each.sync.milliseconds for each in seen]
    closed = np.concatenate([each.closed for each in seen])
    return (
        name,
        str(len(seen)),
        f"{median(offsets):+.0f}",
        f"{max(offsets, key=abs):+.0f}",
        f"{median(each.sync.correlation for each in seen):.2f}",
        str(len(closed)),
        f"{closed.mean():.0%}" if len(closed) else "–",
    )
